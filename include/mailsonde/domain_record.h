/* SPDX-License-Identifier: ISC
 * domain_record.h - what a domain publishes beside SPF, DKIM and DMARC:
 * MTA-STS (RFC 8461), TLS reporting (RFC 8460), BIMI (draft)
 *
 * Parsers of texts; who looks them up is elsewhere. All slices point into the
 * text that was given or into the arena.
 */
#ifndef MAILSONDE_DOMAIN_RECORD_H
#define MAILSONDE_DOMAIN_RECORD_H

#include "mailsonde/arena.h"
#include "mailsonde/dns.h"
#include "mailsonde/limits.h"

/* ---- MTA-STS ---- */

struct ms_mta_sts_record {
	bool valid;
	struct ms_slice id; /* the first; maybe of an invalid record */
	const char *fault;  /* what breaks the grammar, a clause; NULL */
	struct ms_slice at; /* where; maybe empty */
};

/* Begins with "v=STSv1;": what does not is no candidate (RFC 8461 3.1). */
bool ms_mta_sts_is_record(struct ms_slice text);

/* RFC 8461 3.1. Of a repeated field the first counts. */
void ms_mta_sts_record_parse(
    struct ms_slice text, struct ms_mta_sts_record *out);

enum ms_mta_sts_status {
	MS_MTA_STS_FOUND,
	MS_MTA_STS_NONE,
	MS_MTA_STS_MULTIPLE, /* as if there were none */
	MS_MTA_STS_INVALID,  /* likewise */
	MS_MTA_STS_FAILED,   /* could not tell */
};
/* "found", "none", "multiple", "invalid", "temperror". */
const char *ms_mta_sts_status_name(enum ms_mta_sts_status status);

/* What the answer to the question for _mta-sts.DOMAIN TXT comes to (RFC 8461
 * 3.1). *record is filled when FOUND or INVALID, else empty. */
enum ms_mta_sts_status ms_mta_sts_choose(
    const struct ms_dns_answer *answer, struct ms_mta_sts_record *record);

enum ms_mta_sts_mode {
	MS_MTA_STS_UNKNOWN,
	MS_MTA_STS_MODE_NONE,
	MS_MTA_STS_TESTING,
	MS_MTA_STS_ENFORCE,
};
/* "none", "testing", "enforce"; NULL for unknown. */
const char *ms_mta_sts_mode_name(enum ms_mta_sts_mode mode);

#define MS_MTA_STS_MAX_AGE 31557600 /* RFC 8461 3.2: the most */

struct ms_mta_sts_policy {
	bool valid;
	enum ms_mta_sts_mode mode;
	uint64_t max_age; /* as written, to 9,999,999,999 */
	bool has_max_age;
	struct ms_slice *mx; /* patterns, in order */
	size_t mx_n;
	const char *fault;
	struct ms_slice at;
};

/* A policy file, RFC 8461 3.2. Of a repeated field but mx the first counts. */
void ms_mta_sts_policy_parse(struct ms_slice text,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_mta_sts_policy *out);

/* RFC 8461 4.1: "*." stands for just one label. Without regard to case and to
 * the name's final dot. */
bool ms_mta_sts_matches(struct ms_slice pattern, struct ms_slice host);

/* ---- TLS reporting ---- */

struct ms_tls_rpt_record {
	bool valid;
	struct ms_slice *rua; /* of all rua fields, in order */
	size_t rua_n;
	const char *fault;
	struct ms_slice at;
};

/* Begins with "v=TLSRPTv1;" (RFC 8460 3). */
bool ms_tls_rpt_is_record(struct ms_slice text);
void ms_tls_rpt_record_parse(struct ms_slice text,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_tls_rpt_record *out);

/* ---- BIMI ---- */

struct ms_bimi_record {
	bool valid;
	bool declined;            /* l= and a= are empty: no mark is wanted */
	struct ms_slice location; /* l=; p == NULL: there is none */
	struct ms_slice evidence; /* a=; likewise */
	const char *fault;
	struct ms_slice at;
};

/* Begins with the tag v=BIMI1, in just this case. */
bool ms_bimi_is_record(struct ms_slice text);
void ms_bimi_record_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_bimi_record *out);

#endif
