/* SPDX-License-Identifier: ISC
 * test_rule.c - every field and test of a rule, and the three answers
 */
#include "mailsonde/rule.h"

#include <string.h>

#include "test.h"

/* Of every kind something. */
#define MESSAGE                                                                \
	"Return-Path: <bounce@list.example>\n"                                 \
	"Received: from out.example (out.example [192.0.2.10])\n"              \
	" by mx.example (Postfix) with ESMTP id 1; Mon, 5 Jan 2026 10:00:00 "  \
	"+0000\n"                                                              \
	"From: =?utf-8?q?J=C3=BCrgen?= <jo@Mail.Harbour.example>\n"            \
	"Sender: s@sender.example\nReply-To: r@reply.example\n"                \
	"To: a@to.example, b@to.example\nCc: c@cc.example\n"                   \
	"Subject: Pay now\nMessage-ID: <1@id.example>\n"                       \
	"X-Odd: one\nX-Odd: two\n"                                             \
	"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"     \
	"--x\n\nplain words\n"                                                 \
	"--x\nContent-Type: text/html\n\n<b>bold</b> "                         \
	"<a href=\"https://a.evil.example/p\">click</a>\n"                     \
	"--x\nContent-Type: application/pdf; name=bill.pdf\n"                  \
	"Content-Disposition: attachment\n\n%PDF-1.4\n--x--\n"

#define YES MS_MATCH_YES
#define NO  MS_MATCH_NO
#define ASK MS_MATCH_UNKNOWN

/* The conditions of a rule. */
static const struct {
	const char *in;
	enum ms_match want;
} rows[] = {
#define ONE(field, test) "\"all\":[{\"field\":\"" field "\"," test "}]"
#define IS(field, text)  ONE(field, "\"is\":\"" text "\"")
	{ IS("subject", "PAY NOW"), YES },
	{ IS("subject", "pay"), NO },
	{ ONE("subject", "\"matches\":\"pay\""), YES },
	{ ONE("subject", "\"is\":[\"x\",\"pay now\"]"), YES },
	{ ONE("subject", "\"present\":true"), YES },
	{ ONE("subject", "\"present\":false"), NO },
	{ IS("message_id", "1@id.example"), YES },
	{ IS("header:x-odd", "two"), YES },
	{ ONE("header:x-even", "\"present\":false"), YES },
	{ ONE("header:X-Even", "\"present\":true"), NO },
	{ IS("header", "x-odd"), YES },
	{ IS("from.name", "J\xc3\xbcrgen"), YES },
	{ IS("from.address", "jo@mail.harbour.example"), YES },
	{ ONE("from.domain", "\"within\":\"harbour.example\""), YES },
	{ ONE("from.domain", "\"within\":\"harbour.example.\""), YES },
	{ ONE("from.domain", "\"within\":[\"bour.example\"]"), NO },
	{ IS("sender.domain", "sender.example"), YES },
	{ IS("reply_to.address", "r@reply.example"), YES },
	{ IS("to.address", "b@to.example"), YES },
	{ IS("cc.domain", "cc.example"), YES },
	{ IS("return_path.domain", "list.example"), YES },
	{ ONE("text", "\"matches\":\"plain\\\\s+words\""), YES },
	{ ONE("text", "\"matches\":\"bold\""), NO },
	{ ONE("html", "\"matches\":\"<b>bold\""), YES },
	{ ONE("html", "\"present\":true"), YES },
	{ IS("link.url", "https://a.evil.example/p"), YES },
	{ ONE("link.host", "\"within\":\"evil.example\""), YES },
	{ IS("link.text", "click"), YES },
	{ IS("attachment.name", "bill.pdf"), YES },
	{ IS("attachment.type", "application/pdf"), YES },
	{ IS("attachment.detected", "application/pdf"), YES },
	{ ONE("attachment.sha256", "\"matches\":\"^[0-9a-f]{64}$\""), YES },
	{ ONE("origin.ip", "\"within\":\"192.0.2.0/24\""), YES },
	{ ONE("origin.ip", "\"within\":[\"10.0.0.0/8\",\"x.example\"]"), NO },
	{ IS("hop.ip", "192.0.2.10"), YES },
	{ IS("hop.helo", "out.example"), YES },
	{ IS("hop.rdns", "out.example"), YES },
	{ IS("hop.by", "mx.example"), YES },
	{ ONE("hop.country", "\"present\":true"), NO },
	{ ONE("hop.asn", "\"present\":true"), NO },
	{ ONE("origin.asn", "\"present\":true"), NO },
	{ IS("finding", "said-before"), YES },
	{ IS("auth.dmarc", "pass"), ASK },
	{ ONE("auth.spf", "\"present\":false"), ASK },
/* What decides, decides. */
#define TRUE_  "{\"field\":\"subject\",\"present\":true}"
#define FALSE_ "{\"field\":\"subject\",\"present\":false}"
#define MAYBE  "{\"field\":\"auth.arc\",\"is\":\"pass\"}"
	{ "\"all\":[" TRUE_ "," MAYBE "]", ASK },
	{ "\"all\":[" MAYBE "," FALSE_ "]", NO },
	{ "\"any\":[" MAYBE "," TRUE_ "]", YES },
	{ "\"any\":[" MAYBE "," FALSE_ "]", ASK },
	{ "\"any\":[" FALSE_ "," FALSE_ "]", NO },
	{ "\"all\":[" TRUE_ "],\"none\":[" FALSE_ "]", YES },
	{ "\"all\":[" TRUE_ "],\"none\":[" FALSE_ "," TRUE_ "]", NO },
	{ "\"all\":[" TRUE_ "],\"none\":[" MAYBE "]", ASK },
	{ "\"all\":[" TRUE_ "],\"none\":[" MAYBE "," TRUE_ "]", NO },
	{ "\"all\":[" MAYBE "],\"any\":[" FALSE_ "]", NO },
	{ "\"all\":[" TRUE_ "],\"any\":[" TRUE_ "],\"none\":[" FALSE_ "]",
	    YES },
};

static double seconds;

static double
ticks(void)
{
	return seconds += 1;
}

/* The rule held against the text; `hits` may be NULL. */
static enum ms_match
hold(struct test_parse *t, const struct ms_rules *rules, const char *text,
    struct ms_report *report, struct ms_node *hits, const char **why)
{
	const struct ms_message_options options = {
		.digests = MS_DIGEST_SHA256, .links = true, .mime = true
	};
	struct ms_net allow;
	struct ms_env env = { .geo = ms_geo_none(),
		.dns = ms_dns_none(),
		.limits = t->limits,
		.allow = &allow,
		.allow_n = 1 };
	struct ms_message message;
	struct ms_trace trace;
	struct ms_case subject = { .env = &env,
		.parse = &t->parse,
		.message = &message,
		.trace = &trace };
	struct ms_finding before = { .id = "said-before", .title = "x" };

	assert_true(ms_net_parse(MS_SLICE("192.0.2.0/24"), &allow));
	ms_message_parse(t->arena, t->parse.charsets, &t->limits,
	    ms_slice_from(text), &options, &message);
	t->parse.defects = &message.defects;
	ms_trace_build(&env, &t->parse, &message, &trace);
	ms_report_finding(report, &before);
	return ms_rule_match(
	    rules, &rules->list[0], &subject, report, hits, why);
}

static void
read_rule(struct test_parse *t, const char *conditions, struct ms_rules *rules)
{
	struct ms_diag diag = { "" };
	const char *pack = ms_arena_printf(t->arena,
	    "{\"schema\":\"mailsonde-rules/1\",\"rules\":[{\"id\":\"r\","
	    "\"severity\":\"low\",\"title\":\"t\",%s}]}",
	    conditions);

	if (ms_rules_read(t->arena, ms_slice_from(pack), &t->limits, rules,
		&diag) != MS_OK)
		fail_msg("%s: %s", conditions, diag.text);
}

static void
answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct test_parse t;
		struct ms_report report;
		struct ms_rules rules;
		const char *why = NULL;
		struct ms_node *hits;
		enum ms_match got;

		test_parse_init(&t);
		ms_report_init(&report, t.arena, MS_FOR_DATA, "test", 0);
		hits = ms_put_array(&report, NULL, NULL);
		read_rule(&t, rows[i].in, &rules);
		got = hold(&t, &rules, MESSAGE, &report, hits, &why);
		if (got != rows[i].want)
			print_error("%s\n", rows[i].in);
		assert_int_equal(got, rows[i].want);
		assert_true(got != ASK || why);
		ms_rules_close(&rules);
		test_parse_done(&t);
	}
}

/* Found where runs of a long text overlap, and far behind. */
static void
searches_long_texts(void **state)
{
	static const size_t places[] = { 0, MS_PATTERN_TEXT - 3,
		MS_PATTERN_TEXT, 5 * MS_PATTERN_TEXT };
	static char text[7 * MS_PATTERN_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct test_parse t;
		struct ms_report report;
		struct ms_rules rules;
		const char *why = NULL;

		memset(text, '.', sizeof(text) - 1);
		memcpy(text, "Subject: a\n\n", 12);
		memcpy(text + 12 + places[i], "needle", 6);
		test_parse_init(&t);
		ms_report_init(&report, t.arena, MS_FOR_DATA, "test", 0);
		read_rule(&t, ONE("text", "\"matches\":\"needle\""), &rules);
		assert_int_equal(
		    hold(&t, &rules, text, &report, NULL, &why), YES);
		ms_rules_close(&rules);
		test_parse_done(&t);
	}
}

static void
stops_in_time(void **state)
{
	static char text[64 * MS_PATTERN_TEXT];
	struct test_parse t;
	struct ms_report report;
	struct ms_rules rules;
	const char *why = NULL;

	(void)state;
	memset(text, '.', sizeof(text) - 1);
	memcpy(text, "Subject: a\n\n", 12);
	test_parse_init(&t);
	ms_report_init(&report, t.arena, MS_FOR_DATA, "test", 0);
	read_rule(&t, ONE("text", "\"matches\":\"needle\""), &rules);
	rules.ticks = ticks;
	assert_int_equal(hold(&t, &rules, text, &report, NULL, &why), ASK);
	assert_non_null(strstr(why, "rule_seconds"));
	ms_rules_close(&rules);
	test_parse_done(&t);
}

static void
keeps_its_limits(void **state)
{
	struct test_parse t;
	struct ms_rules rules;
	struct ms_diag diag;
	const char *pack =
	    "{\"schema\":\"mailsonde-rules/1\",\"rules\":[{\"id\":\"r\","
	    "\"severity\":\"low\",\"title\":\"t\",\"all\":[" TRUE_ "," TRUE_
	    "]}]}";

	(void)state;
	test_parse_init(&t);
	t.limits.rule_conditions = 1;
	assert_int_equal(ms_rules_read(t.arena, ms_slice_from(pack), &t.limits,
			     &rules, &diag),
	    MS_LIMIT);
	ms_rules_close(&rules);
	t.limits.rule_conditions = 2;
	assert_int_equal(ms_rules_read(t.arena, ms_slice_from(pack), &t.limits,
			     &rules, &diag),
	    MS_OK);
	ms_rules_close(&rules);
	t.limits.rules = 0;
	assert_int_equal(ms_rules_read(t.arena, ms_slice_from(pack), &t.limits,
			     &rules, &diag),
	    MS_LIMIT);
	ms_rules_close(&rules);
	test_parse_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(searches_long_texts),
		cmocka_unit_test(stops_in_time),
		cmocka_unit_test(keeps_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
