/* SPDX-License-Identifier: ISC
 * test_spf.c - check_host(): results, reasons, counts, failures, round trips
 */
#include <stdio.h>

#include "mailsonde/spf.h"
#include "test.h"
#include "test_dns.h"

struct fixture {
	struct ms_arena *arena;
	struct test_dns dns;
	struct ms_env env;
	struct ms_spf_request request;
	struct ms_spf_result result;
};

static double clock_step, clock_now;

static double
ticks(void)
{
	return clock_now += clock_step;
}

static void
start(struct fixture *f, const char *zone, bool early)
{
	memset(f, 0, sizeof(*f));
	f->arena = ms_arena_new(NULL);
	test_dns_open(&f->dns, zone, early);
	f->env.dns = &f->dns.source;
	f->env.limits = ms_limits_fill(NULL);
	f->env.clock.now = 1700000000;
	clock_step = clock_now = 0;
}

static void
stop(struct fixture *f)
{
	test_dns_close(&f->dns);
	ms_arena_free(f->arena);
}

static enum ms_auth_result
check(struct fixture *f, const char *ip, const char *from, const char *helo)
{
	f->request.mail_from = ms_slice_from(from);
	f->request.helo = ms_slice_from(helo);
	assert_true(ms_ip_parse(ms_slice_from(ip), &f->request.ip));
	ms_spf_check(&f->env, f->arena, &f->request, &f->result);
	assert_non_null(f->result.reason);
	return f->result.result;
}

static const char zone[] =
    "example.org. TXT \"v=spf1 mx include:_spf.example.net -all\"\n"
    "example.org. MX 20 mx2.example.org.\n"
    "example.org. MX 10 mx1.example.org.\n"
    "example.org. MX 30 .\n"
    "mx1.example.org. A 192.0.2.1\n"
    "mx2.example.org. A 192.0.2.2\n"
    "mx2.example.org. AAAA 2001:db8::2\n"
    "_spf.example.net. TXT \"v=spf1 include:deep.example.net ?all\"\n"
    "deep.example.net. TXT \"v=spf1 ip4:198.51.100.0/24 "
    "ip6:2001:db8:1::/48 -ip4:0.0.0.0/0\"\n"
    "soft.example. TXT \"v=spf1 ip4:192.0.2.1 ~all\"\n"
    "plus.example. TXT \"v=spf1 +all\"\n"
    "neutral.example. TXT \"v=spf1 ip4:192.0.2.1\"\n"
    "to.example. TXT \"v=spf1 redirect=soft.example exp=x.example\"\n"
    "both.example. TXT \"v=spf1 redirect=soft.example -all\"\n"
    "lost.example. TXT \"v=spf1 redirect=nothing.example\"\n"
    "gone.example. TXT \"v=spf1 include:nothing.example +all\"\n"
    "bad.example. TXT \"v=spf1 ip4:192.0.2.1 -all ipv4:1.2.3.4\"\n"
    "two.example. TXT \"v=spf1 -all\"\n"
    "two.example. TXT \"v=spf1 +all\"\n"
    "spf.example. SPF \"v=spf1 -all\"\n"
    "text.example. TXT \"v=spf2 -all\"\n"
    "loop.example. TXT \"v=spf1 include:loop2.example -all\"\n"
    "loop2.example. TXT \"v=spf1 a redirect=loop.example\"\n"
    "loop2.example. A 192.0.2.9\n"
    "helo.example. TXT \"v=spf1 a -all\"\n"
    "helo.example. A 192.0.2.25\n"
    "macro.example. TXT \"v=spf1 exists:%{l}.%{i}._u.%{d} -all\"\n"
    "joe.192.0.2.1._u.macro.example. A 127.0.0.2\n"
    "six._u.macro.example. AAAA ::1\n"
    "dead.example. TXT \"v=spf1 a:slow.example -all\"\n"
    ";; timeout slow.example\n"
    "xn--bcher-kva.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "odd.example. TXT \"v=spf1 a:a..example a:%{h} -all\"\n"
    "void.example. TXT \"v=spf1 a:a.no.example mx:b.no.example "
    "exists:c.no.example +all\"\n"
    "void2.example. TXT \"v=spf1 a:a.no.example mx:b.no.example +all\"\n"
    "mxvoid.example. TXT \"v=spf1 mx a -all\"\n"
    "mxvoid.example. MX 1 a.no.example.\n"
    "mxvoid.example. MX 2 b.no.example.\n"
    "mxvoid.example. MX 3 c.no.example.\n"
    "mxvoid.example. MX 4 mx1.example.org.\n"
    "mxvoid.example. A 192.0.2.80\n"
    "mx6.example. TXT \"v=spf1 mx -all\"\n"
    "mx6.example. MX 1 mx1.example.org.\n"
    "mx6.example. MX 2 mx2.example.org.\n"
    "exp.example. TXT \"v=spf1 exp=why.%{d} -all\"\n"
    "why.exp.example. TXT \"%{c} is not %{o}, says %{l}\"\n"
    "inexp.example. TXT \"v=spf1 include:exp.example -all\"\n";

struct judgement {
	const char *ip, *from, *helo;
	enum ms_auth_result want;
	const char *reason;
	unsigned lookups, voids;
};

static const struct judgement judgements[] = {
	{ "192.0.2.1", "joe@example.org", "", MS_AUTH_PASS,
	    "192.0.2.1 may send for example.org: mx matched "
	    "(mx1.example.org has 192.0.2.1)",
	    1, 0 },
	{ "::ffff:192.0.2.2", "joe@Example.ORG.", "", MS_AUTH_PASS,
	    "192.0.2.2 may send for example.org: mx matched "
	    "(mx2.example.org has 192.0.2.2)",
	    1, 0 },
	{ "198.51.100.7", "joe@example.org", "", MS_AUTH_PASS,
	    "198.51.100.7 may send for example.org: "
	    "include:_spf.example.net matched ip4:198.51.100.0/24 of "
	    "deep.example.net",
	    3, 0 },
	{ "203.0.113.1", "joe@example.org", "", MS_AUTH_FAIL,
	    "203.0.113.1 may not send for example.org: nothing before "
	    "-all matched",
	    3, 0 },
	{ "2001:db8:1::1", "x@_spf.example.net", "", MS_AUTH_PASS,
	    "2001:db8:1::1 may send for _spf.example.net: "
	    "include:deep.example.net matched ip6:2001:db8:1::/48",
	    1, 0 },
	{ "203.0.113.1", "x@deep.example.net", "", MS_AUTH_FAIL,
	    "203.0.113.1 may not send for deep.example.net: "
	    "-ip4:0.0.0.0/0 matched",
	    0, 0 },
	{ "192.0.2.2", "x@soft.example", "", MS_AUTH_SOFTFAIL,
	    "192.0.2.2 should not send for soft.example: nothing "
	    "before ~all matched",
	    0, 0 },
	{ "192.0.2.2", "x@plus.example", "", MS_AUTH_PASS,
	    "192.0.2.2 may send for plus.example: +all matched", 0, 0 },
	{ "192.0.2.2", "x@neutral.example", "", MS_AUTH_NEUTRAL,
	    "neutral.example does not say whether 192.0.2.2 may send: "
	    "no term matched, and there is no \"all\"",
	    0, 0 },
	{ "192.0.2.2", "x@to.example", "", MS_AUTH_SOFTFAIL,
	    "192.0.2.2 should not send for to.example: nothing before "
	    "~all matched, in the record of soft.example",
	    1, 0 },
	{ "192.0.2.1", "x@both.example", "", MS_AUTH_FAIL,
	    "192.0.2.1 may not send for both.example: nothing before "
	    "-all matched",
	    0, 0 },
	{ "192.0.2.1", "x@lost.example", "", MS_AUTH_PERMERROR,
	    "redirect=nothing.example of lost.example names a domain "
	    "without an SPF record",
	    1, 0 },
	{ "192.0.2.1", "x@gone.example", "", MS_AUTH_PERMERROR,
	    "include:nothing.example of gone.example names a domain "
	    "without an SPF record",
	    1, 0 },
	{ "192.0.2.1", "x@bad.example", "", MS_AUTH_PERMERROR,
	    "the SPF record of bad.example has an error at "
	    "\"ipv4:1.2.3.4\": unknown mechanism (octet 26)",
	    0, 0 },
	{ "192.0.2.1", "x@two.example", "", MS_AUTH_PERMERROR,
	    "two.example publishes 2 SPF records, not one", 0, 0 },
	{ "192.0.2.1", "x@spf.example", "", MS_AUTH_NONE,
	    "spf.example publishes no SPF record", 0, 0 },
	{ "192.0.2.1", "x@text.example", "", MS_AUTH_NONE,
	    "text.example publishes no SPF record", 0, 0 },
	{ "192.0.2.1", "x@no.such.example", "", MS_AUTH_NONE,
	    "no.such.example does not exist", 0, 0 },
	{ "192.0.2.1", "x@localhost", "", MS_AUTH_NONE,
	    "localhost is no full domain name, so nothing can be "
	    "published there",
	    0, 0 },
	{ "192.0.2.1", "x@a..example", "", MS_AUTH_NONE,
	    "a..example is no full domain name, so nothing can be "
	    "published there",
	    0, 0 },
	{ "192.0.2.1", "x@[192.0.2.1]", "", MS_AUTH_NONE,
	    "[192.0.2.1] is an address, not a domain name", 0, 0 },
	{ "192.0.2.1", "", "", MS_AUTH_NONE,
	    "there is no domain to judge: the sender is null and the "
	    "HELO name is not known",
	    0, 0 },
	{ "192.0.2.25", "", "helo.example", MS_AUTH_PASS,
	    "192.0.2.25 may send for helo.example: a matched "
	    "(helo.example has 192.0.2.25)",
	    1, 0 },
	{ "192.0.2.1", "x@loop.example", "", MS_AUTH_PERMERROR,
	    "redirect=loop.example of loop2.example comes back to a "
	    "record that led there",
	    3, 0 },
	{ "192.0.2.1", "joe@macro.example", "", MS_AUTH_PASS,
	    "192.0.2.1 may send for macro.example: "
	    "exists:%{l}.%{i}._u.%{d} matched "
	    "(joe.192.0.2.1._u.macro.example exists)",
	    1, 0 },
	{ "192.0.2.1", "macro.example", "", MS_AUTH_FAIL,
	    "192.0.2.1 may not send for macro.example: nothing before "
	    "-all matched",
	    1, 1 },
	{ "192.0.2.1", "j\xc3\xb6@macro.example", "", MS_AUTH_FAIL,
	    "192.0.2.1 may not send for macro.example: nothing before "
	    "-all matched",
	    1, 0 },
	{ "192.0.2.1", "x@dead.example", "", MS_AUTH_TEMPERROR,
	    "could not tell: the A look-up of slow.example failed (no "
	    "answer in time (so says the zone file))",
	    1, 0 },
	{ "192.0.2.1",
	    "x@b\xc3\xbc"
	    "cher.example",
	    "", MS_AUTH_PASS,
	    "192.0.2.1 may send for xn--bcher-kva.example: "
	    "ip4:192.0.2.1 matched",
	    0, 0 },
	{ "192.0.2.1", "x@odd.example", "no one.example", MS_AUTH_FAIL,
	    "192.0.2.1 may not send for odd.example: nothing before "
	    "-all matched",
	    2, 1 },
	{ "192.0.2.1", "x@void.example", "", MS_AUTH_PERMERROR,
	    "more than 2 look-ups found nothing, the last of them at "
	    "exists:c.no.example of void.example",
	    3, 3 },
	{ "192.0.2.1", "x@void2.example", "", MS_AUTH_PASS,
	    "192.0.2.1 may send for void2.example: +all matched", 2, 2 },
	{ "192.0.2.80", "x@mxvoid.example", "", MS_AUTH_PASS,
	    "192.0.2.80 may send for mxvoid.example: a matched "
	    "(mxvoid.example has 192.0.2.80)",
	    2, 1 },
	{ "2001:db8::2", "x@mx6.example", "", MS_AUTH_PASS,
	    "2001:db8::2 may send for mx6.example: mx matched "
	    "(mx2.example.org has 2001:db8::2)",
	    1, 1 },
};

static void
check_all(struct fixture *f)
{
	for (size_t i = 0; i < sizeof(judgements) / sizeof(*judgements); i++) {
		const struct judgement *c = &judgements[i];

		f->env.careful = i % 2;
		if (check(f, c->ip, c->from, c->helo) != c->want ||
		    strcmp(f->result.reason, c->reason) != 0 ||
		    f->result.lookups != c->lookups ||
		    f->result.void_lookups != c->voids)
			fail_msg("%s %s: %s, %u, %u: %s", c->ip, c->from,
			    ms_auth_result_name(f->result.result),
			    f->result.lookups, f->result.void_lookups,
			    f->result.reason);
	}
}

static void
test_results(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, zone, true);
	check_all(&f);
	stop(&f);
}

/* What a run has read once is not asked for again, and changes nothing. */
static void
test_memory(void **state)
{
	struct ms_dns_name name;
	struct fixture f;

	(void)state;
	start(&f, zone, true);
	f.env.spf = ms_spf_memory_new(1000, NULL);
	check_all(&f);
	check_all(&f);
	assert_true(ms_dns_name_from_text(MS_SLICE("deep.example.net"), &name));
	for (size_t i = 0; i < f.dns.n; i++)
		if (ms_dns_name_equal(&f.dns.list[i].question.name, &name))
			assert_int_equal(f.dns.list[i].asked, 1);
	/* What failed is asked for again. */
	test_dns_reset(&f.dns);
	f.dns.fail_at = 0;
	assert_int_equal(
	    check(&f, "192.0.2.1", "x@new.example", ""), MS_AUTH_TEMPERROR);
	f.dns.fail_at = SIZE_MAX;
	assert_int_equal(
	    check(&f, "192.0.2.1", "x@new.example", ""), MS_AUTH_NONE);
	ms_spf_memory_free(f.env.spf);
	ms_spf_memory_free(NULL);
	stop(&f);
}

/* What decided, and the tree. */
static void
test_trail(void **state)
{
	const struct ms_spf_step *step;
	struct fixture f;

	(void)state;
	start(&f, zone, false);
	check(&f, "198.51.100.7", "joe@example.org", "");
	assert_slice(f.result.domain, "example.org");
	assert_slice(f.result.term->term->text, "include:_spf.example.net");
	assert_slice(f.result.cause->term->text, "ip4:198.51.100.0/24");
	assert_slice(f.result.cause_at->domain, "deep.example.net");
	step = f.result.trail->steps;
	assert_slice(step->term->text, "mx");
	assert_slice(step->target, "example.org");
	assert_int_equal(step->match, MS_SPF_NO_MATCH);
	assert_int_equal(step->lookups, 1);
	step = step->next;
	assert_int_equal(step->match, MS_SPF_MATCH);
	assert_int_equal(step->lookups, 2);
	assert_null(step->next);
	assert_int_equal(step->trail->result, MS_AUTH_PASS);
	assert_slice(step->trail->steps->trail->domain, "deep.example.net");
	assert_slice(step->trail->steps->trail->record.text,
	    "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 "
	    "-ip4:0.0.0.0/0");

	check(&f, "192.0.2.2", "x@to.example", "");
	assert_slice(f.result.term->term->text, "~all");
	assert_slice(f.result.at->domain, "soft.example");
	assert_slice(f.result.trail->last->term->text, "redirect=soft.example");

	check(&f, "192.0.2.1", "x@bad.example", "");
	assert_int_equal(f.result.problem, MS_SPF_SYNTAX);
	assert_slice(f.result.problem_at->domain, "bad.example");
	assert_null(f.result.term);
	stop(&f);
}

static void
test_scopes(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, zone, false);
	f.request.scope = MS_SPF_HELO;
	assert_int_equal(
	    check(&f, "192.0.2.25", "x@soft.example", "helo.example"),
	    MS_AUTH_PASS);
	assert_slice(f.result.domain, "helo.example");
	assert_string_equal(ms_spf_scope_name(f.result.scope), "helo");
	assert_int_equal(
	    check(&f, "192.0.2.25", "x@soft.example", ""), MS_AUTH_NONE);
	assert_string_equal(f.result.reason, "there is no HELO name to judge");
	f.request.scope = MS_SPF_MAIL_FROM;
	check(&f, "192.0.2.25", "x@soft.example", "helo.example");
	assert_slice(f.result.domain, "soft.example");
	assert_false(f.result.null_sender);
	check(&f, "192.0.2.25", "", "helo.example");
	assert_true(f.result.null_sender);
	assert_string_equal(ms_spf_scope_name(f.result.scope), "mfrom");
	stop(&f);
}

static void
test_explanation(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, zone, false);
	assert_int_equal(
	    check(&f, "192.0.2.1", "@exp.example", ""), MS_AUTH_FAIL);
	assert_slice(f.result.explanation,
	    "192.0.2.1 is not exp.example, says postmaster");
	/* Not one's own in ASCII: none (6.2). */
	check(&f, "192.0.2.1", "j\xc3\xb6@exp.example", "");
	assert_null(f.result.explanation.p);
	assert_string_equal(
	    f.result.explanation_note, "its text would not be ASCII");
	/* That of an included record is never used (6.2). */
	check(&f, "192.0.2.1", "x@inexp.example", "");
	assert_null(f.result.explanation.p);
	assert_null(f.result.explanation_note);
	stop(&f);
}

/* ---- limits, 4.6.4 ---- */

static void
test_lookup_limit(void **state)
{
	static const char text[] =
	    "ten.example. TXT \"v=spf1 a a a a a a a a a a ip4:192.0.2.7 "
	    "-all\"\n"
	    "ten.example. A 192.0.2.1\n"
	    "more.example. TXT \"v=spf1 include:five.example "
	    "include:five.example include:ten.example a +all\"\n"
	    "five.example. TXT \"v=spf1 a:ten.example a:ten.example "
	    "a:ten.example a:ten.example ~all\"\n"
	    "far.example. TXT \"v=spf1 a a a a a a a a a a redirect="
	    "five.example\"\n"
	    "far.example. A 192.0.2.1\n";
	struct fixture f;

	(void)state;
	start(&f, text, true);
	assert_int_equal(
	    check(&f, "192.0.2.7", "x@ten.example", ""), MS_AUTH_PASS);
	assert_int_equal(f.result.lookups, 10);
	assert_int_equal(
	    check(&f, "192.0.2.7", "x@far.example", ""), MS_AUTH_PERMERROR);
	assert_int_equal(f.result.problem, MS_SPF_LOOKUP_LIMIT);
	assert_int_equal(f.result.lookups_needed, 15);
	assert_int_equal(
	    check(&f, "192.0.2.7", "x@more.example", ""), MS_AUTH_PERMERROR);
	assert_int_equal(f.result.lookups, 11);
	assert_int_equal(f.result.lookups_needed, 22);
	assert_string_equal(f.result.reason,
	    "more.example needs 22 DNS look-ups; the limit is 10");
	f.env.careful = true;
	assert_int_equal(
	    check(&f, "192.0.2.7", "x@more.example", ""), MS_AUTH_PERMERROR);
	assert_int_equal(f.result.lookups_needed, 0);
	assert_string_equal(f.result.reason,
	    "more.example needs more than the limit of 10 DNS look-ups");
	stop(&f);
}

static void
test_names_limit(void **state)
{
	struct ms_buf buf;
	struct fixture f;

	(void)state;
	start(&f, "x.example. A 192.0.2.1\n", true);
	ms_buf_init(&buf, f.arena);
	ms_buf_text(&buf, "mx.example. TXT \"v=spf1 mx -all\"\n"
			  "ptr.example. TXT \"v=spf1 ptr -all\"\n");
	for (int i = 0; i < 11; i++) {
		ms_buf_printf(&buf, "mx.example. MX %d m%d.example.\n", i, i);
		ms_buf_printf(&buf, "m%d.example. A 192.0.2.%d\n", i, i);
		for (int k = 0; k <= i && i >= 9; k++)
			ms_buf_printf(&buf,
			    "%d.2.0.192.in-addr.arpa. PTR p%d.%sexample.\n", i,
			    k, k == i ? "ptr." : "");
		ms_buf_printf(&buf, "p%d.ptr.example. A 192.0.2.%d\n", i, i);
	}
	ms_buf_byte(&buf, '\0');
	test_dns_close(&f.dns);
	test_dns_open(&f.dns, (const char *)buf.p, true);
	assert_int_equal(
	    check(&f, "192.0.2.0", "x@mx.example", ""), MS_AUTH_PERMERROR);
	assert_int_equal(f.result.problem, MS_SPF_MX_LIMIT);
	/* Ten PTR names and eleven: the last does not count. */
	assert_int_equal(
	    check(&f, "192.0.2.9", "x@ptr.example", ""), MS_AUTH_PASS);
	assert_int_equal(
	    check(&f, "192.0.2.10", "x@ptr.example", ""), MS_AUTH_FAIL);
	assert_non_null(f.result.trail->steps->note);
	stop(&f);
}

static void
test_time_limit(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, zone, false);
	f.env.clock.ticks = ticks;
	clock_step = 4;
	assert_int_equal(
	    check(&f, "198.51.100.7", "x@example.org", ""), MS_AUTH_TEMPERROR);
	assert_string_equal(f.result.reason,
	    "could not tell: the TXT look-up of deep.example.net failed (the "
	    "time for one check, 20 seconds, was over (RFC 7208 4.6.4))");
	clock_step = 3;
	assert_int_equal(
	    check(&f, "198.51.100.7", "x@example.org", ""), MS_AUTH_PASS);
	stop(&f);
}

/* ---- a failed look-up is never an absence ---- */

static const char doubt_zone[] =
    "all.example. TXT \"v=spf1 mx a:h.example include:i.example "
    "exists:%{i}.e.example redirect=r.example exp=w.example\"\n"
    "all.example. MX 1 m1.example.\n"
    "all.example. MX 2 m2.example.\n"
    "m1.example. A 192.0.2.1\n"
    "m2.example. A 192.0.2.2\n"
    "h.example. A 192.0.2.3\n"
    "i.example. TXT \"v=spf1 a:h.example a:k.example -all\"\n"
    "k.example. A 192.0.2.4\n"
    "r.example. TXT \"v=spf1 a exp=w.example -all\"\n"
    "r.example. A 192.0.2.5\n"
    "w.example. TXT \"because\"\n"
    "ptr.example. TXT \"v=spf1 ptr -all\"\n"
    "9.2.0.192.in-addr.arpa. PTR h.ptr.example.\n"
    "9.2.0.192.in-addr.arpa. PTR h.other.example.\n"
    "h.ptr.example. A 192.0.2.9\n"
    "8.2.0.192.in-addr.arpa. PTR h.ptr.example.\n"
    "7.2.0.192.in-addr.arpa. PTR h.other.example.\n"
    "ptr4.example. TXT \"v=spf1 ptr ip4:192.0.2.7 -all\"\n"
    "minus.example. TXT \"v=spf1 -ptr ip4:192.0.2.7 -all\"\n"
    "inptr.example. TXT \"v=spf1 ?include:ptr.example -all\"\n"
    "inptr2.example. TXT \"v=spf1 -include:ptr.example -all\"\n"
    "toptr.example. TXT \"v=spf1 redirect=ptr.example\"\n"
    "p.example. TXT \"v=spf1 exists:%{p}.e.example -all\"\n"
    "unknown.e.example. A 127.0.0.1\n"
    "pexp.example. TXT \"v=spf1 -all exp=w.pexp.example\"\n"
    "w.pexp.example. TXT \"go away, %{p}\"\n"
    "wrong.example. TXT \"v=spf1 ptr include:none.example\"\n"
    "loop.example. TXT \"v=spf1 ptr -all\"\n"
    "6.2.0.192.in-addr.arpa. CNAME 5.2.0.192.in-addr.arpa.\n"
    "5.2.0.192.in-addr.arpa. CNAME 6.2.0.192.in-addr.arpa.\n";

struct doubt {
	const char *ip, *from;
	enum ms_auth_result want;
	size_t asked;     /* questions in all */
	size_t no_matter; /* of them, whose failure changes nothing */
};

/* Each question in turn fails: the result is temperror, or the question did
 * not matter. */
static void
test_each_failure(void **state)
{
	static const struct doubt cases[] = {
		/* TXT, MX, A A, A, TXT, A, A, TXT, A, and exp */
		{ "192.0.2.99", "x@all.example", MS_AUTH_FAIL, 11, 1 },
		{ "192.0.2.2", "x@all.example", MS_AUTH_PASS, 4, 0 },
		{ "192.0.2.4", "x@all.example", MS_AUTH_PASS, 7, 0 },
		{ "192.0.2.5", "x@all.example", MS_AUTH_PASS, 10, 0 },
		{ "192.0.2.9", "x@ptr.example", MS_AUTH_PASS, 3, 0 },
		{ "192.0.2.8", "x@ptr.example", MS_AUTH_FAIL, 3, 0 },
		{ "192.0.2.7", "x@ptr.example", MS_AUTH_FAIL, 2, 0 },
		{ "192.0.2.1", "x@ptr.example", MS_AUTH_FAIL, 2, 0 },
		/* A pass both ways, a fail both ways */
		{ "192.0.2.7", "x@ptr4.example", MS_AUTH_PASS, 2, 1 },
		{ "192.0.2.7", "x@minus.example", MS_AUTH_PASS, 2, 0 },
		{ "192.0.2.8", "x@minus.example", MS_AUTH_FAIL, 2, 1 },
		{ "192.0.2.9", "x@inptr.example", MS_AUTH_NEUTRAL, 4, 0 },
		{ "192.0.2.8", "x@inptr.example", MS_AUTH_FAIL, 4, 0 },
		{ "192.0.2.9", "x@inptr2.example", MS_AUTH_FAIL, 4, 2 },
		{ "192.0.2.9", "x@toptr.example", MS_AUTH_PASS, 4, 0 },
		{ "192.0.2.1", "x@p.example", MS_AUTH_PASS, 3, 0 },
		{ "192.0.2.1", "x@pexp.example", MS_AUTH_FAIL, 3, 2 },
		{ "192.0.2.1", "x@wrong.example", MS_AUTH_PERMERROR, 3, 0 },
		/* A circle of CNAMEs is no failure to ask (5.5). */
		{ "192.0.2.6", "x@loop.example", MS_AUTH_FAIL, 2, 0 },
	};
	static const enum ms_dns_status ways[] = { MS_DNS_TIMEOUT,
		MS_DNS_SERVFAIL, MS_DNS_REFUSED, MS_DNS_BROKEN, MS_DNS_BOGUS,
		MS_DNS_OFFLINE, MS_DNS_NOT_RECORDED };
	struct fixture f;

	(void)state;
	start(&f, doubt_zone, true);
	for (size_t i = 0; i < 7 * sizeof(cases) / sizeof(*cases); i++) {
		const struct doubt *c = &cases[i / 7];
		size_t asked, no_matter = 0;

		test_dns_reset(&f.dns);
		f.env.careful = true;
		assert_int_equal(check(&f, c->ip, c->from, ""), c->want);
		asked = test_dns_asked(&f.dns);
		for (size_t k = 0; k < asked; k++) {
			test_dns_reset(&f.dns);
			f.dns.fail_at = k;
			f.dns.fail_with = ways[i % 7];
			check(&f, c->ip, c->from, "");
			if (f.result.result == MS_AUTH_TEMPERROR) {
				assert_non_null(f.result.failure);
				continue;
			}
			assert_int_equal(f.result.result, c->want);
			no_matter++;
		}
		if (asked != c->asked || no_matter != c->no_matter)
			fail_msg("%s %s: of %zu, %zu did not matter", c->ip,
			    c->from, asked, no_matter);
	}
	stop(&f);
}

/* ---- round trips ---- */

static const char deep_zone[] =
    "d0.example. TXT \"v=spf1 include:d1.example -all\"\n"
    "d1.example. TXT \"v=spf1 include:d2.example -all\"\n"
    "d2.example. TXT \"v=spf1 include:d3.example -all\"\n"
    "d3.example. TXT \"v=spf1 include:d4.example -all\"\n"
    "d4.example. TXT \"v=spf1 include:d5.example -all\"\n"
    "d5.example. TXT \"v=spf1 include:d6.example -all\"\n"
    "d6.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    /* three levels, nine look-ups */
    "w.example. TXT \"v=spf1 mx include:wa.example include:wb.example "
    "redirect=wc.example\"\n"
    "w.example. MX 1 m1.example.\n"
    "w.example. MX 2 m2.example.\n"
    "m1.example. A 192.0.2.8\n"
    "m2.example. A 192.0.2.9\n"
    "wa.example. TXT \"v=spf1 include:waa.example a:m1.example -all\"\n"
    "wb.example. TXT \"v=spf1 include:wba.example mx:w.example -all\"\n"
    "wc.example. TXT \"v=spf1 include:wca.example ip4:192.0.2.1 -all\"\n"
    "waa.example. TXT \"v=spf1 ip4:192.0.2.3 -all\"\n"
    "wba.example. TXT \"v=spf1 ip4:192.0.2.4 -all\"\n"
    "wca.example. TXT \"v=spf1 ip4:192.0.2.5 -all\"\n"
    "first.example. TXT \"v=spf1 ip4:192.0.2.1 include:wa.example "
    "a:m1.example -all\"\n"
    "many.example. TXT \"v=spf1 ip4:192.0.2.77 a:1.example a:2.example "
    "a:3.example a:4.example a:5.example a:6.example a:7.example "
    "a:8.example a:9.example include:wa.example a:11.example "
    "a:12.example a:13.example -all\"\n";

struct trip {
	const char *ip, *from;
	bool careful;
	enum ms_auth_result want;
	double rounds;
	size_t told; /* asked or told: at most so many */
};

static void
test_round_trips(void **state)
{
	static const struct trip cases[] = {
		{ "192.0.2.1", "x@d0.example", false, MS_AUTH_PASS, 7, 7 },
		{ "192.0.2.1", "x@d0.example", true, MS_AUTH_PASS, 7, 7 },
		/* w, then four, then MX hosts and three: three levels */
		{ "192.0.2.1", "x@w.example", false, MS_AUTH_PASS, 3, 10 },
		{ "192.0.2.99", "x@w.example", false, MS_AUTH_FAIL, 3, 10 },
		{ "192.0.2.99", "x@w.example", true, MS_AUTH_FAIL, 10, 10 },
		/* nothing that is not needed */
		{ "192.0.2.1", "x@first.example", false, MS_AUTH_PASS, 1, 1 },
		{ "192.0.2.3", "x@wa.example", true, MS_AUTH_PASS, 2, 2 },
		{ "192.0.2.3", "x@wa.example", false, MS_AUTH_PASS, 2, 3 },
		/* no more than the limit is told early */
		{ "192.0.2.2", "x@many.example", false, MS_AUTH_PERMERROR, 4,
		    11 },
	};
	struct fixture f;

	(void)state;
	start(&f, deep_zone, true);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct trip *c = &cases[i];

		test_dns_reset(&f.dns);
		f.env.careful = c->careful;
		if (check(&f, c->ip, c->from, "") != c->want ||
		    f.dns.now > c->rounds || f.dns.n > c->told)
			fail_msg("%s: %s, %g round trips, %zu questions: %s",
			    c->from, ms_auth_result_name(f.result.result),
			    f.dns.now, f.dns.n, f.result.reason);
	}
	stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_trail),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_explanation),
		cmocka_unit_test(test_lookup_limit),
		cmocka_unit_test(test_names_limit),
		cmocka_unit_test(test_time_limit),
		cmocka_unit_test(test_each_failure),
		cmocka_unit_test(test_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
