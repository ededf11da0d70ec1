/* SPDX-License-Identifier: ISC
 * probe.h - a mail server, as those who connect to it see it
 *
 * One endpoint: an address, a port and a protocol. First everything is
 * collected in as few connections as will do; it is judged afterwards, so that
 * nothing that is wrong stops the look at the rest.
 */
#ifndef MAILSONDE_PROBE_H
#define MAILSONDE_PROBE_H

#include "mailsonde/env.h"
#include "mailsonde/login.h"
#include "mailsonde/severity.h"
#include "mailsonde/wire.h"

enum ms_probe_service {
	MS_PROBE_SMTP,       /* between servers: 25 */
	MS_PROBE_SUBMISSION, /* 587, 465 */
	MS_PROBE_LMTP,
	MS_PROBE_IMAP,
	MS_PROBE_POP3,
	MS_PROBE_SIEVE,
	MS_PROBE_HTTPS, /* ActiveSync, Autodiscover */
};

struct probe; /* of lib/probe */
struct ms_tls_scan;

struct ms_protocol {
	const char *name; /* also the scheme: "smtp", "imaps" */
	uint16_t port;
	enum ms_probe_service service;
	bool implicit_tls;
	const char *title;     /* "message submission" */
	const char *reference; /* "RFC 6409" */
	/* Speaks it over an open connection, to QUIT. */
	void (*talk)(struct probe *probe);
};

/* Every protocol, ended by NULL. */
const struct ms_protocol *const *ms_protocols(void);
/* By its scheme, or by a port that is its own; NULL. */
const struct ms_protocol *ms_protocol_by_name(struct ms_slice scheme);
const struct ms_protocol *ms_protocol_by_port(uint16_t port);

/* ---- what to probe ---- */

struct ms_probe_target {
	const struct ms_protocol *protocol;
	struct ms_slice host;    /* A-labels, lower case, no final dot; or the
				    text of an address literal */
	struct ms_slice unicode; /* as given, where it had U-labels; NULL */
	bool literal;            /* the host is an address */
	uint16_t port;
	struct ms_ip ip;    /* where to connect; not set: ask for the host */
	struct ms_slice mx; /* the domain whose exchanger it is; NULL */
};

/* Reads "smtp://host", "imaps://host:1993", "host:25", "[2001:db8::1]:25",
 * "sieve://[::1]". False: *wrong says what, and what would be right. */
bool ms_probe_target_read(struct ms_arena *arena, struct ms_slice text,
    struct ms_probe_target *out, const char **wrong);

/* NULL, or the class of special-purpose address ("private") that keeps an
 * exchanger from being connected to: what a stranger's zone names must not lead
 * into one's own network, unless --allow-net or --connect-to says so. */
const char *ms_probe_barred(
    const struct ms_env *env, const struct ms_probe_target *target);

struct ms_probe_options {
	const char *ehlo; /* the name that is said; NULL: an address literal */
	bool active;      /* also what others may dislike */
	bool scan;        /* TLS in full: --tls-scan */
	bool transcript;  /* keep it: -v */
	unsigned retries; /* after 421 and kin: --retry */
	const struct ms_login *login; /* NULL: nobody logs in */
	/* What is done on the connection before it is ended; NULL. Then nothing
	 * is asked that has to do with the server alone. */
	void (*then)(struct probe *probe, void *context);
	void *context;
};

/* ---- what was found ---- */

/* How far it came. */
enum ms_probe_phase {
	MS_PROBE_DNS,
	MS_PROBE_CONNECT,
	MS_PROBE_BANNER,
	MS_PROBE_GREETING,
	MS_PROBE_STARTTLS,
	MS_PROBE_HANDSHAKE,
	MS_PROBE_SECURED, /* the greeting within TLS */
	MS_PROBE_LOGIN,
	MS_PROBE_QUIT,
	MS_PROBE_DONE,
};
/* "dns", "connect", …. */
const char *ms_probe_phase_name(enum ms_probe_phase phase);

/* A word of capabilities with what stands behind it: "SIZE", "10240000". */
struct ms_probe_capability {
	struct ms_slice name;  /* as sent */
	struct ms_slice value; /* empty: none */
};

/* An extension of SMTP that a server is looked at for. */
struct ms_smtp_extension {
	const char *name, *use, *reference;
	bool usual; /* its lack is a finding */
};
/* All of them, ended by one without a name. */
const struct ms_smtp_extension *ms_smtp_extensions(void);

struct ms_probe_capabilities {
	bool asked; /* and answered */
	struct ms_probe_capability *list;
	size_t n;
	struct ms_slice *mechanisms; /* of SASL, upper case */
	size_t mechanisms_n;
	bool truncated; /* more than limits->capabilities */
};

enum ms_probe_starttls {
	MS_PROBE_TLS_NONE,     /* not offered */
	MS_PROBE_TLS_OFFERED,  /* and taken */
	MS_PROBE_TLS_STRIPPED, /* something stands where it should: XXXXXXXX */
	MS_PROBE_TLS_REJECTED, /* offered, and refused when asked for */
	MS_PROBE_TLS_IMPLICIT, /* from the first octet */
};
const char *ms_probe_starttls_name(enum ms_probe_starttls starttls);

/* Why the server would not, where that says nothing about it. */
enum ms_probe_deferral {
	MS_PROBE_NOT_DEFERRED,
	MS_PROBE_UNAVAILABLE, /* 421, BYE: not now */
	MS_PROBE_GREYLISTED,
	MS_PROBE_RATE_LIMITED,
	MS_PROBE_TARPIT,  /* answers, too slowly to end in time */
	MS_PROBE_BLOCKED, /* 554: not from this address */
};
const char *ms_probe_deferral_name(enum ms_probe_deferral deferral);

/* A reply of SMTP, or the line of another protocol that stands for it. */
struct ms_probe_reply {
	int code;               /* 0: none, or not of SMTP */
	struct ms_slice *lines; /* without code and separator */
	size_t n;
	bool truncated;
	bool malformed;
};

struct ms_probe_exchange {
	double at;    /* seconds from the opening */
	char who;     /* 'S' server, 'C' client, 'T' TLS, '-' our remark */
	bool secured; /* within TLS */
	struct ms_slice text;
	struct ms_probe_exchange *next;
};

struct ms_probe_timing { /* seconds; < 0: did not come to it */
	double dns, connect, banner, greeting, tls, quit, total;
};

/* A question that is only asked with `active`. */
enum ms_probe_answer {
	MS_PROBE_UNTRIED,
	MS_PROBE_NO,
	MS_PROBE_YES,
	MS_PROBE_UNKNOWN, /* tried, and could not be told */
};
/* "no", "yes", "unknown"; NULL: untried. */
const char *ms_probe_answer_name(enum ms_probe_answer answer);

/* A sender and a recipient, and whether the server would take them. */
struct ms_probe_relay {
	const char *from, *to;
	bool foreign; /* nobody could take the recipient for one of its own */
	enum ms_probe_answer taken;
	int code; /* of the reply to RCPT, or of that to MAIL */
};

struct ms_probe_active {
	/* What stands behind STARTTLS in the clear is obeyed within TLS. */
	enum ms_probe_answer injection;
	enum ms_probe_answer bare_lf; /* it takes a command that ends in LF */
	enum ms_probe_answer vrfy, expn; /* it tells who is there */
	struct ms_probe_relay *relays;
	size_t relays_n;
};

struct ms_probe_http {
	int code;
	struct ms_slice server, realm;      /* NULL */
	struct ms_slice versions, commands; /* MS-ASProtocol…; NULL */
	struct ms_slice location;
};

struct ms_probe_result {
	struct ms_probe_target target;
	struct ms_ip ip; /* that was connected to */
	struct ms_dns_answer a, aaaa, ptr;
	bool asked;      /* a and aaaa */
	bool unresolved; /* they could not be told */
	bool ptr_asked;
	unsigned connections;

	enum ms_wire_status status;
	enum ms_probe_phase phase; /* DONE, or where it ended */
	const char *why;           /* it ended there; NULL */
	enum ms_probe_deferral deferral;
	struct ms_probe_reply refusal; /* that says so */

	struct ms_probe_reply banner;
	struct ms_slice banner_name; /* the host that the banner names; NULL */
	struct ms_slice ehlo_name;   /* and the reply to EHLO; NULL */
	struct ms_probe_capabilities plain, secured;
	enum ms_probe_starttls starttls;
	bool starttls_required; /* MAIL, LOGIN refused before it */
	bool injected;        /* octets stood behind the go-ahead, before TLS */
	bool login_disabled;  /* IMAP LOGINDISABLED in the clear */
	bool esmtp;           /* EHLO was understood */
	bool wrong_protocol;  /* something else answers there */
	bool tls_where_plain; /* TLS on a port of plain text */
	bool plain_where_tls; /* and the reverse */
	bool bare_lf, line_cut; /* what is wrong with its lines */
	struct ms_tls_facts tls;
	bool tls_tried;
	/* A handshake that asked for a certificate of the other kind of key,
	 * RSA or ECDSA, and got one; with options->scan. NULL: there is none.
	 */
	const struct ms_tls_facts *other;
	const struct ms_tls_scan *scan; /* NULL: not asked for, or no TLS */
	struct ms_probe_http http;
	struct ms_probe_active active;
	struct ms_login_result login;
	struct ms_probe_capabilities within; /* said after the log-in */
	struct ms_probe_timing timing;
	struct ms_probe_exchange *transcript, *transcript_last;
	size_t transcript_n;
};

/* One of them by its name, case ignored; NULL: it is not offered. */
const struct ms_probe_capability *ms_probe_offered(
    const struct ms_probe_capabilities *list, const char *name);

/* What counts: said within TLS, where it came to that. */
static inline const struct ms_probe_capabilities *
ms_probe_last_said(const struct ms_probe_result *r)
{
	return r->secured.asked ? &r->secured : &r->plain;
}

/* Probes one endpoint, all in `arena`; always fills *out. Where target->ip is
 * not set, the host's addresses are asked for and tried in their order until
 * one takes the connection. */
void ms_probe_run(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_target *target,
    const struct ms_probe_options *options, struct ms_probe_result *out);

#endif
