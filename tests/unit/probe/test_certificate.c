/* SPDX-License-Identifier: ISC
 * test_certificate.c - certificates, chains and staples, read
 */
#include <stdlib.h>

#include "test.h"
#include "test_cert.h"

struct set {
	struct ms_arena *arena;
	struct ms_limits limits;
	struct test_cert *root, *middle, *leaf;
};

static int
set_up(void **state)
{
	struct set *set = calloc(1, sizeof(*set));
	struct test_cert_spec root = { .cn = "Root", .ca = true };
	struct test_cert_spec middle = { .cn = "Middle", .ca = true };
	struct test_cert_spec leaf = { .cn = "mx.example.org",
		.san = "DNS:mx.example.org,DNS:*.example.net,"
		       "DNS:xn--bcher-kva.example,IP:192.0.2.1,IP:2001:db8::1",
		.eku = "serverAuth",
		.aia = "caIssuers;URI:http://ca.example/middle.der,"
		       "OCSP;URI:http://ocsp.example/",
		.must_staple = true };

	assert_non_null(set);
	set->arena = ms_arena_new(NULL);
	set->limits = ms_limits_fill(NULL);
	set->root = test_cert_new(&root, NULL);
	set->middle = test_cert_new(&middle, set->root);
	set->leaf = test_cert_new(&leaf, set->middle);
	*state = set;
	return 0;
}

static int
tear_down(void **state)
{
	struct set *set = *state;

	test_cert_free(set->leaf);
	test_cert_free(set->middle);
	test_cert_free(set->root);
	ms_arena_free(set->arena);
	free(set);
	return 0;
}

static void
read_der(struct set *set, struct ms_slice der, struct ms_certificate *out)
{
	ms_certificate_read(der, &set->limits, set->arena, out);
}

static void
test_what_it_says(void **state)
{
	struct set *set = *state;
	struct ms_certificate c;
	char ip[MS_IP_TEXT];

	read_der(set, test_cert_der(set->leaf), &c);
	assert_null(c.fault);
	assert_slice(c.subject, "CN=mx.example.org,O=Example");
	assert_slice(c.issuer, "CN=Middle,O=Example");
	assert_slice(c.common_name, "mx.example.org");
	assert_int_equal(c.serial.n, 4);
	assert_int_equal(c.names_n, 3);
	assert_slice(c.names[0], "mx.example.org");
	assert_slice(c.names[1], "*.example.net");
	assert_slice(c.names[2], "xn--bcher-kva.example");
	assert_int_equal(c.ips_n, 2);
	ms_ip_format(&c.ips[0], ip);
	assert_string_equal(ip, "192.0.2.1");
	ms_ip_format(&c.ips[1], ip);
	assert_string_equal(ip, "2001:db8::1");
	assert_true(c.dated);
	assert_int_equal(c.not_before, TEST_CERT_NOW - 30 * TEST_CERT_DAY);
	assert_int_equal(c.not_after, TEST_CERT_NOW + 60 * TEST_CERT_DAY);
	assert_string_equal(c.key_type, "ECDSA");
	assert_int_equal(c.key_bits, 256);
	assert_string_equal(c.curve, "P-256");
	assert_string_equal(c.signature, "ecdsa-with-SHA256");
	assert_string_equal(c.hash, "SHA256");
	assert_false(c.weak_hash);
	assert_false(c.self_issued);
	assert_false(c.ca);
	assert_true(c.has_usage);
	assert_true(c.for_servers);
	assert_true(c.must_staple);
	assert_int_equal(c.issuer_urls_n, 1);
	assert_slice(c.issuer_urls[0], "http://ca.example/middle.der");
	assert_int_equal(c.ocsp_urls_n, 1);
	assert_slice(c.ocsp_urls[0], "http://ocsp.example/");
}

static void
test_root(void **state)
{
	struct set *set = *state;
	struct ms_certificate c;

	read_der(set, test_cert_der(set->root), &c);
	assert_true(c.ca);
	assert_true(c.self_issued);
	assert_true(c.self_signed);
	assert_false(c.has_usage);
	assert_true(c.for_servers);
	assert_false(c.must_staple);
	assert_int_equal(c.names_n, 0);
}

static void
test_weak(void **state)
{
	struct set *set = *state;
	struct test_cert_spec spec = {
		.cn = "old", .rsa = 1024, .hash = "SHA1", .eku = "clientAuth"
	};
	struct test_cert *old = test_cert_new(&spec, NULL);
	struct ms_certificate c;

	read_der(set, test_cert_der(old), &c);
	assert_string_equal(c.key_type, "RSA");
	assert_int_equal(c.key_bits, 1024);
	assert_null(c.curve);
	assert_string_equal(c.signature, "sha1WithRSAEncryption");
	assert_true(c.weak_hash);
	assert_true(c.has_usage);
	assert_false(c.for_servers);
	test_cert_free(old);
}

/* RFC 6962 3.3, within the octet string of the extension. */
static void
test_scts(void **state)
{
	static const struct {
		const char *value;
		size_t n;
	} table[] = {
		{ "DER:0409000700020101000102", 2 },
		{ "DER:04020000", 0 },
		{ "DER:040400020009", 0 },
		{ "DER:04060004000101FF", 1 },
		{ "DER:0500", 0 },
	};
	struct set *set = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct test_cert_spec spec = { .scts = table[i].value };
		struct test_cert *cert = test_cert_new(&spec, NULL);
		struct ms_certificate c;

		read_der(set, test_cert_der(cert), &c);
		if (c.scts != table[i].n)
			fail_msg("%s: %zu", table[i].value, c.scts);
		test_cert_free(cert);
	}
}

static void
test_days(void **state)
{
	static const struct {
		int64_t left, days;
	} table[] = {
		{ 0, 0 },
		{ 86399, 0 },
		{ 86400, 1 },
		{ -1, -1 },
		{ -86400, -1 },
		{ -86401, -2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ms_certificate c = { .not_after =
						TEST_CERT_NOW + table[i].left };

		assert_int_equal(
		    ms_certificate_days(&c, TEST_CERT_NOW), table[i].days);
	}
}

static void
test_names(void **state)
{
	static const struct {
		const char *host;
		enum ms_name_match want;
	} table[] = {
		{ "mx.example.org", MS_NAME_MATCHES },
		{ "MX.Example.ORG", MS_NAME_MATCHES },
		{ "xn--bcher-kva.example", MS_NAME_MATCHES },
		{ "a.example.net", MS_NAME_BY_WILDCARD },
		{ "a.b.example.net", MS_NAME_DIFFERS },
		{ "example.net", MS_NAME_DIFFERS },
		{ ".example.net", MS_NAME_DIFFERS },
		{ "example.org", MS_NAME_DIFFERS },
		{ "x.mx.example.org", MS_NAME_DIFFERS },
		{ "192.0.2.1", MS_NAME_MATCHES },
		{ "192.0.2.2", MS_NAME_DIFFERS },
		{ "2001:DB8:0::1", MS_NAME_MATCHES },
		{ "", MS_NAME_DIFFERS },
	};
	struct set *set = *state;
	struct ms_certificate c;

	read_der(set, test_cert_der(set->leaf), &c);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (ms_certificate_matches(&c, ms_slice_from(table[i].host)) !=
		    table[i].want)
			fail_msg("%s", table[i].host);
	assert_int_equal(
	    ms_certificate_matches(&c, MS_SLICE("mx.example.org\0.evil")),
	    MS_NAME_DIFFERS);
}

/* What certificates should not hold counts for nothing. */
static void
test_odd_names(void **state)
{
	static const struct {
		const char *cn, *san, *host;
		enum ms_name_match want;
	} table[] = {
		{ "mx.example.org", NULL, "mx.example.org", MS_NAME_BY_CN },
		{ "mx.example.org", "DNS:a.example", "mx.example.org",
		    MS_NAME_DIFFERS },
		{ "mx.example.org", "IP:192.0.2.1", "mx.example.org",
		    MS_NAME_BY_CN },
		{ "x", "DNS:m*.example.org", "mx.example.org",
		    MS_NAME_DIFFERS },
		{ "x", "DNS:*.*.example.org", "a.b.example.org",
		    MS_NAME_DIFFERS },
		{ "x", "DNS:mx.*.org", "mx.example.org", MS_NAME_DIFFERS },
		{ "x", "DNS:*", "localhost", MS_NAME_DIFFERS },
		{ "x", "DNS:*.org", "example.org", MS_NAME_DIFFERS },
		{ "192.0.2.1", NULL, "192.0.2.1", MS_NAME_DIFFERS },
	};
	struct set *set = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct test_cert_spec spec = { .cn = table[i].cn,
			.san = table[i].san };
		struct test_cert *cert = test_cert_new(&spec, NULL);
		struct ms_certificate c;

		read_der(set, test_cert_der(cert), &c);
		if (ms_certificate_matches(&c, ms_slice_from(table[i].host)) !=
		    table[i].want)
			fail_msg("row %zu: %s", i, table[i].host);
		test_cert_free(cert);
	}
}

static void
test_unreadable(void **state)
{
	struct set *set = *state;
	struct ms_slice der = test_cert_der(set->leaf);
	unsigned char *more = ms_arena_bytes(set->arena, der.n + 1);
	struct ms_certificate c;

	memcpy(more, der.p, der.n);
	more[der.n] = 0;
	read_der(set, ms_slice_make(more, der.n + 1), &c);
	assert_string_equal(c.fault, "something stands behind it");
	assert_int_equal(c.names_n, 0);
	read_der(set, ms_slice_part(der, 0, der.n - 1), &c);
	assert_string_equal(c.fault, "it is no certificate in DER");
	read_der(set, ms_slice_make(NULL, 0), &c);
	assert_non_null(c.fault);
	assert_int_equal(
	    ms_certificate_matches(&c, MS_SLICE("a.example")), MS_NAME_DIFFERS);
}

static void
test_many_names(void **state)
{
	struct set *set = *state;
	struct ms_certificate c;

	set->limits.certificate_names = 2;
	read_der(set, test_cert_der(set->leaf), &c);
	assert_true(c.truncated);
	assert_int_equal(c.names_n, 2);
}

/* ---- chains: L leaf, M middle, R root, X another, ? no certificate ---- */

static void
read_chain(struct set *set, const char *letters, struct ms_chain *out)
{
	struct ms_slice *sent =
	    MS_NEW_ARRAY(set->arena, struct ms_slice, strlen(letters) + 1);
	struct test_cert_spec spec = { .cn = "Other", .ca = true };
	struct test_cert *other = test_cert_new(&spec, NULL);

	for (size_t i = 0; letters[i]; i++) {
		if (letters[i] == 'L')
			sent[i] = test_cert_der(set->leaf);
		else if (letters[i] == 'M')
			sent[i] = test_cert_der(set->middle);
		else if (letters[i] == 'R')
			sent[i] = test_cert_der(set->root);
		else if (letters[i] == 'X')
			sent[i] =
			    ms_arena_copy(set->arena, test_cert_der(other));
		else
			sent[i] = MS_SLICE("no certificate");
	}
	test_cert_free(other);
	ms_chain_read(sent, strlen(letters), &set->limits, set->arena, out);
}

static void
test_chains(void **state)
{
	static const struct {
		const char *sent;
		size_t path_n;
		bool in_order, root_sent;
		size_t duplicates, unneeded;
	} table[] = {
		{ "LM", 2, true, false, 0, 0 },
		{ "LMR", 3, true, true, 0, 0 },
		{ "L", 1, true, false, 0, 0 },
		{ "LRM", 3, false, true, 0, 0 },
		{ "LXM", 2, true, false, 0, 1 },
		{ "LMX", 2, true, false, 0, 1 },
		{ "LLM", 2, true, false, 1, 0 },
		{ "LMM", 2, true, false, 1, 0 },
		{ "LR", 1, true, false, 0, 1 },
		{ "R", 1, true, false, 0, 0 },
		{ "ML", 1, true, false, 0, 1 },
		{ "L?M", 2, true, false, 0, 1 },
		{ "?", 0, true, false, 0, 0 },
		{ "", 0, false, false, 0, 0 },
	};
	struct set *set = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ms_chain chain;

		read_chain(set, table[i].sent, &chain);
		if (chain.n != strlen(table[i].sent) ||
		    chain.path_n != table[i].path_n ||
		    chain.in_order != table[i].in_order ||
		    chain.root_sent != table[i].root_sent ||
		    chain.duplicates != table[i].duplicates ||
		    chain.unneeded != table[i].unneeded)
			fail_msg("%s: path %zu, %d %d, %zu %zu", table[i].sent,
			    chain.path_n, chain.in_order, chain.root_sent,
			    chain.duplicates, chain.unneeded);
	}
}

static void
test_long_chain(void **state)
{
	struct set *set = *state;
	struct ms_chain chain;

	set->limits.certificates = 2;
	read_chain(set, "LMR", &chain);
	assert_true(chain.truncated);
	assert_int_equal(chain.n, 2);
	assert_int_equal(chain.path_n, 2);
}

/* ---- staples ---- */

static void
test_staples(void **state)
{
	/* Signed by: M the issuer, D whom it let answer, L the certificate
	 * itself, X a stranger. */
	static const struct {
		char signer;
		int status, from, to;
		enum ms_staple_status want;
		bool authentic, current;
	} table[] = {
		{ 'M', 0, -1, 6, MS_STAPLE_GOOD, true, true },
		{ 'M', 1, -1, 6, MS_STAPLE_REVOKED, true, true },
		{ 'M', 2, -1, 6, MS_STAPLE_UNKNOWN, true, true },
		{ 'D', 0, -1, 6, MS_STAPLE_GOOD, true, true },
		{ 'L', 0, -1, 6, MS_STAPLE_GOOD, false, true },
		{ 'X', 0, -1, 6, MS_STAPLE_GOOD, false, true },
		{ 'M', 0, -9, -2, MS_STAPLE_GOOD, true, false },
		{ 'M', 0, 2, 6, MS_STAPLE_GOOD, true, false },
	};
	struct set *set = *state;
	struct test_cert_spec d = { .cn = "D", .eku = "OCSPSigning" };
	struct test_cert_spec x = { .cn = "X", .eku = "OCSPSigning" };
	struct test_cert *delegate = test_cert_new(&d, set->middle);
	struct test_cert *stranger = test_cert_new(&x, NULL);
	struct ms_chain chain;

	read_chain(set, "LM", &chain);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct test_cert *signer =
		    table[i].signer == 'M'   ? set->middle
		    : table[i].signer == 'D' ? delegate
		    : table[i].signer == 'L' ? set->leaf
					     : stranger;
		struct ms_staple staple;

		ms_staple_read(
		    test_cert_staple(set->arena, set->leaf, set->middle, signer,
			table[i].status, table[i].from, table[i].to),
		    &chain, TEST_CERT_NOW, &staple);
		if (staple.status != table[i].want || !staple.checked ||
		    staple.authentic != table[i].authentic ||
		    staple.current != table[i].current)
			fail_msg("row %zu: %s, %d %d", i,
			    ms_staple_status_name(staple.status),
			    staple.authentic, staple.current);
		assert_true(staple.has_next);
		assert_int_equal(staple.next_update,
		    TEST_CERT_NOW + table[i].to * TEST_CERT_DAY);
		if (staple.status == MS_STAPLE_REVOKED)
			assert_string_equal(staple.reason, "keyCompromise");
	}
	test_cert_free(delegate);
	test_cert_free(stranger);
}

static void
test_other_staples(void **state)
{
	struct set *set = *state;
	struct ms_chain chain;
	struct ms_staple staple;

	read_chain(set, "LM", &chain);
	ms_staple_read(ms_slice_make(NULL, 0), &chain, 0, &staple);
	assert_int_equal(staple.status, MS_STAPLE_NONE);
	ms_staple_read(MS_SLICE("no response"), &chain, 0, &staple);
	assert_int_equal(staple.status, MS_STAPLE_UNREADABLE);
	assert_string_equal(staple.fault, "it is no OCSP response");
	/* An error, RFC 6960 4.2.1: tryLater. */
	ms_staple_read(MS_SLICE("\x30\x03\x0a\x01\x03"), &chain, 0, &staple);
	assert_int_equal(staple.status, MS_STAPLE_UNREADABLE);
	assert_string_equal(staple.fault, "trylater");
	ms_staple_read(test_cert_staple(set->arena, set->middle, set->root,
			   set->root, 0, -1, 6),
	    &chain, TEST_CERT_NOW, &staple);
	assert_int_equal(staple.status, MS_STAPLE_OTHER);
	/* Without the issuer nobody can tell who answered. */
	read_chain(set, "L", &chain);
	ms_staple_read(test_cert_staple(set->arena, set->leaf, set->middle,
			   set->middle, 0, -1, 6),
	    &chain, TEST_CERT_NOW, &staple);
	assert_int_equal(staple.status, MS_STAPLE_GOOD);
	assert_false(staple.checked);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_what_it_says, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_root, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_weak, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_scts, set_up, tear_down),
		cmocka_unit_test(test_days),
		cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_odd_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_unreadable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_many_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_chains, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_long_chain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_staples, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_other_staples, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
