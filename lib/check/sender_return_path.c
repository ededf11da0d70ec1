/* SPDX-License-Identifier: ISC
 * sender_return_path.c - the envelope names another organisation than From
 */
#include "finding_priv.h"
#include "mailsonde/organisation.h"

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_message *m = subject->message;
	const struct ms_address *from, *path;
	struct ms_finding f;

	if (m->from.n == 0 || m->return_path.n == 0)
		return;
	from = &m->from.list[0];
	path = &m->return_path.list[0];
	if (from->domain.n == 0 || path->domain.n == 0 ||
	    ms_same_organisation(from->domain, path->domain))
		return;
	f = finding_start(check, report);
	f.title = ms_arena_printf(report->arena,
	    "The envelope sender is at %.*s, the visible one at %.*s",
	    FINDING_TEXT(path->domain), FINDING_TEXT(from->domain));
	f.detail = "Mailing lists and mail services send so every day; then "
		   "SPF says nothing about the visible sender, and only an "
		   "aligned DKIM signature does.";
	f.fix = "Look for a DKIM signature of the visible sender's domain.";
	ms_put_text(report, f.evidence, "from", from->address);
	ms_put_text(report, f.evidence, "return_path", path->address);
	ms_report_finding(report, &f);
}

extern const struct ms_check check_sender_return_path;

const struct ms_check check_sender_return_path = {
	.id = "sender-return-path",
	.title = "Return-Path lies in another organisation than From",
	.reference = "RFC 5321 section 4.4; RFC 9989 section 4.4",
	.severity = MS_SEVERITY_INFO,
	.weight = 3,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
