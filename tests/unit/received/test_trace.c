/* SPDX-License-Identifier: ISC
 * test_trace.c - the way: trust boundary, origin, delays, clocks
 */
#include "mailsonde/trace.h"

#include "test.h"

struct way {
	struct test_parse t;
	struct ms_env env;
	struct ms_net trust[4], allow[4];
	struct ms_message message;
	struct ms_trace trace;
};

static size_t
read_nets(const char *text, struct ms_net *out)
{
	struct ms_slice rest = ms_slice_from(text ? text : "");
	size_t n = 0;

	while (rest.n > 0) {
		size_t end = ms_slice_find(rest, 0, ' ');

		assert_true(
		    ms_net_parse(ms_slice_part(rest, 0, end), &out[n++]));
		rest = ms_slice_part(rest, end + 1, rest.n);
	}
	return n;
}

/* `header` as it stands in a message. */
static void
build(struct way *way, const char *header, const char *trust, const char *allow)
{
	const struct ms_message_options options = { .mime = false };

	memset(way, 0, sizeof(*way));
	test_parse_init(&way->t);
	way->t.parse.limits = &way->t.limits;
	ms_message_parse(way->t.arena, way->t.parse.charsets, &way->t.limits,
	    ms_slice_from(header), &options, &way->message);
	way->t.parse.defects = &way->message.defects;
	way->env.geo = ms_geo_none();
	way->env.limits = way->t.limits;
	way->env.trust = way->trust;
	way->env.trust_n = read_nets(trust, way->trust);
	way->env.allow = way->allow;
	way->env.allow_n = read_nets(allow, way->allow);
	ms_trace_build(&way->env, &way->t.parse, &way->message, &way->trace);
}

static void
done(struct way *way)
{
	test_parse_done(&way->t);
}

#define HOP(ip, by)                                                            \
	"Received: from x.example (x.example [" ip "])\n by " by               \
	" (Postfix) with ESMTP id 1; Mon, 5 Jan 2026 10:00:00 +0000\n"
#define SUBMISSION(ip, by)                                                     \
	"Received: from x.example (x.example [" ip "])\n by " by               \
	" (Postfix) with ESMTPSA id 1; Mon, 5 Jan 2026 10:00:00 +0000\n"
#define LOCAL                                                                  \
	"Received: by mx.b.example (Postfix, from userid 5) id 2;"             \
	" Mon, 5 Jan 2026 10:00:00 +0000\n"
#define JUNK "Received: what is this\n"

/* Marks from the top of the header (the newest) down: o, b, c; then where it
 * came from, and the oldest address that is claimed. */
static const struct {
	const char *header, *trust, *allow, *marks, *origin, *claimed;
} boundaries[] = {
	{ HOP("203.0.113.5", "mx"), NULL, NULL, "b", "203.0.113.5", "" },
	{ HOP("10.0.0.1", "in") HOP("203.0.113.5", "mx")
		HOP("198.51.100.7", "relay"),
	    NULL, NULL, "obc", "203.0.113.5", "198.51.100.7" },
	/* Trust never comes back: private addresses of strangers. */
	{ HOP("203.0.113.5", "mx") HOP("10.0.0.1", "relay"), NULL, NULL, "bc",
	    "203.0.113.5", "10.0.0.1" },
	/* lines that say nothing do not move the boundary */
	{ LOCAL JUNK HOP("203.0.113.5", "mx") LOCAL, NULL, NULL, "oobc",
	    "203.0.113.5", "" },
	/* all ours */
	{ HOP("10.0.0.1", "in") HOP("192.168.1.2", "mx"), NULL, NULL, "oo",
	    "192.168.1.2", "" },
	{ SUBMISSION("198.51.100.7", "mx"), NULL, NULL, "o", "198.51.100.7",
	    "" },
	{ HOP("10.0.0.1", "in") SUBMISSION("198.51.100.7", "mx"), NULL, NULL,
	    "oo", "198.51.100.7", "" },
	/* A stranger's submission is a claim. */
	{ HOP("203.0.113.5", "mx") SUBMISSION("198.51.100.7", "relay"), NULL,
	    NULL, "bc", "203.0.113.5", "198.51.100.7" },
	{ LOCAL, NULL, NULL, "o", "", "" },
	{ "Subject: x\n", NULL, NULL, "", "", "" },
	/* given: nothing else is ours, but loopback */
	{ HOP("203.0.113.5", "in") HOP("198.51.100.7", "mx"), "203.0.113.0/24",
	    NULL, "ob", "198.51.100.7", "" },
	{ HOP("127.0.0.1", "in") HOP("10.0.0.1", "mx"), "203.0.113.0/24", NULL,
	    "ob", "10.0.0.1", "" },
	{ SUBMISSION("198.51.100.7", "mx"), "203.0.113.0/24", NULL, "b",
	    "198.51.100.7", "" },
	{ HOP("203.0.113.5", "in") HOP("2001:db8::1", "mx"),
	    "203.0.113.5 2001:db8::/32", NULL, "oo", "2001:db8::1", "" },
	/* a private range that stands for the outside */
	{ HOP("10.0.0.1", "in") HOP("10.9.0.1", "mx"), NULL, "10.9.0.0/16",
	    "ob", "10.9.0.1", "" },
	/* a field that anybody can write is the first hop, and a claim */
	{ HOP("203.0.113.5", "mx") "X-Originating-IP: [198.51.100.9]\n", NULL,
	    NULL, "bc", "203.0.113.5", "198.51.100.9" },
	{ HOP("10.0.0.1", "mx") "X-Originating-IP: [198.51.100.9]\n", NULL,
	    NULL, "oc", "10.0.0.1", "198.51.100.9" },
	{ "X-Originating-IP: 198.51.100.9\n", NULL, NULL, "c", "",
	    "198.51.100.9" },
	{ HOP("203.0.113.5", "mx") "X-Originating-IP: none\n", NULL, NULL, "b",
	    "203.0.113.5", "" },
};

static void
finds_the_boundary(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(boundaries) / sizeof(*boundaries); i++) {
		char marks[16] = "", text[MS_IP_TEXT];
		struct way way;
		size_t n;

		build(&way, boundaries[i].header, boundaries[i].trust,
		    boundaries[i].allow);
		n = way.trace.n;
		for (size_t k = 0; k < n; k++)
			marks[k] =
			    *ms_trust_name(way.trace.hops[n - 1 - k].trust);
		assert_string_equal(marks, boundaries[i].marks);
		ms_ip_format(&way.trace.origin, text);
		assert_string_equal(text, boundaries[i].origin);
		ms_ip_format(&way.trace.claimed_client, text);
		assert_string_equal(text, boundaries[i].claimed);
		assert_non_null(way.trace.origin_why);
		assert_int_equal(
		    way.trace.trust_given, boundaries[i].trust != NULL);
		done(&way);
	}
}

/* Above the boundary's field all is ours; below, all is claimed. */
static void
trusts_fields(void **state)
{
	struct way way;

	(void)state;
	build(&way,
	    "X-A: 0\n" HOP("10.0.0.1", "in") "X-B: 2\n" HOP(
		"203.0.113.5", "mx") "X-C: 4\n" HOP("10.0.0.1", "x"),
	    NULL, NULL);
	assert_int_equal(ms_trace_field_trust(&way.trace, 0), MS_TRUST_OURS);
	assert_int_equal(ms_trace_field_trust(&way.trace, 2), MS_TRUST_OURS);
	assert_int_equal(
	    ms_trace_field_trust(&way.trace, 3), MS_TRUST_BOUNDARY);
	assert_int_equal(ms_trace_field_trust(&way.trace, 4), MS_TRUST_CLAIMED);
	done(&way);
	build(&way, "X-A: 0\n", NULL, NULL);
	assert_int_equal(ms_trace_field_trust(&way.trace, 0), MS_TRUST_CLAIMED);
	done(&way);
	build(&way, "X-A: 0\n" HOP("10.0.0.1", "in"), NULL, NULL);
	assert_int_equal(ms_trace_field_trust(&way.trace, 0), MS_TRUST_OURS);
	done(&way);
}

/* A hop by HOST at TIME; "-" is a line without a date. */
#define AT(by, time)                                                           \
	"Received: from x.example (x [203.0.113.5]) by " by                    \
	" with SMTP; Mon, 5 Jan 2026 " time "\n"
#define UNDATED "Received: from x.example (x [203.0.113.5]) by u with SMTP\n"

/* Oldest first: the delay, then the offset of the clock where it is not 0,
 * then '!' where nothing explains the date. "?" is not known. */
static const struct {
	const char *header, *want;
	int64_t total; /* -1: not known */
	int slowest;
} clocks[] = {
	{ AT("b", "10:00:10 +0000") AT("a", "10:00:00 +0000"), "? 10", 10, 1 },
	{ AT("b", "10:00:00 +0000") AT("a", "10:00:00 +0000"), "? 0", 0, -1 },
	{ AT("b", "11:00:00 +0100") AT("a", "05:00:00 -0500"), "? 0", 0, -1 },
	{ AT("c", "10:02:00 +0000") AT("b", "10:01:00 +0000")
		AT("a", "10:00:55 +0000"),
	    "? 5 60", 65, 2 },
	/* a is ahead: its clock explains it */
	{ AT("b", "10:00:00 +0000") AT("a", "10:05:00 +0000"), "?(300) -300",
	    -300, -1 },
	/* seconds are rounded */
	{ AT("b", "10:00:00 +0000") AT("a", "10:00:02 +0000"), "? -2", -2, -1 },
	/* two stamps of one host keep one offset … */
	{ AT("b", "10:00:00 +0000") AT("a", "10:05:00 +0000")
		AT("a", "10:04:30 +0000"),
	    "?(300) 30(300) -300", -270, 1 },
	/* … and cannot run backwards */
	{ AT("a", "10:00:00 +0000") AT("a", "10:05:00 +0000"), "?(300)! -300",
	    -300, -1 },
	{ AT("a", "10:00:10 +0000") AT("b", "10:00:05 +0000")
		AT("a", "11:00:00 +0000"),
	    "?(3595)! -3595 5", -3590, 2 },
	{ AT("b", "10:00:10 +0000") UNDATED AT("a", "10:00:00 +0000"), "? ? ?",
	    10, -1 },
	{ UNDATED AT("a", "10:00:00 +0000"), "? ?", -1, -1 },
	{ UNDATED, "?", -1, -1 },
};

static void
put_clock(const struct ms_hop *hop, struct ms_buf *out)
{
	if (hop->delay_known)
		ms_buf_printf(out, "%d", (int)hop->delay);
	else
		ms_buf_text(out, "?");
	if (hop->clock_offset != 0)
		ms_buf_printf(out, "(%d)", (int)hop->clock_offset);
	ms_buf_text(out, hop->unexplained ? "! " : " ");
}

static void
measures_delays(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++) {
		struct ms_buf got;
		struct way way;

		build(&way, clocks[i].header, NULL, NULL);
		ms_buf_init(&got, way.t.arena);
		for (size_t k = 0; k < way.trace.n; k++)
			put_clock(&way.trace.hops[k], &got);
		assert_slice(ms_slice_trim(ms_buf_get(&got)), clocks[i].want);
		if (clocks[i].total == -1)
			assert_false(way.trace.total_known);
		else
			assert_int_equal(way.trace.total, clocks[i].total);
		assert_int_equal(way.trace.slowest, clocks[i].slowest);
		done(&way);
	}
}

/* However many hosts there are, a good clock is not blamed. */
static void
knows_many_clocks(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf header;
	struct way way;

	(void)state;
	ms_buf_init(&header, arena);
	for (int i = 199; i >= 0; i--)
		ms_buf_printf(&header, AT("h%d.example", "10:%02d:%02d +0000"),
		    i, i == 100 ? 50 : i / 60, i % 60);
	ms_buf_byte(&header, '\0');
	build(&way, (const char *)header.p, NULL, NULL);
	assert_int_equal(way.trace.n, 200);
	for (size_t i = 0; i < 200; i++) {
		assert_false(way.trace.hops[i].unexplained);
		if (i == 100)
			assert_true(way.trace.hops[i].clock_offset > 2000);
		else
			assert_int_equal(way.trace.hops[i].clock_offset, 0);
	}
	done(&way);
	ms_arena_free(arena);
}

/* The newest lines are those that can be believed. */
static void
keeps_the_newest(void **state)
{
	const char header[] = HOP("203.0.113.1", "a") HOP("203.0.113.2", "b")
	    HOP("203.0.113.3", "c");
	const struct ms_message_options options = { .mime = false };
	struct way way;

	(void)state;
	build(&way, header, NULL, NULL);
	way.t.limits.received = 2;
	ms_message_parse(way.t.arena, way.t.parse.charsets, &way.t.limits,
	    MS_SLICE(header), &options, &way.message);
	ms_trace_build(&way.env, &way.t.parse, &way.message, &way.trace);
	assert_true(way.trace.truncated);
	assert_int_equal(way.trace.n, 2);
	assert_int_equal(way.trace.received, 3);
	assert_slice(way.trace.hops[0].received.by, "b");
	assert_slice(way.trace.hops[1].received.by, "a");
	done(&way);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_boundary),
		cmocka_unit_test(trusts_fields),
		cmocka_unit_test(measures_delays),
		cmocka_unit_test(knows_many_clocks),
		cmocka_unit_test(keeps_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
