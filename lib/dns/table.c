/* SPDX-License-Identifier: ISC
 * table.c - questions on their way and answers that still hold
 *
 * Everything here happens under the lock of the live source. An entry is
 * listed from the moment it is asked until its answer has run out or room is
 * needed; callers that look at it keep it in memory beyond that.
 */
#include "live_priv.h"

#include <stddef.h>

/* An answer nobody has read is for the question that will come. */
#define UNREAD_TIME (30 * LIVE_SECOND)

void
entry_list_init(struct entry *head)
{
	head->prev = head->next = head;
}

void
entry_append(struct entry *head, struct entry *entry)
{
	entry->prev = head->prev;
	entry->next = head;
	head->prev->next = entry;
	head->prev = entry;
}

void
entry_unlink(struct entry *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	entry->prev = entry->next = NULL;
}

void
table_init(struct table *table, size_t size_max)
{
	struct noise noise = { .left = 0 };

	memset(table, 0, sizeof(*table));
	noise_bytes(&noise, table->key, sizeof(table->key));
	table->size_max = size_max;
	table->buckets_n = 1024;
	table->buckets = live_alloc(table->buckets_n * sizeof(struct entry *));
	memset(table->buckets, 0, table->buckets_n * sizeof(struct entry *));
	entry_list_init(&table->recent);
}

__extension__ typedef unsigned __int128 wide;

/* One step of a multiply-and-fold hash. The key keeps names that somebody
 * else chose from meeting in one bucket by design. */
static uint64_t
mix(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
table_key(const struct table *table, const struct ms_dns_question *question,
    struct ms_dns_question *lower)
{
	uint64_t hash = table->key[0] ^
			((uint64_t)question->type << 1 | question->want) ^
			(uint64_t)question->name.n << 32;
	size_t i = 0;

	lower->type = question->type;
	lower->server = question->server;
	lower->port = question->port;
	lower->want =
	    question->server.set ? 0 : question->want & MS_DNS_VALIDATED;
	lower->name.n = question->name.n;
	/* A length octet is below 'A': the whole name at once. */
	for (; i < question->name.n; i++)
		lower->name.wire[i] = ms_lower(question->name.wire[i]);
	for (i = 0; i < question->name.n; i += 8) {
		uint64_t part = 0;
		size_t left = (size_t)question->name.n - i;

		memcpy(&part, lower->name.wire + i, left < 8 ? left : 8);
		hash = mix(hash ^ part, table->key[1] | 1);
	}
	if (question->server.set) {
		uint64_t parts[2];

		memcpy(parts, question->server.b, sizeof(parts));
		hash = mix(hash ^ parts[0] ^ question->port, table->key[1] | 1);
		hash = mix(hash ^ parts[1], table->key[1] | 1);
	}
	return hash;
}

static struct entry **
bucket_of(const struct table *table, uint64_t hash)
{
	return &table->buckets[hash & (table->buckets_n - 1)];
}

void
entry_free(struct entry *entry)
{
	free(entry->outcome.why);
	free(entry->outcome.wire);
	free(entry);
}

/* Takes a settled one out of the table; frees it when nobody looks at it. */
static void
forget(struct table *table, struct entry *entry)
{
	struct entry **at = bucket_of(table, entry->hash);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	entry->listed = false;
	table->n--;
	table->size -= entry->size;
	entry_unlink(entry);
	if (entry->refs == 0)
		entry_free(entry);
}

void
table_done(struct table *table)
{
	for (size_t i = 0; i < table->buckets_n; i++)
		for (struct entry *entry = table->buckets[i]; entry;) {
			struct entry *next = entry->chain;

			entry_free(entry);
			entry = next;
		}
	free(table->buckets);
}

static bool
is_about(const struct entry *entry, const struct ms_dns_question *lower)
{
	return entry->type == lower->type && entry->want == lower->want &&
	       entry->port == lower->port &&
	       entry->server.set == lower->server.set &&
	       (!lower->server.set ||
		   ms_ip_equal(&entry->server, &lower->server)) &&
	       entry->name.n == lower->name.n &&
	       memcmp(entry->name.wire, lower->name.wire, entry->name.n) == 0;
}

struct entry *
table_find(struct table *table, const struct ms_dns_question *lower,
    uint64_t hash, live_time now)
{
	struct entry *entry = *bucket_of(table, hash);

	while (entry && (entry->hash != hash || !is_about(entry, lower)))
		entry = entry->chain;
	if (!entry || entry->state != ENTRY_SETTLED)
		return entry;
	if (entry->expires <= now) {
		forget(table, entry);
		return NULL;
	}
	/* The first reader of a hint's answer finds it young enough. */
	if (entry->read) {
		entry_unlink(entry);
		entry_append(&table->recent, entry);
	}
	return entry;
}

struct entry *
entry_new(const struct ms_dns_question *lower, uint64_t hash)
{
	size_t fixed = offsetof(struct entry, name.wire);
	size_t size = fixed + lower->name.n;
	struct entry *entry;

	entry = live_alloc(size);
	memset(entry, 0, fixed);
	entry->hash = hash;
	entry->size = size;
	entry->type = lower->type;
	entry->want = (uint16_t)lower->want;
	entry->server = lower->server;
	entry->port = lower->port;
	entry->name.n = lower->name.n;
	memcpy(entry->name.wire, lower->name.wire, lower->name.n);
	return entry;
}

static void
rehash(struct table *table)
{
	size_t old_n = table->buckets_n;
	struct entry **old = table->buckets;

	table->buckets_n = old_n * 4;
	table->buckets = live_alloc(table->buckets_n * sizeof(struct entry *));
	memset(table->buckets, 0, table->buckets_n * sizeof(struct entry *));
	for (size_t i = 0; i < old_n; i++)
		for (struct entry *entry = old[i]; entry;) {
			struct entry *next = entry->chain;
			struct entry **at = bucket_of(table, entry->hash);

			entry->chain = *at;
			*at = entry;
			entry = next;
		}
	free(old);
}

void
table_add(struct table *table, struct entry *entry)
{
	struct entry **at;

	/* A chain followed in vain is a walk through cold memory: keep them
	 * short. */
	if (table->n >= table->buckets_n / 2)
		rehash(table);
	at = bucket_of(table, entry->hash);
	entry->chain = *at;
	*at = entry;
	entry->listed = true;
	table->n++;
}

void
table_settle(struct table *table, struct entry *entry, live_time now)
{
	struct entry *oldest;

	entry->state = ENTRY_SETTLED;
	entry->settled = now;
	entry->expires = now + UNREAD_TIME;
	entry->size += entry->outcome.wire_n + 48; /* malloc's own */
	table->size += entry->size;
	entry_append(&table->recent, entry);
	oldest = table->recent.next;
	while (table->size > table->size_max && oldest != entry) {
		struct entry *next = oldest->next;

		forget(table, oldest);
		oldest = next;
	}
}

void
table_release(struct table *table, struct entry *entry, live_time expires)
{
	(void)table;
	if (!entry->read) {
		entry->read = true;
		entry->expires = expires;
	}
	entry->refs--;
	if (entry->refs == 0 && !entry->listed)
		entry_free(entry);
}
