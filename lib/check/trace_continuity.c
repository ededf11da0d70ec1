/* SPDX-License-Identifier: ISC
 * trace_continuity.c - each hop should begin where the one before ended
 */
#include "mailsonde/organisation.h"
#include "trace_hop_priv.h"

/* Whether the newer hop's client can be the older hop's server. Internal and
 * single-label names say nothing either way. */
static bool
fits(const struct ms_env *env, const struct ms_received *older,
    const struct ms_received *newer)
{
	const struct ms_slice names[] = { newer->helo, newer->rdns,
		newer->from };
	struct ms_slice by = older->by;

	if (by.n == 0 || ms_slice_find(by, 0, '.') == by.n)
		return true;
	if (newer->ip.set && ms_env_special(env, &newer->ip))
		return true;
	if (older->by_ip.set && newer->ip.set &&
	    ms_ip_equal(&older->by_ip, &newer->ip))
		return true;
	for (size_t i = 0; i < 3; i++)
		if (ms_same_organisation(names[i], by))
			return true;
	return ms_slice_ends(by, ".local") || ms_slice_ends(by, ".lan") ||
	       ms_slice_ends(by, ".internal") ||
	       ms_slice_ends(by, ".localdomain");
}

static bool
comparable(const struct ms_hop *hop)
{
	return hop->received.parsed && hop->received.relay && !hop->synthetic;
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;
	struct ms_finding f;
	size_t breaks = 0, first = 0, before = 0;

	/* Only claimed hops: what our side wrote needs no such proof. */
	for (size_t i = 1; i < trace->n; i++) {
		const struct ms_hop *older = &trace->hops[before];
		const struct ms_hop *newer = &trace->hops[i];

		if (!comparable(newer))
			continue;
		if (comparable(older) && older->trust == MS_TRUST_CLAIMED &&
		    !fits(subject->env, &older->received, &newer->received) &&
		    breaks++ == 0)
			first = i;
		before = i;
	}
	if (breaks == 0)
		return;
	f = trace_hop_finding(check, report, trace, first);
	if (breaks == 1) {
		f.severity = MS_SEVERITY_INFO;
		f.weight = 3;
	}
	f.title = ms_arena_printf(report->arena,
	    "The chain of hops breaks in %zu place%s, first at hop %zu", breaks,
	    breaks == 1 ? "" : "s", first);
	f.detail = "The host that received the message before is not the one "
		   "that handed it on. Servers with two names do that; so do "
		   "invented lines.";
	f.fix = "Trust no hop below the break.";
	ms_put_int(report, f.evidence, "breaks", (int64_t)breaks);
	ms_report_finding(report, &f);
}

extern const struct ms_check check_trace_continuity;

const struct ms_check check_trace_continuity = {
	.id = "trace-continuity",
	.title = "`by` of one hop against `from` of the next",
	.reference = "RFC 5321 section 4.4",
	.severity = MS_SEVERITY_LOW,
	.weight = 8,
	.needs = MS_NEEDS_TRACE,
	.run = run,
};
