/* SPDX-License-Identifier: ISC
 * fuzz_allow.c - a pattern, LF, a target that it may allow
 */
#include "fuzz.h"
#include "mailsonde/allow.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_slice all = ms_slice_make(data, size), pattern, text;
	size_t end = ms_slice_find(all, 0, '\n');
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_probe_target target;
	struct ms_allow allow;
	const char *wrong;

	pattern = ms_slice_part(all, 0, end);
	text = ms_slice_part(all, end + 1, size);
	if (!ms_allow_read(arena, pattern, &allow, &wrong)) {
		assert(wrong);
	} else if (ms_probe_target_read(arena, text, &target, &wrong) &&
		   ms_allow_target(&allow, 1, &target)) {
		/* No port but that of the pattern, or one of mail. */
		assert(allow.port ? target.port == allow.port
				  : ms_protocol_by_port(target.port) != NULL);
		assert(!allow.protocol || allow.protocol == target.protocol);
		/* An address by an address, a name by a name. */
		assert(allow.any || allow.net.ip.set == target.literal);
		assert(allow.any || target.literal ||
		       ms_slice_ends(
			   target.host, ms_arena_string(arena, allow.name)));
	}
	ms_arena_free(arena);
	return 0;
}
