/* SPDX-License-Identifier: ISC
 * param.c - a value and its parameters, RFC 2045 5.1 and RFC 2231
 */
#include "mailsonde/buf.h"
#include "mailsonde/header.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define NO_SECTION SIZE_MAX

/* name, name*, name*0, name*0* as they stand; a parameter is one or more. */
struct piece {
	struct ms_slice name; /* lower case, without the stars */
	struct ms_slice raw;
	struct ms_slice value; /* without quotes and quoted-pairs */
	size_t section;        /* NO_SECTION, or the number */
	bool extended;         /* percent encoding, RFC 2231 4 */
	bool used;
};

struct pieces {
	struct piece *list;
	size_t n, cap, limit;
};

struct reader {
	const struct ms_parse *parse;
	struct ms_scan in;
	size_t offset;
	struct pieces pieces;
};

static void
defect(const struct reader *r, enum ms_defect_kind kind, const char *detail)
{
	ms_defect_add(
	    r->parse->defects, r->parse->arena, kind, r->offset, detail);
}

static bool
is_name_byte(int c)
{
	return c >= 0 && (ms_is((unsigned char)c, MS_C_ALNUM) || c == '-' ||
			     c == '_' || c == '*');
}

/* "name=" or "name =" begins here: another parameter, even where the ";"
 * before it was forgotten. */
static bool
at_param(const struct ms_scan *in)
{
	struct ms_scan s = *in;
	size_t n = 0;

	while (n < 32 && is_name_byte(ms_scan_peek(&s))) {
		ms_scan_skip(&s, 1);
		n++;
	}
	if (n == 0)
		return false;
	(void)ms_scan_while(&s, MS_C_SPACE, 8);
	return ms_scan_peek(&s) == '=';
}

/* A comment at the end, behind white space, is none of the value. */
static struct ms_slice
without_comment(struct ms_slice value)
{
	size_t open;

	value = ms_slice_trim(value);
	if (value.n == 0 || value.p[value.n - 1] != ')')
		return value;
	for (open = value.n - 1; open > 0 && value.p[open] != '('; open--)
		;
	if (open == 0 || !ms_is(value.p[open - 1], MS_C_SPACE))
		return value;
	return ms_slice_trim(ms_slice_part(value, 0, open));
}

/* An unquoted value: to the ";" or to the next parameter, with what spaces
 * and specials it has. Encoded words are passed over whole. */
static struct ms_slice
take_bare(struct reader *r)
{
	struct ms_scan *s = &r->in;
	const unsigned char *start = s->p;
	bool words = true;

	while (!ms_scan_at_end(s) && ms_scan_peek(s) != ';') {
		struct ms_slice rest = ms_scan_rest(s);

		if (words && rest.n > 8 && rest.p[0] == '=' &&
		    rest.p[1] == '?') {
			size_t q = ms_slice_find(rest, 2, '?');
			size_t end = ms_slice_find_text(rest, q + 3, "?=");

			words = end < rest.n;
			if (words) {
				ms_scan_skip(s, end + 2);
				continue;
			}
		}
		if (!ms_scan_space(s))
			ms_scan_skip(s, 1);
		else if (at_param(s))
			break;
	}
	return without_comment(ms_slice_make(start, (size_t)(s->p - start)));
}

/* A quoted value; one that is not closed ends at the next ";". */
static struct ms_slice
take_quoted(struct reader *r)
{
	struct ms_scan s = r->in;
	struct ms_slice value;
	bool closed;

	(void)ms_scan_quoted(&s, &value, &closed);
	if (closed) {
		r->in = s;
	} else {
		defect(r, MS_DEFECT_PARAMETER, NULL);
		(void)ms_scan_try_byte(&r->in, '"');
		value = ms_scan_to(&r->in, ';');
	}
	return ms_unescape(r->parse->arena, value);
}

/* The stars off the name. */
static void
read_name(struct reader *r, struct ms_slice name, struct piece *piece)
{
	struct ms_scan s = ms_scan_init(name);

	name = ms_scan_to(&s, '*');
	piece->section = NO_SECTION;
	if (ms_scan_try_byte(&s, '*')) {
		struct ms_slice digits = ms_scan_while(&s, MS_C_DIGIT, 6);

		if (digits.n > 0) {
			piece->section = 0;
			for (size_t i = 0; i < digits.n; i++)
				piece->section = piece->section * 10 +
						 (size_t)(digits.p[i] - '0');
			piece->extended = ms_scan_try_byte(&s, '*');
		} else {
			piece->extended = true;
		}
	}
	piece->name = ms_arena_lower(r->parse->arena,
	    ms_utf8_clean(r->parse->arena, ms_slice_trim(name), NULL));
}

static void
add_piece(struct reader *r, const struct piece *piece)
{
	struct pieces *pieces = &r->pieces;

	if (pieces->n == pieces->cap) {
		size_t cap = pieces->cap ? pieces->cap * 2 : 4;

		pieces->list = ms_arena_grow(r->parse->arena, pieces->list,
		    pieces->cap * sizeof(*piece), cap * sizeof(*piece));
		pieces->cap = cap;
	}
	pieces->list[pieces->n++] = *piece;
}

/* One "name = value", or what stands in its place. */
static void
take_param(struct reader *r)
{
	struct piece piece = { 0 };
	struct ms_slice name;
	struct ms_scan s = r->in;

	while (!ms_scan_at_end(&s) && ms_scan_peek(&s) != '=' &&
	       ms_scan_peek(&s) != ';' &&
	       !ms_is((unsigned char)ms_scan_peek(&s), MS_C_SPACE))
		ms_scan_skip(&s, 1);
	name = ms_slice_make(r->in.p, (size_t)(s.p - r->in.p));
	(void)ms_scan_cfws(&s);
	if (!ms_scan_try_byte(&s, '=') || name.n == 0) {
		defect(r, MS_DEFECT_PARAMETER, NULL);
		/* Junk goes by the word: a parameter may stand behind it. */
		ms_scan_skip(&r->in, name.n ? name.n : 1);
		if (name.n == 0)
			(void)ms_scan_to(&r->in, ';');
		return;
	}
	read_name(r, name, &piece);
	(void)ms_scan_space(&s);
	r->in = s;
	piece.raw.p = s.p;
	piece.value = ms_scan_peek(&s) == '"' ? take_quoted(r) : take_bare(r);
	piece.raw.n = (size_t)(r->in.p - piece.raw.p);
	piece.raw = ms_slice_trim(piece.raw);
	if (piece.value.n == 0)
		defect(r, MS_DEFECT_PARAMETER, NULL);
	add_piece(r, &piece);
}

static void
take_params(struct reader *r)
{
	for (;;) {
		while (ms_scan_cfws(&r->in) || ms_scan_try_byte(&r->in, ';'))
			;
		if (ms_scan_at_end(&r->in))
			return;
		if (r->pieces.n >= r->pieces.limit) {
			defect(r, MS_DEFECT_LIMIT, "params");
			return;
		}
		take_param(r);
	}
}

static void
add_percent(struct ms_buf *out, struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);

	(void)ms_buf_room(out, value.n);
	while (!ms_scan_at_end(&s)) {
		unsigned char c = (unsigned char)ms_scan_byte(&s);
		int high = ms_hex_value(ms_scan_peek(&s));
		int low = ms_hex_value(ms_scan_peek_at(&s, 1));

		if (c == '%' && high >= 0 && low >= 0) {
			c = (unsigned char)(high << 4 | low);
			ms_scan_skip(&s, 2);
		}
		ms_buf_byte(out, c);
	}
}

/* charset'language'text (RFC 2231 4); without both quotes it is all text. */
static struct ms_slice
take_charset(struct ms_slice *value)
{
	size_t first = ms_slice_find(*value, 0, '\'');
	size_t second = ms_slice_find(*value, first + 1, '\'');
	struct ms_slice charset = ms_slice_part(*value, 0, first);

	if (second >= value->n)
		return ms_slice_make(value->p, 0);
	*value = ms_slice_part(*value, second + 1, value->n);
	return charset;
}

static struct ms_slice
decode_extended(
    struct reader *r, struct ms_slice charset, struct ms_slice bytes)
{
	struct ms_slice out;

	switch (ms_charset_decode(
	    r->parse->charsets, r->parse->arena, charset, bytes, &out)) {
	case MS_CHARSET_OK:
		break;
	case MS_CHARSET_REPLACED:
		defect(r, MS_DEFECT_CHARSET, NULL);
		break;
	case MS_CHARSET_UNKNOWN:
		defect(r, MS_DEFECT_CHARSET_UNKNOWN, NULL);
		break;
	}
	return out;
}

/* The piece with the lowest section above `after` (NO_SECTION: any) of the
 * parameter that `of` belongs to. */
static struct piece *
next_section(struct pieces *pieces, const struct piece *of, size_t after)
{
	struct piece *out = NULL;

	for (size_t i = 0; i < pieces->n; i++) {
		struct piece *piece = &pieces->list[i];

		if (piece->section == NO_SECTION ||
		    !ms_slice_equal(piece->name, of->name))
			continue;
		piece->used = true;
		if (after != NO_SECTION && piece->section <= after)
			continue;
		if (!out || piece->section < out->section)
			out = piece;
	}
	return out;
}

/* Sections in the order of their numbers, whatever the order they stand in
 * (RFC 2231 3); a gap is passed over. */
static struct ms_slice
join_sections(struct reader *r, struct piece *first)
{
	struct piece *piece = next_section(&r->pieces, first, NO_SECTION);
	struct ms_slice charset = { NULL, 0 };
	size_t wanted = 0;
	bool extended = false;
	struct ms_buf buf;

	ms_buf_init(&buf, r->parse->arena);
	while (piece) {
		struct ms_slice value = piece->value;

		if (piece->section != wanted)
			defect(r, MS_DEFECT_PARAMETER, NULL);
		if (piece->extended && !extended && buf.n == 0)
			charset = take_charset(&value);
		extended |= piece->extended;
		if (piece->extended)
			add_percent(&buf, value);
		else
			ms_buf_slice(&buf, value);
		wanted = piece->section + 1;
		piece = next_section(&r->pieces, first, piece->section);
	}
	if (extended)
		return decode_extended(r, charset, ms_buf_get(&buf));
	return ms_text_decode(r->parse, ms_buf_get(&buf), r->offset);
}

static struct ms_slice
piece_value(struct reader *r, struct piece *piece)
{
	struct ms_slice value = piece->value, charset;
	struct ms_buf buf;

	piece->used = true;
	if (piece->section != NO_SECTION)
		return join_sections(r, piece);
	if (piece->extended) {
		charset = take_charset(&value);
		ms_buf_init(&buf, r->parse->arena);
		add_percent(&buf, value);
		return decode_extended(r, charset, ms_buf_get(&buf));
	}
	/* Boundaries are compared with bytes of the body. */
	if (ms_slice_is(piece->name, "boundary") && ms_utf8_ascii(value))
		return value;
	return ms_text_decode(r->parse, value, r->offset);
}

static bool
known(const struct ms_params *out, struct ms_slice name)
{
	for (size_t i = 0; i < out->n; i++)
		if (ms_slice_equal(out->params[i].name, name))
			return true;
	return false;
}

/* The pieces that are, or are not, in RFC 2231's form. Those that are come
 * before a plain one of the same name, which is there for old programs
 * (RFC 6266 4.3); of equals the first wins. */
static void
add_params(struct reader *r, bool modern, struct ms_params *out)
{
	for (size_t i = 0; i < r->pieces.n; i++) {
		struct piece *piece = &r->pieces.list[i];
		struct ms_param *param = &out->params[out->n];
		bool is_modern =
		    piece->extended || piece->section != NO_SECTION;

		if (is_modern != modern || piece->used)
			continue;
		if (known(out, piece->name)) {
			if (!modern)
				defect(r, MS_DEFECT_PARAMETER, NULL);
			continue;
		}
		param->name = piece->name;
		param->raw = piece->raw;
		param->value = piece_value(r, piece);
		out->n++;
	}
}

/* Up to the ";", or where a parameter begins without one: comments and
 * white space go, quotes around it too. */
static struct ms_slice
take_value(struct reader *r)
{
	struct ms_scan *s = &r->in;
	struct ms_arena *arena = r->parse->arena;
	struct ms_slice part;
	struct ms_buf buf;
	int c;

	ms_buf_init(&buf, arena);
	while (!ms_scan_at_end(s) && ms_scan_peek(s) != ';') {
		if (ms_scan_cfws(s)) {
			c = ms_scan_peek(s);
			if (buf.n > 0 && buf.p[buf.n - 1] != '/' && c != '/' &&
			    at_param(s))
				break;
			if (buf.n > 0 && buf.p[buf.n - 1] != '/' && c != '/' &&
			    c != ';' && c != -1)
				ms_buf_byte(&buf, ' ');
			continue;
		}
		part.p = s->p;
		part.n = 0;
		while ((c = ms_scan_peek(s)) >= 0 && c != ';' && c != '(' &&
		       !ms_is((unsigned char)c, MS_C_SPACE)) {
			ms_scan_skip(s, 1);
			part.n++;
		}
		if (buf.n == 0 && (s->p == s->end || ms_scan_peek(s) == ';'))
			return part;
		ms_buf_slice(&buf, part);
	}
	return ms_buf_get(&buf);
}

static struct ms_slice
clean_value(struct reader *r, struct ms_slice value)
{
	if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = ms_slice_part(value, 1, value.n - 1);
	value = ms_utf8_clean(r->parse->arena, value, NULL);
	return ms_arena_lower(r->parse->arena, value);
}

void
ms_params_parse(const struct ms_parse *parse, const struct ms_field *field,
    struct ms_params *out)
{
	struct reader r = { 0 };
	struct ms_scan start;

	memset(out, 0, sizeof(*out));
	if (!field)
		return;
	r.parse = parse;
	r.offset = field->offset;
	r.pieces.limit = parse->limits->params;
	r.in = ms_scan_init(field->value);
	start = r.in;
	out->value = clean_value(&r, take_value(&r));
	/* "charset=x" or "filename=x" alone: the value was forgotten. */
	(void)ms_scan_cfws(&start);
	if (at_param(&start))
		r.in = start;
	take_params(&r);
	if (r.pieces.n == 0)
		return;
	out->params =
	    MS_NEW_ARRAY(parse->arena, struct ms_param, r.pieces.n + 1);
	add_params(&r, true, out);
	add_params(&r, false, out);
}

struct ms_slice
ms_params_get(const struct ms_params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++)
		if (ms_slice_is(params->params[i].name, name))
			return params->params[i].value;
	return ms_slice_make(NULL, 0);
}
