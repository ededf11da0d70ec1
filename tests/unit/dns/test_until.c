/* SPDX-License-Identifier: ISC
 * test_until.c - the end of a subject's time
 */
#include "mailsonde/dns_wrap.h"

#include "test.h"

static double now;

static double
ticks(void)
{
	return now;
}

static unsigned asked;

static void
query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	(void)self;
	(void)question;
	(void)arena;
	asked++;
	ms_dns_fail(out, MS_DNS_SERVFAIL, "asked");
}

static bool
prefetch(struct ms_dns_source *self, const struct ms_dns_question *question)
{
	(void)self;
	(void)question;
	return false;
}

static void
asks_nobody_when_the_time_is_over(void **state)
{
	struct ms_dns_source inner = { .query = query, .prefetch = prefetch };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dns_question question = { .type = MS_DNS_A };
	struct ms_dns_source *source;
	struct ms_dns_answer answer;

	(void)state;
	now = 100;
	source = ms_dns_until(arena, &inner, ticks, 2.5);
	now = 102.4;
	source->query(source, &question, arena, &answer);
	assert_int_equal(answer.status, MS_DNS_SERVFAIL);
	assert_false(source->prefetch(source, &question));
	now = 102.6;
	source->query(source, &question, arena, &answer);
	assert_int_equal(answer.status, MS_DNS_TIMEOUT);
	assert_non_null(strstr(answer.why, "--timeout"));
	assert_true(source->prefetch(source, &question));
	assert_int_equal(asked, 1);
	ms_arena_free(arena);
}

static void
is_the_inner_one_without_an_end(void **state)
{
	struct ms_dns_source inner = { .query = query };
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	assert_ptr_equal(ms_dns_until(arena, &inner, NULL, 5), &inner);
	assert_ptr_equal(ms_dns_until(arena, &inner, ticks, 0), &inner);
	assert_null(ms_dns_until(arena, &inner, ticks, 1)->prefetch);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_nobody_when_the_time_is_over),
		cmocka_unit_test(is_the_inner_one_without_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
