/* SPDX-License-Identifier: ISC
 * test_arena.c - memory with one owner, and buffers in it
 */
#include "mailsonde/arena.h"

#include <limits.h>
#include <stdalign.h>
#include <stdio.h>

#include "test.h"

#define MIB ((size_t)1024 * 1024)

/* Pieces of all sizes do not touch each other, and are aligned. */
static void
pieces_are_apart(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	unsigned char *piece[2000];
	size_t n[2000];

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		n[i] = i * 7919 % 3000;
		if (i % 500 == 499)
			n[i] = 3 * MIB + i;
		piece[i] = i % 2 ? ms_arena_bytes(arena, n[i])
				 : ms_arena_alloc(arena, n[i]);
		assert_non_null(piece[i]);
		if (i % 2 == 0)
			assert_int_equal(
			    (uintptr_t)piece[i] % alignof(max_align_t), 0);
		memset(piece[i], (int)(i & 0xff), n[i]);
	}
	for (size_t i = 0; i < 2000; i++)
		for (size_t k = 0; k < n[i]; k++)
			assert_int_equal(piece[i][k], i & 0xff);
	ms_arena_free(arena);
}

static void
zeroed_is_zeroed_after_use(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_arena_mark mark = ms_arena_mark(arena);
	unsigned char *p = memset(ms_arena_alloc(arena, 5000), 0xff, 5000);

	(void)state;
	ms_arena_reset(arena, mark);
	p = ms_arena_zalloc(arena, 5000);
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(p[i], 0);
	ms_arena_clear(arena);
	memset(ms_arena_alloc(arena, 9000), 0xff, 9000);
	ms_arena_clear(arena);
	p = ms_arena_zalloc(arena, 9000);
	for (size_t i = 0; i < 9000; i++)
		assert_int_equal(p[i], 0);
	ms_arena_free(arena);
}

static void
gives_back_to_a_mark(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_arena_mark mark, empty = ms_arena_mark(arena);
	size_t before;
	char *kept;

	(void)state;
	kept = ms_arena_string(arena, MS_SLICE("kept"));
	mark = ms_arena_mark(arena);
	before = ms_arena_size(arena);
	for (unsigned i = 0; i < 100; i++) {
		(void)ms_arena_alloc(arena, MIB / 2);
		ms_arena_reset(arena, mark);
	}
	assert_int_equal(ms_arena_size(arena), before);
	assert_string_equal(kept, "kept");
	ms_arena_reset(arena, empty);
	assert_int_equal(ms_arena_size(arena), 0);
	ms_arena_free(arena);
}

/* What is kept between two cases is bounded, whatever the first needed. */
static void
keeps_little_when_cleared(void **state)
{
	static const size_t sizes[] = { 100, MIB / 2, MIB, 2 * MIB, 50 * MIB };
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	ms_arena_clear(arena);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
			for (size_t n = 0; n < 20 * MIB; n += 100000)
				(void)ms_arena_alloc(arena, 1000);
			(void)ms_arena_alloc(arena, sizes[i]);
			(void)ms_arena_alloc(arena, sizes[k]);
			(void)ms_arena_alloc(arena, 10);
			ms_arena_clear(arena);
			assert_true(ms_arena_size(arena) <= 4 * MIB + 100);
		}
	ms_arena_free(arena);
}

static void
grows_in_place_where_it_can(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	char *p = memcpy(ms_arena_alloc(arena, 4), "abcd", 4), *q;

	(void)state;
	q = ms_arena_grow(arena, p, 4, 100);
	assert_ptr_equal(p, q);
	q[99] = 'z';
	(void)ms_arena_alloc(arena, 1);
	q = ms_arena_grow(arena, p, 100, 200);
	assert_ptr_not_equal(p, q);
	assert_memory_equal(q, "abcd", 4);
	assert_int_equal(q[99], 'z');
	/* Over the end of a chunk. */
	p = ms_arena_grow(arena, q, 200, 5 * MIB);
	assert_memory_equal(p, "abcd", 4);
	assert_non_null(ms_arena_grow(arena, NULL, 0, 10));
	ms_arena_free(arena);
}

static void
buffers_hold_what_was_added(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf buf, other;
	char want[20000];
	size_t n = 0;

	(void)state;
	ms_buf_init(&buf, arena);
	ms_buf_init(&other, arena);
	assert_slice(ms_buf_get(&buf), "");
	/* Two that grow in turns, so that they move. */
	for (unsigned i = 0; i < 5000; i++) {
		ms_buf_byte(&buf, (unsigned char)('a' + i % 26));
		want[n++] = (char)('a' + i % 26);
		ms_buf_text(&other, "xy");
		if (i % 100 == 0) {
			ms_buf_printf(&buf, "<%u>", i);
			n += (size_t)snprintf(
			    want + n, sizeof(want) - n, "<%u>", i);
		}
	}
	assert_int_equal(buf.n, n);
	assert_memory_equal(buf.p, want, n);
	assert_int_equal(other.n, 10000);
	ms_arena_free(arena);
}

static void
buffers_write_numbers_and_runes(void **state)
{
	static const uint32_t runes[] = { 0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff,
		0xd800, 0xdfff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x110000,
		0xffffffff };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf buf;

	(void)state;
	ms_buf_init(&buf, arena);
	ms_buf_number(&buf, 0);
	ms_buf_byte(&buf, ' ');
	ms_buf_number(&buf, INT64_MAX);
	ms_buf_byte(&buf, ' ');
	ms_buf_number(&buf, INT64_MIN);
	assert_slice(
	    ms_buf_get(&buf), "0 9223372036854775807 -9223372036854775808");
	buf.n = 0;
	for (size_t i = 1; i < sizeof(runes) / sizeof(*runes); i++)
		ms_buf_rune(&buf, runes[i]);
	assert_slice(ms_buf_get(&buf),
	    "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbd"
	    "\xef\xbf\xbd\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80"
	    "\xf4\x8f\xbf\xbf\xef\xbf\xbd\xef\xbf\xbd");
	buf.n = 0;
	ms_buf_repeat(&buf, '-', 0);
	ms_buf_repeat(&buf, '-', 300);
	assert_int_equal(buf.n, 300);
	assert_int_equal(buf.p[299], '-');
	ms_arena_free(arena);
}

static void
lowers_letters_of_ascii(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice as_it_is = MS_SLICE("mx-1.example");

	(void)state;
	assert_slice(ms_arena_lower(arena, MS_SLICE("MX-1.Ex\xc3\x84MPLE@[`")),
	    "mx-1.ex\xc3\x84mple@[`");
	assert_ptr_equal(ms_arena_lower(arena, as_it_is).p, as_it_is.p);
	assert_true(ms_slice_is_ascii(as_it_is));
	assert_true(ms_slice_is_ascii(MS_SLICE("\x7f")));
	assert_false(ms_slice_is_ascii(MS_SLICE("a\x80")));
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_apart),
		cmocka_unit_test(zeroed_is_zeroed_after_use),
		cmocka_unit_test(gives_back_to_a_mark),
		cmocka_unit_test(keeps_little_when_cleared),
		cmocka_unit_test(grows_in_place_where_it_can),
		cmocka_unit_test(buffers_hold_what_was_added),
		cmocka_unit_test(buffers_write_numbers_and_runes),
		cmocka_unit_test(lowers_letters_of_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
