/* SPDX-License-Identifier: ISC
 * spf_macro.c - SPF macro strings: grammar and expansion, RFC 7208 section 7
 *
 *   domain-spec   = macro-string domain-end
 *   domain-end    = ( "." toplabel [ "." ] ) / macro-expand
 *   macro-string  = *( macro-expand / macro-literal )
 *   macro-expand  = ( "%{" macro-letter transformers *delimiter "}" )
 *                   / "%%" / "%_" / "%-"
 *   transformers  = *DIGIT [ "r" ]
 *   delimiter     = "." / "-" / "+" / "," / "/" / "_" / "="
 *
 * Looks nothing up: the caller brings what %{p} stands for.
 */
#include "mailsonde/scan.h"
#include "spf_priv.h"

enum {
	NAME_MAX_OCTETS = 253, /* 7.3 */
	/* More of a name's end is never needed. */
	NAME_KEEP = 1024,
};

struct piece {
	struct ms_slice literal; /* p != NULL: as it stands */
	unsigned char letter;    /* lower case */
	bool escape;             /* the letter was upper case */
	bool reverse;
	size_t parts; /* from the right; 0: all */
	bool split;   /* a transformer or delimiter is given */
	struct ms_slice delimiters;
};

static bool
is_delimiter(int c)
{
	return c > 0 && strchr(".-+,/_=", c) != NULL;
}

static bool
has_macros(struct ms_slice text)
{
	return text.n > 0 && memchr(text.p, '%', text.n) != NULL;
}

/* ---- grammar ---- */

static bool
is_literal(int c, enum ms_spf_macro_mode mode)
{
	if (c == ' ')
		return mode == MS_SPF_EXPLANATION;
	return c > 0x20 && c < 0x7f && c != '%';
}

/* c, r and t belong to explanations (7.2); what an unknown modifier has is
 * for others to know. */
static bool
is_letter(unsigned char c, enum ms_spf_macro_mode mode)
{
	if (mode == MS_SPF_DOMAIN_SPEC)
		return strchr("slodiphv", c) != NULL;
	return strchr("slodiphvcrt", c) != NULL;
}

/* The digits are not bounded: more than there are parts is all of them. */
static const char *
take_digits(struct ms_scan *s, struct piece *out)
{
	struct ms_slice digits = ms_scan_while(s, MS_C_DIGIT, SIZE_MAX);

	for (size_t i = 0; i < digits.n; i++)
		if (out->parts < 100000)
			out->parts =
			    out->parts * 10 + (size_t)(digits.p[i] - '0');
	if (digits.n > 0 && out->parts == 0)
		return "a macro asks for no parts (7.1: not zero)";
	return NULL;
}

/* Behind "%{". */
static const char *
take_macro(struct ms_scan *s, enum ms_spf_macro_mode mode, struct piece *out)
{
	int letter = ms_scan_peek(s);
	const unsigned char *from;
	const char *fault;

	if (letter < 0 || !ms_is((unsigned char)letter, MS_C_ALPHA) ||
	    !is_letter(ms_lower((unsigned char)letter), mode))
		return "unknown macro letter";
	out->letter = ms_lower((unsigned char)letter);
	out->escape = out->letter != letter;
	ms_scan_skip(s, 1);
	from = s->p;
	fault = take_digits(s, out);
	if (fault)
		return fault;
	out->reverse = ms_scan_try_byte(s, 'r') || ms_scan_try_byte(s, 'R');
	out->delimiters.p = s->p;
	while (is_delimiter(ms_scan_peek(s)))
		ms_scan_skip(s, 1);
	out->delimiters.n = (size_t)(s->p - out->delimiters.p);
	out->split = s->p != from;
	return ms_scan_try_byte(s, '}') ? NULL
					: "a macro is not closed by \"}\"";
}

/* The next piece; NULL or what is wrong where the scanner stands. */
static const char *
take_piece(struct ms_scan *s, enum ms_spf_macro_mode mode, struct piece *out)
{
	memset(out, 0, sizeof(*out));
	if (ms_scan_try_text(s, "%{"))
		return take_macro(s, mode, out);
	if (ms_scan_try_text(s, "%%"))
		out->literal = MS_SLICE("%");
	else if (ms_scan_try_text(s, "%_"))
		out->literal = MS_SLICE(" ");
	else if (ms_scan_try_text(s, "%-"))
		out->literal = MS_SLICE("%20");
	else if (ms_scan_peek(s) == '%')
		return "\"%\" begins no macro";
	if (out->literal.p)
		return NULL;
	out->literal.p = s->p;
	while (is_literal(ms_scan_peek(s), mode))
		ms_scan_skip(s, 1);
	out->literal.n = (size_t)(s->p - out->literal.p);
	return out->literal.n > 0 ? NULL : "an octet that may not stand here";
}

static bool
is_toplabel(struct ms_slice s)
{
	bool ok = s.n > 0 && ms_is(s.p[0], MS_C_ALNUM) &&
		  ms_is(s.p[s.n - 1], MS_C_ALNUM);
	bool numeric = true;

	for (size_t i = 0; i < s.n && ok; i++) {
		ok = ms_is(s.p[i], MS_C_ALNUM) || s.p[i] == '-';
		numeric = numeric && ms_is(s.p[i], MS_C_DIGIT);
	}
	return ok && !numeric;
}

/* `end` is the literal that ends a domain-spec, `whole` that it is all. */
static const char *
end_fault(struct ms_slice end, bool whole, bool *one_label)
{
	size_t dot;

	if (end.p[end.n - 1] == '.')
		end.n--;
	dot = end.n;
	while (dot > 0 && end.p[dot - 1] != '.')
		dot--;
	if (!is_toplabel(ms_slice_part(end, dot, end.n)))
		return "the name does not end in a top-level domain";
	if (dot == 0 && !whole)
		return "no dot before the name's last label";
	*one_label = dot == 0;
	return dot == 0 ? "the name has one label only" : NULL;
}

const char *
spf_macro_fault(struct ms_slice text, enum ms_spf_macro_mode mode,
    size_t *offset, bool *one_label)
{
	struct ms_scan s = ms_scan_init(text);
	struct piece piece = { .parts = 0 };
	const char *fault = NULL;
	const unsigned char *from = s.p;

	*one_label = false;
	while (!fault && !ms_scan_at_end(&s)) {
		from = s.p;
		fault = take_piece(&s, mode, &piece);
	}
	*offset = ms_scan_offset(&s);
	if (fault || mode != MS_SPF_DOMAIN_SPEC)
		return fault;
	if (text.n == 0)
		return "the name is missing";
	if (!piece.literal.p || piece.literal.p != from)
		return NULL; /* ends in a macro-expand */
	fault = end_fault(piece.literal, from == text.p, one_label);
	if (fault)
		*offset = (size_t)(from - text.p);
	return fault;
}

bool
ms_spf_macro_valid(
    struct ms_slice text, enum ms_spf_macro_mode mode, size_t *offset)
{
	bool one_label;

	return spf_macro_fault(text, mode, offset, &one_label) == NULL;
}

bool
spf_macro_uses(struct ms_slice text, unsigned char letter)
{
	struct ms_scan s = ms_scan_init(text);
	struct piece piece;

	while (has_macros(ms_scan_rest(&s))) {
		if (take_piece(&s, MS_SPF_EXPLANATION, &piece))
			return false;
		if (piece.letter == letter)
			return true;
	}
	return false;
}

/* ---- expansion ---- */

struct writer {
	struct ms_buf buf;
	enum ms_spf_macro_mode mode;
	size_t max;
	bool cut; /* something is gone: of a name its beginning */
};

static void
put(struct writer *w, struct ms_slice s)
{
	if (w->mode == MS_SPF_EXPLANATION && s.n > w->max - w->buf.n) {
		s.n = w->max - w->buf.n;
		w->cut = true;
	}
	ms_buf_slice(&w->buf, s);
	if (w->mode == MS_SPF_EXPLANATION || w->buf.n <= 2 * NAME_KEEP)
		return;
	memmove(w->buf.p, w->buf.p + w->buf.n - NAME_KEEP, NAME_KEEP);
	w->buf.n = NAME_KEEP;
	w->cut = true;
}

/* RFC 3986 2.1: all but the unreserved. */
static void
put_escaped(struct writer *w, struct ms_slice s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];
		char code[3] = { '%', hex[c >> 4], hex[c & 15] };

		if (ms_is(c, MS_C_ALNUM) || (c > 0 && strchr("-._~", c)))
			put(w, ms_slice_part(s, i, i + 1));
		else
			put(w, ms_slice_make(code, sizeof(code)));
	}
}

static void
put_part(struct writer *w, const struct piece *piece, struct ms_slice part,
    bool first)
{
	if (!first)
		put(w, MS_SLICE("."));
	if (piece->escape)
		put_escaped(w, part);
	else
		put(w, part);
}

static bool
splits(const struct piece *piece, unsigned char c)
{
	if (piece->delimiters.n == 0)
		return c == '.';
	return memchr(piece->delimiters.p, c, piece->delimiters.n) != NULL;
}

/* The end of the first `n` parts, and the beginning of the others. */
static size_t
behind_parts(
    const struct piece *piece, struct ms_slice value, size_t n, size_t *next)
{
	for (size_t i = 0; i < value.n; i++) {
		if (splits(piece, value.p[i]) && --n == 0) {
			*next = i + 1;
			return i;
		}
	}
	*next = value.n;
	return value.n;
}

static void
put_forward(struct writer *w, const struct piece *piece, struct ms_slice value)
{
	size_t from = 0;

	for (size_t i = 0; i <= value.n; i++) {
		if (i < value.n && !splits(piece, value.p[i]))
			continue;
		put_part(w, piece, ms_slice_part(value, from, i), from == 0);
		from = i + 1;
	}
}

static void
put_backward(struct writer *w, const struct piece *piece, struct ms_slice value)
{
	size_t to = value.n;

	for (size_t i = value.n + 1; i-- > 0;) {
		if (i > 0 && !splits(piece, value.p[i - 1]))
			continue;
		put_part(w, piece, ms_slice_part(value, i, to), to == value.n);
		to = i > 0 ? i - 1 : 0;
	}
}

/* 7.3: split, perhaps turned round, the parts at the right, joined by dots. */
static void
put_split(struct writer *w, const struct piece *piece, struct ms_slice value)
{
	size_t count = 1, next = 0;

	for (size_t i = 0; i < value.n; i++)
		count += splits(piece, value.p[i]);
	if (piece->parts > 0 && piece->parts < count) {
		size_t cut = behind_parts(piece, value,
		    piece->reverse ? piece->parts : count - piece->parts,
		    &next);

		value = piece->reverse ? ms_slice_part(value, 0, cut)
				       : ms_slice_part(value, next, value.n);
	}
	if (piece->reverse)
		put_backward(w, piece, value);
	else
		put_forward(w, piece, value);
}

/* %{i}: IPv6 as nibbles with dots (7.3). */
static struct ms_slice
dotted(struct ms_arena *arena, const struct ms_ip *ip)
{
	static const char hex[] = "0123456789abcdef";
	char text[MS_IP_TEXT];
	unsigned char *p;

	if (ip->v4) {
		ms_ip_format(ip, text);
		return ms_arena_copy(arena, ms_slice_from(text));
	}
	p = ms_arena_bytes(arena, 64);
	for (size_t i = 0; i < 32; i++) {
		unsigned byte = ip->b[i / 2];

		p[2 * i] = (unsigned char)hex[i % 2 ? byte & 15 : byte >> 4];
		p[2 * i + 1] = '.';
	}
	return ms_slice_make(p, 63);
}

static struct ms_slice
formatted(struct ms_arena *arena, const struct ms_ip *ip)
{
	char text[MS_IP_TEXT];

	ms_ip_format(ip, text);
	return ms_arena_copy(arena, ms_slice_from(text));
}

static struct ms_slice
sender(struct ms_arena *arena, const struct spf_values *values)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_buf_slice(&buf, values->local);
	ms_buf_byte(&buf, '@');
	ms_buf_slice(&buf, values->sender_domain);
	return ms_buf_get(&buf);
}

static struct ms_slice
value_of(struct ms_arena *arena, const struct spf_values *values,
    unsigned char letter)
{
	switch (letter) {
	case 's':
		return sender(arena, values);
	case 'l':
		return values->local;
	case 'o':
		return values->sender_domain;
	case 'd':
		return values->domain;
	case 'i':
		return dotted(arena, &values->ip);
	case 'p':
		return values->validated;
	case 'h':
		return values->helo;
	case 'v':
		return values->ip.v4 ? MS_SLICE("in-addr") : MS_SLICE("ip6");
	case 'c':
		return formatted(arena, &values->ip);
	case 'r':
		return values->receiver;
	default: /* t */
		return ms_slice_from(
		    ms_arena_printf(arena, "%lld", (long long)values->now));
	}
}

static struct ms_slice
without_dot(struct ms_slice name)
{
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

/* 7.3: labels go from the left until 253 octets are left. */
static struct ms_slice
fit_name(const struct writer *w)
{
	struct ms_slice name = without_dot(ms_buf_get(&w->buf));
	size_t from = 0;

	if (w->cut || name.n > NAME_MAX_OCTETS) {
		from = name.n > NAME_MAX_OCTETS ? name.n - NAME_MAX_OCTETS : 1;
		while (from < name.n && name.p[from - 1] != '.')
			from++;
	}
	name = ms_slice_part(name, from, name.n);
	return name.n > 0 ? name : ms_slice_make(NULL, 0);
}

static bool
is_ascii(struct ms_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

struct ms_slice
spf_macro_expand(struct ms_arena *arena, const struct spf_values *values,
    struct ms_slice text, enum ms_spf_macro_mode mode)
{
	struct ms_scan s = ms_scan_init(text);
	struct writer w = { .mode = mode, .max = values->explanation_max };
	struct piece piece;

	if (mode == MS_SPF_DOMAIN_SPEC && !has_macros(text) &&
	    text.n <= NAME_MAX_OCTETS)
		return without_dot(text);
	ms_buf_init(&w.buf, arena);
	while (!ms_scan_at_end(&s) && !take_piece(&s, mode, &piece)) {
		struct ms_slice value;

		if (piece.literal.p) {
			put(&w, piece.literal);
			continue;
		}
		value = value_of(arena, values, piece.letter);
		if (piece.split)
			put_split(&w, &piece, value);
		else
			put_part(&w, &piece, value, true);
	}
	if (mode == MS_SPF_DOMAIN_SPEC)
		return fit_name(&w);
	if (!is_ascii(ms_buf_get(&w.buf)))
		return ms_slice_make(NULL, 0);
	(void)ms_buf_room(&w.buf, 1); /* an empty text is a text all the same */
	return ms_buf_get(&w.buf);
}
