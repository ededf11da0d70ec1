/* SPDX-License-Identifier: ISC
 * packs.h - packs of rules, out of files or a record
 */
#ifndef MAILSONDE_CMD_PACKS_H
#define MAILSONDE_CMD_PACKS_H

#include "mailsonde/rule.h"
#include "options.h"

struct packs {
	struct ms_rules *list;
	size_t n;
};

/* Reads these files, or those of a replay, and has them recorded. 0, or an exit
 * code after one line on standard error. packs_close in any case. */
int packs_open(struct packs *packs, struct ms_arena *arena,
    const struct words *files, const struct options *options);
/* One of them: 0, or an exit code and *diag. `number` is its place among those
 * of the option. ms_rules_close in any case. */
int pack_read(struct ms_arena *arena, const char *path, size_t number,
    const struct options *options, struct ms_rules *out, struct ms_diag *diag);
void packs_close(struct packs *packs);

#endif
