/* SPDX-License-Identifier: ISC
 * trace_hop.c - what the checks of hops share
 */
#include "trace_hop_priv.h"

struct ms_finding
trace_hop_finding(const struct ms_check *check, struct ms_report *report,
    const struct ms_trace *trace, size_t hop)
{
	struct ms_finding f = finding_start(check, report);

	ms_put_int(report, f.evidence, "hop", (int64_t)hop);
	ms_put_string(
	    report, f.evidence, "trust", ms_trust_name(trace->hops[hop].trust));
	ms_put_evidence(
	    report, f.evidence, "raw", trace->hops[hop].received.value);
	return f;
}
