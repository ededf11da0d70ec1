/* SPDX-License-Identifier: ISC
 * describe_dmarc.c - a DMARC judgement by both standards, as report nodes
 */
#include "describe_dkim_priv.h"

#define TEXT(s)                                                                \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")

static const char *const tag_names[] = {
	[MS_DMARC_TAG_P] = "p",
	[MS_DMARC_TAG_SP] = "sp",
	[MS_DMARC_TAG_NP] = "np",
};

/* ---- data ---- */

static void
put_deviations(struct ms_report *report, struct ms_node *parent,
    const struct ms_dmarc_record *record)
{
	struct ms_node *array = ms_put_array(report, parent, "deviations");

	for (size_t i = 0; i < record->deviations_n; i++) {
		const struct ms_dmarc_deviation *d = &record->deviations[i];
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_string(
		    report, node, "fault", ms_dmarc_fault_name(d->fault));
		ms_put_int(report, node, "offset",
		    (int64_t)(d->at.p - record->text.p));
		ms_put_int(report, node, "length", (int64_t)d->at.n);
		ms_put_string(report, node, "text", d->text);
		ms_put_string(report, node, "reference", d->reference);
	}
}

static void
put_record(struct ms_report *report, struct ms_node *node,
    const struct ms_dmarc_record *record)
{
	if (!record) {
		ms_put_null(report, node, "record");
		return;
	}
	ms_put_evidence(report, node, "record", record->text);
	put_deviations(report, node, record);
}

static void
put_alignments(struct ms_report *report, struct ms_node *node,
    const struct ms_dmarc_judgement *j, size_t dkim_n)
{
	struct ms_node *array;

	ms_put_string(
	    report, node, "spf_alignment", ms_dmarc_alignment_name(j->spf));
	array = ms_put_array(report, node, "dkim_alignment");
	for (size_t i = 0; i < dkim_n; i++)
		ms_put_string(
		    report, array, NULL, ms_dmarc_alignment_name(j->dkim[i]));
}

/* The members that both standards have, in one order. */
static void
put_judgement(struct ms_report *report, struct ms_node *node,
    struct ms_slice domain, const struct ms_dmarc_judgement *j, size_t dkim_n)
{
	bool judged = j->cause != MS_DMARC_NO_LIST;

	ms_put_string(report, node, "result",
	    judged ? ms_auth_result_name(j->result) : NULL);
	ms_put_text(report, node, "domain", domain);
	ms_put_text(report, node, "policy_domain", j->policy_domain);
	ms_put_string(report, node, "policy", ms_dmarc_policy_name(j->policy));
	ms_put_string(report, node, "policy_tag",
	    j->policy == MS_DMARC_ABSENT ? NULL : tag_names[j->policy_tag]);
	ms_put_string(
	    report, node, "disposition", ms_dmarc_policy_name(j->disposition));
	ms_put_text(
	    report, node, "organizational_domain", j->organizational_domain);
	ms_put_bool(report, node, "spf_aligned", j->spf_aligned);
	ms_put_bool(report, node, "dkim_aligned", j->dkim_aligned);
	ms_put_string(report, node, "reason", j->reason);
	ms_put_string(report, node, "cause", ms_dmarc_cause_name(j->cause));
	put_alignments(report, node, j, dkim_n);
}

static void
put_list(struct ms_report *report, struct ms_node *parent,
    const struct ms_psl_about *list)
{
	struct ms_node *node;

	if (!list->source) {
		ms_put_null(report, parent, "suffix_list");
		return;
	}
	node = ms_put_object(report, parent, "suffix_list");
	ms_put_string(report, node, "source", list->source);
	if (list->date)
		ms_put_time(report, node, "date", list->date);
}

static void
put_purpose(struct ms_report *report, struct ms_node *node, unsigned purpose)
{
	static const char *const names[] = { "author", "identifier",
		"existence", "rfc7489" };
	struct ms_node *array = ms_put_array(report, node, "for");

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (purpose >> i & 1)
			ms_put_string(report, array, NULL, names[i]);
}

static void
put_queries(struct ms_report *report, struct ms_node *parent,
    const struct ms_dmarc_result *result)
{
	struct ms_node *array = ms_put_array(report, parent, "queries");

	for (const struct ms_dmarc_question *q = result->questions; q;
	     q = q->next) {
		struct ms_node *node = ms_put_object(report, array, NULL);
		char type[MS_DNS_TYPE_TEXT];

		ms_dns_type_format((uint16_t)q->type, type);
		ms_put_text(report, node, "name", q->name);
		ms_put_text(report, node, "type",
		    ms_arena_copy(report->arena, ms_slice_from(type)));
		ms_put_string(
		    report, node, "answer", ms_dns_status_name(q->status));
		if (q->type == MS_DNS_TXT)
			ms_put_int(
			    report, node, "records", (int64_t)q->records_n);
		if (q->why)
			ms_put_string(report, node, "why", q->why);
		put_purpose(report, node, q->purpose);
	}
}

static void
put_result(struct ms_report *report, const struct ms_dmarc_result *r)
{
	struct ms_node *node =
	    ms_put_object(report, ms_put_section(report, "auth"), "dmarc");
	struct ms_node *old;

	put_judgement(report, node, r->domain, &r->rfc9989, r->request.dkim_n);
	put_record(report, node, r->rfc9989.record);
	old = ms_put_object(report, node, "rfc7489");
	put_judgement(report, old, r->domain, &r->rfc7489, r->request.dkim_n);
	if (r->rfc7489.record != r->rfc9989.record)
		put_record(report, old, r->rfc7489.record);
	ms_put_string(report, node, "difference", r->difference);
	put_list(report, node, &r->list);
	put_queries(report, node, r);
}

/* ---- text ---- */

static const char *const asked_for[] = {
	[MS_DMARC_ABSENT] = "nothing",
	[MS_DMARC_NONE] = "nothing: the message is to be treated as any other",
	[MS_DMARC_QUARANTINE] = "to treat the message as suspicious",
	[MS_DMARC_REJECT] = "to reject the message",
};

/* "reject, by p= of example.com". */
static void
say_policy(struct ms_report *report, const struct ms_dmarc_result *r)
{
	const struct ms_dmarc_judgement *j = &r->rfc9989;
	const char *policy = ms_dmarc_policy_name(j->policy);

	if (!j->record)
		return;
	if (policy)
		ms_say_pairf(report, "Policy", MS_STYLE_PLAIN,
		    "%s, by %s= of %.*s%s", policy, tag_names[j->policy_tag],
		    TEXT(j->policy_domain),
		    j->record->testing ? " (t=y: a test)" : "");
	else
		ms_say_pairf(report, "Policy", MS_STYLE_WARN,
		    j->record->usable
			? "sp= or np= of %.*s: which, could not be told"
			: "none that is valid, at %.*s",
		    TEXT(j->policy_domain));
	if (j->result == MS_AUTH_FAIL)
		ms_say_pairf(report, "Asked for", MS_STYLE_PLAIN, "%s",
		    asked_for[j->disposition]);
	ms_say_pair(report, "Record", MS_STYLE_PLAIN, j->record->text);
}

static const char *
alignment_text(enum ms_dmarc_alignment alignment)
{
	switch (alignment) {
	case MS_DMARC_STRICT:
		return "aligned: the author domain itself";
	case MS_DMARC_RELAXED:
		return "aligned: the same organizational domain";
	case MS_DMARC_NOT_ALIGNED:
		return "not aligned";
	case MS_DMARC_UNTOLD:
		return "aligned or not: could not be told";
	default:
		return "counts for nothing";
	}
}

static void
say_identifier(struct ms_report *report, const char *label,
    const struct ms_dmarc_identifier *identifier,
    enum ms_dmarc_alignment alignment)
{
	bool aligned =
	    alignment == MS_DMARC_STRICT || alignment == MS_DMARC_RELAXED;
	bool untold = alignment == MS_DMARC_UNTOLD &&
		      identifier->result == MS_AUTH_TEMPERROR;

	ms_say_pairf(report, label, aligned ? MS_STYLE_GOOD : MS_STYLE_PLAIN,
	    "%s for %.*s: %s", ms_auth_result_name(identifier->result),
	    TEXT(identifier->domain),
	    untold ? "would count, if it had passed"
		   : alignment_text(alignment));
}

static void
say_identifiers(struct ms_report *report,
    const struct ms_dmarc_request *request, const struct ms_dmarc_judgement *j)
{
	if (j->cause == MS_DMARC_NO_AUTHOR ||
	    j->cause == MS_DMARC_SEVERAL_AUTHORS || !j->record)
		return;
	if (request->spf.domain.p)
		say_identifier(report, "SPF", &request->spf, j->spf);
	for (size_t i = 0; i < request->dkim_n; i++)
		if (request->dkim[i].domain.p)
			say_identifier(
			    report, "DKIM", &request->dkim[i], j->dkim[i]);
}

static void
say_rfc7489(struct ms_report *report, const struct ms_dmarc_result *r)
{
	char date[MS_TIME_TEXT] = "an unknown day";

	if (r->rfc7489.cause == MS_DMARC_NO_LIST) {
		ms_say_pairf(report, "Compared", MS_STYLE_DIM,
		    "RFC 7489 is not judged: %s", r->rfc7489.reason);
		return;
	}
	if (!r->domain.p)
		return;
	if (r->list.date)
		ms_time_format(r->list.date, date);
	ms_say_pairf(report, "Compared",
	    r->difference ? MS_STYLE_WARN : MS_STYLE_DIM,
	    "%s (public suffix list of %.10s)",
	    r->difference ? r->difference : "RFC 7489 says the same", date);
}

static void
say_queries(struct ms_report *report, const struct ms_dmarc_result *r)
{
	struct ms_node *table, *row;
	char type[MS_DNS_TYPE_TEXT];

	if (r->questions_n == 0)
		return;
	ms_say_blank(report);
	table = ms_say_table(report, 2);
	ms_say_heads(report, table, false, "asked", "type", "answer", NULL);
	for (const struct ms_dmarc_question *q = r->questions; q; q = q->next) {
		ms_dns_type_format((uint16_t)q->type, type);
		row = ms_say_row(report, table);
		ms_say_cell(report, row, MS_STYLE_PLAIN, false, q->name);
		ms_say_cellf(report, row, MS_STYLE_DIM, false, "%s", type);
		if (q->status == MS_DNS_FOUND && q->type == MS_DNS_TXT)
			ms_say_cellf(report, row, MS_STYLE_PLAIN, false,
			    "%zu DMARC record%s", q->records_n,
			    q->records_n == 1 ? "" : "s");
		else
			ms_say_cellf(report, row,
			    ms_dns_is_failure(q->status) ? MS_STYLE_WARN
							 : MS_STYLE_PLAIN,
			    false, "%s", ms_dns_status_name(q->status));
	}
}

/* What could not be told is an error of the run too: but for a run that was
 * told to ask nobody. */
static void
report_failures(struct ms_report *report, const struct ms_dmarc_result *r)
{
	const struct ms_dmarc_judgement *j = &r->rfc9989;

	for (const struct ms_dmarc_question *q = r->questions; q; q = q->next)
		if (q->status == MS_DNS_OFFLINE)
			return;
	if (j->result == MS_AUTH_TEMPERROR)
		ms_report_error(report, "dmarc", true, "DMARC of %.*s: %s",
		    TEXT(r->domain), j->reason);
	else if (r->domain.p && !j->organizational_domain.p)
		ms_report_error(report, "dmarc", true,
		    "the organizational domain of %.*s could not be told",
		    TEXT(r->domain));
}

void
ms_describe_dmarc(struct ms_report *report,
    const struct ms_dmarc_result *result, bool heading)
{
	const struct ms_dmarc_judgement *j = &result->rfc9989;

	if (report->audience & MS_FOR_DATA)
		put_result(report, result);
	report_failures(report, result);
	if (!(report->audience & MS_FOR_TEXT))
		return;
	if (heading)
		ms_say_heading(report, "DMARC");
	describe_result(report, heading, j->result, j->reason);
	if (result->domain.p)
		ms_say_pair(
		    report, "Author domain", MS_STYLE_PLAIN, result->domain);
	if (j->organizational_domain.p)
		ms_say_pair(report, "Organization", MS_STYLE_PLAIN,
		    j->organizational_domain);
	say_policy(report, result);
	say_identifiers(report, &result->request, j);
	say_rfc7489(report, result);
	if (!heading)
		say_queries(report, result);
}
