/* SPDX-License-Identifier: ISC
 * dkim_priv.h - the pieces that dkim.c and arc.c put together
 */
#ifndef MAILSONDE_AUTH_DKIM_PRIV_H
#define MAILSONDE_AUTH_DKIM_PRIV_H

#include "mailsonde/dkim.h"
#include "mailsonde/taglist.h"

/* ---- dkim_crypto.c: the door to OpenSSL for signatures ---- */

/* A public key ready for use; threads may share it. */
struct dkim_public;

/* `der`: SubjectPublicKeyInfo or RSAPublicKey; of Ed25519 the 32 octets. NULL
 * when it is no key of that type. */
struct dkim_public *dkim_public_load(enum ms_dkim_key_type type,
    struct ms_slice der, unsigned *bits, bool *pkcs1);
void dkim_public_free(struct dkim_public *key);

/* Whether the signature over that digest holds. `kind` is that of the
 * digest. */
bool dkim_public_verify(const struct dkim_public *key, enum ms_digest_kind kind,
    const unsigned char *digest, struct ms_slice signature);

/* The digest that an RSA signature was made for; false when it cannot be had
 * (Ed25519), or the signature was not made by this key. */
bool dkim_public_recover(const struct dkim_public *key,
    enum ms_digest_kind kind, struct ms_slice signature,
    unsigned char digest[32]);

/* ---- dkim_canon.c ---- */

/* Passes over `n` canonical octets, and stands behind the raw ones that they
 * stand for; returns how many were missing. */
uint64_t dkim_body_skip(struct ms_dkim_body *body, uint64_t n);

/* ---- dkim_key.c ---- */

/* A record that was read, and its key. Lives as long as its table. */
struct dkim_entry {
	struct ms_dkim_key key;
	struct dkim_public *public; /* NULL with a fault */
};

/* A table of at most `max` records. */
struct ms_dkim_keys *dkim_keys_make(size_t max);

/* The record of that text, read if need be; NULL when the table is full. */
const struct dkim_entry *dkim_keys_get(struct ms_dkim_keys *keys,
    struct ms_slice text, const struct ms_limits *limits);

/* The same key over an equal text. */
struct ms_dkim_key dkim_key_rebase(
    const struct ms_dkim_key *key, struct ms_slice text);

/* Whether a list with colons (h=, s=, t=, q=) holds the word. */
bool dkim_list_has(struct ms_slice list, const char *word);

/* base64 with white space in it (RFC 6376 2.10); p == NULL when it is not. */
struct ms_slice dkim_base64(struct ms_arena *arena, struct ms_slice text);

/* The end of an octet that may stand in no value: none is left when only UTF-8
 * (RFC 8616) was complained about. */
bool dkim_taglist_good(const struct ms_taglist *list);

/* ---- dkim_signature.c ---- */

enum dkim_kind {
	DKIM_SIGNATURE = 1 << 0,
	DKIM_AMS = 1 << 1,  /* ARC-Message-Signature */
	DKIM_SEAL = 1 << 2, /* ARC-Seal */
};

/* Reads the tags and judges what can be judged by them alone. */
void dkim_signature_read(enum dkim_kind kind, const struct ms_field *field,
    const struct ms_limits *limits, struct ms_arena *arena, int64_t at,
    struct ms_dkim_signature *out);

/* The first thing that is wrong stays. `reason` is in the arena or literal. */
void dkim_fail(struct ms_dkim_signature *signature, enum ms_auth_result result,
    enum ms_dkim_reason code, const char *reason);

enum ms_digest_kind dkim_digest_of(enum ms_dkim_algorithm algorithm);
size_t dkim_digest_size(enum ms_digest_kind kind);

/* ---- dkim_hash.c ---- */

/* The fields of a message by name, for taking them from the bottom up. */
struct dkim_index {
	const struct ms_header *header;
	uint32_t *above; /* of each field: index + 1 of the next one up with
			    the same name; 0 none */
	struct dkim_name {
		uint32_t bottom, cursor; /* index + 1 */
		unsigned round;          /* that `cursor` belongs to */
	} * names;
	size_t mask;
	unsigned round;
};
void dkim_index_build(struct dkim_index *index, struct ms_arena *arena,
    const struct ms_header *header);
/* A new signature: begin at the bottom again. */
void dkim_index_restart(struct dkim_index *index);
/* The next field of that name, upwards; NULL. */
const struct ms_field *dkim_index_take(
    struct dkim_index *index, struct ms_slice name);

/* The fields of h= (RFC 6376 5.4.2), into signature->covered. */
void dkim_cover(struct dkim_index *index, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_dkim_signature *signature);

/* The signature's own field with an empty b=, without its line end. */
void dkim_own_field(enum ms_dkim_canon canon, bool bare_cr,
    const struct ms_dkim_signature *signature, struct ms_buf *out);

/* What was hashed: the covered fields, then its own. */
void dkim_header_bytes(const struct ms_message *message,
    const struct ms_dkim_signature *signature, struct ms_buf *out);

/* Body hashes for all of these, those that are not known yet; each body is
 * gone through once for each canonical form. */
void dkim_hash_bodies(const struct ms_message *message,
    struct ms_dkim_hashes *hashes, const struct ms_dkim_signature *const *list,
    size_t n);

/* The one for this signature; NULL when there were too many. */
const struct ms_dkim_hash *dkim_hash_find(const struct ms_dkim_hashes *hashes,
    const struct ms_dkim_signature *signature);

/* ---- dkim.c ---- */

/* What judging one message needs. */
struct dkim_judge {
	const struct ms_env *env;
	struct ms_arena *arena;
	const struct ms_message *message;
	const struct ms_dkim_request *request;
	struct ms_dkim_keys *keys;
	struct dkim_index index;
	const struct ms_part *tree; /* made here; NULL: not yet */
};
void dkim_judge_start(struct dkim_judge *judge, const struct ms_env *env,
    struct ms_arena *arena, const struct ms_message *message,
    const struct ms_dkim_request *request);
void dkim_judge_end(struct dkim_judge *judge);

/* The MIME tree, read now where the message was parsed without it; NULL. */
const struct ms_part *dkim_judge_tree(struct dkim_judge *judge);

/* Its questions are on their way while the rest is read. */
void dkim_judge_hint(
    struct dkim_judge *judge, struct ms_dkim_signature *signature);

/* All of it: body, header, key, result; nothing where it is not readable.
 * `hashes` holds that of its body. */
void dkim_judge_signature(struct dkim_judge *judge,
    const struct ms_dkim_hashes *hashes, struct ms_dkim_signature *signature);

/* By the key over that digest, and without a body: for a seal. */
void dkim_judge_digest(struct dkim_judge *judge, const unsigned char *digest,
    struct ms_dkim_signature *signature);

/* ---- dkim_explain.c ---- */

/* What changed the body or the header of those that do not hold. */
void dkim_explain(
    struct dkim_judge *judge, struct ms_dkim_signature *list, size_t n);

#endif
