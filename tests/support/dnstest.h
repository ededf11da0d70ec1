/* SPDX-License-Identifier: ISC
 * dnstest.h - a world whose answers are in the test, and may fail one by one
 */
#ifndef MAILSONDE_DNSTEST_H
#define MAILSONDE_DNSTEST_H

#include "mailsonde/env.h"

#define TEST_NEVER SIZE_MAX

struct test_world {
	struct ms_arena *arena;
	struct ms_env env; /* dns: the zone's answers; psl: the system's */
	size_t asked;      /* questions so far */
	size_t fail_at;    /* the question that fails, from 0; TEST_NEVER */
	enum ms_dns_status failure; /* how */
	/* no business of the test's */
	struct ms_dns_source source, *zone;
};

/* `zone` is master-file text; what is not in it does not exist. Fails the test
 * when it cannot be read. */
void test_world_init(struct test_world *world, const char *zone);
void test_world_done(struct test_world *world);

#endif
