/* SPDX-License-Identifier: ISC
 * tls_scan.h - everything that a server's TLS will agree to
 *
 * Found by offering and reading what is picked: no handshake comes to its end,
 * so that what no library speaks any more is found too. A question is a
 * connection; what could not be asked is not known, and never "not offered".
 */
#ifndef MAILSONDE_TLS_SCAN_H
#define MAILSONDE_TLS_SCAN_H

#include "mailsonde/env.h"
#include "mailsonde/wire.h"

enum ms_tls_known {
	MS_TLS_UNKNOWN, /* not asked, or no answer */
	MS_TLS_NO,
	MS_TLS_YES,
};
/* "unknown", "no", "yes". */
const char *ms_tls_known_name(enum ms_tls_known known);

/* ---- names ---- */

#define MS_SSL_2  0x0002
#define MS_SSL_3  0x0300
#define MS_TLS_10 0x0301
#define MS_TLS_11 0x0302
#define MS_TLS_12 0x0303
#define MS_TLS_13 0x0304

/* "TLSv1.2"; NULL: there is no such version. */
const char *ms_tls_version_name(uint16_t code);

enum ms_tls_suite_flag {
	MS_TLS_FORWARD_SECRECY = 1 << 0, /* keys of one connection only */
	MS_TLS_AEAD = 1 << 1,
	MS_TLS_CBC = 1 << 2,
	MS_TLS_PLAIN = 1 << 3,     /* nothing is encrypted */
	MS_TLS_ANONYMOUS = 1 << 4, /* and no certificate sent */
	MS_TLS_EXPORT = 1 << 5,    /* made breakable, by the law of 1992 */
	MS_TLS_RC4 = 1 << 6,
	MS_TLS_OLD = 1 << 7, /* blocks of 64 bits (RC2, DES, 3DES, IDEA), or
				MD5 */
	MS_TLS_ONLY_SSL2 = 1 << 8,
	MS_TLS_SECRET = 1 << 9,   /* needs one shared before: PSK, SRP, … */
	MS_TLS_ONLY_12 = 1 << 10, /* not before TLS 1.2 */
	MS_TLS_ONLY_13 = 1 << 11,
	MS_TLS_CURVE = 1 << 12,  /* exchange of keys on an elliptic curve */
	MS_TLS_FINITE = 1 << 13, /* or modulo a prime */
	MS_TLS_STATIC = 1 << 14, /* by a key of the certificate's */
	MS_TLS_ECDSA = 1 << 15,  /* of the certificate */
};

#define MS_TLS_NAME 64

struct ms_tls_suite {
	uint32_t code;             /* three octets in SSLv2 */
	char name[MS_TLS_NAME];    /* IANA's; SSL_CK_… in SSLv2 */
	char openssl[MS_TLS_NAME]; /* "" where it has none */
	unsigned bits;             /* strength of its cipher */
	unsigned flags;            /* enum ms_tls_suite_flag */
};

/* False: the code is not in the registry; the name is then "0xC0FF". */
bool ms_tls_suite_by_code(uint32_t code, struct ms_tls_suite *out);

/* The codes of every suite, SSLv2's last, at most `max` of them; how many there
 * are. */
size_t ms_tls_suite_codes(uint32_t *out, size_t max);
#define MS_TLS_SUITES 400 /* no fewer than there are */

enum ms_tls_group_flag {
	MS_TLS_GROUP_FINITE = 1 << 0,  /* modulo a prime */
	MS_TLS_GROUP_QUANTUM = 1 << 1, /* holds against a quantum computer; of
					  TLS 1.3 alone */
	MS_TLS_GROUP_ONLY_13 = 1 << 2,
};

struct ms_tls_group {
	uint16_t code;
	const char *name; /* "x25519"; NULL: not in the registry */
	unsigned bits;    /* of strength against computers of today */
	unsigned flags;   /* enum ms_tls_group_flag */
};
bool ms_tls_group_by_code(uint16_t code, struct ms_tls_group *out);
/* Every group, in the registry's order. */
const struct ms_tls_group *ms_tls_groups(size_t *n);

/* RFC 8446 6; "alert 99" has no name: NULL. */
const char *ms_tls_alert_name(int alert);

/* ---- the scan ---- */

struct ms_tls_scan_suite {
	struct ms_tls_suite suite;
	struct ms_tls_group group; /* that it came with; code 0: none seen */
	unsigned prime_bits;       /* of its exchange modulo a prime; 0 */
};

struct ms_tls_scan_version {
	uint16_t code;
	const char *name;
	enum ms_tls_known offered;
	const char *why; /* not offered, not known: in words; NULL */

	struct ms_tls_scan_suite *suites; /* as picked, one after another */
	size_t suites_n;
	bool suites_done;               /* there are no more */
	const char *suites_why;         /* why that is not known; NULL */
	enum ms_tls_known server_order; /* the server's preference decides */

	struct ms_tls_group *groups; /* as picked */
	size_t groups_n;
	bool groups_asked, groups_done;
	const char *groups_why;

	/* Of the first answer; not of TLS 1.3, and unknown in SSLv2. */
	enum ms_tls_known secure_renegotiation; /* RFC 5746 */
	enum ms_tls_known compression;
	enum ms_tls_known tickets;         /* RFC 5077 */
	enum ms_tls_known extended_secret; /* RFC 7627 */
};

#define MS_TLS_VERSIONS 6

struct ms_tls_scan {
	struct ms_tls_scan_version versions[MS_TLS_VERSIONS]; /* newest first */
	enum ms_tls_known fallback; /* TLS_FALLBACK_SCSV is heeded, RFC 7507;
				       unknown too where there is but one */
	enum ms_tls_known grease;   /* unknown values do no harm, RFC 8701 */
	bool short_hello;           /* only short lists were understood */
	unsigned connections;       /* opened, or tried */
	const char *stopped;        /* the server would not go on: why; NULL */
	double seconds;             /* that it took */
	bool limit;                 /* limits->tls_connections was hit */
};

struct ms_tls_scan_request {
	/* Opens a connection and speaks to where TLS begins; the scan closes
	 * it. `purpose` is unique to the scan. With any status but MS_WIRE_OK
	 * nothing is open, and *out NULL or a wire whose `why` and `elapsed`
	 * tell. Called by several threads at once, each with its arena. */
	enum ms_wire_status (*reach)(void *context, const char *purpose,
	    struct ms_arena *arena, struct ms_wire **out);
	void *context;
	const char *name; /* for SNI; NULL: none is sent */
	double seconds;   /* of the whole scan; 0: no limit but reach's */
	unsigned at_once; /* connections, 1 to 4; 0: 4 */
};

/* Always fills *out, whose strings live in `arena`. What it writes depends on
 * what it was told alone: a record of it can be replayed. A connection that
 * fails is tried once more after a pause of env->wire. */
void ms_tls_scan(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_tls_scan_request *request, struct ms_tls_scan *out);

/* Whether nothing was left open: everything that matters to a judgement is
 * known. */
bool ms_tls_scan_complete(const struct ms_tls_scan *scan);

/* Whether keys can be exchanged with a post-quantum group. */
enum ms_tls_known ms_tls_scan_quantum(const struct ms_tls_scan *scan);

#endif
