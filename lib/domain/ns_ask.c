/* SPDX-License-Identifier: ISC
 * ns_ask.c - each name server of a domain asked by itself
 *
 * All of them at once: a dead one costs its time-out, and no more.
 */
#include "ns_priv.h"

enum {
	PARENT_SERVERS = 3, /* of the zone above, one after another */
	OWN_SERVERS = 3,    /* of the domain, likewise */
	LABELS_MAX = 127,
};

/* ---- the zone above ---- */

static struct ms_slice
name_above(struct ms_slice name)
{
	size_t dot = ms_slice_find(name, 0, '.');

	return ms_slice_part(name, dot < name.n ? dot + 1 : dot, name.n);
}

/* The zone that has the delegation: the nearest name above with NS records.
 * False: it could not be told. */
static bool
find_parent(struct ms_domain_case *subject, struct ms_slice *name,
    struct ms_dns_answer *servers)
{
	*name = subject->name;
	for (int i = 0; i < LABELS_MAX && name->n > 0; i++) {
		*name = name_above(*name);
		ms_dns_ask(subject->env->dns, *name, MS_DNS_NS, subject->arena,
		    servers);
		if (!ms_dns_is_absent(servers->status))
			return servers->status == MS_DNS_FOUND;
	}
	return false;
}

/* The first address of a name that may be asked. False: there is none, or it
 * could not be told; *put_off: not yet. */
static bool
address_of(struct ms_domain_case *subject, struct ms_slice name,
    struct ms_ip *out, bool *put_off)
{
	static const enum ms_dns_type types[] = { MS_DNS_A, MS_DNS_AAAA };
	struct ms_dns_answer answer;

	for (size_t k = 0; k < 2; k++) {
		ms_dns_ask(
		    subject->env->dns, name, types[k], subject->arena, &answer);
		*put_off = answer.status == MS_DNS_PUT_OFF;
		if (*put_off)
			return false;
		for (size_t i = 0; i < answer.n; i++) {
			*out = answer.records[i].u.ip;
			if (!ms_env_special(subject->env, out))
				return true;
		}
	}
	return false;
}

static bool
says_something(const struct ms_dns_answer *answer)
{
	return answer->status == MS_DNS_REFERRAL ||
	       answer->status == MS_DNS_FOUND ||
	       (ms_dns_is_absent(answer->status) && answer->authoritative);
}

static void
ask_parent(struct ms_domain_case *subject, struct ns_servers *s)
{
	struct ms_dns_answer servers;
	bool put_off = false;
	struct ms_ip ip;

	ms_dns_fail(&s->parent, MS_DNS_OFFLINE, NULL);
	if (!find_parent(subject, &s->parent_name, &servers))
		return;
	if (servers.n > PARENT_SERVERS)
		servers.n = PARENT_SERVERS;
	for (size_t i = 0; i < servers.n && !subject->env->careful; i++)
		ms_dns_hint(
		    subject->env->dns, servers.records[i].u.target, MS_DNS_A);
	/* The next only when it is known that one says nothing. */
	for (size_t i = 0; i < servers.n && !put_off; i++) {
		if (!address_of(
			subject, servers.records[i].u.target, &ip, &put_off))
			continue;
		ms_dns_ask_server(subject->env->dns, subject->name, MS_DNS_NS,
		    &ip, subject->arena, &s->parent);
		put_off = s->parent.status == MS_DNS_PUT_OFF;
		if (says_something(&s->parent))
			return;
	}
}

/* ---- the servers ---- */

static struct ns_server *
find_server(struct ns_servers *s, struct ms_slice name)
{
	for (size_t i = 0; i < s->n; i++)
		if (ms_slice_equal_nocase(s->list[i].name, name))
			return &s->list[i];
	return NULL;
}

static struct ns_server *
add_server(
    struct ms_domain_case *subject, struct ns_servers *s, struct ms_slice name)
{
	struct ns_server *server = find_server(s, name);

	if (server)
		return server;
	if (s->n == subject->env->limits.domain_ns) {
		s->cut_short = true;
		return NULL;
	}
	server = &s->list[s->n++];
	server->name = name;
	return server;
}

/* A delegation, and of this domain. */
static bool
is_delegation(const struct ms_domain_case *subject, const struct ns_servers *s)
{
	return (s->parent.status == MS_DNS_REFERRAL ||
		   s->parent.status == MS_DNS_FOUND) &&
	       ms_slice_equal_nocase(s->parent.records[0].name, subject->name);
}

static void
list_servers(struct ms_domain_case *subject, struct ns_servers *s)
{
	struct ns_server *server;

	s->list = MS_NEW_ARRAY(
	    subject->arena, struct ns_server, subject->env->limits.domain_ns);
	for (size_t i = 0; i < s->answer.n; i++) {
		server = add_server(subject, s, s->answer.records[i].u.target);
		if (server)
			server->in_zone = true;
	}
	if (!is_delegation(subject, s)) {
		s->parent.n = 0;
		return;
	}
	for (size_t i = 0; i < s->parent.n; i++) {
		server = add_server(subject, s, s->parent.records[i].u.target);
		if (server)
			server->at_parent = true;
	}
}

static void
resolve(struct ms_domain_case *subject, struct ns_servers *s)
{
	struct ms_dns_source *dns = subject->env->dns;

	for (size_t i = 0; i < s->n; i++)
		domain_hint_addresses(subject, s->list[i].name);
	for (size_t i = 0; i < s->n; i++) {
		ms_dns_ask(dns, s->list[i].name, MS_DNS_A, subject->arena,
		    &s->list[i].a);
		ms_dns_ask(dns, s->list[i].name, MS_DNS_AAAA, subject->arena,
		    &s->list[i].aaaa);
	}
}

/* ---- their addresses ---- */

static void
add_address(struct ns_server *server, const struct ms_ip *ip)
{
	for (size_t i = 0; i < server->n; i++)
		if (ms_ip_equal(&server->addresses[i].ip, ip))
			return;
	server->addresses[server->n].name = server->name;
	server->addresses[server->n++].ip = *ip;
}

/* Of the glue only where the name itself cannot be looked up, as happens when
 * no server has the zone. */
static void
list_addresses(struct ms_domain_case *subject, const struct ns_servers *s,
    struct ns_server *server)
{
	bool lost = ms_dns_is_failure(server->a.status) &&
		    ms_dns_is_failure(server->aaaa.status);
	size_t most = server->a.n + server->aaaa.n + s->parent.glue_n;

	server->addresses =
	    MS_NEW_ARRAY(subject->arena, struct ns_address, most + 1);
	for (size_t i = 0; i < server->a.n; i++)
		add_address(server, &server->a.records[i].u.ip);
	for (size_t i = 0; i < server->aaaa.n; i++)
		add_address(server, &server->aaaa.records[i].u.ip);
	for (size_t i = 0; lost && i < s->parent.glue_n; i++)
		if (ms_slice_equal_nocase(s->parent.glue[i].name, server->name))
			add_address(server, &s->parent.glue[i].u.ip);
}

static void
list_all(struct ms_domain_case *subject, struct ns_servers *s)
{
	size_t most = subject->env->limits.ns_addresses;

	s->all = MS_NEW_ARRAY(subject->arena, struct ns_address *, most);
	for (size_t i = 0; i < s->n; i++) {
		struct ns_server *server = &s->list[i];

		list_addresses(subject, s, server);
		for (size_t k = 0; k < server->n; k++) {
			if (s->all_n < most)
				s->all[s->all_n++] = &server->addresses[k];
			else
				s->cut_short = true;
		}
	}
}

/* ---- asking ---- */

static const struct {
	enum ms_dns_status status;
	enum ns_unasked why;
} not_asked[] = {
	{ MS_DNS_NO_ROUTE, NS_NO_ROUTE },
	{ MS_DNS_OFFLINE, NS_OFFLINE },
};

static bool
is_silent(const struct ms_dns_answer *answer)
{
	return answer->status == MS_DNS_TIMEOUT ||
	       answer->status == MS_DNS_UNREACHABLE;
}

/* RFC 1034 4.2.1: who has the zone answers with AA. SERVFAIL, REFUSED and
 * NOTAUTH are its own word that it has not. */
static void
judge_answer(struct ns_address *address)
{
	const struct ms_dns_answer *soa = &address->soa;

	address->state = NS_UNASKED;
	for (size_t i = 0; i < sizeof(not_asked) / sizeof(not_asked[0]); i++)
		if (soa->status == not_asked[i].status) {
			address->why = not_asked[i].why;
			return;
		}
	address->why = NS_PLANNED;
	if (ms_dns_is_planned(soa))
		return;
	if (soa->status == MS_DNS_FOUND && soa->authoritative)
		address->state = NS_ANSWERS;
	else if (is_silent(soa))
		address->state = NS_SILENT;
	else if (!ms_dns_is_failure(soa->status) ||
		 soa->status == MS_DNS_SERVFAIL ||
		 soa->status == MS_DNS_REFUSED || soa->rcode == 9)
		address->state = NS_LAME;
	else
		address->state = NS_ODD;
}

static void
ask_address(struct ms_domain_case *subject, struct ns_servers *s,
    struct ns_address *address)
{
	struct ms_dns_source *dns = subject->env->dns;

	if (ms_env_special(subject->env, &address->ip)) {
		address->state = NS_UNASKED;
		address->why = NS_SPECIAL;
	} else {
		ms_dns_ask_server(dns, subject->name, MS_DNS_SOA, &address->ip,
		    subject->arena, &address->soa);
		judge_answer(address);
		if (address->state == NS_ANSWERS)
			ms_dns_ask_server(dns, subject->name, MS_DNS_NS,
			    &address->ip, subject->arena, &address->ns);
	}
	s->states[address->state]++;
	if (address->state == NS_UNASKED)
		s->unasked[address->why]++;
	s->v6_silent += address->state == NS_SILENT && !address->ip.v4;
	s->v6_answers |= !address->ip.v4 && (address->state == NS_ANSWERS ||
						address->state == NS_LAME);
}

/* A zone transfer only of those that have the zone. */
static void
hint(struct ms_domain_case *subject, const struct ns_servers *s,
    enum ms_dns_type type)
{
	for (size_t i = 0; i < s->all_n; i++)
		if (!subject->env->careful &&
		    !ms_env_special(subject->env, &s->all[i]->ip) &&
		    (type != MS_DNS_AXFR || s->all[i]->state == NS_ANSWERS))
			ms_dns_hint_server(subject->env->dns, subject->name,
			    type, &s->all[i]->ip);
}

static void
ask_transfers(struct ms_domain_case *subject, struct ns_servers *s)
{
	hint(subject, s, MS_DNS_AXFR);
	for (size_t i = 0; i < s->all_n; i++) {
		struct ns_address *address = s->all[i];

		if (address->state != NS_ANSWERS)
			continue;
		ms_dns_ask_server(subject->env->dns, subject->name, MS_DNS_AXFR,
		    &address->ip, subject->arena, &address->transfer);
		address->transfer_asked = true;
	}
}

void
ns_ask(struct ms_domain_case *subject, struct ns_servers *s)
{
	ask_parent(subject, s);
	list_servers(subject, s);
	resolve(subject, s);
	list_all(subject, s);
	hint(subject, s, MS_DNS_SOA);
	hint(subject, s, MS_DNS_NS);
	for (size_t i = 0; i < s->all_n; i++)
		ask_address(subject, s, s->all[i]);
	s->nobody = s->all_n > 0 && is_silent(&s->parent) &&
		    s->states[NS_SILENT] + s->states[NS_UNASKED] == s->all_n;
	if (subject->options->active)
		ask_transfers(subject, s);
}

/* The address that the zone above gives, or what the name has. */
static bool
glue_of(struct ms_domain_case *subject, const struct ns_servers *s,
    struct ms_slice name, struct ms_ip *out, bool *put_off)
{
	for (size_t i = 0; i < s->parent.glue_n; i++) {
		*out = s->parent.glue[i].u.ip;
		if (ms_slice_equal_nocase(s->parent.glue[i].name, name) &&
		    out->v4 && !ms_env_special(subject->env, out))
			return true;
	}
	return address_of(subject, name, out, put_off);
}

bool
domain_ask_servers(struct ms_domain_case *subject, enum ms_dns_type type,
    struct ms_dns_answer *out)
{
	struct ns_servers s;
	bool put_off = false;
	struct ms_ip ip;

	memset(&s, 0, sizeof(s));
	ask_parent(subject, &s);
	if (!is_delegation(subject, &s))
		return false;
	for (size_t i = 0; i < s.parent.n && i < OWN_SERVERS && !put_off; i++) {
		if (!glue_of(subject, &s, s.parent.records[i].u.target, &ip,
			&put_off))
			continue;
		ms_dns_ask_server(subject->env->dns, subject->name, type, &ip,
		    subject->arena, out);
		put_off = out->status == MS_DNS_PUT_OFF;
		if (says_something(out) && out->authoritative)
			return true;
	}
	return false;
}
