/* SPDX-License-Identifier: ISC
 * test_keyed.c - keys that go into names and do not come out
 */
#include "dnstest.h"
#include "mailsonde/dns_wrap.h"
#include "test.h"

static const char zone[] =
    "$TTL 60\n"
    "1.0.0.10.s3cret.paid.example. A 127.0.0.2\n"
    "1.0.0.10.s3cret.paid.example. TXT \"see https://x/?k=S3CRET&s3cret\"\n"
    "2.0.0.10.s3cret.paid.example. CNAME a.s3cret.paid.example.\n"
    "a.s3cret.paid.example. A 127.0.0.4\n"
    "1.0.0.10.free.example. A 127.0.0.2\n"
    "1.0.0.10.two.keys.other.example. A 127.0.0.9\n"
    ";; timeout 3.0.0.10.s3cret.paid.example A\n";

static const struct ms_dns_key keys[] = {
	{ "paid.example", { (const unsigned char *)"s3cret", 6 } },
	{ "Other.Example", { (const unsigned char *)"two.keys", 8 } },
};

static bool
has_key(struct ms_arena *arena, struct ms_slice text)
{
	return ms_slice_find_text(ms_arena_lower(arena, text), 0, "s3cret") <
	       text.n;
}

static void
no_key(struct ms_arena *arena, const struct ms_dns_answer *a)
{
	assert_int_equal(a->wire.n, 0);
	for (size_t i = 0; i < a->n; i++) {
		assert_false(has_key(arena, a->records[i].name));
		assert_false(has_key(arena, a->records[i].rdata));
		if (a->records[i].type == MS_DNS_TXT)
			assert_false(has_key(arena, a->records[i].u.text));
	}
	for (size_t i = 0; i < a->aliases_n; i++)
		assert_false(has_key(arena, a->aliases[i]));
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		enum ms_dns_type type;
		enum ms_dns_status status;
		unsigned last; /* octet of the address */
	} rows[] = {
		{ "1.0.0.10.paid.example", MS_DNS_A, MS_DNS_FOUND, 2 },
		{ "1.0.0.10.PAID.example", MS_DNS_A, MS_DNS_FOUND, 2 },
		{ "2.0.0.10.paid.example", MS_DNS_A, MS_DNS_FOUND, 4 },
		{ "3.0.0.10.paid.example", MS_DNS_A, MS_DNS_TIMEOUT, 0 },
		{ "4.0.0.10.paid.example", MS_DNS_A, MS_DNS_NXDOMAIN, 0 },
		{ "1.0.0.10.free.example", MS_DNS_A, MS_DNS_FOUND, 2 },
		{ "1.0.0.10.other.example", MS_DNS_A, MS_DNS_FOUND, 9 },
		/* the zone itself, and what only ends like it */
		{ "paid.example", MS_DNS_A, MS_DNS_NODATA, 0 },
		{ "1.0.0.10.unpaid.example", MS_DNS_A, MS_DNS_NXDOMAIN, 0 },
	};
	struct test_world w;
	struct ms_dns_source *dns;

	(void)state;
	test_world_init(&w, zone);
	dns = ms_dns_keyed(w.env.dns, keys, 2, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_dns_answer a;

		ms_dns_ask(dns, ms_slice_from(rows[i].name), rows[i].type,
		    w.arena, &a);
		assert_int_equal(a.status, rows[i].status);
		if (a.status == MS_DNS_FOUND) {
			assert_int_equal(a.n, 1);
			assert_int_equal(a.records[0].u.ip.b[15], rows[i].last);
		}
		if (a.n > 0 && a.aliases_n == 0)
			assert_true(ms_slice_equal_nocase(
			    a.records[0].name, ms_slice_from(rows[i].name)));
		no_key(w.arena, &a);
	}
	dns->close(dns);
	test_world_done(&w);
}

static void
test_texts(void **state)
{
	struct ms_dns_answer a;
	struct test_world w;
	struct ms_dns_source *dns;

	(void)state;
	test_world_init(&w, zone);
	dns = ms_dns_keyed(w.env.dns, keys, 2, NULL);
	ms_dns_ask(
	    dns, MS_SLICE("1.0.0.10.paid.example"), MS_DNS_TXT, w.arena, &a);
	assert_int_equal(a.status, MS_DNS_FOUND);
	assert_true(
	    ms_slice_is(a.records[0].u.text, "see https://x/?k=KEY&KEY"));
	assert_int_equal(a.records[0].rdata.p[0], a.records[0].rdata.n - 1);
	no_key(w.arena, &a);
	dns->close(dns);
	test_world_done(&w);
}

/* No room: said so, and nobody is asked. */
static void
test_long(void **state)
{
	struct ms_dns_answer a;
	struct test_world w;
	struct ms_dns_source *dns;
	char *name;

	(void)state;
	test_world_init(&w, zone);
	dns = ms_dns_keyed(w.env.dns, keys, 2, NULL);
	name = ms_arena_printf(
	    w.arena, "%060d.%060d.%060d.%053d.paid.example", 0, 0, 0, 0);
	ms_dns_ask(dns, ms_slice_from(name), MS_DNS_A, w.arena, &a);
	assert_int_equal(a.status, MS_DNS_INVALID);
	assert_int_equal(w.asked, 0);
	dns->close(dns);
	test_world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
