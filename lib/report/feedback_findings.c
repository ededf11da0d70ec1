/* SPDX-License-Identifier: ISC
 * feedback_findings.c - what reports of others show, and what to do
 */
#include <inttypes.h>

#include "describe_feedback_priv.h"

#define TEXT(s)                                                                \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")
#define SOURCES_MAX 20 /* of the evidence */

/* ---- who sends ---- */

static const char *
messages(struct ms_report *report, int64_t n)
{
	return ms_arena_printf(
	    report->arena, "%" PRId64 " message%s", n, n == 1 ? "" : "s");
}

static size_t
sources_of(const struct ms_senders *s, enum ms_source_kind kind)
{
	size_t n = 0;

	for (const struct ms_source *source = s->sources; source;
	     source = source->next)
		n += source->kind == kind;
	return n;
}

static struct ms_node *
evidence(struct ms_report *report, const struct ms_senders *s,
    enum ms_source_kind kind)
{
	struct ms_node *node = ms_put_object(report, NULL, NULL);
	struct ms_node *list, *item;
	size_t n = 0;

	ms_put_text(report, node, "domain", s->domain);
	ms_put_int(report, node, "messages", s->failed[kind]);
	list = ms_put_array(report, node, "sources");
	for (const struct ms_source *source = s->sources;
	     source && n < SOURCES_MAX; source = source->next) {
		if (source->kind != kind)
			continue;
		n++;
		item = ms_put_object(report, list, NULL);
		ms_put_text(report, item, "source_ip", source->text);
		ms_put_int(
		    report, item, "failed", source->messages - source->passed);
		ms_put_text(report, item, "authenticated_as", source->as);
	}
	return node;
}

/* "3 messages from 2 addresses". */
static const char *
amount(struct ms_report *report, const struct ms_senders *s,
    enum ms_source_kind kind)
{
	size_t n = sources_of(s, kind);

	return ms_arena_printf(report->arena, "%s from %zu address%s",
	    messages(report, s->failed[kind]), n, n == 1 ? "" : "es");
}

static const char *
lost(struct ms_report *report, int64_t n)
{
	if (n == 0)
		return "";
	return ms_arena_printf(report->arena,
	    " %" PRId64 " of them %s rejected or put aside as spam.", n,
	    n == 1 ? "was" : "were");
}

static void
find_own(struct ms_report *report, const struct ms_senders *s)
{
	struct ms_finding f = {
		.id = "dmarc-own-mail-fails",
		.severity = s->lost[MS_SOURCE_PARTLY] > 0 ? MS_SEVERITY_HIGH
							  : MS_SEVERITY_MEDIUM,
		.reference = "RFC 9989 section 5.1.5",
	};

	if (s->failed[MS_SOURCE_PARTLY] == 0)
		return;
	f.title = ms_arena_printf(report->arena,
	    "%s that also send%s passing mail of %.*s failed DMARC",
	    amount(report, s, MS_SOURCE_PARTLY),
	    sources_of(s, MS_SOURCE_PARTLY) == 1 ? "s" : "", TEXT(s->domain));
	f.detail = ms_arena_printf(report->arena,
	    "They are servers of the domain's own, or share an address with "
	    "one, and only part of what they send is set up.%s",
	    lost(report, s->lost[MS_SOURCE_PARTLY]));
	f.fix = ms_arena_printf(report->arena,
	    "Find what else sends there, and sign all of it with DKIM as "
	    "%.*s.",
	    TEXT(s->domain));
	f.evidence = evidence(report, s, MS_SOURCE_PARTLY);
	ms_report_finding(report, &f);
}

/* What the receiver called a failure, and is none by its own results. */
static void
find_disputed(struct ms_report *report, const struct ms_senders *s)
{
	int64_t gone = s->lost[MS_SOURCE_DISPUTED];
	struct ms_finding f = {
		.id = "dmarc-failure-disputed",
		.severity = gone > 0 ? MS_SEVERITY_MEDIUM : MS_SEVERITY_LOW,
		.reference = "RFC 9989 section 4.4",
		.fix = "Ask the receiver; its results are right more often "
		       "than its evaluation.",
	};

	if (s->failed[MS_SOURCE_DISPUTED] == 0)
		return;
	f.title = ms_arena_printf(report->arena,
	    "%s of %.*s should have passed DMARC",
	    amount(report, s, MS_SOURCE_DISPUTED), TEXT(s->domain));
	f.detail = ms_arena_printf(report->arena,
	    "The report calls them failures, and lists a result that passed "
	    "and is aligned.%s",
	    lost(report, gone));
	f.evidence = evidence(report, s, MS_SOURCE_DISPUTED);
	ms_report_finding(report, &f);
}

static void
find_forwarded(struct ms_report *report, const struct ms_senders *s)
{
	int64_t gone = s->lost[MS_SOURCE_FORWARDED];
	struct ms_finding f = {
		.id = "dmarc-forwarded-mail-fails",
		.severity = gone > 0 ? MS_SEVERITY_MEDIUM : MS_SEVERITY_LOW,
		.reference = "RFC 9989 section 7.4",
		.fix = "Sign with DKIM, which survives plain forwarding. For "
		       "mailing lists that change what they send on, nothing "
		       "helps but the list writing its own name into From.",
	};

	if (s->failed[MS_SOURCE_FORWARDED] == 0)
		return;
	f.title = ms_arena_printf(report->arena,
	    "%s in the name of %.*s failed on the way through a forwarder or "
	    "list",
	    amount(report, s, MS_SOURCE_FORWARDED), TEXT(s->domain));
	f.detail = ms_arena_printf(report->arena,
	    "The receiver says so, or a signature of %.*s was there and did "
	    "not hold.%s",
	    TEXT(s->domain), lost(report, gone));
	f.evidence = evidence(report, s, MS_SOURCE_FORWARDED);
	ms_report_finding(report, &f);
}

static void
find_other(struct ms_report *report, const struct ms_senders *s)
{
	struct ms_finding f = {
		.id = "dmarc-source-other-domain",
		.severity = MS_SEVERITY_MEDIUM,
		.reference = "RFC 9989 section 4.4",
	};
	const struct ms_source *first = s->sources;

	while (first && first->kind != MS_SOURCE_OTHER)
		first = first->next;
	if (!first || s->failed[MS_SOURCE_OTHER] == 0)
		return;
	f.title = ms_arena_printf(report->arena,
	    "%s in the name of %.*s authenticated as another domain: %.*s%s",
	    amount(report, s, MS_SOURCE_OTHER), TEXT(s->domain),
	    TEXT(first->as),
	    sources_of(s, MS_SOURCE_OTHER) > 1 ? " and others" : "");
	f.detail = ms_arena_printf(report->arena,
	    "Either a service sends for the domain and is not set up to do so "
	    "in its name, or somebody else uses it.%s",
	    lost(report, s->lost[MS_SOURCE_OTHER]));
	f.fix = ms_arena_printf(report->arena,
	    "If the service is yours: publish its DKIM key below %.*s and "
	    "have it sign as that. If not: p=reject stops it.",
	    TEXT(s->domain));
	f.evidence = evidence(report, s, MS_SOURCE_OTHER);
	ms_report_finding(report, &f);
}

static void
find_nobody(struct ms_report *report, const struct ms_senders *s)
{
	bool open =
	    !ms_slice_is(s->p, "reject") && !ms_slice_is(s->p, "quarantine");
	struct ms_finding f = {
		.id = "dmarc-source-unauthenticated",
		.severity = open ? MS_SEVERITY_MEDIUM : MS_SEVERITY_LOW,
		.reference = "RFC 9989 section 5.1.7",
	};

	if (s->failed[MS_SOURCE_NOTHING] == 0)
		return;
	f.title = ms_arena_printf(report->arena,
	    "%s in the name of %.*s authenticated as nobody",
	    amount(report, s, MS_SOURCE_NOTHING), TEXT(s->domain));
	f.detail = ms_arena_printf(report->arena,
	    "They are forgeries, or a server that was forgotten.%s%s",
	    open ? " The policy asks receivers to do nothing about them." : "",
	    lost(report, s->lost[MS_SOURCE_NOTHING]));
	f.fix = "Look the addresses up: what is yours belongs into the SPF "
		"record and signs with DKIM; the rest p=reject stops.";
	f.evidence = evidence(report, s, MS_SOURCE_NOTHING);
	ms_report_finding(report, &f);
}

/* ---- with the records of now ---- */

static void
find_broken(struct ms_report *report, const struct ms_senders *s)
{
	struct ms_finding f = {
		.id = "dmarc-would-fail-now",
		.severity = MS_SEVERITY_HIGH,
		.detail =
		    "They passed when they were sent, and would fail with "
		    "the records that were asked for now.",
		.fix = "Look at what has changed in the SPF record, and in "
		       "adkim and aspf, before it is published.",
		.reference = "RFC 9989 section 5.3",
	};

	if (s->now.broken == 0)
		return;
	f.title = ms_arena_printf(report->arena,
	    "%s of %.*s would not pass DMARC any more",
	    messages(report, s->now.broken), TEXT(s->domain));
	ms_report_finding(report, &f);
}

static void
note_unknown(struct ms_report *report, const struct ms_senders *s)
{
	if (s->now.unknown > 0)
		ms_report_error(report, "dns", true,
		    "%s of %.*s could not be judged anew: the DNS gave no "
		    "answer",
		    messages(report, s->now.unknown), TEXT(s->domain));
}

/* ---- the policy ---- */

static void
find_ready(struct ms_report *report, const struct ms_senders *s)
{
	struct ms_finding f = {
		.id = "dmarc-policy-ready",
		.severity = MS_SEVERITY_INFO,
		.reference = "RFC 9989 section 5.1.7",
	};

	if (feedback_verdict(s) != FEEDBACK_READY)
		return;
	f.title = ms_arena_printf(report->arena,
	    "Nothing in these reports speaks against p=reject for %.*s",
	    TEXT(s->domain));
	f.detail = "All that failed authenticated as nobody. Reports of a "
		   "week or two show more than those of a day.";
	f.fix = ms_arena_printf(report->arena,
	    "Publish p=quarantine at _dmarc.%.*s, then p=reject.",
	    TEXT(s->domain));
	ms_report_finding(report, &f);
}

static void
find_overridden(struct ms_report *report, const struct ms_senders *s)
{
	struct ms_finding f = {
		.id = "dmarc-policy-overridden",
		.severity = MS_SEVERITY_INFO,
		.reference = "RFC 9990 section 3.1.1",
		.detail = "The receiver had reasons of its own, which stand "
			  "beside the sources: a list it knows, a local rule, "
			  "a policy that is only tested.",
	};

	if (s->overridden == 0)
		return;
	f.title = ms_arena_printf(report->arena,
	    "For %s of %.*s the receiver did not do what the policy asks for",
	    messages(report, s->overridden), TEXT(s->domain));
	ms_report_finding(report, &f);
}

static void
find_differing(struct ms_report *report, const struct ms_senders *s)
{
	struct ms_finding f = {
		.id = "dmarc-alignment-differs",
		.severity = MS_SEVERITY_LOW,
		.reference = "RFC 9989 section 4.4",
		.detail = "SPF or DKIM as the receiver evaluated it for DMARC "
			  "does not follow from the results that the report "
			  "lists: it aligns in another way, or lists only some "
			  "of them.",
		.fix = "Trust the listed results; ask the receiver where it "
		       "matters.",
	};

	if (s->differ == 0)
		return;
	f.title = ms_arena_printf(report->arena,
	    "For %s of %.*s the reported evaluation is not what the listed "
	    "results give",
	    messages(report, s->differ), TEXT(s->domain));
	ms_report_finding(report, &f);
}

void
ms_senders_findings(struct ms_report *report, const struct ms_senders *s)
{
	find_own(report, s);
	find_disputed(report, s);
	find_forwarded(report, s);
	find_other(report, s);
	find_nobody(report, s);
	find_broken(report, s);
	note_unknown(report, s);
	find_ready(report, s);
	find_overridden(report, s);
	find_differing(report, s);
}

/* ---- TLS ---- */

/* The result types of RFC 8460 section 4.3, and what each is about. */
static const struct tls_fault {
	const char *type;
	const char *id, *what, *fix, *reference;
} tls_faults[] = {
	{ .type = "starttls-not-supported",
	    .id = "tls-report-starttls",
	    .what = "the server offered no STARTTLS",
	    .fix = "Have every exchanger of the domain offer STARTTLS; look "
		   "for a middlebox that takes it away.",
	    .reference = "RFC 8460 section 4.3.1" },
	{ .type = "certificate-host-mismatch",
	    .id = "tls-report-certificate",
	    .what = "the certificate is not for the exchanger's name",
	    .fix = "Get a certificate that names the exchanger as the MX "
		   "record and the policy do.",
	    .reference = "RFC 8460 section 4.3.1" },
	{ .type = "certificate-expired",
	    .id = "tls-report-certificate",
	    .what = "the certificate is over",
	    .fix = "Renew the certificate.",
	    .reference = "RFC 8460 section 4.3.1" },
	{ .type = "certificate-not-trusted",
	    .id = "tls-report-certificate",
	    .what = "the certificate is of no authority that senders trust",
	    .fix = "Send the whole chain of a public authority's certificate.",
	    .reference = "RFC 8460 section 4.3.1" },
	{ .type = "validation-failure",
	    .id = "tls-report-negotiation",
	    .what = "TLS failed in some other way",
	    .fix = "Look into the exchanger's log, and at it with mailsonde "
		   "probe.",
	    .reference = "RFC 8460 section 4.3.1" },
	{ .type = "tlsa-invalid",
	    .id = "tls-report-dane",
	    .what = "no TLSA record fits the certificate",
	    .fix = "Publish the TLSA record of the certificate in use, the "
		   "next one beside it.",
	    .reference = "RFC 8460 section 4.3.2.1" },
	{ .type = "dnssec-invalid",
	    .id = "tls-report-dane",
	    .what = "no valid DNSSEC-signed record could be had",
	    .fix = "Mend the zone's signatures (mailsonde domain says more).",
	    .reference = "RFC 8460 section 4.3.2.1" },
	{ .type = "dane-required",
	    .id = "tls-report-dane",
	    .what = "the sender insists on DANE, and there is no TLSA record",
	    .fix = "Publish TLSA records, or have the sender not require them.",
	    .reference = "RFC 8460 section 4.3.2.1" },
	{ .type = "sts-policy-fetch-error",
	    .id = "tls-report-mta-sts",
	    .what = "the MTA-STS policy could not be fetched",
	    .fix = "Serve https://mta-sts.DOMAIN/.well-known/mta-sts.txt, with "
		   "a valid certificate and without a redirect.",
	    .reference = "RFC 8460 section 4.3.2.2" },
	{ .type = "sts-policy-invalid",
	    .id = "tls-report-mta-sts",
	    .what = "the MTA-STS policy is not valid",
	    .fix = "Correct the policy (mailsonde domain says what is wrong).",
	    .reference = "RFC 8460 section 4.3.2.2" },
	{ .type = "sts-webpki-invalid",
	    .id = "tls-report-mta-sts",
	    .what =
		"the policy's web server has no certificate that is trusted",
	    .fix = "Give mta-sts.DOMAIN a certificate of a public authority.",
	    .reference = "RFC 8460 section 4.3.2.2" },
	{ .type = NULL,
	    .id = "tls-report-negotiation",
	    .what = "TLS failed in some other way",
	    .fix = "Look at the exchanger with mailsonde probe.",
	    .reference = "RFC 8460 section 4.3" },
};

static const struct tls_fault *
fault_of(struct ms_slice type)
{
	const struct tls_fault *f = tls_faults;

	while (f->type && !ms_slice_is(type, f->type))
		f++;
	return f;
}

/* Where a policy is enforced the mail was not sent. Where it could not be had
 * a sender does as if there was none, unless it has an older one. */
static enum ms_severity
tls_severity(const struct ms_tls_sessions *s)
{
	return ms_slice_is(s->type, "tlsa") || ms_slice_is(s->mode, "enforce")
		   ? MS_SEVERITY_HIGH
		   : MS_SEVERITY_MEDIUM;
}

static const char *
tls_outcome(const struct ms_tls_sessions *s)
{
	if (tls_severity(s) == MS_SEVERITY_HIGH)
		return "The policy is enforced: the mail was not delivered "
		       "this way.";
	if (ms_slice_is(s->type, "sts") && !s->mode.p)
		return "Whether the mail was delivered, the report does not "
		       "say.";
	return "The mail was delivered all the same, maybe in the clear.";
}

static struct ms_slice
domain_of(const struct ms_tls_sessions *s)
{
	return s->domain.p ? s->domain : MS_SLICE("(a domain not said)");
}

static void
find_kind(struct ms_report *report, const struct ms_tls_sessions *s,
    const struct ms_tls_kind *kind)
{
	const struct tls_fault *fault = fault_of(kind->result_type);
	struct ms_finding f = {
		.id = fault->id,
		.severity = tls_severity(s),
		.fix = fault->fix,
		.reference = fault->reference,
	};

	f.title = ms_arena_printf(report->arena,
	    "%" PRId64 " session%s to %.*s failed: %s", kind->count,
	    kind->count == 1 ? "" : "s", TEXT(domain_of(s)), fault->what);
	f.detail = ms_arena_printf(report->arena, "%.*s%s%.*s. %s",
	    TEXT(kind->result_type.p ? kind->result_type
				     : MS_SLICE("No result-type is given")),
	    kind->host.p ? " at " : "", TEXT(kind->host), tls_outcome(s));
	f.evidence = ms_put_object(report, NULL, NULL);
	ms_put_text(report, f.evidence, "domain", s->domain);
	ms_put_text(report, f.evidence, "policy_type", s->type);
	ms_put_text(report, f.evidence, "result_type", kind->result_type);
	ms_put_int(report, f.evidence, "failed", kind->count);
	ms_report_finding(report, &f);
}

static void
find_unexplained(struct ms_report *report, const struct ms_tls_sessions *s)
{
	struct ms_finding f = {
		.id = "tls-report-unexplained",
		.severity = tls_severity(s),
		.detail = "The reports count failures, and do not say what "
			  "failed.",
		.fix = "Look at the exchangers with mailsonde probe --mx.",
		.reference = "RFC 8460 section 4.4",
	};

	if (s->failed == 0 || s->kinds)
		return;
	f.title = ms_arena_printf(report->arena,
	    "%" PRId64 " session%s to %.*s failed without a reason", s->failed,
	    s->failed == 1 ? "" : "s", TEXT(domain_of(s)));
	ms_report_finding(report, &f);
}

void
ms_tls_sessions_findings(
    struct ms_report *report, const struct ms_tls_sessions *sessions)
{
	for (const struct ms_tls_sessions *s = sessions; s; s = s->next) {
		for (const struct ms_tls_kind *kind = s->kinds; kind;
		     kind = kind->next)
			find_kind(report, s, kind);
		find_unexplained(report, s);
	}
}

/* ---- the report itself ---- */

void
feedback_find_oddities(struct ms_report *report, const char *id,
    const struct ms_oddities *oddities, const char *reference)
{
	struct ms_finding f = {
		.id = id,
		.severity = MS_SEVERITY_LOW,
		.title = "The report lacks what it should say",
		.fix = "Ask its sender to follow the standard.",
		.reference = reference,
	};
	struct ms_node *list;
	struct ms_buf text;

	if (oddities->n == 0)
		return;
	ms_buf_init(&text, report->arena);
	f.evidence = ms_put_object(report, NULL, NULL);
	list = ms_put_array(report, f.evidence, "oddities");
	for (size_t i = 0; i < oddities->n; i++) {
		ms_buf_printf(
		    &text, "%s%s", i > 0 ? "; " : "", oddities->list[i]);
		ms_put_string(report, list, NULL, oddities->list[i]);
	}
	ms_buf_byte(&text, '.');
	if (text.p[0] >= 'a' && text.p[0] <= 'z')
		text.p[0] = (unsigned char)(text.p[0] - 'a' + 'A');
	f.detail = ms_arena_string(report->arena, ms_buf_get(&text));
	ms_report_finding(report, &f);
}

void
feedback_find_repeat(struct ms_report *report, const char *id,
    const char *repeats, const char *reference)
{
	struct ms_finding f = {
		.id = id,
		.severity = MS_SEVERITY_INFO,
		.title = "The report came before, and does not count again",
		.reference = reference,
	};

	if (!repeats)
		return;
	f.detail = ms_arena_printf(
	    report->arena, "Its sender and number are those of %s.", repeats);
	ms_report_finding(report, &f);
}
