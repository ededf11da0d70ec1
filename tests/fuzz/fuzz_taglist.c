/* SPDX-License-Identifier: ISC
 * fuzz_taglist.c - tag lists of any bytes; the first byte chooses the flags
 */
#include <assert.h>
#include <stdint.h>

#include "mailsonde/taglist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(const struct ms_taglist *list, struct ms_slice s)
{
	assert(s.p >= list->text.p);
	assert(s.p + s.n <= list->text.p + list->text.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	unsigned flags = size > 0 ? data[0] & 7 : 0;
	struct ms_slice item, rest;
	struct ms_taglist list;
	size_t n = 0;

	if (size > 0)
		ms_taglist_parse(ms_slice_make(data + 1, size - 1), flags,
		    &limits, arena, &list);
	for (size_t i = 0; size > 0 && i < list.n; i++) {
		const struct ms_tag *tag = &list.tags[i];

		inside(&list, tag->name);
		inside(&list, tag->value);
		inside(&list, tag->raw);
		assert(tag->name.p + tag->name.n < tag->raw.p);
		assert(ms_taglist_unfold(tag->value, arena).n <= tag->value.n);
		for (rest = tag->value; ms_taglist_item(&rest, ':', &item); n++)
			inside(&list, item);
	}
	for (size_t i = 0; size > 0 && i < list.errors_n; i++)
		inside(&list, list.errors[i].at);
	assert(size == 0 || list.n <= limits.tags);
	assert(n <= size);
	ms_arena_free(arena);
	return 0;
}
