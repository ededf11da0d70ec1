/* SPDX-License-Identifier: ISC
 * test_live.c - the live source against a name server that does odd things
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns_server.h"
#include "mailsonde/dns_live.h"
#include "test.h"

struct fixture {
	struct dns_server *server;
	struct ms_dns_source *source;
	struct ms_arena *arena;
	struct ms_dns_answer answer;
};

static struct ms_dns_source *
open_source(const char *const *resolvers, size_t n, double timeout)
{
	struct ms_dns_live_options options = {
		.resolvers = resolvers,
		.n = n,
		.timeout = timeout,
	};
	struct ms_dns_source *source = NULL;

	assert_int_equal(ms_dns_live_open(&options, &source, NULL), MS_OK);
	return source;
}

static void
set_up(struct fixture *f)
{
	const char *resolver;

	f->server = dns_server_start();
	resolver = dns_server_address(f->server);
	f->source = open_source(&resolver, 1, 10);
	f->arena = ms_arena_new(NULL);
}

static void
tear_down(struct fixture *f)
{
	f->source->close(f->source);
	dns_server_stop(f->server);
	ms_arena_free(f->arena);
}

static void
ask(struct fixture *f, const char *name)
{
	ms_dns_ask(
	    f->source, ms_slice_from(name), MS_DNS_A, f->arena, &f->answer);
}

static void
assert_status(
    const struct fixture *f, const char *name, enum ms_dns_status wanted)
{
	if (f->answer.status == wanted)
		return;
	print_error("%s: %s (%s), wanted %s\n", name,
	    ms_dns_status_name(f->answer.status),
	    f->answer.why ? f->answer.why : "", ms_dns_status_name(wanted));
	fail();
}

/* One A record, 192.0.2.1: what a forgery never has. */
static void
assert_true_answer(const struct fixture *f, const char *name)
{
	static const unsigned char ip[4] = { 192, 0, 2, 1 };

	assert_status(f, name, MS_DNS_FOUND);
	assert_int_equal(f->answer.n, 1);
	assert_memory_equal(f->answer.records[0].u.ip.b + 12, ip, 4);
}

/* ---- one question, one behaviour ---- */

static const struct {
	const char *name;
	enum ms_dns_status status;
	unsigned asked, tcp; /* 0: not counted */
} behaviours[] = {
	{ "found.test", MS_DNS_FOUND, 1, 0 },
	{ "nodata.test", MS_DNS_NODATA, 1, 0 },
	{ "nxdomain.test", MS_DNS_NXDOMAIN, 1, 0 },
	{ "servfail.test", MS_DNS_SERVFAIL, 1, 0 },
	{ "refused.test", MS_DNS_REFUSED, 3, 0 },
	{ "busy.test", MS_DNS_FOUND, 2, 0 },
	{ "second.test", MS_DNS_FOUND, 0, 0 },
	{ "slow.test", MS_DNS_FOUND, 0, 0 },
	{ "wrong-id.test", MS_DNS_FOUND, 0, 0 },
	{ "wrong-name.test", MS_DNS_FOUND, 0, 0 },
	{ "wrong-type.test", MS_DNS_FOUND, 0, 0 },
	{ "two-questions.test", MS_DNS_FOUND, 0, 0 },
	{ "no-reply.test", MS_DNS_FOUND, 0, 0 },
	{ "stranger.test", MS_DNS_FOUND, 0, 0 },
	{ "rubbish.test", MS_DNS_FOUND, 0, 0 },
	{ "bare-nxdomain.test", MS_DNS_BROKEN, 0, 0 },
	{ "cut.test", MS_DNS_FOUND, 2, 1 },
	{ "formerr.test", MS_DNS_FOUND, 2, 0 },
	{ "notimp.test", MS_DNS_FOUND, 2, 0 },
	{ "badvers.test", MS_DNS_FOUND, 2, 0 },
	{ "formerr-always.test", MS_DNS_BROKEN, 2, 0 },
	{ "lame.test", MS_DNS_BROKEN, 1, 0 },
	{ "loop.test", MS_DNS_BROKEN, 1, 0 },
	{ "short-count.test", MS_DNS_BROKEN, 1, 0 },
	{ "cut-closed.test", MS_DNS_UNREACHABLE, 0, 0 },
	{ "circle.x.test", MS_DNS_LOOP, 0, 0 },
};

static void
check_behaviour(struct fixture *f, size_t i)
{
	const char *name = behaviours[i].name;
	char label[64];

	ask(f, name);
	assert_status(f, name, behaviours[i].status);
	if (behaviours[i].status == MS_DNS_FOUND)
		assert_true_answer(f, name);
	else if (!ms_dns_is_absent(behaviours[i].status))
		assert_int_equal(f->answer.n, 0);
	snprintf(label, sizeof(label), "%.*s", (int)strcspn(name, "."), name);
	if (behaviours[i].asked)
		assert_int_equal(
		    dns_server_count(f->server, label), behaviours[i].asked);
	if (behaviours[i].tcp)
		assert_int_equal(
		    dns_server_count_tcp(f->server, label), behaviours[i].tcp);
}

static void
test_behaviours(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	/* All at once: some take a second. */
	for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++)
		ms_dns_hint(
		    f.source, ms_slice_from(behaviours[i].name), MS_DNS_A);
	for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++)
		check_behaviour(&f, i);
	tear_down(&f);
}

/* ---- */

static void
test_answer_fields(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	ask(&f, "FOUND.Test");
	assert_true_answer(&f, "found.test");
	/* The case that went over the wire is nobody's business. */
	assert_slice(f.answer.records[0].name, "found.test");
	assert_string_equal(f.answer.server, dns_server_address(f.server));
	assert_int_equal(f.answer.ttl, 300);
	assert_int_equal(f.answer.rcode, 0);
	assert_true(f.answer.time > 1600000000);
	assert_true(f.answer.seconds > 0);
	assert_true(f.answer.wire.n > 12);
	assert_int_equal(f.answer.security, MS_DNS_UNCHECKED);
	ask(&f, "servfail.test");
	assert_int_equal(f.answer.ede, 22);
	assert_slice(f.answer.ede_text, "gone");
	tear_down(&f);
}

static void
test_aliases(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	ask(&f, "alias.test");
	assert_true_answer(&f, "alias.test");
	assert_int_equal(f.answer.aliases_n, 1);
	assert_slice(f.answer.aliases[0], "found.test");
	assert_slice(f.answer.records[0].name, "found.test");
	tear_down(&f);
}

/* A server that changes the case of names is asked over TCP, and then
 * believed. */
static void
test_case_lost(void **state)
{
	struct fixture f;
	const char *name = "mangle.mangle-the-case-of-a-long-name.test";

	(void)state;
	set_up(&f);
	ask(&f, name);
	assert_true_answer(&f, name);
	assert_int_equal(dns_server_count(f.server, "mangle"), 2);
	assert_int_equal(dns_server_count_tcp(f.server, "mangle"), 1);
	tear_down(&f);
}

static void
test_large(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	ask(&f, "large.test");
	assert_status(&f, "large.test", MS_DNS_FOUND);
	assert_int_equal(f.answer.n, 3000);
	assert_false(f.answer.truncated);
	tear_down(&f);
}

/* ---- remembering ---- */

static void
test_cache(void **state)
{
	static const struct {
		const char *name, *label;
		unsigned asked;
	} cases[] = {
		{ "found.test", "found", 1 },
		{ "nodata.test", "nodata", 1 },
		{ "nxdomain.test", "nxdomain", 1 },
		{ "servfail.test", "servfail", 1 },
		{ "ttl0.test", "ttl0", 3 },
		{ "brief.test", "brief", 3 },
	};
	struct fixture f;

	(void)state;
	set_up(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int round = 0; round < 3; round++)
			ask(&f, cases[i].name);
		if (cases[i].asked == 1)
			assert_true(f.answer.seconds <= 0);
		assert_int_equal(
		    dns_server_count(f.server, cases[i].label), cases[i].asked);
	}
	tear_down(&f);
}

/* The oldest go when there is no room; what is asked again comes again. */
static void
test_cache_bounded(void **state)
{
	struct fixture f;
	const char *resolver;
	struct ms_dns_live_options options = { .n = 1, .cache_size = 4096 };
	char name[64];

	(void)state;
	set_up(&f);
	f.source->close(f.source);
	resolver = dns_server_address(f.server);
	options.resolvers = &resolver;
	assert_int_equal(ms_dns_live_open(&options, &f.source, NULL), MS_OK);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "found.n%d.test", i);
		ask(&f, name);
		assert_true_answer(&f, name);
	}
	ask(&f, "found.n199.test");
	assert_int_equal(dns_server_count(f.server, "found"), 200);
	ask(&f, "found.n0.test");
	assert_int_equal(dns_server_count(f.server, "found"), 201);
	tear_down(&f);
}

/* ---- many at once ---- */

static void *
ask_meet(void *argument)
{
	struct fixture *f = argument;
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dns_answer answer;

	ms_dns_ask(f->source, MS_SLICE("meet.test"), MS_DNS_A, arena, &answer);
	ms_arena_free(arena);
	return answer.status == MS_DNS_FOUND ? f : NULL;
}

static void
test_identical_asked_once(void **state)
{
	struct fixture f;
	pthread_t threads[30];
	void *result;

	(void)state;
	set_up(&f);
	for (size_t i = 0; i < 30; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask_meet, &f), 0);
	for (size_t i = 0; i < 30; i++) {
		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
	assert_int_equal(dns_server_count(f.server, "meet"), 1);
	tear_down(&f);
}

struct asker {
	struct fixture *f;
	unsigned number, wrong;
};

static void *
ask_many(void *argument)
{
	struct asker *self = argument;
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dns_answer answer;
	char name[64];

	for (unsigned i = 0; i < 100; i++) {
		/* Each question is two threads'. */
		snprintf(name, sizeof(name), "%s.n%u-%u.test",
		    i % 2 ? "found" : "nxdomain", self->number / 2, i);
		ms_dns_hint(self->f->source, ms_slice_from(name), MS_DNS_A);
		ms_dns_ask(self->f->source, ms_slice_from(name), MS_DNS_A,
		    arena, &answer);
		self->wrong +=
		    answer.status != (i % 2 ? MS_DNS_FOUND : MS_DNS_NXDOMAIN);
		ms_arena_clear(arena);
	}
	ms_arena_free(arena);
	return NULL;
}

static void
test_many_threads(void **state)
{
	struct fixture f;
	struct asker askers[40];
	pthread_t threads[40];

	(void)state;
	set_up(&f);
	for (unsigned i = 0; i < 40; i++) {
		askers[i].f = &f;
		askers[i].number = i;
		askers[i].wrong = 0;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask_many, &askers[i]), 0);
	}
	for (unsigned i = 0; i < 40; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(askers[i].wrong, 0);
	}
	tear_down(&f);
}

/* Many hints, then the questions; more ports than one are used. */
static void
test_hints(void **state)
{
	struct fixture f;
	char name[64];

	(void)state;
	set_up(&f);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 2000; i++) {
			snprintf(name, sizeof(name), "found.n%d.test", i);
			if (round == 0) {
				ms_dns_hint(
				    f.source, ms_slice_from(name), MS_DNS_A);
				continue;
			}
			ask(&f, name);
			assert_true_answer(&f, name);
		}
	assert_true(dns_server_count(f.server, "found") >= 2000);
	assert_true(dns_server_ports(f.server) >= 2);
	tear_down(&f);
}

/* Refused for a moment is not refused. */
static void
test_rate_limit(void **state)
{
	struct fixture f;
	char name[64];

	(void)state;
	set_up(&f);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 100; i++) {
			snprintf(name, sizeof(name), "limited.n%d.test", i);
			if (round == 0) {
				ms_dns_hint(
				    f.source, ms_slice_from(name), MS_DNS_A);
				continue;
			}
			ask(&f, name);
			assert_true_answer(&f, name);
		}
	assert_true(dns_server_count(f.server, "limited") > 100);
	tear_down(&f);
}

/* Streams too serve many questions. */
static void
test_many_cut(void **state)
{
	struct fixture f;
	char name[64];

	(void)state;
	set_up(&f);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 40; i++) {
			snprintf(name, sizeof(name), "cut.n%d.test", i);
			if (round == 0) {
				ms_dns_hint(
				    f.source, ms_slice_from(name), MS_DNS_A);
				continue;
			}
			ask(&f, name);
			assert_true_answer(&f, name);
		}
	tear_down(&f);
}

/* A source can be closed while questions are on their way and queued. */
static void
test_close_busy(void **state)
{
	struct fixture f;
	char name[64];

	(void)state;
	set_up(&f);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "silent.n%d.test", i);
		ms_dns_hint(f.source, ms_slice_from(name), MS_DNS_A);
	}
	tear_down(&f);
}

/* ---- one server by itself ---- */

/* The same, and not through the resolver. */
static void
server_question(struct fixture *f, const char *name, uint16_t type,
    struct ms_dns_question *out)
{
	const char *address = dns_server_address(f->server);

	memset(out, 0, sizeof(*out));
	out->type = type;
	assert_true(ms_dns_name_from_text(ms_slice_from(name), &out->name));
	assert_true(ms_ip_parse(MS_SLICE("127.0.0.1"), &out->server));
	out->port = (uint16_t)strtoul(strchr(address, '@') + 1, NULL, 10);
}

static void
ask_server(struct fixture *f, const char *name, uint16_t type)
{
	struct ms_dns_question question;

	server_question(f, name, type, &question);
	f->source->query(f->source, &question, f->arena, &f->answer);
}

static const struct {
	const char *name, *label;
	enum ms_dns_status status;
	unsigned asked; /* in all; 0: not counted */
} by_itself[] = {
	{ "own.test", "own", MS_DNS_FOUND, 1 },
	{ "found.test", "found", MS_DNS_FOUND, 1 },
	{ "cut.test", "cut", MS_DNS_FOUND, 2 },
	{ "formerr.test", "formerr", MS_DNS_FOUND, 2 },
	{ "second.test", "second", MS_DNS_FOUND, 0 },
	{ "nxdomain.test", "nxdomain", MS_DNS_NXDOMAIN, 1 },
	/* Its own word, and not asked again for another. */
	{ "servfail.test", "servfail", MS_DNS_SERVFAIL, 1 },
	{ "refused.test", "refused", MS_DNS_REFUSED, 1 },
	{ "lame.test", "lame", MS_DNS_REFERRAL, 1 },
	/* Aliases are not followed. */
	{ "alias.test", "alias", MS_DNS_NODATA, 1 },
};

static void
test_server(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	for (size_t i = 0; i < sizeof(by_itself) / sizeof(by_itself[0]); i++) {
		ask_server(&f, by_itself[i].name, MS_DNS_A);
		assert_status(&f, by_itself[i].name, by_itself[i].status);
		assert_string_equal(
		    f.answer.server, dns_server_address(f.server));
		if (by_itself[i].asked)
			assert_int_equal(
			    dns_server_count(f.server, by_itself[i].label),
			    by_itself[i].asked);
	}
	ask_server(&f, "own.test", MS_DNS_A);
	assert_true(f.answer.authoritative);
	assert_false(f.answer.recursion);
	assert_int_equal(dns_server_count(f.server, "own"), 1); /* kept */
	ask_server(&f, "lame.test", MS_DNS_A);
	assert_int_equal(f.answer.n, 1);
	assert_slice(f.answer.records[0].u.target, "ns.test");
	/* Through the resolver it is another question. */
	ask(&f, "own.test");
	assert_status(&f, "own.test", MS_DNS_REFUSED);
	tear_down(&f);
}

/* Many about one server, by way of hints; `limit` at once. */
static void
ask_much(struct fixture *f, const char *label, unsigned n, size_t limit)
{
	struct ms_limits limits = { .dns_server_in_flight = limit };
	const char *resolver = dns_server_address(f->server);
	struct ms_dns_live_options options = {
		.resolvers = &resolver, .n = 1, .timeout = 2, .limits = &limits
	};
	struct ms_dns_question question;
	char name[64];

	f->source->close(f->source);
	assert_int_equal(ms_dns_live_open(&options, &f->source, NULL), MS_OK);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s.n%u.test", label, i);
		server_question(f, name, MS_DNS_A, &question);
		f->source->prefetch(f->source, &question);
	}
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s.n%u.test", label, i);
		ask_server(f, name, MS_DNS_A);
		assert_string_equal(
		    f->answer.server, dns_server_address(f->server));
	}
}

static void
test_not_too_many_at_one_server(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	ask_much(&f, "meet", 60, 5);
	assert_status(&f, "meet", MS_DNS_FOUND);
	assert_true(dns_server_most_held(f.server) <= 5);
	assert_true(dns_server_most_held(f.server) > 1);
	tear_down(&f);
}

/* Of one that says nothing not all find out for themselves. */
static void
test_silent_server(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	ask_much(&f, "silent", 60, 5);
	assert_status(&f, "silent", MS_DNS_TIMEOUT);
	assert_non_null(strstr(f.answer.why, "not asked"));
	assert_true(dns_server_count(f.server, "silent") < 60);
	tear_down(&f);
}

/* One that refuses everything is asked again only until that is known. */
static void
test_closed_resolver(void **state)
{
	struct fixture f;
	char name[64];

	(void)state;
	set_up(&f);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "refused.n%d.test", i);
		ms_dns_hint(f.source, ms_slice_from(name), MS_DNS_A);
	}
	for (int i = 0; i < 14; i++) {
		snprintf(name, sizeof(name), "refused.n%d.test", i);
		ask(&f, name);
		assert_status(&f, name, MS_DNS_REFUSED);
	}
	assert_int_equal(dns_server_count(f.server, "refused"), 4 * 3 + 10);
	tear_down(&f);
}

static void
test_transfer(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	for (int i = 0; i < 3; i++) {
		ask_server(&f, "transfer.test", MS_DNS_AXFR);
		assert_status(&f, "transfer.test", MS_DNS_FOUND);
		assert_int_equal(f.answer.n, 1);
		assert_int_equal(f.answer.records[0].type, MS_DNS_SOA);
		assert_int_equal(f.answer.records[0].u.soa.serial, 7);
	}
	assert_int_equal(dns_server_count_tcp(f.server, "transfer"), 1);
	ask_server(&f, "refused.test", MS_DNS_AXFR);
	assert_status(&f, "refused.test", MS_DNS_REFUSED);
	assert_int_equal(dns_server_count_tcp(f.server, "refused"), 1);
	tear_down(&f);
}

static void
test_no_server(void **state)
{
	struct ms_dns_question question = { .type = MS_DNS_A };
	struct fixture f;
	struct ms_ip ip;

	(void)state;
	set_up(&f);
	ask_server(&f, "silent.test", MS_DNS_AXFR);
	assert_status(&f, "silent.test", MS_DNS_TIMEOUT);
	/* No machine has a way to a link that is not named. */
	assert_true(ms_ip_parse(MS_SLICE("fe80::1"), &ip));
	ms_dns_ask_server(f.source, MS_SLICE("found.test"), MS_DNS_A, &ip,
	    f.arena, &f.answer);
	assert_status(&f, "found.test", MS_DNS_NO_ROUTE);
	/* A port that nobody listens at. */
	assert_true(ms_dns_name_from_text(MS_SLICE("a.test"), &question.name));
	assert_true(ms_ip_parse(MS_SLICE("127.0.0.1"), &question.server));
	question.port = 1;
	f.source->query(f.source, &question, f.arena, &f.answer);
	assert_status(&f, "a.test", MS_DNS_UNREACHABLE);
	tear_down(&f);
}

/* Where nobody answers, in the end nobody is waited for. */
static void
test_only_resolvers(void **state)
{
	const char *resolver;
	struct fixture f;
	char name[64];

	(void)state;
	set_up(&f);
	f.source->close(f.source);
	resolver = dns_server_address(f.server);
	f.source = open_source(&resolver, 1, 0.1);
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "silent.n%d.test", i);
		ask_server(&f, name, MS_DNS_A);
		assert_status(&f, name, MS_DNS_TIMEOUT);
	}
	ask_server(&f, "silent.n99.test", MS_DNS_A);
	assert_status(&f, "silent.n99.test", MS_DNS_NO_ROUTE);
	ask(&f, "found.test");
	assert_true_answer(&f, "found.test");
	tear_down(&f);
}

/* Many servers come and go; sockets are given back. */
static void
test_many_servers(void **state)
{
	struct ms_dns_question question = { .type = MS_DNS_A };
	struct fixture f;

	(void)state;
	set_up(&f);
	assert_true(ms_dns_name_from_text(MS_SLICE("a.test"), &question.name));
	assert_true(ms_ip_parse(MS_SLICE("127.0.0.1"), &question.server));
	for (int round = 0; round < 2; round++)
		for (unsigned i = 1; i < 1000; i++) {
			question.server.b[14] = (unsigned char)(i >> 8);
			question.server.b[15] = (unsigned char)i;
			question.port = 1;
			if (round == 0) {
				f.source->prefetch(f.source, &question);
				continue;
			}
			f.source->query(
			    f.source, &question, f.arena, &f.answer);
			assert_status(&f, "a.test", MS_DNS_UNREACHABLE);
		}
	ask_server(&f, "own.test", MS_DNS_A);
	assert_true_answer(&f, "own.test");
	tear_down(&f);
}

/* ---- validation, by libunbound ---- */

#define DIGEST                                                                 \
	"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"

/* A file of trust anchors; the server signs nothing. */
struct anchored {
	struct fixture f;
	char path[32];
};

/* `anchor`: a master file line; NULL: there is no such file. */
static void
set_up_anchored(
    struct anchored *a, const char *anchor, bool no_validator, double timeout)
{
	struct ms_dns_live_options options = { .n = 1,
		.timeout = timeout,
		.no_validator = no_validator,
		.trust_anchor = a->path };
	const char *resolver;
	int fd;

	memcpy(a->path, "/tmp/anchor-XXXXXX", 19);
	fd = mkstemp(a->path);
	assert_true(fd >= 0);
	if (anchor)
		assert_int_equal(
		    write(fd, anchor, strlen(anchor)), (ssize_t)strlen(anchor));
	else
		unlink(a->path);
	close(fd);
	set_up(&a->f);
	a->f.source->close(a->f.source);
	resolver = dns_server_address(a->f.server);
	options.resolvers = &resolver;
	assert_int_equal(ms_dns_live_open(&options, &a->f.source, NULL), MS_OK);
}

static void
ask_validated(struct fixture *f, const char *name)
{
	struct ms_dns_question question = { .type = MS_DNS_A,
		.want = MS_DNS_VALIDATED };

	assert_true(ms_dns_name_from_text(ms_slice_from(name), &question.name));
	f->source->query(f->source, &question, f->arena, &f->answer);
}

static void
tear_down_anchored(struct anchored *a)
{
	unlink(a->path);
	tear_down(&a->f);
}

/* What no anchor is above of: answered, and insecure. Deadlines are those of
 * all questions. */
static void
test_insecure(void **state)
{
	struct anchored a;

	(void)state;
	set_up_anchored(
	    &a, "elsewhere.invalid. IN DS 1 8 2 " DIGEST "\n", false, 3);
	ask_validated(&a.f, "found.test");
	assert_true_answer(&a.f, "found.test");
	assert_int_equal(a.f.answer.security, MS_DNS_INSECURE);
	ask_validated(&a.f, "nxdomain.test");
	assert_status(&a.f, "nxdomain.test", MS_DNS_NXDOMAIN);
	assert_int_equal(a.f.answer.security, MS_DNS_INSECURE);
	ask_validated(&a.f, "silent.test");
	assert_status(&a.f, "silent.test", MS_DNS_TIMEOUT);
	tear_down_anchored(&a);
}

/* The chain breaks at its beginning: that is not the name's fault. */
static void
test_anchorless(void **state)
{
	struct anchored a;

	(void)state;
	set_up_anchored(&a, "found.test. IN DS 1 8 2 " DIGEST "\n", false, 10);
	ask_validated(&a.f, "found.test");
	assert_status(&a.f, "found.test", MS_DNS_BROKEN);
	assert_non_null(strstr(a.f.answer.why, "cannot validate through"));
	tear_down_anchored(&a);
}

static void
test_no_anchor(void **state)
{
	struct anchored a;

	(void)state;
	set_up_anchored(&a, NULL, false, 5);
	ask_validated(&a.f, "found.test");
	assert_status(&a.f, "found.test", MS_DNS_BROKEN);
	assert_non_null(strstr(a.f.answer.why, a.path));
	tear_down_anchored(&a);
}

/* Only the resolver's word is left, and it gives none. */
static void
test_no_validator(void **state)
{
	struct anchored a;

	(void)state;
	set_up_anchored(&a, NULL, true, 5);
	ask_validated(&a.f, "found.test");
	assert_true_answer(&a.f, "found.test");
	assert_int_equal(a.f.answer.security, MS_DNS_UNCHECKED);
	tear_down_anchored(&a);
}

/* ---- deadlines and resolvers ---- */

static void
test_silence(void **state)
{
	struct fixture f;
	const char *resolver;

	(void)state;
	set_up(&f);
	f.source->close(f.source);
	resolver = dns_server_address(f.server);
	f.source = open_source(&resolver, 1, 0.7);
	ask(&f, "silent.test");
	assert_status(&f, "silent.test", MS_DNS_TIMEOUT);
	assert_int_equal(f.answer.rcode, -1);
	assert_non_null(f.answer.why);
	/* Tried more than once. */
	assert_true(dns_server_count(f.server, "silent") >= 2);
	ask(&f, "cut-silent.test");
	assert_status(&f, "cut-silent.test", MS_DNS_TIMEOUT);
	tear_down(&f);
}

/* Who waits no longer gets no answer, and the next who asks the one that came
 * meanwhile: it was asked once. */
static void
test_patience(void **state)
{
	struct ms_dns_question question = { .type = MS_DNS_A, .seconds = 0.01 };
	struct fixture f;

	(void)state;
	set_up(&f);
	assert_true(
	    ms_dns_name_from_text(MS_SLICE("slow.test"), &question.name));
	f.source->query(f.source, &question, f.arena, &f.answer);
	assert_status(&f, "slow.test", MS_DNS_TIMEOUT);
	assert_non_null(strstr(f.answer.why, "time for the whole"));
	question.seconds = 60;
	f.source->query(f.source, &question, f.arena, &f.answer);
	assert_status(&f, "slow.test", MS_DNS_FOUND);
	assert_int_equal(f.answer.n, 1);
	question.seconds = 0.01;
	f.source->query(f.source, &question, f.arena, &f.answer);
	assert_status(&f, "slow.test", MS_DNS_FOUND);
	tear_down(&f);
}

/* A port that nobody listens at. */
static void
test_nobody(void **state)
{
	struct fixture f;
	char dead[64];
	const char *resolver = dead;

	(void)state;
	set_up(&f);
	snprintf(dead, sizeof(dead), "%s", dns_server_address(f.server));
	tear_down(&f);
	f.arena = ms_arena_new(NULL);
	f.source = open_source(&resolver, 1, 5);
	ask(&f, "found.test");
	assert_status(&f, "found.test", MS_DNS_UNREACHABLE);
	assert_non_null(f.answer.why);
	f.source->close(f.source);
	ms_arena_free(f.arena);
}

/* One dead, one that refuses, one that answers. */
static void
test_several_resolvers(void **state)
{
	struct fixture f;
	struct dns_server *gone = dns_server_start();
	const char *resolvers[2];
	char dead[64];

	(void)state;
	snprintf(dead, sizeof(dead), "%s", dns_server_address(gone));
	dns_server_stop(gone);
	set_up(&f);
	f.source->close(f.source);
	resolvers[0] = dead;
	resolvers[1] = dns_server_address(f.server);
	f.source = open_source(resolvers, 2, 10);
	ask(&f, "found.test");
	assert_true_answer(&f, "found.test");
	assert_string_equal(f.answer.server, resolvers[1]);
	ask(&f, "cut.test");
	assert_true_answer(&f, "cut.test");
	tear_down(&f);
}

/* A bad answer of the first is not the last word. */
static void
test_second_opinion(void **state)
{
	struct fixture f, other;
	const char *resolvers[2];

	(void)state;
	set_up(&f);
	set_up(&other);
	f.source->close(f.source);
	resolvers[0] = dns_server_address(f.server);
	resolvers[1] = dns_server_address(other.server);
	f.source = open_source(resolvers, 2, 10);
	for (int i = 0; i < 2; i++) {
		static const char *const names[] = { "servfail.test",
			"refused.test" };

		ask(&f, names[i]);
		assert_false(f.answer.status == MS_DNS_FOUND);
	}
	assert_int_equal(dns_server_count(f.server, "servfail"), 1);
	assert_int_equal(dns_server_count(other.server, "servfail"), 1);
	assert_true(dns_server_count(other.server, "refused") >= 1);
	tear_down(&f);
	tear_down(&other);
}

/* ---- options ---- */

static void
test_resolver_texts(void **state)
{
	static const struct {
		const char *text;
		enum ms_status status;
	} cases[] = {
		{ "192.0.2.1", MS_OK },
		{ "192.0.2.1@5353", MS_OK },
		{ "2001:db8::1", MS_OK },
		{ "2001:db8::1@53", MS_OK },
		{ "", MS_USAGE },
		{ "ns.example.com", MS_USAGE },
		{ "192.0.2.1@", MS_USAGE },
		{ "192.0.2.1@0", MS_USAGE },
		{ "192.0.2.1@65536", MS_USAGE },
		{ "192.0.2.1@53x", MS_USAGE },
		{ "192.0.2.1:53", MS_USAGE },
		{ "192.0.2.1@53@54", MS_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ms_dns_live_options options = {
			.resolvers = &cases[i].text, .n = 1
		};
		struct ms_dns_source *source;
		struct ms_diag diag;
		enum ms_status status =
		    ms_dns_live_open(&options, &source, &diag);

		if (status == MS_OK)
			source->close(source);
		if (status != cases[i].status) {
			print_error("\"%s\"\n", cases[i].text);
			fail();
		}
	}
}

static void
test_resolv_conf(void **state)
{
	struct fixture f;
	char path[] = "/tmp/resolv.XXXXXX";
	int fd = mkstemp(path);
	struct ms_dns_live_options options = { .resolv_conf = path };
	FILE *file = fdopen(fd, "w");

	(void)state;
	set_up(&f);
	f.source->close(f.source);
	/* Its port cannot be told there: what counts is who was asked. */
	fprintf(file, "# comment\nsearch test\n nameserver\t127.0.0.93\n"
		      "nameserver nonsense\noptions edns0\n");
	fclose(file);
	options.timeout = 0.2;
	assert_int_equal(ms_dns_live_open(&options, &f.source, NULL), MS_OK);
	ask(&f, "found.test");
	assert_string_equal(f.answer.server, "127.0.0.93@53");
	remove(path);
	tear_down(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behaviours),
		cmocka_unit_test(test_answer_fields),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_case_lost),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_cache_bounded),
		cmocka_unit_test(test_identical_asked_once),
		cmocka_unit_test(test_many_threads),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_rate_limit),
		cmocka_unit_test(test_many_cut),
		cmocka_unit_test(test_close_busy),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_not_too_many_at_one_server),
		cmocka_unit_test(test_silent_server),
		cmocka_unit_test(test_closed_resolver),
		cmocka_unit_test(test_no_server),
		cmocka_unit_test(test_only_resolvers),
		cmocka_unit_test(test_many_servers),
		cmocka_unit_test(test_insecure),
		cmocka_unit_test(test_anchorless),
		cmocka_unit_test(test_no_anchor),
		cmocka_unit_test(test_no_validator),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_several_resolvers),
		cmocka_unit_test(test_second_opinion),
		cmocka_unit_test(test_resolver_texts),
		cmocka_unit_test(test_resolv_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
