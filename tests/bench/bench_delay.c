/* SPDX-License-Identifier: ISC
 * bench_delay.c - a UDP proxy that hands each answer back late
 *
 *   bench_delay ADDRESS MILLISECONDS
 *
 * Takes questions on ADDRESS, port 53, passes them on to 127.0.0.1, port 53,
 * at once, and what comes back to where it came from, so much later. Every
 * port that asks has a socket of its own towards the server, until it has not
 * asked for a while and there are many.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mailsonde/scan.h"

#define BATCH  64
#define LATE   65536 /* answers held back at once */
#define LENGTH 1500

struct late {
	uint64_t when;
	struct sockaddr_in to;
	size_t n;
	unsigned char p[LENGTH];
};

static struct late *late; /* a ring */
static unsigned late_first, late_n;
static int to_server[65536]; /* by the port that asks */
static uint64_t last_used[65536];
static unsigned open_n, next_tidy = 4096;
static struct sockaddr_in asker[65536];
static unsigned char data[BATCH][LENGTH];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];
static struct sockaddr_in peers[BATCH];

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int
udp_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int size = 4 << 20;

	if (fd < 0) {
		perror("bench_delay");
		exit(1);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return fd;
}

static struct sockaddr_in
port_53(const char *address)
{
	struct sockaddr_in out = { .sin_family = AF_INET,
		.sin_port = htons(53) };

	if (inet_pton(AF_INET, address, &out.sin_addr) != 1)
		exit(64);
	return out;
}

static int
receive(int fd)
{
	for (unsigned i = 0; i < BATCH; i++) {
		parts[i].iov_base = data[i];
		parts[i].iov_len = LENGTH;
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
		messages[i].msg_hdr.msg_name = &peers[i];
		messages[i].msg_hdr.msg_namelen = sizeof(peers[i]);
	}
	return recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
}

/* Closes what has been silent for a second. */
static void
tidy(void)
{
	uint64_t now = now_us();

	for (unsigned port = 0; port < 65536; port++) {
		if (!to_server[port] || now - last_used[port] < 1000000)
			continue;
		close(to_server[port]);
		to_server[port] = 0;
		open_n--;
	}
	next_tidy = open_n + 4096;
}

static int
server_socket(int epoll, const struct sockaddr_in *from)
{
	struct epoll_event event = { .events = EPOLLIN,
		.data.u32 = from->sin_port };
	struct sockaddr_in server = port_53("127.0.0.1");
	int fd = udp_socket();

	if (connect(fd, (struct sockaddr *)&server, sizeof(server)) != 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		perror("bench_delay");
		exit(1);
	}
	if (++open_n >= next_tidy)
		tidy();
	to_server[from->sin_port] = fd;
	asker[from->sin_port] = *from;
	return fd;
}

static void
take_questions(int epoll, int listener)
{
	int n;

	while ((n = receive(listener)) > 0)
		for (int i = 0; i < n; i++) {
			int fd = to_server[peers[i].sin_port];

			if (!fd)
				fd = server_socket(epoll, &peers[i]);
			last_used[peers[i].sin_port] = now_us();
			if (send(fd, data[i], messages[i].msg_len, 0) < 0)
				perror("bench_delay: send");
		}
}

static void
take_answers(uint32_t port, uint64_t span)
{
	uint64_t when = now_us() + span;
	int n;

	while ((n = receive(to_server[port])) > 0)
		for (int i = 0; i < n && late_n < LATE; i++) {
			struct late *one =
			    &late[(late_first + late_n++) % LATE];

			one->when = when;
			one->to = asker[port];
			one->n = messages[i].msg_len;
			memcpy(one->p, data[i], one->n);
		}
}

/* Sends what is due; a batch may be for many ports. */
static void
send_due(int listener)
{
	uint64_t now = now_us();
	unsigned n;

	do {
		int sent;

		for (n = 0; n < BATCH && n < late_n; n++) {
			struct late *one = &late[(late_first + n) % LATE];

			if (one->when > now)
				break;
			parts[n].iov_base = one->p;
			parts[n].iov_len = one->n;
			messages[n].msg_hdr.msg_iov = &parts[n];
			messages[n].msg_hdr.msg_iovlen = 1;
			messages[n].msg_hdr.msg_name = &one->to;
			messages[n].msg_hdr.msg_namelen = sizeof(one->to);
		}
		sent = n ? sendmmsg(listener, messages, n, 0) : 0;
		if (sent < 0)
			sent = 1; /* whoever asked is gone */
		late_first = (late_first + (unsigned)sent) % LATE;
		late_n -= (unsigned)sent;
	} while (n == BATCH);
}

static void
serve(int listener, uint64_t span)
{
	int epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 0 };

	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		struct epoll_event events[BATCH];
		uint64_t now = now_us();
		struct timespec wait = { .tv_sec = 1 };
		int n;

		if (late_n > 0) {
			uint64_t when = late[late_first].when;

			wait.tv_sec = 0;
			wait.tv_nsec =
			    when > now ? (long)(when - now) * 1000 : 0;
		}
		n = epoll_pwait2(epoll, events, BATCH, &wait, NULL);
		for (int i = 0; i < n; i++) {
			if (events[i].data.u32 == 0)
				take_questions(epoll, listener);
			else
				take_answers(events[i].data.u32, span);
		}
		send_due(listener);
	}
}

int
main(int argc, char **argv)
{
	struct rlimit files = { 65536, 65536 };
	struct sockaddr_in own;
	struct ms_scan scan;
	uint64_t span;
	int listener;

	if (argc != 3)
		return 64;
	scan = ms_scan_init(ms_slice_from(argv[2]));
	span = ms_scan_number(&scan, 5, 10000) * 1000;
	setrlimit(RLIMIT_NOFILE, &files);
	late = calloc(LATE, sizeof(*late));
	own = port_53(argv[1]);
	listener = udp_socket();
	if (!late ||
	    bind(listener, (struct sockaddr *)&own, sizeof(own)) != 0) {
		perror("bench_delay");
		return 1;
	}
	serve(listener, span);
	return 0;
}
