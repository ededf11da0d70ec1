/* SPDX-License-Identifier: ISC
 * server.c - the live source's servers: those that are asked by themselves
 *
 * A server is known while somebody asks it, and as long as a socket of its
 * own is open; nothing is remembered of it beyond that, so that a run over many
 * domains does not grow.
 */
#include "live_priv.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

static struct resolver **
bucket_of(struct servers *servers, const struct ms_ip *ip, uint16_t port)
{
	unsigned sum = port;

	for (size_t i = 0; i < sizeof(ip->b); i++)
		sum = sum * 31 + ip->b[i];
	return &servers->buckets[sum % SERVER_BUCKETS];
}

static void
set_address(struct resolver *server)
{
	struct sockaddr_in *v4 = (void *)&server->address;
	struct sockaddr_in6 *v6 = (void *)&server->address;

	if (server->ip.v4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(server->port);
		memcpy(&v4->sin_addr, server->ip.b + 12, 4);
		server->address_n = sizeof(*v4);
	} else {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(server->port);
		memcpy(&v6->sin6_addr, server->ip.b, 16);
		server->address_n = sizeof(*v6);
	}
}

static struct resolver *
find(struct loop *loop, const struct entry *entry)
{
	uint16_t port = entry->port ? entry->port : 53;
	struct resolver **bucket =
	    bucket_of(&loop->servers, &entry->server, port);
	struct ms_dns_question question = { .server = entry->server,
		.port = port };
	struct resolver *server = *bucket;

	while (server && (server->port != port ||
			     !ms_ip_equal(&server->ip, &entry->server)))
		server = server->next;
	if (!server) {
		server = live_alloc(sizeof(*server));
		memset(server, 0, sizeof(*server));
		server->ip = entry->server;
		server->port = port;
		set_address(server);
		ms_dns_server_format(&question, server->text);
		server->waiting_end = &server->waiting;
		server->next = *bucket;
		*bucket = server;
		loop->servers.n++;
	}
	return server;
}

struct resolver *
server_take(struct loop *loop, const struct entry *entry)
{
	struct resolver *server = find(loop, entry);

	server->flights++;
	return server;
}

/* ---- not too many at once ---- */

bool
server_defer(struct loop *loop, struct entry *entry)
{
	struct resolver *server = find(loop, entry);

	if (server->flights < loop->live->limits.dns_server_in_flight)
		return false;
	if (!server->waiting) {
		server->busy = loop->servers.busy;
		loop->servers.busy = server;
	}
	entry->next = NULL;
	*server->waiting_end = entry;
	server->waiting_end = &entry->next;
	return true;
}

/* It has let many tries pass, and never said a word. */
static bool
is_silent(const struct loop *loop, const struct resolver *server)
{
	return !server->answered && server->dead_until > loop->now;
}

static void
start_waiting(struct loop *loop, struct resolver *server)
{
	while (server->waiting && loop->in_flight < loop->window &&
	       (server->flights < loop->live->limits.dns_server_in_flight ||
		   is_silent(loop, server))) {
		struct entry *entry = server->waiting;

		server->waiting = entry->next;
		if (!server->waiting)
			server->waiting_end = &server->waiting;
		if (is_silent(loop, server))
			flight_refuse(loop, entry, server);
		else
			flight_start(loop, entry);
	}
}

void
server_start_waiting(struct loop *loop)
{
	struct resolver **at = &loop->servers.busy;

	while (*at) {
		struct resolver *server = *at;

		start_waiting(loop, server);
		if (server->waiting)
			at = &server->busy;
		else
			*at = server->busy;
	}
}

void
server_drop(struct resolver *server)
{
	server->flights--;
}

void
server_tidy(struct loop *loop, bool all)
{
	for (size_t i = 0; i < SERVER_BUCKETS; i++) {
		struct resolver **at = &loop->servers.buckets[i];

		while (*at) {
			struct resolver *server = *at;

			udp_tidy(loop, server, all);
			tcp_tidy(loop, server, all);
			if (!all &&
			    (!is_deserted(server) || server->waiting ||
				server->sockets || server->connections)) {
				at = &server->next;
				continue;
			}
			*at = server->next;
			free(server);
			loop->servers.n--;
		}
	}
}
