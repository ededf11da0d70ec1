/* SPDX-License-Identifier: ISC
 * rule_priv.h - what the files of rules share
 */
#ifndef RULE_RULE_PRIV_H
#define RULE_RULE_PRIV_H

#include "mailsonde/rule.h"

/* Takes the values of a field one by one; false: no more are wanted. */
struct rule_taker {
	bool (*take)(struct rule_taker *taker, struct ms_slice value);
};

struct rule_field {
	const char *name; /* "header:" takes a name behind it */
	bool text;        /* may be long: a body, not a value */
	/* Hands the values over. NULL, or why they could not be told. */
	const char *(*give)(const struct ms_case *subject,
	    const struct ms_report *report, struct ms_slice argument,
	    struct rule_taker *taker);
};

/* The field of that name and what stands behind its colon; NULL. */
const struct rule_field *rule_field_find(
    struct ms_slice name, struct ms_slice *argument);

enum rule_test {
	RULE_MATCHES, /* a pattern is found in it */
	RULE_IS,      /* it is one of these, but for the case of letters */
	RULE_WITHIN,  /* one of these names or below it, or in a network */
	RULE_PRESENT, /* it is there, or not: `wanted` */
};

struct rule_condition {
	const struct rule_field *field;
	struct ms_slice argument; /* "x-mailer" of "header:x-mailer" */
	const char *name;         /* as it was written */
	enum rule_test test;
	const struct ms_pattern *pattern;
	struct ms_slice *words;
	struct ms_net *nets; /* of `words` that are networks */
	size_t words_n, nets_n;
	bool wanted;
};

struct ms_rule_group {
	struct rule_condition *list;
	size_t n;
};

#endif
