/* SPDX-License-Identifier: ISC
 * dkim_sign.c - signatures made for tests and for the bench
 *
 * What is signed is what the library says is hashed; that it says the right
 * thing is shown by the vectors of the RFCs, not by what is made here.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "dkim_sign.h"

#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "mailsonde/codec.h"

struct dkim_signer {
	EVP_PKEY *key;
	bool rsa;
};

/* Worth nothing: RSAPrivateKey. */
static const char rsa_1024[] =
    "MIICXQIBAAKBgQC6tQyUIN8BwwTdZADiEoLCJGAYeyVN4xznW4Fk0o2Cf16/ec2e"
    "xkWKjQgRIxLiitrU1k81snmzepx6LGukv8LfmP984+7pvKlPD352hIFIor8fSSzk"
    "fJWMM5u8W/rgyxmynJh7LTL2oahr0nCCeZrtfW7GGbzte+9OBHA1cF22xwIDAQAB"
    "AoGBAIazbDnKZVnuCyp2pbR0ymWqvLGs1sMUoZvBBt9okLOflQnrpI9yWGWXTkSe"
    "21cZ+rsnSspg0zDLuuzh819PAhX34TJ1/KxH82o5qg/9TLSnE44Ts/9kQAcggP5u"
    "DRxALXiyu9QcGCurMP9Xemm6f5EHSIjQ/eFAkYhDyRLYolKhAkEA3Gqn6Uhrl+Jv"
    "nVx3g9k6z7dKMyOfMMHvkLvVyp3aONnCXVLiisevMnRSjxAMdBJprYqp0EZkqCcJ"
    "5NiQF73TmQJBANjZQZ3SMhn+P+QG5NVLeCbofO8g5JLKNIQTyVXtbIxqJM7r/BBA"
    "oxox7hj+q/yU8BrRGw4YvEWQwQOMvO68WV8CQEEGXf7eVI98R70+uCt3fHgm9Ibd"
    "rWru68PhBhM+OlCnPUXW2+phOnhCBNEbxPDBNdfynmJJQgyxZ6PRl8DJSZECQHJf"
    "NFKPOMmo5f3Y/Pzaz0aGPM7LJIOfjs9SuFBP536vxTY2FT5lOSFp0FDykbeovnMG"
    "cySeOz7duE+s/UFVqjUCQQCet24031AY3Ye9Tc4DtOgMZp04aV4hlncgK9wqks+0"
    "SC3S6h1RGx0vAQSy3DGd2dDbCx2GJEPXmKqFQf8lbpIa";

static EVP_PKEY *
read_fixed(void)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice der = ms_codec_decode(
	    arena, MS_ENCODING_BASE64, ms_slice_from(rsa_1024), NULL);
	const unsigned char *p = der.p;
	EVP_PKEY *key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, (long)der.n);

	ms_arena_free(arena);
	return key;
}

struct dkim_signer *
dkim_signer_new(enum dkim_signer_kind kind, unsigned bits)
{
	struct dkim_signer *signer = malloc(sizeof(*signer));
	unsigned char seed[32];

	if (!signer)
		abort();
	memset(seed, 7, sizeof(seed));
	signer->rsa = kind != DKIM_SIGNER_ED25519;
	if (kind == DKIM_SIGNER_RSA)
		signer->key = read_fixed();
	else if (kind == DKIM_SIGNER_NEW)
		signer->key = EVP_RSA_gen(bits);
	else
		signer->key = EVP_PKEY_new_raw_private_key(
		    EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	if (!signer->key)
		abort();
	return signer;
}

void
dkim_signer_free(struct dkim_signer *signer)
{
	EVP_PKEY_free(signer->key);
	free(signer);
}

static char *
base64(struct ms_arena *arena, const unsigned char *p, size_t n)
{
	unsigned char *out = ms_arena_bytes(arena, 4 * ((n + 2) / 3) + 1);

	out[ms_base64_encode(ms_slice_make(p, n), out)] = '\0';
	return (char *)out;
}

char *
dkim_signer_record(struct ms_arena *arena, const struct dkim_signer *signer)
{
	unsigned char *der = NULL, raw[32];
	size_t n = sizeof(raw);
	char *out;
	int size;

	if (!signer->rsa) {
		if (EVP_PKEY_get_raw_public_key(signer->key, raw, &n) != 1)
			abort();
		return ms_arena_printf(
		    arena, "v=DKIM1; k=ed25519; p=%s", base64(arena, raw, n));
	}
	size = i2d_PUBKEY(signer->key, &der);
	if (size < 0)
		abort();
	out = ms_arena_printf(
	    arena, "v=DKIM1; k=rsa; p=%s", base64(arena, der, (size_t)size));
	OPENSSL_free(der);
	return out;
}

/* Over a digest; RSA by the low-level function, which takes short keys too. */
static char *
sign_digest(struct ms_arena *arena, const struct dkim_signer *signer, bool sha1,
    const unsigned char *digest)
{
	unsigned char out[2048];
	EVP_MD_CTX *context;
	size_t n = sizeof(out);
	unsigned size = 0;

	if (signer->rsa) {
		if (RSA_sign(sha1 ? NID_sha1 : NID_sha256, digest,
			sha1 ? 20 : 32, out, &size,
			(RSA *)(uintptr_t)EVP_PKEY_get0_RSA(signer->key)) != 1)
			abort();
		return base64(arena, out, size);
	}
	context = EVP_MD_CTX_new();
	if (EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) != 1 ||
	    EVP_DigestSign(context, out, &n, digest, 32) != 1)
		abort();
	EVP_MD_CTX_free(context);
	return base64(arena, out, n);
}

/* The canonical bytes of the message under that signature. */
static void
canonical(struct ms_arena *arena, struct ms_slice raw, struct ms_slice *header,
    struct ms_slice *body)
{
	struct ms_message_options options = { .mime = false };
	struct ms_charsets *charsets = ms_charsets_new(arena);
	struct ms_env env = { .dns = ms_dns_none() };
	struct ms_dkim_request request = { .at = 0 };
	struct ms_dkim_result result;
	struct ms_message message;

	env.limits = ms_limits_fill(NULL);
	ms_message_parse(arena, charsets, &env.limits, raw, &options, &message);
	ms_dkim_verify(&env, arena, &message, &request, &result);
	if (result.n == 0 || !ms_dkim_canonical(&message, result.signatures,
				 arena, header, body))
		abort();
	ms_charsets_close(charsets);
}

static struct ms_slice
put_on_top(struct ms_arena *arena, const char *tags, const char *bh,
    const char *b, const char *eol, struct ms_slice message)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_buf_printf(&buf, "DKIM-Signature: %s;%s\tbh=%s;%s\tb=%s%s", tags,
	    eol, bh, eol, b, eol);
	ms_buf_slice(&buf, message);
	return ms_buf_get(&buf);
}

struct ms_slice
dkim_sign(struct ms_arena *arena, const struct dkim_signer *signer,
    const char *tags, const char *eol, struct ms_slice message)
{
	bool sha1 = strstr(tags, "-sha1") != NULL;
	unsigned kind = sha1 ? MS_DIGEST_SHA1 : MS_DIGEST_SHA256;
	struct ms_slice header, body;
	struct ms_digests digests;
	const char *bh;

	canonical(arena, put_on_top(arena, tags, "", "", eol, message), &header,
	    &body);
	ms_digest_bytes(kind, body, &digests);
	bh =
	    base64(arena, sha1 ? digests.sha1 : digests.sha256, sha1 ? 20 : 32);
	canonical(arena, put_on_top(arena, tags, bh, "", eol, message), &header,
	    &body);
	ms_digest_bytes(kind, header, &digests);
	return put_on_top(arena, tags, bh,
	    sign_digest(
		arena, signer, sha1, sha1 ? digests.sha1 : digests.sha256),
	    eol, message);
}
