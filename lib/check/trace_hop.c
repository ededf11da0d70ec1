/* SPDX-License-Identifier: ISC
 * trace_hop.c - what the checks of hops share
 */
#include "trace_hop_priv.h"

const struct ms_special *
trace_special(const struct ms_env *env, const struct ms_ip *ip)
{
	for (size_t i = 0; i < env->allow_n; i++)
		if (ms_net_contains(&env->allow[i], ip))
			return NULL;
	return ms_ip_special(ip);
}

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
