/* SPDX-License-Identifier: ISC
 * fuzz_mbox.c - mailboxes: from memory, message by message and in batches
 *
 * What the messages say of their places in the file must be so, and however
 * it is read the same messages come out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "mailsonde/mailbox.h"
#include "message/mailbox_priv.h"

#define ITEMS 8

struct seen {
	struct ms_arena *arena;
	struct ms_slice file;
	struct ms_slice *raw;
	size_t n;
	uint64_t end; /* of the message before */
	size_t size_max;
};

static bool
quoting(enum ms_mailbox_format format)
{
	return format == MS_FORMAT_MBOXO || format == MS_FORMAT_MBOXRD;
}

/* Each '>' taken off stood in front of a "From ". */
static void
check_unquoted(struct ms_slice file, size_t at, struct ms_slice raw)
{
	for (size_t i = 0; i < raw.n; i++, at++) {
		assert(at < file.n);
		if (file.p[at] == raw.p[i])
			continue;
		assert(file.p[at] == '>');
		at++;
		assert(at < file.n && file.p[at] == raw.p[i]);
		assert(raw.p[i] == 'F');
	}
}

static void
check_item(struct seen *seen, struct ms_mailbox_item *item)
{
	size_t at = (size_t)item->offset;

	assert(item->format <= MS_FORMAT_UNKNOWN);
	if (item->status != MS_OK) {
		assert(item->diag.text[0]);
		return;
	}
	assert(item->raw.n <= seen->size_max);
	assert(item->offset <= seen->file.n);
	assert(item->offset >= seen->end);
	assert(item->raw.n <= seen->file.n - at);
	if (!quoting(item->format))
		assert(
		    item->raw.n == 0 ||
		    memcmp(item->raw.p, seen->file.p + at, item->raw.n) == 0);
	else if (!item->truncated)
		check_unquoted(seen->file, at, item->raw);
	seen->end = item->offset + item->raw.n;
	seen->raw = ms_arena_grow(seen->arena, seen->raw,
	    seen->n * sizeof(*seen->raw), (seen->n + 1) * sizeof(*seen->raw));
	seen->raw[seen->n++] = ms_arena_copy(seen->arena, item->raw);
}

static void
read_all(struct seen *seen, const char *path, const struct ms_limits *limits,
    size_t bytes, size_t max)
{
	struct ms_mailbox *mailbox = ms_mailbox_open(&path, 1, limits, NULL);
	struct ms_mailbox_item items[ITEMS];
	uint64_t sequence, wanted = 0;
	size_t n;

	while (ms_mailbox_batch(mailbox, bytes, max, &sequence, items, &n) ==
	       MS_OK) {
		assert(n >= 1 && n <= max);
		assert(sequence == wanted++);
		for (size_t i = 0; i < n; i++) {
			check_item(seen, &items[i]);
			ms_mailbox_item_done(mailbox, &items[i]);
		}
	}
	ms_mailbox_close(mailbox);
}

static void
check_pieces(struct ms_arena *arena, struct ms_slice file)
{
	size_t at = mbox_find_separator(file, 0), need = 0, next;
	struct ms_slice copy = ms_arena_copy(arena, file), line, rest;
	size_t n = mbox_unquote((unsigned char *)(uintptr_t)copy.p, copy.n);

	assert(n <= file.n);
	(void)mbox_kind(file, true);
	(void)mbox_content_length_end(file, false, &need);
	assert(mbox_content_length_end(file, true, &need) <= file.n);
	while (at < file.n) {
		assert(memcmp(file.p + at, "From ", 5) == 0);
		next = mbox_find_separator(file, at + 1);
		assert(next > at && next <= file.n);
		rest = ms_slice_part(file, at, next);
		fuzz_inside(rest, mbox_strip(rest, &line));
		fuzz_inside(rest, line);
		at = next;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_limits limits = { .message_size =
					size > 0 && (data[0] & 1) ? 64 : 0 };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct seen one = { .arena = arena }, many = { .arena = arena };
	char path[64];
	int fd = memfd_create("fuzz", 0);

	if (size > 0)
		one.file = ms_slice_make(data + 1, size - 1);
	many.file = one.file;
	one.size_max = many.size_max = ms_limits_fill(&limits).message_size;
	if (fd < 0 || write(fd, one.file.p, one.file.n) != (ssize_t)one.file.n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_pieces(arena, one.file);
	read_all(&one, path, &limits, 1, 1);
	read_all(&many, path, &limits, 1024 * 1024, ITEMS);
	assert(one.n == many.n);
	for (size_t i = 0; i < one.n; i++)
		assert(ms_slice_equal(one.raw[i], many.raw[i]));
	close(fd);
	ms_arena_free(arena);
	return 0;
}
