/* SPDX-License-Identifier: ISC
 * redirect.c - connections that go elsewhere, as curl's --connect-to has it
 */
#include "mailsonde/redirect.h"

#include "mailsonde/scan.h"

/* A name, or an address in brackets; maybe empty. */
static struct ms_slice
take_host(struct ms_scan *s)
{
	struct ms_slice out;

	if (ms_scan_literal(s, &out))
		return out;
	return ms_scan_while(s, MS_C_HOST, 255);
}

static uint16_t
take_port(struct ms_scan *s)
{
	if (!ms_is((unsigned char)ms_scan_peek(s), MS_C_DIGIT))
		return 0;
	return (uint16_t)ms_scan_number(s, 5, 65535);
}

bool
ms_redirect_parse(struct ms_slice text, struct ms_redirect *out)
{
	struct ms_scan s = ms_scan_init(text);
	struct ms_slice address;
	bool whole;

	memset(out, 0, sizeof(*out));
	out->host = take_host(&s);
	whole = ms_scan_try_byte(&s, ':');
	out->port = take_port(&s);
	whole = ms_scan_try_byte(&s, ':') && whole;
	address = take_host(&s);
	whole = ms_scan_try_byte(&s, ':') && whole;
	out->to_port = take_port(&s);
	return whole && !s.bad && s.p == s.end &&
	       (address.n == 0 || ms_ip_parse(address, &out->ip));
}

static struct ms_slice
without_dot(struct ms_slice host)
{
	return host.n > 0 && host.p[host.n - 1] == '.'
		   ? ms_slice_part(host, 0, host.n - 1)
		   : host;
}

bool
ms_redirect_find(const struct ms_redirect *list, size_t n, struct ms_slice host,
    uint16_t from, struct ms_ip *ip, uint16_t *port)
{
	for (size_t i = 0; i < n; i++) {
		const struct ms_redirect *r = &list[i];

		if ((r->port && r->port != from) ||
		    (r->host.n > 0 &&
			!ms_slice_equal_nocase(
			    without_dot(r->host), without_dot(host))))
			continue;
		if (r->ip.set)
			*ip = r->ip;
		if (r->to_port)
			*port = r->to_port;
		return true;
	}
	return false;
}
