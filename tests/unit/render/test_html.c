/* SPDX-License-Identifier: ISC
 * test_html.c - pages: what comes from outside stays text
 */
#include "mailsonde/render.h"
#include "page_valid.h"
#include "test.h"

struct page {
	struct ms_report report;
	const struct ms_format *format;
	struct ms_render_options options;
	struct ms_buf notes, out;
};

static void
start(struct page *page)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	memset(page, 0, sizeof(*page));
	page->format = ms_format_find("html");
	page->options.version = "1";
	ms_report_init(
	    &page->report, arena, page->format->audience, "test", 1767225600);
	ms_buf_init(&page->notes, arena);
	ms_buf_init(&page->out, arena);
}

/* The report `n` times, as the program puts them together. */
static struct ms_slice
finish(struct page *page, uint64_t n)
{
	const struct ms_page *whole = page->format->page;
	struct ms_arena *arena = page->report.arena;
	struct ms_buf name, lines, parts;
	struct ms_slice notes;

	ms_buf_init(&name, arena);
	ms_buf_init(&lines, arena);
	ms_buf_init(&parts, arena);
	for (uint64_t i = 1; i <= n; i++) {
		name.n = page->notes.n = 0;
		page->format->render(
		    &page->report, &page->options, &page->notes);
		notes = ms_buf_get(&page->notes);
		whole->take(&notes, i, &name, &lines, &parts);
		assert_int_equal(notes.n, 0);
	}
	whole->open("test", n, ms_buf_get(&name), &page->options, &page->out);
	if (n != 1) {
		ms_buf_slice(&page->out, ms_buf_get(&lines));
		ms_buf_text(&page->out, whole->parts);
	}
	ms_buf_slice(&page->out, ms_buf_get(&parts));
	ms_buf_text(&page->out, whole->close);
	return ms_buf_get(&page->out);
}

static size_t
times(struct ms_slice text, const char *what)
{
	size_t n = 0, at = ms_slice_find_text(text, 0, what);

	for (; at < text.n; at = ms_slice_find_text(text, at + 1, what))
		n++;
	return n;
}

/* In every place that a text can have. */
static void
say_everywhere(struct ms_report *report, struct ms_slice text)
{
	const char *string = ms_arena_string(report->arena, text);
	struct ms_node *table = ms_say_table(report, 2), *row;
	struct ms_finding finding = { .id = "test",
		.severity = MS_SEVERITY_HIGH,
		.title = string,
		.detail = string,
		.fix = string,
		.reference = "RFC 1" };

	ms_say_answer(report, MS_STYLE_BAD, "%s", string);
	ms_say_heading(report, string);
	ms_say_pair(report, string, MS_STYLE_STRONG, text);
	ms_say(report, 4, MS_STYLE_DIM, "%s", string);
	ms_say_verbatim(report, MS_STYLE_PLAIN, "%s", string);
	ms_say_heads(report, table, true, string, ">b", NULL);
	row = ms_say_row(report, table);
	ms_say_cell(report, row, MS_STYLE_GOOD, false, text);
	ms_say_cell(report, row, MS_STYLE_PLAIN, true, text);
	ms_put_text(report, report->subject, "name", text);
	finding.evidence = ms_put_object(report, NULL, NULL);
	ms_put_text(report, finding.evidence, "text", text);
	ms_report_finding(report, &finding);
	ms_report_error(report, "test", true, "%s", string);
}

/* Ways out that have been tried. */
static const struct {
	const char *p;
	size_t n;
	const char *shown; /* somewhere in the page */
} tricks[] = {
#define IN(literal) literal, sizeof(literal) - 1
	{ IN("<script>alert(1)</script>"), "&lt;script&gt;alert" },
	{ IN("</style><b>x</b>"), "&lt;/style&gt;" },
	{ IN("</title><svg onload=a()>"), "&lt;/title&gt;&lt;svg" },
	{ IN("\" onmouseover=\"a()"), "&quot; onmouseover" },
	{ IN("' style='color:red"), "&#39; style" },
	{ IN("&lt;img src=x&gt; &#60;b&#x3e; &amp"), "&amp;lt;img" },
	{ IN("<!-- --><![CDATA[ ]]> <?php ?>"), "&lt;!-- --&gt;" },
	{ IN("+ADw-script+AD4-"), "+ADw-script" },
	{ IN("a\0<b>"), "&lt;0x00&gt;" },
	{ IN("\001\002<i>\001\002"), "&lt;0x01&gt;" },
	{ IN("\xed\xa0\x80<\xed\xb0\x80"), "&lt;0xED&gt;" },
	{ IN("\xe2\x80\xa8\xe2\x80\xa9"), "<i>&lt;U+2028&gt;</i>" },
	{ IN("\xef\xbf\xbe\xef\xb7\x90\xf0\x9f\xbf\xbf"),
	    "<i>&lt;U+FFFE&gt;</i><i>&lt;U+FDD0&gt;</i>" },
	{ IN("\xe2\x80\xaehtml"), "<i>&lt;U+202E&gt;</i>" },
	{ IN("\xc0\xbcscript\xc0\xbe"), "<i>&lt;0xC0&gt;</i>" },
	{ IN("\xf3\xa0\x80\xbc\xff\xfe<\0b\0>"), "<i>&lt;U+E003C&gt;</i>" },
	{ IN("javascript:a() data:text/html,<b>"), "javascript:a()" },
	{ IN("%3Cscript%3E \\u003cscript\\u003e"), "%3Cscript" },
	{ IN("]]></pre></dd></dl></table></section><h2>"), "]]&gt;" },
	{ IN("<U+202E>"), "&lt;U+202E&gt;" },
	{ IN("\x1b[31m\r\n\x7f\xc2\x85"), "&lt;0x1B&gt;" },
	{ IN(""), "test" },
};

static void
nothing_gets_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tricks) / sizeof(*tricks); i++) {
		struct page page;
		struct ms_slice out;

		start(&page);
		say_everywhere(
		    &page.report, ms_slice_make(tricks[i].p, tricks[i].n));
		out = finish(&page, 2);
		if (!page_valid(out, NULL, NULL))
			fail_msg("trick %zu gets out", i);
		assert_true(times(out, tricks[i].shown) > 0);
		assert_int_equal(ms_slice_find(out, 0, 1), out.n);
		assert_int_equal(ms_slice_find(out, 0, 2), out.n);
		ms_arena_free(page.report.arena);
	}
}

/* What is shown by its name is told from the same name written out. */
static void
names_cannot_be_forged(void **state)
{
	struct page page;
	struct ms_slice out;

	(void)state;
	start(&page);
	ms_say(&page.report, 0, MS_STYLE_PLAIN, "<U+202E>");
	out = finish(&page, 1);
	assert_int_equal(times(out, "<i>"), 0);
	ms_arena_free(page.report.arena);
}

static void
one_has_no_list(void **state)
{
	struct page page;
	struct ms_slice out;
	size_t tables = 0;

	(void)state;
	start(&page);
	ms_put_string(&page.report, page.report.subject, "name", "a.example");
	ms_say_answer(&page.report, MS_STYLE_GOOD, "GOOD: all of it");
	out = finish(&page, 1);
	assert_true(page_valid(out, "table", &tables));
	assert_int_equal(tables, 0);
	assert_int_equal(times(out, "<title>a.example - mailsonde test<"), 1);
	assert_int_equal(times(out, "<article id=\"s1\">\n<h2>a.example<"), 1);
	assert_int_equal(
	    times(out, "<p class=\"answer good\">GOOD: all of it</p>"), 1);
	ms_arena_free(page.report.arena);
}

static void
several_are_listed(void **state)
{
	struct page page;
	struct ms_slice out;
	size_t links = 0;

	(void)state;
	start(&page);
	ms_put_string(&page.report, page.report.subject, "name", "a.example");
	ms_say_answer(&page.report, MS_STYLE_WARN, "TO MEND: a record");
	ms_say_pair(&page.report, "Subject", MS_STYLE_STRONG, MS_SLICE("Hi"));
	out = finish(&page, 12);
	assert_true(page_valid(out, "a", &links));
	assert_int_equal(links, 12);
	assert_int_equal(times(out, "<title>12 entries - "), 1);
	assert_int_equal(times(out, "<a href=\"#s12\">"), 1);
	assert_int_equal(times(out, "<article id=\"s12\">"), 1);
	assert_int_equal(times(out, "<br/>Subject: Hi</th>"), 12);
	assert_int_equal(
	    times(out, "<td class=\"warn\">TO MEND: a record</td>"), 12);
	ms_arena_free(page.report.arena);
}

static void
none_is_a_page_too(void **state)
{
	struct page page;

	(void)state;
	start(&page);
	assert_true(page_valid(finish(&page, 0), NULL, NULL));
	ms_arena_free(page.report.arena);
}

static void
findings_stand_where_asked(void **state)
{
	struct ms_finding finding = { .id = "test-id",
		.severity = MS_SEVERITY_LOW,
		.title = "a title",
		.fix = "see <b>@b.example</b>",
		.reference = "RFC 1" };
	struct page page;
	struct ms_slice out;

	(void)state;
	start(&page);
	page.report.defang = true;
	ms_say_answer(&page.report, MS_STYLE_WARN, "an answer");
	ms_say_findings(&page.report);
	ms_say_heading(&page.report, "LAST");
	finding.evidence = ms_put_object(&page.report, NULL, NULL);
	ms_put_int(&page.report,
	    ms_put_object(&page.report,
		ms_put_array(&page.report, finding.evidence, "list"), NULL),
	    "n", 7);
	ms_report_finding(&page.report, &finding);
	out = finish(&page, 1);
	assert_true(page_valid(out, NULL, NULL));
	assert_true(ms_slice_find_text(out, 0, "id=\"s1-1\"") <
		    ms_slice_find_text(out, 0, "<h3>LAST</h3>"));
	assert_int_equal(times(out, "<a href=\"#s1-1\">"), 1);
	assert_int_equal(times(out, "<dt>list.n</dt><dd>7</dd>"), 1);
	assert_int_equal(times(out, "see &lt;b&gt;@b.example"), 1);
	assert_int_equal(times(out, ">test-id, RFC 1</p>"), 1);
	ms_arena_free(page.report.arena);
}

/* Names of columns are for those who hear the table, too. */
static void
tables_have_heads(void **state)
{
	struct page page;
	struct ms_node *table, *row;
	struct ms_slice out;

	(void)state;
	start(&page);
	table = ms_say_table(&page.report, 2);
	ms_say_heads(&page.report, table, false, ">n", "what", "", NULL);
	row = ms_say_row(&page.report, table);
	ms_say_cell(&page.report, row, MS_STYLE_DIM, true, MS_SLICE("1"));
	ms_say_cell(&page.report, row, MS_STYLE_BAD, false, MS_SLICE("  a"));
	ms_say_cell(&page.report, row, MS_STYLE_PLAIN, false, MS_SLICE("x"));
	out = finish(&page, 1);
	assert_int_equal(times(out, "<th scope=\"col\" class=\"right\">n</th>"
				    "<th scope=\"col\">what</th><td></td>"),
	    1);
	assert_int_equal(times(out, "<th scope=\"row\" data-label=\"n\" "
				    "class=\"dim right\">1</th>"),
	    1);
	assert_int_equal(times(out, "<td data-label=\"what\" class=\"bad\">"
				    "\xc2\xa0\xc2\xa0"
				    "a</td><td>x</td>"),
	    1);
	ms_arena_free(page.report.arena);
}

/* No program that shows text makes a link of it. */
static void
links_are_defanged(void **state)
{
	struct page page;
	struct ms_slice out;

	(void)state;
	start(&page);
	page.report.defang = true;
	ms_say(&page.report, 0, MS_STYLE_PLAIN,
	    "see https://a.example/x?y, WWW.b.example and <c@d.example>");
	ms_say_pair(
	    &page.report, "Size", MS_STYLE_PLAIN, MS_SLICE("1.5 TLSv1.3"));
	out = finish(&page, 1);
	assert_int_equal(times(out, "hxxps://a[.]example/x?y"), 1);
	assert_int_equal(times(out, "WWW[.]b[.]example"), 1);
	assert_int_equal(times(out, "c[@]d[.]example"), 1);
	assert_int_equal(times(out, "1.5 TLSv1.3"), 1);
	ms_arena_free(page.report.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_gets_out),
		cmocka_unit_test(names_cannot_be_forged),
		cmocka_unit_test(one_has_no_list),
		cmocka_unit_test(several_are_listed),
		cmocka_unit_test(none_is_a_page_too),
		cmocka_unit_test(findings_stand_where_asked),
		cmocka_unit_test(tables_have_heads),
		cmocka_unit_test(links_are_defanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
