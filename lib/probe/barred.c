/* SPDX-License-Identifier: ISC
 * barred.c - which exchangers are not connected to
 */
#include "mailsonde/probe.h"

const char *
ms_probe_barred(const struct ms_env *env, const struct ms_probe_target *target)
{
	const struct ms_special *special = ms_env_special(env, &target->ip);
	struct ms_ip ip;
	uint16_t port;

	if (!target->mx.p || !target->ip.set || !special ||
	    ms_env_redirect(env, target->host, target->port, &ip, &port))
		return NULL;
	return special->class;
}
