/* SPDX-License-Identifier: ISC
 * test_message.c - a message put together; reports; the attached original
 */
#include "mailsonde/message.h"

#include "test.h"

static void
parse(struct test_parse *t, const char *text, struct ms_message *out)
{
	const struct ms_message_options options = {
		.links = true, .reports = true, .mime = true
	};

	ms_message_parse(t->arena, t->parse.charsets, &t->limits,
	    ms_slice_from(text), &options, out);
}

static bool
has_defect(const struct ms_message *message, enum ms_defect_kind kind)
{
	for (struct ms_defect *d = message->defects.first; d; d = d->next)
		if (d->kind == kind)
			return true;
	return false;
}

static void
reads_who_what_and_when(void **state)
{
	struct ms_message m;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	parse(&t,
	    "Return-Path: <bounce@a.example>\n"
	    "From: Ann <ann@a.example>, bo@b.example\n"
	    "Sender: bo@b.example\n"
	    "To: c@c.example\n"
	    "To: d@d.example\n"
	    "Cc: Team: e@e.example;\n"
	    "Subject: =?utf-8?q?caf=C3=A9?=\n"
	    "Date: Mon, 5 Jan 2026 10:00:00 +0100\n"
	    "Message-ID: <1@a.example>\n"
	    "\nhttp://a.example/\n",
	    &m);
	assert_int_equal(m.from.n, 2);
	assert_slice(m.from.list[0].name, "Ann");
	assert_slice(m.from.list[1].domain, "b.example");
	assert_slice(m.sender.list[0].address, "bo@b.example");
	/* A field that stands there again names more people. */
	assert_int_equal(m.to.n, 2);
	assert_slice(m.to.list[1].address, "d@d.example");
	assert_slice(m.cc.list[0].group, "Team");
	assert_int_equal(m.reply_to.n, 0);
	assert_slice(m.return_path.list[0].address, "bounce@a.example");
	assert_slice(m.subject, "caf\xc3\xa9");
	assert_int_equal(m.date.time, 1767603600);
	assert_slice(m.message_id, "1@a.example");
	assert_int_equal(m.links.n, 1);
	assert_slice(m.links.first->url, "http://a.example/");
	assert_true(has_defect(&m, MS_DEFECT_REPEATED_FIELD));
	assert_true(ms_message_plausible(&m));
	test_parse_done(&t);
}

/* What is absent, empty and broken are three things. */
static void
tells_nothing_from_empty(void **state)
{
	struct ms_message m;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	parse(&t, "X-A: b\n\n", &m);
	assert_null(m.subject.p);
	assert_null(m.message_id.p);
	assert_false(m.date.set);
	assert_int_equal(m.return_path.n, 0);
	assert_int_equal(m.defects.n, 0);
	parse(&t, "Subject:\nReturn-Path: <>\nDate: soon\nMessage-ID:\n\n", &m);
	assert_non_null(m.subject.p);
	assert_int_equal(m.subject.n, 0);
	assert_int_equal(m.return_path.n, 1);
	assert_int_equal(m.return_path.list[0].address.n, 0);
	assert_false(m.date.set);
	assert_true(has_defect(&m, MS_DEFECT_DATE));
	assert_true(has_defect(&m, MS_DEFECT_MESSAGE_ID));
	parse(&t, "", &m);
	assert_true(has_defect(&m, MS_DEFECT_NO_HEADER));
	assert_false(ms_message_plausible(&m));
	assert_non_null(m.mime.root);
	test_parse_done(&t);
}

static void
cuts_the_from_line(void **state)
{
	struct ms_message m;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	parse(&t, "From a@b 2026\r\nSubject: c\r\n\r\nbody", &m);
	assert_slice(m.from_line, "From a@b 2026");
	assert_slice(m.subject, "c");
	assert_slice(m.body, "body");
	assert_int_equal(m.header.fields[0].offset, 15);
	assert_true(has_defect(&m, MS_DEFECT_FROM_LINE));
	parse(&t, "Subject: c\rTo: d\r\rbody\r", &m);
	assert_true(m.bare_cr);
	assert_slice(m.subject, "c");
	assert_slice(m.body, "body\r");
	test_parse_done(&t);
}

#define H        "MIME-Version: 1.0\n"
#define ORIGINAL "From: a@a.example\nSubject: original\n\nits body\n"

/* The attached original; NULL: none. */
static const struct {
	const char *in, *want;
} attached[] = {
	{ H "\njust text\n", NULL },
	{ H "Content-Type: message/rfc822\n\n" ORIGINAL, ORIGINAL },
	{ H "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nsee\n--x\n"
	    "Content-Type: message/rfc822\n\n" ORIGINAL "\n--x--\n",
	    ORIGINAL },
	/* encoded, against RFC 2046 5.2.1 */
	{ H "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
	    "Content-Type: message/rfc822\n"
	    "Content-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment\n\n"
	    "RnJvbTogYUBhLmV4YW1wbGUKCmJvZHkK\n--x--\n",
	    "From: a@a.example\n\nbody\n" },
	/* under another type */
	{ H "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
	    "Content-Type: application/octet-stream; name=a.eml\n\n" ORIGINAL
	    "--x--\n",
	    "From: a@a.example\nSubject: original\n\nits body" },
	{ H "Content-Type: multipart/report; boundary=x\n\n--x\n"
	    "Content-Type: text/rfc822-headers\n\nReceived: by a\nFrom: b\n"
	    "--x--\n",
	    "Received: by a\nFrom: b" },
	{ H "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
	    "Content-Type: text/plain; name=a.txt\n\nNote: From here\n"
	    "--x--\n",
	    NULL },
};

static void
finds_the_attached_original(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(attached) / sizeof(*attached); i++) {
		struct ms_slice original;
		struct ms_message m;
		struct test_parse t;
		bool found;

		test_parse_init(&t);
		parse(&t, attached[i].in, &m);
		found = ms_message_attached(t.arena, &m, &original);
		assert_int_equal(found, attached[i].want != NULL);
		if (found)
			assert_slice(original, attached[i].want);
		test_parse_done(&t);
	}
}

/* "kind[name=value,…|…]" for each report: blocks apart by '|'. */
static const struct {
	const char *type, *body, *want;
} reports[] = {
	{ "message/delivery-status",
	    "Reporting-MTA: dns; mx.example\n\n"
	    "Final-Recipient: rfc822; a@b\nAction: failed\n"
	    "Diagnostic-Code: smtp;\n 550 no\n\n\n"
	    "Final-Recipient: rfc822; c@d\n",
	    "delivery-status[Reporting-MTA=dns; mx.example,|"
	    "Final-Recipient=rfc822; a@b,Action=failed,"
	    "Diagnostic-Code=smtp; 550 no,|Final-Recipient=rfc822; c@d,|]" },
	{ "message/disposition-notification",
	    "Original-Message-ID: <1@a>\nDisposition: x; displayed\n",
	    "disposition-notification[Original-Message-ID=<1@a>,"
	    "Disposition=x; displayed,|]" },
	{ "message/feedback-report", "Feedback-Type: abuse\nVersion: 1\n",
	    "feedback-report[Feedback-Type=abuse,Version=1,|]" },
	{ "message/delivery-status", "\n\njunk\nAction: failed\n",
	    "delivery-status[Action=failed,|]" },
	{ "message/delivery-status", "", "delivery-status[]" },
	{ "text/calendar",
	    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
	    "SUMMARY:a long\r\n  line\r\nX;P=\"a:b\":c\r\nEND:VEVENT\r\n"
	    "VERSION:2.0\r\nEND:VCALENDAR\r\n",
	    "calendar[BEGIN=VCALENDAR,METHOD=REQUEST,VERSION=2.0,|"
	    "BEGIN=VEVENT,SUMMARY=a long line,X;P=\"a:b\"=c,|]" },
	{ "text/calendar", "END:VCALENDAR\nX:y\nBEGIN:A\n",
	    "calendar[BEGIN=A,|]" },
	{ "text/plain", "Action: failed\n", "" },
};

static void
put_report(const struct ms_report_part *part, struct ms_buf *out)
{
	ms_buf_printf(out, "%s[", part->kind);
	for (size_t i = 0; i < part->n; i++) {
		const struct ms_report_block *block = &part->blocks[i];

		for (size_t k = 0; k < block->n; k++) {
			ms_buf_slice(out, block->fields[k].name);
			ms_buf_byte(out, '=');
			ms_buf_slice(out, block->fields[k].value);
			ms_buf_byte(out, ',');
		}
		ms_buf_byte(out, '|');
	}
	ms_buf_byte(out, ']');
}

static void
reads_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++) {
		struct ms_message m;
		struct test_parse t;
		struct ms_buf got;

		test_parse_init(&t);
		ms_buf_init(&got, t.arena);
		parse(&t,
		    ms_arena_printf(t.arena, H "Content-Type: %s\n\n%s",
			reports[i].type, reports[i].body),
		    &m);
		if (m.reports)
			put_report(m.reports, &got);
		assert_slice(ms_buf_get(&got), reports[i].want);
		test_parse_done(&t);
	}
}

static void
stops_reading_reports(void **state)
{
	struct ms_message m;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	t.limits.report_fields = 2;
	parse(&t,
	    H "Content-Type: message/delivery-status\n\na: b\n\nc: d\n\ne: f\n",
	    &m);
	assert_int_equal(m.reports->n, 3);
	assert_int_equal(m.reports->blocks[2].n, 0);
	assert_string_equal(m.defects.last->detail, "report_fields");
	test_parse_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_who_what_and_when),
		cmocka_unit_test(tells_nothing_from_empty),
		cmocka_unit_test(cuts_the_from_line),
		cmocka_unit_test(finds_the_attached_original),
		cmocka_unit_test(reads_reports),
		cmocka_unit_test(stops_reading_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
