/* SPDX-License-Identifier: ISC
 * gzip.h - gzip that comes in, RFC 1952
 */
#ifndef MAILSONDE_GZIP_H
#define MAILSONDE_GZIP_H

#include "mailsonde/buf.h"
#include "mailsonde/status.h"

/* Whether it begins as gzip does. */
bool ms_is_gzip(struct ms_slice bytes);

/* Its content behind what is in `out`, all members one behind the other, at
 * most `max` octets; what follows them and is no member is passed over.
 * MS_FORMAT: it is damaged, or cut short; MS_LIMIT: it holds more. */
enum ms_status ms_gunzip(
    struct ms_slice bytes, size_t max, struct ms_buf *out) MS_MUST_CHECK;

/* The same of a bare deflate stream, RFC 1951, as archives hold it. */
enum ms_status ms_inflate(
    struct ms_slice bytes, size_t max, struct ms_buf *out) MS_MUST_CHECK;

/* The checksum of RFC 1952, which archives have too. */
uint32_t ms_crc32(struct ms_slice bytes);

#endif
