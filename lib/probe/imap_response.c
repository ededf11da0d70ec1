/* SPDX-License-Identifier: ISC
 * imap_response.c - untagged responses of IMAP, RFC 9051 7 and 9: SEARCH,
 * FETCH, LIST, and the literals in them
 *
 * Nothing is recursed into; what cannot be read is passed over.
 */
#include "roundtrip_priv.h"

#include "mailsonde/buf.h"

#define NUMBER_DIGITS 10

/* ---- literals ---- */

bool
imap_announces(struct ms_slice line, uint64_t *octets)
{
	size_t at = line.n;
	uint64_t n = 0;

	if (at < 3 || line.p[at - 1] != '}')
		return false;
	at--;
	if (line.p[at - 1] == '+') /* LITERAL+, RFC 7888 */
		at--;
	line = ms_slice_part(line, 0, at);
	while (at > 0 && ms_is(line.p[at - 1], MS_C_DIGIT))
		at--;
	if (at == 0 || at == line.n || line.p[at - 1] != '{')
		return false;
	for (; at < line.n; at++)
		n = n > UINT64_MAX / 10 - 1 ? UINT64_MAX / 10
					    : n * 10 + (line.p[at] - '0');
	*octets = n >= UINT64_MAX / 10 ? UINT64_MAX : n;
	return true;
}

static struct ms_slice
take_literal(struct ms_scan *s)
{
	uint64_t n;
	struct ms_slice out;

	(void)ms_scan_try_byte(s, '{');
	n = ms_scan_number(s, NUMBER_DIGITS, UINT32_MAX);
	(void)ms_scan_try_byte(s, '+');
	if (!ms_scan_try_text(s, "}\r\n") || n > ms_scan_left(s))
		s->bad = true;
	out = ms_slice_make(s->p, s->bad ? 0 : (size_t)n);
	ms_scan_skip(s, out.n);
	return out;
}

/* ---- values ---- */

/* A quoted string, not unescaped. */
static struct ms_slice
take_quoted(struct ms_scan *s)
{
	const unsigned char *from;

	(void)ms_scan_try_byte(s, '"');
	from = s->p;
	while (!ms_scan_at_end(s) && ms_scan_peek(s) != '"')
		ms_scan_skip(s, ms_scan_peek(s) == '\\' ? 2 : 1);
	if (ms_scan_at_end(s))
		s->bad = true;
	else
		ms_scan_skip(s, 1);
	return s->bad ? ms_slice_make(NULL, 0)
		      : ms_slice_make(from, (size_t)(s->p - from) - 1);
}

static struct ms_slice
take_atom(struct ms_scan *s)
{
	const unsigned char *from = s->p;

	while (!ms_scan_at_end(s) && !strchr(" ()\r\n", ms_scan_peek(s)))
		ms_scan_skip(s, 1);
	return ms_slice_make(from, (size_t)(s->p - from));
}

/* A string or an atom. */
static struct ms_slice
take_string(struct ms_scan *s)
{
	switch (ms_scan_peek(s)) {
	case '"':
		return take_quoted(s);
	case '{':
		return take_literal(s);
	default:
		return take_atom(s);
	}
}

/* A value of any kind, or a list of them, passed over. */
static void
skip_value(struct ms_scan *s)
{
	size_t depth = 0;

	do {
		const unsigned char *from = s->p;

		if (ms_scan_try_byte(s, '('))
			depth++;
		else if (depth > 0 && ms_scan_try_byte(s, ')'))
			depth--;
		else if (depth > 0 && ms_scan_try_byte(s, ' '))
			continue;
		else
			(void)take_string(s);
		if (s->p == from)
			s->bad = true;
	} while (depth > 0 && !ms_scan_at_end(s));
}

/* ---- responses ---- */

bool
imap_read_search(
    struct ms_slice response, uint32_t *out, size_t max, size_t *n, bool *more)
{
	struct ms_scan s = ms_scan_init(response);

	*n = 0;
	*more = false;
	if (!ms_scan_try_text(&s, "* ") || !ms_scan_try_word(&s, "SEARCH"))
		return false;
	while (ms_scan_try_byte(&s, ' ') && ms_scan_peek(&s) != '(') {
		uint64_t uid;

		if (ms_scan_at_end(&s) || ms_scan_peek(&s) == ' ')
			continue;
		uid = ms_scan_number(&s, NUMBER_DIGITS, UINT32_MAX);
		if (s.bad)
			break;
		if (*n < max)
			out[(*n)++] = (uint32_t)uid;
		else
			*more = true;
	}
	*more |= s.bad;
	return true;
}

/* "BODY[HEADER.FIELDS (A B)]<0>": brackets may hold blanks. */
static struct ms_slice
take_item(struct ms_scan *s)
{
	const unsigned char *from = s->p;
	bool within = false;

	while (!ms_scan_at_end(s)) {
		int c = ms_scan_peek(s);

		if (!within && (c == ' ' || c == ')'))
			break;
		if (c == '[' || c == ']')
			within = c == '[';
		ms_scan_skip(s, 1);
	}
	return ms_slice_make(from, (size_t)(s->p - from));
}

bool
imap_read_fetch(struct ms_slice response, struct imap_fetch *out)
{
	struct ms_scan s = ms_scan_init(response);

	memset(out, 0, sizeof(*out));
	if (!ms_scan_try_text(&s, "* "))
		return false;
	(void)ms_scan_number(&s, NUMBER_DIGITS, UINT32_MAX);
	if (s.bad || !ms_scan_try_text(&s, " FETCH ("))
		return false;
	while (!ms_scan_at_end(&s)) {
		struct ms_slice name;

		if (ms_scan_try_byte(&s, ')'))
			return true;
		name = take_item(&s);

		if (!ms_scan_try_byte(&s, ' '))
			break;
		if (ms_slice_is(name, "UID"))
			out->uid = (uint32_t)ms_scan_number(
			    &s, NUMBER_DIGITS, UINT32_MAX);
		else if (ms_slice_starts(name, "BODY[") &&
			 (ms_scan_peek(&s) == '"' || ms_scan_peek(&s) == '{'))
			out->body = take_string(&s);
		else
			skip_value(&s);
		(void)ms_scan_try_byte(&s, ' ');
	}
	return false;
}

/* Names under which servers without SPECIAL-USE keep spam. */
static bool
named_as_junk(struct ms_slice name, unsigned char delimiter)
{
	static const char *const names[] = { "Junk", "Spam", "Junk E-mail",
		"Junk Email", "Bulk Mail", "Junk-E-Mail", "Spamverdacht" };
	size_t at = name.n;

	while (delimiter && at > 0 && name.p[at - 1] != delimiter)
		at--;
	name = ms_slice_part(name, delimiter ? at : 0, name.n);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ms_slice_is(name, names[i]))
			return true;
	return false;
}

static struct ms_slice
unescaped(struct ms_arena *arena, struct ms_slice s)
{
	unsigned char *p = ms_arena_bytes(arena, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		p[n++] = s.p[i];
	}
	return ms_slice_make(p, n);
}

/* Spam: the attribute of RFC 6154 2, or a usual name. */
bool
imap_read_list(
    struct ms_arena *arena, struct ms_slice response, struct imap_folder *out)
{
	struct ms_scan s = ms_scan_init(response);
	bool quoted;

	memset(out, 0, sizeof(*out));
	if (!ms_scan_try_text(&s, "* LIST ("))
		return false;
	while (!ms_scan_at_end(&s) && !ms_scan_try_byte(&s, ')')) {
		struct ms_slice flag = take_atom(&s);

		out->junk |= ms_slice_is(flag, "\\Junk");
		out->unselectable |= ms_slice_is(flag, "\\Noselect") ||
				     ms_slice_is(flag, "\\NonExistent");
		if (flag.n == 0 && !ms_scan_try_byte(&s, ' '))
			return false;
	}
	if (!ms_scan_try_byte(&s, ' '))
		return false;
	if (ms_scan_peek(&s) == '"') {
		struct ms_slice text = unescaped(arena, take_quoted(&s));

		out->delimiter = text.n == 1 ? *text.p : 0;
	} else {
		(void)take_atom(&s); /* NIL */
	}
	if (!ms_scan_try_byte(&s, ' '))
		return false;
	quoted = ms_scan_peek(&s) == '"';
	out->name = take_string(&s);
	if (quoted && !s.bad)
		out->name = unescaped(arena, out->name);
	out->junk |= named_as_junk(out->name, out->delimiter);
	return !s.bad && out->name.n > 0;
}

const char *
imap_quote(struct ms_arena *arena, struct ms_slice name)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	ms_buf_byte(&out, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] < ' ' || name.p[i] >= 0x7f)
			return NULL;
		if (name.p[i] == '"' || name.p[i] == '\\')
			ms_buf_byte(&out, '\\');
		ms_buf_byte(&out, name.p[i]);
	}
	ms_buf_byte(&out, '"');
	return ms_arena_string(arena, ms_buf_get(&out));
}
