/* SPDX-License-Identifier: ISC
 * test_dkim.c - signatures judged, RFC 6376 section 6
 */
#include "mailsonde/dkim.h"

#include "dkim_sign.h"
#include "mailsonde/dns_zone.h"
#include "test.h"
#include "test_dns.h"

#define AT 1600000000

/* A message, a zone, and what comes of them. */
struct judged {
	struct test_parse test;
	struct ms_env env;
	struct ms_dns_source *archive;
	struct ms_dkim_request request;
	struct ms_message message;
	struct ms_dkim_result result;
};

static struct ms_dns_source *
open_zone(const char *zone)
{
	struct ms_dns_zone_text text = { "zone", ms_slice_from(zone) };
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_dns_zone_options options = { .texts = &text,
		.texts_n = 1,
		.offline = true,
		.inner = ms_dns_none(),
		.limits = &limits };
	struct ms_dns_source *out = NULL;
	struct ms_diag diag = { "" };

	if (ms_dns_zone_open(&options, &out, &diag) != MS_OK)
		fail_msg("%s", diag.text);
	return out;
}

static void
start(struct judged *j, const char *zone)
{
	memset(j, 0, sizeof(*j));
	test_parse_init(&j->test);
	j->env.limits = j->test.limits;
	j->env.dns = open_zone(zone);
	j->request.at = AT;
}

static void
judge(struct judged *j, struct ms_slice raw)
{
	struct ms_message_options options = { .mime = true };

	ms_message_parse(j->test.arena, j->test.parse.charsets, &j->env.limits,
	    raw, &options, &j->message);
	ms_dkim_verify(
	    &j->env, j->test.arena, &j->message, &j->request, &j->result);
}

static void
end(struct judged *j)
{
	j->env.dns->close(j->env.dns);
	test_parse_done(&j->test);
}

static const char *
zone_of(struct ms_arena *arena, const struct dkim_signer *signer,
    const char *name, const char *more)
{
	/* A string of a TXT record holds 255 octets. */
	char *record = dkim_signer_record(arena, signer);

	return ms_arena_printf(arena,
	    "%s. 300 IN TXT \"%s\" \"%.200s\" \"%s\"\n", name, more, record,
	    strlen(record) > 200 ? record + 200 : "");
}

/* ---- the vectors of the RFCs ---- */

/* RFC 8463 A.3, keys A.2. */
static const char rfc8463[] =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
    " date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n"
    "\r\n"
    "We lost the game.  Are you hungry yet?\r\n"
    "\r\n"
    "Joe.\r\n";
static const char rfc8463_zone[] =
    "brisbane._domainkey.football.example.com. 300 IN TXT \"v=DKIM1; "
    "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
    "test._domainkey.football.example.com. 300 IN TXT \"v=DKIM1; k=rsa; "
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08\" "
    "\"a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR"
    "+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l"
    "/K4w3QIDAQAB\"\n";

/* RFC 6376 A.2 and C. */
static const char rfc6376[] =
    "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
    "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
    "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
    "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"
    "        4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
    "        KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"
    "        4bmp/YzhwvcubU4=;\r\n"
    "Received: from client1.football.example.com  [192.0.2.1]\r\n"
    "      by submitserver.example.com with SUBMISSION;\r\n"
    "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n"
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n"
    "\r\n"
    "We lost the game. Are you hungry yet?\r\n"
    "\r\n"
    "Joe.\r\n";
static const char rfc6376_zone[] =
    "brisbane._domainkey.example.com. 300 IN TXT \"v=DKIM1; "
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg"
    "1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947q"
    "R+Rcac2gb\" \"to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2Q"
    "IDAQAB\"\n";

static void
test_vectors(void **state)
{
	struct ms_slice header, body;
	struct judged j;

	(void)state;
	start(&j, rfc8463_zone);
	judge(&j, MS_SLICE(rfc8463));
	assert_int_equal(j.result.n, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct ms_dkim_signature *s = &j.result.signatures[i];

		assert_int_equal(s->result, MS_AUTH_PASS);
		assert_true(s->body_hash_ok && s->signature_ok);
		assert_null(s->reason);
		assert_null(s->policy);
		assert_slice(s->domain, "football.example.com");
		assert_slice(s->body_hash_computed,
		    "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
		assert_int_equal(s->time, 1528637909);
		assert_int_equal(s->covered_n, 8);
		assert_non_null(s->covered[4].field);
		assert_null(s->covered[5].field);
	}
	assert_int_equal(j.result.signatures[0].key_bits, 256);
	assert_int_equal(j.result.signatures[1].key_bits, 1024);
	assert_true(ms_dkim_canonical(
	    &j.message, &j.result.signatures[0], j.test.arena, &header, &body));
	assert_slice(body, "Hi.\r\n\r\nWe lost the game. Are you hungry yet?"
			   "\r\n\r\nJoe.\r\n");
	assert_true(ms_slice_starts(
	    header, "from:Joe SixPack <joe@football.example.com>\r\nto:"));
	assert_true(ms_slice_ends(
	    header, "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b="));
	end(&j);
	start(&j, rfc6376_zone);
	judge(&j, MS_SLICE(rfc6376));
	assert_int_equal(j.result.n, 1);
	assert_int_equal(j.result.signatures[0].result, MS_AUTH_PASS);
	end(&j);
}

/* A file with LF, as most are stored. */
static void
test_stored(void **state)
{
	struct judged j;
	struct ms_buf buf;

	(void)state;
	start(&j, rfc8463_zone);
	ms_buf_init(&buf, j.test.arena);
	for (const char *p = rfc8463; *p; p++)
		if (*p != '\r')
			ms_buf_byte(&buf, (unsigned char)*p);
	judge(&j, ms_buf_get(&buf));
	assert_int_equal(j.result.signatures[0].result, MS_AUTH_PASS);
	assert_int_equal(j.result.signatures[1].result, MS_AUTH_PASS);
	end(&j);
}

/* ---- what the tags and the key say ---- */

static const char plain[] = "From: a@example.com\r\n"
			    "To: b@example.net\r\n"
			    "Subject: one\r\n"
			    "Date: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
			    "\r\n"
			    "Text.\r\n";

#define OK "v=1; a=rsa-sha256; d=example.com; s=s; h=from:subject"

static const struct {
	const char *tags;
	const char *key; /* in front of the key's own tags */
	enum ms_auth_result result;
	enum ms_dkim_reason code;
	bool holds;
} cases[] = {
	{ OK, "", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK "; c=relaxed", "", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK "; c=relaxed/relaxed", "", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK "; c=simple/relaxed; q=dns/txt", "", MS_AUTH_PASS, MS_DKIM_GOOD,
	    true },
	{ OK "; q=x/y : dns/txt; z=From:a@b|Subject:x; foo=bar", "",
	    MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK "; t=1500000000; x=1700000000", "", MS_AUTH_PASS, MS_DKIM_GOOD,
	    true },
	{ OK "; i=me@example.com", "", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK "; i=@mail.example.com", "", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK ":x-not-there:subject:", "", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	/* 3.5 and 6.1.1: what is wrong beside arithmetic that holds */
	{ "a=rsa-sha256; d=example.com; s=s; h=from", "", MS_AUTH_PERMERROR,
	    MS_DKIM_MISSING_TAG, true },
	{ "v=2; a=rsa-sha256; d=example.com; s=s; h=from", "",
	    MS_AUTH_PERMERROR, MS_DKIM_UNKNOWN_VERSION, true },
	{ "v=1; a=rsa-sha256; d=example.com; s=s; h=to:subject", "",
	    MS_AUTH_PERMERROR, MS_DKIM_FROM_UNSIGNED, true },
	{ OK "; i=me@example.org", "", MS_AUTH_PERMERROR, MS_DKIM_IDENTITY,
	    true },
	{ OK "; i=me@badexample.com", "", MS_AUTH_PERMERROR, MS_DKIM_IDENTITY,
	    true },
	{ OK "; i=example.com", "", MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX,
	    true },
	{ OK "; t=1500000000; x=1500000000", "", MS_AUTH_PERMERROR,
	    MS_DKIM_BAD_SYNTAX, true },
	{ OK "; t=now", "", MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX, true },
	{ OK "; t=1234567890123", "", MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX,
	    true },
	{ OK "; x=1599999999", "", MS_AUTH_PERMERROR, MS_DKIM_EXPIRED, true },
	/* 6.1.2: the key */
	{ OK, "h=sha1:sha256; ", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK, "h=sha1; ", MS_AUTH_PERMERROR, MS_DKIM_KEY_MISMATCH, false },
	{ OK, "s=email; ", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK, "s=tlsrpt:*; ", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK, "s=tlsrpt; ", MS_AUTH_PERMERROR, MS_DKIM_KEY_MISMATCH, false },
	{ OK "; i=@mail.example.com", "t=s; ", MS_AUTH_PERMERROR,
	    MS_DKIM_KEY_MISMATCH, false },
	{ OK "; i=a@EXAMPLE.com", "t=y:s; ", MS_AUTH_PASS, MS_DKIM_GOOD, true },
	{ OK, "p=; ", MS_AUTH_PERMERROR, MS_DKIM_BAD_KEY, false },
	{ OK, "t; ", MS_AUTH_PERMERROR, MS_DKIM_BAD_KEY, false },
};

static void
test_tags(void **state)
{
	struct dkim_signer *signer = dkim_signer_new(DKIM_SIGNER_RSA, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ms_dkim_signature *s;
		struct ms_arena *arena = ms_arena_new(NULL);
		struct judged j;

		start(&j,
		    ms_arena_printf(arena,
			"s._domainkey.example.com. IN TXT \"%s\" \"%.200s\" "
			"\"%s\"\n",
			cases[i].key, dkim_signer_record(arena, signer) + 9,
			dkim_signer_record(arena, signer) + 209));
		judge(&j, dkim_sign(arena, signer, cases[i].tags, "\r\n",
			      MS_SLICE(plain)));
		s = j.result.signatures;
		if (s->result != cases[i].result || s->code != cases[i].code)
			print_error("%s / %s: %s\n", cases[i].tags,
			    cases[i].key, s->reason);
		assert_int_equal(s->result, cases[i].result);
		assert_int_equal(s->code, cases[i].code);
		assert_int_equal(s->signature_ok, cases[i].holds);
		assert_true((s->reason == NULL) == (s->code == MS_DKIM_GOOD));
		end(&j);
		ms_arena_free(arena);
	}
	dkim_signer_free(signer);
}

/* Tags that leave nothing to compute. */
static void
test_unreadable(void **state)
{
	static const struct {
		const char *field;
		enum ms_auth_result result;
		enum ms_dkim_reason code;
	} list[] = {
#define REST "; d=example.com; s=s; h=from; bh=AAAA; b=AAAA"
		{ "", MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256" REST "; x", MS_AUTH_PERMERROR,
		    MS_DKIM_BAD_SYNTAX },
		{ "v=1; v=1; a=rsa-sha256" REST, MS_AUTH_PERMERROR,
		    MS_DKIM_BAD_SYNTAX },
		{ "v=1" REST, MS_AUTH_PERMERROR, MS_DKIM_MISSING_TAG },
		{ "v=1; a=rsa-sha512" REST, MS_AUTH_PERMERROR,
		    MS_DKIM_UNKNOWN_ALGORITHM },
		{ "v=1; a=rsa-sha256; c=nofws" REST, MS_AUTH_PERMERROR,
		    MS_DKIM_UNKNOWN_CANON },
		{ "v=1; a=rsa-sha256; c=" REST, MS_AUTH_PERMERROR,
		    MS_DKIM_UNKNOWN_CANON },
		{ "v=1; a=rsa-sha256; q=http" REST, MS_AUTH_PERMERROR,
		    MS_DKIM_UNKNOWN_QUERY },
		{ "v=1; a=rsa-sha256; l=all" REST, MS_AUTH_PERMERROR,
		    MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256; d=example; s=s; h=from; bh=AAAA; b=AAAA",
		    MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256; d=a b.example; s=s; h=from; bh=AAAA; "
		  "b=AAAA",
		    MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256; d=a..example; s=s; h=from; bh=AAAA; "
		  "b=AAAA",
		    MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256; d=a.example; s=; h=from; bh=AAAA; b=AAAA",
		    MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256; d=a.example; s=s; bh=AAAA; b=AAAA",
		    MS_AUTH_PERMERROR, MS_DKIM_MISSING_TAG },
		{ "v=1; a=rsa-sha256; d=a.example; s=s; h=fr om; bh=AAAA; "
		  "b=AAAA",
		    MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=A=AA; "
		  "b=AAAA",
		    MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=A*A",
		    MS_AUTH_PERMERROR, MS_DKIM_BAD_SYNTAX },
		{ "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA",
		    MS_AUTH_PERMERROR, MS_DKIM_MISSING_TAG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct ms_dkim_signature *s;
		struct judged j;

		start(&j, "");
		judge(&j, ms_slice_from(ms_arena_printf(j.test.arena,
			      "DKIM-Signature: %s\r\nFrom: a@example.com\r\n"
			      "\r\n",
			      list[i].field)));
		s = j.result.signatures;
		if (s->result != list[i].result || s->code != list[i].code)
			print_error("%s: %s\n", list[i].field, s->reason);
		assert_int_equal(s->result, list[i].result);
		assert_int_equal(s->code, list[i].code);
		assert_false(s->signature_checked);
		assert_non_null(s->reason);
		end(&j);
	}
}

/* ---- policy, RFC 8301 ---- */

static void
test_policy(void **state)
{
	struct dkim_signer *good = dkim_signer_new(DKIM_SIGNER_RSA, 0);
	struct dkim_signer *shorter = dkim_signer_new(DKIM_SIGNER_NEW, 768);
	struct judged j;

	(void)state;
	start(&j, "");
	j.env.dns->close(j.env.dns);
	j.env.dns = open_zone(
	    zone_of(j.test.arena, good, "s._domainkey.example.com", ""));
	judge(&j, dkim_sign(j.test.arena, good,
		      "v=1; a=rsa-sha1; d=example.com; s=s; h=from", "\r\n",
		      MS_SLICE(plain)));
	assert_int_equal(j.result.signatures[0].result, MS_AUTH_PASS);
	assert_string_equal(j.result.signatures[0].policy, "rsa-sha1");
	j.env.dns->close(j.env.dns);
	j.env.dns = open_zone(
	    zone_of(j.test.arena, shorter, "s._domainkey.example.com", ""));
	judge(
	    &j, dkim_sign(j.test.arena, shorter, OK, "\r\n", MS_SLICE(plain)));
	assert_int_equal(j.result.signatures[0].result, MS_AUTH_PASS);
	assert_string_equal(j.result.signatures[0].policy, "short-key");
	assert_int_equal(j.result.signatures[0].key_bits, 768);
	end(&j);
	dkim_signer_free(good);
	dkim_signer_free(shorter);
}

/* ---- changes, and what may be added unseen ---- */

static void
start_signed(struct judged *j, const char *tags, struct ms_slice *raw,
    const char *message)
{
	struct dkim_signer *signer = dkim_signer_new(DKIM_SIGNER_RSA, 0);

	start(j, "");
	j->env.dns->close(j->env.dns);
	j->env.dns = open_zone(
	    zone_of(j->test.arena, signer, "s._domainkey.example.com", ""));
	*raw = dkim_sign(
	    j->test.arena, signer, tags, "\r\n", ms_slice_from(message));
	dkim_signer_free(signer);
}

/* The message with `from` (which is there) replaced. */
static struct ms_slice
replace(struct ms_arena *arena, struct ms_slice in, const char *from,
    const char *to)
{
	size_t at = ms_slice_find_text(in, 0, from);
	struct ms_buf buf;

	assert_true(at < in.n);
	ms_buf_init(&buf, arena);
	ms_buf_slice(&buf, ms_slice_part(in, 0, at));
	ms_buf_text(&buf, to);
	ms_buf_slice(&buf, ms_slice_part(in, at + strlen(from), in.n));
	return ms_buf_get(&buf);
}

static void
test_changes(void **state)
{
	static const struct {
		const char *tags, *from, *to;
		enum ms_auth_result result;
		enum ms_dkim_reason code;
		bool body, header;
	} list[] = {
		{ OK, "Text.", "text.", MS_AUTH_FAIL, MS_DKIM_BAD_BODY, false,
		    true },
		{ OK, "Subject: one", "Subject: two", MS_AUTH_FAIL,
		    MS_DKIM_BAD_SIGNATURE, true, false },
		{ OK, "To: b", "To: c", MS_AUTH_PASS, MS_DKIM_GOOD, true,
		    true },
		{ OK, "Subject: one", "Subject:  one", MS_AUTH_FAIL,
		    MS_DKIM_BAD_SIGNATURE, true, false },
		{ OK "; c=relaxed", "Subject: one", "subject:   one ",
		    MS_AUTH_PASS, MS_DKIM_GOOD, true, true },
		{ OK, "Text.\r\n", "Text.\r\n\r\n\r\n", MS_AUTH_PASS,
		    MS_DKIM_GOOD, true, true },
		{ OK, "Text.\r\n", "Text. \r\n", MS_AUTH_FAIL, MS_DKIM_BAD_BODY,
		    false, true },
		{ OK "; c=simple/relaxed", "Text.\r\n", "Text.\t \r\n",
		    MS_AUTH_PASS, MS_DKIM_GOOD, true, true },
		{ OK "; l=7", "Text.\r\n", "Text.\r\nMore.\r\n", MS_AUTH_PASS,
		    MS_DKIM_GOOD, true, true },
		{ OK "; l=7", "Text.\r\n", "Text\r\n", MS_AUTH_FAIL,
		    MS_DKIM_BAD_BODY, false, true },
		/* the signature itself is covered */
		{ OK, "s=s;", "s=s; x=1700000000;", MS_AUTH_FAIL,
		    MS_DKIM_BAD_SIGNATURE, true, false },
		/* added above: the lower one is the signed one (5.4.2) */
		{ OK, "From: a", "Subject: new\r\nFrom: a", MS_AUTH_PASS,
		    MS_DKIM_GOOD, true, true },
		{ OK ":subject", "From: a", "Subject: new\r\nFrom: a",
		    MS_AUTH_FAIL, MS_DKIM_BAD_SIGNATURE, true, false },
		{ OK, "To: b", "X: y\r\nTo: b", MS_AUTH_PASS, MS_DKIM_GOOD,
		    true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct ms_dkim_signature *s;
		struct ms_slice raw;
		struct judged j;

		start_signed(&j, list[i].tags, &raw, plain);
		judge(&j, replace(j.test.arena, raw, list[i].from, list[i].to));
		s = j.result.signatures;
		if (s->result != list[i].result)
			print_error("%s: %s -> %s\n", list[i].tags,
			    list[i].from, list[i].to);
		assert_int_equal(s->result, list[i].result);
		assert_int_equal(s->code, list[i].code);
		assert_int_equal(s->body_hash_ok, list[i].body);
		assert_int_equal(s->signature_ok, list[i].header);
		end(&j);
	}
}

static const struct ms_dkim_open *
open_of(const struct ms_dkim_signature *s, enum ms_field_id id)
{
	for (size_t i = 0; i < s->open_n; i++)
		if (s->open[i].id == id)
			return &s->open[i];
	return NULL;
}

static void
test_open(void **state)
{
	const struct ms_dkim_signature *s;
	const struct ms_dkim_open *open;
	struct ms_slice raw;
	struct judged j;

	(void)state;
	start_signed(&j, OK ":from:cc", &raw, plain);
	judge(&j, replace(j.test.arena, raw, "To: b", "Subject: new\r\nTo: b"));
	s = j.result.signatures;
	assert_int_equal(s->result, MS_AUTH_PASS);
	assert_null(open_of(s, MS_FIELD_FROM)); /* signed, and none more */
	assert_null(open_of(s, MS_FIELD_CC));   /* none may be added */
	open = open_of(s, MS_FIELD_SUBJECT);
	assert_non_null(open);
	assert_int_equal(open->present, 2);
	assert_int_equal(open->covered, 1);
	assert_slice(open->added->value, "new");
	open = open_of(s, MS_FIELD_TO);
	assert_int_equal(open->present, 1);
	assert_int_equal(open->covered, 0);
	assert_null(open->added);
	open = open_of(s, MS_FIELD_REPLY_TO);
	assert_int_equal(open->present, 0);
	end(&j);
}

/* l=: how much is unsigned, where it begins, in which part. */
static void
test_length(void **state)
{
	static const char parts[] =
	    "From: a@example.com\r\n"
	    "Content-Type: multipart/mixed; boundary=b\r\n"
	    "\r\n"
	    "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n";
	const struct ms_dkim_signature *s;
	struct ms_slice raw;
	struct judged j;

	(void)state;
	start_signed(&j, "v=1; a=rsa-sha256; d=example.com; s=s; h=from; l=19",
	    &raw, parts);
	judge(&j, raw);
	s = j.result.signatures;
	assert_int_equal(s->result, MS_AUTH_PASS);
	assert_int_equal(s->length, 19);
	assert_int_equal(s->body_length, 31);
	assert_int_equal(s->body_unsigned, 12);
	assert_int_equal(
	    s->structure_offset, (size_t)(j.message.body.p - raw.p));
	assert_true(ms_slice_starts(
	    ms_slice_part(raw, s->unsigned_offset, raw.n), "two\r\n--b--"));
	assert_int_equal(s->unsigned_part->index, 2);
	end(&j);
}

/* ---- keys: several, archived, gone, not to be had ---- */

static void
test_keys(void **state)
{
	struct dkim_signer *other = dkim_signer_new(DKIM_SIGNER_NEW, 512);
	struct dkim_signer *good = dkim_signer_new(DKIM_SIGNER_RSA, 0);
	const struct ms_dkim_signature *s;
	struct ms_slice raw;
	struct judged j;
	const char *name = "s._domainkey.example.com";
	const char *zones[2];

	(void)state;
	start_signed(&j, OK, &raw, plain);
	j.env.dns->close(j.env.dns);
	zones[0] = zone_of(j.test.arena, other, name, "");
	zones[1] = zone_of(j.test.arena, good, name, "");
	/* two records: each is tried (6.1.2) */
	j.env.dns = open_zone(
	    ms_arena_printf(j.test.arena, "%s%s", zones[0], zones[1]));
	judge(&j, raw);
	s = j.result.signatures;
	assert_int_equal(s->result, MS_AUTH_PASS);
	assert_int_equal(s->keys_n, 2);
	assert_int_equal(s->key_bits, 1024);
	/* another key in its place: what was signed is not by it */
	j.env.dns->close(j.env.dns);
	j.env.dns = open_zone(zones[0]);
	judge(&j, raw);
	s = j.result.signatures;
	assert_int_equal(s->code, MS_DKIM_BAD_SIGNATURE);
	/* the archive has the one of then */
	j.request.archive = open_zone(zones[1]);
	judge(&j, raw);
	s = j.result.signatures;
	assert_int_equal(s->result, MS_AUTH_PASS);
	assert_true(s->key_archived);
	/* and also where there is none any more, or nobody may be asked */
	j.env.dns->close(j.env.dns);
	j.env.dns = open_zone("");
	judge(&j, raw);
	assert_int_equal(j.result.signatures[0].result, MS_AUTH_PASS);
	j.env.dns->close(j.env.dns);
	j.env.dns = ms_dns_none();
	judge(&j, raw);
	assert_int_equal(j.result.signatures[0].result, MS_AUTH_PASS);
	j.request.archive->close(j.request.archive);
	j.request.archive = NULL;
	judge(&j, raw);
	assert_int_equal(j.result.signatures[0].result, MS_AUTH_TEMPERROR);
	end(&j);
	dkim_signer_free(other);
	dkim_signer_free(good);
}

static void
test_no_key(void **state)
{
	static const struct {
		const char *zone;
		enum ms_auth_result result;
		enum ms_dkim_reason code;
	} list[] = {
		{ "", MS_AUTH_PERMERROR, MS_DKIM_NO_KEY },
		{ "x.s._domainkey.example.com. IN A 192.0.2.1\n",
		    MS_AUTH_PERMERROR, MS_DKIM_NO_KEY },
		{ "s._domainkey.example.com. IN TXT \"v=DKIM1; p=\"\n",
		    MS_AUTH_PERMERROR, MS_DKIM_REVOKED },
		{ "s._domainkey.example.com. IN TXT \"v=spf1 -all\"\n",
		    MS_AUTH_PERMERROR, MS_DKIM_BAD_KEY },
		{ ";; timeout s._domainkey.example.com.\n", MS_AUTH_TEMPERROR,
		    MS_DKIM_NO_ANSWER },
		{ ";; servfail s._domainkey.example.com. TXT\n",
		    MS_AUTH_TEMPERROR, MS_DKIM_NO_ANSWER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct ms_dkim_signature *s;
		struct ms_slice raw;
		struct judged j;

		start_signed(&j, OK, &raw, plain);
		j.env.dns->close(j.env.dns);
		j.env.dns = open_zone(list[i].zone);
		judge(&j, raw);
		s = j.result.signatures;
		assert_int_equal(s->result, list[i].result);
		assert_int_equal(s->code, list[i].code);
		assert_false(s->signature_checked);
		assert_true(s->body_hash_ok);
		end(&j);
	}
}

/* Each question fails in its turn: that signature could not be judged, the
 * others are as they were, and nothing is a fail. */
static void
test_failures(void **state)
{
	static const enum ms_dns_status with[] = { MS_DNS_TIMEOUT,
		MS_DNS_SERVFAIL, MS_DNS_REFUSED, MS_DNS_BOGUS,
		MS_DNS_UNREACHABLE, MS_DNS_NOT_RECORDED };
	struct judged j;
	struct test_dns dns;

	(void)state;
	start(&j, "");
	test_dns_open(&dns, rfc8463_zone, true);
	j.env.dns->close(j.env.dns);
	j.env.dns = &dns.source;
	judge(&j, MS_SLICE(rfc8463));
	assert_int_equal(test_dns_asked(&dns), 2);
	assert_int_equal(dns.now, 1); /* both were on their way at once */
	for (size_t k = 0; k < sizeof(with) / sizeof(with[0]); k++) {
		for (size_t i = 0; i < 2; i++) {
			const struct ms_dkim_signature *s;

			test_dns_reset(&dns);
			dns.fail_at = i;
			dns.fail_with = with[k];
			judge(&j, MS_SLICE(rfc8463));
			s = j.result.signatures;
			assert_int_equal(s[i].result, MS_AUTH_TEMPERROR);
			assert_int_equal(s[i].code, MS_DKIM_NO_ANSWER);
			assert_int_equal(s[1 - i].result, MS_AUTH_PASS);
		}
	}
	test_dns_close(&dns);
	test_parse_done(&j.test);
}

/* ---- many ---- */

static void
test_limits(void **state)
{
	struct ms_slice raw;
	struct judged j;

	(void)state;
	start_signed(&j, OK, &raw, plain);
	j.env.limits.signatures = 3;
	for (int i = 0; i < 4; i++) {
		struct dkim_signer *signer =
		    dkim_signer_new(DKIM_SIGNER_RSA, 0);

		raw = dkim_sign(j.test.arena, signer, OK, "\r\n", raw);
		dkim_signer_free(signer);
	}
	judge(&j, raw);
	assert_int_equal(j.result.n, 5);
	assert_true(j.result.truncated);
	assert_int_equal(j.result.signatures[2].result, MS_AUTH_PASS);
	assert_int_equal(j.result.signatures[3].result, MS_AUTH_NEUTRAL);
	assert_int_equal(j.result.signatures[4].code, MS_DKIM_LIMIT);
	end(&j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
