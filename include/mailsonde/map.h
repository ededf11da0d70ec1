/* SPDX-License-Identifier: ISC
 * map.h - bytes to pointers, hashed, in an arena
 *
 * Grows as it needs; nothing is taken out again. Not locked.
 */
#ifndef MAILSONDE_MAP_H
#define MAILSONDE_MAP_H

#include "mailsonde/arena.h"

struct ms_map_entry {
	struct ms_slice key; /* in the arena */
	void *value;
	size_t hash;
	struct ms_map_entry *next;
};

struct ms_map {
	struct ms_arena *arena;
	struct ms_map_entry **table;
	size_t room; /* of the table: a power of two */
	size_t n;
};

void ms_map_init(struct ms_map *map, struct ms_arena *arena);

/* NULL when the key is not there. */
struct ms_map_entry *ms_map_find(const struct ms_map *map, struct ms_slice key);

/* The entry of a key, made where it is not there yet: its value is NULL
 * then, and the key is copied. */
struct ms_map_entry *ms_map_take(struct ms_map *map, struct ms_slice key);

#endif
