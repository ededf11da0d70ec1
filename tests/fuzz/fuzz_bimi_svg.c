/* SPDX-License-Identifier: ISC
 * fuzz_bimi_svg.c - the mark of BIMI
 */
#include "fuzz.h"

#include "mailsonde/bimi_svg.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_bimi_svg svg;

	limits.xml_depth = 16; /* within a fuzzer's reach */
	limits.xml_nodes = 256;
	ms_bimi_svg_parse(ms_slice_make(data, size), &limits, arena, &svg);
	assert(svg.faults_n <= MS_BIMI_SVG_FAULTS);
	assert(!svg.fault || svg.faults_n == 0);
	assert(svg.fault || svg.title.n > 0 || svg.faults_n > 0);
	for (size_t i = 0; i < svg.faults_n; i++)
		assert(svg.faults[i][0]);
	ms_arena_free(arena);
	return 0;
}
