/* SPDX-License-Identifier: ISC
 * domain_servers.h - the mail exchangers, spoken with: --connect
 */
#ifndef MAILSONDE_DOMAIN_SERVERS_H
#define MAILSONDE_DOMAIN_SERVERS_H

#include "domain_priv.h"
#include "mailsonde/delivery.h"

struct domain_server {
	const struct ms_domain_host *host;
	struct ms_ip ip;
	const char *barred; /* why it is not connected to; NULL */
	struct ms_probe_result probe;
	struct ms_identity identity;
	struct ms_delivery delivery;
};

struct domain_servers {
	struct domain_server *list; /* by preference */
	size_t n;
	size_t room;    /* limits->mx_addresses */
	bool truncated; /* there are more */
};

/* Each address of each exchanger, spoken with once for all checks. */
const struct domain_servers *domain_servers(struct ms_domain_case *subject);

/* "mx.example.org (192.0.2.1)" */
const char *domain_server_text(
    struct ms_domain_case *subject, const struct domain_server *server);

/* It answered so far that something can be told of it. */
bool domain_server_spoke(const struct domain_server *server);

/* Outcomes of the running check: whether they answer, and with TLS; their
 * certificates against the TLSA records; against the MTA-STS policy. */
void domain_servers_judge(struct ms_domain_case *subject);
void domain_servers_dane(struct ms_domain_case *subject);
void domain_servers_mta_sts(
    struct ms_domain_case *subject, enum ms_mta_sts_mode mode);

#endif
