/* SPDX-License-Identifier: ISC
 * gzip.c - gzip that comes in, by zlib, whose door it is
 */
#include <zlib.h>

#include "mailsonde/gzip.h"

#define PIECE (64 * 1024)

bool
ms_is_gzip(struct ms_slice bytes)
{
	return bytes.n > 2 && bytes.p[0] == 0x1f && bytes.p[1] == 0x8b;
}

/* What may stand behind a member: another one. Anything else is padding. */
static bool
more_follows(const z_stream *z)
{
	return ms_is_gzip(ms_slice_make(z->next_in, z->avail_in));
}

/* To the end of all members. */
static enum ms_status
inflate_all(z_stream *z, size_t max, struct ms_buf *out)
{
	size_t from = out->n;

	for (;;) {
		int result;

		z->next_out = ms_buf_room(out, PIECE);
		z->avail_out = PIECE;
		result = inflate(z, Z_NO_FLUSH);
		out->n += PIECE - z->avail_out;
		if (out->n - from > max)
			return MS_LIMIT;
		if (result == Z_STREAM_END) {
			if (!more_follows(z))
				return MS_OK;
			if (inflateReset(z) != Z_OK)
				return MS_FORMAT;
		} else if (result != Z_OK ||
			   (z->avail_in == 0 && z->avail_out > 0)) {
			return MS_FORMAT;
		}
	}
}

static enum ms_status
unpack(struct ms_slice bytes, int window, size_t max, struct ms_buf *out)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)bytes.p,
		.avail_in = (unsigned)bytes.n };
	enum ms_status status;

	if (bytes.n > UINT32_MAX / 2)
		return MS_LIMIT;
	if (inflateInit2(&z, window) != Z_OK)
		return MS_LIMIT;
	status = inflate_all(&z, max, out);
	inflateEnd(&z);
	return status;
}

enum ms_status
ms_gunzip(struct ms_slice bytes, size_t max, struct ms_buf *out)
{
	return unpack(bytes, 16 + MAX_WBITS, max, out);
}

enum ms_status
ms_inflate(struct ms_slice bytes, size_t max, struct ms_buf *out)
{
	return unpack(bytes, -MAX_WBITS, max, out);
}

uint32_t
ms_crc32(struct ms_slice bytes)
{
	return (uint32_t)crc32_z(0, bytes.p, bytes.n);
}
