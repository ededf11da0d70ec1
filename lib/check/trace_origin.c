/* SPDX-License-Identifier: ISC
 * trace_origin.c - the sending address at the boundary
 */
#include "trace_hop_priv.h"

static void
plain(const struct ms_check *check, const struct ms_trace *trace,
    struct ms_report *report)
{
	struct ms_finding f =
	    trace_hop_finding(check, report, trace, (size_t)trace->boundary);

	f.id = "trace-plain-hop";
	f.severity = MS_SEVERITY_INFO;
	f.weight = 0;
	f.title = "The message came to our side without TLS";
	f.detail = "Everybody on the way could read and change it. Most mail "
		   "servers use TLS today, most spam machines do not; a line "
		   "may also just not say so.";
	f.reference = "RFC 3207; RFC 3848";
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;
	const struct ms_special *special;
	struct ms_finding f;

	if (trace->boundary < 0)
		return;
	if (!trace->hops[trace->boundary].received.tls)
		plain(check, trace, report);
	special = ms_env_special(subject->env, &trace->origin);
	if (!special)
		return;
	f = trace_hop_finding(check, report, trace, (size_t)trace->boundary);
	f.title = ms_arena_printf(report->arena,
	    "The sending address is of a range set aside (%s, %s)",
	    special->name, special->network);
	f.detail = "Such an address does not exist on the Internet: a test, "
		   "an internal network, or an invented line.";
	f.fix = "Name your own relays with --trust, or the network with "
		"--allow-net.";
	f.reference = special->rfc;
	ms_put_ip(report, f.evidence, "ip", &trace->origin);
	ms_put_string(report, f.evidence, "class", special->class);
	ms_report_finding(report, &f);
}

extern const struct ms_check check_trace_origin;

const struct ms_check check_trace_origin = {
	.id = "trace-special-origin",
	.title = "a sending address of a range set aside; no TLS at the "
		 "boundary",
	.reference = "RFC 6890",
	.severity = MS_SEVERITY_LOW,
	.weight = 5,
	.needs = MS_NEEDS_TRACE,
	.run = run,
};
