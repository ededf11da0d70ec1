/* SPDX-License-Identifier: ISC
 * fuzz_url.c - URLs alone and in text: slices lie inside, offsets agree
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "message/link_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_parse parse = { .arena = arena, .limits = &limits };
	struct ms_slice text = ms_slice_make(data, size);
	struct ms_links links = { 0 };
	struct ms_url url;

	if (ms_url_parse(arena, text, &url) && url.ip.set && !url.host_ascii.p)
		abort();
	url_resolve(arena, MS_SLICE("https://a.example/b/c?d"), text);
	ms_links_from_text(&parse, text, 0, &links);
	for (struct ms_link *l = links.first; l; l = l->next) {
		struct ms_slice raw = l->raw.p ? l->raw : l->url;

		if (l->offset > size || raw.n > size - l->offset ||
		    raw.p != data + l->offset)
			abort();
	}
	if (ms_defang(arena, text).n < size - (size > 6 ? size / 3 : size))
		abort();
	ms_arena_free(arena);
	return 0;
}
