/* SPDX-License-Identifier: ISC
 * once.c - one answer a question in one run
 *
 * Answers are kept in stripes, each with a lock of its own, so that many
 * threads seldom wait for one another but where they ask the same.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "mailsonde/dns_wrap.h"
#include "mailsonde/map.h"
#include "rr_priv.h"

#define STRIPES 16 /* a power of two */

struct held {
	bool there; /* false: on its way */
	struct ms_dns_answer answer;
};

struct stripe {
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	struct ms_arena *arena;
	struct ms_map map; /* question to struct held */
};

struct once {
	struct ms_dns_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_dns_source *inner;
	size_t limit;
	atomic_size_t n;
	struct stripe stripes[STRIPES];
};

static struct once *
once_of(struct ms_dns_source *self)
{
	return (struct once *)(void *)self;
}

static struct stripe *
stripe_of(struct once *once, struct ms_slice key)
{
	unsigned sum = 0;

	for (size_t i = 0; i < key.n; i++)
		sum = sum * 31 + key.p[i];
	return &once->stripes[sum & (STRIPES - 1)];
}

/* A place for an answer that nobody has asked for yet; NULL when there are
 * too many. With the stripe's lock. */
static struct held *
make_place(struct once *once, struct stripe *stripe, struct ms_slice key)
{
	struct held *held;

	if (atomic_fetch_add(&once->n, 1) >= once->limit && once->limit > 0)
		return NULL;
	held = MS_NEW(stripe->arena, struct held);
	ms_map_take(&stripe->map, key)->value = held;
	return held;
}

static void
once_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct once *once = once_of(self);
	unsigned char room[RR_KEY_MAX];
	struct ms_slice key = rr_key(question, room);
	struct stripe *stripe = stripe_of(once, key);
	struct ms_map_entry *entry;
	struct held *held;

	pthread_mutex_lock(&stripe->lock);
	entry = ms_map_find(&stripe->map, key);
	if (entry) {
		held = entry->value;
		while (!held->there)
			pthread_cond_wait(&stripe->arrived, &stripe->lock);
		*out = held->answer;
		pthread_mutex_unlock(&stripe->lock);
		return;
	}
	held = make_place(once, stripe, key);
	pthread_mutex_unlock(&stripe->lock);
	once->inner->query(once->inner, question, arena, out);
	if (!held)
		return;
	pthread_mutex_lock(&stripe->lock);
	rr_copy_answer(stripe->arena, out, &held->answer);
	held->there = true;
	*out = held->answer;
	pthread_cond_broadcast(&stripe->arrived);
	pthread_mutex_unlock(&stripe->lock);
}

static bool
once_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	struct once *once = once_of(self);
	unsigned char room[RR_KEY_MAX];
	struct ms_slice key = rr_key(question, room);
	struct stripe *stripe = stripe_of(once, key);
	const struct ms_map_entry *entry;
	bool there;

	pthread_mutex_lock(&stripe->lock);
	entry = ms_map_find(&stripe->map, key);
	there = entry && ((const struct held *)entry->value)->there;
	pthread_mutex_unlock(&stripe->lock);
	return entry ? there : once->inner->prefetch(once->inner, question);
}

static void
once_close(struct ms_dns_source *self)
{
	struct once *once = once_of(self);

	once->inner->close(once->inner);
	for (size_t i = 0; i < STRIPES; i++) {
		pthread_cond_destroy(&once->stripes[i].arrived);
		pthread_mutex_destroy(&once->stripes[i].lock);
		ms_arena_free(once->stripes[i].arena);
	}
	ms_arena_free(once->arena);
}

struct ms_dns_source *
ms_dns_once(
    struct ms_dns_source *inner, size_t limit, bool prefetch, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct once *once = MS_NEW(arena, struct once);

	once->source.query = once_query;
	if (prefetch && inner->prefetch)
		once->source.prefetch = once_prefetch;
	once->source.close = once_close;
	once->arena = arena;
	once->inner = inner;
	once->limit = limit;
	for (size_t i = 0; i < STRIPES; i++) {
		struct stripe *stripe = &once->stripes[i];

		pthread_mutex_init(&stripe->lock, NULL);
		pthread_cond_init(&stripe->arrived, NULL);
		stripe->arena = ms_arena_new(oom);
		ms_map_init(&stripe->map, stripe->arena);
	}
	return &once->source;
}
