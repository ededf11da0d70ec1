/* SPDX-License-Identifier: ISC
 * domain_senders.h - the addresses that a domain's SPF record lets send
 */
#ifndef MAILSONDE_DOMAIN_SENDERS_H
#define MAILSONDE_DOMAIN_SENDERS_H

#include "mailsonde/env.h"

struct ms_domain_senders {
	size_t records;      /* of SPF: more than one, or none, lets nobody */
	struct ms_net *nets; /* none lies in another; the smallest first */
	size_t nets_n;
	size_t nets_whole;       /* of them, whose addresses are all below */
	struct ms_ip *addresses; /* limits.spf_addresses at the most */
	size_t n;
	bool everybody;      /* "+all" */
	bool open;           /* a macro, an error or a limit hides others */
	const char *failure; /* a question failed: others may send; NULL */
};

/* Reads the record and all that it includes. In `arena`. */
void ms_domain_senders(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice name, struct ms_domain_senders *out);

#endif
