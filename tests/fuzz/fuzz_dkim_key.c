/* SPDX-License-Identifier: ISC
 * fuzz_dkim_key.c - key records of any bytes
 */
#include <assert.h>

#include "mailsonde/dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct ms_slice part, struct ms_slice text)
{
	assert(!part.p ||
	       (part.p >= text.p && part.p + part.n <= text.p + text.n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_slice text = ms_slice_make(data, size);
	struct ms_dkim_key key;

	ms_dkim_key_parse(text, &limits, arena, &key);
	assert((key.fault == MS_DKIM_KEY_GOOD) == (key.why == NULL));
	assert((key.fault == MS_DKIM_KEY_GOOD) == (key.bits > 0));
	assert(key.bits <= 16384);
	inside(key.version, text);
	inside(key.type_text, text);
	inside(key.hashes, text);
	inside(key.services, text);
	inside(key.flags, text);
	inside(key.notes, text);
	inside(key.data, text);
	ms_arena_free(arena);
	return 0;
}
