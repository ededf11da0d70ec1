/* SPDX-License-Identifier: ISC
 * dmarc.c - what a domain asks for when mail in its name is not its own
 *
 * RFC 9989: the record, where it was found by the walk up the DNS, and what
 * comes of it for the domain, the names below it and those that do not exist.
 */
#include "mailsonde/dmarc.h"
#include "domain_priv.h"
#include "mailsonde/buf.h"
#include "mailsonde/organisation.h"

struct policies {
	enum ms_dmarc_policy domain, below, nonexistent;
};

static const char *
word(enum ms_dmarc_policy policy)
{
	const char *name = ms_dmarc_policy_name(policy);

	return name ? name : "nothing";
}

static void
finish(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    const struct ms_dmarc_judgement *j, const char *detail, const char *fix,
    const char *reference)
{
	o->detail = detail;
	o->fix = fix;
	o->reference = reference;
	domain_record_line(subject, o, "_dmarc.%.*s. TXT %s",
	    DOMAIN_TEXT(j->policy_domain),
	    domain_txt(subject->arena, j->record->text));
}

/* ---- the record ---- */

static void
judge_deviation(struct ms_domain_case *subject,
    const struct ms_dmarc_judgement *j, const struct ms_dmarc_deviation *d)
{
	struct ms_domain_outcome *o = NULL;
	const char *fix = "Put the tag right.";

	switch (d->fault) {
	case MS_DMARC_SYNTAX:
	case MS_DMARC_VALUE:
	case MS_DMARC_DUPLICATE:
		o = domain_outcome(subject, "dmarc-syntax", MS_DOMAIN_WARN,
		    MS_SEVERITY_MEDIUM, "An error in the record: %s", d->text);
		break;
	case MS_DMARC_UNKNOWN_TAG:
		o = domain_outcome(subject, "dmarc-unknown-tag", MS_DOMAIN_WARN,
		    MS_SEVERITY_LOW, "%s", d->text);
		break;
	case MS_DMARC_REMOVED_TAG:
	case MS_DMARC_REMOVED_SIZE:
		o = domain_outcome(subject, "dmarc-removed-tag", MS_DOMAIN_WARN,
		    MS_SEVERITY_LOW, "%s", d->text);
		fix = "Take it out.";
		break;
	case MS_DMARC_NO_POLICY:
		o = domain_outcome(subject, "dmarc-no-policy", MS_DOMAIN_FAIL,
		    MS_SEVERITY_HIGH, "%s", d->text);
		fix = "Give it p=none, p=quarantine or p=reject.";
		break;
	case MS_DMARC_ORDER:
		o = domain_outcome(subject, "dmarc-tag-order", MS_DOMAIN_WARN,
		    MS_SEVERITY_LOW, "%s", d->text);
		fix = "Put p= right behind v=.";
		break;
	}
	if (!o)
		return;
	finish(subject, o, j,
	    d->at.n > 0
		? ms_arena_printf(subject->arena, "At octet %zu: \"%.*s\".",
		      (size_t)(d->at.p - j->record->text.p) + 1,
		      DOMAIN_TEXT(d->at))
		: NULL,
	    fix, d->reference);
}

/* ---- policy ---- */

static struct policies
policies_of(
    const struct ms_domain_case *subject, const struct ms_dmarc_judgement *j)
{
	const struct ms_dmarc_record *r = j->record;
	struct policies out = { r->p, r->sp, r->np };

	if (!out.below)
		out.below = out.domain;
	if (!out.nonexistent)
		out.nonexistent = out.below;
	if (!ms_slice_equal(j->policy_domain, subject->name))
		out.domain = j->policy_tag == MS_DMARC_TAG_NP ? out.nonexistent
							      : out.below;
	return out;
}

static void
judge_policy(struct ms_domain_case *subject, const struct ms_dmarc_judgement *j,
    const struct policies *p)
{
	struct ms_domain_outcome *o;

	if (p->domain == MS_DMARC_NONE) {
		o = domain_outcome(subject, "dmarc-policy-none", MS_DOMAIN_WARN,
		    MS_SEVERITY_LOW,
		    "The policy asks for nothing: forged mail is delivered");
		finish(subject, o, j,
		    "p=none only asks for reports. It is meant for the time in "
		    "which a domain gets to know its senders.",
		    "Once the reports show no sender of yours that fails: "
		    "p=quarantine, then p=reject.",
		    "RFC 9989 section 4.7");
		return;
	}
	if (p->below < p->domain) {
		o = domain_outcome(subject, "dmarc-subdomain-policy",
		    MS_DOMAIN_WARN, MS_SEVERITY_MEDIUM,
		    "Names below the domain are protected less: %s, and the "
		    "domain %s",
		    word(p->below), word(p->domain));
		finish(subject, o, j, "Whoever forges mail takes such a name.",
		    "Take sp= out, or let it ask for as much as p=.",
		    "RFC 9989 section 4.7");
	}
	if (p->nonexistent < p->below || p->nonexistent < p->domain) {
		o = domain_outcome(subject, "dmarc-nonexistent-policy",
		    MS_DOMAIN_WARN, MS_SEVERITY_MEDIUM,
		    "Names that do not exist are protected less: %s",
		    word(p->nonexistent));
		finish(subject, o, j,
		    "Nobody sends from them but forgers, who can make up any.",
		    "np=reject.", "RFC 9989 section 4.7");
	}
}

static void
judge_testing(
    struct ms_domain_case *subject, const struct ms_dmarc_judgement *j)
{
	struct ms_domain_outcome *o;

	if (!j->record->testing)
		return;
	o = domain_outcome(subject, "dmarc-testing", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    "The policy is only tested (t=y): receivers apply the next weaker");
	finish(subject, o, j, NULL, "Take t=y out once the reports are good.",
	    "RFC 9989 section 4.7");
}

/* ---- reports, RFC 9990 4 ---- */

/* Of a mailto URI the domain; p == NULL. */
static struct ms_slice
destination(struct ms_slice uri)
{
	size_t at;

	if (!ms_slice_starts(uri, "mailto:"))
		return ms_slice_make(NULL, 0);
	uri = ms_slice_part(uri, 0, ms_slice_find(uri, 0, '?'));
	for (at = uri.n; at > 0 && uri.p[at - 1] != '@';)
		at--;
	return at > 0 && at < uri.n ? ms_slice_part(uri, at, uri.n)
				    : ms_slice_make(NULL, 0);
}

static void
judge_destination(struct ms_domain_case *subject,
    const struct ms_dmarc_judgement *j, const char *tag, struct ms_slice uri)
{
	struct ms_slice to = destination(uri), name;
	struct ms_dns_answer answer;
	struct ms_domain_outcome *o;

	if (!to.p || ms_name_is_within(to, j->policy_domain) ||
	    !j->organizational_domain.p ||
	    ms_name_is_within(to, j->organizational_domain))
		return;
	name = ms_slice_from(
	    ms_arena_printf(subject->arena, "%.*s._report._dmarc.%.*s",
		DOMAIN_TEXT(j->policy_domain), DOMAIN_TEXT(to)));
	ms_dns_ask(
	    subject->env->dns, name, MS_DNS_TXT, subject->arena, &answer);
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, name, MS_DNS_TXT, &answer);
		return;
	}
	if (domain_count_texts(&answer, ms_dmarc_is_record, NULL) > 0)
		return;
	o = domain_outcome(subject, "dmarc-report-unauthorised", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM,
	    "%.*s does not say that it takes reports of this domain (%s)",
	    DOMAIN_TEXT(to), tag);
	finish(subject, o, j, "Nobody sends them there until it does.",
	    ms_arena_printf(subject->arena,
		"Ask its owner for: %.*s. TXT \"v=DMARC1\"", DOMAIN_TEXT(name)),
	    "RFC 9990 section 4");
	if (answer.n > 0)
		domain_records(subject, o, &answer);
}

static void
judge_destinations(struct ms_domain_case *subject,
    const struct ms_dmarc_judgement *j, const char *tag,
    const struct ms_slice *uris, size_t n)
{
	size_t max = subject->env->limits.dmarc_reports;

	for (size_t i = 0; i < n && i < max; i++)
		judge_destination(subject, j, tag, uris[i]);
	if (n > max)
		domain_skip(subject,
		    "%s names %zu destinations: %zu of them are asked about "
		    "(limit dmarc_reports)",
		    tag, n, max);
}

static void
judge_reports(
    struct ms_domain_case *subject, const struct ms_dmarc_judgement *j)
{
	const struct ms_dmarc_record *r = j->record;
	struct ms_domain_outcome *o;

	judge_destinations(subject, j, "rua=", r->rua, r->rua_n);
	judge_destinations(subject, j, "ruf=", r->ruf, r->ruf_n);
	if (r->rua_n > 0)
		return;
	o = domain_outcome(subject, "dmarc-no-reports", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "Nobody gets the reports (no rua=)");
	finish(subject, o, j,
	    "They tell which mail in the domain's name passes and fails.",
	    ms_arena_printf(subject->arena, "rua=mailto:dmarc@%.*s",
		DOMAIN_TEXT(subject->name)),
	    "RFC 9989 section 4.7");
}

/* ---- without one ---- */

static void
judge_none(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	struct ms_slice owner = domain_name(subject, "_dmarc");
	struct ms_domain_outcome *o;
	const char *text;
	bool parked;

	if (ms_dns_is_failure(mx->answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_MX, &mx->answer);
		return;
	}
	if (mx->answer.status == MS_DNS_NXDOMAIN) {
		domain_skip(subject, "The domain does not exist");
		return;
	}
	parked = mx->null_mx || subject->profile == MS_DOMAIN_PARKED;
	text = parked ? "v=DMARC1; p=reject"
		      : ms_arena_printf(subject->arena,
			    "v=DMARC1; p=none; rua=mailto:dmarc@%.*s",
			    DOMAIN_TEXT(subject->name));
	o = domain_outcome(subject, "dmarc-none", MS_DOMAIN_FAIL,
	    MS_SEVERITY_MEDIUM, "The domain has no DMARC record");
	o->detail = "Anybody can put its name into From, and large receivers "
		    "refuse bulk mail of such domains.";
	o->fix = ms_arena_printf(subject->arena, "%.*s. TXT %s%s",
	    DOMAIN_TEXT(owner), domain_txt(subject->arena, ms_slice_from(text)),
	    parked ? ""
		   : "; then p=quarantine and p=reject, once the reports "
		     "show no sender of yours that fails");
	o->reference = "RFC 9989 section 4.7";
	domain_add(subject, o, owner, "TXT",
	    domain_txt(subject->arena, ms_slice_from(text)));
}

static void
judge_multiple(
    struct ms_domain_case *subject, const struct ms_dmarc_question *q)
{
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "dmarc-multiple-records", MS_DOMAIN_FAIL,
		MS_SEVERITY_HIGH, "%zu DMARC records stand at %.*s",
		q->records_n, DOMAIN_TEXT(q->name));

	o->detail = "With more than one none of them counts.";
	o->fix = "Leave one.";
	o->reference = "RFC 9989 section 4.10";
}

static void
judge_near(struct ms_domain_case *subject, const struct ms_dmarc_question *q)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "dmarc-not-a-record", MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "A TXT record at %.*s was meant for DMARC and does not count",
	    DOMAIN_TEXT(q->name));

	o->detail = "It must begin with v=DMARC1, in just this case.";
	o->fix = "Publish it anew, beginning with v=DMARC1.";
	o->reference = "RFC 9989 section 4.7";
	domain_record_line(subject, o, "%.*s. TXT %s", DOMAIN_TEXT(q->name),
	    domain_txt(subject->arena, q->near));
}

/* ---- all ---- */

static void
judge_record(struct ms_domain_case *subject, const struct ms_dmarc_judgement *j,
    bool failed)
{
	struct policies p = policies_of(subject, j);
	size_t before = subject->outcomes_n;
	struct ms_domain_outcome *o;

	for (size_t i = 0; i < j->record->deviations_n; i++)
		judge_deviation(subject, j, &j->record->deviations[i]);
	if (!j->record->usable || !j->policy)
		return;
	judge_policy(subject, j, &p);
	judge_testing(subject, j);
	judge_reports(subject, j);
	if (failed || subject->outcomes_n > before)
		return;
	o = domain_pass(subject,
	    "The domain asks for %s; names below it: %s, that do not exist: "
	    "%s (record at _dmarc.%.*s)",
	    word(p.domain), word(p.below), word(p.nonexistent),
	    DOMAIN_TEXT(j->policy_domain));
	finish(subject, o, j, NULL, NULL, "RFC 9989 section 4.7");
}

/* What is to be said of single answers. True: one failed. */
static bool
judge_questions(
    struct ms_domain_case *subject, const struct ms_dmarc_result *result)
{
	bool failed = false;

	for (const struct ms_dmarc_question *q = result->questions; q;
	     q = q->next) {
		struct ms_dns_answer answer = { .status = q->status,
			.why = q->why };

		if (ms_dns_is_failure(q->status)) {
			domain_unknown(subject, q->name, q->type, &answer);
			failed = true;
		}
		if (q->records_n > 1)
			judge_multiple(subject, q);
		if (q->near.p)
			judge_near(subject, q);
	}
	return failed;
}

static void
run(struct ms_domain_case *subject)
{
	struct ms_dmarc_request request = { .from = &subject->name,
		.from_n = 1 };
	struct ms_dmarc_result result;
	const struct ms_dmarc_judgement *j = &result.rfc9989;
	bool failed;

	ms_dmarc_evaluate(subject->env, subject->arena, &request, &result);
	failed = judge_questions(subject, &result);
	if (j->record && j->policy_domain.p)
		judge_record(subject, j, failed);
	else if (!failed && j->cause == MS_DMARC_NO_RECORD)
		judge_none(subject);
}

static const struct ms_domain_hint hints[] = {
	{ "_dmarc", MS_DNS_TXT },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_dmarc;

const struct ms_domain_check domain_check_dmarc = {
	.id = "dmarc",
	.title = "what the domain asks for when mail is not its own",
	.reference = "RFC 9989",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
