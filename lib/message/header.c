/* SPDX-License-Identifier: ISC
 * header.c - the header block, RFC 5322 2.2, 3.6.8 and 4.5
 *
 * Fields are slices of the input; only a folded value is copied, unfolded. A
 * pasted block has its folding mended by the names that fields have.
 */
#include "mailsonde/header.h"

#include "field_priv.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define LINE_MAX_BYTES 998 /* RFC 5322 2.1.1 */

struct reader {
	const struct ms_parse *parse;
	struct ms_slice in;
	size_t at; /* of the line under work */
	unsigned flags;
	struct ms_header *out;
	size_t capacity;
	size_t crlf, lf; /* how lines ended */
	size_t first_lf; /* offset of the first line ended by LF alone */
	size_t indent;   /* pasted: blanks before every field */
	bool skipping;   /* over the limit of fields: only look for the end */
	size_t ahead;    /* pasted: how far look_ahead got, */
	bool more, more_fields; /* and what it found there */
};

/* One line: its text without the line end, and where the next begins. */
struct line {
	struct ms_slice text;
	size_t next;
};

static void
defect(const struct reader *r, enum ms_defect_kind kind, size_t at,
    const char *detail)
{
	const unsigned char *p = r->in.p + at;
	size_t offset = r->parse->base ? (size_t)(p - r->parse->base) : at;

	if (r->parse->defects)
		ms_defect_add(
		    r->parse->defects, r->parse->arena, kind, offset, detail);
}

static struct line
take_line(struct reader *r, size_t at)
{
	struct ms_slice rest = ms_slice_part(r->in, at, r->in.n);
	struct line line = { .text = ms_slice_make(rest.p, 0) };

	(void)ms_slice_line(&rest, r->flags & MS_HEADER_BARE_CR, &line.text);
	line.next = r->in.n - rest.n;
	return line;
}

/* How the line that begins at `at` ended, for the defect of mixed ends. */
static void
count_end(struct reader *r, size_t at, const struct line *line)
{
	if (line->next == at || r->in.p[line->next - 1] != '\n')
		return;
	if (line->next - at > line->text.n + 1) {
		r->crlf++;
	} else if (r->lf++ == 0) {
		r->first_lf = line->next - 1;
	}
}

/* ---- what a line is ---- */

/* Bytes of the name in front of the colon; 0 when the line is no field. White
 * space before the colon is obsolete, and suffered (RFC 5322 4.5.8). */
static size_t
name_length(struct ms_slice line, size_t *colon)
{
	size_t n = 0, at;

	while (n < line.n && ms_is(line.p[n], MS_C_FTEXT))
		n++;
	at = n;
	while (at < line.n && ms_is(line.p[at], MS_C_WSP))
		at++;
	*colon = at;
	return at < line.n && line.p[at] == ':' ? n : 0;
}

/* In a pasted block a line is a field only when its name can be one: letters,
 * digits and dashes, a blank or nothing behind the colon. "https://…",
 * "2002:a05::1" and "h=from:to" are what lost its leading blank. */
static bool
plausible_name(struct ms_slice line, size_t n, size_t colon)
{
	struct ms_slice name = ms_slice_part(line, 0, n);

	if (n == 0 || !ms_is(line.p[0], MS_C_ALPHA))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!ms_is(line.p[i], MS_C_ALNUM) && line.p[i] != '-' &&
		    line.p[i] != '_')
			return false;
	if (colon + 1 < line.n && !ms_is(line.p[colon + 1], MS_C_WSP) &&
	    ms_slice_find(line, colon + 1, ':') < line.n &&
	    !ms_is(line.p[0], MS_C_UPPER))
		return false;
	if (colon + 2 < line.n && line.p[colon + 1] == '/' &&
	    line.p[colon + 2] == '/')
		return false;
	return ms_field_id_of(name) != MS_FIELD_OTHER ||
	       ms_is(line.p[0], MS_C_UPPER) || ms_slice_find(name, 0, '-') < n;
}

static bool
looks_like_field(struct ms_slice line)
{
	size_t colon, n = name_length(line, &colon);
	struct ms_slice name = ms_slice_part(line, 0, n);

	return n > 0 && plausible_name(line, n, colon) &&
	       (ms_field_id_of(name) != MS_FIELD_OTHER ||
		   ms_slice_starts(name, "X-") ||
		   ms_slice_starts(name, "List-") ||
		   ms_slice_starts(name, "ARC-") ||
		   ms_slice_starts(name, "Content-"));
}

static bool
is_blank(struct ms_slice line)
{
	return ms_slice_trim(line).n == 0;
}

static size_t
leading_blanks(struct ms_slice line)
{
	size_t n = 0;

	while (n < line.n && ms_is(line.p[n], MS_C_WSP))
		n++;
	return n;
}

/* ---- fields ---- */

static void
check_line(struct reader *r, size_t at, struct ms_slice text)
{
	if (text.n > LINE_MAX_BYTES)
		defect(r, MS_DEFECT_LONG_LINE, at, NULL);
	if (!(r->flags & MS_HEADER_BARE_CR) && text.n > 0) {
		size_t cr = ms_slice_find(text, 0, '\r');

		if (cr < text.n)
			defect(r, MS_DEFECT_BARE_CR, at + cr, NULL);
	}
}

static struct ms_field *
add_field(struct reader *r)
{
	struct ms_header *out = r->out;
	size_t capacity = r->capacity ? r->capacity * 2 : 32;

	if (out->n >= r->parse->limits->headers) {
		if (!r->skipping)
			defect(r, MS_DEFECT_LIMIT, r->at, "headers");
		r->skipping = true;
		out->truncated = true;
		return NULL;
	}
	if (out->n == r->capacity) {
		out->fields = ms_arena_grow(r->parse->arena, out->fields,
		    sizeof(*out->fields) * r->capacity,
		    sizeof(*out->fields) * capacity);
		r->capacity = capacity;
	}
	memset(&out->fields[out->n], 0, sizeof(*out->fields));
	return &out->fields[out->n++];
}

static void
start_field(struct reader *r, const struct line *line, size_t n, size_t colon)
{
	size_t start = (size_t)(line->text.p - r->in.p);
	struct ms_field *field = add_field(r);

	if (!field)
		return;
	if (colon != n)
		defect(r, MS_DEFECT_FIELD_NAME, start + n, NULL);
	field->name = ms_slice_part(line->text, 0, n);
	field->id = ms_field_id_of(field->name);
	field->body = ms_slice_part(line->text, colon + 1, line->text.n);
	field->raw = ms_slice_part(r->in, start, line->next);
	field->offset =
	    r->parse->base ? (size_t)(field->raw.p - r->parse->base) : start;
}

/* The line belongs to the last field. */
static void
extend_field(struct reader *r, const struct line *line)
{
	struct ms_field *field;

	if (r->skipping || r->out->n == 0)
		return;
	field = &r->out->fields[r->out->n - 1];
	if (is_blank(line->text))
		defect(r, MS_DEFECT_BLANK_FOLD,
		    (size_t)(line->text.p - r->in.p), NULL);
	field->body.n = (size_t)(line->text.p + line->text.n - field->body.p);
	field->raw.n = (size_t)(r->in.p + line->next - field->raw.p);
}

/* ---- the block as it should be ---- */

/* A line that is neither: passed over when the header plainly goes on. */
static bool
header_goes_on(struct reader *r, const struct line *line)
{
	struct line next;

	if (line->next >= r->in.n)
		return false;
	next = take_line(r, line->next);
	return looks_like_field(next.text);
}

/* False when the block ends before this line. */
static bool
strict_line(struct reader *r, const struct line *line)
{
	size_t colon, n;

	if (ms_is(line->text.p[0], MS_C_WSP)) {
		if (r->out->n == 0)
			defect(r, MS_DEFECT_NO_COLON, r->at, NULL);
		extend_field(r, line);
		return true;
	}
	n = name_length(line->text, &colon);
	if (n > 0) {
		start_field(r, line, n, colon);
		return true;
	}
	if (r->out->n == 0 && r->at == 0 &&
	    (ms_slice_starts(line->text, "From ") ||
		ms_slice_starts(line->text, ">From "))) {
		defect(r, MS_DEFECT_FROM_LINE, r->at, NULL);
		return true;
	}
	if (!header_goes_on(r, line))
		return false;
	defect(r, MS_DEFECT_NO_COLON, r->at, NULL);
	return true;
}

/* ---- the block as it was pasted ---- */

/* What comes behind an empty line; once for all in a row. Continuations may
 * stand between: every line of a web page a paragraph. */
static void
look_ahead(struct reader *r, size_t at)
{
	if (at <= r->ahead)
		return;
	r->more = r->more_fields = false;
	while (at < r->in.n && !r->more) {
		struct line line = take_line(r, at);

		r->more = !is_blank(line.text) &&
			  leading_blanks(line.text) <= r->indent;
		if (r->more)
			r->more_fields =
			    looks_like_field(ms_slice_trim(line.text));
		else
			at = line.next;
	}
	r->ahead = at;
}

/* An empty line: the end, unless fields follow. */
static bool
pasted_blank(struct reader *r, const struct line *line)
{
	if (r->out->n == 0) {
		defect(r, MS_DEFECT_LEADING_BLANK, r->at, NULL);
		return true;
	}
	look_ahead(r, line->next);
	if (!r->more_fields)
		return !r->more;
	defect(r, MS_DEFECT_NO_COLON, r->at, "an empty line between fields");
	return true;
}

static bool
pasted_line(struct reader *r, const struct line *line)
{
	size_t blanks = leading_blanks(line->text);
	struct line inner = *line;
	size_t colon, n;

	if (r->out->n == 0 && r->indent == 0)
		r->indent = blanks;
	inner.text = ms_slice_part(line->text, blanks, line->text.n);
	n = name_length(inner.text, &colon);
	if (blanks <= r->indent && plausible_name(inner.text, n, colon)) {
		start_field(r, &inner, n, colon);
		return true;
	}
	if (r->out->n == 0) {
		bool from = ms_slice_starts(inner.text, "From ") ||
			    ms_slice_starts(inner.text, ">From ");

		defect(r, from ? MS_DEFECT_FROM_LINE : MS_DEFECT_NO_COLON,
		    r->at, NULL);
		r->indent = 0;
		return true;
	}
	if (blanks <= r->indent) {
		defect(r, MS_DEFECT_FOLDING, r->at, NULL);
		r->out->pasted = true;
	}
	extend_field(r, line);
	return true;
}

/* ---- afterwards ---- */

static bool
folded(struct ms_slice body)
{
	return body.n > 0 &&
	       (memchr(body.p, '\n', body.n) || memchr(body.p, '\r', body.n));
}

/* RFC 5322 2.2.3: line ends go, white space stays; a continuation that lost
 * its blank gets one back. */
static struct ms_slice
unfold(struct ms_arena *arena, struct ms_slice body)
{
	unsigned char *p = ms_arena_bytes(arena, body.n);
	size_t n = 0;

	for (size_t at = 0; at < body.n;) {
		size_t end = ms_slice_find(body, at, '\n');

		end = ms_slice_find(ms_slice_part(body, 0, end), at, '\r');
		memcpy(p + n, body.p + at, end - at);
		n += end - at;
		at = end;
		while (at < body.n && ms_is(body.p[at], MS_C_CRLF))
			at++;
		if (end < at && at < body.n && !ms_is(body.p[at], MS_C_SPACE))
			p[n++] = ' ';
	}
	return ms_slice_trim(ms_slice_make(p, n));
}

static bool
single_instance(enum ms_field_id id)
{
	switch (id) {
	case MS_FIELD_FROM:
	case MS_FIELD_SENDER:
	case MS_FIELD_REPLY_TO:
	case MS_FIELD_TO:
	case MS_FIELD_CC:
	case MS_FIELD_BCC:
	case MS_FIELD_SUBJECT:
	case MS_FIELD_DATE:
	case MS_FIELD_MESSAGE_ID:
	case MS_FIELD_IN_REPLY_TO:
	case MS_FIELD_REFERENCES:
	case MS_FIELD_MIME_VERSION:
	case MS_FIELD_CONTENT_TYPE:
	case MS_FIELD_CONTENT_TRANSFER_ENCODING:
		return true;
	default:
		return false;
	}
}

/* One that was made up stands in front of the message's own. */
static unsigned
allowed(const struct reader *r, enum ms_field_id id)
{
	const struct ms_header *out = r->out;

	return 1 + ms_outlook_made(r->parse->outlook,
		       out->fields[out->first[id] - 1].offset);
}

static void
finish_field(struct reader *r, size_t index, bool all_ascii)
{
	struct ms_header *out = r->out;
	struct ms_field *field = &out->fields[index];
	size_t at = (size_t)(field->raw.p - r->in.p);

	if (out->first[field->id] == 0)
		out->first[field->id] = (uint32_t)index + 1;
	out->count[field->id]++;
	if (out->count[field->id] > allowed(r, field->id) &&
	    single_instance(field->id))
		defect(r, MS_DEFECT_REPEATED_FIELD, at,
		    ms_arena_string(r->parse->arena, field->name));
	field->value = folded(field->body)
			   ? unfold(r->parse->arena, field->body)
			   : ms_slice_trim(field->body);
	if (!all_ascii && !ms_utf8_valid(field->raw))
		defect(r, MS_DEFECT_8BIT_HEADER, at, NULL);
}

static void
check_bytes(struct reader *r)
{
	struct ms_slice raw = r->out->raw;
	size_t start, at;

	if (raw.n == 0)
		return;
	start = (size_t)(raw.p - r->in.p);
	at = ms_slice_find(raw, 0, '\0');
	if (at < raw.n)
		defect(r, MS_DEFECT_NUL, start + at, NULL);
	at = field_find_control(raw);
	if (at < raw.n)
		defect(r, MS_DEFECT_CONTROL_HEADER, start + at, NULL);
	if (r->crlf > 0 && r->lf > 0)
		defect(r, MS_DEFECT_BARE_LF, r->first_lf, NULL);
}

static void
finish(struct reader *r)
{
	struct ms_header *out = r->out;
	const struct ms_field *last;
	bool ascii;

	if (out->n > 0) {
		last = &out->fields[out->n - 1];
		out->raw = ms_slice_make(out->fields[0].raw.p,
		    (size_t)(last->raw.p + last->raw.n - out->fields[0].raw.p));
	}
	ascii = ms_utf8_ascii(out->raw);
	for (size_t i = 0; i < out->n; i++)
		finish_field(r, i, ascii);
	check_bytes(r);
}

void
ms_header_parse(const struct ms_parse *parse, struct ms_slice in,
    unsigned flags, struct ms_header *out)
{
	struct reader r = {
		.parse = parse, .in = in, .flags = flags, .out = out
	};
	bool pasted = flags & MS_HEADER_PASTED;

	memset(out, 0, sizeof(*out));
	while (r.at < in.n) {
		struct line line = take_line(&r, r.at);
		bool blank = pasted ? is_blank(line.text) : line.text.n == 0;
		bool goes_on;

		if (r.at > parse->limits->header_size) {
			defect(&r, MS_DEFECT_LIMIT, r.at, "header_size");
			out->truncated = true;
			break;
		}
		if (blank && !pasted) {
			out->complete = true;
			r.at = line.next;
			break;
		}
		count_end(&r, r.at, &line);
		check_line(&r, r.at, line.text);
		if (blank)
			goes_on = pasted_blank(&r, &line);
		else
			goes_on = pasted ? pasted_line(&r, &line)
					 : strict_line(&r, &line);
		if (!goes_on) {
			if (blank) {
				out->complete = true;
				r.at = line.next;
			} else {
				defect(&r, MS_DEFECT_NO_SEPARATOR, r.at, NULL);
			}
			break;
		}
		r.at = line.next;
	}
	out->body = r.at < in.n ? r.at : in.n;
	finish(&r);
}

/* ---- finding ---- */

const struct ms_field *
ms_header_find(const struct ms_header *header, enum ms_field_id id)
{
	return header->first[id] ? &header->fields[header->first[id] - 1]
				 : NULL;
}

const struct ms_field *
ms_header_next(const struct ms_header *header, const struct ms_field *field)
{
	const struct ms_field *end = header->fields + header->n;

	for (const struct ms_field *f = field + 1; f < end; f++)
		if (f->id == field->id &&
		    (f->id != MS_FIELD_OTHER ||
			ms_slice_equal_nocase(f->name, field->name)))
			return f;
	return NULL;
}

const struct ms_field *
ms_header_find_name(const struct ms_header *header, const char *name)
{
	struct ms_slice wanted = ms_slice_from(name);

	for (size_t i = 0; i < header->n; i++)
		if (ms_slice_equal_nocase(header->fields[i].name, wanted))
			return &header->fields[i];
	return NULL;
}
