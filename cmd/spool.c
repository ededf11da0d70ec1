/* SPDX-License-Identifier: ISC
 * spool.c - what is written later: in memory while it is little, else in a
 * file that nobody else sees
 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "output.h"

#define IN_MEMORY ((size_t)1024 * 1024)
#define BLOCK     ((size_t)64 * 1024)

struct spool {
	struct ms_arena *arena;
	struct ms_buf bytes; /* that are not in the file */
	struct sink file;
	bool opened, failed;
};

struct spool *
spool_new(struct ms_arena *arena)
{
	struct spool *spool = MS_NEW(arena, struct spool);

	spool->arena = arena;
	ms_buf_init(&spool->bytes, arena);
	return spool;
}

bool
spool_good(const struct spool *spool)
{
	return !spool->failed;
}

static bool
fail(struct spool *spool, int error)
{
	complain("a temporary file cannot be written: %s (see TMPDIR)",
	    strerror(error));
	spool->failed = true;
	return false;
}

/* Its name is gone before anything is in it: mail is nobody else's business,
 * and nothing is left behind. */
static bool
open_file(struct spool *spool)
{
	const char *folder = getenv("TMPDIR");
	char *name;

	name = ms_arena_printf(spool->arena, "%s/mailsonde.XXXXXX",
	    folder && *folder ? folder : "/tmp");
	spool->file.fd = mkostemp(name, O_CLOEXEC);
	if (spool->file.fd < 0)
		return fail(spool, errno);
	unlink(name);
	spool->opened = true;
	return true;
}

bool
spool_add(struct spool *spool, struct ms_slice bytes)
{
	if (spool->failed)
		return false;
	ms_buf_slice(&spool->bytes, bytes);
	if (spool->bytes.n < IN_MEMORY)
		return true;
	if (!spool->opened && !open_file(spool))
		return false;
	if (!sink_write(&spool->file, ms_buf_get(&spool->bytes)))
		return fail(spool, spool->file.error);
	spool->bytes.n = 0;
	return true;
}

static void
copy_file(struct spool *spool, struct sink *sink)
{
	unsigned char *block = ms_arena_bytes(spool->arena, BLOCK);
	off_t at = 0;
	ssize_t n;

	do {
		n = pread(spool->file.fd, block, BLOCK, at);
		if (n < 0 && errno != EINTR && !sink->error)
			sink->error = errno;
		at += n > 0 ? n : 0;
	} while ((n < 0 && !sink->error) ||
		 (n > 0 && sink_write(sink, ms_slice_make(block, (size_t)n))));
}

void
spool_write(struct spool *spool, struct sink *sink)
{
	if (spool->opened)
		copy_file(spool, sink);
	sink_write(sink, ms_buf_get(&spool->bytes));
}

void
spool_close(struct spool *spool)
{
	if (spool->opened)
		close(spool->file.fd);
}
