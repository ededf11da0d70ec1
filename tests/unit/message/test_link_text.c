/* SPDX-License-Identifier: ISC
 * test_link_text.c - URLs in plain text
 */
#include "test.h"

#include "message/link_priv.h"

static void
test_first(void **state)
{
	static const struct {
		const char *in, *wanted;
	} rows[] = {
		{ "(https://x.example/a_(b))", "https://x.example/a_(b)" },
		{ "see http://a.example/.", "http://a.example/" },
		{ "<URL:ftp://a.example/x>", "ftp://a.example/x" },
		{ "at www.a.example, or", "www.a.example" },
		{ "xhttp://a.example", "http://a.example" },
		{ "mailto:a@b.example;", "mailto:a@b.example" },
		{ "foo://a.example", NULL },
		{ "http://", NULL },
		{ "xwww.a.example", NULL },
		{ "'http://a.example/?b=c&d'!", "http://a.example/?b=c&d" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct link_search search = { .text =
						  ms_slice_from(rows[i].in) };
		struct link_span span = { 0 };
		bool found = link_text_next(&search, &span);

		assert_int_equal(found, rows[i].wanted != NULL);
		assert_slice(ms_slice_part(search.text, span.from, span.to),
		    rows[i].wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_first) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
