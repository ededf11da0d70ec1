/* SPDX-License-Identifier: ISC
 * bench_spf.c - 10,000 SPF judgements: their zone, their senders, their limit
 *
 *   bench_spf zone                 master file: 2,000 domains, 20 providers
 *   bench_spf senders [N]          N senders (10,000), "IP MAIL-FROM HELO"
 *   bench_spf limit ADDRESS@PORT [N]  asks each question that N senders need
 *                                  once, 256 on their way, and reads no record
 *
 * A domain has an mx, an a, or neither; one provider or two; a provider's
 * record includes two more, of 24 networks each.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DOMAINS   2000
#define PROVIDERS 20
#define NETWORKS  24
#define WINDOW    256

enum { HAS_MX = 1, HAS_A = 2, HAS_TWO = 4 };

static unsigned
shape_of(unsigned domain)
{
	return domain % 8;
}

static unsigned
provider_of(unsigned domain, unsigned which)
{
	return (domain * 7 + which * 3) % PROVIDERS;
}

/* ---- the zone ---- */

static void
print_networks(unsigned provider, char part)
{
	printf("_%c.p%02u.spf.test. 300 IN TXT \"v=spf1", part, provider);
	for (unsigned i = 0; i < NETWORKS; i++) {
		/* Strings hold 255 octets. */
		if (i % 8 == 7)
			printf(" \" \"");
		printf(
		    " ip4:10.%u.%u.0/26", provider + (part == 'b' ? 32 : 0), i);
	}
	printf(" ~all\"\n");
}

static void
print_domain(unsigned d)
{
	unsigned shape = shape_of(d);

	printf("d%04u.spf.test. 300 IN TXT \"v=spf1", d);
	if (shape & HAS_MX)
		printf(" mx");
	if (shape & HAS_A)
		printf(" a");
	printf(" include:_spf.p%02u.spf.test", provider_of(d, 0));
	if (shape & HAS_TWO)
		printf(" include:_spf.p%02u.spf.test", provider_of(d, 1));
	printf(" -all\"\n");
	printf(
	    "d%04u.spf.test. 300 IN A 10.100.%u.%u\n", d, d / 250, d % 250 + 1);
	printf("d%04u.spf.test. 300 IN MX 10 mx.d%04u.spf.test.\n", d, d);
	printf("mx.d%04u.spf.test. 300 IN A 10.101.%u.%u\n", d, d / 250,
	    d % 250 + 1);
}

static int
print_zone(void)
{
	printf("spf.test. 300 IN SOA ns.spf.test. root.spf.test. 1 3600 "
	       "600 86400 300\n"
	       "spf.test. 300 IN NS ns.spf.test.\n"
	       "ns.spf.test. 300 IN A 127.0.0.1\n");
	for (unsigned p = 0; p < PROVIDERS; p++) {
		printf("_spf.p%02u.spf.test. 300 IN TXT \"v=spf1 "
		       "include:_a.p%02u.spf.test "
		       "include:_b.p%02u.spf.test ~all\"\n",
		    p, p, p);
		print_networks(p, 'a');
		print_networks(p, 'b');
	}
	for (unsigned d = 0; d < DOMAINS; d++)
		print_domain(d);
	return 0;
}

/* ---- the senders ---- */

/* Three in five pass by a provider, one by its own server, one by none. */
static int
print_senders(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned d = i * 617 % DOMAINS, p = provider_of(d, 0);

		if (i % 5 == 3)
			printf("10.10%u.%u.%u", shape_of(d) & HAS_MX, d / 250,
			    d % 250 + 1);
		else if (i % 5 == 4)
			printf("192.0.2.%u", i % 250 + 1);
		else
			printf("10.%u.%u.%u", p + i % 2 * 32, i % NETWORKS,
			    i % 60);
		printf(" user%u@d%04u.spf.test -\n", i, d);
	}
	return 0;
}

/* ---- the limit ---- */

struct question {
	char name[48];
	uint16_t type;
};

static size_t
add(struct question *list, size_t n, uint16_t type, const char *format,
    unsigned number)
{
	list[n].type = type;
	/* The formats are those below. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(list[n].name, sizeof(list[n].name), format, number);
#pragma GCC diagnostic pop
	return n + 1;
}

static size_t
list_questions(struct question *list, unsigned senders)
{
	unsigned domains = senders < DOMAINS ? senders : DOMAINS;
	size_t n = 0;

	for (unsigned i = 0; i < domains; i++) {
		unsigned d = i * 617 % DOMAINS;

		n = add(list, n, 16, "d%04u.spf.test", d);
		if (shape_of(d) & HAS_MX) {
			n = add(list, n, 15, "d%04u.spf.test", d);
			n = add(list, n, 1, "mx.d%04u.spf.test", d);
		}
		if (shape_of(d) & HAS_A)
			n = add(list, n, 1, "d%04u.spf.test", d);
	}
	for (unsigned p = 0; p < PROVIDERS; p++) {
		n = add(list, n, 16, "_spf.p%02u.spf.test", p);
		n = add(list, n, 16, "_a.p%02u.spf.test", p);
		n = add(list, n, 16, "_b.p%02u.spf.test", p);
	}
	return n;
}

static size_t
packet(unsigned char *out, uint16_t id, const struct question *q)
{
	static const unsigned char head[12] = { 0, 0, 1, 0, 0, 1 };
	size_t n = sizeof(head);

	memcpy(out, head, sizeof(head));
	out[0] = (unsigned char)(id >> 8);
	out[1] = (unsigned char)id;
	for (const char *at = q->name; *at;) {
		size_t label = strcspn(at, ".");

		out[n++] = (unsigned char)label;
		memcpy(out + n, at, label);
		n += label;
		at += label + (at[label] == '.');
	}
	out[n++] = 0;
	out[n++] = 0;
	out[n++] = (unsigned char)q->type;
	out[n++] = 0;
	out[n++] = 1;
	return n;
}

static int
connected(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	char host[64];
	const char *port = strchr(address, '@');
	int size = 4 << 20, s = socket(AF_INET, SOCK_DGRAM, 0);

	if (!port || (size_t)(port - address) >= sizeof(host))
		return -1;
	memcpy(host, address, (size_t)(port - address));
	host[port - address] = '\0';
	to.sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10));
	setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (inet_pton(AF_INET, host, &to.sin_addr) != 1 ||
	    connect(
		s, (const struct sockaddr *)(const void *)&to, sizeof(to)) != 0)
		return -1;
	return s;
}

static int
run_limit(const char *address, unsigned senders)
{
	static struct question list[4 * DOMAINS + 3 * PROVIDERS];
	size_t n = list_questions(list, senders), sent = 0, got = 0;
	unsigned char bytes[4096];
	int s = connected(address);
	struct pollfd ready = { s, POLLIN, 0 };

	if (s < 0) {
		fprintf(stderr, "bench_spf: %s: no server there\n", address);
		return 1;
	}
	while (got < n) {
		while (sent < n && sent - got < WINDOW) {
			size_t size =
			    packet(bytes, (uint16_t)sent, &list[sent]);

			if (send(s, bytes, size, 0) > 0)
				sent++;
		}
		if (poll(&ready, 1, 2000) != 1)
			break;
		while (recv(s, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			got++;
	}
	printf("%zu questions, %zu answers\n", n, got);
	return got != n;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "zone") == 0)
		return print_zone();
	if (strcmp(what, "senders") == 0)
		return print_senders(
		    argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10000);
	if (strcmp(what, "limit") == 0 && argc > 2)
		return run_limit(argv[2],
		    argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 10000);
	fprintf(stderr, "usage: bench_spf zone|senders|limit ...\n");
	return 64;
}
