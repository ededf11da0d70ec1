/* SPDX-License-Identifier: ISC
 * identity.h - who a server proves to be: its certificate, taken together
 */
#ifndef MAILSONDE_IDENTITY_H
#define MAILSONDE_IDENTITY_H

#include "mailsonde/certificate.h"
#include "mailsonde/probe.h"

struct ms_identity {
	bool shown; /* a certificate was sent, and can be read */
	struct ms_chain chain;
	struct ms_staple staple;
	enum ms_name_match match; /* of the host that was asked for */
	bool expired, early;      /* the server's own, at the judgement */
	int64_t days;             /* that are left of it */
	bool trusted; /* the chain leads to a trust anchor, and is in date */
	/* X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY and kin: the way up
	 * ends before a trust anchor. */
	bool broken_off;
	/* And it ends at the server's own, whose issuer was not sent: whoever
	 * does not fetch it (nobody who sends mail does) cannot go on. */
	bool gap;
	/* Trusted, of the right name (RFC 9525) and not revoked. */
	bool valid;
	const char *why; /* not valid: a clause; NULL */
	/* Of the certificate of the other kind of key; NULL: there is none, or
	 * nobody looked. */
	const struct ms_identity *other;
};

/* What the handshake of a probe comes to; all in `arena`. */
void ms_identity_find(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_result *probe, struct ms_identity *out);

/* The record to publish for its key: "_25._tcp.mx.example.org. TLSA 3 1 1 …";
 * in words where it showed no certificate. */
const char *ms_identity_tlsa(const struct ms_identity *identity,
    struct ms_slice owner, struct ms_arena *arena);

#endif
