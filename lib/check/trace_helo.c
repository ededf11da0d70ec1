/* SPDX-License-Identifier: ISC
 * trace_helo.c - what the client at the boundary said of itself
 */
#include "mailsonde/organisation.h"
#include "trace_hop_priv.h"

/* Large providers whose servers have names of their own. */
static bool
provider(struct ms_slice name)
{
	static const char *const names[] = { "google.com", "gmail.com",
		"yahoo.com", "outlook.com", "hotmail.com", "icloud.com",
		"apple.com", "amazonses.com", "paypal.com", "microsoft.com",
		"facebook.com", "aol.com", "gmx.net", "web.de", "mail.ru",
		"yandex.net" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ms_slice_is(ms_organisation(name), names[i]))
			return true;
	return false;
}

/* IPv4 addresses of different /16. */
static bool
far_apart(const struct ms_ip *a, const struct ms_ip *b)
{
	return a->v4 && b->v4 && memcmp(a->b + 12, b->b + 12, 2) != 0;
}

static void
address(const struct ms_check *check, const struct ms_case *subject,
    size_t index, const struct ms_ip *helo, struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;
	const struct ms_received *r = &trace->hops[index].received;
	struct ms_finding f;

	if (ms_env_special(subject->env, helo) && r->ip.set)
		return; /* a private one: a client behind NAT */
	f = trace_hop_finding(check, report, trace, index);
	f.severity = MS_SEVERITY_LOW;
	f.weight = 5;
	if (r->ip.set && far_apart(helo, &r->ip)) {
		f.severity = MS_SEVERITY_MEDIUM;
		f.weight = 15;
	}
	f.title = ms_arena_printf(report->arena,
	    "The sending host called itself by an address, %.*s",
	    FINDING_TEXT(r->helo));
	f.detail =
	    r->ip.set && far_apart(helo, &r->ip)
		? "A mail server has a name; and this address is not even near "
		  "the one it connected from."
		: "A mail server has a name. Scripts and infected machines use "
		  "their address.";
	ms_report_finding(report, &f);
}

static void
false_provider(const struct ms_check *check, const struct ms_trace *trace,
    size_t index, struct ms_report *report)
{
	const struct ms_received *r = &trace->hops[index].received;
	struct ms_finding f = trace_hop_finding(check, report, trace, index);

	f.id = "trace-helo-provider";
	f.title = ms_arena_printf(report->arena,
	    "The sending host called itself %.*s and is %.*s",
	    FINDING_TEXT(r->helo),
	    FINDING_TEXT(r->rdns.n > 0 ? r->rdns : MS_SLICE("without a name")));
	f.detail = "The servers of that provider have reverse names in its own "
		   "domain. Whoever says otherwise lies about who it is.";
	f.fix = "Take the message for forged.";
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;
	const struct ms_received *r;
	struct ms_ip ip;

	if (trace->boundary < 0)
		return;
	r = &trace->hops[trace->boundary].received;
	if (r->helo.n == 0)
		return;
	if (ms_ip_parse_literal(r->helo, &ip)) {
		address(check, subject, (size_t)trace->boundary, &ip, report);
		return;
	}
	/* No reverse name in the line says nothing where the dialect does
	 * not write one: only a differing one counts. */
	if (provider(r->helo) && r->rdns.n > 0 &&
	    !ms_slice_is(r->rdns, "unknown") &&
	    !ms_same_organisation(r->helo, r->rdns) && !provider(r->rdns))
		false_provider(check, trace, (size_t)trace->boundary, report);
}

extern const struct ms_check check_trace_helo;

const struct ms_check check_trace_helo = {
	.id = "trace-helo-address",
	.title = "a HELO that is an address, or a provider's without its "
		 "reverse name",
	.reference = "RFC 5321 section 4.1.1.1",
	.severity = MS_SEVERITY_HIGH,
	.weight = 40,
	.needs = MS_NEEDS_TRACE,
	.run = run,
};
