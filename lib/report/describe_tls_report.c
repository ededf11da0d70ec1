/* SPDX-License-Identifier: ISC
 * describe_tls_report.c - a report on TLS (RFC 8460), as report nodes
 */
#include <inttypes.h>

#include "describe_feedback_priv.h"

#define TEXT(s)                                                                \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")
#define REFERENCE "RFC 8460 section 4.4"

/* ---- data ---- */

static void
put_failure(struct ms_report *report, struct ms_node *list,
    const struct ms_tls_failure *f)
{
	struct ms_node *node = ms_put_object(report, list, NULL);

	ms_put_text(report, node, "result_type", f->result_type);
	ms_put_int(report, node, "failed_session_count", f->count);
	ms_put_text(report, node, "sending_mta_ip", f->sending_ip);
	ms_put_text(report, node, "receiving_mx_hostname", f->receiving_host);
	ms_put_text(report, node, "receiving_mx_helo", f->receiving_helo);
	ms_put_text(report, node, "receiving_ip", f->receiving_ip);
	ms_put_text(report, node, "additional_information", f->information);
	ms_put_text(report, node, "failure_reason_code", f->reason_code);
}

static void
put_policy(struct ms_report *report, struct ms_node *list,
    const struct ms_tls_policy *policy)
{
	struct ms_node *node = ms_put_object(report, list, NULL), *failures;

	ms_put_text(report, node, "policy_type", policy->type);
	ms_put_text(report, node, "policy_domain", policy->domain);
	ms_put_text(report, node, "mode", policy->mode);
	ms_put_texts(
	    report, node, "policy_string", policy->strings, policy->strings_n);
	ms_put_texts(report, node, "mx_host", policy->hosts, policy->hosts_n);
	ms_put_int(report, node, "successful", policy->successful);
	ms_put_int(report, node, "failed", policy->failed);
	failures = ms_put_array(report, node, "failures");
	for (size_t i = 0; i < policy->failures_n; i++)
		put_failure(report, failures, &policy->failures[i]);
}

static void
put_data(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_tls_report *tls)
{
	struct ms_node *node = ms_put_section(report, "report"), *list;

	ms_put_string(report, node, "type", "tls");
	ms_put_string(report, node, "schema", "rfc8460");
	ms_put_text(report, node, "org_name", tls->org_name);
	ms_put_text(report, node, "contact", tls->contact);
	ms_put_text(report, node, "report_id", tls->report_id);
	feedback_put_period(
	    report, node, tls->begin_set, tls->begin, tls->end_set, tls->end);
	ms_put_string(report, node, "repeats", context->repeats);
	feedback_put_oddities(report, node, &tls->oddities);
	ms_put_int(report, node, "successful", tls->successful);
	ms_put_int(report, node, "failed", tls->failed);
	list = ms_put_array(report, node, "policies");
	for (size_t i = 0; i < tls->policies_n; i++)
		put_policy(report, list, &tls->policies[i]);
}

/* ---- text ---- */

/* "MTA-STS, enforce". */
static const char *
policy_text(struct ms_report *report, const struct ms_tls_sessions *s)
{
	if (ms_slice_is(s->type, "sts"))
		return ms_arena_printf(report->arena, "MTA-STS%s%.*s",
		    s->mode.p ? ", " : "", TEXT(s->mode));
	if (ms_slice_is(s->type, "tlsa"))
		return "DANE";
	if (ms_slice_is(s->type, "no-policy-found"))
		return "no policy";
	return s->type.p ? ms_arena_string(report->arena, s->type)
			 : "(not said)";
}

static const char *
kinds_text(struct ms_report *report, const struct ms_tls_sessions *s)
{
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	for (const struct ms_tls_kind *kind = s->kinds; kind; kind = kind->next)
		ms_buf_printf(&out, "%s%.*s (%" PRId64 ")",
		    out.n > 0 ? ", " : "",
		    TEXT(kind->result_type.p ? kind->result_type
					     : MS_SLICE("not said")),
		    kind->count);
	return ms_arena_string(report->arena, ms_buf_get(&out));
}

static void
say_session(struct ms_report *report, struct ms_node *table,
    const struct ms_tls_sessions *s)
{
	struct ms_node *row = ms_say_row(report, table);

	ms_say_cellf(report, row, s->failed ? MS_STYLE_BAD : MS_STYLE_DIM, true,
	    "%" PRId64, s->failed);
	ms_say_cellf(report, row, MS_STYLE_PLAIN, true, "%" PRId64,
	    s->successful + s->failed);
	ms_say_cell(report, row, MS_STYLE_STRONG, false,
	    s->domain.p ? s->domain : MS_SLICE("(not said)"));
	ms_say_cellf(
	    report, row, MS_STYLE_PLAIN, false, "%s", policy_text(report, s));
	ms_say_cellf(
	    report, row, MS_STYLE_PLAIN, false, "%s", kinds_text(report, s));
}

void
feedback_say_sessions(
    struct ms_report *report, const struct ms_tls_sessions *sessions)
{
	struct ms_node *table;

	if (!sessions)
		return;
	ms_say_heading(report, "TLS SESSIONS BY POLICY");
	table = ms_say_table(report, 2);
	ms_say_heads(report, table, true, ">failed", ">sessions", "domain",
	    "policy", "", NULL);
	for (const struct ms_tls_sessions *s = sessions; s; s = s->next)
		say_session(report, table, s);
}

static struct ms_node *
start_failures(struct ms_report *report)
{
	struct ms_node *table;

	ms_say_heading(report, "FAILURES");
	table = ms_say_table(report, 2);
	ms_say_heads(report, table, false, ">failed", "result", "receiver",
	    "sender", "reason", NULL);
	return table;
}

static void
say_details(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_tls_report *tls)
{
	struct ms_node *table = NULL, *row;

	for (size_t i = 0; i < tls->policies_n; i++) {
		const struct ms_tls_policy *policy = &tls->policies[i];

		for (size_t k = 0; k < policy->failures_n; k++) {
			const struct ms_tls_failure *f = &policy->failures[k];

			if (k == 20 && !context->all)
				break;
			if (!table)
				table = start_failures(report);
			row = ms_say_row(report, table);
			ms_say_cellf(report, row, MS_STYLE_BAD, true,
			    "%" PRId64, f->count);
			ms_say_cell(
			    report, row, MS_STYLE_PLAIN, false, f->result_type);
			ms_say_cellf(report, row, MS_STYLE_PLAIN, false,
			    "%.*s%s%.*s", TEXT(f->receiving_host),
			    f->receiving_host.p && f->receiving_ip.p ? " " : "",
			    TEXT(f->receiving_ip));
			ms_say_cellf(report, row, MS_STYLE_DIM, false, "%s%.*s",
			    f->sending_ip.p ? "from " : "",
			    TEXT(f->sending_ip));
			ms_say_cell(report, row, MS_STYLE_DIM, false,
			    f->reason_code.p ? f->reason_code : f->information);
		}
	}
}

static void
say(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_tls_report *tls, const struct ms_tls_sessions *sessions)
{
	int64_t all = tls->successful + tls->failed;
	const char *domain =
	    sessions && sessions->domain.p
		? ms_arena_string(report->arena, sessions->domain)
		: "(no domain)";

	if (tls->failed == 0)
		ms_say_answer(report, MS_STYLE_GOOD,
		    "%s: all TLS sessions succeeded (%" PRId64 ")", domain,
		    all);
	else
		ms_say_answer(report, MS_STYLE_WARN,
		    "%s: %" PRId64 " of %" PRId64 " TLS sessions failed (%s)",
		    domain, tls->failed, all,
		    feedback_share(report, tls->failed, all));
	feedback_say_head(
	    report, context, tls->org_name, tls->contact, NULL, &tls->oddities);
	feedback_say_period(
	    report, tls->begin_set, tls->begin, tls->end_set, tls->end);
	if (context->brief)
		return;
	ms_say_pairf(report, "Report", MS_STYLE_PLAIN, "%.*s (after RFC 8460)",
	    TEXT(tls->report_id.p ? tls->report_id : MS_SLICE("no number")));
	feedback_say_sessions(report, sessions);
	say_details(report, context, tls);
}

void
ms_describe_tls_report(struct ms_report *report,
    const struct ms_feedback_context *context, const struct ms_tls_report *tls,
    const struct ms_tls_sessions *sessions)
{
	ms_tls_sessions_findings(report, sessions);
	feedback_find_oddities(
	    report, "tls-report-incomplete", &tls->oddities, REFERENCE);
	feedback_find_repeat(
	    report, "tls-report-repeated", context->repeats, REFERENCE);
	if (tls->truncated)
		ms_describe_limit(
		    report, "report_rows", "Further failures are not listed.");
	if (report->audience & MS_FOR_DATA)
		put_data(report, context, tls);
	if (report->audience & MS_FOR_TEXT)
		say(report, context, tls, sessions);
}
