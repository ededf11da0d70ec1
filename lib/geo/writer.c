/* SPDX-License-Identifier: ISC
 * writer.c - MaxMind DB files, format version 2.0: a binary trie and records
 *
 * The trie is kept for 128 bits with IPv4 at ::/96; a database for IPv4 alone
 * is that subtree. Nodes are made parent first, so that one pass downwards
 * over their numbers sees children before parents (that merges equal
 * siblings) and one upwards sees parents first (that numbers what is left).
 * Left undone: aliases of the IPv4 space (::ffff:0:0/96, 2002::/16); our
 * reader maps such addresses itself.
 */
#include "geo/writer_priv.h"

#include <assert.h>
#include <stdlib.h>

/* What a child slot holds: nothing, a node, or (top bit) a record. */
#define NOTHING 0u
#define RECORD  0x80000000u

#define DEPTH     128u
#define IP4_DEPTH 96u

struct node {
	uint32_t child[2];
};

struct slot {
	uint32_t node;
	unsigned side;
};

/* Bytes to a number, by open addressing. */
struct entry {
	struct ms_slice key; /* p == NULL: free */
	uint32_t value;
};
struct table {
	struct entry *entries;
	size_t n, size; /* size is a power of two */
};

struct ms_geo_writer {
	struct ms_arena *arena;
	void (*oom)(void);
	struct node *nodes; /* 0 is the root */
	uint32_t n_nodes, room_nodes;
	struct ms_buf data;
	struct table strings; /* to their offset in the data */
	struct table records; /* encoded without pointers, to their number */
	uint32_t *offsets;    /* of the records, in the data */
	size_t n_records;
	size_t written_nodes;
};

static void *
resize(struct ms_geo_writer *writer, void *p, size_t n)
{
	p = realloc(p, n);
	if (!p) {
		if (writer->oom)
			writer->oom();
		abort();
	}
	return p;
}

/* ---- the table ---- */

/* FNV-1a; the input is ours or a database's, not an attacker's choice of
 * millions of strings. */
static size_t
hash(struct ms_slice key)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ key.p[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static struct entry *
table_seek(const struct table *table, struct ms_slice key)
{
	size_t at = hash(key);

	for (;; at++) {
		struct entry *entry = &table->entries[at & (table->size - 1)];

		if (!entry->key.p || ms_slice_equal(entry->key, key))
			return entry;
	}
}

static void
table_grow(struct ms_geo_writer *writer, struct table *table)
{
	struct table next = { NULL, table->n,
		table->size ? table->size * 2 : 256 };

	next.entries = resize(writer, NULL, next.size * sizeof(*next.entries));
	memset(next.entries, 0, next.size * sizeof(*next.entries));
	for (size_t i = 0; i < table->size; i++) {
		if (table->entries[i].key.p)
			*table_seek(&next, table->entries[i].key) =
			    table->entries[i];
	}
	free(table->entries);
	*table = next;
}

/* The entry of the key. *fresh: it was not there; its key is a copy now and
 * the caller sets the value. */
static struct entry *
table_enter(struct ms_geo_writer *writer, struct table *table,
    struct ms_slice key, bool *fresh)
{
	struct entry *entry;

	if (table->n * 2 >= table->size)
		table_grow(writer, table);
	entry = table_seek(table, key);
	*fresh = !entry->key.p;
	if (*fresh) {
		entry->key = ms_arena_copy(writer->arena, key);
		table->n++;
	}
	return entry;
}

/* ---- values ---- */

static void
put_bytes(struct ms_buf *out, uint64_t number, unsigned n)
{
	while (n-- > 0)
		ms_buf_byte(out, (unsigned char)(number >> (8 * n)));
}

/* The control byte, the type behind it if it is above 7, and the size. */
static void
put_control(struct ms_buf *out, unsigned type, size_t size)
{
	unsigned first = type <= 7 ? type << 5 : 0;
	unsigned more = size < 29 ? 0 : size < 285 ? 1 : size < 65821 ? 2 : 3;
	static const size_t base[] = { 0, 29, 285, 65821 };

	assert(size < 65821 + ((size_t)1 << 24));
	first |= more ? 28 + more : (unsigned)size;
	ms_buf_byte(out, (unsigned char)first);
	if (type > 7)
		ms_buf_byte(out, (unsigned char)(type - 7));
	put_bytes(out, size - base[more], more);
}

static unsigned
pointer_size(uint32_t offset)
{
	return offset < 2048u                  ? 2
	       : offset < 2048u + (1u << 19)   ? 3
	       : offset < 526336u + (1u << 27) ? 4
					       : 5;
}

static void
put_pointer(struct ms_buf *out, uint32_t offset)
{
	unsigned size = pointer_size(offset);
	static const uint32_t base[] = { 0, 2048, 526336, 0 };
	uint64_t value = offset - base[size - 2];

	if (size < 5)
		value |= (uint64_t)(0x20u | (size - 2) << 3)
			 << (8 * (size - 1));
	else
		value |= (uint64_t)0x38 << 32;
	put_bytes(out, value, size);
}

/* A string, or where `writer` is given and it is shorter, a pointer to the
 * same one before. */
static void
put_string(
    struct ms_geo_writer *writer, struct ms_buf *out, struct ms_slice text)
{
	struct entry *entry;
	bool fresh = true;

	if (writer) {
		entry = table_enter(writer, &writer->strings, text, &fresh);
		if (fresh)
			entry->value = (uint32_t)out->n;
		else if (pointer_size(entry->value) < text.n + 1) {
			put_pointer(out, entry->value);
			return;
		}
	}
	put_control(out, GEO_STRING, text.n);
	ms_buf_slice(out, text);
}

/* Unsigned numbers are without leading zero bytes. */
static void
put_unsigned(struct ms_buf *out, unsigned type, uint64_t number)
{
	unsigned n = 0;

	while (n < 8 && number >> (8 * n))
		n++;
	put_control(out, type, n);
	put_bytes(out, number, n);
}

static void
put_real(struct ms_buf *out, enum geo_type type, double real)
{
	float narrow = (float)real;
	uint64_t bits = 0;
	uint32_t bits32;

	if (type == GEO_DOUBLE) {
		memcpy(&bits, &real, sizeof(bits));
		put_control(out, type, 8);
		put_bytes(out, bits, 8);
		return;
	}
	memcpy(&bits32, &narrow, sizeof(bits32));
	put_control(out, type, 4);
	put_bytes(out, bits32, 4);
}

static void
put_value(struct ms_geo_writer *writer, struct ms_buf *out,
    const struct geo_value *value)
{
	switch (value->type) {
	case GEO_STRING:
		put_string(writer, out, value->text);
		break;
	case GEO_DOUBLE:
	case GEO_FLOAT:
		put_real(out, value->type, value->real);
		break;
	case GEO_UINT16:
	case GEO_UINT32:
	case GEO_UINT64:
	case GEO_INT32:
		put_unsigned(out, value->type, value->integer);
		break;
	case GEO_BOOLEAN:
		put_control(out, value->type, value->integer != 0);
		break;
	case GEO_MAP:
	case GEO_ARRAY:
		put_control(out, value->type, value->n);
		for (size_t i = 0; i < value->n; i++) {
			if (value->type == GEO_MAP)
				put_string(writer, out,
				    ms_slice_from(value->items[i].key));
			put_value(writer, out, &value->items[i]);
		}
		break;
	}
}

unsigned
geo_writer_value(struct ms_geo_writer *writer, const struct geo_value *value)
{
	struct ms_arena *scratch = ms_arena_new(writer->oom);
	struct entry *entry;
	struct ms_buf plain;
	bool fresh;

	ms_buf_init(&plain, scratch);
	put_value(NULL, &plain, value);
	entry =
	    table_enter(writer, &writer->records, ms_buf_get(&plain), &fresh);
	ms_arena_free(scratch);
	if (!fresh)
		return entry->value;
	entry->value = (uint32_t)writer->n_records;
	writer->offsets = resize(writer, writer->offsets,
	    (writer->n_records + 1) * sizeof(*writer->offsets));
	writer->offsets[writer->n_records] = (uint32_t)writer->data.n;
	put_value(writer, &writer->data, value);
	return (unsigned)writer->n_records++;
}

/* ---- the shape of GeoIP2 ---- */

#define TEXT(name, value)                                                      \
	{                                                                      \
		.key = (name), .type = GEO_STRING, .text = (value)             \
	}

static struct geo_value
map(const char *key, const struct geo_value *items, size_t n)
{
	struct geo_value out = {
		.key = key, .type = GEO_MAP, .items = items, .n = n
	};

	return out;
}

static unsigned
record_country(struct ms_geo_writer *writer, const struct ms_geo_place *place,
    struct geo_value *top, size_t n, const struct geo_value *location,
    size_t n_location)
{
	const struct geo_value name = TEXT("en", place->country_name);
	const struct geo_value city = TEXT("en", place->city);
	const struct geo_value region = TEXT("en", place->region);
	const struct geo_value names = map("names", &name, 1);
	const struct geo_value city_names = map("names", &city, 1);
	const struct geo_value region_names = map("names", &region, 1);
	const struct geo_value region_map = map(NULL, &region_names, 1);
	struct geo_value country[2] = { 0 }, whole;
	size_t n_country = 0;

	if (place->city.p)
		top[n++] = map("city", &city_names, 1);
	if (place->country.p) {
		country[n_country].key = "iso_code";
		country[n_country].type = GEO_STRING;
		country[n_country++].text = place->country;
	}
	if (place->country_name.p)
		country[n_country++] = names;
	if (n_country)
		top[n++] = map(place->country_registered ? "registered_country"
							 : "country",
		    country, n_country);
	if (n_location)
		top[n++] = map("location", location, n_location);
	if (place->region.p) {
		top[n] = map("subdivisions", &region_map, 1);
		top[n++].type = GEO_ARRAY;
	}
	whole = map(NULL, top, n);
	return geo_writer_value(writer, &whole);
}

unsigned
ms_geo_writer_record(
    struct ms_geo_writer *writer, const struct ms_geo_place *place)
{
	const struct geo_value location[] = {
		{ .key = "latitude",
		    .type = GEO_DOUBLE,
		    .real = place->latitude },
		{ .key = "longitude",
		    .type = GEO_DOUBLE,
		    .real = place->longitude },
		{ .key = "accuracy_radius",
		    .type = GEO_UINT16,
		    .integer = place->accuracy_km },
	};
	struct geo_value top[8] = { 0 };
	size_t n = 0;

	if (place->asn) {
		top[n].key = "autonomous_system_number";
		top[n].type = GEO_UINT32;
		top[n++].integer = place->asn;
	}
	if (place->organization.p) {
		top[n].key = "autonomous_system_organization";
		top[n].type = GEO_STRING;
		top[n++].text = place->organization;
	}
	return record_country(writer, place, top, n, location,
	    !place->has_location ? 0
	    : place->accuracy_km ? 3
				 : 2);
}

/* ---- the trie ---- */

/* A node whose both sides are as `value`; its number. */
static uint32_t
node_new(struct ms_geo_writer *writer, uint32_t value)
{
	if (writer->n_nodes == writer->room_nodes) {
		writer->room_nodes =
		    writer->room_nodes ? writer->room_nodes * 2 : 4096;
		assert(writer->room_nodes < RECORD);
		writer->nodes = resize(writer, writer->nodes,
		    writer->room_nodes * sizeof(*writer->nodes));
	}
	writer->nodes[writer->n_nodes].child[0] = value;
	writer->nodes[writer->n_nodes].child[1] = value;
	return writer->n_nodes++;
}

/* The node in that slot; what was a leaf becomes one. */
static uint32_t
open_slot(struct ms_geo_writer *writer, struct slot slot)
{
	uint32_t value = writer->nodes[slot.node].child[slot.side];

	if (value == NOTHING || (value & RECORD)) {
		value = node_new(writer, value);
		writer->nodes[slot.node].child[slot.side] = value;
	}
	return value;
}

static unsigned
bit(const unsigned char key[16], unsigned at)
{
	return key[at / 8] >> (7 - at % 8) & 1;
}

/* The slot one level below. */
static struct slot
below(struct ms_geo_writer *writer, struct slot slot, unsigned side)
{
	struct slot out = { open_slot(writer, slot), side };

	return out;
}

/* The two ends of a range, its value, and how far they go together. */
struct range {
	unsigned char first[16], last[16];
	uint32_t value;
	unsigned common;
};

/* From a slot at depth `common` + 1 along one end of the range: everything
 * beside the path and inside the range gets the value. `inside` is 1 along
 * the first address (what lies right of it), 0 along the last. */
static void
cover(struct ms_geo_writer *writer, const struct range *range, struct slot slot,
    unsigned inside)
{
	const unsigned char *key = inside ? range->first : range->last;
	unsigned end = DEPTH;

	/* The bits at the end that are as the range's own border need no
	 * path: they are the whole block. */
	while (end > range->common + 1 && bit(key, end - 1) != inside)
		end--;
	for (unsigned at = range->common + 1; at < end; at++) {
		unsigned side = bit(key, at);

		slot = below(writer, slot, side);
		if (side != inside)
			writer->nodes[slot.node].child[inside] = range->value;
	}
	writer->nodes[slot.node].child[slot.side] = range->value;
}

static bool
is_block(const struct range *range)
{
	for (unsigned at = range->common; at < DEPTH; at++) {
		if (bit(range->first, at) || !bit(range->last, at))
			return false;
	}
	return true;
}

static void
key_of(const struct ms_ip *ip, unsigned char key[16])
{
	memset(key, 0, 16);
	if (ip->v4)
		memcpy(key + 12, ip->b + 12, 4);
	else
		memcpy(key, ip->b, 16);
}

void
ms_geo_writer_range(struct ms_geo_writer *writer, const struct ms_ip *first,
    const struct ms_ip *last, unsigned record)
{
	struct range range = { .value = RECORD | record };
	struct slot slot;

	key_of(first, range.first);
	key_of(last, range.last);
	assert(record < writer->n_records && first->v4 == last->v4);
	assert(memcmp(range.first, range.last, 16) <= 0);
	while (range.common < DEPTH &&
	       bit(range.first, range.common) == bit(range.last, range.common))
		range.common++;
	slot.node = 0;
	slot.side = bit(range.first, 0);
	/* The root is a node and no slot: the whole space is its two sides. */
	if (range.common > 0) {
		for (unsigned at = 1; at < range.common; at++)
			slot = below(writer, slot, bit(range.first, at));
		if (is_block(&range)) {
			writer->nodes[slot.node].child[slot.side] = range.value;
			return;
		}
		slot.node = open_slot(writer, slot);
	}
	slot.side = 0;
	cover(writer, &range, slot, 1);
	slot.side = 1;
	cover(writer, &range, slot, 0);
}

/* ---- the file ---- */

static bool
is_node(uint32_t value)
{
	return value != NOTHING && !(value & RECORD);
}

/* Siblings that are the same record become their parent's. */
static void
merge(struct ms_geo_writer *writer)
{
	for (uint32_t i = writer->n_nodes; i-- > 0;) {
		for (unsigned side = 0; side < 2; side++) {
			uint32_t *child = &writer->nodes[i].child[side];
			const struct node *node = &writer->nodes[*child];

			if (is_node(*child) && !is_node(node->child[0]) &&
			    node->child[0] == node->child[1])
				*child = node->child[0];
		}
	}
}

/* The numbers of the nodes in the file, 1 more than they are there; 0 for
 * those that are not. */
static uint32_t *
number(struct ms_geo_writer *writer, uint32_t root, uint32_t *count)
{
	uint32_t *numbers =
	    resize(writer, NULL, writer->n_nodes * sizeof(*numbers));

	memset(numbers, 0, writer->n_nodes * sizeof(*numbers));
	numbers[root] = 1;
	*count = 0;
	for (uint32_t i = root; i < writer->n_nodes; i++) {
		if (!numbers[i])
			continue;
		numbers[i] = ++*count;
		for (unsigned side = 0; side < 2; side++) {
			uint32_t child = writer->nodes[i].child[side];

			if (is_node(child))
				numbers[child] = 1;
		}
	}
	return numbers;
}

static void
put_node(unsigned char *p, unsigned size, const uint32_t record[2])
{
	uint64_t a = record[0], b = record[1];

	if (size == 28) {
		uint32_t high = (uint32_t)(a >> 24 << 4 | b >> 24);

		p[3] = (unsigned char)high;
	}
	for (unsigned i = 0; i < size / 8; i++) {
		unsigned shift = 8 * (size / 8 - 1 - i);

		p[i] = (unsigned char)(a >> shift);
		p[(size + 4) / 8 + i] = (unsigned char)(b >> shift);
	}
}

static void
put_tree(struct ms_geo_writer *writer, const uint32_t *numbers, uint32_t count,
    unsigned size, struct ms_buf *out)
{
	ms_buf_room(out, (size_t)count * size / 4 + 16 + writer->data.n);
	for (uint32_t i = 0; i < writer->n_nodes; i++) {
		uint32_t record[2];

		if (!numbers[i])
			continue;
		for (unsigned side = 0; side < 2; side++) {
			uint32_t child = writer->nodes[i].child[side];

			if (child & RECORD)
				record[side] = count + 16 +
					       writer->offsets[child & ~RECORD];
			else
				record[side] =
				    child ? numbers[child] - 1 : count;
		}
		put_node(ms_buf_room(out, size / 4), size, record);
		out->n += size / 4;
	}
	ms_buf_repeat(out, 0, 16);
}

static void
put_meta(const struct ms_geo_meta *meta, uint32_t nodes, unsigned size,
    struct ms_buf *out)
{
	const struct geo_value english = TEXT("en", ms_slice_from("en"));
	const struct geo_value description =
	    TEXT("en", ms_slice_from(meta->description));
	const struct geo_value items[] = {
		{ "binary_format_major_version", GEO_UINT16, .integer = 2 },
		{ "binary_format_minor_version", GEO_UINT16, .integer = 0 },
		/* libmaxminddb refuses a file without one. */
		{ "build_epoch", GEO_UINT64,
		    .integer = meta->build > 0 ? (uint64_t)meta->build : 1 },
		TEXT("database_type", ms_slice_from(meta->type)),
		{ "description", GEO_MAP, .items = &description, .n = 1 },
		{ "ip_version", GEO_UINT16, .integer = meta->ip4_only ? 4 : 6 },
		{ "languages", GEO_ARRAY, .items = &english, .n = 1 },
		{ "node_count", GEO_UINT32, .integer = nodes },
		{ "record_size", GEO_UINT16, .integer = size },
	};
	const struct geo_value whole =
	    map(NULL, items, sizeof(items) / sizeof(items[0]));

	ms_buf_slice(out, MS_SLICE("\xab\xcd\xefMaxMind.com"));
	put_value(NULL, out, &whole);
}

/* The node that the file starts with; IPv4 needs its subtree to be one. */
static uint32_t
root_of(struct ms_geo_writer *writer, bool ip4_only)
{
	struct slot slot = { 0, 0 };

	if (!ip4_only)
		return 0;
	for (unsigned at = 1; at < IP4_DEPTH; at++)
		slot = below(writer, slot, 0);
	return open_slot(writer, slot);
}

void
ms_geo_writer_finish(struct ms_geo_writer *writer,
    const struct ms_geo_meta *meta, struct ms_buf *out)
{
	uint32_t count, root, *numbers;
	uint64_t largest;
	unsigned size;

	merge(writer);
	root = root_of(writer, meta->ip4_only);
	numbers = number(writer, root, &count);
	largest = (uint64_t)count + 16 + writer->data.n;
	assert(largest <= UINT32_MAX);
	size = largest < 1u << 24 ? 24 : largest < 1u << 28 ? 28 : 32;
	put_tree(writer, numbers, count, size, out);
	free(numbers);
	ms_buf_slice(out, ms_buf_get(&writer->data));
	put_meta(meta, count, size, out);
	writer->written_nodes = count;
}

struct ms_geo_writer *
ms_geo_writer_new(void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct ms_geo_writer *writer = MS_NEW(arena, struct ms_geo_writer);

	writer->arena = arena;
	writer->oom = oom;
	ms_buf_init(&writer->data, arena);
	(void)node_new(writer, NOTHING);
	return writer;
}

void
ms_geo_writer_free(struct ms_geo_writer *writer)
{
	if (!writer)
		return;
	free(writer->nodes);
	free(writer->offsets);
	free(writer->strings.entries);
	free(writer->records.entries);
	ms_arena_free(writer->arena);
}

size_t
geo_writer_nodes(const struct ms_geo_writer *writer)
{
	return writer->written_nodes;
}

size_t
geo_writer_records(const struct ms_geo_writer *writer)
{
	return writer->n_records;
}
