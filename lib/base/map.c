/* SPDX-License-Identifier: ISC
 * map.c - bytes to pointers, hashed, in an arena
 */
#include "mailsonde/map.h"

#include <stdint.h>

#define ROOM_FIRST 64

/* FNV-1a. Whoever makes keys collide on purpose slows his own judgement down,
 * and no more than the limits on what comes in allow. */
static size_t
hash_of(struct ms_slice key)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < key.n; i++)
		hash = (hash ^ key.p[i]) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32);
}

void
ms_map_init(struct ms_map *map, struct ms_arena *arena)
{
	/* No table before the first entry: many maps never have one. */
	map->arena = arena;
	map->table = NULL;
	map->room = map->n = 0;
}

static struct ms_map_entry *
find(const struct ms_map *map, struct ms_slice key, size_t hash)
{
	struct ms_map_entry *entry =
	    map->n > 0 ? map->table[hash & (map->room - 1)] : NULL;

	while (
	    entry && (entry->hash != hash || !ms_slice_equal(entry->key, key)))
		entry = entry->next;
	return entry;
}

struct ms_map_entry *
ms_map_find(const struct ms_map *map, struct ms_slice key)
{
	return find(map, key, hash_of(key));
}

static void
put(struct ms_map *map, struct ms_map_entry *entry)
{
	struct ms_map_entry **slot = &map->table[entry->hash & (map->room - 1)];

	entry->next = *slot;
	*slot = entry;
}

/* The old table stays in the arena: together they are as large as the new
 * one. */
static void
grow(struct ms_map *map)
{
	struct ms_map_entry **old = map->table;
	size_t n = map->room;

	map->room = n > 0 ? 2 * n : ROOM_FIRST;
	map->table = MS_NEW_ARRAY(map->arena, struct ms_map_entry *, map->room);
	for (size_t i = 0; i < n; i++) {
		struct ms_map_entry *next;

		for (struct ms_map_entry *e = old[i]; e; e = next) {
			next = e->next;
			put(map, e);
		}
	}
}

struct ms_map_entry *
ms_map_take(struct ms_map *map, struct ms_slice key)
{
	size_t hash = hash_of(key);
	struct ms_map_entry *entry = find(map, key, hash);

	if (entry)
		return entry;
	if (map->n >= map->room)
		grow(map);
	entry = MS_NEW(map->arena, struct ms_map_entry);
	entry->key = ms_arena_copy(map->arena, key);
	entry->hash = hash;
	put(map, entry);
	map->n++;
	return entry;
}
