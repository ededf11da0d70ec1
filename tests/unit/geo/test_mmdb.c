/* SPDX-License-Identifier: ISC
 * test_mmdb.c - every maker's shape, several databases, damaged files
 */
#include "geotest.h"

#include "geo/writer_priv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define S(name, value)                                                         \
	{                                                                      \
		.key = (name), .type = GEO_STRING, .text = {                   \
			(const unsigned char *)(value),                        \
			sizeof(value) - 1                                      \
		}                                                              \
	}
#define R(name, kind, value)                                                   \
	{                                                                      \
		.key = (name), .type = (kind), .real = (value)                 \
	}
#define I(name, kind, value)                                                   \
	{                                                                      \
		.key = (name), .type = (kind), .integer = (value)              \
	}
#define M(name, kind, array)                                                   \
	{                                                                      \
		.key = (name), .type = (kind), .items = (array),               \
		.n = COUNT(array)                                              \
	}

/* GeoLite2-City, and GeoIP2 Enterprise with its traits. */
static const struct geo_value geneva[] = { S("de", "Genf"), S("en", "Geneva") };
static const struct geo_value city[] = { M("names", GEO_MAP, geneva) };
static const struct geo_value swiss[] = { S("de", "Schweiz"),
	S("en", "Switzerland") };
static const struct geo_value country[] = { S("iso_code", "CH"),
	M("names", GEO_MAP, swiss) };
static const struct geo_value place[] = { I("accuracy_radius", GEO_UINT16, 20),
	R("latitude", GEO_DOUBLE, 46.2), R("longitude", GEO_DOUBLE, -6.1),
	S("time_zone", "Europe/Zurich") };
static const struct geo_value canton_name[] = { S("en", "Canton of Geneva") };
static const struct geo_value canton[] = { S("iso_code", "GE"),
	M("names", GEO_MAP, canton_name) };
static const struct geo_value cantons[] = { M(NULL, GEO_MAP, canton) };
static const struct geo_value traits[] = { I("autonomous_system_number",
					       GEO_UINT32, 64496),
	S("autonomous_system_organization", "Example SA") };
static const struct geo_value geoip2[] = { M("city", GEO_MAP, city),
	M("country", GEO_MAP, country), M("location", GEO_MAP, place),
	M("registered_country", GEO_MAP, country),
	M("subdivisions", GEO_ARRAY, cantons), M("traits", GEO_MAP, traits) };

static const struct geo_value registered[] = { M(
    "registered_country", GEO_MAP, country) };
static const struct geo_value geolite_asn[] = { I("autonomous_system_number",
						    GEO_UINT32, 4294967295),
	S("autonomous_system_organization", "Last AS") };
static const struct geo_value dbip_place[] = { R("latitude", GEO_FLOAT, 46.5),
	R("longitude", GEO_FLOAT, 6.5) };
static const struct geo_value dbip[] = { M("city", GEO_MAP, city),
	M("country", GEO_MAP, country), M("location", GEO_MAP, dbip_place) };
static const struct geo_value ipinfo_lite[] = { S("as_domain", "example.net"),
	S("as_name", "Example Net"), S("asn", "AS174"),
	S("country", "Switzerland"), S("country_code", "CH") };
static const struct geo_value ipinfo_old[] = { S("city", "Geneva"),
	S("country", "CH"), S("lat", "46.2022"), S("lng", "-6.1457"),
	S("region", "Geneva") };
static const struct geo_value iplocate[] = { S("country_code", "CH"),
	I("asn", GEO_UINT32, 174), S("name", "COGENT"),
	S("org", "Cogent Communications") };
static const struct geo_value flat_city[] = { S("city", "Geneva"),
	S("country_code", "CH"), R("latitude", GEO_FLOAT, 46.5),
	R("longitude", GEO_FLOAT, 6.5), S("state1", "GE") };
/* Wrong types and values out of range are as absent. */
static const struct geo_value odd[] = { I("city", GEO_UINT32, 5),
	S("country", "C"), S("asn", ""), S("lat", ""), S("lng", "x"),
	R("latitude", GEO_DOUBLE, 500), R("longitude", GEO_DOUBLE, 6) };

static const struct {
	const char *name;
	const struct geo_value *items;
	size_t n;
	const char *country, *country_name, *city, *region, *organization;
	uint32_t asn, accuracy;
	bool registered, located;
	double latitude, longitude;
} shapes[] = {
	{ "GeoIP2", geoip2, COUNT(geoip2), "CH", "Switzerland", "Geneva",
	    "Canton of Geneva", "Example SA", 64496, 20, false, true, 46.2,
	    -6.1 },
	{ "registered", registered, COUNT(registered), "CH", "Switzerland",
	    NULL, NULL, NULL, 0, 0, true, false, 0, 0 },
	{ "GeoLite2-ASN", geolite_asn, COUNT(geolite_asn), NULL, NULL, NULL,
	    NULL, "Last AS", 4294967295, 0, false, false, 0, 0 },
	{ "DB-IP", dbip, COUNT(dbip), "CH", "Switzerland", "Geneva", NULL, NULL,
	    0, 0, false, true, 46.5, 6.5 },
	{ "IPinfo Lite", ipinfo_lite, COUNT(ipinfo_lite), "CH", "Switzerland",
	    NULL, NULL, "Example Net", 174, 0, false, false, 0, 0 },
	{ "IPinfo, older", ipinfo_old, COUNT(ipinfo_old), "CH", "Switzerland",
	    "Geneva", "Geneva", NULL, 0, 0, false, true, 46.2022, -6.1457 },
	{ "IPLocate", iplocate, COUNT(iplocate), "CH", "Switzerland", NULL,
	    NULL, "Cogent Communications", 174, 0, false, false, 0, 0 },
	{ "ip-location-db", flat_city, COUNT(flat_city), "CH", "Switzerland",
	    "Geneva", "GE", NULL, 0, 0, false, true, 46.5, 6.5 },
	{ "odd", odd, COUNT(odd), NULL, NULL, NULL, NULL, NULL, 0, 0, false,
	    false, 0, 0 },
};

static void
check_shape(size_t i, const struct ms_geo_place *found)
{
	if (found->found != (shapes[i].country || shapes[i].asn))
		print_error("%s\n", shapes[i].name);
	assert_int_equal(
	    found->found, shapes[i].country != NULL || shapes[i].asn);
	assert_slice(found->country, shapes[i].country);
	assert_slice(found->country_name, shapes[i].country_name);
	assert_slice(found->city, shapes[i].city);
	assert_slice(found->region, shapes[i].region);
	assert_slice(found->organization, shapes[i].organization);
	assert_int_equal(found->asn, shapes[i].asn);
	assert_int_equal(found->accuracy_km, shapes[i].accuracy);
	assert_int_equal(found->country_registered, shapes[i].registered);
	assert_int_equal(found->has_location, shapes[i].located);
	assert_true(found->latitude - shapes[i].latitude < 1e-6 &&
		    shapes[i].latitude - found->latitude < 1e-6);
	assert_true(found->longitude - shapes[i].longitude < 1e-6 &&
		    shapes[i].longitude - found->longitude < 1e-6);
}

/* One network 192.0.I.0/24 for each shape, all in one file. */
static struct ms_slice
all_shapes(struct ms_arena *arena, bool ip4_only)
{
	struct ms_geo_writer *writer = ms_geo_writer_new(NULL);
	struct ms_geo_meta meta = geo_test_meta;
	struct ms_buf out;

	meta.ip4_only = ip4_only;
	ms_buf_init(&out, arena);
	for (unsigned i = 0; i < COUNT(shapes); i++) {
		struct geo_value whole = { .type = GEO_MAP,
			.items = shapes[i].items,
			.n = shapes[i].n };

		geo_net4(writer, i, geo_writer_value(writer, &whole));
	}
	ms_geo_writer_finish(writer, &meta, &out);
	ms_geo_writer_free(writer);
	return ms_buf_get(&out);
}

static void
shapes_are_read(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_geo_source *source;

	(void)state;
	for (int only = 0; only < 2; only++) {
		struct geo_file file = geo_file(all_shapes(arena, only));
		const char *path = file.path;

		assert_int_equal(
		    ms_geo_open(&path, 1, "/nonexistent", &source, NULL),
		    MS_OK);
		assert_int_equal(source->n, 1);
		assert_string_equal(source->databases[0].type, "Test-City");
		assert_string_equal(
		    source->databases[0].description, "made by a test");
		assert_int_equal(source->databases[0].build, 1767225600);
		assert_int_equal(source->databases[0].ip_version, only ? 4 : 6);
		/* Twice: read, and from what was kept. */
		for (unsigned i = 0; i < 2 * COUNT(shapes); i++) {
			unsigned at = i % (unsigned)COUNT(shapes);
			struct ms_geo_place found =
			    geo_lookup(source, geo_ip4(192, 0, at, i));

			check_shape(at, &found);
		}
		source->close(source);
		close(file.fd);
	}
	ms_arena_free(arena);
}

static void
addresses_of_every_kind(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct geo_file file = geo_file(all_shapes(arena, true));
	const char *path = file.path;
	struct ms_geo_source *source;
	struct ms_ip none = { 0 }, mapped = geo_ip4(192, 0, 0, 1);

	(void)state;
	mapped.v4 = false;
	assert_int_equal(ms_geo_open(&path, 1, NULL, &source, NULL), MS_OK);
	assert_false(geo_lookup(source, none).found);
	assert_false(geo_lookup(source, geo_ip4(198, 51, 100, 1)).found);
	/* IPv6 in a file for IPv4 alone: no data, no error. */
	assert_false(geo_lookup(source, geo_ip6(1, 1)).found);
	assert_slice(geo_lookup(source, mapped).country, "CH");
	source->close(source);
	source = ms_geo_none();
	assert_false(geo_lookup(source, mapped).found);
	source->close(source);
	close(file.fd);
	ms_arena_free(arena);
}

static struct geo_file
one_place(struct ms_arena *arena, const struct ms_geo_place *what)
{
	struct ms_geo_writer *writer = ms_geo_writer_new(NULL);
	struct ms_buf out;
	struct geo_file file;

	ms_buf_init(&out, arena);
	geo_net4(writer, 2, ms_geo_writer_record(writer, what));
	ms_geo_writer_finish(writer, &geo_test_meta, &out);
	ms_geo_writer_free(writer);
	file = geo_file(ms_buf_get(&out));
	return file;
}

static void
first_database_wins(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	const struct ms_geo_place asn = { .asn = 64500 };
	const struct ms_geo_place first = { .country = MS_SLICE("XX"),
		.city = MS_SLICE("First") };
	const struct ms_geo_place second = { .country = MS_SLICE("DE"),
		.country_name = MS_SLICE("Germany"),
		.city = MS_SLICE("Second"),
		.region = MS_SLICE("Region"),
		.asn = 64501,
		.organization = MS_SLICE("Other") };
	struct geo_file files[] = { one_place(arena, &asn),
		one_place(arena, &first), one_place(arena, &second) };
	const char *paths[] = { files[0].path, files[1].path };
	struct ms_geo_source *source;
	struct ms_geo_place found;

	(void)state;
	assert_int_equal(
	    ms_geo_open(paths, 2, files[2].path, &source, NULL), MS_OK);
	assert_int_equal(source->n, 3);
	assert_false(source->databases[1].embedded);
	assert_true(source->databases[2].embedded);
	found = geo_lookup(source, geo_ip4(192, 0, 2, 1));
	assert_slice(found.country, "XX");
	/* The other's country is not this one's name. */
	assert_slice(found.country_name, NULL);
	assert_slice(found.city, "First");
	assert_slice(found.region, "Region");
	assert_int_equal(found.asn, 64500);
	assert_slice(found.organization, NULL);
	source->close(source);
	for (size_t i = 0; i < COUNT(files); i++)
		close(files[i].fd);
	ms_arena_free(arena);
}

static void
unusable_files(void **state)
{
	static const char *const missing = "/nonexistent/x.mmdb";
	struct ms_geo_source *source = NULL;
	struct ms_diag diag = { 0 };
	struct geo_file file = geo_file(MS_SLICE("\xff\xd8\xff\xe0JFIF"));
	struct geo_file empty = geo_file(MS_SLICE(""));
	const char *path = file.path;

	(void)state;
	assert_int_equal(ms_geo_open(&missing, 1, NULL, &source, &diag), MS_IO);
	assert_non_null(strstr(diag.text, "/nonexistent/x.mmdb: No such file"));
	assert_int_equal(
	    ms_geo_open(&path, 1, NULL, &source, &diag), MS_FORMAT);
	assert_non_null(strstr(diag.text, file.path));
	path = empty.path;
	assert_int_equal(
	    ms_geo_open(&path, 1, NULL, &source, &diag), MS_FORMAT);
	assert_null(source);
	close(file.fd);
	close(empty.fd);
}

/* Look everywhere, whatever comes of it. */
static bool
probe(struct ms_slice bytes)
{
	struct geo_file file = geo_file(bytes);
	const char *path = file.path;
	struct ms_geo_source *source;
	struct ms_geo_place found;
	bool usable = ms_geo_open(&path, 1, NULL, &source, NULL) == MS_OK;

	for (unsigned i = 0; usable && i < COUNT(shapes); i++) {
		struct ms_ip ip = geo_ip4(192, 0, i, 1);

		(void)source->lookup(source, &ip, &found);
	}
	if (usable)
		source->close(source);
	close(file.fd);
	return usable;
}

static void
damaged_files(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice whole = all_shapes(arena, false);
	struct ms_slice copy = ms_arena_copy(arena, whole);
	unsigned char *bytes = (unsigned char *)(uintptr_t)copy.p;

	(void)state;
	assert_true(probe(whole));
	for (size_t n = 0; n + 64 < whole.n; n += 64)
		(void)probe(ms_slice_part(whole, 0, n));
	for (size_t i = 0; i < whole.n; i++) {
		bytes[i] ^= (unsigned char)(0xff >> i % 8);
		(void)probe(copy);
		bytes[i] = whole.p[i];
	}
	assert_true(probe(copy));
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_are_read),
		cmocka_unit_test(addresses_of_every_kind),
		cmocka_unit_test(first_database_wins),
		cmocka_unit_test(unusable_files),
		cmocka_unit_test(damaged_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
