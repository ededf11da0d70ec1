/* SPDX-License-Identifier: ISC
 * udp.c - the live source's pool of connected UDP sockets
 *
 * Why this is as hard to forge as a socket of its own for every question.
 * Somebody who cannot see our packets must send an answer that has the
 * resolver's address, our port, the id of a question on its way through that
 * port, and that very question, in the letter case that we chose. The port
 * is one of 64,512, drawn for the socket by getrandom(2); the id one of
 * 65,536, drawn for the try; the case one bit a letter, drawn for the
 * question (RFC 5452 4, 9). That other questions leave through the same port
 * does not help him: an answer is held against the one question that has its
 * id, so for any question that he wants to answer he still needs its own id.
 * What sharing does change is that a port, once found, could be used for
 * longer. So a socket takes new questions for UDP_AGE only, and UDP_QUESTIONS
 * at most; finding a port takes thousands of packets, as connected sockets
 * say nothing to strangers (the kernel drops what comes from another address
 * or port, and counts it for no error), and a find is worth the remainder of
 * a second. Identical questions are never on their way twice, so that there
 * is no birthday to be had (RFC 5452 5).
 *
 * Packets go out and come in by the batch. A socket never has more answers
 * due than its receive buffer holds, however long they are.
 */
#include "live_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#define UDP_QUESTIONS 1024
#define UDP_AGE       (2 * LIVE_SECOND)
#define UDP_WINDOW    128 /* half the slots: an id is found at once */
#define UDP_BUFFER    (1024 * 1024)
#define PORT_TRIES    8

/* What the kernel charges for a datagram of 1,232 octets; it may be a quarter
 * of the buffer behind with its accounts. */
#define CHARGE 2304

#define BATCH        64
#define DATAGRAM_MAX 4096

struct udp {
	struct carrier carrier; /* first */
	struct udp *next;       /* of the resolver's */
	struct udp *dirty_next;
	live_time opened;
	unsigned window, asked;
	unsigned queued_n;
	bool dirty, retired;
	struct slots slots;
	uint8_t queued[SLOTS]; /* places in `slots` */
};

struct receiver {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH]; /* one a message */
	unsigned char data[BATCH][DATAGRAM_MAX];
};

void
slots_put(struct slots *slots, struct noise *noise, struct try *try)
{
	do {
		noise_bytes(noise, &try->id, sizeof(try->id));
	} while (slots->try[try->id % SLOTS]);
	slots->try[try->id % SLOTS] = try;
	slots->n++;
}

struct try *
slots_find(const struct slots *slots, uint16_t id)
{
	struct try *try = slots->try[id % SLOTS];

	return try && try->id == id ?
	try : NULL
		;
}

void
slots_drop(struct slots *slots, const struct try *try)
{
	slots->try[try->id % SLOTS] = NULL;
	slots->n--;
}

/* ---- opening and closing ---- */

static bool
bind_port(int fd, int family, unsigned port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };

	if (family == AF_INET)
		return bind(fd, (struct sockaddr *)&v4, sizeof(v4)) == 0;
	return bind(fd, (struct sockaddr *)&v6, sizeof(v6)) == 0;
}

/* A port of our own choice, from all that are not reserved; where the system
 * will not have that, the kernel's choice on connect. */
static void
bind_random(int fd, int family, struct noise *noise)
{
	for (int i = 0; i < PORT_TRIES; i++) {
		unsigned port = noise_16(noise);

		if (port >= 1024 && bind_port(fd, family, port))
			return;
	}
}

static unsigned
window_of(int fd)
{
	int size = UDP_BUFFER;
	socklen_t n = sizeof(size);
	unsigned window;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &n) != 0 || size < 0)
		return 1;
	window = (unsigned)size / 4 * 3 / CHARGE;
	return window < 1 ? 1 : window > UDP_WINDOW ? UDP_WINDOW : window;
}

static int
udp_open(struct loop *loop, struct resolver *resolver, struct udp **out)
{
	int family = resolver->address.ss_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct udp *udp;

	if (fd < 0)
		return errno;
	bind_random(fd, family, &loop->noise);
	if (connect(fd, (struct sockaddr *)&resolver->address,
		resolver->address_n) != 0) {
		int error = errno;

		close(fd);
		return error;
	}
	udp = live_alloc(sizeof(*udp));
	memset(udp, 0, sizeof(*udp));
	udp->carrier.kind = CARRIER_UDP;
	udp->carrier.fd = fd;
	udp->opened = loop->now;
	udp->window = window_of(fd);
	udp->next = resolver->sockets;
	resolver->sockets = udp;
	udp->retired = !loop_watch(loop, &udp->carrier, EPOLLIN);
	*out = udp;
	return udp->retired ? ENOMEM : 0;
}

static bool
takes_more(struct udp *udp, live_time now)
{
	if (udp->asked >= UDP_QUESTIONS || now - udp->opened >= UDP_AGE)
		udp->retired = true;
	return !udp->retired && udp->slots.n < udp->window &&
	       udp->queued_n < SLOTS;
}

static int
find_socket(struct loop *loop, struct resolver *resolver)
{
	struct udp *udp = resolver->current;

	if (udp && takes_more(udp, loop->now))
		return 0;
	udp = resolver->sockets;
	while (udp && !takes_more(udp, loop->now))
		udp = udp->next;
	resolver->current = udp;
	return udp ? 0 : udp_open(loop, resolver, &resolver->current);
}

void
udp_tidy(struct loop *loop, struct resolver *resolver, bool all)
{
	struct udp **at = &resolver->sockets;

	while (*at) {
		struct udp *udp = *at;

		takes_more(udp, loop->now);
		udp->retired |= is_deserted(resolver);
		if (!all && (!udp->retired || udp->slots.n || udp->dirty)) {
			at = &udp->next;
			continue;
		}
		*at = udp->next;
		if (resolver->current == udp)
			resolver->current = NULL;
		close(udp->carrier.fd);
		free(udp);
	}
}

/* ---- sending ---- */

int
udp_send(struct loop *loop, struct try *try)
{
	struct resolver *resolver = flight_resolver(try);
	int error = find_socket(loop, resolver);
	struct udp *udp = resolver->current;

	if (error)
		return error;
	try->udp = udp;
	slots_put(&udp->slots, &loop->noise, try);
	udp->asked++;
	udp->queued[udp->queued_n++] = (uint8_t)(try->id % SLOTS);
	if (!udp->dirty) {
		udp->dirty = true;
		udp->dirty_next = loop->dirty;
		loop->dirty = udp;
	}
	return 0;
}

void
udp_drop(struct try *try)
{
	slots_drop(&try->udp->slots, try);
	try->udp = NULL;
}

/* Nobody listens there, or no way leads there. */
static void
fail_all(struct loop *loop, struct udp *udp, int error)
{
	udp->retired = true;
	for (size_t i = 0; i < SLOTS; i++)
		if (udp->slots.try[i])
			flight_lost(loop, udp->slots.try[i], error);
}

static struct receiver *
receiver(struct loop *loop)
{
	struct receiver *r;

	if (!loop->receiver) {
		r = live_alloc(sizeof(*r));
		memset(r, 0, offsetof(struct receiver, data));
		for (size_t i = 0; i < BATCH; i++) {
			r->messages[i].msg_hdr.msg_iov = &r->parts[i];
			r->messages[i].msg_hdr.msg_iovlen = 1;
		}
		loop->receiver = r;
	}
	return loop->receiver;
}

/* Sends queued packets; their number, the sent and those not wanted any more
 * among them; -1: errno. */
static int
send_batch(
    struct loop *loop, struct udp *udp, const uint8_t *queued, unsigned n)
{
	struct receiver *r = receiver(loop);
	unsigned filled = 0, i = 0;
	int sent;

	for (; i < n && filled < BATCH; i++) {
		struct try *try = udp->slots.try[queued[i]];

		if (!try)
			continue;
		/* Two tries of one flight in one batch: the later id counts,
		 * and the earlier try waits in vain. */
		memcpy(try->flight->packet, &try->id, sizeof(try->id));
		r->parts[filled].iov_base = try->flight->packet;
		r->parts[filled].iov_len = try->flight->packet_n;
		filled++;
	}
	if (filled == 0)
		return (int)i;
	sent = sendmmsg(udp->carrier.fd, r->messages, filled, MSG_NOSIGNAL);
	return sent < 0 || (unsigned)sent < filled ? sent : (int)i;
}

static void
flush(struct loop *loop, struct udp *udp)
{
	unsigned at = 0, n = udp->queued_n;
	int refused = 0;

	while (at < n) {
		int sent = send_batch(loop, udp, udp->queued + at, n - at);

		if (sent >= 0) {
			at += (unsigned)sent;
			continue;
		}
		if (errno == EINTR || (errno == ECONNREFUSED && !refused++))
			continue; /* of an earlier packet */
		if (errno != EAGAIN && errno != ENOBUFS) {
			udp->queued_n = 0;
			fail_all(loop, udp, errno);
			return;
		}
		loop->again = true;
		break;
	}
	memmove(udp->queued, udp->queued + at, n - at);
	udp->queued_n = n - at;
}

void
udp_flush(struct loop *loop)
{
	struct udp *udp = loop->dirty, *left = NULL;

	loop->dirty = NULL;
	while (udp) {
		struct udp *next = udp->dirty_next;

		flush(loop, udp);
		udp->dirty = udp->queued_n > 0;
		if (udp->dirty) {
			udp->dirty_next = left;
			left = udp;
		}
		udp = next;
	}
	while (left) {
		struct udp *next = left->dirty_next;

		left->dirty_next = loop->dirty;
		loop->dirty = left;
		left = next;
	}
}

/* ---- receiving ---- */

static void
take(struct loop *loop, struct udp *udp, const struct mmsghdr *message)
{
	const unsigned char *p = message->msg_hdr.msg_iov->iov_base;
	struct try *try;
	uint16_t id;

	/* Ignored and waited on: an error here would let anybody deny an
	 * answer with a datagram of rubbish. */
	if (message->msg_len < 12 || message->msg_hdr.msg_flags & MSG_TRUNC)
		return;
	memcpy(&id, p, sizeof(id));
	try = slots_find(&udp->slots, id);
	if (try)
		flight_reply(loop, try, p, message->msg_len);
}

static int
receive_batch(struct loop *loop, struct udp *udp)
{
	struct receiver *r = receiver(loop);
	int n;

	for (size_t i = 0; i < BATCH; i++) {
		r->parts[i].iov_base = r->data[i];
		r->parts[i].iov_len = DATAGRAM_MAX;
	}
	n = recvmmsg(udp->carrier.fd, r->messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take(loop, udp, &r->messages[i]);
	return n;
}

void
udp_ready(struct loop *loop, struct udp *udp)
{
	int error = 0, n;

	/* What lies behind an error may be the answer. */
	do {
		n = receive_batch(loop, udp);
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			if (error)
				break;
			error = errno;
			n = BATCH;
		}
	} while (n == BATCH);
	if (error)
		fail_all(loop, udp, error);
}
