/* SPDX-License-Identifier: ISC
 * magic.h - type by content, by libmagic, when somebody asks
 */
#ifndef MAILSONDE_MAGIC_H
#define MAILSONDE_MAGIC_H

#include "mailsonde/arena.h"

/* Nothing is loaded before the first question: the library and its database
 * cost 5 ms. One per thread. */
struct ms_magic;
struct ms_magic *ms_magic_new(struct ms_arena *arena);
void ms_magic_close(struct ms_magic *magic);

/* The media type of the content that begins with `head` (its first 64 KiB are
 * looked at), in the arena; NULL when libmagic is not there or does not know.
 */
const char *ms_magic_type(
    struct ms_magic *magic, struct ms_arena *arena, struct ms_slice head);

#endif
