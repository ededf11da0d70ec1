/* SPDX-License-Identifier: ISC
 * describe_limits.c - a finding for every limit that was hit
 */
#include "mailsonde/describe.h"

static void
limit(struct ms_report *report, const char *what, const char *rest)
{
	struct ms_finding finding = {
		.id = "limit-reached",
		.severity = MS_SEVERITY_LOW,
		.reference = "mailsonde(1), LIMITS",
		.fix = "Judge by hand what lies beyond the limit: padding a "
		       "message is a way to hide something from scanners.",
	};

	finding.title =
	    ms_arena_printf(report->arena, "A limit was reached: %s", what);
	finding.detail = rest;
	finding.evidence = ms_put_object(report, NULL, NULL);
	ms_put_string(report, finding.evidence, "limit", what);
	ms_report_finding(report, &finding);
}

void
ms_describe_limits(struct ms_report *report, const struct ms_message *message,
    const struct ms_trace *trace, bool cut)
{
	if (cut)
		limit(report, "message size",
		    "The message is longer than is read; what lies behind is "
		    "not looked at.");
	if (message->links.truncated)
		limit(report, "links or text searched for links",
		    "Further links are not listed.");
	if (message->defects.truncated)
		limit(report, "number of defects",
		    "Further defects are not listed.");
	if (trace && trace->truncated)
		limit(report, "number of Received fields",
		    "Further Received fields are not parsed.");
	for (const struct ms_defect *d = message->defects.first; d; d = d->next)
		if (d->kind == MS_DEFECT_LIMIT)
			limit(report, d->detail ? d->detail : "structure",
			    "What lies beyond it is not looked at; the rest is "
			    "shown.");
}
