/* SPDX-License-Identifier: ISC
 * record.c - places as lines of a record, and out of them again
 */
#include "mailsonde/geo.h"
#include "mailsonde/ledger.h"
#include "mailsonde/map.h"

struct record {
	struct ms_geo_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_geo_source *inner;
	struct ms_ledger *ledger;
};

struct place {
	enum ms_status status;
	struct ms_geo_place place;
};

struct replay {
	struct ms_geo_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_map places; /* text of an address to struct place */
};

/* Texts of a place, and the members that hold them. */
static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{ "country", offsetof(struct ms_geo_place, country) },
	{ "country_name", offsetof(struct ms_geo_place, country_name) },
	{ "city", offsetof(struct ms_geo_place, city) },
	{ "region", offsetof(struct ms_geo_place, region) },
	{ "organization", offsetof(struct ms_geo_place, organization) },
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* ---- recording ---- */

static void
put_place(struct ms_buf *out, const struct ms_geo_place *place)
{
	for (size_t i = 0; i < TEXTS; i++) {
		struct ms_slice text;

		memcpy(
		    &text, (const char *)place + texts[i].offset, sizeof(text));
		ms_ledger_put(out, texts[i].name, text);
	}
	ms_ledger_put_int(out, "found", place->found);
	ms_ledger_put_int(out, "registered", place->country_registered);
	ms_ledger_put_int(out, "asn", place->asn);
	ms_ledger_put_int(out, "accuracy_km", place->accuracy_km);
	/* Digits enough for the same doubles to come back. */
	if (place->has_location)
		ms_buf_printf(out, ",\"latitude\":%.17g,\"longitude\":%.17g",
		    place->latitude, place->longitude);
}

static enum ms_status
record_lookup(struct ms_geo_source *self, const struct ms_ip *ip,
    struct ms_geo_place *out)
{
	const struct record *record = (const struct record *)(void *)self;
	enum ms_status status = record->inner->lookup(record->inner, ip, out);
	struct ms_arena *arena = ms_arena_new(NULL);
	char key[8 + MS_IP_TEXT] = "geo ";
	struct ms_buf line;

	ms_ip_format(ip, key + 4);
	ms_buf_init(&line, arena);
	ms_buf_text(&line, "\"type\":\"geo\"");
	ms_ledger_put(&line, "ip", ms_slice_from(key + 4));
	ms_ledger_put_int(&line, "damaged", status != MS_OK);
	put_place(&line, out);
	ms_ledger_add(record->ledger, ms_slice_from(key), ms_buf_get(&line));
	ms_arena_free(arena);
	return status;
}

static void
record_close(struct ms_geo_source *self)
{
	struct record *record = (struct record *)(void *)self;

	record->inner->close(record->inner);
	ms_arena_free(record->arena);
}

struct ms_geo_source *
ms_geo_record(
    struct ms_geo_source *inner, struct ms_ledger *ledger, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct record *record = MS_NEW(arena, struct record);

	record->source = *inner;
	record->source.lookup = record_lookup;
	record->source.close = record_close;
	record->arena = arena;
	record->inner = inner;
	record->ledger = ledger;
	return &record->source;
}

void
ms_geo_record_databases(struct ms_buf *out, const struct ms_geo_source *geo)
{
	ms_buf_byte(out, '[');
	for (size_t i = 0; i < geo->n; i++) {
		const struct ms_geo_database *db = &geo->databases[i];

		ms_buf_printf(out, "%s{\"ip_version\":%u", i > 0 ? "," : "",
		    db->ip_version);
		ms_ledger_put(out, "path", ms_slice_from(db->path));
		ms_ledger_put(out, "database", ms_slice_from(db->type));
		ms_ledger_put(
		    out, "description", ms_slice_from(db->description));
		ms_ledger_put_int(out, "build", db->build);
		ms_ledger_put_int(out, "embedded", db->embedded);
		ms_buf_byte(out, '}');
	}
	ms_buf_byte(out, ']');
}

/* ---- replaying ---- */

static enum ms_status
replay_lookup(struct ms_geo_source *self, const struct ms_ip *ip,
    struct ms_geo_place *out)
{
	const struct replay *replay = (const struct replay *)(void *)self;
	const struct ms_map_entry *entry;
	const struct place *place;
	char key[MS_IP_TEXT];

	memset(out, 0, sizeof(*out));
	ms_ip_format(ip, key);
	entry = ms_map_find(&replay->places, ms_slice_from(key));
	if (!entry)
		return MS_OK;
	place = entry->value;
	*out = place->place;
	return place->status;
}

static void
replay_close(struct ms_geo_source *self)
{
	ms_arena_free(((struct replay *)(void *)self)->arena);
}

static const char *
take_string(
    struct ms_arena *arena, const struct ms_json *object, const char *name)
{
	return ms_arena_string(arena, ms_ledger_get(arena, object, name));
}

static void
take_databases(struct replay *replay, const struct ms_json *databases)
{
	struct ms_geo_database *list;
	size_t n = 0;

	for (const struct ms_json *in = databases->first; in; in = in->next)
		n++;
	list = MS_NEW_ARRAY(replay->arena, struct ms_geo_database, n);
	replay->source.databases = list;
	for (const struct ms_json *in = databases->first; in; in = in->next) {
		struct ms_geo_database *db = &list[replay->source.n++];

		db->path = take_string(replay->arena, in, "path");
		db->type = take_string(replay->arena, in, "database");
		db->description = take_string(replay->arena, in, "description");
		db->build = ms_json_get_int(in, "build", 0);
		db->ip_version = (unsigned)ms_json_get_int(in, "ip_version", 6);
		db->embedded = ms_json_get_int(in, "embedded", 0) != 0;
	}
}

struct ms_geo_source *
ms_geo_replay(const struct ms_json *databases, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct replay *replay = MS_NEW(arena, struct replay);

	replay->source.lookup = replay_lookup;
	replay->source.close = replay_close;
	replay->arena = arena;
	ms_map_init(&replay->places, arena);
	if (databases)
		take_databases(replay, databases);
	return &replay->source;
}

static void
take_place(struct ms_arena *arena, const struct ms_json *line,
    struct ms_geo_place *out)
{
	const struct ms_json *latitude = ms_json_get(line, "latitude");
	const struct ms_json *longitude = ms_json_get(line, "longitude");

	for (size_t i = 0; i < TEXTS; i++) {
		struct ms_slice text =
		    ms_ledger_get(arena, line, texts[i].name);

		memcpy((char *)out + texts[i].offset, &text, sizeof(text));
	}
	out->found = ms_json_get_int(line, "found", 0) != 0;
	out->country_registered = ms_json_get_int(line, "registered", 0) != 0;
	out->asn = (uint32_t)ms_json_get_int(line, "asn", 0);
	out->accuracy_km = (uint32_t)ms_json_get_int(line, "accuracy_km", 0);
	out->has_location = latitude && latitude->kind == MS_JSON_NUMBER &&
			    longitude && longitude->kind == MS_JSON_NUMBER;
	if (!out->has_location)
		return;
	out->latitude = latitude->number;
	out->longitude = longitude->number;
}

enum ms_status
ms_geo_replay_add(struct ms_geo_source *source, const struct ms_json *line)
{
	struct replay *replay = (struct replay *)(void *)source;
	struct ms_map_entry *entry;
	struct place *place;
	struct ms_ip ip;

	if (!ms_ip_parse(ms_json_get_text(line, "ip"), &ip))
		return MS_FORMAT;
	place = MS_NEW(replay->arena, struct place);
	place->status =
	    ms_json_get_int(line, "damaged", 0) != 0 ? MS_FORMAT : MS_OK;
	take_place(replay->arena, line, &place->place);
	entry = ms_map_take(&replay->places, ms_json_get_text(line, "ip"));
	if (entry->value)
		return MS_FORMAT;
	entry->value = place;
	return MS_OK;
}
