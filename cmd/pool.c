/* SPDX-License-Identifier: ISC
 * pool.c - worker threads whose results come out in the order of the input
 */
#include "pool.h"

#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sink.h"
#include "summary.h"

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
pool_saw(struct pool *pool, int code)
{
	for (size_t i = 0; i < CODES; i++)
		pool->seen[i] |= codes[i] == code;
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
	int code;

	if (worker->reports > 0 && format->between)
		ms_buf_text(&worker->out, format->between);
	format->render(report, &worker->pool->output->render, &worker->out);
	worker->reports++;
	code = ms_report_exit(report, options->fail_on);
	pool_note_exit(worker, code);
	summary_add(worker->pool->summary, report, code);
}

/* ---- results in their order ---- */

void
pool_complain(struct pool_worker *worker, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_remark(&worker->remarks, ms_slice_from(text));
}

/* What a batch has to say. */
struct result {
	struct ms_slice bytes, remarks;
	uint64_t reports;
};

/* A batch whose turn has not come. */
struct done {
	unsigned char *bytes; /* of the result; NULL: it is not done */
	struct result result;
};

static void
write_out(struct pool *pool, const struct result *result)
{
	if (result->remarks.n > 0)
		fwrite(result->remarks.p, 1, result->remarks.n, stderr);
	if (!output_reports(pool->output, result->bytes, result->reports))
		atomic_store(&pool->stop, true);
	pool->reports += result->reports;
	pool->turn++;
}

static struct done *
place_of(struct pool *pool, uint64_t sequence)
{
	return &pool->window[sequence % POOL_WINDOW];
}

static size_t
size_of(const struct result *result)
{
	return result->bytes.n + result->remarks.n;
}

static void
keep(struct pool *pool, const struct result *result, uint64_t sequence)
{
	size_t n = result->bytes.n;
	struct done *done;

	if (!pool->window)
		pool->window = calloc(POOL_WINDOW, sizeof(*pool->window));
	if (!pool->window)
		out_of_memory();
	done = place_of(pool, sequence);
	done->result = *result;
	done->bytes = malloc(size_of(result) + 1);
	if (!done->bytes)
		out_of_memory();
	if (n > 0)
		memcpy(done->bytes, result->bytes.p, n);
	if (result->remarks.n > 0)
		memcpy(done->bytes + n, result->remarks.p, result->remarks.n);
	done->result.bytes.p = done->bytes;
	done->result.remarks.p = done->bytes + n;
	pool->window_bytes += size_of(result);
}

/* Writes those that have waited for the one before. */
static void
write_kept(struct pool *pool)
{
	while (pool->window && place_of(pool, pool->turn)->bytes) {
		struct done *done = place_of(pool, pool->turn);

		write_out(pool, &done->result);
		pool->window_bytes -= size_of(&done->result);
		free(done->bytes);
		done->bytes = NULL;
	}
	pthread_cond_broadcast(&pool->turn_changed);
}

static bool
must_wait(const struct pool *pool, uint64_t sequence)
{
	return sequence != pool->turn &&
	       (sequence - pool->turn >= POOL_WINDOW ||
		   pool->window_bytes >= POOL_WINDOW_BYTES);
}

void
pool_submit(struct pool_worker *worker, uint64_t sequence)
{
	struct pool *pool = worker->pool;
	struct result result = { ms_buf_get(&worker->out),
		ms_buf_get(&worker->remarks), worker->reports };

	pthread_mutex_lock(&pool->lock);
	while (!pool->options->unordered && must_wait(pool, sequence))
		pthread_cond_wait(&pool->turn_changed, &pool->lock);
	for (size_t i = 0; i < CODES; i++)
		pool->seen[i] |= worker->seen[i];
	if (pool->options->unordered) {
		write_out(pool, &result);
	} else if (sequence == pool->turn) {
		write_out(pool, &result);
		write_kept(pool);
	} else {
		keep(pool, &result, sequence);
	}
	pthread_mutex_unlock(&pool->lock);
	atomic_fetch_add(&pool->handed_in, 1);
	worker->reports = 0;
	ms_arena_clear(worker->output);
	ms_buf_init(&worker->out, worker->output);
	ms_buf_init(&worker->remarks, worker->output);
}

/* ---- threads ---- */

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

static struct pool_worker *
worker_open(struct pool *pool)
{
	struct ms_arena *lasting = ms_arena_new(out_of_memory);
	struct pool_worker *worker = MS_NEW(lasting, struct pool_worker);

	worker->pool = pool;
	worker->arena = ms_arena_new(out_of_memory);
	worker->ahead = ms_arena_new(out_of_memory);
	worker->output = ms_arena_new(out_of_memory);
	worker->lasting = lasting;
	worker->charsets = ms_charsets_new(worker->lasting);
	worker->magic = ms_magic_new(worker->lasting);
	ms_buf_init(&worker->out, worker->output);
	ms_buf_init(&worker->remarks, worker->output);
	return worker;
}

static void
worker_close(struct pool_worker *worker)
{
	ms_charsets_close(worker->charsets);
	ms_magic_close(worker->magic);
	ms_arena_free(worker->arena);
	ms_arena_free(worker->ahead);
	ms_arena_free(worker->output);
	ms_arena_free(worker->lasting);
}

static void *
thread_main(void *argument)
{
	struct pool_worker *worker = argument;

	worker->pool->work(worker->pool, worker);
	atomic_store(&worker->pool->ended, true);
	return NULL;
}

/* One worker more, unless there are as many as there may be. */
static void
grow(struct pool *pool)
{
	struct pool_worker *worker;
	pthread_attr_t attributes;

	pthread_mutex_lock(&pool->lock);
	if (pool->workers_n < pool->most && !pool_stopped(pool)) {
		worker = worker_open(pool);
		pthread_attr_init(&attributes);
		if (pool->stack > 0)
			pthread_attr_setstacksize(&attributes, pool->stack);
		if (pthread_create(&worker->thread, &attributes, thread_main,
			worker) == 0) {
			worker->older = pool->workers;
			pool->workers = worker;
			pool->workers_n++;
		} else {
			worker_close(worker); /* those there are must do */
		}
		pthread_attr_destroy(&attributes);
	}
	pthread_mutex_unlock(&pool->lock);
}

void
pool_take(struct pool *pool)
{
	atomic_fetch_add(&pool->taking, 1);
}

void
pool_taken(struct pool *pool, bool more)
{
	if (atomic_fetch_sub(&pool->taking, 1) == 1 && more &&
	    atomic_load(&pool->workers_n) < pool->most &&
	    atomic_load(&pool->workers_n) < POOL_FEW)
		grow(pool);
}

/* A thread that wakes costs more than one that waits: beyond a few there are as
 * many again only as long as a batch takes those there are some 16 ms and more,
 * and it is not the input that is late. */
static void
watch(struct pool *pool)
{
	static const struct timespec pause = { 0, 1000000 };
	uint64_t before = 0;
	unsigned slow = 0;

	while (!atomic_load(&pool->ended)) {
		unsigned n = atomic_load(&pool->workers_n);
		uint64_t done = atomic_load(&pool->handed_in);

		slow++;
		if (n < POOL_FEW || atomic_load(&pool->taking) > 0 ||
		    (done - before) * 16 > n)
			slow = 0;
		before = done;
		for (unsigned i = 0; slow >= 2 && i < n; i++)
			grow(pool);
		nanosleep(&pause, NULL);
	}
}

/* The newest worker, taken from the list; NULL when none is left. Those that
 * still run may start more. */
static struct pool_worker *
next_to_join(struct pool *pool)
{
	struct pool_worker *worker;

	pthread_mutex_lock(&pool->lock);
	worker = pool->workers;
	if (worker)
		pool->workers = worker->older;
	pthread_mutex_unlock(&pool->lock);
	return worker;
}

/* This thread is a worker too. */
static void
join_in(struct pool *pool, unsigned threads)
{
	struct pool_worker *own = worker_open(pool);

	pool->workers_n = 1;
	for (unsigned i = 1; i < threads; i++)
		grow(pool);
	thread_main(own);
	worker_close(own);
}

void
pool_run(struct pool *pool, unsigned threads)
{
	struct pool_worker *worker;

	if (pool->most < threads)
		pool->most = threads;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->turn_changed, NULL);
	if (pool->most > POOL_FEW && pool->most > threads)
		grow(pool);
	if (atomic_load(&pool->workers_n) > 0)
		watch(pool);
	else
		join_in(pool, threads);
	while ((worker = next_to_join(pool))) {
		pthread_join(worker->thread, NULL);
		worker_close(worker);
	}
	pthread_cond_destroy(&pool->turn_changed);
	pthread_mutex_destroy(&pool->lock);
	free(pool->window);
}

int
pool_exit_code(const struct pool *pool)
{
	for (size_t i = 0; i < CODES; i++)
		if (pool->seen[i])
			return codes[i];
	return 0;
}
