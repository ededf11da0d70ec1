/* SPDX-License-Identifier: ISC
 * test_dkim_explain.c - changes in transit, found from the hash alone
 */
#include "mailsonde/dkim.h"

#include "dkim_sign.h"
#include "test.h"
#include "test_dns.h"

#define TAGS "v=1; d=example.com; s=s; h=from:to:subject:date:reply-to; "
#define HEAD                                                                   \
	"From: Ann <ann@example.com>\r\nTo: list@lists.example\r\n"            \
	"Subject: Minutes\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
#define PLAIN                                                                  \
	"\r\nGood morning.\r\n\r\nThe minutes:\r\n  one\r\n  "                 \
	"two\r\n\r\nAnn\r\n"
#define PARTS(a, b)                                                            \
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n"              \
	"--b\r\nContent-Type: text/plain\r\n\r\n" a "\r\n--b\r\n"              \
	"Content-Type: text/html\r\n\r\n" b "\r\n--b--\r\n"
#define TEXT "Hello\r\n\r\nAnn"
#define HTML "<html><body class=x><p>Hello</p>\r\n<p>Ann</p>\r\n</body></html>"

struct explain_case {
	const char *canon, *message;
	const char *from, *to; /* the change; both NULL: `whole` is it all */
	const char *change, *also;
	const char *at; /* what stands at the offset that is named */
};

static const struct explain_case bodies[] = {
	/* lines at the end and in front */
	{ "relaxed/relaxed", HEAD PLAIN, "Ann\r\n",
	    "Ann\r\n____________\r\nlist mailing "
	    "list\r\nlist@lists.example\r\n",
	    "footer", NULL, "____" },
	{ "simple/simple", HEAD PLAIN, "Ann\r\n",
	    "Ann\r\n-- \r\nScanned by X\r\n", "footer", NULL, "-- " },
	{ "relaxed/relaxed", HEAD PLAIN, "Good",
	    "CAUTION: this mail is from outside.\r\n\r\nGood", "banner", NULL,
	    "CAUTION" },
	{ "relaxed/relaxed", HEAD PLAIN, PLAIN,
	    "\r\nCAUTION!\r\nGood morning.\r\n\r\nThe minutes:\r\n  one\r\n"
	    "  two\r\n\r\nAnn\r\n\r\n--\r\nfooter\r\n",
	    "footer", "banner", "\r\n--\r\nfooter" },
	/* all lines alike */
	{ "simple/simple", HEAD PLAIN, "two\r\n", "two  \r\n", "space", NULL,
	    NULL },
	{ "simple/simple", HEAD "\r\nx\r\n-- \r\nAnn\r\n", "-- \r\n", "--\r\n",
	    "space", NULL, NULL },
	{ "relaxed/relaxed", HEAD "\r\nx\r\nFrom here\r\n", "From here",
	    ">From here", "from-line", NULL, NULL },
	{ "relaxed/relaxed", HEAD "\r\nx\r\n.profile\r\n", ".profile",
	    "..profile", "from-line", NULL, NULL },
	{ "relaxed/relaxed", HEAD "\r\nx\r\n..profile\r\n", "..profile",
	    ".profile", "from-line", NULL, NULL },
	{ "simple/simple", HEAD "\r\nx\r\ny\r\n", "x\r\n", "x\r\r\n",
	    "line-end", NULL, NULL },
	{ "relaxed/relaxed", HEAD "\r\n\r\nx\r\ny\r\n", "\r\n\r\nx", "\r\nx",
	    "space", NULL, NULL },
	/* parts */
	{ "relaxed/relaxed", HEAD PARTS(TEXT, HTML), "\r\n--b--",
	    "\r\n--b\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--b--",
	    "part", NULL, "\r\n--b\r\nContent-Type: text/plain\r\n\r\nfooter" },
	{ "relaxed/relaxed", HEAD PARTS(TEXT, HTML),
	    "--b\r\nContent-Type: text/plain",
	    "--b\r\nContent-Type: text/plain\r\n\r\nbanner\r\n"
	    "--b\r\nContent-Type: text/plain",
	    "part", NULL, "Content-Type: text/plain\r\n\r\nbanner" },
	{ "relaxed/relaxed",
	    HEAD "Content-Type: text/plain\r\n\r\nHello\r\nAnn\r\n",
	    "Content-Type: text/plain\r\n\r\nHello\r\nAnn\r\n",
	    "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
	    "--m\r\nContent-Type: text/plain\r\n\r\nHello\r\nAnn\r\n\r\n"
	    "--m\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--m--\r\n",
	    "part", NULL, "Hello\r\nAnn" },
	{ "relaxed/relaxed",
	    HEAD "Content-Type: text/plain\r\n\r\nHell\xf6\r\nAnn\r\n",
	    "Content-Type: text/plain\r\n\r\nHell\xf6\r\nAnn\r\n",
	    "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
	    "--m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	    "SGVsbPYNCkFubg0K\r\n"
	    "--m\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--m--\r\n",
	    "part", "encoding", "SGVsbPYNCkFubg0K" },
	/* texts within parts */
	{ "relaxed/relaxed", HEAD PARTS(TEXT, HTML), "\r\n\r\nAnn",
	    "\r\n\r\nAnn\r\n--\r\nfooter", "footer", NULL, "\r\n--\r\nfooter" },
	{ "simple/simple", HEAD PARTS(TEXT, HTML), "\r\nHello",
	    "\r\nCAUTION\r\n\r\nHello", "banner", NULL, "CAUTION" },
	{ "relaxed/relaxed", HEAD PARTS(TEXT, HTML), "class=x>",
	    "class=x><div style='y'>CAUTION <b>outside</b></div>", "banner",
	    NULL, "<div" },
	{ "relaxed/relaxed", HEAD PARTS(TEXT, HTML), "</body>",
	    "<hr>\r\n<p>Confidential.</p></body>", "footer", NULL, "<hr>" },
	{ "relaxed/relaxed", HEAD PARTS(TEXT, HTML),
	    "\r\n--b\r\nContent-Type: text/html\r\n\r\n<html><body class=x>",
	    "\r\n--b\r\nContent-Type: text/html\r\n\r\n<html><body class=x>"
	    "<div>CAUTION</div>\r\n<br>\r\n",
	    "banner", NULL, "<div" },
	/* both texts at once */
	{ "relaxed/relaxed", HEAD PARTS(TEXT, HTML),
	    "Ann\r\n--b\r\nContent-Type: text/html\r\n\r\n" HTML,
	    "Ann\r\n\r\n____\r\nlist\r\n--b\r\nContent-Type: text/html\r\n\r\n"
	    "<html><body class=x><p>Hello</p>\r\n<p>Ann</p>\r\n"
	    "<hr><p>list</p></body></html>",
	    "footer", NULL, "\r\n\r\n____" },
	/* transfer encodings */
	{ "relaxed/relaxed", HEAD "\r\nHell\xc3\xb6 \xe2\x82\xac=\r\nAnn\r\n",
	    "\r\nHell\xc3\xb6 \xe2\x82\xac=\r\nAnn\r\n",
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "Hell=C3=B6 =E2=82=AC=3D\r\nAnn\r\n",
	    "encoding", NULL, NULL },
	{ "simple/simple", HEAD "\r\nHell\xc3\xb6\r\nAnn\r\n",
	    "\r\nHell\xc3\xb6\r\nAnn\r\n",
	    "Content-Transfer-Encoding: base64\r\n\r\n"
	    "SGVsbMO2DQpBbm4NCg==\r\n",
	    "encoding", NULL, NULL },
	{ "simple/simple",
	    HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		 "Hell=C3=B6\r\nAnn\r\n",
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "Hell=C3=B6\r\nAnn\r\n",
	    "Content-Transfer-Encoding: 8bit\r\n\r\nHell\xc3\xb6\r\nAnn\r\n",
	    "encoding", NULL, NULL },
	{ "relaxed/relaxed",
	    HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
		 "Content-Transfer-Encoding: 8bit\r\n\r\nHell\xc3\xb6\r\n"
		 "--b--\r\n",
	    "8bit\r\n\r\nHell\xc3\xb6\r\n",
	    "quoted-printable\r\n\r\nHell=C3=B6\r\n", "encoding", NULL, NULL },
	/* what nobody can know */
	{ "relaxed/relaxed", HEAD PLAIN, "morning", "evening", "none", NULL,
	    NULL },
	{ "relaxed/relaxed", HEAD PLAIN, "Ann\r\n", "", "none", NULL, NULL },
};

static const struct explain_case headers[] = {
	/* the subject */
	{ "relaxed/relaxed", HEAD PLAIN, "Subject: M", "Subject: [list] M",
	    "subject-tag", NULL, "Subject: [list]" },
	{ "simple/simple", HEAD PLAIN, "Subject: M", "Subject: [EXTERNAL] M",
	    "subject-tag", NULL, "Subject: [EXT" },
	{ "relaxed/relaxed", HEAD PLAIN, "Subject: M",
	    "Subject: *** SPAM ***\r\n M", "subject-tag", NULL, "Subject:" },
	{ "relaxed/relaxed",
	    "From: ann@example.com\r\nSubject: Re: Minutes\r\n\r\nx\r\n",
	    "Re: M", "Re: [my list] M", "subject-tag", NULL, "Subject:" },
	/* the author */
	{ "relaxed/relaxed", "From: Ann <ann@example.com>\r\n\r\nx\r\n",
	    "From: Ann <ann@example.com>",
	    "From: Ann via List <list@lists.example>\r\n"
	    "X-Original-From: Ann <ann@example.com>",
	    "from", NULL, "From: Ann via" },
	/* three at once, as a list does that rewrites From */
	{ "relaxed/relaxed", HEAD PLAIN,
	    "From: Ann <ann@example.com>\r\nTo: list@lists.example\r\n"
	    "Subject: M",
	    "From: Ann via List <list@lists.example>\r\n"
	    "To: list@lists.example\r\n"
	    "Reply-To: Ann <ann@example.com>\r\nSubject: [list] M",
	    "from", "subject-tag", NULL },
	/* fields added */
	{ "relaxed/relaxed", HEAD PLAIN,
	    "Date:", "Reply-To: x@lists.example\r\nDate:", "field-added", NULL,
	    "Reply-To:" },
	{ "relaxed/relaxed", HEAD PLAIN, "\r\n\r\nGood",
	    "\r\nSubject: another\r\n\r\nGood", "field-added", NULL,
	    "Subject: another" },
	/* folding */
	{ "simple/simple", HEAD PLAIN, "list@lists.example\r\n",
	    "\r\n list@lists.example\r\n", "folding", NULL, "To:" },
	{ "simple/simple", HEAD PLAIN,
	    "To: list@lists.example\r\nSubject: Minutes\r\n",
	    "To:\r\n list@lists.example\r\nSubject:\r\n Minutes\r\n", "folding",
	    NULL, NULL },
	/* what nobody can know */
	{ "relaxed/relaxed", HEAD PLAIN, "Minutes", "Hours", "none", NULL,
	    NULL },
};

static struct ms_slice
replace(struct ms_arena *arena, struct ms_slice in, const char *from,
    const char *to)
{
	size_t at = ms_slice_find_text(in, 0, from);
	struct ms_buf buf;

	if (at == in.n)
		fail_msg("not there: %s", from);
	ms_buf_init(&buf, arena);
	ms_buf_slice(&buf, ms_slice_part(in, 0, at));
	ms_buf_text(&buf, to);
	ms_buf_slice(&buf, ms_slice_part(in, at + strlen(from), in.n));
	return ms_buf_get(&buf);
}

/* One message signed, changed, judged. */
struct judged {
	struct test_parse test;
	struct test_dns dns;
	struct ms_env env;
	struct ms_message message;
	struct ms_dkim_result result;
};

static const struct ms_dkim_signature *
judge(struct judged *j, enum dkim_signer_kind kind,
    const struct explain_case *c, const char *eol, bool mime)
{
	struct dkim_signer *signer = dkim_signer_new(kind, 0);
	struct ms_dkim_request request = { .at = 1, .explain = true };
	struct ms_message_options options = { .mime = mime };
	struct ms_slice raw;
	const char *record;

	memset(j, 0, sizeof(*j));
	test_parse_init(&j->test);
	record = dkim_signer_record(j->test.arena, signer);
	test_dns_open(&j->dns,
	    ms_arena_printf(j->test.arena,
		"s._domainkey.example.com. IN TXT \"%.200s\" \"%s\"\n", record,
		strlen(record) > 200 ? record + 200 : ""),
	    false);
	raw = dkim_sign(j->test.arena, signer,
	    ms_arena_printf(j->test.arena, TAGS "a=%s-sha256; c=%s",
		kind == DKIM_SIGNER_RSA ? "rsa" : "ed25519", c->canon),
	    "\r\n", ms_slice_from(c->message));
	raw = replace(j->test.arena, raw, c->from, c->to);
	if (strcmp(eol, "\n") == 0) {
		struct ms_buf buf;

		ms_buf_init(&buf, j->test.arena);
		for (size_t i = 0; i < raw.n; i++)
			if (raw.p[i] != '\r' || raw.p[i + 1] != '\n')
				ms_buf_byte(&buf, raw.p[i]);
		raw = ms_buf_get(&buf);
	}
	j->env.limits = j->test.limits;
	j->env.dns = &j->dns.source;
	ms_message_parse(j->test.arena, j->test.parse.charsets, &j->env.limits,
	    raw, &options, &j->message);
	ms_dkim_verify(
	    &j->env, j->test.arena, &j->message, &request, &j->result);
	dkim_signer_free(signer);
	assert_int_equal(j->result.n, 1);
	return j->result.signatures;
}

static void
end(struct judged *j)
{
	test_dns_close(&j->dns);
	test_parse_done(&j->test);
}

static void
check(const struct explain_case *c, const struct judged *j,
    const struct ms_dkim_repair *r, bool crlf)
{
	if (!r->searched ||
	    strcmp(ms_dkim_change_name(r->change), c->change) != 0)
		fail_msg("%s -> %s: %s %s (wanted %s)", c->from, c->to,
		    ms_dkim_change_name(r->change), r->text ? r->text : "",
		    c->change);
	assert_string_equal(
	    ms_dkim_change_name(r->also), c->also ? c->also : "none");
	assert_true((r->text != NULL) == (r->change != MS_DKIM_CHANGE_NONE));
	assert_false(r->gave_up);
	if (c->at && crlf &&
	    !ms_slice_starts(
		ms_slice_part(j->message.raw, r->offset, r->offset + r->length),
		c->at))
		fail_msg("%s: names \"%.*s\"", c->to, (int)r->length,
		    (const char *)j->message.raw.p + r->offset);
}

/* As it came, and as it is stored; the MIME tree there or not. */
static void
test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		for (int lf = 0; lf < 2; lf++) {
			struct judged j;
			const struct ms_dkim_signature *s =
			    judge(&j, DKIM_SIGNER_RSA, &bodies[i],
				lf ? "\n" : "\r\n", lf == 0);

			if (lf && strcmp(bodies[i].change, "line-end") == 0) {
				end(&j); /* there are none to see */
				continue;
			}
			if (s->body_hash_ok)
				fail_msg("unchanged: %s", bodies[i].to);
			assert_int_equal(s->result, MS_AUTH_FAIL);
			check(&bodies[i], &j, &s->body_repair, !lf);
			end(&j);
		}
	}
}

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct judged j;
		const struct ms_dkim_signature *s =
		    judge(&j, DKIM_SIGNER_RSA, &headers[i], "\r\n", true);

		if (s->signature_ok)
			fail_msg("unchanged: %s", headers[i].to);
		assert_true(s->body_hash_ok && s->made_by_key);
		check(&headers[i], &j, &s->header_repair, true);
		assert_false(s->body_repair.searched);
		end(&j);
		s = judge(&j, DKIM_SIGNER_RSA, &headers[i], "\n", false);
		check(&headers[i], &j, &s->header_repair, false);
		end(&j);
	}
}

/* Each form is a verification: the likely ones alone are found. */
static void
test_ed25519(void **state)
{
	struct judged j;
	const struct ms_dkim_signature *s =
	    judge(&j, DKIM_SIGNER_ED25519, &headers[0], "\r\n", true);

	(void)state;
	assert_false(s->made_by_key);
	check(&headers[0], &j, &s->header_repair, true);
	end(&j);
}

/* Both: what a list does to a message. */
static void
test_both(void **state)
{
	static const struct explain_case c = { "relaxed/relaxed", HEAD PLAIN,
		"Minutes\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n" PLAIN,
		"[list] Minutes\r\nDate: Mon, 5 Jan 2026 10:00:00 "
		"+0000\r\n" PLAIN "___\r\nlist\r\n",
		"footer", NULL, "___" };
	struct judged j;
	const struct ms_dkim_signature *s =
	    judge(&j, DKIM_SIGNER_RSA, &c, "\r\n", true);

	(void)state;
	check(&c, &j, &s->body_repair, true);
	assert_int_equal(s->header_repair.change, MS_DKIM_CHANGE_SUBJECT_TAG);
	assert_int_equal(s->code, MS_DKIM_BAD_BODY);
	end(&j);
}

/* The work has an end, and what was not tried is said. */
static void
test_limit(void **state)
{
	struct judged j;
	const struct ms_dkim_signature *s;
	struct ms_dkim_request request = { .at = 1, .explain = true };

	(void)state;
	judge(&j, DKIM_SIGNER_RSA, &bodies[0], "\r\n", true);
	j.env.limits.explain_bytes = 10;
	ms_dkim_verify(&j.env, j.test.arena, &j.message, &request, &j.result);
	s = j.result.signatures;
	assert_true(s->body_repair.searched && s->body_repair.gave_up);
	assert_null(s->body_repair.text);
	request.explain = false;
	ms_dkim_verify(&j.env, j.test.arena, &j.message, &request, &j.result);
	assert_false(j.result.signatures->body_repair.searched);
	end(&j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
