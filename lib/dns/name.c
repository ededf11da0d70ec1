/* SPDX-License-Identifier: ISC
 * name.c - names of the DNS, its types, and the words for what it answers
 */
#include "mailsonde/buf.h"
#include "mailsonde/dns.h"
#include "mailsonde/scan.h"

/* ---- types ---- */

static const struct {
	uint16_t type;
	const char *name;
} types[] = {
	{ MS_DNS_A, "A" },
	{ MS_DNS_NS, "NS" },
	{ MS_DNS_CNAME, "CNAME" },
	{ MS_DNS_SOA, "SOA" },
	{ MS_DNS_PTR, "PTR" },
	{ MS_DNS_MX, "MX" },
	{ MS_DNS_TXT, "TXT" },
	{ MS_DNS_AAAA, "AAAA" },
	{ MS_DNS_SRV, "SRV" },
	{ MS_DNS_DS, "DS" },
	{ MS_DNS_DNSKEY, "DNSKEY" },
	{ MS_DNS_TLSA, "TLSA" },
	{ MS_DNS_SPF, "SPF" },
	{ MS_DNS_CAA, "CAA" },
	{ 35, "NAPTR" },
	{ 39, "DNAME" },
	{ 46, "RRSIG" },
	{ 47, "NSEC" },
	{ 50, "NSEC3" },
	{ 64, "SVCB" },
	{ 65, "HTTPS" },
	{ MS_DNS_AXFR, "AXFR" },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

void
ms_dns_type_format(uint16_t type, char out[MS_DNS_TYPE_TEXT])
{
	for (size_t i = 0; i < TYPES; i++) {
		if (types[i].type == type) {
			snprintf(out, MS_DNS_TYPE_TEXT, "%s", types[i].name);
			return;
		}
	}
	snprintf(out, MS_DNS_TYPE_TEXT, "TYPE%u", (unsigned)type);
}

/* RFC 3597 section 5: TYPE and the number. */
uint16_t
ms_dns_type_parse(struct ms_slice text)
{
	struct ms_scan s = ms_scan_init(text);
	uint64_t number;

	for (size_t i = 0; i < TYPES; i++)
		if (ms_slice_is(text, types[i].name))
			return types[i].type;
	if (!ms_scan_try_text(&s, "TYPE"))
		return 0;
	number = ms_scan_number(&s, 5, UINT16_MAX);
	return s.bad || !ms_scan_at_end(&s) ? 0 : (uint16_t)number;
}

/* ---- words ---- */

static const char *const statuses[] = {
	[MS_DNS_FOUND] = "found",
	[MS_DNS_NODATA] = "nodata",
	[MS_DNS_NXDOMAIN] = "nxdomain",
	[MS_DNS_REFERRAL] = "referral",
	[MS_DNS_TIMEOUT] = "timeout",
	[MS_DNS_SERVFAIL] = "servfail",
	[MS_DNS_REFUSED] = "refused",
	[MS_DNS_BROKEN] = "broken",
	[MS_DNS_UNREACHABLE] = "unreachable",
	[MS_DNS_NO_ROUTE] = "no-route",
	[MS_DNS_BOGUS] = "bogus",
	[MS_DNS_LOOP] = "loop",
	[MS_DNS_OFFLINE] = "offline",
	[MS_DNS_NOT_RECORDED] = "not-recorded",
	[MS_DNS_INVALID] = "invalid",
};

static const char *const securities[] = {
	[MS_DNS_UNCHECKED] = "unchecked",
	[MS_DNS_INSECURE] = "insecure",
	[MS_DNS_SECURE] = "secure",
	[MS_DNS_SECURE_AD] = "secure-ad",
	[MS_DNS_SECURITY_BOGUS] = "bogus",
};

static bool
find_word(
    const char *const *words, size_t n, struct ms_slice text, unsigned *out)
{
	for (size_t i = 0; i < n; i++) {
		if (ms_slice_equal(text, ms_slice_from(words[i]))) {
			*out = (unsigned)i;
			return true;
		}
	}
	return false;
}

const char *
ms_dns_status_name(enum ms_dns_status status)
{
	return status == MS_DNS_PUT_OFF ? "put-off" : statuses[status];
}

bool
ms_dns_status_parse(struct ms_slice text, enum ms_dns_status *out)
{
	unsigned i;

	if (!find_word(
		statuses, sizeof(statuses) / sizeof(statuses[0]), text, &i))
		return false;
	*out = (enum ms_dns_status)i;
	return true;
}

const char *
ms_dns_security_name(enum ms_dns_security security)
{
	return securities[security];
}

bool
ms_dns_security_parse(struct ms_slice text, enum ms_dns_security *out)
{
	unsigned i;

	if (!find_word(securities, sizeof(securities) / sizeof(securities[0]),
		text, &i))
		return false;
	*out = (enum ms_dns_security)i;
	return true;
}

/* ---- names ---- */

/* One name being put together: labels of 1 to 63 octets, 255 in all (RFC 1035
 * 2.3.4). */
struct writer {
	struct ms_dns_name *out;
	size_t label; /* where the length of the open label stands */
	bool bad;
};

static void
put_octet(struct writer *w, unsigned char octet)
{
	/* The root label needs the last place of 255. */
	if (w->out->n >= 254 || w->out->n - w->label > 63)
		w->bad = true;
	else
		w->out->wire[w->out->n++] = octet;
}

static void
end_label(struct writer *w)
{
	size_t n = w->out->n - w->label - 1;

	if (w->bad || n == 0) {
		w->bad = true;
		return;
	}
	w->out->wire[w->label] = (unsigned char)n;
	w->label = w->out->n;
	w->out->wire[w->out->n++] = 0; /* of the next label, or the root */
}

/* An octet of a master file behind its backslash (RFC 1035 5.1). */
static int
escaped(struct ms_scan *s)
{
	unsigned value = 0;

	if (!ms_is((unsigned char)ms_scan_peek(s), MS_C_DIGIT))
		return ms_scan_byte(s);
	for (unsigned i = 0; i < 3; i++) {
		int c = ms_scan_byte(s);

		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (unsigned)(c - '0');
	}
	return value > 255 ? -1 : (int)value;
}

static bool
from_text(struct ms_slice text, bool master, struct ms_dns_name *out)
{
	struct writer w = { .out = out };
	struct ms_scan s = ms_scan_init(text);

	out->n = 0;
	if (text.n == 0 || (text.n == 1 && text.p[0] == '.')) {
		out->wire[out->n++] = 0;
		return true;
	}
	put_octet(&w, 0);
	while (!ms_scan_at_end(&s) && !w.bad) {
		int c = ms_scan_byte(&s);

		if (c == '.') {
			end_label(&w);
			if (ms_scan_at_end(&s))
				return !w.bad;
			continue;
		}
		if (master && c == '\\')
			c = escaped(&s);
		if (c < 0)
			return false;
		put_octet(&w, (unsigned char)c);
	}
	end_label(&w);
	return !w.bad;
}

bool
ms_dns_name_from_text(struct ms_slice text, struct ms_dns_name *out)
{
	return from_text(text, false, out);
}

bool
ms_dns_name_from_master(struct ms_slice text, struct ms_dns_name *out)
{
	return from_text(text, true, out);
}

bool
ms_dns_name_from_wire(struct ms_slice wire, struct ms_dns_name *out)
{
	size_t at = 0;

	while (at < wire.n && wire.p[at] > 0 && wire.p[at] <= 63)
		at += wire.p[at] + 1u;
	if (at >= wire.n || at > 254 || wire.p[at] != 0)
		return false;
	out->n = (uint8_t)(at + 1);
	memcpy(out->wire, wire.p, at + 1);
	return true;
}

/* What has a meaning in master files is escaped, and what is no visible
 * character of ASCII. */
static size_t
put_escaped(unsigned char *out, unsigned char c)
{
	if (ms_is(c, MS_C_ALNUM) || c == '-' || c == '_') {
		out[0] = c; /* nearly always */
		return 1;
	}
	if (c <= ' ' || c >= 0x7f) {
		out[0] = '\\';
		out[1] = (unsigned char)('0' + c / 100);
		out[2] = (unsigned char)('0' + c / 10 % 10);
		out[3] = (unsigned char)('0' + c % 10);
		return 4;
	}
	out[0] = c;
	if (!memchr(".\\\"();@$", c, 8))
		return 1;
	out[0] = '\\';
	out[1] = c;
	return 2;
}

struct ms_slice
ms_dns_name_format(struct ms_arena *arena, const struct ms_dns_name *name)
{
	unsigned char text[4 * 255];
	size_t n = 0;

	for (size_t at = 0; name->wire[at];) {
		size_t end = at + name->wire[at] + 1u;

		if (at > 0)
			text[n++] = '.';
		for (at++; at < end; at++)
			n += put_escaped(text + n, name->wire[at]);
	}
	if (n == 0)
		text[n++] = '.';
	return ms_slice_make(ms_arena_string(arena, ms_slice_make(text, n)), n);
}

bool
ms_dns_name_equal(const struct ms_dns_name *a, const struct ms_dns_name *b)
{
	/* Lengths of labels are below 'A': folding leaves them alone. */
	return ms_slice_equal_nocase(
	    ms_slice_make(a->wire, a->n), ms_slice_make(b->wire, b->n));
}

void
ms_dns_name_reverse(const struct ms_ip *ip, struct ms_dns_name *out)
{
	static const char hex[] = "0123456789abcdef";
	char text[80];
	size_t n = 0;

	if (ip->v4) {
		n = (size_t)snprintf(text, sizeof(text),
		    "%u.%u.%u.%u.in-addr.arpa", ip->b[15], ip->b[14], ip->b[13],
		    ip->b[12]);
	} else {
		for (size_t i = 16; i-- > 0;) {
			text[n++] = hex[ip->b[i] & 15];
			text[n++] = '.';
			text[n++] = hex[ip->b[i] >> 4];
			text[n++] = '.';
		}
		memcpy(text + n, "ip6.arpa", 8);
		n += 8;
	}
	ms_dns_name_from_text(ms_slice_make(text, n), out);
}
