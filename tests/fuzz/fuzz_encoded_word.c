/* SPDX-License-Identifier: ISC
 * fuzz_encoded_word.c - header text of any bytes becomes valid UTF-8
 */
#include <assert.h>

#include "mailsonde/header.h"
#include "mailsonde/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(arena);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_defects defects = { .limit = limits.defects };
	struct ms_parse parse = { arena, charsets, &limits, &defects, data,
		NULL };
	struct ms_slice in = ms_slice_make(data, size), out;

	out = ms_text_decode(&parse, in, 0);
	assert(ms_utf8_valid(out));
	assert(ms_utf8_valid(ms_phrase_decode(&parse, in, 0)));
	assert(ms_unescape(arena, in).n <= size);
	ms_charsets_close(charsets);
	ms_arena_free(arena);
	return 0;
}
