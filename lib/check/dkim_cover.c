/* SPDX-License-Identifier: ISC
 * dkim_cover.c - what a signature that holds leaves open to others
 */
#include "dkim_priv.h"

/* Fields whose change deceives the reader. */
static bool
important(enum ms_field_id id)
{
	return id == MS_FIELD_FROM || id == MS_FIELD_SUBJECT ||
	       id == MS_FIELD_CONTENT_TYPE || id == MS_FIELD_DATE ||
	       id == MS_FIELD_REPLY_TO || id == MS_FIELD_TO;
}

static void
added(const struct ms_check *check, const struct ms_dkim_signature *s,
    const struct ms_dkim_open *open, struct ms_report *report)
{
	struct ms_finding f = dkim_finding(
	    check, "dkim-added-field", MS_SEVERITY_HIGH, 40, s, report);

	f.title = ms_arena_printf(report->arena,
	    "A second %s was added that %.*s did not sign", open->name,
	    FINDING_TEXT(s->domain));
	f.detail = "The signature holds for the one below; mail programs show "
		   "the one above. A signed message was given another face.";
	f.fix = "Trust only the signed field; signers prevent it by naming the "
		"field once more in h=.";
	f.reference = "RFC 6376 section 8.15";
	ms_put_string(report, f.evidence, "field", open->name);
	ms_put_text(report, f.evidence, "value", open->added->value);
	ms_put_int(
	    report, f.evidence, "field_offset", (int64_t)open->added->offset);
	ms_report_finding(report, &f);
}

static void
unsigned_field(const struct ms_check *check, const struct ms_dkim_signature *s,
    const struct ms_dkim_open *open, struct ms_report *report)
{
	struct ms_finding f = dkim_finding(check, "dkim-unsigned-header",
	    open->id == MS_FIELD_SUBJECT ? MS_SEVERITY_MEDIUM : MS_SEVERITY_LOW,
	    0, s, report);

	f.title = ms_arena_printf(report->arena, "%.*s did not sign the %s",
	    FINDING_TEXT(s->domain), open->name);
	f.detail = "Anybody on the way could have changed it, and the "
		   "signature would still hold.";
	f.fix = "As the signer: add the field to h=.";
	f.reference = "RFC 6376 section 5.4.1";
	ms_put_string(report, f.evidence, "field", open->name);
	ms_report_finding(report, &f);
}

static void
judge(const struct ms_check *check, const struct ms_case *subject,
    const struct ms_dkim_signature *s, struct ms_report *report)
{
	(void)subject;
	if (s->result != MS_AUTH_PASS)
		return;
	for (size_t i = 0; i < s->open_n; i++) {
		const struct ms_dkim_open *open = &s->open[i];

		if (open->added && important(open->id))
			added(check, s, open, report);
		else if (open->present > 0 && open->covered == 0 &&
			 important(open->id))
			unsigned_field(check, s, open, report);
	}
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	dkim_each(check, subject, report, judge);
}

extern const struct ms_check check_dkim_cover;

const struct ms_check check_dkim_cover = {
	.id = "dkim-added-field",
	.title = "fields that a signature leaves open to others",
	.reference = "RFC 6376 section 5.4",
	.severity = MS_SEVERITY_HIGH,
	.weight = 40,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_AUTH,
	.run = run,
};
