/* SPDX-License-Identifier: ISC
 * dkim_explain_part.c - parts added or wrapped, texts with something put in,
 * transfer encodings changed
 *
 * A change is a list of edits to the raw body. What was added within a text
 * may be cut at many places: places that look like one come first, and are
 * combined over two texts (of multipart/alternative).
 */
#include "dkim_explain_priv.h"

#include "mailsonde/codec.h"
#include "mailsonde/scan.h"

#define LEAVES      4 /* texts looked into */
#define LEAF_BYTES  (1024 * 1024)
#define PARTS       32  /* parts tried as the message that was wrapped */
#define LINES_AT    60  /* lines at the end, and */
#define LINES_FRONT 20  /* in front of a text, that may have been added */
#define TAGS        40  /* tags of HTML likewise */
#define CUTS        512 /* places of one text */
#define PAIR_CUTS   30  /* of those that are combined */

/* A text; `text` is decoded where it is base64. */
struct leaf {
	const struct ms_part *part;
	size_t at; /* of its body in the message's body */
	struct ms_slice text;
	bool base64;
	size_t width; /* base64: characters in a line */
};

/* A piece of a text that may have been put in. */
struct cut {
	const struct leaf *leaf;
	size_t from, to; /* in leaf->text */
	enum ms_dkim_change change;
	bool likely;
};

struct cuts {
	struct cut list[CUTS];
	size_t n;
};

static size_t
offset_of(const struct explain *e, const unsigned char *p)
{
	return (size_t)(p - e->message->body.p);
}

static bool
in_body(const struct explain *e, struct ms_slice s)
{
	struct ms_slice body = e->message->body;

	return s.p >= body.p && s.p + s.n <= body.p + body.n;
}

static void
add_body(struct explain *e, size_t from, size_t to)
{
	ms_buf_slice(&e->buf, ms_slice_part(e->message->body, from, to));
}

/* ---- whole parts ---- */

static bool
try_without(
    struct explain *e, const struct ms_part *part, size_t from, size_t to)
{
	e->buf.n = 0;
	add_body(e, 0, from);
	add_body(e, to, e->message->body.n);
	if (!explain_try(e, ms_buf_get(&e->buf)))
		return false;
	return explain_found(e, MS_DKIM_CHANGE_PART,
	    ms_arena_printf(e->arena,
		"part %u (%.*s, %zu octets) was added in transit: without it "
		"the body hash holds",
		part->index, (int)(part->type.n > 60 ? 60 : part->type.n),
		(const char *)part->type.p, part->raw.n),
	    from, to - from);
}

/* Each part but the last with the delimiter behind it, or any but the first
 * with that in front of it. */
static bool
try_added(struct explain *e, const struct ms_part *multipart)
{
	const struct ms_part *before = NULL;

	for (const struct ms_part *part = multipart->child; part;
	     before = part, part = part->next) {
		const unsigned char *from = part->raw.p;
		const unsigned char *to = part->raw.p + part->raw.n;

		if (before)
			from = before->raw.p + before->raw.n;
		else if (part->next)
			to = part->next->raw.p;
		else
			continue;
		if (in_body(e, part->raw) &&
		    try_without(e, part, offset_of(e, from), offset_of(e, to)))
			return true;
	}
	return false;
}

static bool
try_wrapped(struct explain *e, const struct ms_part *part)
{
	struct ms_slice body = part->body;

	if (!in_body(e, body) || body.n == e->message->body.n)
		return false;
	if (!explain_try(e, body)) {
		if (part->kind != MS_PART_LEAF ||
		    (part->encoding != MS_ENCODING_QP &&
			part->encoding != MS_ENCODING_BASE64))
			return false;
		body = ms_codec_decode(e->arena, part->encoding, body, NULL);
		if (!explain_try(e, body))
			return false;
		e->out->also = MS_DKIM_CHANGE_ENCODING;
	}
	return explain_found(e, MS_DKIM_CHANGE_PART,
	    ms_arena_printf(e->arena,
		"the message was put into a new one in transit: part %u (%.*s) "
		"alone has the body hash that was signed",
		part->index, (int)(part->type.n > 60 ? 60 : part->type.n),
		(const char *)part->type.p),
	    offset_of(e, part->body.p), part->body.n);
}

static bool
try_parts(struct explain *e)
{
	const struct ms_part *part = e->root;

	for (size_t n = 0; part && n < PARTS; n++, part = ms_part_next(part)) {
		if (part->parent && try_wrapped(e, part))
			return true;
		if (part->kind == MS_PART_MULTIPART && try_added(e, part))
			return true;
	}
	return false;
}

/* ---- transfer encodings ---- */

/* How a text may have been written before. */
static const struct encoding {
	enum ms_encoding encoding;
	const char *label; /* in a part's header; NULL: there was none */
	size_t width;
} encodings[] = {
	{ MS_ENCODING_8BIT, "8bit", 0 },
	{ MS_ENCODING_8BIT, "7bit", 0 },
	{ MS_ENCODING_8BIT, NULL, 0 },
	{ MS_ENCODING_8BIT, "8BIT", 0 },
	{ MS_ENCODING_QP, "quoted-printable", 76 },
	{ MS_ENCODING_BASE64, "base64", 76 },
	{ MS_ENCODING_BASE64, "base64", 72 },
};

static void
write_base64(struct ms_buf *out, struct ms_slice in, size_t width)
{
	size_t step = width / 4 * 3;

	for (size_t i = 0; i < in.n; i += step) {
		struct ms_slice piece = ms_slice_part(in, i, i + step);
		unsigned char *room = ms_buf_room(out, width + 6);

		out->n += ms_base64_encode(piece, room);
		ms_buf_text(out, "\r\n");
	}
}

/* RFC 2045 6.7, as most programs write it: soft breaks behind 75. */
static void
write_qp(struct ms_buf *out, struct ms_slice in)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t column = 0;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = in.p[i];
		bool end = i + 1 == in.n || in.p[i + 1] == '\n' ||
			   (in.p[i + 1] == '\r' && i + 2 < in.n &&
			       in.p[i + 2] == '\n');
		bool plain = (c > ' ' && c < 127 && c != '=') ||
			     (ms_is(c, MS_C_WSP) && !end);

		if (c == '\n' || (c == '\r' && end)) {
			ms_buf_byte(out, c);
			column = 0;
			continue;
		}
		if (column + (plain ? 1 : 3) > (end ? 76 : 75)) {
			ms_buf_text(out, "=\r\n");
			column = 0;
		}
		if (plain) {
			ms_buf_byte(out, c);
			column++;
			continue;
		}
		ms_buf_byte(out, '=');
		ms_buf_byte(out, (unsigned char)digits[c >> 4]);
		ms_buf_byte(out, (unsigned char)digits[c & 15]);
		column += 3;
	}
}

static bool
is_identity(enum ms_encoding encoding)
{
	return encoding <= MS_ENCODING_BINARY;
}

/* Appends the part as it may have been, with its header when it is no root;
 * returns where the message's body goes on. */
static size_t
write_part(struct explain *e, const struct ms_part *part,
    const struct encoding *as, size_t from)
{
	const struct ms_field *field =
	    ms_header_find(part->header, MS_FIELD_CONTENT_TRANSFER_ENCODING);
	struct ms_slice text;

	if (part->parent && field) {
		add_body(e, from, offset_of(e, field->raw.p));
		if (as->label)
			ms_buf_printf(&e->buf, "%.*s: %s\r\n",
			    (int)field->name.n, (const char *)field->name.p,
			    as->label);
		from = offset_of(e, field->raw.p) + field->raw.n;
	}
	add_body(e, from, offset_of(e, part->body.p));
	text = ms_codec_decode(e->arena, part->encoding, part->body, NULL);
	if (as->encoding == MS_ENCODING_QP)
		write_qp(&e->buf, text);
	else if (as->encoding == MS_ENCODING_BASE64)
		write_base64(&e->buf, text, as->width);
	else
		ms_buf_slice(&e->buf, text);
	/* A line end in front of the delimiter belongs to it. */
	if (part->parent && as->encoding == MS_ENCODING_BASE64 && text.n > 0)
		e->buf.n -= 2;
	return offset_of(e, part->body.p) + part->body.n;
}

static bool
may_be(const struct ms_part *part, const struct encoding *as)
{
	if (part->kind != MS_PART_LEAF || part->encoding > MS_ENCODING_BASE64 ||
	    part->body.n > LEAF_BYTES || !ms_slice_starts(part->type, "text/"))
		return false;
	return is_identity(part->encoding) ? !is_identity(as->encoding)
					   : part->encoding != as->encoding;
}

static bool
try_encoding(struct explain *e, const struct encoding *as)
{
	const struct ms_part *changed = NULL;
	struct ms_arena_mark mark = ms_arena_mark(e->arena);
	size_t from = 0;

	e->buf.n = 0;
	for (const struct ms_part *part = e->root; part;
	     part = ms_part_next(part)) {
		if (!may_be(part, as) || !in_body(e, part->body) ||
		    offset_of(e, part->body.p) < from)
			continue;
		from = write_part(e, part, as, from);
		changed = part;
	}
	add_body(e, from, e->message->body.n);
	if (changed && explain_try(e, ms_buf_get(&e->buf)))
		return explain_found(e, MS_DKIM_CHANGE_ENCODING,
		    ms_arena_printf(e->arena,
			"the text was given another transfer encoding in "
			"transit: as %s the body hash holds",
			as->encoding == MS_ENCODING_8BIT ? "plain 8-bit text"
							 : as->label),
		    0, 0);
	ms_arena_reset(e->arena, mark);
	return false;
}

static bool
try_encodings(struct explain *e)
{
	for (size_t i = 0; i < sizeof(encodings) / sizeof(*encodings); i++)
		if (try_encoding(e, &encodings[i]))
			return true;
	return false;
}

/* ---- places within a text ---- */

static void
add_cut(struct cuts *cuts, const struct leaf *leaf, size_t from, size_t to,
    enum ms_dkim_change change, bool likely)
{
	struct cut cut = { leaf, from, to, change, likely };

	if (cuts->n < CUTS && from < to && to <= leaf->text.n)
		cuts->list[cuts->n++] = cut;
}

/* Three or more of the same punctuation, or "-- ". */
static bool
is_rule(struct ms_slice line)
{
	line = ms_slice_trim(line);
	if (line.n < 2 || ms_is(*line.p, MS_C_ALNUM))
		return false;
	for (size_t i = 1; i < line.n; i++)
		if (line.p[i] != *line.p)
			return false;
	return true;
}

/* The start of the line that ends in front of `at`. */
static size_t
line_start(struct ms_slice s, size_t at)
{
	while (at > 0 && s.p[at - 1] != '\n')
		at--;
	return at;
}

static size_t
without_line_end(struct ms_slice s, size_t at)
{
	if (at > 0 && s.p[at - 1] == '\n')
		at--;
	if (at > 0 && s.p[at - 1] == '\r')
		at--;
	return at;
}

static void
cut_lines_at_end(struct cuts *cuts, const struct leaf *leaf)
{
	struct ms_slice text = leaf->text;
	size_t end = text.n;

	for (size_t i = 0; i < LINES_AT && end > 0; i++) {
		size_t last = without_line_end(text, end);
		size_t from = line_start(text, last);
		struct ms_slice line = ms_slice_part(text, from, last);
		size_t above = without_line_end(text, from);
		bool likely = ms_slice_trim(line).n == 0 || is_rule(line) ||
			      line_start(text, above) == above;

		add_cut(
		    cuts, leaf, from, text.n, MS_DKIM_CHANGE_FOOTER, likely);
		if (above < from)
			add_cut(cuts, leaf, above, text.n,
			    MS_DKIM_CHANGE_FOOTER, likely);
		end = from;
	}
}

static void
cut_lines_in_front(struct cuts *cuts, const struct leaf *leaf)
{
	size_t at = 0;

	for (size_t i = 0; i < LINES_FRONT && at < leaf->text.n; i++) {
		size_t lf = ms_slice_find(leaf->text, at, '\n');
		struct ms_slice line = ms_slice_part(leaf->text, at, lf);

		if (lf == leaf->text.n)
			return;
		at = lf + 1;
		add_cut(cuts, leaf, 0, at, MS_DKIM_CHANGE_BANNER,
		    ms_slice_trim(line).n == 0 || is_rule(line));
	}
}

/* Behind <body> up to the end of a tag, with a line end or without. */
static void
cut_html_in_front(struct cuts *cuts, const struct leaf *leaf)
{
	struct ms_slice text = leaf->text;
	size_t body = ms_slice_find_nocase(text, 0, "<body");
	size_t at;

	body = ms_slice_find(text, body, '>') + 1;
	if (body > text.n)
		body = 0;
	at = body;
	for (size_t i = 0; i < TAGS && at < text.n; i++) {
		size_t end = ms_slice_find(text, at, '>') + 1;
		size_t line = end;

		if (end > text.n)
			return;
		add_cut(cuts, leaf, body, end, MS_DKIM_CHANGE_BANNER, true);
		line += line < text.n && text.p[line] == '\r';
		line += line < text.n && text.p[line] == '\n';
		if (line > end)
			add_cut(cuts, leaf, body, line, MS_DKIM_CHANGE_BANNER,
			    true);
		at = end;
	}
}

/* From the start of an element up to </body>. */
static void
cut_html_at_end(struct cuts *cuts, const struct leaf *leaf)
{
	struct ms_slice text = leaf->text;
	size_t body = text.n, at, next = 0;

	while ((next = ms_slice_find_nocase(text, next, "</body")) < text.n)
		body = next++;
	at = body;
	for (size_t i = 0; i < TAGS && at > 0; i++) {
		size_t above;

		do
			at--;
		while (at > 0 && !(text.p[at] == '<' && text.p[at + 1] != '/'));
		if (text.p[at] != '<')
			return;
		above = without_line_end(text, at);
		add_cut(cuts, leaf, at, body, MS_DKIM_CHANGE_FOOTER, true);
		if (above < at)
			add_cut(cuts, leaf, above, body, MS_DKIM_CHANGE_FOOTER,
			    true);
	}
}

static void
find_cuts(struct cuts *cuts, const struct leaf *leaf)
{
	if (ms_slice_is(leaf->part->type, "text/html")) {
		cut_html_in_front(cuts, leaf);
		cut_html_at_end(cuts, leaf);
	}
	cut_lines_at_end(cuts, leaf);
	cut_lines_in_front(cuts, leaf);
}

static size_t
find_leaves(struct explain *e, struct leaf leaves[LEAVES])
{
	const struct ms_part *part = e->root;
	size_t n = 0;

	for (; part && n < LEAVES; part = ms_part_next(part)) {
		struct leaf leaf = { .part = part, .text = part->body };

		if (part->kind != MS_PART_LEAF || !in_body(e, part->body) ||
		    part->body.n > LEAF_BYTES ||
		    !ms_slice_starts(part->type, "text/"))
			continue;
		leaf.at = offset_of(e, part->body.p);
		leaf.base64 = part->encoding == MS_ENCODING_BASE64;
		if (leaf.base64) {
			struct ms_slice rest = part->body, line;

			ms_slice_line(&rest, false, &line);
			leaf.width = line.n / 4 * 4;
			if (leaf.width < 4)
				continue;
			leaf.text = ms_codec_decode(
			    e->arena, part->encoding, part->body, NULL);
		}
		leaves[n++] = leaf;
	}
	return n;
}

/* Appends the text without that piece; returns where the body goes on. */
static size_t
write_cut(struct explain *e, const struct cut *cut, size_t from)
{
	const struct leaf *leaf = cut->leaf;
	unsigned char *joined;

	if (!leaf->base64) {
		add_body(e, from, leaf->at + cut->from);
		return leaf->at + cut->to;
	}
	add_body(e, from, leaf->at);
	joined = ms_arena_bytes(e->arena, leaf->text.n);
	memcpy(joined, leaf->text.p, cut->from);
	memcpy(
	    joined + cut->from, leaf->text.p + cut->to, leaf->text.n - cut->to);
	write_base64(&e->buf,
	    ms_slice_make(joined, leaf->text.n - (cut->to - cut->from)),
	    leaf->width);
	if (leaf->part->parent && e->buf.n > 1)
		e->buf.n -= 2;
	return leaf->at + leaf->part->body.n;
}

static const char *
cut_text(struct explain *e, const struct cut *a, const struct cut *b)
{
	bool footer = a->change == MS_DKIM_CHANGE_FOOTER;

	return ms_arena_printf(e->arena,
	    "%zu octets were put in at the %s of the text (part %u%s) in "
	    "transit: without them the body hash holds",
	    a->to - a->from + (b ? b->to - b->from : 0),
	    footer ? "end" : "start", a->leaf->part->index,
	    b ? ms_arena_printf(e->arena, " and part %u", b->leaf->part->index)
	      : "");
}

static bool
try_cuts(struct explain *e, const struct cut *a, const struct cut *b)
{
	struct ms_arena_mark mark = ms_arena_mark(e->arena);
	size_t from;

	e->buf.n = 0;
	from = write_cut(e, a, 0);
	if (b)
		from = write_cut(e, b, from);
	add_body(e, from, e->message->body.n);
	ms_arena_reset(e->arena, mark);
	if (!explain_try(e, ms_buf_get(&e->buf)))
		return false;
	if (a->leaf->base64)
		return explain_found(
		    e, a->change, cut_text(e, a, b), a->leaf->at, 0);
	return explain_found(e, a->change, cut_text(e, a, b),
	    a->leaf->at + a->from, a->to - a->from);
}

static size_t
likely_cuts(const struct cuts *cuts, const struct cut *out[PAIR_CUTS],
    enum ms_dkim_change change)
{
	size_t n = 0;

	for (size_t i = 0; i < cuts->n && n < PAIR_CUTS; i++)
		if (cuts->list[i].likely && cuts->list[i].change == change)
			out[n++] = &cuts->list[i];
	return n;
}

/* The same change to both texts. */
static bool
try_pairs(struct explain *e, const struct cuts *a, const struct cuts *b,
    enum ms_dkim_change change)
{
	const struct cut *first[PAIR_CUTS], *second[PAIR_CUTS];
	size_t first_n = likely_cuts(a, first, change);
	size_t second_n = likely_cuts(b, second, change);

	for (size_t i = 0; i < first_n; i++)
		for (size_t k = 0; k < second_n; k++) {
			if (e->out->gave_up)
				return false;
			if (try_cuts(e, first[i], second[k]))
				return true;
		}
	return false;
}

static bool
try_texts(struct explain *e)
{
	struct leaf leaves[LEAVES];
	size_t n = find_leaves(e, leaves);
	struct cuts *cuts = MS_NEW_ARRAY(e->arena, struct cuts, n);

	for (size_t i = 0; i < n; i++) {
		find_cuts(&cuts[i], &leaves[i]);
		for (size_t k = 0; k < cuts[i].n; k++) {
			if (e->out->gave_up)
				return false;
			if (try_cuts(e, &cuts[i].list[k], NULL))
				return true;
		}
	}
	for (size_t i = 0; i + 1 < n; i++)
		if (try_pairs(
			e, &cuts[i], &cuts[i + 1], MS_DKIM_CHANGE_FOOTER) ||
		    try_pairs(e, &cuts[i], &cuts[i + 1], MS_DKIM_CHANGE_BANNER))
			return true;
	return false;
}

bool
explain_parts(struct explain *e)
{
	return e->root && (try_parts(e) || try_encodings(e) || try_texts(e));
}
