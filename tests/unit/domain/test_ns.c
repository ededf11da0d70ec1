/* SPDX-License-Identifier: ISC
 * test_ns.c - the name servers of a domain, each asked by itself
 */
#include <stdio.h>

#include "mailsonde/dns_zone.h"
#include "mailsonde/domain.h"
#include "test.h"

#define SERVERS 12

enum manner {
	OWN, /* has the zone, with AA */
	REFERS,
	REFUSES,
	FAILS,
	SILENT,
	CACHES, /* no AA */
	RECURSES,
	GIVES, /* the whole zone to anybody */
	NO_ROUTE,
	RUBBISH,
};

/* What a server says: its manner, and where it is not what all say, its zone.
 */
struct server {
	const char *ip;
	enum manner manner;
	const char *zone;
};

/* What every resolver says, and most servers. */
static const char common[] =
    "$TTL 60\n"
    "example. NS a.parent.example.\n"
    "a.parent.example. A 9.0.0.1\n"
    "d.example. NS ns1.d.example.\n"
    "d.example. NS ns2.d.example.\n"
    "d.example. SOA ns1.d.example. h.d.example. 7 7200 3600 1209600 300\n"
    "ns1.d.example. A 9.0.1.1\n"
    "ns2.d.example. A 9.0.2.2\n"
    "ns2.d.example. AAAA 2600::2\n";

static const char older[] =
    "d.example. NS ns1.d.example.\n"
    "d.example. NS ns2.d.example.\n"
    "d.example. SOA ns1.d.example. h.d.example. 6 7200 3600 1209600 300\n";

static const char other_set[] =
    "d.example. NS ns1.d.example.\n"
    "d.example. NS ns3.d.example.\n"
    "d.example. SOA ns1.d.example. h.d.example. 7 7200 3600 1209600 300\n";

static const char one_above[] = "d.example. NS ns1.d.example.\n"
				"ns1.d.example. A 9.0.1.1\n";

static const char other_glue[] = "d.example. NS ns1.d.example.\n"
				 "d.example. NS ns2.d.example.\n"
				 "ns1.d.example. A 9.0.9.9\n"
				 "ns2.d.example. A 9.0.2.2\n";

static const char no_glue[] = "d.example. NS ns1.d.example.\n"
			      "d.example. NS ns2.d.example.\n"
			      "ns1.d.example. A 9.0.1.1\n";

static const char private_zone[] =
    "example. NS a.parent.example.\n"
    "a.parent.example. A 10.0.0.1\n"
    "d.example. NS ns1.d.example.\n"
    "d.example. NS ns2.d.example.\n"
    "d.example. SOA ns1.d.example. h.d.example. 7 7200 3600 1209600 300\n"
    "ns1.d.example. A 10.0.1.1\n"
    "ns1.d.example. AAAA fd00::1\n"
    "ns2.d.example. A 127.0.0.1\n"
    "ns2.d.example. A 169.254.1.1\n"
    "ns2.d.example. AAAA ::1\n";

static const char lost[] = "$TTL 60\n"
			   "example. NS a.parent.example.\n"
			   "a.parent.example. A 9.0.0.1\n"
			   ";; servfail d.example\n"
			   ";; servfail ns1.d.example\n"
			   ";; servfail ns2.d.example\n";

#define PARENT                                                                 \
	{                                                                      \
		"9.0.0.1", REFERS, NULL                                        \
	}
#define ONE                                                                    \
	{                                                                      \
		"9.0.1.1", OWN, NULL                                           \
	}
#define TWO                                                                    \
	{                                                                      \
		"9.0.2.2", OWN, NULL                                           \
	}
#define ONE_SILENT                                                             \
	{                                                                      \
		"9.0.1.1", SILENT, NULL                                        \
	}
#define TWO_6                                                                  \
	{                                                                      \
		"2600::2", OWN, NULL                                           \
	}

static const struct {
	const char *what;
	const char *zone; /* of resolvers; NULL: common */
	bool active;
	struct server servers[SERVERS];
	const char *want; /* findings and errors, as they come */
} rows[] = {
	{ "well", NULL, true, { PARENT, ONE, TWO, TWO_6 }, "+ns" },
	{ "refused", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", REFUSES, NULL }, TWO_6 },
	    "fail ns-lame medium" },
	{ "SERVFAIL", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", FAILS, NULL }, TWO_6 },
	    "fail ns-lame medium" },
	{ "from a cache", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", CACHES, NULL }, TWO_6 },
	    "fail ns-lame medium" },
	{ "refers", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", REFERS, NULL }, TWO_6 },
	    "fail ns-lame medium" },
	{ "another zone", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", OWN, "x.example. A 9.9.9.9\n" },
		TWO_6 },
	    "fail ns-lame medium" },
	{ "all are lame", NULL, false,
	    { PARENT, { "9.0.1.1", REFUSES, NULL },
		{ "9.0.2.2", REFUSES, NULL }, { "2600::2", REFUSES, NULL } },
	    "fail ns-lame high, fail ns-lame high, fail ns-lame high" },
	{ "one is silent", NULL, false,
	    { PARENT, { "9.0.1.1", SILENT, NULL }, TWO, TWO_6 },
	    "warn ns-silent low" },
	{ "all are silent", NULL, false,
	    { PARENT, { "9.0.1.1", SILENT, NULL }, { "9.0.2.2", SILENT, NULL },
		{ "2600::2", SILENT, NULL } },
	    "error, error, error" },
	{ "no IPv6 here", NULL, false,
	    { PARENT, ONE, TWO, { "2600::2", NO_ROUTE, NULL } }, "+ns" },
	{ "IPv6 ends nowhere", NULL, false,
	    { PARENT, ONE, TWO, { "2600::2", SILENT, NULL } }, "+ns" },
	{ "not to be read", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", RUBBISH, NULL }, TWO_6 }, "error" },
	{ "serials", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", OWN, older }, TWO_6 },
	    "warn ns-serial-differs low" },
	{ "sets", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", OWN, other_set }, TWO_6 },
	    "warn ns-set-differs medium" },
	{ "above one is missing", NULL, false,
	    { { "9.0.0.1", REFERS, one_above }, ONE, TWO, TWO_6 },
	    "warn ns-parent-differs medium" },
	{ "above another address", NULL, false,
	    { { "9.0.0.1", REFERS, other_glue }, ONE, TWO, TWO_6 },
	    "fail ns-glue-differs medium" },
	{ "above no address", NULL, false,
	    { { "9.0.0.1", REFERS, no_glue }, ONE, TWO, TWO_6 },
	    "fail ns-glue-missing medium" },
	{ "above nothing", NULL, false,
	    { { "9.0.0.1", OWN, "example. NS a.parent.example.\n" }, ONE, TWO,
		TWO_6 },
	    "fail ns-not-delegated high" },
	{ "above silence", NULL, false,
	    { { "9.0.0.1", SILENT, NULL }, ONE, TWO, TWO_6 }, "error" },
	{ "nobody at all", NULL, false, { ONE_SILENT }, "" },
	{ "one has both zones", NULL, false,
	    { { "9.0.0.1", OWN, NULL }, ONE, TWO, TWO_6 }, "+ns" },
	{ "resolves for others", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", RECURSES, NULL }, TWO_6 },
	    "warn ns-recursion info" },
	{ "gives all away", NULL, true,
	    { PARENT, ONE, { "9.0.2.2", GIVES, NULL }, TWO_6 },
	    "fail ns-transfer-open high" },
	{ "would, but is not asked", NULL, false,
	    { PARENT, ONE, { "9.0.2.2", GIVES, NULL }, TWO_6 }, "+ns" },
	{ "resolvers know nothing", lost, false,
	    { { "9.0.0.1", REFERS, common }, { "9.0.1.1", REFUSES, NULL },
		{ "9.0.2.2", SILENT, NULL } },
	    "error, warn ns-silent low, fail ns-lame high" },
};

/* ---- the world ---- */

struct world {
	struct ms_dns_source source; /* first: what the judge gets */
	struct ms_arena *arena;
	struct ms_dns_source *resolver;
	const struct server *servers;
	struct ms_dns_source *zones[SERVERS]; /* of servers */
	unsigned asked;                       /* servers, so far */
	unsigned fail_at; /* the question that is not answered */
	unsigned at_special;
};

static struct ms_dns_source *
open_zone(const char *text)
{
	struct ms_dns_zone_text texts[] = { { "zone", ms_slice_from(text) } };
	struct ms_dns_zone_options options = {
		.texts = texts, .texts_n = 1, .offline = true
	};
	struct ms_dns_source *out = NULL;
	struct ms_diag diag = { "" };

	if (ms_dns_zone_open(&options, &out, &diag) != MS_OK)
		fail_msg("%s", diag.text);
	return out;
}

/* The NS records of the name, with the addresses of those below it. */
static void
refer(struct ms_dns_source *zone, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct ms_slice name = ms_dns_name_format(arena, &question->name);
	struct ms_dns_answer glue;

	ms_dns_ask(zone, name, MS_DNS_NS, arena, out);
	out->status = MS_DNS_REFERRAL;
	out->authoritative = false;
	out->glue = MS_NEW_ARRAY(arena, struct ms_dns_record, out->n);
	for (size_t i = 0; i < out->n; i++) {
		ms_dns_ask(
		    zone, out->records[i].u.target, MS_DNS_A, arena, &glue);
		if (glue.n > 0)
			out->glue[out->glue_n++] = glue.records[0];
	}
}

static void
say_no(struct ms_dns_answer *out, enum ms_dns_status status, int rcode)
{
	ms_dns_fail(out, status, "the test says so");
	out->rcode = rcode;
}

static void
query_server(struct world *world, size_t at,
    const struct ms_dns_question *question, struct ms_arena *arena,
    struct ms_dns_answer *out)
{
	struct ms_dns_question plain = *question;
	enum manner manner = world->servers[at].manner;

	plain.server.set = false;
	if (manner == GIVES && plain.type == MS_DNS_AXFR)
		plain.type = MS_DNS_SOA;
	else if (plain.type == MS_DNS_AXFR)
		manner = REFUSES;
	world->zones[at]->query(world->zones[at], &plain, arena, out);
	if (manner == REFERS)
		refer(world->zones[at], &plain, arena, out);
	else if (manner == REFUSES)
		say_no(out, MS_DNS_REFUSED, 5);
	else if (manner == FAILS)
		say_no(out, MS_DNS_SERVFAIL, 2);
	else if (manner == SILENT)
		say_no(out, MS_DNS_TIMEOUT, -1);
	else if (manner == NO_ROUTE)
		say_no(out, MS_DNS_NO_ROUTE, -1);
	else if (manner == RUBBISH)
		say_no(out, MS_DNS_BROKEN, -1);
	else if (manner == CACHES)
		out->authoritative = false;
	out->recursion = manner == RECURSES;
}

static void
query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct world *world = (struct world *)(void *)self;
	char server[MS_DNS_SERVER_TEXT], ip[MS_IP_TEXT];

	if (!question->server.set) {
		world->resolver->query(world->resolver, question, arena, out);
		out->server = "9.9.9.9@53";
		return;
	}
	ms_ip_format(&question->server, ip);
	world->at_special += ms_ip_special(&question->server) != NULL;
	say_no(out, MS_DNS_TIMEOUT, -1);
	for (size_t i = 0; i < SERVERS && world->servers[i].ip; i++)
		if (strcmp(world->servers[i].ip, ip) == 0 &&
		    world->asked != world->fail_at)
			query_server(world, i, question, arena, out);
	world->asked++;
	ms_dns_server_format(question, server);
	out->server = ms_arena_string(arena, ms_slice_from(server));
}

static bool
prefetch(struct ms_dns_source *self, const struct ms_dns_question *question)
{
	struct world *world = (struct world *)(void *)self;

	if (question->server.set)
		world->at_special += ms_ip_special(&question->server) != NULL;
	return true;
}

static void
world_open(struct world *world, const char *zone, const struct server *servers)
{
	memset(world, 0, sizeof(*world));
	world->source = (struct ms_dns_source){ query, prefetch, NULL };
	world->arena = ms_arena_new(NULL);
	world->resolver = open_zone(zone ? zone : common);
	world->servers = servers;
	world->fail_at = UINT32_MAX;
	for (size_t i = 0; i < SERVERS && servers[i].ip; i++)
		world->zones[i] =
		    open_zone(servers[i].zone ? servers[i].zone : common);
}

static void
world_close(struct world *world)
{
	for (size_t i = 0; i < SERVERS && world->zones[i]; i++)
		world->zones[i]->close(world->zones[i]);
	world->resolver->close(world->resolver);
	ms_arena_free(world->arena);
}

/* ---- judging ---- */

static const char *const only_ns[] = { "ns" };

/* What was found, in its order: "warn ID SEVERITY", "error", "+ns". */
static const char *
judge(struct world *world, bool active, const struct ms_net *allow)
{
	static const char *const words[] = { "info", "low", "medium", "high",
		"critical" };
	struct ms_domain_options options = {
		.only = only_ns, .only_n = 1, .active = active
	};
	struct ms_env env = { .dns = &world->source,
		.limits = ms_limits_fill(NULL),
		.clock = { .now = 1700000000 },
		.allow = allow,
		.allow_n = allow ? 2 : 0 };
	struct ms_domain_case subject = { .env = &env,
		.arena = world->arena,
		.options = &options,
		.name = MS_SLICE("d.example") };
	struct ms_buf out;

	ms_domain_run(&subject);
	ms_buf_init(&out, world->arena);
	for (const struct ms_domain_outcome *o = subject.outcomes; o;
	     o = o->next) {
		if (o->status == MS_DOMAIN_SKIP)
			continue;
		if (out.n > 0)
			ms_buf_text(&out, ", ");
		if (o->status == MS_DOMAIN_PASS)
			ms_buf_printf(&out, "+%s", o->id);
		else if (o->status == MS_DOMAIN_ERROR)
			ms_buf_text(&out, "error");
		else
			ms_buf_printf(&out, "%s %s %s",
			    ms_domain_status_name(o->status), o->id,
			    words[o->severity]);
	}
	return ms_arena_string(world->arena, ms_buf_get(&out));
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;
		const char *got;

		world_open(&world, rows[i].zone, rows[i].servers);
		got = judge(&world, rows[i].active, NULL);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s, wanted %s", rows[i].what, got,
			    rows[i].want);
		world_close(&world);
	}
}

/* Every finding of `now` but silence was there before, or is what it was about
 * that could not be told. */
static bool
nothing_new(const char *before, const char *now)
{
	struct ms_slice rest = ms_slice_from(now);

	while (rest.n > 0) {
		size_t end = ms_slice_find(rest, 0, ',');
		struct ms_slice one = ms_slice_part(rest, 0, end);
		char text[64];

		snprintf(text, sizeof(text), "%.*s", (int)one.n,
		    (const char *)one.p);
		if (!strstr(before, text) && strcmp(text, "error") != 0 &&
		    !strstr(text, "ns-silent") && !strstr(text, "ns-lame high"))
			return false;
		rest = ms_slice_part(
		    rest, end + 2 < rest.n ? end + 2 : rest.n, rest.n);
	}
	return true;
}

/* Each question to a server goes unanswered in its turn. */
static void
test_each_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;
		const char *before, *now;
		unsigned n;

		world_open(&world, rows[i].zone, rows[i].servers);
		before = judge(&world, rows[i].active, NULL);
		n = world.asked;
		assert_true(n > 2);
		for (unsigned k = 0; k < n; k++) {
			world.asked = 0;
			world.fail_at = k;
			now = judge(&world, rows[i].active, NULL);
			if (!nothing_new(before, now))
				fail_msg("%s, question %u fails: %s, was %s",
				    rows[i].what, k, now, before);
		}
		world_close(&world);
	}
}

/* A stranger's zone is no reason to send packets into a private network. */
static void
test_special(void **state)
{
	static const struct server servers[SERVERS] = {
		{ "10.0.0.1", REFERS, private_zone },
		{ "10.0.1.1", OWN, private_zone },
		{ "127.0.0.1", REFUSES, private_zone },
	};
	struct ms_net allow[2];
	struct world world;
	const char *got;

	(void)state;
	world_open(&world, private_zone, servers);
	got = judge(&world, true, NULL);
	assert_int_equal(world.asked, 0);
	assert_int_equal(world.at_special, 0);
	assert_null(strstr(got, "ns-lame"));
	assert_non_null(strstr(got, "ns-target-reserved"));
	/* Allowed, it is asked like any other. */
	assert_true(ms_net_parse(MS_SLICE("10.0.0.0/8"), &allow[0]));
	assert_true(ms_net_parse(MS_SLICE("127.0.0.0/8"), &allow[1]));
	got = judge(&world, true, allow);
	assert_true(world.asked >= 4);
	assert_non_null(strstr(got, "fail ns-lame medium"));
	world_close(&world);
}

/* The limits hold, and the rest is said. */
static void
test_limits(void **state)
{
	static const struct server servers[SERVERS] = { ONE };
	struct world world;
	struct ms_buf zone;
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	ms_buf_init(&zone, arena);
	ms_buf_text(&zone, "d.example. SOA a. b. 1 7200 3600 1209600 300\n");
	for (unsigned i = 0; i < 200; i++) {
		ms_buf_printf(&zone, "d.example. NS n%u.d.example.\n", i);
		for (unsigned k = 1; k < 10; k++)
			ms_buf_printf(
			    &zone, "n%u.d.example. A 9.1.%u.%u\n", i, i, k);
	}
	ms_buf_byte(&zone, '\0');
	world_open(&world, (const char *)zone.p, servers);
	assert_string_equal(
	    judge(&world, false, NULL) + 0, judge(&world, false, NULL));
	assert_int_equal(world.asked, 2 * 64);
	world_close(&world);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_each_fails),
		cmocka_unit_test(test_special),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
