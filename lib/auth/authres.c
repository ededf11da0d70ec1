/* SPDX-License-Identifier: ISC
 * authres.c - Authentication-Results and kin, RFC 8601 2.2, RFC 8617 4.1.1
 *
 * Reads what is really written: no authserv-id (Exchange), a trailing
 * semicolon, properties without a type. `valid` tells that it was needed.
 * Judges nothing.
 */
#include "mailsonde/authres.h"

#include "mailsonde/scan.h"

/* One field under work. */
struct reader {
	const struct ms_parse *parse;
	struct ms_scan s;
	struct ms_authres *out;
	size_t capacity;
	bool full;
};

/* CFWS; the first comment goes to *comment when nothing is there yet. */
static void
skip(struct reader *r, struct ms_slice *comment)
{
	struct ms_slice inner;

	while (ms_scan_space(&r->s) || ms_scan_peek(&r->s) == '(') {
		if (!ms_scan_comment(&r->s, &inner))
			continue;
		if (r->s.p == inner.p + inner.n) /* it never closes */
			r->out->valid = false;
		if (comment && !comment->p)
			*comment = ms_slice_trim(inner);
	}
}

/* Keyword of RFC 5321 4.1.2; '_' is suffered, and invalid. */
static struct ms_slice
keyword(struct reader *r)
{
	struct ms_slice out = ms_slice_make(r->s.p, 0);

	while (!ms_scan_at_end(&r->s)) {
		int c = ms_scan_peek(&r->s);

		if (!ms_is((unsigned char)c, MS_C_ALNUM) && c != '-' &&
		    c != '_')
			break;
		if (c == '_')
			r->out->valid = false;
		ms_scan_skip(&r->s, 1);
		out.n++;
	}
	return out;
}

/* Up to a blank, ';' or '('. */
static struct ms_slice
word(struct reader *r)
{
	struct ms_slice out = ms_slice_make(r->s.p, 0);

	while (!ms_scan_at_end(&r->s)) {
		int c = ms_scan_peek(&r->s);

		if (ms_is((unsigned char)c, MS_C_SPACE) || c == ';' || c == '(')
			break;
		ms_scan_skip(&r->s, 1);
		out.n++;
	}
	return out;
}

/* A value: quoted-string or word; *plain is the word, to be looked at, or has
 * p == NULL. A quoted local part stays quoted, with its domain. */
static struct ms_slice
value(struct reader *r, struct ms_slice *plain)
{
	struct ms_slice start = ms_scan_rest(&r->s), out;
	bool closed;

	*plain = ms_slice_make(NULL, 0);
	if (!ms_scan_quoted(&r->s, &out, &closed)) {
		out = *plain = word(r);
	} else if (closed && ms_scan_peek(&r->s) == '@') {
		(void)word(r);
		return ms_slice_part(start, 0, start.n - ms_scan_left(&r->s));
	} else {
		r->out->valid &= closed;
		return ms_unescape(r->parse->arena, out);
	}
	if (out.n == 0)
		r->out->valid = false;
	return out;
}

static bool
all_of(struct ms_slice s, unsigned classes)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ms_is(s.p[i], classes) && s.p[i] != '.')
			return false;
	return true;
}

/* token, or [ [ local-part ] "@" ] domain-name; UTF-8 after RFC 8616. */
static bool
plain_value(struct ms_slice s)
{
	size_t at = s.n;

	if (all_of(s, MS_C_TOKEN | MS_C_HIGH))
		return true;
	while (at > 0 && s.p[at - 1] != '@')
		at--;
	return at > 0 && at < s.n &&
	       all_of(ms_slice_part(s, 0, at - 1), MS_C_ATEXT) &&
	       all_of(ms_slice_part(s, at, s.n), MS_C_HOST);
}

/* Whether a "word =" or "word.word =" comes next (nothing is taken). */
static bool
assignment_next(const struct reader *r)
{
	struct ms_authres scratch = *r->out;
	struct reader ahead = *r;

	ahead.out = &scratch;
	skip(&ahead, NULL);
	if (keyword(&ahead).n == 0)
		return false;
	skip(&ahead, NULL);
	while (ms_scan_peek(&ahead.s) == '.' || ms_scan_peek(&ahead.s) == '/') {
		ms_scan_skip(&ahead.s, 1);
		skip(&ahead, NULL);
		(void)keyword(&ahead);
		skip(&ahead, NULL);
	}
	return ms_scan_peek(&ahead.s) == '=';
}

/* Whether one more result, or property of one, is read. */
static bool
room(struct reader *r, size_t n)
{
	const struct ms_parse *parse = r->parse;

	if (n < parse->limits->results)
		return true;
	if (!r->full && parse->defects)
		ms_defect_add(parse->defects, parse->arena, MS_DEFECT_LIMIT,
		    r->out->field->offset, "results");
	r->full = true;
	return false;
}

static void
add_property(struct reader *r, struct ms_authres_method *m,
    struct ms_slice ptype, struct ms_slice property, struct ms_slice text)
{
	struct ms_authres_property *p;

	if (!room(r, m->n))
		return;
	/* The room doubles whenever the number is a power of two. */
	if ((m->n & (m->n - 1)) == 0)
		m->properties = ms_arena_grow(r->parse->arena, m->properties,
		    sizeof(*p) * m->n, sizeof(*p) * (m->n ? m->n * 2 : 1));
	p = &m->properties[m->n++];
	p->ptype = ptype;
	p->property = property;
	p->value = text;
}

/* reasonspec or propspec; false when neither comes. */
static bool
property(struct reader *r, struct ms_authres_method *m)
{
	struct ms_slice ptype, name = { 0 }, text, plain;

	if (!assignment_next(r))
		return false;
	skip(r, &m->comment);
	ptype = keyword(r);
	skip(r, NULL);
	if (ms_scan_try_byte(&r->s, '.')) {
		skip(r, NULL);
		name = keyword(r);
		r->out->valid &= name.n > 0;
		skip(r, NULL);
	}
	(void)ms_scan_try_byte(&r->s, '=');
	skip(r, NULL);
	text = value(r, &plain);
	r->out->valid &= plain_value(plain);
	if (!name.p && ms_slice_is(ptype, "reason") && !m->reason.p) {
		r->out->valid &= m->n == 0;
		m->reason = text;
	} else if (!name.p) {
		r->out->valid = false;
		add_property(r, m, ms_slice_make(NULL, 0), ptype, text);
	} else {
		add_property(r, m, ms_arena_lower(r->parse->arena, ptype),
		    ms_arena_lower(r->parse->arena, name), text);
	}
	skip(r, NULL);
	return true;
}

static struct ms_authres_method *
add_method(struct reader *r)
{
	struct ms_authres *out = r->out;
	size_t capacity = r->capacity ? r->capacity * 2 : 8;

	if (out->n == r->capacity) {
		out->methods = ms_arena_grow(r->parse->arena, out->methods,
		    sizeof(*out->methods) * r->capacity,
		    sizeof(*out->methods) * capacity);
		r->capacity = capacity;
	}
	memset(&out->methods[out->n], 0, sizeof(*out->methods));
	return &out->methods[out->n++];
}

/* methodspec, reasonspec, propspecs: up to the next ';'. */
static void
method(struct reader *r)
{
	struct ms_authres_method *m = add_method(r);

	skip(r, NULL);
	m->method = ms_arena_lower(r->parse->arena, keyword(r));
	skip(r, NULL);
	if (ms_scan_try_byte(&r->s, '/')) {
		skip(r, NULL);
		m->version = ms_scan_while(&r->s, MS_C_DIGIT, 8);
		skip(r, NULL);
	}
	(void)ms_scan_try_byte(&r->s, '=');
	skip(r, NULL);
	m->result = ms_arena_lower(r->parse->arena, keyword(r));
	if (m->result.n == 0)
		r->out->valid = false;
	skip(r, &m->comment);
	while (property(r, m))
		skip(r, &m->comment);
}

/* What fits nothing is passed over, up to the next ';' outside of quotes. */
static void
resynchronise(struct reader *r)
{
	struct ms_slice ignored;
	bool closed;

	skip(r, NULL);
	while (!ms_scan_at_end(&r->s) && ms_scan_peek(&r->s) != ';') {
		r->out->valid = false;
		if (!ms_scan_quoted(&r->s, &ignored, &closed))
			ms_scan_skip(&r->s, 1);
		skip(r, NULL);
	}
}

static void
methods(struct reader *r)
{
	bool none = false; /* it stands alone */

	while (!ms_scan_at_end(&r->s) && room(r, r->out->n)) {
		resynchronise(r);
		if (!ms_scan_try_byte(&r->s, ';'))
			return;
		skip(r, NULL);
		r->out->valid &= !none;
		if (assignment_next(r))
			method(r);
		else if (ms_scan_try_word(&r->s, "none"))
			none = true;
		else
			r->out->valid = false; /* a trailing semicolon */
		r->out->valid &= !none || r->out->n == 0;
	}
}

/* authserv-id and its version. Exchange writes the first method in its
 * place. */
static void
authserv_id(struct reader *r)
{
	struct ms_slice plain;

	skip(r, NULL);
	if (assignment_next(r)) {
		r->out->valid = false;
		method(r);
		return;
	}
	r->out->authserv_id = value(r, &plain);
	r->out->valid &= all_of(plain, MS_C_TOKEN | MS_C_HIGH);
	if (r->out->authserv_id.n == 0)
		r->out->authserv_id.p = NULL;
	skip(r, NULL);
	if (ms_is(
		(unsigned char)(ms_scan_peek(&r->s) < 0 ? 0
							: ms_scan_peek(&r->s)),
		MS_C_DIGIT))
		r->out->version = ms_scan_while(&r->s, MS_C_DIGIT, 8);
	skip(r, NULL);
	if (ms_scan_at_end(&r->s))
		r->out->valid = false;
}

/* "i=1;" in front of the payload, RFC 8617 4.1.1. */
static void
instance(struct reader *r)
{
	skip(r, NULL);
	if (!ms_scan_try_text(&r->s, "i")) {
		r->out->valid = false;
		return;
	}
	skip(r, NULL);
	(void)ms_scan_try_byte(&r->s, '=');
	skip(r, NULL);
	if (ms_scan_peek(&r->s) >= '0' && ms_scan_peek(&r->s) <= '9')
		r->out->instance = (int)ms_scan_number(&r->s, 4, 9999);
	if (r->out->instance < 1 || r->out->instance > 50)
		r->out->valid = false;
	skip(r, NULL);
	if (!ms_scan_try_byte(&r->s, ';'))
		r->out->valid = false;
}

/* ---- Received-SPF, RFC 7208 9.1 ---- */

static void
received_spf(struct reader *r)
{
	struct ms_authres_method *m = add_method(r);
	struct ms_slice name, plain;

	m->method = MS_SLICE("spf");
	skip(r, NULL);
	m->result = ms_arena_lower(r->parse->arena, keyword(r));
	r->out->valid = m->result.n > 0;
	skip(r, &m->comment);
	while (!ms_scan_at_end(&r->s)) {
		if (!assignment_next(r)) {
			resynchronise(r);
			if (!ms_scan_try_byte(&r->s, ';'))
				return;
			skip(r, NULL);
			continue;
		}
		skip(r, NULL);
		name = ms_arena_lower(r->parse->arena, keyword(r));
		skip(r, NULL);
		(void)ms_scan_try_byte(&r->s, '=');
		skip(r, NULL);
		add_property(
		    r, m, ms_slice_make(NULL, 0), name, value(r, &plain));
		if (ms_slice_is(name, "receiver"))
			r->out->authserv_id = m->properties[m->n - 1].value;
		(void)ms_scan_try_byte(&r->s, ';');
		skip(r, NULL);
	}
}

void
ms_authres_parse(const struct ms_parse *parse, const struct ms_field *field,
    struct ms_authres *out)
{
	struct ms_slice text = ms_field_value(parse, field);
	struct reader r = { parse, ms_scan_init(text), out, 0, false };

	memset(out, 0, sizeof(*out));
	out->field = field;
	out->instance = -1;
	out->valid = true;
	if (field->id == MS_FIELD_RECEIVED_SPF) {
		received_spf(&r);
		return;
	}
	if (field->id == MS_FIELD_ARC_AUTHENTICATION_RESULTS)
		instance(&r);
	authserv_id(&r);
	methods(&r);
}
