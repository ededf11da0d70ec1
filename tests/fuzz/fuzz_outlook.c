/* SPDX-License-Identifier: ISC
 * fuzz_outlook.c - an Outlook file of any octets: container, properties, and
 * the message that is made of them; the last byte chooses the limits
 *
 * What is made is no larger than it may be, and reads as the message that it
 * was said to be.
 */
#include "fuzz.h"
#include "mailsonde/message.h"

/* Fields and boundaries around the content of a part. */
#define AROUND 1000000

static void
check_messages(const struct ms_outlook *outlook)
{
	const struct ms_outlook_message *list = outlook->messages;

	assert(outlook->n > 0 && list[0].at == 0);
	assert(list[0].end == outlook->raw.n);
	for (size_t i = 0; i < outlook->n; i++) {
		assert(list[i].at + list[i].made <= list[i].end);
		assert(list[i].end <= outlook->raw.n);
		assert(i == 0 || list[i - 1].at < list[i].at);
		assert(
		    list[i].made == 0 || ms_outlook_made(outlook, list[i].at));
		fuzz_utf8(list[i].class);
	}
}

/* Each message that is attached is found again where it was written. */
static void
check_parts(const struct fuzz *fuzz, const struct ms_outlook *outlook,
    const struct ms_message *message)
{
	for (const struct ms_part *part = message->mime.root; part;
	     part = ms_part_next(part)) {
		const struct ms_outlook *own;

		if (part->kind != MS_PART_MESSAGE)
			continue;
		own = ms_outlook_attached(fuzz->arena, outlook, part->body);
		if (own)
			assert(own->messages[0].at == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ms_message_options base = { .mime = true, .links = true };
	struct ms_message_options options = base;
	struct ms_outlook outlook;
	struct ms_message message;
	struct ms_slice file = ms_slice_make(data, size);
	const char *why;
	struct fuzz fuzz;

	fuzz_init(&fuzz, data, size > 0 && data[size - 1] & 1);
	if (ms_outlook_read(fuzz.arena, fuzz.parse.charsets, &fuzz.limits, file,
		&outlook, &why)) {
		check_messages(&outlook);
		assert(outlook.raw.n <= 2 * size + AROUND * (outlook.n + 1) +
					    20 * fuzz.limits.rtf_size);
		options.outlook = &outlook;
		ms_message_parse(fuzz.arena, fuzz.parse.charsets, &fuzz.limits,
		    outlook.raw, &options, &message);
		assert(message.header.n > 0);
		check_parts(&fuzz, &outlook, &message);
	} else {
		assert(why);
	}
	ms_charsets_close(fuzz.parse.charsets);
	ms_arena_free(fuzz.arena);
	return 0;
}
