/* SPDX-License-Identifier: ISC
 * settings_xml.h - what mail programs are told over HTTPS: autoconfig (Mozilla)
 * and Autodiscover (Microsoft, POX)
 *
 * Parsers of documents; who fetches them is elsewhere. Texts are UTF-8 of
 * strangers, in the arena.
 */
#ifndef MAILSONDE_SETTINGS_XML_H
#define MAILSONDE_SETTINGS_XML_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/limits.h"

enum ms_mail_service {
	MS_MAIL_SMTP, /* submission */
	MS_MAIL_IMAP,
	MS_MAIL_POP3,
	MS_MAIL_OTHER, /* `type` says which */
};
/* "smtp", "imap", "pop3", "other". */
const char *ms_mail_service_name(enum ms_mail_service service);

enum ms_mail_security {
	MS_MAIL_UNSAID,
	MS_MAIL_PLAIN,
	MS_MAIL_STARTTLS,
	MS_MAIL_TLS,
};
/* "plain", "starttls", "tls"; NULL when it is not said. */
const char *ms_mail_security_name(enum ms_mail_security security);

struct ms_mail_server {
	enum ms_mail_service service;
	struct ms_slice type; /* as it stands there */
	struct ms_slice host; /* p == NULL: there is none; may hold %…% */
	uint16_t port;        /* 0: none, or none that can be */
	enum ms_mail_security security;
	struct ms_slice user;    /* "%EMAILADDRESS%"; p == NULL */
	struct ms_slice *logins; /* authentication, in order of preference */
	size_t logins_n;
};

struct ms_mail_settings {
	bool valid;
	const char *fault; /* why it cannot be used, a clause; NULL */
	struct ms_slice provider;
	struct ms_mail_server *servers; /* in order */
	size_t servers_n;
	bool truncated; /* more than limits->mail_servers */
	/* Autodiscover: it sends elsewhere, and names no servers. */
	struct ms_slice redirect_url, redirect_address;
};

/* <clientConfig> of config-v1.1.xml. */
void ms_autoconfig_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_mail_settings *out);

/* <Autodiscover> with a <Response> of the schema outlook/2006a. */
void ms_autodiscover_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_mail_settings *out);

#endif
