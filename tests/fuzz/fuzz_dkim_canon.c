/* SPDX-License-Identifier: ISC
 * fuzz_dkim_canon.c - canonical forms of any bytes: the pieces are the whole,
 * twice is once, and the length has a bound
 */
#include <assert.h>

#include "mailsonde/dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ms_slice
body(struct ms_arena *arena, enum ms_dkim_canon canon, bool bare_cr,
    struct ms_slice in, size_t room_n)
{
	unsigned char *room = ms_arena_bytes(arena, room_n);
	struct ms_dkim_body state;
	struct ms_slice piece;
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_dkim_body_init(&state, canon, bare_cr, in);
	while (ms_dkim_body_next(&state, room, room_n, &piece)) {
		assert(piece.n > 0);
		ms_buf_slice(&buf, piece);
	}
	assert(!ms_dkim_body_next(&state, room, room_n, &piece));
	return ms_buf_get(&buf);
}

static void
check_body(struct ms_arena *arena, enum ms_dkim_canon canon, bool bare_cr,
    struct ms_slice in)
{
	struct ms_slice whole = body(arena, canon, bare_cr, in, 4096);
	size_t offset, half = whole.n / 2;

	assert(ms_slice_equal(whole, body(arena, canon, bare_cr, in, 64)));
	assert(ms_slice_equal(whole, body(arena, canon, bare_cr, whole, 65)));
	assert(whole.n <= 2 * in.n + 2);
	assert(whole.n == 0 || ms_slice_ends(whole, "\r\n"));
	offset = ms_dkim_body_offset(canon, bare_cr, in, half);
	assert(offset <= in.n);
	assert(offset <= ms_dkim_body_offset(canon, bare_cr, in, whole.n));
}

static void
check_header(struct ms_arena *arena, enum ms_dkim_canon canon, bool bare_cr,
    struct ms_slice in)
{
	struct ms_buf once, twice;

	ms_buf_init(&once, arena);
	ms_buf_init(&twice, arena);
	ms_dkim_header_canon(canon, bare_cr, in, &once);
	ms_dkim_header_canon(canon, bare_cr, ms_buf_get(&once), &twice);
	assert(ms_slice_equal(ms_buf_get(&once), ms_buf_get(&twice)));
	assert(once.n <= 2 * in.n + 2);
	assert(ms_slice_ends(ms_buf_get(&once), "\r\n"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice in = ms_slice_make(data, size);

	for (int bare_cr = 0; bare_cr < 2; bare_cr++) {
		check_body(arena, MS_DKIM_SIMPLE, bare_cr, in);
		check_body(arena, MS_DKIM_RELAXED, bare_cr, in);
		check_header(arena, MS_DKIM_SIMPLE, bare_cr, in);
		if (ms_slice_find(in, 0, ':') < size)
			check_header(arena, MS_DKIM_RELAXED, bare_cr, in);
	}
	ms_arena_free(arena);
	return 0;
}
