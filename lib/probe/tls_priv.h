/* SPDX-License-Identifier: ISC
 * tls_priv.h - ClientHellos made by hand, and what comes back
 */
#ifndef MAILSONDE_PROBE_TLS_PRIV_H
#define MAILSONDE_PROBE_TLS_PRIV_H

#include "mailsonde/buf.h"
#include "mailsonde/tls_scan.h"

/* The flags of a suite without its names; 0: it is not in the registry. */
unsigned tls_suite_flags(uint32_t code);

/* What is offered. */
struct tls_hello {
	uint16_t version; /* the only one */
	const uint32_t *suites;
	size_t suites_n;
	const uint16_t *groups;
	size_t groups_n;
	const char *name; /* NULL: no SNI */
	bool plain;       /* nothing but what must be there */
	bool grease;      /* values that nobody knows among all that is known */
	bool fallback;    /* as if a newer version had failed */
};

/* Appends the record that holds it. The same hello gives the same octets. */
void tls_hello_write(const struct tls_hello *hello, struct ms_buf *out);

enum tls_answer_kind {
	TLS_ANSWER_NONE,
	TLS_ANSWER_HELLO, /* something was picked */
	TLS_ANSWER_ALERT,
	TLS_ANSWER_FOREIGN, /* it is not TLS, or not by its rules */
};

#define TLS_SSL2_SUITES 32

struct tls_answer {
	enum tls_answer_kind kind;
	int alert;
	uint16_t version;
	bool retry; /* HelloRetryRequest */
	uint32_t suite;
	unsigned char compression;
	bool renegotiation, tickets, extended_secret; /* extensions */
	uint16_t group;      /* 0: none named, or parameters of its own */
	unsigned prime_bits; /* of the prime in its place; 0 */
	uint32_t ssl2_suites[TLS_SSL2_SUITES];
	size_t ssl2_suites_n;
	size_t need; /* octets in all before there is more to see */
};

/* Reads all that came since the ClientHello, up to what was picked, and where
 * `exchange` and there is one, the group of its exchange of keys. False: more
 * has to come, out->need octets at the least; what is known stands in *out.
 * `ssl2`: the answer may be one of SSLv2. */
bool tls_answer_read(struct ms_arena *arena, struct ms_slice bytes, bool ssl2,
    bool exchange, struct tls_answer *out);

#endif
