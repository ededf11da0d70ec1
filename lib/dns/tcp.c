/* SPDX-License-Identifier: ISC
 * tcp.c - the live source's connections: what does not fit into a datagram
 *
 * A resolver's connection serves many questions, one behind the other
 * without waiting (RFC 7766 6.2.1), in whatever order the answers come. The
 * length before each message may arrive alone, and the message in pieces; the
 * deadline is the question's. A connection that nobody needs is closed after
 * a while.
 */
#include "live_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TCP_WINDOW      64 /* questions a connection, before there is another */
#define TCP_CONNECTIONS 8
#define TCP_IDLE        (3 * LIVE_SECOND)
#define TCP_READ        16384

struct tcp {
	struct carrier carrier; /* first */
	struct tcp *next;       /* of the resolver's */
	struct tcp *dirty_next;
	live_time used;
	bool dirty, connected, dead;
	bool answered; /* it has carried an answer */
	bool single;   /* for one zone transfer: its first message ends it */
	struct slots slots;
	unsigned char *out, *in;
	size_t out_n, out_size, in_n, in_size;
};

/* ---- opening and closing ---- */

static int
tcp_open(struct loop *loop, struct resolver *resolver, struct tcp **out)
{
	int fd = socket(resolver->address.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct tcp *tcp;
	int yes = 1;

	*out = NULL;
	if (fd < 0)
		return errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(fd, (struct sockaddr *)&resolver->address,
		resolver->address_n) != 0 &&
	    errno != EINPROGRESS) {
		int error = errno;

		close(fd);
		return error;
	}
	tcp = live_alloc(sizeof(*tcp));
	memset(tcp, 0, sizeof(*tcp));
	tcp->carrier.kind = CARRIER_TCP;
	tcp->carrier.fd = fd;
	tcp->used = loop->now;
	tcp->next = resolver->connections;
	resolver->connections = tcp;
	tcp->dead =
	    !loop_watch(loop, &tcp->carrier, EPOLLIN | EPOLLOUT | EPOLLET);
	*out = tcp;
	return tcp->dead ? ENOMEM : 0;
}

/* One with room; else a new one; else the least busy. */
static int
find_connection(struct loop *loop, struct try *try, struct tcp **out)
{
	struct resolver *resolver = flight_resolver(try);
	struct tcp *best = NULL;
	unsigned n = 0;
	int error;

	if (try->flight->entry->type == MS_DNS_AXFR) {
		error = tcp_open(loop, resolver, out);
		if (*out)
			(*out)->single = true;
		return error;
	}
	for (struct tcp *tcp = resolver->connections; tcp; tcp = tcp->next) {
		if (tcp->dead || tcp->single)
			continue;
		n++;
		if (!best || tcp->slots.n < best->slots.n)
			best = tcp;
	}
	*out = best;
	if (best && (best->slots.n < TCP_WINDOW || n >= TCP_CONNECTIONS))
		return best->slots.n < SLOTS ? 0 : EAGAIN;
	return tcp_open(loop, resolver, out);
}

void
tcp_tidy(struct loop *loop, struct resolver *resolver, bool all)
{
	struct tcp **at = &resolver->connections;

	while (*at) {
		struct tcp *tcp = *at;
		bool idle =
		    is_deserted(resolver) ||
		    (tcp->slots.n == 0 && loop->now - tcp->used > TCP_IDLE);

		if (!all && (tcp->dirty || (!tcp->dead && !idle))) {
			at = &tcp->next;
			continue;
		}
		*at = tcp->next;
		close(tcp->carrier.fd);
		free(tcp->out);
		free(tcp->in);
		free(tcp);
	}
}

/* Ends a connection; the questions on it go elsewhere. */
static void
fail_all(struct loop *loop, struct tcp *tcp, int error)
{
	tcp->dead = true;
	if (tcp->answered)
		error = 0;
	for (size_t i = 0; i < SLOTS; i++)
		if (tcp->slots.try[i])
			flight_lost(loop, tcp->slots.try[i], error);
}

/* ---- sending ---- */

static unsigned char *
out_room(struct tcp *tcp, size_t n)
{
	unsigned char *room;

	if (tcp->out_size - tcp->out_n < n) {
		tcp->out_size = (tcp->out_n + n) * 2;
		tcp->out = live_grow(tcp->out, tcp->out_size);
	}
	room = tcp->out + tcp->out_n;
	tcp->out_n += n;
	return room;
}

int
tcp_send(struct loop *loop, struct try *try)
{
	const struct flight *flight = try->flight;
	struct tcp *tcp;
	int error = find_connection(loop, try, &tcp);
	unsigned char *room;

	if (error || !tcp)
		return error;
	try->tcp = tcp;
	slots_put(&tcp->slots, &loop->noise, try);
	tcp->used = loop->now;
	room = out_room(tcp, 2 + flight->packet_n);
	room[0] = (unsigned char)(flight->packet_n >> 8);
	room[1] = (unsigned char)flight->packet_n;
	memcpy(room + 2, flight->packet, flight->packet_n);
	memcpy(room + 2, &try->id, 2);
	if (!tcp->dirty) {
		tcp->dirty = true;
		tcp->dirty_next = loop->tcp_dirty;
		loop->tcp_dirty = tcp;
	}
	return 0;
}

void
tcp_drop(struct try *try)
{
	slots_drop(&try->tcp->slots, try);
	try->tcp = NULL;
}

static void
flush(struct loop *loop, struct tcp *tcp)
{
	while (tcp->connected && !tcp->dead && tcp->out_n > 0) {
		ssize_t n = send(tcp->carrier.fd, tcp->out, tcp->out_n,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return; /* epoll tells when there is room again */
		if (n < 0) {
			fail_all(loop, tcp, errno);
			return;
		}
		tcp->out_n -= (size_t)n;
		memmove(tcp->out, tcp->out + n, tcp->out_n);
	}
}

void
tcp_flush(struct loop *loop)
{
	while (loop->tcp_dirty) {
		struct tcp *tcp = loop->tcp_dirty;

		loop->tcp_dirty = tcp->dirty_next;
		tcp->dirty = false;
		flush(loop, tcp);
	}
}

/* ---- receiving ---- */

static void
take(struct loop *loop, struct tcp *tcp, const unsigned char *p, size_t n)
{
	struct try *try;
	uint16_t id;

	if (n < 12)
		return;
	memcpy(&id, p, sizeof(id));
	try = slots_find(&tcp->slots, id);
	if (!try)
		return;
	tcp->answered = true;
	flight_reply(loop, try, p, n);
	if (tcp->single)
		fail_all(loop, tcp, 0);
}

/* Takes whole messages off what has been read. */
static void
take_all(struct loop *loop, struct tcp *tcp)
{
	size_t at = 0;

	while (!tcp->dead && tcp->in_n - at >= 2) {
		size_t n = (size_t)(tcp->in[at] << 8 | tcp->in[at + 1]);

		if (tcp->in_n - at < 2 + n)
			break;
		take(loop, tcp, tcp->in + at + 2, n);
		at += 2 + n;
	}
	tcp->in_n -= at;
	memmove(tcp->in, tcp->in + at, tcp->in_n);
}

static void
receive(struct loop *loop, struct tcp *tcp)
{
	while (!tcp->dead) {
		ssize_t n;

		/* Never more than one unfinished message and a read. */
		if (tcp->in_size - tcp->in_n < TCP_READ) {
			tcp->in_size = tcp->in_n + 2 * TCP_READ;
			tcp->in = live_grow(tcp->in, tcp->in_size);
		}
		n = recv(tcp->carrier.fd, tcp->in + tcp->in_n, TCP_READ,
		    MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			fail_all(loop, tcp, n < 0 ? errno : ECONNRESET);
			return;
		}
		tcp->used = loop->now;
		tcp->in_n += (size_t)n;
		take_all(loop, tcp);
	}
}

void
tcp_ready(struct loop *loop, struct tcp *tcp, unsigned events)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (tcp->dead)
		return;
	if (!tcp->connected) {
		getsockopt(tcp->carrier.fd, SOL_SOCKET, SO_ERROR, &error, &n);
		if (error) {
			fail_all(loop, tcp, error);
			return;
		}
		if (!(events & EPOLLOUT))
			return;
		tcp->connected = true;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(loop, tcp);
	if (!tcp->dead)
		flush(loop, tcp);
}
