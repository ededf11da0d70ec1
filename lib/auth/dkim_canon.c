/* SPDX-License-Identifier: ISC
 * dkim_canon.c - canonical forms of header and body, RFC 6376 section 3.4
 *
 * Most of a body stays as it is: what must be rewritten is searched for, and
 * the stretches between go out as slices of the message.
 */
#include "mailsonde/dkim.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "mailsonde/scan.h"

/* A stretch that is worth a piece of its own. */
#define DIRECT 256

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
	body->rest = trim_end(canon, bare_cr, raw);
	body->closing = canon == MS_DKIM_SIMPLE || body->rest.n > 0;
}

/* Whether byte `i`, behind `last`, may have to be rewritten. Nothing that
 * stays comes out wrong where it is looked at in vain. */
static inline bool
suspect(const struct ms_dkim_body *body, size_t i, unsigned char last)
{
	const unsigned char *p = body->rest.p;
	unsigned char c = p[i];

	if (c == '\n')
		return last != '\r';
	if (c == '\r')
		return body->bare_cr;
	if (body->canon == MS_DKIM_SIMPLE)
		return false;
	return c == '\t' || (c == ' ' && i + 1 < body->rest.n &&
				ms_is(p[i + 1], MS_C_SPACE));
}

#ifdef __SSE2__
/* The same for 16 bytes and the one behind each: a bit each. LF is found one
 * early, as what comes behind. */
static unsigned
suspect_bits(const unsigned char *p, bool relaxed)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i next = _mm_loadu_si128((const __m128i *)(const void *)(p + 1));
	__m128i lf = _mm_cmpeq_epi8(next, _mm_set1_epi8('\n'));
	__m128i cr = _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'));
	unsigned bits = (unsigned)_mm_movemask_epi8(_mm_andnot_si128(cr, lf))
			<< 1;
	__m128i tab, space, space_next;

	if (!relaxed)
		return bits;
	tab = _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'));
	space = _mm_cmpeq_epi8(v, _mm_set1_epi8(' '));
	space_next =
	    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(next, _mm_set1_epi8(' ')),
			     _mm_cmpeq_epi8(next, _mm_set1_epi8('\t'))),
		_mm_or_si128(lf, _mm_cmpeq_epi8(next, _mm_set1_epi8('\r'))));
	return bits | (unsigned)_mm_movemask_epi8(
			  _mm_or_si128(tab, _mm_and_si128(space, space_next)));
}
#endif

/* How many bytes of the rest stay as they are. */
static size_t
same_ahead(const struct ms_dkim_body *body)
{
	struct ms_slice s = body->rest;
	size_t i = 0;

	if (s.n == 0 || suspect(body, 0, body->last))
		return 0;
#ifdef __SSE2__
	for (; !body->bare_cr && s.n - i >= 17; i += 16) {
		unsigned bits =
		    suspect_bits(s.p + i, body->canon == MS_DKIM_RELAXED);

		if (bits)
			return i + (unsigned)__builtin_ctz(bits);
	}
#endif
	while (i < s.n && !suspect(body, i, i ? s.p[i - 1] : body->last))
		i++;
	return i;
}

static void
advance(struct ms_dkim_body *body, size_t n)
{
	if (n == 0)
		return;
	body->last = body->rest.p[n - 1];
	body->rest = ms_slice_part(body->rest, n, body->rest.n);
	body->same -= n < body->same ? n : body->same;
}

/* Whether a line end comes next. */
static bool
at_line_end(const struct ms_dkim_body *body)
{
	struct ms_slice s = body->rest;

	return s.n > 0 &&
	       (s.p[0] == '\n' ||
		   (s.p[0] == '\r' &&
		       (body->bare_cr || (s.n > 1 && s.p[1] == '\n'))));
}

/* Rewrites what comes next, which is suspect: up to two bytes. */
static size_t
rewrite(struct ms_dkim_body *body, unsigned char *room)
{
	unsigned char c = *body->rest.p;

	if (c == '\r' || c == '\n') {
		body->bare_lf |= c == '\n';
		advance(body, 1);
		if (c == '\r' && body->rest.n > 0 && *body->rest.p == '\n')
			advance(body, 1);
		memcpy(room, "\r\n", 2);
		return 2;
	}
	while (body->rest.n > 0 && ms_is(*body->rest.p, MS_C_WSP))
		advance(body, 1);
	if (body->rest.n == 0 || at_line_end(body))
		return 0;
	*room = ' ';
	return 1;
}

bool
ms_dkim_body_next(struct ms_dkim_body *body, unsigned char *room, size_t room_n,
    struct ms_slice *out)
{
	size_t n = 0, take;

	while (body->rest.n > 0 && room_n - n >= 2) {
		if (body->same == 0)
			body->same = same_ahead(body);
		if (body->same >= DIRECT) {
			if (n > 0)
				break;
			*out = ms_slice_part(body->rest, 0, body->same);
			advance(body, body->same);
			return true;
		}
		take = body->same < room_n - n ? body->same : room_n - n;
		memcpy(room + n, body->rest.p, take);
		advance(body, take);
		n += take;
		if (take == 0)
			n += rewrite(body, room + n);
	}
	if (body->rest.n == 0 && body->closing && room_n - n >= 2) {
		memcpy(room + n, "\r\n", 2);
		n += 2;
		body->closing = false;
	}
	*out = ms_slice_make(room, n);
	return n > 0;
}

size_t
ms_dkim_body_offset(enum ms_dkim_canon canon, bool bare_cr, struct ms_slice raw,
    uint64_t length)
{
	unsigned char room[2];
	struct ms_dkim_body body;

	ms_dkim_body_init(&body, canon, bare_cr, raw);
	while (length > 0 && body.rest.n > 0) {
		size_t n = same_ahead(&body);

		if (n > length)
			n = (size_t)length;
		advance(&body, n);
		if (n == 0)
			n = rewrite(&body, room);
		length -= n < length ? n : length;
	}
	if (length > 0)
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
