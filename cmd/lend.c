/* SPDX-License-Identifier: ISC
 * lend.c - the outside world of one subject, in a process that stays
 *
 * The sources belong to all; around them stand those of one subject, which end
 * with its time, and go nowhere that the network of this machine would have to
 * be trusted with.
 */
#include <time.h>

#include "env.h"
#include "mailsonde/dns_wrap.h"
#include "mailsonde/spf.h"
#include "pool.h"

/* SPF records that a subject holds on to. */
#define RECORDS_MAX 1024

struct lent {
	struct ms_dns_source dns;
	struct ms_fetch_source fetch;
	struct ms_wire_source wire;
	const struct ms_env *lasting;
	double end; /* by its ticks */
};

#define LENT_OF(self, member)                                                  \
	((const struct lent *)(const void *)((const char *)(self)-offsetof(    \
	    struct lent, member)))

/* Of `wanted` seconds (0: whatever there is), those that are left; 0 or less:
 * none. */
static double
seconds_of(const struct lent *lent, double wanted)
{
	double left = lent->end - lent->lasting->clock.ticks();

	return wanted > 0 && wanted < left ? wanted : left;
}

/* ---- the DNS ---- */

static void
lent_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	const struct lent *lent = LENT_OF(self, dns);
	struct ms_dns_source *dns = lent->lasting->dns;
	struct ms_dns_question own = *question;

	own.seconds = seconds_of(lent, question->seconds);
	if (own.seconds > 0)
		dns->query(dns, &own, arena, out);
	else
		ms_dns_fail(out, MS_DNS_TIMEOUT,
		    "not asked: the time for the whole is over");
}

static bool
lent_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	const struct lent *lent = LENT_OF(self, dns);
	struct ms_dns_source *dns = lent->lasting->dns;

	return seconds_of(lent, 0) <= 0 || dns->prefetch(dns, question);
}

static void
lent_dns_close(struct ms_dns_source *self)
{
	(void)self;
}

/* ---- documents ---- */

static void
lent_fetch(struct ms_fetch_source *self, const struct ms_fetch_request *request,
    struct ms_arena *arena, struct ms_fetch *out)
{
	const struct lent *lent = LENT_OF(self, fetch);
	struct ms_fetch_source *fetch = lent->lasting->fetch;
	struct ms_fetch_request own = *request;

	own.seconds = seconds_of(lent, request->seconds);
	if (own.seconds > 0)
		fetch->fetch(fetch, &own, arena, out);
	else
		ms_fetch_fail(
		    out, MS_FETCH_TIMEOUT, "the time for the whole is over");
}

static void
lent_fetch_close(struct ms_fetch_source *self)
{
	(void)self;
}

/* ---- connections ---- */

static bool
is_redirected_to(const struct ms_env *env, const struct ms_ip *ip)
{
	for (size_t i = 0; i < env->redirects_n; i++)
		if (env->redirects[i].ip.set &&
		    ms_ip_equal(&env->redirects[i].ip, ip))
			return true;
	return false;
}

static enum ms_wire_status
not_opened(struct ms_arena *arena, struct ms_wire **out,
    enum ms_wire_status status, const char *why)
{
	*out = MS_NEW(arena, struct ms_wire);
	(*out)->why = why;
	return status;
}

static enum ms_wire_status
lent_open(struct ms_wire_source *self, const struct ms_wire_request *request,
    struct ms_arena *arena, struct ms_wire **out)
{
	const struct lent *lent = LENT_OF(self, wire);
	const struct ms_env *env = lent->lasting;
	const struct ms_special *special = ms_env_special(env, &request->ip);
	struct ms_wire_request own = *request;

	if (special && !is_redirected_to(env, &request->ip))
		return not_opened(arena, out, MS_WIRE_UNREACHABLE,
		    ms_arena_printf(arena,
			"it is a %s address, which is not connected to unless "
			"--allow-net says so",
			special->class));
	own.seconds = seconds_of(lent, request->seconds);
	if (own.seconds <= 0)
		return not_opened(arena, out, MS_WIRE_TIMEOUT,
		    "the time for the whole is over");
	return env->wire->open(env->wire, &own, arena, out);
}

static void
lent_pause(struct ms_wire_source *self, double seconds)
{
	const struct lent *lent = LENT_OF(self, wire);
	struct ms_wire_source *wire = lent->lasting->wire;

	seconds = seconds_of(lent, seconds);
	if (seconds > 0)
		wire->pause(wire, seconds);
}

static void
lent_wire_close(struct ms_wire_source *self)
{
	(void)self;
}

/* ---- all of it ---- */

void
env_lend(const struct ms_env *lasting, struct ms_arena *arena, double seconds,
    struct ms_env *out)
{
	struct lent *lent = MS_NEW(arena, struct lent);

	lent->lasting = lasting;
	lent->end = lasting->clock.ticks() + seconds;
	lent->dns.query = lent_query;
	lent->dns.prefetch = lasting->dns->prefetch ? lent_prefetch : NULL;
	lent->dns.close = lent_dns_close;
	lent->fetch.fetch = lent_fetch;
	lent->fetch.close = lent_fetch_close;
	lent->wire.open = lent_open;
	lent->wire.pause = lasting->wire->pause ? lent_pause : NULL;
	lent->wire.close = lent_wire_close;
	*out = *lasting;
	out->clock.now = (int64_t)time(NULL);
	out->timeout = seconds;
	out->dns = ms_dns_once(&lent->dns, 0, !lasting->careful, out_of_memory);
	out->fetch = ms_fetch_once(&lent->fetch, 0, out_of_memory);
	out->wire = &lent->wire;
	out->spf = ms_spf_memory_new(RECORDS_MAX, out_of_memory);
}

void
env_return(struct ms_env *lent)
{
	lent->dns->close(lent->dns);
	lent->fetch->close(lent->fetch);
	ms_spf_memory_free(lent->spf);
}
