/* SPDX-License-Identifier: ISC
 * test_torgeo.c - tor's country files to a database and back
 */
#include "geotest.h"

static const char head[] = "# Location Database Export\n"
			   "#\n"
			   "# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n"
			   "# Vendor:    Example Project\n"
			   "# License:   CC BY-SA 4.0\n"
			   "#\n";

static void
both_files(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_geo_build_stats stats;
	struct ms_geo_source *source;
	struct ms_diag diag = { 0 };
	struct ms_buf ip4, out;
	struct geo_file file;
	const char *path;

	(void)state;
	ms_buf_init(&ip4, arena);
	ms_buf_init(&out, arena);
	ms_buf_text(&ip4, head);
	/* 192.0.2.0-192.0.2.127, the rest unknown, 198.51.100.0/24. */
	ms_buf_text(&ip4, "3221225984,3221226111,DE\r\n"
			  "3221226112,3221226239,\?\?\n\n"
			  "3325256704,3325256959,FR");
	assert_int_equal(ms_geo_build_country(ms_buf_get(&ip4),
			     MS_SLICE("2001:db8:1::,2001:db8:2:ffff:ffff:ffff:"
				      "ffff:ffff,DE\n"),
			     &out, &stats, &diag),
	    MS_OK);
	assert_int_equal(stats.ranges4, 3);
	assert_int_equal(stats.ranges6, 1);
	assert_int_equal(stats.records, 2);
	assert_int_equal(stats.generated, 1782362039);
	assert_string_equal(stats.license, "CC BY-SA 4.0");
	file = geo_file(ms_buf_get(&out));
	path = file.path;
	assert_int_equal(ms_geo_open(&path, 1, NULL, &source, NULL), MS_OK);
	assert_int_equal(source->databases[0].build, 1782362039);
	assert_non_null(strstr(source->databases[0].description,
	    "Example Project, 2026-06-25, licence CC BY-SA 4.0"));
	assert_slice(geo_lookup(source, geo_ip4(192, 0, 2, 0)).country, "DE");
	assert_slice(geo_lookup(source, geo_ip4(192, 0, 2, 127)).country_name,
	    "Germany");
	assert_false(geo_lookup(source, geo_ip4(192, 0, 2, 128)).found);
	assert_slice(
	    geo_lookup(source, geo_ip4(198, 51, 100, 255)).country, "FR");
	assert_slice(geo_lookup(source, geo_ip6(2, 9)).country, "DE");
	assert_false(geo_lookup(source, geo_ip6(3, 0)).found);
	source->close(source);
	close(file.fd);
	ms_arena_free(arena);
}

static void
damaged_lines(void **state)
{
	static const struct {
		const char *ip4, *ip6, *diag;
	} cases[] = {
		{ "1,2,DE\n1,2\n", "", "geoip line 2 " },
		{ "1,2,DEU\n", "", "geoip line 1 " },
		{ "1,2,d1\n", "", "geoip line 1 " },
		{ "2,1,DE\n", "", "geoip line 1 " },
		{ "1,4294967296,DE\n", "", "geoip line 1 " },
		{ "x,2,DE\n", "", "geoip line 1 " },
		{ "1 2,DE\n", "", "geoip line 1 " },
		{ "", "# x\n1,2,DE\n", "geoip6 line 2 " },
		{ "", "192.0.2.1,192.0.2.2,DE\n", "geoip6 line 1 " },
		{ "", "::2,::1,DE\n", "geoip6 line 1 " },
		{ "# nothing\n", "", "no ranges" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_geo_build_stats stats;
		struct ms_diag diag = { 0 };
		struct ms_buf out;

		ms_buf_init(&out, arena);
		assert_int_equal(
		    ms_geo_build_country(ms_slice_from(cases[i].ip4),
			ms_slice_from(cases[i].ip6), &out, &stats, &diag),
		    MS_FORMAT);
		if (!strstr(diag.text, cases[i].diag))
			print_error("case %zu: %s\n", i, diag.text);
		assert_non_null(strstr(diag.text, cases[i].diag));
		ms_arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_files),
		cmocka_unit_test(damaged_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
