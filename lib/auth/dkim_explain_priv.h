/* SPDX-License-Identifier: ISC
 * dkim_explain_priv.h - looking for the change in transit, in pieces
 */
#ifndef MAILSONDE_AUTH_DKIM_EXPLAIN_PRIV_H
#define MAILSONDE_AUTH_DKIM_EXPLAIN_PRIV_H

#include "dkim_priv.h"

/* One signature that does not hold, and what may still be spent on it. */
struct explain {
	const struct ms_message *message;
	const struct ms_part *root; /* of the MIME tree; NULL */
	struct ms_arena *arena;
	const struct ms_limits *limits;
	const struct ms_dkim_signature *signature;
	enum ms_digest_kind kind;
	size_t *left; /* bytes that may still be hashed for the message */
	struct ms_dkim_repair *out;
	struct ms_buf buf; /* the body as it may have been; in an arena of its
			      own, so that `arena` can be marked and reset */
};

/* Takes from what may be spent; false, and gave_up, when it is not left. */
bool explain_spend(struct explain *e, size_t n);

/* Whether this raw body has the hash that was signed. */
bool explain_try(struct explain *e, struct ms_slice raw);

/* Notes what explains it; `offset` is in the body. Returns true. */
bool explain_found(struct explain *e, enum ms_dkim_change change,
    const char *text, size_t offset, size_t length);

/* dkim_explain_part.c: changes within the MIME tree. True when found. */
bool explain_parts(struct explain *e);

/* dkim_explain_header.c: changes to the signed fields. */
void explain_header(struct explain *e, const struct dkim_public *key);

#endif
