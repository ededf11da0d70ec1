/* SPDX-License-Identifier: ISC
 * wire.h - connections: opened, spoken over, turned into TLS
 *
 * A driver speaks in straight-line code and never learns whether a network, a
 * record or nobody is at the other end. It opens addresses: names are asked of
 * the DNS source. Each operation ends by the connection's deadline; how far
 * that is away is counted from its opening, and the same in a replay. What is
 * wrong with a certificate is a fact, and stops nothing.
 */
#ifndef MAILSONDE_WIRE_H
#define MAILSONDE_WIRE_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/ip.h"
#include "mailsonde/status.h"

enum ms_wire_status {
	MS_WIRE_OK,
	MS_WIRE_CLOSED,       /* by the other end */
	MS_WIRE_RESET,        /* broken off */
	MS_WIRE_REFUSED,      /* nobody listens there */
	MS_WIRE_UNREACHABLE,  /* no way there */
	MS_WIRE_TIMEOUT,      /* the deadline passed */
	MS_WIRE_TLS,          /* the handshake, or what TLS carries, failed */
	MS_WIRE_LIMIT,        /* more octets than limits->wire_bytes */
	MS_WIRE_FAILED,       /* the system would not; see `why` */
	MS_WIRE_OFFLINE,      /* nobody may be spoken to (--offline) */
	MS_WIRE_NOT_RECORDED, /* the record has no such conversation */
};

/* "ok", "closed", "timeout", …: the words of the JSON. */
const char *ms_wire_status_name(enum ms_wire_status status);
bool ms_wire_status_parse(struct ms_slice text, enum ms_wire_status *out);

/* ---- TLS ---- */

struct ms_tls_request {
	const char *name; /* for SNI (RFC 6066 3); NULL: none is sent */
	const char *alpn; /* one protocol, "acme"; NULL */
	/* Certificates of RSA or ECDSA alone are asked for (TLS 1.2 suites,
	 * TLS 1.3 signature algorithms); both false: whatever comes. */
	bool only_rsa, only_ecdsa;
};

/* What a handshake showed. Strings and bytes live in the arena it was made
 * with. */
struct ms_tls_facts {
	bool established;    /* the handshake came to its end */
	const char *version; /* "TLSv1.3"; NULL */
	const char *cipher;  /* IANA's name: "TLS_AES_256_GCM_SHA384"; NULL */
	const char *group;   /* "X25519"; NULL: no exchange of keys, or RSA */
	const char *alpn;    /* chosen; NULL */
	struct ms_slice *chain; /* certificates as sent, DER, the server's own
				   first */
	size_t chain_n;
	bool chain_cut; /* more were sent than are kept */
	/* The chain against the trust anchors, at the time of the judgement,
	 * without regard to the name. */
	bool verified;
	int verify_error;        /* X509_V_ERR_…; 0 */
	int verify_depth;        /* of the certificate that it is about */
	const char *verify_text; /* in words; NULL */
	/* Every error of the chain, the name excepted: X509_V_ERR_… */
	int *errors;
	size_t errors_n;
	struct ms_slice staple; /* OCSP response, DER; p == NULL: none */
	/* What ties a log-in to this connection (channel bindings), where the
	 * version has it; no record holds them. p == NULL: none. */
	struct ms_slice exporter; /* tls-exporter, RFC 9266 */
	struct ms_slice unique;   /* tls-unique, RFC 5929 3 */
	int alert;                /* of the other end that ended it; -1: none */
	const char *error;        /* why it failed, in words; NULL */
};

/* ---- one connection ---- */

struct ms_wire {
	/* At least one octet into `room`, or a status. *got is 0 but with
	 * MS_WIRE_OK. */
	enum ms_wire_status (*read)(struct ms_wire *self, unsigned char *room,
	    size_t size, size_t *got);
	/* All of `bytes`. `shown` stands in transcripts and records in their
	 * place where it is not NULL: they are a secret. */
	enum ms_wire_status (*write)(
	    struct ms_wire *self, struct ms_slice bytes, const char *shown);
	/* The handshake; *out is filled whatever comes of it, in the arena of
	 * the opening. What was read by nobody before it, the facts of `out`
	 * do not hold: see ms_wire_reader_pending. */
	enum ms_wire_status (*starttls)(struct ms_wire *self,
	    const struct ms_tls_request *request, struct ms_tls_facts *out);
	/* Gives everything back; a TLS session is closed in good order. */
	void (*close)(struct ms_wire *self);

	/* The two below may be NULL: nobody takes anything down.
	 * From now on what is read stands in no record, but for what `show`
	 * puts there in its place. */
	void (*hide)(struct ms_wire *self);
	/* As if these octets had just been read: a replay reads them. */
	void (*show)(struct ms_wire *self, struct ms_slice bytes);
	/* A word that was found out of what no record holds: the same one; in
	 * a replay the recorded one, p == NULL where there is none. */
	struct ms_slice (*recall)(struct ms_wire *self, struct ms_slice word);

	double until;    /* seconds from the opening by which an operation must
			    end, before the deadline; 0: the deadline. The
			    driver sets it. */
	double elapsed;  /* seconds from the opening to the end of the last
			    operation */
	const char *why; /* of the last status that was not OK, in words of
			    the system; NULL */
};

struct ms_wire_request {
	/* What it is for, unique to the subject: "smtp", "scan TLS 1.2 3". A
	 * record tells conversations apart by it. */
	const char *purpose;
	struct ms_ip ip;
	uint16_t port;
	double seconds;    /* from now to the deadline of the whole of it */
	double connecting; /* of them until it is open; 0: all */
};

struct ms_wire_source {
	/* Opens a connection. With any status but MS_WIRE_OK there is none,
	 * *out is a wire that was not opened: its `elapsed` and `why` tell,
	 * and nothing else is to be called. *out lives in `arena`.
	 * Thread-safe. */
	enum ms_wire_status (*open)(struct ms_wire_source *self,
	    const struct ms_wire_request *request, struct ms_arena *arena,
	    struct ms_wire **out);
	/* Lets time go by, before something is tried again; NULL where time
	 * stands still. */
	void (*pause)(struct ms_wire_source *self, double seconds);
	void (*close)(struct ms_wire_source *self);
};

/* ---- sources ---- */

struct ms_wire_live_options {
	const char *ca_file; /* trust anchors in place of the system's; NULL */
	int64_t now;         /* certificates are judged as of then; 0: as of
				each handshake */
	size_t bytes;        /* that one connection may give; 0: no limit */
	void (*oom)(void);
};

/* MS_IO: the trust anchors cannot be read. */
enum ms_status ms_wire_live_open(const struct ms_wire_live_options *options,
    struct ms_wire_source **out, struct ms_diag *diag) MS_MUST_CHECK;

/* MS_WIRE_OFFLINE, always. */
struct ms_wire_source *ms_wire_none(void);

struct ms_ledger;
struct ms_json;

/* Around a source: each conversation becomes a line of the ledger, when it is
 * closed. */
struct ms_wire_source *ms_wire_record(
    struct ms_wire_source *inner, struct ms_ledger *ledger, void (*oom)(void));

/* The conversations of a record, filled in line by line before anybody
 * speaks. What a driver writes must be what was written then, or the
 * conversation ends with MS_WIRE_NOT_RECORDED. */
struct ms_wire_source *ms_wire_replay(void (*oom)(void));
enum ms_status ms_wire_replay_add(struct ms_wire_source *replay,
    const struct ms_json *line, struct ms_diag *diag) MS_MUST_CHECK;

/* ---- reading lines ---- */

/* Lines of a text protocol over a connection, ended by LF or CRLF. */
struct ms_wire_reader {
	struct ms_wire *wire;
	struct ms_arena *arena;
	unsigned char *room;
	size_t size, begin, end;
	size_t line_max; /* a line over it is cut, and `cut` set */
	bool cut;
	bool bare_lf; /* a line ended without CR */
	/* What stands in a record for a line, once the wire hides what is
	 * read; NULL: nothing is hidden. The octets of ms_wire_read_octets
	 * stand for themselves. */
	struct ms_slice (*veil)(void *with, struct ms_slice line);
	void *veil_with;
	struct ms_slice shown; /* for the last line */
	size_t open;           /* octets read before anything was hidden */
};

void ms_wire_reader_init(struct ms_wire_reader *reader, struct ms_wire *wire,
    struct ms_arena *arena, size_t line_max);

/* The next line without its end, copied to the arena. MS_WIRE_CLOSED also
 * where the last line has no end: it is lost. */
enum ms_wire_status ms_wire_read_line(
    struct ms_wire_reader *reader, struct ms_slice *out);

/* Exactly `n` octets, copied to the arena. */
enum ms_wire_status ms_wire_read_octets(
    struct ms_wire_reader *reader, size_t n, struct ms_slice *out);

/* From now on records hold of each line what `veil` makes of it. What has been
 * read and taken by nobody is shown as it is. */
void ms_wire_reader_hide(struct ms_wire_reader *reader,
    struct ms_slice (*veil)(void *with, struct ms_slice line), void *with);

/* Octets that have been read from the wire and taken by nobody. */
struct ms_slice ms_wire_reader_pending(const struct ms_wire_reader *reader);

/* Forgets them. */
void ms_wire_reader_drop(struct ms_wire_reader *reader);

#endif
