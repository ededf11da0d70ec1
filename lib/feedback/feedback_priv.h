/* SPDX-License-Identifier: ISC
 * feedback_priv.h - what the readers of reports share
 */
#ifndef MAILSONDE_FEEDBACK_PRIV_H
#define MAILSONDE_FEEDBACK_PRIV_H

#include "mailsonde/feedback.h"

/* Notes an oddity, a clause, once; the 21st and later are not kept. */
void feedback_odd(struct ms_arena *arena, struct ms_oddities *oddities,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One more in a list whose room doubles: `list` of `n` elements of `size`. */
void *feedback_room(struct ms_arena *arena, void *list, size_t n, size_t size);

/* A copy; of NULL NULL. */
struct ms_slice feedback_copy(struct ms_arena *arena, struct ms_slice text);

/* Their sum, which stops at the largest number there is. */
int64_t feedback_sum(int64_t a, int64_t b);

/* Recomputes the alignment of a row's results. `cache` remembers names. */
struct feedback_align {
	struct ms_arena *arena;
	struct ms_psl *psl;
	struct ms_map cache; /* a name to its organizational domain */
};
void feedback_align_row(struct feedback_align *align,
    const struct ms_aggregate *report, struct ms_aggregate_row *row);

#endif
