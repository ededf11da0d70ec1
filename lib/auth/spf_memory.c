/* SPDX-License-Identifier: ISC
 * spf_memory.c - records that the SPF checks of one run have read already
 *
 * Thousands of senders lead to the same few providers, whose records are long:
 * each is asked for and read once. In stripes, so that threads seldom wait.
 */
#include <pthread.h>

#include "mailsonde/map.h"
#include "spf_priv.h"

#define STRIPES 16 /* a power of two */

struct stripe {
	pthread_mutex_t lock;
	struct ms_arena *arena; /* NULL until there is something */
	struct ms_map map;      /* names in lower case to struct spf_read */
};

struct ms_spf_memory {
	struct ms_arena *arena;
	void (*oom)(void);
	size_t limit; /* records in one stripe */
	struct stripe stripes[STRIPES];
};

struct ms_spf_memory *
ms_spf_memory_new(size_t limit, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct ms_spf_memory *memory = MS_NEW(arena, struct ms_spf_memory);

	memory->arena = arena;
	memory->oom = oom;
	memory->limit = limit / STRIPES + 1;
	for (size_t i = 0; i < STRIPES; i++)
		pthread_mutex_init(&memory->stripes[i].lock, NULL);
	return memory;
}

void
ms_spf_memory_free(struct ms_spf_memory *memory)
{
	if (!memory)
		return;
	for (size_t i = 0; i < STRIPES; i++) {
		struct stripe *stripe = &memory->stripes[i];

		pthread_mutex_destroy(&stripe->lock);
		if (stripe->arena)
			ms_arena_free(stripe->arena);
	}
	ms_arena_free(memory->arena);
}

/* The entry of a name, with the stripe's lock; NULL: there is none. */
static struct ms_map_entry *
find(const struct stripe *stripe, struct ms_slice key)
{
	return stripe->arena ? ms_map_find(&stripe->map, key) : NULL;
}

static struct ms_map_entry *
make(struct ms_spf_memory *memory, struct stripe *stripe, struct ms_slice key)
{
	if (!stripe->arena) {
		stripe->arena = ms_arena_new(memory->oom);
		ms_map_init(&stripe->map, stripe->arena);
	}
	return stripe->map.n < memory->limit ? ms_map_take(&stripe->map, key)
					     : NULL;
}

struct key {
	unsigned char bytes[255];
	struct ms_slice slice;
	unsigned stripe;
};

static void
make_key(struct key *key, const struct ms_dns_name *name)
{
	unsigned sum = 0;

	for (size_t i = 0; i < name->n; i++) {
		key->bytes[i] = ms_lower(name->wire[i]);
		sum = sum * 31 + key->bytes[i];
	}
	key->slice = ms_slice_make(key->bytes, name->n);
	key->stripe = (sum ^ sum >> 8) & (STRIPES - 1);
}

struct spf_read *
spf_recall(struct ms_spf_memory *memory, const struct ms_dns_name *name)
{
	struct stripe *stripe;
	struct ms_map_entry *entry;
	struct key key;

	make_key(&key, name);
	stripe = &memory->stripes[key.stripe];
	pthread_mutex_lock(&stripe->lock);
	entry = find(stripe, key.slice);
	pthread_mutex_unlock(&stripe->lock);
	return entry ? entry->value : NULL;
}

static struct spf_read *
copy(struct ms_arena *arena, const struct spf_read *read)
{
	struct spf_read *out = MS_NEW(arena, struct spf_read);

	out->status = read->status;
	out->records = read->records;
	if (read->records > 0)
		ms_spf_record_parse(arena,
		    ms_arena_copy(arena, read->record.text), &out->record);
	return out;
}

struct spf_read *
spf_remember(struct ms_spf_memory *memory, const struct ms_dns_name *name,
    struct spf_read *read)
{
	struct stripe *stripe;
	struct ms_map_entry *entry;
	struct key key;

	/* What failed may be there the next time; several are rare. */
	if (ms_dns_is_failure(read->status) || read->records > 1)
		return read;
	make_key(&key, name);
	stripe = &memory->stripes[key.stripe];
	pthread_mutex_lock(&stripe->lock);
	entry = find(stripe, key.slice);
	if (!entry) {
		entry = make(memory, stripe, key.slice);
		if (entry)
			entry->value = copy(stripe->arena, read);
	}
	pthread_mutex_unlock(&stripe->lock);
	return entry ? entry->value : read;
}
