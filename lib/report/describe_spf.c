/* SPDX-License-Identifier: ISC
 * describe_spf.c - an SPF check, as report nodes
 *
 * In text the answer stands first, then who was judged, then the tree of
 * terms with what each cost.
 */
#include <stdarg.h>
#include <stdio.h>

#include "describe_dkim_priv.h"
#include "mailsonde/scan.h"

#define TEXT(s) (int)(s).n, ((s).p ? (const char *)(s).p : "")
/* Cut to what a remark can hold. */
#define CUT(s) (int)((s).n > 300 ? 300 : (s).n), (const char *)(s).p

/* Networks in a row that do not match are one line from so many on. */
#define RUN_MIN 4

/* ---- data ---- */

static void
put_failures(struct ms_report *report, struct ms_node *node,
    const struct ms_spf_failure *failures)
{
	struct ms_node *array, *item;
	char type[MS_DNS_TYPE_TEXT];

	if (!failures)
		return;
	array = ms_put_array(report, node, "failures");
	for (const struct ms_spf_failure *f = failures; f; f = f->next) {
		item = ms_put_object(report, array, NULL);
		ms_dns_type_format((uint16_t)f->type, type);
		ms_put_text(report, item, "name", f->name);
		ms_put_text(report, item, "type",
		    ms_arena_copy(report->arena, ms_slice_from(type)));
		ms_put_string(
		    report, item, "status", ms_dns_status_name(f->status));
		if (f->why)
			ms_put_string(report, item, "why", f->why);
	}
}

static void put_trail(struct ms_report *report, struct ms_node *node,
    const struct ms_spf_trail *trail);

static void
put_step(struct ms_report *report, struct ms_node *array,
    const struct ms_spf_step *step)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_text(report, node, "term", step->term->text);
	if (step->match == MS_SPF_MATCH_UNKNOWN)
		ms_put_null(report, node, "matched");
	else
		ms_put_bool(
		    report, node, "matched", step->match == MS_SPF_MATCH);
	if (step->lookups > 0) {
		ms_put_int(report, node, "lookups", step->lookups);
		ms_put_int(report, node, "void_lookups", step->void_lookups);
	}
	if (step->target.n > 0)
		ms_put_text(report, node, "target", step->target);
	if (step->found.p)
		ms_put_text(report, node, "found", step->found);
	if (step->note)
		ms_put_string(report, node, "note", step->note);
	if (step->trail) {
		ms_put_string(report, node, "result",
		    ms_auth_result_name(step->trail->result));
		put_trail(report, node, step->trail);
	}
	put_failures(report, node, step->failures);
}

static void
put_trail(struct ms_report *report, struct ms_node *node,
    const struct ms_spf_trail *trail)
{
	struct ms_node *array;

	ms_put_evidence(report, node, "record", trail->record.text);
	array = ms_put_array(report, node, "trail");
	for (const struct ms_spf_step *s = trail->steps; s; s = s->next)
		put_step(report, array, s);
	if (trail->failures)
		put_failures(report, node, trail->failures);
}

static void
put_cause(struct ms_report *report, struct ms_node *node,
    const struct ms_spf_result *r)
{
	ms_put_text(report, node, "term",
	    r->term ? r->term->term->text : ms_slice_make(NULL, 0));
	if (r->term)
		ms_put_text(report, node, "term_domain", r->at->domain);
	if (r->cause && r->cause != r->term) {
		ms_put_text(report, node, "cause", r->cause->term->text);
		ms_put_text(report, node, "cause_domain", r->cause_at->domain);
	}
}

static void
put_result(
    struct ms_report *report, const char *key, const struct ms_spf_result *r)
{
	struct ms_node *node =
	    ms_put_object(report, ms_put_section(report, "auth"), key);

	ms_put_string(report, node, "result", ms_auth_result_name(r->result));
	ms_put_text(report, node, "domain",
	    r->domain.n > 0 ? r->domain : ms_slice_make(NULL, 0));
	if (!ms_slice_equal_nocase(r->domain, r->domain_given))
		ms_put_text(report, node, "domain_given", r->domain_given);
	ms_put_ip(report, node, "ip", &r->ip);
	ms_put_string(report, node, "scope", ms_spf_scope_name(r->scope));
	ms_put_string(report, node, "reason", r->reason);
	put_cause(report, node, r);
	ms_put_int(report, node, "lookups", r->lookups);
	if (r->lookups_needed)
		ms_put_int(report, node, "lookups_needed", r->lookups_needed);
	ms_put_int(report, node, "void_lookups", r->void_lookups);
	ms_put_text(report, node, "explanation", r->explanation);
	if (r->explanation_note)
		ms_put_string(
		    report, node, "explanation_note", r->explanation_note);
	if (r->trail) {
		put_trail(report, node, r->trail);
	} else {
		ms_put_null(report, node, "record");
		ms_put_array(report, node, "trail");
	}
}

/* ---- text: the tree ---- */

/* Comma-separated remarks in parentheses behind a term. */
static void __attribute__((format(printf, 2, 3)))
remark(struct ms_buf *buf, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ms_buf_text(buf, buf->n > 0 && buf->p[buf->n - 1] != '(' ? "; " : "");
	ms_buf_text(buf, text);
}

static void
add_cost(struct ms_buf *buf, const struct ms_spf_step *step)
{
	char voids[32] = "";

	if (step->lookups == 0)
		return;
	if (step->void_lookups > 0 && step->lookups == 1)
		snprintf(voids, sizeof(voids), ", void");
	else if (step->void_lookups > 0)
		snprintf(voids, sizeof(voids), ", %u void", step->void_lookups);
	remark(buf, "%u look-up%s%s", step->lookups,
	    step->lookups == 1 ? "" : "s", voids);
}

/* What is to be known beside it: an expanded name, an address, a failure. */
static void
add_remarks(struct ms_buf *buf, const struct ms_spf_step *step)
{
	const struct ms_spf_failure *failures = step->failures;
	char type[MS_DNS_TYPE_TEXT];

	if (step->trail)
		remark(
		    buf, "%s there", ms_auth_result_name(step->trail->result));
	add_cost(buf, step);
	if (!failures && step->trail)
		failures = step->trail->failures;
	for (; failures; failures = failures->next) {
		ms_dns_type_format((uint16_t)failures->type, type);
		remark(buf, "%.*s %s: %s", CUT(failures->name), type,
		    ms_dns_status_name(failures->status));
	}
	if (step->note)
		remark(buf, "%s", step->note);
	if (step->found.p)
		remark(buf, "%.*s", CUT(step->found));
	else if (step->target.n > 0 && step->term->target.p &&
		 !ms_slice_equal_nocase(step->target, step->term->target))
		remark(buf, "%.*s", CUT(step->target));
}

/* An error of the record, not of a look-up. */
static bool
is_error(const struct ms_spf_step *step)
{
	if (step->match != MS_SPF_MATCH_UNKNOWN)
		return false;
	if (step->trail)
		return step->trail->result == MS_AUTH_PERMERROR ||
		       step->trail->result == MS_AUTH_NONE;
	return step->failures == NULL;
}

static void
say_outcome(struct ms_report *report, struct ms_node *row,
    const struct ms_spf_step *step)
{
	enum ms_auth_result result =
	    step->trail ? step->trail->result : step->term->qualifier;

	if (step->match == MS_SPF_MATCH)
		ms_say_cell(report, row, describe_result_style(result), false,
		    MS_SLICE("match"));
	else if (step->match == MS_SPF_NO_MATCH)
		ms_say_cell(
		    report, row, MS_STYLE_DIM, false, MS_SLICE("no match"));
	else if (is_error(step))
		ms_say_cell(
		    report, row, MS_STYLE_BAD, false, MS_SLICE("error"));
	else
		ms_say_cell(
		    report, row, MS_STYLE_WARN, false, MS_SLICE("unknown"));
}

static bool
is_plain_miss(const struct ms_spf_step *step)
{
	return step->match == MS_SPF_NO_MATCH &&
	       (step->term->kind == MS_SPF_IP4 ||
		   step->term->kind == MS_SPF_IP6);
}

/* Networks in a row that all do not match, in one line: the last of them;
 * NULL where they are too few. */
static const struct ms_spf_step *
say_networks(struct ms_report *report, struct ms_node *table, unsigned depth,
    const struct ms_spf_step *step)
{
	const struct ms_spf_step *last = step;
	struct ms_node *row;
	size_t n = 1;

	while (last->next && is_plain_miss(last->next)) {
		last = last->next;
		n++;
	}
	if (n < RUN_MIN)
		return NULL;
	row = ms_say_row(report, table);
	ms_say_cell(report, row, MS_STYLE_DIM, false, MS_SLICE("no match"));
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false,
	    "%*s%.*s and %zu networks more", (int)depth, "",
	    TEXT(step->term->text), n - 1);
	return last;
}

static void say_steps(struct ms_report *report, struct ms_node *table,
    unsigned depth, const struct ms_spf_trail *trail);

static void
say_step(struct ms_report *report, struct ms_node *table, unsigned depth,
    const struct ms_spf_step *step)
{
	struct ms_node *row = ms_say_row(report, table);
	struct ms_buf buf;

	say_outcome(report, row, step);
	ms_buf_init(&buf, report->arena);
	ms_buf_repeat(&buf, ' ', depth);
	ms_buf_slice(&buf, step->term->text);
	ms_buf_text(&buf, " (");
	add_remarks(&buf, step);
	if (buf.p[buf.n - 1] == '(')
		buf.n -= 2;
	else
		ms_buf_byte(&buf, ')');
	ms_say_cell(report, row,
	    step->match == MS_SPF_MATCH ? MS_STYLE_STRONG : MS_STYLE_PLAIN,
	    false, ms_buf_get(&buf));
	if (step->trail)
		say_steps(report, table, depth + 2, step->trail);
}

/* Terms that stand behind the one that decided. */
static void
say_unreached(struct ms_report *report, struct ms_node *table, unsigned depth,
    const struct ms_spf_trail *trail)
{
	const struct ms_spf_record *record = &trail->record;
	const struct ms_spf_term *first = NULL;
	size_t n = 0;
	struct ms_node *row;

	for (size_t i = 0; i < record->n; i++) {
		if (record->terms[i].text.p <= trail->last->term->text.p ||
		    record->terms[i].kind >= MS_SPF_REDIRECT)
			continue;
		if (n++ == 0)
			first = &record->terms[i];
	}
	if (n == 0)
		return;
	row = ms_say_row(report, table);
	ms_say_cell(report, row, MS_STYLE_DIM, false, MS_SLICE("not reached"));
	if (n == 1)
		ms_say_cellf(report, row, MS_STYLE_DIM, false, "%*s%.*s",
		    (int)depth, "", TEXT(first->text));
	else
		ms_say_cellf(report, row, MS_STYLE_DIM, false,
		    "%*s%.*s and %zu term%s more", (int)depth, "",
		    TEXT(first->text), n - 1, n == 2 ? "" : "s");
}

static void
say_steps(struct ms_report *report, struct ms_node *table, unsigned depth,
    const struct ms_spf_trail *trail)
{
	for (const struct ms_spf_step *s = trail->steps; s; s = s->next) {
		const struct ms_spf_step *last = NULL;

		if (is_plain_miss(s))
			last = say_networks(report, table, depth, s);
		if (last)
			s = last;
		else
			say_step(report, table, depth, s);
	}
	if (trail->last && trail->last->term->kind != MS_SPF_REDIRECT)
		say_unreached(report, table, depth, trail);
}

/* ---- text: the answer ---- */

static void
say_identity(struct ms_report *report, const struct ms_spf_result *r)
{
	const char *what = "MAIL FROM";

	if (r->scope == MS_SPF_HELO)
		what = "HELO";
	else if (r->null_sender)
		what = "HELO, for the sender is null";
	if (r->domain_given.n == 0)
		return;
	if (ms_slice_equal_nocase(r->domain, r->domain_given))
		ms_say_pairf(report, "Judged", MS_STYLE_PLAIN, "%.*s (%s)",
		    TEXT(r->domain), what);
	else
		ms_say_pairf(report, "Judged", MS_STYLE_PLAIN,
		    "%.*s (%s), written %.*s", TEXT(r->domain), what,
		    TEXT(r->domain_given));
}

static void
say_records(struct ms_report *report, const struct ms_spf_trail *trail)
{
	if (trail->records == 1)
		ms_say_pair(
		    report, "Record", MS_STYLE_PLAIN, trail->record.text);
	for (size_t i = 0; trail->texts && i < trail->records; i++)
		ms_say_pair(report, "Record", MS_STYLE_PLAIN, trail->texts[i]);
}

static void
say_result(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_node *table;

	say_identity(report, r);
	if (r->trail)
		say_records(report, r->trail);
	if (r->trail && r->trail->steps)
		ms_say_pairf(report, "Look-ups", MS_STYLE_PLAIN,
		    "%u of 10, void %u of 2", r->lookups, r->void_lookups);
	if (r->explanation.p)
		ms_say_pairf(report, "The domain says", MS_STYLE_PLAIN, "%.*s",
		    TEXT(r->explanation));
	if (r->explanation_note)
		ms_say_pairf(report, "Explanation", MS_STYLE_DIM,
		    "exp= gives none: %s", r->explanation_note);
	if (!r->trail || !r->trail->steps)
		return;
	ms_say_blank(report);
	table = ms_say_table(report, 2);
	ms_say_heads(report, table, false, "result", "term", NULL);
	say_steps(report, table, 0, r->trail);
}

/* Exit status 2. */
static void
report_failure(struct ms_report *report, const struct ms_spf_result *result)
{
	const struct ms_spf_failure *f = result->failure;
	char type[MS_DNS_TYPE_TEXT];

	ms_dns_type_format((uint16_t)f->type, type);
	ms_report_error(report, "dns", true, "SPF of %.*s: %.*s %s: %s",
	    TEXT(result->domain), TEXT(f->name), type,
	    f->why ? f->why : ms_dns_status_name(f->status));
}

void
ms_describe_spf(struct ms_report *report, const char *key,
    const struct ms_spf_result *result, bool heading)
{
	if (report->audience & MS_FOR_DATA)
		put_result(report, key, result);
	if (result->failure)
		report_failure(report, result);
	if (!(report->audience & MS_FOR_TEXT))
		return;
	if (heading)
		ms_say_heading(report, result->scope == MS_SPF_HELO
					   ? "SPF OF HELO"
					   : "SPF OF MAIL FROM");
	describe_result(report, heading, result->result, result->reason);
	say_result(report, result);
}
