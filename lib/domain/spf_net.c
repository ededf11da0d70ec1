/* SPDX-License-Identifier: ISC
 * spf_net.c - who may send for a domain: the networks of its SPF records
 */
#include "spf_walk.h"

enum {
	NOTES_MAX = 20, /* findings about single networks */
	LARGE4 = 16,    /* a larger IPv4 network is hardly one's own */
	LARGE6 = 32,    /* what a provider gets as a whole (RFC 6177) */
};

static const char *
net_text(struct ms_arena *arena, const struct ms_net *net)
{
	char text[MS_IP_TEXT];

	ms_ip_format(&net->ip, text);
	return ms_arena_printf(arena, "%s/%u", text, net->prefix);
}

static bool
holds(const struct ms_net *outer, const struct ms_net *inner)
{
	return outer->ip.v4 == inner->ip.v4 && outer->prefix <= inner->prefix &&
	       ms_net_contains(outer, &inner->ip);
}

/* A network that another one has in it; of two equal ones the later. */
static const struct spf_net *
holder(const struct spf_walk *walk, size_t at)
{
	const struct ms_net *net = &walk->nets[at].net;

	for (size_t i = 0; i < walk->nets_n; i++)
		if (i != at && holds(&walk->nets[i].net, net) &&
		    (i < at || walk->nets[i].net.prefix < net->prefix))
			return &walk->nets[i];
	return NULL;
}

static void
judge_large(const struct spf_walk *walk, const struct spf_net *n)
{
	struct ms_domain_case *subject = walk->subject;
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "spf-large-network", MS_DOMAIN_WARN,
		n->net.prefix == 0 ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM,
		"A very large network may send in the domain's name: %s",
		net_text(subject->arena, &n->net));

	o->detail = ms_arena_printf(subject->arena,
	    "\"%.*s\" of %.*s lets every machine in it pass SPF, and with that "
	    "DMARC.",
	    DOMAIN_TEXT(n->term), DOMAIN_TEXT(n->domain));
	o->fix = "List the addresses that do send.";
	o->reference = "RFC 7208 section 11.4";
}

static void
judge_special(const struct spf_walk *walk, const struct spf_net *n,
    const struct ms_special *special)
{
	struct ms_domain_outcome *o = domain_outcome(walk->subject,
	    "spf-reserved-network", MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "\"%.*s\" names addresses that no mail comes from (%s)",
	    DOMAIN_TEXT(n->term), special->name);

	o->detail = "Receivers outside never see such an address.";
	o->fix = "Take the term out.";
	o->reference = special->rfc;
}

static void
judge_overlap(const struct spf_walk *walk, const struct spf_net *n,
    const struct spf_net *outer)
{
	struct ms_domain_case *subject = walk->subject;
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "spf-overlap", MS_DOMAIN_WARN,
		MS_SEVERITY_INFO, "\"%.*s\" is covered by \"%.*s\" already",
		DOMAIN_TEXT(n->term), DOMAIN_TEXT(outer->term));

	o->detail = ms_arena_printf(subject->arena,
	    "%s (of %.*s) lies in %s (of %.*s).",
	    net_text(subject->arena, &n->net), DOMAIN_TEXT(n->domain),
	    net_text(subject->arena, &outer->net), DOMAIN_TEXT(outer->domain));
	o->fix = "One of the two can go, unless another result is meant.";
	o->reference = "RFC 7208 section 10.1.1";
}

static void
judge_net(const struct spf_walk *walk, const struct spf_net *n,
    const struct spf_net *outer)
{
	const struct ms_special *special =
	    ms_env_special(walk->subject->env, &n->net.ip);

	if (n->net.prefix < (n->net.ip.v4 ? LARGE4 : LARGE6))
		judge_large(walk, n);
	else if (special && n->own)
		judge_special(walk, n, special);
	else if (outer && n->own && !ms_slice_equal(outer->term, n->term))
		judge_overlap(walk, n, outer);
}

uint64_t
domain_spf_networks(const struct spf_walk *walk)
{
	size_t before = walk->subject->outcomes_n;
	uint64_t total = 0;

	for (size_t i = 0; i < walk->nets_n; i++) {
		const struct spf_net *n = &walk->nets[i];
		const struct spf_net *outer = holder(walk, i);

		if (walk->subject->outcomes_n - before < NOTES_MAX)
			judge_net(walk, n, outer);
		if (!outer && n->net.ip.v4)
			total += (uint64_t)1 << (32 - n->net.prefix);
	}
	return total;
}
