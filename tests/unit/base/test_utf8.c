/* SPDX-License-Identifier: ISC
 * test_utf8.c - well-formed or not, code points, kinds and widths
 */
#include "mailsonde/utf8.h"

#include "test.h"

struct clean_case {
	const char *in, *out;
	bool lossy;
};

/* Ill-formed sequences after Unicode 3.9, table 3-8 and its neighbours. */
static const struct clean_case clean_cases[] = {
	{ "", "", false },
	{ "plain ascii text, longer than one block of sixteen",
	    "plain ascii text, longer than one block of sixteen", false },
	{ "caf\xc3\xa9", "caf\xc3\xa9", false },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", false },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", false },
	{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", true },
	{ "\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", true },
	{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", true },
	{ "\xf4\x90\x80\x80",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", true },
	{ "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x41", true },
	{ "a\xff", "a\xef\xbf\xbd", true },
	{ "caf\xe9 au lait", "caf\xef\xbf\xbd au lait", true },
	{ "0123456789abcdef\xc3", "0123456789abcdef\xef\xbf\xbd", true },
};

static void
clean(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(clean_cases) / sizeof(clean_cases[0]);
	     i++) {
		const struct clean_case *c = &clean_cases[i];
		struct ms_slice in = ms_slice_from(c->in);
		bool lossy = false;
		struct ms_slice out = ms_utf8_clean(arena, in, &lossy);

		assert_slice(out, c->out);
		assert_int_equal(lossy, c->lossy);
		assert_int_equal(ms_utf8_valid(in), !c->lossy);
		assert_true(ms_utf8_valid(out));
		if (!c->lossy)
			assert_ptr_equal(out.p, in.p);
	}
	ms_arena_free(arena);
}

static void
next(void **state)
{
	struct ms_slice s =
	    MS_SLICE("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x82");
	static const int32_t wanted[] = { 'A', 0xe9, 0x20ac, 0x1f600, -1 };

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(ms_utf8_next(&s), wanted[i]);
	assert_int_equal(s.n, 0);
}

/* A byte >= 0x80 is seen wherever it stands in a block. */
static void
ascii(void **state)
{
	unsigned char bytes[64];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_true(ms_utf8_ascii(ms_slice_make(bytes, sizeof(bytes))));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = 0x80;
		assert_false(
		    ms_utf8_ascii(ms_slice_make(bytes, sizeof(bytes))));
		assert_false(
		    ms_utf8_valid(ms_slice_make(bytes, sizeof(bytes))));
		assert_true(ms_utf8_ascii(ms_slice_make(bytes, i)));
		bytes[i] = 'x';
	}
}

struct rune_case {
	uint32_t rune;
	enum ms_rune_kind kind;
	int width;
};

static const struct rune_case rune_cases[] = {
	{ 'a', MS_RUNE_PLAIN, 1 },
	{ 0x1b, MS_RUNE_CONTROL, 0 },
	{ 0x7f, MS_RUNE_CONTROL, 0 },
	{ 0x9b, MS_RUNE_CONTROL, 0 },
	{ 0xa0, MS_RUNE_PLAIN, 1 },
	{ 0xad, MS_RUNE_INVISIBLE, 0 },
	{ 0x300, MS_RUNE_PLAIN, 0 },
	{ 0x1100, MS_RUNE_PLAIN, 2 },
	{ 0x200b, MS_RUNE_INVISIBLE, 0 },
	{ 0x200f, MS_RUNE_BIDI, 0 },
	{ 0x202e, MS_RUNE_BIDI, 0 },
	{ 0x2028, MS_RUNE_SEPARATOR, 0 },
	{ 0x2066, MS_RUNE_BIDI, 0 },
	{ 0x20ac, MS_RUNE_PLAIN, 1 },
	{ 0x4e2d, MS_RUNE_PLAIN, 2 },
	{ 0xac00, MS_RUNE_PLAIN, 2 },
	{ 0xfeff, MS_RUNE_INVISIBLE, 0 },
	{ 0xff21, MS_RUNE_PLAIN, 2 },
	{ 0x1f600, MS_RUNE_PLAIN, 2 },
	{ 0x20000, MS_RUNE_PLAIN, 2 },
	{ 0xe0041, MS_RUNE_INVISIBLE, 0 },
};

static void
runes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rune_cases) / sizeof(rune_cases[0]);
	     i++) {
		const struct rune_case *c = &rune_cases[i];

		if ((int)ms_rune_kind(c->rune) != (int)c->kind ||
		    ms_rune_width(c->rune) != c->width)
			fail_msg("U+%04X: kind %d, width %d", (unsigned)c->rune,
			    (int)ms_rune_kind(c->rune), ms_rune_width(c->rune));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean),
		cmocka_unit_test(next),
		cmocka_unit_test(ascii),
		cmocka_unit_test(runes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
