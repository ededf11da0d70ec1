/* SPDX-License-Identifier: ISC
 * lines.c - subjects one a line from standard input, or from arguments
 */
#include "lines.h"

#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "env.h"
#include "evidence.h"

#define BLOCK_BYTES    (256 * 1024)
#define LINE_MAX_BYTES (1024 * 1024)
#define AHEAD_LINES    128
#define STACK_BYTES    (1024 * 1024) /* of a thread that mostly waits */

struct lines {
	const struct lines_plan *plan;
	const struct ms_env *env;
	const struct words *words;
	size_t next_word;
	pthread_mutex_t lock;
	uint64_t sequence;
	bool ended;
	struct ms_arena *arena;   /* of the rest below */
	struct ms_buf rest;       /* the beginning of a line */
	struct ms_buf ready;      /* whole lines, to be taken one by one */
	size_t taken;             /* of them */
	size_t told;              /* of them, to `ahead` of the plan */
	unsigned told_lines;      /* told and not yet taken */
	struct ms_arena *scratch; /* of what is told */
	int error;                /* errno of a failed read */
	bool recorded;            /* lines of standard input are numbered */
	struct ms_slice replayed; /* in place of standard input; NULL */
	uint64_t numbered;        /* lines of it so far */
	atomic_uint_fast64_t done;
	bool progress;     /* is shown */
	atomic_long shown; /* last, at this second */
};

/* Some lines, and what they are in the run. */
struct batch {
	struct ms_buf bytes;
	uint64_t sequence;
	bool input;      /* of standard input: a record has them */
	uint64_t number; /* of the first */
	bool more;       /* may come behind it */
};

static void
do_line(struct pool_worker *worker, const struct batch *batch, size_t i,
    struct ms_slice line)
{
	const struct lines *lines = worker->pool->context;
	struct ms_report report;
	struct ms_job job;

	if (ms_slice_trim(line).n == 0)
		return;
	if (batch->input)
		evidence_line(
		    worker->pool->options->evidence, batch->number + i, line);
	pool_report(
	    worker, lines->plan->command, lines->env->clock.now, &report);
	ms_job_read(&report, line, lines->plan->member, &job);
	if (job.id)
		report.data->first = report.data->last = job.id;
	lines->plan->judge(lines->plan->with, lines->env, &job, &report);
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
	if (lines->replayed.p) {
		ms_buf_slice(block, lines->replayed);
		lines->ended = true;
	}
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

/* The line of what has been read that begins at *at; *at is then behind it. */
static struct ms_slice
line_at(const struct lines *lines, size_t *at)
{
	struct ms_slice rest =
	    ms_slice_part(ms_buf_get(&lines->ready), *at, lines->ready.n);
	struct ms_slice line =
	    ms_slice_part(rest, 0, ms_slice_find(rest, 0, '\n') + 1);

	*at += line.n;
	return line;
}

/* Many questions at once cost less than one by one: the next lines are told
 * together, when half of those before them are done. */
static void
tell_ahead(struct lines *lines)
{
	if (!lines->plan->ahead || lines->told_lines > AHEAD_LINES / 2)
		return;
	while (
	    lines->told < lines->ready.n && lines->told_lines < AHEAD_LINES) {
		struct ms_slice line = line_at(lines, &lines->told);
		struct ms_report report;
		struct ms_job job;

		lines->told_lines++;
		ms_report_init(&report, lines->scratch, 0, NULL, 0);
		ms_job_read(&report, line, lines->plan->member, &job);
		lines->plan->ahead(lines->env, &job);
		ms_arena_clear(lines->scratch);
	}
}

/* The next line of what has been read; more is read when there is none. */
static void
take_line(struct lines *lines, struct ms_buf *block)
{
	if (lines->taken == lines->ready.n) {
		lines->ready.n = lines->taken = lines->told = 0;
		lines->told_lines = 0;
		fill(lines, &lines->ready);
	}
	tell_ahead(lines);
	ms_buf_slice(block, line_at(lines, &lines->taken));
	if (lines->told_lines > 0)
		lines->told_lines--;
}

/* Lines of standard input, which count through the run. */
static void
take_input(struct lines *lines, struct batch *batch)
{
	struct ms_slice rest, line;

	if (lines->plan->at_once > 0)
		take_line(lines, &batch->bytes);
	else
		fill(lines, &batch->bytes);
	if (lines->ended && lines->taken == lines->ready.n) {
		lines->next_word++;
		lines->ended = false;
	}
	batch->input = true;
	batch->number = lines->numbered;
	rest = ms_buf_get(&batch->bytes);
	while (lines->recorded && ms_slice_line(&rest, false, &line))
		lines->numbered++;
}

/* The next lines; false at the end. */
static bool
take(struct lines *lines, struct batch *batch)
{
	const char *word;
	bool any;

	batch->bytes.n = 0;
	batch->input = false;
	pthread_mutex_lock(&lines->lock);
	any = lines->next_word < lines->words->n;
	word = any ? lines->words->list[lines->next_word] : NULL;
	if (any && strcmp(word, "-") == 0) {
		take_input(lines, batch);
	} else if (any) {
		ms_buf_text(&batch->bytes, word);
		lines->next_word++;
	}
	batch->sequence = any ? lines->sequence++ : 0;
	batch->more = lines->next_word < lines->words->n;
	pthread_mutex_unlock(&lines->lock);
	return any;
}

/* How far it is, once a second, where that is seen and does no harm. */
static void
show_progress(struct lines *lines, size_t n)
{
	uint64_t done = atomic_fetch_add(&lines->done, n) + n;
	struct timespec now;
	long shown;

	if (!lines->progress)
		return;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	shown = atomic_load(&lines->shown);
	if (now.tv_sec > shown &&
	    atomic_compare_exchange_strong(&lines->shown, &shown, now.tv_sec))
		fprintf(stderr, "\r%llu done", (unsigned long long)done);
}

static void
work(struct pool *pool, struct pool_worker *worker)
{
	struct lines *lines = pool->context;
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct batch batch;

	ms_buf_init(&batch.bytes, arena);
	for (;;) {
		struct ms_slice rest, line;
		size_t i = 0;
		bool got;

		pool_take(pool);
		got = !pool_stopped(pool) && take(lines, &batch);
		pool_taken(pool, got && batch.more);
		if (!got)
			break;
		rest = ms_buf_get(&batch.bytes);
		for (; ms_slice_line(&rest, false, &line); i++)
			do_line(worker, &batch, i, line);
		pool_submit(worker, batch.sequence);
		show_progress(lines, i);
	}
	ms_arena_free(arena);
}

/* Nobody needs more threads than there are subjects. */
static unsigned
most_needed(const struct options *options)
{
	for (size_t i = 0; i < options->files.n; i++)
		if (strcmp(options->files.list[i], "-") == 0)
			return UINT_MAX;
	return (unsigned)options->files.n;
}

/* An empty argument is a variable that was not set: to pass over it would say
 * that all is well. */
static bool
words_say_something(const struct lines_plan *plan, const struct words *words)
{
	for (size_t i = 0; i < words->n; i++) {
		if (ms_slice_trim(ms_slice_from(words->list[i])).n > 0)
			continue;
		complain("%s: argument %zu is empty", plan->command, i + 1);
		return false;
	}
	return true;
}

int
run_lines(const struct lines_plan *plan, const struct options *options,
    const struct ms_env *env, struct ms_arena *arena)
{
	struct output output;
	struct lines lines = { .plan = plan,
		.env = env,
		.words = &options->files,
		.progress = output_progress(options),
		.recorded = evidence_records(options->evidence),
		.replayed = evidence_lines(options->evidence),
		.lock = PTHREAD_MUTEX_INITIALIZER };
	struct pool pool = { .options = options,
		.output = &output,
		.work = work,
		.context = &lines };
	bool waits = plan->at_once > 0 && !options->offline && !options->replay;
	int written;

	if (!words_say_something(plan, &options->files))
		return EXIT_USAGE;
	if (!output_open(&output, arena, options))
		return EXIT_WRITE;
	lines.arena = ms_arena_new(out_of_memory);
	ms_buf_init(&lines.rest, lines.arena);
	ms_buf_init(&lines.ready, lines.arena);
	lines.scratch = ms_arena_new(out_of_memory);
	pool.most = waits ? plan->at_once : pool_size(options);
	if (options->jobs)
		pool.most = options->jobs;
	if (pool.most > most_needed(options))
		pool.most = most_needed(options);
	pool.stack = waits ? STACK_BYTES : 0;
	pool_run(&pool, 1);
	if (lines.progress)
		fprintf(stderr, "\r%20s\r", "");
	ms_arena_free(lines.scratch);
	ms_arena_free(lines.arena);
	if (lines.error)
		complain("standard input: %s", strerror(lines.error));
	written = output_close(&output, true);
	if (written)
		return written;
	return lines.error ? EXIT_NOFILE : pool_exit_code(&pool);
}

int
run_jobs(const struct lines_plan *plan, const struct options *options,
    const char *(*own)(struct ms_arena *arena, const struct options *options),
    unsigned sources)
{
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct options jobs = *options;
	const char *job;
	struct ms_env env;
	int code;

	if (own && options->files.n == 0) {
		job = own(arena, options);
		jobs.files.list = &job;
		jobs.files.n = 1;
	}
	code = env_open(&env, arena, options, sources);
	if (code == 0)
		code = run_lines(plan, &jobs, &env, arena);
	env_close(&env);
	ms_arena_free(arena);
	return code;
}
