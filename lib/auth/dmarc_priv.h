/* SPDX-License-Identifier: ISC
 * dmarc_priv.h - what the files of the DMARC judge share
 */
#ifndef MAILSONDE_AUTH_DMARC_PRIV_H
#define MAILSONDE_AUTH_DMARC_PRIV_H

#include "mailsonde/dmarc.h"

/* RFC 9989 4.10: at most eight questions a walk. */
#define DMARC_WALK_MAX 8

/* Every question of one judgement, each asked once. */
struct dmarc_asked {
	const struct ms_env *env;
	struct ms_arena *arena;
	struct ms_dmarc_question *first, *last;
	size_t n;
};

/* What stands at _dmarc.`domain`. */
struct ms_dmarc_question *dmarc_ask_record(struct dmarc_asked *asked,
    struct ms_slice domain, enum ms_dmarc_purpose purpose);

/* Whether there is such a domain at all (RFC 9989 3.2.13: not NXDOMAIN). */
struct ms_dmarc_question *dmarc_ask_existence(
    struct dmarc_asked *asked, struct ms_slice domain);

/* The first answer on the way that could not be had, or NULL. */
struct dmarc_walk {
	struct ms_slice domain[DMARC_WALK_MAX];
	const struct ms_dmarc_question *question[DMARC_WALK_MAX];
	size_t n;
	const struct ms_dmarc_question *failed;
	/* 4.10.2; NULL when a question failed. */
	struct ms_slice organizational_domain;
	/* The record with psd=y that ended the walk, when it was not the
	 * start's own; NULL. */
	const struct ms_dmarc_record *suffix_record;
	struct ms_slice suffix;
	size_t multiple; /* names with more than one record */
};

/* RFC 9989 4.10: from `domain` up. Stops at the first failed question: what
 * stands above cannot mend it. */
void dmarc_walk(struct dmarc_asked *asked, struct ms_slice domain,
    enum ms_dmarc_purpose purpose, struct dmarc_walk *out);

/* Without its first label; n == 0 behind the last. */
struct ms_slice dmarc_parent(struct ms_slice domain);

/* One standard's judgement in the making. */
struct dmarc_judge {
	struct dmarc_asked *asked;
	const struct ms_dmarc_request *request;
	struct ms_slice author; /* A-labels, lower case */
	struct ms_dmarc_judgement *out;
	/* Relaxed alignment of another domain than the author's. */
	enum ms_dmarc_alignment (*relaxed)(
	    struct dmarc_judge *judge, struct ms_slice domain);
	struct dmarc_walk walk; /* RFC 9989: from the author */
	size_t walks;           /* of identifiers */
	bool truncated;
};

/* A domain as it is asked for: A-labels, lower case, no final dot; p == NULL
 * when DNS cannot know it. */
struct ms_slice dmarc_domain(struct ms_slice domain, struct ms_arena *arena);

void dmarc_conclude(struct ms_dmarc_judgement *out, enum ms_auth_result result,
    enum ms_dmarc_cause cause, const char *reason);

/* "_dmarc.example.com TXT could not be looked up: timed out". */
const char *dmarc_failure(
    struct ms_arena *arena, const struct ms_dmarc_question *question);

/* 4.4, 4.10.2 and 5.3: aligns every identifier by out->record and concludes
 * pass, fail or temperror. out->policy absent: it could not be told, for
 * `failed`; without a pass that is temperror as well. */
void dmarc_align(
    struct dmarc_judge *judge, const struct ms_dmarc_question *failed);

/* RFC 7489 6.6: by the public suffix list. */
void dmarc_judge_rfc7489(struct dmarc_asked *asked,
    const struct ms_dmarc_request *request, struct ms_slice author,
    struct ms_dmarc_judgement *out);

/* Text of a slice for "%.*s". */
#define DMARC_TEXT(s) (int)(s).n, (const char *)(s).p

#endif
