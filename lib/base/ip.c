/* SPDX-License-Identifier: ISC
 * ip.c - addresses and networks: RFC 4291 2.2 in, RFC 5952 4 out
 *
 * What is not an address in full is none: no octal, no hexadecimal, no short
 * dotted forms, whatever inet_aton takes.
 */
#include "mailsonde/ip.h"

#include "mailsonde/scan.h"

static const unsigned char mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* "0" or a number without leading zeros (RFC 6943 3.1.1 on why). */
static bool
take_octet(struct ms_scan *s, unsigned char *out)
{
	int first = ms_scan_peek(s);
	struct ms_slice digits = ms_scan_while(s, MS_C_DIGIT, 4);
	unsigned value = 0;

	if (digits.n == 0 || digits.n > 3 || (first == '0' && digits.n > 1))
		return false;
	for (size_t i = 0; i < digits.n; i++)
		value = value * 10 + (unsigned)(digits.p[i] - '0');
	*out = (unsigned char)value;
	return value <= 255;
}

static bool
take_quad(struct ms_scan *s, unsigned char out[4])
{
	for (size_t i = 0; i < 4; i++) {
		if (i > 0 && !ms_scan_try_byte(s, '.'))
			return false;
		if (!take_octet(s, &out[i]))
			return false;
	}
	return ms_scan_at_end(s);
}

/* Groups as they stand; `gap` is where "::" stood. */
struct groups {
	unsigned char b[16];
	size_t n; /* bytes filled */
	size_t gap;
	bool has_gap;
};

/* One group, or the dotted quad that may end the text. */
static bool
take_group(struct ms_scan *s, struct groups *g)
{
	struct ms_scan quad = *s;
	struct ms_slice digits;
	unsigned value = 0;

	if (g->n <= 12 && take_quad(&quad, g->b + g->n)) {
		g->n += 4;
		*s = quad;
		return true;
	}
	digits = ms_scan_while(s, MS_C_HEX, 5);
	if (digits.n == 0 || digits.n > 4 || g->n >= 16)
		return false;
	for (size_t i = 0; i < digits.n; i++)
		value = value << 4 | (unsigned)ms_hex_value(digits.p[i]);
	g->b[g->n++] = (unsigned char)(value >> 8);
	g->b[g->n++] = (unsigned char)value;
	return true;
}

static bool
take_gap(struct ms_scan *s, struct groups *g)
{
	if (g->has_gap || !ms_scan_try_text(s, "::"))
		return false;
	g->has_gap = true;
	g->gap = g->n;
	return true;
}

static bool
parse_groups(struct ms_scan *s, struct groups *g)
{
	(void)take_gap(s, g);
	while (!ms_scan_at_end(s)) {
		if (!take_group(s, g))
			return false;
		if (ms_scan_at_end(s))
			break;
		if (take_gap(s, g))
			continue;
		if (!ms_scan_try_byte(s, ':') || ms_scan_at_end(s))
			return false;
	}
	return g->has_gap ? g->n <= 14 : g->n == 16;
}

static bool
parse_v6(struct ms_slice text, struct ms_ip *out)
{
	struct groups g = { .n = 0 };
	struct ms_scan s = ms_scan_init(text);
	size_t tail;

	if (!parse_groups(&s, &g))
		return false;
	tail = g.has_gap ? g.n - g.gap : 0;
	memcpy(out->b, g.b, g.n - tail);
	memcpy(out->b + 16 - tail, g.b + g.n - tail, tail);
	out->v4 = memcmp(out->b, mapped_prefix, sizeof(mapped_prefix)) == 0;
	return true;
}

static bool
parse_v4(struct ms_slice text, struct ms_ip *out)
{
	struct ms_scan s = ms_scan_init(text);

	memcpy(out->b, mapped_prefix, sizeof(mapped_prefix));
	out->v4 = true;
	return take_quad(&s, out->b + 12);
}

/* RFC 4007 11: "%" and the zone, of letters, digits and marks. */
static struct ms_slice
without_zone(struct ms_slice text)
{
	size_t at = ms_slice_find(text, 0, '%');

	for (size_t i = at + 1; i < text.n; i++)
		if (!ms_is(text.p[i], MS_C_HOST))
			return text;
	return at + 1 < text.n ? ms_slice_part(text, 0, at) : text;
}

/* The longest is "ffff:…:255.255.255.255%" and an interface name. */
enum { ADDRESS_MAX = 64 };

bool
ms_ip_parse(struct ms_slice text, struct ms_ip *out)
{
	struct ms_ip ip = { .set = true };
	bool colon = text.n > 0 && text.n <= ADDRESS_MAX &&
		     memchr(text.p, ':', text.n) != NULL;

	memset(out, 0, sizeof(*out));
	if (text.n < 2 || text.n > ADDRESS_MAX)
		return false;
	if (colon ? !parse_v6(without_zone(text), &ip) : !parse_v4(text, &ip))
		return false;
	*out = ip;
	return true;
}

static struct ms_slice
without_port(struct ms_slice text)
{
	size_t colon = ms_slice_find(text, 0, ':');

	if (colon == text.n || text.n - colon > 6 || colon + 1 == text.n)
		return text;
	for (size_t i = colon + 1; i < text.n; i++)
		if (!ms_is(text.p[i], MS_C_DIGIT))
			return text;
	return ms_slice_part(text, 0, colon);
}

/* Without brackets and what is behind them, when that is a port. */
static bool
unbracket(struct ms_slice *text)
{
	struct ms_scan s = ms_scan_init(*text);
	struct ms_slice inner;

	if (ms_scan_peek(&s) != '[')
		return true;
	if (memchr(text->p, ']', text->n) == NULL)
		return false;
	(void)ms_scan_literal(&s, &inner);
	*text = ms_slice_trim(inner);
	return without_port(ms_scan_rest(&s)).n == 0;
}

/* The tags of RFC 5321 4.1.3, and "IPv4:" by analogy. */
static struct ms_slice
untag(struct ms_slice text)
{
	if (ms_slice_starts(text, "IPv6:") || ms_slice_starts(text, "IPv4:"))
		return ms_slice_part(text, 5, text.n);
	return text;
}

bool
ms_ip_parse_literal(struct ms_slice text, struct ms_ip *out)
{
	memset(out, 0, sizeof(*out));
	text = ms_slice_trim(text);
	if (text.n < 2 || text.n > 2 * ADDRESS_MAX)
		return false;
	text = untag(text);
	if (!unbracket(&text))
		return false;
	text = untag(text);
	return ms_ip_parse(text, out) || ms_ip_parse(without_port(text), out);
}

static char *
put_octet(char *at, unsigned value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

static char *
put_group(char *at, unsigned value)
{
	static const char digits[] = "0123456789abcdef";
	bool on = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned nibble = value >> shift & 15;

		on = on || nibble != 0 || shift == 0;
		if (on)
			*at++ = digits[nibble];
	}
	return at;
}

static unsigned
group(const struct ms_ip *ip, size_t i)
{
	return (unsigned)ip->b[2 * i] << 8 | ip->b[2 * i + 1];
}

/* RFC 5952 4.2: the longest run of zero groups, the first of equals, never a
 * single group. */
static size_t
longest_zeros(const struct ms_ip *ip, size_t *at)
{
	size_t best = 1, run = 0;

	*at = 8;
	for (size_t i = 0; i < 8; i++) {
		run = group(ip, i) == 0 ? run + 1 : 0;
		if (run > best) {
			best = run;
			*at = i + 1 - run;
		}
	}
	return best;
}

static void
format_v6(const struct ms_ip *ip, char *at)
{
	size_t gap, zeros = longest_zeros(ip, &gap);

	for (size_t i = 0; i < 8; i++) {
		if (i == gap) {
			*at++ = ':';
			*at++ = ':';
			i += zeros - 1;
			continue;
		}
		if (i > 0 && i != gap + zeros)
			*at++ = ':';
		at = put_group(at, group(ip, i));
	}
	*at = '\0';
}

void
ms_ip_format(const struct ms_ip *ip, char out[MS_IP_TEXT])
{
	char *at = out;

	out[0] = '\0';
	if (!ip->set)
		return;
	if (!ip->v4) {
		format_v6(ip, out);
		return;
	}
	for (size_t i = 12; i < 16; i++) {
		if (i > 12)
			*at++ = '.';
		at = put_octet(at, ip->b[i]);
	}
	*at = '\0';
}

bool
ms_ip_equal(const struct ms_ip *a, const struct ms_ip *b)
{
	return a->set == b->set && a->v4 == b->v4 &&
	       (!a->set || memcmp(a->b, b->b, sizeof(a->b)) == 0);
}

static bool
parse_prefix(struct ms_slice text, unsigned max, unsigned *out)
{
	struct ms_scan s = ms_scan_init(text);

	*out = (unsigned)ms_scan_number(&s, 3, max);
	return !s.bad && ms_scan_at_end(&s) &&
	       (text.n == 1 || text.p[0] != '0');
}

/* "::ffff:192.0.2.0/120" counts its prefix of 128 bits. */
static bool
prefix_of_v4(struct ms_slice address, unsigned *prefix)
{
	if (memchr(address.p, ':', address.n) == NULL)
		return *prefix <= 32;
	if (*prefix < 96)
		return false;
	*prefix -= 96;
	return true;
}

bool
ms_net_parse(struct ms_slice text, struct ms_net *out)
{
	size_t slash = ms_slice_find(text, 0, '/');
	struct ms_slice address = ms_slice_part(text, 0, slash);
	struct ms_net net = { .prefix = 0 };

	memset(out, 0, sizeof(*out));
	if (!ms_ip_parse(address, &net.ip))
		return false;
	net.prefix = net.ip.v4 ? 32 : 128;
	if (slash < text.n) {
		if (!parse_prefix(ms_slice_part(text, slash + 1, text.n), 128,
			&net.prefix))
			return false;
		if (net.ip.v4 && !prefix_of_v4(address, &net.prefix))
			return false;
	}
	*out = net;
	return true;
}

bool
ms_net_contains(const struct ms_net *net, const struct ms_ip *ip)
{
	size_t bits = net->prefix + (net->ip.v4 ? 96u : 0u);
	unsigned rest = bits % 8;

	if (!ip->set || !net->ip.set || ip->v4 != net->ip.v4 || bits > 128)
		return false;
	if (memcmp(ip->b, net->ip.b, bits / 8) != 0)
		return false;
	return rest == 0 ||
	       (ip->b[bits / 8] ^ net->ip.b[bits / 8]) >> (8 - rest) == 0;
}
