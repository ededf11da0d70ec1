/* SPDX-License-Identifier: ISC
 * dkim_length.c - bodies that were signed in part only, l=
 */
#include "dkim_priv.h"

/* Unsigned octets behind the end of the MIME structure are not shown; those
 * within it, or in a body without one, are. */
static bool
shown(const struct ms_dkim_signature *s)
{
	return s->unsigned_part || s->structure_offset == 0 ||
	       s->unsigned_offset <= s->structure_offset;
}

static void
judge(const struct ms_check *check, const struct ms_case *subject,
    const struct ms_dkim_signature *s, struct ms_report *report)
{
	struct ms_finding f;
	bool grave;

	(void)subject;
	if (s->result != MS_AUTH_PASS || s->length < 0 || s->body_unsigned == 0)
		return;
	grave = shown(s);
	f = dkim_finding(check, "dkim-length-abuse",
	    grave ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM, grave ? 40 : 10, s,
	    report);
	f.title = ms_arena_printf(report->arena,
	    "%llu bytes stand behind what %.*s signed",
	    (unsigned long long)s->body_unsigned, FINDING_TEXT(s->domain));
	f.detail =
	    s->length == 0 || (s->structure_offset &&
				  s->unsigned_offset <= s->structure_offset)
		? "The signed length ends before the content begins: "
		  "the whole body can be exchanged and the signature "
		  "holds."
		: "The signature covers only the start of the body "
		  "(l=). Whoever passed it on could add text, or a "
		  "part that hides all before it.";
	f.fix = "Believe only the signed part; as the signer, leave l= out.";
	f.reference = "RFC 6376 section 8.2";
	ms_put_int(report, f.evidence, "signed_bytes", s->length);
	ms_put_int(
	    report, f.evidence, "unsigned_bytes", (int64_t)s->body_unsigned);
	ms_put_int(
	    report, f.evidence, "unsigned_offset", (int64_t)s->unsigned_offset);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	dkim_each(check, subject, report, judge);
}

extern const struct ms_check check_dkim_length;

const struct ms_check check_dkim_length = {
	.id = "dkim-length-abuse",
	.title = "a body that was signed in part only",
	.reference = "RFC 6376 section 8.2",
	.severity = MS_SEVERITY_HIGH,
	.weight = 40,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_AUTH,
	.run = run,
};
