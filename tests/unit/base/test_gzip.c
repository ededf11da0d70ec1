/* SPDX-License-Identifier: ISC
 * test_gzip.c - gzip that comes in: whole, in members, damaged, a bomb
 */
#include <zlib.h>

#include "mailsonde/gzip.h"

#include "test.h"

static struct ms_slice
pack(struct ms_arena *arena, struct ms_slice text)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)text.p,
		.avail_in = (unsigned)text.n };
	size_t size = text.n + 1000;

	z.next_out = ms_arena_bytes(arena, size);
	z.avail_out = (unsigned)size;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return ms_slice_make(z.next_out - z.total_out, z.total_out);
}

static void
unpacks(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice one = pack(arena, MS_SLICE("one "));
	struct ms_slice two = pack(arena, MS_SLICE("two"));
	struct ms_buf both, out;

	(void)state;
	ms_buf_init(&both, arena);
	ms_buf_slice(&both, one);
	ms_buf_slice(&both, two);
	assert_true(ms_is_gzip(one));
	assert_false(ms_is_gzip(MS_SLICE("<?xml")));
	ms_buf_init(&out, arena);
	assert_int_equal(ms_gunzip(ms_buf_get(&both), 100, &out), MS_OK);
	assert_slice(ms_buf_get(&out), "one two");
	ms_arena_free(arena);
}

static void
says_what_is_cut_or_damaged(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice whole = pack(arena, MS_SLICE("something to be cut"));
	unsigned char *broken = ms_arena_bytes(arena, whole.n);
	struct ms_buf out;

	(void)state;
	ms_buf_init(&out, arena);
	for (size_t n = 0; n < whole.n; n++)
		assert_int_equal(
		    ms_gunzip(ms_slice_part(whole, 0, n), 100, &out),
		    MS_FORMAT);
	memcpy(broken, whole.p, whole.n);
	broken[whole.n - 6] ^= 1; /* of the checksum */
	assert_int_equal(
	    ms_gunzip(ms_slice_make(broken, whole.n), 100, &out), MS_FORMAT);
	ms_arena_free(arena);
}

/* Tapes and mail programs pad. */
static void
passes_padding_over(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf padded, out;

	(void)state;
	ms_buf_init(&padded, arena);
	ms_buf_init(&out, arena);
	ms_buf_slice(&padded, pack(arena, MS_SLICE("one")));
	ms_buf_repeat(&padded, 0, 100);
	assert_int_equal(ms_gunzip(ms_buf_get(&padded), 100, &out), MS_OK);
	assert_slice(ms_buf_get(&out), "one");
	ms_arena_free(arena);
}

static void
stops_at_the_limit(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf zeros, out;

	(void)state;
	ms_buf_init(&zeros, arena);
	ms_buf_repeat(&zeros, 0, 4 << 20);
	ms_buf_init(&out, arena);
	assert_int_equal(
	    ms_gunzip(pack(arena, ms_buf_get(&zeros)), 1 << 20, &out),
	    MS_LIMIT);
	assert_true(out.n < 2 << 20);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks),
		cmocka_unit_test(says_what_is_cut_or_damaged),
		cmocka_unit_test(passes_padding_over),
		cmocka_unit_test(stops_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
