/* SPDX-License-Identifier: ISC
 * roundtrip_priv.h - what handing in and picking up share
 */
#ifndef MAILSONDE_PROBE_ROUNDTRIP_PRIV_H
#define MAILSONDE_PROBE_ROUNDTRIP_PRIV_H

#include "mailsonde/map.h"
#include "mailsonde/roundtrip.h"
#include "probe_priv.h"

/* Copies of a message, or left-overs, that are dealt with in one session. */
#define PICKUP_MOST 64

/* One visit to the mailbox, or all of the waiting where the protocol can. */
struct pickup {
	const struct ms_roundtrip_request *request;
	struct ms_pickup *out;
	struct ms_roundtrip *trip;
	double base; /* seconds that all had taken before this session */
	const char *mark;
	struct ms_slice id; /* of the message, without brackets; NULL */
	bool bounce;        /* a report on the message is looked for */
	int64_t now;        /* for what is older than a day */
	bool waiting;  /* for the message; else only see that all is well */
	double budget; /* seconds of this session that may be waited */
	double began;  /* seconds from the handing in to this session */
	bool done;     /* nothing more is to be waited for */
	struct ms_map seen;          /* POP3: ids of messages that are not it */
	struct imap_folder *folders; /* IMAP: those of spam, once asked for */
	size_t folders_n;
	bool listed;
};

/* options->then of the session; context: struct pickup. */
void pickup_imap(struct probe *probe, void *context);
void pickup_pop3(struct probe *probe, void *context);
/* context: struct ms_submission */
void submit_message(struct probe *probe, void *context);

/* Whether the header of a message (or what came of it) has the mark. An empty
 * one: any mark. */
bool pickup_has_mark(struct ms_slice message, const char *mark);

/* What is looked for: the message by its header, which is enough of it, or the
 * whole of a report on it (RFC 3462, or from a MAILER-DAEMON). */
bool pickup_is_it(const struct pickup *p, struct ms_slice message);

/* Seconds of this session so far. */
double pickup_spent(const struct probe *probe);
/* Whether it is given up, `seconds` after all of it began. That a pause is cut
 * short does not show in a record: each is followed by this question. */
bool pickup_gives_up(const struct pickup *p, double seconds);
bool pickup_stopped(const struct pickup *p, const struct probe *probe);
void pickup_tell(const struct pickup *p, const struct probe *probe);

/* Lets time pass, unless it is told to stop. */
void pickup_pause(const struct pickup *p, struct probe *probe, double seconds);

/* The pause before look number `look`, from 0. */
double pickup_interval(unsigned look);

/* A command that was refused: the first is kept. */
void pickup_refused(
    struct pickup *p, const char *command, struct ms_slice said);

/* It has been seen. */
void pickup_found(
    struct pickup *p, const struct probe *probe, struct ms_slice message);

/* ---- imap_response.c ---- */

struct imap_folder {
	struct ms_slice name;    /* unquoted */
	unsigned char delimiter; /* 0: none */
	bool junk;               /* by its attribute, or by its name */
	bool unselectable;
};

struct imap_fetch {
	uint32_t uid;         /* 0: not said */
	struct ms_slice body; /* of BODY[…]; NULL: not there */
};

/* A response is all of it: lines with CRLF between them, and literals. */

/* The octets of the literal that the line ends by announcing, RFC 9051 4.3;
 * false: it does not. More than fits becomes UINT64_MAX. */
bool imap_announces(struct ms_slice line, uint64_t *octets);

/* "* SEARCH 2 3 6"; up to `max` of them. *more: there are others. */
bool imap_read_search(
    struct ms_slice response, uint32_t *out, size_t max, size_t *n, bool *more);

/* "* 12 FETCH (UID 5 BODY[] {12}…)" */
bool imap_read_fetch(struct ms_slice response, struct imap_fetch *out);

/* "* LIST (\HasNoChildren \Junk) "/" Spam" */
bool imap_read_list(
    struct ms_arena *arena, struct ms_slice response, struct imap_folder *out);

/* As a quoted string; NULL: it cannot be one. */
const char *imap_quote(struct ms_arena *arena, struct ms_slice name);

#endif
