/* SPDX-License-Identifier: ISC
 * mapped.h - outliving that a file is cut short while it is mapped
 */
#ifndef MAILSONDE_CMD_MAPPED_H
#define MAILSONDE_CMD_MAPPED_H

#include "mailsonde/slice.h"

/* From here on what is missing from a mapped file reads as zeros, where the
 * system would end the program (SIGBUS). */
void mapped_watch(void);

/* Whether any of these bytes were missing; told once. */
bool mapped_lost(struct ms_slice bytes);

#endif
