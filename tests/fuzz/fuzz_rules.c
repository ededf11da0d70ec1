/* SPDX-License-Identifier: ISC
 * fuzz_rules.c - a pack of rules, held against a message
 *
 * Up to a line "--" it is the pack; the message stands behind.
 */
#include "fuzz.h"
#include "mailsonde/rule.h"

static void
hold(const struct ms_rules *rules, struct fuzz *fuzz, struct ms_slice text)
{
	struct ms_message_options options = {
		.digests = MS_DIGEST_SHA256, .links = true, .mime = true
	};
	struct ms_env env = { .clock.now = 1767225600,
		.geo = ms_geo_none(),
		.dns = ms_dns_none(),
		.limits = fuzz->limits };
	struct ms_message message;
	struct ms_trace trace;
	struct ms_report report;
	struct ms_case subject = { .env = &env,
		.parse = &fuzz->parse,
		.message = &message,
		.trace = &trace };

	ms_message_parse(fuzz->arena, fuzz->parse.charsets, &fuzz->limits, text,
	    &options, &message);
	fuzz->parse.defects = &message.defects;
	ms_trace_build(&env, &fuzz->parse, &message, &trace);
	ms_report_init(&report, fuzz->arena, MS_FOR_DATA, "analyze", 0);
	ms_rules_run(rules, &subject, &report);
	assert(report.findings_n <= rules->n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_slice in = ms_slice_make(data, size), text;
	size_t at = ms_slice_find_text(in, 0, "\n--\n");
	struct ms_diag diag = { "" };
	struct ms_rules rules;
	struct fuzz fuzz;

	fuzz_init(&fuzz, data, size & 1);
	text = ms_slice_part(in, at + 4, in.n);
	if (ms_rules_read(fuzz.arena, ms_slice_part(in, 0, at), &fuzz.limits,
		&rules, &diag) == MS_OK)
		hold(&rules, &fuzz, text);
	else
		assert(diag.text[0]);
	ms_rules_close(&rules);
	fuzz_done(&fuzz);
	return 0;
}
