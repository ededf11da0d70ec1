/* SPDX-License-Identifier: ISC
 * sender_display_name.c - a display name that holds another address
 */
#include "finding_priv.h"
#include "mailsonde/organisation.h"

static void
judge(const struct ms_check *check, struct ms_report *report,
    const struct ms_address *from)
{
	struct ms_finding f;
	struct ms_slice shown = finding_address_in(from->name);
	size_t at = ms_slice_find(shown, 0, '@');
	struct ms_slice domain = ms_slice_part(shown, at + 1, shown.n);

	if (!shown.p || from->address.n == 0 ||
	    ms_slice_equal_nocase(shown, from->address))
		return;
	f = finding_start(check, report);
	if (ms_same_organisation(domain, from->domain)) {
		f.severity = MS_SEVERITY_LOW;
		f.weight = 5;
	}
	f.title = ms_arena_printf(report->arena,
	    "The sender's name shows %.*s, but the address is %.*s",
	    FINDING_TEXT(shown), FINDING_TEXT(from->address));
	f.detail = "Many mail programs show only the name. A reader takes the "
		   "address in it for the sender's.";
	f.fix = "Trust only the address in angle brackets, and ask the person "
		"named over another channel.";
	ms_put_text(report, f.evidence, "name", from->name);
	ms_put_text(report, f.evidence, "address", from->address);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_addresses *from = &subject->message->from;

	for (size_t i = 0; i < from->n && i < 10; i++)
		judge(check, report, &from->list[i]);
}

extern const struct ms_check check_sender_display_name;

const struct ms_check check_sender_display_name = {
	.id = "sender-display-name-address",
	.title = "the sender's display name holds another address",
	.reference = "RFC 5322 section 3.4",
	.severity = MS_SEVERITY_HIGH,
	.weight = 40,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
