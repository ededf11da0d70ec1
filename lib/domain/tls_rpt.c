/* SPDX-License-Identifier: ISC
 * tls_rpt.c - where senders report failures of TLS to, RFC 8460
 */
#include "domain_priv.h"

#include "mailsonde/domain_record.h"

#define PREFIX "_smtp._tls"

/* A record in place of those for which `is_record`; NULL: of all. */
static void
mend(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    const struct ms_dns_answer *answer, bool (*is_record)(struct ms_slice text))
{
	char *record = ms_arena_printf(subject->arena,
	    "\"v=TLSRPTv1; rua=mailto:tls-reports@%.*s\"",
	    DOMAIN_TEXT(subject->name));

	o->reference = "RFC 8460 section 3";
	o->fix = ms_arena_printf(subject->arena, PREFIX ".%.*s. TXT %s",
	    DOMAIN_TEXT(subject->name), record);
	domain_replace_txt(subject, o, answer, PREFIX, is_record,
	    ms_slice_make(NULL, 0), record);
	domain_records(subject, o, answer);
}

static void
judge_missing(
    struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "tls-rpt-missing",
	    MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "No TLS-RPT record: nobody reports that TLS to you fails");

	o->detail = "With MTA-STS or DANE mail is held back when TLS fails; "
		    "the reports are the only word of it.";
	mend(subject, o, answer, ms_tls_rpt_is_record);
}

/* Reporters know mailto and https (RFC 8460 3). */
static size_t
usable(const struct ms_tls_rpt_record *record)
{
	size_t n = 0;

	for (size_t i = 0; i < record->rua_n; i++)
		n += ms_slice_starts(record->rua[i], "mailto:") ||
		     ms_slice_starts(record->rua[i], "https://");
	return n;
}

static void
judge_record(struct ms_domain_case *subject, const struct ms_dns_answer *answer,
    struct ms_slice text)
{
	struct ms_tls_rpt_record record;
	struct ms_domain_outcome *o;

	ms_tls_rpt_record_parse(
	    text, &subject->env->limits, subject->arena, &record);
	if (!record.valid) {
		o = domain_outcome(subject, "tls-rpt-invalid", MS_DOMAIN_FAIL,
		    MS_SEVERITY_MEDIUM, "The TLS-RPT record cannot be read: %s",
		    record.fault);
		o->detail = "No reports are sent.";
		mend(subject, o, answer, ms_tls_rpt_is_record);
	} else if (usable(&record) == 0) {
		o = domain_outcome(subject, "tls-rpt-scheme", MS_DOMAIN_FAIL,
		    MS_SEVERITY_MEDIUM,
		    "The TLS-RPT record names no address that reporters use "
		    "(mailto:, https://)");
		o->detail = "No reports are sent.";
		mend(subject, o, answer, ms_tls_rpt_is_record);
	} else {
		o = domain_pass(subject, "Failures of TLS are reported to %.*s",
		    DOMAIN_TEXT(record.rua[0]));
		domain_records(subject, o, answer);
	}
}

/* One that can be read stays. */
static void
judge_several(
    struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "tls-rpt-multiple", MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "Several TLS-RPT records: reporters act as if there were none");

	o->detail = "Several addresses belong into one record, with commas.";
	for (size_t i = 0; i < answer->n; i++) {
		struct ms_slice text = answer->records[i].u.text;
		struct ms_tls_rpt_record record;

		ms_tls_rpt_record_parse(
		    text, &subject->env->limits, subject->arena, &record);
		if (!record.valid)
			continue;
		o->fix = "Take all but one out.";
		o->reference = "RFC 8460 section 3";
		domain_replace_txt(subject, o, answer, PREFIX,
		    ms_tls_rpt_is_record, text, NULL);
		domain_records(subject, o, answer);
		return;
	}
	mend(subject, o, answer, ms_tls_rpt_is_record);
}

static void
judge_other(struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "tls-rpt-no-version", MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "The text at " PREFIX ".%.*s is no TLS-RPT record",
	    DOMAIN_TEXT(subject->name));

	o->detail = "It does not begin with v=TLSRPTv1; in just this case; "
		    "reporters pass it over.";
	mend(subject, o, answer, NULL);
}

static void
run(struct ms_domain_case *subject)
{
	struct ms_dns_answer answer;
	struct ms_slice text = { NULL, 0 };
	size_t n;

	domain_ask(subject, PREFIX, MS_DNS_TXT, &answer);
	n = domain_count_texts(&answer, ms_tls_rpt_is_record, &text);
	if (ms_dns_is_failure(answer.status))
		domain_unknown(
		    subject, domain_name(subject, PREFIX), MS_DNS_TXT, &answer);
	else if (n == 1)
		judge_record(subject, &answer, text);
	else if (n > 1)
		judge_several(subject, &answer);
	else if (answer.n > 0)
		judge_other(subject, &answer);
	else if (!domain_takes_mail(subject))
		domain_skip(subject, "The domain takes no mail");
	else if (!domain_mail_untold(subject))
		judge_missing(subject, &answer);
}

static const struct ms_domain_hint hints[] = {
	{ PREFIX, MS_DNS_TXT },
	{ "", MS_DNS_MX },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_tls_rpt;

const struct ms_domain_check domain_check_tls_rpt = {
	.id = "tls-rpt",
	.title = "where failures of TLS are reported to",
	.reference = "RFC 8460",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
