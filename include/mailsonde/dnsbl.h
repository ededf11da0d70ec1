/* SPDX-License-Identifier: ISC
 * dnsbl.h - lists in the DNS of addresses and names: what they say of a
 * subject, RFC 5782
 *
 * A list is asked first whether it is one: what it must list is listed, what it
 * must not is not. An answer outside 127.0.0.0/8, or a code that says "not for
 * you", is no word about anybody: it could not be told.
 */
#ifndef MAILSONDE_DNSBL_H
#define MAILSONDE_DNSBL_H

#include "mailsonde/env.h"
#include "mailsonde/severity.h"

/* ---- lists ---- */

enum ms_dnsbl_kind {
	MS_DNSBL_IP4 = 1 << 0,
	MS_DNSBL_IP6 = 1 << 1,
	MS_DNSBL_NAMES = 1 << 2,
};

/* What an address in an answer means. */
struct ms_dnsbl_code {
	unsigned char from[4], to[4]; /* each octet lies between these */
	unsigned char bits;           /* all of them are in the last octet */
	bool refused;                 /* whoever asks gets no answer */
	enum ms_severity severity;
	const char *text;
};

struct ms_dnsbl {
	const char *zone; /* "zen.spamhaus.org" */
	unsigned kinds;   /* enum ms_dnsbl_kind: what it lists */
	bool allow;       /* who is on it is trusted */
	bool registered;  /* of a name it knows the registered domain alone */
	bool untested;    /* it has no test points */
	bool guessed;     /* what it lists is not known: without a test point
			     for names it is no list of them */
	/* How grave it is to be on it, where no code says so: by how many
	 * receivers refuse mail for it. */
	enum ms_severity weight;
	/* Test points, in place of those of RFC 5782 5: NULL. */
	const char *listed, *unlisted;
	const struct ms_dnsbl_code *codes;
	size_t codes_n;
	const char *page; /* where to look up, and to ask to be taken off; NULL
			   */
	const char *note; /* who may ask, and how much; NULL */
	struct ms_ip server; /* asked by itself; not set: whoever is asked for
				all else */
	uint16_t port;       /* of it; 0: 53 */
	/* What its customers put between subject and zone: a secret, which is
	 * in no name here (see ms_dns_keyed). p == NULL: none. Or the variable
	 * of the environment that has it; NULL. */
	struct ms_slice key;
	const char *key_env;
};

/* The lists that are known, in the order in which they are shown. */
const struct ms_dnsbl *ms_dnsbl_table(size_t *n);

/* Lists that are asked; begins as { 0 }. In an arena. */
struct ms_dnsbl_set {
	struct ms_dnsbl *lists;
	size_t n;
};

/* The lists of the table. */
void ms_dnsbl_add_table(struct ms_arena *arena, struct ms_dnsbl_set *set);

/* The list of a zone; NULL. */
struct ms_dnsbl *ms_dnsbl_find(
    const struct ms_dnsbl_set *set, const char *zone);

/* The list of that zone, or a new one at the end, of which nothing is known but
 * that whoever asks it minds. */
struct ms_dnsbl *ms_dnsbl_add_zone(
    struct ms_arena *arena, const char *zone, struct ms_dnsbl_set *set);

/* A block list by which many refuse mail: where it does not answer, the
 * question has not been. */
static inline bool
ms_dnsbl_matters(const struct ms_dnsbl *list)
{
	return !list->allow && list->weight >= MS_SEVERITY_MEDIUM;
}

/* Reads a file of lists (see mailsonde-reputation(1)) into *set, where a list
 * takes the place of another of that zone. MS_FORMAT: a line is none; diag says
 * which, and never what a key is. */
enum ms_status ms_dnsbl_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, struct ms_dnsbl_set *set,
    struct ms_diag *diag) MS_MUST_CHECK;

/* Whether it could stand in a name: labels of letters, digits, "-" and "_". */
bool ms_dnsbl_is_key(struct ms_slice text);

/* The same text with "-" in place of every key. In the arena. */
struct ms_slice ms_dnsbl_without_keys(
    struct ms_arena *arena, struct ms_slice text);

/* ---- one question ---- */

/* Either is set: the address, or the name (A-labels, no final dot). */
struct ms_dnsbl_subject {
	struct ms_ip ip;
	struct ms_slice name;
	struct ms_slice registered; /* domain of it; p == NULL: not known */
};

/* With the registered domain, which the public suffix list says. */
void ms_dnsbl_subject_name(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice name, struct ms_dnsbl_subject *out);

/* Whether the list is of such things at all. */
bool ms_dnsbl_holds(
    const struct ms_dnsbl *list, const struct ms_dnsbl_subject *subject);

enum ms_dnsbl_status {
	MS_DNSBL_NOT_LISTED,
	MS_DNSBL_LISTED,
	MS_DNSBL_UNKNOWN, /* could not tell: `cause` and `why` */
	MS_DNSBL_SKIPPED, /* not asked: `why` */
};
/* "not-listed", "listed", "unknown", "skip". */
const char *ms_dnsbl_status_name(enum ms_dnsbl_status status);

/* Why it could not be told. */
enum ms_dnsbl_cause {
	MS_DNSBL_CAUSE_NONE,
	MS_DNSBL_REFUSED,   /* the list does not answer whoever asked */
	MS_DNSBL_REWRITTEN, /* somebody on the way put another answer there */
	MS_DNSBL_UNSOUND,   /* its test points are not as they must be */
	MS_DNSBL_FAILED,    /* the look-up: `answer` says how */
};
/* "refused", "rewritten", "unsound", "failed"; NULL. */
const char *ms_dnsbl_cause_name(enum ms_dnsbl_cause cause);

/* What one address of an answer says. */
struct ms_dnsbl_hit {
	struct ms_ip code;
	const char *text; /* NULL: it is on the list, and that is all */
	enum ms_severity severity;
};

struct ms_dnsbl_answer {
	const struct ms_dnsbl *list;
	enum ms_dnsbl_status status;
	enum ms_dnsbl_cause cause;
	const char *why;
	struct ms_slice name;        /* that was asked for; NULL: none was */
	struct ms_dns_answer answer; /* A */
	struct ms_dns_answer reason; /* TXT: the list's own words */
	struct ms_dnsbl_hit *hits;   /* a code may have several meanings */
	size_t hits_n;
	enum ms_severity severity; /* of the gravest hit */
};

/* Reads the addresses of out->answer, which was FOUND, after out->list. */
void ms_dnsbl_decode(struct ms_arena *arena, struct ms_dnsbl_answer *out);

/* Asks for the test points: of names, or of addresses. False: it could not be
 * told what a list says that answers so, and out->cause and why say how; or it
 * is no list of such things, and out->status is MS_DNSBL_SKIPPED. */
bool ms_dnsbl_is_sound(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, bool names, struct ms_dnsbl_answer *out);

/* Asks about a subject that the list holds; the list should be sound. */
void ms_dnsbl_ask(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, const struct ms_dnsbl_subject *subject,
    struct ms_dnsbl_answer *out);

/* Asks for the list's own words, where there may be some. */
void ms_dnsbl_ask_reason(const struct ms_env *env, struct ms_arena *arena,
    struct ms_dnsbl_answer *out);

/* The hints for these questions. */
void ms_dnsbl_hint_sound(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, bool names);
void ms_dnsbl_hint(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, const struct ms_dnsbl_subject *subject);
void ms_dnsbl_hint_reason(
    const struct ms_env *env, const struct ms_dnsbl_answer *answer);

/* ---- a subject on all lists ---- */

struct ms_dnsbl_case {
	const struct ms_env *env;
	struct ms_arena *arena;
	const struct ms_dnsbl *lists;
	size_t lists_n;
	struct ms_dnsbl_subject subject;
	/* Set: the address lies in this range, and nobody is asked about it. */
	const struct ms_special *special;
	struct ms_dnsbl_answer *answers; /* of the lists that hold such things,
					    in their order */
	size_t answers_n;
	/* Of block lists: asked, that told, that list it, that could not tell,
	 * and of these that matter. Of allow lists: that have it. */
	size_t asked, told, listed, unknown, unknown_matter, allowed;
	bool any; /* list, block or allow, is about such subjects */
	/* What the resolver puts where there is nothing; not set: it does not,
	 * as far as one has seen. */
	struct ms_ip rewritten;
};

/* Fills the rest of *out; the caller has filled env, arena, lists and subject.
 * First every list is asked whether it is one, then those that are about the
 * subject, then for their reasons: three round trips at the most, unless
 * env->careful. */
void ms_dnsbl_run(struct ms_dnsbl_case *out);

/* The hints for its questions, of one among several; waits for test points. */
void ms_dnsbl_ahead(struct ms_dnsbl_case *out);

#endif
