/* SPDX-License-Identifier: ISC
 * dkim_sign.h - signatures made for tests and for the bench
 */
#ifndef MAILSONDE_DKIM_SIGN_H
#define MAILSONDE_DKIM_SIGN_H

#include "mailsonde/dkim.h"

struct dkim_signer;

/* Keys that are worth nothing: a fixed RSA key of 1,024 bits, a fixed Ed25519
 * key, or a new RSA key of `bits` (another one each time). */
enum dkim_signer_kind {
	DKIM_SIGNER_RSA,
	DKIM_SIGNER_ED25519,
	DKIM_SIGNER_NEW,
};
struct dkim_signer *dkim_signer_new(enum dkim_signer_kind kind, unsigned bits);
void dkim_signer_free(struct dkim_signer *signer);

/* The text of its key record. */
char *dkim_signer_record(
    struct ms_arena *arena, const struct dkim_signer *signer);

/* `message` with a signature field on top: `tags` are all of them but bh= and
 * b=, as "v=1; a=rsa-sha256; d=…; h=…"; a= must fit the key. `eol` ends its
 * lines. */
struct ms_slice dkim_sign(struct ms_arena *arena,
    const struct dkim_signer *signer, const char *tags, const char *eol,
    struct ms_slice message);

#endif
