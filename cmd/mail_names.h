/* SPDX-License-Identifier: ISC
 * mail_names.h - the names and addresses in messages that lists are about
 */
#ifndef MAILSONDE_CMD_MAIL_NAMES_H
#define MAILSONDE_CMD_MAIL_NAMES_H

#include "mailsonde/buf.h"
#include "options.h"

/* Of the messages, mailboxes and folders in `files`: the domains of authors,
 * senders and signatures, and the hosts of links, each once, as a job with a
 * "note" a line. limits.mail_names at the most. 0, or an exit code after one
 * line on standard error; what could be read is in *out all the same. */
int mail_names_read(const struct words *files, struct ms_buf *out);

#endif
