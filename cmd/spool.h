/* SPDX-License-Identifier: ISC
 * spool.h - what is written later: in memory while it is little, else in a
 * file that nobody else sees
 */
#ifndef MAILSONDE_CMD_SPOOL_H
#define MAILSONDE_CMD_SPOOL_H

#include "sink.h"

struct spool;

struct spool *spool_new(struct ms_arena *arena);

/* False when it cannot be kept: one line on standard error has been written,
 * and nothing more is taken. */
bool spool_add(struct spool *spool, struct ms_slice bytes);
bool spool_good(const struct spool *spool);

/* All of it, in its order. */
void spool_write(struct spool *spool, struct sink *sink);

void spool_close(struct spool *spool);

#endif
