/* SPDX-License-Identifier: ISC
 * sts.c - the MTA-STS policy of a domain as a sender gets it that has none in
 * memory, RFC 8461 3.3
 */
#include "mailsonde/delivery.h"
#include "mailsonde/fetch_url.h"

#define TEXT(s) (int)((s).n > 255 ? 255 : (s).n), ((const char *)(s).p)

static void
none(struct ms_sts *out, enum ms_sts_status status, const char *why)
{
	out->status = status;
	out->why = why;
}

/* RFC 8461 3.1: whether the domain announces one. */
static bool
is_announced(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice domain, struct ms_sts *out)
{
	struct ms_dns_answer answer;
	struct ms_mta_sts_record record;

	ms_dns_ask(env->dns,
	    ms_slice_from(
		ms_arena_printf(arena, "_mta-sts.%.*s", TEXT(domain))),
	    MS_DNS_TXT, arena, &answer);
	switch (ms_mta_sts_choose(&answer, &record)) {
	case MS_MTA_STS_FOUND:
		return true;
	case MS_MTA_STS_NONE:
		none(out, MS_STS_NONE, "the domain has no policy");
		break;
	case MS_MTA_STS_MULTIPLE:
		none(out, MS_STS_NONE,
		    "the domain has several MTA-STS records, which count as "
		    "none");
		break;
	case MS_MTA_STS_INVALID:
		none(out, MS_STS_NONE,
		    "the domain's MTA-STS record cannot be read");
		break;
	case MS_MTA_STS_FAILED:
		none(out, MS_STS_UNKNOWN,
		    "whether the domain has a policy could not be looked up");
		break;
	}
	return false;
}

static void
take(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_fetch *fetch, struct ms_sts *out)
{
	struct ms_mta_sts_policy *policy =
	    MS_NEW(arena, struct ms_mta_sts_policy);

	ms_mta_sts_policy_parse(fetch->body, &env->limits, arena, policy);
	if (!policy->valid) {
		none(out, MS_STS_NONE,
		    "the policy cannot be read, and counts as none");
		return;
	}
	out->status = MS_STS_FOUND;
	out->policy = policy;
}

void
ms_sts_find(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice domain, struct ms_sts *out)
{
	struct ms_fetch_url request = { .max = env->limits.policy_size };
	struct ms_fetch fetch;

	memset(out, 0, sizeof(*out));
	if (!domain.p || !is_announced(env, arena, domain, out))
		return;
	request.url = ms_slice_from(ms_arena_printf(arena,
	    "https://mta-sts.%.*s/.well-known/mta-sts.txt", TEXT(domain)));
	ms_fetch_url(env, &request, arena, &fetch);
	if (fetch.status == MS_FETCH_FOUND)
		take(env, arena, &fetch, out);
	else if (ms_fetch_is_failure(fetch.status))
		none(out, MS_STS_UNKNOWN,
		    ms_arena_printf(
			arena, "the policy could not be had: %s", fetch.why));
	else
		none(out, MS_STS_NONE,
		    ms_arena_printf(arena,
			"the policy is not there, which counts as none: %s",
			fetch.why));
}
