/* SPDX-License-Identifier: ISC
 * test_run.c - checks that are put aside until answers come find the same
 */
#include "test.h"

#include "mailsonde/buf.h"
#include "mailsonde/domain.h"
#include "test_dns.h"

#define ZONE "tests/cli/domain_failures.zone"

static const char *const subjects[] = {
	"good.example",
	"bad.example",
	"sub.good.example",
	"bare.example",
	"parked.example",
	"none.example",
};

static struct {
	struct test_dns dns;
	struct ms_arena *arena; /* of one judgement */
	struct ms_arena *lasting;
	struct ms_env env;
} f;

static int
set_up(void **state)
{
	(void)state;
	f.lasting = ms_arena_new(NULL);
	f.arena = ms_arena_new(NULL);
	test_dns_open(&f.dns,
	    ms_arena_string(f.lasting, test_file(f.lasting, ZONE)), true);
	f.env.dns = &f.dns.source;
	f.env.psl = ms_psl_system();
	f.env.geo = ms_geo_none();
	f.env.limits = ms_limits_fill(NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	f.env.psl->close(f.env.psl);
	f.env.geo->close(f.env.geo);
	test_dns_close(&f.dns);
	ms_arena_free(f.arena);
	ms_arena_free(f.lasting);
	return 0;
}

/* All that was found, as text. */
static const char *
judge(const char *name, bool careful)
{
	static const struct ms_domain_options options;
	struct ms_domain_case subject = { .env = &f.env,
		.arena = f.arena,
		.options = &options,
		.name = ms_slice_from(name) };
	struct ms_buf out;

	f.env.careful = careful;
	ms_domain_run(&subject);
	ms_buf_init(&out, f.arena);
	ms_buf_printf(&out, "%u %d %s\n", subject.score, subject.profile,
	    subject.profile_why ? subject.profile_why : "");
	for (struct ms_domain_outcome *o = subject.outcomes; o; o = o->next) {
		ms_buf_printf(&out, "%s %s: %s\n", o->id,
		    ms_domain_status_name(o->status), o->title);
		for (size_t i = 0; i < o->records_n; i++)
			ms_buf_printf(&out, "    %s\n", o->records[i]);
	}
	return ms_arena_string(f.arena, ms_buf_get(&out));
}

static void
test_the_same_in_fewer_round_trips(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
		const char *in_turn, *gathered;
		double trips;

		test_dns_reset(&f.dns);
		in_turn = judge(subjects[i], true);
		trips = f.dns.now;
		test_dns_reset(&f.dns);
		gathered = judge(subjects[i], false);
		assert_string_equal(gathered, in_turn);
		assert_true(f.dns.now <= 6);
		assert_true(f.dns.now * 4 <= trips);
		ms_arena_clear(f.arena);
	}
}

/* The questions of a judgement, in the order they were asked. */
static size_t
questions_of(const char *name, struct ms_dns_question out[TEST_DNS_MAX])
{
	test_dns_reset(&f.dns);
	judge(name, true);
	for (size_t i = 0; i < f.dns.n; i++)
		out[i] = f.dns.list[i].question;
	return f.dns.n;
}

/* With the question failing; known to the source, it is its first. */
static const char *
judge_without(
    const char *name, const struct ms_dns_question *question, bool careful)
{
	test_dns_reset(&f.dns);
	f.dns.source.prefetch(&f.dns.source, question);
	f.dns.fail_at = 0;
	return judge(name, careful);
}

static void
test_the_same_when_a_question_fails(void **state)
{
	static struct ms_dns_question questions[TEST_DNS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
		size_t n = questions_of(subjects[i], questions);

		assert_true(n > 20);
		for (size_t k = 0; k < n; k++) {
			assert_string_equal(
			    judge_without(subjects[i], &questions[k], false),
			    judge_without(subjects[i], &questions[k], true));
			ms_arena_clear(f.arena);
		}
	}
}

/* Nothing is asked that would not be asked one by one. */
static void
test_no_question_in_vain(void **state)
{
	static struct ms_dns_question questions[TEST_DNS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
		size_t n = questions_of(subjects[i], questions);

		test_dns_reset(&f.dns);
		judge(subjects[i], false);
		for (size_t k = 0; k < f.dns.n; k++) {
			size_t at = 0;

			while (at < n &&
			       (questions[at].type !=
				       f.dns.list[k].question.type ||
				   !ms_dns_name_equal(&questions[at].name,
				       &f.dns.list[k].question.name)))
				at++;
			if (at == n && f.dns.list[k].asked)
				fail_msg("%s: asked in vain", subjects[i]);
		}
		ms_arena_clear(f.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_in_fewer_round_trips),
		cmocka_unit_test(test_the_same_when_a_question_fails),
		cmocka_unit_test(test_no_question_in_vain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
