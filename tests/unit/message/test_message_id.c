/* SPDX-License-Identifier: ISC
 * test_message_id.c - message ids as they are and as they are found
 */
#include "mailsonde/header.h"

#include "test.h"

struct id_case {
	const char *in, *out;
	bool odd;
};

static const struct id_case cases[] = {
	{ "<1234@local.machine.example>", "1234@local.machine.example", false },
	{ "(c) <a@b> (d)", "a@b", false },
	{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", false },
	{ "<a@b> <c@d>", "a@b", true },
	{ "a@b", "a@b", true },
	{ "m", "m", true },
	{ "a@b>", "a@b", true },
	{ "<a@b", "a@b", true },
	{ "<<a@b>>", "a@b", true },
	{ "x <a@b>", "a@b", true },
	{ "< a@b >", "a@b", false },
	{ "<a @b>", "a@b", true },
	{ "<a@ b>", "a@b", true },
	{ "<a@b ' '>", "a@b", true },
	{ "<no-at>", "no-at", true },
	{ "<a@b\xff>", "a@b\xef\xbf\xbd", true },
	{ "<>", NULL, true },
	{ "", NULL, true },
};

static void
ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct id_case *c = &cases[i];
		struct ms_field field = { 0 };
		struct test_parse test;
		struct ms_slice out;

		test_parse_init(&test);
		field.value = ms_slice_from(c->in);
		out = ms_message_id_parse(&test.parse, &field);
		assert_slice(out, c->out);
		if (!c->out)
			assert_null(out.p);
		if (c->odd != (test.defects.n > 0))
			fail_msg("\"%s\": defects", c->in);
		test_parse_done(&test);
	}
}

static void
none(void **state)
{
	struct test_parse test;

	(void)state;
	test_parse_init(&test);
	assert_null(ms_message_id_parse(&test.parse, NULL).p);
	assert_int_equal(test.defects.n, 0);
	test_parse_done(&test);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
