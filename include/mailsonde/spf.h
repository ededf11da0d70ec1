/* SPDX-License-Identifier: ISC
 * spf.h - Sender Policy Framework, RFC 7208: records, macros, check_host()
 *
 * A failed look-up is never an absence here, also where RFC 7208 would let it
 * be one (5.5 ptr, 7.3 %{p}): a result that hangs on it is temperror.
 */
#ifndef MAILSONDE_SPF_H
#define MAILSONDE_SPF_H

#include "mailsonde/auth.h"
#include "mailsonde/env.h"

/* ---- the record, RFC 7208 section 12 ---- */

enum ms_spf_kind {
	MS_SPF_ALL,
	MS_SPF_INCLUDE,
	MS_SPF_A,
	MS_SPF_MX,
	MS_SPF_PTR,
	MS_SPF_IP4,
	MS_SPF_IP6,
	MS_SPF_EXISTS,
	MS_SPF_REDIRECT,
	MS_SPF_EXP,
	MS_SPF_MODIFIER, /* an unknown one: ignored */
	MS_SPF_WRONG,    /* no term at all: see the record's errors */
};

struct ms_spf_term {
	struct ms_slice text; /* as it stands in the record */
	enum ms_spf_kind kind;
	enum ms_auth_result qualifier; /* what a match gives: pass … */
	struct ms_slice target;        /* domain-spec; p == NULL: none given */
	struct ms_net net;             /* ip4, ip6 */
	unsigned prefix4, prefix6;     /* a, mx: 32 and 128 unless given */
};

/* Something that RFC 7208 section 12 does not know. */
struct ms_spf_error {
	struct ms_slice term; /* in which it is */
	size_t offset;        /* of the error, in the record */
	const char *text;     /* "unknown mechanism", … */
	/* A target of one label ("a:mail"): the grammar asks for two, and
	 * check_host() says permerror, but much software takes it. */
	bool one_label;
};

struct ms_spf_record {
	struct ms_slice text;
	struct ms_spf_term *terms; /* in their order */
	size_t n;
	const struct ms_spf_term *redirect, *exp; /* NULL */
	const struct ms_spf_term *all;            /* the first; NULL */
	struct ms_spf_error *errors;              /* one a term at most */
	size_t errors_n;
	bool valid; /* no error but perhaps a target of one label */
};

/* "v=spf1", case ignored, and a blank or the end behind it (4.5). */
bool ms_spf_is_record(struct ms_slice text);

/* Reads a whole record; wrong terms are kept as MS_SPF_WRONG, and reading goes
 * on behind them. Slices point into `text`. */
void ms_spf_record_parse(
    struct ms_arena *arena, struct ms_slice text, struct ms_spf_record *out);

/* Terms before "all" that cost a look-up (4.6.4), in this record alone. */
unsigned ms_spf_record_lookups(const struct ms_spf_record *record);

/* "include", "ip4", … */
const char *ms_spf_kind_name(enum ms_spf_kind kind);

/* ---- checking ---- */

enum ms_spf_scope {
	MS_SPF_MAIL_FROM, /* the null sender is postmaster@ + HELO (2.4) */
	MS_SPF_HELO,      /* 2.3 */
};
/* "mfrom", "helo". */
const char *ms_spf_scope_name(enum ms_spf_scope scope);

struct ms_spf_request {
	enum ms_spf_scope scope;
	struct ms_ip ip;           /* IPv4-mapped is IPv4 */
	struct ms_slice mail_from; /* without <>; empty: the null sender */
	struct ms_slice helo;      /* empty: not known */
	struct ms_slice receiver;  /* for %{r}; empty: "unknown" */
};

/* A question that could not be answered. */
struct ms_spf_failure {
	struct ms_slice name;
	enum ms_dns_type type;
	enum ms_dns_status status;
	const char *why; /* of the source; NULL */
	struct ms_spf_failure *next;
};

enum ms_spf_match {
	MS_SPF_NO_MATCH,
	MS_SPF_MATCH,
	MS_SPF_MATCH_UNKNOWN, /* a look-up failed (ptr), or an error ended it */
};

/* One term that was looked at. */
struct ms_spf_step {
	const struct ms_spf_term *term;
	enum ms_spf_match match;
	struct ms_slice target; /* the name, expanded; p == NULL: none */
	struct ms_slice found;  /* "mx1.example.org has 192.0.2.1"; NULL */
	unsigned lookups;       /* that it cost, with those below it */
	unsigned void_lookups;  /* the same */
	const char *note;       /* a sentence where something was odd; NULL */
	struct ms_spf_trail *trail;      /* include, redirect; NULL */
	struct ms_spf_failure *failures; /* of this term's own questions */
	struct ms_spf_step *next;
};

/* One record that was looked at. */
struct ms_spf_trail {
	struct ms_slice domain;
	enum ms_dns_status status;   /* of the question for the record */
	size_t records;              /* of SPF; more than one is an error */
	struct ms_slice *texts;      /* all of them, when there are several */
	struct ms_spf_record record; /* text.p == NULL: none was found */
	enum ms_auth_result result;
	struct ms_spf_step *steps, *steps_last; /* in their order */
	const struct ms_spf_step *last;  /* that ended it; NULL: none matched */
	struct ms_spf_failure *failures; /* of the question for the record */
};

/* What kind of thing made a permerror. */
enum ms_spf_problem {
	MS_SPF_OK,
	MS_SPF_SYNTAX,           /* see the record's errors */
	MS_SPF_MULTIPLE_RECORDS, /* 4.5 */
	MS_SPF_LOOKUP_LIMIT,     /* 4.6.4 */
	MS_SPF_VOID_LIMIT,
	MS_SPF_MX_LIMIT,
	MS_SPF_INCLUDE_NONE,  /* 5.2: no record there */
	MS_SPF_REDIRECT_NONE, /* 6.1 */
	MS_SPF_LOOP,          /* a record that comes back to itself */
};

/* What a term of the domain's own record costs with all below it. */
struct ms_spf_cost {
	struct ms_slice term;
	unsigned lookups;
};

struct ms_spf_result {
	enum ms_auth_result result;
	enum ms_spf_scope scope;
	bool null_sender;             /* MAIL FROM was empty; judged by HELO */
	struct ms_slice domain;       /* judged, as A-labels; p == NULL: none */
	struct ms_slice domain_given; /* before that; the same when it was */
	struct ms_ip ip;
	struct ms_slice helo;
	/* The term that decided, of the domain's own record (of the last one,
	 * where redirects led on), and that record; NULL. */
	const struct ms_spf_step *term;
	const struct ms_spf_trail *at;
	/* What decided in the end: a term of an included record, or the same
	 * again; NULL. */
	const struct ms_spf_step *cause;
	const struct ms_spf_trail *cause_at;
	unsigned lookups, void_lookups; /* of 10 and 2 */
	/* All look-ups that the records ask for together, when the limit was
	 * hit and they could be counted; else 0. */
	unsigned lookups_needed;
	struct ms_spf_cost *costs; /* of which each term asks for so many */
	size_t costs_n;
	struct ms_slice explanation;  /* of the domain (exp=), ASCII, with a
					 fail;  p == NULL: none */
	const char *explanation_note; /* why there is none, though exp= is */
	enum ms_spf_problem problem;
	const struct ms_spf_trail *problem_at; /* the record; NULL */
	const char *reason;         /* one sentence without its full stop */
	struct ms_spf_trail *trail; /* NULL: no record was asked for */
	const struct ms_spf_failure *failure; /* that the result hangs on */
};

/* Records that the checks of one run read once: at most `limit` of them. Right
 * only where env->dns gives the same answer each time (ms_dns_once), and no
 * longer than it. Safe for threads; freed with ms_spf_memory_free (NULL is
 * allowed). */
struct ms_spf_memory *ms_spf_memory_new(size_t limit, void (*oom)(void));
void ms_spf_memory_free(struct ms_spf_memory *memory);

/* check_host() of RFC 7208 section 4 for one identity, with every limit of
 * 4.6.4 (env->limits). Asks env->dns; tells it early what will be needed
 * unless env->careful. Everything in *out lives in `arena` or belongs to
 * the request. Never fails: what could not be told is temperror. */
void ms_spf_check(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_spf_request *request, struct ms_spf_result *out);

/* ---- macros, section 7 ---- */

enum ms_spf_macro_mode {
	MS_SPF_DOMAIN_SPEC,  /* no c, r, t; cut to 253 octets from the left */
	MS_SPF_EXPLANATION,  /* blanks; ASCII */
	MS_SPF_MACRO_STRING, /* of an unknown modifier: the form alone */
};

/* Does the text follow the grammar? *offset is where it does not. */
bool ms_spf_macro_valid(
    struct ms_slice text, enum ms_spf_macro_mode mode, size_t *offset);

/* Expands `text` for a request whose record stands at `domain`; %{p} asks
 * env->dns. False: the text does not follow the grammar, or the result is not
 * what the mode allows. */
bool ms_spf_expand(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_spf_request *request, struct ms_slice domain,
    struct ms_slice text, enum ms_spf_macro_mode mode, struct ms_slice *out);

#endif
