/* SPDX-License-Identifier: ISC
 * sender_hidden.c - characters in names and subject that deceive the eye
 */
#include "finding_priv.h"

static void
judge(const struct ms_check *check, struct ms_report *report, const char *where,
    struct ms_slice text)
{
	const char *what = NULL;
	size_t n = finding_hidden(text, &what);
	struct ms_finding f;

	if (n == 0)
		return;
	f = finding_start(check, report);
	f.title = ms_arena_printf(report->arena, "The %s holds %s%s", where,
	    what, n > 1 ? " and more of the kind" : "");
	f.detail = "Such characters break words that filters look for, or turn "
		   "the reading direction so that a text seems to say "
		   "something else.";
	f.fix = "Read the text as it is shown here, with the characters named.";
	ms_put_string(report, f.evidence, "where", where);
	ms_put_int(report, f.evidence, "count", (int64_t)n);
	ms_put_text(report, f.evidence, "text", text);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_message *m = subject->message;

	judge(check, report, "subject", m->subject);
	for (size_t i = 0; i < m->from.n && i < 10; i++) {
		judge(check, report, "sender's name", m->from.list[i].name);
		judge(
		    check, report, "sender's address", m->from.list[i].address);
	}
}

extern const struct ms_check check_sender_hidden;

const struct ms_check check_sender_hidden = {
	.id = "sender-hidden-characters",
	.title = "invisible or direction-turning characters in the subject or "
		 "the sender",
	.reference = "Unicode UTS 39; UAX 9",
	.severity = MS_SEVERITY_MEDIUM,
	.weight = 20,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
