/* SPDX-License-Identifier: ISC
 * test_psl.c - the public suffix list of the system
 *
 * Only rules that are as old as the list, and names that need no list.
 */
#include "mailsonde/psl.h"

#include <pthread.h>

#include "test.h"

struct psl_case {
	const char *in, *suffix, *registrable, *icann;
	enum ms_psl_section section;
};

static const struct psl_case cases[] = {
	{ "example.com", "com", "example.com", "example.com", MS_PSL_ICANN },
	{ "a.b.Example.CO.UK", "co.uk", "example.co.uk", "example.co.uk",
	    MS_PSL_ICANN },
	{ "EXAMPLE.com.", "com", "example.com", "example.com", MS_PSL_ICANN },
	{ "co.uk", "co.uk", NULL, NULL, MS_PSL_ICANN },
	{ "com", "com", NULL, NULL, MS_PSL_ICANN },
	/* the private section */
	{ "me.github.io", "github.io", "me.github.io", "github.io",
	    MS_PSL_PRIVATE },
	{ "github.io", "github.io", NULL, "github.io", MS_PSL_PRIVATE },
	/* a wildcard and its exception */
	{ "x.test.ck", "test.ck", "x.test.ck", "x.test.ck", MS_PSL_ICANN },
	{ "a.www.ck", "ck", "www.ck", "www.ck", MS_PSL_ICANN },
	/* no rule */
	{ "a.b.nosuchtld", "nosuchtld", "b.nosuchtld", "b.nosuchtld",
	    MS_PSL_UNLISTED },
	{ "nosuchtld", "nosuchtld", NULL, NULL, MS_PSL_UNLISTED },
	{ "_dmarc.example.com", "com", "example.com", "example.com",
	    MS_PSL_ICANN },
	/* U-labels and A-labels */
	{ "a.\xe5\x85\xac\xe5\x8f\xb8.cn", "\xe5\x85\xac\xe5\x8f\xb8.cn",
	    "a.\xe5\x85\xac\xe5\x8f\xb8.cn", "a.\xe5\x85\xac\xe5\x8f\xb8.cn",
	    MS_PSL_ICANN },
	{ "a.xn--55qx5d.cn", "xn--55qx5d.cn", "a.xn--55qx5d.cn",
	    "a.xn--55qx5d.cn", MS_PSL_ICANN },
	/* longer than what is remembered */
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbb."
	  "example.co.uk",
	    "co.uk", "example.co.uk", "example.co.uk", MS_PSL_ICANN },
};

static const char *const no_names[] = { "", ".", ".com", "a..com", "com..",
	"192.0.2.1", "[192.0.2.1]", "2001:db8::1", "a b.com", "a\n.com",
	"[x].com",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com" };

static void
names(void **state)
{
	struct ms_psl *psl = ms_psl_system();
	const size_t n = sizeof(cases) / sizeof(cases[0]);

	(void)state;
	/* Twice: what was asked before is remembered. */
	for (size_t i = 0; i < 2 * n; i++) {
		const struct psl_case *c = &cases[i % n];
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_psl_answer out;

		psl->ask(psl, ms_slice_from(c->in), arena, &out);
		assert_true(out.known);
		assert_slice(out.suffix, c->suffix);
		assert_slice(out.registrable, c->registrable);
		assert_slice(out.icann_registrable, c->icann);
		assert_int_equal(out.section, c->section);
		assert_slice(ms_psl_organization(&out),
		    c->registrable ? c->registrable : c->suffix);
		ms_arena_free(arena);
	}
	psl->close(psl);
}

static void
not_names(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_psl *psl = ms_psl_system();
	struct ms_psl_answer out;

	(void)state;
	for (size_t i = 0; i < sizeof(no_names) / sizeof(*no_names); i++) {
		psl->ask(psl, ms_slice_from(no_names[i]), arena, &out);
		assert_false(out.known);
		assert_null(out.name.p);
		assert_null(ms_psl_organization(&out).p);
	}
	psl->close(psl);
	ms_arena_free(arena);
}

static void
about(void **state)
{
	struct ms_psl *psl = ms_psl_system();

	(void)state;
	assert_non_null(psl->about(psl).source);
	assert_true(psl->about(psl).date > 1600000000);
	psl->close(psl);
}

static void
none(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_psl *psl = ms_psl_none();
	struct ms_psl_answer out;

	(void)state;
	psl->ask(psl, MS_SLICE("Example.com"), arena, &out);
	assert_false(out.known);
	assert_slice(out.name, "example.com");
	assert_null(ms_psl_organization(&out).p);
	assert_null(psl->about(psl).source);
	psl->close(psl);
	ms_arena_free(arena);
}

static void *
ask_often(void *opaque)
{
	struct ms_psl *psl = opaque;
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_psl_answer out;
	size_t good = 0;

	for (size_t i = 0; i < 1000; i++) {
		psl->ask(psl, MS_SLICE("www.example.co.uk"), arena, &out);
		good += ms_slice_is(out.registrable, "example.co.uk");
		ms_arena_clear(arena);
	}
	ms_arena_free(arena);
	return good == 1000 ? psl : NULL;
}

/* The first question of several threads at once opens the list. */
static void
threads(void **state)
{
	struct ms_psl *psl = ms_psl_system();
	pthread_t thread[4];
	void *good;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, ask_often, psl), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(thread[i], &good), 0);
		assert_ptr_equal(good, psl);
	}
	psl->close(psl);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(not_names),
		cmocka_unit_test(about),
		cmocka_unit_test(none),
		cmocka_unit_test(threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
