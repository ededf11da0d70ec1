/* SPDX-License-Identifier: ISC
 * describe_totals.c - all reports of a run together
 */
#include "describe_feedback_priv.h"

#define TEXT(s)                                                                \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")

/* ---- data ---- */

static void
put_domain(struct ms_report *report, const struct ms_feedback_context *context,
    struct ms_node *list, const struct ms_senders *s)
{
	struct ms_node *node = ms_put_object(report, list, NULL);

	ms_put_text(report, node, "domain", s->domain);
	ms_put_text(report, node, "p", s->p);
	ms_put_int(report, node, "reports", (int64_t)s->reports);
	feedback_put_period(
	    report, node, s->begin > 0, s->begin, s->end > 0, s->end);
	feedback_put_senders(report, context, node, s);
}

static void
put_sessions(struct ms_report *report, struct ms_node *list,
    const struct ms_tls_sessions *s)
{
	struct ms_node *node = ms_put_object(report, list, NULL), *kinds, *kind;

	ms_put_text(report, node, "policy_domain", s->domain);
	ms_put_text(report, node, "policy_type", s->type);
	ms_put_text(report, node, "mode", s->mode);
	ms_put_int(report, node, "reports", (int64_t)s->reports);
	feedback_put_period(
	    report, node, s->begin > 0, s->begin, s->end > 0, s->end);
	ms_put_int(report, node, "successful", s->successful);
	ms_put_int(report, node, "failed", s->failed);
	kinds = ms_put_array(report, node, "failures");
	for (const struct ms_tls_kind *k = s->kinds; k; k = k->next) {
		kind = ms_put_object(report, kinds, NULL);
		ms_put_text(report, kind, "result_type", k->result_type);
		ms_put_int(report, kind, "failed_session_count", k->count);
	}
}

static void
put_data(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_feedback_totals *t)
{
	struct ms_node *node = ms_put_section(report, "totals"), *list;

	ms_put_int(report, node, "reports", (int64_t)t->reports);
	ms_put_int(report, node, "repeated", (int64_t)t->repeated);
	ms_put_int(report, node, "failure_reports", (int64_t)t->failures);
	list = ms_put_array(report, node, "domains");
	for (const struct ms_senders *s = t->senders; s; s = s->next)
		put_domain(report, context, list, s);
	list = ms_put_array(report, node, "tls");
	for (const struct ms_tls_sessions *s = t->sessions; s; s = s->next)
		put_sessions(report, list, s);
}

/* ---- text ---- */

static void
say_domain(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_senders *s)
{
	ms_say_heading(
	    report, ms_arena_printf(report->arena, "%.*s", TEXT(s->domain)));
	ms_say_pairf(report, "Reports", MS_STYLE_PLAIN, "%zu", s->reports);
	feedback_say_period(report, s->begin > 0, s->begin, s->end > 0, s->end);
	ms_say_pairf(report, "Policy", MS_STYLE_PLAIN, "p=%.*s%s%.*s",
	    TEXT(s->p.p ? s->p : MS_SLICE("(not said)")), s->sp.p ? " sp=" : "",
	    TEXT(s->sp));
	feedback_say_senders(report, context, s);
}

static void
say(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_feedback_totals *t)
{
	const char *repeated =
	    t->repeated > 0
		? ms_arena_printf(report->arena,
		      ", %zu of them sent again and counted once", t->repeated)
		: "";
	const char *failures =
	    t->failures > 0 ? ms_arena_printf(report->arena,
				  ", %zu of single messages", t->failures)
			    : "";

	if (t->reports == 1)
		ms_say_title(report, "THE ONE REPORT");
	else
		ms_say_title(report, ms_arena_printf(report->arena,
					 "ALL %zu REPORTS TOGETHER%s%s",
					 t->reports, repeated, failures));
	for (const struct ms_senders *s = t->senders; s; s = s->next)
		say_domain(report, context, s);
	feedback_say_sessions(report, t->sessions);
}

void
ms_describe_feedback_totals(struct ms_report *report,
    const struct ms_feedback_context *context,
    const struct ms_feedback_totals *t)
{
	for (const struct ms_senders *s = t->senders; s; s = s->next)
		ms_senders_findings(report, s);
	ms_tls_sessions_findings(report, t->sessions);
	if (report->audience & MS_FOR_DATA)
		put_data(report, context, t);
	if (report->audience & MS_FOR_TEXT)
		say(report, context, t);
}
