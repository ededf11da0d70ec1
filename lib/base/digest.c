/* SPDX-License-Identifier: ISC
 * digest.c - SHA-256, SHA-1, MD5; the door to OpenSSL for hashing
 *
 * The low-level functions on purpose: EVP loads providers and algorithm
 * tables at its first use, which takes longer than most messages.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest_priv.h"

#include <assert.h>
#include <limits.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

static_assert(sizeof(SHA256_CTX) <= sizeof(((struct ms_digest *)0)->sha256),
    "struct ms_digest has room for SHA-256");
static_assert(sizeof(SHA_CTX) <= sizeof(((struct ms_digest *)0)->sha1),
    "struct ms_digest has room for SHA-1");
static_assert(sizeof(MD5_CTX) <= sizeof(((struct ms_digest *)0)->md5),
    "struct ms_digest has room for MD5");

static SHA256_CTX *
sha256_of(struct ms_digest *digest)
{
	return (void *)&digest->sha256;
}

static SHA_CTX *
sha1_of(struct ms_digest *digest)
{
	return (void *)&digest->sha1;
}

static MD5_CTX *
md5_of(struct ms_digest *digest)
{
	return (void *)&digest->md5;
}

void
ms_digest_init(struct ms_digest *digest, unsigned kinds)
{
	digest->kinds = kinds;
	if (kinds & MS_DIGEST_SHA256)
		SHA256_Init(sha256_of(digest));
	if (kinds & MS_DIGEST_SHA1)
		SHA1_Init(sha1_of(digest));
	if (kinds & MS_DIGEST_MD5)
		MD5_Init(md5_of(digest));
}

void
ms_digest_update(struct ms_digest *digest, struct ms_slice bytes)
{
	if (bytes.n == 0)
		return;
	if (digest->kinds & MS_DIGEST_SHA256)
		SHA256_Update(sha256_of(digest), bytes.p, bytes.n);
	if (digest->kinds & MS_DIGEST_SHA1)
		SHA1_Update(sha1_of(digest), bytes.p, bytes.n);
	if (digest->kinds & MS_DIGEST_MD5)
		MD5_Update(md5_of(digest), bytes.p, bytes.n);
}

void
ms_digest_final(struct ms_digest *digest, struct ms_digests *out)
{
	memset(out, 0, sizeof(*out));
	out->kinds = digest->kinds;
	if (digest->kinds & MS_DIGEST_SHA256)
		SHA256_Final(out->sha256, sha256_of(digest));
	if (digest->kinds & MS_DIGEST_SHA1)
		SHA1_Final(out->sha1, sha1_of(digest));
	if (digest->kinds & MS_DIGEST_MD5)
		MD5_Final(out->md5, md5_of(digest));
}

void
ms_digest_bytes(unsigned kinds, struct ms_slice bytes, struct ms_digests *out)
{
	struct ms_digest digest;

	ms_digest_init(&digest, kinds);
	ms_digest_update(&digest, bytes);
	ms_digest_final(&digest, out);
}

void
digest_resume(const uint32_t state[8], uint64_t done, struct ms_slice rest,
    unsigned char sha256[32])
{
	SHA256_CTX context;

	SHA256_Init(&context);
	memcpy(context.h, state, sizeof(context.h));
	context.Nl = (SHA_LONG)(done << 3);
	context.Nh = (SHA_LONG)(done >> 29);
	SHA256_Update(&context, rest.p, rest.n);
	SHA256_Final(sha256, &context);
}

void
ms_hex(const unsigned char *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

bool
ms_digest_stretch(enum ms_digest_kind kind, struct ms_slice password,
    struct ms_slice salt, unsigned rounds, unsigned char *out, size_t out_n)
{
	const EVP_MD *md = kind == MS_DIGEST_SHA1 ? EVP_sha1() : EVP_sha256();
	bool done =
	    rounds > 0 && rounds <= INT_MAX &&
	    PKCS5_PBKDF2_HMAC((const char *)password.p, (int)password.n, salt.p,
		(int)salt.n, (int)rounds, md, (int)out_n, out) == 1;

	ERR_clear_error();
	return done;
}
