/* SPDX-License-Identifier: ISC
 * test_text.c - reports for people: the gate, lines that fit, tables
 */
#include "mailsonde/render.h"
#include "mailsonde/utf8.h"
#include "test.h"

static const struct {
	const char *p;
	size_t n;
	const char *want;
} safe[] = {
#define IN(literal) literal, sizeof(literal) - 1
	{ IN("plain \xc3\xb6 \xe4\xb8\xad"), "plain \xc3\xb6 \xe4\xb8\xad" },
	{ IN("\x1b[31mred\x07"), "<0x1B>[31mred<0x07>" },
	{ IN("\0\n\r\t\x7f"), "<0x00><0x0A><0x0D><0x09><0x7F>" },
	/* C1: an 8-bit CSI is one control character */
	{ IN("\xc2\x9b"
	     "31m"),
	    "<U+009B>31m" },
	{ IN("\x9b"), "<0x9B>" },
	{ IN("\xe2\x80\xae"
	     "cod.exe"),
	    "<U+202E>cod.exe" },
	{ IN("a\xe2\x80\x8b"
	     "b\xef\xbb\xbf"),
	    "a<U+200B>b<U+FEFF>" },
	{ IN("\xe2\x81\xa6\xe2\x80\xa8\xc2\xad"), "<U+2066><U+2028><U+00AD>" },
	{ IN("\xf3\xa0\x81\xa1"), "<U+E0061>" },
	{ IN("\xc0\xaf\xed\xa0\x80\xff"),
	    "<0xC0><0xAF><0xED><0xA0><0x80><0xFF>" },
	{ IN("\xe2\x82"), "<0xE2><0x82>" },
	{ IN(""), "" },
};

static void
lets_nothing_through(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(safe) / sizeof(*safe); i++) {
		struct ms_buf out;

		ms_buf_init(&out, arena);
		ms_text_safe(&out, ms_slice_make(safe[i].p, safe[i].n));
		assert_slice(ms_buf_get(&out), safe[i].want);
	}
	ms_arena_free(arena);
}

struct page {
	struct ms_report report;
	struct ms_render_options options;
	struct ms_buf out;
};

static void
start(struct page *page, unsigned width)
{
	memset(page, 0, sizeof(*page));
	ms_report_init(
	    &page->report, ms_arena_new(NULL), MS_FOR_TEXT, "test", 0);
	page->options.width = width;
	page->options.version = "0";
	ms_buf_init(&page->out, page->report.arena);
}

static void
shows(struct page *page, const char *want)
{
	ms_format_find("text")->render(
	    &page->report, &page->options, &page->out);
	assert_slice(ms_buf_get(&page->out), want);
	ms_arena_free(page->report.arena);
}

static void
wraps_lines(void **state)
{
	struct page page;

	(void)state;
	start(&page, 24);
	ms_say(&page.report, 2, MS_STYLE_PLAIN,
	    "one two three four five six seven");
	shows(&page, "  one two three four\n"
		     "  five six seven\n");
	/* No blank: broken at a mark, or hard. */
	start(&page, 24);
	ms_say(&page.report, 0, MS_STYLE_PLAIN, "%s",
	    "https://www.example.org/a/path?query=1 "
	    "0123456789012345678901234567890");
	shows(&page, "https://www.example.org/\n"
		     "a/path?query=1\n"
		     "012345678901234567890123\n"
		     "4567890\n");
	/* Wide characters take two columns, marks none. */
	start(&page, 22);
	ms_say(&page.report, 0, MS_STYLE_PLAIN, "%s",
	    "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
	    "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
	    "\xe4\xb8\xad\xe4\xb8\xad");
	shows(&page,
	    "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
	    "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
	    "\xe4\xb8\xad\n\xe4\xb8\xad\n");
	/* What a value holds of line ends does not break the page. */
	start(&page, 80);
	ms_say_pair(
	    &page.report, "Label", MS_STYLE_PLAIN, MS_SLICE("a\n  b\tc\x1b"));
	shows(&page, "  Label         a   b c<0x1B>\n");
	start(&page, 80);
	ms_say(&page.report, 2, MS_STYLE_PLAIN, "%s", "");
	ms_say_blank(&page.report);
	ms_say_heading(&page.report, "TITLE");
	shows(&page, "  \n\nTITLE\n");
}

static void
fits_tables(void **state)
{
	static const char *const cells[][3] = { { "#", "host", "delay" },
		{ "1", "mail.a.example", "5 s" },
		{ "10", "b", "\xe4\xb8\xad" } };
	struct page page;
	struct ms_node *table, *row;

	(void)state;
	start(&page, 80);
	table = ms_say_table(&page.report, 2);
	for (size_t i = 0; i < 3; i++) {
		row = ms_say_row(&page.report, table);
		for (size_t k = 0; k < 3; k++)
			ms_say_cell(&page.report, row, MS_STYLE_PLAIN, k != 1,
			    ms_slice_from(cells[i][k]));
	}
	shows(&page, "   #  host            delay\n"
		     "   1  mail.a.example    5 s\n"
		     "  10  b                  \xe4\xb8\xad\n");
	/* Too wide: the widest column gives, and its cells wrap. */
	start(&page, 30);
	table = ms_say_table(&page.report, 0);
	row = ms_say_row(&page.report, table);
	ms_say_cell(
	    &page.report, row, MS_STYLE_PLAIN, false, MS_SLICE("first"));
	ms_say_cell(&page.report, row, MS_STYLE_PLAIN, false,
	    MS_SLICE("a long text that has to wrap in its column"));
	ms_say_cell(&page.report, row, MS_STYLE_PLAIN, false, MS_SLICE("z"));
	shows(&page, "first  a long text that has  z\n"
		     "       to wrap in its\n"
		     "       column\n");
	start(&page, 80);
	(void)ms_say_table(&page.report, 0);
	shows(&page, "");
}

/* Colour only where asked, and closed where it was opened. */
static void
colours(void **state)
{
	struct page page;

	(void)state;
	start(&page, 80);
	page.options.color = true;
	ms_say(&page.report, 0, MS_STYLE_GOOD, "good");
	ms_say(&page.report, 0, MS_STYLE_PLAIN, "plain");
	shows(&page, "\033[32mgood\033[0m\nplain\n");
}

static void
lists_findings(void **state)
{
	struct ms_finding finding = { .id = "a-b",
		.severity = MS_SEVERITY_HIGH,
		.title = "The \x1b title",
		.detail = "why",
		.fix = "do it",
		.reference = "RFC 1" };
	struct page page;

	(void)state;
	start(&page, 80);
	ms_report_finding(&page.report, &finding);
	ms_report_error(&page.report, "io", true, "not done");
	shows(&page, "FINDINGS\n"
		     "  high     The <0x1B> title\n"
		     "           why\n"
		     "           Do: do it\n"
		     "           [a-b, RFC 1]\n"
		     "\nNOT DONE\n"
		     "  not done\n");
	start(&page, 80);
	ms_report_finding(&page.report, &finding);
	page.report.show_findings = false;
	shows(&page, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_nothing_through),
		cmocka_unit_test(wraps_lines),
		cmocka_unit_test(fits_tables),
		cmocka_unit_test(colours),
		cmocka_unit_test(lists_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
