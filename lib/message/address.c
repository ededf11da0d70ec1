/* SPDX-License-Identifier: ISC
 * address.c - address lists, RFC 5322 3.4 and 4.4, RFC 6532, RFC 6854
 *
 * A list is read entry by entry: words, quoted strings, comments and what
 * stands in angle brackets are noted, and when the entry ends (',' ';' ':' or
 * the end) they are made into an address. So any damage costs one entry, and
 * the whole is linear.
 */
#include "mailsonde/address.h"

#include "mailsonde/buf.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

/* One entry under work. */
struct entry {
	struct ms_slice raw;
	struct ms_slice first, last; /* first and last byte of the phrase */
	struct ms_slice comment;     /* the last one; p == NULL */
	struct ms_slice angle;       /* inside of <>; p == NULL */
	bool at;                     /* an '@' stood outside of brackets */
	bool space;                  /* blanks between words of the phrase */
	bool odd;
};

struct reader {
	const struct ms_parse *parse;
	struct ms_scan s;
	size_t field_offset;
	struct ms_addresses *out;
	size_t capacity;
	struct ms_slice group;
	bool in_group;
};

/* ---- an addr-spec ---- */

/* Without white space and comments; quotes kept. The slice itself where it
 * has none. */
static struct ms_slice
squeeze(struct ms_arena *arena, struct ms_slice text)
{
	struct ms_scan s = ms_scan_init(ms_slice_trim(text));
	struct ms_slice plain = ms_scan_until(
			    &s, MS_C_SPACE | MS_C_SPECIAL, SIZE_MAX),
			quoted;
	struct ms_buf out;
	bool closed;

	ms_buf_init(&out, arena);
	ms_buf_slice(&out, plain);
	while (!ms_scan_at_end(&s)) {
		const unsigned char *from = s.p;

		if (ms_scan_cfws(&s))
			continue;
		if (!ms_scan_quoted(&s, &quoted, &closed))
			ms_scan_skip(&s, 1);
		ms_buf_add(&out, from, (size_t)(s.p - from));
	}
	return ms_buf_get(&out);
}

static bool
plain_address(struct ms_slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (ms_is(text.p[i], MS_C_SPACE) || text.p[i] == '(' ||
		    text.p[i] == '"' || text.p[i] == '\\')
			return false;
	return true;
}

/* The last '@' that is in no quoted string or domain literal. */
static size_t
find_at(struct ms_slice s)
{
	size_t at = s.n;
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '@' && !quoted)
			at = i;
	}
	return at;
}

/* A quoted local part that needs no quotes loses them (RFC 5321 4.1.2). */
static struct ms_slice
unquote_local(struct ms_arena *arena, struct ms_slice local)
{
	struct ms_slice inner;

	if (local.n < 2 || local.p[0] != '"' || local.p[local.n - 1] != '"')
		return local;
	inner = ms_unescape(arena, ms_slice_part(local, 1, local.n - 1));
	for (size_t i = 0; i < inner.n; i++)
		if (!ms_is(inner.p[i], MS_C_ATEXT) && inner.p[i] != '.')
			return local;
	return inner.n > 0 ? inner : local;
}

static bool
valid_domain(struct ms_slice domain)
{
	if (domain.n > 2 && domain.p[0] == '[')
		return domain.p[domain.n - 1] == ']';
	for (size_t i = 0; i < domain.n; i++)
		if (!ms_is(domain.p[i], MS_C_ATEXT) && domain.p[i] != '.')
			return false;
	return domain.n > 0 && domain.p[0] != '.' &&
	       ms_slice_find_text(domain, 0, "..") == domain.n;
}

static bool
valid_local(struct ms_slice local)
{
	if (local.n > 1 && local.p[0] == '"')
		return local.p[local.n - 1] == '"';
	for (size_t i = 0; i < local.n; i++)
		if (!ms_is(local.p[i], MS_C_ATEXT) && local.p[i] != '.')
			return false;
	return local.n > 0 && local.p[0] != '.' &&
	       local.p[local.n - 1] != '.' &&
	       ms_slice_find_text(local, 0, "..") == local.n;
}

static struct ms_slice
join(struct ms_arena *arena, struct ms_slice local, struct ms_slice domain)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	ms_buf_slice(&out, local);
	ms_buf_byte(&out, '@');
	ms_buf_slice(&out, domain);
	return ms_buf_get(&out);
}

/* "@a,@b:local@domain" (RFC 5322 4.4): the route goes. */
static struct ms_slice
skip_route(struct ms_slice text)
{
	size_t colon;

	if (text.n == 0 || text.p[0] != '@')
		return text;
	colon = ms_slice_find(text, 0, ':');
	return colon < text.n ? ms_slice_part(text, colon + 1, text.n) : text;
}

static void
read_spec(struct ms_arena *arena, struct ms_slice text, struct ms_address *out)
{
	bool lossy = false;
	struct ms_slice spec =
			    ms_utf8_clean(arena, ms_slice_trim(text), &lossy),
			local;
	size_t at;

	if (ms_slice_starts(spec, "mailto:"))
		spec = ms_slice_part(spec, 7, spec.n);
	spec = skip_route(spec);
	if (!plain_address(spec))
		spec = squeeze(arena, spec);
	at = find_at(spec);
	if (at == spec.n) {
		out->local = spec;
		out->address = spec;
		out->valid = false;
		return;
	}
	local = ms_slice_part(spec, 0, at);
	out->local = unquote_local(arena, local);
	out->domain = ms_slice_part(spec, at + 1, spec.n);
	out->valid &=
	    !lossy && valid_local(out->local) && valid_domain(out->domain);
	while (out->domain.n > 0 && out->domain.p[out->domain.n - 1] == '.')
		out->domain.n--;
	out->address = out->local.n == local.n &&
			       out->domain.p + out->domain.n == spec.p + spec.n
			   ? spec
			   : join(arena, out->local, out->domain);
}

/* ---- a display name ---- */

static bool
plain_phrase(struct ms_slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '"' || text.p[i] == '(' || text.p[i] == '\\' ||
		    text.p[i] == '=' || text.p[i] >= 0x80 ||
		    ms_is(text.p[i], MS_C_CTL))
			return false;
	return true;
}

/* Words and quoted strings in their order; comments go; then encoded words
 * are decoded, also inside of quotes. */
static struct ms_slice
read_phrase(const struct reader *r, struct ms_slice text)
{
	struct ms_arena *arena = r->parse->arena;
	struct ms_scan s = ms_scan_init(text);
	struct ms_slice quoted;
	struct ms_buf out;
	bool closed;

	if (plain_phrase(text))
		return text;
	ms_buf_init(&out, arena);
	while (!ms_scan_at_end(&s)) {
		const unsigned char *from = s.p;

		if (ms_scan_quoted(&s, &quoted, &closed)) {
			ms_buf_slice(&out, ms_unescape(arena, quoted));
		} else if (ms_scan_cfws(&s)) {
			ms_buf_byte(&out, ' ');
		} else {
			if (*from == '\\' && ms_scan_left(&s) > 1) {
				ms_scan_skip(&s, 1);
				from++;
			}
			ms_scan_skip(&s, 1);
			ms_buf_add(&out, from, 1);
		}
	}
	return ms_phrase_decode(
	    r->parse, ms_slice_trim(ms_buf_get(&out)), r->field_offset);
}

static struct ms_slice
read_comment(const struct reader *r, struct ms_slice comment)
{
	return ms_phrase_decode(r->parse,
	    ms_slice_trim(ms_unescape(r->parse->arena, comment)),
	    r->field_offset);
}

/* ---- an entry ---- */

static struct ms_address *
add(struct reader *r)
{
	struct ms_addresses *out = r->out;
	size_t capacity = r->capacity ? r->capacity * 2 : 4;

	if (out->n >= r->parse->limits->addresses) {
		if (!out->truncated && r->parse->defects)
			ms_defect_add(r->parse->defects, r->parse->arena,
			    MS_DEFECT_LIMIT, r->field_offset, "addresses");
		out->truncated = true;
		return NULL;
	}
	if (out->n == r->capacity) {
		out->list = ms_arena_grow(r->parse->arena, out->list,
		    sizeof(*out->list) * r->capacity,
		    sizeof(*out->list) * capacity);
		r->capacity = capacity;
	}
	memset(&out->list[out->n], 0, sizeof(*out->list));
	return &out->list[out->n++];
}

static struct ms_slice
phrase_of(const struct entry *e)
{
	if (!e->first.p)
		return ms_slice_make(NULL, 0);
	return ms_slice_make(
	    e->first.p, (size_t)(e->last.p + e->last.n - e->first.p));
}

static void
note_defect(const struct reader *r)
{
	if (r->parse->defects)
		ms_defect_add(r->parse->defects, r->parse->arena,
		    MS_DEFECT_ADDRESS, r->field_offset, NULL);
}

/* Blanks between two words, not around '.' or '@', end a bare address. Where
 * the first '@' stands behind them, what is before is a name. */
static void
read_bare(struct reader *r, const struct entry *e, struct ms_address *a)
{
	struct ms_slice phrase = phrase_of(e);
	size_t at = find_at(phrase), from = 0, to = phrase.n;

	for (size_t i = 1; e->space && i + 1 < phrase.n; i++) {
		size_t next = i;

		if (!ms_is(phrase.p[i], MS_C_SPACE))
			continue;
		while (next < phrase.n && ms_is(phrase.p[next], MS_C_SPACE))
			next++;
		if (next == phrase.n || phrase.p[i - 1] == '.' ||
		    phrase.p[i - 1] == '@' || phrase.p[next] == '.' ||
		    phrase.p[next] == '@' || phrase.p[next] == '(') {
			i = next;
			continue;
		}
		a->valid = false;
		if (ms_slice_find(ms_slice_part(phrase, 0, i), from, '@') < i) {
			to = i;
			break;
		}
		from = next;
		i = next;
	}
	if (at < phrase.n && from > 0)
		a->name = read_phrase(
		    r, ms_slice_trim(ms_slice_part(phrase, 0, from)));
	read_spec(r->parse->arena, ms_slice_part(phrase, from, to), a);
	if (e->comment.p)
		a->name = read_comment(r, e->comment);
}

/* One word that may be a local name: nothing in it but atext and dots. */
static bool
local_word(struct ms_slice word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!ms_is(word.p[i], MS_C_ATEXT) && word.p[i] != '.')
			return false;
	return true;
}

static void
finish_entry(struct reader *r, const struct entry *e)
{
	struct ms_slice phrase = phrase_of(e);
	struct ms_address *a;

	if (!e->angle.p && phrase.n == 0)
		return;
	a = add(r);
	if (!a)
		return;
	a->valid = !e->odd;
	a->raw = ms_slice_trim(e->raw);
	a->group = r->in_group ? r->group : ms_slice_make(NULL, 0);
	if (e->angle.p) {
		a->name = read_phrase(r, phrase);
		if (ms_slice_trim(e->angle).n > 0)
			read_spec(r->parse->arena, e->angle, a);
		/* "a@b <a@b>": a phrase holds no '@', and says nothing. */
		if (e->at && ms_slice_equal_nocase(a->name, a->address))
			a->name.n = 0;
		if (a->name.n == 0 && e->comment.p)
			a->name = read_comment(r, e->comment);
	} else if (e->at) {
		read_bare(r, e, a);
	} else if (e->space || !local_word(phrase)) {
		a->name = read_phrase(r, phrase);
		a->valid = false;
	} else {
		/* One word alone: a local name, as mail on one host has. */
		a->address = ms_utf8_clean(r->parse->arena, phrase, NULL);
		a->local = a->address;
		a->valid = false;
		if (e->comment.p)
			a->name = read_comment(r, e->comment);
	}
	if (!a->valid)
		note_defect(r);
}

/* ---- the list ---- */

static void
extend(struct entry *e, const unsigned char *from, const unsigned char *to,
    bool spaced)
{
	struct ms_slice word = ms_slice_make(from, (size_t)(to - from));

	if (!e->first.p)
		e->first = word;
	else if (spaced)
		e->space = true;
	e->last = word;
}

/* The inside of <…>. A missing '>' ends it at a ',' or at the end; a second
 * '<' starts it anew. */
static void
read_angle(struct reader *r, struct entry *e)
{
	struct ms_scan *s = &r->s;
	const unsigned char *from;
	struct ms_slice quoted;
	bool closed;

	ms_scan_skip(s, 1);
	from = s->p;
	while (!ms_scan_at_end(s)) {
		int c = ms_scan_peek(s);

		if (c == '>')
			break;
		if (c == '<') {
			from = s->p + 1;
			e->odd = true;
		}
		if (c == ',' && (s->p == from || *from != '@')) {
			e->odd = true;
			break;
		}
		if (c == '"' && ms_scan_quoted(s, &quoted, &closed))
			continue;
		if (c == '(' && ms_scan_comment(s, &quoted))
			continue;
		ms_scan_skip(s, 1);
	}
	e->angle = ms_slice_make(from, (size_t)(s->p - from));
	if (!ms_scan_try_byte(s, '>'))
		e->odd = true;
	while (ms_scan_try_byte(s, '>'))
		e->odd = true;
}

/* One word of a phrase or of a bare address. */
static void
read_word(struct reader *r, struct entry *e, bool spaced)
{
	struct ms_scan *s = &r->s;
	const unsigned char *from = s->p;
	struct ms_slice quoted;
	bool closed = true;

	if (ms_scan_peek(s) == '"') {
		(void)ms_scan_quoted(s, &quoted, &closed);
		e->odd |= !closed;
	} else if (ms_scan_peek(s) == '[') {
		(void)ms_scan_literal(s, &quoted);
	} else if (ms_scan_while(s, MS_C_ATEXT, SIZE_MAX).n == 0) {
		if (*s->p == '@')
			e->at = true;
		ms_scan_skip(s, *s->p == '\\' ? 2 : 1);
	}
	extend(e, from, s->p, spaced);
}

/* "name:" of a group: the phrase before the colon. */
static bool
group_start(struct reader *r, struct entry *e)
{
	if (r->in_group || e->angle.p || e->at)
		return false;
	if (ms_slice_is(phrase_of(e), "mailto"))
		return false;
	r->group = read_phrase(r, phrase_of(e));
	r->in_group = true;
	r->out->groups++;
	return true;
}

/* Reads one entry up to its end, which is taken. */
static void
read_entry(struct reader *r)
{
	struct ms_scan *s = &r->s;
	struct entry e = { 0 };
	const unsigned char *from = s->p;
	bool spaced = false;

	while (!ms_scan_at_end(s)) {
		int c = ms_scan_peek(s);

		if (c == ',' || c == ';')
			break;
		if (c == ':' && group_start(r, &e)) {
			ms_scan_skip(s, 1);
			return;
		}
		if (c == '(') {
			(void)ms_scan_comment(s, &e.comment);
		} else if (ms_scan_space(s)) {
			spaced = true;
			continue;
		} else if (c == '>') {
			ms_scan_skip(s, 1);
			e.odd = true;
		} else if (c == '<' && !e.angle.p) {
			read_angle(r, &e);
		} else if (e.angle.p) {
			e.odd = true; /* text behind <…> */
			ms_scan_skip(s, 1);
		} else {
			read_word(r, &e, spaced);
		}
		spaced = false;
	}
	e.raw = ms_slice_make(from, (size_t)(s->p - from));
	finish_entry(r, &e);
	if (ms_scan_try_byte(s, ';'))
		r->in_group = false;
	else
		ms_scan_skip(s, 1);
}

/* The room that a list of so many entries has: see add. */
static size_t
capacity_of(size_t n)
{
	size_t capacity = n > 0 ? 4 : 0;

	while (capacity < n)
		capacity *= 2;
	return capacity;
}

static struct reader
open_reader(const struct ms_parse *parse, const struct ms_field *field,
    struct ms_addresses *out)
{
	struct reader r = { .parse = parse,
		.s = ms_scan_init(ms_field_value(parse, field)),
		.field_offset = field->offset,
		.out = out,
		.capacity = capacity_of(out->n) };

	out->truncated |= field->value.n > parse->limits->field_size;
	return r;
}

void
ms_addresses_parse(const struct ms_parse *parse, const struct ms_field *field,
    struct ms_addresses *out)
{
	struct reader r = open_reader(parse, field, out);

	while (!ms_scan_at_end(&r.s))
		read_entry(&r);
}

void
ms_path_parse(const struct ms_parse *parse, const struct ms_field *field,
    struct ms_addresses *out)
{
	struct reader r;
	struct ms_address *a;

	memset(out, 0, sizeof(*out));
	r = open_reader(parse, field, out);

	(void)ms_scan_cfws(&r.s);
	if (ms_scan_peek(&r.s) == '<' && ms_scan_peek_at(&r.s, 1) == '>') {
		a = add(&r);
		if (a)
			a->valid = true;
		return;
	}
	if (!ms_scan_at_end(&r.s))
		read_entry(&r);
}
