/* SPDX-License-Identifier: ISC
 * test_usual.c - databases in folders: which, and in what order
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mailsonde/geo.h"
#include "test.h"

static void
touch(const char *folder, const char *name, bool there)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!there) {
		assert_int_equal(unlink(path), 0);
		return;
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static const char *
name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* The finer first, of the same kind by path; hidden ones and others not; a
 * folder that is missing is none. */
static void
test_order(void **state)
{
	static const char *const names[] = { "dbip-country-lite.mmdb",
		"GeoLite2-City.mmdb", "other.mmdb", "GeoLite2-ASN.MMDB",
		"City-Notes.txt", ".GeoIP2-City.mmdb", "asn.mmdb.gz" };
	char first[] = "/tmp/geo-a-XXXXXX", second[] = "/tmp/geo-b-XXXXXX";
	const char *folders[] = { first, "/nonexistent/geo", second };
	struct ms_arena *arena = ms_arena_new(NULL);
	const char **found;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(first));
	assert_non_null(mkdtemp(second));
	for (size_t i = 0; i < 7; i++)
		touch(first, names[i], true);
	touch(second, "GeoIP2-City.mmdb", true);
	found = ms_geo_in(arena, folders, 3, &n);
	assert_int_equal(n, 5);
	assert_string_equal(name_of(found[0]), "GeoLite2-City.mmdb");
	assert_string_equal(name_of(found[1]), "GeoIP2-City.mmdb");
	assert_string_equal(name_of(found[2]), "GeoLite2-ASN.MMDB");
	assert_string_equal(name_of(found[3]), "dbip-country-lite.mmdb");
	assert_string_equal(name_of(found[4]), "other.mmdb");
	assert_null(found[5]);
	for (size_t i = 0; i < 7; i++)
		touch(first, names[i], false);
	touch(second, "GeoIP2-City.mmdb", false);
	found = ms_geo_in(arena, folders, 3, &n);
	assert_int_equal(n, 0);
	assert_null(found[0]);
	rmdir(first);
	rmdir(second);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
