/* SPDX-License-Identifier: ISC
 * sender_idn.c - the sender's domain is internationalised
 */
#include "finding_priv.h"
#include "mailsonde/link.h"

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_addresses *from = &subject->message->from;

	for (size_t i = 0; i < from->n && i < 10; i++) {
		struct ms_arena *arena = report->arena;
		struct ms_slice domain = from->list[i].domain;
		struct ms_slice ascii = ms_domain_to_ascii(arena, domain);
		struct ms_slice shown = ms_domain_to_unicode(arena, domain);
		struct ms_finding f;

		if (domain.n == 0 || ms_slice_equal_nocase(ascii, shown))
			continue;
		f = finding_start(check, report);
		f.title = ms_arena_printf(arena,
		    "The sender's domain reads %.*s and is %.*s",
		    FINDING_TEXT(shown), FINDING_TEXT(ascii));
		f.detail = "Letters of other scripts can look like Latin ones; "
			   "an honest name in another language looks the same "
			   "to a program.";
		f.fix = "Compare the A-label form with the name that you know.";
		ms_put_text(report, f.evidence, "a_label", ascii);
		ms_put_text(report, f.evidence, "u_label", shown);
		ms_report_finding(report, &f);
	}
}

extern const struct ms_check check_sender_idn;

const struct ms_check check_sender_idn = {
	.id = "sender-idn",
	.title = "the sender's domain is an internationalised name",
	.reference = "RFC 5890 section 2.3.2.1; Unicode UTS 39",
	.severity = MS_SEVERITY_LOW,
	.weight = 10,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
