/* SPDX-License-Identifier: ISC
 * progress.h - how far a run is, on a terminal
 */
#ifndef MAILSONDE_CMD_PROGRESS_H
#define MAILSONDE_CMD_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;
	double started;
	uint64_t amount; /* of everything; 0: not known */
	atomic_uint_fast64_t done;
	atomic_uint_fast64_t taken;   /* of `amount` */
	atomic_uint_fast64_t skipped; /* of what was taken: it cost nothing */
	atomic_long second;           /* when it was shown last */
};

/* What standard input still holds where it is a file; 0. */
uint64_t progress_input(void);

void progress_start(struct progress *progress, bool shown, uint64_t amount);

/* `done` subjects more were done, of which `amount` of the whole was. Shown
 * once a second. Thread-safe. */
void progress_add(struct progress *progress, uint64_t done, uint64_t amount);

/* Takes it off the terminal. */
void progress_end(struct progress *progress);

#endif
