/* SPDX-License-Identifier: ISC
 * test_writer.c - ranges, merging, sizes of records and values
 */
#include "geotest.h"

#include "geo/writer_priv.h"

static unsigned
country(struct ms_geo_writer *writer, const char *code)
{
	struct ms_geo_place place = { .country = ms_slice_from(code) };

	return ms_geo_writer_record(writer, &place);
}

static struct ms_geo_source *
finished(
    struct ms_geo_writer *writer, struct ms_arena *arena, struct geo_file *file)
{
	struct ms_geo_source *source = NULL;
	struct ms_buf out;
	const char *path;

	ms_buf_init(&out, arena);
	ms_geo_writer_finish(writer, &geo_test_meta, &out);
	*file = geo_file(ms_buf_get(&out));
	path = file->path;
	assert_int_equal(ms_geo_open(&path, 1, NULL, &source, NULL), MS_OK);
	return source;
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Random ranges in a space of 16 bits, v4 and v6, against a plain array. */
static void
ranges_against_an_array(void **state)
{
	static const char *const codes[] = { "AA", "BB", "CC", "DD" };
	static unsigned char wanted[2][65536]; /* 0, or 1 more than the code */
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_geo_writer *writer = ms_geo_writer_new(NULL);
	struct ms_geo_source *source;
	struct geo_file file;
	uint32_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		unsigned six = i % 2, code = next_random(&seed) % 4;
		unsigned from = next_random(&seed) & 0xffff;
		unsigned size = next_random(&seed) % 4096;
		unsigned to = from + size > 0xffff ? 0xffff : from + size;
		struct ms_ip first =
		    six ? geo_ip6(7, from) : geo_ip4(10, 1, from >> 8, from);
		struct ms_ip last =
		    six ? geo_ip6(7, to) : geo_ip4(10, 1, to >> 8, to);

		ms_geo_writer_range(
		    writer, &first, &last, country(writer, codes[code]));
		memset(&wanted[six][from], (int)code + 1, to - from + 1);
	}
	source = finished(writer, arena, &file);
	for (unsigned i = 0; i < 2 * 65536; i++) {
		unsigned six = i >> 16, at = i & 0xffff;
		struct ms_geo_place found = geo_lookup(
		    source, six ? geo_ip6(7, at) : geo_ip4(10, 1, at >> 8, at));

		assert_slice(found.country,
		    wanted[six][at] ? codes[wanted[six][at] - 1] : NULL);
	}
	assert_false(geo_lookup(source, geo_ip4(10, 2, 0, 0)).found);
	assert_false(geo_lookup(source, geo_ip6(8, 0)).found);
	source->close(source);
	close(file.fd);
	ms_geo_writer_free(writer);
	ms_arena_free(arena);
}

static void
siblings_merge(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_geo_writer *writer = ms_geo_writer_new(NULL);
	struct geo_file file;
	struct ms_geo_source *source;

	(void)state;
	/* Equal records are one, 256 addresses one block: 96 + 24 nodes. */
	for (unsigned i = 0; i < 256; i++) {
		struct ms_ip ip = geo_ip4(192, 0, 2, i);

		ms_geo_writer_range(writer, &ip, &ip, country(writer, "FR"));
	}
	source = finished(writer, arena, &file);
	assert_int_equal(geo_writer_records(writer), 1);
	assert_int_equal(geo_writer_nodes(writer), 96 + 24);
	assert_slice(geo_lookup(source, geo_ip4(192, 0, 2, 255)).country, "FR");
	source->close(source);
	close(file.fd);
	ms_geo_writer_free(writer);
	ms_arena_free(arena);
}

static void
whole_space_and_nothing(void **state)
{
	struct ms_ip zero4 = geo_ip4(0, 0, 0, 0);
	struct ms_ip ones4 = geo_ip4(255, 255, 255, 255);
	struct ms_ip zero6 = { .set = true }, ones6 = { .set = true };

	(void)state;
	memset(ones6.b, 0xff, 16);
	for (int which = 0; which < 3; which++) {
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_geo_writer *writer = ms_geo_writer_new(NULL);
		struct ms_geo_source *source;
		struct geo_file file;

		if (which == 1)
			ms_geo_writer_range(
			    writer, &zero4, &ones4, country(writer, "IT"));
		if (which == 2)
			ms_geo_writer_range(
			    writer, &zero6, &ones6, country(writer, "IT"));
		source = finished(writer, arena, &file);
		assert_int_equal(geo_lookup(source, zero4).found, which > 0);
		assert_int_equal(geo_lookup(source, ones4).found, which > 0);
		assert_int_equal(geo_lookup(source, ones6).found, which == 2);
		source->close(source);
		close(file.fd);
		ms_geo_writer_free(writer);
		ms_arena_free(arena);
	}
}

/* Enough data for record sizes above 24 bits is too much for a unit test;
 * the size of strings and the reach of pointers is not. */
static void
long_strings_and_far_pointers(void **state)
{
	static const size_t sizes[] = { 1, 28, 29, 284, 285, 65820, 65821,
		70000 };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_geo_writer *writer = ms_geo_writer_new(NULL);
	struct ms_geo_source *source;
	struct geo_file file;
	unsigned char *text = ms_arena_bytes(arena, 70000);

	(void)state;
	memset(text, 'x', 70000);
	/* Twice each: the second time the string is a pointer, and the data
	 * is 600 KB in between, past the first two sizes of pointers. */
	for (unsigned i = 0; i < 48; i++) {
		struct ms_geo_place place = { .asn = i + 1 };

		text[0] = (unsigned char)('a' + i % 24 / 8);
		place.organization = ms_slice_make(text, sizes[i % 8]);
		geo_net4(writer, i, ms_geo_writer_record(writer, &place));
	}
	source = finished(writer, arena, &file);
	for (unsigned i = 0; i < 48; i++) {
		struct ms_geo_place found =
		    geo_lookup(source, geo_ip4(192, 0, i, 9));

		text[0] = (unsigned char)('a' + i % 24 / 8);
		assert_int_equal(found.asn, i + 1);
		assert_true(ms_slice_equal(
		    found.organization, ms_slice_make(text, sizes[i % 8])));
	}
	source->close(source);
	close(file.fd);
	ms_geo_writer_free(writer);
	ms_arena_free(arena);
}

/* 28-bit records: past 2^24 with 40 organisations of half a megabyte. */
static void
wider_records(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_geo_writer *writer = ms_geo_writer_new(NULL);
	struct ms_geo_source *source;
	struct geo_file file;
	size_t size = 500000;
	unsigned char *text = ms_arena_bytes(arena, size);

	(void)state;
	memset(text, 'y', size);
	for (unsigned i = 0; i < 40; i++) {
		struct ms_geo_place place = { .asn = i + 1 };

		text[0] = (unsigned char)('0' + i);
		place.organization = ms_slice_make(text, size);
		geo_net4(writer, i, ms_geo_writer_record(writer, &place));
	}
	source = finished(writer, arena, &file);
	for (unsigned i = 0; i < 40; i++) {
		struct ms_geo_place found =
		    geo_lookup(source, geo_ip4(192, 0, i, 9));

		assert_int_equal(found.asn, i + 1);
		assert_int_equal(found.organization.n, size);
		assert_int_equal(found.organization.p[0], '0' + i);
	}
	source->close(source);
	close(file.fd);
	ms_geo_writer_free(writer);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_against_an_array),
		cmocka_unit_test(siblings_merge),
		cmocka_unit_test(whole_space_and_nothing),
		cmocka_unit_test(long_strings_and_far_pointers),
		cmocka_unit_test(wider_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
