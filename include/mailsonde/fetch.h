/* SPDX-License-Identifier: ISC
 * fetch.h - documents over HTTPS: got, not there and could-not-tell kept apart
 *
 * One interface, several sources: live, recorded, replayed, none. A source
 * makes one request to the addresses it is handed: names are asked of the DNS
 * source, redirects are followed by whoever asks (see fetch_url.h), so that
 * nothing goes anywhere unseen. What is wrong with a certificate is a fact, and
 * is told in words.
 */
#ifndef MAILSONDE_FETCH_H
#define MAILSONDE_FETCH_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/ip.h"
#include "mailsonde/status.h"

enum ms_fetch_status {
	MS_FETCH_FOUND, /* 200: `body` is the document */
	/* nothing was got, and it is the server's doing */
	MS_FETCH_HTTP,        /* another status: `code` */
	MS_FETCH_REDIRECTED,  /* to `location`, and that was not wanted */
	MS_FETCH_TOO_LARGE,   /* `body` holds its beginning */
	MS_FETCH_CERTIFICATE, /* it does not prove who answers: `why` */
	MS_FETCH_TLS,         /* no TLS that we have in common, or none */
	MS_FETCH_NO_ADDRESS,  /* its host has none, or no public one */
	MS_FETCH_BAD_URL,     /* cannot be asked for */
	/* could not tell: never an absence */
	MS_FETCH_NO_ANSWER, /* 429 or 5xx: `code` */
	MS_FETCH_TIMEOUT,
	MS_FETCH_REFUSED,      /* nobody listens there */
	MS_FETCH_UNREACHABLE,  /* no way there */
	MS_FETCH_BROKEN,       /* an answer that breaks off or is no HTTP */
	MS_FETCH_DNS,          /* the look-up of its host failed */
	MS_FETCH_UNAVAILABLE,  /* libcurl is missing, or does not start */
	MS_FETCH_OFFLINE,      /* nobody may be asked (--offline) */
	MS_FETCH_NOT_RECORDED, /* the record does not hold it */
};

/* "found", "http", "redirected", …: the words of a record. */
const char *ms_fetch_status_name(enum ms_fetch_status status);
bool ms_fetch_status_parse(struct ms_slice text, enum ms_fetch_status *out);

/* Could not tell. */
static inline bool
ms_fetch_is_failure(enum ms_fetch_status status)
{
	return status >= MS_FETCH_NO_ANSWER;
}

/* X509_V_ERR_… of OpenSSL that callers tell apart. */
enum {
	MS_FETCH_NOT_YET_VALID = 9,
	MS_FETCH_EXPIRED = 10,
	MS_FETCH_SELF_SIGNED = 18,
	MS_FETCH_WRONG_NAME = 62,
};

struct ms_fetch_request {
	const char *url;       /* absolute, ASCII; without user or fragment */
	const char *post_type; /* POST, with this media type; NULL: GET */
	struct ms_slice post;
	const struct ms_ip *ips; /* where its host is; tried in this order */
	size_t ips_n;
	uint16_t port;      /* to connect to */
	const char *barred; /* why nobody may be connected to: the status
			       is then MS_FETCH_NO_ADDRESS; NULL */
	size_t max;         /* octets of the body */
	double seconds;     /* from the call to the deadline */
	bool allow_http;    /* a URL of http: will do */
};

struct ms_fetch {
	enum ms_fetch_status status;
	const char *why;      /* a clause for people; NULL when FOUND */
	int code;             /* HTTP status; 0: none came */
	const char *type;     /* Content-Type, as it stands; NULL */
	const char *location; /* of a redirect, resolved; NULL */
	struct ms_slice body;
	int verify_error;        /* X509_V_ERR_… where CERTIFICATE; else 0 */
	const char *certificate; /* the server's own, PEM; NULL */
	const char *server;      /* "192.0.2.1:443" that answered; NULL */
	int64_t time;            /* seconds since 1970 */
	double seconds;          /* it took, for whoever asked first; also where
				    it was kept or recorded */
};

/* Nothing but a status and the reason for it. */
void ms_fetch_fail(
    struct ms_fetch *out, enum ms_fetch_status status, const char *why);

struct ms_fetch_source {
	/* Makes one request; blocks until all is there or the deadline has
	 * passed. Always fills *out, in `arena`. Thread-safe. */
	void (*fetch)(struct ms_fetch_source *self,
	    const struct ms_fetch_request *request, struct ms_arena *arena,
	    struct ms_fetch *out);
	void (*close)(struct ms_fetch_source *self);
};

/* ---- sources ---- */

struct ms_fetch_live_options {
	const char *ca_file; /* trust anchors, PEM; NULL: the system's */
	bool at_given;       /* certificates are judged as of `at` */
	int64_t at;
	void (*oom)(void);
};

/* Asks servers, with libcurl, which is opened with the first request. Texts in
 * `options` must outlive it. */
struct ms_fetch_source *ms_fetch_live(
    const struct ms_fetch_live_options *options);

/* MS_FETCH_OFFLINE, always. */
struct ms_fetch_source *ms_fetch_none(void);

/* Around a source, which is closed with it: the same request is made once in a
 * run, and all who make it get the one answer. Beyond `limit` octets of answers
 * (0: none) further requests are passed on. */
struct ms_fetch_source *ms_fetch_once(
    struct ms_fetch_source *inner, size_t limit, void (*oom)(void));

/* Around a source, which is closed with it: tells of every answer in one line
 * for people, which may hold any octets. `say` is called from several
 * threads. */
struct ms_fetch_source *ms_fetch_observe(struct ms_fetch_source *inner,
    void (*say)(void *context, struct ms_slice line), void *context,
    void (*oom)(void));

struct ms_ledger;
struct ms_json;

/* Around a source, which is closed with it: each request becomes a line of the
 * ledger. */
struct ms_fetch_source *ms_fetch_record(
    struct ms_fetch_source *inner, struct ms_ledger *ledger, void (*oom)(void));

/* A source that has the answers of a record and no others; filled line by line
 * before anybody asks. MS_FORMAT: the line is none that ms_fetch_record
 * writes. */
struct ms_fetch_source *ms_fetch_replay(void (*oom)(void));
enum ms_status ms_fetch_replay_add(struct ms_fetch_source *replay,
    const struct ms_json *line, struct ms_diag *diag) MS_MUST_CHECK;

#endif
