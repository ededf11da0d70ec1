/* SPDX-License-Identifier: ISC
 * text.c - reports for people: 80 columns, readable without colour
 */
#include <limits.h>
#include <stdio.h>

#include "mailsonde/render.h"
#include "mailsonde/utf8.h"

#define COLUMNS_MAX 16
#define LABEL_WIDTH 14
#define CELL_MIN    8
/* Findings: their text stands behind the longest severity. */
#define FINDING_AT 11

struct page {
	struct ms_buf *out;
	struct ms_arena *arena;
	unsigned width;
	bool color;
	size_t start; /* where this report begins in `out` */
};

/* ---- the gate ---- */

static bool
shown(int32_t rune)
{
	return rune >= 0 && ms_rune_kind((uint32_t)rune) == MS_RUNE_PLAIN;
}

void
ms_text_safe(struct ms_buf *out, struct ms_slice s)
{
	while (s.n > 0) {
		struct ms_slice before = s;
		int32_t rune = ms_utf8_next(&s);

		if (shown(rune)) {
			ms_buf_add(out, before.p, before.n - s.n);
		} else if (rune >= 0x80) {
			ms_buf_printf(out, "<U+%04X>", (unsigned)rune);
		} else {
			for (size_t i = 0; i < before.n - s.n; i++)
				ms_buf_printf(out, "<0x%02X>", before.p[i]);
		}
	}
}

/* Printable ASCII and nothing else: a column a byte, nothing to be changed. */
static bool
plain(struct ms_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

/* Tabs and line ends inside a value are blanks to a reader. */
static struct ms_slice
safe(const struct page *page, struct ms_slice s)
{
	struct ms_buf flat, out;

	if (plain(s))
		return s;
	ms_buf_init(&flat, page->arena);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		ms_buf_byte(&flat, c == '\t' || c == '\n' ? ' ' : c);
	}
	ms_buf_init(&out, page->arena);
	ms_text_safe(&out, ms_buf_get(&flat));
	return ms_buf_get(&out);
}

static unsigned
columns(struct ms_slice s)
{
	unsigned n = 0;

	if (plain(s))
		return (unsigned)s.n;
	while (s.n > 0) {
		int32_t rune = ms_utf8_next(&s);

		n += rune < 0 ? 1 : (unsigned)ms_rune_width((uint32_t)rune);
	}
	return n;
}

/* ---- colour ---- */

static void
start_style(const struct page *page, unsigned style)
{
	static const char *const codes[] = {
		[MS_STYLE_PLAIN] = "",
		[MS_STYLE_STRONG] = "\033[1m",
		[MS_STYLE_DIM] = "\033[2m",
		[MS_STYLE_GOOD] = "\033[32m",
		[MS_STYLE_WARN] = "\033[33m",
		[MS_STYLE_BAD] = "\033[1;31m",
	};

	if (page->color)
		ms_buf_text(page->out, codes[style]);
}

static void
end_style(const struct page *page, unsigned style)
{
	if (page->color && style != MS_STYLE_PLAIN)
		ms_buf_text(page->out, "\033[0m");
}

/* ---- lines ---- */

/* Where a name, address or link may be broken: before a mark that begins a
 * piece of it, or behind one that ends a piece. */
static bool
breakable(struct ms_slice s, size_t at)
{
	return at > 0 && at < s.n &&
	       (memchr(".?&=#@[(<", s.p[at], 9) ||
		   memchr("/-_,;:)>", s.p[at - 1], 8));
}

/* The end of a line of `s` that could be `n` bytes long: at a blank where one
 * is near enough, else at a mark, else hard. */
static size_t
line_end(struct ms_slice s, size_t n)
{
	size_t end = n;

	if (n == s.n || s.p[n] == ' ')
		return n;
	while (end > n / 3 && s.p[end] != ' ')
		end--;
	if (end > n / 3)
		return end;
	for (end = n; end > n / 3; end--)
		if (breakable(s, end))
			return end;
	return n;
}

/* The next line of `rest` that fits `width`. */
static struct ms_slice
take_line(struct ms_slice *rest, unsigned width)
{
	struct ms_slice s = *rest, line;
	unsigned used = 0;
	size_t n = 0;

	if (s.n <= width && plain(s)) {
		n = s.n;
		s.n = 0;
	}
	while (s.n > 0) {
		size_t before = s.n;
		int32_t rune = ms_utf8_next(&s);
		unsigned w =
		    rune < 0 ? 1 : (unsigned)ms_rune_width((uint32_t)rune);

		if (used + w > width && n > 0)
			break;
		used += w;
		n += before - s.n;
	}
	n = line_end(*rest, n);
	line = ms_slice_part(*rest, 0, n);
	while (n < rest->n && rest->p[n] == ' ')
		n++;
	*rest = ms_slice_part(*rest, n, rest->n);
	while (line.n > 0 && line.p[line.n - 1] == ' ')
		line.n--;
	return line;
}

static void
styled(const struct page *page, unsigned style, struct ms_slice text)
{
	start_style(page, style);
	ms_buf_slice(page->out, text);
	end_style(page, style);
}

/* `text` from column `at` (already reached) with the same hanging indent. */
static void
wrapped(
    const struct page *page, unsigned at, unsigned style, struct ms_slice text)
{
	struct ms_slice rest = safe(page, text);
	unsigned width = page->width > at + 20 ? page->width - at : 20;

	do {
		styled(page, style, take_line(&rest, width));
		ms_buf_byte(page->out, '\n');
		if (rest.n > 0)
			ms_buf_repeat(page->out, ' ', at);
	} while (rest.n > 0);
}

/* A title, with an empty line between it and what stands before. */
static void
heading(const struct page *page, struct ms_slice title)
{
	if (page->out->n > page->start)
		ms_buf_byte(page->out, '\n');
	styled(page, MS_STYLE_STRONG, title);
	ms_buf_byte(page->out, '\n');
}

static void
render_line(const struct page *page, const struct ms_node *node)
{
	ms_buf_repeat(page->out, ' ', node->indent);
	wrapped(page, node->indent, node->style, node->u.text);
}

/* What would break the line is cleaned away like anything else. */
static void
render_verbatim(const struct page *page, const struct ms_node *node)
{
	struct page wide = *page;

	wide.width = UINT_MAX;
	wrapped(&wide, 0, node->style, node->u.text);
}

static void
render_pair(const struct page *page, const struct ms_node *node)
{
	unsigned used = columns(ms_slice_from(node->key));

	ms_buf_text(page->out, "  ");
	styled(page, MS_STYLE_DIM, ms_slice_from(node->key));
	ms_buf_repeat(
	    page->out, ' ', used < LABEL_WIDTH ? LABEL_WIDTH - used : 1);
	wrapped(page, 2 + LABEL_WIDTH, node->style, node->u.text);
}

/* ---- tables ---- */

struct table {
	unsigned n;
	unsigned width[COLUMNS_MAX];
};

static void
measure(const struct page *page, const struct ms_node *node, struct table *t)
{
	memset(t, 0, sizeof(*t));
	for (const struct ms_node *row = node->first; row; row = row->next) {
		unsigned i = 0;

		for (const struct ms_node *cell = row->first;
		     cell && i < COLUMNS_MAX; cell = cell->next, i++) {
			unsigned w = columns(safe(page, cell->u.text));

			if (w > t->width[i])
				t->width[i] = w;
		}
		if (i > t->n)
			t->n = i;
	}
}

/* Takes from the widest column until the row fits. */
static void
shrink(struct table *t, unsigned room)
{
	for (;;) {
		unsigned total = t->n > 0 ? 2 * (t->n - 1) : 0, widest = 0;

		for (unsigned i = 0; i < t->n; i++) {
			total += t->width[i];
			if (t->width[i] > t->width[widest])
				widest = i;
		}
		if (total <= room || t->width[widest] <= CELL_MIN)
			return;
		t->width[widest]--;
	}
}

static void
render_cell_line(const struct page *page, const struct ms_node *cell,
    struct ms_slice line, unsigned width, bool last)
{
	unsigned used = columns(line);
	unsigned pad = used < width ? width - used : 0;

	if (cell->right)
		ms_buf_repeat(page->out, ' ', pad);
	if (line.n > 0)
		styled(page, cell->style, line);
	if (!cell->right && !last)
		ms_buf_repeat(page->out, ' ', pad);
}

static void
trim_blanks(struct ms_buf *out)
{
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
}

static void
render_row(const struct page *page, const struct ms_node *row,
    const struct table *t, unsigned indent)
{
	struct ms_slice rest[COLUMNS_MAX];
	unsigned i = 0;
	bool more;

	for (const struct ms_node *cell = row->first; cell && i < t->n;
	     cell = cell->next, i++)
		rest[i] = safe(page, cell->u.text);
	do {
		more = false;
		i = 0;
		ms_buf_repeat(page->out, ' ', indent);
		for (const struct ms_node *cell = row->first; cell && i < t->n;
		     cell = cell->next, i++) {
			if (i > 0)
				ms_buf_text(page->out, "  ");
			render_cell_line(page, cell,
			    take_line(&rest[i], t->width[i]), t->width[i],
			    !cell->next);
			more |= rest[i].n > 0;
		}
		trim_blanks(page->out);
		ms_buf_byte(page->out, '\n');
	} while (more);
}

static void
render_table(const struct page *page, const struct ms_node *node)
{
	struct table t;

	measure(page, node, &t);
	shrink(&t, page->width - node->indent);
	for (const struct ms_node *row = node->first; row; row = row->next)
		render_row(page, row, &t, node->indent);
}

static void
render_node(const struct page *page, const struct ms_node *node)
{
	switch (node->kind) {
	case MS_NODE_HEADING:
		heading(page, node->u.text);
		break;
	case MS_NODE_TITLE:
	case MS_NODE_ANSWER:
	case MS_NODE_LINE:
		render_line(page, node);
		break;
	case MS_NODE_VERBATIM:
		render_verbatim(page, node);
		break;
	case MS_NODE_PAIR:
		render_pair(page, node);
		break;
	case MS_NODE_TABLE:
		render_table(page, node);
		break;
	case MS_NODE_BLANK:
		ms_buf_byte(page->out, '\n');
		break;
	default:
		break;
	}
}

/* ---- findings ---- */

static unsigned
severity_style(enum ms_severity severity)
{
	if (severity >= MS_SEVERITY_HIGH)
		return MS_STYLE_BAD;
	return severity >= MS_SEVERITY_MEDIUM ? MS_STYLE_WARN : MS_STYLE_PLAIN;
}

static void
render_part(const struct page *page, const char *label, const char *text)
{
	if (!text)
		return;
	ms_buf_repeat(page->out, ' ', FINDING_AT);
	ms_buf_text(page->out, label);
	wrapped(page, FINDING_AT + (unsigned)strlen(label), MS_STYLE_PLAIN,
	    ms_slice_from(text));
}

static void
render_finding(
    const struct page *page, const struct ms_finding *f, bool weights)
{
	const char *name = ms_severity_name(f->severity);

	ms_buf_text(page->out, "  ");
	styled(page, severity_style(f->severity), ms_slice_from(name));
	ms_buf_repeat(page->out, ' ', FINDING_AT - 2 - strlen(name));
	wrapped(page, FINDING_AT, MS_STYLE_STRONG, ms_slice_from(f->title));
	render_part(page, "", f->detail);
	render_part(page, "Do: ", f->fix);
	ms_buf_repeat(page->out, ' ', FINDING_AT);
	ms_buf_byte(page->out, '[');
	ms_buf_text(page->out, f->id);
	if (weights && f->weight != 0)
		ms_buf_printf(page->out, " %+d", f->weight);
	if (f->reference)
		ms_buf_printf(page->out, ", %s", f->reference);
	ms_buf_text(page->out, "]\n");
}

static void
render_findings(const struct page *page, const struct ms_report *report)
{
	if (!report->show_findings || !report->findings)
		return;
	heading(page, MS_SLICE("FINDINGS"));
	for (const struct ms_finding *f = report->findings; f; f = f->next)
		render_finding(page, f, report->show_weights);
}

static void
render_errors(const struct page *page, const struct ms_report *report)
{
	const char *indent = report->zone ? "; not done: " : "  ";
	struct page wide = *page;

	if (!report->errors)
		return;
	if (report->zone)
		wide.width = UINT_MAX;
	else
		heading(page, MS_SLICE("NOT DONE"));
	for (const struct ms_error *e = report->errors; e; e = e->next) {
		ms_buf_text(page->out, indent);
		wrapped(&wide, 2, MS_STYLE_WARN, ms_slice_from(e->text));
	}
}

/* Something of its own stands behind it: headings bring their blank line. */
static bool
is_between(const struct ms_node *blank)
{
	return blank->next && blank->next->kind != MS_NODE_BLANK &&
	       blank->next->kind != MS_NODE_HEADING;
}

static void
render_text(const struct ms_report *report,
    const struct ms_render_options *options, struct ms_buf *out)
{
	struct page page = { out, report->arena,
		options->width ? options->width : 80, options->color, out->n };

	for (const struct ms_node *n = report->text->first; n; n = n->next)
		if (n->kind != MS_NODE_BLANK || is_between(n))
			render_node(&page, n);
	render_findings(&page, report);
	render_errors(&page, report);
}

extern const struct ms_format format_text;

const struct ms_format format_text = {
	.name = "text",
	.note = "default",
	.audience = MS_FOR_TEXT,
	.render = render_text,
	.between = "\n",
};
