/* SPDX-License-Identifier: ISC
 * test_wrap.c - remembering, observing, recording, replaying
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "mailsonde/dns_wrap.h"
#include "mailsonde/dns_zone.h"
#include "test.h"

static const char zone_text[] =
    "example.com. 300 TXT \"v=spf1 \" \"a:\\255\\000\\\"\"\n"
    "example.com. 200 MX 10 mx.example.com.\n"
    "example.com. SOA ns.example.com. h.example.com. 1 2 3 4 5\n"
    "a.example.com. 100 CNAME b.example.com.\n"
    "b.example.com. 50 CNAME c\\.d.example.com.\n"
    "c\\.d.example.com. 70 A 192.0.2.1\n"
    "c\\.d.example.com. 70 AAAA 2001:db8::1\n"
    "s.example.com. SRV 1 2 3 t.example.com.\n"
    "t.example.com. TLSA 3 1 1 00ff\n"
    "t.example.com. CAA 1 issue \"x\"\n"
    "u.example.com. TYPE999 \\# 2 0102\n"
    "loop.example.com. CNAME loop.example.com.\n"
    "gone.example.com. CNAME no.example.com.\n"
    "slow.example.com. CNAME slow2.example.com.\n"
    ";; timeout slow2.example.com\n"
    ";; servfail fail.example.com\n";

static const struct {
	const char *name;
	enum ms_dns_type type;
} questions[] = {
	{ "example.com", MS_DNS_TXT },
	{ "EXAMPLE.com", MS_DNS_MX },
	{ "example.com", MS_DNS_SOA },
	{ "example.com", MS_DNS_A },
	{ "none.example.com", MS_DNS_A },
	{ "a.example.com", MS_DNS_A },
	{ "a.example.com", MS_DNS_AAAA },
	{ "a.example.com", MS_DNS_CNAME },
	{ "a.example.com", MS_DNS_TXT },
	{ "s.example.com", MS_DNS_SRV },
	{ "t.example.com", MS_DNS_TLSA },
	{ "t.example.com", MS_DNS_CAA },
	{ "u.example.com", 999 },
	{ "loop.example.com", MS_DNS_A },
	{ "gone.example.com", MS_DNS_A },
	{ "slow.example.com", MS_DNS_A },
	{ "fail.example.com", MS_DNS_TXT },
	{ "odd \xff name.example.com", MS_DNS_TXT },
};
#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

struct fixture {
	struct ms_arena *arena, *lasting;
	struct ms_buf out;
	atomic_uint asked, hinted;
	struct ms_dns_source counter, *inner;
};

static struct fixture f;

/* Counts, and adds what a zone does not have. */
static void
count_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	(void)self;
	atomic_fetch_add(&f.asked, 1);
	f.inner->query(f.inner, question, arena, out);
	out->seconds = 0.1 + 0.2; /* no short decimal */
	out->security = MS_DNS_INSECURE;
	if (out->status == MS_DNS_FOUND) {
		out->recursion = true; /* as the wire has it */
		out->wire = MS_SLICE("\x12\x34\x81\x80\0\1\0\1\0\0\0\0");
		out->ede = 3;
		out->ede_text = MS_SLICE("stale");
	}
}

static bool
count_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	(void)self;
	(void)question;
	atomic_fetch_add(&f.hinted, 1);
	return false;
}

static void
count_close(struct ms_dns_source *self)
{
	(void)self;
	f.inner->close(f.inner);
}

static int
set_up(void **state)
{
	struct ms_dns_zone_text texts[] = { { "z", MS_SLICE(zone_text) } };
	struct ms_dns_zone_options options = { .texts = texts,
		.texts_n = 1,
		.offline = true,
		.time = 1700000000 };
	struct ms_diag diag = { "" };

	(void)state;
	memset(&f, 0, sizeof(f));
	f.arena = ms_arena_new(NULL);
	f.lasting = ms_arena_new(NULL);
	ms_buf_init(&f.out, f.lasting);
	if (ms_dns_zone_open(&options, &f.inner, &diag) != MS_OK)
		fail_msg("%s", diag.text);
	f.counter =
	    (struct ms_dns_source){ count_query, count_prefetch, count_close };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ms_arena_free(f.arena);
	ms_arena_free(f.lasting);
	return 0;
}

static void
ask(struct ms_dns_source *source, size_t i, struct ms_dns_answer *out)
{
	ms_dns_ask(source, ms_slice_from(questions[i].name), questions[i].type,
	    f.arena, out);
}

/* ---- once ---- */

static void
test_once(void **state)
{
	struct ms_dns_source *once = ms_dns_once(&f.counter, 2, true, NULL);
	struct ms_dns_answer first, second;

	(void)state;
	ms_dns_hint(once, MS_SLICE("example.com"), MS_DNS_TXT);
	assert_int_equal(f.hinted, 1);
	ask(once, 0, &first);
	ms_dns_hint(once, MS_SLICE("EXAMPLE.com"), MS_DNS_TXT);
	assert_int_equal(f.hinted, 1); /* known by now */
	ms_dns_ask(once, MS_SLICE("Example.COM"), MS_DNS_TXT, f.arena, &second);
	assert_int_equal(f.asked, 1);
	assert_ptr_equal(first.records, second.records);
	assert_null(first.wire.p);
	assert_true(second.seconds > 0.3);
	assert_slice(first.ede_text, "stale");
	/* Another type is another question; the third is not kept. */
	ask(once, 2, &second);
	ask(once, 3, &second);
	ask(once, 3, &second);
	assert_int_equal(f.asked, 4);
	once->close(once);

	tear_down(NULL);
	set_up(NULL);
	once = ms_dns_once(&f.counter, 2, false, NULL);
	assert_null(once->prefetch);
	once->close(once);
}

static void *
many_ask(void *argument)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dns_answer answer;

	for (unsigned i = 0; i < 20 * QUESTIONS; i++)
		ms_dns_ask(argument,
		    ms_slice_from(questions[i % QUESTIONS].name),
		    questions[i % QUESTIONS].type, arena, &answer);
	ms_arena_free(arena);
	return NULL;
}

static void
test_threads(void **state)
{
	struct ms_dns_source *once = ms_dns_once(&f.counter, 0, true, NULL);
	pthread_t threads[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, many_ask, once);
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(f.asked, QUESTIONS);
	once->close(once);
}

/* ---- observe ---- */

static void
say(void *context, struct ms_slice line)
{
	(void)context;
	ms_buf_slice(&f.out, line);
	ms_buf_byte(&f.out, '\n');
}

static void
test_observe(void **state)
{
	struct ms_dns_source *source =
	    ms_dns_observe(&f.counter, say, NULL, NULL);
	struct ms_dns_answer answer;

	(void)state;
	ask(source, 5, &answer);
	ask(source, 4, &answer);
	ask(source, 16, &answer);
	assert_slice(ms_buf_get(&f.out),
	    "a.example.com A: found, insecure, extended error 3 stale, zone z, "
	    "300 ms; alias of b.example.com; alias of c\\.d.example.com; "
	    "192.0.2.1\n"
	    "none.example.com A: nxdomain, insecure, 300 ms\n"
	    "fail.example.com TXT: servfail, insecure, zone z, 300 ms: the "
	    "server failed (so says the zone file)\n");
	source->close(source);
}

/* ---- record and replay ---- */

static bool
take(void *context, struct ms_slice bytes)
{
	(void)context;
	ms_buf_slice(&f.out, bytes);
	return true;
}

static void
same_slice(struct ms_slice a, struct ms_slice b)
{
	assert_int_equal(a.n, b.n);
	assert_int_equal(a.p == NULL, b.p == NULL);
	if (a.n > 0)
		assert_memory_equal(a.p, b.p, a.n);
}

static void
same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a)
		assert_string_equal(a, b);
}

static void
same_answer(const struct ms_dns_answer *a, const struct ms_dns_answer *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->security, b->security);
	same_text(a->why, b->why);
	same_text(a->server, b->server);
	assert_int_equal(a->ttl, b->ttl);
	assert_int_equal(a->rcode, b->rcode);
	assert_int_equal(a->ede, b->ede);
	assert_int_equal(a->authoritative, b->authoritative);
	assert_int_equal(a->recursion, b->recursion);
	assert_int_equal(a->has_signature, b->has_signature);
	assert_int_equal(a->signed_since, b->signed_since);
	if (a->has_signature)
		assert_int_equal(a->signed_until, b->signed_until);
	assert_int_equal(a->glue_n, b->glue_n);
	same_slice(a->ede_text, b->ede_text);
	assert_int_equal(a->time, b->time);
	assert_memory_equal(&a->seconds, &b->seconds, sizeof(double));
	assert_int_equal(a->aliases_n, b->aliases_n);
	for (size_t i = 0; i < a->aliases_n; i++)
		same_slice(a->aliases[i], b->aliases[i]);
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct ms_dns_record *x = &a->records[i];
		const struct ms_dns_record *y = &b->records[i];

		assert_int_equal(x->type, y->type);
		assert_int_equal(x->ttl, y->ttl);
		same_slice(x->name, y->name);
		same_slice(x->rdata, y->rdata);
		if (x->type == MS_DNS_MX)
			same_slice(x->u.mx.exchange, y->u.mx.exchange);
	}
}

/* Everything asked twice, into f.out. The answers live as long as the source
 * that comes back. */
static struct ms_dns_source *
record_all(struct ms_dns_answer *answers)
{
	struct ms_ledger *ledger = ms_ledger_new(take, NULL, NULL);
	struct ms_dns_source *source =
	    ms_dns_record(&f.counter, ledger, 0, NULL);

	for (size_t i = 0; i < QUESTIONS; i++)
		ask(source, i, &answers[i]);
	for (size_t i = 0; i < QUESTIONS; i++)
		ask(source, i, &answers[i]);
	/* A name that cannot be is not asked; a hint leaves no trace. */
	ms_dns_ask(source, MS_SLICE("a..b"), MS_DNS_A, f.arena, &answers[0]);
	ask(source, 0, &answers[0]);
	ms_dns_hint(source, MS_SLICE("hint.example"), MS_DNS_A);
	assert_true(ms_ledger_close(ledger, true));
	return source;
}

static struct ms_dns_source *
read_all(size_t *lines)
{
	struct ms_dns_source *replay = ms_dns_replay(NULL, 0, NULL);
	struct ms_ledger_reader reader;
	const struct ms_json *line;
	struct ms_diag diag = { "" };

	*lines = 0;
	ms_ledger_start(&reader, ms_buf_get(&f.out));
	while (ms_ledger_next(&reader, f.arena, &line, &diag) == MS_OK) {
		if (ms_dns_replay_add(replay, line, &diag) != MS_OK)
			fail_msg("line %u: %s", reader.line, diag.text);
		++*lines;
	}
	assert_string_equal(diag.text, "");
	return replay;
}

static void
test_replay(void **state)
{
	struct ms_dns_answer before[QUESTIONS], after;
	struct ms_dns_source *source, *replay;
	struct ms_slice all;
	size_t lines;

	(void)state;
	source = record_all(before);
	replay = read_all(&lines);
	assert_int_equal(lines, QUESTIONS);
	for (size_t i = 0; i < QUESTIONS; i++) {
		ask(replay, i, &after);
		same_answer(&before[i], &after);
	}
	ms_dns_ask(replay, MS_SLICE("hint.example"), MS_DNS_A, f.arena, &after);
	assert_int_equal(after.status, MS_DNS_NOT_RECORDED);
	assert_true(ms_dns_is_failure(after.status));
	ms_dns_ask(replay, MS_SLICE("example.com"), MS_DNS_NS, f.arena, &after);
	assert_int_equal(after.status, MS_DNS_NOT_RECORDED);
	replay->close(replay);
	source->close(source);
	all = ms_buf_get(&f.out);
	assert_true(
	    ms_slice_find_text(all, 0,
		"\"messageOctetsHEX\":\"123481800001000100000000\"") < all.n);
	assert_true(ms_slice_find_text(
			all, 0, "\"rdataMX\":\"10 mx.example.com.\"") < all.n);
}

/* What one server says by itself: another question each, and a referral keeps
 * its glue. */
static void
server_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	count_query(self, question, arena, out);
	if (!question->server.set || question->server.b[15] != 2)
		return;
	out->status = MS_DNS_REFERRAL;
	out->authoritative = false;
	out->recursion = true;
	ms_dns_ask(f.inner, MS_SLICE("a.example.com"), MS_DNS_A, arena, out);
	out->aliases_n = 0;
	out->status = MS_DNS_REFERRAL;
	out->glue = out->records;
	out->glue_n = out->n;
	out->has_signature = true;
	out->signed_since = 3999999999u;
	out->signed_until = 4000000000u;
}

static void
test_servers(void **state)
{
	struct ms_dns_answer answers[3], after;
	struct ms_dns_source *source, *replay;
	struct ms_ledger *ledger;
	struct ms_ip ip[3];
	size_t lines;

	(void)state;
	f.counter.query = server_query;
	for (size_t i = 0; i < 3; i++)
		assert_true(ms_ip_parse(ms_slice_from(i == 0   ? "192.0.2.1"
						      : i == 1 ? "192.0.2.2"
							       : "2001:db8::3"),
		    &ip[i]));
	ledger = ms_ledger_new(take, NULL, NULL);
	source = ms_dns_once(
	    ms_dns_record(&f.counter, ledger, 0, NULL), 0, true, NULL);
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < 3; i++)
			ms_dns_ask_server(source, MS_SLICE("example.com"),
			    MS_DNS_SOA, &ip[i], f.lasting, &answers[i]);
	assert_int_equal(f.asked, 3);
	ms_dns_ask(
	    source, MS_SLICE("example.com"), MS_DNS_SOA, f.arena, &after);
	assert_int_equal(f.asked, 4);
	assert_true(ms_ledger_close(ledger, true));
	replay = read_all(&lines);
	assert_int_equal(lines, 4);
	for (size_t i = 0; i < 3; i++) {
		ms_dns_ask_server(replay, MS_SLICE("EXAMPLE.com"), MS_DNS_SOA,
		    &ip[i], f.arena, &after);
		same_answer(&answers[i], &after);
	}
	ms_dns_ask_server(replay, MS_SLICE("example.com"), MS_DNS_SOA, &ip[1],
	    f.arena, &after);
	assert_int_equal(after.status, MS_DNS_REFERRAL);
	assert_int_equal(after.n, 1);
	assert_int_equal(after.glue_n, 1);
	assert_int_equal(after.glue[0].u.ip.b[15], 1);
	ms_dns_ask_server(replay, MS_SLICE("example.com"), MS_DNS_NS, &ip[1],
	    f.arena, &after);
	assert_int_equal(after.status, MS_DNS_NOT_RECORDED);
	replay->close(replay);
	source->close(source);
}

/* Lines that no record has. */
static void
test_lines(void **state)
{
#define HEAD  "{\"type\":\"dns\",\"name\":\"x.example\",\"rrtype\":\"A\""
#define WORDS ",\"status\":\"found\",\"security\":\"unchecked\""
#define RR                                                                     \
	"{\"NAME\":\"x.example\",\"TYPE\":1,\"TTL\":1,\"RDATAHEX\":"           \
	"\"C0000201\"}"
	static const struct {
		const char *line;
		enum ms_status want;
	} rows[] = {
		{ HEAD WORDS ",\"responseMessage\":{\"answerRRs\":[" RR "]}}",
		    MS_OK },
		{ HEAD WORDS ",\"responseMessage\":{\"answerRRs\":[" RR "]}}",
		    MS_FORMAT }, /* once more */
		{ HEAD WORDS ",\"responseMessage\":{\"answerRRs\":[]}}",
		    MS_FORMAT },
		{ HEAD WORDS "}", MS_FORMAT },
		{ HEAD ",\"status\":\"nodata\",\"security\":\"unchecked\","
		       "\"responseMessage\":{\"answerRRs\":[" RR "]}}",
		    MS_FORMAT },
		{ HEAD ",\"status\":\"timeout\"}", MS_FORMAT },
		{ HEAD ",\"status\":\"gone\",\"security\":\"unchecked\"}",
		    MS_FORMAT },
		{ HEAD WORDS ",\"responseMessage\":{\"answerRRs\":[{\"NAME\":"
			     "\"x\",\"TYPE\":1,\"RDATAHEX\":\"C00002\"}]}}",
		    MS_FORMAT },
		{ HEAD WORDS ",\"responseMessage\":{\"answerRRs\":[{\"NAME\":"
			     "\"x\",\"TYPE\":1,\"RDATAHEX\":\"C000020g\"}]}}",
		    MS_FORMAT },
		{ HEAD WORDS ",\"responseMessage\":{\"answerRRs\":[{\"TYPE\":"
			     "1,\"RDATAHEX\":\"C0000201\"}]}}",
		    MS_FORMAT },
		{ HEAD WORDS ",\"responseMessage\":{\"answerRRs\":{}}}",
		    MS_FORMAT },
		{ HEAD ",\"asked\":\"192.0.2.1@\",\"status\":\"timeout\","
		       "\"security\":\"unchecked\"}",
		    MS_FORMAT },
		{ HEAD ",\"asked\":\"ns.example@53\",\"status\":\"timeout\","
		       "\"security\":\"unchecked\"}",
		    MS_FORMAT },
		{ HEAD ",\"asked\":\"192.0.2.1@53\",\"status\":\"timeout\","
		       "\"security\":\"unchecked\"}",
		    MS_OK },
		{ HEAD ",\"asked\":\"192.0.2.1@70000\",\"status\":\"timeout\","
		       "\"security\":\"unchecked\"}",
		    MS_FORMAT },
		{ HEAD ",\"asked\":\"192.0.2.1@54\",\"status\":\"timeout\","
		       "\"security\":\"unchecked\"}",
		    MS_OK },
		{ HEAD ",\"status\":\"referral\",\"security\":\"unchecked\","
		       "\"responseMessage\":{\"authorityRRs\":[]}}",
		    MS_FORMAT },
		{ "{\"type\":\"dns\",\"rrtype\":\"A\"}", MS_FORMAT },
		{ "{\"type\":\"dns\",\"name\":\"x\",\"rrtype\":\"Q\"}",
		    MS_FORMAT },
	};
	struct ms_dns_source *replay = ms_dns_replay(NULL, 0, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ms_json *line =
		    ms_json_read(f.arena, ms_slice_from(rows[i].line));

		assert_non_null(line);
		if (ms_dns_replay_add(replay, line, NULL) != rows[i].want)
			fail_msg("%s", rows[i].line);
	}
	replay->close(replay);
	f.inner->close(f.inner);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_threads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_observe, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_servers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lines, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
