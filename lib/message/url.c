/* SPDX-License-Identifier: ISC
 * url.c - URLs taken apart as browsers do, RFC 3986 and WHATWG URL
 *
 * Leaves undone: the serialisation of WHATWG; what is shown is what stood
 * there.
 */
#include <arpa/inet.h>

#include "message/link_priv.h"

#include "mailsonde/buf.h"
#include "mailsonde/scan.h"

/* Schemes known to mail; `authority`: "//" and a host follow, whatever the
 * slashes (WHATWG URL 4.2, special schemes). */
static const struct scheme {
	const char *name;
	bool authority;
} schemes[] = {
	{ "http", true },
	{ "https", true },
	{ "ftp", true },
	{ "ftps", true },
	{ "ws", true },
	{ "wss", true },
	{ "file", true },
	{ "mailto", false },
	{ "data", false },
	{ "cid", false },
	{ "mid", false },
	{ "tel", false },
	{ "sms", false },
	{ "callto", false },
	{ "skype", false },
	{ "whatsapp", false },
	{ "javascript", false },
	{ "vbscript", false },
	{ "about", false },
	{ "blob", false },
	{ "news", false },
	{ "nntp", true },
	{ "irc", true },
	{ "xmpp", false },
	{ "sip", false },
	{ "sips", false },
	{ "webcal", true },
	{ "geo", false },
	{ "magnet", false },
	{ "bitcoin", false },
	{ "intent", false },
	{ "itms", true },
	{ "itms-apps", true },
	{ "market", false },
	{ "ms-appinstaller", false },
	{ "search-ms", false },
	{ "smb", true },
	{ "ldap", true },
	{ "ldaps", true },
	{ "ssh", true },
	{ "telnet", true },
	{ "view-source", false },
	{ "x-apple-data-detectors", false },
};

size_t
url_scheme(struct ms_slice url)
{
	if (url.n == 0 || !ms_is(url.p[0], MS_C_ALPHA))
		return 0;
	for (size_t i = 1; i < url.n && i < 64; i++) {
		unsigned char c = url.p[i];

		if (c == ':')
			return i;
		if (!ms_is(c, MS_C_ALNUM) && c != '+' && c != '-' && c != '.')
			break;
	}
	return 0;
}

static const struct scheme *
known(struct ms_slice name)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (ms_slice_is(name, schemes[i].name))
			return &schemes[i];
	return NULL;
}

static bool
stripped(unsigned char c)
{
	return c == '\t' || c == '\r' || c == '\n';
}

struct ms_slice
url_clean(struct ms_arena *arena, struct ms_slice url)
{
	unsigned char *p;
	size_t n = 0;

	while (url.n > 0 && url.p[0] <= ' ')
		url = ms_slice_part(url, 1, url.n);
	while (url.n > 0 && url.p[url.n - 1] <= ' ')
		url.n--;
	if (url.n == 0 ||
	    (!memchr(url.p, '\t', url.n) && !memchr(url.p, '\r', url.n) &&
		!memchr(url.p, '\n', url.n)))
		return url;
	p = ms_arena_bytes(arena, url.n);
	for (size_t i = 0; i < url.n; i++)
		if (!stripped(url.p[i]))
			p[n++] = url.p[i];
	return ms_slice_make(p, n);
}

static struct ms_slice
percent_decode(struct ms_arena *arena, struct ms_slice s)
{
	unsigned char *p;
	size_t n = 0;

	if (s.n == 0 || !memchr(s.p, '%', s.n))
		return s;
	p = ms_arena_bytes(arena, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && s.n - i > 2 &&
		    ms_hex_value(s.p[i + 1]) >= 0 &&
		    ms_hex_value(s.p[i + 2]) >= 0) {
			p[n++] = (unsigned char)(ms_hex_value(s.p[i + 1]) * 16 +
						 ms_hex_value(s.p[i + 2]));
			i += 2;
		} else {
			p[n++] = s.p[i];
		}
	}
	return ms_slice_make(p, n);
}

/* One number of an address: 0x hex, 0 octal, or decimal. */
static bool
ipv4_number(struct ms_slice s, uint64_t *out)
{
	unsigned base = 10;

	if (s.n >= 2 && s.p[0] == '0') {
		bool x = ms_lower(s.p[1]) == 'x';

		base = x ? 16 : 8;
		s = ms_slice_part(s, x ? 2 : 1, s.n);
	} else if (s.n == 0) {
		return false;
	}
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		int digit = ms_hex_value(s.p[i]);

		if (digit < 0 || (unsigned)digit >= base)
			return false;
		*out = *out * base + (unsigned)digit;
		if (*out > UINT32_MAX)
			return false;
	}
	return true;
}

/* WHATWG URL 3.5, the IPv4 parser. */
static bool
ipv4(struct ms_slice host, struct ms_ip *ip)
{
	uint64_t sum = 0, number[4];
	size_t n = 0;

	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n == 0 || host.n > 64)
		return false;
	for (size_t at = 0; at <= host.n; n++) {
		size_t dot = ms_slice_find(host, at, '.');

		if (n == 4 ||
		    !ipv4_number(ms_slice_part(host, at, dot), &number[n]))
			return false;
		at = dot + 1;
	}
	for (size_t i = 0; i + 1 < n; i++) {
		if (number[i] > 255)
			return false;
		sum |= number[i] << (8 * (3 - i));
	}
	if (number[n - 1] >> (8 * (5 - n)) != 0)
		return false;
	sum |= number[n - 1];
	memset(ip, 0, sizeof(*ip));
	ip->set = ip->v4 = true;
	ip->b[10] = ip->b[11] = 0xFF;
	for (size_t i = 0; i < 4; i++)
		ip->b[12 + i] = (unsigned char)(sum >> (8 * (3 - i)));
	return true;
}

static bool
ipv6(struct ms_slice host, struct ms_ip *ip)
{
	static const unsigned char mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	char text[INET6_ADDRSTRLEN];
	size_t n;

	host = ms_slice_part(host, 1, ms_slice_find(host, 0, ']'));
	n = ms_slice_find(host, 0, '%');
	if (n >= sizeof(text))
		return false;
	memcpy(text, host.p, n);
	text[n] = '\0';
	memset(ip, 0, sizeof(*ip));
	if (inet_pton(AF_INET6, text, ip->b) != 1)
		return false;
	ip->set = true;
	ip->v4 = memcmp(ip->b, mapped, sizeof(mapped)) == 0;
	return true;
}

static void
set_host(struct ms_arena *arena, struct ms_slice host, struct ms_url *out)
{
	if (host.n == 0)
		return;
	out->host = percent_decode(arena, host);
	if (out->host.n > 1 && out->host.p[0] == '[') {
		out->host_ascii = out->host_unicode = out->host;
		ipv6(out->host, &out->ip);
		return;
	}
	out->host_ascii = ms_domain_to_ascii(arena, out->host);
	if (ipv4(out->host_ascii, &out->ip))
		out->host_unicode = out->host_ascii;
	else
		out->host_unicode =
		    ms_domain_to_unicode(arena, out->host_ascii);
}

/* ":8080" behind the host; digits only. */
static struct ms_slice
take_port(struct ms_slice host, struct ms_url *out)
{
	size_t at = host.n;
	int port = 0;

	while (at > 0 && ms_is(host.p[at - 1], MS_C_DIGIT))
		at--;
	if (at == 0 || host.p[at - 1] != ':')
		return host;
	for (size_t i = at; i < host.n; i++)
		if (port <= 65535)
			port = port * 10 + (host.p[i] - '0');
	if (at < host.n && port <= 65535)
		out->port = port;
	return ms_slice_part(host, 0, at - 1);
}

static void
authority(struct ms_arena *arena, struct ms_slice rest, struct ms_url *out)
{
	struct ms_slice host;
	size_t n = 0, at = 0;
	bool user = false;

	while (rest.n > 0 && (rest.p[0] == '/' || rest.p[0] == '\\'))
		rest = ms_slice_part(rest, 1, rest.n);
	for (; n < rest.n; n++) {
		unsigned char c = rest.p[n];

		if (c == '/' || c == '\\' || c == '?' || c == '#')
			break;
		if (c == '@') { /* the last one counts */
			user = true;
			at = n;
		}
	}
	if (user)
		out->userinfo = ms_slice_part(rest, 0, at);
	host = ms_slice_part(rest, user ? at + 1 : 0, n);
	out->path = ms_slice_part(rest, n, rest.n);
	set_host(arena, take_port(host, out), out);
}

/* mailto:a@b?subject=…: the first address's domain is the host. */
static void
mailto(struct ms_arena *arena, struct ms_url *out)
{
	struct ms_slice to =
	    ms_slice_part(out->path, 0, ms_slice_find(out->path, 0, '?'));
	size_t at;

	to = ms_slice_part(to, 0, ms_slice_find(to, 0, ','));
	to = percent_decode(arena, to);
	at = ms_slice_find(to, 0, '@');
	if (at == to.n)
		return;
	to = ms_slice_part(to, at + 1, to.n);
	at = 0;
	while (at < to.n && ms_is(to.p[at], MS_C_HOST | MS_C_HIGH))
		at++;
	set_host(arena, ms_slice_part(to, 0, at), out);
}

bool
ms_url_parse(struct ms_arena *arena, struct ms_slice text, struct ms_url *out)
{
	struct ms_slice url = url_clean(arena, text);
	size_t n = url_scheme(url);
	const struct scheme *scheme;

	memset(out, 0, sizeof(*out));
	out->port = -1;
	out->path = url;
	scheme = n > 0 ? known(ms_slice_part(url, 0, n)) : NULL;
	if (!scheme)
		return false;
	out->scheme = ms_slice_from(scheme->name);
	out->path = ms_slice_part(url, n + 1, url.n);
	if (scheme->authority)
		authority(arena, out->path, out);
	else if (ms_slice_is(out->scheme, "mailto"))
		mailto(arena, out);
	return true;
}

/* ---- references ----------------------------------------------------------
 */

static bool
slash(unsigned char c)
{
	return c == '/' || c == '\\';
}

/* Where "scheme://authority" ends; 0 where there is no authority. */
static size_t
origin_end(struct ms_slice base)
{
	size_t n = url_scheme(base), at = n + 1;
	const struct scheme *scheme = known(ms_slice_part(base, 0, n));

	if (n == 0 || !scheme || !scheme->authority)
		return 0;
	while (at < base.n && slash(base.p[at]))
		at++;
	while (at < base.n && !slash(base.p[at]) && base.p[at] != '?' &&
	       base.p[at] != '#')
		at++;
	return at;
}

/* Back to the slash before the last segment, not into the origin. */
static size_t
up(struct ms_slice base, size_t at, size_t origin)
{
	if (at > origin)
		at--; /* the slash itself */
	while (at > origin && !slash(base.p[at - 1]))
		at--;
	return at;
}

static struct ms_slice
join(struct ms_arena *arena, struct ms_slice a, const char *between,
    struct ms_slice b)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_buf_room(&buf, a.n + b.n + 2);
	ms_buf_slice(&buf, a);
	ms_buf_text(&buf, between);
	ms_buf_slice(&buf, b);
	return ms_buf_get(&buf);
}

struct ms_slice
url_resolve(struct ms_arena *arena, struct ms_slice base, struct ms_slice url)
{
	size_t origin = origin_end(base), at = origin;

	if (origin == 0 || url.n == 0 || url_scheme(url) > 0)
		return url;
	if (url.n >= 2 && slash(url.p[0]) && slash(url.p[1]))
		return join(arena, ms_slice_part(base, 0, url_scheme(base) + 1),
		    "", url);
	if (slash(url.p[0]))
		return join(arena, ms_slice_part(base, 0, origin), "", url);
	while (at < base.n && base.p[at] != '?' && base.p[at] != '#')
		at++;
	if (url.p[0] == '?')
		return join(arena, ms_slice_part(base, 0, at), "", url);
	while (at > origin && !slash(base.p[at - 1]))
		at--;
	/* Leading dot segments, RFC 3986 5.2.4; later ones stay. */
	for (;;) {
		if (ms_slice_starts(url, "./")) {
			url = ms_slice_part(url, 2, url.n);
		} else if (ms_slice_starts(url, "../")) {
			url = ms_slice_part(url, 3, url.n);
			at = up(base, at, origin);
		} else {
			break;
		}
	}
	return join(
	    arena, ms_slice_part(base, 0, at), at == origin ? "/" : "", url);
}
