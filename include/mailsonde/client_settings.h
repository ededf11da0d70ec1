/* SPDX-License-Identifier: ISC
 * client_settings.h - which servers a mail program needs for an address
 *
 * Everything that mail programs ask is asked, in their order: autoconfig,
 * Autodiscover, SRV records; where none of them answers, the settings of
 * whoever runs the mail exchanger, and names that are often right. Then each
 * server is looked at by itself.
 */
#ifndef MAILSONDE_CLIENT_SETTINGS_H
#define MAILSONDE_CLIENT_SETTINGS_H

#include "mailsonde/env.h"
#include "mailsonde/identity.h"
#include "mailsonde/settings_xml.h"

enum ms_client_source {
	MS_CLIENT_AUTOCONFIG,      /* autoconfig.DOMAIN */
	MS_CLIENT_AUTOCONFIG_SITE, /* DOMAIN/.well-known */
	MS_CLIENT_AUTODISCOVER,
	MS_CLIENT_SRV,   /* RFC 6186, 8314 */
	MS_CLIENT_MX,    /* autoconfig of whoever runs the exchanger */
	MS_CLIENT_GUESS, /* imap.DOMAIN and kin */
	MS_CLIENT_SOURCES,
};
/* "autoconfig", "autoconfig-site", "autodiscover", "srv", "mx", "guess". */
const char *ms_client_source_name(enum ms_client_source source);

enum ms_client_status {
	MS_CLIENT_UNASKED,
	MS_CLIENT_FOUND,
	MS_CLIENT_ABSENT,
	MS_CLIENT_LOGIN,   /* it answers those who log in */
	MS_CLIENT_INVALID, /* what is there cannot be used */
	MS_CLIENT_UNKNOWN, /* could not be told */
};
/* "unasked", "found", "absent", "login", "invalid", "unknown". */
const char *ms_client_status_name(enum ms_client_status status);

struct ms_client_answer {
	enum ms_client_status status;
	const char *at;  /* the URL, or the name that was asked for */
	const char *why; /* not found: a clause; NULL */
	struct ms_mail_settings settings;
};

/* A server that some source names. */
struct ms_client_server {
	enum ms_mail_service service;
	struct ms_slice host; /* placeholders filled in, lower case */
	uint16_t port;
	enum ms_mail_security security; /* as told; of a guess by the port */
	struct ms_slice user;           /* what to type as the user's name;
					   p == NULL: not said */
	unsigned sources;               /* bits of enum ms_client_source */
	bool probed;
	struct ms_probe_result probe;
	struct ms_identity identity;
	bool unknown;    /* whether it works could not be told */
	bool works;      /* it answers, over TLS that proves whose it is */
	const char *why; /* it does not; NULL */
};

struct ms_client_settings {
	struct ms_slice address, local, domain;
	struct ms_client_answer answers[MS_CLIENT_SOURCES];
	struct ms_client_server *servers;
	size_t n;
	bool truncated; /* limits->mail_servers: there are more */
	/* To type in: the first that works, else the first; NULL: none. */
	const struct ms_client_server *incoming, *outgoing;
};

/* The parts of "user@example.org"; U-labels become A-labels. False: *wrong
 * says why it is none. */
bool ms_client_address(struct ms_arena *arena, struct ms_slice text,
    struct ms_client_settings *out, const char **wrong);

/* Where to connect for it. */
struct ms_probe_target ms_client_target(const struct ms_client_server *server);

/* Finds the settings of out->address, all in `arena`; `probe` false looks at
 * no server. */
void ms_client_find(const struct ms_env *env, struct ms_arena *arena,
    bool probe, struct ms_client_settings *out);

#endif
