/* SPDX-License-Identifier: ISC
 * output.h - where rendered bytes go: the only writer of results
 */
#ifndef MAILSONDE_CMD_OUTPUT_H
#define MAILSONDE_CMD_OUTPUT_H

#include "options.h"
#include "sink.h"

struct spool;

struct output {
	const struct options *options;
	struct ms_render_options render;
	struct sink sink;
	uint64_t written; /* reports so far */
	struct ms_arena *arena;
	int exit_code;         /* of a format that has its own; -1 */
	bool array;            /* several: the format's `open` was written */
	struct ms_buf pending; /* the first report of a format that makes an
				  array of several: held until a second */
	struct ms_buf name;    /* of the first subject of a page */
	struct spool *lines, *parts; /* of a page; NULL */
};

/* False: one line on standard error has been written. */
bool output_open(
    struct output *out, struct ms_arena *arena, const struct options *options);

/* Some rendered reports, `n` of them, already joined by the format's
 * `between`. False when writing failed (once; then nothing more is said). */
bool output_reports(struct output *out, struct ms_slice bytes, uint64_t n);

/* Bytes as they are: a database. */
bool output_bytes(struct output *out, struct ms_slice bytes);

/* Finishes; `keep` false throws a temporary file away. 0, or EXIT_WRITE when
 * anything could not be written. */
int output_close(struct output *out, bool keep);

/* `code`, or that of a format which has its own. After output_close. */
int output_code(const struct output *out, int code);

/* Whether progress may be shown: standard error is a terminal and the results
 * go elsewhere. */
bool output_progress(const struct options *options);

/* Colour after --color, NO_COLOR and what standard output is. */
bool output_color(const struct options *options);

/* A whole line on standard error, as complain writes it, of any length. */
void remark(struct ms_slice line);
/* The same line, for later. */
void put_remark(struct ms_buf *out, struct ms_slice line);

/* Diagnostics: "mailsonde: …" on standard error, control characters shown.
 * Not with --quiet, unless it is a failure (complain). */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
