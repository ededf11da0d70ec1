/* SPDX-License-Identifier: ISC
 * test_dnsbl.c - lists in the DNS: the table, codes, names, test points
 */
#include <stdio.h>

#include "dnstest.h"
#include "mailsonde/dnsbl.h"
#include "test.h"

static const struct ms_dnsbl *
find(const char *zone)
{
	size_t n;
	const struct ms_dnsbl *lists = ms_dnsbl_table(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(lists[i].zone, zone) == 0)
			return &lists[i];
	fail_msg("no list %s", zone);
	return NULL;
}

static void
set_ip(struct ms_dnsbl_subject *out, const char *ip)
{
	memset(out, 0, sizeof(*out));
	assert_true(ms_ip_parse(ms_slice_from(ip), &out->ip));
}

static void
test_table(void **state)
{
	size_t n;
	const struct ms_dnsbl *lists = ms_dnsbl_table(&n);
	struct ms_dns_name name;

	(void)state;
	assert_true(n > 10);
	for (size_t i = 0; i < n; i++) {
		const struct ms_dnsbl *list = &lists[i];

		assert_true(
		    ms_dns_name_from_text(ms_slice_from(list->zone), &name));
		assert_true(list->kinds != 0);
		assert_non_null(list->page);
		assert_true(strncmp(list->page, "https://", 8) == 0);
		assert_true((list->listed == NULL) == (list->unlisted == NULL));
		assert_true(!list->allow || !ms_dnsbl_matters(list));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(lists[k].zone, list->zone);
		for (size_t k = 0; k < list->codes_n; k++) {
			assert_non_null(list->codes[k].text);
			assert_int_equal(list->codes[k].from[0], 127);
			for (size_t o = 0; o < 4; o++)
				assert_true(list->codes[k].from[o] <=
					    list->codes[k].to[o]);
		}
	}
}

/* What a list means by an answer. */
static const struct code_case {
	const char *zone, *answer;
	const char *want; /* "status severity: text, text", "unknown cause" */
} codes[] = {
	{ "zen.spamhaus.org", "127.0.0.2",
	    "listed high: a source of spam (SBL)" },
	{ "zen.spamhaus.org", "127.0.0.2 127.0.0.9",
	    "listed high: a source of spam (SBL), a hijacked network (DROP)" },
	{ "zen.spamhaus.org", "127.0.0.7",
	    "listed high: hijacked or infected (XBL)" },
	{ "zen.spamhaus.org", "127.0.0.11",
	    "listed low: a range that should not send mail itself (PBL)" },
	{ "zen.spamhaus.org", "127.0.0.10 127.0.0.4",
	    "listed high: a range that should not send mail itself (PBL), "
	    "hijacked or infected (XBL)" },
	/* a code that nobody has explained yet is one all the same */
	{ "zen.spamhaus.org", "127.0.0.77", "listed high: -" },
	{ "zen.spamhaus.org", "127.0.1.2", "listed high: -" },
	{ "zen.spamhaus.org", "127.255.255.252", "unknown refused" },
	{ "zen.spamhaus.org", "127.255.255.254", "unknown refused" },
	{ "zen.spamhaus.org", "127.255.255.255", "unknown refused" },
	{ "zen.spamhaus.org", "127.255.255.1", "unknown refused" },
	{ "zen.spamhaus.org", "127.0.0.1", "unknown refused" },
	{ "zen.spamhaus.org", "192.0.2.80", "unknown rewritten" },
	{ "zen.spamhaus.org", "0.0.0.0", "unknown rewritten" },
	/* one of them is enough */
	{ "zen.spamhaus.org", "127.0.0.2 192.0.2.80", "unknown rewritten" },
	{ "zen.spamhaus.org", "127.0.0.4 127.255.255.254", "unknown refused" },
	{ "bl.spamcop.net", "127.0.0.2", "listed high: -" },
	{ "psbl.surriel.com", "127.0.0.2", "listed medium: -" },
	{ "dbl.spamhaus.org", "127.0.1.4", "listed high: phishing" },
	{ "dbl.spamhaus.org", "127.0.1.104",
	    "listed high: a good domain that is abused" },
	{ "dbl.spamhaus.org", "127.0.1.255", "unknown refused" },
	{ "multi.surbl.org", "127.0.0.24",
	    "listed high: phishing (PH), malware (MW)" },
	{ "multi.surbl.org", "127.0.0.32", "listed low: counts clicks (CT)" },
	{ "multi.surbl.org", "127.0.0.1", "unknown refused" },
	{ "multi.uribl.com", "127.0.0.8",
	    "listed low: new, or under watch (red)" },
	{ "multi.uribl.com", "127.0.0.1", "unknown refused" },
	{ "list.dnswl.org", "127.0.5.3", "listed info: trusted highly" },
	{ "list.dnswl.org", "127.0.15.0",
	    "listed info: known, and no more than that" },
	{ "list.dnswl.org", "127.0.0.255", "unknown refused" },
};

static char *
describe(struct ms_arena *arena, const struct ms_dnsbl_answer *a)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	ms_buf_text(&out, ms_dnsbl_status_name(a->status));
	if (a->status == MS_DNSBL_UNKNOWN) {
		assert_non_null(a->why);
		ms_buf_printf(&out, " %s", ms_dnsbl_cause_name(a->cause));
	}
	if (a->status == MS_DNSBL_LISTED)
		ms_buf_printf(&out, " %s:", ms_severity_name(a->severity));
	for (size_t i = 0; a->status == MS_DNSBL_LISTED && i < a->hits_n; i++)
		ms_buf_printf(&out, "%s %s", i > 0 ? "," : "",
		    a->hits[i].text ? a->hits[i].text : "-");
	return ms_arena_string(arena, ms_buf_get(&out));
}

static void
test_codes(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		struct ms_dns_record records[4];
		struct ms_dnsbl_answer a = { .list = find(codes[i].zone) };
		struct ms_slice rest = ms_slice_from(codes[i].answer);

		memset(records, 0, sizeof(records));
		a.answer.status = MS_DNS_FOUND;
		a.answer.records = records;
		while (rest.n > 0) {
			size_t n = ms_slice_find(rest, 0, ' ');

			assert_true(ms_ip_parse(ms_slice_part(rest, 0, n),
			    &records[a.answer.n++].u.ip));
			rest = ms_slice_part(rest, n + 1, rest.n);
		}
		ms_dnsbl_decode(arena, &a);
		assert_string_equal(describe(arena, &a), codes[i].want);
	}
	ms_arena_free(arena);
}

/* ---- asking ---- */

static const char zone[] =
    "$TTL 60\n"
    "2.0.0.127.zen.spamhaus.org. A 127.0.0.2\n"
    "31.6.5.192.zen.spamhaus.org. A 127.0.0.4\n"
    "31.6.5.192.zen.spamhaus.org. TXT \"https://check.spamhaus.org/\"\n"
    "1.3.0.0.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.e.3.8.a.3.0.5.0.1.0.0.2.zen."
    "spamhaus.org. A 127.0.0.11\n"
    "33.6.5.192.zen.spamhaus.org. A 127.255.255.254\n"
    "33.6.5.192.zen.spamhaus.org. TXT \"Error: open resolver\"\n"
    ";; servfail 34.6.5.192.zen.spamhaus.org A\n"
    "test.surbl.org.multi.surbl.org. A 127.0.0.126\n"
    "bad.example.multi.surbl.org. A 127.0.0.8\n"
    "xn--bse-pla.example.dbl.spamhaus.org. A 127.0.1.5\n"
    "test.names.test. A 127.0.0.2\n"
    "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.six.test. "
    "A 127.0.0.2\n"
    "*.world.test. A 127.0.0.2\n"
    "*.portal.test. A 192.0.2.80\n"
    "*.refuses.test. A 127.0.0.1\n";

static struct ms_dnsbl_answer
ask(struct test_world *w, const char *list, const char *ip)
{
	struct ms_dnsbl_subject subject;
	struct ms_dnsbl_answer a;

	set_ip(&subject, ip);
	assert_true(ms_dnsbl_holds(find(list), &subject));
	ms_dnsbl_ask(&w->env, w->arena, find(list), &subject, &a);
	ms_dnsbl_ask_reason(&w->env, w->arena, &a);
	return a;
}

static void
test_ask(void **state)
{
	struct ms_dnsbl_answer a;
	struct test_world w;

	(void)state;
	test_world_init(&w, zone);
	a = ask(&w, "zen.spamhaus.org", "192.5.6.31");
	assert_string_equal(
	    describe(w.arena, &a), "listed high: hijacked or infected (XBL)");
	assert_int_equal(a.reason.status, MS_DNS_FOUND);
	a = ask(&w, "zen.spamhaus.org", "2001:503:a83e::2:31");
	assert_int_equal(a.status, MS_DNSBL_LISTED);
	a = ask(&w, "zen.spamhaus.org", "192.5.6.32");
	assert_int_equal(a.status, MS_DNSBL_NOT_LISTED);
	/* a refusal says in words what to do */
	a = ask(&w, "zen.spamhaus.org", "192.5.6.33");
	assert_string_equal(describe(w.arena, &a), "unknown refused");
	assert_int_equal(a.reason.n, 1);
	a = ask(&w, "zen.spamhaus.org", "192.5.6.34");
	assert_string_equal(describe(w.arena, &a), "unknown failed");
	test_world_done(&w);
}

static void
test_names(void **state)
{
	struct ms_dnsbl_subject subject;
	struct ms_dnsbl_answer a;
	struct test_world w;

	(void)state;
	test_world_init(&w, zone);
	memset(&subject, 0, sizeof(subject));
	subject.name = MS_SLICE("www.bad.example");
	subject.registered = MS_SLICE("bad.example");
	assert_false(ms_dnsbl_holds(find("zen.spamhaus.org"), &subject));
	/* SURBL has registered domains alone, the DBL whatever it has */
	ms_dnsbl_ask(&w.env, w.arena, find("multi.surbl.org"), &subject, &a);
	assert_int_equal(a.status, MS_DNSBL_LISTED);
	ms_dnsbl_ask(&w.env, w.arena, find("dbl.spamhaus.org"), &subject, &a);
	assert_true(ms_slice_is(a.name, "www.bad.example.dbl.spamhaus.org"));
	subject.name = MS_SLICE("xn--bse-pla.example");
	ms_dnsbl_ask(&w.env, w.arena, find("dbl.spamhaus.org"), &subject, &a);
	assert_int_equal(a.status, MS_DNSBL_LISTED);
	/* a name that leaves no room for the list's */
	subject.name = ms_slice_from(ms_arena_printf(
	    w.arena, "%060d.%060d.%060d.%050d.example", 0, 0, 0, 0));
	ms_dnsbl_ask(&w.env, w.arena, find("dbl.spamhaus.org"), &subject, &a);
	assert_string_equal(describe(w.arena, &a), "unknown failed");
	test_world_done(&w);
}

/* RFC 5782 5. */
static void
test_sound(void **state)
{
	static const struct {
		const char *zone;
		unsigned kinds;
		enum ms_dnsbl_cause cause;
	} rows[] = {
		{ "zen.spamhaus.org", MS_DNSBL_IP4 | MS_DNSBL_IP6,
		    MS_DNSBL_CAUSE_NONE },
		{ "names.test", MS_DNSBL_NAMES, MS_DNSBL_CAUSE_NONE },
		{ "six.test", MS_DNSBL_IP6, MS_DNSBL_CAUSE_NONE },
		{ "six.test", MS_DNSBL_IP4, MS_DNSBL_UNSOUND },
		{ "gone.test", MS_DNSBL_IP4, MS_DNSBL_UNSOUND },
		{ "world.test", MS_DNSBL_IP4, MS_DNSBL_UNSOUND },
		{ "portal.test", MS_DNSBL_IP4, MS_DNSBL_REWRITTEN },
		{ "refuses.test", MS_DNSBL_NAMES, MS_DNSBL_REFUSED },
	};
	struct test_world w;

	(void)state;
	test_world_init(&w, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_dnsbl list = { .zone = rows[i].zone,
			.kinds = rows[i].kinds };
		struct ms_dnsbl_answer a;
		bool sound = ms_dnsbl_is_sound(
		    &w.env, w.arena, &list, rows[i].kinds & MS_DNSBL_NAMES, &a);

		assert_int_equal(a.cause, rows[i].cause);
		assert_int_equal(sound, rows[i].cause == MS_DNSBL_CAUSE_NONE);
		list.untested = true;
		assert_true(ms_dnsbl_is_sound(&w.env, w.arena, &list,
		    rows[i].kinds & MS_DNSBL_NAMES, &a));
	}
	test_world_done(&w);
}

/* A zone of which nothing is known may be a list of addresses alone. */
static void
test_guessed(void **state)
{
	struct ms_dnsbl_set set = { 0 };
	struct ms_dnsbl_case c = { .lists_n = 1 };
	struct test_world w;
	size_t before;

	(void)state;
	test_world_init(&w, zone);
	c.env = &w.env;
	c.arena = w.arena;
	c.lists = ms_dnsbl_add_zone(w.arena, "zen.spamhaus.org", &set);
	c.subject.name = MS_SLICE("example.net");
	before = w.asked;
	ms_dnsbl_run(&c);
	assert_int_equal(w.asked, before + 2);
	assert_int_equal(c.answers[0].status, MS_DNSBL_SKIPPED);
	assert_non_null(c.answers[0].why);
	assert_int_equal(c.asked, 0);
	assert_false(c.any);
	memset(&c.subject, 0, sizeof(c.subject));
	set_ip(&c.subject, "192.5.6.31");
	ms_dnsbl_run(&c);
	assert_int_equal(c.answers[0].status, MS_DNSBL_LISTED);
	assert_true(c.any);
	/* gone is gone */
	c.lists = ms_dnsbl_add_zone(w.arena, "gone.test", &set);
	ms_dnsbl_run(&c);
	assert_int_equal(c.answers[0].cause, MS_DNSBL_UNSOUND);
	test_world_done(&w);
}

/* A test point that could not be asked for is no test passed. */
static void
test_each_failure(void **state)
{
	struct ms_dnsbl_answer a;
	struct test_world w;

	(void)state;
	test_world_init(&w, zone);
	for (size_t i = 0; i < 2; i++) {
		w.fail_at = w.asked + i;
		assert_false(ms_dnsbl_is_sound(
		    &w.env, w.arena, find("zen.spamhaus.org"), false, &a));
		assert_int_equal(a.cause, MS_DNSBL_FAILED);
		assert_non_null(a.why);
	}
	test_world_done(&w);
}

/* ---- all of them ---- */

static void
run(struct test_world *w, const struct ms_dnsbl *lists, size_t n,
    const char *ip, struct ms_dnsbl_case *out)
{
	memset(out, 0, sizeof(*out));
	out->env = &w->env;
	out->arena = w->arena;
	out->lists = lists;
	out->lists_n = n;
	set_ip(&out->subject, ip);
	ms_dnsbl_run(out);
}

static void
test_run(void **state)
{
	static const struct ms_dnsbl lists[] = {
		{ .zone = "names.test", .kinds = MS_DNSBL_NAMES },
		{ .zone = "zen.spamhaus.org",
		    .kinds = MS_DNSBL_IP4 | MS_DNSBL_IP6,
		    .weight = MS_SEVERITY_HIGH },
		{ .zone = "gone.test",
		    .kinds = MS_DNSBL_IP4,
		    .weight = MS_SEVERITY_LOW },
		{ .zone = "portal.test",
		    .kinds = MS_DNSBL_IP4,
		    .weight = MS_SEVERITY_MEDIUM },
		{ .zone = "world.test",
		    .kinds = MS_DNSBL_IP4,
		    .untested = true,
		    .allow = true },
	};
	struct ms_dnsbl_case c;
	struct test_world w;
	size_t before;

	(void)state;
	test_world_init(&w, zone);
	run(&w, lists, 5, "192.5.6.31", &c);
	assert_int_equal(c.answers_n, 4);
	assert_int_equal(c.asked, 3);
	assert_int_equal(c.told, 1);
	assert_int_equal(c.listed, 1);
	assert_int_equal(c.unknown, 2);
	assert_int_equal(c.unknown_matter, 1);
	assert_int_equal(c.allowed, 1);
	assert_true(c.rewritten.set);
	assert_int_equal(c.rewritten.b[15], 80);

	/* nobody is asked about what is nobody's */
	before = w.asked;
	run(&w, lists, 5, "192.168.1.1", &c);
	assert_int_equal(w.asked, before);
	assert_non_null(c.special);
	assert_int_equal(c.asked, 0);
	for (size_t i = 0; i < c.answers_n; i++)
		assert_int_equal(c.answers[i].status, MS_DNSBL_SKIPPED);
	test_world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_guessed),
		cmocka_unit_test(test_each_failure),
		cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
