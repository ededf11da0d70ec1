/* SPDX-License-Identifier: ISC
 * sender_message_id.c - a Message-ID that no mail program writes
 */
#include "finding_priv.h"
#include "mailsonde/organisation.h"

static const char *
oddity(const struct ms_message *m, struct ms_slice domain)
{
	struct ms_ip ip;

	if (!m->message_id.p)
		return m->header.count[MS_FIELD_MESSAGE_ID] > 0
			   ? "it has no angle brackets or is empty"
			   : "there is none";
	if (domain.n == 0)
		return "it has no right side";
	if (ms_slice_is(domain, "localhost") ||
	    ms_slice_is(domain, "localhost.localdomain"))
		return "its right side is localhost";
	if (ms_ip_parse_literal(domain, &ip))
		return "its right side is an address";
	return NULL;
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_message *m = subject->message;
	size_t at = ms_slice_find(m->message_id, 0, '@');
	struct ms_slice domain =
	    ms_slice_part(m->message_id, at + 1, m->message_id.n);
	const char *odd = oddity(m, domain);
	struct ms_finding f;

	if (!odd)
		return;
	f = finding_start(check, report);
	f.title =
	    ms_arena_printf(report->arena, "The Message-ID is odd: %s", odd);
	f.detail = "Mail programs and servers write one that names their own "
		   "host; scripts often do not.";
	ms_put_text(report, f.evidence, "message_id", m->message_id);
	ms_report_finding(report, &f);
}

extern const struct ms_check check_sender_message_id;

const struct ms_check check_sender_message_id = {
	.id = "sender-message-id",
	.title = "a Message-ID that is missing or that no mail program writes",
	.reference = "RFC 5322 section 3.6.4",
	.severity = MS_SEVERITY_LOW,
	.weight = 5,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
