/* SPDX-License-Identifier: ISC
 * mta_sts.c - MTA-STS: that TLS is wanted, and with whom, RFC 8461
 */
#include "domain_priv.h"

#define PREFIX      "_mta-sts"
#define HOST_PREFIX "mta-sts"

/* An id nobody has seen: the time, RFC 8461 3.1. */
static char *
new_record(struct ms_domain_case *subject)
{
	struct ms_civil t = ms_time_to_civil(subject->env->clock.now);

	return ms_arena_printf(subject->arena,
	    "\"v=STSv1; id=%04d%02d%02d%02d%02d%02d\"", t.year, t.month, t.day,
	    t.hour, t.minute, t.second);
}

static void
judge_missing(struct ms_domain_case *subject)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "mta-sts-missing",
	    MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "No MTA-STS: senders may be talked out of TLS");
	char *record = new_record(subject);

	o->detail = "Whoever stands between can take the offer of TLS away, "
		    "and the mail goes in the clear or to another host.";
	o->fix = ms_arena_printf(subject->arena,
	    "Serve this at https://" HOST_PREFIX
	    ".%.*s/.well-known/mta-sts.txt, a line for each part: %s; then "
	    "publish " PREFIX ".%.*s. TXT %s",
	    DOMAIN_TEXT(subject->name),
	    domain_mta_sts_text(subject, MS_MTA_STS_UNKNOWN, 0),
	    DOMAIN_TEXT(subject->name), record);
}

/* A new record in place of what stands there. */
static void
replace(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    const struct ms_dns_answer *answer, bool (*is_record)(struct ms_slice text))
{
	char *record = new_record(subject);

	o->fix = ms_arena_printf(subject->arena, PREFIX ".%.*s. TXT %s",
	    DOMAIN_TEXT(subject->name), record);
	o->reference = "RFC 8461 section 3.1";
	domain_replace_txt(subject, o, answer, PREFIX, is_record,
	    ms_slice_make(NULL, 0), record);
	domain_records(subject, o, answer);
}

/* One that can be read stays. */
static void
judge_multiple(
    struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "mta-sts-multiple", MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "Several MTA-STS records: senders act as if there were none");

	o->detail = "Just one text may begin with v=STSv1; here.";
	for (size_t i = 0; i < answer->n; i++) {
		struct ms_slice text = answer->records[i].u.text;
		struct ms_mta_sts_record record;

		ms_mta_sts_record_parse(text, &record);
		if (!record.valid)
			continue;
		o->fix = "Take all but one out.";
		o->reference = "RFC 8461 section 3.1";
		domain_replace_txt(subject, o, answer, PREFIX,
		    ms_mta_sts_is_record, text, NULL);
		domain_records(subject, o, answer);
		return;
	}
	replace(subject, o, answer, ms_mta_sts_is_record);
}

static void
judge_invalid(struct ms_domain_case *subject,
    const struct ms_dns_answer *answer, const struct ms_mta_sts_record *record)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "mta-sts-invalid",
	    MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "The MTA-STS record cannot be read: %s", record->fault);

	o->detail = "Senders act as if there were none.";
	replace(subject, o, answer, ms_mta_sts_is_record);
}

/* Something stands there that is not even a candidate. */
static void
judge_other(struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "mta-sts-no-version", MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "The text at " PREFIX ".%.*s is no MTA-STS record",
	    DOMAIN_TEXT(subject->name));

	o->detail =
	    "It does not begin with v=STSv1; in just this case; senders "
	    "pass it over.";
	replace(subject, o, answer, NULL);
}

/* The host that serves the policy; true when it has an address. */
static bool
judge_host(struct ms_domain_case *subject)
{
	struct ms_slice name = domain_name(subject, HOST_PREFIX);
	struct ms_dns_answer a, aaaa;
	struct ms_domain_outcome *o;

	domain_hint_addresses(subject, name);
	domain_ask(subject, HOST_PREFIX, MS_DNS_A, &a);
	domain_ask(subject, HOST_PREFIX, MS_DNS_AAAA, &aaaa);
	if (a.status == MS_DNS_FOUND || aaaa.status == MS_DNS_FOUND)
		return true;
	if (ms_dns_is_failure(a.status) || ms_dns_is_failure(aaaa.status)) {
		bool first = ms_dns_is_failure(a.status);

		domain_unknown(subject, name, first ? MS_DNS_A : MS_DNS_AAAA,
		    first ? &a : &aaaa);
		return false;
	}
	o = domain_outcome(subject, "mta-sts-host-missing", MS_DOMAIN_FAIL,
	    MS_SEVERITY_MEDIUM,
	    "The host %.*s, which is to serve the policy, %s",
	    DOMAIN_TEXT(name),
	    a.status == MS_DNS_NXDOMAIN ? "does not exist" : "has no address");
	o->detail = "The record announces a policy that nobody can fetch.";
	o->fix = ms_arena_printf(subject->arena,
	    "Give %.*s an address and serve /.well-known/mta-sts.txt there, or "
	    "take the record at %s out.",
	    DOMAIN_TEXT(name), PREFIX);
	o->reference = "RFC 8461 section 3.3";
	return false;
}

static void
judge_found(struct ms_domain_case *subject, const struct ms_dns_answer *answer,
    const struct ms_mta_sts_record *record)
{
	struct ms_domain_outcome *o;

	if (!judge_host(subject))
		return;
	o = domain_pass(
	    subject, "MTA-STS is announced, id %.*s", DOMAIN_TEXT(record->id));
	domain_records(subject, o, answer);
	domain_mta_sts_served(subject);
}

static void
judge(struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_mta_sts_record record;

	switch (ms_mta_sts_choose(answer, &record)) {
	case MS_MTA_STS_FOUND:
		judge_found(subject, answer, &record);
		break;
	case MS_MTA_STS_INVALID:
		judge_invalid(subject, answer, &record);
		break;
	case MS_MTA_STS_MULTIPLE:
		judge_multiple(subject, answer);
		break;
	case MS_MTA_STS_NONE:
		if (answer->status == MS_DNS_FOUND)
			judge_other(subject, answer);
		else if (!domain_mail_untold(subject))
			judge_missing(subject);
		break;
	case MS_MTA_STS_FAILED:
		domain_unknown(
		    subject, domain_name(subject, PREFIX), MS_DNS_TXT, answer);
		break;
	}
}

static void
run(struct ms_domain_case *subject)
{
	struct ms_dns_answer answer;

	domain_ask(subject, PREFIX, MS_DNS_TXT, &answer);
	if (answer.status != MS_DNS_FOUND &&
	    !ms_dns_is_failure(answer.status) && !domain_takes_mail(subject)) {
		domain_skip(subject, "The domain takes no mail");
		return;
	}
	judge(subject, &answer);
}

static const struct ms_domain_hint hints[] = {
	{ PREFIX, MS_DNS_TXT },
	{ "", MS_DNS_MX },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_mta_sts;

const struct ms_domain_check domain_check_mta_sts = {
	.id = "mta-sts",
	.title = "that senders must use TLS, and to whom",
	.reference = "RFC 8461",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
