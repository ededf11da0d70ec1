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
 * most `max` octets. MS_FORMAT: it is damaged, or cut short; MS_LIMIT: it holds
 * more. */
enum ms_status ms_gunzip(
    struct ms_slice bytes, size_t max, struct ms_buf *out) MS_MUST_CHECK;

#endif
