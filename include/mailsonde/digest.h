/* SPDX-License-Identifier: ISC
 * digest.h - SHA-256, SHA-1 and MD5 over a stream of bytes
 */
#ifndef MAILSONDE_DIGEST_H
#define MAILSONDE_DIGEST_H

#include "mailsonde/arena.h"
#include "mailsonde/slice.h"

enum ms_digest_kind {
	MS_DIGEST_SHA256 = 1 << 0,
	MS_DIGEST_SHA1 = 1 << 1,
	MS_DIGEST_MD5 = 1 << 2,
};
#define MS_DIGEST_ALL (MS_DIGEST_SHA256 | MS_DIGEST_SHA1 | MS_DIGEST_MD5)

/* The digests asked for; those not asked for stay zero. */
struct ms_digests {
	unsigned kinds; /* enum ms_digest_kind, or-ed */
	unsigned char sha256[32];
	unsigned char sha1[20];
	unsigned char md5[16];
};

/* A computation under way; plain memory, nothing to free. */
struct ms_digest {
	unsigned kinds;
	union {
		unsigned long long align;
		unsigned char bytes[112];
	} sha256, sha1, md5;
};

void ms_digest_init(struct ms_digest *digest, unsigned kinds);
void ms_digest_update(struct ms_digest *digest, struct ms_slice bytes);
void ms_digest_final(struct ms_digest *digest, struct ms_digests *out);

/* All in one. */
void ms_digest_bytes(
    unsigned kinds, struct ms_slice bytes, struct ms_digests *out);

/* PBKDF2 with HMAC of SHA-1 or SHA-256, RFC 8018 5.2: `out_n` octets, as long
 * as that hash is. False: OpenSSL could not. */
bool ms_digest_stretch(enum ms_digest_kind kind, struct ms_slice password,
    struct ms_slice salt, unsigned rounds, unsigned char *out, size_t out_n);

/* Several at once, which may take half the time of one after another. The
 * order of the jobs changes: know them by where `sha256` points. */
struct ms_digest_job {
	struct ms_slice bytes;
	unsigned char *sha256; /* 32 bytes, written */
};
void ms_digest_many(struct ms_digest_job *jobs, size_t n);

/* Those that are put off until there are several. The bytes must last till
 * then. */
struct ms_digest_jobs {
	struct ms_arena *arena;
	struct ms_digest_job *list;
	size_t n, cap;
};
void ms_digest_later(
    struct ms_digest_jobs *jobs, struct ms_slice bytes, unsigned char *sha256);

/* Does them all, and forgets them. */
void ms_digest_now(struct ms_digest_jobs *jobs);

/* `n` bytes as 2n lower-case hexadecimal digits and a NUL. */
void ms_hex(const unsigned char *p, size_t n, char *out);

#endif
