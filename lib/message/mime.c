/* SPDX-License-Identifier: ISC
 * mime.c - the tree of parts, RFC 2046
 *
 * One pass over the body from delimiter to delimiter. What is open at a time
 * is a chain of parents from the current part up, and a stack of the
 * multiparts whose delimiters count.
 */
#include "mime_priv.h"

#include "mailsonde/scan.h"

/* A preamble longer than this is more than a note to old mail programs. */
#define PREAMBLE_NOTE 512

struct frame {
	struct ms_part *part;
	struct ms_part *last; /* its last child */
	bool started;         /* a delimiter was there */
};

struct reader {
	const struct ms_parse *parse;
	const struct ms_mime_options *options;
	struct ms_mime *out;
	struct ms_slice in;
	size_t at;
	size_t blank; /* an empty line, the first at or behind `at` when that
			 is not behind it */
	struct boundaries b;
	struct frame *frames; /* one for each of b.open */
	size_t cap;
	struct ms_part *current; /* the innermost that is open */
};

static size_t
offset_in(const struct reader *r, const unsigned char *p)
{
	const unsigned char *base = r->parse->base;

	return (size_t)(p - (base ? base : r->in.p));
}

static void
defect(const struct reader *r, enum ms_defect_kind kind, const unsigned char *p,
    const char *detail)
{
	ms_defect_add(
	    r->parse->defects, r->parse->arena, kind, offset_in(r, p), detail);
}

static void
hit_limit(struct reader *r, const char *detail)
{
	r->out->truncated = true;
	defect(r, MS_DEFECT_LIMIT, r->in.p + r->at, detail);
}

/* ---- the end of a part ---- */

static void
check_preamble(struct reader *r, struct ms_slice preamble)
{
	struct ms_slice text = ms_slice_trim(preamble);
	size_t note = ms_slice_find_nocase(
	    ms_slice_part(text, 0, PREAMBLE_NOTE), 0, "mime");

	if (text.n > 0 && (text.n > PREAMBLE_NOTE || note == text.n))
		defect(r, MS_DEFECT_PREAMBLE, text.p, NULL);
}

static void
finish_multipart(struct reader *r, struct ms_part *part, size_t end)
{
	const unsigned char *stop = r->in.p + end;
	struct ms_slice text;

	if (part->closed) {
		/* The line end may be that of the next delimiter. */
		if (stop < part->epilogue.p)
			part->epilogue.p = stop;
		part->epilogue.n = (size_t)(stop - part->epilogue.p);
		text = ms_slice_trim(part->epilogue);
		if (text.n > 0)
			defect(r, MS_DEFECT_EPILOGUE, text.p, NULL);
	} else if (part->boundary.n == 0) {
		part->preamble = part->body;
	} else if (part->child || part->preamble.p) {
		defect(r, MS_DEFECT_NO_CLOSE, stop, NULL);
	} else {
		part->preamble = part->body;
		defect(r, MS_DEFECT_BOUNDARY_MISSING, part->body.p, NULL);
	}
}

/* Where a header ends at the delimiter, its line end is both's, and the body
 * is nothing behind it. Returns where the part ends. */
static size_t
finish(struct reader *r, struct ms_part *part, size_t end)
{
	size_t body = (size_t)(part->body.p - r->in.p);

	if (end < body)
		end = body;
	part->raw.n = (size_t)(r->in.p + end - part->raw.p);
	part->body.n = end - body;
	if (part->kind == MS_PART_LEAF)
		part_read_body(r->parse, r->options, part);
	else if (part->kind == MS_PART_MULTIPART)
		finish_multipart(r, part, end);
	return end;
}

/* Ends all that is open within `parent` (NULL: everything). */
static void
finish_below(struct reader *r, struct ms_part *parent, size_t end)
{
	while (r->current != parent) {
		end = finish(r, r->current, end);
		r->current = r->current->parent;
	}
}

/* ---- the beginning of a part ---- */

static size_t
find_blank(const struct reader *r)
{
	struct ms_slice rest = ms_slice_part(r->in, r->at, r->in.n), line;
	bool bare_cr = r->options->bare_cr;

	while (ms_slice_line(&rest, bare_cr, &line))
		if (line.n == 0)
			return (size_t)(rest.p - r->in.p);
	return r->in.n;
}

/* The header ends at a delimiter at the latest. */
static size_t
entity_limit(struct reader *r)
{
	struct delimiter delimiter;

	if (r->blank <= r->at)
		r->blank = find_blank(r);
	if (boundary_next(&r->b, r->at, r->blank, &delimiter))
		return delimiter.at;
	return r->in.n;
}

static struct ms_part *
new_part(struct reader *r, struct ms_header *header, struct ms_part *parent)
{
	struct ms_part *part = MS_NEW(r->parse->arena, struct ms_part);

	part->parent = parent;
	part->depth = parent ? parent->depth + 1 : 0;
	part->index = (unsigned)r->out->parts++;
	part->header = header;
	return part;
}

static void
link_part(struct reader *r, struct ms_part *part)
{
	struct ms_part *parent = part->parent;
	struct frame *frame;

	if (!parent->child) {
		parent->child = part;
	} else {
		frame = &r->frames[r->b.n - 1];
		frame->last->next = part;
	}
	if (parent->kind == MS_PART_MULTIPART)
		r->frames[r->b.n - 1].last = part;
}

/* The entity that begins at r->at becomes the current one. */
static void
open_entity(struct reader *r, struct ms_part *parent)
{
	struct ms_header *header = MS_NEW(r->parse->arena, struct ms_header);
	struct ms_part *part = new_part(r, header, parent);
	size_t limit = entity_limit(r);
	unsigned flags = r->options->bare_cr ? MS_HEADER_BARE_CR : 0;

	ms_defects_scope(r->parse->defects);
	if (parent->kind == MS_PART_MULTIPART)
		flags |= MS_HEADER_PART;
	ms_header_parse(
	    r->parse, ms_slice_part(r->in, r->at, limit), flags, header);
	part->raw.p = r->in.p + r->at;
	r->at += header->body;
	part->body.p = r->in.p + r->at;
	link_part(r, part);
	part_read_header(r->parse, part,
	    parent->kind == MS_PART_MULTIPART &&
		ms_slice_is(parent->type, "multipart/digest"));
	r->current = part;
}

static bool
is_container(const struct ms_part *part)
{
	return ms_slice_is(part->type, "message/rfc822") ||
	       ms_slice_is(part->type, "message/global") ||
	       ms_slice_is(part->type, "message/news");
}

/* Whether one more level may be opened. */
static bool
deep_enough(struct reader *r, const struct ms_part *part)
{
	if (part->depth < r->parse->limits->mime_depth)
		return true;
	hit_limit(r, "mime_depth");
	return false;
}

static bool
parts_left(struct reader *r)
{
	if (r->out->parts < r->parse->limits->mime_parts)
		return true;
	hit_limit(r, "mime_parts");
	return false;
}

static void
push_frame(struct reader *r, struct ms_part *part)
{
	struct ms_arena *arena = r->parse->arena;

	if (r->b.n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 4;

		r->frames = ms_arena_grow(arena, r->frames,
		    r->cap * sizeof(*r->frames), cap * sizeof(*r->frames));
		r->cap = cap;
	}
	memset(&r->frames[r->b.n], 0, sizeof(*r->frames));
	r->frames[r->b.n].part = part;
	boundary_push(&r->b, arena, part->boundary, r->at);
}

static struct ms_slice
trim_end(struct ms_slice s)
{
	while (s.n > 0 && ms_is(s.p[s.n - 1], MS_C_SPACE))
		s.n--;
	return s;
}

static void
enter_multipart(struct reader *r, struct ms_part *part)
{
	if (!deep_enough(r, part))
		return;
	part->kind = MS_PART_MULTIPART;
	if (part->encoding > MS_ENCODING_BINARY)
		defect(r, MS_DEFECT_ENCODING_COMPOSITE, part->body.p, NULL);
	part->boundary =
	    trim_end(ms_params_get(&part->content_type, "boundary"));
	if (part->boundary.n == 0)
		defect(r, MS_DEFECT_NO_BOUNDARY, part->raw.p, NULL);
	else if (r->b.n >= r->parse->limits->boundaries)
		hit_limit(r, "boundaries");
	else
		push_frame(r, part);
}

/* What the new current part holds, down to the first leaf. */
static void
enter(struct reader *r)
{
	for (;;) {
		struct ms_part *part = r->current;

		if (ms_slice_starts(part->type, "multipart/")) {
			enter_multipart(r, part);
			return;
		}
		if (!is_container(part))
			return;
		if (part->encoding > MS_ENCODING_BINARY) {
			/* RFC 2046 5.2.1 forbids it; decoded, it is a file. */
			defect(r, MS_DEFECT_ENCODING_COMPOSITE, part->body.p,
			    NULL);
			return;
		}
		if (!deep_enough(r, part) || !parts_left(r))
			return;
		part->kind = MS_PART_MESSAGE;
		open_entity(r, part);
	}
}

/* ---- between the parts ---- */

/* The line end in front of a delimiter belongs to it. */
static size_t
before_line_end(const struct reader *r, size_t at)
{
	if (at > 0 && r->in.p[at - 1] == '\n')
		at--;
	else if (at > 0 && r->options->bare_cr && r->in.p[at - 1] == '\r')
		return at - 1;
	else
		return at;
	return at > 0 && r->in.p[at - 1] == '\r' ? at - 1 : at;
}

static void
pass_delimiter(struct reader *r, const struct delimiter *d)
{
	struct frame *frame = &r->frames[d->level];
	size_t end = before_line_end(r, d->at);

	finish_below(r, frame->part, end);
	boundary_cut(&r->b, d->level + 1);
	if (!frame->started) {
		size_t start = (size_t)(frame->part->body.p - r->in.p);

		frame->started = true;
		frame->part->preamble =
		    ms_slice_part(r->in, start, end > start ? end : start);
		check_preamble(r, frame->part->preamble);
	}
	r->at = d->next;
	if (d->close) {
		frame->part->closed = true;
		frame->part->epilogue = ms_slice_make(r->in.p + r->at, 0);
		boundary_cut(&r->b, d->level);
	}
}

static bool
next_delimiter(struct reader *r, struct delimiter *d)
{
	size_t from = r->at, to;

	if (!r->options->passed)
		return boundary_next(&r->b, from, r->in.n, d);
	for (; from < r->in.n; from = to) {
		to = r->in.n - from > MIME_RUN ? from + MIME_RUN : r->in.n;
		if (boundary_next(&r->b, r->at, to, d))
			return true;
		r->options->passed(ms_slice_part(r->in, from, to));
	}
	return false;
}

/* Up to the beginning of the next part, false at the end of everything. Of
 * delimiters in a row only the last counts: there is no part between. */
static bool
advance(struct reader *r)
{
	struct delimiter d, next;

	while (next_delimiter(r, &d)) {
		struct ms_part *parent = r->frames[d.level].part;

		pass_delimiter(r, &d);
		if (d.close || r->at >= r->in.n ||
		    boundary_next(&r->b, r->at, r->at + 1, &next))
			continue;
		if (!parts_left(r))
			return false;
		open_entity(r, parent);
		return true;
	}
	return false;
}

void
ms_mime_parse(const struct ms_parse *parse, struct ms_header *header,
    struct ms_slice body, const struct ms_mime_options *options,
    struct ms_mime *out)
{
	struct reader r = { 0 };
	struct ms_part *root;

	memset(out, 0, sizeof(*out));
	r.parse = parse;
	r.options = options;
	r.out = out;
	r.in = body;
	r.b.in = body;
	r.b.bare_cr = options->bare_cr;
	root = new_part(&r, header, NULL);
	root->raw.p = header->n > 0 ? header->raw.p : body.p;
	root->body.p = body.p;
	part_read_header(parse, root, false);
	out->root = root;
	r.current = root;
	do
		enter(&r);
	while (advance(&r));
	finish_below(&r, NULL, r.in.n);
}
