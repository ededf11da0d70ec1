/* SPDX-License-Identifier: ISC
 * test_dane_match.c - TLSA records against chains
 */
#include <stdlib.h>

#include "mailsonde/dane.h"
#include "test.h"
#include "test_cert.h"

/* Letters stand for certificates: R root, M middle, L leaf of mx.example.org,
 * E the same, over, N another key of the same names. */
struct set {
	struct ms_arena *arena;
	struct ms_limits limits;
	struct test_cert *certs[5];
};
static const char letters[] = "RMLEN";

static int
set_up(void **state)
{
	struct set *set = calloc(1, sizeof(*set));
	struct test_cert_spec root = { .cn = "Root", .ca = true };
	struct test_cert_spec middle = { .cn = "Middle", .ca = true };
	struct test_cert_spec leaf = { .cn = "mx",
		.san = "DNS:mx.example.org" };
	struct test_cert_spec over = leaf;

	assert_non_null(set);
	over.from_day = -90;
	over.to_day = -1;
	set->arena = ms_arena_new(NULL);
	set->limits = ms_limits_fill(NULL);
	set->certs[0] = test_cert_new(&root, NULL);
	set->certs[1] = test_cert_new(&middle, set->certs[0]);
	set->certs[2] = test_cert_new(&leaf, set->certs[1]);
	set->certs[3] = test_cert_new(&over, set->certs[1]);
	set->certs[4] = test_cert_new(&leaf, set->certs[1]);
	*state = set;
	return 0;
}

static int
tear_down(void **state)
{
	struct set *set = *state;

	for (size_t i = 0; i < 5; i++)
		test_cert_free(set->certs[i]);
	ms_arena_free(set->arena);
	free(set);
	return 0;
}

static const struct test_cert *
cert(const struct set *set, char letter)
{
	return set->certs[strchr(letters, letter) - letters];
}

/* "L311 M201": whose data, usage, selector, matching. "-311": of the wrong
 * length; "?311": of nothing. */
static size_t
records_of(const struct set *set, const char *text, struct ms_dns_record *out)
{
	size_t n = 0;

	for (; *text; text += text[4] ? 5 : 4, n++) {
		bool real = strchr(letters, text[0]) != NULL;

		out[n] = test_cert_tlsa(set->arena,
		    cert(set, real ? text[0] : 'N'), (uint8_t)(text[1] - '0'),
		    (uint8_t)(text[2] - '0'), (uint8_t)(text[3] - '0'));
		if (text[0] == '-')
			out[n].u.tlsa.data.n--;
	}
	return n;
}

static void
chain_of(struct set *set, const char *text, struct ms_chain *out)
{
	struct ms_slice sent[8];

	for (size_t i = 0; text[i]; i++)
		sent[i] = test_cert_der(cert(set, text[i]));
	ms_chain_read(sent, strlen(text), &set->limits, set->arena, out);
}

static void
match(struct set *set, const char *chain_text, const char *records_text,
    const char *name, struct ms_dane *out)
{
	struct ms_dns_record *records =
	    MS_NEW_ARRAY(set->arena, struct ms_dns_record, 16);
	struct ms_chain *chain = MS_NEW(set->arena, struct ms_chain);
	struct ms_slice names[2] = { MS_SLICE("other.example"),
		ms_slice_from(name) };
	struct ms_dane_request request = { .records = records,
		.records_n = records_of(set, records_text, records),
		.chain = chain,
		.names = names,
		.names_n = 2,
		.now = TEST_CERT_NOW };

	chain_of(set, chain_text, chain);
	ms_dane_match(&request, set->arena, out);
}

static const struct {
	const char *chain, *records;
	enum ms_dane_status want;
	size_t by, at; /* of the first that is good */
	bool rolling, brittle;
} table[] = {
	{ "LM", "", MS_DANE_NONE, 0, 0, false, false },
	/* The server's own: RFC 7671 5.1. */
	{ "LM", "L311", MS_DANE_MATCH, 0, 0, false, false },
	{ "LM", "L312", MS_DANE_MATCH, 0, 0, false, false },
	{ "LM", "L310", MS_DANE_MATCH, 0, 0, false, false },
	{ "LM", "L301", MS_DANE_MATCH, 0, 0, false, true },
	{ "LM", "L302", MS_DANE_MATCH, 0, 0, false, true },
	{ "LM", "L300", MS_DANE_MATCH, 0, 0, false, true },
	{ "LM", "L301 L311", MS_DANE_MATCH, 0, 0, false, false },
	{ "L", "L311", MS_DANE_MATCH, 0, 0, false, false },
	{ "LM", "N311", MS_DANE_MISMATCH, 0, 0, false, false },
	{ "LM", "M311", MS_DANE_MISMATCH, 0, 0, false, false },
	{ "E", "E311", MS_DANE_MATCH, 0, 0, false, false },
	/* An authority: RFC 7671 5.2. */
	{ "LM", "M211", MS_DANE_MATCH, 0, 1, false, false },
	{ "LM", "M201", MS_DANE_MATCH, 0, 1, false, false },
	{ "LM", "M212", MS_DANE_MATCH, 0, 1, false, false },
	{ "LMR", "R201", MS_DANE_MATCH, 0, 2, false, false },
	{ "LMR", "M201", MS_DANE_MATCH, 0, 1, false, false },
	{ "LM", "R201", MS_DANE_MISMATCH, 0, 0, false, false },
	{ "L", "M201", MS_DANE_MISMATCH, 0, 0, false, false },
	{ "LR", "R201", MS_DANE_MISMATCH, 0, 0, false, false },
	{ "LRM", "R201", MS_DANE_MATCH, 0, 1, false, false },
	{ "EM", "M201", MS_DANE_MISMATCH, 0, 0, false, false },
	{ "LM", "L211", MS_DANE_MISMATCH, 0, 0, false, false },
	/* In the record, whether it is sent or not. */
	{ "LM", "R200", MS_DANE_MATCH, 0, SIZE_MAX, false, false },
	{ "L", "M200", MS_DANE_MATCH, 0, SIZE_MAX, false, false },
	{ "L", "R200", MS_DANE_MISMATCH, 0, 0, false, false },
	/* None can be used. */
	{ "LM", "L011", MS_DANE_UNUSABLE, 0, 0, false, false },
	{ "LM", "L111 L411", MS_DANE_UNUSABLE, 0, 0, false, false },
	{ "LM", "L321", MS_DANE_UNUSABLE, 0, 0, false, false },
	{ "LM", "L313", MS_DANE_UNUSABLE, 0, 0, false, false },
	{ "LM", "-311", MS_DANE_UNUSABLE, 0, 0, false, false },
	{ "LM", "-311 L311", MS_DANE_MATCH, 1, 0, false, false },
	{ "LM", "-311 N311", MS_DANE_MISMATCH, 0, 0, false, false },
	/* A roll-over: before, after, and of which nothing is right. */
	{ "LM", "L311 N311", MS_DANE_MATCH, 0, 0, true, false },
	{ "NM", "L311 N311", MS_DANE_MATCH, 1, 0, true, false },
	{ "LM", "L311 M211", MS_DANE_MATCH, 0, 0, false, false },
	{ "LM", "N311 M211", MS_DANE_MATCH, 1, 1, true, false },
	{ "LM", "N311 R201", MS_DANE_MISMATCH, 0, 0, false, false },
	{ "", "L311", MS_DANE_MISMATCH, 0, 0, false, false },
};

static void
test_table(void **state)
{
	struct set *set = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ms_dane d;

		match(set, table[i].chain, table[i].records, "mx.example.org",
		    &d);
		if (d.status != table[i].want ||
		    d.rolling != table[i].rolling ||
		    d.brittle != table[i].brittle)
			fail_msg("%s with %s: %s, rolling %d, brittle %d",
			    table[i].chain, table[i].records,
			    ms_dane_status_name(d.status), d.rolling,
			    d.brittle);
		if (d.status != MS_DANE_MATCH)
			assert_true(d.by == SIZE_MAX);
		else if (d.by != table[i].by ||
			 d.records[d.by].at != table[i].at)
			fail_msg("%s with %s: by %zu at %zu", table[i].chain,
			    table[i].records, d.by, d.records[d.by].at);
	}
}

static void
test_names(void **state)
{
	struct set *set = *state;
	struct ms_dane d;

	/* Usage 3 asks for no name and no date, RFC 7672 3.1.1. */
	match(set, "EM", "E311", "elsewhere.example", &d);
	assert_int_equal(d.status, MS_DANE_MATCH);
	match(set, "LM", "M211", "elsewhere.example", &d);
	assert_int_equal(d.status, MS_DANE_MISMATCH);
	assert_int_equal(d.records[0].at, 1);
	assert_string_equal(
	    d.records[0].why, "the certificate is for another name");
	match(set, "EM", "M211", "mx.example.org", &d);
	assert_string_equal(d.records[0].why, "certificate has expired");
	match(set, "LR", "R201", "mx.example.org", &d);
	assert_int_equal(d.records[0].at, 1);
	assert_non_null(d.records[0].why);
	match(set, "LM", "L211", "mx.example.org", &d);
	assert_int_equal(d.records[0].at, 0);
	assert_non_null(d.records[0].why);
}

static void
test_no_certificate(void **state)
{
	struct set *set = *state;
	struct ms_slice sent = MS_SLICE("no certificate");
	struct ms_dns_record records[2];
	struct ms_chain chain;
	struct ms_dane_request request = {
		.records = records, .records_n = 2, .chain = &chain
	};
	struct ms_dane d;

	records_of(set, "L311 M200", records);
	ms_chain_read(&sent, 1, &set->limits, set->arena, &chain);
	ms_dane_match(&request, set->arena, &d);
	assert_int_equal(d.status, MS_DANE_MISMATCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_no_certificate, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
