/* SPDX-License-Identifier: ISC
 * live.c - connections over the network: TCP, with a deadline for the whole
 *
 * Sockets do not block; whoever waits waits in poll, until the deadline of the
 * connection. Many at once are many threads, each with its own. What TLS needs
 * to know is made when the first handshake begins.
 */
#include "wire_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct live {
	struct ms_wire_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct wire_tls_context *tls;
	size_t bytes;
};

struct live_wire {
	struct ms_wire wire; /* first: what callers hold */
	struct live *live;
	struct ms_arena *arena;
	int fd;
	double opened, end; /* the deadline */
	size_t bytes;       /* read so far */
	struct wire_tls *tls;
};

/* ---- time and waiting ---- */

double
wire_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* To the microsecond: what a record can hold. */
static enum ms_wire_status
ends(struct live_wire *w, enum ms_wire_status status)
{
	double microseconds = (wire_now() - w->opened) * 1e6;

	w->wire.elapsed = (double)(int64_t)(microseconds + 0.5) / 1e6;
	return status;
}

enum ms_wire_status
wire_wait(int fd, short events, double deadline)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		double left = deadline - wire_now();
		int n;

		if (left <= 0)
			return MS_WIRE_TIMEOUT;
		if (left > 3600)
			left = 3600;
		n = poll(&p, 1, (int)(left * 1e3) + 1);
		if (n > 0)
			return MS_WIRE_OK;
		if (n < 0 && errno != EINTR)
			return MS_WIRE_FAILED;
	}
}

/* ---- one connection ---- */

static enum ms_wire_status
fails(struct live_wire *w, int error)
{
	char text[128];

	/* the GNU one, which may use `text` */
	w->wire.why = ms_arena_printf(
	    w->arena, "%s", strerror_r(error, text, sizeof(text)));
	return wire_status_of(error);
}

static enum ms_wire_status
times_out(struct live_wire *w, enum ms_wire_status status)
{
	if (status == MS_WIRE_TIMEOUT)
		w->wire.why = "no answer by the deadline";
	return status;
}

/* By when an operation must end. */
static double
deadline_of(const struct live_wire *w)
{
	double until = w->opened + w->wire.until;

	return w->wire.until > 0 && until < w->end ? until : w->end;
}

static struct live_wire *
wire_of(struct ms_wire *self)
{
	return (struct live_wire *)(void *)self;
}

static enum ms_wire_status
read_plain(struct live_wire *w, unsigned char *room, size_t size, size_t *got)
{
	for (;;) {
		ssize_t n = recv(w->fd, room, size, 0);
		enum ms_wire_status status;

		if (n > 0) {
			*got = (size_t)n;
			return MS_WIRE_OK;
		}
		if (n == 0) {
			w->wire.why = "the other end closed the connection";
			return MS_WIRE_CLOSED;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return fails(w, errno);
		status = wire_wait(w->fd, POLLIN, deadline_of(w));
		if (status != MS_WIRE_OK)
			return times_out(w, status);
	}
}

static enum ms_wire_status
live_read(struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	struct live_wire *w = wire_of(self);
	enum ms_wire_status status;

	*got = 0;
	if (w->live->bytes > 0 && w->bytes >= w->live->bytes) {
		self->why = "it sends without end";
		return ends(w, MS_WIRE_LIMIT);
	}
	if (w->live->bytes > 0 && size > w->live->bytes - w->bytes)
		size = w->live->bytes - w->bytes;
	status = w->tls ? times_out(w, wire_tls_read(w->tls, room, size,
					   deadline_of(w), got, &self->why))
			: read_plain(w, room, size, got);
	w->bytes += *got;
	return ends(w, status);
}

static enum ms_wire_status
write_plain(struct live_wire *w, struct ms_slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = send(w->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
		enum ms_wire_status status;

		if (n >= 0) {
			bytes = ms_slice_part(bytes, (size_t)n, bytes.n);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return fails(w, errno);
		status = wire_wait(w->fd, POLLOUT, deadline_of(w));
		if (status != MS_WIRE_OK)
			return times_out(w, status);
	}
	return MS_WIRE_OK;
}

static enum ms_wire_status
live_write(struct ms_wire *self, struct ms_slice bytes, const char *shown)
{
	struct live_wire *w = wire_of(self);

	(void)shown;
	if (w->tls)
		return ends(w, times_out(w, wire_tls_write(w->tls, bytes,
						deadline_of(w), &self->why)));
	return ends(w, write_plain(w, bytes));
}

static enum ms_wire_status
live_starttls(struct ms_wire *self, const struct ms_tls_request *request,
    struct ms_tls_facts *out)
{
	struct live_wire *w = wire_of(self);
	enum ms_wire_status status = wire_tls_start(w->live->tls, w->fd,
	    request, deadline_of(w), w->arena, out, &w->tls);

	self->why = out->error;
	return ends(w, times_out(w, status));
}

static void
live_close(struct ms_wire *self)
{
	struct live_wire *w = wire_of(self);

	wire_tls_close(w->tls);
	w->tls = NULL;
	close(w->fd);
	w->fd = -1;
}

/* ---- opening ---- */

static socklen_t
address_of(const struct ms_ip *ip, uint16_t port, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (!ip->v4) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)out;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, ip->b, 16);
		return sizeof(*in6);
	} else {
		struct sockaddr_in *in = (struct sockaddr_in *)(void *)out;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, ip->b + 12, 4);
		return sizeof(*in);
	}
}

static enum ms_wire_status
connect_to(struct live_wire *w, const struct ms_wire_request *request)
{
	struct sockaddr_storage address;
	socklen_t n = address_of(&request->ip, request->port, &address);
	enum ms_wire_status status;
	int yes = 1, error = 0;
	socklen_t error_n = sizeof(error);

	w->fd = socket(
	    address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return fails(w, errno);
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(w->fd, (struct sockaddr *)&address, n) == 0)
		return MS_WIRE_OK;
	if (errno != EINPROGRESS)
		return fails(w, errno);
	status = wire_wait(w->fd, POLLOUT, deadline_of(w));
	if (status != MS_WIRE_OK)
		return times_out(w, status);
	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &error_n) != 0)
		error = errno;
	return error ? fails(w, error) : MS_WIRE_OK;
}

static enum ms_wire_status
live_open(struct ms_wire_source *self, const struct ms_wire_request *request,
    struct ms_arena *arena, struct ms_wire **out)
{
	struct live_wire *w = MS_NEW(arena, struct live_wire);
	enum ms_wire_status status;

	w->wire.read = live_read;
	w->wire.write = live_write;
	w->wire.starttls = live_starttls;
	w->wire.close = live_close;
	w->live = (struct live *)(void *)self;
	w->arena = arena;
	w->opened = wire_now();
	w->end = w->opened + request->seconds;
	w->wire.until = request->connecting;
	*out = &w->wire;
	status = connect_to(w, request);
	w->wire.until = 0;
	if (status != MS_WIRE_OK && w->fd >= 0)
		close(w->fd);
	return ends(w, status);
}

static void
live_pause(struct ms_wire_source *self, double seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };

	(void)self;
	left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

static void
live_source_close(struct ms_wire_source *self)
{
	struct live *live = (struct live *)(void *)self;

	wire_tls_context_free(live->tls);
	ms_arena_free(live->arena);
}

enum ms_status
ms_wire_live_open(const struct ms_wire_live_options *options,
    struct ms_wire_source **out, struct ms_diag *diag)
{
	struct ms_arena *arena;
	struct live *live;
	struct wire_tls_context *tls =
	    wire_tls_context_new(options->ca_file, options->now, diag);

	if (!tls)
		return MS_IO;
	arena = ms_arena_new(options->oom);
	live = MS_NEW(arena, struct live);
	live->source.open = live_open;
	live->source.pause = live_pause;
	live->source.close = live_source_close;
	live->arena = arena;
	live->tls = tls;
	live->bytes = options->bytes;
	*out = &live->source;
	return MS_OK;
}
