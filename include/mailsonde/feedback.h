/* SPDX-License-Identifier: ISC
 * feedback.h - what others report about our mail: DMARC, TLS, failures
 *
 * Aggregate reports (RFC 9990, RFC 7489 appendix C, its drafts), reports on TLS
 * (RFC 8460), failure reports and complaints (RFC 9991, 6591, 5965), and the
 * mail, gzip and zip that they come in. Read tolerantly: what is missing or odd
 * is listed, and the rest is told.
 */
#ifndef MAILSONDE_FEEDBACK_H
#define MAILSONDE_FEEDBACK_H

#include <stdint.h>

#include "mailsonde/dmarc.h"
#include "mailsonde/map.h"
#include "mailsonde/message.h"
#include "mailsonde/status.h"

/* What was odd about a report, a clause each, at most 20. */
struct ms_oddities {
	const char **list;
	size_t n;
};

/* ---- aggregate reports ---- */

enum ms_aggregate_schema {
	MS_AGGREGATE_DRAFT, /* before RFC 7489: no version */
	MS_AGGREGATE_RFC7489,
	MS_AGGREGATE_RFC9990,
};
/* "draft", "rfc7489", "rfc9990"; and for people, "RFC 7489". */
const char *ms_aggregate_schema_name(enum ms_aggregate_schema schema);
const char *ms_aggregate_schema_title(enum ms_aggregate_schema schema);

enum ms_aligned {
	MS_ALIGNED_NO,
	MS_ALIGNED_YES,
	MS_ALIGNED_UNKNOWN, /* no public suffix list, or no name to align to */
};

/* A result of SPF or DKIM. Words are in lower case; p == NULL: not there. */
struct ms_aggregate_auth {
	bool dkim; /* else SPF */
	struct ms_slice domain, selector, scope, result, human_result;
	enum ms_aligned aligned; /* recomputed; NO unless it passes */
};

struct ms_aggregate_reason {
	struct ms_slice type, comment;
};

/* What would come of it with the records that the DNS has now. */
struct ms_aggregate_now {
	bool judged;
	bool has_spf; /* there was an identity to check */
	enum ms_auth_result spf, dmarc;
	enum ms_dmarc_policy disposition; /* that would be asked for */
};

struct ms_aggregate_row {
	struct ms_ip source;
	struct ms_slice source_text; /* as written */
	int64_t count;
	struct ms_slice disposition, dkim, spf; /* as evaluated there */
	struct ms_aggregate_reason *reasons;
	size_t reasons_n;
	struct ms_slice header_from, envelope_from, envelope_to;
	struct ms_aggregate_auth *auth;
	size_t auth_n;
	enum ms_aligned dkim_aligned, spf_aligned; /* recomputed */
	bool pass; /* DMARC's, by what was evaluated there; where that does
		      not stand in the report, as recomputed */
	struct ms_aggregate_now now; /* see ms_aggregate_judge */
};

struct ms_aggregate {
	enum ms_aggregate_schema schema;
	struct ms_slice space, version; /* as written; p == NULL */
	struct ms_slice org_name, email, extra_contact, report_id, generator;
	struct ms_slice *errors; /* what the reporter says went wrong */
	size_t errors_n;
	bool begin_set, end_set;
	int64_t begin, end;
	/* The policy as it was found: */
	struct ms_slice domain, p, sp, np, adkim, aspf, pct, fo, testing;
	struct ms_slice discovery;
	struct ms_aggregate_row *rows;
	size_t rows_n;
	int64_t messages;  /* in all of them */
	bool truncated;    /* limits->report_rows: there are more */
	const char *fault; /* why not all of it could be read; NULL */
	struct ms_oddities oddities;
};

/* MS_FORMAT: it is no such report at all; the diag says why. Everything lives
 * in `arena`. `psl` is asked for organizational domains; nobody else is. */
enum ms_status ms_aggregate_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, struct ms_psl *psl,
    struct ms_aggregate *out, struct ms_diag *diag) MS_MUST_CHECK;

/* Judges each row anew by RFC 9989 and what env->dns answers: SPF by address
 * and domain, DKIM as the report says that it was, for the message is gone. */
void ms_aggregate_judge(const struct ms_env *env, struct ms_arena *arena,
    struct ms_aggregate *report);

/* ---- reports on TLS ---- */

struct ms_tls_failure {
	struct ms_slice result_type;
	struct ms_slice sending_ip, receiving_host, receiving_helo;
	struct ms_slice receiving_ip, information, reason_code;
	int64_t count;
};

struct ms_tls_policy {
	struct ms_slice type;     /* "sts", "tlsa", "no-policy-found" */
	struct ms_slice *strings; /* the policy's lines, or TLSA records */
	size_t strings_n;
	struct ms_slice domain;
	struct ms_slice *hosts; /* mx-host patterns */
	size_t hosts_n;
	struct ms_slice mode; /* of an MTA-STS policy; p == NULL */
	int64_t successful, failed;
	struct ms_tls_failure *failures;
	size_t failures_n;
};

struct ms_tls_report {
	struct ms_slice org_name, contact, report_id;
	bool begin_set, end_set;
	int64_t begin, end;
	struct ms_tls_policy *policies;
	size_t policies_n;
	int64_t successful, failed;
	bool truncated; /* limits->report_rows */
	struct ms_oddities oddities;
};

/* MS_FORMAT: it is no such report at all. */
enum ms_status ms_tls_report_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, struct ms_tls_report *out,
    struct ms_diag *diag) MS_MUST_CHECK;

/* ---- failure reports and complaints ---- */

struct ms_failure_report {
	struct ms_slice type; /* "auth-failure", "abuse", "fraud" … */
	struct ms_slice user_agent, version, arrival_date;
	struct ms_slice mail_from, source_ip;
	struct ms_slice *rcpt_to;
	size_t rcpt_to_n;
	struct ms_slice *domains; /* Reported-Domain */
	size_t domains_n;
	struct ms_slice *results; /* Authentication-Results */
	size_t results_n;
	struct ms_slice auth_failure, delivery_result, identity_alignment;
	struct ms_slice dkim_domain, dkim_selector, dkim_identity, spf_dns;
	int64_t incidents; /* at least 1 */
	struct ms_ip source;
	bool arrival_set;
	int64_t arrival;
	/* The report's own: who sent it, and when. */
	struct ms_slice reporter, message_id;
	/* Of the mail that it is about, where the report has it. */
	struct ms_slice from, from_domain, subject, original_id;
	bool machine; /* it has a message/feedback-report part */
	struct ms_oddities oddities;
};

/* Whether a message is one; reads it. The message has been parsed with its
 * MIME tree and `reports`. */
bool ms_failure_report_read(struct ms_arena *arena,
    struct ms_charsets *charsets, const struct ms_limits *limits,
    const struct ms_message *message, struct ms_failure_report *out);

/* ---- what they come in ---- */

enum ms_feedback_kind {
	MS_FEEDBACK_NONE, /* no report: `diag` says why */
	MS_FEEDBACK_XML,  /* `text` is for ms_aggregate_read */
	MS_FEEDBACK_JSON, /* for ms_tls_report_read */
	MS_FEEDBACK_MAIL, /* `message` is for ms_failure_report_read */
};

struct ms_feedback_item {
	enum ms_feedback_kind kind;
	struct ms_slice text;
	struct ms_message *message;
	struct ms_slice member; /* "part 2, report.xml"; p == NULL: the whole */
	const char *format;     /* "gzip", "mail, zip" … */
	bool other; /* NONE: it is something else, not a damaged report */
	struct ms_diag diag;
	struct ms_feedback_item *next;
};

/* Everything in there that could be a report, in its order: at least one item.
 * limits->report_size bounds what comes out of all containers together,
 * report_depth how deep they nest, report_members their files. */
const struct ms_feedback_item *ms_feedback_unpack(struct ms_arena *arena,
    struct ms_charsets *charsets, const struct ms_limits *limits,
    struct ms_slice bytes);

/* ---- many rows as one view: a domain's senders ---- */

enum ms_source_kind {
	MS_SOURCE_ALIGNED,  /* all of it passes */
	MS_SOURCE_PARTLY,   /* some passes, some does not */
	MS_SOURCE_DISPUTED, /* reported as failing; its results say otherwise */
	MS_SOURCE_FORWARDED, /* changed or relayed on its way, as it seems */
	MS_SOURCE_OTHER,     /* authenticated, as somebody else */
	MS_SOURCE_NOTHING,   /* authenticated as nobody */
	MS_SOURCE_KINDS,
};
/* "aligned", "partly", "disputed", "forwarded", "other-domain",
 * "unauthenticated". */
const char *ms_source_kind_name(enum ms_source_kind kind);

/* Messages by what would come of them now. */
struct ms_sent_now {
	int64_t passed, failed, unknown;
	int64_t quarantined, rejected; /* as the policy of now would have it */
	int64_t broken;                /* passed then, would fail */
	int64_t mended;                /* failed then, would pass */
};

struct ms_source {
	struct ms_slice text; /* the address */
	struct ms_ip ip;
	int64_t messages, passed, dkim, spf; /* aligned passes */
	int64_t rejected, quarantined, overridden;
	int64_t forwarded, other, disputed, lost; /* of those that failed */
	struct ms_slice as; /* a domain that it authenticated as; or NULL */
	struct ms_slice reasons; /* types, with commas; n == 0: none */
	enum ms_source_kind kind;
	struct ms_sent_now now;
	struct ms_source *next;
};

/* Of one domain that has a policy, over all reports added. */
struct ms_senders {
	struct ms_slice domain, p, sp, np, testing, pct; /* of the latest */
	int64_t policy_time;
	int64_t begin, end; /* 0: not known */
	size_t reports;
	int64_t messages, passed, dkim, spf, both;
	int64_t rejected, quarantined, overridden;
	int64_t failed[MS_SOURCE_KINDS]; /* by the kind of their source */
	int64_t lost[MS_SOURCE_KINDS];   /* of those: rejected, quarantined */
	int64_t differ; /* the reporter's alignment is not ours */
	bool judged;    /* anew: `now` is told */
	struct ms_sent_now now;
	struct ms_source *sources; /* after ms_senders_sort: the worst first */
	size_t sources_n;
	struct ms_map map;
	struct ms_senders *next;
};

/* Adds a report's rows; what is kept is copied into the arena of `out`, which
 * ms_senders_init gave it. */
void ms_senders_init(struct ms_senders *out, struct ms_arena *arena);
void ms_senders_add(struct ms_senders *out, const struct ms_aggregate *report);
void ms_senders_sort(struct ms_senders *out);

/* Reports on TLS for one policy of a domain, the same way. */
struct ms_tls_kind {
	struct ms_slice result_type;
	struct ms_slice host; /* the first that it happened at; or NULL */
	int64_t count;
	struct ms_tls_kind *next;
};

struct ms_tls_sessions {
	struct ms_slice domain, type, mode; /* p == NULL: not said */
	size_t reports;
	int64_t begin, end; /* 0: not known */
	int64_t successful, failed;
	struct ms_tls_kind *kinds; /* most first */
	struct ms_tls_sessions *next;
};

/* Adds a report's policies to a list, whose elements live in `arena`. */
void ms_tls_sessions_add(struct ms_arena *arena, struct ms_tls_sessions **list,
    const struct ms_tls_report *report);

#endif
