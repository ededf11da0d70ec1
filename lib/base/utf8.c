/* SPDX-License-Identifier: ISC
 * utf8.c - UTF-8 after RFC 3629, and which code points deceive the eye
 */
#include "mailsonde/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Well-formed sequences by their first byte (Unicode table 3-7): how long,
 * and where the second byte may lie. Later bytes are 80..BF. */
struct lead {
	unsigned char n, low, high;
};

static struct lead
lead_of(unsigned char c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){ 2, 0x80, 0xbf };
	if (c >= 0xe0 && c <= 0xef)
		return (struct lead){ 3, c == 0xe0 ? 0xa0 : 0x80,
			c == 0xed ? 0x9f : 0xbf };
	if (c >= 0xf0 && c <= 0xf4)
		return (struct lead){ 4, c == 0xf0 ? 0x90 : 0x80,
			c == 0xf4 ? 0x8f : 0xbf };
	return (struct lead){ 0, 0, 0 };
}

/* The bytes of the sequence at p that fit together, at least 1; *rune is -1
 * where they are not a whole one. n > 0. */
static size_t
sequence(const unsigned char *p, size_t n, int32_t *rune)
{
	struct lead lead;
	int32_t value;
	size_t i;

	*rune = -1;
	if (p[0] < 0x80) {
		*rune = p[0];
		return 1;
	}
	lead = lead_of(p[0]);
	if (lead.n == 0 || n < 2 || p[1] < lead.low || p[1] > lead.high)
		return 1;
	value = p[0] & (0x7f >> lead.n);
	value = value << 6 | (p[1] & 0x3f);
	for (i = 2; i < lead.n; i++) {
		if (i >= n || (p[i] & 0xc0) != 0x80)
			return i;
		value = value << 6 | (p[i] & 0x3f);
	}
	*rune = value;
	return i;
}

int32_t
ms_utf8_next(struct ms_slice *s)
{
	int32_t rune;
	size_t n = sequence(s->p, s->n, &rune);

	s->p += n;
	s->n -= n;
	return rune;
}

/* Offset of the first byte >= 0x80 at or after `i`; s.n when there is none. */
static size_t
ascii_run(struct ms_slice s, size_t i)
{
#ifdef __SSE2__
	for (; s.n - i >= 16; i += 16) {
		__m128i block = _mm_loadu_si128((const void *)(s.p + i));
		int high = _mm_movemask_epi8(block);

		if (high)
			return i + (size_t)__builtin_ctz((unsigned)high);
	}
#else
	for (; s.n - i >= 8; i += 8) {
		uint64_t block;

		memcpy(&block, s.p + i, 8);
		if (block & UINT64_C(0x8080808080808080))
			break;
	}
#endif
	while (i < s.n && s.p[i] < 0x80)
		i++;
	return i;
}

/* Offset of the first ill-formed sequence at or after `i`. */
static size_t
valid_run(struct ms_slice s, size_t i)
{
	int32_t rune;

	while (i < s.n) {
		size_t n;

		if (s.p[i] < 0x80) {
			i = ascii_run(s, i);
			continue;
		}
		n = sequence(s.p + i, s.n - i, &rune);
		if (rune < 0)
			break;
		i += n;
	}
	return i;
}

bool
ms_utf8_valid(struct ms_slice s)
{
	return valid_run(s, 0) == s.n;
}

bool
ms_utf8_ascii(struct ms_slice s)
{
	return ascii_run(s, 0) == s.n;
}

struct ms_slice
ms_utf8_clean(struct ms_arena *arena, struct ms_slice s, bool *lossy)
{
	size_t from = 0, to = valid_run(s, 0);
	struct ms_buf buf;

	if (to == s.n)
		return s;
	if (lossy)
		*lossy = true;
	ms_buf_init(&buf, arena);
	(void)ms_buf_room(&buf, s.n + s.n / 8 + 16);
	while (to < s.n) {
		int32_t rune;

		ms_buf_add(&buf, s.p + from, to - from);
		ms_buf_add(&buf, "\xef\xbf\xbd", 3);
		from = to + sequence(s.p + to, s.n - to, &rune);
		to = valid_run(s, from);
	}
	ms_buf_add(&buf, s.p + from, to - from);
	return ms_buf_get(&buf);
}

struct ms_slice
ms_utf8_head(struct ms_slice s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && (s.p[max] & 0xC0) == 0x80)
		max--;
	return ms_slice_part(s, 0, max);
}

static bool
is_bidi(uint32_t rune)
{
	return rune == 0x061c || rune == 0x200e || rune == 0x200f ||
	       (rune >= 0x202a && rune <= 0x202e) ||
	       (rune >= 0x2066 && rune <= 0x2069);
}

static bool
is_invisible(uint32_t rune)
{
	switch (rune) {
	case 0x00ad: /* soft hyphen */
	case 0x034f: /* combining grapheme joiner */
	case 0x115f: /* Hangul fillers */
	case 0x1160:
	case 0x3164:
	case 0xffa0:
	case 0x17b4: /* Khmer inherent vowels */
	case 0x17b5:
	case 0x2800: /* Braille blank */
	case 0xfeff: /* byte order mark */
		return true;
	default:
		return (rune >= 0x180b && rune <= 0x180f) ||
		       (rune >= 0x200b && rune <= 0x200d) ||
		       (rune >= 0x2060 && rune <= 0x2065) ||
		       (rune >= 0x206a && rune <= 0x206f) ||
		       (rune >= 0xfe00 && rune <= 0xfe0f) ||
		       (rune >= 0xfff9 && rune <= 0xfffb) ||
		       (rune >= 0x1d173 && rune <= 0x1d17a) ||
		       (rune >= 0xe0000 && rune <= 0xe0fff);
	}
}

enum ms_rune_kind
ms_rune_kind(uint32_t rune)
{
	if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0))
		return MS_RUNE_CONTROL;
	if (rune < 0xa0)
		return MS_RUNE_PLAIN;
	if (is_bidi(rune))
		return MS_RUNE_BIDI;
	if (rune == 0x2028 || rune == 0x2029)
		return MS_RUNE_SEPARATOR;
	return is_invisible(rune) ? MS_RUNE_INVISIBLE : MS_RUNE_PLAIN;
}
