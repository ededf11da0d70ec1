/* SPDX-License-Identifier: ISC
 * test_checks.c - what each check objects to, and what it lets pass
 */
#include "mailsonde/check.h"

#include "test.h"

/* A message that nobody objects to: lines of it are replaced in the rows.
 * Networks for documentation stand for public ones. */
#define ID "4dl8t80sf8zJqz" /* made on 2026-01-05T10:00:00Z */
#define MX                                                                     \
	"Received: from mail.a.example (mail.a.example [192.0.2.10])\n"        \
	" by mx.b.example (Postfix) with ESMTPS id " ID                        \
	" for <bob@b.example>; Mon, 5 Jan 2026 10:00:00 +0000\n"
#define SUBMIT                                                                 \
	"Received: from laptop (home.isp.example [198.51.100.7])\n"            \
	" by mail.a.example (Postfix) with ESMTPSA id " ID                     \
	"; Mon, 5 Jan 2026 09:59:50 +0000\n"
#define PATH    "Return-Path: <ann@a.example>\n"
#define FROM    "From: Ann <ann@a.example>\n"
#define TO      "To: bob@b.example\n"
#define SUBJECT "Subject: hello\n"
#define DATE    "Date: Mon, 5 Jan 2026 10:59:45 +0100\n"
#define MSGID   "Message-ID: <1@mail.a.example>\n"
#define WAY     MX SUBMIT PATH
#define HEAD    FROM TO SUBJECT DATE MSGID
#define TEXT    "MIME-Version: 1.0\nContent-Type: text/plain\n\nhello\n"
#define HTML    "MIME-Version: 1.0\nContent-Type: text/html\n\n"
#define ATTACHED(fields, content)                                              \
	"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"     \
	"--x\n\nhello\n--x\n" fields "\n" content "\n--x--\n"

/* What is found, in the order of gravity. */
static const struct {
	const char *in, *want;
} rows[] = {
	{ WAY HEAD TEXT, "" },
	/* sender-display-name-address */
	{ WAY "From: \"ceo@bank.example\" <ann@a.example>\n" TO SUBJECT DATE
		MSGID TEXT,
	    "high:sender-display-name-address " },
	{ WAY "From: \"bo@x.a.example\" <ann@a.example>\n" TO SUBJECT DATE MSGID
		TEXT,
	    "low:sender-display-name-address " },
	{ WAY "From: \"ann@a.example\" <ann@a.example>\n" TO SUBJECT DATE MSGID
		TEXT,
	    "" },
	{ WAY
	    "From: \"Ann @ work\" <ann@a.example>\n" TO SUBJECT DATE MSGID TEXT,
	    "" },
	{ WAY "From: =?utf-8?q?ceo=40bank=2Eexample?= <ann@a.example>\n" TO
		SUBJECT DATE MSGID TEXT,
	    "high:sender-display-name-address " },
	/* sender-reply-to */
	{ WAY HEAD "Reply-To: ann@mail.a.example\n" TEXT, "" },
	{ WAY HEAD "Reply-To: x@c.example\n" TEXT, "medium:sender-reply-to " },
	{ WAY HEAD "Reply-To: ann.a@gmail.com\n" TEXT,
	    "high:sender-reply-to " },
	{ WAY HEAD "Reply-To: list@c.example\nList-Id: <l.c.example>\n" TEXT,
	    "info:sender-reply-to " },
	/* sender-return-path: the null path is every bounce's */
	{ MX SUBMIT "Return-Path: <x@c.example>\n" HEAD TEXT,
	    "info:sender-return-path " },
	{ MX SUBMIT "Return-Path: <>\n" HEAD TEXT, "" },
	/* repeated and missing fields */
	{ WAY HEAD FROM TEXT, "high:sender-repeated-field " },
	{ WAY HEAD SUBJECT TEXT, "medium:sender-repeated-field " },
	{ WAY TO SUBJECT DATE MSGID TEXT, "low:sender-missing-field " },
	{ WAY FROM TO SUBJECT MSGID TEXT, "low:sender-missing-field " },
	{ WAY FROM DATE MSGID TEXT, "" },
	/* sender-message-id */
	{ WAY FROM TO SUBJECT DATE TEXT, "low:sender-message-id " },
	{ WAY FROM TO SUBJECT DATE "Message-ID: <1>\n" TEXT,
	    "low:sender-message-id " },
	{ WAY FROM TO SUBJECT DATE "Message-ID: <1@localhost>\n" TEXT,
	    "low:sender-message-id " },
	{ WAY FROM TO SUBJECT DATE "Message-ID: <1@[192.0.2.1]>\n" TEXT,
	    "low:sender-message-id " },
	/* sender-hidden-characters; joiners are part of emoji */
	{ WAY FROM TO "Subject: a\xe2\x80\x8b"
		      "b\n" DATE MSGID TEXT,
	    "medium:sender-hidden-characters " },
	{ WAY FROM TO "Subject: =?utf-8?q?=E2=80=AEfdp?=\n" DATE MSGID TEXT,
	    "medium:sender-hidden-characters " },
	{ WAY FROM TO
	    "Subject: \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\n" DATE MSGID
		TEXT,
	    "" },
	/* sender-idn */
	{ MX SUBMIT
	    "From: ann@xn--mnchen-3ya.example\n" TO SUBJECT DATE MSGID TEXT,
	    "low:sender-idn " },
	/* link-text-target */
	{ WAY HEAD HTML "<a href='https://evil.example/'>www.bank.example</a>",
	    "high:link-text-target " },
	{ WAY HEAD HTML "<a href='https://evil.example/'>click here</a>", "" },
	{ WAY HEAD HTML "<a href='https://x.bank.example/'>bank.example</a>",
	    "" },
	{ WAY HEAD HTML "<a href='https://t.c.example/'>www.a.example</a>",
	    "low:link-text-target " },
	{ WAY HEAD HTML "<a href='https://c.example/'>report.pdf</a>", "" },
	/* hosts */
	{ WAY HEAD HTML "<a href='http://192.0.2.1/'>x</a>",
	    "high:link-address-literal " },
	{ WAY HEAD HTML "<a href='http://3221225985/'>x</a>",
	    "high:link-address-literal " },
	{ WAY HEAD HTML "<a href='https://xn--80ak6aa92e.example/'>x</a>",
	    "medium:link-idn " },
	{ WAY HEAD HTML "<a href='https://bank.example@c.example/'>x</a>",
	    "high:link-userinfo " },
	{ WAY HEAD HTML "<a href='mailto:ann@a.example'>x</a>", "" },
	{ WAY HEAD HTML "<a href='data:text/html,x'>x</a>",
	    "high:link-active-scheme " },
	{ WAY HEAD HTML "<img src='data:image/png;base64,AAAA'>", "" },
	/* remote content */
	{ WAY HEAD HTML "<img src='https://c.example/a.png'>",
	    "info:link-remote-content " },
	{ WAY HEAD HTML "<img src='https://c.example/a' width=1 height=1>",
	    "info:link-remote-content info:link-tracking-pixel " },
	{ WAY HEAD HTML "<img src='cid:1'>", "" },
	/* attachments */
	{ WAY HEAD ATTACHED(
	      "Content-Type: application/octet-stream; name=a.pdf.exe\n",
	      "hello"),
	    "high:attachment-double-extension " },
	{ WAY HEAD ATTACHED(
	      "Content-Type: application/octet-stream; name=\"a.pdf   .exe\"\n",
	      "hello"),
	    "high:attachment-double-extension " },
	{ WAY HEAD ATTACHED(
	      "Content-Type: application/octet-stream; name=setup.exe\n",
	      "hello"),
	    "high:attachment-executable " },
	{ WAY HEAD ATTACHED(
	      "Content-Type: application/octet-stream; name=a.b.pdf\n",
	      "%PDF-1.7"),
	    "" },
	{ WAY HEAD ATTACHED("Content-Type: application/pdf;\n"
			    " name*=utf-8''cod%E2%80%AEfdp.exe\n",
	      "%PDF-1.7"),
	    "high:attachment-hidden-characters high:attachment-executable "
	    "medium:attachment-type-mismatch " },
	{ WAY HEAD ATTACHED("Content-Type: application/pdf; name=a.pdf\n",
	      "PK\003\004 and so on"),
	    "medium:attachment-type-mismatch " },
	{ WAY HEAD ATTACHED("Content-Type: image/png; name=a.png\n"
			    "Content-Transfer-Encoding: base64\n",
	      "TVqQAAMAAAAEAAAA//8AALgAAAA="),
	    "critical:attachment-type-mismatch " },
	{ WAY HEAD ATTACHED("Content-Type: application/zip; name=a.zip\n"
			    "Content-Transfer-Encoding: base64\n",
	      "UEsDBBQAAQAIAAAAAAAAAAAAAAAAAAAAAAAAAAUAAABhLnR4dA=="),
	    "medium:attachment-encrypted-archive " },
	{ WAY HEAD ATTACHED("Content-Type: application/zip; name=a.zip\n"
			    "Content-Transfer-Encoding: base64\n",
	      "UEsDBBQAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAUAAABhLnR4dA=="),
	    "" },
	/* the way */
	{ HEAD TEXT, "info:trace-no-received " },
	{ MX PATH HEAD TEXT, "info:trace-direct " },
	{ "Received: what is this\n" WAY HEAD TEXT, "info:trace-unparsed " },
	{ "Received: from mail.a.example (mail.a.example [192.0.2.10])\n"
	  " by mx.b.example (Postfix) with ESMTP id " ID
	  "; Mon, 5 Jan 2026 10:00:00 +0000\n" SUBMIT PATH HEAD TEXT,
	    "info:trace-plain-hop " },
	{ "Received: from mail.a.example (mail.a.example [240.0.0.1])\n"
	  " by mx.b.example (Postfix) with ESMTPS id " ID
	  "; Mon, 5 Jan 2026 10:00:00 +0000\n" SUBMIT PATH HEAD TEXT,
	    "low:trace-special-origin " },
	/* HELO */
	{ "Received: from [192.0.2.10] (mail.a.example [192.0.2.10])\n"
	  " by mx.b.example (Postfix) with ESMTPS id " ID
	  "; Mon, 5 Jan 2026 10:00:00 +0000\n" SUBMIT PATH HEAD TEXT,
	    "low:trace-helo-address " },
	{ "Received: from [203.0.113.9] (mail.a.example [192.0.2.10])\n"
	  " by mx.b.example (Postfix) with ESMTPS id " ID
	  "; Mon, 5 Jan 2026 10:00:00 +0000\n" SUBMIT PATH HEAD TEXT,
	    "medium:trace-helo-address " },
	{ "Received: from [10.0.0.1] (mail.a.example [192.0.2.10])\n"
	  " by mx.b.example (Postfix) with ESMTPS id " ID
	  "; Mon, 5 Jan 2026 10:00:00 +0000\n" SUBMIT PATH HEAD TEXT,
	    "" },
	{ "Received: from mail.google.com (x.isp.example [192.0.2.10])\n"
	  " by mx.b.example (Postfix) with ESMTPS id " ID
	  "; Mon, 5 Jan 2026 10:00:00 +0000\n" PATH HEAD TEXT,
	    "high:trace-helo-provider info:trace-direct " },
	{ "Received: from mail.google.com (unknown [192.0.2.10])\n"
	  " by mx.b.example (Postfix) with ESMTPS id " ID
	  "; Mon, 5 Jan 2026 10:00:00 +0000\n" PATH HEAD TEXT,
	    "info:trace-direct " },
	/* continuity: only of what strangers wrote */
	{ MX "Received: from laptop (home.isp.example [198.51.100.7])\n"
	     " by relay.other.example (Postfix) with ESMTPSA id " ID
	     "; Mon, 5 Jan 2026 09:59:50 +0000\n" PATH HEAD TEXT,
	    "info:trace-continuity " },
	/* dates */
	{ WAY FROM TO SUBJECT
	    "Date: Mon, 5 Jan 2026 01:00:00 +0000\n" MSGID TEXT,
	    "info:trace-date " },
	{ WAY FROM TO SUBJECT
	    "Date: Sat, 3 Jan 2026 01:00:00 +0000\n" MSGID TEXT,
	    "low:trace-date " },
	{ WAY FROM TO SUBJECT
	    "Date: Fri, 1 Jan 2038 01:00:00 +0000\n" MSGID TEXT,
	    "medium:trace-date " },
	{ WAY FROM TO SUBJECT
	    "Date: Fri, 1 Jan 2021 01:00:00 +0000\n"
	    "Resent-Date: Mon, 5 Jan 2026 10:00:00 +0000\n" MSGID TEXT,
	    "" },
	{ "Received: from mail.a.example (mail.a.example [192.0.2.10])\n"
	  " by mx.b.example (Postfix) with ESMTPS id " ID
	  "; Tue, 13 Jan 2026 10:00:00 +0000\n" SUBMIT PATH HEAD TEXT,
	    "medium:trace-id-time " },
	{ MX "Received: from laptop (home.isp.example [198.51.100.7])\n"
	     " by mail.a.example (Postfix) with ESMTPSA id " ID
	     "; Mon, 5 Jan 2026 09:59:50 -2500\n" PATH HEAD TEXT,
	    "medium:trace-zone-impossible medium:trace-id-time " },
	/* form */
	{ MX "Received: from laptop (home.isp.example [198.51.100.7])\n"
	     " by mail.a.example (Postfix) with ESMTPSA id 1vchNY-0003Nk-0v"
	     "; Mon, 5 Jan 2026 09:59:50 +0000\n" PATH HEAD TEXT,
	    "low:trace-dialect-form " },
	/* claimed results: those of our side only */
	{ "Authentication-Results: mx.b.example; spf=softfail"
	  " smtp.mailfrom=a.example\n" WAY HEAD TEXT,
	    "low:auth-claimed-fail " },
	{ "Authentication-Results: mx.b.example; dkim=fail header.d=a.example;"
	  " dmarc=fail header.from=a.example\n" WAY HEAD TEXT,
	    "high:auth-claimed-fail medium:auth-claimed-fail " },
	{ "Authentication-Results: mx.b.example; dkim=pass header.d=a.example;"
	  " spf=neutral smtp.mailfrom=a.example; iprev=fail\n" WAY HEAD TEXT,
	    "" },
	{ WAY HEAD "Authentication-Results: mx.b.example; dmarc=fail"
		   " header.from=a.example\n" TEXT,
	    "" },
};

static void
judge(struct test_parse *t, const char *in, struct ms_report *report)
{
	static const char *const public[] = { "192.0.2.0/24", "198.51.100.0/24",
		"203.0.113.0/24" };
	const struct ms_message_options options = { .links = true,
		.mime = true };
	struct ms_net allow[3];
	struct ms_message message;
	struct ms_claims claims;
	struct ms_trace trace;
	struct ms_env env = { .geo = ms_geo_none(),
		.dns = ms_dns_none(),
		.limits = t->limits,
		.allow = allow,
		.allow_n = 3 };
	struct ms_case subject = { .env = &env,
		.parse = &t->parse,
		.message = &message,
		.trace = &trace };

	for (size_t i = 0; i < 3; i++)
		assert_true(ms_net_parse(ms_slice_from(public[i]), &allow[i]));
	ms_message_parse(t->arena, t->parse.charsets, &t->limits,
	    ms_slice_from(in), &options, &message);
	t->parse.defects = &message.defects;
	ms_trace_build(&env, &t->parse, &message, &trace);
	ms_claims_read(&t->parse, &message.header, &claims);
	subject.claims = claims.list;
	subject.claims_n = claims.n;
	ms_checks_run(&subject,
	    MS_NEEDS_MESSAGE | MS_NEEDS_TRACE | MS_NEEDS_CONTENT, 0, report);
}

static void
objects_and_lets_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_report report;
		struct test_parse t;
		struct ms_buf got;

		test_parse_init(&t);
		ms_report_init(&report, t.arena, MS_FOR_DATA, "test", 0);
		judge(&t, rows[i].in, &report);
		ms_buf_init(&got, t.arena);
		for (struct ms_finding *f = report.findings; f; f = f->next) {
			ms_buf_printf(&got, "%s:%s ",
			    ms_severity_name(f->severity), f->id);
			assert_true(f->title && f->detail && f->reference);
		}
		if (!ms_slice_equal(
			ms_buf_get(&got), ms_slice_from(rows[i].want)))
			print_error("%s\n", rows[i].in);
		assert_slice(ms_buf_get(&got), rows[i].want);
		test_parse_done(&t);
	}
}

/* Rows that need what is not there are passed over. */
static void
runs_what_it_can(void **state)
{
	struct ms_message message;
	struct ms_report report;
	struct test_parse t;
	const struct ms_message_options options = { .mime = true };
	struct ms_case subject = { .parse = &t.parse, .message = &message };

	(void)state;
	test_parse_init(&t);
	ms_report_init(&report, t.arena, MS_FOR_DATA, "test", 0);
	ms_message_parse(t.arena, t.parse.charsets, &t.limits,
	    MS_SLICE("From: a@b.example\n\n"), &options, &message);
	ms_checks_run(&subject, MS_NEEDS_MESSAGE, 0, &report);
	assert_true(report.findings_n > 0);
	for (struct ms_finding *f = report.findings; f; f = f->next)
		assert_false(ms_slice_starts(ms_slice_from(f->id), "trace-"));
	test_parse_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_and_lets_pass),
		cmocka_unit_test(runs_what_it_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
