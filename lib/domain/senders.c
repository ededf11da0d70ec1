/* SPDX-License-Identifier: ISC
 * senders.c - the addresses that a domain's SPF record lets send
 *
 * As many as are wanted, those of the smallest networks first: the larger one
 * is, the less it is the domain's own.
 */
#include <stdlib.h>

#include "mailsonde/domain_senders.h"
#include "spf_walk.h"

extern const struct ms_domain_check domain_check_spf;

/* ---- networks ---- */

static unsigned
host_bits(const struct ms_net *net)
{
	return (net->ip.v4 ? 32 : 128) - net->prefix;
}

/* The smallest first, then by address, so that the order is always one. */
static int
by_size(const void *a, const void *b)
{
	const struct ms_net *x = a, *y = b;

	if (host_bits(x) != host_bits(y))
		return host_bits(x) < host_bits(y) ? -1 : 1;
	return memcmp(x->ip.b, y->ip.b, sizeof(x->ip.b));
}

/* The address with its host bits 0. */
static void
mask(struct ms_net *net)
{
	unsigned bits = host_bits(net);

	for (unsigned i = 0; i < bits; i++)
		net->ip.b[15 - i / 8] &= (unsigned char)~(1u << i % 8);
}

static bool
lies_in(const struct ms_net *inner, const struct ms_net *outer)
{
	return inner->ip.v4 == outer->ip.v4 && inner->prefix >= outer->prefix &&
	       ms_net_contains(outer, &inner->ip);
}

/* Without those that lie in another: the larger ones stand behind. */
static void
take_nets(const struct spf_walk *walk, struct ms_domain_senders *out)
{
	struct ms_arena *arena = walk->subject->arena;
	struct ms_net *nets = MS_NEW_ARRAY(arena, struct ms_net, walk->nets_n);
	size_t n = 0;

	for (size_t i = 0; i < walk->nets_n; i++) {
		nets[i] = walk->nets[i].net;
		mask(&nets[i]);
	}
	if (walk->nets_n > 0)
		qsort(nets, walk->nets_n, sizeof(*nets), by_size);
	for (size_t i = 0; i < walk->nets_n; i++) {
		bool covered = false;

		for (size_t k = i + 1; k < walk->nets_n && !covered; k++)
			covered = lies_in(&nets[i], &nets[k]);
		if (!covered)
			nets[n++] = nets[i];
	}
	out->nets = nets;
	out->nets_n = n;
}

/* ---- addresses ---- */

static struct ms_ip
nth(const struct ms_net *net, unsigned n)
{
	struct ms_ip ip = net->ip;

	for (size_t i = 16; i-- > 0 && n > 0; n >>= 8)
		ip.b[i] |= (unsigned char)(n & 255);
	return ip;
}

/* Whole networks, as long as there is room for one. */
static void
take_addresses(
    struct ms_arena *arena, size_t most, struct ms_domain_senders *out)
{
	out->addresses = MS_NEW_ARRAY(arena, struct ms_ip, most);
	for (; out->nets_whole < out->nets_n; out->nets_whole++) {
		const struct ms_net *net = &out->nets[out->nets_whole];
		unsigned bits = host_bits(net);

		if (bits > 16 || ((size_t)1 << bits) > most - out->n)
			return;
		for (unsigned i = 0; i < 1u << bits; i++)
			out->addresses[out->n++] = nth(net, i);
	}
}

/* ---- the record ---- */

static void
read_record(struct ms_domain_case *subject, struct ms_slice text,
    struct ms_domain_senders *out)
{
	struct spf_walk walk = { .subject = subject };
	struct ms_spf_record *record =
	    MS_NEW(subject->arena, struct ms_spf_record);

	ms_spf_record_parse(subject->arena, text, record);
	domain_spf_walk(&walk, record);
	out->everybody = walk.all && walk.all->qualifier == MS_AUTH_PASS;
	out->open = walk.open || walk.broken || !record->valid;
	take_nets(&walk, out);
	take_addresses(subject->arena, subject->env->limits.spf_addresses, out);
}

/* The first question that failed. */
static const char *
failure(const struct ms_domain_case *subject)
{
	const struct ms_domain_outcome *o = subject->outcomes;

	while (o && o->status != MS_DOMAIN_ERROR)
		o = o->next;
	return o ? o->title : NULL;
}

void
ms_domain_senders(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice name, struct ms_domain_senders *out)
{
	static const struct ms_domain_options none = { .only_n = 0 };
	struct ms_domain_case subject = { .env = env,
		.arena = arena,
		.options = &none,
		.name = name,
		.running = &domain_check_spf };
	struct ms_slice text = { NULL, 0 };
	struct ms_dns_answer answer;

	memset(out, 0, sizeof(*out));
	ms_dns_ask(env->dns, name, MS_DNS_TXT, arena, &answer);
	if (ms_dns_is_failure(answer.status))
		domain_unknown(&subject, name, MS_DNS_TXT, &answer);
	out->records = domain_count_texts(&answer, ms_spf_is_record, &text);
	if (out->records == 1)
		read_record(&subject, text, out);
	out->failure = failure(&subject);
}
