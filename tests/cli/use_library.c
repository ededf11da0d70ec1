/* SPDX-License-Identifier: ISC
 * use_library.c - a program as somebody else would write it: the subject and
 * the parts of a message on standard input
 *
 * The test of the installation compiles it against the installed headers and
 * library alone.
 */
#include <stdio.h>

#include <mailsonde/message.h>

int
main(void)
{
	static unsigned char room[1 << 20];
	struct ms_slice raw =
	    ms_slice_make(room, fread(room, 1, sizeof(room), stdin));
	struct ms_message_options options = { .digests = MS_DIGEST_SHA256,
		.mime = true };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(arena);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_message message;

	ms_message_parse(arena, charsets, &limits, raw, &options, &message);
	printf(
	    "%.*s\n", (int)message.subject.n, (const char *)message.subject.p);
	for (const struct ms_part *part = message.mime.root; part;
	     part = ms_part_next(part))
		printf("%u %.*s %zu\n", part->index, (int)part->type.n,
		    (const char *)part->type.p, part->size);
	ms_charsets_close(charsets);
	ms_arena_free(arena);
	return 0;
}
