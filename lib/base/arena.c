/* SPDX-License-Identifier: ISC
 * arena.c - chunks of memory with one owner
 */
#include "mailsonde/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Under AddressSanitizer only what was handed out may be touched, and between
 * any two pieces lies what may not. */
#if defined(__SANITIZE_ADDRESS__)
#define WATCHED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#define GAP       16
#define ALIGN_MIN 8
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define GAP                               0
#define ALIGN_MIN                         1
#endif

#define CHUNK_MIN  (16u * 1024)
#define CHUNK_MAX  (4096u * 1024)
#define CHUNK_KEEP (4096u * 1024)

struct chunk {
	struct chunk *previous;
	size_t size, used;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct ms_arena {
	struct chunk *chunk; /* the newest; the one allocated from */
	size_t next;         /* size of the next chunk */
	size_t total;
	void (*oom)(void);
};

static void
exhausted(const struct ms_arena *arena)
{
	if (arena && arena->oom)
		arena->oom();
	abort();
}

struct ms_arena *
ms_arena_new(void (*oom)(void))
{
	struct ms_arena *arena = calloc(1, sizeof(*arena));

	if (!arena) {
		if (oom)
			oom();
		abort();
	}
	arena->oom = oom;
	arena->next = CHUNK_MIN;
	return arena;
}

static void
drop_newest(struct ms_arena *arena)
{
	struct chunk *chunk = arena->chunk;

	arena->chunk = chunk->previous;
	arena->total -= chunk->size;
	ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->size);
	free(chunk);
}

static void
give_back(struct chunk *chunk, size_t used)
{
	chunk->used = used;
	ASAN_POISON_MEMORY_REGION(chunk->bytes + used, chunk->size - used);
}

struct ms_arena *
ms_arena_like(const struct ms_arena *arena)
{
	return ms_arena_new(arena->oom);
}

void
ms_arena_free(struct ms_arena *arena)
{
	if (!arena)
		return;
	while (arena->chunk)
		drop_newest(arena);
	free(arena);
}

void
ms_arena_clear(struct ms_arena *arena)
{
	while (arena->chunk &&
	       (arena->chunk->previous || arena->chunk->size > CHUNK_KEEP)) {
		/* Keep the newest that is not too large: it is the biggest
		 * of the ordinary ones. */
		struct chunk *newest = arena->chunk;

		if (newest->size > CHUNK_KEEP || !newest->previous) {
			drop_newest(arena);
			continue;
		}
		arena->chunk = newest->previous;
		while (arena->chunk)
			drop_newest(arena);
		newest->previous = NULL;
		arena->chunk = newest;
	}
	if (arena->chunk)
		give_back(arena->chunk, 0);
}

static __attribute__((noinline)) void
add_chunk(struct ms_arena *arena, size_t n)
{
	size_t size = arena->next;
	struct chunk *chunk;

	if (n > SIZE_MAX / 2)
		exhausted(arena);
	if (size < n + sizeof(max_align_t))
		size = n + sizeof(max_align_t);
	chunk = malloc(sizeof(*chunk) + size);
	if (!chunk)
		exhausted(arena);
	chunk->previous = arena->chunk;
	chunk->size = size;
	give_back(chunk, 0);
	arena->chunk = chunk;
	arena->total += size;
	if (arena->next < CHUNK_MAX)
		arena->next *= 2;
}

/* Inlined, so that it is a few instructions: reports are made of some hundred
 * small pieces. */
static inline __attribute__((always_inline)) void *
take(struct ms_arena *arena, size_t n, size_t align)
{
	if (align < ALIGN_MIN)
		align = ALIGN_MIN;
	for (;;) {
		struct chunk *chunk = arena->chunk;

		if (chunk) {
			size_t at = chunk->used + (chunk->used > 0 ? GAP : 0);

			at = (at + align - 1) & ~(align - 1);
			if (at <= chunk->size && n <= chunk->size - at) {
				chunk->used = at + n;
				ASAN_UNPOISON_MEMORY_REGION(
				    chunk->bytes + at, n);
				return chunk->bytes + at;
			}
		}
		add_chunk(arena, n);
	}
}

void *
ms_arena_alloc(struct ms_arena *arena, size_t n)
{
	return take(arena, n, _Alignof(max_align_t));
}

void *
ms_arena_zalloc(struct ms_arena *arena, size_t n)
{
	return memset(ms_arena_alloc(arena, n), 0, n);
}

unsigned char *
ms_arena_bytes(struct ms_arena *arena, size_t n)
{
	return take(arena, n, 1);
}

void *
ms_arena_grow(struct ms_arena *arena, void *p, size_t old_n, size_t n)
{
	struct chunk *chunk = arena->chunk;
	void *out;

	assert(n >= old_n && (p || old_n == 0));
	if (p && chunk &&
	    (unsigned char *)p + old_n == chunk->bytes + chunk->used &&
	    chunk->size - chunk->used >= n - old_n) {
		chunk->used += n - old_n;
		ASAN_UNPOISON_MEMORY_REGION(p, n);
		return p;
	}
	out = ms_arena_alloc(arena, n);
	if (old_n > 0)
		memcpy(out, p, old_n);
	return out;
}

struct ms_slice
ms_arena_copy(struct ms_arena *arena, struct ms_slice s)
{
	unsigned char *p = ms_arena_bytes(arena, s.n);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return ms_slice_make(p, s.n);
}

char *
ms_arena_string(struct ms_arena *arena, struct ms_slice s)
{
	char *p = (char *)ms_arena_bytes(arena, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char *
ms_arena_vprintf(struct ms_arena *arena, const char *format, va_list args)
{
	char most[256]; /* are no longer: formatted once */
	va_list again;
	char *p;
	int n;

	va_copy(again, args);
	n = vsnprintf(most, sizeof(most), format, args);
	assert(n >= 0);
	p = (char *)ms_arena_bytes(arena, (size_t)n + 1);
	if ((size_t)n < sizeof(most))
		memcpy(p, most, (size_t)n + 1);
	else
		vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return p;
}

struct ms_slice
ms_arena_lower(struct ms_arena *arena, struct ms_slice s)
{
	unsigned char *p;
	size_t i = 0;

	while (i < s.n && ms_lower(s.p[i]) == s.p[i])
		i++;
	if (i == s.n)
		return s;
	p = ms_arena_bytes(arena, s.n);
	for (i = 0; i < s.n; i++)
		p[i] = ms_lower(s.p[i]);
	return ms_slice_make(p, s.n);
}

char *
ms_arena_printf(struct ms_arena *arena, const char *format, ...)
{
	va_list args;
	char *p;

	va_start(args, format);
	p = ms_arena_vprintf(arena, format, args);
	va_end(args);
	return p;
}

struct ms_arena_mark
ms_arena_mark(const struct ms_arena *arena)
{
	struct ms_arena_mark mark = { arena->chunk,
		arena->chunk ? arena->chunk->used : 0 };

	return mark;
}

void
ms_arena_reset(struct ms_arena *arena, struct ms_arena_mark mark)
{
	while (arena->chunk && (void *)arena->chunk != mark.chunk)
		drop_newest(arena);
	if (arena->chunk)
		give_back(arena->chunk, mark.used);
}

size_t
ms_arena_size(const struct ms_arena *arena)
{
	return arena->total;
}
