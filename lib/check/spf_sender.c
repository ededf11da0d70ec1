/* SPDX-License-Identifier: ISC
 * spf_sender.c - SPF of the sender of a message
 *
 * Of HELO only what is forbidden: hardly anybody publishes a record for it.
 */
#include "finding_priv.h"

#include "mailsonde/describe.h"

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_authentication *auth = subject->auth;

	(void)check;
	if (auth->spf_judged)
		ms_spf_findings(report, &auth->spf);
	if (auth->helo_judged && auth->helo.result == MS_AUTH_FAIL)
		ms_spf_findings(report, &auth->helo);
}

extern const struct ms_check check_spf_sender;

const struct ms_check check_spf_sender = {
	.id = "spf-fail",
	.title = "SPF forbids the address that sends, advises against it, "
		 "says nothing of it, or the domain has no SPF record",
	.reference = "RFC 7208 section 8",
	.severity = MS_SEVERITY_HIGH,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_TRACE | MS_NEEDS_AUTH,
	.run = run,
};
