/* SPDX-License-Identifier: ISC
 * test_senders.c - what kind of source an address is, and the totals
 */
#include "mailsonde/feedback.h"

#include "test.h"

static struct ms_aggregate_row
row(const char *ip, int64_t n, bool pass)
{
	struct ms_aggregate_row out = { .count = n, .pass = pass };

	out.source_text = ms_slice_from(ip);
	(void)ms_ip_parse(out.source_text, &out.source);
	out.dkim = pass ? MS_SLICE("pass") : MS_SLICE("fail");
	out.dkim_aligned = pass ? MS_ALIGNED_YES : MS_ALIGNED_NO;
	out.spf = MS_SLICE("fail");
	out.disposition = pass ? MS_SLICE("none") : MS_SLICE("reject");
	out.header_from = MS_SLICE("example.org");
	return out;
}

static const struct ms_source *
find(const struct ms_senders *s, const char *ip)
{
	for (const struct ms_source *source = s->sources; source;
	     source = source->next)
		if (ms_slice_is(source->text, ip))
			return source;
	fail_msg("no source %s", ip);
	return NULL;
}

static void
tells_kinds_apart(void **state)
{
	struct ms_aggregate_auth other = { .dkim = true,
		.domain = MS_SLICE("mailer.example"),
		.result = MS_SLICE("pass") };
	struct ms_aggregate_auth broken = { .dkim = true,
		.domain = MS_SLICE("example.org"),
		.result = MS_SLICE("fail") };
	struct ms_aggregate_reason list = { .type = MS_SLICE("mailing_list") };
	struct ms_aggregate_row rows[] = {
		row("192.0.2.1", 5, true),
		row("192.0.2.2", 5, true),
		row("192.0.2.2", 1, false),
		row("192.0.2.3", 7, false),
		row("192.0.2.4", 8, false),
		row("192.0.2.5", 9, false),
		row("192.0.2.6", 10, false),
		row("192.0.2.7", 2, false),
	};
	struct ms_aggregate report = { .rows = rows,
		.rows_n = sizeof(rows) / sizeof(*rows),
		.domain = MS_SLICE("example.org"),
		.p = MS_SLICE("none"),
		.begin_set = true,
		.begin = 10,
		.end_set = true,
		.end = 20 };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_senders s;

	(void)state;
	rows[3].auth = &other;
	rows[3].auth_n = 1;
	rows[4].auth = &broken;
	rows[4].auth_n = 1;
	rows[5].reasons = &list;
	rows[5].reasons_n = 1;
	rows[7].dkim_aligned = MS_ALIGNED_YES;
	ms_senders_init(&s, arena);
	ms_senders_add(&s, &report);
	ms_senders_sort(&s);
	assert_int_equal(find(&s, "192.0.2.1")->kind, MS_SOURCE_ALIGNED);
	assert_int_equal(find(&s, "192.0.2.2")->kind, MS_SOURCE_PARTLY);
	assert_int_equal(find(&s, "192.0.2.3")->kind, MS_SOURCE_OTHER);
	assert_slice(find(&s, "192.0.2.3")->as, "mailer.example");
	assert_int_equal(find(&s, "192.0.2.4")->kind, MS_SOURCE_FORWARDED);
	assert_int_equal(find(&s, "192.0.2.5")->kind, MS_SOURCE_FORWARDED);
	assert_int_equal(find(&s, "192.0.2.6")->kind, MS_SOURCE_NOTHING);
	assert_int_equal(find(&s, "192.0.2.7")->kind, MS_SOURCE_DISPUTED);
	assert_int_equal(s.messages, 47);
	assert_int_equal(s.passed, 10);
	assert_int_equal(s.rejected, 37);
	assert_int_equal(s.overridden, 9);
	assert_int_equal(s.differ, 2);
	assert_int_equal(s.failed[MS_SOURCE_FORWARDED], 17);
	assert_int_equal(s.lost[MS_SOURCE_PARTLY], 1);
	/* The worst first. */
	assert_slice(s.sources->text, "192.0.2.6");
	assert_int_equal(s.sources_n, 7);
	ms_arena_free(arena);
}

static void
takes_the_latest_policy(void **state)
{
	struct ms_aggregate reports[3] = {
		{ .end = 20, .end_set = true, .p = MS_SLICE("none") },
		{ .end = 40, .end_set = true, .p = MS_SLICE("reject") },
		{ .end = 30, .end_set = true, .p = MS_SLICE("quarantine") },
	};
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_senders s;

	(void)state;
	ms_senders_init(&s, arena);
	for (size_t i = 0; i < 3; i++)
		ms_senders_add(&s, &reports[i]);
	ms_senders_sort(&s);
	assert_slice(s.p, "reject");
	assert_int_equal(s.end, 40);
	assert_int_equal(s.reports, 3);
	assert_null(s.sources);
	ms_arena_free(arena);
}

static void
does_not_overflow(void **state)
{
	struct ms_aggregate_row one = row("192.0.2.1", INT64_MAX, false);
	struct ms_aggregate report = { .rows = &one, .rows_n = 1 };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_senders s;

	(void)state;
	ms_senders_init(&s, arena);
	ms_senders_add(&s, &report);
	ms_senders_add(&s, &report);
	ms_senders_sort(&s);
	assert_true(s.messages == INT64_MAX);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_kinds_apart),
		cmocka_unit_test(takes_the_latest_policy),
		cmocka_unit_test(does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
