/* SPDX-License-Identifier: ISC
 * dkim_hash.c - what a signature covers, put together and hashed
 *
 * RFC 6376 sections 3.7 and 5.4.2.
 */
#include "dkim_priv.h"

#define ROOM 8192

/* ---- fields by name ---- */

static size_t
hash_of(struct ms_slice name)
{
	size_t hash = 5381;

	for (size_t i = 0; i < name.n; i++)
		hash = hash * 33 + ms_lower(name.p[i]);
	return hash ^ hash >> 15;
}

static struct dkim_name *
find_name(const struct dkim_index *index, struct ms_slice name)
{
	size_t at = hash_of(name) & index->mask;

	while (index->names[at].bottom != 0) {
		const struct ms_field *field =
		    &index->header->fields[index->names[at].bottom - 1];

		if (ms_slice_equal_nocase(field->name, name))
			break;
		at = (at + 1) & index->mask;
	}
	return &index->names[at];
}

void
dkim_index_build(struct dkim_index *index, struct ms_arena *arena,
    const struct ms_header *header)
{
	size_t slots = 16;

	while (slots < 2 * header->n)
		slots *= 2;
	memset(index, 0, sizeof(*index));
	index->header = header;
	index->names = MS_NEW_ARRAY(arena, struct dkim_name, slots);
	index->above = MS_NEW_ARRAY(arena, uint32_t, header->n + 1);
	index->mask = slots - 1;
	for (size_t i = 0; i < header->n; i++) {
		struct dkim_name *name =
		    find_name(index, header->fields[i].name);

		index->above[i] = name->bottom;
		name->bottom = (uint32_t)i + 1;
	}
}

void
dkim_index_restart(struct dkim_index *index)
{
	index->round++;
}

const struct ms_field *
dkim_index_take(struct dkim_index *index, struct ms_slice text)
{
	struct dkim_name *name = find_name(index, text);
	uint32_t taken;

	if (name->bottom == 0)
		return NULL;
	if (name->round != index->round) {
		name->round = index->round;
		name->cursor = name->bottom;
	}
	taken = name->cursor;
	if (taken == 0)
		return NULL;
	name->cursor = index->above[taken - 1];
	return &index->header->fields[taken - 1];
}

void
dkim_cover(struct dkim_index *index, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_dkim_signature *signature)
{
	struct ms_slice rest = signature->header_list, name;
	size_t n = 1;

	for (size_t i = 0; i < rest.n; i++)
		n += rest.p[i] == ':';
	if (n > limits->headers) {
		dkim_fail(signature, MS_AUTH_NEUTRAL, MS_DKIM_LIMIT,
		    "h= lists more names than are read");
		return;
	}
	signature->covered = MS_NEW_ARRAY(arena, struct ms_dkim_covered, n);
	dkim_index_restart(index);
	while (ms_taglist_item(&rest, ':', &name)) {
		struct ms_dkim_covered *covered =
		    &signature->covered[signature->covered_n++];

		covered->name = name;
		covered->field = dkim_index_take(index, name);
	}
}

/* ---- the header ---- */

void
dkim_own_field(enum ms_dkim_canon canon, bool bare_cr,
    const struct ms_dkim_signature *signature, struct ms_buf *out)
{
	const struct ms_tag *b = ms_taglist_find(signature->tags, "b");
	struct ms_slice raw = signature->field->raw;
	size_t from = raw.n, to = raw.n;
	struct ms_buf bare;

	if (b) {
		from = (size_t)(b->raw.p - raw.p);
		to = from + b->raw.n;
	}
	ms_buf_init(&bare, out->arena);
	ms_buf_slice(&bare, ms_slice_part(raw, 0, from));
	ms_buf_slice(&bare, ms_slice_part(raw, to, raw.n));
	ms_dkim_header_canon(canon, bare_cr, ms_buf_get(&bare), out);
	out->n -= 2;
}

void
dkim_header_bytes(const struct ms_message *message,
    const struct ms_dkim_signature *signature, struct ms_buf *out)
{
	for (size_t i = 0; i < signature->covered_n; i++)
		if (signature->covered[i].field)
			ms_dkim_header_canon(signature->header_canon,
			    message->bare_cr, signature->covered[i].field->raw,
			    out);
	dkim_own_field(
	    signature->header_canon, message->bare_cr, signature, out);
}

/* ---- the body ---- */

static bool
same(const struct ms_dkim_hash *hash, const struct ms_dkim_signature *s)
{
	return hash->canon == s->body_canon && hash->length == s->length &&
	       hash->kind == (unsigned)dkim_digest_of(s->algorithm);
}

const struct ms_dkim_hash *
dkim_hash_find(const struct ms_dkim_hashes *hashes,
    const struct ms_dkim_signature *signature)
{
	for (size_t i = 0; i < hashes->n; i++)
		if (same(&hashes->list[i], signature))
			return &hashes->list[i];
	return NULL;
}

static void
finish(const struct ms_digest *state, struct ms_dkim_hash *hash)
{
	struct ms_digest copy = *state;
	struct ms_digests digests;

	copy.kinds = hash->kind;
	ms_digest_final(&copy, &digests);
	memcpy(hash->digest,
	    hash->kind == MS_DIGEST_SHA1 ? digests.sha1 : digests.sha256,
	    hash->kind == MS_DIGEST_SHA1 ? 20 : 32);
}

/* Where in the raw body `n` more canonical octets end. */
static size_t
end_of(const struct ms_message *message, struct ms_dkim_body state, size_t n)
{
	if (dkim_body_skip(&state, n) > 0 || !message->body.p)
		return message->body.n;
	return (size_t)(state.rest.p - message->body.p);
}

/* The body once through: every hash of one canonical form (`list` by length),
 * those of l= from the state as it is there. */
static void
hash_body(const struct ms_message *message, enum ms_dkim_canon canon,
    struct ms_dkim_hash **list, size_t n)
{
	unsigned char room[ROOM];
	struct ms_digest state;
	struct ms_dkim_body body, before;
	struct ms_slice piece;
	uint64_t total = 0;
	unsigned kinds = 0;
	size_t next = 0;

	for (size_t i = 0; i < n; i++)
		kinds |= list[i]->kind;
	while (next < n && list[next]->length < 0)
		next++;
	ms_digest_init(&state, kinds);
	ms_dkim_body_init(&body, canon, message->bare_cr, message->body);
	before = body;
	while (ms_dkim_body_next(&body, room, sizeof(room), &piece)) {
		uint64_t base = total;

		for (;
		     next < n && (uint64_t)list[next]->length <= base + piece.n;
		     next++) {
			size_t to =
			    (size_t)((uint64_t)list[next]->length - base);

			ms_digest_update(&state,
			    ms_slice_part(piece, (size_t)(total - base), to));
			total = base + to;
			finish(&state, list[next]);
			list[next]->end = end_of(message, before, to);
		}
		ms_digest_update(&state,
		    ms_slice_part(piece, (size_t)(total - base), piece.n));
		total = base + piece.n;
		before = body;
	}
	for (; next < n; next++) { /* l= is more than there is */
		finish(&state, list[next]);
		list[next]->end = message->body.n;
	}
	for (size_t i = 0; i < n; i++) {
		list[i]->total = total;
		if (list[i]->length < 0)
			finish(&state, list[i]);
	}
}

static void
insert(struct ms_dkim_hash **list, size_t n, struct ms_dkim_hash *hash)
{
	while (n > 0 && list[n - 1]->length > hash->length) {
		list[n] = list[n - 1];
		n--;
	}
	list[n] = hash;
}

void
dkim_hash_bodies(const struct ms_message *message,
    struct ms_dkim_hashes *hashes, const struct ms_dkim_signature *const *list,
    size_t n)
{
	size_t known = hashes->n;

	for (size_t i = 0; i < n; i++) {
		struct ms_dkim_hash *hash = &hashes->list[hashes->n];

		if (hashes->n == MS_DKIM_HASHES ||
		    dkim_hash_find(hashes, list[i]))
			continue;
		hashes->n++;
		hash->canon = list[i]->body_canon;
		hash->kind = dkim_digest_of(list[i]->algorithm);
		hash->length = list[i]->length;
	}
	for (enum ms_dkim_canon canon = MS_DKIM_SIMPLE;
	     canon <= MS_DKIM_RELAXED; canon++) {
		struct ms_dkim_hash *wanted[MS_DKIM_HASHES];
		size_t wanted_n = 0;

		for (size_t i = known; i < hashes->n; i++)
			if (hashes->list[i].canon == canon)
				insert(wanted, wanted_n++, &hashes->list[i]);
		if (wanted_n > 0)
			hash_body(message, canon, wanted, wanted_n);
	}
}
