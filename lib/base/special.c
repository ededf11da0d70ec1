/* SPDX-License-Identifier: ISC
 * special.c - IANA special-purpose address registries, RFC 6890 and updates
 *
 * The most specific block comes first: the first that holds the address is
 * the answer. Multicast (RFC 5771, RFC 4291 2.7) is not in those registries
 * and stands here because no host sends from it.
 */
#include "mailsonde/ip.h"

struct row {
	struct ms_special special;
	unsigned char prefix;
	unsigned char b[16]; /* IPv4: the first four */
};

/* clang-format off */
static const struct row v4[] = {
	{ { "0.0.0.0/32", "unspecified", "This host on this network", "RFC 1122" }, 32, { 0 } },
	{ { "0.0.0.0/8", "this-network", "This network", "RFC 791" }, 8, { 0 } },
	{ { "10.0.0.0/8", "private", "Private-Use", "RFC 1918" }, 8, { 10 } },
	{ { "100.64.0.0/10", "cgnat", "Shared Address Space", "RFC 6598" }, 10, { 100, 64 } },
	{ { "127.0.0.0/8", "loopback", "Loopback", "RFC 1122" }, 8, { 127 } },
	{ { "169.254.0.0/16", "link-local", "Link Local", "RFC 3927" }, 16, { 169, 254 } },
	{ { "172.16.0.0/12", "private", "Private-Use", "RFC 1918" }, 12, { 172, 16 } },
	{ { "192.0.0.0/29", "ietf-protocol", "IPv4 Service Continuity Prefix", "RFC 7335" }, 29, { 192, 0, 0, 0 } },
	{ { "192.0.0.8/32", "ietf-protocol", "IPv4 dummy address", "RFC 7600" }, 32, { 192, 0, 0, 8 } },
	{ { "192.0.0.9/32", "anycast", "Port Control Protocol Anycast", "RFC 7723" }, 32, { 192, 0, 0, 9 } },
	{ { "192.0.0.10/32", "anycast", "Traversal Using Relays around NAT Anycast", "RFC 8155" }, 32, { 192, 0, 0, 10 } },
	{ { "192.0.0.170/31", "nat64", "NAT64/DNS64 Discovery", "RFC 7050" }, 31, { 192, 0, 0, 170 } },
	{ { "192.0.0.0/24", "ietf-protocol", "IETF Protocol Assignments", "RFC 6890" }, 24, { 192, 0, 0 } },
	{ { "192.0.2.0/24", "documentation", "Documentation (TEST-NET-1)", "RFC 5737" }, 24, { 192, 0, 2 } },
	{ { "192.31.196.0/24", "as112", "AS112-v4", "RFC 7535" }, 24, { 192, 31, 196 } },
	{ { "192.52.193.0/24", "amt", "AMT", "RFC 7450" }, 24, { 192, 52, 193 } },
	{ { "192.88.99.0/24", "6to4-relay", "Deprecated (6to4 Relay Anycast)", "RFC 7526" }, 24, { 192, 88, 99 } },
	{ { "192.168.0.0/16", "private", "Private-Use", "RFC 1918" }, 16, { 192, 168 } },
	{ { "192.175.48.0/24", "as112", "Direct Delegation AS112 Service", "RFC 7534" }, 24, { 192, 175, 48 } },
	{ { "198.18.0.0/15", "benchmarking", "Benchmarking", "RFC 2544" }, 15, { 198, 18 } },
	{ { "198.51.100.0/24", "documentation", "Documentation (TEST-NET-2)", "RFC 5737" }, 24, { 198, 51, 100 } },
	{ { "203.0.113.0/24", "documentation", "Documentation (TEST-NET-3)", "RFC 5737" }, 24, { 203, 0, 113 } },
	{ { "224.0.0.0/4", "multicast", "Multicast", "RFC 5771" }, 4, { 224 } },
	{ { "255.255.255.255/32", "broadcast", "Limited Broadcast", "RFC 8190" }, 32, { 255, 255, 255, 255 } },
	{ { "240.0.0.0/4", "reserved", "Reserved", "RFC 1112" }, 4, { 240 } },
};

static const struct row v6[] = {
	{ { "::1/128", "loopback", "Loopback Address", "RFC 4291" }, 128, { [15] = 1 } },
	{ { "::/128", "unspecified", "Unspecified Address", "RFC 4291" }, 128, { 0 } },
	{ { "64:ff9b::/96", "nat64", "IPv4-IPv6 Translat.", "RFC 6052" }, 96, { 0, 0x64, 0xff, 0x9b } },
	{ { "64:ff9b:1::/48", "nat64", "IPv4-IPv6 Translat.", "RFC 8215" }, 48, { 0, 0x64, 0xff, 0x9b, 0, 1 } },
	{ { "100::/64", "discard", "Discard-Only Address Block", "RFC 6666" }, 64, { 1 } },
	{ { "100:0:0:1::/64", "discard", "Dummy IPv6 Prefix", "RFC 9780" }, 64, { [0] = 1, [7] = 1 } },
	{ { "2001::/32", "teredo", "TEREDO", "RFC 4380" }, 32, { 0x20, 0x01 } },
	{ { "2001:1::1/128", "anycast", "Port Control Protocol Anycast", "RFC 7723" }, 128, { [0] = 0x20, [1] = 1, [3] = 1, [15] = 1 } },
	{ { "2001:1::2/128", "anycast", "Traversal Using Relays around NAT Anycast", "RFC 8155" }, 128, { [0] = 0x20, [1] = 1, [3] = 1, [15] = 2 } },
	{ { "2001:1::3/128", "anycast", "DNS-SD Service Registration Protocol Anycast", "RFC 9665" }, 128, { [0] = 0x20, [1] = 1, [3] = 1, [15] = 3 } },
	{ { "2001:2::/48", "benchmarking", "Benchmarking", "RFC 5180" }, 48, { 0x20, 1, 0, 2 } },
	{ { "2001:3::/32", "amt", "AMT", "RFC 7450" }, 32, { 0x20, 1, 0, 3 } },
	{ { "2001:4:112::/48", "as112", "AS112-v6", "RFC 7535" }, 48, { 0x20, 1, 0, 4, 1, 0x12 } },
	{ { "2001:10::/28", "orchid", "Deprecated (previously ORCHID)", "RFC 4843" }, 28, { 0x20, 1, 0, 0x10 } },
	{ { "2001:20::/28", "orchid", "ORCHIDv2", "RFC 7343" }, 28, { 0x20, 1, 0, 0x20 } },
	{ { "2001:30::/28", "drone-id", "Drone Remote ID Protocol Entity Tags (DETs) Prefix", "RFC 9374" }, 28, { 0x20, 1, 0, 0x30 } },
	{ { "2001::/23", "ietf-protocol", "IETF Protocol Assignments", "RFC 2928" }, 23, { 0x20, 1 } },
	{ { "2001:db8::/32", "documentation", "Documentation", "RFC 3849" }, 32, { 0x20, 1, 0x0d, 0xb8 } },
	{ { "2002::/16", "6to4", "6to4", "RFC 3056" }, 16, { 0x20, 2 } },
	{ { "2620:4f:8000::/48", "as112", "Direct Delegation AS112 Service", "RFC 7534" }, 48, { 0x26, 0x20, 0, 0x4f, 0x80 } },
	{ { "3fff::/20", "documentation", "Documentation", "RFC 9637" }, 20, { 0x3f, 0xff } },
	{ { "5f00::/16", "segment-routing", "Segment Routing (SRv6) SIDs", "RFC 9602" }, 16, { 0x5f } },
	{ { "fc00::/7", "unique-local", "Unique-Local", "RFC 4193" }, 7, { 0xfc } },
	{ { "fe80::/10", "link-local", "Link-Local Unicast", "RFC 4291" }, 10, { 0xfe, 0x80 } },
	{ { "fec0::/10", "site-local", "Site-Local Unicast (deprecated)", "RFC 3879" }, 10, { 0xfe, 0xc0 } },
	{ { "ff00::/8", "multicast", "Multicast", "RFC 4291" }, 8, { 0xff } },
};
/* clang-format on */

static bool
holds(const struct row *row, const unsigned char *b)
{
	size_t whole = row->prefix / 8;
	unsigned rest = row->prefix % 8;

	if (memcmp(row->b, b, whole) != 0)
		return false;
	return rest == 0 || (row->b[whole] ^ b[whole]) >> (8 - rest) == 0;
}

static const struct ms_special *
look(const struct row *rows, size_t n, const unsigned char *b)
{
	for (size_t i = 0; i < n; i++)
		if (holds(&rows[i], b))
			return &rows[i].special;
	return NULL;
}

const struct ms_special *
ms_ip_special(const struct ms_ip *ip)
{
	if (!ip->set)
		return NULL;
	if (ip->v4)
		return look(v4, sizeof(v4) / sizeof(v4[0]), ip->b + 12);
	return look(v6, sizeof(v6) / sizeof(v6[0]), ip->b);
}
