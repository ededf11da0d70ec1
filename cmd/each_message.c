/* SPDX-License-Identifier: ISC
 * each_message.c - the messages in files, for what is looked for in all of them
 */
#include "each_message.h"

#include "output.h"
#include "pool.h"

int
each_message(const struct each_message *each)
{
	struct ms_mailbox *mailbox = ms_mailbox_open(
	    each->files->list, each->files->n, each->limits, out_of_memory);
	struct ms_mailbox_item item;
	uint64_t sequence;
	int code = 0;

	while (ms_mailbox_next(mailbox, &sequence, &item) == MS_OK) {
		ms_mailbox_unpack(
		    each->worker, each->charsets, each->limits, &item);
		if (item.status == MS_OK) {
			each->take(each->context, ms_mailbox_message(&item));
		} else if (code == 0) {
			complain("%s %s: %s", each->option, item.path,
			    item.diag.text);
			code = item.status == MS_IO ? EXIT_NOFILE : EXIT_DATA;
		}
		ms_mailbox_item_done(mailbox, &item);
		ms_arena_clear(each->worker);
	}
	ms_mailbox_close(mailbox);
	return code;
}
