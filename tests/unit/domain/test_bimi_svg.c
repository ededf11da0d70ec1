/* SPDX-License-Identifier: ISC
 * test_bimi_svg.c - marks, and what SVG Tiny PS forbids them
 */
#include "mailsonde/bimi_svg.h"

#include "test.h"

#define NS   " xmlns='http://www.w3.org/2000/svg'"
#define LINK " xmlns:l='http://www.w3.org/1999/xlink'"
#define ROOT "<svg" NS LINK " version='1.2' baseProfile='tiny-ps'"
#define OPEN ROOT "><title>t</title>"

static const struct {
	const char *text;
	const char *faults; /* joined by "; " */
	double width, height;
	bool square;
} marks[] = {
	{ OPEN "<g/></svg>", "", 0, 0, true },
	{ ROOT " viewBox='0 0 64 64'><title>t</title></svg>", "", 64, 64,
	    true },
	{ ROOT " viewBox='-5,.5 , 64.5,62'><title>t</title></svg>", "", 64.5,
	    62, true },
	{ ROOT " viewBox='0 0 64'><title>t</title></svg>", "", 0, 0, true },
	{ ROOT " width='128px' height='32'><title>t</title></svg>", "", 128, 32,
	    false },
	{ ROOT "/>", "it has no title", 0, 0, true },
	{ ROOT "><g><title>t</title></g></svg>", "it has no title", 0, 0,
	    true },
	{ "<svg" NS " version='1.1' baseProfile='tiny'><title>t</title></svg>",
	    "its version is not \"1.2\"; its baseProfile is not \"tiny-ps\"", 0,
	    0, true },
	{ ROOT " x='0'><title>t</title></svg>", "its root has an x or y", 0, 0,
	    true },
	{ OPEN "<script/><g><script/></g></svg>", "it has an element <script>",
	    0, 0, true },
	{ OPEN "<a l:href='#b'><animate/></a></svg>",
	    "it has an element <a>; it has an element <animate>", 0, 0, true },
	{ OPEN "<use l:href='#b'/></svg>", "", 0, 0, true },
	{ OPEN "<use l:href='https://x.example/'/></svg>",
	    "it refers to something outside of it (href)", 0, 0, true },
	{ OPEN "<use l:href='data:image/png;base64,AA'/></svg>",
	    "it refers to something outside of it (href)", 0, 0, true },
	{ OPEN "<g fill='url(#a)' stroke='url( \"#b\" )'/></svg>", "", 0, 0,
	    true },
	{ OPEN "<g fill='URL(http://x.example/a)'/></svg>",
	    "it refers to something outside of it (url)", 0, 0, true },
	{ OPEN "<g onclick='x()'/></svg>",
	    "it has an event attribute (onclick)", 0, 0, true },
};

static void
judges_marks(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_bimi_svg svg;
		struct ms_buf all;

		ms_bimi_svg_parse(
		    ms_slice_from(marks[i].text), &limits, arena, &svg);
		assert_null(svg.fault);
		ms_buf_init(&all, arena);
		for (size_t k = 0; k < svg.faults_n; k++)
			ms_buf_printf(
			    &all, "%s%s", k > 0 ? "; " : "", svg.faults[k]);
		assert_slice(ms_buf_get(&all), marks[i].faults);
		assert_true(svg.width == marks[i].width);
		assert_true(svg.height == marks[i].height);
		assert_int_equal(svg.square, marks[i].square);
		ms_arena_free(arena);
	}
}

static const struct {
	const char *text, *fault;
} others[] = {
	{ "GIF89a", "it is no XML: syntax error, line 1" },
	{ "<svg/>", "its root is no <svg> of http://www.w3.org/2000/svg" },
	{ "<g" NS "/>", "its root is no <svg> of http://www.w3.org/2000/svg" },
	{ "<!DOCTYPE svg><svg" NS "/>",
	    "it has a document type declaration (DOCTYPE)" },
};

static void
tells_what_is_none(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_bimi_svg svg;

		ms_bimi_svg_parse(
		    ms_slice_from(others[i].text), &limits, arena, &svg);
		assert_non_null(svg.fault);
		assert_string_equal(svg.fault, others[i].fault);
		ms_arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_marks),
		cmocka_unit_test(tells_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
