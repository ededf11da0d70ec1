/* SPDX-License-Identifier: ISC
 * http.h - a server of HTTP/1.1, and what a client says that it can read
 *
 * One thread reads and writes for all connections, so that a slow one costs
 * nobody else anything. A request is handed over when its header is complete,
 * and answered at once or later, from any thread. It takes GET and HEAD; what
 * is no HTTP, or larger than it may be, it answers itself.
 */
#ifndef MAILSONDE_HTTP_H
#define MAILSONDE_HTTP_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/ip.h"
#include "mailsonde/status.h"

/* One request, and what became of it. */
struct ms_http_exchange {
	/* The exchange's own, until `over`; of one thread at a time. */
	struct ms_arena *arena;
	struct ms_slice path; /* without the query; %-escapes decoded */
	const char *peer;     /* address of the client, for people */
	void *context;        /* the owner's */
	int code;             /* of the answer; 0: there is none yet */
	size_t size;          /* octets of its body */
	double began;         /* by the monotonic clock, in seconds */
};

/* A parameter of the query: *out, and how often it is there. One without '='
 * is empty; escapes and '+' are decoded; the octets may be any. */
size_t ms_http_parameter(const struct ms_http_exchange *exchange,
    const char *name, struct ms_slice *out);

/* A field of the header, the first of its name; NULL. */
const char *ms_http_field(
    const struct ms_http_exchange *exchange, const char *name);

struct ms_http_answer {
	int code;
	const char *type; /* Content-Type */
	struct ms_slice body;
	unsigned retry_after; /* seconds; 0: nothing is said */
	bool close;           /* the connection is not to be used again */
};

/* Answers; once, from any thread. From then on the exchange belongs to the
 * server. The body is copied. */
void ms_http_answer(
    struct ms_http_exchange *exchange, const struct ms_http_answer *answer);

struct ms_http_options {
	struct ms_ip ip;
	uint16_t port;       /* 0: one that is free */
	size_t connections;  /* at once; one more closes the idlest */
	size_t request_size; /* octets of a request's header, about */
	double patience;     /* seconds of a request on its way, an answer on
				its way, or nothing at all */
	/* On the server's thread: it must not wait for anything. */
	void (*handle)(void *context, struct ms_http_exchange *exchange);
	/* The answer was sent, or could not be. The exchange is given back
	 * afterwards. */
	void (*over)(void *context, const struct ms_http_exchange *exchange);
	void *context;
	void (*oom)(void);
};

struct ms_http_server;

/* Listens, and serves from then on. MS_UNSUPPORTED: libmicrohttpd is missing;
 * MS_IO: the address cannot be listened at. SIGPIPE must be ignored. */
enum ms_status ms_http_open(const struct ms_http_options *options,
    struct ms_http_server **out, struct ms_diag *diag) MS_MUST_CHECK;

/* It listens at. */
uint16_t ms_http_port(const struct ms_http_server *server);

/* Connections that are open, and requests that are not over. */
void ms_http_count(
    struct ms_http_server *server, size_t *connections, size_t *exchanges);

/* Closes connections that have used up the patience: to be called about each
 * second. */
void ms_http_tick(struct ms_http_server *server);

/* Takes no more connections. */
void ms_http_quiesce(struct ms_http_server *server);

/* Ends it. Every exchange must have been answered. */
void ms_http_close(struct ms_http_server *server);

/* ---- negotiation ---- */

/* Which of `types` ("application/json", "text/plain") a client would have, by
 * its Accept field (RFC 9110 12.5.1; NULL: whatever there is): the one of the
 * highest weight, the first among equals; `n` where it would have none. */
size_t ms_http_accept(const char *field, const char *const *types, size_t n);

#endif
