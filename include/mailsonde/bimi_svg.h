/* SPDX-License-Identifier: ISC
 * bimi_svg.h - the mark of BIMI: SVG Tiny Portable/Secure,
 * draft-svg-tiny-ps-abrotman
 *
 * What the profile is for: a picture that shows itself and does nothing else.
 * Not the whole schema is checked but what it forbids, and what it asks of the
 * root.
 */
#ifndef MAILSONDE_BIMI_SVG_H
#define MAILSONDE_BIMI_SVG_H

#include "mailsonde/arena.h"
#include "mailsonde/limits.h"

#define MS_BIMI_SVG_SIZE   32768 /* octets: the most that is advised */
#define MS_BIMI_SVG_FAULTS 16    /* that are kept */

struct ms_bimi_svg {
	const char *fault;     /* it is no SVG at all, a clause; then nothing
				  below is filled. NULL */
	struct ms_slice title; /* n == 0: none */
	const char *faults[MS_BIMI_SVG_FAULTS]; /* against the profile,
						   clauses, each once */
	size_t faults_n;
	double width, height; /* 0: not said */
	bool square;          /* or not said */
};

void ms_bimi_svg_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_bimi_svg *out);

#endif
