/* SPDX-License-Identifier: ISC
 * test_arc.c - chains of custody judged, RFC 8617 section 5.2
 */
#include "mailsonde/arc.h"

#include "test.h"
#include "test_dns.h"

/* Two sets, sealed with dkimpy 1.1 by a key that is worth nothing. */
static const char sealed[] =
    "ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=relay.example; s=two;\r\n"
    " t=1767607300;\r\n"
    " b=qgYx00V5YLw+63EvWiMoDQ1z0MCSRDGtcFlTP7+P35sS2ZIN/"
    "zDDcg+IA2jnnUePrw9bb\r\n"
    " G4JHNAS73vCnp6qV3RD98OM7g+P0CEESKdumgNoPoPJYsmXjfVt5Cqt/zHI+apoxd0o/"
    "RsP\r\n"
    " lGtJD4c3ZxXzcYKT3xuDscccJ+FV59c=\r\n"
    "ARC-Message-Signature: i=2; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=relay.example; s=two; t=1767607300; h=from : to : subject : date :\r\n"
    " message-id : mime-version;\r\n"
    " bh=VSeIu6obitn25NQifEfjMBRZY5JA4vIwGzpNA9US9+Y=;\r\n"
    " b=0DfzA7X+"
    "aFagtgIz1Ii9KiORN6swcVFb4D8rB4Pxewn3ciVxhI4zwAlNPPjD1GT3eGcP3\r\n"
    " fQFmzOpI2pHYwRpDj3jAP9wxMswcZxoVN3MHuAH8Gff45w6DhmStsJ7DMY/p4b/"
    "L49hQQl9\r\n"
    " 89HLmsDRunxkZxAuyk4zwztjYVmiUZM=\r\n"
    "ARC-Authentication-Results: i=2; mx.relay.example; arc=pass;\r\n"
    "  dkim=pass header.d=author.example\r\n"
    "Authentication-Results: mx.relay.example; arc=pass; dkim=pass "
    "header.d=author.example\r\n"
    "ARC-Seal: i=1; cv=none; a=rsa-sha256; d=lists.example; s=one;\r\n"
    " t=1767607200;\r\n"
    " b=bOLdOfgR61Eb2/BiG/b17u9UeFYV5d79W38BWATlgHIdKp2KO1FIjOs9o8LsLy/"
    "j4NY1M\r\n"
    " UGl8V+vjYrQb4qx935R34kTtYdZK5/"
    "pN16f8ifh04rYovQC6kNnJ4UZvgfCiLJvdD+bd2S3\r\n"
    " KdiiTHkLD4UvgnNj3uvGpsLQgzp1Dao=\r\n"
    "ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=lists.example; s=one; t=1767607200; h=from : to : subject : date :\r\n"
    " message-id : mime-version;\r\n"
    " bh=VSeIu6obitn25NQifEfjMBRZY5JA4vIwGzpNA9US9+Y=;\r\n"
    " b=fsZvjrq8cu+3VoTYZExNzcmknwEW9e6f+ugeYRvRlB5qGzwY2jQq2LDrz81oVqUR+"
    "H8wJ\r\n"
    " /2fkYEQuz2lecwt20aFZCU+1eX2EIphTXiEX+Gy+Q6jrzbln2zl2HzAtbB/wZQH7hXc9/"
    "XW\r\n"
    " Sfbk4p3v92XRks3Tly3PPDDYQePt6fU=\r\n"
    "ARC-Authentication-Results: i=1; lists.example; dkim=pass "
    "header.d=author.example\r\n"
    "Authentication-Results: lists.example; dkim=pass "
    "header.d=author.example\r\n"
    "From: Ann <ann@author.example>\r\n"
    "To: list@lists.example\r\n"
    "Subject: Minutes\r\n"
    "Date: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "MIME-Version: 1.0\r\n"
    "\r\n"
    "Good morning.\r\n"
    "\r\n"
    "Ann\r\n";

#define KEY                                                                    \
	"\"v=DKIM1; k=rsa; "                                                   \
	"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDdb6AZqzAoh6SNfc977cUj9+"     \
	"IxlB3lm30K15QIC4V4s/1850OHEGiYYq0xpZkXB7\" \""                        \
	"0jXGd5pqOerDoZzZL51C/v77DxRJY8+CuFNlp/BzzreU3D2qBjH7B/"               \
	"gc9M99VJZHrNjWaxGS8s5jMhrqEoDy+s+vJbKANY6fWqaP8DmJ1EXQIDAQAB\""
static const char zone[] = "one._domainkey.lists.example. 300 IN TXT " KEY "\n"
			   "two._domainkey.relay.example. 300 IN TXT " KEY "\n";

struct judged {
	struct test_parse test;
	struct test_dns dns;
	struct ms_env env;
	struct ms_dkim_request request;
	struct ms_message message;
	struct ms_arc_result arc;
};

static void
start(struct judged *j, const char *records)
{
	memset(j, 0, sizeof(*j));
	test_parse_init(&j->test);
	test_dns_open(&j->dns, records, true);
	j->env.limits = j->test.limits;
	j->env.dns = &j->dns.source;
	j->request.at = 1767607400;
}

static void
judge(struct judged *j, struct ms_slice raw)
{
	struct ms_message_options options = { .mime = true };

	ms_message_parse(j->test.arena, j->test.parse.charsets, &j->env.limits,
	    raw, &options, &j->message);
	ms_arc_verify(
	    &j->env, j->test.arena, &j->message, &j->request, &j->arc);
}

static void
end(struct judged *j)
{
	test_dns_close(&j->dns);
	test_parse_done(&j->test);
}

static void
test_chain(void **state)
{
	struct judged j;

	(void)state;
	start(&j, zone);
	judge(&j, MS_SLICE(sealed));
	assert_int_equal(j.arc.result, MS_AUTH_PASS);
	assert_string_equal(j.arc.reason, "the chain of 2 sets holds");
	assert_int_equal(j.arc.n, 2);
	assert_int_equal(j.arc.oldest_pass, 1);
	assert_int_equal(j.arc.failed_instance, 0);
	for (unsigned i = 0; i < 2; i++) {
		const struct ms_arc_instance *set = &j.arc.instances[i];

		assert_int_equal(set->instance, i + 1);
		assert_int_equal(set->as.result, MS_AUTH_PASS);
		assert_int_equal(set->ams.result, MS_AUTH_PASS);
		assert_true(set->ams.body_hash_ok);
		assert_false(set->as.body_hashed);
		assert_int_equal(
		    set->cv, i == 0 ? MS_ARC_CV_NONE : MS_ARC_CV_PASS);
	}
	assert_slice(j.arc.instances[0].as.domain, "lists.example");
	assert_slice(j.arc.instances[1].ams.selector, "two");
	assert_int_equal(test_dns_asked(&j.dns), 2);
	assert_true(j.dns.now == 1);
	end(&j);
	start(&j, zone);
	judge(&j, MS_SLICE("From: a@b.example\r\n\r\n"));
	assert_int_equal(j.arc.result, MS_AUTH_NONE);
	assert_int_equal(j.arc.n, 0);
	end(&j);
}

/* The message with `from`, which is there, replaced; `all`: everywhere. */
static struct ms_slice
replace(struct ms_arena *arena, struct ms_slice in, const char *from,
    const char *to, bool all)
{
	size_t at = ms_slice_find_text(in, 0, from), done = 0;
	struct ms_buf buf;

	assert_true(at < in.n);
	ms_buf_init(&buf, arena);
	do {
		ms_buf_slice(&buf, ms_slice_part(in, done, at));
		ms_buf_text(&buf, to);
		done = at + strlen(from);
		at = ms_slice_find_text(in, done, from);
	} while (all && at < in.n);
	ms_buf_slice(&buf, ms_slice_part(in, done, in.n));
	return ms_buf_get(&buf);
}

static void
test_broken(void **state)
{
	static const struct {
		const char *from, *to;
		unsigned failed;
		const char *reason; /* begins so, behind "ARC set N: " */
		unsigned oldest;
	} list[] = {
		/* the message */
		{ "Good morning.", "Good evening.", 2,
		    "its message signature: the body was changed", 0 },
		{ "Subject: Minutes", "Subject: Hours", 2,
		    "its message signature: the body is unchanged, but", 0 },
		/* the sets */
		{ "ARC-Seal: i=2", "X-Seal: i=2", 2,
		    "one of its three fields is missing", 1 },
		{ "ARC-Authentication-Results: i=1", "X: i=1", 1,
		    "one of its three fields is missing", 1 },
		{ "ARC-Seal: i=2", "ARC-Seal: i=1", 1,
		    "one of its fields is there twice", 1 },
		{ "ARC-Seal: i=2", "ARC-Seal: i=0", 0,
		    "an ARC field has no valid instance", 1 },
		{ "ARC-Seal: i=2", "ARC-Seal: i=51", 0,
		    "an ARC field has no valid instance", 1 },
		{ "ARC-Seal: i=2", "ARC-Seal: i=2x", 0,
		    "an ARC field has no valid instance", 1 },
		{ "Results: i=2;", "Results: 2;", 0,
		    "an ARC field has no valid instance", 1 },
		{ "Results: i=2;", "Results: (c) i = (c) 2 (c);", 2,
		    "its seal: what was signed was changed", 1 },
		/* cv= */
		{ "i=2; cv=pass", "i=2; cv=fail", 2,
		    "its seal says that the chain was broken", 1 },
		{ "i=2; cv=pass", "i=2; cv=none", 2,
		    "its seal does not say cv=pass", 1 },
		{ "i=1; cv=none", "i=1; cv=pass", 1,
		    "its seal does not say cv=none", 1 },
		{ "i=1; cv=none", "i=1; x=none", 1,
		    "its seal does not say cv=none", 1 },
		/* the seals */
		{ "arc=pass;", "arc=none;", 2,
		    "its seal: what was signed was changed", 1 },
		{ "i=1; lists", "i=1;  lists", 0, NULL, 1 }, /* relaxed */
		{ "i=2; cv=pass;", "i=2; cv=pass; h=from;", 2,
		    "its seal: the seal has h=", 1 },
		{ "ARC-Message-Signature: i=2; a=rsa-sha256",
		    "ARC-Message-Signature: i=2; a=rsa-sha1", 2,
		    "its message signature: ", 0 },
		{ "h=from : to", "h=from : arc-seal : to", 2,
		    "its message signature: h= takes in ARC-Seal", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct judged j;
		const char *reason;

		start(&j, zone);
		judge(&j, replace(j.test.arena, MS_SLICE(sealed), list[i].from,
			      list[i].to, false));
		reason = j.arc.reason;
		if (list[i].failed > 0 && strlen(reason) > 11)
			reason += strlen("ARC set 2: ");
		if (j.arc.failed_instance != list[i].failed)
			print_error("%s: %s\n", list[i].to, j.arc.reason);
		assert_int_equal(j.arc.failed_instance, list[i].failed);
		assert_int_equal(
		    j.arc.result, list[i].reason ? MS_AUTH_FAIL : MS_AUTH_PASS);
		if (list[i].reason &&
		    strncmp(reason, list[i].reason, strlen(list[i].reason)))
			fail_msg("%s: %s", list[i].to, reason);
		assert_int_equal(j.arc.oldest_pass, list[i].oldest);
		end(&j);
	}
}

/* The last has changed the message and sealed it again: the first message
 * signature is broken, the chain is not. Here a set that is missing its
 * message counts for it. */
static void
test_oldest(void **state)
{
	struct judged j;

	(void)state;
	start(&j, zone);
	judge(&j, replace(j.test.arena, MS_SLICE(sealed), "fsZvjrq8cu",
		      "fsZvjrq9cu", false));
	assert_int_equal(j.arc.result, MS_AUTH_FAIL); /* the seals cover it */
	assert_int_equal(j.arc.oldest_pass, 2);
	end(&j);
}

static void
test_no_key(void **state)
{
	struct judged j;

	(void)state;
	start(&j, "one._domainkey.lists.example. IN TXT " KEY "\n");
	judge(&j, MS_SLICE(sealed));
	assert_int_equal(j.arc.result, MS_AUTH_FAIL);
	assert_int_equal(j.arc.instances[1].as.code, MS_DKIM_NO_KEY);
	end(&j);
}

/* Each question fails in its turn: nothing is said against the chain. */
static void
test_failures(void **state)
{
	struct judged j;

	(void)state;
	start(&j, zone);
	for (size_t i = 0; i < 2; i++) {
		test_dns_reset(&j.dns);
		j.dns.fail_at = i;
		judge(&j, MS_SLICE(sealed));
		assert_int_equal(j.arc.result, MS_AUTH_TEMPERROR);
		assert_int_equal(j.arc.failed_instance, i + 1);
	}
	/* where something else does speak against it, it is a fail */
	test_dns_reset(&j.dns);
	j.dns.fail_at = 0;
	judge(&j, replace(j.test.arena, MS_SLICE(sealed), "Good", "Bad", true));
	assert_int_equal(j.arc.result, MS_AUTH_FAIL);
	end(&j);
}

static void
test_limits(void **state)
{
	struct judged j;

	(void)state;
	start(&j, zone);
	j.env.limits.arc_sets = 1;
	judge(&j, MS_SLICE(sealed));
	assert_int_equal(j.arc.result, MS_AUTH_FAIL);
	assert_true(j.arc.truncated);
	end(&j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_oldest),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
