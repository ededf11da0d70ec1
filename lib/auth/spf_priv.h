/* SPDX-License-Identifier: ISC
 * spf_priv.h - what the files of SPF share
 */
#ifndef MAILSONDE_AUTH_SPF_PRIV_H
#define MAILSONDE_AUTH_SPF_PRIV_H

#include <stdatomic.h>

#include "mailsonde/buf.h"
#include "mailsonde/spf.h"

/* ---- spf_record.c ---- */

/* Does the term count against the limit of 4.6.4? */
bool spf_term_looks_up(const struct ms_spf_term *term);

/* ---- spf_macro.c ---- */

/* What macros are made of. Lives as long as the check. */
struct spf_values {
	struct ms_ip ip;
	struct ms_slice local; /* of the sender: never empty */
	struct ms_slice sender_domain;
	struct ms_slice helo;
	struct ms_slice receiver; /* "unknown" when it is not known */
	int64_t now;
	struct ms_slice domain;    /* of the record in hand */
	struct ms_slice validated; /* %{p}: "unknown" when there is none */
	size_t explanation_max;
};

/* What is wrong with the text at *offset; NULL: nothing. *one_label is set
 * where a domain-spec would do but for its one label. */
const char *spf_macro_fault(struct ms_slice text, enum ms_spf_macro_mode mode,
    size_t *offset, bool *one_label);

/* Is %{letter}, in either case, in a text that has no fault? */
bool spf_macro_uses(struct ms_slice text, unsigned char letter);

/* Expands a text without fault. DOMAIN_SPEC: at most 253 octets, without a
 * final dot; p == NULL when it can be no name. EXPLANATION: p == NULL when it
 * would not be ASCII; cut at the limit. */
struct ms_slice spf_macro_expand(struct ms_arena *arena,
    const struct spf_values *values, struct ms_slice text,
    enum ms_spf_macro_mode mode);

/* ---- one check ---- */

/* What a domain has at its name. */
struct spf_read {
	enum ms_dns_status status; /* of the question */
	const char *why;
	size_t records;              /* of SPF among the TXT records */
	struct ms_spf_record record; /* the first of them */
	struct ms_slice *texts;      /* all, when there are several */
	/* What its terms ask for whoever sends has been told early, for clients
	 * of IPv4 and of IPv6. */
	atomic_bool told[2];
};

/* The same in a check: asked for once. */
struct spf_page {
	struct ms_slice domain;
	struct ms_dns_name name;
	unsigned round; /* round trips before its question: 0 the first */
	struct spf_read *read; /* NULL: not asked for yet */
	struct spf_page *next;
};

/* An MX question that was told early: its hosts are, once it is answered. */
struct spf_early {
	struct ms_dns_name name;
	unsigned round;
	struct spf_early *next;
};

struct spf_run {
	const struct ms_env *env;
	struct ms_arena *arena;
	const struct ms_spf_request *request;
	struct ms_spf_result *out;
	struct spf_values values;
	struct spf_page *pages;
	struct spf_early *early;
	size_t told;    /* look-ups told early */
	double started; /* by env->clock.ticks */
	bool counted_p; /* %{p} has cost its look-up */
	/* The first term that failed and may yet have matched. */
	const struct ms_spf_step *doubt;
	const struct ms_spf_trail *doubt_at;
};

/* ---- spf_ask.c ---- */

/* Asks, unless the time is over (then: MS_DNS_TIMEOUT). `round` is how many
 * round trips had to end before this question could be put. */
void spf_ask(struct spf_run *run, unsigned round,
    const struct ms_dns_name *name, enum ms_dns_type type,
    struct ms_dns_answer *out);

/* Adds what could not be answered to a list. */
const struct ms_spf_failure *spf_failed(struct spf_run *run,
    struct ms_spf_failure **list, struct ms_slice name, enum ms_dns_type type,
    enum ms_dns_status status, const char *why);

/* The record of a domain, asked for when it was not yet. NULL: no such name
 * can exist, or it has one label only (4.3). */
struct spf_page *spf_page(
    struct spf_run *run, unsigned round, struct ms_slice domain);

/* Tells the source what the record's terms will ask for. */
void spf_look_ahead(struct spf_run *run, struct spf_page *page);
/* The same for the hosts of one mx or ptr. */
void spf_hint(
    struct spf_run *run, const struct ms_dns_name *name, enum ms_dns_type type);

/* A or AAAA, as the client's address asks for (5). */
enum ms_dns_type spf_address_type(const struct spf_run *run);

/* ---- spf_memory.c ---- */

/* What is remembered of a name; NULL: nothing. It lasts as the memory does. */
struct spf_read *spf_recall(
    struct ms_spf_memory *memory, const struct ms_dns_name *name);

/* Remembers a copy of what was read, if it may be; what to use from now on. */
struct spf_read *spf_remember(struct ms_spf_memory *memory,
    const struct ms_dns_name *name, struct spf_read *read);

/* ---- spf_term.c ---- */

enum spf_outcome {
	SPF_NO,
	SPF_YES,
	SPF_DOUBT,     /* a failed look-up that RFC 7208 calls no match */
	SPF_TEMPERROR, /* step->failures says why */
	SPF_VOID_LIMIT,
	SPF_LOOKUP_LIMIT,
	SPF_MX_LIMIT,
	SPF_PERMERROR, /* out->problem says why */
};

/* The name a term asks for in step->target: its domain-spec expanded, or the
 * record's domain. SPF_YES: there is one; SPF_NO: none that could be asked. */
enum spf_outcome spf_target(
    struct spf_run *run, unsigned round, struct ms_spf_step *step);

/* Evaluates a, mx, ptr, exists, ip4, ip6, all. */
enum spf_outcome spf_match(
    struct spf_run *run, unsigned round, struct ms_spf_step *step);

/* The name that %{p} stands for with the record's domain in hand, "unknown"
 * when there is none. SPF_DOUBT: because a look-up failed. */
enum spf_outcome spf_validated(struct spf_run *run, unsigned round,
    struct ms_spf_step *step, struct ms_slice *out);

/* ---- spf_reason.c ---- */

/* The sentence of a result that is else complete. */
const char *spf_reason(
    struct ms_arena *arena, const struct ms_spf_result *result);

/* ---- spf_count.c ---- */

/* Fills lookups_needed and costs of the result: what the domain's record and
 * all below it ask for; leaves them 0 when that cannot be told. */
void spf_count_lookups(struct spf_run *run);

#endif
