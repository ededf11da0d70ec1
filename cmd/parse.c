/* SPDX-License-Identifier: ISC
 * parse.c - mailsonde parse: what is in it?
 */
#include "commands.h"
#include "mailsonde/describe.h"
#include "run.h"

static void
describe(const struct ms_case *subject, const struct options *options,
    struct ms_report *report)
{
	ms_describe_envelope(report, subject->message);
	ms_describe_message(
	    report, subject->parse, subject->message, options->verbose);
}

static int
run(const struct options *options)
{
	struct plan plan = {
		.command = "parse",
		.parse = { .digests = MS_DIGEST_SHA256,
		    .links = !options->no_links,
		    .reports = true,
		    .mime = true },
		.describe = describe,
	};

	if (options->digests)
		plan.parse.digests = options->digests;
	return run_messages(&plan, options);
}

extern const struct command command_parse;

const struct command command_parse = {
	.name = "parse",
	.arguments = "[FILE…]",
	.summary = "what is in a message: headers, MIME tree, attachments, "
		   "links",
	.examples =
	    "  mailsonde parse message.eml\n"
	    "  mailsonde parse --extract parts/ message.eml\n"
	    "  mailsonde parse --format ndjson inbox.mbox | jq "
	    ".message.subject\n"
	    "  mailsonde parse --no-links --format ndjson archive.mbox\n",
	.groups =
	    OPT_OUTPUT | OPT_JUDGE | OPT_MESSAGE | OPT_CONTENT | OPT_PARSE,
	.run = run,
};
