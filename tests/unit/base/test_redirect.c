/* SPDX-License-Identifier: ISC
 * test_redirect.c - HOST:PORT:ADDR:PORT, and which row counts
 */
#include "mailsonde/redirect.h"

#include "test.h"

static const struct {
	const char *text;
	bool good;
	const char *host;
	unsigned port;
	const char *ip; /* NULL: not set */
	unsigned to;
} parsed[] = {
	{ "mx.example.org:25:192.0.2.1:2525", true, "mx.example.org", 25,
	    "192.0.2.1", 2525 },
	{ "mx.example.org::192.0.2.1:", true, "mx.example.org", 0, "192.0.2.1",
	    0 },
	{ "::127.0.0.1:8443", true, NULL, 0, "127.0.0.1", 8443 },
	{ ":443::8443", true, NULL, 443, NULL, 8443 },
	{ ":::", true, NULL, 0, NULL, 0 },
	{ "[2001:db8::1]:25:[::1]:2525", true, "2001:db8::1", 25, "::1", 2525 },
	{ "", false, NULL, 0, NULL, 0 },
	{ "::", false, NULL, 0, NULL, 0 },
	{ "a:1:192.0.2.1", false, NULL, 0, NULL, 0 },
	{ "a:1:b.example:2", false, NULL, 0, NULL, 0 },
	{ "a:1:192.0.2.1:2:", false, NULL, 0, NULL, 0 },
	{ "a:65536:192.0.2.1:2", false, NULL, 0, NULL, 0 },
	{ "a:1:192.0.2.1:x", false, NULL, 0, NULL, 0 },
	{ "a:1:::1:2", false, NULL, 0, NULL, 0 },
	{ "a:1:[::1:2", false, NULL, 0, NULL, 0 },
	{ "a b:1:192.0.2.1:2", false, NULL, 0, NULL, 0 },
};

static void
reads_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(parsed) / sizeof(parsed[0]); i++) {
		struct ms_redirect r;
		char ip[MS_IP_TEXT] = "";

		if (ms_redirect_parse(ms_slice_from(parsed[i].text), &r) !=
		    parsed[i].good)
			fail_msg("%s", parsed[i].text);
		if (!parsed[i].good)
			continue;
		assert_slice(r.host, parsed[i].host);
		assert_int_equal(r.port, parsed[i].port);
		assert_int_equal(r.to_port, parsed[i].to);
		assert_int_equal(r.ip.set, parsed[i].ip != NULL);
		if (r.ip.set) {
			ms_ip_format(&r.ip, ip);
			assert_string_equal(ip, parsed[i].ip);
		}
	}
}

static const struct {
	const char *host;
	unsigned from;
	const char *ip; /* NULL: no row fits; "": one without address */
	unsigned port;
} found[] = {
	{ "mx.example.org", 25, "192.0.2.1", 2525 },
	{ "MX.Example.Org.", 25, "192.0.2.1", 2525 },
	{ "mx.example.org", 443, "", 8443 },
	{ "mx.example.org", 587, "192.0.2.2", 587 },
	{ "b.example", 443, "", 8443 },
	{ "b.example", 25, NULL, 25 },
};

static void
finds_the_first_row(void **state)
{
	static const char *const rows[] = { "mx.example.org:25:192.0.2.1:2525",
		":443::8443", "mx.example.org::192.0.2.2:" };
	struct ms_redirect list[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(
		    ms_redirect_parse(ms_slice_from(rows[i]), &list[i]));
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		uint16_t port = (uint16_t)found[i].from;
		struct ms_ip ip = { .set = false };
		char text[MS_IP_TEXT] = "";

		assert_int_equal(
		    ms_redirect_find(list, 3, ms_slice_from(found[i].host),
			port, &ip, &port),
		    found[i].ip != NULL);
		assert_int_equal(port, found[i].port);
		if (ip.set)
			ms_ip_format(&ip, text);
		assert_string_equal(text, found[i].ip ? found[i].ip : "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rows),
		cmocka_unit_test(finds_the_first_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
