/* SPDX-License-Identifier: ISC
 * mx.c - mail exchangers: who takes the domain's mail, RFC 5321 5.1, 7505
 */
#include "domain_servers.h"

static bool
is_address(struct ms_slice name)
{
	struct ms_ip ip;

	return ms_ip_parse(name, &ip);
}

static void
host_record(struct ms_domain_case *subject, struct ms_domain_outcome *outcome,
    const struct ms_domain_host *host)
{
	domain_record_line(subject, outcome, "%.*s. MX %u %.*s.",
	    DOMAIN_TEXT(subject->name), host->preference,
	    DOMAIN_TEXT(host->name));
	domain_records(subject, outcome, &host->a);
	domain_records(subject, outcome, &host->aaaa);
}

static void
judge_literal(struct ms_domain_case *subject, const struct ms_domain_host *host)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "mx-target-address", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
	    "The MX record names an address, not a host: %.*s",
	    DOMAIN_TEXT(host->name));

	o->detail = "Senders look it up as a name and find nothing.";
	o->fix = ms_arena_printf(subject->arena,
	    "Give the host a name with that address, and name it in the MX: "
	    "%.*s. MX %u mail.%.*s.",
	    DOMAIN_TEXT(subject->name), host->preference,
	    DOMAIN_TEXT(subject->name));
	o->reference = "RFC 1035 section 3.3.9";
	host_record(subject, o, host);
}

static void
judge_alias(struct ms_domain_case *subject, const struct ms_domain_host *host)
{
	const struct ms_dns_answer *answer =
	    host->a.aliases_n > 0 ? &host->a : &host->aaaa;
	struct ms_slice target = answer->aliases[answer->aliases_n - 1];
	struct ms_domain_outcome *o = domain_outcome(subject, "mx-target-cname",
	    MS_DOMAIN_WARN, MS_SEVERITY_MEDIUM,
	    "The mail exchanger %.*s is an alias", DOMAIN_TEXT(host->name));
	char *from = ms_arena_printf(subject->arena, "%u %.*s.",
	    host->preference, DOMAIN_TEXT(host->name));
	char *to = ms_arena_printf(
	    subject->arena, "%u %.*s.", host->preference, DOMAIN_TEXT(target));

	o->detail = "An MX must name a host with addresses of its own. Most "
		    "senders follow the alias, some refuse it.";
	o->fix = ms_arena_printf(
	    subject->arena, "%.*s. MX %s", DOMAIN_TEXT(subject->name), to);
	o->reference = "RFC 2181 section 10.3";
	domain_remove(subject, o, subject->name, "MX", from);
	domain_add(subject, o, subject->name, "MX", to);
	host_record(subject, o, host);
}

static void
judge_dangling(
    struct ms_domain_case *subject, const struct ms_domain_host *host)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "mx-target-missing", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
	    host->a.status == MS_DNS_NXDOMAIN
		? "The mail exchanger %.*s does not exist"
		: "The mail exchanger %.*s has no address",
	    DOMAIN_TEXT(host->name));

	o->detail = "Mail for it waits until it is returned; and whoever "
		    "registers the name gets the mail.";
	o->fix = ms_arena_printf(subject->arena,
	    "Give %.*s an A record, or take the MX out",
	    DOMAIN_TEXT(host->name));
	o->reference = "RFC 5321 section 5.1";
	host_record(subject, o, host);
}

static void
judge_addresses(
    struct ms_domain_case *subject, const struct ms_domain_host *host)
{
	char text[MS_IP_TEXT];

	for (size_t i = 0; i < host->n; i++) {
		const struct ms_special *special =
		    ms_env_special(subject->env, &host->addresses[i].ip);
		struct ms_domain_outcome *o;

		if (!special)
			continue;
		ms_ip_format(&host->addresses[i].ip, text);
		o = domain_outcome(subject, "mx-target-reserved",
		    MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
		    "The mail exchanger %.*s has the address %s, which nobody "
		    "outside can reach (%s)",
		    DOMAIN_TEXT(host->name), text, special->name);
		o->detail = "Senders try it in vain before they take the next "
			    "one, or give up.";
		o->fix = "Publish the address that is reachable from outside, "
			 "or take the record out.";
		o->reference = special->rfc;
		host_record(subject, o, host);
	}
}

/* True when nothing is wrong with it. */
static bool
judge_host(struct ms_domain_case *subject, const struct ms_domain_host *host)
{
	size_t before = subject->outcomes_n;

	if (is_address(host->name)) {
		judge_literal(subject, host);
		return false;
	}
	if (ms_dns_is_failure(host->a.status))
		domain_unknown(subject, host->name, MS_DNS_A, &host->a);
	if (ms_dns_is_failure(host->aaaa.status))
		domain_unknown(subject, host->name, MS_DNS_AAAA, &host->aaaa);
	if (host->n == 0 && subject->outcomes_n > before)
		return false;
	if (host->n == 0) {
		judge_dangling(subject, host);
		return false;
	}
	if (!subject->mx->implicit &&
	    (host->a.aliases_n > 0 || host->aaaa.aliases_n > 0))
		judge_alias(subject, host);
	judge_addresses(subject, host);
	return subject->outcomes_n == before;
}

static void
judge_null(struct ms_domain_case *subject, const struct ms_domain_mx *mx)
{
	struct ms_domain_outcome *o = domain_pass(
	    subject, "The domain takes no mail, and says so (null MX)");

	o->reference = "RFC 7505 section 3";
	domain_records(subject, o, &mx->answer);
}

/* "0 ." beside others: senders disagree on what it means. */
static void
judge_mixed_null(struct ms_domain_case *subject, const struct ms_domain_mx *mx)
{
	struct ms_domain_outcome *o;

	for (size_t i = 0; i < mx->answer.n; i++) {
		if (!ms_slice_is(mx->answer.records[i].u.mx.exchange, "."))
			continue;
		o = domain_outcome(subject, "mx-null-mixed", MS_DOMAIN_FAIL,
		    MS_SEVERITY_HIGH,
		    "A null MX stands beside other mail exchangers");
		o->detail = "It says that the domain takes no mail; the others "
			    "say that it does.";
		o->fix = "Take one of the two out.";
		o->reference = "RFC 7505 section 3";
		domain_records(subject, o, &mx->answer);
		return;
	}
}

static void
judge_absent(struct ms_domain_case *subject, const struct ms_domain_mx *mx)
{
	struct ms_domain_outcome *o;

	if (mx->answer.status == MS_DNS_NXDOMAIN) {
		o = domain_outcome(subject, "mx-no-domain", MS_DOMAIN_FAIL,
		    MS_SEVERITY_CRITICAL, "The domain %.*s does not exist",
		    DOMAIN_TEXT(subject->name));
		o->detail = "There is nothing to send to and nothing to check.";
		o->fix = "Check the spelling, or the registration.";
		return;
	}
	if (mx->implicit && subject->profile == MS_DOMAIN_PARKED)
		return; /* said as mx-parked */
	if (mx->implicit) {
		o = domain_outcome(subject, "mx-implicit", MS_DOMAIN_WARN,
		    MS_SEVERITY_LOW,
		    "The domain has no MX record; mail goes to its own "
		    "address");
		o->detail = "Senders fall back to the A or AAAA record, which "
			    "is seldom meant: a web server gets the mail.";
		o->fix = ms_arena_printf(subject->arena,
		    "%.*s. MX 10 mail.%.*s., or, where no mail is wanted, "
		    "%.*s. MX 0 .",
		    DOMAIN_TEXT(subject->name), DOMAIN_TEXT(subject->name),
		    DOMAIN_TEXT(subject->name));
		domain_records(subject, o, &mx->hosts[0].a);
		domain_records(subject, o, &mx->hosts[0].aaaa);
		return;
	}
	o = domain_outcome(subject, "mx-none", MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "The domain has no MX record and no address: it takes no mail");
	o->detail = "Senders keep trying for days, since nothing says that "
		    "this is meant.";
	o->fix = ms_arena_printf(
	    subject->arena, "%.*s. MX 0 .", DOMAIN_TEXT(subject->name));
	o->reference = "RFC 7505 section 3";
	domain_add(subject, o, subject->name, "MX", "0 .");
}

/* ---- one network ---- */

/* All addresses of the family lie in the network of the first. */
static bool
same_network(const struct ms_domain_mx *mx, bool v4, unsigned prefix)
{
	struct ms_net net = { .prefix = prefix };

	for (size_t i = 0; i < mx->n; i++) {
		for (size_t k = 0; k < mx->hosts[i].n; k++) {
			const struct ms_ip *ip = &mx->hosts[i].addresses[k].ip;

			if (ip->v4 != v4)
				continue;
			if (!net.ip.set)
				net.ip = *ip;
			if (!ms_net_contains(&net, ip))
				return false;
		}
	}
	return true;
}

/* Every exchanger has an address of the family. */
static bool
all_have(const struct ms_domain_mx *mx, bool v4)
{
	for (size_t i = 0; i < mx->n; i++)
		if ((v4 ? mx->hosts[i].a.n : mx->hosts[i].aaaa.n) == 0)
			return false;
	return true;
}

/* Several exchangers, and one failure takes all of them. Nothing is said where
 * an address is not known: it may lie elsewhere. */
static void
judge_network(struct ms_domain_case *subject, const struct ms_domain_mx *mx)
{
	struct ms_domain_outcome *o;

	for (size_t i = 0; i < mx->n; i++)
		if (ms_dns_is_failure(mx->hosts[i].a.status) ||
		    ms_dns_is_failure(mx->hosts[i].aaaa.status))
			return;
	if (mx->n < 2 || mx->truncated ||
	    !(all_have(mx, true) || all_have(mx, false)) ||
	    !same_network(mx, true, 24) || !same_network(mx, false, 48))
		return;
	o = domain_outcome(subject, "mx-same-network", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "All %zu mail exchangers are in one network",
	    mx->n);
	o->detail = "When that network is not reachable, none of them is; "
		    "senders wait and then give up.";
	o->fix = "Put one of them into another network.";
	o->reference = "RFC 2182 section 3.1";
	for (size_t i = 0; i < mx->n; i++)
		host_record(subject, o, &mx->hosts[i]);
}

static void
run(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	struct ms_domain_outcome *o;
	size_t good = 0;

	if (ms_dns_is_failure(mx->answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_MX, &mx->answer);
		return;
	}
	if (mx->null_mx) {
		judge_null(subject, mx);
		return;
	}
	if (mx->answer.status != MS_DNS_FOUND)
		judge_absent(subject, mx);
	judge_mixed_null(subject, mx);
	for (size_t i = 0; i < mx->n; i++)
		good += judge_host(subject, &mx->hosts[i]);
	judge_network(subject, mx);
	if (subject->options->connect)
		domain_servers_judge(subject);
	if (mx->n == 0 || good < mx->n || mx->implicit)
		return;
	o = domain_pass(subject, "%zu mail exchanger%s, with addresses", mx->n,
	    mx->n == 1 ? "" : "s");
	domain_records(subject, o, &mx->answer);
}

static const struct ms_domain_hint hints[] = {
	{ "", MS_DNS_MX },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_mx;

const struct ms_domain_check domain_check_mx = {
	.id = "mx",
	.title = "mail exchangers and their addresses",
	.reference = "RFC 5321 section 5.1",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
