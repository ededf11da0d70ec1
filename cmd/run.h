/* SPDX-License-Identifier: ISC
 * run.h - one message after another through a command
 *
 * Subjects are judged by straight-line code on worker threads, each with its
 * own arena; results are put back in the order of the input here.
 */
#ifndef MAILSONDE_CMD_RUN_H
#define MAILSONDE_CMD_RUN_H

#include "mailsonde/check.h"
#include "mailsonde/mailbox.h"
#include "output.h"

/* What a command wants done with each message. */
struct plan {
	const char *command;
	struct ms_message_options parse;
	bool trace;      /* build the way, look places up */
	bool claims;     /* read the claimed authentication */
	bool auth;       /* recompute it: needs both */
	bool auth_only;  /* that is the question, also where nobody answers */
	unsigned checks; /* enum ms_check_needs that are met; 0: no checks */
	unsigned only;   /* checks that need all of these alone */
	bool geo;        /* databases are wanted */
	/* The first line: the answer. NULL: the subject comes first. */
	void (*answer)(const struct ms_case *subject, struct ms_report *report);
	/* Turns what was found into the report. */
	void (*describe)(const struct ms_case *subject,
	    const struct options *options, struct ms_report *report);
};

/* Everything from the command line to the exit code. */
int run_messages(const struct plan *plan, const struct options *options);

#endif
