/* SPDX-License-Identifier: ISC
 * dns_server.c - a name server for tests, on 127.0.0.1, in a thread
 */
#include "dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define STREAMS 16
#define LATER   64
#define LABELS  64

struct count {
	char label[64];
	unsigned all, tcp;
};

struct later {
	uint64_t when; /* milliseconds; 0: free */
	struct sockaddr_in to;
	size_t n;
	unsigned char packet[600];
};

struct dns_server {
	pthread_t thread;
	int udp, tcp, stranger, stop[2];
	char address[32];
	struct pollfd streams[STREAMS];
	struct later later[LATER];
	uint64_t tenth; /* of a second, now */
	unsigned in_tenth;
	pthread_mutex_t lock; /* of what follows */
	struct count counts[LABELS];
	unsigned most_held;
	bool ports[65536];
};

/* A question as it came. */
struct query {
	struct dns_server *server;
	const struct sockaddr_in *from; /* NULL: over a stream */
	int stream;
	const unsigned char *p;
	size_t n, end; /* of the question */
	char label[64];
	unsigned times; /* this label was asked before, and now */
	bool edns;
};

struct packet {
	size_t n;
	unsigned char p[65535];
};

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- building replies ---- */

static void
put(struct packet *packet, const void *p, size_t n)
{
	assert_true(packet->n + n <= sizeof(packet->p));
	memcpy(packet->p + packet->n, p, n);
	packet->n += n;
}

static void
put_16(struct packet *packet, unsigned value)
{
	unsigned char p[2] = { (unsigned char)(value >> 8),
		(unsigned char)value };

	put(packet, p, 2);
}

/* Header and question; QR RD RA set. */
static void
begin(const struct query *query, unsigned rcode, struct packet *out)
{
	static const unsigned char counts[8] = { 0, 1 };

	out->n = 0;
	put(out, query->p, 2);
	put_16(out, 0x8180 | rcode);
	put(out, counts, 8);
	put(out, query->p + 12, query->end - 12);
}

static void
count_section(struct packet *packet, unsigned section)
{
	unsigned at = 4 + 2 * section;
	unsigned n = (unsigned)(packet->p[at] << 8 | packet->p[at + 1]) + 1;

	packet->p[at] = (unsigned char)(n >> 8);
	packet->p[at + 1] = (unsigned char)n;
}

/* A record of the question's name. */
static void
add_record(struct packet *packet, unsigned section, unsigned type, unsigned ttl,
    const void *rdata, size_t n)
{
	put_16(packet, 0xc00c);
	put_16(packet, type);
	put_16(packet, 1);
	put_16(packet, ttl >> 16);
	put_16(packet, ttl & 0xffff);
	put_16(packet, (unsigned)n);
	put(packet, rdata, n);
	count_section(packet, section);
}

static void
add_a(struct packet *packet, unsigned ttl, unsigned last)
{
	unsigned char ip[4] = { 192, 0, 2, (unsigned char)last };

	add_record(packet, 1, 1, ttl, ip, 4);
}

static void
add_soa(struct packet *packet, unsigned minimum)
{
	unsigned char rdata[22] = { 0, 0, 0, 0, 0, 1 };

	rdata[20] = (unsigned char)(minimum >> 8);
	rdata[21] = (unsigned char)minimum;
	add_record(packet, 2, 6, 3600, rdata, sizeof(rdata));
}

static void
add_opt(struct packet *packet, unsigned rcode_high, const void *p, size_t n)
{
	static const unsigned char fixed[] = { 0, 0, 41, 4, 208 };
	unsigned char ttl[4] = { (unsigned char)rcode_high };

	put(packet, fixed, sizeof(fixed));
	put(packet, ttl, 4);
	put_16(packet, (unsigned)n);
	put(packet, p, n);
	count_section(packet, 3);
}

/* An alias of which nothing more is said; the target in wire form. */
static void
add_alias(struct packet *packet, const char *target, size_t n)
{
	add_record(packet, 1, 5, 60, target, n);
}

/* ---- sending them ---- */

static void
note_held(struct dns_server *server)
{
	unsigned n = 0;

	for (size_t i = 0; i < LATER; i++)
		n += server->later[i].when != 0;
	pthread_mutex_lock(&server->lock);
	if (n > server->most_held)
		server->most_held = n;
	pthread_mutex_unlock(&server->lock);
}

static void
reply_later(const struct query *query, const struct packet *packet, unsigned ms)
{
	for (size_t i = 0; i < LATER; i++) {
		struct later *later = &query->server->later[i];

		if (later->when || packet->n > sizeof(later->packet))
			continue;
		later->when = now_ms() + ms;
		later->to = *query->from;
		later->n = packet->n;
		memcpy(later->packet, packet->p, packet->n);
		note_held(query->server);
		return;
	}
}

static void
send_from(int fd, const struct query *query, const struct packet *packet)
{
	if (sendto(fd, packet->p, packet->n, 0,
		(const struct sockaddr *)query->from, sizeof(*query->from)) < 0)
		perror("sendto");
}

static void
pause_ms(unsigned ms)
{
	struct timespec span = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&span, NULL);
}

/* Over a stream: the length alone, then the message in three pieces. */
static void
send_pieces(const struct query *query, const struct packet *packet)
{
	unsigned char length[2] = { (unsigned char)(packet->n >> 8),
		(unsigned char)packet->n };
	size_t third = packet->n / 3, at = 0;

	for (int i = 0; i < 2; i++)
		if (send(query->stream, length + i, 1, MSG_NOSIGNAL) < 0)
			return;
	for (int i = 0; i < 3; i++) {
		size_t n = i < 2 ? third : packet->n - at;

		pause_ms(5);
		if (send(query->stream, packet->p + at, n, MSG_NOSIGNAL) < 0)
			return;
		at += n;
	}
}

static void
reply(const struct query *query, const struct packet *packet)
{
	if (query->from)
		send_from(query->server->udp, query, packet);
	else
		send_pieces(query, packet);
}

static void
reply_found(const struct query *query, unsigned ttl)
{
	struct packet packet;

	begin(query, 0, &packet);
	add_a(&packet, ttl, 1);
	reply(query, &packet);
}

static void
reply_rcode(const struct query *query, unsigned rcode)
{
	struct packet packet;

	begin(query, rcode, &packet);
	reply(query, &packet);
}

/* ---- what the labels mean ---- */

static void
on_found(const struct query *query)
{
	reply_found(query, 300);
}

static void
on_ttl0(const struct query *query)
{
	reply_found(query, 0);
}

static void
reply_absent(const struct query *query, unsigned rcode, unsigned minimum)
{
	struct packet packet;

	begin(query, rcode, &packet);
	add_soa(&packet, minimum);
	reply(query, &packet);
}

static void
on_nodata(const struct query *query)
{
	reply_absent(query, 0, 300);
}

static void
on_nxdomain(const struct query *query)
{
	reply_absent(query, 3, 300);
}

static void
on_brief(const struct query *query)
{
	reply_absent(query, 3, 0);
}

static void
on_servfail(const struct query *query)
{
	struct packet packet;

	begin(query, 2, &packet);
	/* RFC 8914: 22, No Reachable Authority, "gone" */
	add_opt(&packet, 0, "\0\17\0\6\0\26gone", 10);
	reply(query, &packet);
}

static void
on_refused(const struct query *query)
{
	reply_rcode(query, 5);
}

/* A rate limit: the second time it is well. */
static void
on_busy(const struct query *query)
{
	if (query->times == 1)
		reply_rcode(query, 5);
	else
		on_found(query);
}

/* No more than 20 in a tenth of a second. */
static void
on_limited(const struct query *query)
{
	struct dns_server *server = query->server;

	if (now_ms() / 100 != server->tenth) {
		server->tenth = now_ms() / 100;
		server->in_tenth = 0;
	}
	if (++server->in_tenth > 20)
		reply_rcode(query, 5);
	else
		on_found(query);
}

static void
on_silent(const struct query *query)
{
	(void)query;
}

/* Answers the first try alone, and that late. */
static void
on_slow(const struct query *query)
{
	struct packet packet;

	begin(query, 0, &packet);
	add_a(&packet, 300, 1);
	if (query->times == 1)
		reply_later(query, &packet, 900);
}

static void
on_second(const struct query *query)
{
	if (query->times > 1)
		on_found(query);
}

/* A forgery first, then the truth. */
static void
forge(const struct query *query, struct packet *packet)
{
	begin(query, 0, packet);
	add_a(packet, 300, 66);
}

static void
on_wrong_id(const struct query *query)
{
	struct packet packet;

	forge(query, &packet);
	packet.p[0] ^= 0x55;
	reply(query, &packet);
	on_found(query);
}

static void
on_wrong_name(const struct query *query)
{
	struct packet packet;

	forge(query, &packet);
	packet.p[14] ^= 1;
	reply(query, &packet);
	on_found(query);
}

static void
on_wrong_type(const struct query *query)
{
	struct packet packet;

	forge(query, &packet);
	packet.p[query->end - 3] ^= 0x20;
	reply(query, &packet);
	on_found(query);
}

static void
on_two_questions(const struct query *query)
{
	struct packet packet;

	forge(query, &packet);
	packet.p[5] = 2;
	reply(query, &packet);
	on_found(query);
}

static void
on_no_reply(const struct query *query)
{
	struct packet packet;

	forge(query, &packet);
	packet.p[2] &= 0x7f;
	reply(query, &packet);
	on_found(query);
}

static void
on_stranger(const struct query *query)
{
	struct packet packet;

	forge(query, &packet);
	send_from(query->server->stranger, query, &packet);
	pause_ms(20);
	on_found(query);
}

static void
on_rubbish(const struct query *query)
{
	struct packet packet = { .n = 0 };

	reply(query, &packet);
	put(&packet, query->p, 11);
	reply(query, &packet);
	on_found(query);
}

/* No question, and yet "no such name": not to be believed. */
static void
on_bare_nxdomain(const struct query *query)
{
	struct packet packet;

	begin(query, 3, &packet);
	packet.p[5] = 0;
	packet.n = 12;
	reply(query, &packet);
}

static void
lower_case(struct packet *packet, size_t end)
{
	for (size_t i = 12; i < end - 4; i++)
		packet->p[i] = ms_lower(packet->p[i]);
}

/* Does not keep the case of names. */
static void
on_mangle(const struct query *query)
{
	struct packet packet;

	forge(query, &packet);
	lower_case(&packet, query->end);
	if (!query->from) {
		packet.n = query->end;
		packet.p[7] = 0;
		add_a(&packet, 300, 1);
	}
	reply(query, &packet);
}

static void
on_cut(const struct query *query)
{
	struct packet packet;

	begin(query, 0, &packet);
	packet.p[2] |= 2;
	if (query->from)
		reply(query, &packet);
	else
		on_found(query);
}

/* Cut, and the stream is closed without a word. */
static void
on_cut_closed(const struct query *query)
{
	if (query->from)
		on_cut(query);
	else
		shutdown(query->stream, SHUT_RDWR);
}

static void
on_cut_silent(const struct query *query)
{
	if (query->from)
		on_cut(query);
}

/* 3,000 records. */
static void
on_large(const struct query *query)
{
	struct packet packet;

	if (query->from) {
		on_cut(query);
		return;
	}
	begin(query, 0, &packet);
	for (unsigned i = 0; i < 3000; i++)
		add_a(&packet, 300, i);
	reply(query, &packet);
}

/* Servers older than EDNS. */
static void
on_formerr(const struct query *query)
{
	struct packet packet;

	if (!query->edns) {
		on_found(query);
		return;
	}
	begin(query, 1, &packet);
	packet.p[5] = 0;
	packet.n = 12;
	reply(query, &packet);
}

static void
on_notimp(const struct query *query)
{
	if (query->edns)
		reply_rcode(query, 4);
	else
		on_found(query);
}

static void
on_badvers(const struct query *query)
{
	struct packet packet;

	if (!query->edns) {
		on_found(query);
		return;
	}
	begin(query, 0, &packet);
	add_opt(&packet, 1, "", 0);
	reply(query, &packet);
}

static void
on_formerr_always(const struct query *query)
{
	reply_rcode(query, 1);
}

/* A referral: name servers of elsewhere, no answer. */
static void
on_lame(const struct query *query)
{
	struct packet packet;

	begin(query, 0, &packet);
	packet.p[3] &= 0x7f; /* no RA */
	add_record(&packet, 2, 2, 60, "\2ns\4test", 9);
	reply(query, &packet);
}

/* The owner's name points at itself. */
static void
on_loop(const struct query *query)
{
	struct packet packet;

	begin(query, 0, &packet);
	put_16(&packet, 0xc000 | (unsigned)packet.n);
	put(&packet, "\0\1\0\1\0\0\0\74\0\4\300\0\2\1", 14);
	count_section(&packet, 1);
	reply(query, &packet);
}

/* More records are promised than come. */
static void
on_short_count(const struct query *query)
{
	struct packet packet;

	begin(query, 0, &packet);
	add_a(&packet, 300, 1);
	packet.p[7] = 200;
	reply(query, &packet);
}

static void
on_alias(const struct query *query)
{
	struct packet packet;

	begin(query, 0, &packet);
	add_alias(&packet, "\5found\4test", 12);
	reply(query, &packet);
}

static void
on_circle(const struct query *query)
{
	struct packet packet;
	unsigned char target[] = "\6circle\1a\4test";

	target[8] = (unsigned char)('a' + query->times % 26);
	begin(query, 0, &packet);
	add_alias(&packet, (const char *)target, sizeof(target));
	reply(query, &packet);
}

/* Answers who does not ask it to recurse, as one who has the zone. */
static void
on_own(const struct query *query)
{
	struct packet packet;

	begin(query, query->p[2] & 1 ? 5 : 0, &packet);
	packet.p[2] = 0x84; /* QR AA */
	packet.p[3] &= 0x7f;
	add_a(&packet, 300, 1);
	reply(query, &packet);
}

/* Gives its zone away, message after message. */
static void
on_transfer(const struct query *query)
{
	static const unsigned char soa[22] = { 0, 0, 0, 0, 0, 7 };
	struct packet packet;

	begin(query, query->from ? 5 : 0, &packet);
	add_record(&packet, 1, 6, 3600, soa, sizeof(soa));
	for (unsigned i = 0; i < 500; i++)
		add_a(&packet, 300, i);
	for (int i = 0; i < 20; i++)
		reply(query, &packet);
}

/* Answered after a while, for questions to meet. */
static void
on_meet(const struct query *query)
{
	struct packet packet;

	begin(query, 0, &packet);
	add_a(&packet, 300, 1);
	reply_later(query, &packet, 60);
}

static const struct {
	const char *label;
	void (*act)(const struct query *query);
} acts[] = {
	{ "found", on_found },
	{ "ttl0", on_ttl0 },
	{ "nodata", on_nodata },
	{ "nxdomain", on_nxdomain },
	{ "brief", on_brief },
	{ "servfail", on_servfail },
	{ "refused", on_refused },
	{ "busy", on_busy },
	{ "limited", on_limited },
	{ "silent", on_silent },
	{ "slow", on_slow },
	{ "second", on_second },
	{ "wrong-id", on_wrong_id },
	{ "wrong-name", on_wrong_name },
	{ "wrong-type", on_wrong_type },
	{ "two-questions", on_two_questions },
	{ "no-reply", on_no_reply },
	{ "stranger", on_stranger },
	{ "rubbish", on_rubbish },
	{ "bare-nxdomain", on_bare_nxdomain },
	{ "mangle", on_mangle },
	{ "cut", on_cut },
	{ "cut-closed", on_cut_closed },
	{ "cut-silent", on_cut_silent },
	{ "large", on_large },
	{ "formerr", on_formerr },
	{ "formerr-always", on_formerr_always },
	{ "notimp", on_notimp },
	{ "badvers", on_badvers },
	{ "lame", on_lame },
	{ "loop", on_loop },
	{ "short-count", on_short_count },
	{ "alias", on_alias },
	{ "circle", on_circle },
	{ "own", on_own },
	{ "transfer", on_transfer },
	{ "meet", on_meet },
};

/* ---- taking questions ---- */

static struct count *
count_of(struct dns_server *server, const char *label)
{
	size_t i = 0;

	while (i < LABELS - 1 && server->counts[i].label[0] &&
	       strcmp(server->counts[i].label, label) != 0)
		i++;
	snprintf(server->counts[i].label, sizeof(server->counts[i].label), "%s",
	    label);
	return &server->counts[i];
}

/* A label's act; a name ending in digits ("found17") acts as without. */
static void
act_on(struct query *query)
{
	size_t n = strlen(query->label);

	while (
	    n > 0 && query->label[n - 1] >= '1' && query->label[n - 1] <= '9')
		n--;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strlen(acts[i].label) == n &&
		    strncmp(acts[i].label, query->label, n) == 0)
			acts[i].act(query);
}

static void
take(struct query *query)
{
	struct dns_server *server = query->server;
	struct count *count;
	size_t i;

	if (query->n < 17 || query->p[12] > 63)
		return;
	for (i = 0; i < query->p[12]; i++)
		query->label[i] = (char)ms_lower(query->p[13 + i]);
	for (i = 12; i < query->n && query->p[i]; i += 1u + query->p[i])
		;
	query->end = i + 5;
	if (query->end > query->n)
		return;
	query->edns = query->p[11] > 0;
	pthread_mutex_lock(&server->lock);
	count = count_of(server, query->label);
	query->times = ++count->all;
	count->tcp += !query->from;
	if (query->from)
		server->ports[query->from->sin_port] = true;
	pthread_mutex_unlock(&server->lock);
	act_on(query);
}

static void
take_datagram(struct dns_server *server)
{
	unsigned char p[1024];
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	struct query query = { .server = server, .from = &from, .p = p };
	ssize_t got = recvfrom(
	    server->udp, p, sizeof(p), 0, (struct sockaddr *)&from, &n);

	if (got <= 0)
		return;
	query.n = (size_t)got;
	take(&query);
}

static void
take_stream(struct dns_server *server, struct pollfd *stream)
{
	unsigned char p[1024];
	struct query query = { .server = server, .stream = stream->fd };
	ssize_t got = recv(stream->fd, p, 2, MSG_WAITALL);

	if (got == 2)
		got = recv(stream->fd, p, (size_t)(p[0] << 8 | p[1]) % 1024,
		    MSG_WAITALL);
	if (got <= 2) {
		close(stream->fd);
		stream->fd = -1;
		return;
	}
	query.p = p;
	query.n = (size_t)got;
	take(&query);
}

static void
take_connection(struct dns_server *server)
{
	int fd = accept(server->tcp, NULL, NULL);

	for (size_t i = 0; i < STREAMS && fd >= 0; i++)
		if (server->streams[i].fd < 0) {
			server->streams[i].fd = fd;
			server->streams[i].events = POLLIN;
			return;
		}
	if (fd >= 0)
		close(fd);
}

static void
send_due(struct dns_server *server)
{
	for (size_t i = 0; i < LATER; i++) {
		struct later *later = &server->later[i];

		if (!later->when || later->when > now_ms())
			continue;
		later->when = 0;
		if (sendto(server->udp, later->packet, later->n, 0,
			(struct sockaddr *)&later->to, sizeof(later->to)) < 0)
			perror("sendto");
	}
}

static void *
serve(void *argument)
{
	struct dns_server *server = argument;
	struct pollfd polls[3 + STREAMS] = {
		{ .fd = server->stop[0], .events = POLLIN },
		{ .fd = server->udp, .events = POLLIN },
		{ .fd = server->tcp, .events = POLLIN },
	};

	for (;;) {
		memcpy(polls + 3, server->streams, sizeof(server->streams));
		poll(polls, 3 + STREAMS, 5);
		if (polls[0].revents)
			return NULL;
		if (polls[1].revents)
			take_datagram(server);
		if (polls[2].revents)
			take_connection(server);
		for (size_t i = 0; i < STREAMS; i++)
			if (polls[3 + i].fd >= 0 && polls[3 + i].revents)
				take_stream(server, &server->streams[i]);
		send_due(server);
	}
}

/* ---- from outside ---- */

static int
bound(int type, uint16_t port, struct sockaddr_in *out)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(*out);

	memset(out, 0, sizeof(*out));
	out->sin_family = AF_INET;
	out->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	out->sin_port = port;
	if (bind(fd, (struct sockaddr *)out, n) != 0 ||
	    getsockname(fd, (struct sockaddr *)out, &n) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct dns_server *
dns_server_start(void)
{
	struct dns_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address, other;

	/* One port for both: the kernel's for UDP may be taken for TCP. */
	for (int i = 0; i < 20; i++) {
		server->udp = bound(SOCK_DGRAM, 0, &address);
		server->tcp = bound(SOCK_STREAM, address.sin_port, &other);
		if (server->tcp >= 0)
			break;
		close(server->udp);
	}
	server->stranger = bound(SOCK_DGRAM, 0, &other);
	assert_true(server->tcp >= 0 && server->stranger >= 0);
	assert_int_equal(listen(server->tcp, 16), 0);
	assert_int_equal(pipe(server->stop), 0);
	for (size_t i = 0; i < STREAMS; i++)
		server->streams[i].fd = -1;
	snprintf(server->address, sizeof(server->address), "127.0.0.1@%u",
	    ntohs(address.sin_port));
	pthread_mutex_init(&server->lock, NULL);
	assert_int_equal(
	    pthread_create(&server->thread, NULL, serve, server), 0);
	return server;
}

void
dns_server_stop(struct dns_server *server)
{
	close(server->stop[1]);
	pthread_join(server->thread, NULL);
	for (size_t i = 0; i < STREAMS; i++)
		if (server->streams[i].fd >= 0)
			close(server->streams[i].fd);
	close(server->udp);
	close(server->tcp);
	close(server->stranger);
	close(server->stop[0]);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

const char *
dns_server_address(const struct dns_server *server)
{
	return server->address;
}

static struct count
count(struct dns_server *server, const char *label)
{
	struct count out;

	pthread_mutex_lock(&server->lock);
	out = *count_of(server, label);
	pthread_mutex_unlock(&server->lock);
	return out;
}

unsigned
dns_server_count(struct dns_server *server, const char *label)
{
	return count(server, label).all;
}

unsigned
dns_server_count_tcp(struct dns_server *server, const char *label)
{
	return count(server, label).tcp;
}

unsigned
dns_server_most_held(struct dns_server *server)
{
	unsigned n;

	pthread_mutex_lock(&server->lock);
	n = server->most_held;
	pthread_mutex_unlock(&server->lock);
	return n;
}

unsigned
dns_server_ports(struct dns_server *server)
{
	unsigned n = 0;

	pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i < 65536; i++)
		n += server->ports[i];
	pthread_mutex_unlock(&server->lock);
	return n;
}
