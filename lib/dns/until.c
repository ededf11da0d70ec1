/* SPDX-License-Identifier: ISC
 * until.c - a source that answers nobody any more when a subject's time is over
 */
#include "mailsonde/dns_wrap.h"

struct until {
	struct ms_dns_source source; /* first: what callers hold */
	struct ms_dns_source *inner;
	double (*ticks)(void);
	double end; /* by its ticks */
};

static const struct until *
until_of(const struct ms_dns_source *self)
{
	return (const struct until *)(const void *)self;
}

static void
until_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	const struct until *until = until_of(self);

	if (until->ticks() < until->end)
		until->inner->query(until->inner, question, arena, out);
	else
		ms_dns_fail(out, MS_DNS_TIMEOUT,
		    "not asked: the time for the whole is over (--timeout)");
}

/* What is over is answered at once. */
static bool
until_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	const struct until *until = until_of(self);

	return until->ticks() >= until->end ||
	       until->inner->prefetch(until->inner, question);
}

static void
until_close(struct ms_dns_source *self)
{
	(void)self;
}

struct ms_dns_source *
ms_dns_until(struct ms_arena *arena, struct ms_dns_source *inner,
    double (*ticks)(void), double seconds)
{
	struct until *until;

	if (!ticks || seconds <= 0)
		return inner;
	until = MS_NEW(arena, struct until);
	until->source.query = until_query;
	until->source.prefetch = inner->prefetch ? until_prefetch : NULL;
	until->source.close = until_close;
	until->inner = inner;
	until->ticks = ticks;
	until->end = ticks() + seconds;
	return &until->source;
}
