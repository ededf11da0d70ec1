/* SPDX-License-Identifier: ISC
 * codec.c - content transfer encodings, RFC 2045 6.7 and 6.8
 *
 * base64, quoted-printable, uuencode and yEnc into a small buffer. What is
 * damaged is decoded as far as it goes.
 */
#include "mailsonde/codec.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/cpu.h"
#include "mailsonde/scan.h"

#define ROOM_MIN 1024
#define VECTOR   32

/* The state of base64: how many letters of the quantum there are, and what
 * padding was seen. */
#define B64_LETTERS 3u
#define B64_PADDED  4u  /* some time before */
#define B64_EXPECT  8u  /* one more '=' belongs to it */
#define B64_DAMAGED 16u /* the byte before was none of the alphabet */

#define NOT_BASE64 0x80

static const unsigned char base64_value[256] = {
/* clang-format off */
#define X NOT_BASE64
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, 62, X, X, X, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, X, X, X,
	X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, X,
	X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
#undef X
	/* clang-format on */
};

static const struct {
	const char *token;
	enum ms_encoding encoding;
} tokens[] = {
	{ "7bit", MS_ENCODING_7BIT },
	{ "8bit", MS_ENCODING_8BIT },
	{ "binary", MS_ENCODING_BINARY },
	{ "quoted-printable", MS_ENCODING_QP },
	{ "base64", MS_ENCODING_BASE64 },
	{ "x-uuencode", MS_ENCODING_UUENCODE },
	{ "uuencode", MS_ENCODING_UUENCODE },
	{ "x-uue", MS_ENCODING_UUENCODE },
	{ "uue", MS_ENCODING_UUENCODE },
	{ "x-yencode", MS_ENCODING_YENC },
	{ "yencode", MS_ENCODING_YENC },
	{ "x-yenc", MS_ENCODING_YENC },
};

enum ms_encoding
ms_encoding_from(struct ms_slice token)
{
	token = ms_slice_trim(token);
	if (token.n == 0)
		return MS_ENCODING_7BIT;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		if (ms_slice_is(token, tokens[i].token))
			return tokens[i].encoding;
	return MS_ENCODING_UNKNOWN;
}

/* Where decoding stands; the codec's own fields in registers. */
struct cursor {
	const unsigned char *p, *end;
	unsigned char *out, *out_end;
};

static void
damaged(struct ms_codec *codec, const unsigned char *p)
{
	if (codec->damage.count++ == 0)
		codec->damage.first = codec->taken + (size_t)(p - codec->in.p);
}

/* ---- base64 --------------------------------------------------------- */

#if defined(__x86_64__)
/* 32 letters to 24 bytes at once, and a line end between lines: the
 * algorithm of Mula and Lemire (ACM TWEB 12:20). Of a block with other bytes
 * in it the whole groups in front are taken. */
__attribute__((target("avx2"))) static void
base64_vector(struct cursor *c)
{
	const __m256i lut_lo = _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11,
	    0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a,
	    0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13,
	    0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
	const __m256i lut_hi = _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04,
	    0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
	    0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10,
	    0x10, 0x10, 0x10, 0x10, 0x10);
	const __m256i lut_roll =
	    _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i pack =
	    _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1,
		-1, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
	const __m256i join = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);
	const __m256i mask = _mm256_set1_epi8(0x2f);
	const __m256i zero = _mm256_setzero_si256();
	const unsigned char *p = c->p;
	unsigned char *out = c->out;

	while (c->end - p >= VECTOR && c->out_end - out >= VECTOR) {
		__m256i in =
		    _mm256_loadu_si256((const __m256i *)(const void *)p);
		__m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), mask);
		__m256i low = _mm256_and_si256(in, mask);
		__m256i other =
		    _mm256_and_si256(_mm256_shuffle_epi8(lut_lo, low),
			_mm256_shuffle_epi8(lut_hi, high));
		__m256i slash = _mm256_cmpeq_epi8(in, mask);
		__m256i roll =
		    _mm256_shuffle_epi8(lut_roll, _mm256_add_epi8(slash, high));
		unsigned good = (unsigned)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(other, zero));
		__m256i v = _mm256_add_epi8(in, roll);

		v = _mm256_maddubs_epi16(v, _mm256_set1_epi32(0x01400140));
		v = _mm256_madd_epi16(v, _mm256_set1_epi32(0x00011000));
		v = _mm256_shuffle_epi8(v, pack);
		v = _mm256_permutevar8x32_epi32(v, join);
		_mm256_storeu_si256((__m256i *)(void *)out, v);
		if (good == UINT_MAX) {
			p += 32;
			out += 24;
			continue;
		}
		good = (unsigned)__builtin_ctz(~good) & ~3u;
		p += good;
		out += good / 4 * 3;
		if (p[0] == '\r' && p[1] == '\n')
			p += 2;
		else if (p[0] == '\n')
			p++;
		else
			break;
	}
	c->p = p;
	c->out = out;
}
#endif

/* Whole groups by the table, and line ends between them. */
static void
base64_groups(struct cursor *c)
{
	while (c->end - c->p >= 4 && c->out_end - c->out >= 3) {
		unsigned v0 = base64_value[c->p[0]];
		unsigned v1 = base64_value[c->p[1]];
		unsigned v2 = base64_value[c->p[2]];
		unsigned v3 = base64_value[c->p[3]];
		unsigned v = v0 << 18 | v1 << 12 | v2 << 6 | v3;

		if ((v0 | v1 | v2 | v3) & NOT_BASE64) {
			if (c->p[0] == '\r' && c->p[1] == '\n')
				c->p += 2;
			else if (c->p[0] == '\n')
				c->p++;
			else
				break;
			continue;
		}
		c->out[0] = (unsigned char)(v >> 16);
		c->out[1] = (unsigned char)(v >> 8);
		c->out[2] = (unsigned char)v;
		c->out += 3;
		c->p += 4;
	}
}

/* What the quantum holds when it ends early: one or two bytes. */
static void
base64_flush(struct ms_codec *codec, struct cursor *c)
{
	unsigned letters = codec->state & B64_LETTERS;

	if (letters == 2) {
		*c->out++ = (unsigned char)(codec->bits >> 4);
	} else if (letters == 3) {
		*c->out++ = (unsigned char)(codec->bits >> 10);
		*c->out++ = (unsigned char)(codec->bits >> 2);
	}
	codec->state &= ~B64_LETTERS;
	codec->bits = 0;
}

static void
base64_pad(struct ms_codec *codec, struct cursor *c)
{
	unsigned letters = codec->state & B64_LETTERS;

	if (letters >= 2) {
		base64_flush(codec, c);
		codec->state |= B64_PADDED;
		if (letters == 2)
			codec->state |= B64_EXPECT;
		return;
	}
	if (!(codec->state & B64_EXPECT))
		damaged(codec, c->p);
	codec->state &= ~B64_EXPECT;
}

static void
base64_letter(struct ms_codec *codec, struct cursor *c, unsigned value)
{
	unsigned letters = codec->state & B64_LETTERS;

	if (codec->state & B64_PADDED) {
		damaged(codec, c->p);
		codec->damage.after_padding = true;
		codec->state &= ~(B64_PADDED | B64_EXPECT);
	}
	codec->bits = codec->bits << 6 | value;
	if (letters < 3) {
		codec->state++;
		return;
	}
	c->out[0] = (unsigned char)(codec->bits >> 16);
	c->out[1] = (unsigned char)(codec->bits >> 8);
	c->out[2] = (unsigned char)codec->bits;
	c->out += 3;
	codec->bits = 0;
	codec->state &= ~B64_LETTERS;
}

/* Whether the line that begins here is base64 from end to end: the next of
 * several pieces. Anything else behind the padding was added in plain, as the
 * footers of lists are. */
static bool
base64_line(const struct cursor *c)
{
	const unsigned char *p = c->p;

	while (p < c->end && base64_value[*p] != NOT_BASE64)
		p++;
	while (p < c->end && *p == '=')
		p++;
	return (p == c->end || *p == '\r' || *p == '\n') && (p - c->p) % 4 == 0;
}

/* Behind the padding, at what is neither more of it nor white space. True when
 * the rest is none of the content. */
static bool
base64_ends(struct ms_codec *codec, struct cursor *c)
{
	if (!(codec->state & B64_PADDED) || *c->p == '=' ||
	    ms_is(*c->p, MS_C_SPACE) || base64_line(c))
		return false;
	damaged(codec, c->p);
	codec->damage.after_padding = true;
	codec->state &= ~(B64_PADDED | B64_EXPECT);
	c->p = c->end;
	return true;
}

/* One byte that the fast ways would not take. */
static void
base64_byte(struct ms_codec *codec, struct cursor *c)
{
	unsigned value = base64_value[*c->p];
	bool before = codec->state & B64_DAMAGED;

	codec->state &= ~B64_DAMAGED;
	if (base64_ends(codec, c))
		return;
	if (value != NOT_BASE64) {
		base64_letter(codec, c, value);
	} else if (*c->p == '=') {
		base64_pad(codec, c);
	} else if (!ms_is(*c->p, MS_C_SPACE)) {
		if (!before)
			damaged(codec, c->p);
		codec->state |= B64_DAMAGED;
	}
	c->p++;
}

static void
base64_next(struct ms_codec *codec, struct cursor *c)
{
#if defined(__x86_64__)
	bool vector = cpu_has_avx2();
#endif

	while (c->p < c->end && c->out_end - c->out >= VECTOR) {
		if (codec->state == 0) {
#if defined(__x86_64__)
			if (vector)
				base64_vector(c);
#endif
			base64_groups(c);
			if (c->p == c->end || c->out_end - c->out < VECTOR)
				break;
		}
		base64_byte(codec, c);
	}
	if (c->p == c->end && (codec->state & B64_LETTERS)) {
		codec->damage.truncated = true;
		base64_flush(codec, c);
	}
}

/* ---- quoted-printable ------------------------------------------------- */

/* What stands at a '='. An '=' at the very end is a soft line break whose
 * line end went to the boundary. */
static void
qp_escape(struct ms_codec *codec, struct cursor *c)
{
	const unsigned char *p = c->p;
	size_t left = (size_t)(c->end - p);

	if (left == 1 || p[1] == '\n') {
		c->p += left == 1 ? 1 : 2;
		return;
	}
	if (p[1] == '\r') {
		c->p += left > 2 && p[2] == '\n' ? 3 : 2;
		return;
	}
	if (left > 2) {
		int high = ms_hex_value(p[1]), low = ms_hex_value(p[2]);

		if (high >= 0 && low >= 0) {
			*c->out++ = (unsigned char)(high << 4 | low);
			c->p += 3;
			return;
		}
	}
	damaged(codec, p);
	*c->out++ = '=';
	c->p++;
}

static void
copy(const struct ms_codec *codec, struct cursor *c, size_t n)
{
	unsigned char *out = c->out;

	memcpy(out, c->p, n);
	c->p += n;
	c->out += n;
	if (!codec->bare_cr)
		return;
	while ((out = memchr(out, '\r', (size_t)(c->out - out))))
		*out = '\n';
}

static void
copy_some(const struct ms_codec *codec, struct cursor *c)
{
	size_t n = (size_t)(c->end - c->p);

	if (n > (size_t)(c->out_end - c->out))
		n = (size_t)(c->out_end - c->out);
	copy(codec, c, n);
}

static void
qp_next(struct ms_codec *codec, struct cursor *c)
{
	while (c->p < c->end && c->out < c->out_end) {
		size_t n = (size_t)(c->end - c->p);
		const unsigned char *hit;

		if (*c->p == '=') {
			qp_escape(codec, c);
			continue;
		}
		if (n > (size_t)(c->out_end - c->out))
			n = (size_t)(c->out_end - c->out);
		hit = memchr(c->p, '=', n);
		if (hit)
			n = (size_t)(hit - c->p);
		copy(codec, c, n);
	}
}

/* ---- uuencode --------------------------------------------------------- */

/* Bytes the line says it has; its letters are ' ' to '`'. */
static size_t
uu_length(struct ms_slice line)
{
	if (line.n == 0 || line.p[0] < ' ' || line.p[0] > '`')
		return 0;
	return (line.p[0] - ' ') & 63u;
}

static unsigned
uu_letter(struct ms_slice line, size_t i)
{
	/* Trailing blanks may have been cut: they are zeros. */
	return i < line.n ? (line.p[i] - ' ') & 63u : 0;
}

static void
uu_line(struct ms_codec *codec, struct cursor *c, struct ms_slice line)
{
	size_t n = uu_length(line), groups = (n + 2) / 3;

	/* Some add a check letter behind; more than a few are no line. */
	if (line.n > 0 && (line.n > groups * 4 + 3 || line.n + 3 < groups * 4))
		damaged(codec, line.p);
	if (line.n > 0 && (line.p[0] < ' ' || line.p[0] > '`'))
		return;
	/* What is not there at all is not made up. */
	if (line.n < groups * 4 / 2)
		n = line.n / 4 * 3;
	for (size_t i = 0, at = 1; i < n; i += 3, at += 4) {
		unsigned v =
		    uu_letter(line, at) << 18 | uu_letter(line, at + 1) << 12 |
		    uu_letter(line, at + 2) << 6 | uu_letter(line, at + 3);

		*c->out++ = (unsigned char)(v >> 16);
		if (i + 1 < n)
			*c->out++ = (unsigned char)(v >> 8);
		if (i + 2 < n)
			*c->out++ = (unsigned char)v;
	}
}

static void
uu_next(struct ms_codec *codec, struct cursor *c)
{
	while (c->p < c->end && c->out_end - c->out >= 64) {
		struct ms_slice rest =
		    ms_slice_make(c->p, (size_t)(c->end - c->p));
		struct ms_slice line;

		(void)ms_slice_line(&rest, true, &line);
		if (ms_slice_is(ms_slice_trim(line), "end")) {
			c->p = c->end;
			return;
		}
		uu_line(codec, c, line);
		c->p = rest.p;
	}
}

/* "begin 644 name" */
static bool
uu_begin(struct ms_slice line)
{
	struct ms_scan s = ms_scan_init(line);
	struct ms_slice mode;

	if (!ms_slice_starts(line, "begin "))
		return false;
	ms_scan_skip(&s, 6);
	mode = ms_scan_while(&s, MS_C_DIGIT, 6);
	return mode.n >= 3 && mode.n <= 5 && ms_scan_peek(&s) == ' ';
}

/* ---- yEnc --------------------------------------------------------------- */

static void
yenc_next(struct ms_codec *codec, struct cursor *c)
{
	while (c->p < c->end && c->out < c->out_end) {
		unsigned char byte = *c->p++;

		if (byte == '\r' || byte == '\n')
			continue;
		if (byte == '=') {
			if (c->p == c->end) {
				damaged(codec, c->p - 1);
				return;
			}
			byte = (unsigned char)(*c->p++ - 64);
		}
		*c->out++ = (unsigned char)(byte - 42);
	}
}

/* ---- one decoding ------------------------------------------------------- */

/* Cuts the wrapping off a whole part in uuencode or yEnc: what stands before
 * the data. False when there is none. */
static bool
skip_head(struct ms_codec *codec)
{
	bool yenc = codec->encoding == MS_ENCODING_YENC;
	struct ms_slice rest = codec->in, line;

	while (ms_slice_line(&rest, true, &line)) {
		if (yenc ? !ms_slice_starts(line, "=ybegin ") : !uu_begin(line))
			continue;
		if (yenc && ms_slice_starts(rest, "=ypart "))
			(void)ms_slice_line(&rest, true, &line);
		codec->taken = (size_t)(rest.p - codec->in.p);
		codec->in = rest;
		return true;
	}
	return false;
}

static void
cut_yend(struct ms_codec *codec)
{
	struct ms_slice in = codec->in;
	size_t at = ms_slice_find_text(in, 0, "\n=yend ");

	if (ms_slice_starts(in, "=yend "))
		at = 0;
	codec->in = ms_slice_part(in, 0, at);
}

static void
init_wrapped(struct ms_codec *codec)
{
	struct ms_slice rest = codec->in, line;

	if (skip_head(codec) || codec->in.n == 0) {
		if (codec->encoding == MS_ENCODING_YENC)
			cut_yend(codec);
		return;
	}
	if (codec->encoding == MS_ENCODING_YENC)
		return;
	/* Data without its "begin": encoded lines, or nothing of the kind. */
	(void)ms_slice_line(&rest, true, &line);
	if (uu_length(line) == 0 ||
	    line.n > 1 + (uu_length(line) + 2) / 3 * 4 + 2 ||
	    line.n + 3 < (uu_length(line) + 2) / 3 * 4) {
		codec->encoding = MS_ENCODING_BINARY;
		damaged(codec, codec->in.p);
	}
}

void
ms_codec_init(
    struct ms_codec *codec, enum ms_encoding encoding, struct ms_slice in)
{
	memset(codec, 0, sizeof(*codec));
	codec->encoding = encoding;
	codec->in = in;
	if (encoding == MS_ENCODING_UUENCODE || encoding == MS_ENCODING_YENC)
		init_wrapped(codec);
}

bool
ms_codec_next(struct ms_codec *codec, unsigned char *room, size_t room_n,
    struct ms_slice *out)
{
	struct cursor c = { codec->in.p, codec->in.p, room, room + room_n };

	assert(
	    room_n >= ROOM_MIN || (codec->encoding != MS_ENCODING_BASE64 &&
				      codec->encoding != MS_ENCODING_UUENCODE));
	*out = ms_slice_make(room, 0);
	if (codec->in.n == 0)
		return false;
	c.end += codec->in.n;
	while (c.p < c.end && c.out == room) {
		switch (codec->encoding) {
		case MS_ENCODING_BASE64:
			base64_next(codec, &c);
			break;
		case MS_ENCODING_QP:
			qp_next(codec, &c);
			break;
		case MS_ENCODING_UUENCODE:
			uu_next(codec, &c);
			break;
		case MS_ENCODING_YENC:
			yenc_next(codec, &c);
			break;
		case MS_ENCODING_7BIT:
		case MS_ENCODING_8BIT:
		case MS_ENCODING_BINARY:
		case MS_ENCODING_UNKNOWN:
			if (codec->bare_cr) {
				copy_some(codec, &c);
				break;
			}
			*out = codec->in;
			codec->taken += codec->in.n;
			codec->in = ms_slice_part(*out, out->n, out->n);
			return true;
		}
	}
	codec->taken += (size_t)(c.p - codec->in.p);
	codec->in = ms_slice_make(c.p, (size_t)(c.end - c.p));
	*out = ms_slice_make(room, (size_t)(c.out - room));
	return out->n > 0;
}

/* No encoding here makes more bytes than there are letters, but for a line
 * of uuencode whose blanks were cut: 63 of at least 2. */
static size_t
room_for(enum ms_encoding encoding, size_t n)
{
	if (encoding == MS_ENCODING_BASE64)
		return n / 4 * 3 + ROOM_MIN;
	return n * (encoding == MS_ENCODING_UUENCODE ? 2 : 1) + ROOM_MIN;
}

struct ms_slice
ms_codec_decode(struct ms_arena *arena, enum ms_encoding encoding,
    struct ms_slice in, struct ms_codec_damage *damage)
{
	struct ms_slice piece, out = { NULL, 0 };
	struct ms_codec codec;
	unsigned char *room;
	size_t cap = room_for(encoding, in.n);

	ms_codec_init(&codec, encoding, in);
	if (codec.encoding <= MS_ENCODING_BINARY ||
	    codec.encoding == MS_ENCODING_UNKNOWN) {
		out = codec.in;
	} else {
		room = ms_arena_bytes(arena, cap);
		out.p = room;
		while (cap - out.n >= ROOM_MIN &&
		       ms_codec_next(&codec, room + out.n, cap - out.n, &piece))
			out.n += piece.n;
	}
	if (damage)
		*damage = codec.damage;
	return out;
}

size_t
ms_base64_encode(struct ms_slice in, unsigned char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				      "opqrstuvwxyz0123456789+/";
	unsigned char *at = out;

	for (size_t i = 0; i < in.n; i += 3) {
		size_t left = in.n - i;
		unsigned v = (unsigned)in.p[i] << 16 |
			     (left > 1 ? (unsigned)in.p[i + 1] << 8 : 0) |
			     (left > 2 ? in.p[i + 2] : 0u);

		*at++ = (unsigned char)letters[v >> 18];
		*at++ = (unsigned char)letters[v >> 12 & 63];
		*at++ = left > 1 ? (unsigned char)letters[v >> 6 & 63] : '=';
		*at++ = left > 2 ? (unsigned char)letters[v & 63] : '=';
	}
	return (size_t)(at - out);
}
