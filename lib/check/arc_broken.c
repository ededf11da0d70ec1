/* SPDX-License-Identifier: ISC
 * arc_broken.c - a chain of custody that does not hold
 */
#include "finding_priv.h"

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_arc_result *arc = &subject->auth->arc;
	struct ms_finding f;

	if (arc->result != MS_AUTH_FAIL)
		return;
	f = finding_start(check, report);
	f.title = arc->failed_instance > 0
		      ? ms_arena_printf(report->arena,
			    "The ARC chain is broken at set %u of %zu",
			    arc->failed_instance, arc->n)
		      : "The ARC chain is broken";
	f.detail = ms_arena_printf(report->arena,
	    "%s. What its sets say of earlier results is anybody's word.",
	    arc->reason);
	f.fix = "Believe none of the results that the chain hands on.";
	ms_put_int(report, f.evidence, "sets", (int64_t)arc->n);
	if (arc->failed_instance > 0)
		ms_put_int(report, f.evidence, "failed_instance",
		    arc->failed_instance);
	ms_put_int(report, f.evidence, "oldest_pass", arc->oldest_pass);
	ms_report_finding(report, &f);
}

extern const struct ms_check check_arc_broken;

const struct ms_check check_arc_broken = {
	.id = "arc-broken",
	.title = "a chain of custody (ARC) that does not hold",
	.reference = "RFC 8617 section 5.2",
	.severity = MS_SEVERITY_LOW,
	.weight = 0,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_AUTH,
	.run = run,
};
