/* SPDX-License-Identifier: ISC
 * ns.c - delegation: the name servers of a domain and its SOA record
 *
 *   ns_ask.c    each asked by itself, and the zone above
 *   ns_judge.c  what they say to that
 */
#include "mailsonde/buf.h"
#include "ns_priv.h"

enum {
	/* SOA, in seconds: RFC 1912 2.2 and RFC 2308 5, with room */
	RETRY_MIN = 60,
	REFRESH_MAX = 86400 * 2,
	EXPIRE_MIN = 86400 * 7,
	MINIMUM_MAX = 86400,
};

/* ---- one server ---- */

static void
server_records(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    const struct ns_server *server)
{
	domain_record_line(subject, o, "%.*s. NS %.*s.",
	    DOMAIN_TEXT(subject->name), DOMAIN_TEXT(server->name));
	domain_records(subject, o, &server->a);
	domain_records(subject, o, &server->aaaa);
}

static void
judge_missing(struct ms_domain_case *subject, const struct ns_server *server)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "ns-target-missing", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
	    server->a.status == MS_DNS_NXDOMAIN
		? "The name server %.*s does not exist"
		: "The name server %.*s has no address",
	    DOMAIN_TEXT(server->name));

	o->detail = "Nobody can ask it; and whoever registers the name answers "
		    "for the domain.";
	o->fix = "Take it out, in the zone and at the registry.";
	o->reference = "RFC 1912 section 2.8";
	server_records(subject, o, server);
}

static void
judge_alias(struct ms_domain_case *subject, const struct ns_server *server)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "ns-target-cname",
	    MS_DOMAIN_WARN, MS_SEVERITY_MEDIUM,
	    "The name server %.*s is an alias", DOMAIN_TEXT(server->name));

	o->detail = "A name server must have addresses of its own; many "
		    "resolvers do not follow the alias.";
	o->fix = "Name the host that it stands for.";
	o->reference = "RFC 2181 section 10.3";
	server_records(subject, o, server);
}

static void
judge_reserved(struct ms_domain_case *subject, const struct ns_server *server,
    const struct ms_special *special)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "ns-target-reserved", MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "The name server %.*s has an address that nobody outside can reach "
	    "(%s)",
	    DOMAIN_TEXT(server->name), special->name);

	o->detail = "Resolvers ask it in vain.";
	o->fix = "Publish the address that is reachable from outside.";
	o->reference = special->rfc;
	server_records(subject, o, server);
}

static const struct ms_special *
special_of(
    const struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	const struct ms_special *special = NULL;

	for (size_t i = 0; i < answer->n && !special; i++)
		special =
		    ms_env_special(subject->env, &answer->records[i].u.ip);
	return special;
}

/* True when all of it is known. */
static bool
judge_server(struct ms_domain_case *subject, const struct ns_server *server)
{
	const struct ms_dns_answer *answers[] = { &server->a, &server->aaaa };
	static const enum ms_dns_type types[] = { MS_DNS_A, MS_DNS_AAAA };
	bool known = true;

	for (size_t k = 0; k < 2; k++) {
		const struct ms_special *special =
		    special_of(subject, answers[k]);

		if (special)
			judge_reserved(subject, server, special);
		if (!ms_dns_is_failure(answers[k]->status))
			continue;
		domain_unknown(subject, server->name, types[k], answers[k]);
		known = false;
	}
	if (server->a.aliases_n > 0 || server->aaaa.aliases_n > 0)
		judge_alias(subject, server);
	if (known && server->a.n + server->aaaa.n == 0)
		judge_missing(subject, server);
	return known;
}

/* ---- all of them ---- */

/* Every address of the family lies in the first one's network. */
static bool
same_network(const struct ns_servers *s, bool v4, unsigned prefix)
{
	struct ms_net net = { .prefix = prefix };

	for (size_t i = 0; i < s->n; i++) {
		const struct ms_dns_answer *answer =
		    v4 ? &s->list[i].a : &s->list[i].aaaa;

		for (size_t k = 0; k < answer->n; k++) {
			if (!net.ip.set)
				net.ip = answer->records[k].u.ip;
			if (!ms_net_contains(&net, &answer->records[k].u.ip))
				return false;
		}
	}
	return true;
}

static bool
all_have(const struct ns_servers *s, bool v4)
{
	for (size_t i = 0; i < s->n; i++)
		if ((v4 ? s->list[i].a.n : s->list[i].aaaa.n) == 0)
			return false;
	return true;
}

static void
judge_set(
    struct ms_domain_case *subject, const struct ns_servers *s, bool known)
{
	struct ms_domain_outcome *o;

	if (s->answer.n == 1) {
		o = domain_outcome(subject, "ns-single", MS_DOMAIN_WARN,
		    MS_SEVERITY_MEDIUM, "The domain has one name server");
		o->detail = "When it does not answer, the domain is gone, and "
			    "its mail with it.";
		o->fix = "Have a second one, in another network.";
		o->reference = "RFC 2182 section 5";
		domain_records(subject, o, &s->answer);
		return;
	}
	if (!known || s->cut_short || s->answer.n == 0 ||
	    !(all_have(s, true) || all_have(s, false)) ||
	    !same_network(s, true, 24) || !same_network(s, false, 48))
		return;
	o = domain_outcome(subject, "ns-same-network", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "All %zu name servers are in one network", s->n);
	o->detail = "When that network is not reachable, the domain is gone, "
		    "and its mail with it.";
	o->fix = "Put one of them into another network.";
	o->reference = "RFC 2182 section 3.1";
	for (size_t i = 0; i < s->n; i++)
		server_records(subject, o, &s->list[i]);
}

/* ---- SOA ---- */

static void
add_remark(struct ms_buf *buf, bool wrong, const char *text)
{
	if (wrong)
		ms_buf_printf(buf, "%s%s", buf->n ? "; " : "", text);
}

/* YYYYMMDDnn of a day that is yet to come, wherever on earth. */
static bool
is_early(const struct ms_domain_case *subject, uint32_t serial)
{
	struct ms_civil day = ms_time_to_civil(subject->env->clock.now + 86400);
	unsigned today = (unsigned)day.year * 10000 +
			 (unsigned)day.month * 100 + (unsigned)day.day;
	unsigned month = serial / 10000 % 100, date = serial / 100 % 100;

	return serial / 1000000 < 2100 && month >= 1 && month <= 12 &&
	       date >= 1 && date <= 31 && serial / 100 > today;
}

static void
judge_soa(struct ms_domain_case *subject)
{
	struct ms_dns_answer answer;
	struct ms_domain_outcome *o;
	struct ms_buf remarks;
	struct ms_slice rname;

	domain_ask(subject, "", MS_DNS_SOA, &answer);
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_SOA, &answer);
		return;
	}
	if (answer.n == 0)
		return;
	rname = answer.records->u.soa.rname;
	ms_buf_init(&remarks, subject->arena);
	add_remark(&remarks,
	    answer.records->u.soa.retry >= answer.records->u.soa.refresh,
	    "retry is not shorter than refresh");
	add_remark(&remarks, answer.records->u.soa.retry < RETRY_MIN,
	    "retry is below a minute");
	add_remark(&remarks, answer.records->u.soa.refresh > REFRESH_MAX,
	    "refresh is over two days");
	add_remark(&remarks, answer.records->u.soa.expire < EXPIRE_MIN,
	    "expire is below a week, so that the domain is gone after a short "
	    "outage of its primary");
	add_remark(&remarks, answer.records->u.soa.minimum > MINIMUM_MAX,
	    "minimum is over a day, so that what did not exist is missed for "
	    "as long");
	add_remark(&remarks, is_early(subject, answer.records->u.soa.serial),
	    "the serial is a day that is yet to come");
	add_remark(&remarks, ms_slice_find(rname, 0, '@') < rname.n,
	    "the mailbox is written with @, where a dot belongs");
	if (remarks.n == 0)
		return;
	o = domain_outcome(subject, "ns-soa-values", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "Unusual values in the SOA record: %.*s",
	    (int)remarks.n, (const char *)remarks.p);
	o->detail = "Usual are refresh 1 h to 1 d, retry a fraction of it, "
		    "expire 2 to 4 weeks, minimum 5 min to 1 d.";
	o->fix = "Take usual values.";
	o->reference = "RFC 1912 section 2.2";
	domain_records(subject, o, &answer);
}

static void
pass(struct ms_domain_case *subject, const struct ns_servers *s)
{
	struct ms_domain_outcome *o;

	if (s->states[NS_ANSWERS] > 0)
		o = domain_pass(subject,
		    "%zu name servers have the zone and agree, at %zu "
		    "addresses",
		    s->n, s->states[NS_ANSWERS]);
	else
		o = domain_pass(
		    subject, "%zu name servers, with addresses", s->answer.n);
	domain_records(subject, o, &s->answer);
}

/* Without the NS records by resolvers: the zone above may know who should
 * have answered, and they why they did not. */
static void
judge_lost(struct ms_domain_case *subject, struct ns_servers *s)
{
	domain_unknown(subject, subject->name, MS_DNS_NS, &s->answer);
	if (s->answer.status == MS_DNS_PUT_OFF ||
	    s->answer.status == MS_DNS_OFFLINE ||
	    s->answer.status == MS_DNS_NOT_RECORDED)
		return;
	ns_ask(subject, s);
	ns_judge(subject, s);
	ns_say_unasked(subject, s);
}

static size_t
count_found(const struct ms_domain_case *subject)
{
	size_t n = 0;

	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next)
		n += o->status != MS_DOMAIN_SKIP;
	return n;
}

static void
run(struct ms_domain_case *subject)
{
	size_t before = count_found(subject);
	struct ns_servers s;
	bool known = true;

	memset(&s, 0, sizeof(s));
	domain_ask(subject, "", MS_DNS_NS, &s.answer);
	if (ms_dns_is_failure(s.answer.status)) {
		judge_lost(subject, &s);
		return;
	}
	if (s.answer.n == 0) {
		domain_skip(subject,
		    s.answer.status == MS_DNS_NXDOMAIN
			? "The domain does not exist"
			: "The domain has no name servers of its own: it is "
			  "part of the zone above");
		return;
	}
	ns_ask(subject, &s);
	for (size_t i = 0; i < s.n; i++)
		known = judge_server(subject, &s.list[i]) && known;
	judge_set(subject, &s, known);
	judge_soa(subject);
	ns_judge(subject, &s);
	if (count_found(subject) == before && !s.nobody)
		pass(subject, &s);
	ns_say_unasked(subject, &s);
}

static const struct ms_domain_hint hints[] = {
	{ "", MS_DNS_NS },
	{ "", MS_DNS_SOA },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_ns;

const struct ms_domain_check domain_check_ns = {
	.id = "ns",
	.title = "delegation: the name servers",
	.reference = "RFC 1912 section 2.8",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
