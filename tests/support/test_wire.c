/* SPDX-License-Identifier: ISC
 * test_wire.c - a plain blocking connection to a port of this machine
 */
#include "test_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct test_wire {
	struct ms_wire wire;
	int fd;
};

static enum ms_wire_status
failed(void)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return MS_WIRE_TIMEOUT;
	return errno == ECONNRESET || errno == EPIPE ? MS_WIRE_RESET
						     : MS_WIRE_FAILED;
}

static enum ms_wire_status
wire_read(struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	struct test_wire *w = (struct test_wire *)self;
	ssize_t n = recv(w->fd, room, size, 0);

	*got = n > 0 ? (size_t)n : 0;
	return n > 0 ? MS_WIRE_OK : n == 0 ? MS_WIRE_CLOSED : failed();
}

static enum ms_wire_status
wire_write(struct ms_wire *self, struct ms_slice bytes, const char *shown)
{
	struct test_wire *w = (struct test_wire *)self;

	(void)shown;
	while (bytes.n > 0) {
		ssize_t n = send(w->fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0)
			return failed();
		bytes = ms_slice_part(bytes, (size_t)n, bytes.n);
	}
	return MS_WIRE_OK;
}

static void
wire_close(struct ms_wire *self)
{
	close(((struct test_wire *)self)->fd);
}

enum ms_wire_status
test_wire_open(uint16_t port, struct ms_arena *arena, struct ms_wire **out)
{
	struct test_wire *w = MS_NEW(arena, struct test_wire);
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	const struct timeval patience = { 10, 0 };

	*out = &w->wire;
	w->wire.read = wire_read;
	w->wire.write = wire_write;
	w->wire.close = wire_close;
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return MS_WIRE_FAILED;
	setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(w->fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(w->fd);
		return MS_WIRE_REFUSED;
	}
	return MS_WIRE_OK;
}
