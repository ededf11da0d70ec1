/* SPDX-License-Identifier: ISC
 * fuzz_accept.c - the Accept field of HTTP
 */
#include "fuzz.h"
#include "mailsonde/http.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "text/plain", "application/json" };
	struct ms_arena *arena = ms_arena_new(NULL);
	const char *field = ms_arena_string(arena, ms_slice_make(data, size));
	size_t both = ms_http_accept(field, types, 2);
	bool first = ms_http_accept(field, types, 1) == 0;
	bool second = ms_http_accept(field, types + 1, 1) == 0;

	/* What is taken would be taken alone; where none is, neither would. */
	assert(both == 2 ? !first && !second : both == 0 ? first : second);
	ms_arena_free(arena);
	return 0;
}
