/* SPDX-License-Identifier: ISC
 * describe_aggregate.c - an aggregate report of DMARC, as report nodes
 */
#include <inttypes.h>

#include "describe_feedback_priv.h"

#define TEXT(s)                                                                \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")
#define REFERENCE "RFC 9990 section 3.1"

/* ---- findings ---- */

static void
find_fault(struct ms_report *report, const struct ms_aggregate *a)
{
	struct ms_finding f = {
		.id = "dmarc-report-malformed",
		.severity = MS_SEVERITY_MEDIUM,
		.title = "The report could be read only in part",
		.fix = "Ask its sender to send well-formed XML.",
		.reference = REFERENCE,
	};

	if (!a->fault)
		return;
	f.detail = ms_arena_printf(report->arena,
	    "%zu record%s could be read. What is wrong: %s.", a->rows_n,
	    a->rows_n == 1 ? "" : "s", a->fault);
	ms_report_finding(report, &f);
}

static void
find_errors(struct ms_report *report, const struct ms_aggregate *a)
{
	struct ms_finding f = {
		.id = "dmarc-reporter-error",
		.severity = MS_SEVERITY_LOW,
		.title = "The reporter says that something went wrong",
		.reference = REFERENCE,
	};

	if (a->errors_n == 0)
		return;
	f.detail = ms_arena_printf(report->arena, "\"%.*s\"%s",
	    TEXT(a->errors[0]), a->errors_n > 1 ? " and more." : "");
	ms_report_finding(report, &f);
}

static void
judge(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_aggregate *a, const struct ms_senders *senders)
{
	find_fault(report, a);
	ms_senders_findings(report, senders);
	feedback_find_oddities(
	    report, "dmarc-report-incomplete", &a->oddities, REFERENCE);
	find_errors(report, a);
	feedback_find_repeat(
	    report, "dmarc-report-repeated", context->repeats, REFERENCE);
	if (a->truncated)
		ms_describe_limit(report, "report_rows",
		    "Further records are neither listed nor counted.");
}

/* ---- data ---- */

static void
put_policy(struct ms_report *report, struct ms_node *parent,
    const struct ms_aggregate *a)
{
	struct ms_node *node =
	    ms_put_object(report, parent, "policy_published");

	ms_put_text(report, node, "domain", a->domain);
	ms_put_text(report, node, "p", a->p);
	ms_put_text(report, node, "sp", a->sp);
	ms_put_text(report, node, "np", a->np);
	ms_put_text(report, node, "adkim", a->adkim);
	ms_put_text(report, node, "aspf", a->aspf);
	ms_put_text(report, node, "pct", a->pct);
	ms_put_text(report, node, "fo", a->fo);
	ms_put_text(report, node, "testing", a->testing);
	ms_put_text(report, node, "discovery_method", a->discovery);
}

static void
put_aligned(struct ms_report *report, struct ms_node *node, const char *key,
    enum ms_aligned aligned)
{
	if (aligned == MS_ALIGNED_UNKNOWN)
		ms_put_null(report, node, key);
	else
		ms_put_bool(report, node, key, aligned == MS_ALIGNED_YES);
}

static void
put_result(struct ms_report *report, struct ms_node *list,
    const struct ms_aggregate_auth *auth)
{
	struct ms_node *node = ms_put_object(report, list, NULL);

	ms_put_string(report, node, "method", auth->dkim ? "dkim" : "spf");
	ms_put_text(report, node, "domain", auth->domain);
	if (auth->dkim)
		ms_put_text(report, node, "selector", auth->selector);
	else
		ms_put_text(report, node, "scope", auth->scope);
	ms_put_text(report, node, "result", auth->result);
	ms_put_text(report, node, "human_result", auth->human_result);
	put_aligned(report, node, "aligned", auth->aligned);
}

/* The first result of a method, flat, for rows of a table. */
static void
put_first(struct ms_report *report, struct ms_node *node,
    const struct ms_aggregate_row *row, bool dkim)
{
	const struct ms_aggregate_auth *best = NULL;

	for (size_t i = 0; i < row->auth_n; i++) {
		const struct ms_aggregate_auth *auth = &row->auth[i];

		if (auth->dkim == dkim &&
		    (!best || (auth->aligned == MS_ALIGNED_YES &&
				  best->aligned != MS_ALIGNED_YES)))
			best = auth;
	}
	if (!best)
		return;
	ms_put_text(
	    report, node, dkim ? "dkim_domain" : "spf_domain", best->domain);
	ms_put_text(
	    report, node, dkim ? "dkim_result" : "spf_result", best->result);
}

/* The same in one text, for rows of a table. */
static void
put_reason_types(struct ms_report *report, struct ms_node *node,
    const struct ms_aggregate_row *row)
{
	struct ms_buf types;

	ms_buf_init(&types, report->arena);
	for (size_t i = 0; i < row->reasons_n; i++)
		if (row->reasons[i].type.p)
			ms_buf_printf(&types, "%s%.*s", types.n > 0 ? ", " : "",
			    TEXT(row->reasons[i].type));
	ms_put_text(report, node, "reason_types",
	    types.n > 0 ? ms_buf_get(&types) : ms_slice_make(NULL, 0));
}

static void
put_reasons(struct ms_report *report, struct ms_node *node,
    const struct ms_aggregate_row *row)
{
	struct ms_node *list = ms_put_array(report, node, "reasons"), *item;

	for (size_t i = 0; i < row->reasons_n; i++) {
		item = ms_put_object(report, list, NULL);
		ms_put_text(report, item, "type", row->reasons[i].type);
		ms_put_text(report, item, "comment", row->reasons[i].comment);
	}
	put_reason_types(report, node, row);
}

static void
put_now(struct ms_report *report, struct ms_node *parent,
    const struct ms_aggregate_now *now)
{
	struct ms_node *node;

	if (!now->judged)
		return;
	node = ms_put_object(report, parent, "now");
	ms_put_string(report, node, "spf",
	    now->has_spf ? ms_auth_result_name(now->spf) : NULL);
	ms_put_string(report, node, "dmarc", ms_auth_result_name(now->dmarc));
	ms_put_string(report, node, "disposition",
	    ms_dmarc_policy_name(now->disposition));
}

static void
put_row(struct ms_report *report, const struct ms_env *env,
    struct ms_node *list, const struct ms_aggregate_row *row)
{
	struct ms_node *node = ms_put_object(report, list, NULL), *results;
	struct ms_geo_place place = feedback_place(env, &row->source);

	if (row->source.set)
		ms_put_ip(report, node, "source_ip", &row->source);
	else
		ms_put_text(report, node, "source_ip", row->source_text);
	ms_describe_place(report, node, &place);
	ms_put_int(report, node, "count", row->count);
	ms_put_string(report, node, "dmarc", row->pass ? "pass" : "fail");
	ms_put_text(report, node, "disposition", row->disposition);
	ms_put_text(report, node, "dkim", row->dkim);
	ms_put_text(report, node, "spf", row->spf);
	put_aligned(report, node, "dkim_aligned", row->dkim_aligned);
	put_aligned(report, node, "spf_aligned", row->spf_aligned);
	ms_put_text(report, node, "header_from", row->header_from);
	ms_put_text(report, node, "envelope_from", row->envelope_from);
	ms_put_text(report, node, "envelope_to", row->envelope_to);
	put_reasons(report, node, row);
	results = ms_put_array(report, node, "auth_results");
	for (size_t i = 0; i < row->auth_n; i++)
		put_result(report, results, &row->auth[i]);
	put_now(report, node, &row->now);
	put_first(report, node, row, true);
	put_first(report, node, row, false);
}

static void
put_head(struct ms_report *report, struct ms_node *node,
    const struct ms_feedback_context *context, const struct ms_aggregate *a)
{

	ms_put_string(report, node, "type", "dmarc-aggregate");
	ms_put_string(
	    report, node, "schema", ms_aggregate_schema_name(a->schema));
	ms_put_text(report, node, "version", a->version);
	ms_put_text(report, node, "namespace", a->space);
	ms_put_text(report, node, "org_name", a->org_name);
	ms_put_text(report, node, "contact", a->email);
	ms_put_text(report, node, "extra_contact_info", a->extra_contact);
	ms_put_text(report, node, "generator", a->generator);
	ms_put_text(report, node, "report_id", a->report_id);
	feedback_put_period(
	    report, node, a->begin_set, a->begin, a->end_set, a->end);
	ms_put_string(report, node, "repeats", context->repeats);
	ms_put_string(report, node, "malformed", a->fault);
	ms_put_texts(report, node, "reporter_errors", a->errors, a->errors_n);
	feedback_put_oddities(report, node, &a->oddities);
}

static void
put_data(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_aggregate *a, const struct ms_senders *senders)
{
	struct ms_node *node = ms_put_section(report, "report"), *list;

	put_head(report, node, context, a);
	put_policy(report, node, a);
	feedback_put_senders(report, context, node, senders);
	list = ms_put_array(report, node, "records");
	for (size_t i = 0; i < a->rows_n; i++)
		put_row(report, context->env, list, &a->rows[i]);
}

/* ---- text ---- */

static void
say_tag(struct ms_buf *out, const char *name, struct ms_slice value)
{
	if (value.p)
		ms_buf_printf(
		    out, "%s%s=%.*s", out->n > 0 ? " " : "", name, TEXT(value));
}

static void
say_policy(struct ms_report *report, const struct ms_aggregate *a)
{
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	say_tag(&out, "p", a->p);
	say_tag(&out, "sp", a->sp);
	say_tag(&out, "np", a->np);
	say_tag(&out, "adkim", a->adkim);
	say_tag(&out, "aspf", a->aspf);
	say_tag(&out, "pct", a->pct);
	say_tag(&out, "fo", a->fo);
	say_tag(&out, "t", a->testing);
	if (a->discovery.p)
		ms_buf_printf(&out, " (found by %.*s)", TEXT(a->discovery));
	ms_say_pair(report, "Policy", MS_STYLE_PLAIN,
	    out.n > 0 ? ms_buf_get(&out) : MS_SLICE("not said"));
}

static void
say_answer(struct ms_report *report, const struct ms_aggregate *a,
    const struct ms_senders *s)
{
	int64_t failed = s->messages - s->passed;
	const char *domain = a->domain.p
				 ? ms_arena_string(report->arena, a->domain)
				 : "(no domain)";

	if (s->messages == 0)
		ms_say_answer(report, MS_STYLE_WARN,
		    "%s: the report counts no message", domain);
	else if (failed == 0)
		ms_say_answer(report, MS_STYLE_GOOD,
		    "%s: all pass DMARC (%" PRId64 " message%s)", domain,
		    s->messages, s->messages == 1 ? "" : "s");
	else
		ms_say_answer(report, MS_STYLE_WARN,
		    "%s: %" PRId64 " of %" PRId64
		    " message%s fail%s DMARC (%s)",
		    domain, failed, s->messages, s->messages == 1 ? "" : "s",
		    failed == 1 ? "s" : "",
		    feedback_share(report, failed, s->messages));
}

static void
say(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_aggregate *a, const struct ms_senders *senders)
{
	say_answer(report, a, senders);
	feedback_say_head(
	    report, context, a->org_name, a->email, a->fault, &a->oddities);
	feedback_say_period(report, a->begin_set, a->begin, a->end_set, a->end);
	if (context->brief)
		return;
	ms_say_pairf(report, "Report", MS_STYLE_PLAIN, "%.*s (after %s)",
	    TEXT(a->report_id.p ? a->report_id : MS_SLICE("no number")),
	    ms_aggregate_schema_title(a->schema));
	say_policy(report, a);
	feedback_say_senders(report, context, senders);
}

void
ms_describe_aggregate(struct ms_report *report,
    const struct ms_feedback_context *context, const struct ms_aggregate *a,
    const struct ms_senders *senders)
{
	judge(report, context, a, senders);
	if (report->audience & MS_FOR_DATA)
		put_data(report, context, a, senders);
	if (report->audience & MS_FOR_TEXT)
		say(report, context, a, senders);
}
