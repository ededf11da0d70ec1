/* SPDX-License-Identifier: ISC
 * fuzz_codec.c - every transfer encoding over any bytes
 */
#include <assert.h>
#include <stdint.h>

#include "mailsonde/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In pieces as in one. */
static void
compare(struct ms_slice whole, enum ms_encoding encoding, struct ms_slice in,
    const struct ms_codec_damage *damage)
{
	unsigned char room[1024];
	struct ms_codec codec;
	struct ms_slice piece;
	size_t at = 0;

	ms_codec_init(&codec, encoding, in);
	while (ms_codec_next(&codec, room, sizeof(room), &piece)) {
		assert(piece.n <= whole.n - at);
		assert(memcmp(whole.p + at, piece.p, piece.n) == 0);
		at += piece.n;
	}
	assert(at == whole.n);
	assert(codec.damage.count == damage->count);
	assert(codec.damage.first == damage->first);
	assert(damage->count == 0 || damage->first < in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice in = ms_slice_make(data, size);

	for (unsigned i = 0; i <= MS_ENCODING_UNKNOWN; i++) {
		enum ms_encoding encoding = (enum ms_encoding)i;
		struct ms_codec_damage damage;

		compare(ms_codec_decode(arena, encoding, in, &damage), encoding,
		    in, &damage);
	}
	ms_arena_free(arena);
	return 0;
}
