/* SPDX-License-Identifier: ISC
 * zip.c - zip archives that come in, by the directory at their end
 *
 * After PKWARE's APPNOTE.TXT 6.3: stored and deflated members. No zip64, no
 * encryption, no archive in several volumes: no report comes so.
 */
#include "mailsonde/zip.h"

#include "mailsonde/gzip.h"

#define END_SIZE     22 /* APPNOTE 4.3.16, without its comment */
#define ENTRY_SIZE   46 /* 4.3.12 */
#define LOCAL_SIZE   30 /* 4.3.7 */
#define COMMENT_MAX  65535
#define METHOD_STORE 0
#define METHOD_FLATE 8

bool
ms_is_zip(struct ms_slice bytes)
{
	return bytes.n >= 4 && (memcmp(bytes.p, "PK\3\4", 4) == 0 ||
				   memcmp(bytes.p, "PK\5\6", 4) == 0);
}

/* Little-endian; the caller has seen that they are there. */
static unsigned
get16(const unsigned char *p)
{
	return (unsigned)p[0] | (unsigned)p[1] << 8;
}

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

static bool
has(struct ms_slice bytes, size_t at, size_t n, const char *magic)
{
	return at <= bytes.n && bytes.n - at >= n &&
	       memcmp(bytes.p + at, magic, 4) == 0;
}

/* The record at the end, behind which only a comment stands; bytes.n: none. */
static size_t
find_end(struct ms_slice bytes)
{
	size_t lowest = bytes.n > END_SIZE + COMMENT_MAX
			    ? bytes.n - END_SIZE - COMMENT_MAX
			    : 0;

	if (bytes.n < END_SIZE)
		return bytes.n;
	for (size_t at = bytes.n - END_SIZE + 1; at-- > lowest;)
		if (has(bytes, at, END_SIZE, "PK\5\6"))
			return at;
	return bytes.n;
}

/* Where the packed bytes begin its local header tells: its extra field may be
 * another than the directory's. */
static struct ms_slice
data_of(struct ms_slice bytes, size_t local, size_t packed)
{
	size_t at;

	if (!has(bytes, local, LOCAL_SIZE, "PK\3\4"))
		return ms_slice_make(NULL, 0);
	at = local + LOCAL_SIZE + get16(bytes.p + local + 26) +
	     get16(bytes.p + local + 28);
	if (at > bytes.n || bytes.n - at < packed)
		return ms_slice_make(NULL, 0);
	return ms_slice_part(bytes, at, at + packed);
}

/* The directory's entry at *at, which moves behind it. False: it is none. */
static bool
read_entry(
    struct ms_slice bytes, size_t before, size_t *at, struct ms_zip_member *out)
{
	const unsigned char *p = bytes.p + *at;
	size_t name, rest;

	if (!has(bytes, *at, ENTRY_SIZE, "PK\1\2"))
		return false;
	name = get16(p + 28);
	rest = name + get16(p + 30) + get16(p + 32);
	if (bytes.n - *at - ENTRY_SIZE < rest)
		return false;
	out->encrypted = (get16(p + 8) & 1) != 0;
	out->method = get16(p + 10);
	out->crc = get32(p + 16);
	out->size = get32(p + 24);
	out->name = ms_slice_make(p + ENTRY_SIZE, name);
	out->folder = name > 0 && out->name.p[name - 1] == '/';
	out->data =
	    data_of(bytes, before + (size_t)get32(p + 42), get32(p + 20));
	*at += ENTRY_SIZE + rest;
	return true;
}

enum ms_status
ms_zip_read(struct ms_arena *arena, struct ms_slice bytes, size_t max,
    struct ms_zip *out, struct ms_diag *diag)
{
	size_t end = find_end(bytes), n, size, at, before;
	const unsigned char *p = bytes.p + end;

	memset(out, 0, sizeof(*out));
	if (end == bytes.n)
		return ms_diag_set(diag, MS_FORMAT,
		    "it is a zip archive that is damaged, or cut short");
	n = get16(p + 10);
	size = get32(p + 12);
	at = get32(p + 16);
	if (get16(p + 4) != 0 || n == 0xffff || at == 0xffffffff)
		return ms_diag_set(diag, MS_UNSUPPORTED,
		    "it is a zip archive in several volumes, or of zip64");
	/* Something may stand in front of the archive. */
	if (size > end || at > end - size)
		return ms_diag_set(diag, MS_FORMAT,
		    "it is a zip archive whose directory lies outside it");
	before = end - size - at;
	out->truncated = n > max;
	n = n < max ? n : max;
	out->members = MS_NEW_ARRAY(arena, struct ms_zip_member, n);
	for (at += before; out->n < n; out->n++)
		if (!read_entry(bytes, before, &at, &out->members[out->n]))
			return ms_diag_set(diag, MS_FORMAT,
			    "it is a zip archive with a damaged directory");
	return MS_OK;
}

static enum ms_status
unpack(const struct ms_zip_member *member, size_t max, struct ms_buf *out)
{
	if (member->method == METHOD_FLATE)
		return ms_inflate(member->data, max, out);
	if (member->data.n > max)
		return MS_LIMIT;
	ms_buf_slice(out, member->data);
	return MS_OK;
}

enum ms_status
ms_zip_unpack(const struct ms_zip_member *member, size_t max,
    struct ms_buf *out, struct ms_diag *diag)
{
	size_t from = out->n;
	enum ms_status status;

	if (member->encrypted)
		return ms_diag_set(diag, MS_UNSUPPORTED, "it is encrypted");
	if (member->method != METHOD_STORE && member->method != METHOD_FLATE)
		return ms_diag_set(diag, MS_UNSUPPORTED,
		    "it is packed by method %u, which is not read",
		    member->method);
	if (!member->data.p)
		return ms_diag_set(
		    diag, MS_FORMAT, "it is not within the archive");
	if (member->size > max)
		return ms_diag_set(diag, MS_LIMIT,
		    "it says that it holds %zu octets, more than %zu",
		    member->size, max);
	/* One octet more shows that the size is a lie. */
	status = unpack(member, member->size, out);
	if (status == MS_LIMIT ||
	    (status == MS_OK && out->n - from != member->size))
		return ms_diag_set(diag, MS_FORMAT,
		    "it does not hold the %zu octets that it says",
		    member->size);
	if (status != MS_OK ||
	    ms_crc32(ms_slice_make(out->p + from, member->size)) != member->crc)
		return ms_diag_set(
		    diag, MS_FORMAT, "it is damaged, or cut short");
	return MS_OK;
}
