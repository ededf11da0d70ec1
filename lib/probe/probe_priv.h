/* SPDX-License-Identifier: ISC
 * probe_priv.h - what the drivers share: one connection, spoken over
 */
#ifndef MAILSONDE_PROBE_PRIV_H
#define MAILSONDE_PROBE_PRIV_H

#include "mailsonde/probe.h"
#include "mailsonde/scan.h"

/* What is said of us unless --ehlo says otherwise: RFC 2606. */
#define PROBE_EHLO_NAME "mailsonde.invalid"

#define PROBE_TEXT(slice) (int)(slice).n, (const char *)(slice).p

struct probe {
	const struct ms_env *env;
	struct ms_arena *arena;
	const struct ms_probe_options *options;
	struct ms_probe_result *result;
	struct ms_wire *wire; /* NULL: none is open */
	struct ms_wire_reader reader;
	uint16_t port;      /* that is connected to */
	double used;        /* seconds that are behind us, but for `wire` */
	double phase_began; /* on this connection */
	bool secured;       /* within TLS */
	bool within;        /* logged in, or about to be */
	bool stepping;      /* a challenge may come */
	bool literal;       /* the next line is one */
	bool hidden;        /* the last line was one */
	bool over;          /* nothing more can be said */
	bool reaching;      /* only to where TLS begins: no handshake … */
	bool reached;       /* … and it came there */
};

/* ---- session.c ---- */

/* What is left of the time for the whole endpoint. */
double probe_left(const struct probe *probe);

/* Opens a connection; `what` tells it from others of the same endpoint. */
enum ms_wire_status probe_open(struct probe *probe, const char *what,
    const struct ms_ip *ip, double connecting);
void probe_close(struct probe *probe);

/* The next phase begins; the time of the one before is noted. */
void probe_phase(struct probe *probe, enum ms_probe_phase phase);

/* Ends the conversation at this phase. */
void probe_fail(
    struct probe *probe, enum ms_wire_status status, const char *why);

/* The next line; false: there is none, and that is noted. */
bool probe_line(struct probe *probe, struct ms_slice *out);

/* The same, where it need not come: an empty *out without bytes (p == NULL) is
 * that of a time in which nothing came. */
bool probe_line_within(
    struct probe *probe, double seconds, struct ms_slice *out);

/* Exactly `n` octets, which a transcript only counts; false as above. */
bool probe_octets(struct probe *probe, size_t n, struct ms_slice *out);

/* Sends a line, or several with CRLF between them, at once; CRLF is added.
 * False: it could not, and that is noted. */
bool probe_send(struct probe *probe, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sends `bytes` as they are; a transcript has `what` in their place. */
bool probe_write(struct probe *probe, struct ms_slice bytes, const char *what);

/* A last word where the conversation is over; nobody waits for an answer. */
void probe_leave(struct probe *probe, const char *word);

/* The handshake; false: it failed, and that is noted. What stood behind the
 * go-ahead in the clear is noted and never read as if it were secured. */
bool probe_handshake(struct probe *probe);

/* A remark of ours in the transcript. */
void probe_remark(struct probe *probe, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What is to be done on the connection once it has been greeted, secured and
 * logged in, and before it is ended: options->then. */
void probe_further(struct probe *probe);

/* ---- scan.c ---- */

/* All that its TLS accepts, in connections of their own. */
void probe_scan(struct probe *probe);

/* Whether it has a certificate of the other kind of key as well. */
void probe_other_key(struct probe *probe);

/* ---- capability.c ---- */

struct ms_probe_capabilities *probe_capabilities(struct probe *probe);

/* One of them, "SIZE 1024"; mechanisms of SASL are taken out of it by the
 * driver. */
void probe_capability(
    struct probe *probe, struct ms_slice name, struct ms_slice value);
/* Words with blanks between them. */
void probe_mechanisms(struct probe *probe, struct ms_slice words);
void probe_mechanism(struct probe *probe, struct ms_slice word);

/* Whether it stands where a middlebox wrote over STARTTLS: XXXXXXXA. */
bool probe_is_blotted(struct ms_slice name);

struct ms_slice probe_word(struct ms_slice *rest);

/* ---- reply.c ---- */

/* A reply of SMTP, RFC 5321 4.2; false: none came, and that is noted. */
bool probe_reply(struct probe *probe, struct ms_probe_reply *out);

/* Notes why a server does not want to talk now, from the reply's code and
 * words; true when it is of that kind. */
bool probe_deferred(struct probe *probe, const struct ms_probe_reply *reply);

/* STARTTLS was offered, and this is the answer to it. */
void probe_rejected(struct probe *probe, struct ms_slice line);

/* The same for a greeting without a code that says so; always false. */
bool probe_unwilling(
    struct probe *probe, const struct ms_probe_reply *greeting);

/* The banner is of another protocol: says which in the result. */
bool probe_foreign(struct probe *probe, struct ms_slice banner);

/* ---- active.c ---- */

/* What is only asked with --active: over connections of their own, so that the
 * result of the first stays what it is. */
void probe_active(struct probe *probe);

/* ---- login.c ---- */

/* Logs in, as options->login says, where the conversation has come to its last
 * greeting. True: it is done, and what is said from now on is said within the
 * session. False: nobody wanted to, or it failed: result->login tells; the
 * conversation may go on unless probe->over. Whatever is read from the first
 * attempt on stands in transcripts and records without the secret. */
bool probe_login(struct probe *probe);

/* A word that was found out of what no record holds; see struct ms_wire. */
struct ms_slice probe_recall(struct probe *probe, struct ms_slice word);

/* Sends what nobody is to see; `shown` stands in its place. False: it could
 * not, and that is noted. */
bool probe_send_secret(
    struct probe *probe, struct ms_slice bytes, const char *shown);

/* ---- drivers ---- */

void probe_smtp(struct probe *probe);
void probe_imap(struct probe *probe);
/* What an untagged line, or a code in any line, says of capabilities. */
void probe_imap_note(struct probe *probe, struct ms_slice line);
void probe_pop3(struct probe *probe);
/* Over a connection of its own: whether USER is taken before TLS. */
void probe_pop3_clear(struct probe *probe);
void probe_sieve(struct probe *probe);
void probe_https(struct probe *probe);

#endif
