/* SPDX-License-Identifier: ISC
 * env.h - the outside world, as the evaluations see it
 */
#ifndef MAILSONDE_ENV_H
#define MAILSONDE_ENV_H

#include "mailsonde/clock.h"
#include "mailsonde/dns.h"
#include "mailsonde/fetch.h"
#include "mailsonde/geo.h"
#include "mailsonde/limits.h"
#include "mailsonde/psl.h"
#include "mailsonde/redirect.h"
#include "mailsonde/wire.h"

struct ms_spf_memory;

/* Shared by all subjects of a run; only read once the run has begun. */
struct ms_env {
	struct ms_geo_source *geo;     /* never NULL */
	struct ms_dns_source *dns;     /* never NULL */
	struct ms_psl *psl;            /* never NULL */
	struct ms_wire_source *wire;   /* NULL: nobody is spoken to */
	struct ms_fetch_source *fetch; /* never NULL */
	struct ms_clock clock;
	struct ms_limits limits;    /* filled */
	const struct ms_net *trust; /* own relays, --trust */
	size_t trust_n;
	const struct ms_net *allow; /* judged as if public, --allow-net */
	size_t allow_n;
	bool at_received; /* --at received: the boundary hop's date */
	bool at_given;    /* --at TIME */
	double timeout;   /* seconds for one subject, --timeout; 0: none */
	bool careful;     /* ask nothing before it is needed */
	struct ms_spf_memory *spf;           /* see spf.h; NULL: none */
	const struct ms_redirect *redirects; /* --connect-to */
	size_t redirects_n;
	unsigned char seed[16]; /* random, where a command asks for it */
	const char *ca_file;    /* trust anchors in PEM instead of the system's;
				   NULL */
};

/* The special-purpose block that an address lies in; NULL: it is judged as
 * public, for it is, or --allow-net says so. */
static inline const struct ms_special *
ms_env_special(const struct ms_env *env, const struct ms_ip *ip)
{
	for (size_t i = 0; i < env->allow_n; i++)
		if (ms_net_contains(&env->allow[i], ip))
			return NULL;
	return ms_ip_special(ip);
}

/* Where to connect instead: see ms_redirect_find. */
static inline bool
ms_env_redirect(const struct ms_env *env, struct ms_slice host, uint16_t from,
    struct ms_ip *ip, uint16_t *port)
{
	return ms_redirect_find(
	    env->redirects, env->redirects_n, host, from, ip, port);
}

#endif
