/* SPDX-License-Identifier: ISC
 * set.c - the lists that are asked: those of the table, and others
 */
#include "mailsonde/dnsbl.h"

static struct ms_dnsbl *
add(struct ms_arena *arena, const struct ms_dnsbl *list,
    struct ms_dnsbl_set *set)
{
	size_t size = sizeof(*set->lists);

	set->lists = ms_arena_grow(
	    arena, set->lists, size * set->n, size * (set->n + 1));
	set->lists[set->n] = *list;
	return &set->lists[set->n++];
}

void
ms_dnsbl_add_table(struct ms_arena *arena, struct ms_dnsbl_set *set)
{
	size_t n;
	const struct ms_dnsbl *table = ms_dnsbl_table(&n);

	for (size_t i = 0; i < n; i++)
		(void)add(arena, &table[i], set);
}

struct ms_dnsbl *
ms_dnsbl_find(const struct ms_dnsbl_set *set, const char *zone)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->lists[i].zone, zone) == 0)
			return &set->lists[i];
	return NULL;
}

struct ms_dnsbl *
ms_dnsbl_add_zone(
    struct ms_arena *arena, const char *zone, struct ms_dnsbl_set *set)
{
	struct ms_dnsbl *list = ms_dnsbl_find(set, zone);
	struct ms_dnsbl fresh = { .zone = zone,
		.kinds = MS_DNSBL_IP4 | MS_DNSBL_IP6 | MS_DNSBL_NAMES,
		.guessed = true,
		.weight = MS_SEVERITY_HIGH };

	return list ? list : add(arena, &fresh, set);
}
