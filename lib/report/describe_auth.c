/* SPDX-License-Identifier: ISC
 * describe_auth.c - recomputed authentication at a glance, as report nodes
 *
 * One line a method; what lies behind each has its own description.
 */
#include "mailsonde/describe.h"

static enum ms_style
style_of(enum ms_auth_result result)
{
	switch (result) {
	case MS_AUTH_PASS:
		return MS_STYLE_GOOD;
	case MS_AUTH_FAIL:
	case MS_AUTH_PERMERROR:
	case MS_AUTH_POLICY:
		return MS_STYLE_BAD;
	case MS_AUTH_NONE:
		return MS_STYLE_DIM;
	default:
		return MS_STYLE_WARN;
	}
}

static void
say_row(struct ms_report *report, struct ms_node *table, const char *method,
    enum ms_auth_result result, const char *text)
{
	struct ms_node *row = ms_say_row(report, table);

	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", method);
	ms_say_cellf(report, row, style_of(result), false, "%s",
	    ms_auth_result_name(result));
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", text);
}

static const char *
dkim_text(struct ms_report *report, const struct ms_dkim_signature *s)
{
	return ms_arena_printf(report->arena, "%.*s, selector %.*s: %s%s%s",
	    (int)s->domain.n, s->domain.p ? (const char *)s->domain.p : "",
	    (int)s->selector.n,
	    s->selector.p ? (const char *)s->selector.p : "",
	    s->reason ? s->reason : "body and signed fields are unchanged",
	    s->policy ? "; counts for nothing: " : "",
	    s->policy ? s->policy : "");
}

static void
say_dkim(struct ms_report *report, struct ms_node *table,
    const struct ms_dkim_result *dkim)
{
	for (size_t i = 0; i < dkim->n; i++)
		say_row(report, table, "dkim", dkim->signatures[i].result,
		    dkim_text(report, &dkim->signatures[i]));
	if (dkim->n == 0)
		say_row(report, table, "dkim", MS_AUTH_NONE,
		    "the message carries no signature");
}

static void
say_summary(struct ms_report *report, const struct ms_authentication *auth)
{
	struct ms_node *table = ms_say_table(report, 2);
	const struct ms_dmarc_judgement *dmarc = &auth->dmarc.rfc9989;

	ms_say_heads(report, table, false, "method", "result", "why", NULL);
	if (auth->spf_judged)
		say_row(
		    report, table, "spf", auth->spf.result, auth->spf.reason);
	else
		say_row(report, table, "spf", MS_AUTH_NONE,
		    ms_arena_printf(
			report->arena, "not judged: %s", auth->spf_why));
	if (auth->helo_judged && !(auth->spf_judged && auth->spf.null_sender))
		say_row(report, table, "helo", auth->helo.result,
		    auth->helo.reason);
	say_dkim(report, table, &auth->dkim);
	if (auth->arc.result != MS_AUTH_NONE)
		say_row(report, table, "arc", auth->arc.result,
		    auth->arc.reason ? auth->arc.reason : "");
	say_row(report, table, "dmarc", dmarc->result, dmarc->reason);
}

static void
put_sender(struct ms_report *report, const struct ms_sender *sender)
{
	struct ms_node *node =
	    ms_put_object(report, ms_put_section(report, "auth"), "sender");

	if (sender->ip.set)
		ms_put_ip(report, node, "ip", &sender->ip);
	else
		ms_put_null(report, node, "ip");
	ms_put_string(report, node, "ip_source", sender->ip_why);
	ms_put_text(report, node, "mail_from",
	    sender->mail_from_known && sender->mail_from.n == 0
		? MS_SLICE("<>")
		: sender->mail_from);
	ms_put_string(report, node, "mail_from_source", sender->mail_from_why);
	ms_put_text(report, node, "helo", sender->helo);
	ms_put_string(report, node, "helo_source", sender->helo_why);
}

static void
say_sender(struct ms_report *report, const struct ms_sender *sender)
{
	char ip[MS_IP_TEXT] = "unknown";

	if (sender->ip.set)
		ms_ip_format(&sender->ip, ip);
	ms_say_pairf(report, "Handed in by", MS_STYLE_PLAIN, "%s (%s)", ip,
	    sender->ip_why);
	ms_say_pairf(report, "MAIL FROM", MS_STYLE_PLAIN, "%s%.*s%s (%s)",
	    sender->mail_from_known ? "<" : "", (int)sender->mail_from.n,
	    sender->mail_from.p ? (const char *)sender->mail_from.p : "",
	    sender->mail_from_known ? ">" : "unknown", sender->mail_from_why);
	ms_say_pairf(report, "HELO", MS_STYLE_PLAIN, "%.*s (%s)",
	    sender->helo.p ? (int)sender->helo.n : 7,
	    sender->helo.p ? (const char *)sender->helo.p : "unknown",
	    sender->helo_why);
}

void
ms_describe_authentication(
    struct ms_report *report, const struct ms_authentication *auth)
{
	char at[MS_TIME_TEXT];

	ms_time_format(auth->at, at);
	ms_say_heading(report, ms_arena_printf(report->arena,
				   "AUTHENTICATION, recomputed as of %s", at));
	if (report->audience & MS_FOR_TEXT) {
		say_summary(report, auth);
		ms_say_blank(report);
		say_sender(report, &auth->sender);
	}
	if (report->audience & MS_FOR_DATA)
		put_sender(report, &auth->sender);
}

/* What lies behind the line of each method. */
void
ms_describe_auth_methods(struct ms_report *report,
    const struct ms_message *message, const struct ms_authentication *auth)
{
	if (auth->spf_judged)
		ms_describe_spf(report, "spf", &auth->spf, true);
	if (auth->helo_judged)
		ms_describe_spf(report, "spf_helo", &auth->helo, true);
	ms_describe_dkim(report, message, &auth->dkim);
	ms_describe_arc(report, message, &auth->arc);
	ms_describe_dmarc(report, &auth->dmarc, true);
}
