/* SPDX-License-Identifier: ISC
 * pool.h - worker threads whose results come out in the order of the input
 *
 * Each worker takes a batch with a sequence number, judges its subjects one
 * after another into a buffer of its own, and hands the buffer in. What is
 * done before its turn waits in a window, so that a slow batch does not hold up
 * the others. Memory is bounded by the window and the workers' batches. With
 * --unordered nothing waits.
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

	unsigned most;           /* workers; see pool_taken */
	struct summary *summary; /* NULL: none is wanted */
	size_t stack; /* bytes of a thread's stack; 0: the system's */

	pthread_mutex_t lock;
	pthread_cond_t turn_changed;
	struct pool_worker *workers; /* the newest first */
	atomic_uint workers_n;
	atomic_uint taking;  /* of them between pool_take and pool_taken */
	uint64_t turn;       /* sequence number of the batch to be written */
	struct done *window; /* batches done before their turn */
	size_t window_bytes; /* in them */
	uint64_t reports;    /* written so far */
	bool seen[5];        /* exit codes 74, 1, 2, 65, 66 */
	atomic_bool stop;    /* nothing more can be written */
	atomic_bool ended;   /* a worker found nothing more to take */
	atomic_uint_fast64_t handed_in; /* batches */
};

/* One thread's own things. */
struct pool_worker {
	struct pool *pool;
	pthread_t thread;
	struct pool_worker *older; /* the one started before */
	struct ms_arena *arena;    /* of one subject */
	struct ms_arena *ahead;    /* of subjects read before their turn */
	struct ms_arena *lasting;  /* converters */
	struct ms_arena *output;   /* the batch's rendered bytes */
	struct ms_charsets *charsets;
	struct ms_magic *magic; /* loads nothing until asked */
	struct ms_buf out;
	struct ms_buf remarks; /* for standard error */
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

/* An exit code from elsewhere; not while workers run. */
void pool_saw(struct pool *pool, int code);

/* Says something on standard error, when the batch's results are written. */
void pool_complain(struct pool_worker *worker, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Batches done before their turn, and the bytes of their results: where either
 * is reached, workers wait for the oldest batch. */
#define POOL_WINDOW       4096
#define POOL_WINDOW_BYTES ((size_t)64 * 1024 * 1024)

/* Hands the batch in. Every sequence number taken must be handed in, also an
 * empty one. */
void pool_submit(struct pool_worker *worker, uint64_t sequence);

bool pool_stopped(const struct pool *pool);

/* How many threads --jobs or the machine gives. */
unsigned pool_size(const struct options *options);

/* Workers that are started as soon as one more could take a batch; beyond them,
 * up to pool->most, only where batches take long. */
#define POOL_FEW 8

/* Runs `work` on `threads` threads and those that are started to its end. */
void pool_run(struct pool *pool, unsigned threads);

/* Around the taking of a batch. Whoever leaves nobody behind to take the next,
 * and there is `more`, starts a worker, unless there are a few already. */
void pool_take(struct pool *pool);
void pool_taken(struct pool *pool, bool more);

/* The first of 74, 1, 2, 65, 66 that any subject gave; 0. */
int pool_exit_code(const struct pool *pool);

#endif
