/* SPDX-License-Identifier: ISC
 * none.c - the source of answers that may ask nobody
 */
#include "mailsonde/dns.h"

static void
none_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	(void)self;
	(void)question;
	(void)arena;
	ms_dns_fail(out, MS_DNS_OFFLINE, "nobody may be asked (--offline)");
}

static void
none_close(struct ms_dns_source *self)
{
	(void)self;
}

/* One for everybody: it holds nothing, and nobody writes to it. */
static const struct ms_dns_source none = {
	.query = none_query,
	.close = none_close,
};

struct ms_dns_source *
ms_dns_none(void)
{
	return (struct ms_dns_source *)(uintptr_t)&none;
}
