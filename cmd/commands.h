/* SPDX-License-Identifier: ISC
 * commands.h - the table of subcommands
 */
#ifndef MAILSONDE_CMD_COMMANDS_H
#define MAILSONDE_CMD_COMMANDS_H

#include "options.h"

struct command {
	const char *name;
	const char *arguments; /* for the usage line */
	const char *summary;   /* the question it answers */
	const char *examples;  /* lines, may be NULL */
	unsigned groups;       /* enum option_group */
	int (*run)(const struct options *options);
};

/* Every command, NULL-terminated. */
extern const struct command *const commands[];

const struct command *command_find(const char *name);

#endif
