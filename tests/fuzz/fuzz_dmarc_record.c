/* SPDX-License-Identifier: ISC
 * fuzz_dmarc_record.c - policy records of any bytes
 */
#include <assert.h>

#include "mailsonde/dmarc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(const struct ms_dmarc_record *record, struct ms_slice s)
{
	assert(s.p >= record->text.p);
	assert(s.p + s.n <= record->text.p + record->text.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_slice text = ms_slice_make(data, size);
	struct ms_dmarc_record out;

	ms_dmarc_record_parse(text, &limits, arena, &out);
	assert(out.is_record == ms_dmarc_is_record(text));
	assert(!out.is_record || !ms_dmarc_is_near(text));
	assert(out.is_record || (!out.usable && !out.rfc7489_usable));
	assert(out.usable == (out.p != MS_DMARC_ABSENT));
	assert(!out.usable || out.rfc7489_usable);
	assert(!out.rfc7489_valid || out.rfc7489_usable);
	assert(!out.rescued || (out.rua_n > 0 && out.p == MS_DMARC_NONE));
	assert(out.pct <= 100);
	assert(out.psd == 'y' || out.psd == 'n' || out.psd == 'u');
	for (size_t i = 0; i < out.rua_n; i++)
		inside(&out, out.rua[i]);
	for (size_t i = 0; i < out.ruf_n; i++)
		inside(&out, out.ruf[i]);
	for (size_t i = 0; i < out.deviations_n; i++)
		inside(&out, out.deviations[i].at);
	ms_arena_free(arena);
	return 0;
}
