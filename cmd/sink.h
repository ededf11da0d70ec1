/* SPDX-License-Identifier: ISC
 * sink.h - a file written whole or not at all
 */
#ifndef MAILSONDE_CMD_SINK_H
#define MAILSONDE_CMD_SINK_H

#include "mailsonde/arena.h"

struct sink {
	const char *path; /* NULL: standard output */
	int fd;
	char *temporary; /* renamed to `path` at the end; NULL: in place */
	int error;       /* errno of the first failed write; 0 */
};

/* A temporary file beside `path`, or `path` itself where that is a device or a
 * pipe; NULL is standard output. At most SINKS_MAX at once. False: one line on
 * standard error has been written. */
#define SINKS_MAX 4
bool sink_open(struct sink *sink, struct ms_arena *arena, const char *path);

/* False when writing has failed, now or before. */
bool sink_write(struct sink *sink, struct ms_slice bytes);

/* Puts the file in its place; `keep` false throws it away. 0, or EXIT_WRITE
 * after one line on standard error, which a closed pipe is not worth. */
int sink_close(struct sink *sink, bool keep);

/* Takes away what is unfinished, where the program ends at once. */
void sinks_abandon(void);

#endif
