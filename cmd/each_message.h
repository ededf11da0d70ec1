/* SPDX-License-Identifier: ISC
 * each_message.h - the messages in files, for what is looked for in all of them
 */
#ifndef MAILSONDE_CMD_EACH_MESSAGE_H
#define MAILSONDE_CMD_EACH_MESSAGE_H

#include "mailsonde/mailbox.h"
#include "options.h"

struct each_message {
	const struct words *files; /* messages, mailboxes and folders */
	const struct ms_limits *limits;
	struct ms_arena *worker; /* of one message: cleared behind each */
	struct ms_charsets *charsets;
	const char *option; /* "domain: --selectors-from", for what is said */
	void (*take)(void *context, struct ms_slice message);
	void *context;
};

/* 0, or the exit code of the first that could not be read, after one line on
 * standard error; the others are taken all the same. */
int each_message(const struct each_message *each);

#endif
