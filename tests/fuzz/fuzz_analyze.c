/* SPDX-License-Identifier: ISC
 * fuzz_analyze.c - a message through everything, to the bytes that are shown
 */
#include "fuzz.h"
#include "json_valid.h"
#include "mailsonde/check.h"
#include "mailsonde/describe.h"
#include "mailsonde/render.h"

static void
render(const struct ms_report *report)
{
	const struct ms_render_options options = { .version = "0" };
	struct ms_slice text;
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	ms_format_find("ndjson")->render(report, &options, &out);
	assert(json_valid(ms_buf_get(&out)));
	assert(ms_slice_find(ms_buf_get(&out), 0, '\n') == out.n - 1);
	ms_buf_init(&out, report->arena);
	ms_format_find("text")->render(report, &options, &out);
	text = ms_buf_get(&out);
	while (text.n > 0) {
		int32_t rune = ms_utf8_next(&text);

		assert(rune == '\n' ||
		       (rune >= 0 &&
			   ms_rune_kind((uint32_t)rune) == MS_RUNE_PLAIN));
	}
}

static void
describe(const struct ms_case *subject, struct ms_report *report)
{
	ms_checks_run(subject,
	    MS_NEEDS_MESSAGE | MS_NEEDS_TRACE | MS_NEEDS_CONTENT, 0, report);
	ms_describe_limits(report, subject->message, subject->trace, false);
	ms_describe_verdict(report);
	ms_describe_envelope(report, subject->message);
	ms_describe_trace(report, subject->trace);
	ms_describe_claims(report, &subject->message->header, subject->claims,
	    subject->claims_n, subject->trace, NULL);
	ms_describe_message(report, subject->parse, subject->message, true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_message_options options = {
		.links = true, .reports = true, .mime = true
	};
	struct ms_env env = { .clock.now = 1767225600 };
	struct ms_message message;
	struct ms_claims claims;
	struct ms_trace trace;
	struct ms_report report;
	struct fuzz fuzz;
	struct ms_case subject = {
		.env = &env, .message = &message, .trace = &trace
	};

	if (size == 0)
		return 0;
	fuzz_init(&fuzz, data + 1, data[0] & 1);
	env.geo = ms_geo_none();
	env.dns = ms_dns_none();
	env.limits = fuzz.limits;
	options.pasted = data[0] & 2;
	ms_message_parse(fuzz.arena, fuzz.parse.charsets, &fuzz.limits,
	    ms_slice_make(data + 1, size - 1), &options, &message);
	fuzz.parse.defects = &message.defects;
	subject.parse = &fuzz.parse;
	ms_trace_build(&env, &fuzz.parse, &message, &trace);
	ms_claims_read(&fuzz.parse, &message.header, &claims);
	subject.claims = claims.list;
	subject.claims_n = claims.n;
	ms_report_init(&report, fuzz.arena, MS_FOR_DATA | MS_FOR_TEXT,
	    "analyze", env.clock.now);
	report.defang = data[0] & 4;
	report.show_findings = true;
	describe(&subject, &report);
	render(&report);
	fuzz_done(&fuzz);
	return 0;
}
