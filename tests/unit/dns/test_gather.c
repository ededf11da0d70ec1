/* SPDX-License-Identifier: ISC
 * test_gather.c - what is not there yet is put off, and asked once
 */
#include "test.h"

#include "mailsonde/dns_wrap.h"
#include "test_dns.h"

static struct {
	struct test_dns dns;
	struct ms_arena *arena;
	struct ms_dns_gather *gather;
} f;

static int
set_up(void **state)
{
	(void)state;
	test_dns_open(&f.dns,
	    "a.test. A 192.0.2.1\n"
	    "b.test. A 192.0.2.2\n",
	    true);
	f.arena = ms_arena_new(NULL);
	f.gather = ms_dns_gather_new(f.arena, &f.dns.source);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	test_dns_close(&f.dns);
	ms_arena_free(f.arena);
	return 0;
}

static enum ms_dns_status
ask(const char *name, unsigned want)
{
	struct ms_dns_source *source = ms_dns_gather_source(f.gather);
	struct ms_dns_question question = { .type = MS_DNS_A, .want = want };
	struct ms_dns_answer answer;

	assert_true(ms_dns_name_from_text(ms_slice_from(name), &question.name));
	source->query(source, &question, f.arena, &answer);
	return answer.status;
}

static void
test_put_off(void **state)
{
	(void)state;
	assert_int_equal(ask("a.test", 0), MS_DNS_PUT_OFF);
	assert_int_equal(ask("a.test", 0), MS_DNS_PUT_OFF);
	assert_int_equal(ask("b.test", 0), MS_DNS_PUT_OFF);
	assert_int_equal(ms_dns_gather_put_off(f.gather), 3);
	assert_int_equal(test_dns_asked(&f.dns), 0);
	ms_dns_gather_wait(f.gather);
	assert_int_equal(test_dns_asked(&f.dns), 2);
	assert_true(f.dns.now <= 1); /* both at once */
	assert_int_equal(ask("a.test", 0), MS_DNS_FOUND);
	assert_int_equal(ask("b.test", 0), MS_DNS_FOUND);
	assert_int_equal(ask("A.Test", 0), MS_DNS_FOUND);
	assert_int_equal(ms_dns_gather_put_off(f.gather), 3);
	assert_int_equal(f.dns.list[0].asked, 1);
	assert_int_equal(f.dns.list[1].asked, 1);
}

/* Known already: nothing to put off. */
static void
test_at_once(void **state)
{
	struct ms_dns_question question = { .type = MS_DNS_A };

	(void)state;
	ms_dns_name_from_text(MS_SLICE("a.test"), &question.name);
	f.dns.source.prefetch(&f.dns.source, &question);
	f.dns.now = 5;
	assert_int_equal(ask("a.test", 0), MS_DNS_FOUND);
	assert_int_equal(ms_dns_gather_put_off(f.gather), 0);
}

/* What is to be validated takes longer, and keeps nobody waiting. */
static void
test_slow(void **state)
{
	(void)state;
	ask("a.test", MS_DNS_VALIDATED);
	ask("b.test", 0);
	f.dns.list[0].ready = 10;
	ms_dns_gather_wait(f.gather);
	assert_true(f.dns.now < 10);
	assert_int_equal(ask("b.test", 0), MS_DNS_FOUND);
	assert_int_equal(ask("a.test", MS_DNS_VALIDATED), MS_DNS_PUT_OFF);
	ms_dns_gather_wait(f.gather);
	assert_int_equal(ask("a.test", MS_DNS_VALIDATED), MS_DNS_FOUND);
	assert_true(f.dns.now >= 10);
}

static void
test_end(void **state)
{
	(void)state;
	assert_int_equal(ask("a.test", 0), MS_DNS_PUT_OFF);
	ms_dns_gather_end(f.gather);
	assert_int_equal(ask("a.test", 0), MS_DNS_FOUND);
	assert_int_equal(ask("c.test", 0), MS_DNS_NXDOMAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_put_off),
		TEST(test_at_once),
		TEST(test_slow),
		TEST(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
