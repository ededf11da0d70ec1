/* SPDX-License-Identifier: ISC
 * keyed.c - a source that puts a customer's key into names
 *
 * Zones that are paid for are asked under a name that has the customer's key in
 * it. Everybody above this source knows those names without it: so it is in no
 * report, record or message.
 */
#include "mailsonde/buf.h"
#include "mailsonde/dns_wrap.h"
#include "rr_priv.h"

#define HIDDEN     "KEY"
#define TXT_STRING 255 /* RFC 1035 3.3: of one character-string */

struct keyed {
	struct ms_dns_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_dns_source *inner;
	const struct ms_dns_key *keys;
	size_t n;
};

static struct keyed *
keyed_of(struct ms_dns_source *self)
{
	return (struct keyed *)(void *)self;
}

/* ---- names ---- */

/* Where the zone begins in a name below it; 0: the name is not below it. */
static size_t
zone_at(const struct ms_dns_name *name, const struct ms_dns_name *zone)
{
	struct ms_dns_name rest;

	for (size_t at = name->wire[0] + 1u; at < name->n;
	     at += name->wire[at] + 1u) {
		rest.n = (uint8_t)(name->n - at);
		memcpy(rest.wire, name->wire + at, rest.n);
		if (rest.n == zone->n && ms_dns_name_equal(&rest, zone))
			return at;
	}
	return 0;
}

/* The question as it is asked. `key` of *out is NULL where there is none to
 * put in; false: there is no room for it. */
static bool
with_key(const struct keyed *keyed, const struct ms_dns_question *question,
    struct ms_dns_question *out, const struct ms_dns_key **key)
{
	const struct ms_dns_name *name = &question->name;
	struct ms_dns_name zone, labels;

	*out = *question;
	*key = NULL;
	for (size_t i = 0; i < keyed->n; i++) {
		size_t at, n;

		if (!ms_dns_name_from_text(
			ms_slice_from(keyed->keys[i].zone), &zone) ||
		    !ms_dns_name_from_text(keyed->keys[i].key, &labels))
			continue;
		at = zone_at(name, &zone);
		if (at == 0)
			continue;
		*key = &keyed->keys[i];
		n = labels.n - 1u; /* without the root */
		if (name->n + n > sizeof(name->wire))
			return false;
		memcpy(out->name.wire + at, labels.wire, n);
		memcpy(out->name.wire + at + n, name->wire + at, name->n - at);
		out->name.n = (uint8_t)(name->n + n);
		return true;
	}
	return true;
}

/* ---- answers ---- */

static size_t
find_nocase(struct ms_slice text, size_t from, struct ms_slice what)
{
	for (; from + what.n <= text.n; from++)
		if (ms_slice_equal_nocase(
			ms_slice_part(text, from, from + what.n), what))
			return from;
	return text.n;
}

/* The text with HIDDEN for the key; itself where it has none. */
static struct ms_slice
hide(struct ms_arena *arena, struct ms_slice text, struct ms_slice key)
{
	size_t at = find_nocase(text, 0, key), from = 0;
	struct ms_buf out;

	if (at >= text.n)
		return text;
	ms_buf_init(&out, arena);
	while (at < text.n) {
		ms_buf_slice(&out, ms_slice_part(text, from, at));
		ms_buf_text(&out, HIDDEN);
		from = at + key.n;
		at = find_nocase(text, from, key);
	}
	ms_buf_slice(&out, ms_slice_part(text, from, text.n));
	return ms_buf_get(&out);
}

static const char *
hide_string(struct ms_arena *arena, const char *text, struct ms_slice key)
{
	return text ? ms_arena_string(
			  arena, hide(arena, ms_slice_from(text), key))
		    : NULL;
}

static struct ms_slice
txt_rdata(struct ms_arena *arena, struct ms_slice text)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	for (size_t at = 0; at < text.n || at == 0; at += TXT_STRING) {
		struct ms_slice part = ms_slice_part(text, at, at + TXT_STRING);

		ms_buf_byte(&out, (unsigned char)part.n);
		ms_buf_slice(&out, part);
	}
	return ms_buf_get(&out);
}

/* Of what is asked of lists: addresses and texts. Others are left out, for a
 * name may stand anywhere in them. */
static bool
hide_record(
    struct ms_arena *arena, struct ms_dns_record *record, struct ms_slice key)
{
	struct ms_slice text;

	record->name = hide(arena, record->name, key);
	if (record->type == MS_DNS_A || record->type == MS_DNS_AAAA)
		return true;
	if (record->type != MS_DNS_TXT)
		return false;
	text = hide(arena, record->u.text, key);
	if (text.p != record->u.text.p)
		record->rdata = txt_rdata(arena, text);
	record->u.text = text;
	return true;
}

static void
hide_answer(struct ms_arena *arena, const struct ms_dns_question *question,
    struct ms_slice key, struct ms_dns_answer *out)
{
	struct ms_dns_record *records =
	    MS_NEW_ARRAY(arena, struct ms_dns_record, out->n);
	struct ms_slice *aliases =
	    MS_NEW_ARRAY(arena, struct ms_slice, out->aliases_n);
	size_t n = 0;

	for (size_t i = 0; i < out->n; i++) {
		records[n] = out->records[i];
		if (out->aliases_n == 0)
			records[n].name =
			    ms_dns_name_format(arena, &question->name);
		n += hide_record(arena, &records[n], key);
	}
	for (size_t i = 0; i < out->aliases_n; i++)
		aliases[i] = hide(arena, out->aliases[i], key);
	out->records = records;
	out->n = n;
	out->aliases = aliases;
	out->glue_n = 0;
	out->why = hide_string(arena, out->why, key);
	out->ede_text = hide(arena, out->ede_text, key);
	out->wire = ms_slice_make(NULL, 0);
}

/* ---- the source ---- */

static void
keyed_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	const struct keyed *keyed = keyed_of(self);
	struct ms_dns_question asked;
	const struct ms_dns_key *key;

	if (!with_key(keyed, question, &asked, &key)) {
		ms_dns_fail(out, MS_DNS_INVALID,
		    "the name is too long to be asked for with the key");
		return;
	}
	keyed->inner->query(keyed->inner, &asked, arena, out);
	if (key)
		hide_answer(arena, question, key->key, out);
}

static bool
keyed_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	const struct keyed *keyed = keyed_of(self);
	struct ms_dns_question asked;
	const struct ms_dns_key *key;

	return with_key(keyed, question, &asked, &key) &&
	       keyed->inner->prefetch(keyed->inner, &asked);
}

static void
keyed_close(struct ms_dns_source *self)
{
	struct keyed *keyed = keyed_of(self);

	keyed->inner->close(keyed->inner);
	ms_arena_free(keyed->arena);
}

struct ms_dns_source *
ms_dns_keyed(struct ms_dns_source *inner, const struct ms_dns_key *keys,
    size_t n, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct keyed *keyed = MS_NEW(arena, struct keyed);

	keyed->source.query = keyed_query;
	keyed->source.prefetch = inner->prefetch ? keyed_prefetch : NULL;
	keyed->source.close = keyed_close;
	keyed->arena = arena;
	keyed->inner = inner;
	keyed->keys = keys;
	keyed->n = n;
	return &keyed->source;
}
