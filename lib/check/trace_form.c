/* SPDX-License-Identifier: ISC
 * trace_form.c - the software that a line names against the form of its id
 */
#include "mailsonde/scan.h"
#include "trace_hop_priv.h"

/* 6-6-2 and, since 4.97, 6-11-4 letters and digits. */
static bool
exim_id(struct ms_slice id)
{
	bool old = id.n == 16 && id.p[6] == '-' && id.p[13] == '-';
	bool new = id.n == 23 && id.p[6] == '-' && id.p[18] == '-';

	if (!old && !new)
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (!ms_is(id.p[i], MS_C_ALNUM) && id.p[i] != '-')
			return false;
	return true;
}

/* Short ids are hexadecimal, long ones have a 'z'; both without dashes. */
static bool
postfix_id(struct ms_slice id)
{
	bool hex = true, word = true;

	for (size_t i = 0; i < id.n; i++) {
		hex &= ms_is(id.p[i], MS_C_HEX);
		word &= ms_is(id.p[i], MS_C_ALNUM);
	}
	return word && id.n >= 5 && (hex || ms_slice_find(id, 0, 'z') < id.n);
}

static bool
wrong_form(const struct ms_received *r)
{
	if (!r->dialect || r->id.n == 0)
		return false;
	if (strcmp(r->dialect, "exim") == 0)
		return !exim_id(r->id);
	if (strcmp(r->dialect, "postfix") == 0)
		return !postfix_id(r->id);
	return false;
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;

	for (size_t i = 0; i < trace->n; i++) {
		const struct ms_received *r = &trace->hops[i].received;
		struct ms_finding f;

		if (trace->hops[i].trust != MS_TRUST_CLAIMED || !wrong_form(r))
			continue;
		f = trace_hop_finding(check, report, trace, i);
		f.title = ms_arena_printf(report->arena,
		    "Hop %zu has the form of %s, but %.*s is no id of its", i,
		    r->dialect, FINDING_TEXT(r->id));
		f.detail = "Each mail server writes ids of one form. A line "
			   "put together by hand often mixes two.";
		f.fix = "Take the hop and all below it for invented.";
		ms_put_text(report, f.evidence, "id", r->id);
		ms_put_string(report, f.evidence, "dialect", r->dialect);
		ms_report_finding(report, &f);
		return;
	}
}

extern const struct ms_check check_trace_form;

const struct ms_check check_trace_form = {
	.id = "trace-dialect-form",
	.title = "the software a line names against the form of its id",
	.reference = "RFC 5321 section 4.4",
	.severity = MS_SEVERITY_LOW,
	.weight = 8,
	.needs = MS_NEEDS_TRACE,
	.run = run,
};
