/* SPDX-License-Identifier: ISC
 * test_ip.c - addresses and networks; the C library's opinion beside ours
 */
#include "mailsonde/ip.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "test.h"

/* What comes out as text; NULL: no address. */
static const struct {
	const char *in, *out;
} plain[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "256.0.0.1", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.", NULL },
	{ "192.0.2.1.", NULL },
	{ ".192.0.2.1", NULL },
	{ "192.0.2.1.5", NULL },
	{ "192.0.02.1", NULL },
	{ "0x7f.0.0.1", NULL },
	{ "127.1", NULL },
	{ "2130706433", NULL },
	{ "192.0.2.1 ", NULL },
	{ "192.0.2.-1", NULL },
	{ "1234.0.2.1", NULL },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "1::", "1::" },
	{ "2001:DB8::A", "2001:db8::a" },
	{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "2001:db8::0:1", "2001:db8::1" },
	{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
	{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
	{ "1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::FFFF:c000:201", "192.0.2.1" },
	{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
	{ "fe80::1%eth0", "fe80::1" },
	{ "fe80::1%", NULL },
	{ "1:2:3:4:5:6:7", NULL },
	{ "1:2:3:4:5:6:7:8:9", NULL },
	{ "1::2::3", NULL },
	{ ":1:2:3:4:5:6:7:8", NULL },
	{ "1:2:3:4:5:6:7:8:", NULL },
	{ ":::", NULL },
	{ "1:::2", NULL },
	{ "12345::", NULL },
	{ "g::", NULL },
	{ "1:2:3:4:5:6:7:192.0.2.1", NULL },
	{ "::192.0.2.1:1", NULL },
	{ "::192.0.2", NULL },
	{ "::1::", NULL },
	{ "1:2:3:4::5:6:7:8", NULL },
	{ ":", NULL },
	{ "", NULL },
	{ "fe80::1%eth0%1", NULL },
	{ "[::1]", NULL },
};

static void
parses_and_formats(void **state)
{
	struct ms_ip ip;
	char text[MS_IP_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		const char *want = plain[i].out;
		bool ok = ms_ip_parse(ms_slice_from(plain[i].in), &ip);

		if (ok != (want != NULL))
			print_error("%s\n", plain[i].in);
		assert_int_equal(ok, want != NULL);
		assert_int_equal(ip.set, ok);
		ms_ip_format(&ip, text);
		assert_string_equal(text, want ? want : "");
	}
}

static const struct {
	const char *in, *out;
} literal[] = {
	{ "[192.0.2.1]", "192.0.2.1" },
	{ "[IPv6:2001:db8::1]", "2001:db8::1" },
	{ "IPv6:2001:db8::1", "2001:db8::1" },
	{ "[2001:db8::1]", "2001:db8::1" },
	{ "[ipv6:2001:db8::1]:25", "2001:db8::1" },
	{ "[192.0.2.1]:25", "192.0.2.1" },
	{ "192.0.2.1:25", "192.0.2.1" },
	{ " [ 192.0.2.1 ] ", "192.0.2.1" },
	{ "[IPv4:192.0.2.1]", "192.0.2.1" },
	{ "[::ffff:192.0.2.1]", "192.0.2.1" },
	{ "[192.0.2.1", NULL },
	{ "192.0.2.1]", NULL },
	{ "[192.0.2.1]x", NULL },
	{ "[192.0.2.1]:x", NULL },
	{ "192.0.2.1:123456", NULL },
	{ "192.0.2.1:", NULL },
	{ "[]", NULL },
	{ "[", NULL },
	{ "[mail.example]", NULL },
	{ "2001:db8::1:25", "2001:db8::1:25" },
};

static void
parses_literals(void **state)
{
	struct ms_ip ip;
	char text[MS_IP_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(literal) / sizeof(*literal); i++) {
		const char *want = literal[i].out;

		if (ms_ip_parse_literal(ms_slice_from(literal[i].in), &ip) !=
		    (want != NULL))
			print_error("%s\n", literal[i].in);
		ms_ip_format(&ip, text);
		assert_string_equal(text, want ? want : "");
	}
}

/* Any bits, and many zeros: as inet_ntop writes them and inet_pton reads. */
static void
agrees_with_libc(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 100000; round++) {
		struct ms_ip ip = { .set = true }, again;
		char ours[MS_IP_TEXT], theirs[INET6_ADDRSTRLEN];
		unsigned char b[16];

		for (size_t i = 0; i < 16; i += 2) {
			seed = seed * 1664525u + 1013904223u;
			if (seed >> 18 & 1)
				continue;
			ip.b[i] =
			    (unsigned char)(seed >> 16 & 1 ? seed >> 24 : 0);
			ip.b[i + 1] =
			    (unsigned char)(seed >> 17 & 1 ? seed >> 8 : 0);
		}
		ip.b[0] |= 1; /* not "::192.0.2.1", which it writes so */
		ms_ip_format(&ip, ours);
		assert_non_null(
		    inet_ntop(AF_INET6, ip.b, theirs, sizeof(theirs)));
		assert_string_equal(ours, theirs);
		assert_true(ms_ip_parse(ms_slice_from(ours), &again));
		assert_true(ms_ip_equal(&ip, &again));
		/* One letter changed: an address for both, or for none. */
		ours[seed % strlen(ours)] = "0:.f1g"[seed >> 8 & 5];
		assert_int_equal(ms_ip_parse(ms_slice_from(ours), &again),
		    inet_pton(AF_INET6, ours, b) == 1 ||
			inet_pton(AF_INET, ours, b) == 1);
	}
}

static const struct {
	const char *net, *ip;
	int in; /* -1: no network */
} nets[] = {
	{ "192.0.2.0/24", "192.0.2.255", 1 },
	{ "192.0.2.0/24", "192.0.3.0", 0 },
	{ "192.0.2.77/24", "192.0.2.1", 1 },
	{ "192.0.2.1", "192.0.2.1", 1 },
	{ "192.0.2.1", "192.0.2.2", 0 },
	{ "0.0.0.0/0", "203.0.113.9", 1 },
	{ "0.0.0.0/0", "2001:db8::1", 0 },
	{ "::/0", "192.0.2.1", 0 },
	{ "::/0", "2001:db8::1", 1 },
	{ "192.0.2.128/25", "192.0.2.127", 0 },
	{ "192.0.2.128/25", "192.0.2.128", 1 },
	{ "192.0.2.6/31", "192.0.2.7", 1 },
	{ "2001:db8::/33", "2001:db8:7fff::1", 1 },
	{ "2001:db8::/33", "2001:db8:8000::1", 0 },
	{ "::1/128", "::1", 1 },
	{ "::ffff:192.0.2.0/120", "192.0.2.9", 1 },
	{ "::ffff:192.0.2.0/120", "192.0.3.9", 0 },
	{ "::ffff:0:0/96", "192.0.3.9", 1 },
	{ "192.0.2.0/33", "192.0.2.0", -1 },
	{ "2001:db8::/129", "192.0.2.0", -1 },
	{ "::ffff:192.0.2.0/24", "192.0.2.0", -1 },
	{ "192.0.2.0/", "192.0.2.0", -1 },
	{ "192.0.2.0/024", "192.0.2.0", -1 },
	{ "192.0.2.0/-1", "192.0.2.0", -1 },
	{ "192.0.2.0/24/24", "192.0.2.0", -1 },
	{ "192.0.2.0/ 24", "192.0.2.0", -1 },
	{ "/24", "192.0.2.0", -1 },
	{ "", "192.0.2.0", -1 },
};

static void
knows_networks(void **state)
{
	struct ms_net net;
	struct ms_ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof(nets) / sizeof(*nets); i++) {
		bool ok = ms_net_parse(ms_slice_from(nets[i].net), &net);

		assert_true(ms_ip_parse(ms_slice_from(nets[i].ip), &ip));
		if (ok != (nets[i].in >= 0) ||
		    (ok && ms_net_contains(&net, &ip) != nets[i].in))
			print_error("%s %s\n", nets[i].net, nets[i].ip);
		assert_int_equal(ok, nets[i].in >= 0);
		assert_int_equal(
		    ms_net_contains(&net, &ip), ok && nets[i].in == 1);
	}
	memset(&ip, 0, sizeof(ip));
	assert_true(ms_net_parse(MS_SLICE("::/0"), &net));
	assert_false(ms_net_contains(&net, &ip));
}

/* First and last of a block, and their neighbours. */
static const struct {
	const char *ip, *class;
} special[] = {
	{ "9.255.255.255", NULL },
	{ "10.0.0.0", "private" },
	{ "10.255.255.255", "private" },
	{ "11.0.0.0", NULL },
	{ "100.63.255.255", NULL },
	{ "100.64.0.0", "cgnat" },
	{ "100.127.255.255", "cgnat" },
	{ "100.128.0.0", NULL },
	{ "127.0.0.1", "loopback" },
	{ "169.254.1.1", "link-local" },
	{ "172.15.255.255", NULL },
	{ "172.16.0.0", "private" },
	{ "172.31.255.255", "private" },
	{ "172.32.0.0", NULL },
	{ "192.0.0.8", "ietf-protocol" },
	{ "192.0.0.9", "anycast" },
	{ "192.0.0.171", "nat64" },
	{ "192.0.0.255", "ietf-protocol" },
	{ "192.0.1.0", NULL },
	{ "192.0.2.1", "documentation" },
	{ "192.88.99.1", "6to4-relay" },
	{ "192.168.255.255", "private" },
	{ "192.169.0.0", NULL },
	{ "198.17.255.255", NULL },
	{ "198.19.255.255", "benchmarking" },
	{ "198.51.100.1", "documentation" },
	{ "203.0.113.1", "documentation" },
	{ "223.255.255.255", NULL },
	{ "224.0.0.1", "multicast" },
	{ "240.0.0.1", "reserved" },
	{ "255.255.255.254", "reserved" },
	{ "255.255.255.255", "broadcast" },
	{ "0.0.0.0", "unspecified" },
	{ "0.0.0.1", "this-network" },
	{ "8.8.8.8", NULL },
	{ "::", "unspecified" },
	{ "::1", "loopback" },
	{ "::2", NULL },
	{ "::ffff:10.0.0.1", "private" },
	{ "64:ff9b::1", "nat64" },
	{ "64:ff9b:1::1", "nat64" },
	{ "64:ff9b:2::1", NULL },
	{ "100::1", "discard" },
	{ "2001::1", "teredo" },
	{ "2001:1::1", "anycast" },
	{ "2001:1::4", "ietf-protocol" },
	{ "2001:2::1", "benchmarking" },
	{ "2001:2:1::1", "ietf-protocol" },
	{ "2001:2f::1", "orchid" },
	{ "2001:1ff:ffff::1", "ietf-protocol" },
	{ "2001:200::1", NULL },
	{ "2001:db8:ffff::1", "documentation" },
	{ "2001:db9::1", NULL },
	{ "2002::1", "6to4" },
	{ "2a00::1", NULL },
	{ "3fff:fff::1", "documentation" },
	{ "3fff:1000::1", NULL },
	{ "fbff::1", NULL },
	{ "fc00::1", "unique-local" },
	{ "fdff::1", "unique-local" },
	{ "fe00::1", NULL },
	{ "fe80::1", "link-local" },
	{ "febf::1", "link-local" },
	{ "fec0::1", "site-local" },
	{ "ff02::1", "multicast" },
};

static void
knows_special_addresses(void **state)
{
	struct ms_ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++) {
		const struct ms_special *got;

		assert_true(ms_ip_parse(ms_slice_from(special[i].ip), &ip));
		got = ms_ip_special(&ip);
		if (!got != !special[i].class ||
		    (got && strcmp(got->class, special[i].class) != 0)) {
			print_error("%s: %s\n", special[i].ip,
			    got ? got->class : "nothing");
			fail();
		}
		if (got) {
			struct ms_net net;

			assert_true(
			    ms_net_parse(ms_slice_from(got->network), &net));
			assert_true(ms_net_contains(&net, &ip));
		}
	}
	memset(&ip, 0, sizeof(ip));
	assert_null(ms_ip_special(&ip));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_and_formats),
		cmocka_unit_test(parses_literals),
		cmocka_unit_test(agrees_with_libc),
		cmocka_unit_test(knows_networks),
		cmocka_unit_test(knows_special_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
