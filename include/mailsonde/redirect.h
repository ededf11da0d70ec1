/* SPDX-License-Identifier: ISC
 * redirect.h - connections that go elsewhere, as curl's --connect-to has it
 *
 * Who asks for a host and a port is brought to another address; the names in
 * TLS and HTTP stay what they were. So a server is looked at before the DNS
 * leads to it, or in a laboratory.
 */
#ifndef MAILSONDE_REDIRECT_H
#define MAILSONDE_REDIRECT_H

#include <stdint.h>

#include "mailsonde/ip.h"

struct ms_redirect {
	struct ms_slice host; /* n == 0: any */
	uint16_t port;        /* 0: any */
	struct ms_ip ip;      /* not set: where it would have gone */
	uint16_t to_port;     /* 0: the same */
};

/* HOST:PORT:ADDR:PORT, each of which may be empty; an IPv6 address stands in
 * brackets. `host` is a slice of `text`. False: it is none, or ADDR is no
 * address. */
bool ms_redirect_parse(struct ms_slice text, struct ms_redirect *out);

/* Changes *ip and *port (whichever the row gives) by the first row that is of
 * this host, without regard to case and to a final dot, and port. False: none
 * is. An *ip that is still not set is to be looked up. */
bool ms_redirect_find(const struct ms_redirect *list, size_t n,
    struct ms_slice host, uint16_t from, struct ms_ip *ip, uint16_t *port);

#endif
