/* SPDX-License-Identifier: ISC
 * verdict.c - one line of judgement: the sum of listed parts
 *
 * Every finding carries the weight of its check; the verdict is their sum,
 * capped at 100, and says which parts it is made of. The same findings always
 * give the same verdict.
 */
#include <stdio.h>

#include "mailsonde/describe.h"

#define SCORE_MAX 100

static const struct band {
	int from;
	const char *word; /* JSON */
	const char *text; /* for people */
	enum ms_style style;
} bands[] = {
	{ 80, "dangerous", "DANGEROUS", MS_STYLE_BAD },
	{ 40, "suspicious", "SUSPICIOUS", MS_STYLE_BAD },
	{ 15, "doubtful", "DOUBTFUL", MS_STYLE_WARN },
	{ 0, "unremarkable", "NOTHING SUSPICIOUS FOUND", MS_STYLE_GOOD },
};

static const struct band *
band_of(int score)
{
	size_t i = 0;

	while (score < bands[i].from)
		i++;
	return &bands[i];
}

/* The heaviest finding; findings stand by severity, so the first of equal
 * weight is the graver one. */
static const struct ms_finding *
heaviest(const struct ms_report *report)
{
	const struct ms_finding *best = NULL;

	for (const struct ms_finding *f = report->findings; f; f = f->next)
		if (f->weight > 0 && (!best || f->weight > best->weight))
			best = f;
	return best;
}

static void
put_parts(struct ms_report *report, struct ms_node *node)
{
	struct ms_node *array = ms_put_array(report, node, "parts");

	for (const struct ms_finding *f = report->findings; f; f = f->next) {
		struct ms_node *part;

		if (f->weight == 0)
			continue;
		part = ms_put_object(report, array, NULL);
		ms_put_string(report, part, "id", f->id);
		ms_put_int(report, part, "weight", f->weight);
	}
}

void
ms_describe_verdict(struct ms_report *report)
{
	const struct ms_finding *top = heaviest(report);
	const struct band *band;
	struct ms_node *node;
	const char *reason;
	int sum = 0;

	for (const struct ms_finding *f = report->findings; f; f = f->next)
		sum += f->weight;
	if (sum > SCORE_MAX)
		sum = SCORE_MAX;
	band = band_of(sum);
	report->show_weights = true;
	reason = "none of the checks objects";
	if (report->findings)
		reason = top ? top->title
			     : "the remarks below do not count against it";
	ms_say_answer(report, band->style, "%s (score %d of %d): %s%s",
	    band->text, sum, SCORE_MAX,
	    band->from > 0 || !top ? "" : "the heaviest remark is: ", reason);
	if (!(report->audience & MS_FOR_DATA))
		return;
	node = ms_put_object(report, report->data, "verdict");
	ms_put_string(report, node, "result", band->word);
	ms_put_int(report, node, "score", sum);
	ms_put_int(report, node, "score_max", SCORE_MAX);
	ms_put_string(report, node, "reason", reason);
	put_parts(report, node);
}
