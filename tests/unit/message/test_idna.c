/* SPDX-License-Identifier: ISC
 * test_idna.c - domain names in their two forms
 */
#include "test.h"

#include "mailsonde/link.h"

static void
test_both(void **state)
{
	static const struct {
		const char *in, *ascii, *unicode;
	} rows[] = {
		{ "EXAMPLE.com", "example.com", "example.com" },
		{ "m\xC3\xBCnchen.example", "xn--mnchen-3ya.example",
		    "m\xC3\xBCnchen.example" },
		{ "xn--mnchen-3ya.example", "xn--mnchen-3ya.example",
		    "m\xC3\xBCnchen.example" },
		{ "a\xE3\x80\x82"
		  "example",
		    "a.example", "a.example" },
		/* No UTF-8, and code points that are none. */
		{ "a\xEF.example", "a\xEF.example", "a\xEF.example" },
		{ "a\xF4:se.example", "a\xF4:se.example", "a\xF4:se.example" },
		{ "a\xF4\x90\x80\x80.example", "a\xF4\x90\x80\x80.example",
		    "a\xF4\x90\x80\x80.example" },
	};
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_slice ascii =
		    ms_domain_to_ascii(arena, ms_slice_from(rows[i].in));

		assert_slice(ascii, rows[i].ascii);
		assert_slice(
		    ms_domain_to_unicode(arena, ascii), rows[i].unicode);
	}
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_both) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
