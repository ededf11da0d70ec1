/* SPDX-License-Identifier: ISC
 * json_string.c - any bytes as a JSON string, always valid UTF-8
 */
#include "mailsonde/json.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "mailsonde/utf8.h"

/* What no character of the input comes to more than: "\udb40\udc41". */
#define WIDEST 12
#define WIDE   16

static bool
plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes that is not. */
static unsigned
odd_bits(__m128i v)
{
	/* Signed: what is over 0x7f is below 0x20 as well. */
	__m128i control = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
	__m128i special = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(control, special));
}

static unsigned
copy_16(const unsigned char *in, unsigned char *out)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)in);

	_mm_storeu_si128((__m128i *)(void *)out, v);
	return odd_bits(v);
}

/* Eight to fifteen, as the first and the last eight. Where the first one is
 * that is not plain; or n. */
static size_t
copy_few(const unsigned char *in, size_t n, unsigned char *out)
{
	const unsigned char *end = in + n - 8;
	__m128i first = _mm_loadl_epi64((const __m128i *)(const void *)in);
	__m128i last = _mm_loadl_epi64((const __m128i *)(const void *)end);
	unsigned odd = odd_bits(_mm_unpacklo_epi64(first, last));

	memcpy(out, in, 8);
	memcpy(out + n - 8, end, 8);
	if (!odd)
		return n;
	return (odd & 255 ? 0 : n - 16) + (size_t)__builtin_ctz(odd);
}
#endif

/* Copies while all is plain; sixteen bytes in one step where the machine can.
 * `out` has room for n + WIDE bytes. */
static size_t
copy_plain(const unsigned char *in, size_t n, unsigned char *out)
{
	size_t i = 0;

#ifdef __SSE2__
	unsigned odd;

	for (; n - i >= WIDE; i += WIDE) {
		odd = copy_16(in + i, out + i);
		if (odd)
			return i + (size_t)__builtin_ctz(odd);
	}
	if (i > 0 && i < n) { /* the last sixteen: some of them again */
		odd =
		    copy_16(in + n - WIDE, out + n - WIDE) >> (WIDE - (n - i));
		return odd ? i + (size_t)__builtin_ctz(odd) : n;
	}
	if (n - i >= 8)
		return copy_few(in, n, out);
#endif
	for (; i < n && plain(in[i]); i++)
		out[i] = in[i];
	return i;
}

static size_t
escape_unit(unsigned char *out, unsigned unit)
{
	static const char hex[] = "0123456789abcdef";

	out[0] = '\\';
	out[1] = 'u';
	for (unsigned i = 0; i < 4; i++)
		out[2 + i] = (unsigned char)hex[unit >> (12 - 4 * i) & 15];
	return 6;
}

static size_t
escape(unsigned char *out, unsigned char c)
{
	static const char letters[] = "btn\0fr"; /* 8 to 13 */

	out[0] = '\\';
	if (c == '"' || c == '\\') {
		out[1] = c;
		return 2;
	}
	if (c >= 8 && c <= 13 && letters[c - 8]) {
		out[1] = (unsigned char)letters[c - 8];
		return 2;
	}
	return escape_unit(out, c);
}

/* JSON is read on terminals too: C1 controls, direction and what cannot be
 * seen are written out, which is the same text to a program. */
static size_t
escape_rune(unsigned char *out, uint32_t rune)
{
	if (rune < 0x10000)
		return escape_unit(out, rune);
	rune -= 0x10000;
	escape_unit(out, 0xd800 | rune >> 10);
	return 6 + escape_unit(out + 6, 0xdc00 | (rune & 0x3ff));
}

/* One character that is not plain; *in moves on. */
static size_t
copy_odd(struct ms_slice *in, unsigned char *out, bool *lossy)
{
	static const unsigned char replacement[] = { 0xef, 0xbf, 0xbd };
	struct ms_slice before = *in;
	int32_t rune;

	if (in->p[0] < 0x80) {
		*in = ms_slice_part(*in, 1, in->n);
		return escape(out, before.p[0]);
	}
	rune = ms_utf8_next(in);
	if (rune < 0) {
		*lossy = true;
		memcpy(out, replacement, 3);
		return 3;
	}
	if (ms_rune_kind((uint32_t)rune) != MS_RUNE_PLAIN)
		return escape_rune(out, (uint32_t)rune);
	memcpy(out, before.p, before.n - in->n);
	return before.n - in->n;
}

bool
ms_json_string(struct ms_buf *out, struct ms_slice s)
{
	bool lossy = false;

	*ms_buf_room(out, s.n + WIDE + 2) = '"';
	out->n++;
	for (;;) {
		unsigned char *room = ms_buf_room(out, s.n + WIDEST + WIDE);
		size_t n = copy_plain(s.p, s.n, room);

		out->n += n;
		s = ms_slice_part(s, n, s.n);
		if (s.n == 0)
			break;
		out->n += copy_odd(&s, room + n, &lossy);
	}
	*ms_buf_room(out, 1) = '"';
	out->n++;
	return lossy;
}
