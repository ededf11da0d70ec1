/* SPDX-License-Identifier: ISC
 * bench_dns.c - 120,000 questions to one name server: the limit, the engine
 *
 *   bench_dns zone                  master file of 10,000 domains
 *   bench_dns names [N]             the first N of them (all), for mailsonde
 *   bench_dns adnshost              12 questions about each, for adnshost -f
 *   bench_dns limit ADDRESS@PORT [WINDOW]   asks them all with bare packets
 *   bench_dns engine ADDRESS@PORT [WINDOW]  asks them by the live source
 *
 * Those that ask print how many were answered, with records and without, and
 * how many were lost; status 1 when one was.
 */
#include <arpa/inet.h>
#include <errno.h>
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

#include "mailsonde/dns_live.h"
#include "mailsonde/scan.h"

#define DOMAINS 10000
#define EACH    12
#define ALL     (DOMAINS * EACH)

static const struct {
	const char *prefix;
	enum ms_dns_type type;
	const char *type_text;
	const char *rdata; /* NULL: in no domain; else in 8 of 10 and more */
} about[EACH] = {
	{ "", MS_DNS_MX, "MX", "10 mx.%s." },
	{ "", MS_DNS_TXT, "TXT", "\"v=spf1 mx include:_spf.%s -all\"" },
	{ "", MS_DNS_A, "A", "192.0.2.1" },
	{ "", MS_DNS_AAAA, "AAAA", "2001:db8::1" },
	{ "", MS_DNS_CAA, "CAA", NULL },
	{ "mx.", MS_DNS_A, "A", "192.0.2.2" },
	{ "mx.", MS_DNS_AAAA, "AAAA", NULL },
	{ "_dmarc.", MS_DNS_TXT, "TXT",
	    "\"v=DMARC1; p=reject; rua=mailto:dmarc@%s\"" },
	{ "_mta-sts.", MS_DNS_TXT, "TXT", "\"v=STSv1; id=20260101\"" },
	{ "_smtp._tls.", MS_DNS_TXT, "TXT", NULL },
	{ "_25._tcp.mx.", MS_DNS_TLSA, "TYPE52", NULL },
	{ "default._bimi.", MS_DNS_TXT, "TXT", NULL },
};

#define NAME_SIZE 64

static void
name_of(unsigned i, char out[NAME_SIZE])
{
	static const char end[] = "d00000.bench.test";
	size_t n = strlen(about[i % EACH].prefix);

	memcpy(out, about[i % EACH].prefix, n);
	memcpy(out + n, end, sizeof(end));
	for (unsigned digit = 5, rest = i / EACH; digit > 0; digit--) {
		out[n + digit] = (char)('0' + rest % 10);
		rest /= 10;
	}
}

/* Seven of the twelve are in every domain, one more in every fifth. */
static bool
is_there(unsigned i)
{
	return about[i % EACH].rdata != NULL;
}

/* What a judge asks beyond the twelve: an SPF record that is shared, and keys
 * of every tenth domain. */
static void
print_more(void)
{
	for (unsigned i = 0; i < DOMAINS; i++)
		printf("_spf.d%05u TXT \"v=spf1 include:_spf -all\"\n", i);
	printf("_spf TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n");
	for (unsigned i = 0; i < DOMAINS; i += 10)
		printf("s1._domainkey.d%05u TXT \"v=DKIM1; k=ed25519; p="
		       "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n",
		    i);
}

static void
print_zone(void)
{
	char domain[64], name[NAME_SIZE], rdata[256];

	printf("$TTL 3600\n$ORIGIN bench.test.\n"
	       "@ SOA ns.bench.test. hostmaster 1 7200 3600 86400 300\n"
	       "@ NS ns\nns A 127.0.0.1\n");
	for (unsigned i = 0; i < ALL; i++) {
		if (!is_there(i))
			continue;
		snprintf(domain, sizeof(domain), "d%05u.bench.test", i / EACH);
		name_of(i, name);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(rdata, sizeof(rdata), about[i % EACH].rdata, domain);
#pragma GCC diagnostic pop
		printf("%s. %s %s\n", name, about[i % EACH].type_text, rdata);
	}
	for (unsigned i = 0; i < DOMAINS; i += 5)
		printf(
		    "_smtp._tls.d%05u TXT \"v=TLSRPTv1; rua=mailto:t@x\"\n", i);
	print_more();
}

/* More than there are in the zone do not exist. */
static void
print_names(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		printf("d%05u.bench.test\n", i);
}

/* A line an option or a name. */
static void
print_adnshost(void)
{
	static const char *const words[EACH] = { "mx-", "txt", "a", "aaaa",
		"type257", "a", "aaaa", "txt", "txt", "txt", "type52", "txt" };
	char name[NAME_SIZE];

	for (unsigned i = 0; i < ALL; i++) {
		name_of(i, name);
		printf("-t%s\n%s\n", words[i % EACH], name);
	}
}

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct sockaddr_in
address_of(const char *text)
{
	struct ms_scan scan = ms_scan_init(ms_slice_from(text));
	struct sockaddr_in out = { .sin_family = AF_INET };
	struct ms_slice address = ms_scan_to(&scan, '@');
	char host[64];

	snprintf(host, sizeof(host), "%.*s", (int)address.n, address.p);
	ms_scan_skip(&scan, 1);
	out.sin_port = htons((uint16_t)ms_scan_number(&scan, 5, 65535));
	if (scan.bad || inet_pton(AF_INET, host, &out.sin_addr) != 1) {
		fprintf(stderr, "bench_dns: %s?\n", text);
		exit(64);
	}
	return out;
}

static int
finish(const char *who, uint64_t start, unsigned found, unsigned absent)
{
	double seconds = (double)(now_us() - start) / 1e6;

	printf("%s: %u found, %u absent, %u lost, %.3f s, %.0f/s\n", who, found,
	    absent, ALL - found - absent, seconds, ALL / seconds);
	return found + absent == ALL ? 0 : 1;
}

/* ---- the limit ----
 *
 * No less can be done: every question is sent, every answer received, its id
 * held against what is open. Nothing is parsed, nothing is secure. Each of
 * SOCKETS sockets has its share of the questions and of the window. */

#define SOCKETS 8
#define BATCH   64

struct bare {
	int fd;
	unsigned next, end, open; /* of its share */
	uint64_t heard;
	bool waiting[ALL / SOCKETS];
};

static size_t
bare_packet(unsigned i, unsigned id, unsigned char *out)
{
	static const unsigned char header[10] = { 1, 0, 0, 1 };
	char name[NAME_SIZE];
	size_t n = 12, at = 12;

	out[0] = (unsigned char)(id >> 8);
	out[1] = (unsigned char)id;
	memcpy(out + 2, header, 10);
	name_of(i, name);
	for (const char *p = name;; p++) {
		if (*p && *p != '.') {
			out[++n] = (unsigned char)*p;
			continue;
		}
		out[at] = (unsigned char)(n - at);
		at = ++n;
		if (!*p)
			break;
	}
	out[n++] = 0;
	out[n++] = (unsigned char)(about[i % EACH].type >> 8);
	out[n++] = (unsigned char)about[i % EACH].type;
	out[n++] = 0;
	out[n++] = 1;
	return n;
}

static void
bare_send(struct bare *bare, unsigned first, unsigned window)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec parts[BATCH];
	static unsigned char data[BATCH][300];

	while (bare->next < bare->end && bare->open < window) {
		unsigned n = 0;
		int sent;

		while (n < BATCH && bare->open + n < window &&
		       bare->next + n < bare->end) {
			parts[n].iov_base = data[n];
			parts[n].iov_len = bare_packet(
			    first + bare->next + n, bare->next + n, data[n]);
			messages[n].msg_hdr.msg_iov = &parts[n];
			messages[n].msg_hdr.msg_iovlen = 1;
			n++;
		}
		sent = sendmmsg(bare->fd, messages, n, 0);
		if (sent <= 0)
			return;
		for (int i = 0; i < sent; i++)
			bare->waiting[bare->next++] = true;
		bare->open += (unsigned)sent;
	}
}

static void
bare_receive(struct bare *bare, unsigned *found, unsigned *absent)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec parts[BATCH];
	static unsigned char data[BATCH][1500];
	int n;

	do {
		for (unsigned i = 0; i < BATCH; i++) {
			parts[i].iov_base = data[i];
			parts[i].iov_len = sizeof(data[i]);
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		n = recvmmsg(bare->fd, messages, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++) {
			unsigned id = (unsigned)(data[i][0] << 8 | data[i][1]);

			if (id >= bare->end || !bare->waiting[id])
				continue;
			bare->waiting[id] = false;
			bare->open--;
			if (data[i][6] || data[i][7])
				++*found;
			else
				++*absent;
		}
	} while (n == BATCH);
}

static int
run_limit(const char *address, unsigned window)
{
	static struct bare bares[SOCKETS];
	struct sockaddr_in to = address_of(address);
	struct pollfd polls[SOCKETS];
	unsigned found = 0, absent = 0, last = 0;
	uint64_t start = now_us();
	int size = 1 << 20;

	for (unsigned i = 0; i < SOCKETS; i++) {
		bares[i].fd = socket(AF_INET, SOCK_DGRAM, 0);
		bares[i].end = ALL / SOCKETS;
		setsockopt(
		    bares[i].fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		if (connect(bares[i].fd, (struct sockaddr *)&to, sizeof(to)) !=
		    0)
			return 1;
		polls[i].fd = bares[i].fd;
		polls[i].events = POLLIN;
	}
	while (found + absent < ALL) {
		for (unsigned i = 0; i < SOCKETS; i++)
			bare_send(
			    &bares[i], i * (ALL / SOCKETS), window / SOCKETS);
		if (poll(polls, SOCKETS, 1000) == 0 && last == found + absent)
			break;
		last = found + absent;
		for (unsigned i = 0; i < SOCKETS; i++)
			if (polls[i].revents)
				bare_receive(&bares[i], &found, &absent);
	}
	return finish("limit", start, found, absent);
}

/* ---- the engine ---- */

static void
question_of(unsigned i, struct ms_dns_question *out)
{
	char name[NAME_SIZE];

	name_of(i, name);
	memset(out, 0, sizeof(*out));
	ms_dns_name_from_text(ms_slice_from(name), &out->name);
	out->type = (uint16_t)about[i % EACH].type;
}

static int
run_engine(const char *address, unsigned window)
{
	struct ms_dns_live_options options = {
		.resolvers = &address, .n = 1, .in_flight = window
	};
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dns_source *source;
	struct ms_dns_answer answer;
	struct ms_dns_question *questions =
	    calloc(2 * window, sizeof(*questions));
	unsigned found = 0, absent = 0, ahead = 0;
	uint64_t start = now_us();
	int status;

	if (!questions || ms_dns_live_open(&options, &source, NULL) != MS_OK)
		return 1;
	for (unsigned i = 0; i < ALL; i++) {
		for (; ahead < ALL && ahead < i + 2 * window; ahead++) {
			struct ms_dns_question *next =
			    &questions[ahead % (2 * window)];

			question_of(ahead, next);
			source->prefetch(source, next);
		}
		source->query(
		    source, &questions[i % (2 * window)], arena, &answer);
		found += answer.status == MS_DNS_FOUND;
		absent += ms_dns_is_absent(answer.status);
		ms_arena_clear(arena);
	}
	status = finish("engine", start, found, absent);
	source->close(source);
	ms_arena_free(arena);
	free(questions);
	return status;
}

static unsigned
number(const char *text)
{
	struct ms_scan scan = ms_scan_init(ms_slice_from(text));

	return (unsigned)ms_scan_number(&scan, 7, 1000000);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	unsigned window = 1000;

	if (argc > 3)
		window = number(argv[3]);
	if (strcmp(what, "zone") == 0)
		print_zone();
	else if (strcmp(what, "names") == 0)
		print_names(argc > 2 ? number(argv[2]) : DOMAINS);
	else if (strcmp(what, "adnshost") == 0)
		print_adnshost();
	else if (strcmp(what, "limit") == 0 && argc > 2)
		return run_limit(argv[2], window);
	else if (strcmp(what, "engine") == 0 && argc > 2)
		return run_engine(argv[2], window);
	else
		return 64;
	return 0;
}
