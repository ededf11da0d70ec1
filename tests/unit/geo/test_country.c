/* SPDX-License-Identifier: ISC
 * test_country.c - names and UTC offsets
 */
#include "mailsonde/geo.h"

#include "test.h"

static void
names(void **state)
{
	unsigned known = 0;

	(void)state;
	/* All that are found are in order, and there are all of them: 249
	 * assigned, 6 reserved, XK. */
	for (char a = 'A'; a <= 'Z'; a++) {
		for (char b = 'A'; b <= 'Z'; b++) {
			char code[2] = { a, b };

			known +=
			    ms_country_name(ms_slice_make(code, 2)) != NULL;
		}
	}
	assert_int_equal(known, 249 + 7);
	assert_string_equal(ms_country_name(MS_SLICE("AD")), "Andorra");
	assert_string_equal(ms_country_name(MS_SLICE("zw")), "Zimbabwe");
	assert_string_equal(ms_country_name(MS_SLICE("US")), "United States");
	assert_string_equal(ms_country_name(MS_SLICE("EU")), "European Union");
	assert_null(ms_country_name(MS_SLICE("??")));
	assert_null(ms_country_name(MS_SLICE("USA")));
	assert_null(ms_country_name(ms_slice_make(NULL, 0)));
}

static void
offsets(void **state)
{
	static const struct {
		const char *code;
		bool known;
		int from, to;
	} cases[] = {
		{ "DE", true, 60, 120 },
		{ "IN", true, 330, 330 },
		{ "NP", true, 345, 345 },
		{ "US", true, -600, -240 },
		{ "NZ", true, 720, 825 },
		{ "EU", false, 0, 0 },
		{ "BV", false, 0, 0 },
		{ "xx", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int from = 0, to = 0;

		assert_int_equal(ms_country_offsets(
				     ms_slice_from(cases[i].code), &from, &to),
		    cases[i].known);
		assert_int_equal(from, cases[i].from);
		assert_int_equal(to, cases[i].to);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
