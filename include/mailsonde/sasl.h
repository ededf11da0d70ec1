/* SPDX-License-Identifier: ISC
 * sasl.h - the client's side of a log-in by SASL, RFC 4422
 *
 * One exchange: what the server said goes in, what is to be said comes out, as
 * octets; the protocol around it carries them, in base64 or otherwise. Nothing
 * of the secret is kept behind ms_sasl_free, but for what libgsasl itself
 * leaves in memory that it gave back.
 */
#ifndef MAILSONDE_SASL_H
#define MAILSONDE_SASL_H

#include <stdint.h>

#include "mailsonde/arena.h"

struct ms_sasl_mechanism {
	const char *name; /* "SCRAM-SHA-256-PLUS" */
	/* The secret itself is handed to the server, or a token as good. */
	bool tells;
	bool first;  /* the client speaks first */
	bool binds;  /* tied to the connection within TLS */
	bool proves; /* the server proves that it knows the secret too */
	bool token;  /* the secret is a token of OAuth 2.0 */
	bool weak;   /* who listens guesses at it as fast as he can hash */
};

/* All that there are, the best first, ended by one without a name. */
const struct ms_sasl_mechanism *ms_sasl_mechanisms(void);
/* By its name, case ignored; NULL. */
const struct ms_sasl_mechanism *ms_sasl_mechanism(struct ms_slice name);

enum ms_sasl_status {
	MS_SASL_MORE, /* *out is to be said; the server has more to say */
	MS_SASL_DONE, /* *out, p == NULL: nothing, is the last to be said */
	MS_SASL_NO_LIBRARY,  /* libgsasl cannot be opened */
	MS_SASL_NO_BINDING,  /* this connection has nothing to be tied by */
	MS_SASL_UNPREPARED,  /* SASLprep (RFC 4013) refuses name or secret */
	MS_SASL_BAD_MESSAGE, /* what the server said is against the rules */
	MS_SASL_TOO_COSTLY,  /* it asks for more rounds than the limit */
	MS_SASL_TOO_CHEAP,   /* for fewer than `rounds_least` */
	MS_SASL_REFUSED,     /* it says no in words of the mechanism: `why` */
	MS_SASL_UNBOUND,     /* and these: channel bindings do not match */
	MS_SASL_IMPOSTOR,    /* it does not know the secret */
	MS_SASL_FAILED,      /* anything else of the library */
};
/* "more", "done", "no-library", …. */
const char *ms_sasl_status_name(enum ms_sasl_status status);
bool ms_sasl_status_parse(struct ms_slice text, enum ms_sasl_status *out);

struct ms_sasl_request {
	const struct ms_sasl_mechanism *mechanism;
	const char *user;       /* UTF-8 */
	struct ms_slice secret; /* UTF-8, without NUL */
	const char *service;    /* "smtp", "imap", "pop", "sieve" */
	const char *host;
	uint16_t port;
	struct ms_slice exporter, unique; /* see struct ms_tls_facts */
	unsigned rounds;                  /* of SCRAM at the most */
	/* And at the least: whoever takes the server's place would ask for few,
	 * to guess the faster; 0. */
	unsigned rounds_least;
};

struct ms_sasl;

/* Opened; lives in `arena` to ms_sasl_free, which must be called; the request
 * must hold as long. */
struct ms_sasl *ms_sasl_new(
    struct ms_arena *arena, const struct ms_sasl_request *request);

/* The next step. `said` is what the server said, p == NULL at the beginning
 * where the client speaks first. *out holds until the next step. */
enum ms_sasl_status ms_sasl_step(
    struct ms_sasl *sasl, struct ms_slice said, struct ms_slice *out);

/* In words of the server, decoded, or of the library; NULL. */
const char *ms_sasl_why(const struct ms_sasl *sasl);

/* Rounds of SCRAM that the server asked for; 0. */
unsigned ms_sasl_rounds(const struct ms_sasl *sasl);

void ms_sasl_free(struct ms_sasl *sasl);

#endif
