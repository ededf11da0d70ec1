/* SPDX-License-Identifier: ISC
 * link.c - links collected, each once; and made harmless to click
 */
#include "mailsonde/link.h"

#include "mailsonde/buf.h"
#include "mailsonde/scan.h"
#include "message/link_priv.h"

const char *
ms_link_where_name(enum ms_link_where where)
{
	static const char *const names[] = {
		[MS_LINK_TEXT] = "text",
		[MS_LINK_ANCHOR] = "anchor",
		[MS_LINK_FORM] = "form",
		[MS_LINK_IMAGE] = "image",
		[MS_LINK_PIXEL] = "pixel",
		[MS_LINK_STYLE] = "style",
		[MS_LINK_FRAME] = "frame",
		[MS_LINK_SCRIPT] = "script",
		[MS_LINK_REFRESH] = "refresh",
		[MS_LINK_BASE] = "base",
		[MS_LINK_OTHER] = "other",
		[MS_LINK_HEADER] = "header",
	};

	return (size_t)where < sizeof(names) / sizeof(names[0]) ? names[where]
								: "other";
}

/* ---- each once -----------------------------------------------------------
 */

struct slot {
	uint64_t hash;
	struct ms_link *link;
};
struct index {
	struct slot *slots;
	size_t cap; /* a power of two */
};

static uint64_t
mix(uint64_t hash, struct ms_slice s)
{
	size_t i = 0;

	for (; s.n - i >= 8; i += 8) {
		uint64_t word;

		memcpy(&word, s.p + i, 8);
		hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
		hash ^= hash >> 29;
	}
	for (; i < s.n; i++)
		hash = (hash ^ s.p[i]) * 0x100000001B3u;
	return (hash ^ s.n) * 0x9E3779B97F4A7C15u;
}

static uint64_t
hash_of(const struct link_find *find)
{
	uint64_t hash = mix(mix((uint64_t)find->where, find->url), find->text);

	return hash ^ hash >> 32;
}

static void
grow(struct ms_arena *arena, struct index *index)
{
	struct slot *old = index->slots;
	size_t n = index->cap;

	index->cap = n ? n * 2 : 64;
	index->slots = MS_NEW_ARRAY(arena, struct slot, index->cap);
	for (size_t i = 0; i < n; i++) {
		size_t at = old[i].hash & (index->cap - 1);

		if (!old[i].link)
			continue;
		while (index->slots[at].link)
			at = (at + 1) & (index->cap - 1);
		index->slots[at] = old[i];
	}
}

static bool
same(const struct ms_link *link, const struct link_find *find)
{
	return link->where == find->where &&
	       ms_slice_equal(link->url, find->url) &&
	       ms_slice_equal(link->text, find->text);
}

/* The slot of that link, or the empty one where it belongs. */
static struct slot *
slot_of(struct index *index, uint64_t hash, const struct link_find *find)
{
	size_t at = hash & (index->cap - 1);

	while (index->slots[at].link && (index->slots[at].hash != hash ||
					    !same(index->slots[at].link, find)))
		at = (at + 1) & (index->cap - 1);
	return &index->slots[at];
}

static bool
is_remote(const struct ms_url *url)
{
	return ms_slice_is(url->scheme, "http") ||
	       ms_slice_is(url->scheme, "https") ||
	       ms_slice_is(url->scheme, "ftp") ||
	       (url->scheme.n == 0 && url->host.n > 0);
}

/* "//host/path" without a base: its host is known all the same. */
static void
parse_parts(struct ms_arena *arena, struct ms_link *link)
{
	struct ms_slice url = link->url;

	if (ms_url_parse(arena, url, &link->parts) || url.n < 3 ||
	    (url.p[0] != '/' && url.p[0] != '\\') ||
	    (url.p[1] != '/' && url.p[1] != '\\'))
		return;
	ms_url_parse(arena,
	    ms_slice_from(ms_arena_printf(
		arena, "http:%.*s", (int)url.n, (const char *)url.p)),
	    &link->parts);
	link->parts.scheme = ms_slice_make(NULL, 0);
}

static void
append(struct ms_links *links, struct ms_link *link)
{
	if (links->last)
		links->last->next = link;
	else
		links->first = link;
	links->last = link;
	links->n++;
}

void
link_add(const struct ms_parse *parse, struct ms_links *links,
    const struct link_find *given)
{
	struct link_find find = *given;
	struct index *index = links->index;
	struct ms_link *link;
	struct slot *slot;
	uint64_t hash;

	find.url = url_resolve(parse->arena, find.base, find.url);
	hash = hash_of(&find);
	if (!index)
		links->index = index = MS_NEW(parse->arena, struct index);
	if (links->n * 2 >= index->cap)
		grow(parse->arena, index);
	slot = slot_of(index, hash, &find);
	if (slot->link) {
		slot->link->count++;
		return;
	}
	if (links->n >= parse->limits->links) {
		links->truncated = true;
		return;
	}
	link = MS_NEW(parse->arena, struct ms_link);
	link->url = find.url;
	if (!ms_slice_equal(find.raw, find.url))
		link->raw = find.raw;
	link->text = find.text;
	link->where = find.where;
	link->part = find.part;
	link->offset = find.offset;
	link->count = 1;
	parse_parts(parse->arena, link);
	link->remote = find.fetched && is_remote(&link->parts);
	slot->hash = hash;
	slot->link = link;
	append(links, link);
}

/* ---- defang --------------------------------------------------------------
 */

static void
dots(struct ms_buf *out, struct ms_slice host)
{
	for (size_t i = 0; i < host.n; i++) {
		if (host.p[i] == '.')
			ms_buf_text(out, "[.]");
		else
			ms_buf_byte(out, host.p[i]);
	}
}

/* Addresses: '@' between words, and the dots of what follows it. */
static void
defang_plain(struct ms_buf *out, struct ms_slice text)
{
	for (size_t at = 0; at < text.n;) {
		size_t to = ms_slice_find(text, at, '@'), end = to + 1;

		ms_buf_slice(out, ms_slice_part(text, at, to));
		if (to == text.n)
			return;
		while (end < text.n && ms_is(text.p[end], MS_C_HOST))
			end++;
		if (to == 0 || end == to + 1 ||
		    ms_is(text.p[to - 1], MS_C_SPACE)) {
			ms_buf_slice(out, ms_slice_part(text, to, end));
		} else {
			ms_buf_text(out, "[@]");
			dots(out, ms_slice_part(text, to + 1, end));
		}
		at = end;
	}
}

static void
defang_url(struct ms_buf *out, struct ms_slice url, bool bare)
{
	size_t n = bare ? 0 : url_scheme(url), at = n + !bare, host = at;

	if (!bare && ms_slice_starts(url, "mailto:")) {
		ms_buf_slice(out, ms_slice_part(url, 0, at));
		defang_plain(out, ms_slice_part(url, at, url.n));
		return;
	}
	if (ms_slice_starts(url, "http") && !bare)
		ms_buf_printf(out, "hxxp%s:", n == 5 ? "s" : "");
	else if (ms_slice_starts(url, "ftp") && !bare)
		ms_buf_printf(out, "fxp%s:", n == 4 ? "s" : "");
	else
		ms_buf_slice(out, ms_slice_part(url, 0, at));
	while (host < url.n && (url.p[host] == '/' || url.p[host] == '\\'))
		host++;
	ms_buf_slice(out, ms_slice_part(url, at, host));
	for (at = host; at < url.n; at++)
		if (memchr("/\\?#", url.p[at], 4))
			break;
	dots(out, ms_slice_part(url, host, at));
	ms_buf_slice(out, ms_slice_part(url, at, url.n));
}

/* A host name and nothing else. */
static bool
is_host(struct ms_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ms_is(s.p[i], MS_C_HOST))
			return false;
	return s.n > 2 && s.p[0] != '.' && s.p[s.n - 1] != '.' &&
	       memchr(s.p, '.', s.n);
}

struct ms_slice
ms_defang(struct ms_arena *arena, struct ms_slice text)
{
	struct link_search search = { .text = text };
	struct link_span span;
	struct ms_buf out;
	size_t at = 0;

	ms_buf_init(&out, arena);
	ms_buf_room(&out, text.n + 1);
	if (is_host(text)) {
		dots(&out, text);
		return ms_buf_get(&out);
	}
	while (link_text_next(&search, &span)) {
		defang_plain(&out, ms_slice_part(text, at, span.from));
		defang_url(&out, ms_slice_part(text, span.from, span.to),
		    span.prefix != NULL);
		at = span.to;
	}
	defang_plain(&out, ms_slice_part(text, at, text.n));
	return ms_buf_get(&out);
}
