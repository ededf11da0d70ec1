/* SPDX-License-Identifier: ISC
 * fetch_priv.h - what the sources of documents share
 */
#ifndef MAILSONDE_FETCH_PRIV_H
#define MAILSONDE_FETCH_PRIV_H

#include "mailsonde/fetch.h"

/* What makes two requests the same: all but the deadline. In the arena. */
struct ms_slice fetch_key(
    struct ms_arena *arena, const struct ms_fetch_request *request);

/* "192.0.2.1,2001:db8::1", in the arena. */
char *fetch_addresses(
    struct ms_arena *arena, const struct ms_fetch_request *request);

/* A copy that needs nothing but `arena`. */
void fetch_copy(
    struct ms_arena *arena, const struct ms_fetch *in, struct ms_fetch *out);

#endif
