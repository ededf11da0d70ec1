/* SPDX-License-Identifier: ISC
 * caa.c - who may issue certificates for the domain, RFC 8659, 9495
 */
#include "domain_priv.h"

#include "mailsonde/scan.h"

#define CRITICAL 128 /* RFC 8659 4.1: bit 0 of the flags */

/* The records of the nearest name upward that has some, RFC 8659 3. */
static void
climb(struct ms_domain_case *subject, struct ms_slice *at,
    struct ms_dns_answer *out)
{
	*at = subject->name;
	for (;;) {
		size_t dot = ms_slice_find(*at, 0, '.');

		ms_dns_ask(
		    subject->env->dns, *at, MS_DNS_CAA, subject->arena, out);
		if (!ms_dns_is_absent(out->status) || dot == at->n)
			return;
		*at = ms_slice_part(*at, dot + 1, at->n);
	}
}

/* issue, issuewild, issuemail, issuevmc: [issuer] [";" parameters], RFC
 * 8659 4.2. */
static bool
is_issue(struct ms_slice tag)
{
	return ms_slice_is(tag, "issue") || ms_slice_is(tag, "issuewild") ||
	       ms_slice_is(tag, "issuemail") || ms_slice_is(tag, "issuevmc");
}

/* Properties that certification authorities know. */
static bool
is_known(struct ms_slice tag)
{
	return is_issue(tag) || ms_slice_is(tag, "iodef") ||
	       ms_slice_is(tag, "contactemail") ||
	       ms_slice_is(tag, "contactphone");
}

/* The issuer's domain name; n == 0: nobody. */
static struct ms_slice
issuer(const struct ms_dns_record *r)
{
	struct ms_slice value = r->u.caa.value;

	return ms_slice_trim(
	    ms_slice_part(value, 0, ms_slice_find(value, 0, ';')));
}

static bool
is_issuer(struct ms_slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ms_is(name.p[i], MS_C_ALNUM) && name.p[i] != '-' &&
		    name.p[i] != '.')
			return false;
	return name.n == 0 || (*name.p != '.' && *name.p != '-');
}

enum fault {
	FAULT_NONE,
	FAULT_CRITICAL,
	FAULT_UNKNOWN,
	FAULT_ISSUER,
	FAULT_IODEF,
};

static const struct {
	const char *id;
	enum ms_severity severity;
	const char *what, *detail, *fix, *reference;
} faults[] = {
	[FAULT_CRITICAL] = { .id = "caa-critical-unknown",
	    .severity = MS_SEVERITY_HIGH,
	    .what = "A CAA property that nobody knows is critical",
	    .detail = "No certification authority may issue anything: it must "
		      "understand what is critical.",
	    .fix = "Correct its name, or take it out.",
	    .reference = "RFC 8659 section 4.1" },
	[FAULT_UNKNOWN] = { .id = "caa-unknown",
	    .severity = MS_SEVERITY_LOW,
	    .what = "A CAA property that nobody knows",
	    .detail = "It is passed over, and forbids nothing.",
	    .fix = "Correct its name, or take it out.",
	    .reference = "RFC 8659 section 4.1" },
	[FAULT_ISSUER] = { .id = "caa-syntax",
	    .severity = MS_SEVERITY_MEDIUM,
	    .what = "A CAA value that names no certification authority",
	    .detail = "It lets nobody issue.",
	    .fix = "Give the authority's domain name, or \";\" for nobody.",
	    .reference = "RFC 8659 section 4.2" },
	[FAULT_IODEF] = { .id = "caa-iodef",
	    .severity = MS_SEVERITY_LOW,
	    .what = "Word of refused certificates goes nowhere",
	    .detail = "iodef wants mailto:, https:// or http://.",
	    .fix = "Give the address as a URL, mailto: in front.",
	    .reference = "RFC 8659 section 4.4" },
};

static enum fault
fault_of(const struct ms_dns_record *r)
{
	struct ms_slice tag = r->u.caa.tag, value = r->u.caa.value;

	if (!is_known(tag))
		return r->u.caa.flags & CRITICAL ? FAULT_CRITICAL
						 : FAULT_UNKNOWN;
	if (is_issue(tag) && !is_issuer(issuer(r)))
		return FAULT_ISSUER;
	if (ms_slice_is(tag, "iodef") && !ms_slice_starts(value, "mailto:") &&
	    !ms_slice_starts(value, "https://") &&
	    !ms_slice_starts(value, "http://"))
		return FAULT_IODEF;
	return FAULT_NONE;
}

static void
judge_record(struct ms_domain_case *subject, const struct ms_dns_record *r)
{
	struct ms_slice text = ms_dns_rdata_text(subject->arena, r);
	enum fault f = fault_of(r);
	struct ms_domain_outcome *o;

	if (f == FAULT_NONE)
		return;
	o = domain_outcome(subject, faults[f].id,
	    faults[f].severity > MS_SEVERITY_LOW ? MS_DOMAIN_FAIL
						 : MS_DOMAIN_WARN,
	    faults[f].severity, "%s: %.*s", faults[f].what, DOMAIN_TEXT(text));
	o->detail = faults[f].detail;
	o->fix = faults[f].fix;
	o->reference = faults[f].reference;
	domain_record_line(subject, o, "%.*s. %u CAA %.*s",
	    DOMAIN_TEXT(r->name), r->ttl, DOMAIN_TEXT(text));
}

/* "letsencrypt.org, ca.example"; "nobody"; NULL: the property is not there. */
static const char *
issuers(struct ms_domain_case *subject, const struct ms_dns_answer *answer,
    const char *property)
{
	struct ms_buf out;
	bool any = false;

	ms_buf_init(&out, subject->arena);
	for (size_t i = 0; i < answer->n; i++) {
		struct ms_slice name = issuer(&answer->records[i]);

		if (!ms_slice_is(answer->records[i].u.caa.tag, property))
			continue;
		any = true;
		if (name.n > 0)
			ms_buf_printf(&out, "%s%.*s", out.n ? ", " : "",
			    DOMAIN_TEXT(name));
	}
	if (!any)
		return NULL;
	return out.n ? ms_arena_string(subject->arena, ms_buf_get(&out))
		     : "nobody";
}

static void
judge_mail(struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o;

	if (issuers(subject, answer, "issuemail"))
		return;
	o = domain_outcome(subject, "caa-no-issuemail", MS_DOMAIN_WARN,
	    MS_SEVERITY_INFO,
	    "CAA leaves open who may issue certificates for S/MIME");
	o->detail = "Any certification authority may issue one for an address "
		    "of the domain.";
	o->fix = ms_arena_printf(subject->arena,
	    "%.*s. CAA 0 issuemail \"…\" with the authority's name, or \";\" "
	    "for nobody",
	    DOMAIN_TEXT(subject->name));
	o->reference = "RFC 9495 section 3";
	domain_records(subject, o, answer);
}

static void
judge_missing(struct ms_domain_case *subject)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "caa-missing",
	    MS_DOMAIN_WARN, MS_SEVERITY_INFO,
	    "No CAA record: any certification authority may issue for the "
	    "domain");

	o->detail = "With CAA only those named issue certificates, also for "
		    "the mail servers in the domain.";
	o->fix = ms_arena_printf(subject->arena,
	    "%.*s. CAA 0 issue \"…\" with the name of the authority that you "
	    "use",
	    DOMAIN_TEXT(subject->name));
}

static void
judge(struct ms_domain_case *subject, struct ms_slice at,
    const struct ms_dns_answer *answer)
{
	size_t before = subject->outcomes_n;
	const char *web = issuers(subject, answer, "issue");
	const char *mail = issuers(subject, answer, "issuemail");
	struct ms_domain_outcome *o;

	for (size_t i = 0; i < answer->n; i++)
		judge_record(subject, &answer->records[i]);
	if (subject->outcomes_n == before) {
		o = domain_pass(subject, "Certificates: %s%s%s%s%s",
		    web ? web : "anybody", mail ? "; S/MIME: " : "",
		    mail ? mail : "", at.n < subject->name.n ? "; from " : "",
		    at.n < subject->name.n ? ms_arena_string(subject->arena, at)
					   : "");
		domain_records(subject, o, answer);
	}
	judge_mail(subject, answer);
}

static void
run(struct ms_domain_case *subject)
{
	struct ms_dns_answer answer;
	struct ms_slice at;

	climb(subject, &at, &answer);
	if (ms_dns_is_failure(answer.status))
		domain_unknown(subject, at, MS_DNS_CAA, &answer);
	else if (answer.status == MS_DNS_FOUND)
		judge(subject, at, &answer);
	else
		judge_missing(subject);
}

static const struct ms_domain_hint hints[] = {
	{ "", MS_DNS_CAA },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_caa;

const struct ms_domain_check domain_check_caa = {
	.id = "caa",
	.title = "who may issue certificates",
	.reference = "RFC 8659",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
