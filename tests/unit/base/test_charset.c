/* SPDX-License-Identifier: ISC
 * test_charset.c - labels as mail writes them, and bytes that do not fit
 */
#include "mailsonde/charset.h"

#include "mailsonde/utf8.h"
#include "test.h"

struct charset_case {
	const char *label, *in, *out;
	enum ms_charset_result result;
};

static const struct charset_case cases[] = {
	{ "utf-8", "caf\xc3\xa9", "caf\xc3\xa9", MS_CHARSET_OK },
	{ "UTF8", "caf\xc3\xa9", "caf\xc3\xa9", MS_CHARSET_OK },
	{ "\"utf-8\"", "caf\xc3\xa9", "caf\xc3\xa9", MS_CHARSET_OK },
	{ "charset=utf-8", "caf\xc3\xa9", "caf\xc3\xa9", MS_CHARSET_OK },
	{ " 'utf-8';", "caf\xc3\xa9", "caf\xc3\xa9", MS_CHARSET_OK },
	{ "utf-8", "a\xe9z", "a\xef\xbf\xbdz", MS_CHARSET_REPLACED },
	{ "", "plain", "plain", MS_CHARSET_OK },
	{ "", "caf\xe9", "caf\xc3\xa9", MS_CHARSET_OK },
	{ "us-ascii", "caf\xc3\xa9", "caf\xc3\xa9", MS_CHARSET_OK },
	{ "ISO-8859-1", "\x93q\x94", "\xe2\x80\x9cq\xe2\x80\x9d",
	    MS_CHARSET_OK },
	{ "iso-8859-1", "a\x81", "a\xef\xbf\xbd", MS_CHARSET_REPLACED },
	{ "windows-1252", "\x80 \xc3\xa9", "\xe2\x82\xac \xc3\x83\xc2\xa9",
	    MS_CHARSET_OK },
	{ "iso-8859-2", "\xb1", "\xc4\x85", MS_CHARSET_OK },
	{ "iso_8859_2", "\xb1", "\xc4\x85", MS_CHARSET_OK },
	{ "windows1251", "\xcf", "\xd0\x9f", MS_CHARSET_OK },
	{ "x-cp1251", "\xcf", "\xd0\x9f", MS_CHARSET_OK },
	{ "cp-850", "\x82", "\xc3\xa9", MS_CHARSET_OK },
	{ "koi8-r", "\xf0", "\xd0\x9f", MS_CHARSET_OK },
	{ "x-mac-roman", "\x8e", "\xc3\xa9", MS_CHARSET_OK },
	{ "iso-8859-8-i", "\xf9", "\xd7\xa9", MS_CHARSET_OK },
	{ "tis-620", "\xa1", "\xe0\xb8\x81", MS_CHARSET_OK },
	{ "ks_c_5601-1987", "\xc7\xd1", "\xed\x95\x9c", MS_CHARSET_OK },
	/* U+93B1, in GBK and not in GB 2312. */
	{ "gb2312", "\xd6\xd0\xe6\x85", "\xe4\xb8\xad\xe9\x8e\xb1",
	    MS_CHARSET_OK },
	{ "gb2312", "\xd6\xd0\xff\x41\xd6",
	    "\xe4\xb8\xad\xef\xbf\xbd\x41"
	    "\xef\xbf\xbd",
	    MS_CHARSET_REPLACED },
	{ "big5", "\xa4\xa4", "\xe4\xb8\xad", MS_CHARSET_OK },
	{ "shift_jis", "\x93\xfa\x87\x40", "\xe6\x97\xa5\xe2\x91\xa0",
	    MS_CHARSET_OK },
	{ "euc-jp", "\xc6\xfc", "\xe6\x97\xa5", MS_CHARSET_OK },
	{ "iso-2022-jp", "\x1b$BF|\x1b(B!", "\xe6\x97\xa5!", MS_CHARSET_OK },
	/* The shift of one text does not reach into the next. */
	{ "iso-2022-jp", "F|", "F|", MS_CHARSET_OK },
	{ "hz-gb-2312", "a~{VP~}~~b", "a\xe4\xb8\xad~b", MS_CHARSET_OK },
	{ "utf-7", "Hi +AOk-", "Hi \xc3\xa9", MS_CHARSET_OK },
	{ "unicode-1-1-utf-7", "+AOk-!", "\xc3\xa9!", MS_CHARSET_OK },
	{ "x-unknown", "caf\xe9", "caf\xc3\xa9", MS_CHARSET_UNKNOWN },
	{ "x-unknown", "caf\xc3\xa9", "caf\xc3\xa9", MS_CHARSET_UNKNOWN },
	{ "wchar_t", "text", "text", MS_CHARSET_UNKNOWN },
	{ "../../gconv", "text", "text", MS_CHARSET_UNKNOWN },
};

static void
labels(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(arena);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct charset_case *c = &cases[i];
		struct ms_slice label = ms_slice_from(c->label), out;
		enum ms_charset_result result = ms_charset_decode(
		    charsets, arena, label, ms_slice_from(c->in), &out);

		if (result != c->result)
			fail_msg("\"%s\" gives %d", c->label, (int)result);
		assert_slice(out, c->out);
		assert_int_equal(ms_charset_known(charsets, label),
		    c->result != MS_CHARSET_UNKNOWN);
	}
	ms_charsets_close(charsets);
	ms_arena_free(arena);
}

static void
wide(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(arena);
	struct ms_slice out;

	(void)state;
	/* A surrogate that stands alone takes one unit with it. */
	assert_int_equal(
	    ms_charset_decode(charsets, arena, MS_SLICE("utf-16be"),
		MS_SLICE("\0A\xdc\x00\0B"), &out),
	    MS_CHARSET_REPLACED);
	assert_slice(out, "A\xef\xbf\xbd"
			  "B");
	assert_int_equal(
	    ms_charset_decode(charsets, arena, MS_SLICE("utf-32be"),
		MS_SLICE("\0\0\0A\0\x11\0\0\0\0\0B"), &out),
	    MS_CHARSET_REPLACED);
	assert_true(ms_utf8_valid(out));
	ms_charsets_close(charsets);
	ms_arena_free(arena);
}

/* More labels than converters are kept, twice over, and known ones after. */
static void
many(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(arena);
	struct ms_slice out;

	(void)state;
	for (int i = 0; i < 200; i++) {
		const char *label = ms_arena_printf(arena, "iso-8859-%d", i);

		(void)ms_charset_decode(charsets, arena, ms_slice_from(label),
		    MS_SLICE("\xe1"), &out);
		assert_true(ms_utf8_valid(out));
	}
	assert_int_equal(ms_charset_decode(charsets, arena,
			     MS_SLICE("iso-8859-5"), MS_SLICE("\xd0"), &out),
	    MS_CHARSET_OK);
	assert_slice(out, "\xd0\xb0");
	ms_charsets_close(charsets);
	ms_arena_free(arena);
}

/* Nothing but bad bytes, in every way of reading. */
static void
hostile(void **state)
{
	static const char *const labels_[] = { "utf-8", "gb2312", "shift_jis",
		"iso-2022-jp", "utf-7", "utf-16", "utf-32", "hz", "cp037",
		"big5", "euc-kr", "iso-2022-kr", "iso-2022-cn", "johab" };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(arena);
	struct ms_slice bytes, out;
	unsigned char *p = ms_arena_bytes(arena, 100001);

	(void)state;
	bytes = ms_slice_make(p, 100001);
	for (size_t i = 0; i < sizeof(labels_) / sizeof(labels_[0]); i++) {
		for (int fill = 0; fill < 256; fill += 51) {
			memset(p, fill, bytes.n);
			(void)ms_charset_decode(charsets, arena,
			    ms_slice_from(labels_[i]), bytes, &out);
			assert_true(ms_utf8_valid(out));
		}
	}
	ms_charsets_close(charsets);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels),
		cmocka_unit_test(wide),
		cmocka_unit_test(many),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
