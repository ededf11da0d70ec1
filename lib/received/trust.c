/* SPDX-License-Identifier: ISC
 * trust.c - where our side ends
 *
 * Newest hop first, as SpamAssassin does it. With --trust, a relay is ours
 * while its connecting address is in one of those networks (or is loopback);
 * without, while the address is of a private or other special range, or the
 * hop was an authenticated submission. The first other relay is the boundary:
 * its line was written by us, so its address is true; all older lines are
 * claims, and trust never comes back. Lines that carry no relay (local
 * delivery, fetchmail, `by` only) and lines that nobody understands do not move
 * the boundary.
 */
#include "trace_priv.h"

const char *
ms_trust_name(enum ms_trust trust)
{
	static const char *const names[] = {
		[MS_TRUST_OURS] = "ours",
		[MS_TRUST_BOUNDARY] = "boundary",
		[MS_TRUST_CLAIMED] = "claimed",
	};

	return names[trust];
}

static bool
in_nets(const struct ms_net *nets, size_t n, const struct ms_ip *ip)
{
	for (size_t i = 0; i < n; i++)
		if (ms_net_contains(&nets[i], ip))
			return true;
	return false;
}

static bool
is_loopback(const struct ms_ip *ip)
{
	const struct ms_special *special = ms_ip_special(ip);

	return special && strcmp(special->class, "loopback") == 0;
}

/* Ranges that are never another organisation's: documentation and the like are
 * not among them. */
static bool
is_internal(const struct ms_env *env, const struct ms_ip *ip)
{
	static const char *const classes[] = { "private", "loopback",
		"link-local", "unique-local", "cgnat" };
	const struct ms_special *special = ms_env_special(env, ip);

	if (!special)
		return false;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strcmp(special->class, classes[i]) == 0)
			return true;
	return false;
}

/* The connecting host of this hop is one of ours. */
static bool
is_ours(const struct ms_env *env, const struct ms_received *r)
{
	if (env->trust_n > 0)
		return in_nets(env->trust, env->trust_n, &r->ip) ||
		       is_loopback(&r->ip);
	return is_internal(env, &r->ip) || r->authenticated;
}

static bool
says_nothing(const struct ms_hop *hop)
{
	return !hop->received.parsed || !hop->received.relay ||
	       !hop->received.ip.set;
}

static void
set_origin(struct ms_trace *trace, int hop, const char *why)
{
	trace->origin_why = why;
	if (hop < 0)
		return;
	trace->origin = trace->hops[hop].received.ip;
	trace->origin_hop = hop;
}

/* No stranger handed it in: the oldest of our hops that has an address is
 * where it began. */
static void
all_ours(struct ms_trace *trace)
{
	int oldest = -1;

	for (size_t i = trace->n; i > 0; i--)
		if (!says_nothing(&trace->hops[i - 1]) &&
		    !trace->hops[i - 1].synthetic)
			oldest = (int)i - 1;
	if (oldest < 0)
		set_origin(trace, -1,
		    trace->received == 0
			? "the message has no Received field"
			: "no Received field names a connecting address");
	else if (trace->hops[oldest].received.authenticated)
		set_origin(trace, oldest,
		    "handed in by an authenticated client; every hop is ours");
	else
		set_origin(trace, oldest,
		    "no hop comes from outside; this is the oldest of ours");
}

static void
find_claimed_client(struct ms_trace *trace)
{
	trace->claimed_hop = -1;
	for (size_t i = 0; i < trace->n; i++) {
		const struct ms_hop *hop = &trace->hops[i];

		if (hop->trust != MS_TRUST_CLAIMED || !hop->received.ip.set)
			continue;
		trace->claimed_client = hop->received.ip;
		trace->claimed_hop = (int)i;
		return;
	}
}

void
trust_mark(const struct ms_env *env, struct ms_trace *trace)
{
	bool inside = true;

	trace->trust_given = env->trust_n > 0;
	trace->boundary = -1;
	trace->origin_hop = -1;
	for (size_t i = trace->n; i > 0; i--) {
		struct ms_hop *hop = &trace->hops[i - 1];

		if (!inside || hop->synthetic) {
			hop->trust = MS_TRUST_CLAIMED;
		} else if (says_nothing(hop) || is_ours(env, &hop->received)) {
			hop->trust = MS_TRUST_OURS;
		} else {
			hop->trust = MS_TRUST_BOUNDARY;
			trace->boundary = (int)i - 1;
			inside = false;
		}
	}
	if (trace->boundary >= 0)
		set_origin(trace, trace->boundary,
		    trace->trust_given
			? "the address that handed it to the relays given with "
			  "--trust"
			: "the address that handed it to our side (boundary "
			  "inferred; see --trust)");
	else
		all_ours(trace);
	find_claimed_client(trace);
}
