/* SPDX-License-Identifier: ISC
 * barred.c - which exchangers are not connected to
 */
#include "mailsonde/probe.h"

static bool
is_allowed(const struct ms_env *env, const struct ms_ip *ip)
{
	for (size_t i = 0; i < env->allow_n; i++)
		if (ms_net_contains(&env->allow[i], ip))
			return true;
	return false;
}

const char *
ms_probe_barred(const struct ms_env *env, const struct ms_probe_target *target)
{
	const struct ms_special *special = ms_ip_special(&target->ip);
	struct ms_ip ip;
	uint16_t port;

	if (!target->mx.p || !target->ip.set || !special ||
	    is_allowed(env, &target->ip) ||
	    ms_env_redirect(env, target->host, target->port, &ip, &port))
		return NULL;
	return special->class;
}
