/* SPDX-License-Identifier: ISC
 * serve_work.c - the subjects that are asked about, so many at once
 *
 * A thread is started when there is a job and nobody waits for one, up to the
 * most; then it stays. Jobs wait in the order in which they came. A subject is
 * told when its time is over and gives up by itself; a job whose time is over
 * before its turn is answered by the tick.
 */
#include "serve.h"

#include <stdlib.h>

#include "env.h"
#include "pool.h"

#define STACK_BYTES (1024 * 1024)

struct serve_work {
	struct serve *serve;
	struct ms_arena *arena;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct serve_job *first, **last; /* that wait */
	size_t waiting, waiting_most;
	size_t running, idle;
	pthread_t *threads;
	size_t n, most;
	bool ended;
};

/* ---- one subject ---- */

static void
render(const struct ms_format *format, const struct ms_report *report,
    const struct serve *serve, struct ms_buf *out)
{
	const struct ms_render_options options = {
		.version = MAILSONDE_VERSION,
		.fail_on = serve->options->fail_on,
		.warning = serve->options->warning,
		.critical = serve->options->critical,
	};
	struct ms_buf notes;

	ms_buf_init(&notes, report->arena);
	format->render(report, &options, format->finish ? &notes : out);
	if (format->finish)
		format->finish(ms_buf_get(&notes), &options, out);
	else if (format->alone)
		ms_buf_text(out, format->alone);
}

/* What rules and dashboards written for the blackbox exporter look at. */
static void
add_success(struct ms_buf *out, bool success, double seconds)
{
	ms_buf_printf(out,
	    "# HELP probe_success Whether all could be told, and nothing "
	    "grave was found.\n"
	    "# TYPE probe_success gauge\n"
	    "probe_success %d\n"
	    "# HELP probe_duration_seconds How long this took as a whole.\n"
	    "# TYPE probe_duration_seconds gauge\n"
	    "probe_duration_seconds %.6f\n",
	    success, seconds);
}

/* In the thread's own arena, which keeps its memory. */
static void
judge(const struct serve *serve, const struct serve_job *job,
    struct ms_arena *arena)
{
	const struct ms_format *format = ms_format_find(job->format->name);
	struct ms_job subject = { .line = job->subject, .value = job->subject };
	struct ms_http_answer answer = { .code = 200,
		.type = job->format->type };
	double began = serve_ticks();
	struct ms_report report;
	struct ms_env env;
	struct ms_buf out;

	env_lend(serve->env, arena, job->end - began, &env);
	ms_report_init(&report, arena, format->audience, job->plan->command,
	    env.clock.now);
	job->plan->judge(job->plan->with, &env, &subject, &report);
	ms_buf_init(&out, arena);
	render(format, &report, serve, &out);
	if (strcmp(format->name, "prometheus") == 0)
		add_success(&out,
		    ms_report_exit(&report, serve->options->fail_on) == 0,
		    serve_ticks() - began);
	env_return(&env);
	answer.body = ms_buf_get(&out);
	answer.close = atomic_load(&serve->stopping);
	ms_http_answer(job->exchange, &answer);
	ms_arena_clear(arena);
}

static void
answer_late(const struct serve_job *job)
{
	serve_say(job->exchange, 503, 1,
	    "its turn did not come before its time was over\n");
}

/* ---- threads ---- */

static struct serve_job *
next_job(struct serve_work *work)
{
	struct serve_job *job;

	while (!work->first && !work->ended) {
		work->idle++;
		pthread_cond_wait(&work->changed, &work->lock);
		work->idle--;
	}
	job = work->first;
	if (!job)
		return NULL;
	work->first = job->next;
	if (!work->first)
		work->last = &work->first;
	work->waiting--;
	work->running++;
	return job;
}

static void *
thread_main(void *argument)
{
	struct serve_work *work = argument;
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct serve_job *job;

	pthread_mutex_lock(&work->lock);
	while ((job = next_job(work))) {
		pthread_mutex_unlock(&work->lock);
		if (serve_ticks() < job->end)
			judge(work->serve, job, arena);
		else
			answer_late(job);
		pthread_mutex_lock(&work->lock);
		work->running--;
	}
	pthread_mutex_unlock(&work->lock);
	ms_arena_free(arena);
	return NULL;
}

/* False: there is no thread at all. With the lock. */
static bool
grow(struct serve_work *work)
{
	pthread_attr_t attributes;

	if (work->n >= work->most || work->idle > work->waiting)
		return true;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	if (pthread_create(
		&work->threads[work->n], &attributes, thread_main, work) == 0)
		work->n++;
	pthread_attr_destroy(&attributes);
	return work->n > 0;
}

bool
serve_work_put(struct serve_work *work, struct serve_job *job)
{
	bool room;

	pthread_mutex_lock(&work->lock);
	room =
	    work->running + work->waiting < work->most + work->waiting_most &&
	    grow(work);
	if (room) {
		job->next = NULL;
		*work->last = job;
		work->last = &job->next;
		work->waiting++;
		pthread_cond_signal(&work->changed);
	}
	pthread_mutex_unlock(&work->lock);
	return room;
}

void
serve_work_tick(struct serve_work *work)
{
	double now = serve_ticks();
	struct serve_job *late = NULL, **at;

	pthread_mutex_lock(&work->lock);
	at = &work->first;
	while (*at) {
		struct serve_job *job = *at;

		if (job->end > now) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		job->next = late;
		late = job;
		work->waiting--;
	}
	work->last = at;
	pthread_mutex_unlock(&work->lock);
	while (late) {
		struct serve_job *job = late;

		late = job->next; /* it is gone when it is answered */
		answer_late(job);
	}
}

void
serve_work_count(struct serve_work *work, size_t *running, size_t *waiting)
{
	pthread_mutex_lock(&work->lock);
	*running = work->running;
	*waiting = work->waiting;
	pthread_mutex_unlock(&work->lock);
}

struct serve_work *
serve_work_new(struct serve *serve, size_t most, size_t waiting)
{
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct serve_work *work = MS_NEW(arena, struct serve_work);

	work->arena = arena;
	work->serve = serve;
	work->last = &work->first;
	work->most = most;
	work->waiting_most = waiting;
	work->threads = MS_NEW_ARRAY(arena, pthread_t, most);
	pthread_mutex_init(&work->lock, NULL);
	pthread_cond_init(&work->changed, NULL);
	return work;
}

void
serve_work_free(struct serve_work *work)
{
	pthread_mutex_lock(&work->lock);
	work->ended = true;
	pthread_cond_broadcast(&work->changed);
	pthread_mutex_unlock(&work->lock);
	for (size_t i = 0; i < work->n; i++)
		pthread_join(work->threads[i], NULL);
	pthread_cond_destroy(&work->changed);
	pthread_mutex_destroy(&work->lock);
	ms_arena_free(work->arena);
}
