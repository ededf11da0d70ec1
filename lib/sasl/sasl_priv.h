/* SPDX-License-Identifier: ISC
 * sasl_priv.h - what the files of lib/sasl share
 */
#ifndef MAILSONDE_SASL_PRIV_H
#define MAILSONDE_SASL_PRIV_H

#include "mailsonde/sasl.h"

struct sasl_gsasl;

struct ms_sasl {
	struct ms_arena *arena;
	const struct ms_sasl_request *request;
	struct sasl_gsasl *gsasl; /* NULL: not by the library */
	unsigned step;
	unsigned rounds;
	bool done; /* the mechanism has no more to say */
	const char *why;
	unsigned char *out; /* of the last step, from malloc; NULL */
	size_t out_n;
};

/* ---- gsasl.c ---- */

enum ms_sasl_status sasl_gsasl_start(struct ms_sasl *sasl);
enum ms_sasl_status sasl_gsasl_step(struct ms_sasl *sasl, struct ms_slice said);
void sasl_gsasl_free(struct ms_sasl *sasl);

/* ---- scram.c ---- */

/* What the server says first, RFC 5802 7. */
struct sasl_scram {
	struct ms_slice salt; /* base64 */
	unsigned rounds;
};
/* Looks at what the server says before the library does. */
enum ms_sasl_status sasl_scram_first(
    struct ms_sasl *sasl, struct ms_slice said, struct sasl_scram *out);
enum ms_sasl_status sasl_scram_final(
    struct ms_sasl *sasl, struct ms_slice said);

/* ---- oauth.c ---- */

enum ms_sasl_status sasl_oauth_step(struct ms_sasl *sasl, struct ms_slice said);

/* Makes room for `n` octets of what is to be said. */
unsigned char *sasl_room(struct ms_sasl *sasl, size_t n);

#endif
