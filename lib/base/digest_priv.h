/* SPDX-License-Identifier: ISC
 * digest_priv.h - what the files of hashing share
 */
#ifndef BASE_DIGEST_PRIV_H
#define BASE_DIGEST_PRIV_H

#include <stdint.h>

#include "mailsonde/digest.h"

/* The SHA-256 whose first `done` bytes, whole blocks, have led to `state`. */
void digest_resume(const uint32_t state[8], uint64_t done, struct ms_slice rest,
    unsigned char sha256[32]);

#endif
