/* SPDX-License-Identifier: ISC
 * rule.h - rules of the user's own: packs read from files, held against
 * messages
 *
 * A pack is a JSON document; mailsonde-rules(1) is its contract.
 */
#ifndef MAILSONDE_RULE_H
#define MAILSONDE_RULE_H

#include "mailsonde/check.h"
#include "mailsonde/pattern.h"

/* A message that says of itself whether the rule should match it. */
struct ms_rule_example {
	struct ms_slice message;
	bool match;
};

struct ms_rule {
	const char *id;
	enum ms_severity severity;
	int weight; /* in the verdict's sum */
	const char *title;
	const char *detail, *fix, *reference; /* NULL: not given */
	struct ms_rule_group *all, *any, *none;
	struct ms_rule_example *examples;
	size_t examples_n;
};

struct ms_rules {
	const char *name; /* of the pack */
	struct ms_rule *list;
	size_t n;
	struct ms_pattern **patterns; /* all of them, to be freed */
	size_t patterns_n, patterns_cap;
	/* Set by the caller: seconds of a clock that only goes forward, for
	 * limits->rule_seconds. NULL: no such limit. */
	double (*ticks)(void);
};

/* Reads a pack. Everything lives in `arena`, but for the patterns: call
 * ms_rules_close in any case. MS_FORMAT: it is no pack, and *diag says which
 * rule and what is wrong with it; MS_LIMIT: more rules or conditions than
 * limits->rules, limits->rule_conditions; MS_UNSUPPORTED: libpcre2 is not
 * there. */
enum ms_status ms_rules_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, struct ms_rules *out, struct ms_diag *diag);
void ms_rules_close(struct ms_rules *rules);

/* Whether a rule of the pack holds of the message, and where: `hits` (NULL: not
 * wanted) is an array node. MS_MATCH_UNKNOWN: *why says what stood in the way.
 * Findings in the report so far can be asked for by a rule. */
enum ms_match ms_rule_match(const struct ms_rules *rules,
    const struct ms_rule *rule, const struct ms_case *subject,
    struct ms_report *report, struct ms_node *hits, const char **why);

/* All of a pack: findings "rule-ID" where they hold, errors that are temporary
 * where that could not be told. */
void ms_rules_run(const struct ms_rules *rules, const struct ms_case *subject,
    struct ms_report *report);

#endif
