/* SPDX-License-Identifier: ISC
 * trace.c - mailsonde trace: which way did it come?
 */
#include "commands.h"
#include "mailsonde/describe.h"
#include "run.h"

static void
describe(const struct ms_case *subject, const struct options *options,
    struct ms_report *report)
{
	(void)options;
	ms_describe_envelope(report, subject->message);
	ms_describe_trace(report, subject->trace);
	ms_describe_databases(report, subject->env->geo);
}

static int
run(const struct options *options)
{
	struct plan plan = {
		.command = "trace",
		.trace = true,
		.geo = true,
		.checks = MS_NEEDS_TRACE,
		.describe = describe,
	};

	return run_messages(&plan, options);
}

extern const struct command command_trace;

const struct command command_trace = {
	.name = "trace",
	.arguments = "[FILE…]",
	.summary = "which way a message came, from where, and where it waited",
	.examples = "  mailsonde trace message.eml\n"
		    "  mailsonde trace --trust 192.0.2.0/24 message.eml\n"
		    "  mailsonde trace -j message.eml | jq .trace.origin\n",
	.groups = OPT_OUTPUT | OPT_JUDGE | OPT_MESSAGE | OPT_GEO,
	.run = run,
};
