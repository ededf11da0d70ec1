/* SPDX-License-Identifier: ISC
 * dkim_crypto.c - RSA and Ed25519 signatures; the door to OpenSSL for them
 *
 * RSA by the low-level functions, which need no provider and so no start-up;
 * the private parts of RSA are not used. Ed25519 has none that are public.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "dkim_priv.h"

#define KEY_BITS_MAX 16384 /* OpenSSL's own limit for verifying */
#define ED25519_SIZE 32

struct dkim_public {
	RSA *rsa;
	EVP_PKEY *ed25519;
};

static RSA *
load_rsa(struct ms_slice der, bool *pkcs1)
{
	const unsigned char *p = der.p;
	RSA *rsa = d2i_RSA_PUBKEY(NULL, &p, (long)der.n);

	*pkcs1 = false;
	if (rsa)
		return rsa;
	p = der.p;
	*pkcs1 = true;
	return d2i_RSAPublicKey(NULL, &p, (long)der.n);
}

struct dkim_public *
dkim_public_load(enum ms_dkim_key_type type, struct ms_slice der,
    unsigned *bits, bool *pkcs1)
{
	struct dkim_public key = { NULL, NULL }, *out = NULL;

	*bits = 0;
	*pkcs1 = false;
	if (type == MS_DKIM_KEY_RSA && der.n <= KEY_BITS_MAX) {
		key.rsa = load_rsa(der, pkcs1);
		if (key.rsa)
			*bits = (unsigned)RSA_bits(key.rsa);
	} else if (type == MS_DKIM_KEY_ED25519 && der.n == ED25519_SIZE) {
		key.ed25519 = EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_ED25519, NULL, der.p, der.n);
		*bits = 256;
	}
	if ((key.rsa || key.ed25519) && *bits <= KEY_BITS_MAX)
		out = OPENSSL_malloc(sizeof(*out));
	if (out) {
		*out = key;
	} else {
		*bits = 0;
		*pkcs1 = false;
		RSA_free(key.rsa);
		EVP_PKEY_free(key.ed25519);
	}
	ERR_clear_error();
	return out;
}

void
dkim_public_free(struct dkim_public *key)
{
	if (!key)
		return;
	RSA_free(key->rsa);
	EVP_PKEY_free(key->ed25519);
	OPENSSL_free(key);
}

static int
nid_of(enum ms_digest_kind kind)
{
	return kind == MS_DIGEST_SHA1 ? NID_sha1 : NID_sha256;
}

/* RFC 8463 3: Ed25519 over the digest as if it were the message. */
static bool
verify_ed25519(const struct dkim_public *key, const unsigned char *digest,
    struct ms_slice signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context &&
		    EVP_DigestVerifyInit(
			context, NULL, NULL, NULL, key->ed25519) == 1 &&
		    EVP_DigestVerify(
			context, signature.p, signature.n, digest, 32) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

bool
dkim_public_verify(const struct dkim_public *key, enum ms_digest_kind kind,
    const unsigned char *digest, struct ms_slice signature)
{
	bool good;

	if (signature.n == 0 || signature.n > KEY_BITS_MAX / 8)
		return false;
	if (key->rsa)
		good = RSA_verify(nid_of(kind), digest,
			   (unsigned)dkim_digest_size(kind), signature.p,
			   (unsigned)signature.n, key->rsa) == 1;
	else
		good = verify_ed25519(key, digest, signature);
	if (!good)
		ERR_clear_error();
	return good;
}

/* The end of the DigestInfo: the digest is its last octets (RFC 8017 9.2). */
bool
dkim_public_recover(const struct dkim_public *key, enum ms_digest_kind kind,
    struct ms_slice signature, unsigned char digest[32])
{
	unsigned char info[KEY_BITS_MAX / 8];
	size_t size = dkim_digest_size(kind);
	int n = -1;

	if (key->rsa && signature.n == (size_t)RSA_size(key->rsa))
		n = RSA_public_decrypt((int)signature.n, signature.p, info,
		    key->rsa, RSA_PKCS1_PADDING);
	ERR_clear_error();
	/* Behind it: two sequences, the OID, NULL and the octets' head. */
	if (n < (int)size + 15 || n > (int)size + 19)
		return false;
	memcpy(digest, info + (size_t)n - size, size);
	return true;
}
