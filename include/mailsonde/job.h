/* SPDX-License-Identifier: ISC
 * job.h - one line of standard input as a subject: plain, or an NDJSON job
 */
#ifndef MAILSONDE_JOB_H
#define MAILSONDE_JOB_H

#include "mailsonde/json.h"
#include "mailsonde/report.h"

struct ms_job {
	struct ms_slice line;
	struct ms_slice value; /* of the member asked for, or the plain line;
				  p == NULL when the job lacks it */
	const struct ms_json *object; /* the job; NULL for a plain line */
	struct ms_node *id; /* the caller's "id" as it came (text, number,
			       true …), to give back; NULL */
	const char *error;  /* what is wrong with the line; NULL */
};

/* Reads a line: a JSON object whose member `member` (text) is the subject, or
 * the subject itself. `report` serves for the nodes of the id. */
void ms_job_read(struct ms_report *report, struct ms_slice line,
    const char *member, struct ms_job *out);

#endif
