/* SPDX-License-Identifier: ISC
 * ns_judge.c - what each name server says by itself, and the zone above
 */
#include "mailsonde/buf.h"
#include "mailsonde/organisation.h"
#include "ns_priv.h"

/* Evidence: an answer's records, each with who gave it. */
static void
said(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    const struct ns_address *address, const struct ms_dns_answer *answer)
{
	char ip[MS_IP_TEXT], type[MS_DNS_TYPE_TEXT];

	ms_ip_format(&address->ip, ip);
	for (size_t i = 0; i < answer->n; i++) {
		const struct ms_dns_record *r = &answer->records[i];
		struct ms_slice rdata = ms_dns_rdata_text(subject->arena, r);

		ms_dns_type_format(r->type, type);
		domain_record_line(subject, o, "%.*s. %s %.*s ; from %.*s (%s)",
		    DOMAIN_TEXT(r->name), type, DOMAIN_TEXT(rdata),
		    DOMAIN_TEXT(address->name), ip);
	}
}

/* ---- who has the zone ---- */

static const char *
lame_why(const struct ms_dns_answer *soa)
{
	switch (soa->status) {
	case MS_DNS_REFUSED:
		return "it refuses to answer (REFUSED)";
	case MS_DNS_SERVFAIL:
		return "it fails (SERVFAIL)";
	case MS_DNS_REFERRAL:
		return "it refers to others";
	case MS_DNS_FOUND:
		return "it answers without authority (no AA)";
	case MS_DNS_NODATA:
	case MS_DNS_NXDOMAIN:
		return "it says that there is no such zone";
	default:
		return "it says that it has not (NOTAUTH)";
	}
}

static void
judge_lame(struct ms_domain_case *subject, const struct ns_servers *s)
{
	bool alone = s->states[NS_ANSWERS] == 0;
	char ip[MS_IP_TEXT];

	for (size_t i = 0; i < s->all_n; i++) {
		const struct ns_address *address = s->all[i];
		struct ms_domain_outcome *o;

		if (address->state != NS_LAME)
			continue;
		ms_ip_format(&address->ip, ip);
		o = domain_outcome(subject, "ns-lame", MS_DOMAIN_FAIL,
		    alone ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM,
		    "The name server %.*s does not have the zone at %s: %s",
		    DOMAIN_TEXT(address->name), ip, lame_why(&address->soa));
		o->detail = "It is asked in vain, and each time somebody waits "
			    "the longer.";
		o->fix = "Set the zone up there, or take the server out, in "
			 "the zone and at the registry.";
		o->reference = "RFC 1912 section 2.8";
		domain_record_line(subject, o, "%.*s. NS %.*s.",
		    DOMAIN_TEXT(subject->name), DOMAIN_TEXT(address->name));
		said(subject, o, address, &address->soa);
	}
}

/* A time-out is no lameness: it is said for what it is, and where nobody at
 * all answered it could not be told. */
static bool
judge_silent(struct ms_domain_case *subject, const struct ns_servers *s)
{
	bool others = s->states[NS_ANSWERS] + s->states[NS_LAME] > 0;
	char ip[MS_IP_TEXT];

	for (size_t i = 0; i < s->all_n; i++) {
		const struct ns_address *address = s->all[i];
		struct ms_domain_outcome *o;

		if (address->state != NS_SILENT ||
		    (others && !address->ip.v4 && !s->v6_answers))
			continue;
		if (!others) {
			domain_unknown(
			    subject, subject->name, MS_DNS_SOA, &address->soa);
			continue;
		}
		ms_ip_format(&address->ip, ip);
		o = domain_outcome(subject, "ns-silent", MS_DOMAIN_WARN,
		    MS_SEVERITY_LOW,
		    "The name server %.*s did not answer at %s, while others "
		    "did",
		    DOMAIN_TEXT(address->name), ip);
		o->detail = ms_arena_printf(subject->arena,
		    "It may be the way there: it was asked several times, and "
		    "%s.",
		    address->soa.why ? address->soa.why : "nothing came");
		o->fix = "Ask again; if it stays so, look after the server.";
		o->reference = "RFC 2182 section 3";
	}
	return others || s->states[NS_SILENT] == 0;
}

static bool
judge_odd(struct ms_domain_case *subject, const struct ns_servers *s)
{
	for (size_t i = 0; i < s->all_n; i++)
		if (s->all[i]->state == NS_ODD)
			domain_unknown(subject, subject->name, MS_DNS_SOA,
			    &s->all[i]->soa);
	return s->states[NS_ODD] == 0;
}

/* ---- whether they agree ---- */

static void
judge_serials(struct ms_domain_case *subject, const struct ns_servers *s)
{
	const struct ns_address *first = NULL;
	struct ms_domain_outcome *o;
	bool differ = false;

	for (size_t i = 0; i < s->all_n; i++) {
		const struct ns_address *address = s->all[i];
		if (address->state != NS_ANSWERS)
			continue;
		if (!first)
			first = address;
		differ |= address->soa.records->u.soa.serial !=
			  first->soa.records->u.soa.serial;
	}
	if (!differ)
		return;
	o = domain_outcome(subject, "ns-serial-differs", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    "The name servers have the zone with different serials");
	o->detail = "Right after a change that is so for a moment; if it stays "
		    "so, some give old answers.";
	o->fix = "See why the secondary does not fetch the zone.";
	o->reference = "RFC 1034 section 4.3.5";
	for (size_t i = 0; i < s->all_n; i++)
		if (s->all[i]->state == NS_ANSWERS)
			said(subject, o, s->all[i], &s->all[i]->soa);
}

static bool
holds(const struct ms_dns_answer *set, struct ms_slice name)
{
	for (size_t i = 0; i < set->n; i++)
		if (ms_slice_equal_nocase(set->records[i].u.target, name))
			return true;
	return false;
}

static bool
same_set(const struct ms_dns_answer *a, const struct ms_dns_answer *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!holds(b, a->records[i].u.target))
			return false;
	return a->n == b->n;
}

/* The NS records as the first that has the zone gives them; NULL. */
static const struct ms_dns_answer *
own_set(const struct ns_servers *s)
{
	for (size_t i = 0; i < s->all_n; i++)
		if (s->all[i]->state == NS_ANSWERS &&
		    s->all[i]->ns.status == MS_DNS_FOUND)
			return &s->all[i]->ns;
	return NULL;
}

static bool
judge_sets(struct ms_domain_case *subject, const struct ns_servers *s)
{
	const struct ms_dns_answer *own = own_set(s);
	struct ms_domain_outcome *o;
	bool differ = false, known = true;

	for (size_t i = 0; i < s->all_n; i++) {
		const struct ns_address *address = s->all[i];
		if (address->state != NS_ANSWERS)
			continue;
		if (address->ns.status == MS_DNS_FOUND) {
			differ |= !same_set(own, &address->ns);
		} else if (ms_dns_is_failure(address->ns.status)) {
			domain_unknown(
			    subject, subject->name, MS_DNS_NS, &address->ns);
			known = false;
		}
	}
	if (!differ)
		return known;
	o = domain_outcome(subject, "ns-set-differs", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM,
	    "The name servers do not agree on who the name servers are");
	o->detail = "Whom resolvers ask is a matter of luck.";
	o->fix = "Bring all servers to the same zone.";
	o->reference = "RFC 1034 section 4.2.2";
	for (size_t i = 0; i < s->all_n; i++)
		if (s->all[i]->state == NS_ANSWERS)
			said(subject, o, s->all[i], &s->all[i]->ns);
	return known;
}

/* ---- the zone above ---- */

static void
parent_records(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    const struct ns_servers *s)
{
	for (size_t i = 0; i < s->parent.n; i++)
		domain_record_line(subject, o, "%.*s. NS %.*s. ; from %s",
		    DOMAIN_TEXT(subject->name),
		    DOMAIN_TEXT(s->parent.records[i].u.target),
		    s->parent.server);
	for (size_t i = 0; i < s->parent.glue_n; i++) {
		char ip[MS_IP_TEXT];

		ms_ip_format(&s->parent.glue[i].u.ip, ip);
		domain_record_line(subject, o, "%.*s. %s %s ; from %s",
		    DOMAIN_TEXT(s->parent.glue[i].name),
		    s->parent.glue[i].type == MS_DNS_A ? "A" : "AAAA", ip,
		    s->parent.server);
	}
}

static void
put_missing(struct ms_buf *out, const struct ms_dns_answer *set,
    const struct ms_dns_answer *other, const char *where)
{
	size_t before = out->n;

	for (size_t i = 0; i < set->n; i++) {
		if (holds(other, set->records[i].u.target))
			continue;
		ms_buf_printf(out, "%s%.*s",
		    out->n > before ? ", "
		    : before > 0    ? "; "
				    : "",
		    DOMAIN_TEXT(set->records[i].u.target));
	}
	if (out->n > before)
		ms_buf_printf(out, " only in %s", where);
}

static void
judge_delegation(struct ms_domain_case *subject, const struct ns_servers *s)
{
	const struct ms_dns_answer *own = own_set(s);
	struct ms_domain_outcome *o;
	struct ms_buf which;

	/* Where they disagree among themselves, one alike will do. */
	for (size_t i = 0; i < s->all_n; i++)
		if (s->all[i]->state == NS_ANSWERS &&
		    same_set(&s->all[i]->ns, &s->parent))
			return;
	if (!own)
		return;
	ms_buf_init(&which, subject->arena);
	put_missing(&which, own, &s->parent, "the zone");
	put_missing(&which, &s->parent, own, "the zone above");
	o = domain_outcome(subject, "ns-parent-differs", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM,
	    "The zone above names other name servers than the domain does: "
	    "%.*s",
	    (int)which.n, (const char *)which.p);
	o->detail = "Resolvers begin with what the zone above says, and may "
		    "stay with it.";
	o->fix = "Give the registry the name servers that the zone has, or "
		 "correct the zone.";
	o->reference = "RFC 1034 section 4.2.2";
	domain_records(subject, o, own);
	parent_records(subject, o, s);
}

static bool
has_address(const struct ns_server *server, const struct ms_ip *ip)
{
	const struct ms_dns_answer *answer =
	    ip->v4 ? &server->a : &server->aaaa;

	for (size_t i = 0; i < answer->n; i++)
		if (ms_ip_equal(&answer->records[i].u.ip, ip))
			return true;
	return ms_dns_is_failure(answer->status);
}

static void
finish_glue(struct ms_domain_case *subject, const struct ns_servers *s,
    const struct ns_server *server, struct ms_domain_outcome *o)
{
	o->fix = "Give the registry the addresses that the zone has.";
	o->reference = "RFC 1034 section 4.2.1";
	domain_records(subject, o, &server->a);
	domain_records(subject, o, &server->aaaa);
	parent_records(subject, o, s);
}

/* RFC 9471: the glue of names below the domain comes whole, or TC is set. */
static void
judge_glue(struct ms_domain_case *subject, const struct ns_servers *s,
    const struct ns_server *server)
{
	struct ms_domain_outcome *o;
	size_t n = 0, wrong = 0;

	if (!server->at_parent ||
	    !ms_name_is_within(server->name, subject->name))
		return;
	for (size_t i = 0; i < s->parent.glue_n; i++) {
		const struct ms_dns_record *glue = &s->parent.glue[i];

		if (!ms_slice_equal_nocase(glue->name, server->name))
			continue;
		n++;
		wrong += !has_address(server, &glue->u.ip);
	}
	if (n == 0) {
		o = domain_outcome(subject, "ns-glue-missing", MS_DOMAIN_FAIL,
		    MS_SEVERITY_MEDIUM,
		    "The zone above has no address of the name server %.*s",
		    DOMAIN_TEXT(server->name));
		o->detail = "Its name lies in the domain itself: without the "
			    "address nobody finds it.";
		finish_glue(subject, s, server, o);
	} else if (wrong > 0) {
		o = domain_outcome(subject, "ns-glue-differs", MS_DOMAIN_FAIL,
		    MS_SEVERITY_MEDIUM,
		    "The zone above has another address of the name server "
		    "%.*s than the domain",
		    DOMAIN_TEXT(server->name));
		o->detail = "Resolvers ask the address that the zone above "
			    "gives, whoever is there by now.";
		finish_glue(subject, s, server, o);
	}
}

static void
judge_no_delegation(struct ms_domain_case *subject, const struct ns_servers *s)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "ns-not-delegated", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
	    "The zone above (%.*s) does not delegate the domain",
	    s->parent_name.n ? (int)s->parent_name.n : 1,
	    s->parent_name.n ? (const char *)s->parent_name.p : ".");

	o->detail = "Who asks from the root down does not find it.";
	o->fix = "Have its NS records entered there.";
	o->reference = "RFC 1034 section 4.2.1";
	domain_records(subject, o, &s->answer);
}

/* False: it could not be told, though it was asked. */
static bool
judge_parent(struct ms_domain_case *subject, const struct ns_servers *s)
{
	const struct ms_dns_answer *parent = &s->parent;

	if (ms_dns_is_planned(parent))
		return true;
	if (ms_dns_is_failure(parent->status) &&
	    parent->status != MS_DNS_OFFLINE &&
	    parent->status != MS_DNS_NO_ROUTE) {
		domain_unknown(subject, subject->name, MS_DNS_NS, parent);
		return false;
	}
	if (ms_dns_is_absent(parent->status) && parent->authoritative &&
	    s->answer.n > 0)
		judge_no_delegation(subject, s);
	/* One who has both zones answers from the lower. */
	if (parent->n == 0 || parent->authoritative)
		return true;
	judge_delegation(subject, s);
	for (size_t i = 0; parent->status == MS_DNS_REFERRAL && i < s->n; i++)
		judge_glue(subject, s, &s->list[i]);
	return true;
}

/* ---- what they should not do ---- */

static void
judge_recursion(struct ms_domain_case *subject, const struct ns_servers *s)
{
	struct ms_domain_outcome *o = NULL;

	for (size_t i = 0; i < s->all_n; i++) {
		const struct ns_address *address = s->all[i];
		if (address->state != NS_ANSWERS || !address->soa.recursion)
			continue;
		if (!o)
			o = domain_outcome(subject, "ns-recursion",
			    MS_DOMAIN_WARN, MS_SEVERITY_INFO,
			    "A name server of the domain also resolves for "
			    "others (RA)");
		said(subject, o, address, &address->soa);
	}
	if (!o)
		return;
	o->detail = "What it has cached may then be mistaken for the zone's, "
		    "and strangers can use it to hide behind.";
	o->fix = "Let authoritative servers not recurse.";
	o->reference = "RFC 5358 section 4";
}

static bool
judge_transfer(struct ms_domain_case *subject, const struct ns_servers *s)
{
	struct ms_domain_outcome *o = NULL;
	bool known = true;

	for (size_t i = 0; i < s->all_n; i++) {
		const struct ns_address *address = s->all[i];
		const struct ms_dns_answer *answer = &address->transfer;

		if (!address->transfer_asked)
			continue;
		/* A word against it is an answer here. */
		if (ms_dns_is_failure(answer->status) && answer->rcode < 0 &&
		    answer->status != MS_DNS_UNREACHABLE) {
			domain_unknown(
			    subject, subject->name, MS_DNS_AXFR, answer);
			known = false;
		}
		if (answer->status != MS_DNS_FOUND)
			continue;
		if (!o)
			o = domain_outcome(subject, "ns-transfer-open",
			    MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
			    "Anybody can fetch the whole zone from %.*s",
			    DOMAIN_TEXT(address->name));
		said(subject, o, address, answer);
	}
	if (!o)
		return known;
	o->detail = "It tells strangers every name in it.";
	o->fix = "Allow zone transfers to the secondaries alone.";
	o->reference = "RFC 5936 section 6";
	return known;
}

/* ---- what was not asked ---- */

void
ns_say_unasked(struct ms_domain_case *subject, const struct ns_servers *s)
{
	static const char special[] = "set aside (private, documentation …), "
				      "and not allowed (--allow-net)";
	static const char *const why[NS_UNASKED_N] = {
		[NS_SPECIAL] = special,
		[NS_NO_ROUTE] = "this machine has no way there (no IPv6)",
		[NS_PLANNED] = "the zone is laid over (--zone)",
		[NS_OFFLINE] = "nobody may be asked (--offline)",
	};

	for (size_t i = 0; i < NS_UNASKED_N; i++)
		if (s->unasked[i] > 0)
			domain_skip(subject,
			    "Whether each name server answers, and alike, was "
			    "not asked of %zu %s: %s",
			    s->unasked[i],
			    s->unasked[i] == 1 ? "address" : "addresses",
			    why[i]);
	if (s->nobody)
		domain_skip(subject,
		    "Neither a name server nor the zone above answered when "
		    "asked by itself: this network may let only resolvers "
		    "ask");
	if (s->v6_silent > 0 && !s->v6_answers &&
	    s->states[NS_ANSWERS] + s->states[NS_LAME] > 0)
		domain_skip(subject,
		    "No name server answered over IPv6, which this machine "
		    "may be without: not held against the domain");
	if (s->cut_short)
		domain_skip(subject,
		    "Only %zu name servers were asked, at %zu addresses (the "
		    "limits domain_ns and ns_addresses)",
		    s->n, subject->env->limits.ns_addresses);
	if (s->states[NS_ANSWERS] > 0 && !subject->options->active)
		domain_skip(subject, "Whether anybody can fetch the whole zone "
				     "is only asked for with --active");
}

bool
ns_judge(struct ms_domain_case *subject, const struct ns_servers *s)
{
	bool known;

	if (s->nobody)
		return false;
	known = judge_silent(subject, s);
	known = judge_odd(subject, s) && known;
	judge_lame(subject, s);
	judge_serials(subject, s);
	known = judge_sets(subject, s) && known;
	known = judge_parent(subject, s) && known;
	judge_recursion(subject, s);
	return judge_transfer(subject, s) && known;
}
