/* SPDX-License-Identifier: ISC
 * dns_live.h - answers from the network
 *
 * One thread asks for everybody: many questions at once, identical ones once,
 * answers remembered for as long as they hold. It starts with the first
 * question; a source that is never asked opens no socket.
 */
#ifndef MAILSONDE_DNS_LIVE_H
#define MAILSONDE_DNS_LIVE_H

#include "mailsonde/dns.h"
#include "mailsonde/limits.h"

/* Zero means the default, everywhere. */
struct ms_dns_live_options {
	/* ADDRESS or ADDRESS@PORT, in the order in which they are asked, at
	 * the most 8; n == 0: those of `resolv_conf`. Resolvers given by name
	 * are trusted to validate (MS_DNS_SECURE_AD) where libunbound is
	 * missing; the system's only on loopback. */
	const char *const *resolvers;
	size_t n;
	const char *resolv_conf; /* "/etc/resolv.conf" */
	double timeout;          /* seconds a question, retries included: 5 */
	unsigned in_flight;      /* in place of limits->dns_in_flight */
	size_t cache_size;       /* bytes of answers remembered: 16 MiB */
	/* Trust anchor of MS_DNS_VALIDATED, in the form of unbound-anchor:
	 * "/usr/share/dns/root.key". */
	const char *trust_anchor;
	bool no_validator;              /* as if libunbound were missing */
	const struct ms_limits *limits; /* NULL: default */
};

/* A source that asks resolvers. MS_USAGE: a resolver that is no address;
 * MS_IO: `resolv_conf` is there and cannot be read. The texts in `options`
 * are copied. Closed by its close, when nobody is asking any more. */
enum ms_status ms_dns_live_open(const struct ms_dns_live_options *options,
    struct ms_dns_source **out, struct ms_diag *diag) MS_MUST_CHECK;

#endif
