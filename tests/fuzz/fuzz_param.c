/* SPDX-License-Identifier: ISC
 * fuzz_param.c - parameters and message ids of any bytes
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
	struct ms_field field = { .value = ms_slice_make(data, size) };
	struct ms_params params;

	ms_params_parse(&parse, &field, &params);
	assert(params.n <= limits.params);
	assert(ms_utf8_valid(params.value));
	for (size_t i = 0; i < params.n; i++) {
		const struct ms_param *param = &params.params[i];

		assert(ms_utf8_valid(param->name));
		assert(ms_utf8_valid(param->value));
		/* The raw value is a piece of the input. */
		assert(param->raw.p >= data &&
		       param->raw.p + param->raw.n <= data + size);
	}
	assert(ms_utf8_valid(ms_message_id_parse(&parse, &field)));
	ms_charsets_close(charsets);
	ms_arena_free(arena);
	return 0;
}
