/* SPDX-License-Identifier: ISC
 * wire_priv.h - what the files of the live source share
 */
#ifndef MAILSONDE_WIRE_PRIV_H
#define MAILSONDE_WIRE_PRIV_H

#include "mailsonde/wire.h"

/* Seconds of a clock that only goes forward. */
double wire_now(void);

/* Until the descriptor can be read (POLLIN) or written (POLLOUT), or the
 * deadline, by wire_now, has passed. */
enum ms_wire_status wire_wait(int fd, short events, double deadline);

/* What an errno of a socket says. */
enum ms_wire_status wire_status_of(int error);

/* ---- TLS: tls.c ---- */

struct wire_tls_context;
struct wire_tls;

/* NULL, with the diag filled: the trust anchors cannot be read. */
struct wire_tls_context *wire_tls_context_new(
    const char *ca_file, int64_t now, struct ms_diag *diag);
void wire_tls_context_free(struct wire_tls_context *context);

/* Fills *facts in any case; *out is NULL unless the handshake came to its end.
 * The descriptor stays the caller's. */
enum ms_wire_status wire_tls_start(struct wire_tls_context *context, int fd,
    const struct ms_tls_request *request, double deadline,
    struct ms_arena *arena, struct ms_tls_facts *facts, struct wire_tls **out);
enum ms_wire_status wire_tls_read(struct wire_tls *tls, unsigned char *room,
    size_t size, double deadline, size_t *got, const char **why);
enum ms_wire_status wire_tls_write(struct wire_tls *tls, struct ms_slice bytes,
    double deadline, const char **why);
void wire_tls_close(struct wire_tls *tls);

/* ---- conversations of a record: event.c ---- */

struct wire_event {
	char who; /* 'S', 'C', 'T'; 'W': a word; '-': nothing was read */
	double at;
	enum ms_wire_status status;
	const char *why;
	struct ms_slice text; /* S: read; C: written, as shown; W: the word */
	struct ms_tls_facts *tls;
	struct wire_event *next;
};

struct wire_talk {
	const char *purpose;
	struct ms_ip ip;
	uint16_t port;
	unsigned nth;               /* of the same purpose, address and port */
	enum ms_wire_status status; /* of the opening */
	double at;
	const char *why;
	struct wire_event *first, *last;
};

struct ms_buf;
struct ms_json;

/* The members of its line, and back. False: that is none. */
void wire_talk_put(struct ms_buf *out, const struct wire_talk *talk);
bool wire_talk_get(
    struct ms_arena *arena, const struct ms_json *line, struct wire_talk *out);

/* What tells it from other conversations but its number. */
struct ms_slice wire_talk_key(struct ms_arena *arena, const char *purpose,
    const struct ms_ip *ip, uint16_t port);

#endif
