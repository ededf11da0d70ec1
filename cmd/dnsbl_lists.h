/* SPDX-License-Identifier: ISC
 * dnsbl_lists.h - which lists in the DNS are asked: --list, --lists, --only
 */
#ifndef MAILSONDE_CMD_DNSBL_LISTS_H
#define MAILSONDE_CMD_DNSBL_LISTS_H

#include "mailsonde/dnsbl.h"
#include "options.h"
#include "secret.h"

struct dnsbl_lists {
	struct ms_arena *arena;
	struct ms_dnsbl_set set;
	struct ms_slice *files;  /* those of --lists, without their keys */
	struct secret *secrets;  /* of the environment, one a list */
	struct ms_dns_key *keys; /* for options->dns_keys */
	size_t keys_n;
};

/* The lists of the table, and what the options say of others; of a replay as
 * its record has them. Without --offline and --replay with their keys. 0, or an
 * exit code after one line on standard error; to be closed in any case. */
int dnsbl_lists_open(const struct options *options, struct ms_arena *arena,
    struct dnsbl_lists *out);

/* Puts the files, without their keys, into the record, if there is one. */
void dnsbl_lists_record(
    const struct options *options, const struct dnsbl_lists *lists);

/* Wipes the keys. */
void dnsbl_lists_close(const struct dnsbl_lists *lists);

#endif
