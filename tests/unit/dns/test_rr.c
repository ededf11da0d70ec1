/* SPDX-License-Identifier: ISC
 * test_rr.c - messages from the wire, and questions for it
 */
#include "dns/rr_priv.h"
#include "test.h"

struct fixture {
	struct ms_arena *arena;
	struct ms_limits limits;
	struct ms_buf wire;
	struct ms_dns_question question;
	struct ms_dns_answer answer;
	struct rr_reading reading;
};

static int
set_up(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.arena = ms_arena_new(NULL);
	f.limits = ms_limits_fill(NULL);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	ms_arena_free(((struct fixture *)*state)->arena);
	return 0;
}

static void
put16(struct ms_buf *out, unsigned n)
{
	ms_buf_byte(out, (unsigned char)(n >> 8));
	ms_buf_byte(out, (unsigned char)n);
}

static void
put_name(struct ms_buf *out, const char *text)
{
	struct ms_dns_name name;

	assert_true(ms_dns_name_from_text(ms_slice_from(text), &name));
	ms_buf_add(out, name.wire, name.n);
}

/* A header and the question; the counts of the sections come later. */
static void
begin(struct fixture *f, const char *name, unsigned type, unsigned flags)
{
	ms_buf_init(&f->wire, f->arena);
	put16(&f->wire, 0x1234);
	put16(&f->wire, 0x8000 | flags);
	put16(&f->wire, 1);
	put16(&f->wire, 0);
	put16(&f->wire, 0);
	put16(&f->wire, 0);
	put_name(&f->wire, name);
	put16(&f->wire, type);
	put16(&f->wire, 1);
	f->question.type = (uint16_t)type;
	ms_dns_name_from_text(ms_slice_from(name), &f->question.name);
}

/* A record; `section` is 1 to 3. The name NULL points to the question's. */
static void
put_rr(struct fixture *f, unsigned section, const char *name, unsigned type,
    uint32_t ttl, const void *rdata, size_t n)
{
	f->wire.p[5 + 2 * section]++;
	if (name)
		put_name(&f->wire, name);
	else
		put16(&f->wire, 0xc00c);
	put16(&f->wire, type);
	put16(&f->wire, 1);
	put16(&f->wire, ttl >> 16);
	put16(&f->wire, ttl & 0xffff);
	put16(&f->wire, (unsigned)n);
	ms_buf_add(&f->wire, rdata, n);
}

static void
put_target(struct fixture *f, unsigned section, const char *name, unsigned type,
    uint32_t ttl, const char *target)
{
	struct ms_dns_name to;

	assert_true(ms_dns_name_from_text(ms_slice_from(target), &to));
	put_rr(f, section, name, type, ttl, to.wire, to.n);
}

static void
put_soa(struct fixture *f, uint32_t ttl, unsigned char minimum)
{
	unsigned char soa[22] = { 0 };

	soa[21] = minimum;
	put_rr(f, 2, "example", MS_DNS_SOA, ttl, soa, sizeof(soa));
}

static enum ms_dns_status
read_it(struct fixture *f)
{
	rr_read_answer(ms_buf_get(&f->wire), &f->question, &f->limits, f->arena,
	    &f->answer, &f->reading);
	return f->answer.status;
}

static void
test_found(void **state)
{
	struct fixture *f = *state;

	begin(f, "a.Example", MS_DNS_TXT, 0x0180);
	put_rr(f, 1, NULL, MS_DNS_TXT, 300, "\3a \"\4\0\xff;\\", 9);
	put_rr(f, 1, "A.eXAMPLE", MS_DNS_TXT, 200, "\0", 1);
	put_rr(f, 1, "b.example", MS_DNS_TXT, 1, "\1x", 2);
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	assert_int_equal(f->answer.n, 2);
	assert_int_equal(f->answer.ttl, 200);
	assert_int_equal(f->answer.rcode, 0);
	assert_int_equal(f->answer.ede, -1);
	assert_int_equal(f->answer.records[0].u.text.n, 7);
	assert_memory_equal(f->answer.records[0].u.text.p, "a \"\0\xff;\\", 7);
	assert_slice(f->answer.records[0].name, "a.Example");
	assert_int_equal(f->answer.records[1].u.text.n, 0);
	assert_int_equal(f->answer.wire.n, f->wire.n);
	assert_true(f->answer.recursion);
	assert_false(f->answer.authoritative);
}

/* Out of order, as some servers give it. */
static void
test_chain(void **state)
{
	struct fixture *f = *state;

	begin(f, "a.example", MS_DNS_A, 0x0080);
	put_rr(f, 1, "c.example", MS_DNS_A, 300, "\xc0\0\2\1", 4);
	put_target(f, 1, "b.example", MS_DNS_CNAME, 30, "C.example");
	put_target(f, 1, "a.example", MS_DNS_CNAME, 60, "b.example");
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	assert_int_equal(f->answer.aliases_n, 2);
	assert_slice(f->answer.aliases[0], "b.example");
	assert_slice(f->answer.aliases[1], "C.example");
	assert_slice(f->answer.records[0].name, "c.example");
	assert_int_equal(f->answer.ttl, 30);
	assert_false(f->reading.open_end);

	begin(f, "a.example", MS_DNS_CNAME, 0x0080);
	put_target(f, 1, "a.example", MS_DNS_CNAME, 60, "b.example");
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	assert_int_equal(f->answer.aliases_n, 0);
	assert_slice(f->answer.records[0].u.target, "b.example");

	begin(f, "a.example", MS_DNS_A, 0x0080);
	put_target(f, 1, "a.example", MS_DNS_CNAME, 60, "b.example");
	put_target(f, 1, "b.example", MS_DNS_CNAME, 60, "a.example");
	assert_int_equal(read_it(f), MS_DNS_LOOP);

	/* The server says no more than the alias: to be asked further. */
	begin(f, "a.example", MS_DNS_A, 0x0400);
	put_target(f, 1, "a.example", MS_DNS_CNAME, 60, "www.example.net");
	read_it(f);
	assert_true(f->reading.open_end);
	assert_int_equal(f->reading.next.n, 17);
	assert_int_equal(f->answer.aliases_n, 1);

	/* The alias is there, its target is not (RFC 6604). */
	begin(f, "a.example", MS_DNS_A, 0x0083);
	put_target(f, 1, "a.example", MS_DNS_CNAME, 60, "www.example.net");
	assert_int_equal(read_it(f), MS_DNS_NXDOMAIN);
	assert_false(f->reading.open_end);
}

/* What a server by itself is asked. */
static void
test_referral(void **state)
{
	struct fixture *f = *state;

	begin(f, "x.a.example", MS_DNS_SOA, 0);
	f->question.server.set = true;
	put_target(f, 2, "a.example", MS_DNS_NS, 60, "ns.a.example");
	put_target(f, 2, "A.example", MS_DNS_NS, 60, "ns.example");
	put_rr(f, 2, "a.example", MS_DNS_NS, 60, "\xff\xff", 2); /* damaged */
	put_rr(f, 3, "ns.a.example", MS_DNS_A, 60, "\xc0\0\2\1", 4);
	put_rr(f, 3, "ns.a.example", MS_DNS_TXT, 60, "\1x", 2);
	assert_int_equal(read_it(f), MS_DNS_REFERRAL);
	assert_int_equal(f->answer.n, 2);
	assert_slice(f->answer.records[1].name, "A.example");
	assert_slice(f->answer.records[1].u.target, "ns.example");
	assert_int_equal(f->answer.glue_n, 1);
	assert_slice(f->answer.glue[0].name, "ns.a.example");
	/* One who has the zone does not refer. */
	begin(f, "a.example", MS_DNS_SOA, 0x0400);
	f->question.server.set = true;
	put_target(f, 2, "a.example", MS_DNS_NS, 60, "ns.a.example");
	assert_int_equal(read_it(f), MS_DNS_NODATA);
	assert_true(f->answer.authoritative);
	f->question.server.set = false;
}

static void
put_signature(struct fixture *f, unsigned covers, const char *until)
{
	unsigned char rrsig[24] = { (unsigned char)(covers >> 8),
		(unsigned char)covers };

	memcpy(rrsig + 8, until, 4);
	put_rr(f, 1, NULL, 46, 60, rrsig, sizeof(rrsig));
}

/* The first to end, also where the count has come round. */
static void
test_signature(void **state)
{
	struct fixture *f = *state;

	begin(f, "a.example", MS_DNS_A, 0x0400);
	put_rr(f, 1, NULL, MS_DNS_A, 60, "\xc0\0\2\1", 4);
	put_signature(f, MS_DNS_A, "\0\0\0\5");
	put_signature(f, MS_DNS_A, "\xff\xff\xff\xfe");
	put_signature(f, MS_DNS_NS, "\xff\0\0\0");
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	assert_int_equal(f->answer.n, 1);
	assert_true(f->answer.has_signature);
	assert_int_equal(f->answer.signed_until, 0xfffffffe);
	begin(f, "a.example", MS_DNS_A, 0x0400);
	put_rr(f, 1, NULL, MS_DNS_A, 60, "\xc0\0\2\1", 4);
	put_rr(f, 1, NULL, 46, 60, "\0\1\0", 3); /* cut short */
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	assert_false(f->answer.has_signature);
}

/* The first message of a zone transfer is about its SOA. */
static void
test_transfer(void **state)
{
	struct fixture *f = *state;

	begin(f, "a.example", MS_DNS_AXFR, 0x0400);
	f->question.server.set = true;
	put_rr(f, 1, NULL, MS_DNS_SOA, 60,
	    "\0\0\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
	put_rr(f, 1, NULL, MS_DNS_A, 60, "\xc0\0\2\1", 4);
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	assert_int_equal(f->answer.n, 1);
	assert_int_equal(f->answer.records[0].u.soa.serial, 7);
	f->question.server.set = false;
}

static void
test_absent(void **state)
{
	struct fixture *f = *state;

	begin(f, "a.example", MS_DNS_A, 0x0080);
	put_soa(f, 900, 60);
	assert_int_equal(read_it(f), MS_DNS_NODATA);
	assert_int_equal(f->answer.ttl, 60);
	begin(f, "a.example", MS_DNS_A, 0x0083);
	put_soa(f, 30, 60);
	assert_int_equal(read_it(f), MS_DNS_NXDOMAIN);
	assert_int_equal(f->answer.ttl, 30);
	assert_int_equal(f->answer.rcode, 3);
	/* Names compressed; a number short of whole. */
	begin(f, "a.example", MS_DNS_A, 0x0083);
	put_rr(f, 2, NULL, MS_DNS_SOA, 90,
	    "\1m\xc0\x0c\xc0\x0c"
	    "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
	    26);
	assert_int_equal(read_it(f), MS_DNS_NXDOMAIN);
	assert_int_equal(f->answer.ttl, 5);
	begin(f, "a.example", MS_DNS_A, 0x0083);
	put_rr(f, 2, NULL, MS_DNS_SOA, 90,
	    "\xc0\x0c\xc0\x0c\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4", 20);
	assert_int_equal(read_it(f), MS_DNS_NXDOMAIN);
	assert_int_equal(f->answer.ttl, 0);
	/* Without an SOA it may not be remembered (RFC 2308 5). */
	begin(f, "a.example", MS_DNS_A, 0x0080);
	assert_int_equal(read_it(f), MS_DNS_NODATA);
	assert_int_equal(f->answer.ttl, 0);
	/* RFC 2308 2.2: with NS records, and no SOA, it is a referral. */
	begin(f, "a.example", MS_DNS_A, 0);
	put_target(f, 2, "example", MS_DNS_NS, 60, "ns.example");
	assert_int_equal(read_it(f), MS_DNS_BROKEN);
	assert_non_null(strstr(f->answer.why, "referral"));
	begin(f, "a.example", MS_DNS_A, 0x0400);
	put_target(f, 2, "example", MS_DNS_NS, 60, "ns.example");
	assert_int_equal(read_it(f), MS_DNS_NODATA);
}

static void
test_failures(void **state)
{
	static const struct {
		unsigned flags;
		enum ms_dns_status want;
	} rows[] = {
		{ 0x0082, MS_DNS_SERVFAIL },
		{ 0x0085, MS_DNS_REFUSED },
		{ 0x0081, MS_DNS_BROKEN },
		{ 0x0084, MS_DNS_BROKEN },
		{ 0x0089, MS_DNS_BROKEN },
		{ 0x008f, MS_DNS_BROKEN },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(f, "a.example", MS_DNS_A, rows[i].flags);
		assert_int_equal(read_it(f), rows[i].want);
		assert_int_equal(f->answer.rcode, rows[i].flags & 15);
		assert_non_null(f->answer.why);
	}
	/* Records, and the word that there are none. */
	begin(f, "a.example", MS_DNS_A, 0x0083);
	put_rr(f, 1, NULL, MS_DNS_A, 300, "\xc0\0\2\1", 4);
	assert_int_equal(read_it(f), MS_DNS_BROKEN);
	assert_int_equal(f->answer.n, 0);
}

static void
test_damage(void **state)
{
	struct fixture *f = *state;
	size_t whole;

	/* What is asked for is damaged: no answer. */
	begin(f, "a.example", MS_DNS_TXT, 0x0080);
	put_rr(f, 1, NULL, MS_DNS_TXT, 300, "\1x", 2);
	put_rr(f, 1, NULL, MS_DNS_TXT, 300, "\5x", 2);
	assert_int_equal(read_it(f), MS_DNS_BROKEN);
	begin(f, "a.example", MS_DNS_A, 0x0080);
	put_rr(f, 1, NULL, MS_DNS_A, 300, "\1\2\3", 3);
	assert_int_equal(read_it(f), MS_DNS_BROKEN);
	/* What is not asked for does no harm. */
	begin(f, "a.example", MS_DNS_TXT, 0x0080);
	put_rr(f, 1, NULL, MS_DNS_A, 300, "\1\2\3", 3);
	put_rr(f, 1, NULL, MS_DNS_TXT, 300, "\1x", 2);
	put_rr(f, 3, NULL, MS_DNS_MX, 300, "\1", 1);
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	/* Cut anywhere it is never an absence, until the answer is whole. */
	begin(f, "a.example", MS_DNS_TXT, 0x0080);
	put_rr(f, 1, NULL, MS_DNS_TXT, 300, "\1x", 2);
	whole = f->wire.n;
	put_soa(f, 1, 1);
	for (size_t n = 12; n < whole; n++) {
		f->wire.n = n;
		assert_int_equal(read_it(f), MS_DNS_BROKEN);
	}
	f->wire.n = whole;
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	f->wire.n = 11;
	assert_int_equal(read_it(f), MS_DNS_BROKEN);
	f->wire.n = 0;
	assert_int_equal(read_it(f), MS_DNS_BROKEN);
}

static void
test_limit(void **state)
{
	struct fixture *f = *state;

	f->limits.dns_records = 3;
	begin(f, "a.example", MS_DNS_A, 0x0080);
	for (unsigned i = 0; i < 5; i++)
		put_rr(f, 1, NULL, MS_DNS_A, 300, "\xc0\0\2\1", 4);
	assert_int_equal(read_it(f), MS_DNS_FOUND);
	assert_int_equal(f->answer.n, 3);
	assert_true(f->answer.truncated);
}

static void
test_edns(void **state)
{
	static const unsigned char opt[] = { 0, 3, 0, 1, 'x', 0, 15, 0, 6, 0,
		22, 'd', 'e', 'a', 'd', 0, 13, 0, 1, 0 };
	struct fixture *f = *state;

	begin(f, "a.example", MS_DNS_A, 0x0082);
	put_rr(f, 3, "", 41, 0, opt, sizeof(opt));
	assert_int_equal(read_it(f), MS_DNS_SERVFAIL);
	assert_int_equal(f->answer.ede, 22);
	assert_slice(f->answer.ede_text, "dead");
	/* BADVERS: 16, in the upper bits. */
	begin(f, "a.example", MS_DNS_A, 0x0080);
	put_rr(f, 3, "", 41, 0x01000000, NULL, 0);
	assert_int_equal(read_it(f), MS_DNS_BROKEN);
	assert_int_equal(f->answer.rcode, 16);
	assert_non_null(strstr(f->answer.why, "BADVERS"));
	/* An option cut short. */
	begin(f, "a.example", MS_DNS_A, 0x0082);
	put_rr(f, 3, "", 41, 0, opt, sizeof(opt) - 12);
	assert_int_equal(read_it(f), MS_DNS_SERVFAIL);
	assert_int_equal(f->answer.ede, -1);
}

static void
test_query(void **state)
{
	static const unsigned char want[] = { 0xab, 0xcd, 1, 0x20, 0, 1, 0, 0,
		0, 0, 0, 1, 1, 'X', 3, 'o', 'r', 'g', 0, 0, 16, 0, 1, 0, 0, 41,
		4, 0xd0, 0, 0, 0x80, 0, 0, 0 };
	unsigned char out[RR_QUERY_MAX];
	struct ms_dns_question q = { .type = MS_DNS_TXT };
	char wide[256];
	size_t n;

	(void)state;
	ms_dns_name_from_text(MS_SLICE("X.org"), &q.name);
	n = rr_query(&q, 0xabcd, RR_EDNS | RR_DO | RR_AD, out);
	assert_int_equal(n, sizeof(want));
	assert_memory_equal(out, want, n);
	n = rr_query(&q, 1, RR_CD, out);
	assert_int_equal(n, sizeof(want) - 11);
	assert_int_equal(out[3], 0x10);
	memset(wide, 'a', sizeof(wide));
	for (size_t i = 1; i < sizeof(wide); i += 2)
		wide[i] = '.';
	assert_true(ms_dns_name_from_text(ms_slice_make(wide, 254), &q.name));
	assert_int_equal(rr_query(&q, 1, RR_EDNS | RR_DO, out), 12 + 255 + 15);
}

static void
test_text(void **state)
{
	static const struct {
		uint16_t type;
		const char *rdata;
		size_t n;
		const char *want;
	} rows[] = {
		{ MS_DNS_A, "\xc0\0\2\1", 4, "192.0.2.1" },
		{ MS_DNS_MX, "\0\12\1a\0", 5, "10 a." },
		{ MS_DNS_TXT, "\2a\"\1b", 5, "\"a\\\"\" \"b\"" },
		{ 65280, "\1\2", 2, "\\# 2 0102" },
		{ MS_DNS_A, "\1", 1, "\\# 1 01" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_dns_record record = { .type = rows[i].type,
			.rdata = ms_slice_make(rows[i].rdata, rows[i].n) };

		assert_slice(
		    ms_dns_rdata_text(f->arena, &record), rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_chain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_absent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_edns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_referral, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_signature, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_transfer, set_up, tear_down),
		cmocka_unit_test(test_query),
		cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
