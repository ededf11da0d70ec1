/* SPDX-License-Identifier: ISC
 * dnstest.c - a world whose answers are in the test, and may fail one by one
 */
#include "dnstest.h"

#include "mailsonde/dns_zone.h"
#include "test.h"

static struct test_world *
world_of(struct ms_dns_source *source)
{
	char *at = (char *)source - offsetof(struct test_world, source);

	return (struct test_world *)(void *)at;
}

static void
query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct test_world *world = world_of(self);

	if (world->asked++ != world->fail_at) {
		world->zone->query(world->zone, question, arena, out);
		return;
	}
	memset(out, 0, sizeof(*out));
	out->status = world->failure;
	out->rcode = out->ede = -1;
}

static void
nothing(struct ms_dns_source *self)
{
	(void)self;
}

void
test_world_init(struct test_world *world, const char *zone)
{
	struct ms_dns_zone_text text = { "zone", ms_slice_from(zone) };
	struct ms_dns_zone_options options = { .texts = &text,
		.texts_n = 1,
		.offline = true,
		.inner = ms_dns_none() };
	struct ms_diag diag = { "" };

	memset(world, 0, sizeof(*world));
	world->arena = ms_arena_new(NULL);
	world->fail_at = TEST_NEVER;
	world->failure = MS_DNS_TIMEOUT;
	world->source.query = query;
	world->source.close = nothing;
	if (ms_dns_zone_open(&options, &world->zone, &diag) != MS_OK)
		fail_msg("%s", diag.text);
	world->env.dns = &world->source;
	world->env.psl = ms_psl_system();
	world->env.geo = ms_geo_none();
	world->env.clock.now = 1700000000;
	world->env.limits = ms_limits_fill(NULL);
}

void
test_world_done(struct test_world *world)
{
	world->zone->close(world->zone);
	world->env.psl->close(world->env.psl);
	ms_arena_free(world->arena);
}
