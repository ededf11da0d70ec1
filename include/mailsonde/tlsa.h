/* SPDX-License-Identifier: ISC
 * tlsa.h - the TLSA records of a mail server as a sender looks them up, RFC
 * 7672 2.2
 */
#ifndef MAILSONDE_TLSA_H
#define MAILSONDE_TLSA_H

#include "mailsonde/probe.h"

enum ms_tlsa_status {
	MS_TLSA_NONE,          /* there are none */
	MS_TLSA_FOUND,         /* signed, and so to be obeyed */
	MS_TLSA_INSECURE,      /* there are, and they are not signed */
	MS_TLSA_HOST_INSECURE, /* nor are the addresses: nobody asks further */
	MS_TLSA_FAILED,    /* a look-up failed: senders hold the mail back */
	MS_TLSA_UNCHECKED, /* there are; whether signed, nobody here can tell */
};
/* "none", "found", "insecure", "host-insecure", "temperror", "unchecked". */
const char *ms_tlsa_status_name(enum ms_tlsa_status status);

struct ms_tlsa {
	enum ms_tlsa_status status;
	struct ms_slice base;        /* the TLSA base domain, RFC 7672 2.2.2 */
	struct ms_slice owner;       /* "_25._tcp.mx.example.org" */
	struct ms_dns_answer answer; /* of it; records unless NONE or FAILED */
	bool mx_asked;
	enum ms_dns_security mx; /* of the MX records that led here */
	const char *why;         /* of FAILED: a sentence; NULL */
	/* Names of which a certificate must have one, RFC 7672 3.2.2. */
	struct ms_slice names[3];
	size_t names_n;
};

/* Looks them up for a host that was probed. Validated answers are asked for
 * only where there seem to be records. Always fills *out, in `arena`. */
void ms_tlsa_find(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_result *probe, struct ms_tlsa *out);

#endif
