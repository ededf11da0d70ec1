/* SPDX-License-Identifier: ISC
 * lines.h - subjects one a line from standard input, or from arguments
 */
#ifndef MAILSONDE_CMD_LINES_H
#define MAILSONDE_CMD_LINES_H

#include "mailsonde/env.h"
#include "mailsonde/job.h"
#include "pool.h"

struct lines_plan {
	const char *command;
	const char *member; /* of an NDJSON job: "ip" */
	/* Subjects at once from standard input, unless --jobs says so; 0: one
	 * a processor. More where a subject mostly waits for answers: then
	 * each is taken by itself, and threads are started as it turns out
	 * that they are needed. */
	unsigned at_once;
	/* Tells env->dns what a subject that will be judged soon needs for
	 * certain; NULL: nothing. Only where at_once > 0. */
	void (*ahead)(const struct ms_env *env, const struct ms_job *job);
	/* A member of the subject that judging finds, where the job has none:
	 * "address"; NULL. */
	const char *found;
	/* Puts the subject into the report, as `judge` will. */
	void (*name)(const struct ms_job *job, struct ms_report *report);
	/* Judges one subject into the report, in which the job's id stands
	 * already; `with` is the plan's. */
	void (*judge)(const void *with, const struct ms_env *env,
	    const struct ms_job *job, struct ms_report *report);
	const void *with;
};

/* Each argument is a subject; "-" reads them from standard input. An empty
 * line is passed over. Sees to --unordered, --resume, --summary and progress.
 * Returns the exit code. */
int run_lines(const struct lines_plan *plan, const struct options *options,
    const struct ms_env *env, struct ms_arena *arena);

/* All of such a command: opens the `sources` (enum of env.h) and runs. The
 * subjects are the arguments or, where there are none, what `own` (NULL) makes
 * of the other options: one job. */
int run_jobs(const struct lines_plan *plan, const struct options *options,
    const char *(*own)(struct ms_arena *arena, const struct options *options),
    unsigned sources);

#endif
