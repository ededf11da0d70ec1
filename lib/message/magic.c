/* SPDX-License-Identifier: ISC
 * magic.c - type by content; libmagic's one door
 *
 * Opened with dlopen when first asked, and done without where it is missing.
 */
#include "mailsonde/magic.h"
#include "mailsonde/library.h"

#include <magic.h>

#define HEAD_MAX ((size_t)64 * 1024)

typedef magic_t (*open_function)(int);
typedef int (*load_function)(magic_t, const char *);
typedef const char *(*buffer_function)(magic_t, const void *, size_t);
typedef void (*close_function)(magic_t);

struct ms_magic {
	bool tried;
	magic_t cookie;
	buffer_function buffer;
	close_function close;
};

struct ms_magic *
ms_magic_new(struct ms_arena *arena)
{
	return MS_NEW(arena, struct ms_magic);
}

static void
load(struct ms_magic *magic)
{
	open_function open = NULL;
	load_function load_database = NULL;
	const struct ms_library_function functions[] = {
		{ "magic_open", &open },
		{ "magic_load", &load_database },
		{ "magic_buffer", &magic->buffer },
		{ "magic_close", &magic->close },
		{ NULL, NULL },
	};

	magic->tried = true;
	if (!ms_library_open("libmagic.so.1", functions))
		return;
	magic->cookie = open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS |
			     MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF);
	if (magic->cookie && load_database(magic->cookie, NULL) != 0) {
		magic->close(magic->cookie);
		magic->cookie = NULL;
	}
}

const char *
ms_magic_type(
    struct ms_magic *magic, struct ms_arena *arena, struct ms_slice head)
{
	const char *type;

	if (head.n == 0)
		return NULL;
	if (!magic->tried)
		load(magic);
	if (!magic->cookie)
		return NULL;
	type = magic->buffer(
	    magic->cookie, head.p, head.n < HEAD_MAX ? head.n : HEAD_MAX);
	if (!type || strcmp(type, "application/octet-stream") == 0)
		return NULL;
	return ms_arena_string(arena, ms_slice_from(type));
}

void
ms_magic_close(struct ms_magic *magic)
{
	if (magic->cookie)
		magic->close(magic->cookie);
	magic->cookie = NULL;
}
