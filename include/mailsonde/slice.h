/* SPDX-License-Identifier: ISC
 * slice.h - a run of bytes somebody else owns
 *
 * Mail is evidence: one constant buffer, and everything found in it is a
 * slice of it. A slice never owns and is never NUL-terminated.
 */
#ifndef MAILSONDE_SLICE_H
#define MAILSONDE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct ms_slice {
	const unsigned char *p;
	size_t n;
};

/* The bytes of a NUL-terminated string; the NUL is not part of it. */
static inline struct ms_slice
ms_slice_from(const char *text)
{
	struct ms_slice out = { (const unsigned char *)text, strlen(text) };
	return out;
}

static inline struct ms_slice
ms_slice_make(const void *p, size_t n)
{
	struct ms_slice out = { (const unsigned char *)p, n };
	return out;
}

/* A literal as a slice, without strlen at run time. */
#define MS_SLICE(literal) ms_slice_make((literal), sizeof(literal) - 1)

/* The part [from, to) of a slice; both ends are cut to what is there. */
static inline struct ms_slice
ms_slice_part(struct ms_slice s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return ms_slice_make(from > 0 ? s.p + from : s.p, to - from);
}

/* ASCII only: header names, tags and hosts compare so (RFC 5234 2.3). */
static inline unsigned char
ms_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* Of a hexadecimal digit, in either case; -1 of anything else. */
static inline int
ms_hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Same bytes. */
bool ms_slice_equal(struct ms_slice a, struct ms_slice b);

/* Same bytes but for the case of ASCII letters. */
bool ms_slice_equal_nocase(struct ms_slice a, struct ms_slice b);

/* Inline: lists of words are walked with it, and most differ in the first
 * letter. */
static inline bool
ms_slice_is(struct ms_slice a, const char *text_nocase)
{
	if (a.n == 0 ||
	    ms_lower(a.p[0]) != ms_lower((unsigned char)text_nocase[0]))
		return a.n == 0 && !text_nocase[0];
	return ms_slice_equal_nocase(a, ms_slice_from(text_nocase));
}

bool ms_slice_starts(struct ms_slice s, const char *prefix_nocase);
bool ms_slice_ends(struct ms_slice s, const char *suffix_nocase);

/* Offset of the first such byte or text at or after `from`; s.n when there is
 * none. ms_slice_find_text is linear in s.n and compares case exactly;
 * ms_slice_find_nocase ignores the case of ASCII letters. */
size_t ms_slice_find(struct ms_slice s, size_t from, unsigned char byte);
size_t ms_slice_find_text(struct ms_slice s, size_t from, const char *text);
size_t ms_slice_find_nocase(struct ms_slice s, size_t from, const char *text);

/* Offset of the next LF at or after `from` that is followed by byte `a` and
 * then, unless it is 0, by byte `b`; s.n when there is none. Fast. */
size_t ms_slice_find_line(
    struct ms_slice s, size_t from, unsigned char a, unsigned char b);

/* No octet of it is above 0x7f. */
bool ms_slice_is_ascii(struct ms_slice s);

/* Without white space (SP, HTAB, CR, LF) at both ends. */
struct ms_slice ms_slice_trim(struct ms_slice s);

/* The next line and the rest: *line is without its line end (CRLF, LF, or a
 * CR that stands alone when `bare_cr`). False when `rest` was empty. */
bool ms_slice_line(struct ms_slice *rest, bool bare_cr, struct ms_slice *line);

#endif
