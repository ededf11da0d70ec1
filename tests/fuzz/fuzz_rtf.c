/* SPDX-License-Identifier: ISC
 * fuzz_rtf.c - compressed RTF, and RTF as it is, of any octets; the first byte
 * chooses which and the limits
 */
#include "fuzz.h"
#include "message/outlook_priv.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outlook_reader reader;
	struct ms_slice in, out;
	struct fuzz fuzz;

	if (size == 0)
		return 0;
	fuzz_init(&fuzz, data, data[0] & 1);
	memset(&reader, 0, sizeof(reader));
	reader.arena = fuzz.arena;
	reader.charsets = fuzz.parse.charsets;
	reader.limits = &fuzz.limits;
	reader.defects = &fuzz.defects;
	in = ms_slice_make(data + 1, size - 1);
	if (data[0] & 2) {
		in = rtf_decompress(&reader, in);
		/* Two octets stand for 17 at the most. */
		assert(in.n <= 9 * size && in.n <= fuzz.limits.rtf_size + 17);
	}
	for (enum rtf_kind kind = RTF_PLAIN; kind <= RTF_FROM_HTML; kind++) {
		out = rtf_unwrap(&reader, in, kind);
		fuzz_utf8(out);
		assert(out.n <= 8 * in.n + 8);
	}
	ms_charsets_close(fuzz.parse.charsets);
	ms_arena_free(fuzz.arena);
	return 0;
}
