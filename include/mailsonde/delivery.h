/* SPDX-License-Identifier: ISC
 * delivery.h - whether a sender would deliver to a mail server, and why
 *
 * Senders differ in what they ask of TLS. One address of one mail exchanger is
 * judged as each of them sees it.
 */
#ifndef MAILSONDE_DELIVERY_H
#define MAILSONDE_DELIVERY_H

#include "mailsonde/dane.h"
#include "mailsonde/domain_record.h"
#include "mailsonde/identity.h"
#include "mailsonde/tlsa.h"

enum ms_sender_kind {
	MS_SENDER_OPPORTUNISTIC, /* TLS where there is any: RFC 3207, 7435 */
	MS_SENDER_PKIX,          /* told to verify the host: RFC 9525 */
	MS_SENDER_MTA_STS,       /* obeys the domain's policy: RFC 8461 */
	MS_SENDER_DANE,          /* obeys TLSA records: RFC 7672 */
	MS_SENDER_REQUIRETLS,    /* has mail that asks for it: RFC 8689 */
	MS_SENDER_COUNT,
};
/* "opportunistic", "pkix", "mta-sts", "dane", "requiretls". */
const char *ms_sender_kind_name(enum ms_sender_kind kind);

enum ms_delivery_verdict {
	MS_DELIVERY_DELIVERS,
	MS_DELIVERY_IN_THE_CLEAR, /* delivers, without TLS */
	MS_DELIVERY_DEFERS,       /* tries later, and gives up in the end */
	MS_DELIVERY_REFUSES,      /* sends it back at once */
	MS_DELIVERY_UNKNOWN,      /* could not tell */
	MS_DELIVERY_NOT_ASKED,    /* asks for nothing here: as an
				     opportunistic one */
};
/* "deliver", "deliver-unencrypted", "defer", "refuse", "could-not-tell",
 * "not-applicable". */
const char *ms_delivery_verdict_name(enum ms_delivery_verdict verdict);

/* What is known of the domain's MTA-STS policy. */
enum ms_sts_status {
	MS_STS_NO_DOMAIN, /* of which the host would be an exchanger */
	MS_STS_NONE,      /* it has none; also where its record or its policy
			     cannot be used: then it counts as if none */
	MS_STS_FOUND,
	MS_STS_UNKNOWN, /* could not tell */
};

struct ms_sts {
	enum ms_sts_status status;
	const struct ms_mta_sts_policy *policy; /* where FOUND */
	const char *why; /* a clause for NONE, UNKNOWN; NULL */
};

/* Gets the policy as a sender does that has none in memory, with env's DNS and
 * fetching. A domain with p == NULL is none. Always fills *out, in `arena`. */
void ms_sts_find(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice domain, struct ms_sts *out);

struct ms_delivery_sender {
	enum ms_delivery_verdict verdict;
	const char *why; /* a sentence */
	const char *reference;
};

struct ms_delivery {
	bool judged; /* only what speaks SMTP between servers is */
	bool looked; /* tlsa and sts are filled */
	struct ms_delivery_sender
	    senders[MS_SENDER_COUNT]; /* by enum ms_sender_kind */
	struct ms_tlsa tlsa;
	struct ms_dane dane;
	struct ms_dane other; /* of identity->other; else none */
	struct ms_sts sts;
	bool covered; /* by a pattern of the policy */
};

struct ms_delivery_request {
	const struct ms_probe_result *probe;
	const struct ms_identity *identity;
	/* NULL, both: nobody looked, for the server could not be spoken with.
	 */
	const struct ms_tlsa *tlsa;
	const struct ms_sts *sts;
	int64_t now;
};

/* Judges what has been found; always fills *out, in `arena`. */
void ms_delivery_judge(const struct ms_delivery_request *request,
    struct ms_arena *arena, struct ms_delivery *out);

/* The questions that will be asked for sure, asked early. */
void ms_delivery_hint(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_target *target);

/* Looks up what senders do, and judges. Always fills *out, in `arena`. */
void ms_delivery_find(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_result *probe, const struct ms_identity *identity,
    struct ms_delivery *out);

#endif
