/* SPDX-License-Identifier: ISC
 * pattern.h - regular expressions of the user's own: Perl's, by PCRE2
 *
 * For what is not known when the program is built. Grammars of standards are
 * read with the scanner. A pattern is hostile as well, if only by mistake:
 * what it may cost is bounded, and beyond that the answer is "unknown".
 */
#ifndef MAILSONDE_PATTERN_H
#define MAILSONDE_PATTERN_H

#include "mailsonde/arena.h"
#include "mailsonde/status.h"

struct ms_pattern;

/* Blind to the case of letters unless it says "(?-i)"; text is UTF-8, and
 * bytes that are none match nothing. NULL: *diag says what is wrong with it and
 * where, or that libpcre2 is not there (*status MS_UNSUPPORTED, else
 * MS_FORMAT). To be freed; may be used by several threads at once. */
struct ms_pattern *ms_pattern_new(
    struct ms_slice text, enum ms_status *status, struct ms_diag *diag);
void ms_pattern_free(struct ms_pattern *pattern);

enum ms_match {
	MS_MATCH_NO,
	MS_MATCH_YES,
	MS_MATCH_UNKNOWN, /* a bound of PCRE2 was hit: not judged */
};

/* The longest text for one search: the time of one may grow with the square of
 * its length, whatever PCRE2's own bounds say. */
#define MS_PATTERN_TEXT ((size_t)16 * 1024)

/* The first place in the first MS_PATTERN_TEXT bytes of `text`, into *hit. */
enum ms_match ms_pattern_find(const struct ms_pattern *pattern,
    struct ms_slice text, struct ms_slice *hit);

#endif
