/* SPDX-License-Identifier: ISC
 * sender_reply_to.c - answers go to another organisation
 */
#include "finding_priv.h"
#include "mailsonde/organisation.h"

static bool
from_list(const struct ms_message *message)
{
	return message->header.count[MS_FIELD_LIST_ID] > 0;
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_message *m = subject->message;
	const struct ms_address *from, *reply;
	struct ms_finding f;

	if (m->from.n == 0 || m->reply_to.n == 0)
		return;
	from = &m->from.list[0];
	reply = &m->reply_to.list[0];
	if (from->domain.n == 0 || reply->domain.n == 0 ||
	    ms_same_organisation(from->domain, reply->domain))
		return;
	f = finding_start(check, report);
	if (from_list(m)) {
		f.severity = MS_SEVERITY_INFO;
		f.weight = 0;
	} else if (!ms_is_free_mail(reply->domain) ||
		   ms_is_free_mail(from->domain)) {
		f.severity = MS_SEVERITY_MEDIUM;
		f.weight = 15;
	}
	f.title = ms_arena_printf(report->arena,
	    "Answers go to %.*s, not to the sender's %.*s",
	    FINDING_TEXT(reply->address), FINDING_TEXT(from->domain));
	f.detail = ms_is_free_mail(reply->domain)
		       ? "The answer leaves the sender's organisation for a "
			 "mailbox that "
			 "anybody can open: the usual way to keep up a "
			 "conversation under "
			 "a stolen name."
		       : "The answer leaves the organisation that the sender's "
			 "address "
			 "names. Newsletters and ticket systems do so as well.";
	f.fix = "Answer to an address that you know, not by the reply button.";
	ms_put_text(report, f.evidence, "from", from->address);
	ms_put_text(report, f.evidence, "reply_to", reply->address);
	ms_report_finding(report, &f);
}

extern const struct ms_check check_sender_reply_to;

const struct ms_check check_sender_reply_to = {
	.id = "sender-reply-to",
	.title = "Reply-To lies in another organisation than From",
	.reference = "RFC 5322 section 3.6.2",
	.severity = MS_SEVERITY_HIGH,
	.weight = 40,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
