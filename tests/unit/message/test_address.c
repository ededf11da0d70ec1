/* SPDX-License-Identifier: ISC
 * test_address.c - address lists
 */
#include "mailsonde/address.h"

#include <time.h>

#include "test.h"

/* "name|address|name|address…" */
static const struct {
	const char *in, *want;
} lists[] = {
	{ "a@example.org", "|a@example.org" },
	{ "<a@example.org>", "|a@example.org" },
	{ "Ann <a@example.org>", "Ann|a@example.org" },
	{ "\"Ann, Bob\" <a@example.org>", "Ann, Bob|a@example.org" },
	{ "\"Ann \\\"B\\\"\" <a@example.org>", "Ann \"B\"|a@example.org" },
	{ "Dr. Ann <a@example.org>", "Dr. Ann|a@example.org" },
	{ "a@example.org (Ann (the) Boss)", "Ann (the) Boss|a@example.org" },
	{ "a@example.org, b@example.org", "|a@example.org||b@example.org" },
	{ "a@example.org,, ,b@example.org,", "|a@example.org||b@example.org" },
	{ "Team: a@example.org, Bo <b@example.org>;, c@example.net",
	    "|a@example.org|Bo|b@example.org||c@example.net" },
	{ "undisclosed-recipients:;", "" },
	{ "<@relay.example,@b.example:a@example.org>", "|a@example.org" },
	{ "a . b @ example . org", "|a.b@example.org" },
	{ "\"a b\"@example.org", "|\"a b\"@example.org" },
	{ "\"ab\"@example.org", "|ab@example.org" },
	{ "a@[192.0.2.1]", "|a@[192.0.2.1]" },
	{ "a@example.org.", "|a@example.org" },
	{ "<a@example.org", "|a@example.org" },
	{ "<a@example.org, b@example.org", "|a@example.org||b@example.org" },
	{ "<<a@example.org>>", "|a@example.org" },
	{ "mailto:a@example.org", "|a@example.org" },
	{ "<mailto:a@example.org>", "|a@example.org" },
	{ "=?utf-8?q?J=C3=B6rg?= <j@example.org>",
	    "J\xc3\xb6rg|j@example.org" },
	{ "\"=?utf-8?q?J=C3=B6rg?=\" <j@example.org>",
	    "J\xc3\xb6rg|j@example.org" },
	{ "J\xc3\xb6rg <j\xc3\xb6rg@ex\xc3\xa4mple.org>",
	    "J\xc3\xb6rg|j\xc3\xb6rg@ex\xc3\xa4mple.org" },
	{ "a@b@example.org", "|a@b@example.org" },
	{ "<>", "|" },
	{ "root", "|root" },
	{ "not an address", "not an address|" },
	{ "a@example.org; b@example.org", "|a@example.org||b@example.org" },
	{ "", "" },
	{ "\"unclosed <a@example.org>", "unclosed <a@example.org>|" },
};

static void
reads_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct test_parse t;
		struct ms_addresses out = { 0 };
		struct ms_field field;
		struct ms_buf got;

		test_parse_init(&t);
		field = test_field(t.arena, "To", lists[i].in);
		ms_addresses_parse(&t.parse, &field, &out);
		ms_buf_init(&got, t.arena);
		for (size_t k = 0; k < out.n; k++) {
			if (k > 0)
				ms_buf_byte(&got, '|');
			ms_buf_slice(&got, out.list[k].name);
			ms_buf_byte(&got, '|');
			ms_buf_slice(&got, out.list[k].address);
		}
		assert_slice(ms_buf_get(&got), lists[i].want);
		test_parse_done(&t);
	}
}

static void
names_parts_and_groups(void **state)
{
	struct test_parse t;
	struct ms_addresses out = { 0 };
	struct ms_field field;

	(void)state;
	test_parse_init(&t);
	field = test_field(t.arena, "To", "Staff: Ann <a@EXAMPLE.org>;");
	ms_addresses_parse(&t.parse, &field, &out);
	assert_int_equal(out.n, 1);
	assert_int_equal(out.groups, 1);
	assert_slice(out.list[0].group, "Staff");
	assert_slice(out.list[0].local, "a");
	assert_slice(out.list[0].domain, "EXAMPLE.org");
	assert_true(out.list[0].valid);
	assert_int_equal(t.defects.n, 0);
	test_parse_done(&t);
}

static void
reads_return_paths(void **state)
{
	struct test_parse t;
	struct ms_addresses out = { 0 };
	struct ms_field field;

	(void)state;
	test_parse_init(&t);
	field = test_field(t.arena, "Return-Path", "<>");
	ms_path_parse(&t.parse, &field, &out);
	assert_int_equal(out.n, 1);
	assert_true(out.list[0].valid);
	assert_int_equal(out.list[0].address.n, 0);
	field = test_field(t.arena, "Return-Path", "<b@example.org>");
	ms_path_parse(&t.parse, &field, &out);
	assert_slice(out.list[0].address, "b@example.org");
	test_parse_done(&t);
}

/* Repeats one byte over 10 MB; the limit on a field's size is lifted. */
static void
stays_linear(void **state)
{
	static const char bytes[] = "(,<\":;@\\[a>)";
	size_t n = 10 * 1024 * 1024;

	(void)state;
	for (size_t i = 0; bytes[i]; i++) {
		struct test_parse t;
		struct ms_addresses out = { 0 };
		struct ms_field field;
		unsigned char *p;
		clock_t start = clock();

		test_parse_init(&t);
		t.limits.field_size = n;
		p = ms_arena_bytes(t.arena, n);
		memset(p, bytes[i], n);
		field = test_field(t.arena, "To", "");
		field.value = field.body = ms_slice_make(p, n);
		ms_addresses_parse(&t.parse, &field, &out);
		/* Generous: a quadratic reader needs hours. */
		assert_true(clock() - start < 60 * CLOCKS_PER_SEC);
		assert_true(out.n <= t.limits.addresses);
		test_parse_done(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lists),
		cmocka_unit_test(names_parts_and_groups),
		cmocka_unit_test(reads_return_paths),
		cmocka_unit_test(stays_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
