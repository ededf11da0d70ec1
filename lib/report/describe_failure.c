/* SPDX-License-Identifier: ISC
 * describe_failure.c - failure reports and complaints, as report nodes
 */
#include <inttypes.h>

#include "describe_feedback_priv.h"
#include "mailsonde/clock.h"

#define TEXT(s)                                                                \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")

static bool
is_failure(const struct ms_failure_report *f)
{
	return ms_slice_is(f->type, "auth-failure");
}

/* Whose name was on the mail, as far as the report says. */
static struct ms_slice
domain_of(const struct ms_failure_report *f)
{
	if (f->from_domain.p)
		return f->from_domain;
	return f->domains_n > 0 ? f->domains[0] : MS_SLICE("(not said)");
}

/* ---- findings ---- */

static const char *
detail(struct ms_report *report, const struct ms_failure_report *f)
{
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	if (f->auth_failure.p)
		ms_buf_printf(
		    &out, "What failed: %.*s. ", TEXT(f->auth_failure));
	if (f->results_n > 0)
		ms_buf_printf(
		    &out, "The receiver says: %.*s. ", TEXT(f->results[0]));
	if (f->delivery_result.p)
		ms_buf_printf(&out, "It was: %.*s.", TEXT(f->delivery_result));
	while (out.n > 0 && out.p[out.n - 1] == ' ')
		out.n--;
	return out.n > 0 ? ms_arena_string(report->arena, ms_buf_get(&out))
			 : NULL;
}

static void
find_failure(struct ms_report *report, const struct ms_failure_report *f)
{
	struct ms_finding finding = {
		.id = "dmarc-failure-reported",
		.severity = MS_SEVERITY_MEDIUM,
		.reference = "RFC 9991 section 4",
		.fix = "If the address is yours, mend what failed there; if "
		       "not, it is a forgery, or mail changed on its way.",
	};

	finding.title = ms_arena_printf(report->arena,
	    "Mail in the name of %.*s from %.*s failed authentication",
	    TEXT(domain_of(f)), TEXT(f->source_ip));
	if (!f->source_ip.p)
		finding.title = ms_arena_printf(report->arena,
		    "Mail in the name of %.*s failed authentication",
		    TEXT(domain_of(f)));
	finding.detail = detail(report, f);
	ms_report_finding(report, &finding);
}

static void
find_complaint(struct ms_report *report, const struct ms_failure_report *f)
{
	struct ms_finding finding = {
		.id = "feedback-complaint",
		.severity = MS_SEVERITY_MEDIUM,
		.reference = "RFC 5965 section 7.3",
		.detail = "Enough of these, and receivers treat all of the "
			  "domain's mail so.",
		.fix = "Take the recipient off the list, and see how the "
		       "address came onto it.",
	};

	finding.title = ms_arena_printf(report->arena,
	    "A recipient complained of mail of %.*s (%.*s)", TEXT(domain_of(f)),
	    TEXT(f->type));
	if (ms_slice_is(f->type, "not-spam"))
		return;
	ms_report_finding(report, &finding);
}

static void
judge(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_failure_report *f)
{
	if (is_failure(f))
		find_failure(report, f);
	else
		find_complaint(report, f);
	feedback_find_oddities(report, "feedback-incomplete", &f->oddities,
	    "RFC 5965 section 3.1");
	feedback_find_repeat(report, "feedback-repeated", context->repeats,
	    "RFC 5965 section 3");
}

/* ---- data ---- */

static void
put_original(struct ms_report *report, struct ms_node *parent,
    const struct ms_failure_report *f)
{
	struct ms_node *node = ms_put_object(report, parent, "original");

	ms_put_text(report, node, "from",
	    f->from.n > 0 ? f->from : ms_slice_make(NULL, 0));
	ms_put_text(report, node, "subject",
	    f->subject.n > 0 ? f->subject : ms_slice_make(NULL, 0));
	ms_put_text(report, node, "message_id", f->original_id);
}

static void
put_what(struct ms_report *report, struct ms_node *node,
    const struct ms_failure_report *f)
{
	ms_put_text(report, node, "auth_failure", f->auth_failure);
	ms_put_text(report, node, "delivery_result", f->delivery_result);
	ms_put_text(report, node, "identity_alignment", f->identity_alignment);
	ms_put_text(report, node, "dkim_domain", f->dkim_domain);
	ms_put_text(report, node, "dkim_selector", f->dkim_selector);
	ms_put_text(report, node, "dkim_identity", f->dkim_identity);
	ms_put_text(report, node, "spf_dns", f->spf_dns);
	ms_put_texts(
	    report, node, "authentication_results", f->results, f->results_n);
}

static void
put_data(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_failure_report *f)
{
	struct ms_node *node = ms_put_section(report, "report");
	struct ms_geo_place place = feedback_place(context->env, &f->source);

	ms_put_string(
	    report, node, "type", is_failure(f) ? "auth-failure" : "complaint");
	ms_put_string(report, node, "schema", f->machine ? "rfc5965" : "text");
	ms_put_text(report, node, "feedback_type", f->type);
	ms_put_text(report, node, "version", f->version);
	ms_put_text(report, node, "generator", f->user_agent);
	ms_put_text(report, node, "contact",
	    f->reporter.n > 0 ? f->reporter : ms_slice_make(NULL, 0));
	ms_put_text(report, node, "report_id", f->message_id);
	ms_put_string(report, node, "repeats", context->repeats);
	feedback_put_oddities(report, node, &f->oddities);
	if (f->arrival_set)
		ms_put_time(report, node, "arrival", f->arrival);
	else
		ms_put_null(report, node, "arrival");
	if (f->source.set)
		ms_put_ip(report, node, "source_ip", &f->source);
	else
		ms_put_text(report, node, "source_ip", f->source_ip);
	ms_describe_place(report, node, &place);
	ms_put_int(report, node, "incidents", f->incidents);
	ms_put_text(report, node, "mail_from", f->mail_from);
	ms_put_texts(report, node, "rcpt_to", f->rcpt_to, f->rcpt_to_n);
	ms_put_texts(
	    report, node, "reported_domains", f->domains, f->domains_n);
	put_what(report, node, f);
	put_original(report, node, f);
}

/* ---- text ---- */

static void
say_field(struct ms_report *report, const char *label, struct ms_slice value)
{
	if (value.n > 0)
		ms_say_pair(report, label, MS_STYLE_PLAIN, value);
}

static void
say_head(struct ms_report *report, const struct ms_failure_report *f)
{
	const char *incidents = f->incidents > 1
				    ? ms_arena_printf(report->arena,
					  ", %" PRId64 " times", f->incidents)
				    : "";

	if (is_failure(f))
		ms_say_answer(report, MS_STYLE_WARN,
		    "%.*s: mail in its name failed authentication%s",
		    TEXT(domain_of(f)), incidents);
	else
		ms_say_answer(report, MS_STYLE_WARN,
		    "%.*s: a recipient's feedback, \"%.*s\"%s",
		    TEXT(domain_of(f)), TEXT(f->type), incidents);
}

static void
say_source(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_failure_report *f)
{
	struct ms_geo_place place = feedback_place(context->env, &f->source);

	if (f->source_ip.p)
		ms_say_pairf(report, "Sent from", MS_STYLE_STRONG, "%.*s  %s",
		    TEXT(f->source_ip), feedback_place_text(report, &place));
}

static void
say(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_failure_report *f)
{
	char time[MS_TIME_TEXT];

	say_head(report, f);
	feedback_say_file(report, context);
	say_field(report, "Reporter", f->reporter);
	say_source(report, context, f);
	if (context->brief)
		return;
	if (f->arrival_set) {
		ms_time_format(f->arrival, time);
		ms_say_pairf(report, "Arrived", MS_STYLE_PLAIN, "%s", time);
	}
	say_field(report, "Failed", f->auth_failure);
	say_field(report, "Delivery", f->delivery_result);
	for (size_t i = 0; i < f->results_n; i++)
		say_field(report, "Results", f->results[i]);
	say_field(report, "DKIM domain", f->dkim_domain);
	say_field(report, "SPF record", f->spf_dns);
	say_field(report, "Mail from", f->mail_from);
	for (size_t i = 0; i < f->rcpt_to_n; i++)
		say_field(report, "Rcpt to", f->rcpt_to[i]);
	say_field(report, "From", f->from);
	say_field(report, "Subject", f->subject);
	say_field(report, "Message-ID", f->original_id);
	say_field(report, "Software", f->user_agent);
}

void
ms_describe_failure(struct ms_report *report,
    const struct ms_feedback_context *context,
    const struct ms_failure_report *failure)
{
	judge(report, context, failure);
	if (report->audience & MS_FOR_DATA)
		put_data(report, context, failure);
	if (report->audience & MS_FOR_TEXT)
		say(report, context, failure);
}
