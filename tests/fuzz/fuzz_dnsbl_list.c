/* SPDX-License-Identifier: ISC
 * fuzz_dnsbl_list.c - files of lists of any bytes
 *
 * What was taken holds what it must, and is taken again without its keys.
 */
#include <assert.h>
#include <stdint.h>

#include "mailsonde/dnsbl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look_at(const struct ms_dnsbl *list)
{
	struct ms_dns_name name;

	assert(ms_dns_name_from_text(ms_slice_from(list->zone), &name));
	assert(list->kinds != 0);
	assert(list->weight < MS_SEVERITY_NEVER);
	assert(!list->key.p || ms_dnsbl_is_key(list->key));
	for (size_t i = 0; i < list->codes_n; i++) {
		assert(list->codes[i].from[0] == 127);
		assert(list->codes[i].text[0] != '\0');
		for (size_t k = 0; k < 4; k++)
			assert(list->codes[i].from[k] <= list->codes[i].to[k]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_slice text = ms_slice_make(data, size), clean;
	struct ms_dnsbl_set set = { 0 }, again = { 0 };
	struct ms_diag diag = { "" };

	ms_dnsbl_add_table(arena, &set);
	ms_dnsbl_add_table(arena, &again);
	if (ms_dnsbl_read(arena, text, &limits, &set, &diag) == MS_OK) {
		for (size_t i = 0; i < set.n; i++)
			look_at(&set.lists[i]);
		clean = ms_dnsbl_without_keys(arena, text);
		assert(ms_dnsbl_read(arena, clean, &limits, &again, &diag) ==
		       MS_OK);
		assert(set.n == again.n);
	} else {
		assert(diag.text[0] != '\0');
	}
	ms_arena_free(arena);
	return 0;
}
