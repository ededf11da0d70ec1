/* SPDX-License-Identifier: ISC
 * delivery_find.c - what senders look up beside the server itself, and their
 * verdicts
 */
#include "mailsonde/delivery.h"

void
ms_delivery_hint(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_target *target)
{
	if (target->protocol->service != MS_PROBE_SMTP || env->careful)
		return;
	if (!target->literal)
		ms_dns_hint(env->dns,
		    ms_slice_from(
			ms_arena_printf(arena, "_%u._tcp.%.*s", target->port,
			    (int)target->host.n, (const char *)target->host.p)),
		    MS_DNS_TLSA);
	if (target->mx.p)
		ms_dns_hint(env->dns,
		    ms_slice_from(ms_arena_printf(arena, "_mta-sts.%.*s",
			(int)target->mx.n, (const char *)target->mx.p)),
		    MS_DNS_TXT);
}

void
ms_delivery_find(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_result *probe, const struct ms_identity *identity,
    struct ms_delivery *out)
{
	struct ms_delivery_request request = {
		.probe = probe,
		.identity = identity,
		.now = env->clock.now,
	};
	struct ms_tlsa tlsa;
	struct ms_sts sts;

	if (probe->target.protocol->service == MS_PROBE_SMTP &&
	    (probe->tls_tried || probe->phase > MS_PROBE_GREETING)) {
		ms_tlsa_find(env, arena, probe, &tlsa);
		ms_sts_find(env, arena, probe->target.mx, &sts);
		request.tlsa = &tlsa;
		request.sts = &sts;
	}
	ms_delivery_judge(&request, arena, out);
}
