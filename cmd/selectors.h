/* SPDX-License-Identifier: ISC
 * selectors.h - DKIM selectors that mail is signed with
 */
#ifndef MAILSONDE_CMD_SELECTORS_H
#define MAILSONDE_CMD_SELECTORS_H

#include "mailsonde/env.h"
#include "options.h"

/* Fills out->seen from the messages of the files, each selector of a domain
 * once. 0, or the exit code when a file cannot be read, which was said then. */
int selectors_read(const struct words *files, const struct ms_env *env,
    struct ms_arena *arena, struct ms_domain_options *out);

#endif
