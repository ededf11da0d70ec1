/* SPDX-License-Identifier: ISC
 * test_url.c - URLs taken apart, resolved
 */
#include "test.h"

#include "message/link_priv.h"

static void
test_parse(void **state)
{
	static const struct {
		const char *in, *scheme, *user, *host;
		int port;
		const char *path;
	} rows[] = {
		{ "HTTP://EXAMPLE.com/a?b#c", "http", NULL, "example.com", -1,
		    "/a?b#c" },
		{ "https:\\\\a.example\\b", "https", NULL, "a.example", -1,
		    "\\b" },
		{ "http:a.example", "http", NULL, "a.example", -1, NULL },
		{ "http://bank.example@evil.example:81/", "http",
		    "bank.example", "evil.example", 81, "/" },
		{ "http://a@b@c.example?@d", "http", "a@b", "c.example", -1,
		    "?@d" },
		{ "ht\ntp://a.exa\tmple/", "http", NULL, "a.example", -1, "/" },
		{ "http://%61.example/", "http", NULL, "a.example", -1, "/" },
		{ "mailto:a@b.example?subject=c@d", "mailto", NULL, "b.example",
		    -1, "a@b.example?subject=c@d" },
		{ "javascript:alert(1)", "javascript", NULL, NULL, -1,
		    "alert(1)" },
		{ "http://a.example:99999/", "http", NULL, "a.example", -1,
		    "/" },
	};
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_url url;

		assert_true(
		    ms_url_parse(arena, ms_slice_from(rows[i].in), &url));
		assert_slice(url.scheme, rows[i].scheme);
		assert_slice(url.userinfo, rows[i].user);
		assert_slice(url.host_ascii, rows[i].host);
		assert_int_equal(url.port, rows[i].port);
		assert_slice(url.path, rows[i].path);
	}
	ms_arena_free(arena);
}

static void
test_address(void **state)
{
	static const struct {
		const char *in;
		unsigned char wanted[4]; /* all zero: none */
	} rows[] = {
		{ "http://0x7f.1/", { 127, 0, 0, 1 } },
		{ "http://2130706433/", { 127, 0, 0, 1 } },
		{ "http://0300.0250.1.2", { 192, 168, 1, 2 } },
		{ "http://192.0.2.1:80/", { 192, 0, 2, 1 } },
		{ "http://[::ffff:192.0.2.1]/", { 192, 0, 2, 1 } },
		{ "http://192.0.2.256/", { 0 } },
		{ "http://1.2.3.4.5/", { 0 } },
		{ "http://4294967296/", { 0 } },
	};
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_url url;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(
		    ms_url_parse(arena, ms_slice_from(rows[i].in), &url));
		assert_int_equal(url.ip.set, rows[i].wanted[0] != 0);
		if (url.ip.set)
			assert_memory_equal(url.ip.b + 12, rows[i].wanted, 4);
	}
	assert_true(
	    ms_url_parse(arena, MS_SLICE("http://[2001:db8::1]:8/"), &url));
	assert_true(url.ip.set && !url.ip.v4);
	assert_int_equal(url.port, 8);
	assert_false(ms_url_parse(arena, MS_SLICE("foo:bar"), &url));
	assert_false(ms_url_parse(arena, MS_SLICE("//a.example/"), &url));
	ms_arena_free(arena);
}

static void
test_resolve(void **state)
{
	static const struct {
		const char *in, *wanted;
	} rows[] = {
		{ "x", "http://a.example/b/x" },
		{ "/x", "http://a.example/x" },
		{ "../../x", "http://a.example/x" },
		{ "./x", "http://a.example/b/x" },
		{ "?x", "http://a.example/b/c?x" },
		{ "//d.example/x", "http://d.example/x" },
		{ "cid:x", "cid:x" },
	};
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_slice(
		    url_resolve(arena, MS_SLICE("http://a.example/b/c?d"),
			ms_slice_from(rows[i].in)),
		    rows[i].wanted);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
