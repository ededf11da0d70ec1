/* SPDX-License-Identifier: ISC
 * ptr.c - the reverse names of the mail exchangers, and back again
 *
 * A host that takes mail mostly sends it too: bounces at the least. Receivers
 * look its address up in reverse, and want the name to lead back.
 */
#include "domain_priv.h"

/* A PTR record's name leads back to the address, or not, or nobody knows. */
enum confirmation {
	NOT_CONFIRMED,
	CONFIRMED,
	UNTOLD,
};

static enum ms_dns_type
type_of(const struct ms_ip *ip)
{
	return ip->v4 ? MS_DNS_A : MS_DNS_AAAA;
}

static bool
leads_to(const struct ms_dns_answer *answer, const struct ms_ip *ip)
{
	for (size_t i = 0; i < answer->n; i++)
		if (ms_ip_equal(&answer->records[i].u.ip, ip))
			return true;
	return false;
}

static size_t
names_of(const struct ms_domain_case *subject, const struct ms_dns_answer *ptr)
{
	size_t max = subject->env->limits.spf_names;

	return ptr->n < max ? ptr->n : max;
}

/* Of the first names, as in RFC 7208 5.5; *failed is what was not answered. */
static enum confirmation
confirm(struct ms_domain_case *subject, const struct ms_domain_address *address,
    struct ms_dns_answer *failed, struct ms_slice *failed_name)
{
	enum confirmation out = NOT_CONFIRMED;
	struct ms_dns_answer answer;

	for (size_t i = 0; i < names_of(subject, &address->ptr); i++) {
		struct ms_slice name = address->ptr.records[i].u.target;

		ms_dns_ask(subject->env->dns, name, type_of(&address->ip),
		    subject->arena, &answer);
		if (leads_to(&answer, &address->ip))
			return CONFIRMED;
		if (!ms_dns_is_failure(answer.status))
			continue;
		out = UNTOLD;
		*failed = answer;
		*failed_name = name;
	}
	return out;
}

static void
judge_missing(struct ms_domain_case *subject, const struct ms_domain_host *host,
    const char *text, struct ms_slice reverse)
{
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "ptr-missing", MS_DOMAIN_WARN,
		MS_SEVERITY_LOW, "The address %s of %.*s has no reverse name",
		text, DOMAIN_TEXT(host->name));

	o->detail = "Many receivers refuse mail from such an address, bounces "
		    "of this host too.";
	o->fix = ms_arena_printf(subject->arena,
	    "Ask whoever provides the address for: %.*s. PTR %.*s.",
	    DOMAIN_TEXT(reverse), DOMAIN_TEXT(host->name));
	o->reference = "RFC 1912 section 2.1";
}

static void
judge_unconfirmed(struct ms_domain_case *subject,
    const struct ms_domain_host *host, const struct ms_domain_address *address,
    const char *text)
{
	struct ms_slice first = address->ptr.records[0].u.target;
	struct ms_domain_outcome *o = domain_outcome(subject, "ptr-unconfirmed",
	    MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "The reverse name of %s (%.*s) does not lead back to it", text,
	    DOMAIN_TEXT(first));

	o->detail = "Anybody can claim a name in reverse; receivers believe it "
		    "only when it has the address.";
	o->fix = ms_arena_printf(subject->arena,
	    "Either %.*s. %s %s, or let the PTR name %.*s.", DOMAIN_TEXT(first),
	    address->ip.v4 ? "A" : "AAAA", text, DOMAIN_TEXT(host->name));
	o->reference = "RFC 1912 section 2.1";
	domain_records(subject, o, &address->ptr);
}

/* True when the reverse name leads back. */
static bool
judge(struct ms_domain_case *subject, const struct ms_domain_host *host,
    struct ms_domain_address *address)
{
	const struct ms_dns_answer *ptr = domain_ptr(subject, address);
	struct ms_dns_name name;
	struct ms_slice reverse, failed_name;
	struct ms_dns_answer failed;
	char text[MS_IP_TEXT];

	ms_ip_format(&address->ip, text);
	ms_dns_name_reverse(&address->ip, &name);
	reverse = ms_dns_name_format(subject->arena, &name);
	if (ms_dns_is_failure(ptr->status)) {
		domain_unknown(subject, reverse, MS_DNS_PTR, ptr);
		return false;
	}
	if (ptr->n == 0) {
		judge_missing(subject, host, text, reverse);
		return false;
	}
	switch (confirm(subject, address, &failed, &failed_name)) {
	case CONFIRMED:
		return true;
	case UNTOLD:
		domain_unknown(
		    subject, failed_name, type_of(&address->ip), &failed);
		return false;
	case NOT_CONFIRMED:
		break;
	}
	judge_unconfirmed(subject, host, address, text);
	return false;
}

/* ---- all of them ---- */

static bool
seen_before(
    const struct ms_domain_mx *mx, size_t host, size_t at, struct ms_ip *ip)
{
	for (size_t i = 0; i <= host; i++)
		for (size_t k = 0; k < (i < host ? mx->hosts[i].n : at); k++)
			if (ms_ip_equal(&mx->hosts[i].addresses[k].ip, ip))
				return true;
	return false;
}

static void
hint(const struct ms_domain_case *subject, const struct ms_domain_mx *mx)
{
	struct ms_dns_name name;

	for (size_t i = 0; !subject->env->careful && i < mx->n; i++) {
		for (size_t k = 0; k < mx->hosts[i].n; k++) {
			const struct ms_ip *ip = &mx->hosts[i].addresses[k].ip;

			if (ms_env_special(subject->env, ip))
				continue;
			ms_dns_name_reverse(ip, &name);
			ms_dns_hint(subject->env->dns,
			    ms_dns_name_format(subject->arena, &name),
			    MS_DNS_PTR);
		}
	}
}

static void
pass(struct ms_domain_case *subject, const struct ms_domain_mx *mx, size_t n)
{
	struct ms_domain_outcome *o = domain_pass(subject,
	    n == 1 ? "The reverse name of the one address leads back to it"
		   : "The reverse names of all %zu addresses lead back to them",
	    n);

	for (size_t i = 0; i < mx->n; i++)
		for (size_t k = 0; k < mx->hosts[i].n; k++)
			domain_records(
			    subject, o, &mx->hosts[i].addresses[k].ptr);
}

/* Of a host whose addresses are not all known others may be to judge. */
static bool
is_known(const struct ms_domain_mx *mx)
{
	for (size_t i = 0; i < mx->n; i++)
		if (ms_dns_is_failure(mx->hosts[i].a.status) ||
		    ms_dns_is_failure(mx->hosts[i].aaaa.status))
			return false;
	return true;
}

static void
skip(struct ms_domain_case *subject, const struct ms_domain_mx *mx)
{
	if (ms_dns_is_failure(mx->answer.status) || !is_known(mx))
		domain_skip(subject, "Not all addresses of the mail "
				     "exchangers are known");
	else
		domain_skip(subject, "No mail exchanger has an address that "
				     "could have a reverse name");
}

static void
run(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	size_t good = 0, n = 0;

	hint(subject, mx);
	for (size_t i = 0; i < mx->n; i++) {
		struct ms_domain_host *host = &mx->hosts[i];

		for (size_t k = 0; k < host->n; k++) {
			struct ms_ip *ip = &host->addresses[k].ip;

			if (ms_env_special(subject->env, ip) ||
			    seen_before(mx, i, k, ip))
				continue;
			n++;
			good += judge(subject, host, &host->addresses[k]);
		}
	}
	if (n == 0 || !is_known(mx))
		skip(subject, mx);
	else if (good == n)
		pass(subject, mx, n);
}

extern const struct ms_domain_check domain_check_ptr;

const struct ms_domain_check domain_check_ptr = {
	.id = "ptr",
	.title = "reverse names of the mail exchangers",
	.reference = "RFC 1912 section 2.1",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.run = run,
};
