/* SPDX-License-Identifier: ISC
 * field_priv.h - what header.c keeps elsewhere
 */
#ifndef MAILSONDE_MESSAGE_FIELD_PRIV_H
#define MAILSONDE_MESSAGE_FIELD_PRIV_H

#include "mailsonde/slice.h"

/* Offset of the first control character that has no business in a header (NUL,
 * TAB, CR and LF aside); s.n when there is none. Fast. */
size_t field_find_control(struct ms_slice s);

#endif
