/* SPDX-License-Identifier: ISC
 * fuzz_torgeo.c - tor's country files, split at the first NUL
 */
#include <assert.h>
#include <stdint.h>

#include "mailsonde/geo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_slice all = ms_slice_make(data, size);
	size_t at = ms_slice_find(all, 0, 0);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_geo_build_stats stats;
	struct ms_diag diag = { "" };
	struct ms_buf out;

	ms_buf_init(&out, arena);
	if (ms_geo_build_country(ms_slice_part(all, 0, at),
		ms_slice_part(all, at + 1, size), &out, &stats, &diag) == MS_OK)
		assert(out.n > 0 && stats.nodes > 0);
	else
		assert(out.n == 0 && diag.text[0]);
	ms_arena_free(arena);
	return 0;
}
