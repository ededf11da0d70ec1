/* SPDX-License-Identifier: ISC
 * roundtrip.h - a marked message: handed in by submission, waited for by IMAP
 * or POP3, and taken away again
 *
 * The mark is 128 random bits, in a field of the message's header. Nothing is
 * taken for the message, and nothing deleted, that does not have it. Time is
 * counted by what conversations took, so that a replay comes to the same.
 */
#ifndef MAILSONDE_ROUNDTRIP_H
#define MAILSONDE_ROUNDTRIP_H

#include "mailsonde/probe.h"

#define MS_MARK_BYTES 16
#define MS_MARK_FIELD "X-Mailsonde-Token"

/* A server, and as whom to speak with it. */
struct ms_mail_account {
	struct ms_probe_target target;
	const struct ms_login *login; /* NULL: nobody logs in */
};

struct ms_roundtrip_request {
	struct ms_slice from, to; /* addresses, as the envelope has them */
	struct ms_mail_account submit, pickup;
	const struct ms_mail_account *bounces; /* the mailbox of `from`, where
						  it would come back; NULL */
	const unsigned char *mark;             /* MS_MARK_BYTES */
	struct ms_slice template; /* a message to be sent; NULL: our own */
	double wait;              /* seconds, from when it was accepted */
	bool keep;                /* it stays in the mailbox */
	bool clean;               /* remove what earlier ones left behind */
	bool transcript;          /* keep it: -v */
	const char *ehlo;         /* see probe.h */
	/* Whether to give up; NULL: never. */
	bool (*stopped)(void *context);
	/* In its place, of a replay: when it was given up, see below; 0. */
	double stop_after;
	/* Told what is under way, and since when; NULL. */
	void (*progress)(void *context, const char *what, double seconds);
	void *context;
};

/* ---- handing it in ---- */

enum ms_submit_step {
	MS_SUBMIT_NONE, /* it did not come to it */
	MS_SUBMIT_MAIL,
	MS_SUBMIT_RCPT,
	MS_SUBMIT_DATA,
	MS_SUBMIT_TEXT, /* the message itself */
};
/* "none", "mail", "rcpt", "data", "message". */
const char *ms_submit_step_name(enum ms_submit_step step);

struct ms_submission {
	struct ms_slice from, to, message; /* what is sent; CRLF ends lines */
	enum ms_submit_step step;          /* the last that was begun */
	struct ms_probe_reply reply;       /* to it; code 0: none came */
	bool accepted;
	bool sent;                /* all of it: it may arrive */
	double seconds;           /* from MAIL to the last reply */
	struct ms_slice queue_id; /* by which logs know it; NULL */
	struct ms_probe_result probe;
};

/* ---- waiting for it ---- */

struct ms_pickup {
	bool ready; /* logged in, and the mailbox could be read */
	bool found;
	const char *wrong;       /* a command that was refused: which; NULL */
	struct ms_slice said;    /* and what the server said */
	struct ms_slice message; /* as it came */
	struct ms_slice folder;  /* "INBOX"; NULL: there are none (POP3) */
	bool junk;               /* that is where spam goes */
	uint32_t uid;            /* 0: none */
	unsigned copies;         /* of the message there */
	unsigned looks;          /* at the mailbox */
	unsigned sessions;
	bool pushed;      /* the server told of it (IDLE) */
	unsigned deleted; /* of the copies */
	unsigned cleaned; /* of earlier messages, with `clean` */
	const char *left; /* why it is still there; NULL */
	double seconds;   /* from when it was handed in till it was seen; or
			     that were waited */
	struct ms_probe_result probe; /* the last session */
};

/* ---- where it came back ---- */

struct ms_bounce {
	struct ms_pickup pickup;
	/* Of the report on its delivery, RFC 3464; NULL: it does not say. */
	struct ms_slice action, status, diagnostic, reporter;
};

/* ---- what became of it on its way ---- */

struct ms_roundtrip_change {
	struct ms_slice name, sent, received; /* received NULL: it is gone */
};

struct ms_roundtrip_changes {
	struct ms_roundtrip_change *list; /* of fields that were sent */
	size_t n;
	struct ms_slice *added; /* names of fields, each once */
	size_t added_n;
	bool body; /* but for line ends and empty lines at the end */
	char sent_sha256[65], received_sha256[65]; /* of the bodies so */
};

struct ms_roundtrip {
	char mark[2 * MS_MARK_BYTES + 1]; /* in hexadecimal */
	struct ms_slice message_id;       /* with its angle brackets */
	int64_t sent_at;
	double seconds;       /* all that it took */
	bool stopped;         /* it was told to give up … */
	double stopped_after; /* … and did so then; seconds */
	bool unready;         /* nothing was sent: the mailbox cannot be read,
				 see pickup */
	struct ms_submission submission;
	struct ms_pickup pickup;
	struct ms_bounce bounce;
	struct ms_roundtrip_changes changes; /* where it was found */
};

/* The message, as it will be sent at that time, all in `arena`. False: the
 * template is no message; *wrong says why. */
bool ms_roundtrip_letter(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_roundtrip_request *request, int64_t at,
    struct ms_slice *out, struct ms_slice *message_id, const char **wrong);

/* The whole of it, all in `arena`; always fills *out. request->template has
 * been looked at by ms_roundtrip_letter. */
void ms_roundtrip_run(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_roundtrip_request *request, struct ms_roundtrip *out);

/* What one that has arrived lost or gained on its way. */
void ms_roundtrip_compare(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice sent, struct ms_slice received,
    struct ms_roundtrip_changes *out);

/* The id in the reply of a server that took a message, as servers word it; p ==
 * NULL: none was seen. */
struct ms_slice ms_queue_id(const struct ms_probe_reply *reply);

#endif
