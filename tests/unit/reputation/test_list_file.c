/* SPDX-License-Identifier: ISC
 * test_list_file.c - lists that others write down
 */
#include <stdio.h>

#include "mailsonde/dnsbl.h"
#include "test.h"

static enum ms_status
take(struct ms_arena *arena, const char *text, struct ms_dnsbl_set *set,
    struct ms_diag *diag)
{
	struct ms_limits limits = ms_limits_fill(NULL);

	return ms_dnsbl_read(arena, ms_slice_from(text), &limits, set, diag);
}

static void
test_all_fields(void **state)
{
	static const char text[] = "# a comment\r\n"
				   "\n"
				   "  zone  BL.Example.NET. \r\n"
				   "lists ip6 domains\n"
				   "weight low\n"
				   "code 127.0.*.4-7 critical hijacked, twice\n"
				   "code 127.0.0.255 refused no more\n"
				   "bit 12 two bits\n"
				   "test 192.0.2.1 2001:db8::1\n"
				   "page https://example.net/\n"
				   "note for few\n"
				   "server 2001:db8::53@5353\n"
				   "key-env THE_KEY\n"
				   "zone wl.example.net\n"
				   "kind allow\n"
				   "test none\n"
				   "server 192.0.2.53\n"
				   "key a.b-c_d";
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dnsbl_set set = { 0 };
	struct ms_diag diag = { "" };
	const struct ms_dnsbl *l;

	(void)state;
	assert_int_equal(take(arena, text, &set, &diag), MS_OK);
	assert_int_equal(set.n, 2);
	l = ms_dnsbl_find(&set, "bl.example.net");
	assert_non_null(l);
	assert_int_equal(l->kinds, MS_DNSBL_IP6 | MS_DNSBL_NAMES);
	assert_true(l->registered);
	assert_false(l->allow);
	assert_int_equal(l->weight, MS_SEVERITY_LOW);
	assert_int_equal(l->codes_n, 3);
	assert_int_equal(l->codes[0].from[2], 0);
	assert_int_equal(l->codes[0].to[2], 255);
	assert_int_equal(l->codes[0].from[3], 4);
	assert_int_equal(l->codes[0].to[3], 7);
	assert_int_equal(l->codes[0].severity, MS_SEVERITY_CRITICAL);
	assert_string_equal(l->codes[0].text, "hijacked, twice");
	assert_true(l->codes[1].refused);
	assert_int_equal(l->codes[2].bits, 12);
	assert_int_equal(l->codes[2].severity, MS_SEVERITY_LOW);
	assert_string_equal(l->listed, "1.2.0.192");
	assert_int_equal(strlen(l->unlisted), 63);
	assert_string_equal(l->page, "https://example.net/");
	assert_string_equal(l->note, "for few");
	assert_true(l->server.set && !l->server.v4);
	assert_int_equal(l->port, 5353);
	assert_string_equal(l->key_env, "THE_KEY");
	l = ms_dnsbl_find(&set, "wl.example.net");
	assert_true(l->allow && l->untested && l->server.v4);
	assert_int_equal(l->kinds, MS_DNSBL_IP4);
	assert_true(ms_slice_is(l->key, "a.b-c_d"));
	ms_arena_free(arena);
}

/* A list takes the place of another, is like another, goes. */
static void
test_beside_table(void **state)
{
	static const char text[] = "zone dq.example.net\n"
				   "like zen.spamhaus.org\n"
				   "code 127.0.0.200 info new\n"
				   "key k\n"
				   "zone copy.example.net\n"
				   "like dq.example.net\n"
				   "zone bl.spamcop.net\n"
				   "weight info\n"
				   "without zen.spamhaus.org\n";
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dnsbl_set set = { 0 };
	struct ms_diag diag = { "" };
	const struct ms_dnsbl *zen, *dq;
	size_t n, codes;

	(void)state;
	ms_dnsbl_add_table(arena, &set);
	n = set.n;
	zen = ms_dnsbl_find(&set, "zen.spamhaus.org");
	codes = zen->codes_n;
	assert_int_equal(take(arena, text, &set, &diag), MS_OK);
	assert_int_equal(set.n, n + 1);
	assert_null(ms_dnsbl_find(&set, "zen.spamhaus.org"));
	dq = ms_dnsbl_find(&set, "dq.example.net");
	assert_int_equal(dq->codes_n, codes + 1);
	assert_int_equal(dq->kinds, MS_DNSBL_IP4 | MS_DNSBL_IP6);
	/* whose key it is, is not whose codes they are */
	assert_null(ms_dnsbl_find(&set, "copy.example.net")->key.p);
	assert_null(ms_dnsbl_find(&set, "bl.spamcop.net")->page);
	assert_int_equal(
	    ms_dnsbl_find(&set, "bl.spamcop.net")->weight, MS_SEVERITY_INFO);
	ms_arena_free(arena);
}

static void
test_wrong(void **state)
{
	static const char *const rows[] = { "lists ip4", "zone", "zone a b",
		"zone a..b", "zone .", "zone -\xc3\xa9", "without none.example",
		"zone a\nlike a", "zone a\nlists", "zone a\nlists ip5",
		"zone a\nkind grey", "zone a\nweight never",
		"zone a\ncode 127.0.0 x", "zone a\ncode 127.0.0.256 x",
		"zone a\ncode 127.0.0.2x y", "zone a\ncode 127.0.0.2 ",
		"zone a\ncode 127.0.0.2 high", "zone a\ncode 127.0.0.3-2 x",
		"zone a\ncode 10.0.0.2 x", "zone a\ncode *.0.0.2 x",
		"zone a\nbit 256 x", "zone a\nbit 0 x", "zone a\nbit 1",
		"zone a\ntest one", "zone a\ntest a b c", "zone a\ntest a ..",
		"zone a\nserver here", "zone a\nserver 192.0.2.1@0",
		"zone a\nserver 192.0.2.1@", "zone a\nserver 192.0.2.1@1x",
		"zone a\nkey-env A-B", "zone a\nwithout a\nkind block" };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_dnsbl_set set = { 0 };
	struct ms_diag diag = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		set.n = 0;
		if (take(arena, rows[i], &set, &diag) != MS_FORMAT)
			fail_msg("taken: %s", rows[i]);
		assert_non_null(strstr(diag.text, "line "));
	}
	assert_int_equal(ms_dnsbl_read(arena, MS_SLICE("zone a\nnote x\0y"),
			     &limits, &set, &diag),
	    MS_FORMAT);
	ms_arena_free(arena);
}

/* Nothing of a key is said, and none is handed on. */
static void
test_keys(void **state)
{
	static const char *const bad[] = { "hunter 2", "hunter2.", "hunter2..x",
		"hunter2\x01", "hunter2\xc3\xa9" };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dnsbl_set set = { 0 };
	struct ms_diag diag = { "" };
	struct ms_slice clean;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *text =
		    ms_arena_printf(arena, "zone a.example\nkey %s\n", bad[i]);

		assert_int_equal(take(arena, text, &set, &diag), MS_FORMAT);
		assert_null(strstr(diag.text, "hunter"));
	}
	clean = ms_dnsbl_without_keys(arena,
	    MS_SLICE(
		"zone a.example\n \tkey\thunter2 \nkey-env K\nkey hunter2"));
	assert_true(
	    ms_slice_is(clean, "zone a.example\nkey -\nkey-env K\nkey -\n"));
	assert_int_equal(
	    take(arena, ms_arena_string(arena, clean), &set, &diag), MS_OK);
	ms_arena_free(arena);
}

static void
test_limits(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_dnsbl_set set = { 0 };
	struct ms_diag diag = { "" };

	(void)state;
	limits.dnsbl_lists = 2;
	limits.dnsbl_codes = 1;
	assert_int_equal(
	    ms_dnsbl_read(arena,
		MS_SLICE("zone a\nzone b\ncode 127.0.0.2 x\nzone a\n"), &limits,
		&set, &diag),
	    MS_OK);
	assert_int_equal(
	    ms_dnsbl_read(arena, MS_SLICE("zone c\n"), &limits, &set, &diag),
	    MS_FORMAT);
	assert_int_equal(
	    ms_dnsbl_read(arena, MS_SLICE("zone b\ncode 127.0.0.2 x\nbit 1 y"),
		&limits, &set, &diag),
	    MS_FORMAT);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_fields),
		cmocka_unit_test(test_beside_table),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
