/* SPDX-License-Identifier: ISC
 * judge.h - one message, from its bytes to a report
 */
#ifndef MAILSONDE_CMD_JUDGE_H
#define MAILSONDE_CMD_JUDGE_H

#include "mailsonde/check.h"
#include "mailsonde/mailbox.h"
#include "options.h"
#include "packs.h"

struct ms_magic;

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

/* Everything that mailsonde analyze does. */
extern const struct plan analyze_plan;

/* Shared by all messages of a run. */
struct judge {
	const struct plan *plan;
	const struct options *options;
	const struct ms_env *env;
	struct ms_authenticate_options auth;
	struct packs packs; /* rules of the user's own */
};

/* Opens what is asked for the authentication, and the rules. 0, or an exit code
 * after one line on standard error. judge_close in any case. */
int judge_open(struct judge *judge, struct ms_arena *arena);
void judge_close(struct judge *judge);

/* Of the thread that judges. */
struct judge_room {
	struct ms_arena *arena; /* of the message */
	struct ms_charsets *charsets;
	struct ms_magic *magic;
};

/* Whether anything will be recomputed. */
bool judge_authenticates(const struct judge *judge);

/* What was done of a message before its turn. */
struct judge_ahead {
	struct ms_message message;
	struct ms_dkim_ahead body; /* canonical.n == 0: it was not */
};

/* Reads the message. `later`: see ms_message_options; NULL. */
void judge_parse(const struct judge *judge, struct judge_room *room,
    const struct ms_mailbox_item *item, struct ms_digest_jobs *later,
    struct ms_message *out);

/* `ahead`: what was done of it already; NULL. */
void judge_message(const struct judge *judge, struct judge_room *room,
    const struct ms_mailbox_item *item, struct judge_ahead *ahead,
    struct ms_report *report);

#endif
