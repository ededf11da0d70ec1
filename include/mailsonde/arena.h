/* SPDX-License-Identifier: ISC
 * arena.h - one owner for everything found in one case
 *
 * Results live in the arena of their case and go with it. Allocation does not
 * fail to its caller: exhaustion ends in the handler given at creation, which
 * must not return. Growth caused by input is stopped earlier, by ms_limits.
 */
#ifndef MAILSONDE_ARENA_H
#define MAILSONDE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "mailsonde/slice.h"

struct ms_arena;

/* A place in an arena to go back to. */
struct ms_arena_mark {
	void *chunk;
	size_t used;
};

/* `oom` is called when memory is exhausted and must not return; NULL means
 * abort(). The arena is freed with ms_arena_free. */
struct ms_arena *ms_arena_new(void (*oom)(void));
void ms_arena_free(struct ms_arena *arena);

/* An empty one with the same end: for a thread of its own. */
struct ms_arena *ms_arena_like(const struct ms_arena *arena);

/* Forget everything, keep up to one chunk of memory for the next case. */
void ms_arena_clear(struct ms_arena *arena);

/* Aligned for any type; never NULL; not cleared / cleared to zero. */
void *ms_arena_alloc(struct ms_arena *arena, size_t n);
void *ms_arena_zalloc(struct ms_arena *arena, size_t n);

/* Not aligned: for bytes. */
unsigned char *ms_arena_bytes(struct ms_arena *arena, size_t n);

/* `p` (or NULL) of `old_n` bytes becomes `n` bytes, in place where it was the
 * last thing allocated. */
void *ms_arena_grow(struct ms_arena *arena, void *p, size_t old_n, size_t n);

/* Copies: a slice; a slice as a NUL-terminated string (bytes unchanged); */
struct ms_slice ms_arena_copy(struct ms_arena *arena, struct ms_slice s);
char *ms_arena_string(struct ms_arena *arena, struct ms_slice s);

/* With ASCII letters in lower case; the slice itself where it has no capital.
 */
struct ms_slice ms_arena_lower(struct ms_arena *arena, struct ms_slice s);

/* printf into the arena. */
char *ms_arena_printf(struct ms_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *ms_arena_vprintf(struct ms_arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Scratch: everything allocated after the mark is given back. */
struct ms_arena_mark ms_arena_mark(const struct ms_arena *arena);
void ms_arena_reset(struct ms_arena *arena, struct ms_arena_mark mark);

/* Bytes taken from the system and not given back yet. */
size_t ms_arena_size(const struct ms_arena *arena);

/* One zeroed object of a type, or an array of them. */
#define MS_NEW(arena, type) ((type *)ms_arena_zalloc((arena), sizeof(type)))
#define MS_NEW_ARRAY(arena, type, n)                                           \
	((type *)ms_arena_zalloc((arena), sizeof(type) * (n)))

#endif
