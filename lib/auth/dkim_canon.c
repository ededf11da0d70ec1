/* SPDX-License-Identifier: ISC
 * dkim_canon.c - canonical forms of header and body, RFC 6376 section 3.4
 *
 * Most of a body stays as it is: what must be rewritten is searched for while
 * the rest is copied, sixteen or thirty-two bytes at a time.
 */
#include "dkim_priv.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "base/cpu.h"

#include "mailsonde/scan.h"

const char *
ms_dkim_canon_name(enum ms_dkim_canon canon)
{
	return canon == MS_DKIM_SIMPLE ? "simple" : "relaxed";
}

/* ---- the body ---- */

/* Length of the line end that `s` ends in: 0, 1, 2. */
static size_t
line_end_before(struct ms_slice s, bool bare_cr)
{
	if (s.n == 0)
		return 0;
	if (s.p[s.n - 1] == '\n')
		return s.n > 1 && s.p[s.n - 2] == '\r' ? 2 : 1;
	return bare_cr && s.p[s.n - 1] == '\r' ? 1 : 0;
}

/* Without the empty lines at its end (3.4.3, 3.4.4), and without the line end
 * of the last line that is left. */
static struct ms_slice
trim_end(enum ms_dkim_canon canon, bool bare_cr, struct ms_slice s)
{
	size_t end;

	do {
		while (canon == MS_DKIM_RELAXED && s.n > 0 &&
		       ms_is(s.p[s.n - 1], MS_C_WSP))
			s.n--;
		end = line_end_before(s, bare_cr);
		s.n -= end;
	} while (end > 0);
	return s;
}

void
ms_dkim_body_init(struct ms_dkim_body *body, enum ms_dkim_canon canon,
    bool bare_cr, struct ms_slice raw)
{
	memset(body, 0, sizeof(*body));
	body->canon = canon;
	body->bare_cr = bare_cr;
	body->rest = raw.p ? trim_end(canon, bare_cr, raw) : MS_SLICE("");
	body->closing = canon == MS_DKIM_SIMPLE || body->rest.n > 0;
}

/* Whether the byte at `p`, behind `last`, may have to be rewritten. Nothing
 * that stays comes out wrong where it is looked at in vain; but sixteen bytes
 * at once must be suspected of the same. */
static inline bool
suspect(const struct ms_dkim_body *body, const unsigned char *p,
    const unsigned char *end, unsigned char last)
{
	if (*p == '\n')
		return last != '\r';
	if (*p == '\r')
		return body->bare_cr;
	if (body->canon == MS_DKIM_SIMPLE)
		return false;
	return *p == '\t' || (*p == ' ' && p + 1 < end && p[1] <= ' ');
}

#ifdef __SSE2__
/* The same for 16 bytes and the one behind each: a bit each. LF is found one
 * early, as what comes behind. */
static inline uint64_t
suspect_16(const unsigned char *p, bool relaxed)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i next = _mm_loadu_si128((const __m128i *)(const void *)(p + 1));
	__m128i lf = _mm_cmpeq_epi8(next, _mm_set1_epi8('\n'));
	__m128i cr = _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'));
	uint64_t bits = (uint64_t)_mm_movemask_epi8(_mm_andnot_si128(cr, lf))
			<< 1;
	__m128i tab, space, space_next;

	if (!relaxed)
		return bits;
	tab = _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'));
	space = _mm_cmpeq_epi8(v, _mm_set1_epi8(' '));
	/* Other controls too: they are rare, and one comparison is enough. */
	space_next =
	    _mm_cmpeq_epi8(_mm_min_epu8(next, _mm_set1_epi8(' ')), next);
	return bits | (uint64_t)_mm_movemask_epi8(
			  _mm_or_si128(tab, _mm_and_si128(space, space_next)));
}

/* For 32. */
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline uint64_t
suspect_32(const unsigned char *p, bool relaxed)
{
	__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i next =
	    _mm256_loadu_si256((const __m256i *)(const void *)(p + 1));
	__m256i lf = _mm256_cmpeq_epi8(next, _mm256_set1_epi8('\n'));
	__m256i cr = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\r'));
	uint64_t bits = (uint64_t)(uint32_t)_mm256_movemask_epi8(
			    _mm256_andnot_si256(cr, lf))
			<< 1;
	__m256i tab, space, space_next;

	if (!relaxed)
		return bits;
	tab = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\t'));
	space = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(' '));
	space_next = _mm256_cmpeq_epi8(
	    _mm256_min_epu8(next, _mm256_set1_epi8(' ')), next);
	return bits | (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(
			  tab, _mm256_and_si256(space, space_next)));
}
#endif

/* A stretch on its way: from the body to the room. */
struct stretch {
	const unsigned char *p, *end;
	unsigned char *to, *to_end;
};

/* Whether a line end comes next. */
static bool
at_line_end(const struct ms_dkim_body *body, const struct stretch *s)
{
	return *s->p == '\n' ||
	       (*s->p == '\r' &&
		   (body->bare_cr || (s->p + 1 < s->end && s->p[1] == '\n')));
}

#ifdef __SSE2__
/* Copies what stays as it is, `width` bytes at a time, with CRLF for a lone
 * LF, which ends each line of a stored message; up to what else is suspect.
 * Looks at all but a LF in front. */
static inline __attribute__((always_inline)) void
copy_wide(struct ms_dkim_body *body, struct stretch *s, size_t width,
    uint64_t (*suspects)(const unsigned char *, bool))
{
	const unsigned char *p = s->p, *last = s->end - width - 1;
	unsigned char *to = s->to, *to_last = s->to_end - width - 2;
	bool relaxed = body->canon == MS_DKIM_RELAXED;

	while (p <= last && to <= to_last) {
		uint64_t bits = suspects(p, relaxed);
		size_t n = width;

		/* All of it: what is too many is written over. */
		memcpy(to, p, width);
		if (bits)
			n = (size_t)__builtin_ctzll(bits);
		p += n;
		to += n;
		if (!bits)
			continue;
		if (*p != '\n')
			break;
		for (; p <= last && to <= to_last && *p == '\n'; p++) {
			*to++ = '\r';
			*to++ = '\n';
			body->bare_lf = true;
		}
	}
	s->p = p;
	s->to = to;
}

AVX2 static void
copy_32(struct ms_dkim_body *body, struct stretch *s)
{
	copy_wide(body, s, 32, suspect_32);
}

static void
copy_16(struct ms_dkim_body *body, struct stretch *s)
{
	copy_wide(body, s, 16, suspect_16);
}
#endif

/* Copies what stays as it is: up to what is suspect, to the end of either
 * side, or at most `max` bytes. Does not look at the first byte. */
static void
copy_same(struct ms_dkim_body *body, struct stretch *s, size_t max)
{
	size_t i = 0, n = (size_t)(s->end - s->p);

	if (n > (size_t)(s->to_end - s->to))
		n = (size_t)(s->to_end - s->to);
	if (n > max)
		n = max;
#ifdef __SSE2__
	if (max == SIZE_MAX && !body->bare_cr && n > 34 && cpu_has_avx2()) {
		copy_32(body, s);
		return;
	}
	if (max == SIZE_MAX && !body->bare_cr && n > 18) {
		copy_16(body, s);
		return;
	}
#endif
	for (; i < n; i++) {
		if (i > 0 && suspect(body, s->p + i, s->end, s->p[i - 1]))
			break;
		s->to[i] = s->p[i];
	}
	s->p += i;
	s->to += i;
}

/* Rewrites what comes next, which is suspect: to two bytes at most. */
static void
rewrite(struct ms_dkim_body *body, struct stretch *s)
{
	unsigned char c = *s->p;

	if (c == '\r' || c == '\n') {
		body->bare_lf |= c == '\n';
		s->p++;
		if (c == '\r' && s->p < s->end && *s->p == '\n')
			s->p++;
		*s->to++ = '\r';
		*s->to++ = '\n';
		return;
	}
	while (s->p < s->end && ms_is(*s->p, MS_C_WSP))
		s->p++;
	if (s->p < s->end && !at_line_end(body, s))
		*s->to++ = ' ';
}

/* One step, of at most `max` bytes that stay. */
static void
step(struct ms_dkim_body *body, struct stretch *s, size_t max)
{
	const unsigned char *from = s->p;

	if (suspect(body, s->p, s->end, body->last))
		rewrite(body, s);
	else
		copy_same(body, s, max);
	if (s->p > from)
		body->last = s->p[-1];
}

bool
ms_dkim_body_next(struct ms_dkim_body *body, unsigned char *room, size_t room_n,
    struct ms_slice *out)
{
	struct stretch s = { body->rest.p, body->rest.p + body->rest.n, room,
		room + room_n };

	while (s.p < s.end && s.to_end - s.to >= 2)
		step(body, &s, SIZE_MAX);
	body->rest = ms_slice_make(s.p, (size_t)(s.end - s.p));
	if (s.p == s.end && body->closing && s.to_end - s.to >= 2) {
		*s.to++ = '\r';
		*s.to++ = '\n';
		body->closing = false;
	}
	*out = ms_slice_make(room, (size_t)(s.to - room));
	return out->n > 0;
}

uint64_t
dkim_body_skip(struct ms_dkim_body *body, uint64_t n)
{
	unsigned char room[4096];
	struct stretch s = { body->rest.p, body->rest.p + body->rest.n, room,
		room + sizeof(room) };

	while (n > 0 && s.p < s.end) {
		size_t done;

		s.to = room;
		step(body, &s, n > SIZE_MAX - 1 ? SIZE_MAX - 1 : (size_t)n);
		done = (size_t)(s.to - room);
		n -= done < n ? done : n;
	}
	body->rest = ms_slice_make(s.p, (size_t)(s.end - s.p));
	return n;
}

size_t
ms_dkim_body_offset(enum ms_dkim_canon canon, bool bare_cr, struct ms_slice raw,
    uint64_t length)
{
	struct ms_dkim_body body;

	ms_dkim_body_init(&body, canon, bare_cr, raw);
	if (dkim_body_skip(&body, length) > 0 || !raw.p)
		return raw.n;
	return (size_t)(body.rest.p - raw.p);
}

/* ---- the header ---- */

/* Length of the line end at `i`: 0, 1, 2. */
static size_t
line_end_at(struct ms_slice s, size_t i, bool bare_cr)
{
	if (s.p[i] == '\n')
		return 1;
	if (s.p[i] != '\r')
		return 0;
	if (i + 1 < s.n && s.p[i + 1] == '\n')
		return 2;
	return bare_cr ? 1 : 0;
}

/* 3.4.1: as it stands, with CRLF. */
static void
header_simple(bool bare_cr, struct ms_slice raw, struct ms_buf *out)
{
	unsigned char *to = ms_buf_room(out, raw.n * 2 + 2);
	unsigned char *start = to;

	for (size_t i = 0; i < raw.n;) {
		size_t end = line_end_at(raw, i, bare_cr);

		if (end == 0) {
			*to++ = raw.p[i++];
			continue;
		}
		*to++ = '\r';
		*to++ = '\n';
		i += end;
	}
	out->n += (size_t)(to - start);
	if (to - start < 2 || to[-1] != '\n')
		ms_buf_add(out, "\r\n", 2);
}

/* 3.4.2. The name in lower case, and the colon without blanks around. */
static struct ms_slice
header_relaxed_name(struct ms_slice raw, unsigned char **to)
{
	size_t colon = ms_slice_find(raw, 0, ':');
	struct ms_slice name = ms_slice_trim(ms_slice_part(raw, 0, colon));

	for (size_t i = 0; i < name.n; i++)
		*(*to)++ = ms_lower(name.p[i]);
	if (colon < raw.n)
		*(*to)++ = ':';
	return ms_slice_part(raw, colon + 1, raw.n);
}

static void
header_relaxed(bool bare_cr, struct ms_slice raw, struct ms_buf *out)
{
	unsigned char *to = ms_buf_room(out, raw.n + 2);
	unsigned char *start = to;
	struct ms_slice s = header_relaxed_name(raw, &to);
	bool space = false, first = true;

	for (size_t i = 0; i < s.n;) {
		unsigned char c = s.p[i];
		size_t end;

		if (c > ' ') {
			if (space && !first)
				*to++ = ' ';
			space = first = false;
			do {
				*to++ = c;
				c = ++i < s.n ? s.p[i] : 0;
			} while (c > ' ');
			continue;
		}
		end = line_end_at(s, i, bare_cr);
		if (end == 0 && !ms_is(c, MS_C_WSP)) {
			if (space && !first)
				*to++ = ' ';
			space = first = false;
			*to++ = c;
		} else if (end == 0) {
			space = true;
		}
		i += end ? end : 1;
	}
	*to++ = '\r';
	*to++ = '\n';
	out->n += (size_t)(to - start);
}

void
ms_dkim_header_canon(enum ms_dkim_canon canon, bool bare_cr,
    struct ms_slice raw, struct ms_buf *out)
{
	if (canon == MS_DKIM_SIMPLE)
		header_simple(bare_cr, raw, out);
	else
		header_relaxed(bare_cr, raw, out);
}
