/* SPDX-License-Identifier: ISC
 * test_mailbox.c - messages out of files, mailboxes, folders and pipes
 */
#include "mailsonde/mailbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

#define FROM "From a@a.example Mon Jan  5 10:00:00 2026\n"

/* A folder of its own for each test; removed with all that is in it. */
struct place {
	struct ms_arena *arena;
	char *folder;
};

static void
open_place(struct place *place)
{
	place->arena = ms_arena_new(NULL);
	place->folder =
	    ms_arena_string(place->arena, MS_SLICE("/tmp/mailbox.XXXXXX"));
	assert_non_null(mkdtemp(place->folder));
}

static void
close_place(struct place *place)
{
	char *command =
	    ms_arena_printf(place->arena, "rm -rf '%s'", place->folder);

	assert_int_equal(system(command), 0);
	ms_arena_free(place->arena);
}

static const char *
path_in(struct place *place, const char *name)
{
	return ms_arena_printf(place->arena, "%s/%s", place->folder, name);
}

static const char *
put_file(struct place *place, const char *name, struct ms_slice content)
{
	const char *path = path_in(place, name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(content.p, 1, content.n, file), content.n);
	fclose(file);
	return path;
}

/* All messages, each "format:raw|"; what could not be read as its status. */
static void
read_all(const char *const *paths, size_t n, const struct ms_limits *limits,
    struct ms_buf *out)
{
	struct ms_mailbox *mailbox = ms_mailbox_open(paths, n, limits, NULL);
	struct ms_mailbox_item item;
	uint64_t sequence, wanted = 0;

	while (ms_mailbox_next(mailbox, &sequence, &item) == MS_OK) {
		assert_int_equal(sequence, wanted);
		wanted++;
		if (item.status != MS_OK) {
			ms_buf_text(out, ms_status_name(item.status));
			assert_true(item.diag.text[0]);
		} else {
			ms_buf_text(out, ms_mailbox_format_name(item.format));
			ms_buf_byte(out, ':');
			ms_buf_slice(out, item.raw);
			if (item.truncated)
				ms_buf_text(out, "~");
		}
		ms_buf_byte(out, '|');
		ms_mailbox_item_done(mailbox, &item);
	}
	ms_mailbox_close(mailbox);
}

static const struct {
	const char *content, *want;
	size_t message_size;
} files[] = {
	{ "From: a@b\n\nbody\n", "eml:From: a@b\n\nbody\n|", 0 },
	{ "From: a@b\nTo: c@d\n", "headers:From: a@b\nTo: c@d\n|", 0 },
	{ "\n  From: a@b\n\nx\n", "headers:\n  From: a@b\n\nx\n|", 0 },
	{ "\xef\xbb\xbf"
	  "From: a@b\n\nx",
	    "eml:From: a@b\n\nx|", 0 },
	{ "", "format|", 0 },
	{ "just text\n", "format|", 0 },
	{ "\xff\xd8\xff\xe0", "format|", 0 },
	{ "https://a.example/\n", "format|", 0 },
	{ "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
	    "msg:\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|", 0 },
	{ "\x78\x9f\x3e\x22", "tnef:\x78\x9f\x3e\x22|", 0 },
	{ "12\nFrom: a@b\n\nx<plist>", "emlx:From: a@b\n\nx|", 0 },
	{ "9\nFrom: a@b\n\nx", "emlx:From: a@b|", 0 },
	{ "99999\nFrom: a@b\n\nx", "emlx:From: a@b\n\nx|", 0 },
	{ "12\nabc\n", "format|", 0 },
	/* mboxo */
	{ FROM "A: b\n\none\n\n" FROM "A: c\n\ntwo\n",
	    "mboxo:A: b\n\none\n|mboxo:A: c\n\ntwo\n|", 0 },
	{ FROM "A: b\n\n>From x\n> From y\n>>x\n\n" FROM "A: c\n\n",
	    "mboxo:A: b\n\nFrom x\n> From y\n>>x\n|mboxo:A: c\n|", 0 },
	{ FROM "A: b\n\nx\nFrom the middle\n\nFrom here, too\n",
	    "mboxo:A: b\n\nx\nFrom the middle\n|mboxo:|", 0 },
	/* one message, saved with its line: all behind it is its own */
	{ FROM "A: b\n\none\n\n", "mboxo:A: b\n\none\n\n|", 0 },
	/* mboxrd */
	{ FROM "A: b\n\n>From x\n>>From y\n>>>From z\n\n" FROM "A: c\n\n",
	    "mboxrd:A: b\n\nFrom x\n>From y\n>>From z\n|mboxrd:A: c\n|", 0 },
	/* CRLF */
	{ "From a@b 2026\r\nA: b\r\n\r\n>From x\r\n\r\nFrom c@d 2026\r\n"
	  "A: c\r\n\r\ny\r\n",
	    "mboxo:A: b\r\n\r\nFrom x\r\n|mboxo:A: c\r\n\r\ny\r\n|", 0 },
	/* mboxcl2: by length, and nothing is unquoted */
	{ FROM "Content-Length: 13\n\n\nFrom x\n>Fro\n\n" FROM
	       "Content-Length: 1\n\ny\n",
	    "mboxcl2:Content-Length: 13\n\n\nFrom x\n>Fro\n|"
	    "mboxcl2:Content-Length: 1\n\ny\n|",
	    0 },
	/* a length that leads nowhere: by the lines */
	{ FROM "Content-Length: 3\n\nbody\n\n" FROM "A: b\n\n",
	    "mboxo:Content-Length: 3\n\nbody\n|mboxo:A: b\n|", 0 },
	{ FROM "Content-Length: 99999999999999999\n\nbody\n\n" FROM "A: b\n\n",
	    "mboxo:Content-Length: 99999999999999999\n\nbody\n|mboxo:A: b\n|",
	    0 },
	/* a limit */
	{ "From: a@b\n\nlonger than that\n", "eml:From: a@b\n\nlonge~|", 16 },
	{ FROM "A: b\n\nlonger than that\n\n" FROM "A: c\n\nx\n",
	    "mboxo:A: b\n\nlonger tha~|mboxo:A: c\n\nx\n|", 16 },
};

static void
reads_files(void **state)
{
	struct place place;

	(void)state;
	open_place(&place);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct ms_limits limits = { .message_size =
						files[i].message_size };
		const char *path =
		    put_file(&place, "file", ms_slice_from(files[i].content));
		struct ms_buf got;

		ms_buf_init(&got, place.arena);
		read_all(&path, 1, &limits, &got);
		assert_slice(ms_buf_get(&got), files[i].want);
	}
	close_place(&place);
}

static void
says_what_it_cannot_open(void **state)
{
	const char *paths[3];
	struct place place;
	struct ms_buf got;

	(void)state;
	open_place(&place);
	paths[0] = path_in(&place, "missing");
	paths[1] = put_file(&place, "a", MS_SLICE("From: a@b\n\n1"));
	paths[2] = path_in(&place, "empty");
	assert_int_equal(mkdir(paths[2], 0700), 0);
	ms_buf_init(&got, place.arena);
	read_all(paths, 3, NULL, &got);
	assert_slice(ms_buf_get(&got), "io|eml:From: a@b\n\n1|format|");
	close_place(&place);
}

static void
walks_folders(void **state)
{
	static const char *const folders[] = { "mail", "mail/sub", "mail/.git",
		"md", "md/cur", "md/new", "md/tmp", "md/.Sent", "md/.Sent/cur",
		"md/.Sent/new" };
	static const struct {
		const char *name, *body;
	} content[] = {
		{ "mail/b", "2" },
		{ "mail/a", "1" },
		{ "mail/.hidden", "no" },
		{ "mail/sub/x", "3" },
		{ "mail/.git/x", "no" },
		{ "md/cur/1:2,S", "5" },
		{ "md/new/9", "4" },
		{ "md/tmp/9", "no" },
		{ "md/.Sent/cur/1", "6" },
		{ "md/other", "no" },
	};
	const char *paths[2];
	struct place place;
	struct ms_buf got;

	(void)state;
	open_place(&place);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		assert_int_equal(mkdir(path_in(&place, folders[i]), 0700), 0);
	for (size_t i = 0; i < sizeof(content) / sizeof(*content); i++)
		put_file(&place, content[i].name,
		    ms_slice_from(ms_arena_printf(
			place.arena, "From: a@b\n\n%s", content[i].body)));
	/* A way back up is not taken, a link to a file is. */
	assert_int_equal(symlink("..", path_in(&place, "mail/sub/loop")), 0);
	assert_int_equal(symlink("b", path_in(&place, "mail/c")), 0);
	paths[0] = path_in(&place, "mail/");
	paths[1] = path_in(&place, "md");
	ms_buf_init(&got, place.arena);
	read_all(paths, 2, NULL, &got);
	assert_slice(ms_buf_get(&got),
	    "folder:From: a@b\n\n1|folder:From: a@b\n\n2|"
	    "folder:From: a@b\n\n2|folder:From: a@b\n\n3|"
	    "maildir:From: a@b\n\n4|maildir:From: a@b\n\n5|"
	    "maildir:From: a@b\n\n6|");
	close_place(&place);
}

static void
stops_in_deep_folders(void **state)
{
	struct ms_limits limits = { .directory_depth = 2 };
	struct place place;
	struct ms_buf got;
	const char *path;

	(void)state;
	open_place(&place);
	assert_int_equal(mkdir(path_in(&place, "1"), 0700), 0);
	assert_int_equal(mkdir(path_in(&place, "1/2"), 0700), 0);
	put_file(&place, "1/2/a", MS_SLICE("From: a@b\n\nno"));
	put_file(&place, "1/a", MS_SLICE("From: a@b\n\n1"));
	path = place.folder;
	ms_buf_init(&got, place.arena);
	read_all(&path, 1, &limits, &got);
	assert_slice(ms_buf_get(&got), "io|folder:From: a@b\n\n1|");
	close_place(&place);
}

/* Messages of all sizes, some of several blocks, so that every kind of border
 * falls everywhere; read one by one, in batches, and from a pipe. */
static void
make_large(struct ms_buf *file, unsigned messages, size_t *sizes)
{
	uint32_t seed = 42;

	for (unsigned i = 0; i < messages; i++) {
		size_t before, n;

		seed = seed * 1664525u + 1013904223u;
		n = i % 40 == 7 ? 300000 + (seed >> 12) : seed >> 18;
		ms_buf_text(file, FROM);
		before = file->n;
		ms_buf_printf(file, "Subject: %u\n\n", i);
		while (file->n - before < n)
			ms_buf_printf(file, "line %zu of it\n", file->n);
		sizes[i] = file->n - before;
		ms_buf_byte(file, '\n');
	}
}

static unsigned
count_batches(
    struct ms_mailbox *mailbox, const size_t *sizes, size_t bytes, size_t max)
{
	struct ms_mailbox_item items[64];
	uint64_t sequence;
	unsigned count = 0;
	size_t n;

	while (ms_mailbox_batch(mailbox, bytes, max, &sequence, items, &n) ==
	       MS_OK)
		for (size_t i = 0; i < n; i++) {
			char subject[32];

			snprintf(
			    subject, sizeof(subject), "Subject: %u\n\n", count);
			assert_true(ms_slice_starts(items[i].raw, subject));
			assert_int_equal(items[i].raw.n, sizes[count]);
			assert_int_equal(items[i].index, count);
			count++;
			ms_mailbox_item_done(mailbox, &items[i]);
		}
	return count;
}

static void
splits_large_mailboxes(void **state)
{
	enum { MESSAGES = 400 };
	static const struct {
		size_t bytes, max;
	} ways[] = { { 1, 1 }, { 1, 64 }, { 1000000, 64 }, { 300000, 3 } };
	size_t sizes[MESSAGES];
	struct place place;
	struct ms_buf file;
	const char *path;

	(void)state;
	open_place(&place);
	ms_buf_init(&file, place.arena);
	make_large(&file, MESSAGES, sizes);
	path = put_file(&place, "large", ms_buf_get(&file));
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct ms_mailbox *mailbox =
		    ms_mailbox_open(&path, 1, NULL, NULL);

		assert_int_equal(
		    count_batches(mailbox, sizes, ways[i].bytes, ways[i].max),
		    MESSAGES);
		ms_mailbox_close(mailbox);
	}
	close_place(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_files),
		cmocka_unit_test(says_what_it_cannot_open),
		cmocka_unit_test(walks_folders),
		cmocka_unit_test(stops_in_deep_folders),
		cmocka_unit_test(splits_large_mailboxes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
