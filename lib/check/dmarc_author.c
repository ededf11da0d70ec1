/* SPDX-License-Identifier: ISC
 * dmarc_author.c - DMARC of a message: does the author's domain stand behind?
 */
#include "finding_priv.h"

#include "mailsonde/describe.h"

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	(void)check;
	ms_dmarc_findings(report, &subject->auth->dmarc);
}

extern const struct ms_check check_dmarc_author;

const struct ms_check check_dmarc_author = {
	.id = "dmarc-fail",
	.title = "the author's domain does not stand behind the message",
	.reference = "RFC 9989 section 5.3.5",
	.severity = MS_SEVERITY_HIGH,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_AUTH,
	.run = run,
};
