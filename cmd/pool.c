/* SPDX-License-Identifier: ISC
 * pool.c - worker threads whose results come out in the order of the input
 */
#include "pool.h"

#include <sched.h>
#include <unistd.h>

#include "sink.h"

#define CODES 5

/* What could not be written hides all that was found. */
static const int codes[CODES] = { EXIT_WRITE, 1, 2, EXIT_DATA, EXIT_NOFILE };

void
out_of_memory(void)
{
	static const char text[] = "mailsonde: out of memory\n";

	sinks_abandon();
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_FAULT);
	_exit(EXIT_FAULT);
}

void
pool_note_exit(struct pool_worker *worker, int code)
{
	for (size_t i = 0; i < CODES; i++)
		worker->seen[i] |= codes[i] == code;
}

void
pool_report(struct pool_worker *worker, const char *command, int64_t time,
    struct ms_report *out)
{
	const struct options *options = worker->pool->options;

	ms_report_init(
	    out, worker->arena, options->format->audience, command, time);
	out->defang = options->defang;
}

void
pool_render(struct pool_worker *worker, const struct ms_report *report)
{
	const struct options *options = worker->pool->options;
	const struct ms_format *format = options->format;

	if (worker->reports > 0 && format->between)
		ms_buf_text(&worker->out, format->between);
	format->render(report, &worker->pool->output->render, &worker->out);
	worker->reports++;
	pool_note_exit(worker, ms_report_exit(report, options->fail_on));
}

static void
wait_turn(struct pool *pool, uint64_t sequence)
{
	pthread_mutex_lock(&pool->lock);
	while (pool->turn != sequence)
		pthread_cond_wait(&pool->turn_changed, &pool->lock);
}

void
pool_submit(struct pool_worker *worker, uint64_t sequence)
{
	struct pool *pool = worker->pool;

	wait_turn(pool, sequence);
	if (!output_reports(
		pool->output, ms_buf_get(&worker->out), worker->reports))
		atomic_store(&pool->stop, true);
	pool->reports += worker->reports;
	for (size_t i = 0; i < CODES; i++)
		pool->seen[i] |= worker->seen[i];
	pool->turn++;
	pthread_cond_broadcast(&pool->turn_changed);
	pthread_mutex_unlock(&pool->lock);
	worker->reports = 0;
	ms_arena_clear(worker->output);
	ms_buf_init(&worker->out, worker->output);
}

bool
pool_stopped(const struct pool *pool)
{
	return atomic_load(&pool->stop);
}

unsigned
pool_size(const struct options *options)
{
	cpu_set_t set;
	int n;

	if (options->jobs)
		return options->jobs;
	/* Those this process may use, and not by way of /sys. */
	n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	return n < 1 ? 1 : n > 64 ? 64 : (unsigned)n;
}

static void
worker_open(struct pool_worker *worker, struct pool *pool)
{
	worker->pool = pool;
	worker->arena = ms_arena_new(out_of_memory);
	worker->output = ms_arena_new(out_of_memory);
	worker->lasting = ms_arena_new(out_of_memory);
	worker->charsets = ms_charsets_new(worker->lasting);
	worker->magic = ms_magic_new(worker->lasting);
	ms_buf_init(&worker->out, worker->output);
}

static void
worker_close(struct pool_worker *worker)
{
	ms_charsets_close(worker->charsets);
	ms_magic_close(worker->magic);
	ms_arena_free(worker->arena);
	ms_arena_free(worker->output);
	ms_arena_free(worker->lasting);
}

static void *
thread_main(void *argument)
{
	struct pool_worker *worker = argument;

	worker->pool->work(worker->pool, worker);
	return NULL;
}

void
pool_run(struct pool *pool, struct ms_arena *arena, unsigned threads)
{
	struct pool_worker *workers =
	    MS_NEW_ARRAY(arena, struct pool_worker, threads);
	pthread_t *ids = MS_NEW_ARRAY(arena, pthread_t, threads);
	unsigned started = 1;

	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->turn_changed, NULL);
	worker_open(&workers[0], pool);
	for (; started < threads; started++) {
		worker_open(&workers[started], pool);
		if (pthread_create(&ids[started], NULL, thread_main,
			&workers[started]) != 0) {
			worker_close(&workers[started]);
			break;
		}
	}
	thread_main(&workers[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(ids[i], NULL);
	for (unsigned i = 0; i < started; i++)
		worker_close(&workers[i]);
	pthread_cond_destroy(&pool->turn_changed);
	pthread_mutex_destroy(&pool->lock);
}

int
pool_exit_code(const struct pool *pool)
{
	for (size_t i = 0; i < CODES; i++)
		if (pool->seen[i])
			return codes[i];
	return 0;
}
