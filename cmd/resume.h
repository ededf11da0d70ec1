/* SPDX-License-Identifier: ISC
 * resume.h - --resume: what an interrupted run has done already
 */
#ifndef MAILSONDE_CMD_RESUME_H
#define MAILSONDE_CMD_RESUME_H

#include "lines.h"

/* The subjects that have a result, as a set of hashes: 20 bytes and some for
 * each of them. */
struct resume;

/* Reads the results in options->resume. They count in the run's exit code and
 * summary. With --output they are passed on to `output`; where standard output
 * is the file itself, what stands behind its last whole line is cut off. 0, or
 * an exit code after one line on standard error. */
int resume_open(struct resume **out, struct pool *pool,
    const struct lines_plan *plan, struct output *output);

/* Whether the report's subject has a result; `id` is the job's, or NULL. With
 * `take` that result is used up: a subject that occurs twice needs two.
 * Not thread-safe. */
bool resume_has(struct resume *resume, struct ms_report *report,
    struct ms_node *id, bool take);

/* NULL is allowed. */
void resume_close(struct resume *resume);

#endif
