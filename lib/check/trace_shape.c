/* SPDX-License-Identifier: ISC
 * trace_shape.c - how many hops, and lines that nobody understands
 */
#include "finding_priv.h"

#define HOPS_MANY 20 /* ours: real mail has under 15; RFC 5321 6.3 says 100 */

static size_t
relays(const struct ms_trace *trace)
{
	size_t n = 0;

	for (size_t i = 0; i < trace->n; i++)
		n += trace->hops[i].received.relay && !trace->hops[i].synthetic;
	return n;
}

static void
say(const struct ms_check *check, struct ms_report *report, const char *id,
    enum ms_severity severity, int weight, const char *title,
    const char *detail, size_t n)
{
	struct ms_finding f = finding_start(check, report);

	f.id = id;
	f.severity = severity;
	f.weight = weight;
	f.title = title;
	f.detail = detail;
	ms_put_int(report, f.evidence, "count", (int64_t)n);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;
	size_t n = relays(trace);

	if (trace->received == 0)
		say(check, report, check->id, MS_SEVERITY_INFO, 0,
		    "The message has no Received field",
		    "It never passed a mail server, or the fields were taken "
		    "away: a draft, an export, a paste. Nothing can be said "
		    "of its way.",
		    0);
	else if (n == 1 && trace->boundary >= 0)
		say(check, report, "trace-direct", MS_SEVERITY_INFO, 0,
		    "The message came to our side in one hop",
		    "No server of the sender's own left a line. Mail services "
		    "do that by design, infected machines by nature.",
		    n);
	if (n > HOPS_MANY)
		say(check, report, "trace-many-hops", MS_SEVERITY_LOW, 5,
		    ms_arena_printf(
			report->arena, "The message passed %zu hops", n),
		    "Ordinary mail passes under fifteen. A forwarding loop or "
		    "invented lines make more.",
		    n);
	if (trace->unparsed > 0)
		say(check, report, "trace-unparsed", MS_SEVERITY_INFO, 0,
		    ms_arena_printf(report->arena,
			"%zu Received field%s not understood", trace->unparsed,
			trace->unparsed == 1 ? " is" : "s are"),
		    "They fit the form of no known server. They are kept as "
		    "they are and move nothing.",
		    trace->unparsed);
}

extern const struct ms_check check_trace_shape;

const struct ms_check check_trace_shape = {
	.id = "trace-no-received",
	.title = "no hop, one hop, too many, and lines not understood",
	.reference = "RFC 5321 sections 4.4 and 6.3",
	.severity = MS_SEVERITY_LOW,
	.weight = 5,
	.needs = MS_NEEDS_TRACE,
	.run = run,
};
