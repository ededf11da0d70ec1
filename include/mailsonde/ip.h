/* SPDX-License-Identifier: ISC
 * ip.h - IP addresses, networks, and what IANA set aside
 */
#ifndef MAILSONDE_IP_H
#define MAILSONDE_IP_H

#include <stdbool.h>

#include "mailsonde/slice.h"

/* IPv4 is kept IPv4-mapped in the last four bytes of `b`, so that one array
 * serves both; `v4` says which it is. */
struct ms_ip {
	bool set; /* false: no address */
	bool v4;
	unsigned char b[16];
};

struct ms_net {
	struct ms_ip ip;
	unsigned prefix; /* of 32 where ip.v4, else of 128 */
};

/* Text to address: dotted quad (four decimal parts, no leading zeros but "0"
 * itself), RFC 4291 forms. ::ffff:a.b.c.d becomes IPv4. A zone id ("%eth0")
 * is dropped. The whole slice must be the address. False: not one. */
bool ms_ip_parse(struct ms_slice text, struct ms_ip *out);

/* As found in mail: also in brackets, with "IPv6:" or "IPv4:" before it
 * (RFC 5321 4.1.3), with a :port behind a bracketed or IPv4 one. */
bool ms_ip_parse_literal(struct ms_slice text, struct ms_ip *out);

/* RFC 5952 text and a NUL. */
#define MS_IP_TEXT 48
void ms_ip_format(const struct ms_ip *ip, char out[MS_IP_TEXT]);

bool ms_ip_equal(const struct ms_ip *a, const struct ms_ip *b);

/* ADDRESS or ADDRESS/PREFIX; host bits need not be zero. */
bool ms_net_parse(struct ms_slice text, struct ms_net *out);
bool ms_net_contains(const struct ms_net *net, const struct ms_ip *ip);

/* The IANA IPv4 and IPv6 special-purpose address registries (RFC 6890). The
 * words stand in the JSON. NULL for an ordinary, globally reachable unicast
 * address. */
struct ms_special {
	const char *network; /* "10.0.0.0/8" */
	const char *class;   /* "private", "loopback", "cgnat", "link-local",
				"documentation", "unique-local", "multicast",
				"reserved", "unspecified", … */
	const char *name;    /* IANA's name of the block */
	const char *rfc;     /* "RFC 1918" */
};
const struct ms_special *ms_ip_special(const struct ms_ip *ip);

#endif
