/* SPDX-License-Identifier: ISC
 * once.c - the same request is made once in a run
 */
#include <pthread.h>

#include "fetch_priv.h"
#include "mailsonde/map.h"

struct held {
	bool there; /* false: on its way */
	struct ms_fetch answer;
};

struct once {
	struct ms_fetch_source source; /* first: what callers hold */
	struct ms_fetch_source *inner;
	struct ms_arena *arena;
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	struct ms_map map;  /* request to struct held */
	size_t limit, kept; /* octets */
};

static struct once *
once_of(struct ms_fetch_source *self)
{
	return (struct once *)(void *)self;
}

/* The answer, when somebody has asked before. Else false: a place for it in
 * *place, or NULL where enough is held. With the lock. */
static bool
look(struct once *once, struct ms_slice key, struct ms_fetch *out,
    struct held **place)
{
	struct ms_map_entry *entry = ms_map_find(&once->map, key);
	struct held *held = entry ? entry->value : NULL;

	*place = NULL;
	if (!held) {
		if (once->limit > 0 && once->kept >= once->limit)
			return false;
		*place = MS_NEW(once->arena, struct held);
		ms_map_take(&once->map, key)->value = *place;
		once->kept += key.n + sizeof(*held);
		return false;
	}
	while (!held->there)
		pthread_cond_wait(&once->arrived, &once->lock);
	*out = held->answer;
	return true;
}

static void
once_fetch(struct ms_fetch_source *self, const struct ms_fetch_request *request,
    struct ms_arena *arena, struct ms_fetch *out)
{
	struct once *once = once_of(self);
	struct ms_slice key = fetch_key(arena, request);
	struct held *place;
	bool known;

	pthread_mutex_lock(&once->lock);
	known = look(once, key, out, &place);
	pthread_mutex_unlock(&once->lock);
	if (known)
		return;
	once->inner->fetch(once->inner, request, arena, out);
	if (!place)
		return;
	pthread_mutex_lock(&once->lock);
	fetch_copy(once->arena, out, &place->answer);
	once->kept += out->body.n;
	place->there = true;
	pthread_cond_broadcast(&once->arrived);
	pthread_mutex_unlock(&once->lock);
}

static void
once_close(struct ms_fetch_source *self)
{
	struct once *once = once_of(self);

	once->inner->close(once->inner);
	pthread_cond_destroy(&once->arrived);
	pthread_mutex_destroy(&once->lock);
	ms_arena_free(once->arena);
}

struct ms_fetch_source *
ms_fetch_once(struct ms_fetch_source *inner, size_t limit, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct once *once = MS_NEW(arena, struct once);

	once->source.fetch = once_fetch;
	once->source.close = once_close;
	once->inner = inner;
	once->arena = arena;
	once->limit = limit;
	pthread_mutex_init(&once->lock, NULL);
	pthread_cond_init(&once->arrived, NULL);
	ms_map_init(&once->map, arena);
	return &once->source;
}
