/* SPDX-License-Identifier: ISC
 * ledger.h - a file of JSON lines, each of which seals those before it
 *
 * Every line ends in a "hash" member: SHA-256, as 64 hexadecimal digits, over
 * the line before's 64 digits (nothing for the first) and this line's own
 * octets before `,"hash":`. The last line is {"type":"end","lines":N}. So a
 * file that was cut short, or a line that was edited, moved, added or left out,
 * shows. It is no signature: who computes all the hashes anew can write what he
 * likes.
 */
#ifndef MAILSONDE_LEDGER_H
#define MAILSONDE_LEDGER_H

#include "mailsonde/json.h"
#include "mailsonde/status.h"

/* ---- writing ---- */

struct ms_ledger;

/* `write` takes the bytes of the file, in pieces; false: it could not, and is
 * called no more. */
struct ms_ledger *ms_ledger_new(
    bool (*write)(void *context, struct ms_slice bytes), void *context,
    void (*oom)(void));

/* A line of these members, `"type":"dns","name":…`, UTF-8 and without a line
 * end. `key` (p == NULL: none) is what the line is about: a second line with
 * the same key is not written. Thread-safe. */
void ms_ledger_add(
    struct ms_ledger *ledger, struct ms_slice key, struct ms_slice members);

/* Lines so far. */
uint64_t ms_ledger_lines(const struct ms_ledger *ledger);

/* The closing line, and the end of the ledger. False: something could not be
 * written. `complete` false only frees. */
bool ms_ledger_close(struct ms_ledger *ledger, bool complete);

/* A member for the lines: `,"name":"text"`, or `,"name_base64":"…"` where the
 * bytes are no text without NUL; nothing at all when bytes.p is NULL. */
void ms_ledger_put(struct ms_buf *out, const char *name, struct ms_slice bytes);
void ms_ledger_put_int(struct ms_buf *out, const char *name, int64_t number);

/* ---- reading ---- */

struct ms_ledger_reader {
	struct ms_slice rest;
	unsigned line; /* the last that was read, counting from 1 */
	char hash[65];
	bool ended;
};

void ms_ledger_start(struct ms_ledger_reader *reader, struct ms_slice file);

/* The next line, in `arena`. MS_END behind the closing line; MS_FORMAT when
 * the file is not as it was written, with the line's number in the diag. */
enum ms_status ms_ledger_next(struct ms_ledger_reader *reader,
    struct ms_arena *arena, const struct ms_json **out,
    struct ms_diag *diag) MS_MUST_CHECK;

/* What ms_ledger_put has written, copied to `arena`; p == NULL when it is not
 * there. */
struct ms_slice ms_ledger_get(
    struct ms_arena *arena, const struct ms_json *line, const char *name);

#endif
