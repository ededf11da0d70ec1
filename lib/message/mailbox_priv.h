/* SPDX-License-Identifier: ISC
 * mailbox_priv.h - the pieces that mailbox.c puts together
 */
#ifndef MAILSONDE_MESSAGE_MAILBOX_PRIV_H
#define MAILSONDE_MESSAGE_MAILBOX_PRIV_H

#include <sys/types.h>

#include "mailsonde/mailbox.h"

/* ---- mbox.c ---- */

/* Offset of the next "From " line at or behind `from` that begins a message:
 * at the start of the text or behind an empty line. s.n when there is none. */
size_t mbox_find_separator(struct ms_slice s, size_t from);

/* Whether the text begins with a "From " line as MTAs and mail programs write
 * it: a sender or "-", then something like a date. */
bool mbox_is_separator(struct ms_slice s);

/* The kind by the first piece of the file. */
enum ms_mailbox_format mbox_kind(struct ms_slice head, bool whole);

/* mboxcl2: where the message that begins with its separator line at 0 ends by
 * its Content-Length; 0 when that leads to no separator and not to the end.
 * *need is set to the bytes that must be there to tell. */
size_t mbox_content_length_end(struct ms_slice s, bool whole, size_t *need);

/* Cuts off the separator line (into *from_line) and the empty line that
 * belongs to the mailbox. */
struct ms_slice mbox_strip(struct ms_slice message, struct ms_slice *from_line);

/* Takes one '>' from each line ">From ", ">>From " … in place; returns the new
 * length. */
size_t mbox_unquote(unsigned char *p, size_t n);

/* ---- emlx.c ---- */

/* The length in the first line; false when it is none. *start is where the
 * message begins. */
bool emlx_length(struct ms_slice s, int64_t *length, size_t *start);

/* ---- recognise.c ---- */

/* A word or two for what is no message: "a PDF document". */
const char *recognise_other(struct ms_slice head);

/* ---- folder.c ---- */

/* Files below a folder, in a stable order. */
struct folder;
struct folder *folder_open(struct ms_arena *arena, const char *path,
    const struct ms_limits *limits, struct ms_diag *diag);
/* The next file; NULL at the end. *maildir tells what its folder is. A folder
 * that cannot be read is given with *diag filled. */
const char *folder_next(
    struct folder *folder, bool *maildir, struct ms_diag *diag);
void folder_close(struct folder *folder);

#endif
