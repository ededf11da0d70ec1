/* SPDX-License-Identifier: ISC
 * test_mapped.c - a mapped file that is cut short
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../../cmd/mapped.c"
#include "test.h"

#define SIZE ((size_t)64 * 1024)

static void
test_cut_short(void **state)
{
	FILE *file = tmpfile();
	unsigned char block[SIZE];
	const unsigned char *map;
	struct ms_slice bytes;

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_non_null(file);
	assert_int_equal(fwrite(block, 1, SIZE, file), SIZE);
	assert_int_equal(fflush(file), 0);
	map = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fileno(file), 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	bytes = ms_slice_make(map, SIZE);

	mapped_watch();
	assert_int_equal(map[SIZE - 1], 'x');
	assert_false(mapped_lost(bytes));

	assert_int_equal(ftruncate(fileno(file), 5000), 0);
	assert_int_equal(map[SIZE - 1], 0);
	assert_int_equal(map[4999], 'x');
	assert_false(mapped_lost(ms_slice_part(bytes, 0, 5000)));
	assert_true(mapped_lost(bytes));
	assert_false(mapped_lost(bytes)); /* told once */
	assert_int_equal(map[5000], 0);   /* in the last page there is */
	assert_false(mapped_lost(bytes));

	munmap((void *)(uintptr_t)map, SIZE);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
