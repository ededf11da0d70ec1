/* SPDX-License-Identifier: ISC
 * mailbox.c - messages from files, pipes, mailboxes and folders
 *
 * Files are read; only a large one of one message may be mapped, where the
 * caller is ready for SIGBUS. Whole messages are handed out in buffers; what
 * is left of a message moves to the next buffer. So memory is bounded by the
 * largest message and by the batches at work, not by the mailbox.
 */
#include "mailsonde/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailbox_priv.h"

#define BLOCK     (256 * 1024) /* read at once */
#define HEAD_MIN  (64 * 1024)  /* wanted before a file is recognised */
#define HUGE_FROM ((size_t)4 * 1024 * 1024)
#define MAP_FROM  (4 * 1024 * 1024)

/* Bytes of one batch. Shared by its items. */
struct buffer {
	struct buffer *next; /* in the free list */
	unsigned char *p;
	size_t n, cap;
	size_t mapped; /* bytes of a file at `p`; 0: memory of our own */
	atomic_uint items;
};

struct ms_mailbox {
	const char *const *paths;
	size_t paths_n, next_path;
	struct ms_limits limits;
	void (*oom)(void);
	bool map;
	bool any; /* files that are no message too */
	pthread_mutex_t lock;
	uint64_t sequence;
	atomic_ullong done;
	uint64_t total;
	struct ms_arena *arena; /* of paths in folders */
	struct folder *folder;  /* under way; NULL */
	bool folder_empty;      /* nothing has come out of it yet */
	const char *folder_path;
	struct buffer *spare;
	size_t spare_n;

	/* the file under way */
	int fd; /* -1 when none */
	const char *path;
	bool in_maildir, in_folder;
	enum ms_mailbox_format format;
	bool eof;
	int error;            /* errno of a failed read; 0 */
	uint64_t offset;      /* of carry's first byte in the file */
	size_t index;         /* of the next message */
	bool skipping;        /* the rest of one that was too large */
	struct buffer *carry; /* read and not yet handed out; NULL */
};

/* ---- buffers ---- */

static void *
must(struct ms_mailbox *mailbox, void *p)
{
	if (!p) {
		if (mailbox->oom)
			mailbox->oom();
		abort();
	}
	return p;
}

static struct buffer *
get_buffer(struct ms_mailbox *mailbox)
{
	struct buffer *buffer = mailbox->spare;

	if (buffer) {
		mailbox->spare = buffer->next;
		mailbox->spare_n--;
	} else {
		buffer = must(mailbox, calloc(1, sizeof(*buffer)));
	}
	buffer->n = 0;
	buffer->next = NULL;
	return buffer;
}

/* Under the lock. Large ones are not kept: they held a large message. */
static void
put_buffer(struct ms_mailbox *mailbox, struct buffer *buffer)
{
	if (buffer->mapped)
		munmap(buffer->p, buffer->mapped);
	if (buffer->mapped || mailbox->spare_n >= 8 ||
	    buffer->cap > 16 * BLOCK) {
		if (!buffer->mapped)
			free(buffer->p);
		free(buffer);
		return;
	}
	buffer->next = mailbox->spare;
	mailbox->spare = buffer;
	mailbox->spare_n++;
}

/* Half of reading a large message is the faults of fresh pages; larger pages
 * are fewer. Only a hint: what comes of it does not matter. */
static void
ask_huge_pages(const struct buffer *buffer)
{
#ifdef MADV_HUGEPAGE
	/* All the pages there are, in part ours or not: of a mapping in two
	 * pieces realloc would make a copy. */
	size_t before = (uintptr_t)buffer->p & 4095;
	size_t n = (before + buffer->cap + 4095) & ~(size_t)4095;

	(void)madvise(buffer->p - before, n, MADV_HUGEPAGE);
#endif
}

static void
reserve(struct ms_mailbox *mailbox, struct buffer *buffer, size_t n)
{
	size_t cap = buffer->cap ? buffer->cap : 2 * BLOCK;

	while (cap < n)
		cap += cap / 2;
	if (cap == buffer->cap)
		return;
	buffer->p = must(mailbox, realloc(buffer->p, cap));
	buffer->cap = cap;
	if (cap >= HUGE_FROM)
		ask_huge_pages(buffer);
}

/* Reads until the buffer holds `want` bytes, or to the end. */
static void
fill(struct ms_mailbox *mailbox, struct buffer *buffer, size_t want)
{
	while (buffer->n < want && !mailbox->eof) {
		size_t room =
		    want - buffer->n > BLOCK ? want - buffer->n : BLOCK;
		ssize_t n;

		reserve(mailbox, buffer, buffer->n + room);
		n = read(mailbox->fd, buffer->p + buffer->n, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			mailbox->eof = true;
			mailbox->error = n < 0 ? errno : 0;
			return;
		}
		buffer->n += (size_t)n;
		atomic_fetch_add(&mailbox->done, (unsigned long long)n);
	}
}

/* A large file in place of what was read of it: neither copied nor a page of
 * memory of its own. */
static void
map_file(struct ms_mailbox *mailbox, struct buffer *buffer)
{
	off_t end = (off_t)mailbox->limits.message_size + 1;
	struct stat st;
	void *p;

	if (!mailbox->map || fstat(mailbox->fd, &st) != 0 ||
	    !S_ISREG(st.st_mode) || st.st_size < MAP_FROM ||
	    lseek(mailbox->fd, 0, SEEK_CUR) != (off_t)buffer->n)
		return;
	if (st.st_size < end)
		end = st.st_size;
	p = mmap(NULL, (size_t)end, PROT_READ, MAP_PRIVATE, mailbox->fd, 0);
	if (p == MAP_FAILED)
		return;
	free(buffer->p);
	buffer->p = p;
	buffer->n = buffer->cap = buffer->mapped = (size_t)end;
	mailbox->eof = true;
	atomic_store(&mailbox->done, (unsigned long long)end);
}

/* ---- opening ---- */

struct ms_mailbox *
ms_mailbox_open(const char *const *paths, size_t n,
    const struct ms_limits *limits, void (*oom)(void))
{
	struct ms_mailbox *mailbox = calloc(1, sizeof(*mailbox));
	struct stat st;

	if (!mailbox) {
		if (oom)
			oom();
		abort();
	}
	mailbox->paths = paths;
	mailbox->paths_n = n;
	mailbox->limits = ms_limits_fill(limits);
	mailbox->oom = oom;
	mailbox->fd = -1;
	mailbox->arena = ms_arena_new(oom);
	pthread_mutex_init(&mailbox->lock, NULL);
	for (size_t i = 0; i < n; i++)
		if (stat(paths[i], &st) == 0 && S_ISREG(st.st_mode))
			mailbox->total += (uint64_t)st.st_size;
	return mailbox;
}

void
ms_mailbox_map(struct ms_mailbox *mailbox)
{
	mailbox->map = true;
}

void
ms_mailbox_any(struct ms_mailbox *mailbox)
{
	mailbox->any = true;
}

static void
close_file(struct ms_mailbox *mailbox)
{
	if (mailbox->fd > 0)
		close(mailbox->fd);
	mailbox->fd = -1;
	if (mailbox->carry)
		put_buffer(mailbox, mailbox->carry);
	mailbox->carry = NULL;
}

void
ms_mailbox_close(struct ms_mailbox *mailbox)
{
	struct buffer *next;

	close_file(mailbox);
	if (mailbox->folder)
		folder_close(mailbox->folder);
	for (struct buffer *b = mailbox->spare; b; b = next) {
		next = b->next;
		free(b->p);
		free(b);
	}
	ms_arena_free(mailbox->arena);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}

void
ms_mailbox_progress(struct ms_mailbox *mailbox, uint64_t *done, uint64_t *total)
{
	*done = atomic_load(&mailbox->done);
	*total = mailbox->total;
}

static struct ms_mailbox_item
new_item(const struct ms_mailbox *mailbox)
{
	struct ms_mailbox_item item = { .path = mailbox->path,
		.index = mailbox->index,
		.emlx_length = -1,
		.format = mailbox->format };

	return item;
}

static void
fail_item(struct ms_mailbox_item *item, enum ms_status status,
    const char *format, const char *what)
{
	item->status = status;
	if (what)
		snprintf(item->diag.text, sizeof(item->diag.text), "%s%s",
		    format, what);
	else
		snprintf(
		    item->diag.text, sizeof(item->diag.text), "%s", format);
	item->single = true;
}

/* Makes `path` the file under way. False: *item tells why not. */
static bool
open_file(
    struct ms_mailbox *mailbox, const char *path, struct ms_mailbox_item *item)
{
	mailbox->path = path;
	mailbox->index = 0;
	mailbox->offset = 0;
	mailbox->eof = false;
	mailbox->error = 0;
	mailbox->skipping = false;
	mailbox->format = MS_FORMAT_UNKNOWN;
	mailbox->fd = strcmp(path, "-") == 0
			  ? STDIN_FILENO
			  : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (mailbox->fd >= 0)
		return true;
	*item = new_item(mailbox);
	fail_item(item, MS_IO, "cannot open: ", strerror(errno));
	return false;
}

static bool
open_folder(
    struct ms_mailbox *mailbox, const char *path, struct ms_mailbox_item *item)
{
	struct ms_diag diag = { "" };

	mailbox->folder =
	    folder_open(mailbox->arena, path, &mailbox->limits, &diag);
	mailbox->folder_path = path;
	mailbox->folder_empty = true;
	if (mailbox->folder)
		return true;
	mailbox->path = path;
	mailbox->index = 0;
	*item = new_item(mailbox);
	fail_item(item, MS_IO, "cannot open: ", diag.text);
	return false;
}

enum opened { OPENED, FAILED, NOTHING };

/* The next file of the folder under way. */
static enum opened
next_in_folder(struct ms_mailbox *mailbox, struct ms_mailbox_item *item)
{
	struct ms_diag diag = { "" };
	bool maildir = false;
	const char *path = folder_next(mailbox->folder, &maildir, &diag);

	if (!path) {
		bool empty = mailbox->folder_empty;

		folder_close(mailbox->folder);
		mailbox->folder = NULL;
		if (!empty)
			return NOTHING;
		mailbox->path = mailbox->folder_path;
		mailbox->index = 0;
		*item = new_item(mailbox);
		fail_item(item, MS_FORMAT, "no message in this folder", NULL);
		return FAILED;
	}
	mailbox->folder_empty = false;
	mailbox->in_maildir = maildir;
	mailbox->in_folder = true;
	if (diag.text[0]) {
		mailbox->path = path;
		mailbox->index = 0;
		*item = new_item(mailbox);
		fail_item(item, MS_IO, "cannot open: ", diag.text);
		return FAILED;
	}
	return open_file(mailbox, path, item) ? OPENED : FAILED;
}

/* OPENED: a file is under way. FAILED: *item is to be handed out. NOTHING: the
 * end of it all. */
static enum opened
next_file(struct ms_mailbox *mailbox, struct ms_mailbox_item *item)
{
	struct stat st;

	for (;;) {
		const char *path;

		if (mailbox->folder) {
			enum opened got = next_in_folder(mailbox, item);

			if (got != NOTHING)
				return got;
		}
		if (mailbox->next_path >= mailbox->paths_n)
			return NOTHING;
		path = mailbox->paths[mailbox->next_path++];
		mailbox->in_folder = mailbox->in_maildir = false;
		if (strcmp(path, "-") == 0 || stat(path, &st) != 0 ||
		    !S_ISDIR(st.st_mode))
			return open_file(mailbox, path, item) ? OPENED : FAILED;
		if (!open_folder(mailbox, path, item))
			return FAILED;
	}
}

/* ---- files of one message ---- */

static void
cut(const struct ms_mailbox *mailbox, struct ms_mailbox_item *item)
{
	if (item->raw.n <= mailbox->limits.message_size)
		return;
	item->raw.n = mailbox->limits.message_size;
	item->truncated = true;
}

static void
take_emlx(struct ms_mailbox_item *item)
{
	size_t start;
	int64_t length;
	struct ms_slice rest;

	if (!emlx_length(item->raw, &length, &start))
		return;
	rest = ms_slice_part(item->raw, start, item->raw.n);
	item->emlx_length = length;
	item->offset += start;
	item->raw = rest;
	if ((uint64_t)length < rest.n)
		item->raw.n = (size_t)length;
	item->emlx_trailer =
	    ms_slice_find_text(rest, item->raw.n, "<plist") < rest.n;
}

static void
take_single(const struct ms_mailbox *mailbox, struct buffer *buffer,
    struct ms_mailbox_item *item)
{
	item->raw = ms_slice_make(buffer->p, buffer->n);
	item->single = true;
	cut(mailbox, item);
	if (item->raw.n > 3 && memcmp(item->raw.p, "\xef\xbb\xbf", 3) == 0) {
		item->raw = ms_slice_part(item->raw, 3, item->raw.n);
		item->offset += 3;
	}
	if (mailbox->format == MS_FORMAT_EMLX)
		take_emlx(item);
	if (mailbox->format == MS_FORMAT_EML && mailbox->in_folder)
		item->format =
		    mailbox->in_maildir ? MS_FORMAT_MAILDIR : MS_FORMAT_FOLDER;
}

static void
refuse(const struct ms_mailbox *mailbox, const struct buffer *buffer,
    struct ms_mailbox_item *item)
{
	struct ms_slice head = ms_slice_make(buffer->p, buffer->n);

	if (mailbox->error)
		fail_item(
		    item, MS_IO, "cannot read: ", strerror(mailbox->error));
	else if (mailbox->format == MS_FORMAT_EMPTY)
		fail_item(item, MS_FORMAT, "is empty", NULL);
	else
		fail_item(item, MS_FORMAT,
		    "no e-mail message: ", recognise_other(head));
}

static bool
readable(const struct ms_mailbox *mailbox)
{
	enum ms_mailbox_format format = mailbox->format;

	if (mailbox->any && format == MS_FORMAT_UNKNOWN)
		return true;
	return format != MS_FORMAT_EMPTY && format != MS_FORMAT_UNKNOWN;
}

static bool
is_mbox(enum ms_mailbox_format format)
{
	return format == MS_FORMAT_MBOXO || format == MS_FORMAT_MBOXRD ||
	       format == MS_FORMAT_MBOXCL2;
}

/* ---- mailboxes ---- */

/* Where the message that begins with its separator at `at` ends; 0 when more
 * must be read to tell. *from is where the search goes on then. */
static size_t
message_end(const struct ms_mailbox *mailbox, struct ms_slice s, size_t at,
    size_t *from)
{
	struct ms_slice rest = ms_slice_part(s, at, s.n);
	size_t end, need = 0;

	if (mailbox->format == MS_FORMAT_MBOXCL2) {
		end = mbox_content_length_end(rest, mailbox->eof, &need);
		if (end > 0)
			return at + end;
		if (need > rest.n && !mailbox->eof &&
		    need <= mailbox->limits.message_size)
			return 0;
	}
	if (*from < at + 5)
		*from = at + 5;
	end = mbox_find_separator(s, *from);
	if (end < s.n || mailbox->eof)
		return end;
	*from = s.n > 8 ? s.n - 8 : 0;
	return 0;
}

static void
add_message(struct ms_mailbox *mailbox, struct buffer *buffer, size_t at,
    size_t end, struct ms_mailbox_item *item)
{
	struct ms_slice whole = ms_slice_make(buffer->p + at, end - at);

	*item = new_item(mailbox);
	item->separator_offset = mailbox->offset + at;
	item->raw = mbox_strip(whole, &item->from_line);
	item->offset =
	    item->separator_offset + (uint64_t)(item->raw.p - whole.p);
	cut(mailbox, item);
	mailbox->index++;
}

/* What is left of a message that was cut goes, up to the next separator. */
static size_t
skip_rest(struct ms_mailbox *mailbox, struct buffer *buffer)
{
	struct ms_slice s = ms_slice_make(buffer->p, buffer->n);
	size_t at = mbox_find_separator(s, 1);

	if (at < s.n || mailbox->eof) {
		mailbox->skipping = false;
		return at;
	}
	return s.n > 8 ? s.n - 8 : 0;
}

/* Keeps what stands behind `at` for the next batch. */
static void
keep_rest(struct ms_mailbox *mailbox, struct buffer *buffer, size_t at)
{
	struct buffer *carry;

	mailbox->offset += at;
	if (at >= buffer->n)
		return;
	carry = get_buffer(mailbox);
	reserve(mailbox, carry, buffer->n - at);
	memcpy(carry->p, buffer->p + at, buffer->n - at);
	carry->n = buffer->n - at;
	mailbox->carry = carry;
}

/* A mailbox of one: a message saved with its "From " line. All behind that
 * line is its own. */
static void
take_only(const struct ms_mailbox *mailbox, struct ms_mailbox_item *item,
    const struct buffer *buffer)
{
	item->single = true;
	if (!item->truncated)
		item->raw.n = (size_t)(buffer->p + buffer->n - item->raw.p);
	cut(mailbox, item);
}

/* What to read up to for a message at `at` that does not end yet: half as
 * much again, and not much more than it may have. */
static size_t
grown(const struct ms_mailbox *mailbox, const struct buffer *buffer, size_t at)
{
	size_t most = at + mailbox->limits.message_size + BLOCK;
	size_t want = buffer->n + buffer->n / 2 + BLOCK;

	return want < most ? want : most;
}

/* Messages of one buffer. A first message that does not end in it makes it
 * grow, up to the limit. */
static size_t
split(struct ms_mailbox *mailbox, struct buffer *buffer,
    struct ms_mailbox_item *items, size_t max)
{
	size_t at = 0, n = 0, from = 0;

	if (mailbox->skipping)
		at = skip_rest(mailbox, buffer);
	while (n < max && at < buffer->n && !mailbox->skipping) {
		struct ms_slice s = ms_slice_make(buffer->p, buffer->n);
		size_t end = message_end(mailbox, s, at, &from);

		if (end == 0 && n > 0)
			break;
		if (end == 0 &&
		    buffer->n - at <= mailbox->limits.message_size) {
			fill(mailbox, buffer, grown(mailbox, buffer, at));
			continue;
		}
		if (end == 0) {
			end = buffer->n - 8;
			mailbox->skipping = true;
		}
		add_message(mailbox, buffer, at, end, &items[n]);
		items[n++].truncated |= mailbox->skipping;
		at = end;
		from = at;
	}
	if (n == 1 && mailbox->index == 1 && mailbox->eof && at >= buffer->n)
		take_only(mailbox, &items[0], buffer);
	keep_rest(mailbox, buffer, at);
	return n;
}

/* ---- batches ---- */

/* A file has been opened: its first bytes say what it is. */
static void
recognise(struct ms_mailbox *mailbox, struct buffer *buffer)
{
	fill(mailbox, buffer, HEAD_MIN);
	mailbox->format =
	    mailbox->error && buffer->n == 0
		? MS_FORMAT_EMPTY
		: ms_mailbox_recognise(
		      ms_slice_make(buffer->p, buffer->n), mailbox->eof);
}

static size_t
whole_file(struct ms_mailbox *mailbox, struct buffer *buffer,
    struct ms_mailbox_item *items)
{
	if (readable(mailbox)) {
		map_file(mailbox, buffer);
		fill(mailbox, buffer, mailbox->limits.message_size + 1);
	}
	/* More may have come than the head: a header may have a body. */
	if (mailbox->format == MS_FORMAT_HEADERS && buffer->n > HEAD_MIN)
		mailbox->format = ms_mailbox_recognise(
		    ms_slice_make(buffer->p, buffer->n), true);
	items[0] = new_item(mailbox);
	items[0].mapped = buffer->mapped > 0;
	if (readable(mailbox) && !mailbox->error)
		take_single(mailbox, buffer, &items[0]);
	else
		refuse(mailbox, buffer, &items[0]);
	close_file(mailbox);
	return 1;
}

/* One batch under the lock: 0 when there is nothing more. */
static size_t
take_batch(struct ms_mailbox *mailbox, struct buffer *buffer, size_t bytes,
    size_t max, struct ms_mailbox_item *items)
{
	for (;;) {
		size_t n;

		if (mailbox->fd < 0) {
			enum opened got = next_file(mailbox, &items[0]);

			if (got != OPENED)
				return got == FAILED;
			recognise(mailbox, buffer);
			if (!is_mbox(mailbox->format))
				return whole_file(mailbox, buffer, items);
		}
		if (mailbox->carry) {
			struct buffer *carry = mailbox->carry;

			mailbox->carry = NULL;
			reserve(mailbox, buffer, carry->n);
			memcpy(buffer->p, carry->p, carry->n);
			buffer->n = carry->n;
			put_buffer(mailbox, carry);
		}
		fill(mailbox, buffer, bytes);
		n = split(mailbox, buffer, items, max);
		if (mailbox->eof && !mailbox->carry) {
			if (mailbox->error && n > 0)
				items[n - 1].truncated = true;
			close_file(mailbox);
		}
		if (n > 0)
			return n;
		buffer->n = 0;
	}
}

static void
unquote(struct ms_mailbox_item *item)
{
	/* The buffer is ours and nobody else has seen it yet. */
	union {
		const unsigned char *in;
		unsigned char *out;
	} p = { item->raw.p };

	if (item->format == MS_FORMAT_MBOXO || item->format == MS_FORMAT_MBOXRD)
		item->raw.n = mbox_unquote(p.out, item->raw.n);
}

enum ms_status
ms_mailbox_batch(struct ms_mailbox *mailbox, size_t bytes, size_t max,
    uint64_t *sequence, struct ms_mailbox_item *items, size_t *n)
{
	struct buffer *buffer;

	pthread_mutex_lock(&mailbox->lock);
	buffer = get_buffer(mailbox);
	*n = take_batch(mailbox, buffer, bytes, max, items);
	if (*n == 0) {
		put_buffer(mailbox, buffer);
		pthread_mutex_unlock(&mailbox->lock);
		return MS_END;
	}
	*sequence = mailbox->sequence++;
	pthread_mutex_unlock(&mailbox->lock);
	atomic_store(&buffer->items, (unsigned)*n);
	for (size_t i = 0; i < *n; i++) {
		items[i].buffer = buffer;
		unquote(&items[i]);
	}
	return MS_OK;
}

enum ms_status
ms_mailbox_next(
    struct ms_mailbox *mailbox, uint64_t *sequence, struct ms_mailbox_item *out)
{
	size_t n;

	return ms_mailbox_batch(mailbox, 1, 1, sequence, out, &n);
}

void
ms_mailbox_passed(struct ms_slice bytes)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
	uintptr_t from = ((uintptr_t)bytes.p + page) & ~page;
	uintptr_t to = (uintptr_t)(bytes.p + bytes.n) & ~page;

	if (to > from)
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
}

void
ms_mailbox_item_done(struct ms_mailbox *mailbox, struct ms_mailbox_item *item)
{
	struct buffer *buffer = item->buffer;

	item->buffer = NULL;
	if (!buffer || atomic_fetch_sub(&buffer->items, 1) != 1)
		return;
	pthread_mutex_lock(&mailbox->lock);
	put_buffer(mailbox, buffer);
	pthread_mutex_unlock(&mailbox->lock);
}
