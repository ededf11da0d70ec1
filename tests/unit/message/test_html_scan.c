/* SPDX-License-Identifier: ISC
 * test_html_scan.c - HTML cut into tokens
 */
#include "test.h"

#include "message/html_priv.h"

static void
test_tokens(void **state)
{
	/* T text, R raw text, S start, E end, C comment; each with bytes. */
	static const struct {
		const char *in, *wanted;
	} rows[] = {
		{ "a<b c='>'>d</b>", "T:a S:<b c='>'> T:d E:</b> " },
		{ "<!--a--><!-->b<!---->",
		    "C:<!--a--> C:<!--> T:b C:<!----> " },
		{ "<!--a--!>b", "C:<!--a--!> T:b " },
		{ "<!x><?y></ z>", "C:<!x> C:<?y> C:</ z> " },
		{ "a < b <3", "T:a < b <3 " },
		{ "</>a", "T:a " },
		{ "a<b c=\"", "T:a " },
		{ "<style></b></STYLE >x",
		    "S:<style> R:</b> E:</STYLE > T:x " },
		{ "<title>a<b></title>", "S:<title> T:a<b> E:</title> " },
		{ "<script><!--<script></script></script>",
		    "S:<script> R:<!--<script></script> E:</script> " },
		{ "<plaintext></plaintext>", "S:<plaintext> R:</plaintext> " },
		{ "<a/b=c>", "S:<a/b=c> " },
	};
	static const char letters[] = "TRSEC";
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct html_token token;
		struct html_scan scan;
		struct ms_buf buf;

		ms_buf_init(&buf, arena);
		html_scan_init(&scan, ms_slice_from(rows[i].in), 128);
		while (html_next(&scan, &token))
			ms_buf_printf(&buf, "%c:%.*s ", letters[token.type],
			    (int)token.all.n, (const char *)token.all.p);
		assert_slice(ms_buf_get(&buf), rows[i].wanted);
	}
	ms_arena_free(arena);
}

static void
test_decode(void **state)
{
	static const struct {
		const char *in;
		bool attribute;
		const char *wanted;
	} rows[] = {
		{ "a&amp;b&lt", false, "a&b<" },
		{ "&notit;", false, "\xC2\xACit;" },
		{ "&copy=1&copyx", true, "&copy=1&copyx" },
		{ "&copy;=1", true, "\xC2\xA9=1" },
		{ "&#x41;&#66&#128;&#0;", false, "AB\xE2\x82\xAC\xEF\xBF\xBD" },
		{ "&;&#;&#x;&", false, "&;&#;&#x;&" },
	};
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_slice(html_decode(arena, ms_slice_from(rows[i].in),
				 rows[i].attribute),
		    rows[i].wanted);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
