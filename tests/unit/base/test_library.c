/* SPDX-License-Identifier: ISC
 * test_library.c - shared libraries that are opened when they are first needed
 */
#include "mailsonde/library.h"

#include "test.h"

static void
finds_what_is_there(void **state)
{
	int (*to_upper)(int);
	const struct ms_library_function functions[] = {
		{ "toupper", &to_upper },
		{ NULL, NULL },
	};
	void *library = ms_library_open("libc.so.6", functions);

	(void)state;
	assert_non_null(library);
	assert_int_equal(to_upper('a'), 'A');
	assert_true(ms_library_find(library, "tolower", &to_upper));
	assert_int_equal(to_upper('A'), 'a');
	assert_false(ms_library_find(library, "no_such_function", &to_upper));
	assert_null(to_upper);
}

static void
says_what_is_not(void **state)
{
	void (*function)(void);
	const struct ms_library_function lacking[] = {
		{ "toupper", &function },
		{ "no_such_function", &function },
		{ NULL, NULL },
	};

	(void)state;
	assert_null(ms_library_open("libnowhere.so.1", lacking));
	assert_null(ms_library_open("libc.so.6", lacking));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_there),
		cmocka_unit_test(says_what_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
