/* SPDX-License-Identifier: ISC
 * lines.c - subjects one a line from standard input, or from arguments
 */
#include "lines.h"

#include <errno.h>
#include <unistd.h>

#define BLOCK_BYTES    (256 * 1024)
#define LINE_MAX_BYTES (1024 * 1024)

struct lines {
	const struct lines_plan *plan;
	const struct ms_env *env;
	const struct words *words;
	size_t next_word;
	pthread_mutex_t lock;
	uint64_t sequence;
	bool ended;
	struct ms_arena *arena; /* of the rest below */
	struct ms_buf rest;     /* the beginning of a line */
	struct ms_buf ready;    /* whole lines, to be taken one by one */
	size_t taken;           /* of them */
	int error;              /* errno of a failed read */
	bool interactive;       /* answer each line as it comes */
};

static void
do_line(struct pool_worker *worker, struct ms_slice line)
{
	const struct lines *lines = worker->pool->context;
	struct ms_report report;
	struct ms_job job;

	if (ms_slice_trim(line).n == 0)
		return;
	pool_report(
	    worker, lines->plan->command, lines->env->clock.now, &report);
	ms_job_read(&report, line, lines->plan->member, &job);
	lines->plan->judge(lines->env, &job, &report);
	pool_render(worker, &report);
	ms_arena_clear(worker->arena);
}

/* Whole lines of standard input into `block`; what is left of a line waits in
 * `rest`. A line over the limit is cut there. */
static void
fill(struct lines *lines, struct ms_buf *block)
{
	ms_buf_slice(block, ms_buf_get(&lines->rest));
	lines->rest.n = 0;
	while (!lines->ended) {
		ssize_t n = read(
		    STDIN_FILENO, ms_buf_room(block, BLOCK_BYTES), BLOCK_BYTES);
		size_t end;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			lines->ended = true;
			lines->error = n < 0 ? errno : 0;
			return;
		}
		block->n += (size_t)n;
		end = block->n;
		while (end > 0 && block->p[end - 1] != '\n')
			end--;
		if (end == 0 && block->n < LINE_MAX_BYTES)
			continue;
		if (end > 0) {
			ms_buf_add(
			    &lines->rest, block->p + end, block->n - end);
			block->n = end;
		}
		return;
	}
}

/* The next line of what has been read; more is read when there is none. */
static void
take_line(struct lines *lines, struct ms_buf *block)
{
	struct ms_slice line, rest;

	if (lines->taken == lines->ready.n) {
		lines->ready.n = lines->taken = 0;
		fill(lines, &lines->ready);
	}
	rest = ms_slice_part(
	    ms_buf_get(&lines->ready), lines->taken, lines->ready.n);
	line = ms_slice_part(rest, 0, ms_slice_find(rest, 0, '\n') + 1);
	ms_buf_slice(block, line);
	lines->taken += line.n;
}

/* The next block and its number; false at the end. */
static bool
take(struct lines *lines, struct ms_buf *block, uint64_t *sequence)
{
	bool any = true;

	pthread_mutex_lock(&lines->lock);
	if (lines->next_word < lines->words->n &&
	    strcmp(lines->words->list[lines->next_word], "-") != 0) {
		ms_buf_text(block, lines->words->list[lines->next_word++]);
	} else if (lines->next_word < lines->words->n) {
		if (lines->plan->at_once > 0)
			take_line(lines, block);
		else
			fill(lines, block);
		if (lines->ended && lines->taken == lines->ready.n) {
			lines->next_word++;
			lines->ended = false;
		}
	} else {
		any = false;
	}
	*sequence = any ? lines->sequence++ : 0;
	pthread_mutex_unlock(&lines->lock);
	return any;
}

static void
work(struct pool *pool, struct pool_worker *worker)
{
	struct lines *lines = pool->context;
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct ms_buf block;
	uint64_t sequence;

	ms_buf_init(&block, arena);
	while (!pool_stopped(pool) && take(lines, &block, &sequence)) {
		struct ms_slice rest = ms_buf_get(&block), line;

		while (ms_slice_line(&rest, false, &line))
			do_line(worker, line);
		pool_submit(worker, sequence);
		block.n = 0;
	}
	ms_arena_free(arena);
}

static unsigned
threads_for(const struct lines_plan *plan, const struct options *options)
{
	if (strcmp(options->files.list[0], "-") != 0)
		return 1;
	if (plan->at_once > 0 && options->jobs == 0)
		return plan->at_once;
	return pool_size(options);
}

int
run_lines(const struct lines_plan *plan, const struct options *options,
    const struct ms_env *env, struct ms_arena *arena)
{
	struct output output;
	struct lines lines = { .plan = plan,
		.env = env,
		.words = &options->files,
		.lock = PTHREAD_MUTEX_INITIALIZER };
	struct pool pool = { .options = options,
		.output = &output,
		.work = work,
		.context = &lines };
	int written;

	if (!output_open(&output, arena, options))
		return EXIT_WRITE;
	lines.arena = ms_arena_new(out_of_memory);
	ms_buf_init(&lines.rest, lines.arena);
	ms_buf_init(&lines.ready, lines.arena);
	pool_run(&pool, arena, threads_for(plan, options));
	ms_arena_free(lines.arena);
	if (lines.error)
		complain("standard input: %s", strerror(lines.error));
	written = output_close(&output, true);
	if (written)
		return written;
	return lines.error ? EXIT_NOFILE : pool_exit_code(&pool);
}
