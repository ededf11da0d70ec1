/* SPDX-License-Identifier: ISC
 * auth_claimed.c - what our own side found out on receipt, as it claims
 *
 * Believed only above the trust boundary; nothing is recomputed here.
 */
#include "finding_priv.h"

static bool
failed(const struct ms_authres_method *m)
{
	return ms_slice_is(m->result, "fail") ||
	       ms_slice_is(m->result, "softfail") ||
	       ms_slice_is(m->result, "hardfail");
}

/* 0 where this method's failure says nothing by itself. */
static int
weight(const struct ms_authres_method *m)
{
	if (ms_slice_is(m->method, "dmarc"))
		return 40;
	if (ms_slice_is(m->method, "compauth"))
		return 30;
	if (ms_slice_is(m->method, "spf"))
		return ms_slice_is(m->result, "softfail") ? 5 : 15;
	return ms_slice_is(m->method, "dkim") ? 10 : 0;
}

static void
judge(const struct ms_check *check, const struct ms_authres *claim,
    const struct ms_authres_method *m, struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.weight = weight(m);
	f.severity = f.weight >= 30   ? MS_SEVERITY_HIGH
		     : f.weight >= 10 ? MS_SEVERITY_MEDIUM
				      : MS_SEVERITY_LOW;
	f.title =
	    ms_arena_printf(report->arena, "The receiving side found %.*s=%.*s",
		FINDING_TEXT(m->method), FINDING_TEXT(m->result));
	f.detail = "This result was written on our side of the trust boundary "
		   "when the message arrived.";
	f.fix = "Take the visible sender for unproven.";
	ms_put_text(report, f.evidence, "field", claim->field->name);
	ms_put_text(report, f.evidence, "raw", claim->field->value);
	ms_report_finding(report, &f);
}

/* What is found here as well has a finding of its own. */
static bool
recomputed(const struct ms_case *subject, size_t claim, size_t method)
{
	return subject->auth &&
	       subject->auth->checks[claim][method].relation == MS_CLAIM_AGREES;
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_field *fields = subject->message->header.fields;
	unsigned found = 0;

	for (size_t i = 0; i < subject->claims_n; i++) {
		const struct ms_authres *claim = &subject->claims[i];

		if (ms_trace_field_trust(subject->trace,
			(unsigned)(claim->field - fields)) == MS_TRUST_CLAIMED)
			continue;
		for (size_t k = 0; k < claim->n && found < 6; k++) {
			if (!failed(&claim->methods[k]) ||
			    weight(&claim->methods[k]) == 0 ||
			    recomputed(subject, i, k))
				continue;
			judge(check, claim, &claim->methods[k], report);
			found++;
		}
	}
}

extern const struct ms_check check_auth_claimed;

const struct ms_check check_auth_claimed = {
	.id = "auth-claimed-fail",
	.title = "authentication that failed on our side of the boundary",
	.reference = "RFC 8601 section 2.7",
	.severity = MS_SEVERITY_HIGH,
	.weight = 40,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_TRACE | MS_NEEDS_CONTENT,
	.run = run,
};
