/* SPDX-License-Identifier: ISC
 * line.c - lines that begin with two given bytes
 *
 * Boundaries and mailbox separators are found so. The LF and the first bytes
 * decide so much that what is left is rare: sixteen offsets are looked at in
 * one step.
 */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "mailsonde/slice.h"

size_t
ms_slice_find_line(
    struct ms_slice s, size_t from, unsigned char a, unsigned char b)
{
	size_t i = from;

#ifdef __SSE2__
	const __m128i lf = _mm_set1_epi8('\n');
	const __m128i va = _mm_set1_epi8((char)a);
	const __m128i vb = _mm_set1_epi8((char)b);

	for (; i + 18 <= s.n; i += 16) {
		const unsigned char *p = s.p + i;
		__m128i hit = _mm_and_si128(
		    _mm_cmpeq_epi8(
			_mm_loadu_si128((const __m128i *)(const void *)p), lf),
		    _mm_cmpeq_epi8(
			_mm_loadu_si128((const __m128i *)(const void *)(p + 1)),
			va));
		int bits = _mm_movemask_epi8(hit);

		if (bits && b)
			bits &= _mm_movemask_epi8(_mm_cmpeq_epi8(
			    _mm_loadu_si128(
				(const __m128i *)(const void *)(p + 2)),
			    vb));
		if (bits)
			return i + (size_t)__builtin_ctz((unsigned)bits);
	}
#endif
	for (; i + 1 < s.n; i++)
		if (s.p[i] == '\n' && s.p[i + 1] == a &&
		    (!b || (i + 2 < s.n && s.p[i + 2] == b)))
			return i;
	return s.n;
}
