/* SPDX-License-Identifier: ISC
 * test_cert.h - certificates made when a test runs
 */
#ifndef MAILSONDE_TEST_CERT_H
#define MAILSONDE_TEST_CERT_H

#include "mailsonde/certificate.h"

#define TEST_CERT_NOW INT64_C(1767225600) /* 2026-01-01T00:00:00Z */
#define TEST_CERT_DAY 86400

struct test_cert; /* with its key */

/* Zero is the usual thing: an EC key, SHA-256, good from 30 days before
 * TEST_CERT_NOW to 60 after it. */
struct test_cert_spec {
	const char *cn;
	const char *san;      /* "DNS:mx.example.org,IP:192.0.2.1" */
	int from_day, to_day; /* of TEST_CERT_NOW */
	unsigned rsa;         /* bits; 0: EC */
	const char *hash;     /* "SHA1" */
	const char *aia;      /* "caIssuers;URI:http://example.org/ca.der" */
	const char *eku;      /* "serverAuth" */
	const char *scts;     /* "DER:" and hexadecimal digits */
	bool ca, must_staple;
	const struct test_cert *key_of; /* its key, again */
};

/* Signed by `issuer`, or by itself where that is NULL. Fails the test when
 * OpenSSL will not. */
struct test_cert *test_cert_new(
    const struct test_cert_spec *spec, const struct test_cert *issuer);
void test_cert_free(struct test_cert *cert);

/* Lives as long as the certificate. */
struct ms_slice test_cert_der(const struct test_cert *cert);
struct ms_slice test_cert_spki(const struct test_cert *cert);

/* Certificate and key in PEM, appended to a file. */
void test_cert_write(const struct test_cert *cert, const char *path);

/* An OCSP response about `cert` of `issuer`, signed by `signer` (which goes
 * along where it is not the issuer). status: 0 good, 1 revoked, 2 unknown. */
struct ms_slice test_cert_staple(struct ms_arena *arena,
    const struct test_cert *cert, const struct test_cert *issuer,
    const struct test_cert *signer, int status, int from_day, int to_day);

/* A TLSA record, RFC 6698, of what selector and matching ask for. */
struct ms_dns_record test_cert_tlsa(struct ms_arena *arena,
    const struct test_cert *cert, uint8_t usage, uint8_t selector,
    uint8_t matching);

#endif
