/* SPDX-License-Identifier: ISC
 * scan.h - the one scanner that every text grammar is written with
 *
 * Bounds live here and nowhere else. Failure sticks: after a take that could
 * not be met, `bad` is set and every further take gives nothing. Takes that
 * merely look (peek, at_end) do not fail.
 */
#ifndef MAILSONDE_SCAN_H
#define MAILSONDE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "mailsonde/slice.h"

struct ms_scan {
	const unsigned char *p, *end;
	const unsigned char *start; /* for offsets */
	bool bad;
};

/* Character classes; a byte may be in several. */
enum ms_class {
	MS_C_ALPHA = 1 << 0,
	MS_C_DIGIT = 1 << 1,
	MS_C_HEX = 1 << 2,
	MS_C_WSP = 1 << 3,     /* SP, HTAB */
	MS_C_CRLF = 1 << 4,    /* CR, LF */
	MS_C_ATEXT = 1 << 5,   /* RFC 5322 3.2.3, and bytes >= 0x80 (6532) */
	MS_C_TOKEN = 1 << 6,   /* RFC 2045 5.1 token */
	MS_C_HOST = 1 << 7,    /* letters, digits, '-', '_', '.', >= 0x80 */
	MS_C_SPECIAL = 1 << 8, /* RFC 5322 specials: ()<>[]:;@\,." */
	MS_C_CTL = 1 << 9,     /* 0-31 and 127 */
	MS_C_FTEXT = 1 << 10,  /* field name, RFC 5322 3.6.8 */
	MS_C_BASE64 = 1 << 11, /* alphabet without '=' */
	MS_C_UPPER = 1 << 12,
	MS_C_HIGH = 1 << 13, /* >= 0x80 */
};
#define MS_C_SPACE (MS_C_WSP | MS_C_CRLF)
#define MS_C_ALNUM (MS_C_ALPHA | MS_C_DIGIT)

extern const unsigned short ms_class_table[256];

static inline bool
ms_is(unsigned char c, unsigned classes)
{
	return (ms_class_table[c] & classes) != 0;
}

static inline struct ms_scan
ms_scan_init(struct ms_slice s)
{
	struct ms_scan out = { s.p, s.n > 0 ? s.p + s.n : s.p, s.p, false };
	return out;
}

static inline size_t
ms_scan_left(const struct ms_scan *s)
{
	return (size_t)(s->end - s->p);
}

static inline size_t
ms_scan_offset(const struct ms_scan *s)
{
	return (size_t)(s->p - s->start);
}

static inline bool
ms_scan_at_end(const struct ms_scan *s)
{
	return s->bad || s->p == s->end;
}

/* The next byte without taking it; -1 at the end. */
static inline int
ms_scan_peek(const struct ms_scan *s)
{
	return ms_scan_at_end(s) ? -1 : *s->p;
}

/* The byte `n` further on; -1 behind the end. */
static inline int
ms_scan_peek_at(const struct ms_scan *s, size_t n)
{
	return s->bad || ms_scan_left(s) <= n ? -1 : s->p[n];
}

/* What is left, as a slice. */
static inline struct ms_slice
ms_scan_rest(const struct ms_scan *s)
{
	return ms_slice_make(s->p, s->bad ? 0 : ms_scan_left(s));
}

/* Take: one byte (or fail); up to `n` bytes unseen. */
int ms_scan_byte(struct ms_scan *s);
void ms_scan_skip(struct ms_scan *s, size_t n);

/* Take the byte, or the text (ASCII case ignored), when it is next. These
 * two try: false is not a failure. */
bool ms_scan_try_byte(struct ms_scan *s, unsigned char byte);
bool ms_scan_try_text(struct ms_scan *s, const char *text);

/* As try_text, and what follows is not a letter, digit, '-' or '_'. */
bool ms_scan_try_word(struct ms_scan *s, const char *word);

/* The longest run of bytes in / not in `classes`, at most `max`; may be
 * empty. */
struct ms_slice ms_scan_while(struct ms_scan *s, unsigned classes, size_t max);
struct ms_slice ms_scan_until(struct ms_scan *s, unsigned classes, size_t max);

/* Up to, not including, the byte (to the end when it is not there). */
struct ms_slice ms_scan_to(struct ms_scan *s, unsigned char byte);
/* As ms_scan_to, and the byte itself is taken too, when it is there. */
struct ms_slice ms_scan_through(struct ms_scan *s, unsigned char byte);

/* Decimal number of 1 to `max_digits` digits, at most `max`; fails else. */
uint64_t ms_scan_number(struct ms_scan *s, unsigned max_digits, uint64_t max);

/* White space, folded or not. True when there was any. */
bool ms_scan_space(struct ms_scan *s);

/* White space and comments (RFC 5322 3.2.2), nesting counted and never
 * recursed into; an unclosed comment ends at the end. True when there was
 * any. Linear. */
bool ms_scan_cfws(struct ms_scan *s);

/* One comment that starts here, without its outer parentheses, not
 * unescaped; false when none starts here. */
bool ms_scan_comment(struct ms_scan *s, struct ms_slice *out);

/* A quoted-string that starts here (RFC 5322 3.2.4), without the quotes, not
 * unescaped; an unclosed one ends at the end, and *closed says so. False when
 * none starts here. */
bool ms_scan_quoted(struct ms_scan *s, struct ms_slice *out, bool *closed);

/* A domain-literal that starts here, without the brackets. */
bool ms_scan_literal(struct ms_scan *s, struct ms_slice *out);

#endif
