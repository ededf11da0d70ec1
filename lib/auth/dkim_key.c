/* SPDX-License-Identifier: ISC
 * dkim_key.c - key records, RFC 6376 section 3.6.1, RFC 8463, and their table
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "dkim_priv.h"
#include "mailsonde/codec.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define KEYS_MAX       4096
#define KEYS_BYTES     ((size_t)32 * 1024 * 1024) /* of all records */
#define KEY_RECORD_MAX 16384

bool
dkim_list_has(struct ms_slice list, const char *word)
{
	struct ms_slice item;

	while (ms_taglist_item(&list, ':', &item))
		if (ms_slice_is(item, word))
			return true;
	return false;
}

struct ms_slice
dkim_base64(struct ms_arena *arena, struct ms_slice text)
{
	struct ms_codec_damage damage;
	struct ms_slice out =
	    ms_codec_decode(arena, MS_ENCODING_BASE64, text, &damage);

	if (damage.count > 0 || damage.truncated || out.n == 0)
		out.p = NULL;
	return out;
}

bool
dkim_taglist_good(const struct ms_taglist *list)
{
	unsigned bad_value = 1u << MS_TAG_BAD_VALUE;

	if (list->faults & ~bad_value)
		return false;
	for (size_t i = 0; i < list->n && list->faults; i++) {
		struct ms_scan s = ms_scan_init(list->tags[i].value);

		if (!ms_utf8_valid(list->tags[i].value))
			return false;
		for (int c; (c = ms_scan_peek(&s)) >= 0; ms_scan_skip(&s, 1))
			if (ms_is((unsigned char)c, MS_C_CTL) &&
			    !ms_is((unsigned char)c, MS_C_SPACE))
				return false;
	}
	return true;
}

/* ---- one record ---- */

static void
fault(struct ms_dkim_key *out, enum ms_dkim_key_fault kind, const char *why)
{
	if (out->fault != MS_DKIM_KEY_GOOD)
		return;
	out->fault = kind;
	out->why = why;
}

static void
read_tags(const struct ms_taglist *list, struct ms_dkim_key *out)
{
	out->version = ms_taglist_value(list, "v");
	out->type_text = ms_taglist_value(list, "k");
	out->hashes = ms_taglist_value(list, "h");
	out->services = ms_taglist_value(list, "s");
	out->flags = ms_taglist_value(list, "t");
	out->notes = ms_taglist_value(list, "n");
	out->data = ms_taglist_value(list, "p");
	out->testing = dkim_list_has(out->flags, "y");
	out->strict = dkim_list_has(out->flags, "s");
	if (!out->type_text.p || ms_slice_is(out->type_text, "rsa"))
		out->type = MS_DKIM_KEY_RSA;
	else if (ms_slice_is(out->type_text, "ed25519"))
		out->type = MS_DKIM_KEY_ED25519;
}

static void
judge_tags(const struct ms_taglist *list, struct ms_dkim_key *out)
{
	/* A stranger's record, as a wildcard gives it, is named as one. */
	if (out->version.p && !ms_slice_equal(out->version, MS_SLICE("DKIM1")))
		fault(out, MS_DKIM_KEY_VERSION,
		    "the record is of another version than DKIM1");
	if (!dkim_taglist_good(list))
		fault(out, MS_DKIM_KEY_SYNTAX, "the record is no list of tags");
	if (out->version.p && !ms_slice_is(list->tags[0].name, "v"))
		fault(out, MS_DKIM_KEY_VERSION,
		    "v= does not stand first in the record");
	if (!out->data.p)
		fault(out, MS_DKIM_KEY_NO_P, "the record has no p=");
	else if (out->data.n == 0)
		fault(out, MS_DKIM_KEY_REVOKED, "p= is empty");
	if (out->type == MS_DKIM_KEY_NONE)
		fault(out, MS_DKIM_KEY_TYPE,
		    "the record is of an unknown type of key (k=)");
}

static struct dkim_public *
read_key(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_dkim_key *out)
{
	struct dkim_public *public;
	struct ms_taglist list;
	struct ms_slice der;

	memset(out, 0, sizeof(*out));
	out->text = text;
	ms_taglist_parse(text, 0, limits, arena, &list);
	read_tags(&list, out);
	if (text.n > KEY_RECORD_MAX)
		fault(out, MS_DKIM_KEY_DATA, "the record is too long");
	judge_tags(&list, out);
	if (out->fault != MS_DKIM_KEY_GOOD)
		return NULL;
	der = dkim_base64(arena, out->data);
	if (!der.p) {
		fault(out, MS_DKIM_KEY_BASE64, "p= is not base64");
		return NULL;
	}
	public = dkim_public_load(out->type, der, &out->bits, &out->pkcs1);
	if (!public)
		fault(out, MS_DKIM_KEY_DATA,
		    out->type == MS_DKIM_KEY_RSA
			? "p= holds no RSA key"
			: "p= does not hold the 32 octets of an Ed25519 key");
	return public;
}

void
ms_dkim_key_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_dkim_key *out)
{
	dkim_public_free(read_key(text, limits, arena, out));
}

static void
move(struct ms_slice *s, struct ms_slice from, struct ms_slice to)
{
	if (s->p)
		s->p = to.p + (s->p - from.p);
}

struct ms_dkim_key
dkim_key_rebase(const struct ms_dkim_key *key, struct ms_slice text)
{
	struct ms_dkim_key out = *key;

	move(&out.version, key->text, text);
	move(&out.type_text, key->text, text);
	move(&out.hashes, key->text, text);
	move(&out.services, key->text, text);
	move(&out.flags, key->text, text);
	move(&out.notes, key->text, text);
	move(&out.data, key->text, text);
	out.text = text;
	return out;
}

/* ---- the table ---- */

/* Open addressing. Entries are never changed nor taken out, so readers need
 * no lock. */
struct ms_dkim_keys {
	pthread_mutex_t lock; /* of all below, for writers */
	struct ms_arena *arena;
	size_t n, max, mask;
	_Atomic(struct dkim_entry *) slots[];
};

struct ms_dkim_keys *
dkim_keys_make(size_t max)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dkim_keys *keys;
	size_t slots = 4;

	while (slots < 2 * max)
		slots *= 2;
	keys = ms_arena_zalloc(
	    arena, sizeof(*keys) + slots * sizeof(*keys->slots));
	pthread_mutex_init(&keys->lock, NULL);
	keys->arena = arena;
	keys->max = max;
	keys->mask = slots - 1;
	return keys;
}

struct ms_dkim_keys *
ms_dkim_keys_new(void)
{
	return dkim_keys_make(KEYS_MAX);
}

void
ms_dkim_keys_free(struct ms_dkim_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i <= keys->mask; i++) {
		struct dkim_entry *entry = atomic_load(&keys->slots[i]);

		if (entry)
			dkim_public_free(entry->public);
	}
	pthread_mutex_destroy(&keys->lock);
	ms_arena_free(keys->arena);
}

/* FNV-1a over the end of the record, where the key is. */
static size_t
hash_of(struct ms_slice text)
{
	struct ms_slice end =
	    ms_slice_part(text, text.n > 48 ? text.n - 48 : 0, text.n);
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < end.n; i++)
		hash = (hash ^ end.p[i]) * 1099511628211u;
	return (size_t)(hash ^ hash >> 29);
}

/* The entry, or the free slot where it belongs. */
static struct dkim_entry *
find(struct ms_dkim_keys *keys, struct ms_slice text, size_t *at)
{
	struct dkim_entry *entry;

	*at = hash_of(text) & keys->mask;
	while ((entry = atomic_load_explicit(
		    &keys->slots[*at], memory_order_acquire))) {
		if (ms_slice_equal(entry->key.text, text))
			return entry;
		*at = (*at + 1) & keys->mask;
	}
	return NULL;
}

static struct dkim_entry *
insert(struct ms_dkim_keys *keys, struct ms_slice text,
    const struct ms_limits *limits, size_t at)
{
	struct dkim_entry *entry = MS_NEW(keys->arena, struct dkim_entry);

	entry->public = read_key(
	    ms_arena_copy(keys->arena, text), limits, keys->arena, &entry->key);
	keys->n++;
	atomic_store_explicit(&keys->slots[at], entry, memory_order_release);
	return entry;
}

const struct dkim_entry *
dkim_keys_get(struct ms_dkim_keys *keys, struct ms_slice text,
    const struct ms_limits *limits)
{
	size_t at;
	struct dkim_entry *entry = find(keys, text, &at);

	if (entry)
		return entry;
	pthread_mutex_lock(&keys->lock);
	entry = find(keys, text, &at);
	if (!entry && keys->n < keys->max &&
	    ms_arena_size(keys->arena) < KEYS_BYTES)
		entry = insert(keys, text, limits, at);
	pthread_mutex_unlock(&keys->lock);
	return entry;
}
