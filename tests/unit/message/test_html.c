/* SPDX-License-Identifier: ISC
 * test_html.c - links from HTML, by the tokens and by the tree
 */
#include "test.h"

#include "message/html_priv.h"

/* "where url [text]" lines. */
static struct ms_slice
show(struct ms_arena *arena, const struct ms_links *links)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (struct ms_link *l = links->first; l; l = l->next) {
		ms_buf_text(&buf, ms_link_where_name(l->where));
		ms_buf_byte(&buf, ' ');
		ms_buf_slice(&buf, l->url);
		if (l->text.n > 0)
			ms_buf_printf(&buf, " [%.*s]", (int)l->text.n,
			    (const char *)l->text.p);
		ms_buf_text(&buf, l->remote ? "!\n" : "\n");
	}
	return buf.n ? ms_buf_get(&buf) : ms_slice_make(NULL, 0);
}

static const struct {
	const char *in, *wanted;
} rows[] = {
	{ "<a href='http://a/?b&amp;c'>x <b>y</b><br>z</a>",
	    "anchor http://a/?b&c [x y z]\n" },
	{ "<a href='http://a'>one<a href='http://b'>two</a>three",
	    "anchor http://a [one]\nanchor http://b [two]\n" },
	{ "<a href='ht\ntp:\t//a'>x", "anchor http://a [x]\n" },
	{ "<a href='&#106;avascript&colon;x'>y", "anchor javascript:x [y]\n" },
	{ "<a href=a href=b>x</a>", "anchor a [x]\n" },
	{ "<!-- <a href=a> --><!--[if mso]><a href=b><![endif]-->", NULL },
	{ "<a href=\"a>x</a>", NULL },
	{ "<title><a href=a></title><textarea><a href=b></textarea>", NULL },
	{ "<script><!--<script></script><a href=a>--></script>", NULL },
	{ "<base href=http://b/c/><a href=d>x</a>",
	    "base http://b/c/\nanchor http://b/c/d [x]\n" },
	{ "<img src=http://a/1.gif width=1 height='1px'><img src=cid:2>",
	    "pixel http://a/1.gif!\nimage cid:2\n" },
	{ "<img src=http://a/ style='Display: none'><img src=//b/>",
	    "pixel http://a/!\nimage //b/!\n" },
	{ "<form action=a><form action=b></form><form action=c>",
	    "form a\nform c\n" },
	{ "<td background=a><table><td background=b>", "image b\n" },
	{ "<style>@import 'a'; b{c:URL( 'd' )}</style><p style='e:url(f)'>",
	    "style a\nstyle d\nstyle f\n" },
	{ "<meta http-equiv=Refresh content='0; URL=http://a/'>",
	    "refresh http://a/\n" },
	{ "<img srcset='a 1x, b 2x'>", "image a\nimage b\n" },
	{ "<a href=x>a<table><td><a href=y>b</a>c</table>d</a>e",
	    "anchor x [a c d]\nanchor y [b]\n" },
	{ "<svg><style><a href=http://a>x</a></style></svg>",
	    "anchor http://a [x]\n" },
	{ "<select><a href=a>x</select>", NULL },
	{ "<a href=a>x<select><option>y<b></a>z</select>w</a>v",
	    "anchor a [x yz w]\n" },
	{ "<table><td><select><a href=a>x<td><a href=b>y", "anchor b [y]\n" },
	{ "<select><option style='a:url(u)'><img src=a><input type=image "
	  "src=b>",
	    "style u\nimage b\n" },
	{ "<a href=a>x<object data=d>y</a>z<a href=b>w</object>v</a>u",
	    "anchor a [x yz v]\nframe d\nanchor b [w]\n" },
	{ "<marquee><a href=a>x</marquee>y<a href=b>z",
	    "anchor a [x]\nanchor b [z]\n" },
	{ "<table><td><object><td><a href=a>x", "anchor a [x]\n" },
	{ "<body style='a:b'><a href=a>x</a><body background=c style=d>",
	    "anchor a [x]\nimage c\n" },
	{ "<html><body><html style='a:url(b)'><body style='c:d' bgcolor=e>"
	  "<a href=a>x</a>",
	    "anchor a [x]\n" },
};

static void
test_links(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_parse parse = { .arena = arena, .limits = &limits };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_slice in = ms_slice_from(rows[i].in);
		struct ms_links links = { 0 }, tree = { 0 };
		struct html_links found;

		print_message("%s\n", rows[i].in);
		ms_links_from_html(&parse, in, 0, &links);
		assert_slice(show(arena, &links), rows[i].wanted);
		html_links_init(&found, &parse, arena, in);
		html_tree(&found);
		html_links_finish(&found, 0, &tree);
		assert_slice(show(arena, &tree), rows[i].wanted);
	}
	ms_arena_free(arena);
}

/* The guard: deep and wide documents are cut, their links are not. */
static void
test_guard(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_parse parse = { .arena = arena, .limits = &limits };
	struct ms_links links = { 0 };
	struct ms_buf buf;

	(void)state;
	ms_buf_init(&buf, arena);
	ms_buf_text(&buf, "<svg></svg>");
	for (int i = 0; i < 20000; i++)
		ms_buf_text(&buf, "<div>");
	ms_buf_text(&buf, "<table background=a><a href=b>x</a>");
	ms_links_from_html(&parse, ms_buf_get(&buf), 0, &links);
	assert_true(links.html_reduced);
	assert_slice(show(arena, &links), "image a\nanchor b [x]\n");
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_guard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
