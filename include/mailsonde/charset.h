/* SPDX-License-Identifier: ISC
 * charset.h - bytes under a charset label to UTF-8
 */
#ifndef MAILSONDE_CHARSET_H
#define MAILSONDE_CHARSET_H

#include <stdbool.h>

#include "mailsonde/arena.h"

/* Remembers open converters; one per thread. Freed with its close. */
struct ms_charsets;
struct ms_charsets *ms_charsets_new(struct ms_arena *arena);
void ms_charsets_close(struct ms_charsets *charsets);

enum ms_charset_result {
	MS_CHARSET_OK,
	MS_CHARSET_REPLACED, /* some bytes were not of that charset: U+FFFD */
	MS_CHARSET_UNKNOWN,  /* no such charset: taken as UTF-8 where valid,
				else as windows-1252 */
};

/* `label` as it stands in the mail (case, quotes and aliases do not matter;
 * empty means US-ASCII). US-ASCII and ISO-8859-1 labels on valid UTF-8 with
 * bytes >= 0x80 are read as UTF-8, as all mail programs do, and on other
 * bytes as windows-1252: both are MS_CHARSET_REPLACED only for what has no
 * meaning there. *out is valid UTF-8, in the arena or `bytes` itself. */
enum ms_charset_result ms_charset_decode(struct ms_charsets *charsets,
    struct ms_arena *arena, struct ms_slice label, struct ms_slice bytes,
    struct ms_slice *out);

/* Whether the label names a charset that can be read here. */
bool ms_charset_known(struct ms_charsets *charsets, struct ms_slice label);

#endif
