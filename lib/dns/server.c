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

struct resolver *
server_take(struct loop *loop, const struct entry *entry)
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
		server->next = *bucket;
		*bucket = server;
		loop->servers.n++;
	}
	server->flights++;
	return server;
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
			if (!all && (!is_deserted(server) || server->sockets ||
					server->connections)) {
				at = &server->next;
				continue;
			}
			*at = server->next;
			free(server);
			loop->servers.n--;
		}
	}
}
