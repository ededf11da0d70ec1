/* SPDX-License-Identifier: ISC
 * help.h - mailsonde help: the overview, and manual pages
 */
#ifndef MAILSONDE_CMD_HELP_H
#define MAILSONDE_CMD_HELP_H

#include "commands.h"

/* What --help says of a command; its result has to be flushed. */
void help_command(const struct command *command);

/* `mailsonde help TOPIC`: the manual page of a command, or of "json", "record",
 * "checks" or "mailsonde", through man(1); what --help says where there is no
 * such program or no page. NULL: the overview. The exit code; standard output
 * has to be flushed. */
int help(const char *topic);

/* One topic after the other; NULL: there are no more. */
const char *help_topic(size_t i);

#endif
