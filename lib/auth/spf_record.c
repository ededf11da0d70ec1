/* SPDX-License-Identifier: ISC
 * spf_record.c - SPF records: text to terms, RFC 7208 sections 4.6 and 12
 *
 *   record      = version terms *SP
 *   terms       = *( 1*SP ( directive / modifier ) )
 *   directive   = [ qualifier ] mechanism
 *   modifier    = redirect / explanation / unknown-modifier
 *
 * The whole record is read, and every wrong term named: one error anywhere
 * makes the record useless (4.6).
 */
#include "mailsonde/scan.h"
#include "spf_priv.h"

enum { VERSION_SIZE = 6 }; /* "v=spf1" */

static const char *const names[] = {
	[MS_SPF_ALL] = "all",
	[MS_SPF_INCLUDE] = "include",
	[MS_SPF_A] = "a",
	[MS_SPF_MX] = "mx",
	[MS_SPF_PTR] = "ptr",
	[MS_SPF_IP4] = "ip4",
	[MS_SPF_IP6] = "ip6",
	[MS_SPF_EXISTS] = "exists",
	[MS_SPF_REDIRECT] = "redirect",
	[MS_SPF_EXP] = "exp",
	[MS_SPF_MODIFIER] = "modifier",
	[MS_SPF_WRONG] = "wrong",
};

const char *
ms_spf_kind_name(enum ms_spf_kind kind)
{
	return names[kind];
}

bool
ms_spf_is_record(struct ms_slice text)
{
	return ms_slice_starts(text, "v=spf1") &&
	       (text.n == VERSION_SIZE || text.p[VERSION_SIZE] == ' ');
}

/* ---- one term; every take gives NULL or what is wrong at s->p ---- */

/* "/" ( "0" / %x31-39 *DIGIT ), at most `max`. */
static const char *
take_prefix(struct ms_scan *s, unsigned max, unsigned *out)
{
	const unsigned char *from = s->p;
	struct ms_slice digits;
	struct ms_scan number;

	if (!ms_scan_try_byte(s, '/'))
		return "\"/\" and a prefix length are wanted here";
	digits = ms_scan_while(s, MS_C_DIGIT, 4);
	number = ms_scan_init(digits);
	*out = (unsigned)ms_scan_number(&number, 4, max);
	if (number.bad || (digits.n > 1 && digits.p[0] == '0')) {
		s->p = from;
		return max == 32 ? "a prefix length is no number from 0 to 32"
				 : "a prefix length is no number from 0 to 128";
	}
	return NULL;
}

/* dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ] */
static const char *
take_prefixes(struct ms_scan *s, struct ms_spf_term *term)
{
	const char *fault = NULL;

	if (ms_scan_at_end(s))
		return NULL;
	if (ms_scan_peek_at(s, 1) != '/')
		fault = take_prefix(s, 32, &term->prefix4);
	if (!fault && ms_scan_try_text(s, "/"))
		fault = take_prefix(s, 128, &term->prefix6);
	if (!fault && !ms_scan_at_end(s))
		fault = "something is left behind the prefix length";
	return fault;
}

/* Where the dual-cidr-length of a target begins: a domain-spec never ends in
 * "/" and digits, for its last label holds no "/". */
static size_t
prefixes_at(struct ms_slice target)
{
	size_t at = target.n, end;

	for (end = at;; end = at) {
		while (at > 0 && ms_is(target.p[at - 1], MS_C_DIGIT))
			at--;
		if (at == 0 || target.p[at - 1] != '/')
			return end;
		while (at > 0 && target.p[at - 1] == '/')
			at--;
	}
}

static const char *
take_target(struct ms_scan *s, size_t n, enum ms_spf_macro_mode mode,
    struct ms_slice *out, bool *one_label)
{
	size_t offset = 0, end;
	const char *fault;

	*out = ms_slice_part(ms_scan_rest(s), 0, n);
	fault = spf_macro_fault(*out, mode, &offset, one_label);
	end = prefixes_at(*out);
	if (fault && mode == MS_SPF_DOMAIN_SPEC && end < n && end > 0) {
		fault = "no prefix length may stand here";
		offset = end;
	}
	ms_scan_skip(s, fault ? offset : n);
	return fault;
}

static const char *
take_ip4(struct ms_scan *s, struct ms_spf_term *term)
{
	struct ms_slice address = ms_slice_part(
	    ms_scan_rest(s), 0, ms_slice_find(ms_scan_rest(s), 0, '/'));

	if (memchr(address.p, ':', address.n) ||
	    !ms_ip_parse(address, &term->net.ip))
		return "no IPv4 address";
	ms_scan_skip(s, address.n);
	term->net.prefix = 32;
	if (ms_scan_at_end(s))
		return NULL;
	return take_prefix(s, 32, &term->net.prefix);
}

/* An IPv4-mapped network stays one of IPv6: clients so written are IPv4
 * (5), and it matches none. */
static const char *
take_ip6(struct ms_scan *s, struct ms_spf_term *term)
{
	struct ms_slice address = ms_slice_part(
	    ms_scan_rest(s), 0, ms_slice_find(ms_scan_rest(s), 0, '/'));

	if (!memchr(address.p, ':', address.n) ||
	    memchr(address.p, '%', address.n) ||
	    !ms_ip_parse(address, &term->net.ip))
		return "no IPv6 address";
	term->net.ip.v4 = false;
	ms_scan_skip(s, address.n);
	term->net.prefix = 128;
	if (ms_scan_at_end(s))
		return NULL;
	return take_prefix(s, 128, &term->net.prefix);
}

/* a, mx: [ ":" domain-spec ] [ dual-cidr-length ] */
static const char *
take_host(struct ms_scan *s, struct ms_spf_term *term, bool *one_label)
{
	const char *fault = NULL, *more;
	struct ms_scan behind;

	term->prefix4 = 32;
	term->prefix6 = 128;
	if (ms_scan_try_byte(s, ':'))
		fault = take_target(s, prefixes_at(ms_scan_rest(s)),
		    MS_SPF_DOMAIN_SPEC, &term->target, one_label);
	if (fault && !*one_label)
		return fault;
	behind = *s;
	ms_scan_skip(&behind, fault ? term->target.n : 0);
	more = take_prefixes(&behind, term);
	if (fault && !more)
		return fault;
	*one_label = false;
	*s = behind;
	return more;
}

/* Behind the name of a mechanism. */
static const char *
take_argument(struct ms_scan *s, struct ms_spf_term *term, bool *one_label)
{
	switch (term->kind) {
	case MS_SPF_ALL:
		return ms_scan_at_end(s) ? NULL : "\"all\" takes no argument";
	case MS_SPF_A:
	case MS_SPF_MX:
		return take_host(s, term, one_label);
	case MS_SPF_PTR:
		if (ms_scan_at_end(s))
			return NULL;
		break;
	default:
		break;
	}
	if (!ms_scan_try_byte(s, ':'))
		return "\":\" and an argument are wanted here";
	if (term->kind == MS_SPF_IP4 || term->kind == MS_SPF_IP6) {
		const char *fault = term->kind == MS_SPF_IP4
					? take_ip4(s, term)
					: take_ip6(s, term);

		if (!fault && !ms_scan_at_end(s))
			fault = "something is left behind the prefix length";
		return fault;
	}
	return take_target(
	    s, ms_scan_left(s), MS_SPF_DOMAIN_SPEC, &term->target, one_label);
}

static const char *
take_mechanism(struct ms_scan *s, struct ms_slice name,
    struct ms_spf_term *term, bool *one_label)
{
	int after = ms_scan_peek_at(s, name.n);

	if (after >= 0 && after != ':' && after != '/')
		return "unknown mechanism";
	for (int kind = MS_SPF_ALL; kind <= MS_SPF_EXISTS; kind++) {
		if (!ms_slice_is(name, names[kind]))
			continue;
		ms_scan_skip(s, name.n);
		term->kind = (enum ms_spf_kind)kind;
		return take_argument(s, term, one_label);
	}
	return "unknown mechanism";
}

static bool
take_qualifier(struct ms_scan *s, struct ms_spf_term *term)
{
	term->qualifier = MS_AUTH_PASS;
	switch (ms_scan_peek(s)) {
	case '+':
		break;
	case '-':
		term->qualifier = MS_AUTH_FAIL;
		break;
	case '~':
		term->qualifier = MS_AUTH_SOFTFAIL;
		break;
	case '?':
		term->qualifier = MS_AUTH_NEUTRAL;
		break;
	default:
		return false;
	}
	ms_scan_skip(s, 1);
	return true;
}

static const char *
take_modifier(struct ms_scan *s, struct ms_slice name, struct ms_spf_term *term,
    bool *one_label)
{
	enum ms_spf_macro_mode mode = MS_SPF_DOMAIN_SPEC;

	term->kind = MS_SPF_MODIFIER;
	if (ms_slice_is(name, "redirect"))
		term->kind = MS_SPF_REDIRECT;
	else if (ms_slice_is(name, "exp"))
		term->kind = MS_SPF_EXP;
	else
		mode = MS_SPF_MACRO_STRING;
	return take_target(s, ms_scan_left(s), mode, &term->target, one_label);
}

static bool
outside_ascii(struct ms_slice text, size_t *at)
{
	for (*at = 0; *at < text.n; ++*at)
		if (text.p[*at] < 0x21 || text.p[*at] > 0x7e)
			return true;
	return false;
}

/* A modifier's name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ), and "="
 * behind it; all else is a mechanism, or wrong. */
static const char *
take_term(struct ms_scan *s, struct ms_spf_term *term, bool *one_label)
{
	bool qualified = take_qualifier(s, term);
	struct ms_scan look = *s;
	struct ms_slice name = ms_scan_while(&look, MS_C_HOST, SIZE_MAX);

	if (qualified || ms_scan_peek(&look) != '=' || name.n == 0 ||
	    !ms_is(name.p[0], MS_C_ALPHA))
		return take_mechanism(s, name, term, one_label);
	ms_scan_skip(s, name.n + 1);
	return take_modifier(s, name, term, one_label);
}

/* ---- the record ---- */

static void
add_error(struct ms_spf_record *record, struct ms_slice term, size_t offset,
    const char *text, bool one_label)
{
	struct ms_spf_error *error = &record->errors[record->errors_n++];

	error->term = term;
	error->offset = offset;
	error->text = text;
	error->one_label = one_label;
	record->valid = record->valid && one_label;
}

/* NULL, or what is wrong with the term where it is: 6 lets redirect and exp
 * stand once each. */
static const char *
place(struct ms_spf_record *out, const struct ms_spf_term *term)
{
	if (term->kind == MS_SPF_ALL && !out->all)
		out->all = term;
	if (term->kind == MS_SPF_REDIRECT) {
		if (out->redirect)
			return "\"redirect\" stands twice";
		out->redirect = term;
	}
	if (term->kind == MS_SPF_EXP) {
		if (out->exp)
			return "\"exp\" stands twice";
		out->exp = term;
	}
	return NULL;
}

static void
read_term(struct ms_spf_record *out, struct ms_slice text)
{
	struct ms_spf_term *term = &out->terms[out->n++];
	struct ms_scan s = ms_scan_init(text);
	size_t at = (size_t)(text.p - out->text.p);
	bool one_label = false;
	const char *fault;
	size_t odd;

	term->text = text;
	fault = take_term(&s, term, &one_label);
	if (fault && outside_ascii(text, &odd)) {
		fault = "an octet that is no visible ASCII character";
		one_label = false;
		at += odd;
	} else if (fault) {
		at += ms_scan_offset(&s);
	}
	if (!fault || one_label) {
		const char *misplaced = place(out, term);

		one_label = one_label && !misplaced;
		fault = misplaced ? misplaced : fault;
	}
	if (!fault)
		return;
	if (!one_label)
		term->kind = MS_SPF_WRONG;
	add_error(out, text, at, fault, one_label);
}

void
ms_spf_record_parse(
    struct ms_arena *arena, struct ms_slice text, struct ms_spf_record *out)
{
	struct ms_slice rest;
	size_t max = 1;

	memset(out, 0, sizeof(*out));
	out->text = text;
	out->valid = true;
	for (size_t i = 0; i < text.n; i++)
		max += text.p[i] == ' ';
	out->terms = MS_NEW_ARRAY(arena, struct ms_spf_term, max);
	out->errors = MS_NEW_ARRAY(arena, struct ms_spf_error, max);
	if (!ms_spf_is_record(text)) {
		add_error(out,
		    ms_slice_part(text, 0, ms_slice_find(text, 0, ' ')), 0,
		    "the record does not begin with \"v=spf1\"", false);
		return;
	}
	rest = ms_slice_part(text, VERSION_SIZE, text.n);
	while (rest.n > 0) {
		size_t n = ms_slice_find(rest, 0, ' ');

		if (n > 0)
			read_term(out, ms_slice_part(rest, 0, n));
		rest = ms_slice_part(rest, n + 1, rest.n);
	}
}

bool
spf_term_looks_up(const struct ms_spf_term *term)
{
	switch (term->kind) {
	case MS_SPF_INCLUDE:
	case MS_SPF_A:
	case MS_SPF_MX:
	case MS_SPF_PTR:
	case MS_SPF_EXISTS:
	case MS_SPF_REDIRECT:
		return true;
	default:
		return false;
	}
}

/* What stands behind "all" is never looked at (5.1). */
unsigned
ms_spf_record_lookups(const struct ms_spf_record *record)
{
	unsigned n = 0;

	for (size_t i = 0; i < record->n; i++) {
		const struct ms_spf_term *term = &record->terms[i];

		if (term->kind == MS_SPF_ALL)
			return n;
		n += term->kind != MS_SPF_REDIRECT && spf_term_looks_up(term);
	}
	return n + (record->redirect != NULL);
}
