/* SPDX-License-Identifier: ISC
 * trace_loop.c - the message passed the same host again
 */
#include "trace_hop_priv.h"

#define HOPS_COMPARED 200

static bool
same(const struct ms_received *a, const struct ms_received *b)
{
	return a->by.n > 0 && ms_slice_equal_nocase(a->by, b->by) && a->relay &&
	       b->relay && a->from.n > 0 &&
	       ms_slice_equal_nocase(a->from, b->from);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;
	size_t n = trace->n < HOPS_COMPARED ? trace->n : HOPS_COMPARED;
	size_t times = 0, where = 0;
	struct ms_finding f;

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 2; k < n; k++)
			if (same(&trace->hops[i].received,
				&trace->hops[k].received)) {
				times++;
				where = k;
			}
	/* Once: a list or a content filter gives it back. */
	if (times < 2)
		return;
	f = trace_hop_finding(check, report, trace, where);
	f.title = "The message went in a circle between the same hosts";
	f.detail = "A forwarding loop, or lines copied to make the chain look "
		   "longer.";
	f.fix = "Look for two forwarding rules that point at each other.";
	ms_put_int(report, f.evidence, "times", (int64_t)times);
	ms_report_finding(report, &f);
}

extern const struct ms_check check_trace_loop;

const struct ms_check check_trace_loop = {
	.id = "trace-loop",
	.title = "the same hand-over again and again",
	.reference = "RFC 5321 section 6.3",
	.severity = MS_SEVERITY_LOW,
	.weight = 5,
	.needs = MS_NEEDS_TRACE,
	.run = run,
};
