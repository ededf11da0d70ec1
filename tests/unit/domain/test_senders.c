/* SPDX-License-Identifier: ISC
 * test_senders.c - the addresses that a domain's SPF record lets send
 */
#include "dnstest.h"
#include "mailsonde/domain_senders.h"
#include "test.h"

static const char zone[] =
    "$TTL 60\n"
    "one.example. TXT \"v=spf1 ip4:192.5.6.9 a mx ip4:192.5.6.8/30 -all\"\n"
    "one.example. A 192.5.7.7\n"
    "one.example. MX 10 mx.one.example.\n"
    "mx.one.example. A 192.5.7.1\n"
    "mx.one.example. AAAA 2600::1\n"
    "soft.example. TXT \"v=spf1 ~ip4:192.5.6.1 ?include:one.example "
    "ip4:192.5.6.2 ?all\"\n"
    "deep.example. TXT \"v=spf1 redirect=soft.example\"\n"
    "large.example. TXT \"v=spf1 ip4:192.0.0.0/8 ip6:2600::/64 "
    "ip4:192.5.6.0/24 ip4:193.0.0.1 +all\"\n"
    "two.example. TXT \"v=spf1 -all\"\n"
    "two.example. TXT \"v=spf1 a -all\"\n"
    "none.example. TXT \"no record\"\n"
    "odd.example. TXT \"v=spf1 ip4:192.5.6.1 ip5:x -all\"\n"
    "macro.example. TXT \"v=spf1 include:%{i}.example ip4:192.5.6.1 -all\"\n"
    "part.example. TXT \"v=spf1 ip4:192.5.6.1 include:dead.example -all\"\n"
    ";; timeout dead.example TXT\n"
    ";; servfail gone.example TXT\n";

static const struct row {
	const char *name;
	size_t most; /* 0: the default */
	size_t records;
	const char *nets, *addresses;
	size_t whole;
	bool everybody, open, failure;
} rows[] = {
	/* the network has the first address in it */
	{ "one.example", 0, 1,
	    "192.5.7.1/32 192.5.7.7/32 2600::1/128 192.5.6.8/30",
	    "192.5.7.1 192.5.7.7 2600::1 192.5.6.8 192.5.6.9 192.5.6.10 "
	    "192.5.6.11",
	    4, false, false, false },
	/* a network is whole, or left out */
	{ "one.example", 6, 1,
	    "192.5.7.1/32 192.5.7.7/32 2600::1/128 192.5.6.8/30",
	    "192.5.7.1 192.5.7.7 2600::1", 3, false, false, false },
	{ "one.example", 2, 1,
	    "192.5.7.1/32 192.5.7.7/32 2600::1/128 192.5.6.8/30",
	    "192.5.7.1 192.5.7.7", 2, false, false, false },
	/* only what passes may send */
	{ "soft.example", 0, 1, "192.5.6.2/32", "192.5.6.2", 1, false, false,
	    false },
	{ "deep.example", 0, 1, "192.5.6.2/32", "192.5.6.2", 1, false, false,
	    false },
	{ "large.example", 0, 1, "193.0.0.1/32 192.0.0.0/8 2600::/64",
	    "193.0.0.1", 1, true, false, false },
	{ "two.example", 0, 2, "", "", 0, false, false, false },
	{ "none.example", 0, 0, "", "", 0, false, false, false },
	{ "odd.example", 0, 1, "192.5.6.1/32", "192.5.6.1", 1, false, true,
	    false },
	{ "macro.example", 0, 1, "192.5.6.1/32", "192.5.6.1", 1, false, true,
	    false },
	{ "part.example", 0, 1, "192.5.6.1/32", "192.5.6.1", 1, false, false,
	    true },
	{ "gone.example", 0, 0, "", "", 0, false, false, true },
};

static void
put(struct ms_buf *out, const struct ms_ip *ip)
{
	char text[MS_IP_TEXT];

	ms_ip_format(ip, text);
	ms_buf_printf(out, "%s%s", out->n > 0 ? " " : "", text);
}

static void
test_rows(void **state)
{
	struct test_world w;

	(void)state;
	test_world_init(&w, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		struct ms_domain_senders s;
		struct ms_env env = w.env;
		struct ms_buf nets, addresses;

		if (row->most)
			env.limits.spf_addresses = row->most;
		ms_domain_senders(&env, w.arena, ms_slice_from(row->name), &s);
		ms_buf_init(&nets, w.arena);
		ms_buf_init(&addresses, w.arena);
		for (size_t k = 0; k < s.nets_n; k++) {
			put(&nets, &s.nets[k].ip);
			ms_buf_printf(&nets, "/%u", s.nets[k].prefix);
		}
		for (size_t k = 0; k < s.n; k++)
			put(&addresses, &s.addresses[k]);
		assert_int_equal(s.records, row->records);
		assert_string_equal(
		    ms_arena_string(w.arena, ms_buf_get(&nets)), row->nets);
		assert_string_equal(
		    ms_arena_string(w.arena, ms_buf_get(&addresses)),
		    row->addresses);
		assert_int_equal(s.nets_whole, row->whole);
		assert_int_equal(s.everybody, row->everybody);
		assert_int_equal(s.open, row->open);
		assert_int_equal(s.failure != NULL, row->failure);
	}
	test_world_done(&w);
}

/* Whichever question fails, it is said. */
static void
test_each_failure(void **state)
{
	struct ms_domain_senders s;
	struct test_world w;
	size_t n;

	(void)state;
	test_world_init(&w, zone);
	ms_domain_senders(&w.env, w.arena, MS_SLICE("one.example"), &s);
	n = w.asked;
	assert_true(n >= 5);
	for (size_t i = 0; i < n; i++) {
		w.asked = 0;
		w.fail_at = i;
		ms_domain_senders(&w.env, w.arena, MS_SLICE("one.example"), &s);
		assert_non_null(s.failure);
	}
	test_world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_each_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
