/* SPDX-License-Identifier: ISC
 * boundary.c - delimiter lines of multiparts, RFC 2046 5.1.1
 */
#include <stdint.h>

#include "mime_priv.h"

static bool
line_begins(struct ms_slice s, size_t at, const char *two, bool bare_cr)
{
	unsigned char before = at > 0 ? s.p[at - 1] : '\n';

	return s.n - at >= 2 && s.p[at] == (unsigned char)two[0] &&
	       s.p[at + 1] == (unsigned char)two[1] &&
	       (before == '\n' || (bare_cr && before == '\r'));
}

size_t
boundary_find_line(
    struct ms_slice s, size_t from, const char *two, bool bare_cr)
{
	size_t at = from;

	if (at < s.n && !line_begins(s, at, two, bare_cr) && !bare_cr)
		at = ms_slice_find_line(
			 s, at, (unsigned char)two[0], (unsigned char)two[1]) +
		     1;
	while (at < s.n && !line_begins(s, at, two, bare_cr))
		at++;
	return at < s.n ? at : s.n;
}

/* What stands behind the dashes, without trailing white space, and where the
 * next line begins. */
static struct ms_slice
candidate(const struct boundaries *b, size_t at, size_t *next)
{
	struct ms_slice rest = ms_slice_part(b->in, at, b->in.n), line;

	(void)ms_slice_line(&rest, b->bare_cr, &line);
	*next = (size_t)(rest.p - b->in.p);
	while (line.n > 2 &&
	       (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	return ms_slice_part(line, 2, line.n);
}

/* The innermost multipart, of those from `floor` up, that the line belongs
 * to. */
static bool
match(struct boundaries *b, size_t at, size_t floor, struct delimiter *out)
{
	struct ms_slice text = candidate(b, at, &out->next);

	for (size_t i = b->n; i-- > floor;) {
		struct ms_slice open = b->open[i];

		if (text.n != open.n && text.n != open.n + 2)
			continue;
		out->close = text.n != open.n;
		if (out->close &&
		    (text.p[open.n] != '-' || text.p[open.n + 1] != '-'))
			continue;
		if (memcmp(text.p, open.p, open.n) != 0)
			continue;
		out->at = at;
		out->level = i;
		return true;
	}
	return false;
}

static bool
search(struct boundaries *b, size_t from, size_t limit, size_t floor,
    struct delimiter *out)
{
	/* Two bytes more, so that a line that begins just before the limit
	 * is seen. */
	struct ms_slice in = ms_slice_part(b->in, 0, limit + 1);
	size_t at = from;

	for (;;) {
		at = boundary_find_line(in, at, "--", b->bare_cr);
		if (at >= limit || at >= in.n)
			return false;
		if (match(b, at, floor, out))
			return true;
		at += 2;
	}
}

void
boundary_push(struct boundaries *b, struct ms_arena *arena,
    struct ms_slice boundary, size_t body)
{
	size_t end = b->hit ? b->next.at + 1 : b->clean;

	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 4;

		b->open = ms_arena_grow(arena, b->open,
		    b->cap * sizeof(*b->open), cap * sizeof(*b->open));
		b->cap = cap;
	}
	b->open[b->n++] = boundary;
	if (end > body && search(b, body, end, b->n - 1, &b->next)) {
		b->hit = true;
		b->clean = b->next.at;
	}
}

void
boundary_cut(struct boundaries *b, size_t n)
{
	b->n = n;
	if (b->hit && b->next.level >= n)
		b->hit = false;
}

bool
boundary_next(
    struct boundaries *b, size_t from, size_t limit, struct delimiter *out)
{
	if (limit > b->in.n)
		limit = b->in.n;
	if (b->hit && b->next.at < from)
		b->hit = false;
	if (b->clean < from)
		b->clean = from;
	if (!b->hit && b->n > 0 && b->clean < limit) {
		b->hit = search(b, b->clean, limit, 0, &b->next);
		b->clean = b->hit ? b->next.at : limit;
	}
	if (!b->hit || b->next.at >= limit)
		return false;
	*out = b->next;
	return true;
}
