/* SPDX-License-Identifier: ISC
 * describe_domain.c - a domain's checks, as report nodes
 *
 * The worst thing comes first, then what to publish, then every check.
 */
#include "describe_priv.h"

static enum ms_style
style_of(enum ms_domain_status status)
{
	static const enum ms_style styles[] = {
		[MS_DOMAIN_PASS] = MS_STYLE_GOOD,
		[MS_DOMAIN_WARN] = MS_STYLE_WARN,
		[MS_DOMAIN_FAIL] = MS_STYLE_BAD,
		[MS_DOMAIN_SKIP] = MS_STYLE_DIM,
		[MS_DOMAIN_ERROR] = MS_STYLE_WARN,
	};

	return styles[status];
}

static bool
is_finding(const struct ms_domain_outcome *o)
{
	return !o->unchanged &&
	       (o->status == MS_DOMAIN_WARN || o->status == MS_DOMAIN_FAIL);
}

/* ---- data ---- */

static void
put_records(struct ms_report *report, struct ms_node *parent,
    const struct ms_domain_outcome *o)
{
	struct ms_node *array = ms_put_array(report, parent, "records");

	for (size_t i = 0; i < o->records_n; i++)
		ms_put_string(report, array, NULL, o->records[i]);
}

static void
put_check(struct ms_report *report, struct ms_node *array,
    const struct ms_domain_outcome *o)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_string(report, node, "id", o->id);
	ms_put_string(report, node, "status", ms_domain_status_name(o->status));
	ms_put_string(report, node, "title", o->title);
	ms_put_string(report, node, "detail", o->detail);
	put_records(report, node, o);
	ms_put_string(report, node, "fix", o->fix);
	ms_put_string(report, node, "reference", o->reference);
}

static void
put_score(struct ms_report *report, struct ms_node *domain,
    const struct ms_domain_case *subject)
{
	struct ms_node *node, *parts, *part;

	if (subject->told)
		ms_put_int(report, domain, "score", subject->score);
	else
		ms_put_null(report, domain, "score");
	node = ms_put_object(report, domain, "grade");
	ms_put_int(report, node, "from", 100);
	parts = ms_put_array(report, node, "less");
	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next) {
		if (o->cost == 0)
			continue;
		part = ms_put_object(report, parts, NULL);
		ms_put_string(report, part, "id", o->id);
		ms_put_int(report, part, "points", o->cost);
	}
}

static const char *
change_name(enum ms_domain_line_kind kind)
{
	static const char *const names[] = {
		[MS_DOMAIN_LINE_KEEP] = "keep",
		[MS_DOMAIN_LINE_ADD] = "add",
		[MS_DOMAIN_LINE_REMOVE] = "remove",
		[MS_DOMAIN_LINE_UNKNOWN] = "unknown",
	};

	return names[kind];
}

static void
put_fix(struct ms_report *report, struct ms_node *domain,
    const struct ms_domain_line *line)
{
	struct ms_node *array = ms_put_array(report, domain, "fix");
	struct ms_node *node;

	for (; line; line = line->next) {
		node = ms_put_object(report, array, NULL);
		ms_put_string(report, node, "change", change_name(line->kind));
		ms_put_string(report, node, "name", line->owner);
		ms_put_string(report, node, "type", line->type);
		ms_put_string(report, node, "data", line->rdata);
	}
}

/* What was in the baseline and is no more. */
static void
put_gone(struct ms_report *report, struct ms_node *domain,
    const struct ms_domain_case *subject)
{
	struct ms_node *base = ms_put_object(report, domain, "baseline");
	struct ms_node *array, *node;

	ms_put_bool(report, base, "found", subject->compared);
	array = ms_put_array(report, base, "gone");
	for (const struct ms_domain_gone *g = subject->gone; g; g = g->next) {
		node = ms_put_object(report, array, NULL);
		ms_put_text(report, node, "id", g->id);
		ms_put_text(report, node, "status", g->status);
		ms_put_text(report, node, "title", g->title);
		ms_put_texts(report, node, "records", g->records, g->n);
	}
}

static void
put_domain(struct ms_report *report, const struct ms_domain_case *subject)
{
	struct ms_node *domain = ms_put_section(report, "domain");
	struct ms_node *array;

	ms_put_string(report, domain, "profile",
	    ms_domain_profile_name(subject->profile));
	ms_put_string(report, domain, "profile_reason", subject->profile_why);
	array = ms_put_array(report, domain, "checks");
	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next)
		if (!o->unchanged)
			put_check(report, array, o);
	if (subject->options->baseline)
		put_gone(report, domain, subject);
	if (subject->options->fix)
		put_fix(report, domain, subject->fix);
	put_score(report, domain, subject);
}

/* ---- findings and errors ---- */

static void
find(struct ms_report *report, const struct ms_domain_outcome *o)
{
	struct ms_finding f = {
		.id = o->id,
		.severity = o->severity,
		.title = o->title,
		.detail = o->detail ? o->detail : o->check->title,
		.fix = o->fix,
		.reference = o->reference,
		.evidence = ms_put_object(report, NULL, NULL),
	};

	put_records(report, f.evidence, o);
	ms_report_finding(report, &f);
}

/* ---- text ---- */

/* "FAIL: the worst finding (score 85 of 100)" */
static void
say_answer(struct ms_report *report, const struct ms_domain_case *subject)
{
	struct describe_answer a =
	    describe_answer_of(report, "nothing is wrong");

	if (subject->told)
		ms_say_answer(report, a.style, "%s: %s (score %u of 100%s)",
		    a.word, a.text, subject->score,
		    report->errors ? " for what could be told" : "");
	else
		ms_say_answer(report, a.style, "%s: %s", a.word, a.text);
}

static void
say_checks(struct ms_report *report, const struct ms_domain_case *subject)
{
	const struct ms_domain_check *last = NULL;
	struct ms_node *table, *row;

	ms_say_heading(report, "CHECKS");
	table = ms_say_table(report, 2);
	ms_say_heads(report, table, false, "check", "status", "what", NULL);
	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next) {
		if (o->unchanged)
			continue;
		row = ms_say_row(report, table);
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
		    o->check == last ? "" : o->check->id);
		ms_say_cellf(report, row, style_of(o->status), false, "%s",
		    ms_domain_status_name(o->status));
		ms_say_cellf(
		    report, row, MS_STYLE_PLAIN, false, "%s", o->title);
		last = o->check;
	}
}

/* In a page as lines of a zone, to be copied. */
static void
say_change(struct ms_report *report, const struct ms_domain_change *c)
{
	const char *rdata = c->rdata ? c->rdata : "(all)";
	enum ms_style style = c->remove ? MS_STYLE_DIM : MS_STYLE_STRONG;

	if (report->audience & MS_FOR_PAGE)
		ms_say_verbatim(report, style, "%s%s %s %s",
		    c->remove ? "; remove " : "", c->owner, c->type, rdata);
	else
		ms_say(report, 2, style, "%s %s %s %s", c->remove ? "-" : "+",
		    c->owner, c->type, rdata);
}

static void
say_changes(struct ms_report *report, const struct ms_domain_case *subject)
{
	bool any = false;

	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next) {
		for (const struct ms_domain_change *c =
			 o->unchanged ? NULL : o->changes;
		     c; c = c->next) {
			if (!any)
				ms_say_heading(report, "TO PUBLISH");
			any = true;
			say_change(report, c);
		}
	}
}

/* Both sides of what changed. */
static void
say_changed(struct ms_report *report, const struct ms_domain_case *subject)
{
	if (!subject->compared) {
		ms_say(report, 0, MS_STYLE_DIM,
		    "The baseline does not have this domain: all of it is new");
		return;
	}
	if (!subject->gone)
		return;
	ms_say_heading(report, "AS IT WAS");
	for (const struct ms_domain_gone *g = subject->gone; g; g = g->next) {
		ms_say(report, 2, MS_STYLE_PLAIN, "%.*s: %.*s", (int)g->id.n,
		    (const char *)g->id.p, (int)g->title.n,
		    (const char *)g->title.p);
		for (size_t i = 0; i < g->n; i++)
			ms_say(report, 4, MS_STYLE_DIM, "%.*s",
			    (int)g->records[i].n,
			    (const char *)g->records[i].p);
	}
	ms_say_heading(report, "AS IT IS");
	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next) {
		if (o->unchanged)
			continue;
		ms_say(report, 2, MS_STYLE_PLAIN, "%s: %s", o->id, o->title);
		for (size_t i = 0; i < o->records_n; i++)
			ms_say(report, 4, MS_STYLE_DIM, "%s", o->records[i]);
	}
}

static bool
is_as_it_was(const struct ms_domain_case *subject)
{
	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next)
		if (!o->unchanged)
			return false;
	return subject->compared && !subject->gone;
}

/* ---- the zone that mends it ---- */

static void
say_line(struct ms_report *report, const struct ms_domain_line *line)
{
	switch (line->kind) {
	case MS_DOMAIN_LINE_KEEP:
		ms_say_verbatim(report, MS_STYLE_DIM, "%s %u %s %s",
		    line->owner, line->ttl, line->type, line->rdata);
		break;
	case MS_DOMAIN_LINE_ADD:
		ms_say_verbatim(report, MS_STYLE_STRONG, "%s %u %s %s ; add",
		    line->owner, line->ttl, line->type, line->rdata);
		break;
	case MS_DOMAIN_LINE_REMOVE:
		ms_say_verbatim(report, MS_STYLE_PLAIN, "; remove %s %s%s%s",
		    line->owner, line->type, line->rdata ? " " : "",
		    line->rdata ? line->rdata : "");
		break;
	case MS_DOMAIN_LINE_UNKNOWN:
		ms_say_verbatim(report, MS_STYLE_WARN,
		    "; could not tell whether %s has %s records", line->owner,
		    line->type);
		break;
	}
}

static void
say_zone(struct ms_report *report, const struct ms_domain_case *subject)
{
	report->zone = true;
	report->show_findings = false;
	ms_say_verbatim(report, MS_STYLE_DIM, "; %.*s: %s",
	    (int)subject->name.n, (const char *)subject->name.p,
	    subject->fix ? "to publish" : "nothing to publish");
	for (const struct ms_domain_line *l = subject->fix; l; l = l->next)
		say_line(report, l);
	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next)
		if (is_finding(o) && !o->changes)
			ms_say_verbatim(report, MS_STYLE_PLAIN,
			    "; by hand: [%s] %s", o->id,
			    o->fix ? o->fix : o->title);
}

static void
say_domain(struct ms_report *report, const struct ms_domain_case *subject)
{
	const char *why = subject->profile_why;
	const char *profile = subject->profile
				  ? ms_domain_profile_name(subject->profile)
				  : "purpose unknown";

	if (subject->options->baseline && is_as_it_was(subject)) {
		ms_say_answer(report, MS_STYLE_GOOD,
		    "%.*s: nothing changed since the baseline",
		    (int)subject->name.n, (const char *)subject->name.p);
		return;
	}
	say_answer(report, subject);
	ms_say_blank(report);
	ms_say(report, 0, MS_STYLE_DIM, "%.*s%s%s%s%s", (int)subject->name.n,
	    (const char *)subject->name.p, why ? ", " : "", why ? profile : "",
	    why ? ": " : "", why ? why : "");
	if (subject->options->baseline)
		say_changed(report, subject);
	say_checks(report, subject);
	say_changes(report, subject);
}

void
ms_describe_domain(
    struct ms_report *report, const struct ms_domain_case *subject)
{
	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next) {
		if (is_finding(o))
			find(report, o);
		else if (o->status == MS_DOMAIN_ERROR && !o->unchanged)
			ms_report_error(report, "dns", true, "%s", o->title);
	}
	if (report->audience & MS_FOR_DATA)
		put_domain(report, subject);
	if (!(report->audience & MS_FOR_TEXT))
		return;
	if (subject->options->fix)
		say_zone(report, subject);
	else
		say_domain(report, subject);
}
