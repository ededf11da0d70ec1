/* SPDX-License-Identifier: ISC
 * test_spf_macro.c - macro strings: grammar, and the examples of RFC 7208 7.4
 */
#include "mailsonde/spf.h"
#include "test.h"

struct grammar {
	const char *text;
	enum ms_spf_macro_mode mode;
	int fault; /* offset of what is wrong; -1: nothing */
};

static void
test_grammar(void **state)
{
	static const struct grammar cases[] = {
		{ "example.com", MS_SPF_DOMAIN_SPEC, -1 },
		{ "example.com.", MS_SPF_DOMAIN_SPEC, -1 },
		{ "%{d}", MS_SPF_DOMAIN_SPEC, -1 },
		{ "a.%{D2R-.+,/_=}", MS_SPF_DOMAIN_SPEC, -1 },
		{ "a%%", MS_SPF_DOMAIN_SPEC, -1 },
		{ "a%_b.c1", MS_SPF_DOMAIN_SPEC, -1 },
		{ "a:b/c.d-e", MS_SPF_DOMAIN_SPEC, -1 },
		{ ".com", MS_SPF_DOMAIN_SPEC, -1 },
		{ "a.1-2", MS_SPF_DOMAIN_SPEC, -1 },
		{ "", MS_SPF_DOMAIN_SPEC, 0 },
		{ "com", MS_SPF_DOMAIN_SPEC, 0 },
		{ "com.", MS_SPF_DOMAIN_SPEC, 0 },
		{ "%{d}com", MS_SPF_DOMAIN_SPEC, 4 },
		{ "a.123", MS_SPF_DOMAIN_SPEC, 0 },
		{ "%{d}.-a", MS_SPF_DOMAIN_SPEC, 4 },
		{ "%{d}.a-", MS_SPF_DOMAIN_SPEC, 4 },
		{ "%{d}..", MS_SPF_DOMAIN_SPEC, 4 },
		{ "a.b_c", MS_SPF_DOMAIN_SPEC, 0 },
		{ "%", MS_SPF_DOMAIN_SPEC, 0 },
		{ "a%b.c", MS_SPF_DOMAIN_SPEC, 1 },
		{ "a.%{", MS_SPF_DOMAIN_SPEC, 4 },
		{ "a.%{d", MS_SPF_DOMAIN_SPEC, 5 },
		{ "a.%{d0}", MS_SPF_DOMAIN_SPEC, 6 },
		{ "a.%{d00}", MS_SPF_DOMAIN_SPEC, 7 },
		{ "a.%{dr2}", MS_SPF_DOMAIN_SPEC, 6 },
		{ "a.%{d*}", MS_SPF_DOMAIN_SPEC, 5 },
		{ "a.%{x}", MS_SPF_DOMAIN_SPEC, 4 },
		{ "a.%{c}", MS_SPF_DOMAIN_SPEC, 4 },
		{ "a b.c", MS_SPF_DOMAIN_SPEC, 1 },
		{ "a\tb.c", MS_SPF_DOMAIN_SPEC, 1 },
		{ "a\x80.c", MS_SPF_DOMAIN_SPEC, 1 },
		{ "", MS_SPF_EXPLANATION, -1 },
		{ "see %{c} %{r} %{t}", MS_SPF_EXPLANATION, -1 },
		{ "50% of", MS_SPF_EXPLANATION, 2 },
		{ "caf\xc3\xa9", MS_SPF_EXPLANATION, 3 },
		{ "", MS_SPF_MACRO_STRING, -1 },
		{ "man:dog/%{c}", MS_SPF_MACRO_STRING, -1 },
		{ "%abc", MS_SPF_MACRO_STRING, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t offset = 999;
		bool valid = ms_spf_macro_valid(
		    ms_slice_from(cases[i].text), cases[i].mode, &offset);

		if (valid != (cases[i].fault < 0) ||
		    (!valid && offset != (size_t)cases[i].fault))
			fail_msg("\"%s\": %s at %zu", cases[i].text,
			    valid ? "valid" : "wrong", offset);
	}
}

static const struct ms_spf_request request4 = {
	.ip = { true, true, { [10] = 255, [11] = 255, 192, 0, 2, 3 } },
	.mail_from = { (const unsigned char *)"strong-bad@email.example.com",
	    28 },
	.helo = { (const unsigned char *)"mx.example.org", 14 },
};
static const struct ms_spf_request request6 = {
	.ip = { true, false,
	    { 0x20, 0x01, 0x0d, 0xb8, [14] = 0xcb, [15] = 0x01 } },
	.mail_from = { (const unsigned char *)"strong-bad@email.example.com",
	    28 },
	.receiver = { (const unsigned char *)"me.example", 10 },
};

struct expansion {
	const char *text, *want;
};

static void
expand_all(const struct ms_spf_request *request, enum ms_spf_macro_mode mode,
    const struct expansion *cases, size_t n)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_env env = { .dns = ms_dns_none(),
		.clock = { .now = 1700000000 },
		.limits = ms_limits_fill(NULL) };

	for (size_t i = 0; i < n; i++) {
		struct ms_slice out;
		bool ok = ms_spf_expand(&env, arena, request,
		    MS_SLICE("email.example.com"), ms_slice_from(cases[i].text),
		    mode, &out);

		if (!ok != !cases[i].want ||
		    (ok && !ms_slice_equal(out, ms_slice_from(cases[i].want))))
			fail_msg("\"%s\" is \"%.*s\"", cases[i].text,
			    (int)out.n, ok ? (const char *)out.p : "");
	}
	ms_arena_free(arena);
}

/* RFC 7208 section 7.4, and what it does not show. */
static void
test_names(void **state)
{
	static const struct expansion v4[] = {
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{d99999999999999999999999}", "email.example.com" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{l1-}", "bad" },
		{ "%{s2r-@}", NULL },
		{ "%{s.-}", "strong.bad@email.example.com" },
		{ "%{s2.-}", "example.com" },
		{ "%{ir}.%{v}._spf.%{d2}",
		    "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
		    "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
		{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
		    "3.2.0.192.in-addr.strong.lp._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net",
		    "example.com.trusted-domains.example.net" },
		{ "%{h}", "mx.example.org" },
		{ "%{p}.x", "unknown.x" },
		{ "a%%b%_c%-d.%{v}", "a%b c%20d.in-addr" },
		{ "example.com.", "example.com" },
		{ "%{S}", "strong-bad%40email.example.com" },
		{ "%{i1r}.x", "192.x" },
	};
	static const struct expansion v6[] = {
		{ "%{ir}.%{v}._spf.%{d2}",
		    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d."
		    "0.1.0.0.2.ip6._spf.example.com" },
		{ "%{h}.%{d}", ".email.example.com" },
		{ "%{h}", NULL },
	};

	(void)state;
	expand_all(&request4, MS_SPF_DOMAIN_SPEC, v4, sizeof(v4) / sizeof(*v4));
	expand_all(&request6, MS_SPF_DOMAIN_SPEC, v6, sizeof(v6) / sizeof(*v6));
}

static void
test_explanations(void **state)
{
	static const struct expansion v4[] = {
		{ "%{c} %{i}%_%{r}, %{t}",
		    "192.0.2.3 192.0.2.3 unknown, 1700000000" },
		{ "", "" },
		{ "a..", "a.." },
	};
	static const struct expansion v6[] = {
		{ "%{c} at %{r}", "2001:db8::cb01 at me.example" },
	};

	(void)state;
	expand_all(&request4, MS_SPF_EXPLANATION, v4, sizeof(v4) / sizeof(*v4));
	expand_all(&request6, MS_SPF_EXPLANATION, v6, sizeof(v6) / sizeof(*v6));
}

/* 7.3: a name keeps its last 253 octets, whole labels; text has a limit. */
static void
test_length(void **state)
{
	static const size_t sizes[] = { 1, 5, 100, 126, 127, 1000, 20000 };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_env env = { .dns = ms_dns_none(),
		.limits = ms_limits_fill(NULL) };
	struct ms_spf_request request = request4;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct ms_buf buf;
		struct ms_slice out;
		size_t octets;

		ms_buf_init(&buf, arena);
		for (size_t k = 0; k < sizes[i]; k++)
			ms_buf_text(&buf, "x.");
		ms_buf_text(&buf, "y@z.example");
		request.mail_from = ms_buf_get(&buf);
		assert_true(
		    ms_spf_expand(&env, arena, &request, MS_SLICE("d.example"),
			MS_SLICE("%{l}.%{l}.%{d}"), MS_SPF_DOMAIN_SPEC, &out));
		octets = 2 * (2 * sizes[i] + 1) + 11;
		/* Labels have an odd place: 253 octets can be had. */
		assert_int_equal(out.n, octets < 253 ? octets : 253);
		assert_true(ms_slice_ends(out, ".y.d.example"));
		assert_true(out.p[0] != '.');
		assert_true(
		    ms_spf_expand(&env, arena, &request, MS_SLICE("d.example"),
			MS_SLICE("%{l}"), MS_SPF_EXPLANATION, &out));
		octets = 2 * sizes[i] + 1;
		assert_int_equal(out.n, octets < 4096 ? octets : 4096);
	}
	ms_arena_free(arena);
}

/* A label that does not fit takes everything before it along. */
static void
test_long_label(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_env env = { .dns = ms_dns_none(),
		.limits = ms_limits_fill(NULL) };
	struct ms_spf_request request = request4;
	struct ms_buf buf;
	struct ms_slice out;

	(void)state;
	ms_buf_init(&buf, arena);
	ms_buf_repeat(&buf, 'x', 300);
	ms_buf_text(&buf, "@z.example");
	request.mail_from = ms_buf_get(&buf);
	assert_true(ms_spf_expand(&env, arena, &request, MS_SLICE("d.example"),
	    MS_SLICE("a.%{l}.%{d}"), MS_SPF_DOMAIN_SPEC, &out));
	assert_slice(out, "d.example");
	assert_false(ms_spf_expand(&env, arena, &request, MS_SLICE("d.example"),
	    MS_SLICE("a.%{l}"), MS_SPF_DOMAIN_SPEC, &out));
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_explanations),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_long_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
