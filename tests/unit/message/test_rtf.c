/* SPDX-License-Identifier: ISC
 * test_rtf.c - compressed RTF, and what is wrapped in it
 */
#include "message/outlook_priv.h"
#include "test.h"

struct place {
	struct test_parse test;
	struct outlook_reader reader;
};

static void
open_place(struct place *place)
{
	test_parse_init(&place->test);
	memset(&place->reader, 0, sizeof(place->reader));
	place->reader.arena = place->test.arena;
	place->reader.charsets = place->test.parse.charsets;
	place->reader.limits = &place->test.limits;
	place->reader.defects = &place->test.defects;
}

#define BYTES(literal) (literal), sizeof(literal) - 1

/* [MS-OXRTFCP] 4.1.1 and 4.2.1. */
#define HELLO                                                                  \
	"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125"          \
	"B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0"
#define WXYZ "\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4KQA\0\x04 WXYZ\x0dn}\x01\x0e\xb0"

static void
unpacks(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		const char *out;
		size_t defects;
	} rows[] = {
		{ BYTES(HELLO),
		    "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", 0 },
		{ BYTES(WXYZ), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", 0 },
		{ BYTES("\x16\0\0\0\x0a\0\0\0MELA\0\0\0\0{\\rtf1 a}"),
		    "{\\rtf1 a}", 0 },
		/* The checksum, the end, the size, the kind, the header. */
		{ BYTES("\x1a\0\0\0\x1c\0\0\0LZFu\xe3\xd4KQA\0\x04 WXYZ\x0dn}"
			"\x01\x0e\xb0"),
		    "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", 1 },
		{ BYTES("\x0e\0\0\0\x1c\0\0\0LZFu\0\0\0\0\0{"), "{", 3 },
		{ BYTES("\x1a\0\0\0\x1c\0\0\0LZFx\0\0\0\0xxx"), "", 1 },
		{ BYTES("\x1a\0\0\0\x1c"), "", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct place place;

		open_place(&place);
		assert_slice(rtf_decompress(&place.reader,
				 ms_slice_make(rows[i].in, rows[i].n)),
		    rows[i].out);
		assert_int_equal(place.test.defects.n, rows[i].defects);
		test_parse_done(&place.test);
	}
}

static void
stops_at_the_limit(void **state)
{
	struct place place;
	struct ms_slice out;

	(void)state;
	open_place(&place);
	place.test.limits.rtf_size = 10;
	out = rtf_decompress(&place.reader, MS_SLICE(WXYZ));
	assert_in_range(out.n, 10, 26);
	assert_int_equal(place.test.defects.n, 1);
	assert_int_equal(place.test.defects.first->kind, MS_DEFECT_LIMIT);
	assert_string_equal(place.test.defects.first->detail, "rtf_size");
	test_parse_done(&place.test);
}

#define HEAD "{\\rtf1\\ansi\\ansicpg1252"
#define HTML HEAD "\\fromhtml1 "
#define TEXT HEAD "\\fromtext "

static void
unwraps(void **state)
{
	static const struct {
		const char *in;
		enum rtf_kind kind;
		const char *out;
	} rows[] = {
		/* [MS-OXRTFEX] 2.2: what is a tag, and what stands for one */
		{ HTML "{\\*\\htmltag64 <p>}\\htmlrtf {\\b \\htmlrtf0 a"
		       "\\htmlrtf }\\htmlrtf0 {\\*\\htmltag72 </p>}}",
		    RTF_FROM_HTML, "<p>a</p>" },
		{ HTML "{\\*\\mhtmltag64 <q>}b\\par c\\line d\\tab e}",
		    RTF_FROM_HTML, "b\r\nc\r\nd\te" },
		{ HTML "\\lquote\\rquote\\ldblquote\\rdblquote\\bullet"
		       "\\endash\\emdash\\~\\_}",
		    RTF_FROM_HTML,
		    "&lsquo;&rsquo;&ldquo;&rdquo;&bull;&ndash;&mdash;&nbsp;"
		    "&shy;" },
		{ HTML "{\\*\\htmltag84 a\\{b\\}c\\\\d}}", RTF_FROM_HTML,
		    "a{b}c\\d" },
		/* charsets */
		{ HTML "\\'e9}", RTF_FROM_HTML, "\xc3\xa9" },
		{ "{\\rtf1\\ansi\\ansicpg932\\fromhtml1 \\'83\\'58}",
		    RTF_FROM_HTML, "\xe3\x82\xb9" },
		{ HTML "{\\fonttbl{\\f0 A;}{\\f7\\fcharset204 B;}}"
		       "\\f7\\'cf\\f0\\'cf}",
		    RTF_FROM_HTML, "\xd0\x9f\xc3\x8f" },
		{ HTML "\\u8212 ?\\uc2\\u8212 ??\\uc0\\u8212 x}", RTF_FROM_HTML,
		    "\xe2\x80\x94\xe2\x80\x94\xe2\x80\x94x" },
		{ HTML "\\u-10179 ?\\u-8704 ?}", RTF_FROM_HTML,
		    "\xf0\x9f\x98\x80" },
		/* text */
		{ TEXT "a\\par b {\\*\\x c}d\\bin3 }}}e}", RTF_FROM_TEXT,
		    "a\r\nb de" },
		{ HEAD "{\\info x}{\\field{\\*\\fldinst HYPERLINK \"u:\"}"
		       "{\\fldrslt y}}\\cell z}",
		    RTF_PLAIN, "HYPERLINK \"u:\"y\tz" },
		/* damage */
		{ HEAD "}}}a", RTF_PLAIN, "a" },
		{ HEAD "{{{a\\", RTF_PLAIN, "a" },
		{ HEAD "\\'e\\'zz\\u\\u", RTF_PLAIN, "ezz" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_slice in = ms_slice_from(rows[i].in);
		struct place place;

		open_place(&place);
		assert_int_equal(rtf_kind_of(in), rows[i].kind);
		assert_slice(
		    rtf_unwrap(&place.reader, in, rows[i].kind), rows[i].out);
		test_parse_done(&place.test);
	}
}

static void
keeps_so_many_groups(void **state)
{
	struct place place;

	(void)state;
	open_place(&place);
	place.test.limits.rtf_depth = 3;
	assert_slice(rtf_unwrap(&place.reader,
			 MS_SLICE("{{{{\\*\\x a{b}}}}c}d"), RTF_PLAIN),
	    "cd");
	assert_int_equal(place.test.defects.n, 1);
	assert_string_equal(place.test.defects.first->detail, "rtf_depth");
	test_parse_done(&place.test);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks),
		cmocka_unit_test(stops_at_the_limit),
		cmocka_unit_test(unwraps),
		cmocka_unit_test(keeps_so_many_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
