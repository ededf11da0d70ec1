/* SPDX-License-Identifier: ISC
 * test_failure.c - failure reports and complaints, for machines or not
 */
#include "mailsonde/feedback.h"

#include "test.h"

struct fixture {
	struct ms_arena *arena;
	struct ms_failure_report f;
};

static bool
read_text(struct fixture *f, const char *text)
{
	static const struct ms_message_options options = { .mime = true,
		.reports = true };
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_charsets *charsets;
	struct ms_message message;
	bool found;

	f->arena = ms_arena_new(NULL);
	charsets = ms_charsets_new(f->arena);
	ms_message_parse(f->arena, charsets, &limits, ms_slice_from(text),
	    &options, &message);
	found = ms_failure_report_read(
	    f->arena, charsets, &limits, &message, &f->f);
	ms_charsets_close(charsets);
	return found;
}

static void
reads_fields(void **state)
{
	struct fixture f;

	(void)state;
	assert_true(read_text(&f,
	    "From: feedback@example.net\nMessage-ID: <7@example.net>\n"
	    "Content-Type: multipart/report; boundary=b\n\n"
	    "--b\nContent-Type: message/feedback-report\n\n"
	    "Feedback-Type: Auth-Failure\nVersion: 1\n"
	    "Original-Mail-From: <a@example.org>\n"
	    "Original-Rcpt-To: <b@example.net>\n"
	    "Original-Rcpt-To: c@example.net\n"
	    "Received-Date: Thu, 8 Mar 2005 14:00:00 -0400\n"
	    "Source-IP: [192.0.2.1]\nReported-Domain: Example.ORG\n"
	    "Authentication-Results: mx.example.net; dkim=fail\n"
	    " header.d=example.org\n"
	    "Auth-Failure: bodyhash\nDKIM-Domain: example.org\n"
	    "Incidents: 5\nUnknown: x\n\n"
	    "--b\nContent-Type: message/rfc822\n\n"
	    "From: A <a@Example.org>\nSubject: =?utf-8?q?h=C3=A9?=\n"
	    "Message-ID: <1@example.org>\n\nx\n--b--\n"));
	assert_slice(f.f.type, "auth-failure");
	assert_slice(f.f.mail_from, "a@example.org");
	assert_int_equal(f.f.rcpt_to_n, 2);
	assert_slice(f.f.rcpt_to[1], "c@example.net");
	assert_true(f.f.source.set && f.f.source.v4);
	assert_slice(f.f.domains[0], "example.org");
	assert_int_equal(f.f.results_n, 1);
	assert_slice(f.f.auth_failure, "bodyhash");
	assert_int_equal(f.f.incidents, 5);
	assert_true(f.f.arrival_set);
	assert_int_equal(f.f.arrival, 1110304800);
	assert_slice(f.f.reporter, "feedback@example.net");
	assert_slice(f.f.message_id, "7@example.net");
	assert_slice(f.f.from_domain, "example.org");
	assert_slice(f.f.subject, "h\xc3\xa9");
	assert_slice(f.f.original_id, "1@example.org");
	assert_true(f.f.machine);
	assert_int_equal(f.f.oddities.n, 0);
	ms_arena_free(f.arena);
}

static void
reads_words(void **state)
{
	struct fixture f;

	(void)state;
	assert_true(read_text(&f,
	    "Content-Type: multipart/report; boundary=b\n\n--b\n\n"
	    "  Sender Domain: example.org\n"
	    "  Sender IP Address: 203.0.113.68\n"
	    "------ This is a copy of the headers\n\n"
	    "From: <u@example.org>\nSubject: s\n\n--b--\n"));
	assert_false(f.f.machine);
	assert_slice(f.f.type, "auth-failure");
	assert_slice(f.f.domains[0], "example.org");
	assert_slice(f.f.from, "u@example.org");
	assert_int_equal(f.f.oddities.n, 1);
	ms_arena_free(f.arena);
}

static void
survives_little(void **state)
{
	struct fixture f;

	(void)state;
	assert_true(read_text(
	    &f, "Content-Type: message/feedback-report\n\nIncidents: 0\n\n"));
	assert_int_equal(f.f.incidents, 1);
	assert_null(f.f.type.p);
	assert_int_equal(f.f.oddities.n, 2);
	ms_arena_free(f.arena);
	assert_false(read_text(&f, "Subject: x\n\nSender Domain: a\n"));
	ms_arena_free(f.arena);
	assert_false(read_text(&f, ""));
	ms_arena_free(f.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_fields),
		cmocka_unit_test(reads_words),
		cmocka_unit_test(survives_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
