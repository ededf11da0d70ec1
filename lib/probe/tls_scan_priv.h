/* SPDX-License-Identifier: ISC
 * tls_scan_priv.h - what asks of a TLS scan share
 */
#ifndef MAILSONDE_PROBE_TLS_SCAN_PRIV_H
#define MAILSONDE_PROBE_TLS_SCAN_PRIV_H

#include "tls_priv.h"

/* Questions that are asked one after another. What one lane does depends on
 * itself alone, whatever the others meet with: a record can be replayed. */
struct tls_lane {
	const struct ms_env *env;
	const struct ms_tls_scan_request *request;
	struct ms_arena *keep;    /* what was found */
	struct ms_arena *scratch; /* connections */
	unsigned connections, most;
	double spent;        /* seconds */
	const char *stopped; /* the server would not go on: why; NULL */
	bool limit;
	const char *why; /* of the last answer that was no pick */
};

enum tls_asked {
	TLS_PICKED,
	TLS_REFUSED, /* by an alert */
	TLS_CLOSED,  /* without a word */
	TLS_LOST,    /* no answer, or none that can be understood */
	TLS_UNREACHED,
	TLS_STOPPED, /* the lane is at its end */
};

/* What fails but for a refusal is asked once more. */
enum tls_asked tls_ask(struct tls_lane *lane, const struct tls_hello *hello,
    const char *purpose, struct tls_answer *answer);

/* What is asked of a version. */
struct tls_asker {
	struct tls_lane *lane;
	struct ms_tls_scan_version *v;
	const char *what; /* "suites", for the purpose */
	unsigned n;       /* questions so far */
	bool plain;       /* short lists alone were understood */
	/* Closing may mean a refusal, or that the server has enough of us. */
	bool closed_version, closed_suites, closed_groups;
};

enum tls_asked tls_ask_list(struct tls_asker *a, const uint32_t *suites,
    size_t suites_n, const uint16_t *groups, size_t groups_n,
    struct tls_answer *answer);

/* Whether the version is offered, and which suites it has. */
void tls_scan_suites(struct tls_asker *a);
/* Which groups it has. */
void tls_scan_groups(struct tls_asker *a);

/* ---- what a version is offered, the best first; how many ---- */

#define TLS_GROUPS 64

size_t tls_offer_suites(uint16_t version, uint32_t out[MS_TLS_SUITES]);
/* Those that nearly everybody has one of, in a short list. */
size_t tls_offer_common(uint16_t version, uint32_t out[MS_TLS_SUITES]);
/* Keeps those with an ephemeral key on a curve. */
size_t tls_only_curves(uint32_t *codes, size_t n);
size_t tls_offer_groups(uint16_t version, uint16_t out[TLS_GROUPS]);

#endif
