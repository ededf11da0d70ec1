/* SPDX-License-Identifier: ISC
 * test_cert.c - certificates made when a test runs
 */
#include "test_cert.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "test.h"

struct test_cert {
	EVP_PKEY *key;
	X509 *x;
	unsigned char *der, *spki;
	int der_n, spki_n;
};

/* OpenSSL's, or the test ends. */
#define MUST(what) assert_true((what) > 0)

static void
add(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	if (!value)
		return;
	X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	MUST(X509_add_ext(x, extension, -1));
	X509_EXTENSION_free(extension);
}

static void
set_subject(X509 *x, const char *cn)
{
	X509_NAME *name = X509_get_subject_name(x);

	MUST(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
	    (const unsigned char *)"Example", -1, -1, 0));
	if (cn)
		MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		    (const unsigned char *)cn, -1, -1, 0));
}

static void
set_dates(X509 *x, const struct test_cert_spec *spec)
{
	int from = spec->from_day || spec->to_day ? spec->from_day : -30;
	int to = spec->from_day || spec->to_day ? spec->to_day : 60;

	assert_non_null(ASN1_TIME_adj(
	    X509_getm_notBefore(x), (time_t)TEST_CERT_NOW, from, 0));
	assert_non_null(
	    ASN1_TIME_adj(X509_getm_notAfter(x), (time_t)TEST_CERT_NOW, to, 0));
}

static EVP_PKEY *
key_of(const struct test_cert_spec *spec)
{
	EVP_PKEY *key = NULL;

	if (spec->key_of) {
		key = spec->key_of->key;
		EVP_PKEY_up_ref(key);
	} else {
		key = spec->rsa ? EVP_RSA_gen(spec->rsa) : EVP_EC_gen("P-256");
	}
	assert_non_null(key);
	return key;
}

struct test_cert *
test_cert_new(const struct test_cert_spec *spec, const struct test_cert *issuer)
{
	struct test_cert *out = calloc(1, sizeof(*out));
	static long serial = 4096;
	X509 *by;

	assert_non_null(out);
	out->key = key_of(spec);
	out->x = X509_new();
	by = issuer ? issuer->x : out->x;
	MUST(X509_set_version(out->x, 2));
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(out->x), serial++));
	set_subject(out->x, spec->cn);
	MUST(X509_set_issuer_name(out->x, X509_get_subject_name(by)));
	set_dates(out->x, spec);
	MUST(X509_set_pubkey(out->x, out->key));
	add(out->x, by, NID_basic_constraints,
	    spec->ca ? "critical,CA:TRUE" : "CA:FALSE");
	add(out->x, by, NID_subject_key_identifier, "hash");
	if (issuer)
		add(out->x, by, NID_authority_key_identifier, "keyid");
	add(out->x, by, NID_subject_alt_name, spec->san);
	add(out->x, by, NID_ext_key_usage, spec->eku);
	add(out->x, by, NID_info_access, spec->aia);
	add(out->x, by, NID_ct_precert_scts, spec->scts);
	add(out->x, by, NID_tlsfeature,
	    spec->must_staple ? "status_request" : NULL);
	MUST(X509_sign(out->x, issuer ? issuer->key : out->key,
	    EVP_get_digestbyname(spec->hash ? spec->hash : "SHA256")));
	out->der_n = i2d_X509(out->x, &out->der);
	out->spki_n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(out->x), &out->spki);
	MUST(out->der_n);
	MUST(out->spki_n);
	return out;
}

void
test_cert_free(struct test_cert *cert)
{
	if (!cert)
		return;
	OPENSSL_free(cert->der);
	OPENSSL_free(cert->spki);
	X509_free(cert->x);
	EVP_PKEY_free(cert->key);
	free(cert);
}

struct ms_slice
test_cert_der(const struct test_cert *cert)
{
	return ms_slice_make(cert->der, (size_t)cert->der_n);
}

struct ms_slice
test_cert_spki(const struct test_cert *cert)
{
	return ms_slice_make(cert->spki, (size_t)cert->spki_n);
}

void
test_cert_write(const struct test_cert *cert, const char *path)
{
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	MUST(PEM_write_X509(file, cert->x));
	MUST(PEM_write_PrivateKey(file, cert->key, NULL, NULL, 0, NULL, NULL));
	assert_int_equal(fclose(file), 0);
}

struct ms_slice
test_cert_staple(struct ms_arena *arena, const struct test_cert *cert,
    const struct test_cert *issuer, const struct test_cert *signer, int status,
    int from_day, int to_day)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert->x, issuer->x);
	ASN1_TIME *from =
	    ASN1_TIME_adj(NULL, (time_t)TEST_CERT_NOW, from_day, 0);
	ASN1_TIME *to = ASN1_TIME_adj(NULL, (time_t)TEST_CERT_NOW, to_day, 0);
	OCSP_RESPONSE *response;
	unsigned char *der = NULL;
	struct ms_slice out;
	int n;

	ASN1_TIME_to_generalizedtime(from, &from);
	ASN1_TIME_to_generalizedtime(to, &to);
	assert_non_null(OCSP_basic_add1_status(basic, id, status,
	    OCSP_REVOKED_STATUS_KEYCOMPROMISE, from, from, to));
	MUST(OCSP_basic_sign(basic, signer->x, signer->key, EVP_sha256(), NULL,
	    signer == issuer ? OCSP_NOCERTS : 0));
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	n = i2d_OCSP_RESPONSE(response, &der);
	MUST(n);
	out = ms_arena_copy(arena, ms_slice_make(der, (size_t)n));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return out;
}

struct ms_dns_record
test_cert_tlsa(struct ms_arena *arena, const struct test_cert *cert,
    uint8_t usage, uint8_t selector, uint8_t matching)
{
	struct ms_slice data =
	    selector ? test_cert_spki(cert) : test_cert_der(cert);
	struct ms_dns_record out = { .type = MS_DNS_TLSA };
	unsigned char digest[64];

	if (matching == 1)
		data = ms_slice_make(SHA256(data.p, data.n, digest), 32);
	else if (matching == 2)
		data = ms_slice_make(SHA512(data.p, data.n, digest), 64);
	out.u.tlsa.usage = usage;
	out.u.tlsa.selector = selector;
	out.u.tlsa.matching = matching;
	out.u.tlsa.data = ms_arena_copy(arena, data);
	return out;
}
