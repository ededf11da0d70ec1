/* SPDX-License-Identifier: ISC
 * zip.h - zip archives that come in
 */
#ifndef MAILSONDE_ZIP_H
#define MAILSONDE_ZIP_H

#include "mailsonde/buf.h"
#include "mailsonde/status.h"

/* A file in an archive, as the archive's directory has it. */
struct ms_zip_member {
	struct ms_slice name; /* any bytes */
	struct ms_slice data; /* packed; p == NULL: not within the archive */
	unsigned method;      /* 0 stored, 8 deflated, others are not read */
	bool encrypted;
	bool folder;
	uint32_t crc;
	size_t size; /* that it says it has, unpacked */
};

struct ms_zip {
	struct ms_zip_member *members;
	size_t n;
	bool truncated; /* it has more members than `max` */
};

/* Whether it begins as an archive does. */
bool ms_is_zip(struct ms_slice bytes);

/* Its directory, of at most `max` members, in the arena; their bytes are those
 * of the archive. MS_FORMAT: there is no directory, or it is damaged;
 * MS_UNSUPPORTED: one in several volumes, or of more than 4 GiB. The diag
 * holds a clause. */
enum ms_status ms_zip_read(struct ms_arena *arena, struct ms_slice bytes,
    size_t max, struct ms_zip *out, struct ms_diag *diag) MS_MUST_CHECK;

/* A member's content behind what is in `out`, at most `max` octets. MS_FORMAT:
 * it is damaged, or has another size than it says; MS_LIMIT: it says or has
 * more; MS_UNSUPPORTED: it is encrypted, or packed in another way. */
enum ms_status ms_zip_unpack(const struct ms_zip_member *member, size_t max,
    struct ms_buf *out, struct ms_diag *diag) MS_MUST_CHECK;

#endif
