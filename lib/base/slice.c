/* SPDX-License-Identifier: ISC
 * slice.c - compare and search runs of bytes
 */
#include "mailsonde/slice.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

bool
ms_slice_equal(struct ms_slice a, struct ms_slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool
equal_nocase(const unsigned char *a, const unsigned char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && ms_lower(a[i]) != ms_lower(b[i]))
			return false;
	return true;
}

bool
ms_slice_equal_nocase(struct ms_slice a, struct ms_slice b)
{
	return a.n == b.n && equal_nocase(a.p, b.p, a.n);
}

bool
ms_slice_starts(struct ms_slice s, const char *prefix_nocase)
{
	size_t i = 0;

	/* Most differ in the first byte: the length is not asked for. */
	while (i < s.n && prefix_nocase[i] &&
	       ms_lower(s.p[i]) == ms_lower((unsigned char)prefix_nocase[i]))
		i++;
	return prefix_nocase[i] == '\0';
}

bool
ms_slice_ends(struct ms_slice s, const char *suffix_nocase)
{
	struct ms_slice suffix = ms_slice_from(suffix_nocase);

	return s.n >= suffix.n &&
	       equal_nocase(s.p + s.n - suffix.n, suffix.p, suffix.n);
}

size_t
ms_slice_find(struct ms_slice s, size_t from, unsigned char byte)
{
	const unsigned char *hit;

	if (from >= s.n)
		return s.n;
	hit = memchr(s.p + from, byte, s.n - from);
	return hit ? (size_t)(hit - s.p) : s.n;
}

#ifdef __SSE2__
/* Which of the sixteen bytes at `p` are followed as the pair is. The bits of
 * `fold` count for nothing. */
static unsigned
pairs_at(const unsigned char *p, const char *pair, unsigned char fold)
{
	const __m128i bits = _mm_set1_epi8((char)fold);
	__m128i first = _mm_or_si128(
	    _mm_loadu_si128((const __m128i *)(const void *)p), bits);
	__m128i second = _mm_or_si128(
	    _mm_loadu_si128((const __m128i *)(const void *)(p + 1)), bits);

	return (unsigned)_mm_movemask_epi8(_mm_and_si128(
	    _mm_cmpeq_epi8(first, _mm_set1_epi8((char)(pair[0] | fold))),
	    _mm_cmpeq_epi8(second, _mm_set1_epi8((char)(pair[1] | fold)))));
}
#endif

/* Texts are short and their first two bytes are rare together: sixteen
 * places are looked at in one step. */
size_t
ms_slice_find_text(struct ms_slice s, size_t from, const char *text)
{
	size_t n = strlen(text), i = from;

	if (n == 0)
		return from < s.n ? from : s.n;
	if (n == 1)
		return ms_slice_find(s, from, (unsigned char)text[0]);
#ifdef __SSE2__
	for (; i < s.n && s.n - i >= n + 16; i += 16) {
		unsigned hits = pairs_at(s.p + i, text, 0);

		for (; hits; hits &= hits - 1) {
			size_t at = i + (size_t)__builtin_ctz(hits);

			if (memcmp(s.p + at, text, n) == 0)
				return at;
		}
	}
#endif
	for (; i < s.n && s.n - i >= n; i++)
		if (s.p[i] == (unsigned char)text[0] &&
		    memcmp(s.p + i, text, n) == 0)
			return i;
	return s.n;
}

size_t
ms_slice_find_nocase(struct ms_slice s, size_t from, const char *text)
{
	size_t n = strlen(text), i = from;

	if (n == 0)
		return from < s.n ? from : s.n;
#ifdef __SSE2__
	for (; n > 1 && i < s.n && s.n - i >= n + 16; i += 16) {
		unsigned hits = pairs_at(s.p + i, text, 'a' - 'A');

		for (; hits; hits &= hits - 1) {
			size_t at = i + (size_t)__builtin_ctz(hits);

			if (equal_nocase(
				s.p + at, (const unsigned char *)text, n))
				return at;
		}
	}
#endif
	for (; i < s.n && s.n - i >= n; i++)
		if (ms_lower(s.p[i]) == ms_lower((unsigned char)text[0]) &&
		    equal_nocase(s.p + i, (const unsigned char *)text, n))
			return i;
	return s.n;
}

static bool
is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
ms_slice_is_ascii(struct ms_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 0x80)
			return false;
	return true;
}

struct ms_slice
ms_slice_trim(struct ms_slice s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Not by looking for LF first: there may be none, and many lines. */
static size_t
line_end(struct ms_slice s, bool bare_cr)
{
	size_t i = 0;

	if (!bare_cr)
		return ms_slice_find(s, 0, '\n');
	while (i < s.n && s.p[i] != '\n' && s.p[i] != '\r')
		i++;
	return i;
}

bool
ms_slice_line(struct ms_slice *rest, bool bare_cr, struct ms_slice *line)
{
	size_t end;

	if (rest->n == 0)
		return false;
	end = line_end(*rest, bare_cr);
	*line = ms_slice_part(*rest, 0, end);
	if (end < rest->n && rest->p[end] == '\r' && end + 1 < rest->n &&
	    rest->p[end + 1] == '\n')
		end++;
	if (end < rest->n)
		end++;
	*rest = ms_slice_part(*rest, end, rest->n);
	if (!bare_cr && line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}
