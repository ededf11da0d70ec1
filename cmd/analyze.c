/* SPDX-License-Identifier: ISC
 * analyze.c - mailsonde analyze: is this message what it says it is?
 */
#include "commands.h"
#include "mailsonde/describe.h"
#include "run.h"

static void
answer(const struct ms_case *subject, struct ms_report *report)
{
	const char *unknown =
	    subject->auth ? ms_authentication_unknown(subject->auth) : NULL;

	ms_describe_verdict(report);
	if (unknown)
		ms_say(report, 0, MS_STYLE_WARN,
		    "Not everything could be told: %s", unknown);
}

/* The line of each method is enough for a first reading; the JSON has all, and
 * a page behind the findings. */
static void
describe_methods(const struct ms_case *subject, const struct options *options,
    struct ms_report *report)
{
	unsigned audience = report->audience;

	if (!options->verbose && !(audience & MS_FOR_PAGE))
		report->audience &= ~(unsigned)MS_FOR_TEXT;
	ms_describe_auth_methods(report, subject->message, subject->auth);
	report->audience = audience;
}

static void
describe(const struct ms_case *subject, const struct options *options,
    struct ms_report *report)
{
	bool page = (report->audience & MS_FOR_PAGE) != 0;

	ms_describe_envelope(report, subject->message);
	ms_describe_trace(report, subject->trace);
	ms_describe_databases(report, subject->env->geo);
	if (subject->auth)
		ms_describe_authentication(report, subject->auth);
	if (subject->auth && !page)
		describe_methods(subject, options, report);
	ms_describe_claims(report, &subject->message->header, subject->claims,
	    subject->claims_n, subject->trace, subject->auth);
	ms_say_findings(report);
	if (subject->auth && page)
		describe_methods(subject, options, report);
	ms_describe_message(
	    report, subject->parse, subject->message, options->verbose);
}

const struct plan analyze_plan = {
	.command = "analyze",
	.parse = { .digests = MS_DIGEST_ALL,
	    .links = true,
	    .reports = true,
	    .mime = true },
	.trace = true,
	.claims = true,
	.auth = true,
	.geo = true,
	.answer = answer,
	.checks = MS_NEEDS_MESSAGE | MS_NEEDS_TRACE | MS_NEEDS_CONTENT |
		  MS_NEEDS_AUTH,
	.describe = describe,
};

static int
run(const struct options *options)
{
	struct plan plan = analyze_plan;

	if (options->digests)
		plan.parse.digests = options->digests;
	return run_messages(&plan, options);
}

extern const struct command command_analyze;

const struct command command_analyze = {
	.name = "analyze",
	.arguments = "[FILE…]",
	.summary = "is this message what it says it is? everything, and a "
		   "verdict",
	.examples = "  mailsonde analyze message.eml\n"
		    "  mailsonde analyze --attached report.eml\n"
		    "  mailsonde analyze -f ndjson --fail-on medium Maildir/\n",
	.groups = OPT_OUTPUT | OPT_JUDGE | OPT_MESSAGE | OPT_CONTENT |
		  OPT_RULES | OPT_GEO | OPT_DNS,
	.run = run,
};
