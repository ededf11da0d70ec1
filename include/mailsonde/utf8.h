/* SPDX-License-Identifier: ISC
 * utf8.h - UTF-8 after RFC 3629, and which code points deceive the eye
 */
#ifndef MAILSONDE_UTF8_H
#define MAILSONDE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "mailsonde/buf.h"
#include "mailsonde/slice.h"

/* Decodes one code point at *s and moves it on. An ill-formed sequence gives
 * -1 and moves on by its maximal valid prefix, at least one byte (Unicode
 * 3.9, "substitution of maximal subparts"). *s must not be empty. */
int32_t ms_utf8_next(struct ms_slice *s);

/* Well-formed from end to end; plain ASCII. Both are fast on long ASCII. */
bool ms_utf8_valid(struct ms_slice s);
bool ms_utf8_ascii(struct ms_slice s);

/* Copies with U+FFFD for each ill-formed sequence; the slice itself where it
 * is valid. *lossy (may be NULL) is set to true when something was replaced,
 * and left alone otherwise. */
struct ms_slice ms_utf8_clean(
    struct ms_arena *arena, struct ms_slice s, bool *lossy);

/* The first `max` bytes at most, and no sequence broken in two. */
struct ms_slice ms_utf8_head(struct ms_slice s, size_t max);

/* Kinds of code point that must not reach a terminal or that hide things. */
enum ms_rune_kind {
	MS_RUNE_PLAIN,
	MS_RUNE_CONTROL,   /* C0, C1, DEL */
	MS_RUNE_BIDI,      /* overrides, embeddings, isolates, marks */
	MS_RUNE_INVISIBLE, /* zero width, soft hyphen, fillers, tags, BOM */
	MS_RUNE_SEPARATOR, /* U+2028, U+2029 */
};
enum ms_rune_kind ms_rune_kind(uint32_t rune);

/* Columns on a terminal: 0, 1 or 2. Own table, the locale does not matter. */
int ms_rune_width(uint32_t rune);

#endif
