/* SPDX-License-Identifier: ISC
 * serve.h - what the files of `mailsonde serve` share
 *
 *   serve.c          the command: start, signals, end
 *   serve_pages.c    what is asked: paths, parameters, who may
 *   serve_work.c     the subjects that are judged, so many at once
 *   serve_metrics.c  its own figures
 *
 * Pages run on the server's thread and wait for nothing; subjects are judged
 * on threads of their own.
 */
#ifndef MAILSONDE_CMD_SERVE_H
#define MAILSONDE_CMD_SERVE_H

#include <stdatomic.h>

#include "mailsonde/env.h"
#include "mailsonde/http.h"
#include "plans.h"

struct serve_work;
struct serve_metrics;

struct serve {
	const struct options *options;
	const struct ms_env *env; /* lent to each subject */
	struct lines_plan probe, domain;
	double timeout; /* seconds of a request, the client permitting */
	atomic_bool stopping;
	struct serve_work *work;
	struct serve_metrics *metrics;
	struct ms_http_server *http; /* NULL: not yet */
	unsigned ticks;              /* of the main thread */
};

/* Seconds of the monotonic clock. */
double serve_ticks(void);

/* ---- pages ---- */

/* For struct ms_http_options; the context is the struct serve. */
void serve_handle(void *context, struct ms_http_exchange *exchange);
void serve_over(void *context, const struct ms_http_exchange *exchange);

/* The paths, in the order of their numbers; NULL behind the last. */
const char *serve_path(size_t i);
#define SERVE_PATHS 5

/* Answers with a line of text. */
void serve_say(struct ms_http_exchange *exchange, int code,
    unsigned retry_after, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- subjects ---- */

struct serve_format {
	const char *name; /* of struct ms_format */
	const char *type; /* Content-Type */
};

/* A subject that somebody asks about; in the exchange's arena. */
struct serve_job {
	struct serve_job *next;
	struct ms_http_exchange *exchange;
	const struct lines_plan *plan;
	const struct serve_format *format;
	struct ms_slice subject;
	double end; /* by serve_ticks */
};

/* Works on up to `most` at once, and lets `waiting` wait. */
struct serve_work *serve_work_new(
    struct serve *serve, size_t most, size_t waiting);
/* The job is answered by the time that is its end; false: there is no room for
 * it, and it is not taken. */
bool serve_work_put(struct serve_work *work, struct serve_job *job);
/* Answers those that have waited to their end: to be called several times a
 * second. */
void serve_work_tick(struct serve_work *work);
void serve_work_count(
    struct serve_work *work, size_t *running, size_t *waiting);
/* Ends its threads; there must be no job. */
void serve_work_free(struct serve_work *work);

/* ---- figures ---- */

struct serve_metrics *serve_metrics_new(struct ms_arena *arena);
/* A request is over. `path`: its number; SERVE_PATHS: another. */
void serve_metrics_add(
    struct serve_metrics *metrics, size_t path, int code, double seconds);
/* All of them, in Prometheus' text format. */
void serve_metrics_render(struct serve *serve, struct ms_buf *out);

#endif
