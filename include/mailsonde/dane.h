/* SPDX-License-Identifier: ISC
 * dane.h - which TLSA records fit the certificates that a server sends: RFC
 * 6698, 7671, 7672
 *
 * Whether the records may be believed (DNSSEC) is not asked here.
 */
#ifndef MAILSONDE_DANE_H
#define MAILSONDE_DANE_H

#include "mailsonde/certificate.h"
#include "mailsonde/dns.h"

/* NULL, or why no sender of mail can use the TLSA record (RFC 7672 3.1): a
 * clause. */
const char *ms_dane_fault(const struct ms_dns_record *record);

struct ms_dane_record {
	const struct ms_dns_record *tlsa;
	const char *fault; /* it cannot be used; NULL */
	size_t at;         /* certificate of the chain that its data are of;
			      SIZE_MAX: none */
	bool good;         /* it vouches for the server */
	const char *why;   /* its data are there, and it does not; NULL */
};

enum ms_dane_status {
	MS_DANE_NONE,     /* no record */
	MS_DANE_MATCH,    /* one vouches for the server */
	MS_DANE_MISMATCH, /* none of those that can be used does */
	MS_DANE_UNUSABLE, /* none can be used: TLS, whoever it is (RFC 7672
			     2.2) */
};
/* "none", "match", "mismatch", "unusable". */
const char *ms_dane_status_name(enum ms_dane_status status);

struct ms_dane_request {
	const struct ms_dns_record *records; /* of TLSA */
	size_t records_n;
	const struct ms_chain *chain;
	/* RFC 7672 3.2.2: names of which the certificate must have one, where
	 * the usage is 2. */
	const struct ms_slice *names;
	size_t names_n;
	int64_t now;
};

struct ms_dane {
	enum ms_dane_status status;
	struct ms_dane_record *records; /* as given */
	size_t n;
	size_t by; /* the first that is good; SIZE_MAX */
	/* One is good, another can be used and fits nothing that was sent: a
	 * key to come, or one that is gone. */
	bool rolling;
	/* All that are good hold the server's own certificate whole: its next
	 * renewal breaks them (RFC 7671 5.1). */
	bool brittle;
};

/* Always fills *out, in `arena`. */
void ms_dane_match(const struct ms_dane_request *request,
    struct ms_arena *arena, struct ms_dane *out);

#endif
