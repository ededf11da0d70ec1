/* SPDX-License-Identifier: ISC
 * http.c - a server of HTTP/1.1; libmicrohttpd's one door
 *
 * Opened when somebody wants to serve: it brings GnuTLS, which is
 * not used. The library knows one measure against slow clients, the silence of
 * a connection; who sends an octet now and then outlives it. So the connections
 * that work on nothing stand in a list, the idlest first, and are shut down
 * from there: when their patience is over, or when there is no room for one
 * more.
 */
#include "mailsonde/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mailsonde/library.h"

/* Connections that the library takes beyond ours: one that is shut down needs a
 * moment to be gone. */
#define SLACK 64

#define BACKLOG 1024

struct library {
	__typeof__(&MHD_start_daemon) start;
	__typeof__(&MHD_stop_daemon) stop;
	__typeof__(&MHD_quiesce_daemon) quiesce;
	__typeof__(&MHD_suspend_connection) suspend;
	__typeof__(&MHD_resume_connection) resume;
	__typeof__(&MHD_get_connection_info) info;
	__typeof__(&MHD_get_connection_values_n) values;
	__typeof__(&MHD_lookup_connection_value) lookup;
	__typeof__(&MHD_create_response_from_buffer) respond;
	__typeof__(&MHD_destroy_response) destroy;
	__typeof__(&MHD_add_response_header) add;
	__typeof__(&MHD_queue_response) queue;
};

/* A connection; of the idle ones a list. */
struct peer {
	struct peer *prev, *next; /* NULL: it works on an exchange */
	int fd;
	bool shut;
	double since; /* when it last began to wait */
};

struct ms_http_server {
	struct library library;
	struct ms_http_options options;
	struct MHD_Daemon *daemon;
	uint16_t port;
	pthread_mutex_t lock;
	struct peer idle; /* head of the list, the idlest first */
	size_t peers, exchanges;
};

struct exchange {
	struct ms_http_exchange public; /* first: what callers hold */
	struct ms_http_server *server;
	struct MHD_Connection *connection;
	struct MHD_Response *response; /* NULL: not answered yet */
	bool handed_over, suspended, other_method;
	char peer[MS_IP_TEXT];
};

static struct exchange *
exchange_of(const struct ms_http_exchange *exchange)
{
	return (struct exchange *)(uintptr_t)exchange;
}

static double
monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
exhausted(void (*oom)(void))
{
	oom();
	abort();
}

static void *
zalloc(size_t n, void (*oom)(void))
{
	void *out = calloc(1, n);

	if (!out)
		exhausted(oom);
	return out;
}

/* ---- the library ---- */

static bool
load(struct library *l)
{
	const struct ms_library_function functions[] = {
		{ "MHD_start_daemon", &l->start },
		{ "MHD_stop_daemon", &l->stop },
		{ "MHD_quiesce_daemon", &l->quiesce },
		{ "MHD_suspend_connection", &l->suspend },
		{ "MHD_resume_connection", &l->resume },
		{ "MHD_get_connection_info", &l->info },
		{ "MHD_get_connection_values_n", &l->values },
		{ "MHD_lookup_connection_value", &l->lookup },
		{ "MHD_create_response_from_buffer", &l->respond },
		{ "MHD_destroy_response", &l->destroy },
		{ "MHD_add_response_header", &l->add },
		{ "MHD_queue_response", &l->queue },
		{ NULL, NULL },
	};

	return ms_library_open("libmicrohttpd.so.12", functions) != NULL;
}

/* ---- connections; all of it with the lock ---- */

static void
leave_idle(struct peer *peer)
{
	if (!peer->next)
		return;
	peer->prev->next = peer->next;
	peer->next->prev = peer->prev;
	peer->prev = peer->next = NULL;
}

static void
become_idle(struct ms_http_server *server, struct peer *peer)
{
	leave_idle(peer);
	peer->since = monotonic();
	peer->prev = server->idle.prev;
	peer->next = &server->idle;
	peer->prev->next = peer;
	server->idle.prev = peer;
}

/* The library finds it closed, and does the rest. */
static void
shut(struct peer *peer)
{
	shutdown(peer->fd, SHUT_RDWR);
	peer->shut = true;
	leave_idle(peer);
}

static struct peer *
peer_of(const struct ms_http_server *server, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = server->library.info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void
on_connection(void *context, struct MHD_Connection *connection,
    void **socket_context, enum MHD_ConnectionNotificationCode what)
{
	struct ms_http_server *server = context;
	struct peer *peer = *socket_context;

	pthread_mutex_lock(&server->lock);
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		peer = zalloc(sizeof(*peer), server->options.oom);
		peer->fd =
		    server->library
			.info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
			->connect_fd;
		*socket_context = peer;
		if (++server->peers > server->options.connections &&
		    server->idle.next != &server->idle)
			shut(server->idle.next);
		become_idle(server, peer);
	} else if (peer) {
		server->peers--;
		leave_idle(peer);
		free(peer);
		*socket_context = NULL;
	}
	pthread_mutex_unlock(&server->lock);
}

/* ---- requests ---- */

static void
name_peer(struct exchange *e)
{
	const union MHD_ConnectionInfo *info = e->server->library.info(
	    e->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;
	struct ms_ip ip = { .set = true };

	e->public.peer = e->peer;
	if (address && address->sa_family == AF_INET) {
		ip.v4 = true;
		ip.b[10] = ip.b[11] = 0xff;
		memcpy(ip.b + 12,
		    &((const struct sockaddr_in *)(const void *)address)
			 ->sin_addr,
		    4);
	} else if (address && address->sa_family == AF_INET6) {
		memcpy(ip.b,
		    &((const struct sockaddr_in6 *)(const void *)address)
			 ->sin6_addr,
		    16);
	}
	ms_ip_format(&ip, e->peer);
}

/* The first call for a request: its header is complete. */
static struct exchange *
begin(struct ms_http_server *server, struct MHD_Connection *connection,
    const char *path, const char *method)
{
	struct ms_arena *arena = ms_arena_new(server->options.oom);
	struct exchange *e = MS_NEW(arena, struct exchange);
	struct peer *peer = peer_of(server, connection);

	e->public.arena = arena;
	e->public.path = ms_arena_copy(arena, ms_slice_from(path));
	e->public.began = monotonic();
	e->server = server;
	e->connection = connection;
	e->other_method = strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
			  strcmp(method, MHD_HTTP_METHOD_HEAD) != 0;
	name_peer(e);
	pthread_mutex_lock(&server->lock);
	server->exchanges++;
	if (peer && !peer->shut)
		become_idle(server, peer);
	pthread_mutex_unlock(&server->lock);
	return e;
}

static void
refuse_method(struct exchange *e)
{
	static const struct ms_http_answer answer = {
		.code = MHD_HTTP_METHOD_NOT_ALLOWED,
		.type = "text/plain; charset=utf-8",
		.body = { (const unsigned char *)"only GET and HEAD\n", 18 },
		.close = true,
	};

	ms_http_answer(&e->public, &answer);
}

/* What is answered is sent, what is not waits. From here on the time is the
 * owner's, and then again the client's. */
static enum MHD_Result
go_on(struct ms_http_server *server, struct exchange *e)
{
	struct peer *peer = peer_of(server, e->connection);
	bool answered;

	pthread_mutex_lock(&server->lock);
	answered = e->response != NULL;
	if (!answered) {
		if (peer)
			leave_idle(peer);
		e->suspended = true;
		server->library.suspend(e->connection);
	} else if (peer && !peer->shut) {
		become_idle(server, peer);
	}
	pthread_mutex_unlock(&server->lock);
	if (!answered)
		return MHD_YES;
	return server->library.queue(
	    e->connection, (unsigned)e->public.code, e->response);
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_n, void **own)
{
	struct ms_http_server *server = context;
	struct exchange *e = *own;

	(void)version;
	(void)upload;
	if (!e) {
		e = *own = begin(server, connection, path, method);
		if (!e->other_method)
			return MHD_YES;
		e->handed_over = true;
		refuse_method(e);
		return go_on(server, e);
	}
	if (*upload_n > 0) { /* nobody asked for it */
		*upload_n = 0;
		return MHD_YES;
	}
	if (!e->handed_over) {
		e->handed_over = true;
		server->options.handle(server->options.context, &e->public);
	}
	return go_on(server, e);
}

static void
on_over(void *context, struct MHD_Connection *connection, void **own,
    enum MHD_RequestTerminationCode how)
{
	struct ms_http_server *server = context;
	struct peer *peer = peer_of(server, connection);
	struct exchange *e = *own;

	(void)how;
	if (!e)
		return;
	*own = NULL;
	if (e->response)
		server->library.destroy(e->response);
	server->options.over(server->options.context, &e->public);
	pthread_mutex_lock(&server->lock);
	server->exchanges--;
	if (peer && !peer->shut)
		become_idle(server, peer);
	pthread_mutex_unlock(&server->lock);
	ms_arena_free(e->public.arena);
}

/* ---- what a handler asks and says ---- */

struct looking {
	const char *name;
	struct ms_slice *out;
	size_t n;
};

static enum MHD_Result
look_at(void *context, enum MHD_ValueKind kind, const char *name, size_t name_n,
    const char *value, size_t value_n)
{
	struct looking *looking = context;

	(void)kind;
	if (!ms_slice_equal(
		ms_slice_make(name, name_n), ms_slice_from(looking->name)))
		return MHD_YES;
	*looking->out = ms_slice_make(value ? value : "", value_n);
	looking->n++;
	return MHD_YES;
}

size_t
ms_http_parameter(const struct ms_http_exchange *exchange, const char *name,
    struct ms_slice *out)
{
	const struct exchange *e = exchange_of(exchange);
	struct looking looking = { name, out, 0 };

	*out = ms_slice_make(NULL, 0);
	e->server->library.values(
	    e->connection, MHD_GET_ARGUMENT_KIND, look_at, &looking);
	return looking.n;
}

const char *
ms_http_field(const struct ms_http_exchange *exchange, const char *name)
{
	const struct exchange *e = exchange_of(exchange);

	return e->server->library.lookup(e->connection, MHD_HEADER_KIND, name);
}

static struct MHD_Response *
response_of(const struct exchange *e, const struct ms_http_answer *answer)
{
	const struct library *l = &e->server->library;
	struct MHD_Response *out = l->respond(answer->body.n,
	    (void *)(uintptr_t)answer->body.p, MHD_RESPMEM_MUST_COPY);
	char seconds[16];

	if (!out)
		exhausted(e->server->options.oom);
	l->add(out, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	l->add(out, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	l->add(out, "X-Content-Type-Options", "nosniff");
	if (answer->code == MHD_HTTP_METHOD_NOT_ALLOWED)
		l->add(out, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (answer->close)
		l->add(out, MHD_HTTP_HEADER_CONNECTION, "close");
	snprintf(seconds, sizeof(seconds), "%u", answer->retry_after);
	if (answer->retry_after > 0)
		l->add(out, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	return out;
}

void
ms_http_answer(
    struct ms_http_exchange *exchange, const struct ms_http_answer *answer)
{
	struct exchange *e = exchange_of(exchange);
	struct MHD_Response *response = response_of(e, answer);

	pthread_mutex_lock(&e->server->lock);
	exchange->code = answer->code;
	exchange->size = answer->body.n;
	e->response = response;
	if (e->suspended)
		e->server->library.resume(e->connection);
	e->suspended = false;
	pthread_mutex_unlock(&e->server->lock);
}

/* ---- opening and closing ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int
listen_at(const struct ms_http_options *options)
{
	union address a = { .v6 = { 0 } };
	bool v4 = options->ip.v4;
	int fd, yes = 1, error;

	if (v4) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(options->port);
		memcpy(&a.v4.sin_addr, options->ip.b + 12, 4);
	} else {
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons(options->port);
		memcpy(&a.v6.sin6_addr, options->ip.b, 16);
	}
	fd = socket(v4 ? AF_INET : AF_INET6,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (!v4)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (bind(fd, &a.any, v4 ? sizeof(a.v4) : sizeof(a.v6)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static uint16_t
port_of(int fd)
{
	union address a = { .v6 = { 0 } };
	socklen_t n = sizeof(a);

	if (getsockname(fd, &a.any, &n) != 0)
		return 0;
	return ntohs(
	    a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

static struct MHD_Daemon *
start(struct ms_http_server *server, int fd)
{
	const struct ms_http_options *options = &server->options;

	return server->library.start(MHD_USE_EPOLL_INTERNAL_THREAD |
					 MHD_ALLOW_SUSPEND_RESUME |
					 (options->ip.v4 ? 0 : MHD_USE_IPv6),
	    0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)options->connections + SLACK,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->request_size,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
	    MHD_OPTION_NOTIFY_COMPLETED, on_over, server,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

enum ms_status
ms_http_open(const struct ms_http_options *options, struct ms_http_server **out,
    struct ms_diag *diag)
{
	struct ms_http_server *server = zalloc(sizeof(*server), options->oom);
	enum ms_status status = MS_OK;
	int fd = -1;

	*out = server; /* before anybody can ask for it */
	server->options = *options;
	server->idle.prev = server->idle.next = &server->idle;
	pthread_mutex_init(&server->lock, NULL);
	if (!load(&server->library))
		status = ms_diag_set(diag, MS_UNSUPPORTED,
		    "libmicrohttpd.so.12 is missing (package "
		    "libmicrohttpd12)");
	else if ((fd = listen_at(options)) < 0)
		status = ms_diag_set(diag, MS_IO, "%s", strerror(errno));
	if (status == MS_OK) {
		server->port = port_of(fd);
		server->daemon = start(server, fd);
	}
	if (status == MS_OK && !server->daemon)
		status = ms_diag_set(diag, MS_IO,
		    "the server does not start: %s", strerror(errno));
	if (status == MS_OK)
		return MS_OK;
	if (fd >= 0)
		close(fd);
	*out = NULL;
	ms_http_close(server);
	return status;
}

uint16_t
ms_http_port(const struct ms_http_server *server)
{
	return server->port;
}

void
ms_http_count(
    struct ms_http_server *server, size_t *connections, size_t *exchanges)
{
	pthread_mutex_lock(&server->lock);
	*connections = server->peers;
	*exchanges = server->exchanges;
	pthread_mutex_unlock(&server->lock);
}

void
ms_http_tick(struct ms_http_server *server)
{
	double now = monotonic();

	pthread_mutex_lock(&server->lock);
	while (server->idle.next != &server->idle &&
	       now - server->idle.next->since > server->options.patience)
		shut(server->idle.next);
	pthread_mutex_unlock(&server->lock);
}

void
ms_http_quiesce(struct ms_http_server *server)
{
	int fd = server->library.quiesce(server->daemon);

	if (fd >= 0)
		close(fd);
}

void
ms_http_close(struct ms_http_server *server)
{
	if (server->daemon)
		server->library.stop(server->daemon);
	pthread_mutex_destroy(&server->lock);
	free(server);
}
