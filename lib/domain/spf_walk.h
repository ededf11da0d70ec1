/* SPDX-License-Identifier: ISC
 * spf_walk.h - a domain's SPF record with all that it leads to
 */
#ifndef MAILSONDE_DOMAIN_SPF_WALK_H
#define MAILSONDE_DOMAIN_SPF_WALK_H

#include "domain_priv.h"
#include "mailsonde/spf.h"

/* A network that may send, and the term that says so. */
struct spf_net {
	struct ms_net net;
	struct ms_slice term, domain; /* the domain of the record */
	bool own;                     /* a term of the domain's own record */
};

struct spf_walk {
	struct ms_domain_case *subject;
	unsigned lookups, voids; /* RFC 7208 4.6.4, in the worst case */
	unsigned pages;          /* records read */
	bool unknown;            /* a question failed */
	bool open;               /* a macro or a limit hides the rest */
	bool broken;             /* a term leads to permerror */
	const char **lines;      /* the tree */
	size_t lines_n;
	struct spf_net *nets;
	size_t nets_n;
	/* "all" of the record, behind every redirect; NULL: none. */
	const struct ms_spf_term *all;
};

/* Reads the tree below `record`, which stands at the domain itself; findings
 * of single terms become outcomes. */
void domain_spf_walk(struct spf_walk *walk, const struct ms_spf_record *record);

/* spf_net.c: findings about the networks; and how many IPv4 addresses. */
uint64_t domain_spf_networks(const struct spf_walk *walk);

#endif
