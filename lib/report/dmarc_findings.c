/* SPDX-License-Identifier: ISC
 * dmarc_findings.c - what a DMARC judgement found, and what to publish instead
 */
#include "mailsonde/describe.h"
#include "mailsonde/scan.h"

#define TEXT(s)                                                                \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")

/* A reason as a sentence: with a capital, where a word of ours begins it, and
 * a full stop. */
static const char *
sentence(struct ms_report *report, const char *text)
{
	struct ms_scan s = ms_scan_init(ms_slice_from(text));
	char *out = ms_arena_printf(report->arena, "%s.", text);

	(void)ms_scan_while(&s, MS_C_ALPHA, SIZE_MAX);
	if (ms_scan_peek(&s) == ' ' && *out >= 'a' && *out <= 'z')
		*out = (char)(*out - 'a' + 'A');
	return out;
}

/* ---- what to publish ---- */

static void
put_tag(struct ms_buf *buf, const char *name, const char *value)
{
	if (value)
		ms_buf_printf(buf, "; %s=%s", name, value);
}

static void
put_uris(
    struct ms_buf *buf, const char *name, const struct ms_slice *uris, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i == 0)
			ms_buf_printf(buf, "; %s=", name);
		else
			ms_buf_byte(buf, ',');
		ms_buf_slice(buf, uris[i]);
	}
}

/* The record with what it says and nothing that is wrong. */
static const char *
corrected(struct ms_report *report, const struct ms_dmarc_record *r)
{
	const char *p = ms_dmarc_policy_name(r->p);
	char psd[] = { r->psd, '\0' };
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	ms_buf_printf(&buf, "v=DMARC1; p=%s", p ? p : "none");
	put_tag(&buf, "sp", ms_dmarc_policy_name(r->sp));
	put_tag(&buf, "np", ms_dmarc_policy_name(r->np));
	put_tag(&buf, "adkim", r->adkim_strict ? "s" : NULL);
	put_tag(&buf, "aspf", r->aspf_strict ? "s" : NULL);
	put_tag(&buf, "t", r->testing ? "y" : NULL);
	put_tag(&buf, "psd", r->psd == 'u' ? NULL : psd);
	put_uris(&buf, "rua", r->rua, r->rua_n);
	put_uris(&buf, "ruf", r->ruf, r->ruf_n);
	if (r->fo.p)
		put_uris(&buf, "fo", &r->fo, 1);
	return ms_arena_string(report->arena, ms_buf_get(&buf));
}

static const char *
publish(struct ms_report *report, struct ms_slice domain,
    const struct ms_dmarc_record *record)
{
	return ms_arena_printf(report->arena, "Publish at _dmarc.%.*s: %s",
	    TEXT(domain), corrected(report, record));
}

static struct ms_node *
evidence(struct ms_report *report, const struct ms_dmarc_judgement *j)
{
	struct ms_node *node = ms_put_object(report, NULL, NULL);

	ms_put_text(report, node, "policy_domain", j->policy_domain);
	if (j->record)
		ms_put_evidence(report, node, "record", j->record->text);
	return node;
}

/* ---- the verdict ---- */

/* What was changed in transit nobody vouches for, and receivers do what the
 * policy asks for: a failure remains one, but weighs less in the verdict where
 * the author's signature would hold without the change. */
static void
find_fail(struct ms_report *report, const struct ms_dmarc_result *r,
    const char *undone)
{
	static const struct {
		enum ms_severity severity;
		int weight, undone;
		const char *title;
	} grades[] = {
		[MS_DMARC_ABSENT] = { MS_SEVERITY_LOW, 10, 5, "" },
		[MS_DMARC_NONE] = { MS_SEVERITY_LOW, 10, 5,
		    "asks for nothing" },
		[MS_DMARC_QUARANTINE] = { MS_SEVERITY_MEDIUM, 30, 10,
		    "asks to treat it as suspicious" },
		[MS_DMARC_REJECT] = { MS_SEVERITY_HIGH, 50, 20,
		    "asks to reject it" },
	};
	const struct ms_dmarc_judgement *j = &r->rfc9989;
	struct ms_finding finding = {
		.id = "dmarc-fail",
		.severity = grades[j->disposition].severity,
		.weight = grades[j->disposition].weight,
		.reference = "RFC 9989 section 5.3.5",
		.fix = "If the mail is genuine, sign it with DKIM for the "
		       "author's domain: that survives forwarding, SPF does "
		       "not.",
	};

	if (j->result != MS_AUTH_FAIL)
		return;
	finding.title =
	    ms_arena_printf(report->arena, "DMARC fails for %.*s, which %s%s",
		TEXT(r->domain), grades[j->disposition].title,
		undone ? "; its signature broke in transit" : "");
	finding.detail = sentence(report, j->reason);
	if (undone) {
		finding.weight = grades[j->disposition].undone;
		finding.detail = ms_arena_printf(
		    report->arena, "%s But %s.", finding.detail, undone);
		finding.fix = "Take the message for the author's, but for what "
			      "was changed: that its list or gateway answers "
			      "for.";
	}
	finding.evidence = evidence(report, j);
	ms_report_finding(report, &finding);
}

static void
find_no_record(struct ms_report *report, const struct ms_dmarc_result *r)
{
	const struct ms_dmarc_judgement *j = &r->rfc9989;
	/* Where it serves every sub-domain, as far as somebody knows. */
	struct ms_slice where = r->rfc7489.organizational_domain.p
				    ? r->rfc7489.organizational_domain
				    : r->domain;
	struct ms_finding finding = {
		.id = "dmarc-none",
		.severity = MS_SEVERITY_LOW,
		.reference = "RFC 9989 section 5.1.4",
		.detail = "Nobody who receives mail in the name of this domain "
			  "is told what to do with forgeries, and its owner "
			  "hears of none.",
	};

	if (j->cause != MS_DMARC_NO_RECORD)
		return;
	finding.title = ms_arena_printf(
	    report->arena, "No DMARC policy applies to %.*s", TEXT(r->domain));
	finding.fix = ms_arena_printf(report->arena,
	    "Publish at _dmarc.%.*s: v=DMARC1; p=none; "
	    "rua=mailto:dmarc-reports@%.*s",
	    TEXT(where), TEXT(where));
	ms_report_finding(report, &finding);
}

static void
find_authors(struct ms_report *report, const struct ms_dmarc_result *r)
{
	struct ms_finding finding = {
		.id = "dmarc-several-authors",
		.severity = MS_SEVERITY_HIGH,
		.weight = 30,
		.title = "The authors are of several domains",
		.detail = sentence(report, r->rfc9989.reason),
		.reference = "RFC 9989 section 5.3.1",
		.fix = "Write one author, or authors of one domain.",
	};

	if (r->rfc9989.cause == MS_DMARC_SEVERAL_AUTHORS)
		ms_report_finding(report, &finding);
}

static void
find_no_author(struct ms_report *report, const struct ms_dmarc_result *r)
{
	struct ms_finding finding = {
		.id = "dmarc-no-author",
		.severity = MS_SEVERITY_MEDIUM,
		.weight = 20,
		.title = "There is no author domain that could be judged",
		.detail = sentence(report, r->rfc9989.reason),
		.reference = "RFC 9989 section 5.3.1",
		.fix = "Write an address with a domain into From.",
	};

	if (r->rfc9989.cause == MS_DMARC_NO_AUTHOR)
		ms_report_finding(report, &finding);
}

static void
find_difference(struct ms_report *report, const struct ms_dmarc_result *r)
{
	struct ms_finding finding = {
		.id = "dmarc-standards-part",
		.severity = MS_SEVERITY_INFO,
		.title = "Receivers of the old and of the new DMARC judge "
			 "this differently",
		.reference = "RFC 9989 appendix C",
	};

	if (!r->difference ||
	    (r->rfc9989.result == r->rfc7489.result &&
		r->rfc9989.disposition == r->rfc7489.disposition))
		return;
	finding.detail = sentence(report, r->difference);
	ms_report_finding(report, &finding);
}

/* ---- records at the names that were asked ---- */

static void
find_multiple(struct ms_report *report, const struct ms_dmarc_question *q)
{
	struct ms_finding finding = {
		.id = "dmarc-multiple-records",
		.severity = MS_SEVERITY_MEDIUM,
		.reference = "RFC 9989 section 4.10",
		.detail = "Where there is more than one DMARC record, each of "
			  "them is as good as none.",
		.fix = "Leave one of them and delete the others.",
	};

	if (q->records_n < 2)
		return;
	finding.title = ms_arena_printf(report->arena,
	    "%.*s has %zu DMARC records", TEXT(q->name), q->records_n);
	ms_report_finding(report, &finding);
}

static void
find_near(struct ms_report *report, const struct ms_dmarc_question *q)
{
	struct ms_finding finding = {
		.id = "dmarc-not-a-record",
		.severity = MS_SEVERITY_MEDIUM,
		.reference = "RFC 9989 section 4.7",
		.detail = "A DMARC record begins with \"v=DMARC1\", in these "
			  "letters and before every other tag; what begins "
			  "otherwise is passed over.",
		.fix = "Begin the record with: v=DMARC1;",
	};

	if (!q->near.p)
		return;
	finding.title = ms_arena_printf(report->arena,
	    "A TXT record at %.*s is meant for DMARC and is none",
	    TEXT(q->name));
	finding.evidence = ms_put_object(report, NULL, NULL);
	ms_put_evidence(report, finding.evidence, "record", q->near);
	ms_report_finding(report, &finding);
}

/* ---- what the applied record says ---- */

static void
find_no_policy(struct ms_report *report, const struct ms_dmarc_judgement *j)
{
	struct ms_finding finding = {
		.id = "dmarc-no-policy",
		.severity = MS_SEVERITY_MEDIUM,
		.reference = "RFC 9989 section 4.10.1",
	};

	if (j->record->usable && !j->record->rescued)
		return;
	finding.title = ms_arena_printf(report->arena,
	    "The DMARC record of %.*s has no valid policy",
	    TEXT(j->policy_domain));
	finding.detail = j->record->rescued
			     ? "It counts as p=none, because it asks for "
			       "reports."
			     : "It counts for nothing at all.";
	finding.evidence = evidence(report, j);
	finding.fix = publish(report, j->policy_domain, j->record);
	ms_report_finding(report, &finding);
}

static void
find_policy_none(struct ms_report *report, const struct ms_dmarc_judgement *j)
{
	struct ms_finding finding = {
		.id = "dmarc-policy-none",
		.severity = MS_SEVERITY_INFO,
		.reference = "RFC 9989 section 5.1.7",
		.detail = "Forgeries in its name are delivered as if they were "
			  "genuine; only reports tell of them.",
		.fix = "Once the reports show that all genuine mail passes, "
		       "publish p=quarantine, then p=reject.",
	};

	if (j->policy != MS_DMARC_NONE || j->record->rescued)
		return;
	finding.title = ms_arena_printf(report->arena,
	    "The DMARC policy of %.*s asks for nothing",
	    TEXT(j->policy_domain));
	finding.evidence = evidence(report, j);
	ms_report_finding(report, &finding);
}

static void
find_testing(struct ms_report *report, const struct ms_dmarc_judgement *j)
{
	struct ms_finding finding = {
		.id = "dmarc-testing",
		.severity = MS_SEVERITY_INFO,
		.reference = "RFC 9989 section 4.7",
		.detail = "With t=y the next weaker policy is applied: "
			  "quarantine for reject, none for quarantine.",
		.fix = "Take t=y out when the test is over.",
	};

	if (!j->record->testing || j->policy <= MS_DMARC_NONE)
		return;
	finding.title = ms_arena_printf(report->arena,
	    "The DMARC policy of %.*s is only tested", TEXT(j->policy_domain));
	finding.evidence = evidence(report, j);
	ms_report_finding(report, &finding);
}

/* One finding for the faults of a kind, with all their places. */
static void
find_deviations(struct ms_report *report, const struct ms_dmarc_judgement *j,
    struct ms_finding *finding, unsigned faults, const char *what)
{
	const struct ms_dmarc_record *record = j->record;
	struct ms_node *array = NULL, *node;

	for (size_t i = 0; i < record->deviations_n; i++) {
		const struct ms_dmarc_deviation *d = &record->deviations[i];

		if (!(faults >> d->fault & 1))
			continue;
		if (!array) {
			finding->detail = sentence(report, d->text);
			finding->evidence = evidence(report, j);
			array = ms_put_array(
			    report, finding->evidence, "deviations");
		}
		node = ms_put_object(report, array, NULL);
		ms_put_int(report, node, "offset",
		    (int64_t)(d->at.p - record->text.p));
		ms_put_string(report, node, "text", d->text);
	}
	if (!array)
		return;
	finding->title = ms_arena_printf(report->arena,
	    "The DMARC record of %.*s %s", TEXT(j->policy_domain), what);
	finding->fix = publish(report, j->policy_domain, record);
	ms_report_finding(report, finding);
}

static void
find_in_record(struct ms_report *report, const struct ms_dmarc_judgement *j)
{
	struct ms_finding syntax = {
		.id = "dmarc-syntax",
		.severity = MS_SEVERITY_MEDIUM,
		.reference = "RFC 9989 section 4.8",
	};
	struct ms_finding removed = {
		.id = "dmarc-removed-tag",
		.severity = MS_SEVERITY_INFO,
		.reference = "RFC 9989 appendix C",
	};
	struct ms_finding unknown = {
		.id = "dmarc-unknown-tag",
		.severity = MS_SEVERITY_INFO,
		.reference = "RFC 9989 section 4.7",
	};
	struct ms_finding order = {
		.id = "dmarc-tag-order",
		.severity = MS_SEVERITY_LOW,
		.reference = "RFC 7489 section 6.3",
	};

	find_deviations(report, j, &syntax,
	    1u << MS_DMARC_SYNTAX | 1u << MS_DMARC_VALUE |
		1u << MS_DMARC_DUPLICATE,
	    "has errors");
	find_deviations(report, j, &order, 1u << MS_DMARC_ORDER,
	    "does not begin with its policy");
	find_deviations(report, j, &removed,
	    1u << MS_DMARC_REMOVED_TAG | 1u << MS_DMARC_REMOVED_SIZE,
	    "holds what DMARC has done away with");
	find_deviations(report, j, &unknown, 1u << MS_DMARC_UNKNOWN_TAG,
	    "holds tags that DMARC does not know");
}

void
ms_dmarc_findings(struct ms_report *report,
    const struct ms_dmarc_result *result, const char *undone)
{
	const struct ms_dmarc_judgement *j = &result->rfc9989;

	find_fail(report, result, undone);
	find_no_record(report, result);
	find_authors(report, result);
	find_no_author(report, result);
	for (const struct ms_dmarc_question *q = result->questions; q;
	     q = q->next) {
		find_multiple(report, q);
		find_near(report, q);
	}
	if (j->record) {
		find_no_policy(report, j);
		find_policy_none(report, j);
		find_testing(report, j);
		find_in_record(report, j);
	}
	find_difference(report, result);
}
