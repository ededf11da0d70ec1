/* SPDX-License-Identifier: ISC
 * dmarc.h - does the author's domain stand behind this mail? RFC 9989, and
 * beside it RFC 7489
 *
 * The verdict is RFC 9989's: policies and organizational domains by the walk
 * up the DNS. Receivers still run RFC 7489 with a public suffix list, so its
 * judgement stands beside the verdict, with the place where the two part.
 */
#ifndef MAILSONDE_DMARC_H
#define MAILSONDE_DMARC_H

#include "mailsonde/auth.h"
#include "mailsonde/env.h"
#include "mailsonde/taglist.h"

enum ms_dmarc_policy {
	MS_DMARC_ABSENT, /* not published, not valid, or not known */
	MS_DMARC_NONE,
	MS_DMARC_QUARANTINE,
	MS_DMARC_REJECT,
};

/* "none", "quarantine", "reject"; NULL for MS_DMARC_ABSENT. */
const char *ms_dmarc_policy_name(enum ms_dmarc_policy policy);

/* ---- records ---- */

enum ms_dmarc_fault {
	MS_DMARC_SYNTAX,       /* of the tag list, RFC 6376 3.2 */
	MS_DMARC_VALUE,        /* a known tag with a value that it cannot have:
				  as if it were not there */
	MS_DMARC_DUPLICATE,    /* a tag again: the first stands */
	MS_DMARC_UNKNOWN_TAG,  /* ignored */
	MS_DMARC_REMOVED_TAG,  /* pct, rf, ri: of RFC 7489, gone since 9989 */
	MS_DMARC_REMOVED_SIZE, /* a size limit behind a URI: likewise */
	MS_DMARC_NO_POLICY,    /* no valid p=, or an invalid sp= or np= */
	MS_DMARC_ORDER,        /* RFC 7489 wants p= right behind v= */
};

/* "syntax", "value", …: the words of the JSON. */
const char *ms_dmarc_fault_name(enum ms_dmarc_fault fault);

struct ms_dmarc_deviation {
	enum ms_dmarc_fault fault;
	struct ms_slice at;    /* in the record's text; maybe empty */
	const char *text;      /* one sentence */
	const char *reference; /* "RFC 9989 section 4.7" */
};

struct ms_dmarc_record {
	struct ms_slice text; /* as given; the caller's */
	bool is_record;       /* begins with v=DMARC1, RFC 9989 4.7; all below
				 is empty otherwise */
	struct ms_taglist tags;
	/* RFC 9989: what is applied, defaults filled in. */
	bool usable;  /* there is a policy to apply, 4.10.1 */
	bool rescued; /* only thanks to its rua=: p is then none */
	enum ms_dmarc_policy p, sp, np; /* sp, np absent: the next of np, sp, p
					   stands */
	bool adkim_strict, aspf_strict, testing; /* adkim=s, aspf=s, t=y */
	char psd;                                /* 'y', 'n', 'u' */
	struct ms_slice fo;         /* as written; p == NULL: default "0" */
	struct ms_slice *rua, *ruf; /* valid URIs, without the old size */
	size_t rua_n, ruf_n;
	/* RFC 7489. */
	bool rfc7489_valid;  /* follows its grammar to the letter */
	bool rfc7489_usable; /* there is a policy to apply, 6.6.3 */
	enum ms_dmarc_policy rfc7489_p, rfc7489_sp;
	unsigned pct; /* 0 to 100 */
	/* The tag list's, then those of each tag in turn, then the whole's. */
	struct ms_dmarc_deviation *deviations;
	size_t deviations_n;
};

/* Whether a TXT record counts as a DMARC record: it begins with the tag
 * v=DMARC1, the value in just this case. */
bool ms_dmarc_is_record(struct ms_slice text);

/* Not a record, but meant to be one: another case or place of the version. */
bool ms_dmarc_is_near(struct ms_slice text);

/* Reads a record; tolerant, what was odd is listed. Slices point into `text`
 * and `arena`. */
void ms_dmarc_record_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_dmarc_record *out);

/* An address for reports: a URI of RFC 3986 with a scheme, without "!" and ","
 * (RFC 9989 4.8, RFC 8460 3); of mailto, an address. */
bool ms_report_uri_valid(struct ms_slice uri);

/* ---- evaluation ---- */

/* A domain that SPF or DKIM speaks for. */
struct ms_dmarc_identifier {
	enum ms_auth_result result;
	struct ms_slice domain;
};

struct ms_dmarc_request {
	/* Domains of all authors in all From fields; the same one again
	 * counts once. */
	const struct ms_slice *from;
	size_t from_n;
	/* MAIL FROM's, RFC 9989 4.4.2; domain.p == NULL: not judged. */
	struct ms_dmarc_identifier spf;
	/* One a signature. MS_AUTH_POLICY (rsa-sha1, a short key) counts for
	 * nothing. */
	const struct ms_dmarc_identifier *dkim;
	size_t dkim_n;
};

/* Why a result is what it is, for programs; `reason` has it for people. */
enum ms_dmarc_cause {
	MS_DMARC_ALIGNED,          /* pass */
	MS_DMARC_UNALIGNED,        /* fail: nothing aligned is authenticated */
	MS_DMARC_NO_AUTHOR,        /* none: no usable author domain */
	MS_DMARC_SEVERAL_AUTHORS,  /* permerror: authors of several domains */
	MS_DMARC_NO_RECORD,        /* none */
	MS_DMARC_MULTIPLE_RECORDS, /* none: at one name, so none counts */
	MS_DMARC_UNUSABLE_RECORD,  /* none: no policy and no rua= in it */
	MS_DMARC_DNS_FAILED,       /* temperror */
	MS_DMARC_AUTH_FAILED,      /* temperror: SPF or DKIM could not tell */
	MS_DMARC_NO_LIST,          /* RFC 7489: no public suffix list here */
};
const char *ms_dmarc_cause_name(enum ms_dmarc_cause cause);

enum ms_dmarc_alignment {
	MS_DMARC_NOT_AUTHENTICATED, /* no pass: nothing to align */
	MS_DMARC_NOT_ALIGNED,
	MS_DMARC_RELAXED, /* the same organizational domain */
	MS_DMARC_STRICT,  /* the same domain */
	MS_DMARC_UNTOLD,  /* a question failed */
};
/* "not-authenticated", "none", "relaxed", "strict", "unknown". */
const char *ms_dmarc_alignment_name(enum ms_dmarc_alignment alignment);

/* Which tag gave the policy. */
enum ms_dmarc_tag {
	MS_DMARC_TAG_P,
	MS_DMARC_TAG_SP,
	MS_DMARC_TAG_NP,
};

/* By one of the two standards. */
struct ms_dmarc_judgement {
	enum ms_auth_result result; /* none, pass, fail, temperror, permerror */
	enum ms_dmarc_cause cause;
	const char *reason;                   /* one sentence */
	struct ms_slice policy_domain;        /* NULL */
	const struct ms_dmarc_record *record; /* NULL; as published there */
	enum ms_dmarc_policy policy;          /* what p, sp or np asks for */
	enum ms_dmarc_tag policy_tag;
	/* What is asked for this message: the policy after t= or pct= where it
	 * fails, none where it passes; else absent. */
	enum ms_dmarc_policy disposition;
	struct ms_slice organizational_domain; /* of the author; NULL unknown */
	bool spf_aligned, dkim_aligned; /* one is authenticated and aligned */
	enum ms_dmarc_alignment spf;
	enum ms_dmarc_alignment *dkim; /* request->dkim_n of them */
};

enum ms_dmarc_purpose {
	MS_DMARC_FOR_AUTHOR = 1 << 0,     /* RFC 9989's walk from the author */
	MS_DMARC_FOR_IDENTIFIER = 1 << 1, /* … from an SPF or DKIM domain */
	MS_DMARC_FOR_EXISTENCE = 1 << 2,  /* is there such a domain? np= */
	MS_DMARC_FOR_RFC7489 = 1 << 3,
};

struct ms_dmarc_question {
	struct ms_slice name; /* "_dmarc.example.com" */
	enum ms_dns_type type;
	unsigned purpose; /* enum ms_dmarc_purpose */
	enum ms_dns_status status;
	const char *why;                      /* of a failure; NULL */
	size_t records_n;                     /* DMARC records found */
	const struct ms_dmarc_record *record; /* where there is just one */
	struct ms_slice near; /* TXT that was meant to be one; NULL */
	struct ms_dmarc_question *next;
};

struct ms_dmarc_result {
	struct ms_dmarc_request request; /* as given */
	struct ms_slice domain; /* author's: A-labels, lower case; NULL */
	struct ms_dmarc_judgement rfc9989, rfc7489;
	const char *difference;   /* where the two part, a sentence; NULL */
	struct ms_psl_about list; /* that RFC 7489 was judged by */
	/* In the order in which they were asked, none twice. */
	const struct ms_dmarc_question *questions;
	size_t questions_n;
	bool truncated; /* limits->dmarc_walks: not every identifier was
			   looked at */
};

/* Judges; asks env->dns and env->psl. Everything in *out lives in `arena`,
 * or is the request's. A failed question gives temperror wherever the result
 * could turn on its answer, never pass, fail or none. */
void ms_dmarc_evaluate(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dmarc_request *request, struct ms_dmarc_result *out);

#endif
