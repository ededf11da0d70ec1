/* SPDX-License-Identifier: ISC
 * lines.c - subjects one a line from standard input, or from arguments
 */
#include "lines.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "env.h"
#include "evidence.h"
#include "progress.h"
#include "resume.h"
#include "summary.h"

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
	struct resume *resume;    /* NULL */
	struct progress progress;
};

/* Some lines, and what they are in the run. */
struct batch {
	struct ms_buf bytes;
	uint64_t sequence;
	bool input;      /* of standard input: a record has them */
	size_t size;     /* of the whole amount; see progress.h */
	size_t done;     /* of its lines */
	uint64_t number; /* of the first */
	bool more;       /* may come behind it */
};

/* Whether --resume's file has a result for it. */
static bool
has_result(const struct lines *lines, struct ms_slice line, bool take)
{
	struct ms_report report;
	struct ms_job job;
	bool has;

	if (!lines->resume || ms_slice_trim(line).n == 0)
		return false;
	ms_report_init(
	    &report, lines->scratch, MS_FOR_DATA, lines->plan->command, 0);
	ms_job_read(&report, line, lines->plan->member, &job);
	lines->plan->name(&job, &report);
	has = resume_has(lines->resume, &report, job.id, take);
	ms_arena_clear(lines->scratch);
	return has;
}

/* Takes out of a batch what has a result: in the order of the input, so that of
 * a subject that occurs twice the first is taken for the one that was done. */
static void
leave_out(const struct lines *lines, struct batch *batch)
{
	struct ms_slice rest = ms_buf_get(&batch->bytes), line;
	const unsigned char *from = rest.p;
	size_t kept = 0;

	while (lines->resume && ms_slice_line(&rest, false, &line)) {
		size_t n = (size_t)(rest.p - from);

		if (!has_result(lines, line, true)) {
			memmove(batch->bytes.p + kept, from, n);
			kept += n;
		}
		from = rest.p;
	}
	if (lines->resume)
		batch->bytes.n = kept;
}

static void
do_line(struct pool_worker *worker, struct batch *batch, size_t i,
    struct ms_slice line)
{
	const struct lines *lines = worker->pool->context;
	struct ms_report report;
	struct ms_job job;

	if (ms_slice_trim(line).n == 0)
		return;
	batch->done++;
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
		if (has_result(lines, line, false))
			continue;
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
	batch->size = batch->input ? batch->bytes.n : 1;
	leave_out(lines, batch);
	batch->sequence = any ? lines->sequence++ : 0;
	batch->more = lines->next_word < lines->words->n;
	pthread_mutex_unlock(&lines->lock);
	return any;
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
		batch.done = 0;
		for (; ms_slice_line(&rest, false, &line); i++)
			do_line(worker, &batch, i, line);
		pool_submit(worker, batch.sequence);
		progress_add(&lines->progress, batch.done, batch.size);
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

/* What --resume cannot go with; true: that has been said. */
static bool
resume_is_wrong(const struct lines_plan *plan, const struct options *options)
{
	const char *with = NULL;

	if (!options->resume)
		return false;
	if (options->record || options->replay)
		with = "excludes --record and --replay: they are of a run as "
		       "a whole";
	else if (strcmp(options->format->name, "ndjson") != 0)
		with = "goes on with results in NDJSON: it needs -f ndjson";
	if (with)
		complain("%s: --resume %s", plan->command, with);
	return with != NULL;
}

/* What speaks of the run as a whole, a table, and text that is a zone have no
 * place for it. */
static bool
summary_is_wrong(const struct lines_plan *plan, const struct options *options)
{
	const struct ms_format *format = options->format;
	bool fixed = format->finish || format->head;

	if (!options->summary ||
	    (!fixed && !(options->fix && format->audience & MS_FOR_TEXT)))
		return false;
	complain("%s: --summary and %s%s exclude each other", plan->command,
	    fixed ? "--format " : "--fix in ", format->name);
	return true;
}

/* All that there is to count progress by: bytes of a file that is standard
 * input, or arguments. 0: nothing is. */
static uint64_t
amount_of(const struct words *words)
{
	bool input = false;

	for (size_t i = 0; i < words->n; i++)
		input = input || strcmp(words->list[i], "-") == 0;
	if (!input)
		return words->n;
	return words->n == 1 ? progress_input() : 0;
}

static void
write_summary(
    struct pool *pool, const struct lines_plan *plan, const struct ms_env *env)
{
	const struct ms_format *format = pool->options->format;
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct ms_report report;
	struct ms_buf out;

	ms_buf_init(&out, arena);
	ms_report_init(
	    &report, arena, format->audience, plan->command, env->clock.now);
	summary_report(pool->summary, &report);
	format->render(&report, &pool->output->render, &out);
	output_reports(pool->output, ms_buf_get(&out), 1);
	ms_arena_free(arena);
}

int
run_lines(const struct lines_plan *plan, const struct options *options,
    const struct ms_env *env, struct ms_arena *arena)
{
	struct output output;
	struct lines lines = { .plan = plan,
		.env = env,
		.words = &options->files,
		.recorded = evidence_records(options->evidence),
		.replayed = evidence_lines(options->evidence),
		.lock = PTHREAD_MUTEX_INITIALIZER };
	struct pool pool = { .options = options,
		.output = &output,
		.work = work,
		.context = &lines };
	bool waits = plan->at_once > 0 && !options->offline && !options->replay;
	int written, code = 0;

	if (!words_say_something(plan, &options->files) ||
	    resume_is_wrong(plan, options) || summary_is_wrong(plan, options))
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
	if (options->summary)
		pool.summary = summary_new(arena);
	if (options->resume)
		code = resume_open(&lines.resume, &pool, plan, &output);
	if (code == 0) {
		progress_start(&lines.progress, output_progress(options),
		    amount_of(&options->files));
		pool_run(&pool, 1);
		progress_end(&lines.progress);
		if (options->summary)
			write_summary(&pool, plan, env);
	}
	resume_close(lines.resume);
	ms_arena_free(lines.scratch);
	ms_arena_free(lines.arena);
	if (lines.error)
		complain("standard input: %s", strerror(lines.error));
	written = output_close(&output, code == 0);
	if (code || written)
		return code ? code : written;
	return output_code(
	    &output, lines.error ? EXIT_NOFILE : pool_exit_code(&pool));
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
