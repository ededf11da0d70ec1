/* SPDX-License-Identifier: ISC
 * test_encoded_word.c - RFC 2047 words whole and damaged, raw 8-bit bytes
 */
#include "mailsonde/header.h"
#include "mailsonde/utf8.h"

#include "test.h"

#define NONE MS_DEFECT_COUNT

struct word_case {
	const char *in, *out;
	enum ms_defect_kind defect; /* NONE, or one that is found */
};

static const struct word_case cases[] = {
	{ "", "", NONE },
	{ "plain text", "plain text", NONE },
	{ "caf\xc3\xa9", "caf\xc3\xa9", NONE },
	{ "caf\xe9", "caf\xc3\xa9", MS_DEFECT_8BIT_HEADER },
	/* RFC 2047 8 */
	{ "=?ISO-8859-1?Q?a?=", "a", NONE },
	{ "=?ISO-8859-1?Q?a?= b", "a b", NONE },
	{ "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab", NONE },
	{ "=?ISO-8859-1?Q?a?=  \r\n =?ISO-8859-1?Q?b?=", "ab", NONE },
	{ "=?ISO-8859-1?Q?a_b?=", "a b", NONE },
	{ "=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b", NONE },
	{ "=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?= <x>",
	    "Patrik F\xc3\xa4ltstr\xc3\xb6m <x>", NONE },
	{ "=?utf-8?B?Y2Fmw6k=?=", "caf\xc3\xa9", NONE },
	{ "=?utf-8?b?Y2Fmw6k?=!", "caf\xc3\xa9!", MS_DEFECT_ENCODED_WORD },
	/* RFC 2231 5 */
	{ "=?utf-8*en?Q?caf=C3=A9?=", "caf\xc3\xa9", NONE },
	/* one character in two words, two encodings */
	{ "=?utf-8?Q?caf=C3?= =?UTF-8?Q?=A9?=", "caf\xc3\xa9", NONE },
	{ "=?utf-8?B?Y2Fmww==?= =?utf-8?Q?=A9?=", "caf\xc3\xa9", NONE },
	/* no white space where it should be */
	{ "[x]=?utf-8?Q?a?==?utf-8?Q?b?=c", "[x]abc", NONE },
	{ "\"=?utf-8?Q?a?=\"", "\"a\"", NONE },
	/* spaces and question marks inside */
	{ "=?utf-8?Q?a b c?= d", "a b c d", NONE },
	{ "=?utf-8?Q?what?\?= d", "what? d", NONE },
	{ "=?utf-8?Q?a=?=", "a=", MS_DEFECT_ENCODED_WORD },
	{ "=?utf-8?Q?\?=", "", NONE },
	/* no end */
	{ "=?utf-8?Q?caf=C3=A9", "caf\xc3\xa9", MS_DEFECT_ENCODED_WORD },
	{ "=?utf-8?Q?a_=?utf-8?Q?b?=", "a b", MS_DEFECT_ENCODED_WORD },
	{ "=?utf-8?B?Y2Fmw6k= next", "caf\xc3\xa9 next",
	    MS_DEFECT_ENCODED_WORD },
	{ "=?utf-8?B?Y2Fmw6k=?", "caf\xc3\xa9", MS_DEFECT_ENCODED_WORD },
	/* bad encoding inside */
	{ "=?utf-8?B?Y2F!m w6k=?=", "caf\xc3\xa9", MS_DEFECT_ENCODED_WORD },
	{ "=?utf-8?B?Y?=", "", MS_DEFECT_ENCODED_WORD },
	{ "=?utf-8?Q?=ZZ=4?=", "=ZZ=4", MS_DEFECT_ENCODED_WORD },
	/* charsets */
	{ "=?x-none?Q?caf=E9?=", "caf\xc3\xa9", MS_DEFECT_CHARSET_UNKNOWN },
	{ "=?utf-8?Q?a=FFb?=",
	    "a\xef\xbf\xbd"
	    "b",
	    MS_DEFECT_CHARSET },
	{ "=?iso-8859-1?Q?=C3=A9?=", "\xc3\x83\xc2\xa9", NONE },
	{ "=?iso-2022-jp?B?GyRCRnwbKEI=?=", "\xe6\x97\xa5", NONE },
	{ "=?\?Q?a?=", "a", NONE },
	/* no words */
	{ "=?utf-8?X?abc?=", "=?utf-8?X?abc?=", NONE },
	{ "=?", "=?", NONE },
	{ "=?=?=?=", "=?=?=?=", NONE },
	{ "=?a b?Q?c?=", "=?a b?Q?c?=", NONE },
	{ "a\r\n b", "a b", NONE },
};

static void
words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct word_case *c = &cases[i];
		struct test_parse test;
		struct ms_slice out;

		test_parse_init(&test);
		out = ms_text_decode(&test.parse, ms_slice_from(c->in), 7);
		assert_slice(out, c->out);
		if (c->defect == NONE && test.defects.n != 0)
			fail_msg("\"%s\" has a defect", c->in);
		if (c->defect != NONE) {
			if (!test.defects.seen[c->defect])
				fail_msg("\"%s\" lacks its defect", c->in);
			assert_int_equal(test.defects.first->offset, 7);
		}
		test_parse_done(&test);
	}
}

/* Nothing to decode: nothing copied. */
static void
untouched(void **state)
{
	struct ms_slice plain = MS_SLICE("plain = ? text");
	struct test_parse test;

	(void)state;
	test_parse_init(&test);
	assert_ptr_equal(ms_text_decode(&test.parse, plain, 0).p, plain.p);
	assert_ptr_equal(ms_unescape(test.arena, plain).p, plain.p);
	assert_slice(
	    ms_phrase_decode(&test.parse, MS_SLICE(" =?utf-8?Q?_a_?= "), 0),
	    "a");
	test_parse_done(&test);
}

static void
unescape(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	assert_slice(ms_unescape(arena, MS_SLICE("a\\\"b\\\\c")), "a\"b\\c");
	assert_slice(ms_unescape(arena, MS_SLICE("\\a\\")), "a\\");
	assert_slice(ms_unescape(arena, MS_SLICE("\\\\")), "\\");
	assert_slice(ms_unescape(arena, MS_SLICE("\\")), "\\");
	ms_arena_free(arena);
}

/* Behind the limit words stay as they stand. */
static void
limit(void **state)
{
	struct test_parse test;

	(void)state;
	test_parse_init(&test);
	test.limits.encoded_words = 1;
	assert_slice(ms_text_decode(&test.parse,
			 MS_SLICE("=?utf-8?Q?a?= =?utf-8?Q?b?="), 0),
	    "a =?utf-8?Q?b?=");
	assert_non_null(test.defects.seen[MS_DEFECT_LIMIT]);
	test_parse_done(&test);
}

/* Linear: were these quadratic, the test would not come to its end. */
static void
large(void **state)
{
	static const char *const units[] = { "=?", "=?a?q?",
		"=?a?b?x?=", "?=", "=?a?q?=?a?x?",
		"=?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	size_t n = 4000000;

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t unit = strlen(units[i]);
		struct test_parse test;
		unsigned char *p;

		test_parse_init(&test);
		p = ms_arena_bytes(test.arena, n);
		for (size_t at = 0; at < n; at++)
			p[at] = (unsigned char)units[i][at % unit];
		assert_true(ms_utf8_valid(
		    ms_text_decode(&test.parse, ms_slice_make(p, n), 0)));
		test_parse_done(&test);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(untouched),
		cmocka_unit_test(unescape),
		cmocka_unit_test(limit),
		cmocka_unit_test(large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
