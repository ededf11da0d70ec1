/* SPDX-License-Identifier: ISC
 * test_spf_record.c - SPF records: terms, and where what is wrong
 */
#include <stdio.h>

#include "mailsonde/spf.h"
#include "test.h"

static void
test_version(void **state)
{
	(void)state;
	assert_true(ms_spf_is_record(MS_SLICE("v=spf1")));
	assert_true(ms_spf_is_record(MS_SLICE("V=SpF1 -all")));
	assert_true(ms_spf_is_record(MS_SLICE("v=spf1 ")));
	assert_false(ms_spf_is_record(MS_SLICE("")));
	assert_false(ms_spf_is_record(MS_SLICE("v=spf")));
	assert_false(ms_spf_is_record(MS_SLICE("v=spf10")));
	assert_false(ms_spf_is_record(MS_SLICE("v=spf1\t-all")));
	assert_false(ms_spf_is_record(MS_SLICE(" v=spf1")));
	assert_false(ms_spf_is_record(MS_SLICE("spf2.0/pra -all")));
}

struct term {
	const char *text;
	enum ms_spf_kind kind;
	enum ms_auth_result qualifier;
	const char *target;
	const char *net; /* ip4, ip6 */
	unsigned prefix4, prefix6;
};

static void
check_term(const struct term *want, const struct ms_spf_term *got)
{
	char ip[MS_IP_TEXT], net[MS_IP_TEXT + 8] = "";

	if (got->net.ip.set) {
		ms_ip_format(&got->net.ip, ip);
		snprintf(net, sizeof(net), "%s/%u", ip, got->net.prefix);
	}
	if (want->kind != got->kind || want->qualifier != got->qualifier ||
	    strcmp(want->net ? want->net : "", net) != 0 ||
	    want->prefix4 != got->prefix4 || want->prefix6 != got->prefix6)
		fail_msg("%s: %s %s %s %u %u", want->text,
		    ms_auth_result_name(got->qualifier),
		    ms_spf_kind_name(got->kind), net, got->prefix4,
		    got->prefix6);
	assert_slice(got->target, want->target);
}

#define PASS    MS_AUTH_PASS
#define FAIL    MS_AUTH_FAIL
#define SOFT    MS_AUTH_SOFTFAIL
#define NEUTRAL MS_AUTH_NEUTRAL
#define ANY     MS_AUTH_NONE /* modifiers have none */

static void
test_terms(void **state)
{
	static const struct term cases[] = {
		{ "all", MS_SPF_ALL, PASS, NULL, NULL, 0, 0 },
		{ "-ALL", MS_SPF_ALL, FAIL, NULL, NULL, 0, 0 },
		{ "~all", MS_SPF_ALL, SOFT, NULL, NULL, 0, 0 },
		{ "?all", MS_SPF_ALL, NEUTRAL, NULL, NULL, 0, 0 },
		{ "+include:a.example", MS_SPF_INCLUDE, PASS, "a.example", NULL,
		    0, 0 },
		{ "a", MS_SPF_A, PASS, NULL, NULL, 32, 128 },
		{ "a/24", MS_SPF_A, PASS, NULL, NULL, 24, 128 },
		{ "a//64", MS_SPF_A, PASS, NULL, NULL, 32, 64 },
		{ "a/0//0", MS_SPF_A, PASS, NULL, NULL, 0, 0 },
		{ "-a:b.example/24//64", MS_SPF_A, FAIL, "b.example", NULL, 24,
		    64 },
		{ "a:c:d/e.example", MS_SPF_A, PASS, "c:d/e.example", NULL, 32,
		    128 },
		{ "a:e/24.example/25", MS_SPF_A, PASS, "e/24.example", NULL, 25,
		    128 },
		{ "mx:%{d}/32//128", MS_SPF_MX, PASS, "%{d}", NULL, 32, 128 },
		{ "mx:%{d2/}//1", MS_SPF_MX, PASS, "%{d2/}", NULL, 32, 1 },
		{ "ptr", MS_SPF_PTR, PASS, NULL, NULL, 0, 0 },
		{ "ptr:f.example", MS_SPF_PTR, PASS, "f.example", NULL, 0, 0 },
		{ "ip4:192.0.2.1", MS_SPF_IP4, PASS, NULL, "192.0.2.1/32", 0,
		    0 },
		{ "IP4:192.0.2.1/0", MS_SPF_IP4, PASS, NULL, "192.0.2.1/0", 0,
		    0 },
		{ "?ip6:2001:db8::/32", MS_SPF_IP6, NEUTRAL, NULL,
		    "2001:db8::/32", 0, 0 },
		{ "ip6:::1.2.3.4", MS_SPF_IP6, PASS, NULL, "::102:304/128", 0,
		    0 },
		{ "exists:%{i}.g.example", MS_SPF_EXISTS, PASS,
		    "%{i}.g.example", NULL, 0, 0 },
		{ "redirect=h.example", MS_SPF_REDIRECT, ANY, "h.example", NULL,
		    0, 0 },
		{ "EXP=i.example", MS_SPF_EXP, ANY, "i.example", NULL, 0, 0 },
		{ "x-y_z.1=any:%{c}/thing", MS_SPF_MODIFIER, ANY,
		    "any:%{c}/thing", NULL, 0, 0 },
		{ "empty=", MS_SPF_MODIFIER, ANY, "", NULL, 0, 0 },
	};
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ms_spf_record record;
		struct term want = cases[i];

		ms_spf_record_parse(arena,
		    ms_slice_from(
			ms_arena_printf(arena, "v=spf1 %s", want.text)),
		    &record);
		if (!record.valid || record.errors_n > 0)
			fail_msg("%s: %s", want.text, record.errors[0].text);
		assert_int_equal(record.n, 1);
		assert_slice(record.terms[0].text, want.text);
		if (want.kind >= MS_SPF_REDIRECT)
			want.qualifier = record.terms[0].qualifier;
		check_term(&want, &record.terms[0]);
	}
	ms_arena_free(arena);
}

/* An IPv4-mapped network is one of IPv6, and holds no IPv4 client. */
static void
test_mapped(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_spf_record record;
	struct ms_ip ip;

	(void)state;
	ms_spf_record_parse(
	    arena, MS_SLICE("v=spf1 ip6:::ffff:192.0.2.1/0"), &record);
	assert_true(record.valid);
	assert_true(ms_ip_parse(MS_SLICE("::ffff:192.0.2.1"), &ip));
	assert_false(ms_net_contains(&record.terms[0].net, &ip));
	assert_true(ms_ip_parse(MS_SLICE("2001:db8::1"), &ip));
	assert_true(ms_net_contains(&record.terms[0].net, &ip));
	ms_arena_free(arena);
}

struct wrong {
	const char *record, *term;
	size_t offset;
	bool one_label;
};

static void
test_errors(void **state)
{
	static const struct wrong cases[] = {
		{ "v=spf10 -all", "v=spf10", 0, false },
		{ "v=spf1 moo", "moo", 7, false },
		{ "v=spf1 -all moo", "moo", 12, false },
		{ "v=spf1 !all", "!all", 7, false },
		{ "v=spf1 =all", "=all", 7, false },
		{ "v=spf1 ?redirect=a.b", "?redirect=a.b", 8, false },
		{ "v=spf1 all:x", "all:x", 10, false },
		{ "v=spf1 all/8", "all/8", 10, false },
		{ "v=spf1 al", "al", 7, false },
		{ "v=spf1 include", "include", 14, false },
		{ "v=spf1 include:", "include:", 15, false },
		{ "v=spf1 include:a.b/24", "include:a.b/24", 18, false },
		{ "v=spf1 a:", "a:", 9, false },
		{ "v=spf1 a/", "a/", 8, false },
		{ "v=spf1 a/33", "a/33", 8, false },
		{ "v=spf1 a/024", "a/024", 8, false },
		{ "v=spf1 a//129", "a//129", 9, false },
		{ "v=spf1 a//1281", "a//1281", 9, false },
		{ "v=spf1 a/24/64", "a/24/64", 12, false },
		{ "v=spf1 a/24///64", "a/24///64", 12, false },
		{ "v=spf1 a:b.c:8080", "a:b.c:8080", 9, false },
		{ "v=spf1 a:b.c/x", "a:b.c/x", 9, false },
		{ "v=spf1 mx:b.1", "mx:b.1", 10, false },
		{ "v=spf1 ptr/8", "ptr/8", 10, false },
		{ "v=spf1 ptr:", "ptr:", 11, false },
		{ "v=spf1 exists", "exists", 13, false },
		{ "v=spf1 ip4", "ip4", 10, false },
		{ "v=spf1 ip4:1.2.3", "ip4:1.2.3", 11, false },
		{ "v=spf1 ip4:1.2.3.256", "ip4:1.2.3.256", 11, false },
		{ "v=spf1 ip4:1.2.3.04", "ip4:1.2.3.04", 11, false },
		{ "v=spf1 ip4:1.2.3.4/33", "ip4:1.2.3.4/33", 18, false },
		{ "v=spf1 ip4:1.2.3.4//8", "ip4:1.2.3.4//8", 18, false },
		{ "v=spf1 ip4:1.2.3.4/8/8", "ip4:1.2.3.4/8/8", 20, false },
		{ "v=spf1 ip4:1.2.3.4/", "ip4:1.2.3.4/", 18, false },
		{ "v=spf1 ip4:::1", "ip4:::1", 11, false },
		{ "v=spf1 ip6:1.2.3.4", "ip6:1.2.3.4", 11, false },
		{ "v=spf1 ip6::1::2", "ip6::1::2", 11, false },
		{ "v=spf1 ip6:fe80::1%eth0", "ip6:fe80::1%eth0", 11, false },
		{ "v=spf1 ip6:::1/129", "ip6:::1/129", 14, false },
		{ "v=spf1 redirect=", "redirect=", 16, false },
		{ "v=spf1 exp=%{r}.a.b", "exp=%{r}.a.b", 13, false },
		{ "v=spf1 foo=%abc", "foo=%abc", 11, false },
		{ "v=spf1 a:\xef\xbb\xbf.b", "a:\xef\xbb\xbf.b", 9, false },
		{ "v=spf1 a\t-all", "a\t-all", 8, false },
		{ "v=spf1 a:b", "a:b", 9, true },
		{ "v=spf1 a:b./24", "a:b./24", 9, true },
		{ "v=spf1 redirect=b", "redirect=b", 16, true },
		{ "v=spf1 a:b/33", "a:b/33", 10, false },
	};
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ms_spf_record record;

		ms_spf_record_parse(
		    arena, ms_slice_from(cases[i].record), &record);
		if (record.errors_n != 1 ||
		    record.errors[0].offset != cases[i].offset ||
		    record.errors[0].one_label != cases[i].one_label ||
		    record.valid != cases[i].one_label)
			fail_msg("%s: %zu errors, the first at %zu: %s",
			    cases[i].record, record.errors_n,
			    record.errors[0].offset, record.errors[0].text);
		assert_slice(record.errors[0].term, cases[i].term);
	}
	ms_arena_free(arena);
}

static void
test_whole(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_spf_record record;

	(void)state;
	ms_spf_record_parse(arena,
	    MS_SLICE("v=spf1  mx bad ip4:1.2.3 redirect=a.b exp=c.d redirect="
		     "e.f exp=g.h a  "),
	    &record);
	assert_int_equal(record.n, 8);
	assert_int_equal(record.errors_n, 4);
	assert_false(record.valid);
	assert_slice(record.errors[0].term, "bad");
	assert_slice(record.errors[1].term, "ip4:1.2.3");
	assert_slice(record.errors[2].term, "redirect=e.f");
	assert_slice(record.errors[3].term, "exp=g.h");
	assert_slice(record.redirect->target, "a.b");
	assert_slice(record.exp->target, "c.d");
	assert_null(record.all);
	assert_int_equal(record.terms[1].kind, MS_SPF_WRONG);
	assert_int_equal(record.terms[7].kind, MS_SPF_A);

	ms_spf_record_parse(
	    arena, MS_SLICE("v=spf1 a mx ip4:1.2.3.4 redirect=a.b"), &record);
	assert_int_equal(ms_spf_record_lookups(&record), 3);
	ms_spf_record_parse(arena,
	    MS_SLICE("v=spf1 redirect=a.b a ptr exp=c.d -all mx"), &record);
	assert_int_equal(ms_spf_record_lookups(&record), 2);
	assert_slice(record.all->text, "-all");
	ms_spf_record_parse(arena, MS_SLICE("v=spf1"), &record);
	assert_true(record.valid);
	assert_int_equal(record.n, 0);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
