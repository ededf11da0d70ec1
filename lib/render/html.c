/* SPDX-License-Identifier: ISC
 * html.c - reports as one page that stands alone: to read, print and send on
 *
 * No script, nothing from elsewhere, no link but to places of the page itself.
 * What comes from outside is text that has passed the gate: never a tag, an
 * attribute or an address that could be followed. Elements are closed as XML
 * wants it too.
 *
 * A subject is written before its number in the run is known: a byte that the
 * gate lets nobody write stands for it, and another one ends each piece.
 */
#include "mailsonde/clock.h"
#include "mailsonde/link.h"
#include "mailsonde/render.h"
#include "mailsonde/utf8.h"
#include "path.h"

#define NUMBER  '\001'
#define ID      "s\001"
#define END     '\002'
#define REASONS 8
#define WORD    20

enum block {
	BLOCK_NONE,
	BLOCK_PAIRS, /* <dl> */
	BLOCK_LINES, /* <pre> */
};

struct page {
	struct ms_buf *out;
	const struct ms_report *report;
	enum block block;       /* that is open */
	bool section;           /* one is open */
	bool reasons, findings; /* have been written */
};

/* ---- the gate ---- */

/* Not to be seen, or no character of HTML and XML. */
static bool
is_odd(int32_t rune)
{
	return rune < 0 || ms_rune_kind((uint32_t)rune) != MS_RUNE_PLAIN ||
	       (rune & 0xfffe) == 0xfffe || (rune >= 0xfdd0 && rune <= 0xfdef);
}

/* By its name, as in text: <U+202E>, <0x1B>. */
static void
put_odd(struct ms_buf *out, struct ms_slice piece, int32_t rune)
{
	if (rune >= 0x80) {
		ms_buf_printf(out, "&lt;U+%04X&gt;", (unsigned)rune);
		return;
	}
	for (size_t i = 0; i < piece.n; i++)
		ms_buf_printf(out, "&lt;0x%02X&gt;", piece.p[i]);
}

/* NULL: it stands for itself. */
static const char *
entity(int32_t rune)
{
	switch (rune) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return " "; /* inside a value: to a reader */
	default:
		return NULL;
	}
}

enum {
	/* What is shown by its name stands in <i>: nobody can write the same.
	 */
	GATE_MARK = 1 << 0,
	/* Names and links may be broken behind a mark. */
	GATE_BREAK = 1 << 1,
};

static bool
breaks_behind(int32_t rune, struct ms_slice rest)
{
	return rune > 0 && rune < 0x80 && strchr("./@]=_", rune) &&
	       rest.n > 0 && !strchr("/] ", *rest.p);
}

static void
gate(struct ms_buf *out, struct ms_slice s, unsigned flags)
{
	const unsigned char *from = s.p; /* not written yet */

	while (s.n > 0) {
		struct ms_slice at = s;
		int32_t rune = ms_utf8_next(&s);
		const char *instead = entity(rune);

		if (flags & GATE_BREAK && breaks_behind(rune, s)) {
			ms_buf_add(out, from, (size_t)(s.p - from));
			ms_buf_text(out, "<wbr/>");
			from = s.p;
			continue;
		}
		if (!instead && !is_odd(rune))
			continue;
		ms_buf_add(out, from, (size_t)(at.p - from));
		from = s.p;
		if (instead) {
			ms_buf_text(out, instead);
			continue;
		}
		ms_buf_text(out, flags & GATE_MARK ? "<i>" : "");
		put_odd(out, ms_slice_part(at, 0, at.n - s.n), rune);
		ms_buf_text(out, flags & GATE_MARK ? "</i>" : "");
	}
	if (s.p)
		ms_buf_add(out, from, (size_t)(s.p - from));
}

/* Whether a program that shows text might make a link of it. */
static bool
may_be_followed(struct ms_slice s)
{
	return memchr(s.p, '@', s.n) || ms_slice_find_text(s, 0, "://") < s.n ||
	       ms_slice_find_nocase(s, 0, "www.") < s.n ||
	       ms_slice_find_nocase(s, 0, "mailto:") < s.n;
}

static void
put_gated(const struct page *page, struct ms_slice s, unsigned flags)
{
	if (s.n > 0 && page->report->defang && may_be_followed(s))
		s = ms_defang(page->report->arena, s);
	gate(page->out, s, flags);
}

static void
put_text(const struct page *page, struct ms_slice s)
{
	put_gated(page, s, GATE_MARK);
}

/* Our own words. */
static void
put(const struct page *page, const char *text)
{
	ms_buf_text(page->out, text);
}

static const char *
class_of(unsigned style)
{
	static const char *const classes[] = {
		[MS_STYLE_PLAIN] = "",
		[MS_STYLE_STRONG] = "strong",
		[MS_STYLE_DIM] = "dim",
		[MS_STYLE_GOOD] = "good",
		[MS_STYLE_WARN] = "warn",
		[MS_STYLE_BAD] = "bad",
	};

	return classes[style];
}

/* Those of them that are not "". */
static void
put_classes(
    const struct page *page, const char *a, const char *b, const char *c)
{
	const char *list[] = { a, b, c };
	const char *before = " class=\"";

	for (size_t i = 0; i < 3; i++) {
		if (!*list[i])
			continue;
		put(page, before);
		put(page, list[i]);
		before = " ";
	}
	if (*a || *b || *c)
		put(page, "\"");
}

/* <name class="…"> */
static void
put_tag(const struct page *page, const char *name, const char *class)
{
	put(page, "<");
	put(page, name);
	put_classes(page, class, "", "");
	put(page, ">");
}

/* ---- blocks ---- */

static void
enter(struct page *page, enum block block)
{
	static const char *const opens[] = {
		[BLOCK_NONE] = "",
		[BLOCK_PAIRS] = "<dl>\n",
		[BLOCK_LINES] = "<pre>",
	};
	static const char *const closes[] = {
		[BLOCK_NONE] = "",
		[BLOCK_PAIRS] = "</dl>\n",
		[BLOCK_LINES] = "</pre>\n",
	};

	if (page->block == block)
		return;
	put(page, closes[page->block]);
	put(page, opens[block]);
	page->block = block;
}

static void
end_section(struct page *page)
{
	enter(page, BLOCK_NONE);
	if (page->section)
		put(page, "</section>\n");
	page->section = false;
}

static void
start_section(struct page *page, struct ms_slice title)
{
	end_section(page);
	put(page, "<section>\n<h3>");
	put_text(page, title);
	put(page, "</h3>\n");
	page->section = true;
}

static void
put_pair(struct page *page, struct ms_slice label, unsigned style,
    struct ms_slice text)
{
	enter(page, BLOCK_PAIRS);
	put(page, "<dt>");
	put_text(page, label);
	put(page, "</dt>");
	put_tag(page, "dd", class_of(style));
	put_text(page, text);
	put(page, "</dd>\n");
}

static void
put_line(struct page *page, const struct ms_node *node)
{
	const char *in = node->indent > 4   ? "in6"
			 : node->indent > 2 ? "in4"
					    : "";

	enter(page, BLOCK_NONE);
	put(page, "<p");
	put_classes(page, in, class_of(node->style), "");
	put(page, ">");
	put_text(page, node->u.text);
	put(page, "</p>\n");
}

/* One that can be copied with its neighbours. */
static void
put_verbatim(struct page *page, const struct ms_node *node)
{
	enter(page, BLOCK_LINES);
	put_text(page, node->u.text);
	put(page, "\n");
}

/* ---- tables ---- */

/* Blanks in front show how deep something lies, without a style sheet too. */
static void
put_cell_text(const struct page *page, struct ms_slice text, bool breaks)
{
	size_t n = 0;

	for (; n < text.n && text.p[n] == ' '; n++)
		put(page, "\xc2\xa0");
	put_gated(page, ms_slice_part(text, n, text.n),
	    breaks ? GATE_MARK | GATE_BREAK : GATE_MARK);
}

/* One that has to be broken where there is little room. */
static bool
has_long_word(struct ms_slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n <= WORD; i++)
		n = text.p[i] == ' ' ? 0 : n + 1;
	return n > WORD;
}

static void
put_cell(const struct page *page, const struct ms_node *cell, bool first,
    const struct ms_node *head)
{
	bool names = first && cell->u.text.n > 0;
	bool is_long = has_long_word(cell->u.text);

	put(page, names ? "<th scope=\"row\"" : "<td");
	if (head && head->u.text.n > 0) {
		put(page, " data-label=\"");
		gate(page->out, head->u.text, 0);
		put(page, "\"");
	}
	put_classes(page, class_of(cell->style), cell->right ? "right" : "",
	    is_long ? "long" : "");
	put(page, ">");
	put_cell_text(page, cell->u.text, is_long);
	put(page, names ? "</th>" : "</td>");
}

static void
put_heads(const struct page *page, const struct ms_node *row)
{
	put(page, "<thead><tr>");
	for (const struct ms_node *cell = row->first; cell; cell = cell->next) {
		bool named = cell->u.text.n > 0;

		put(page, named ? "<th scope=\"col\"" : "<td");
		put(page, cell->right ? " class=\"right\">" : ">");
		put_text(page, cell->u.text);
		put(page, named ? "</th>" : "</td>");
	}
	put(page, "</tr></thead>\n");
}

static void
put_row(const struct page *page, const struct ms_node *row,
    const struct ms_node *heads)
{
	const struct ms_node *head = heads ? heads->first : NULL;

	put(page, "<tr>");
	for (const struct ms_node *cell = row->first; cell; cell = cell->next) {
		put_cell(page, cell, cell == row->first, head);
		head = head ? head->next : NULL;
	}
	put(page, "</tr>\n");
}

static void
put_table(struct page *page, const struct ms_node *node)
{
	const struct ms_node *row = node->first, *heads = NULL;

	enter(page, BLOCK_NONE);
	if (row && row->head) {
		heads = row;
		row = row->next;
	}
	if (!row)
		return;
	put(page, "<table>\n");
	if (heads)
		put_heads(page, heads);
	put(page, "<tbody>\n");
	for (; row; row = row->next)
		put_row(page, row, heads);
	put(page, "</tbody>\n</table>\n");
}

/* ---- findings ---- */

static void
put_value(const struct page *page, const struct ms_node *node)
{
	char time[MS_TIME_TEXT];

	switch (node->kind) {
	case MS_NODE_TEXT:
		put_text(page, node->u.text);
		break;
	case MS_NODE_BOOL:
		put(page, node->u.truth ? "yes" : "no");
		break;
	case MS_NODE_INT:
		ms_buf_number(page->out, node->u.number);
		break;
	case MS_NODE_DOUBLE:
		ms_buf_printf(page->out, "%.10g", node->u.real);
		break;
	case MS_NODE_TIME:
		ms_time_format(node->u.number, time);
		put(page, time);
		break;
	default:
		put(page, "-");
		break;
	}
}

/* Objects and lists of the checks' own making, so many names deep. */
static void
put_evidence(struct page *page, const struct ms_node *node, const char *name)
{
	for (; node; node = node->next) {
		const char *key = name;

		if (node->key)
			key = ms_arena_printf(page->report->arena, "%s%s%s",
			    name, *name ? "." : "", node->key);
		if (node->kind == MS_NODE_OBJECT ||
		    node->kind == MS_NODE_ARRAY) {
			put_evidence(page, node->first, key);
			continue;
		}
		enter(page, BLOCK_PAIRS);
		put(page, "<dt>");
		put_text(page, ms_slice_from(key));
		put(page, "</dt><dd>");
		put_value(page, node);
		put(page, "</dd>\n");
	}
}

static void
put_severity(const struct page *page, enum ms_severity severity)
{
	const char *name = ms_severity_name(severity);

	ms_buf_printf(
	    page->out, "<strong class=\"%s\">%s</strong> ", name, name);
}

/* What to do may be a record to publish: it stays as it is. */
static void
put_fix(const struct page *page, const struct ms_finding *f)
{
	if (!f->fix)
		return;
	put(page, "<p><b>Do:</b> ");
	gate(page->out, ms_slice_from(f->fix), GATE_MARK);
	put(page, "</p>\n");
}

static void
put_finding(struct page *page, const struct ms_finding *f, size_t n)
{
	ms_buf_printf(page->out,
	    "<section class=\"finding\" id=\"" ID "-%zu\">\n<h4>", n);
	put_severity(page, f->severity);
	put_text(page, ms_slice_from(f->title));
	put(page, "</h4>\n");
	if (f->detail) {
		put(page, "<p>");
		put_text(page, ms_slice_from(f->detail));
		put(page, "</p>\n");
	}
	put_fix(page, f);
	if (f->evidence)
		put_evidence(page, f->evidence->first, "");
	enter(page, BLOCK_NONE);
	ms_buf_printf(page->out, "<p class=\"dim\">%s", f->id);
	if (page->report->show_weights && f->weight > 0)
		ms_buf_printf(page->out, ", adds %d", f->weight);
	if (f->reference)
		ms_buf_printf(page->out, ", %s", f->reference);
	put(page, "</p>\n</section>\n");
}

static void
put_findings(struct page *page)
{
	const struct ms_report *report = page->report;
	size_t n = 0;

	if (page->findings || !report->show_findings || !report->findings)
		return;
	page->findings = true;
	start_section(page, MS_SLICE("FINDINGS"));
	for (const struct ms_finding *f = report->findings; f; f = f->next)
		put_finding(page, f, ++n);
	end_section(page);
}

/* The gravest, behind the judgement: each leads to what is said of it. */
static void
put_reasons(struct page *page)
{
	const struct ms_report *report = page->report;
	size_t n = 0;

	if (page->reasons || !report->show_findings || !report->findings)
		return;
	page->reasons = true;
	put(page, "<ul class=\"reasons\">\n");
	for (const struct ms_finding *f = report->findings; f && n < REASONS;
	     f = f->next) {
		ms_buf_printf(page->out, "<li><a href=\"#" ID "-%zu\">", ++n);
		put_severity(page, f->severity);
		put_text(page, ms_slice_from(f->title));
		put(page, "</a></li>\n");
	}
	if (report->findings_n > n)
		ms_buf_printf(page->out, "<li>and %zu more below</li>\n",
		    report->findings_n - n);
	put(page, "</ul>\n");
}

static void
put_errors(struct page *page)
{
	if (!page->report->errors)
		return;
	start_section(page, MS_SLICE("NOT DONE"));
	for (const struct ms_error *e = page->report->errors; e; e = e->next) {
		put(page, "<p class=\"warn\">");
		put_text(page, ms_slice_from(e->text));
		put(page, "</p>\n");
	}
	end_section(page);
}

/* ---- one subject ---- */

static void
put_answer(struct page *page, const struct ms_node *node)
{
	enter(page, BLOCK_NONE);
	put(page, "<p");
	put_classes(page, "answer", class_of(node->style), "");
	put(page, ">");
	put_text(page, node->u.text);
	put(page, "</p>\n");
	put_reasons(page);
}

static void
put_node(struct page *page, const struct ms_node *node)
{
	switch (node->kind) {
	case MS_NODE_ANSWER:
		put_answer(page, node);
		break;
	case MS_NODE_HEADING:
		start_section(page, node->u.text);
		break;
	case MS_NODE_LINE:
		put_line(page, node);
		break;
	case MS_NODE_VERBATIM:
		put_verbatim(page, node);
		break;
	case MS_NODE_PAIR:
		put_pair(
		    page, ms_slice_from(node->key), node->style, node->u.text);
		break;
	case MS_NODE_TABLE:
		put_table(page, node);
		break;
	case MS_NODE_FINDINGS:
		put_findings(page);
		break;
	default:
		break;
	}
}

/* Of any style, where none is asked for. */
static const struct ms_node *
first_of(const struct ms_report *report, enum ms_node_kind kind, unsigned style)
{
	const struct ms_node *node = report->text->first;

	while (node && (node->kind != kind || (style && node->style != style)))
		node = node->next;
	return node;
}

static struct ms_slice
name_of(const struct ms_report *report)
{
	const struct ms_node *title = first_of(report, MS_NODE_TITLE, 0);
	struct ms_slice name = path_subject(report);
	struct ms_slice format = path_text(report->subject, "format");
	double index;

	if (title)
		return title->u.text;
	if (!report->subject)
		return MS_SLICE("Summary");
	if (ms_slice_is(name, "-"))
		name = MS_SLICE("standard input");
	if (!path_number(report->subject, "index", &index) ||
	    (index == 0 && !ms_slice_starts(format, "mbox")))
		return name;
	return ms_slice_from(ms_arena_printf(report->arena,
	    "%.*s, message %.0f", (int)name.n, (const char *)name.p, index));
}

/* Of what, and as of when. */
static void
put_basis(const struct page *page)
{
	struct ms_slice sha256 = path_text(page->report->subject, "sha256");
	char time[MS_TIME_TEXT];

	ms_time_format(page->report->time, time);
	ms_buf_printf(page->out, "<p class=\"dim\">As of %s.", time);
	if (sha256.n > 0) {
		put(page, " SHA-256 of the message: ");
		put_text(page, sha256);
		put(page, ".");
	}
	if (page->report->defang)
		put(page, " Links and addresses are written so that nobody "
			  "follows them by mistake (hxxp, [.], [@]).");
	put(page, "</p>\n");
}

/* ---- its line in the list of all ---- */

static void
put_judgement(const struct page *page)
{
	const struct ms_report *report = page->report;
	const struct ms_node *answer = first_of(report, MS_NODE_ANSWER, 0);

	if (answer) {
		put_tag(page, "td", class_of(answer->style));
		put_text(page, answer->u.text);
	} else if (report->errors) {
		put_tag(page, "td", class_of(MS_STYLE_WARN));
		put_text(page, ms_slice_from(report->errors->text));
	} else if (report->findings && report->show_findings) {
		put(page, "<td>");
		put_severity(page, report->findings->severity);
		put_text(page, ms_slice_from(report->findings->title));
	} else {
		put(page, "<td>-");
	}
	put(page, "</td></tr>\n");
}

static void
put_entry(const struct page *page, struct ms_slice name)
{
	const struct ms_node *known =
	    first_of(page->report, MS_NODE_PAIR, MS_STYLE_STRONG);

	struct ms_slice label;

	put(page, "<tr><th scope=\"row\" class=\"long\"><a href=\"#" ID "\">");
	put_cell_text(page, name, true);
	put(page, "</a>");
	if (known) {
		put(page, "<br/>");
		label = ms_slice_from(known->key);
		put_text(page, label);
		put(page, ms_slice_ends(label, "?") ? " " : ": ");
		put_text(page, known->u.text);
	}
	put(page, "</th>");
	put_judgement(page);
}

static void
html_render(const struct ms_report *report,
    const struct ms_render_options *options, struct ms_buf *out)
{
	struct page page = { .out = out, .report = report };
	struct ms_slice name = name_of(report);

	(void)options;
	gate(out, name, 0);
	ms_buf_byte(out, END);
	put_entry(&page, name);
	ms_buf_byte(out, END);
	put(&page, "<article id=\"" ID "\">\n<h2>");
	put_text(&page, name);
	put(&page, "</h2>\n");
	for (const struct ms_node *n = report->text->first; n; n = n->next)
		put_node(&page, n);
	put_findings(&page);
	put_errors(&page);
	end_section(&page);
	put_basis(&page);
	put(&page, "</article>\n");
	ms_buf_byte(out, END);
}

/* ---- the page ---- */

static void
take_piece(struct ms_slice *notes, uint64_t number, struct ms_buf *out)
{
	size_t end = ms_slice_find(*notes, 0, END), at = 0;

	while (at < end) {
		size_t to =
		    ms_slice_find(ms_slice_part(*notes, 0, end), at, NUMBER);

		ms_buf_slice(out, ms_slice_part(*notes, at, to));
		if (to < end)
			ms_buf_number(out, (int64_t)number);
		at = to + 1;
	}
	*notes = ms_slice_part(*notes, end + 1, notes->n);
}

static void
html_take(struct ms_slice *notes, uint64_t number, struct ms_buf *name,
    struct ms_buf *line, struct ms_buf *part)
{
	take_piece(notes, number, name);
	take_piece(notes, number, line);
	take_piece(notes, number, part);
}

/* lib/render/html.css, as it stands, between these two. */
__asm__(".section .rodata\n"
	".global render_html_style\n"
	".global render_html_style_end\n"
	"render_html_style:\n"
	".incbin \"lib/render/html.css\"\n"
	"render_html_style_end:\n"
	".previous\n");
extern const char render_html_style[], render_html_style_end[];

static struct ms_slice
style(void)
{
	/* cppcheck-suppress comparePointers # of one text */
	size_t n = (size_t)(render_html_style_end - render_html_style);

	return ms_slice_make(render_html_style, n);
}

static void
put_list_head(struct ms_buf *out)
{
	ms_buf_text(out,
	    "<nav aria-labelledby=\"list\">\n<h2 id=\"list\">Contents</h2>\n"
	    "<table>\n<thead><tr>"
	    "<th scope=\"col\">subject</th>"
	    "<th scope=\"col\">judgement</th></tr></thead>\n<tbody>\n");
}

static void
html_open(const char *command, uint64_t number, struct ms_slice name,
    const struct ms_render_options *options, struct ms_buf *out)
{
	ms_buf_text(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\"/>\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'; "
	    "base-uri 'none'; form-action 'none'\"/>\n"
	    "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
	    "<meta name=\"format-detection\" content=\"telephone=no, "
	    "date=no, address=no, email=no\"/>\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"/>\n<title>");
	if (number == 1)
		ms_buf_slice(out, name);
	else
		ms_buf_printf(out, "%llu entries", (unsigned long long)number);
	ms_buf_printf(out, " - mailsonde %s</title>\n<style>\n", command);
	ms_buf_slice(out, style());
	ms_buf_printf(out,
	    "</style>\n</head>\n<body>\n<header>\n"
	    "<h1>mailsonde %s, version %s</h1>\n</header>\n",
	    command, options->version);
	if (number != 1)
		put_list_head(out);
	else
		ms_buf_text(out, "<main>\n");
}

static const struct ms_page html_page = {
	.open = html_open,
	.take = html_take,
	.parts = "</tbody>\n</table>\n</nav>\n<main>\n",
	.close = "</main>\n</body>\n</html>\n",
};

extern const struct ms_format format_html;

const struct ms_format format_html = {
	.name = "html",
	.note = "one page",
	.audience = MS_FOR_TEXT | MS_FOR_PAGE,
	.render = html_render,
	.page = &html_page,
};
