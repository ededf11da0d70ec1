/* SPDX-License-Identifier: ISC
 * match.c - rules held against a message
 *
 * Three answers, as everywhere: yes, no, and that it could not be told. What
 * could not be told decides nothing where the rest of a rule decides without
 * it.
 */
#include "rule_priv.h"

#include "mailsonde/organisation.h"

/* Long texts are searched in runs that overlap: what is longer than that may
 * be missed where two runs meet. */
#define OVERLAP ((size_t)1024)

/* When the time for rules is over. */
struct due {
	double (*ticks)(void);
	double end;
};

struct search {
	struct rule_taker taker;
	const struct rule_condition *condition;
	struct ms_report *report;
	struct ms_node *hits;
	size_t values; /* seen */
	enum ms_match found;
	bool bound; /* a bound of PCRE2 was hit */
	bool late;  /* the message's time for rules is over */
	const struct due *due;
};

static bool
is_one(const struct rule_condition *c, struct ms_slice value)
{
	for (size_t i = 0; i < c->words_n; i++)
		if (ms_slice_equal_nocase(c->words[i], value))
			return true;
	return false;
}

static struct ms_slice
without_dot(struct ms_slice name)
{
	return name.n > 0 && name.p[name.n - 1] == '.'
		   ? ms_slice_part(name, 0, name.n - 1)
		   : name;
}

static bool
is_within(const struct rule_condition *c, struct ms_slice value)
{
	struct ms_ip ip;

	if (ms_ip_parse(value, &ip)) {
		for (size_t i = 0; i < c->nets_n; i++)
			if (ms_net_contains(&c->nets[i], &ip))
				return true;
		return false;
	}
	for (size_t i = 0; i < c->words_n; i++)
		if (ms_name_is_within(
			without_dot(value), without_dot(c->words[i])))
			return true;
	return false;
}

static bool
over(const struct due *due)
{
	return due->ticks && due->ticks() > due->end;
}

/* Run by run; *hit is where it was found. */
static enum ms_match
find(struct search *search, struct ms_slice text, struct ms_slice *hit)
{
	enum ms_match out = MS_MATCH_NO;

	for (;;) {
		enum ms_match got;

		if (over(search->due)) {
			search->late = true;
			return MS_MATCH_UNKNOWN;
		}
		got = ms_pattern_find(search->condition->pattern, text, hit);
		if (got == MS_MATCH_YES)
			return got;
		if (got == MS_MATCH_UNKNOWN) {
			search->bound = true;
			out = got;
		}
		if (text.n <= MS_PATTERN_TEXT)
			return out;
		text = ms_slice_part(text, MS_PATTERN_TEXT - OVERLAP, text.n);
	}
}

static void
put_hit(struct search *search, struct ms_slice value, struct ms_slice hit)
{
	struct ms_node *node;

	if (!search->hits)
		return;
	node = ms_put_object(search->report, search->hits, NULL);
	ms_put_string(search->report, node, "field", search->condition->name);
	/* The value may go before the report does. */
	if (!search->condition->field->text)
		ms_put_text(search->report, node, "value",
		    ms_arena_copy(search->report->arena, value));
	if (search->condition->test == RULE_MATCHES)
		ms_put_text(search->report, node, "found",
		    ms_arena_copy(search->report->arena, hit));
}

static bool
take(struct rule_taker *taker, struct ms_slice value)
{
	struct search *search = (struct search *)taker;
	struct ms_slice hit = value;
	enum ms_match got;

	search->values++;
	switch (search->condition->test) {
	case RULE_MATCHES:
		got = find(search, value, &hit);
		break;
	case RULE_IS:
		got = is_one(search->condition, value);
		break;
	case RULE_WITHIN:
		got = is_within(search->condition, value);
		break;
	default:
		return false; /* one is enough to be there */
	}
	if (got == MS_MATCH_YES)
		put_hit(search, value, hit);
	if (got != MS_MATCH_NO)
		search->found = got;
	return got != MS_MATCH_YES && !search->late;
}

static enum ms_match
judge_condition(const struct rule_condition *c, const struct ms_case *subject,
    struct ms_report *report, struct ms_node *hits, const struct due *due,
    const char **why)
{
	struct search search = {
		.taker = { take },
		.condition = c,
		.report = report,
		.hits = hits,
		.found = MS_MATCH_NO,
		.due = due,
	};
	const char *unknown =
	    c->field->give(subject, report, c->argument, &search.taker);

	if (c->test == RULE_PRESENT && !unknown)
		return (search.values > 0) == c->wanted ? MS_MATCH_YES
							: MS_MATCH_NO;
	if (search.found == MS_MATCH_YES)
		return MS_MATCH_YES;
	if (search.late)
		*why = "the time for rules was over (limit rule_seconds)";
	else if (search.bound)
		*why = "its pattern takes too many steps";
	else if (unknown)
		*why = unknown;
	else
		return MS_MATCH_NO;
	return MS_MATCH_UNKNOWN;
}

/* `all`: every condition; else one of them. */
static enum ms_match
judge_group(const struct ms_rule_group *group, bool all,
    const struct ms_case *subject, struct ms_report *report,
    struct ms_node *hits, const struct due *due, const char **why)
{
	enum ms_match decides = all ? MS_MATCH_NO : MS_MATCH_YES;
	enum ms_match out = all ? MS_MATCH_YES : MS_MATCH_NO;

	for (size_t i = 0; i < group->n; i++) {
		enum ms_match got = judge_condition(
		    &group->list[i], subject, report, hits, due, why);

		if (got == decides)
			return got;
		if (got == MS_MATCH_UNKNOWN)
			out = got;
	}
	return out;
}

static enum ms_match
both(enum ms_match a, enum ms_match b)
{
	if (a == MS_MATCH_NO || b == MS_MATCH_NO)
		return MS_MATCH_NO;
	return a == MS_MATCH_YES ? b : a;
}

static enum ms_match not(enum ms_match a) {
	return a == MS_MATCH_UNKNOWN ? a
	       : a == MS_MATCH_YES   ? MS_MATCH_NO
				     : MS_MATCH_YES;
}

static enum ms_match
judge_until(const struct ms_rule *rule, const struct ms_case *subject,
    struct ms_report *report, struct ms_node *hits, const struct due *due,
    const char **why)
{
	enum ms_match out = MS_MATCH_YES;

	if (rule->all)
		out = judge_group(
		    rule->all, true, subject, report, hits, due, why);
	if (rule->any && out != MS_MATCH_NO)
		out = both(out, judge_group(rule->any, false, subject, report,
				    hits, due, why));
	if (rule->none && out != MS_MATCH_NO)
		out = both(out, not(judge_group(rule->none, false, subject,
				    report, NULL, due, why)));
	return out;
}

static struct due
due_of(const struct ms_rules *rules, const struct ms_case *subject)
{
	struct due due = { .ticks = rules->ticks };

	if (due.ticks)
		due.end =
		    due.ticks() + (double)subject->parse->limits->rule_seconds;
	return due;
}

enum ms_match
ms_rule_match(const struct ms_rules *rules, const struct ms_rule *rule,
    const struct ms_case *subject, struct ms_report *report,
    struct ms_node *hits, const char **why)
{
	struct due due = due_of(rules, subject);

	return judge_until(rule, subject, report, hits, &due, why);
}

static void
run_rule(const struct ms_rule *rule, const struct ms_case *subject,
    struct ms_report *report, const struct due *due)
{
	struct ms_node *evidence = ms_put_object(report, NULL, NULL);
	struct ms_node *hits = ms_put_array(report, evidence, "matched");
	const char *why = "";
	struct ms_finding f = {
		.id = ms_arena_printf(report->arena, "rule-%s", rule->id),
		.severity = rule->severity,
		.title = rule->title,
		.detail = rule->detail ? rule->detail
				       : "A rule of your own holds of it.",
		.evidence = evidence,
		.fix = rule->fix,
		.reference = rule->reference,
		.weight = rule->weight,
	};

	switch (judge_until(rule, subject, report, hits, due, &why)) {
	case MS_MATCH_YES:
		ms_report_finding(report, &f);
		break;
	case MS_MATCH_UNKNOWN:
		ms_report_error(report, "rules", true,
		    "rule %s could not be judged: %s", rule->id, why);
		break;
	case MS_MATCH_NO:
		break;
	}
}

void
ms_rules_run(const struct ms_rules *rules, const struct ms_case *subject,
    struct ms_report *report)
{
	struct due due = due_of(rules, subject);

	for (size_t i = 0; i < rules->n; i++)
		run_rule(&rules->list[i], subject, report, &due);
}
