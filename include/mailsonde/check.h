/* SPDX-License-Identifier: ISC
 * check.h - the checks that make findings: one row each in checks.c
 */
#ifndef MAILSONDE_CHECK_H
#define MAILSONDE_CHECK_H

#include "mailsonde/authenticate.h"
#include "mailsonde/report.h"
#include "mailsonde/trace.h"

/* What is known of the message under examination. */
struct ms_case {
	const struct ms_env *env;
	const struct ms_parse *parse; /* arena, charsets, limits */
	const struct ms_message *message;
	const struct ms_trace *trace;    /* NULL when not built */
	const struct ms_authres *claims; /* every claimed result */
	size_t claims_n;
	const struct ms_authentication *auth; /* NULL when not recomputed */
};

enum ms_check_needs {
	MS_NEEDS_MESSAGE = 1 << 0,
	MS_NEEDS_TRACE = 1 << 1,
	MS_NEEDS_CONTENT = 1 << 2, /* parts decoded for judging: analyze only */
	MS_NEEDS_AUTH = 1 << 3,    /* authentication recomputed */
};

struct ms_check {
	const char *id;    /* of the finding; one check may raise several
			      ids that begin with it */
	const char *title; /* what it looks at */
	const char *reference;
	enum ms_severity severity; /* the highest it gives */
	int weight;                /* in the verdict's sum */
	unsigned needs;            /* enum ms_check_needs */
	void (*run)(const struct ms_check *check, const struct ms_case *subject,
	    struct ms_report *report);
};

/* Every check, NULL-terminated. */
const struct ms_check *const *ms_checks(void);

/* Runs those whose needs are within `have`, and that need all of `only`. */
void ms_checks_run(const struct ms_case *subject, unsigned have, unsigned only,
    struct ms_report *report);

#endif
