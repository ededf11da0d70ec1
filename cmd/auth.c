/* SPDX-License-Identifier: ISC
 * auth.c - mailsonde auth: do SPF, DKIM, DMARC and ARC hold?
 */
#include "commands.h"
#include "mailsonde/describe.h"
#include "run.h"

/* The answer first. */
static void
answer(const struct ms_case *subject, struct ms_report *report)
{
	static const struct {
		enum ms_style style;
		const char *word;
	} words[] = {
		[MS_AUTH_NONE] = { MS_STYLE_WARN, "NO POLICY" },
		[MS_AUTH_PASS] = { MS_STYLE_GOOD, "PASS" },
		[MS_AUTH_FAIL] = { MS_STYLE_BAD, "FAIL" },
		[MS_AUTH_TEMPERROR] = { MS_STYLE_WARN, "COULD NOT TELL" },
		[MS_AUTH_PERMERROR] = { MS_STYLE_BAD, "CANNOT BE JUDGED" },
	};
	const struct ms_dmarc_judgement *dmarc = &subject->auth->dmarc.rfc9989;

	ms_say_answer(report, words[dmarc->result].style, "%s: %s",
	    words[dmarc->result].word, dmarc->reason);
}

static void
describe(const struct ms_case *subject, const struct options *options,
    struct ms_report *report)
{
	const struct ms_authentication *auth = subject->auth;
	bool page = (report->audience & MS_FOR_PAGE) != 0;

	(void)options;
	ms_describe_envelope(report, subject->message);
	ms_describe_authentication(report, auth);
	if (!page)
		ms_describe_auth_methods(report, subject->message, auth);
	ms_describe_claims(report, &subject->message->header, subject->claims,
	    subject->claims_n, subject->trace, auth);
	ms_say_findings(report);
	if (page)
		ms_describe_auth_methods(report, subject->message, auth);
}

static int
run(const struct options *options)
{
	struct plan plan = {
		.command = "auth",
		.trace = true,
		.claims = true,
		.auth = true,
		.auth_only = true,
		.checks = MS_NEEDS_MESSAGE | MS_NEEDS_TRACE | MS_NEEDS_AUTH,
		.only = MS_NEEDS_AUTH,
		.answer = answer,
		.describe = describe,
	};

	return run_messages(&plan, options);
}

extern const struct command command_auth;

const struct command command_auth = {
	.name = "auth",
	.arguments = "[FILE…]",
	.summary = "do SPF, DKIM, DMARC and ARC hold, against what is claimed?",
	.examples =
	    "  mailsonde auth message.eml\n"
	    "  mailsonde auth --at received --keys old.zone message.eml\n"
	    "  mailsonde auth --record case.ndjson message.eml\n",
	.groups = OPT_OUTPUT | OPT_JUDGE | OPT_MESSAGE | OPT_DNS | OPT_SENDER |
		  OPT_KEYS,
	.run = run,
};
