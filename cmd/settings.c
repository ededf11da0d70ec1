/* SPDX-License-Identifier: ISC
 * settings.c - mailsonde settings: which servers does a mail program need?
 */
#include "commands.h"
#include "env.h"
#include "lines.h"
#include "mailsonde/client_settings.h"
#include "mailsonde/describe.h"

#define AT_ONCE 64

static void
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	struct ms_client_settings settings;
	const char *wrong = job->error;

	(void)with;
	ms_put_string(report, report->subject, "kind", "mailbox");
	if (!wrong && !job->value.p)
		wrong = "has no \"address\"";
	if (!wrong &&
	    ms_client_address(report->arena, job->value, &settings, &wrong)) {
		ms_put_text(
		    report, report->subject, "address", settings.address);
		ms_client_find(env, report->arena, true, &settings);
		ms_describe_settings(report, &settings);
		return;
	}
	ms_put_text(report, report->subject, "address", job->value);
	report->exit_code = EXIT_DATA;
	ms_report_error(report, "job", false, "%.*s: %s",
	    (int)(job->line.n > 200 ? 200 : job->line.n),
	    (const char *)job->line.p, wrong);
}

static int
run(const struct options *options)
{
	static const struct lines_plan plan = { .command = "settings",
		.member = "address",
		.judge = judge,
		.at_once = AT_ONCE };

	if (options->files.n == 0) {
		complain("settings: for whom? give an ADDRESS "
			 "(user@example.org), or \"-\"");
		return EXIT_USAGE;
	}
	return run_jobs(&plan, options, NULL, ENV_DNS | ENV_FETCH | ENV_WIRE);
}

extern const struct command command_settings;

const struct command command_settings = {
	.name = "settings",
	.arguments = "ADDRESS… | -",
	.summary = "which servers, ports and security does a client need?",
	.examples = "  mailsonde settings user@example.org\n"
		    "  mailsonde settings -j user@example.org\n",
	.groups = OPT_OUTPUT | OPT_JUDGE | OPT_DNS | OPT_JOBS | OPT_CONNECT,
	.run = run,
};
