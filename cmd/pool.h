/* SPDX-License-Identifier: ISC
 * pool.h - worker threads whose results come out in the order of the input
 *
 * Each worker takes a batch with a sequence number, judges its subjects one
 * after another into a buffer of its own, and hands the buffer in when its
 * turn has come. Memory is bounded by the workers' batches.
 */
#ifndef MAILSONDE_CMD_POOL_H
#define MAILSONDE_CMD_POOL_H

#include <pthread.h>
#include <stdatomic.h>

#include "mailsonde/charset.h"
#include "mailsonde/magic.h"
#include "output.h"

struct pool_worker;

struct pool {
	const struct options *options;
	struct output *output;
	/* Takes batches until there are none; see pool_stopped. */
	void (*work)(struct pool *pool, struct pool_worker *worker);
	void *context; /* of the command that runs */

	pthread_mutex_t lock;
	pthread_cond_t turn_changed;
	uint64_t turn;    /* sequence number of the batch to be written */
	uint64_t reports; /* written so far */
	bool seen[5];     /* exit codes 74, 1, 2, 65, 66 */
	atomic_bool stop; /* nothing more can be written */
};

/* One thread's own things. */
struct pool_worker {
	struct pool *pool;
	struct ms_arena *arena;   /* of one subject */
	struct ms_arena *lasting; /* converters */
	struct ms_arena *output;  /* the batch's rendered bytes */
	struct ms_charsets *charsets;
	struct ms_magic *magic; /* loads nothing until asked */
	struct ms_buf out;
	uint64_t reports;
	bool seen[5];
};

/* Handler for arenas: says so and ends with EXIT_FAULT. */
void out_of_memory(void);

/* A report of this worker's own arena. */
void pool_report(struct pool_worker *worker, const char *command, int64_t time,
    struct ms_report *out);

/* Adds one report to the batch; notes its exit code. */
void pool_render(struct pool_worker *worker, const struct ms_report *report);
void pool_note_exit(struct pool_worker *worker, int code);

/* Hands the batch in, waiting for its turn. Every sequence number taken must
 * be handed in, also an empty one. */
void pool_submit(struct pool_worker *worker, uint64_t sequence);

bool pool_stopped(const struct pool *pool);

/* How many threads --jobs or the machine gives. */
unsigned pool_size(const struct options *options);

/* Runs `work` on `threads` threads (this one among them) to its end. */
void pool_run(struct pool *pool, struct ms_arena *arena, unsigned threads);

/* The first of 74, 1, 2, 65, 66 that any subject gave; 0. */
int pool_exit_code(const struct pool *pool);

#endif
