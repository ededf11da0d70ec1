/* SPDX-License-Identifier: ISC
 * certificate.h - what a certificate says, a chain of them, and what is
 * stapled to it: RFC 5280, 6960
 *
 * Readers of DER that a server sent: anything may be in it. What is read is
 * shown; whether it is trusted was found in the handshake (see wire.h).
 */
#ifndef MAILSONDE_CERTIFICATE_H
#define MAILSONDE_CERTIFICATE_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/dns.h"
#include "mailsonde/limits.h"

#define MS_CERTIFICATE_URLS 8 /* of each kind that are kept */

struct ms_certificate {
	struct ms_slice der;
	const char *fault;       /* it cannot be read; then only `der` and its
				    digest are filled. NULL */
	struct ms_slice subject; /* RFC 4514, UTF-8; cut at 1,024 octets */
	struct ms_slice issuer;
	struct ms_slice serial; /* hexadecimal digits */
	struct ms_slice *names; /* dNSName as it stands there: A-labels,
				   "*."; any octets */
	size_t names_n;
	struct ms_ip *ips; /* iPAddress */
	size_t ips_n;
	bool truncated;              /* more than limits->certificate_names */
	struct ms_slice common_name; /* the last of the subject; NULL */
	bool dated;                  /* both dates could be read */
	int64_t not_before, not_after;
	const char *key_type;  /* "RSA", "ECDSA", "Ed25519"; else its OID */
	unsigned key_bits;     /* 0: cannot be told */
	const char *curve;     /* "P-256"; NULL */
	const char *signature; /* "sha256WithRSAEncryption", or its OID */
	const char *hash;      /* of it: "SHA256"; NULL: it has none */
	bool weak_hash;        /* of which collisions are known: MD5, SHA-1 */
	bool self_issued;      /* subject and issuer are the same */
	bool self_signed;      /* and its own key signed it */
	bool ca;               /* by its basicConstraints */
	bool has_usage;        /* extendedKeyUsage */
	bool for_servers;      /* it allows serverAuth, or there is none */
	bool for_marks;   /* id-kp-BrandIndicatorforMessageIdentification */
	bool must_staple; /* RFC 7633: status_request */
	unsigned char sha256[32];      /* of the whole */
	struct ms_slice spki;          /* subjectPublicKeyInfo, DER */
	unsigned char spki_sha256[32]; /* of that */
	struct ms_slice issuer_urls[MS_CERTIFICATE_URLS]; /* of AIA */
	size_t issuer_urls_n;
	struct ms_slice ocsp_urls[MS_CERTIFICATE_URLS];
	size_t ocsp_urls_n;
	size_t scts; /* signed certificate timestamps, RFC 6962 */
};

/* Reads one certificate; always fills *out, in `arena`. */
void ms_certificate_read(struct ms_slice der, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_certificate *out);

/* Whole days from `now` to its end; negative when it is over. */
int64_t ms_certificate_days(const struct ms_certificate *c, int64_t now);

/* Which name of a certificate a host is found under. */
enum ms_name_match {
	MS_NAME_DIFFERS,
	MS_NAME_MATCHES,     /* a dNSName or iPAddress, RFC 9525 6 */
	MS_NAME_BY_WILDCARD, /* the whole leftmost label, RFC 9525 6.3 */
	MS_NAME_BY_CN,       /* the common name where there is no dNSName: RFC
				6125 6.4.4 lets it count, RFC 9525 does not */
};

/* The host is A-labels, or the text of an address. */
enum ms_name_match ms_certificate_matches(
    const struct ms_certificate *c, struct ms_slice host);

/* ---- the chain ---- */

struct ms_chain {
	struct ms_certificate *list; /* as sent, the server's own first */
	size_t n;
	bool truncated; /* more than limits->certificates */
	/* From the server's own upwards, each signed by the next: indices. */
	size_t *path;
	size_t path_n;
	bool in_order;     /* each after the one that it signed */
	bool root_sent;    /* it ends in a self-signed one that is not the
			      server's own */
	size_t duplicates; /* sent before */
	size_t unneeded;   /* not on the path, and no duplicate */
};

/* Reads what a server sent; always fills *out, in `arena`. */
void ms_chain_read(const struct ms_slice *sent, size_t n,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_chain *out);

/* ---- what is stapled ---- */

enum ms_staple_status {
	MS_STAPLE_NONE,
	MS_STAPLE_UNREADABLE, /* or no answer but an error; see `fault` */
	MS_STAPLE_OTHER,      /* it says nothing of this certificate */
	MS_STAPLE_GOOD,
	MS_STAPLE_REVOKED,
	MS_STAPLE_UNKNOWN, /* its responder does not know the certificate */
};
/* "none", "unreadable", "other", "good", …. */
const char *ms_staple_status_name(enum ms_staple_status status);

struct ms_staple {
	enum ms_staple_status status;
	const char *fault; /* of an unreadable one; NULL */
	int64_t this_update;
	int64_t next_update; /* where has_next */
	bool has_next;
	int64_t revoked_at; /* of a revoked one */
	const char *reason; /* "keyCompromise"; NULL */
	/* Whether who issued the certificate answers for it; only where the
	 * chain has the issuer. */
	bool checked, authentic;
	bool current; /* at `now`: begun, and not over (RFC 6960 4.2.2.1) */
};

/* Reads an OCSP response for the server's own certificate. A `der` with p ==
 * NULL is none. */
void ms_staple_read(struct ms_slice der, const struct ms_chain *chain,
    int64_t now, struct ms_staple *out);

#endif
