/* SPDX-License-Identifier: ISC
 * dns_server.h - a name server for tests, on 127.0.0.1, in a thread
 *
 * What it does with a question is told by the first label of its name; see
 * dns_server.c for the list.
 */
#ifndef MAILSONDE_DNS_SERVER_H
#define MAILSONDE_DNS_SERVER_H

struct dns_server;

struct dns_server *dns_server_start(void);
void dns_server_stop(struct dns_server *server);

/* "127.0.0.1@PORT" */
const char *dns_server_address(const struct dns_server *server);

/* How often it was asked about names with this first label, over UDP and
 * TCP together; over TCP alone. */
unsigned dns_server_count(struct dns_server *server, const char *label);
unsigned dns_server_count_tcp(struct dns_server *server, const char *label);

/* How many answers it held back at once, at the most. */
unsigned dns_server_most_held(struct dns_server *server);

/* From how many ports it was asked over UDP. */
unsigned dns_server_ports(struct dns_server *server);

#endif
