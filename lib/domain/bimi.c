/* SPDX-License-Identifier: ISC
 * bimi.c - the brand's mark beside its mail,
 * draft-brand-indicators-for-message-identification
 */
#include "domain_priv.h"

#define PREFIX "default._bimi"

static void
judge_invalid(struct ms_domain_case *subject,
    const struct ms_dns_answer *answer, const struct ms_bimi_record *record)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "bimi-invalid",
	    MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "The BIMI record cannot be used: %s", record->fault);

	o->detail = "No mailbox provider shows a mark.";
	o->fix = ms_arena_printf(subject->arena,
	    PREFIX ".%.*s. TXT \"v=BIMI1; l=https://…/mark.svg; "
		   "a=https://…/mark.pem\"",
	    DOMAIN_TEXT(subject->name));
	domain_records(subject, o, answer);
}

static void
judge_record(struct ms_domain_case *subject, const struct ms_dns_answer *answer,
    struct ms_slice text)
{
	struct ms_bimi_record record;
	struct ms_domain_outcome *o;

	ms_bimi_record_parse(
	    text, &subject->env->limits, subject->arena, &record);
	if (!record.valid) {
		judge_invalid(subject, answer, &record);
		return;
	}
	if (record.declined)
		o = domain_pass(
		    subject, "The domain wants no mark shown, and says so");
	else
		o = domain_pass(subject, "A mark is published: %.*s",
		    DOMAIN_TEXT(
			record.location.n ? record.location : record.evidence));
	domain_records(subject, o, answer);
	if (record.declined)
		return;
	if (record.evidence.n == 0) {
		o = domain_outcome(subject, "bimi-no-evidence", MS_DOMAIN_WARN,
		    MS_SEVERITY_INFO,
		    "The BIMI record has no mark certificate (a=)");
		o->detail = "Most mailbox providers show a mark only with one.";
		o->fix = "Name a verified or common mark certificate in a=.";
		domain_records(subject, o, answer);
	}
	domain_bimi_served(subject, &record);
}

static void
judge_several(
    struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "bimi-multiple", MS_DOMAIN_WARN,
		MS_SEVERITY_LOW, "Several BIMI records: none of them counts");

	o->detail = "No mailbox provider shows a mark.";
	o->fix = "Take all but one out.";
	domain_records(subject, o, answer);
}

static void
run(struct ms_domain_case *subject)
{
	struct ms_dns_answer answer;
	struct ms_slice text = { NULL, 0 };
	size_t n;

	domain_ask(subject, PREFIX, MS_DNS_TXT, &answer);
	n = domain_count_texts(&answer, ms_bimi_is_record, &text);
	if (ms_dns_is_failure(answer.status))
		domain_unknown(
		    subject, domain_name(subject, PREFIX), MS_DNS_TXT, &answer);
	else if (n > 1)
		judge_several(subject, &answer);
	else if (n == 0 && answer.n == 0)
		domain_skip(subject, "No BIMI record; nobody needs one");
	else
		judge_record(
		    subject, &answer, n ? text : answer.records[0].u.text);
}

static const struct ms_domain_hint hints[] = {
	{ PREFIX, MS_DNS_TXT },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_bimi;

const struct ms_domain_check domain_check_bimi = {
	.id = "bimi",
	.title = "the brand's mark",
	.reference = "draft-brand-indicators-for-message-identification",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
