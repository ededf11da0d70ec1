/* SPDX-License-Identifier: ISC
 * test_slice.c - searches that look at sixteen bytes at a time, and lines
 *
 * What is fast is held against the same written plainly, at every offset and
 * length around the sixteen.
 */
#include "mailsonde/slice.h"

#include <stdlib.h>

#include "test.h"

static size_t
plain_find(struct ms_slice s, size_t from, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = from; i + n <= s.n && i < s.n; i++)
		if (memcmp(s.p + i, text, n) == 0)
			return i;
	return s.n;
}

static size_t
plain_line(struct ms_slice s, size_t from, char a, char b)
{
	for (size_t i = from; i + 1 < s.n; i++)
		if (s.p[i] == '\n' && s.p[i + 1] == a &&
		    (!b || (i + 2 < s.n && s.p[i + 2] == b)))
			return i;
	return s.n;
}

/* A copy that ends where its memory ends, so that a sanitizer sees more. */
static void
compare_searches(const char *text, size_t n)
{
	unsigned char *p = malloc(n ? n : 1);
	struct ms_slice s;

	assert_non_null(p);
	memcpy(p, text, n);
	s = ms_slice_make(p, n);
	for (size_t from = 0; from <= n; from++) {
		assert_int_equal(ms_slice_find_text(s, from, "ab"),
		    plain_find(s, from, "ab"));
		assert_int_equal(ms_slice_find_text(s, from, "aba"),
		    plain_find(s, from, "aba"));
		assert_int_equal(
		    ms_slice_find_text(s, from, "b"), plain_find(s, from, "b"));
		assert_int_equal(ms_slice_find_nocase(s, from, "AbA"),
		    plain_find(s, from, "aba"));
		assert_int_equal(
		    ms_slice_find(s, from, 'b'), plain_find(s, from, "b"));
		assert_int_equal(ms_slice_find_line(s, from, 'a', 'b'),
		    plain_line(s, from, 'a', 'b'));
		assert_int_equal(ms_slice_find_line(s, from, 'a', 0),
		    plain_line(s, from, 'a', 0));
	}
	free(p);
}

static void
searches_like_a_plain_loop(void **state)
{
	char text[80];
	uint32_t seed = 7;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		size_t n = round % sizeof(text);

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525u + 1013904223u;
			text[i] = "aab\nbaax\n."[seed >> 16 & 7];
		}
		compare_searches(text, n);
	}
}

static void
finds_at_every_place(void **state)
{
	char text[64];

	(void)state;
	for (size_t n = 3; n < sizeof(text); n++)
		for (size_t at = 0; at + 3 <= n; at++) {
			memset(text, 'x', sizeof(text));
			memcpy(text + at, "\nab", 3);
			compare_searches(text, n);
		}
}

static void
compares(void **state)
{
	(void)state;
	assert_true(ms_slice_is(MS_SLICE("Text/PLAIN"), "text/plain"));
	assert_false(ms_slice_is(MS_SLICE("text/plai"), "text/plain"));
	assert_false(ms_slice_is(MS_SLICE("text/plain2"), "text/plain"));
	assert_true(ms_slice_is(MS_SLICE(""), ""));
	assert_false(ms_slice_is(MS_SLICE(""), "a"));
	assert_false(ms_slice_is(MS_SLICE("a"), ""));
	assert_true(ms_slice_is(ms_slice_make(NULL, 0), ""));
	/* '[' and '{', '@' and '`' differ by the bit of the case, too. */
	assert_false(ms_slice_is(MS_SLICE("["), "{"));
	assert_false(ms_slice_is(MS_SLICE("@"), "`"));
	assert_true(ms_slice_starts(MS_SLICE("ReceivedX"), "received"));
	assert_false(ms_slice_starts(MS_SLICE("Receive"), "received"));
	assert_true(ms_slice_ends(MS_SLICE("a.Example.COM"), ".example.com"));
	assert_false(ms_slice_ends(MS_SLICE("com"), ".com"));
	assert_true(ms_slice_equal(ms_slice_make(NULL, 0), MS_SLICE("")));
	assert_false(ms_slice_equal(MS_SLICE("a"), MS_SLICE("A")));
}

static void
cuts(void **state)
{
	struct ms_slice s = MS_SLICE("abcdef"), none = { NULL, 0 };

	(void)state;
	assert_slice(ms_slice_part(s, 1, 3), "bc");
	assert_slice(ms_slice_part(s, 4, 99), "ef");
	assert_int_equal(ms_slice_part(s, 5, 2).n, 0);
	assert_int_equal(ms_slice_part(s, 99, 100).n, 0);
	assert_ptr_equal(ms_slice_part(s, 99, 100).p, s.p + 6);
	assert_null(ms_slice_part(none, 0, 10).p);
	assert_slice(ms_slice_trim(MS_SLICE(" \t\r\n a b \n")), "a b");
	assert_int_equal(ms_slice_trim(MS_SLICE(" \n ")).n, 0);
	assert_int_equal(ms_slice_trim(none).n, 0);
}

/* Lines as they come, "|" between. */
static const struct {
	const char *in;
	bool bare_cr;
	const char *lines;
} lines[] = {
	{ "a\r\nb\nc", false, "a|b|c|" },
	{ "a\r\nb\nc\n", false, "a|b|c|" },
	{ "\n\na", false, "||a|" },
	{ "a\rb\r\nc\r", false, "a\rb|c|" },
	{ "a\r\r\n", false, "a\r|" },
	{ "a\rb\r\rc", true, "a|b||c|" },
	{ "a\r\nb\rc\n", true, "a|b|c|" },
	{ "\r", true, "|" },
	{ "\n", false, "|" },
	{ "", false, "" },
	{ "", true, "" },
};

static void
takes_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct ms_slice rest = ms_slice_from(lines[i].in), line;
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_buf got;

		ms_buf_init(&got, arena);
		while (ms_slice_line(&rest, lines[i].bare_cr, &line)) {
			ms_buf_slice(&got, line);
			ms_buf_byte(&got, '|');
		}
		assert_slice(ms_buf_get(&got), lines[i].lines);
		ms_arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_like_a_plain_loop),
		cmocka_unit_test(finds_at_every_place),
		cmocka_unit_test(compares),
		cmocka_unit_test(cuts),
		cmocka_unit_test(takes_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
