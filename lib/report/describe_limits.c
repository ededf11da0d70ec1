/* SPDX-License-Identifier: ISC
 * describe_limits.c - a finding for every limit that was hit
 */
#include "mailsonde/describe.h"

void
ms_describe_limit(struct ms_report *report, const char *what, const char *rest)
{
	struct ms_finding finding = {
		.id = "limit-reached",
		.severity = MS_SEVERITY_LOW,
		.reference = "mailsonde(1), LIMITS",
		.fix = "Judge by hand what lies beyond the limit: padding is a "
		       "way to hide something from scanners.",
	};

	finding.title =
	    ms_arena_printf(report->arena, "A limit was reached: %s", what);
	finding.detail = rest;
	finding.evidence = ms_put_object(report, NULL, NULL);
	ms_put_string(report, finding.evidence, "limit", what);
	ms_report_finding(report, &finding);
}

/* The same limit may have been hit at many places. */
static bool
said(const struct ms_defects *defects, const struct ms_defect *d)
{
	const struct ms_defect *before = defects->first;

	while (before != d && (before->kind != MS_DEFECT_LIMIT ||
				  strcmp(before->detail, d->detail) != 0))
		before = before->next;
	return before != d;
}

void
ms_describe_limits(struct ms_report *report, const struct ms_message *message,
    const struct ms_trace *trace, bool cut)
{
	if (cut)
		ms_describe_limit(report, "message_size",
		    "The message is longer than is read; what lies behind is "
		    "not looked at.");
	if (message->links.truncated)
		ms_describe_limit(
		    report, "links", "Further links are not listed.");
	if (message->links.html_reduced)
		ms_describe_limit(report, "html_depth or html_attributes",
		    "Elements nested further, or further attributes of one, "
		    "are not searched for links.");
	if (message->defects.truncated)
		ms_describe_limit(
		    report, "defects", "Further defects are not listed.");
	if (trace && trace->truncated)
		ms_describe_limit(report, "received",
		    "Older Received fields are not parsed.");
	for (const struct ms_defect *d = message->defects.first; d; d = d->next)
		if (d->kind == MS_DEFECT_LIMIT && !said(&message->defects, d))
			ms_describe_limit(report, d->detail,
			    "What lies beyond it may not have been looked at; "
			    "the rest is shown.");
}
