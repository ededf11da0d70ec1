/* SPDX-License-Identifier: ISC
 * test_zone.c - master files laid over a source of answers
 */
#include <stdio.h>

#include "mailsonde/dns_zone.h"
#include "test.h"

static const char zone_text[] = "$ORIGIN example.com.\n"
				"$TTL 60\n"
				"@ IN SOA ns hostmaster ( 1 2 ; serial\n"
				"  3 4 5 )\n"
				"@ 300 IN TXT \"v=spf1 \" \"-all\"\n"
				"@ TXT \"v=spf1 \" \"-all\"\n" /* once */
				"@ SPF \"v=spf1 ?all\"\n"
				"empty TXT \"\"\n"
				"odd TXT \"a;b\\\"\\000\\255\" (\n"
				"  plain )\n"
				"mx MX 10 a.mx\n"
				"mx MX 0 .\n"
				"a.mx A 192.0.2.1\n"
				"a.mx AAAA 2001:db8::1\n"
				"alias CNAME a.mx\n"
				"alias2 30 CNAME Alias.Example.COM.\n"
				"loop CNAME loop2\n"
				"loop2 CNAME loop\n"
				"*.wild A 192.0.2.9\n"
				"host.wild TXT \"x\"\n"
				"deep.host2.wild TXT \"x\"\n"
				"out CNAME www.example.net.\n"
				"dead CNAME slow\n"
				";; timeout slow.example.com\n"
				";;  servfail half.example.com. MX\n"
				"half TXT \"half\"\n"
				"caa CAA 128 issue \"ca.example\"\n"
				"_25._tcp TLSA 3 1 1 00ff\n"
				"_s._tcp SRV 1 2 3 .\n"
				"unknown TYPE65280 \\# 2 abcd\n"
				"r\\.s A 192.0.2.3\n";

struct fixture {
	struct ms_arena *arena;
	struct ms_dns_source *zone, *inner;
	struct ms_dns_answer answer;
};

/* An inner source out of a zone of its own. */
static struct ms_dns_source *
open_text(const char *text, bool offline, struct ms_dns_source *inner)
{
	struct ms_dns_zone_text texts[] = { { "t", ms_slice_from(text) } };
	struct ms_dns_zone_options options = { .texts = texts,
		.texts_n = 1,
		.offline = offline,
		.inner = inner,
		.time = 1700000000 };
	struct ms_dns_source *out = NULL;
	struct ms_diag diag = { "" };

	if (ms_dns_zone_open(&options, &out, &diag) != MS_OK)
		fail_msg("%s", diag.text);
	return out;
}

static int
set_up(void **state)
{
	static struct fixture f;

	f.arena = ms_arena_new(NULL);
	f.zone = open_text(zone_text, true, NULL);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	f->zone->close(f->zone);
	ms_arena_free(f->arena);
	return 0;
}

static const struct ms_dns_answer *
ask(struct fixture *f, const char *name, enum ms_dns_type type)
{
	ms_dns_ask(f->zone, ms_slice_from(name), type, f->arena, &f->answer);
	return &f->answer;
}

static const struct {
	const char *name;
	enum ms_dns_type type;
	enum ms_dns_status want;
	size_t n, aliases;
} cases[] = {
	{ "example.com", MS_DNS_TXT, MS_DNS_FOUND, 1, 0 },
	{ "EXAMPLE.com.", MS_DNS_TXT, MS_DNS_FOUND, 1, 0 },
	{ "example.com", MS_DNS_SPF, MS_DNS_FOUND, 1, 0 },
	{ "example.com", MS_DNS_A, MS_DNS_NODATA, 0, 0 },
	{ "com", MS_DNS_A, MS_DNS_NODATA, 0, 0 }, /* one below it exists */
	{ "", MS_DNS_NS, MS_DNS_NODATA, 0, 0 },
	{ "no.example.com", MS_DNS_A, MS_DNS_NXDOMAIN, 0, 0 },
	{ "org", MS_DNS_A, MS_DNS_NXDOMAIN, 0, 0 },
	{ "mx.example.com", MS_DNS_MX, MS_DNS_FOUND, 2, 0 },
	{ "alias.example.com", MS_DNS_A, MS_DNS_FOUND, 1, 1 },
	{ "alias.example.com", MS_DNS_CNAME, MS_DNS_FOUND, 1, 0 },
	{ "alias2.example.com", MS_DNS_AAAA, MS_DNS_FOUND, 1, 2 },
	{ "alias2.example.com", MS_DNS_MX, MS_DNS_NODATA, 0, 2 },
	{ "loop.example.com", MS_DNS_A, MS_DNS_LOOP, 0, 0 },
	{ "out.example.com", MS_DNS_A, MS_DNS_NXDOMAIN, 0, 1 },
	/* RFC 4592 */
	{ "any.wild.example.com", MS_DNS_A, MS_DNS_FOUND, 1, 0 },
	{ "far.any.wild.example.com", MS_DNS_A, MS_DNS_FOUND, 1, 0 },
	{ "any.wild.example.com", MS_DNS_TXT, MS_DNS_NODATA, 0, 0 },
	{ "host.wild.example.com", MS_DNS_A, MS_DNS_NODATA, 0, 0 },
	{ "host2.wild.example.com", MS_DNS_A, MS_DNS_NODATA, 0, 0 },
	{ "no.host.wild.example.com", MS_DNS_A, MS_DNS_NXDOMAIN, 0, 0 },
	{ "*.wild.example.com", MS_DNS_A, MS_DNS_FOUND, 1, 0 },
	{ "wild.example.com", MS_DNS_A, MS_DNS_NODATA, 0, 0 },
	/* faults */
	{ "slow.example.com", MS_DNS_A, MS_DNS_TIMEOUT, 0, 0 },
	{ "dead.example.com", MS_DNS_A, MS_DNS_TIMEOUT, 0, 1 },
	{ "half.example.com", MS_DNS_TXT, MS_DNS_FOUND, 1, 0 },
	{ "half.example.com", MS_DNS_A, MS_DNS_NODATA, 0, 0 },
	/* rdata of every shape */
	{ "empty.example.com", MS_DNS_TXT, MS_DNS_FOUND, 1, 0 },
	{ "caa.example.com", MS_DNS_CAA, MS_DNS_FOUND, 1, 0 },
	{ "_25._tcp.example.com", MS_DNS_TLSA, MS_DNS_FOUND, 1, 0 },
	{ "_s._tcp.example.com", MS_DNS_SRV, MS_DNS_FOUND, 1, 0 },
	{ "unknown.example.com", 65280, MS_DNS_FOUND, 1, 0 },
	{ "a..b", MS_DNS_A, MS_DNS_INVALID, 0, 0 },
};

static void
test_offline(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ms_dns_answer *a =
		    ask(f, cases[i].name, cases[i].type);

		if (a->status != cases[i].want || a->n != cases[i].n ||
		    a->aliases_n != cases[i].aliases)
			fail_msg("%s %d: %s, %zu records, %zu aliases",
			    cases[i].name, cases[i].type,
			    ms_dns_status_name(a->status), a->n, a->aliases_n);
	}
}

static void
test_content(void **state)
{
	struct fixture *f = *state;
	const struct ms_dns_answer *a = ask(f, "EXAMPLE.com", MS_DNS_TXT);

	assert_slice(a->records[0].u.text, "v=spf1 -all");
	assert_slice(a->records[0].name, "EXAMPLE.com");
	assert_int_equal(a->ttl, 300);
	assert_int_equal(a->rcode, 0);
	assert_string_equal(a->server, "zone t");
	assert_int_equal(a->time, 1700000000);
	a = ask(f, "odd.example.com", MS_DNS_TXT);
	assert_int_equal(a->records[0].u.text.n, 11);
	assert_memory_equal(a->records[0].u.text.p, "a;b\"\0\xffplain", 11);
	a = ask(f, "empty.example.com", MS_DNS_TXT);
	assert_int_equal(a->records[0].u.text.n, 0);
	a = ask(f, "mx.example.com", MS_DNS_MX);
	assert_int_equal(a->records[0].u.mx.preference, 10);
	assert_slice(a->records[0].u.mx.exchange, "a.mx.example.com");
	assert_slice(a->records[1].u.mx.exchange, ".");
	a = ask(f, "alias2.example.com", MS_DNS_A);
	assert_slice(a->aliases[0], "Alias.Example.COM");
	assert_slice(a->aliases[1], "a.mx.example.com");
	assert_slice(a->records[0].name, "a.mx.example.com");
	assert_int_equal(a->ttl, 30);
	a = ask(f, "example.com", MS_DNS_SOA);
	assert_slice(a->records[0].u.soa.mname, "ns.example.com");
	assert_int_equal(a->records[0].u.soa.minimum, 5);
	a = ask(f, "caa.example.com", MS_DNS_CAA);
	assert_int_equal(a->records[0].u.caa.flags, 128);
	assert_slice(a->records[0].u.caa.tag, "issue");
	assert_slice(a->records[0].u.caa.value, "ca.example");
	a = ask(f, "any.wild.example.com", MS_DNS_A);
	assert_slice(a->records[0].name, "any.wild.example.com");
}

/* A source that counts, over a zone of its own. */
static void
test_overlay(void **state)
{
	struct fixture *f = *state;
	struct ms_dns_source *inner =
	    open_text("example.net. MX 10 real.example.net.\n"
		      "www.example.net. CNAME new.example.com.\n"
		      "www2.example.net. A 192.0.2.77\n"
		      "both.example.org. CNAME over.example.org.\n"
		      "over.example.org. A 192.0.2.1\n"
		      "half.example.org. A 192.0.2.5\n"
		      "*.example.org. A 192.0.2.6\n",
		true, NULL);
	struct ms_dns_source *mine = f->zone;
	const struct ms_dns_answer *a;

	f->zone = open_text("_dmarc.example.net. TXT \"v=DMARC1\"\n"
			    "_dmarc.none.test. TXT \"v=DMARC1\"\n"
			    "new.example.com. A 192.0.2.200\n"
			    "to.example.com. CNAME www2.example.net.\n"
			    "ring.example.com. CNAME www.example.net.\n"
			    "over.example.org. TXT \"mine\"\n"
			    ";; timeout half.example.org. MX\n",
	    false, inner);
	/* The name has records below it only: the rest is the inner's. */
	a = ask(f, "example.net", MS_DNS_MX);
	assert_int_equal(a->status, MS_DNS_FOUND);
	/* It exists by the name below it, whatever the inner says. */
	assert_int_equal(ask(f, "none.test", MS_DNS_A)->status, MS_DNS_NODATA);
	assert_int_equal(
	    ask(f, "other.test", MS_DNS_A)->status, MS_DNS_NXDOMAIN);
	/* From the files to the inner, from the inner to the files. */
	a = ask(f, "to.example.com", MS_DNS_A);
	assert_int_equal(a->status, MS_DNS_FOUND);
	assert_int_equal(a->aliases_n, 1);
	a = ask(f, "www.example.net", MS_DNS_A);
	assert_int_equal(a->status, MS_DNS_FOUND);
	assert_slice(a->aliases[0], "new.example.com");
	assert_int_equal(a->records[0].u.ip.b[15], 200);
	a = ask(f, "ring.example.com", MS_DNS_A);
	assert_int_equal(a->status, MS_DNS_FOUND);
	assert_int_equal(a->aliases_n, 2);
	/* A name in the files is answered from them alone. */
	a = ask(f, "both.example.org", MS_DNS_A);
	assert_int_equal(a->status, MS_DNS_NODATA);
	/* A fault of one type leaves the others to the inner. */
	assert_int_equal(
	    ask(f, "half.example.org", MS_DNS_MX)->status, MS_DNS_TIMEOUT);
	assert_int_equal(
	    ask(f, "half.example.org", MS_DNS_A)->status, MS_DNS_FOUND);
	/* Wildcards of the inner do not hide what the files lack. */
	assert_int_equal(
	    ask(f, "x.example.org", MS_DNS_A)->status, MS_DNS_FOUND);
	f->zone->close(f->zone);
	f->zone = mine;
}

static const struct {
	const char *text;
	const char *want; /* how the diag starts */
} bad[] = {
	{ "a. A 192.0.2.1\nb. A 192.0.2\n", "t:2: " },
	{ "a. A 192.0.2.1\n\n; c\nb. NONE x\n", "t:4: " },
	{ "a. A 192.0.2\n\n; c\n\nb. A 192.0.2.1\n", "t:1: " },
	{ "a. A 192.0.2.1\n\nb. A 192.0.2\n\n", "t:3: " },
	{ "a. A 192.0.2.1\nb. MX (\n 10 ; x\n)\n\n", "t:4: " },
	{ "a. TXT \"open\nb. A 192.0.2.1\n", "t:1: a quoted" },
	{ "a. CH TXT x\n", "t:1: the class" },
	{ "$INCLUDE x\n", "t:1: $INCLUDE" },
	{ "\n;; timeout a..b\n", "t:2: wanted" },
	{ ";; servfail a.b TXT MX\n", "t:1: wanted" },
	{ ";; servfail\n", "t:1: wanted" },
	{ "a..b. A 192.0.2.1\n", "t:1: " },
	{ "a. IN\n", "t:1: " },
	{ "a. TYPE1 \\# 3 010203\n", "t:1: " },
	{ "a. MX 10\n", "t:1: " },
};

/* One server by itself: the files are what every server has. */
static void
test_server(void **state)
{
	struct fixture *f = *state;
	struct ms_ip ip;

	assert_true(ms_ip_parse(MS_SLICE("192.0.2.53"), &ip));
	ms_dns_ask_server(f->zone, MS_SLICE("example.com"), MS_DNS_SOA, &ip,
	    f->arena, &f->answer);
	assert_int_equal(f->answer.status, MS_DNS_FOUND);
	assert_true(f->answer.authoritative);
	assert_true(ms_dns_is_planned(&f->answer));
	ms_dns_ask_server(f->zone, MS_SLICE("example.com"), MS_DNS_AXFR, &ip,
	    f->arena, &f->answer);
	assert_int_equal(f->answer.status, MS_DNS_OFFLINE);
	/* Nobody may be asked about the rest. */
	ms_dns_ask_server(f->zone, MS_SLICE("example.net"), MS_DNS_SOA, &ip,
	    f->arena, &f->answer);
	assert_int_equal(f->answer.status, MS_DNS_OFFLINE);
	assert_false(ms_dns_is_planned(&f->answer));
	assert_int_equal(
	    ask(f, "example.net", MS_DNS_SOA)->status, MS_DNS_NXDOMAIN);
}

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ms_dns_zone_text texts[] = { { "t",
		    ms_slice_from(bad[i].text) } };
		struct ms_dns_zone_options options = {
			.texts = texts, .texts_n = 1, .offline = true
		};
		struct ms_dns_source *out;
		struct ms_diag diag = { "" };

		if (ms_dns_zone_open(&options, &out, &diag) != MS_FORMAT ||
		    strncmp(diag.text, bad[i].want, strlen(bad[i].want)) != 0)
			fail_msg("case %zu: \"%s\"", i, diag.text);
	}
}

static void
test_files(void **state)
{
	static const char missing[] = "/nonexistent/zone";
	const char *const paths[] = { missing };
	struct ms_dns_zone_options options = { .paths = paths, .n = 1 };
	struct ms_dns_source *out;
	struct ms_diag diag = { "" };

	(void)state;
	assert_int_equal(ms_dns_zone_open(&options, &out, &diag), MS_IO);
	assert_non_null(strstr(diag.text, missing));
}

/* Ten thousands of names: hashed, so this ends soon. */
static void
test_many(void **state)
{
	struct fixture *f = *state;
	struct ms_dns_source *mine = f->zone;
	struct ms_buf text;

	ms_buf_init(&text, f->arena);
	for (unsigned i = 0; i < 30000; i++)
		ms_buf_printf(&text, "n%u.example. TXT \"%u\"\n", i, i);
	ms_buf_byte(&text, '\0');
	f->zone = open_text((const char *)text.p, true, NULL);
	for (unsigned i = 0; i < 30000; i += 7) {
		char name[40], want[20];

		snprintf(name, sizeof(name), "n%u.example", i);
		snprintf(want, sizeof(want), "%u", i);
		assert_slice(ask(f, name, MS_DNS_TXT)->records[0].u.text, want);
	}
	f->zone->close(f->zone);
	f->zone = mine;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_offline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_content, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_overlay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_server, set_up, tear_down),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_files),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
