/* SPDX-License-Identifier: ISC
 * authenticate.h - SPF, DKIM, ARC and DMARC of one message, recomputed, and
 * what the message claims of them set against that
 */
#ifndef MAILSONDE_AUTHENTICATE_H
#define MAILSONDE_AUTHENTICATE_H

#include "mailsonde/arc.h"
#include "mailsonde/dmarc.h"
#include "mailsonde/sender.h"
#include "mailsonde/spf.h"

enum ms_claim_relation {
	MS_CLAIM_NOT_COMPARED, /* nothing here can be set against it */
	MS_CLAIM_AGREES,
	MS_CLAIM_DIFFERS,
};

/* One stated result against ours. */
struct ms_claim_check {
	enum ms_claim_relation relation;
	bool ours_known;
	enum ms_auth_result ours;
	const char *why; /* a sentence without its full stop; NULL: agrees */
	/* It differs for a reason that accuses nobody: a key taken down, a
	 * signature that has expired, a body that a list changed. */
	bool excused;
};

struct ms_authentication {
	int64_t at; /* the time that it was judged for */
	struct ms_sender sender;
	bool spf_judged, helo_judged; /* else an address or name is missing */
	const char *spf_why;          /* why not */
	struct ms_spf_result spf;     /* MAIL FROM */
	struct ms_spf_result helo;
	struct ms_dkim_result dkim;
	struct ms_arc_result arc;
	struct ms_dmarc_result dmarc;
	const struct ms_claims *claims;
	struct ms_claim_check **checks; /* [claim][method] */
};

struct ms_authenticate_options {
	struct ms_sender_given given;
	struct ms_dns_source *archive;     /* archived keys; NULL */
	struct ms_dkim_keys *keys;         /* of the run; NULL */
	bool explain;                      /* what changed a body in transit */
	const struct ms_dkim_ahead *ahead; /* of this message, its digest
					      filled in; NULL */
};

/* Recomputes everything and compares. Slices point into the message, the rest
 * lies in the arena of *parse. */
void ms_authenticate(const struct ms_env *env, const struct ms_parse *parse,
    const struct ms_message *message, const struct ms_trace *trace,
    const struct ms_claims *claims,
    const struct ms_authenticate_options *options, int64_t at,
    struct ms_authentication *out);

/* The comparison alone; fills out->checks. */
void ms_claims_check(const struct ms_parse *parse,
    const struct ms_message *message, const struct ms_trace *trace,
    struct ms_authentication *out);

/* Something that could not be told stands in the way: the first such reason,
 * or NULL. */
const char *ms_authentication_unknown(const struct ms_authentication *auth);

#endif
