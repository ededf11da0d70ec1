/* SPDX-License-Identifier: ISC
 * test_link.c - each link once; defanged
 */
#include "test.h"

#include "mailsonde/link.h"

static void
test_defang(void **state)
{
	static const struct {
		const char *in, *wanted;
	} rows[] = {
		{ "https://a.example/x.y", "hxxps://a[.]example/x.y" },
		{ "HTTP://a.b.c", "hxxp://a[.]b[.]c" },
		{ "go to www.a.example/ now", "go to www[.]a[.]example/ now" },
		{ "a.b@c.example", "a.b[@]c[.]example" },
		{ "mailto:a@c.example", "mailto:a[@]c[.]example" },
		{ "a.example", "a[.]example" },
		{ "plain text. More", "plain text. More" },
		{ "", NULL },
	};
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_slice(ms_defang(arena, ms_slice_from(rows[i].in)),
		    rows[i].wanted);
	ms_arena_free(arena);
}

static void
test_once(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_parse parse = { .arena = arena, .limits = &limits };
	struct ms_links links = { 0 };

	(void)state;
	ms_links_from_text(&parse,
	    MS_SLICE("http://a.example/ www.b.example http://a.example/"), 3,
	    &links);
	assert_int_equal(links.n, 2);
	assert_int_equal(links.first->count, 2);
	assert_int_equal(links.first->offset, 0);
	assert_int_equal(links.last->offset, 18);
	assert_int_equal(links.last->part, 3);
	assert_slice(links.last->url, "http://www.b.example");
	assert_slice(links.last->raw, "www.b.example");
	limits.links = 2;
	ms_links_from_text(&parse, MS_SLICE("http://c.example/"), 0, &links);
	assert_int_equal(links.n, 2);
	assert_true(links.truncated);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defang),
		cmocka_unit_test(test_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
