/* SPDX-License-Identifier: ISC
 * test_dmarc.c - evaluation by RFC 9989 and RFC 7489, and what failed
 * questions do to it
 */
#include "mailsonde/dmarc.h"

#include "dnstest.h"
#include "test.h"

static const char zone[] =
    "_dmarc.own.example. TXT \"v=DMARC1; p=reject; sp=none\"\n"
    "_dmarc.sub.own.example. TXT \"v=DMARC1; p=quarantine\"\n"
    "_dmarc.strict.example. TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
    "_dmarc.np.example. TXT \"v=DMARC1; p=reject; sp=quarantine; np=none\"\n"
    "there.np.example. A 192.0.2.1\n"
    "_dmarc.same.example. TXT \"v=DMARC1; p=reject; np=reject\"\n"
    "_dmarc.test.example. TXT \"v=DMARC1; p=reject; t=y\"\n"
    "_dmarc.pct.example. TXT \"v=DMARC1; p=reject; pct=0\"\n"
    "_dmarc.two.example. TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.two.example. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.empty.example. TXT \"v=DMARC1; adkim=s\"\n"
    "_dmarc.bank. TXT \"v=DMARC1; p=reject; sp=quarantine; psd=y\"\n"
    "_dmarc.giant.bank. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.dept.own.example. TXT \"v=DMARC1; p=none; psd=n\"\n"
    "_dmarc.github.io. TXT \"v=DMARC1; p=quarantine\"\n"
    "_dmarc.xn--bcher-kva.example. TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.late.example. TXT \"v=DMARC1; p=reject; sp=none; np=reject\"\n"
    ";; timeout _dmarc.dead.example\n"
    ";; servfail ghost.late.example A\n";

#define DKIM_MAX 4

struct dmarc_case {
	const char *from;       /* "a,b": of two authors */
	const char *spf, *dkim; /* "pass:domain", DKIM "… …" */
	/* result cause policy disposition policy_domain organization aligned
	 * (s, d or -) */
	const char *want;
	const char *rfc7489; /* NULL: the same */
};

static const struct dmarc_case cases[] = {
	/* alignment */
	{ "own.example", "pass:own.example", "",
	    "pass aligned reject none own.example own.example s", NULL },
	{ "own.example", "pass:a.b.own.example", "pass:x.own.example",
	    "pass aligned reject none own.example own.example sd", NULL },
	{ "Own.Example.", "pass:OWN.example", "",
	    "pass aligned reject none own.example own.example s", NULL },
	{ "own.example", "fail:own.example", "pass:other.example",
	    "fail unaligned reject reject own.example own.example -", NULL },
	{ "own.example", "softfail:own.example", "policy:own.example",
	    "fail unaligned reject reject own.example own.example -", NULL },
	{ "own.example", "", "fail:own.example pass:own.example",
	    "pass aligned reject none own.example own.example d", NULL },
	{ "own.example", "pass:xown.example", "pass:example",
	    "fail unaligned reject reject own.example own.example -", NULL },
	{ "strict.example", "pass:a.strict.example", "pass:a.strict.example",
	    "fail unaligned reject reject strict.example strict.example -",
	    NULL },
	{ "strict.example", "pass:a.strict.example", "pass:strict.example",
	    "pass aligned reject none strict.example strict.example d", NULL },
	/* whose policy */
	{ "sub.own.example", "pass:own.example", "",
	    "pass aligned quarantine none sub.own.example own.example s",
	    NULL },
	{ "other.own.example", "", "",
	    "fail unaligned none none own.example own.example -", NULL },
	{ "there.np.example", "", "",
	    "fail unaligned quarantine quarantine np.example np.example -",
	    NULL },
	{ "ghost.np.example", "", "",
	    "fail unaligned none none np.example np.example -",
	    "fail unaligned quarantine quarantine np.example np.example -" },
	{ "np.example", "", "",
	    "fail unaligned reject reject np.example np.example -", NULL },
	{ "test.example", "", "",
	    "fail unaligned reject quarantine test.example test.example -",
	    "fail unaligned reject reject test.example test.example -" },
	{ "pct.example", "", "",
	    "fail unaligned reject reject pct.example pct.example -",
	    "fail unaligned reject quarantine pct.example pct.example -" },
	/* public suffixes: psd= against the list */
	{ "a.dept.own.example", "pass:own.example", "",
	    "fail unaligned none none dept.own.example dept.own.example -",
	    "pass aligned none none own.example own.example s" },
	{ "mail.giant.bank", "", "pass:giant.bank",
	    "pass aligned none none giant.bank giant.bank d", NULL },
	{ "mail.mega.bank", "", "pass:mail.giant.bank",
	    "fail unaligned quarantine quarantine bank mega.bank -",
	    "none no-record - - - mega.bank -" },
	{ "bank", "", "", "fail unaligned reject reject bank bank -", NULL },
	{ "me.github.io", "pass:you.github.io", "",
	    "pass aligned quarantine none github.io github.io s",
	    "none no-record - - - me.github.io -" },
	/* nothing that applies */
	{ "norecord.example", "pass:norecord.example", "",
	    "none no-record - - - norecord.example -", NULL },
	{ "two.example", "pass:two.example", "",
	    "none multiple-records - - - two.example -", NULL },
	{ "empty.example", "pass:empty.example", "",
	    "none unusable-record - - empty.example empty.example -", NULL },
	/* authors */
	{ "", "pass:own.example", "", "none no-author-domain - - - - -", NULL },
	{ "[192.0.2.1]", "", "", "none no-author-domain - - - - -", NULL },
	{ "a..b", "", "", "none no-author-domain - - - - -", NULL },
	{ "own.example,OWN.example.", "pass:own.example", "",
	    "pass aligned reject none own.example own.example s", NULL },
	{ "own.example,other.example", "pass:own.example", "",
	    "permerror several-author-domains - - - - -", NULL },
	{ "b\xc3\xbc"
	  "cher.example",
	    "", "pass:xn--bcher-kva.example",
	    "pass aligned reject none xn--bcher-kva.example "
	    "xn--bcher-kva.example d",
	    NULL },
	/* what could not be told */
	{ "dead.example", "pass:dead.example", "",
	    "temperror dns-failed - - - - -",
	    "temperror dns-failed - - - dead.example -" },
	{ "a.dead.example", "pass:a.dead.example", "",
	    "temperror dns-failed - - - - -",
	    "temperror dns-failed - - - dead.example -" },
	{ "own.example", "temperror:mail.own.example", "",
	    "temperror authentication-untold reject - own.example "
	    "own.example -",
	    NULL },
	{ "own.example", "", "temperror:own.example fail:own.example",
	    "temperror authentication-untold reject - own.example "
	    "own.example -",
	    NULL },
	{ "own.example", "temperror:mail.own.example", "pass:own.example",
	    "pass aligned reject none own.example own.example d", NULL },
	{ "own.example", "temperror:elsewhere.example", "",
	    "fail unaligned reject reject own.example own.example -", NULL },
	{ "ghost.late.example", "", "",
	    "temperror dns-failed - - late.example late.example -",
	    "fail unaligned none none late.example late.example -" },
	{ "ghost.late.example", "pass:late.example", "",
	    "pass aligned - none late.example late.example s",
	    "pass aligned none none late.example late.example s" },
};

/* ---- reading the table ---- */

static struct ms_dmarc_identifier
identifier(struct ms_slice text)
{
	size_t colon = ms_slice_find(text, 0, ':');
	struct ms_dmarc_identifier out = { MS_AUTH_NONE,
		ms_slice_part(text, colon + 1, text.n) };

	if (text.n == 0)
		out.domain.p = NULL;
	else
		assert_true(ms_auth_result_parse(
		    ms_slice_part(text, 0, colon), &out.result));
	return out;
}

static void
evaluate(struct test_world *world, const struct dmarc_case *c,
    struct ms_dmarc_result *out)
{
	struct ms_dmarc_identifier dkim[DKIM_MAX];
	struct ms_slice from[2], rest = ms_slice_from(c->from), item;
	struct ms_dmarc_request request = { .from = from,
		.spf = identifier(ms_slice_from(c->spf)),
		.dkim = dkim };

	while (rest.n > 0 && ms_taglist_item(&rest, ',', &item))
		from[request.from_n++] = item;
	rest = ms_slice_from(c->dkim);
	while (rest.n > 0 && ms_taglist_item(&rest, ' ', &item))
		dkim[request.dkim_n++] = identifier(item);
	ms_dmarc_evaluate(&world->env, world->arena, &request, out);
}

static struct ms_slice
render(struct ms_arena *arena, const struct ms_dmarc_judgement *j)
{
	const char *policy = ms_dmarc_policy_name(j->policy);
	const char *disposition = ms_dmarc_policy_name(j->disposition);
	struct ms_slice dash = MS_SLICE("-");
	struct ms_slice domain = j->policy_domain.p ? j->policy_domain : dash;
	struct ms_slice organization =
	    j->organizational_domain.p ? j->organizational_domain : dash;

	return ms_slice_from(
	    ms_arena_printf(arena, "%s %s %s %s %.*s %.*s %s%s%s",
		ms_auth_result_name(j->result), ms_dmarc_cause_name(j->cause),
		policy ? policy : "-", disposition ? disposition : "-",
		(int)domain.n, (const char *)domain.p, (int)organization.n,
		(const char *)organization.p, j->spf_aligned ? "s" : "",
		j->dkim_aligned ? "d" : "",
		j->spf_aligned || j->dkim_aligned ? "" : "-"));
}

static void
evaluations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct dmarc_case *c = &cases[i];
		struct ms_dmarc_result out;
		struct test_world world;

		test_world_init(&world, zone);
		evaluate(&world, c, &out);
		assert_slice(render(world.arena, &out.rfc9989), c->want);
		assert_slice(render(world.arena, &out.rfc7489),
		    c->rfc7489 ? c->rfc7489 : c->want);
		assert_non_null(out.rfc9989.reason);
		assert_non_null(out.rfc7489.reason);
		/* Where the two part it is said; where not, nothing is. */
		if ((out.difference != NULL) !=
		    (c->rfc7489 &&
			!(out.rfc9989.result == MS_AUTH_TEMPERROR &&
			    out.rfc7489.result == MS_AUTH_TEMPERROR)))
			fail_msg("%s: %s", c->from,
			    out.difference ? out.difference : "no difference");
		assert_false(out.truncated);
		test_world_done(&world);
	}
}

/* Each question of each case fails in turn: no result becomes pass, fail or
 * none by it. */
static void
failures(void **state)
{
	static const enum ms_dns_status how[] = { MS_DNS_TIMEOUT,
		MS_DNS_SERVFAIL, MS_DNS_REFUSED, MS_DNS_BOGUS, MS_DNS_OFFLINE };
	size_t untold = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct dmarc_case *c = &cases[i];

		for (size_t at = 0; at < 32; at++) {
			struct ms_dmarc_result out, whole;
			struct test_world world;

			test_world_init(&world, zone);
			evaluate(&world, c, &whole);
			if (at >= whole.questions_n) {
				test_world_done(&world);
				break;
			}
			world.asked = 0;
			world.fail_at = at;
			world.failure = how[(i + at) % 5];
			evaluate(&world, c, &out);
			assert_true(world.asked > at);
			if (out.rfc9989.result != MS_AUTH_TEMPERROR)
				assert_int_equal(
				    out.rfc9989.result, whole.rfc9989.result);
			else
				assert_int_equal(
				    out.rfc9989.disposition, MS_DMARC_ABSENT);
			if (out.rfc7489.result != MS_AUTH_TEMPERROR)
				assert_int_equal(
				    out.rfc7489.result, whole.rfc7489.result);
			untold += out.rfc9989.result == MS_AUTH_TEMPERROR;
			test_world_done(&world);
		}
	}
	assert_true(untold > 50);
}

/* The question that the result turns on is named. */
static void
failed_question(void **state)
{
	static const struct dmarc_case c = { "a.b.example", "pass:b.example",
		"", NULL, NULL };
	struct ms_dmarc_result out;
	struct test_world world;

	(void)state;
	test_world_init(&world, "_dmarc.b.example. TXT \"v=DMARC1; p=reject\"\n"
				";; timeout _dmarc.example TXT\n");
	evaluate(&world, &c, &out);
	assert_int_equal(out.rfc9989.result, MS_AUTH_TEMPERROR);
	assert_non_null(strstr(out.rfc9989.reason, "_dmarc.example TXT"));
	assert_null(out.rfc9989.organizational_domain.p);
	/* The suffix list does not need that question. */
	assert_int_equal(out.rfc7489.result, MS_AUTH_PASS);
	test_world_done(&world);
}

/* Nobody is asked about an identifier that cannot be aligned, nor twice. */
static void
questions(void **state)
{
	static const struct dmarc_case c = { "own.example",
		"pass:mail.other.example",
		"pass:a.own.example pass:b.own.example pass:a.own.example",
		NULL, NULL };
	static const char *const want[] = { "_dmarc.own.example",
		"_dmarc.example", "_dmarc.a.own.example",
		"_dmarc.b.own.example" };
	const struct ms_dmarc_question *q;
	struct ms_dmarc_result out;
	struct test_world world;

	(void)state;
	test_world_init(&world, zone);
	evaluate(&world, &c, &out);
	assert_int_equal(out.questions_n, 4);
	assert_int_equal(world.asked, 4);
	q = out.questions;
	for (size_t i = 0; i < 4; i++, q = q->next)
		assert_slice(q->name, want[i]);
	assert_int_equal(out.questions->purpose, MS_DMARC_FOR_AUTHOR |
						     MS_DMARC_FOR_IDENTIFIER |
						     MS_DMARC_FOR_RFC7489);
	test_world_done(&world);
}

/* Signatures without end ask no questions without end. */
static void
limit(void **state)
{
	struct ms_dmarc_identifier dkim[40];
	struct ms_slice from = MS_SLICE("own.example");
	struct ms_dmarc_request request = {
		.from = &from, .from_n = 1, .dkim = dkim, .dkim_n = 40
	};
	struct ms_dmarc_result out;
	struct test_world world;

	(void)state;
	test_world_init(&world, "_dmarc.own.example. TXT \"v=DMARC1; p=none\"\n"
				"_dmarc.dept.own.example. TXT \"v=DMARC1; "
				"p=none; psd=n\"\n");
	for (size_t i = 0; i < 40; i++) {
		dkim[i].result = MS_AUTH_PASS;
		dkim[i].domain = ms_slice_from(
		    ms_arena_printf(world.arena, "a%zu.dept.own.example", i));
	}
	ms_dmarc_evaluate(&world.env, world.arena, &request, &out);
	assert_true(out.truncated);
	assert_int_equal(out.rfc9989.result, MS_AUTH_TEMPERROR);
	assert_true(world.asked < 40);
	test_world_done(&world);
}

static void
no_list(void **state)
{
	static const struct dmarc_case c = { "own.example", "", "", NULL,
		NULL };
	struct ms_dmarc_result out;
	struct test_world world;
	struct ms_psl *psl;

	(void)state;
	test_world_init(&world, zone);
	psl = world.env.psl;
	world.env.psl = ms_psl_none();
	evaluate(&world, &c, &out);
	assert_int_equal(out.rfc9989.result, MS_AUTH_FAIL);
	assert_int_equal(out.rfc7489.cause, MS_DMARC_NO_LIST);
	assert_null(out.difference);
	world.env.psl = psl;
	test_world_done(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evaluations),
		cmocka_unit_test(failures),
		cmocka_unit_test(failed_question),
		cmocka_unit_test(questions),
		cmocka_unit_test(limit),
		cmocka_unit_test(no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
