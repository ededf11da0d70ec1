/* SPDX-License-Identifier: ISC
 * mailbox.h - where messages come from: a file, a pipe, an mbox, a folder
 */
#ifndef MAILSONDE_MAILBOX_H
#define MAILSONDE_MAILBOX_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/limits.h"
#include "mailsonde/outlook.h"
#include "mailsonde/status.h"

enum ms_mailbox_format {
	MS_FORMAT_EML,     /* one message */
	MS_FORMAT_HEADERS, /* a header block alone */
	MS_FORMAT_MBOXO,
	MS_FORMAT_MBOXRD,
	MS_FORMAT_MBOXCL2, /* Content-Length rules, no >From */
	MS_FORMAT_MAILDIR, /* one file of it */
	MS_FORMAT_FOLDER,  /* one file of a plain folder */
	MS_FORMAT_EMLX,
	MS_FORMAT_MSG,  /* Outlook, for ms_outlook_read; or another OLE file */
	MS_FORMAT_TNEF, /* winmail.dat, for ms_outlook_read */
	MS_FORMAT_EMPTY,
	MS_FORMAT_UNKNOWN, /* no message: binary or other data */
};
const char *ms_mailbox_format_name(enum ms_mailbox_format format);

/* One message as it came. `raw` is unquoted (">From ") as its kind demands
 * and lives until ms_mailbox_item_done. */
struct ms_mailbox_item {
	struct ms_slice raw;
	struct ms_slice from_line; /* the mbox separator line; NULL */
	const char *path;          /* "-" for standard input */
	size_t index;              /* within the file, from 0 */
	uint64_t offset;           /* of the message in the file */
	uint64_t separator_offset; /* mbox: of its "From " line */
	enum ms_mailbox_format format;
	const struct ms_outlook *outlook; /* where the caller read it: what
					     was made of `raw`; NULL */
	bool single;                      /* the file holds one message only */
	bool truncated;                   /* cut at the message_size limit */
	bool mapped;           /* the file itself: see ms_mailbox_map */
	int64_t emlx_length;   /* stated length, -1 when none */
	bool emlx_trailer;     /* a property list followed */
	enum ms_status status; /* MS_OK; else nothing was read: MS_IO,
				  MS_FORMAT (no message), MS_UNSUPPORTED */
	struct ms_diag diag;   /* why */
	void *buffer;          /* private */
};

/* The message itself: `raw`, or what was made of it. */
static inline struct ms_slice
ms_mailbox_message(const struct ms_mailbox_item *item)
{
	return item->outlook ? item->outlook->raw : item->raw;
}

struct ms_mailbox;

/* Opens files, folders and "-" (file descriptor 0), in the order given, for
 * reading one after another. Opens nothing yet: what cannot be opened comes as
 * an item with its status. `paths` must outlive the mailbox. */
struct ms_mailbox *ms_mailbox_open(const char *const *paths, size_t n,
    const struct ms_limits *limits, void (*oom)(void));
void ms_mailbox_close(struct ms_mailbox *mailbox);

/* Lets large files of one message be mapped: neither read nor in memory of
 * our own. For callers that outlive SIGBUS, which the system sends when such a
 * file is cut short. */
void ms_mailbox_map(struct ms_mailbox *mailbox);

/* Hands out files that are no message as well, as they are: with MS_OK and the
 * format MS_FORMAT_UNKNOWN. */
void ms_mailbox_any(struct ms_mailbox *mailbox);

/* Bytes of a mapped item that have been gone through: they need not stay in
 * memory. They can still be read. */
void ms_mailbox_passed(struct ms_slice bytes);

/* The next message: MS_OK or MS_END. Safe to call from several threads; items
 * carry `sequence` numbers from 0 without gaps in the order of the input. */
enum ms_status ms_mailbox_next(struct ms_mailbox *mailbox, uint64_t *sequence,
    struct ms_mailbox_item *out) MS_MUST_CHECK;

/* Several at once, for bulk work: fills up to `max` items, all of the same
 * buffer, of about `bytes` bytes together (one message may be larger).
 * *sequence is that of the batch. MS_OK (n >= 1) or MS_END. */
enum ms_status ms_mailbox_batch(struct ms_mailbox *mailbox, size_t bytes,
    size_t max, uint64_t *sequence, struct ms_mailbox_item *items,
    size_t *n) MS_MUST_CHECK;

/* A message of what an Outlook file holds: where the item is of MS_FORMAT_MSG
 * or MS_FORMAT_TNEF its `outlook` is set, or its status, where it holds no
 * message. Nothing happens to others. Not done by the mailbox itself, as it
 * takes time and memory: `arena` owns it. */
void ms_mailbox_unpack(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, struct ms_mailbox_item *item);

/* Gives the item's bytes back. */
void ms_mailbox_item_done(
    struct ms_mailbox *mailbox, struct ms_mailbox_item *item);

/* Bytes of input handed out so far, and in all (0 when not known), for a
 * progress line. */
void ms_mailbox_progress(
    struct ms_mailbox *mailbox, uint64_t *done, uint64_t *total);

/* What the first bytes of a file say that it is. `whole`: they are all of
 * it. */
enum ms_mailbox_format ms_mailbox_recognise(struct ms_slice head, bool whole);

#endif
