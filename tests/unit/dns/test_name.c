/* SPDX-License-Identifier: ISC
 * test_name.c - names of the DNS, types and words
 */
#include "mailsonde/dns.h"
#include "test.h"

static const struct {
	const char *text;
	bool master;
	const char *want; /* formatted; NULL: no name */
} names[] = {
	{ "", false, "." },
	{ ".", false, "." },
	{ "example.com", false, "example.com" },
	{ "Example.COM.", false, "Example.COM" },
	{ "_spf.a-b.x_y", false, "_spf.a-b.x_y" },
	{ "a..b", false, NULL },
	{ ".a", false, NULL },
	{ "a..", false, NULL },
	{ "..", false, NULL },
	{ "a b.c", false, "a\\032b.c" },
	{ "a\\.b", false, "a\\\\.b" },
	{ "a\\.b", true, "a\\.b" },
	{ "a\\046b.c", true, "a\\.b.c" },
	{ "\\255", true, "\\255" },
	{ "\\256", true, NULL },
	{ "\\25", true, NULL },
	{ "a\\", true, NULL },
	{ "\"@;$()", false, "\\\"\\@\\;\\$\\(\\)" },
	{ "\xc3\xa9.fr", false, "\\195\\169.fr" },
};

static void
test_names(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct ms_slice text = ms_slice_from(names[i].text);
		struct ms_dns_name name, again;
		bool good = names[i].master
				? ms_dns_name_from_master(text, &name)
				: ms_dns_name_from_text(text, &name);

		if (good != (names[i].want != NULL))
			fail_msg("\"%s\"", names[i].text);
		if (!good)
			continue;
		text = ms_dns_name_format(arena, &name);
		assert_slice(text, names[i].want);
		assert_int_equal(text.p[text.n], 0);
		assert_true(ms_dns_name_from_master(text, &again));
		assert_true(ms_dns_name_equal(&name, &again));
		assert_true(ms_dns_name_from_wire(
		    ms_slice_make(name.wire, name.n), &again));
		assert_int_equal(again.n, name.n);
	}
	ms_arena_free(arena);
}

/* RFC 1035 2.3.4: labels of 63 octets, names of 255. */
static void
test_limits(void **state)
{
	char text[300];
	struct ms_dns_name name;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(ms_dns_name_from_text(ms_slice_make(text, 63), &name));
	assert_int_equal(name.n, 65);
	assert_false(ms_dns_name_from_text(ms_slice_make(text, 64), &name));
	for (size_t i = 63; i < sizeof(text); i += 64)
		text[i] = '.';
	/* Three labels of 63 octets, one of 61: 64 * 3 + 62 + 1. */
	assert_true(
	    ms_dns_name_from_text(ms_slice_make(text, 192 + 61), &name));
	assert_int_equal(name.n, 255);
	assert_false(
	    ms_dns_name_from_text(ms_slice_make(text, 192 + 62), &name));
	text[253] = '.';
	assert_true(
	    ms_dns_name_from_text(ms_slice_make(text, 192 + 62), &name));
	assert_int_equal(name.n, 255);
}

static void
test_wire(void **state)
{
	static const unsigned char cut[] = { 3, 'c', 'o', 'm' };
	static const unsigned char pointer[] = { 0xc0, 0x0c };
	static const unsigned char more[] = { 1, 'a', 0, 9, 9 };
	struct ms_dns_name name;
	unsigned char wide[300];

	(void)state;
	assert_false(ms_dns_name_from_wire(ms_slice_make(cut, 4), &name));
	assert_false(ms_dns_name_from_wire(ms_slice_make(cut, 0), &name));
	assert_false(ms_dns_name_from_wire(ms_slice_make(pointer, 2), &name));
	assert_true(ms_dns_name_from_wire(ms_slice_make(more, 5), &name));
	assert_int_equal(name.n, 3);
	memset(wide, 1, sizeof(wide));
	wide[256] = 0;
	assert_false(ms_dns_name_from_wire(ms_slice_make(wide, 300), &name));
	wide[254] = 0;
	assert_true(ms_dns_name_from_wire(ms_slice_make(wide, 300), &name));
	assert_int_equal(name.n, 255);
}

static void
test_reverse(void **state)
{
	static const char *const pairs[][2] = {
		{ "192.0.2.1", "1.2.0.192.in-addr.arpa" },
		{ "::ffff:192.0.2.1", "1.2.0.192.in-addr.arpa" },
		{ "2001:db8::567:89ab",
		    "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		    "1.0.0.2.ip6.arpa" },
	};
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct ms_dns_name name;
		struct ms_ip ip;

		assert_true(ms_ip_parse(ms_slice_from(pairs[i][0]), &ip));
		ms_dns_name_reverse(&ip, &name);
		assert_slice(ms_dns_name_format(arena, &name), pairs[i][1]);
	}
	ms_arena_free(arena);
}

static void
test_types(void **state)
{
	char text[MS_DNS_TYPE_TEXT];

	(void)state;
	for (unsigned i = 1; i <= UINT16_MAX; i++) {
		ms_dns_type_format((uint16_t)i, text);
		assert_int_equal(ms_dns_type_parse(ms_slice_from(text)), i);
	}
	assert_string_equal(text, "TYPE65535");
	assert_int_equal(ms_dns_type_parse(MS_SLICE("txt")), MS_DNS_TXT);
	assert_int_equal(ms_dns_type_parse(MS_SLICE("type16")), MS_DNS_TXT);
	assert_int_equal(ms_dns_type_parse(MS_SLICE("TYPE65536")), 0);
	assert_int_equal(ms_dns_type_parse(MS_SLICE("TXTT")), 0);
	assert_int_equal(ms_dns_type_parse(MS_SLICE("TYPE")), 0);
	assert_int_equal(ms_dns_type_parse(MS_SLICE("")), 0);
}

static void
test_words(void **state)
{
	enum ms_dns_security security;
	enum ms_dns_status status;

	(void)state;
	for (unsigned i = 0; i <= MS_DNS_INVALID; i++) {
		assert_true(ms_dns_status_parse(
		    ms_slice_from(ms_dns_status_name((enum ms_dns_status)i)),
		    &status));
		assert_int_equal(status, i);
		/* Every status is an answer, an absence or a failure. */
		assert_int_equal((i == MS_DNS_FOUND) + (i == MS_DNS_INVALID) +
				     ms_dns_is_absent(status) +
				     (status == MS_DNS_REFERRAL) +
				     ms_dns_is_failure(status),
		    1);
	}
	assert_false(ms_dns_status_parse(MS_SLICE("Found"), &status));
	for (unsigned i = 0; i <= MS_DNS_SECURITY_BOGUS; i++) {
		assert_true(
		    ms_dns_security_parse(ms_slice_from(ms_dns_security_name(
					      (enum ms_dns_security)i)),
			&security));
		assert_int_equal(security, i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_reverse),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
