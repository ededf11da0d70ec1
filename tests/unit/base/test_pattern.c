/* SPDX-License-Identifier: ISC
 * test_pattern.c - what patterns find, what is no pattern, what costs too much
 */
#include "mailsonde/pattern.h"

#include <string.h>

#include "test.h"

static const struct {
	const char *pattern, *text;
	const char *hit; /* NULL: none */
} rows[] = {
	{ "b+", "abbbc", "bbb" },
	{ "B+", "abbbc", "bbb" },
	{ "(?-i)B+", "abbbc", NULL },
	{ "^a$", "a", "a" },
	{ "^$", "", "" },
	{ "x*", "", "" },
	{ "a\\Kb", "ab", "b" },
	{ "\xc3\x84rger", "viel \xc3\xa4rger", "\xc3\xa4rger" },
	{ "\\p{Cyrillic}", "p\xd0\xb0ypal", "\xd0\xb0" },
	{ "pay", "\xff\xfe pay \x80", "pay" },
	{ "\\x{ff}", "\xff", NULL }, /* no character */
	{ "a.b",
	    "a\xff"
	    "b",
	    NULL },
	{ "(*LIMIT_MATCH=4000000000)^(a+)+$", "b", NULL },
};

static void
finds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		enum ms_status status;
		struct ms_diag diag = { "" };
		struct ms_slice hit = { NULL, 0 };
		struct ms_pattern *p = ms_pattern_new(
		    ms_slice_from(rows[i].pattern), &status, &diag);
		enum ms_match got;

		if (!p)
			print_error("%s: %s\n", rows[i].pattern, diag.text);
		assert_non_null(p);
		assert_int_equal(status, MS_OK);
		got = ms_pattern_find(p, ms_slice_from(rows[i].text), &hit);
		if (got != (rows[i].hit ? MS_MATCH_YES : MS_MATCH_NO))
			print_error("%s\n", rows[i].pattern);
		assert_int_equal(got, rows[i].hit ? MS_MATCH_YES : MS_MATCH_NO);
		if (rows[i].hit)
			assert_slice(hit, rows[i].hit);
		ms_pattern_free(p);
	}
}

static void
refuses(void **state)
{
	static const char *const wrong[] = { "(", "[z-a]", "a{2,1}", "\\C",
		"(?<n>a)(?<n>b)", "*", "\xff", "\\p{Nobody}" };
	static char huge[70000];

	(void)state;
	memset(huge, 'a', sizeof(huge) - 1);
	for (size_t i = 0; i <= sizeof(wrong) / sizeof(*wrong); i++) {
		const char *text =
		    i < sizeof(wrong) / sizeof(*wrong) ? wrong[i] : huge;
		struct ms_diag diag = { "" };
		enum ms_status status = MS_OK;

		assert_null(
		    ms_pattern_new(ms_slice_from(text), &status, &diag));
		assert_int_equal(status, MS_FORMAT);
		assert_true(diag.text[0] != '\0');
	}
}

/* More steps than are allowed: neither yes nor no. */
static void
gives_up(void **state)
{
	static const char *const costly[] = { "^(a+)+$", "^(a|aa)+$" };
	char text[64];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	for (size_t i = 0; i < sizeof(costly) / sizeof(*costly); i++) {
		enum ms_status status;
		struct ms_diag diag;
		struct ms_slice hit;
		struct ms_pattern *p =
		    ms_pattern_new(ms_slice_from(costly[i]), &status, &diag);

		assert_non_null(p);
		assert_int_equal(
		    ms_pattern_find(p, ms_slice_make(text, sizeof(text)), &hit),
		    MS_MATCH_UNKNOWN);
		ms_pattern_free(p);
	}
}

/* A deep stack is not too many steps. */
static void
goes_deep(void **state)
{
	static char text[8000];
	enum ms_status status;
	struct ms_diag diag;
	struct ms_slice hit;
	struct ms_pattern *p =
	    ms_pattern_new(MS_SLICE("^(?:ab|a(?:b)){500,}$"), &status, &diag);

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i & 1 ? 'b' : 'a';
	assert_non_null(p);
	assert_int_equal(
	    ms_pattern_find(p, ms_slice_make(text, sizeof(text)), &hit),
	    MS_MATCH_YES);
	assert_int_equal(hit.n, sizeof(text));
	ms_pattern_free(p);
}

/* Only so much is looked at in one search. */
static void
stops_at_its_end(void **state)
{
	static char text[MS_PATTERN_TEXT + 4];
	enum ms_status status;
	struct ms_diag diag;
	struct ms_slice hit;
	struct ms_pattern *p = ms_pattern_new(MS_SLICE("end"), &status, &diag);

	(void)state;
	memset(text, '.', sizeof(text));
	memcpy(text + MS_PATTERN_TEXT - 2, "end", 3);
	assert_non_null(p);
	assert_int_equal(
	    ms_pattern_find(p, ms_slice_make(text, sizeof(text)), &hit),
	    MS_MATCH_NO);
	memcpy(text + MS_PATTERN_TEXT - 3, "end", 3);
	assert_int_equal(
	    ms_pattern_find(p, ms_slice_make(text, sizeof(text)), &hit),
	    MS_MATCH_YES);
	ms_pattern_free(p);
	ms_pattern_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(refuses),
		cmocka_unit_test(gives_up),
		cmocka_unit_test(goes_deep),
		cmocka_unit_test(stops_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
