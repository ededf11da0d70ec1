/* SPDX-License-Identifier: ISC
 * dmarc.c - DMARC's verdict, RFC 9989 5.3
 *
 * Author domain, policy, alignment, result. What RFC 7489 would have said is
 * in dmarc_rfc7489.c.
 */
#include "dmarc_priv.h"

#include "mailsonde/link.h"
#include "mailsonde/organisation.h"

static const char *const cause_names[] = {
	[MS_DMARC_ALIGNED] = "aligned",
	[MS_DMARC_UNALIGNED] = "unaligned",
	[MS_DMARC_NO_AUTHOR] = "no-author-domain",
	[MS_DMARC_SEVERAL_AUTHORS] = "several-author-domains",
	[MS_DMARC_NO_RECORD] = "no-record",
	[MS_DMARC_MULTIPLE_RECORDS] = "multiple-records",
	[MS_DMARC_UNUSABLE_RECORD] = "unusable-record",
	[MS_DMARC_DNS_FAILED] = "dns-failed",
	[MS_DMARC_AUTH_FAILED] = "authentication-untold",
	[MS_DMARC_NO_LIST] = "no-suffix-list",
};

const char *
ms_dmarc_cause_name(enum ms_dmarc_cause cause)
{
	return cause_names[cause];
}

static const char *const alignment_names[] = {
	[MS_DMARC_NOT_AUTHENTICATED] = "not-authenticated",
	[MS_DMARC_NOT_ALIGNED] = "none",
	[MS_DMARC_RELAXED] = "relaxed",
	[MS_DMARC_STRICT] = "strict",
	[MS_DMARC_UNTOLD] = "unknown",
};

const char *
ms_dmarc_alignment_name(enum ms_dmarc_alignment alignment)
{
	return alignment_names[alignment];
}

void
dmarc_conclude(struct ms_dmarc_judgement *out, enum ms_auth_result result,
    enum ms_dmarc_cause cause, const char *reason)
{
	out->result = result;
	out->cause = cause;
	out->reason = reason;
}

/* ---- the author domain, 5.3.1 ---- */

struct ms_slice
dmarc_domain(struct ms_slice domain, struct ms_arena *arena)
{
	struct ms_slice out =
	    ms_psl_normalise(ms_domain_to_ascii(arena, domain), arena);
	struct ms_dns_name name;

	if (out.p && !ms_dns_name_from_text(out, &name))
		out.p = NULL;
	return out;
}

/* The one domain of all authors. p == NULL: there is not just one, and *out
 * says so. */
static struct ms_slice
author_domain(const struct ms_dmarc_request *request, struct ms_arena *arena,
    struct ms_dmarc_judgement *out)
{
	struct ms_slice author = { NULL, 0 }, domain;

	for (size_t i = 0; i < request->from_n; i++) {
		domain = dmarc_domain(request->from[i], arena);
		if (!domain.p)
			continue;
		if (author.p && !ms_slice_equal(author, domain)) {
			dmarc_conclude(out, MS_AUTH_PERMERROR,
			    MS_DMARC_SEVERAL_AUTHORS,
			    ms_arena_printf(arena,
				"the authors are of several domains, %.*s and "
				"%.*s, and DMARC can speak for one only",
				DMARC_TEXT(author), DMARC_TEXT(domain)));
			return ms_slice_make(NULL, 0);
		}
		author = domain;
	}
	if (!author.p)
		dmarc_conclude(out, MS_AUTH_NONE, MS_DMARC_NO_AUTHOR,
		    request->from_n > 0
			? "the author's domain is none that DNS could know"
			: "the message names no author domain");
	return author;
}

/* ---- the policy, 4.10.1 ---- */

const char *
dmarc_failure(struct ms_arena *arena, const struct ms_dmarc_question *q)
{
	char type[MS_DNS_TYPE_TEXT];

	ms_dns_type_format((uint16_t)q->type, type);
	return ms_arena_printf(arena, "%.*s %s could not be looked up: %s",
	    DMARC_TEXT(q->name), type,
	    q->why ? q->why : ms_dns_status_name(q->status));
}

static void
no_policy(struct dmarc_judge *j)
{
	struct ms_arena *arena = j->asked->arena;
	const struct dmarc_walk *walk = &j->walk;

	if (walk->multiple == 0) {
		dmarc_conclude(j->out, MS_AUTH_NONE, MS_DMARC_NO_RECORD,
		    ms_arena_printf(arena,
			"no DMARC record applies to %.*s (%zu name%s asked)",
			DMARC_TEXT(j->author), walk->n,
			walk->n == 1 ? "" : "s"));
		return;
	}
	for (size_t i = 0; i < walk->n; i++) {
		if (walk->question[i]->records_n < 2)
			continue;
		dmarc_conclude(j->out, MS_AUTH_NONE, MS_DMARC_MULTIPLE_RECORDS,
		    ms_arena_printf(arena,
			"%.*s has %zu DMARC records, so that none counts",
			DMARC_TEXT(walk->question[i]->name),
			walk->question[i]->records_n));
		return;
	}
}

/* The record of the author, of the organizational domain, of the public
 * suffix. False: none, or it cannot be told. */
static bool
find_record(struct dmarc_judge *j)
{
	const struct dmarc_walk *walk = &j->walk;
	struct ms_dmarc_judgement *out = j->out;

	out->record = walk->question[0]->record;
	out->policy_domain = walk->domain[0];
	if (out->record)
		return true;
	out->policy_domain.p = NULL;
	if (walk->failed) {
		dmarc_conclude(out, MS_AUTH_TEMPERROR, MS_DMARC_DNS_FAILED,
		    dmarc_failure(j->asked->arena, walk->failed));
		return false;
	}
	for (size_t i = 1; i < walk->n; i++)
		if (ms_slice_equal(
			walk->domain[i], walk->organizational_domain))
			out->record = walk->question[i]->record;
	out->policy_domain = walk->organizational_domain;
	if (!out->record) {
		out->record = walk->suffix_record;
		out->policy_domain = walk->suffix;
	}
	if (!out->record) {
		out->policy_domain.p = NULL;
		no_policy(j);
	}
	return out->record != NULL;
}

/* p= for the domain itself; np= for one below it that does not exist, sp= for
 * one that does; what is not there gives way. The question that failed, where
 * that leaves the policy open. */
static const struct ms_dmarc_question *
choose_policy(struct dmarc_judge *j)
{
	struct ms_dmarc_judgement *out = j->out;
	const struct ms_dmarc_record *record = out->record;
	const struct ms_dmarc_question *exists;

	out->policy = record->p;
	out->policy_tag = MS_DMARC_TAG_P;
	if (ms_slice_equal(out->policy_domain, j->author))
		return NULL;
	if (record->sp != MS_DMARC_ABSENT) {
		out->policy = record->sp;
		out->policy_tag = MS_DMARC_TAG_SP;
	}
	if (record->np == MS_DMARC_ABSENT)
		return NULL;
	exists = dmarc_ask_existence(j->asked, j->author);
	if (exists->status == MS_DNS_NXDOMAIN) {
		out->policy = record->np;
		out->policy_tag = MS_DMARC_TAG_NP;
	} else if (ms_dns_is_failure(exists->status) &&
		   record->np != out->policy) {
		out->policy = MS_DMARC_ABSENT;
		return exists;
	}
	return NULL;
}

/* t=y: one step less, 4.7. */
static enum ms_dmarc_policy
after_t(enum ms_dmarc_policy policy, const struct ms_dmarc_record *record)
{
	if (record->testing && policy > MS_DMARC_NONE)
		return policy - 1;
	return policy;
}

/* ---- the verdict ---- */

static struct ms_slice
top_label(struct ms_slice domain)
{
	while (dmarc_parent(domain).n > 0)
		domain = dmarc_parent(domain);
	return domain;
}

/* Organizational domains stand above the names that they are of (or are
 * them): an identifier that is not within the author's needs no walk. While
 * the author's is not known, anything up to the top label may be it. */
static enum ms_dmarc_alignment
relaxed(struct dmarc_judge *j, struct ms_slice domain)
{
	struct ms_slice organization = j->walk.organizational_domain;
	struct dmarc_walk walk;

	if (!ms_name_is_within(
		domain, organization.p ? organization : top_label(j->author)))
		return MS_DMARC_NOT_ALIGNED;
	if (j->walks >= j->asked->env->limits.dmarc_walks)
		j->truncated = true;
	if (!organization.p || j->truncated)
		return MS_DMARC_UNTOLD;
	j->walks++;
	dmarc_walk(j->asked, domain, MS_DMARC_FOR_IDENTIFIER, &walk);
	if (walk.failed)
		return MS_DMARC_UNTOLD;
	return ms_slice_equal(walk.organizational_domain, organization)
		   ? MS_DMARC_RELAXED
		   : MS_DMARC_NOT_ALIGNED;
}

static void
judge_rfc9989(struct dmarc_judge *j)
{
	struct ms_dmarc_judgement *out = j->out;
	const struct ms_dmarc_question *failed;

	dmarc_walk(j->asked, j->author, MS_DMARC_FOR_AUTHOR, &j->walk);
	out->organizational_domain = j->walk.organizational_domain;
	if (!find_record(j))
		return;
	if (!out->record->usable) {
		dmarc_conclude(out, MS_AUTH_NONE, MS_DMARC_UNUSABLE_RECORD,
		    ms_arena_printf(j->asked->arena,
			"the record at _dmarc.%.*s has no valid policy and no "
			"rua=, so that it counts for nothing",
			DMARC_TEXT(out->policy_domain)));
		return;
	}
	failed = choose_policy(j);
	dmarc_align(j, failed);
	if (out->result == MS_AUTH_FAIL)
		out->disposition = after_t(out->policy, out->record);
}

/* ---- where the two part ---- */

static const char *
shown(enum ms_dmarc_policy policy)
{
	return policy == MS_DMARC_ABSENT ? "nothing"
					 : ms_dmarc_policy_name(policy);
}

/* Why: another record, another organizational domain, a question that only
 * one of them needs, or tags that only one of them knows. */
static const char *
cause_of_difference(struct ms_arena *arena, const struct ms_dmarc_judgement *a,
    const struct ms_dmarc_judgement *b)
{
	if (a->record && !b->record)
		return ms_arena_printf(arena,
		    "it finds no record, not that of %.*s",
		    DMARC_TEXT(a->policy_domain));
	if (a->record != b->record)
		return ms_arena_printf(arena, "it takes the record of %.*s",
		    DMARC_TEXT(b->policy_domain));
	if (a->result == MS_AUTH_TEMPERROR)
		return "it does not need what could not be told";
	if (!ms_slice_equal(a->organizational_domain, b->organizational_domain))
		return ms_arena_printf(arena,
		    "its organizational domain is %.*s by the public suffix "
		    "list, not %.*s",
		    DMARC_TEXT(b->organizational_domain),
		    a->organizational_domain.p ? (int)a->organizational_domain.n
					       : 3,
		    a->organizational_domain.p
			? (const char *)a->organizational_domain.p
			: "any");
	if (a->policy_tag != b->policy_tag)
		return "it does not know np=";
	if (a->record && a->record->testing)
		return "it does not know t=";
	if (a->record && a->record->pct < 100)
		return "it still counts pct=";
	return "it reads the record otherwise";
}

static const char *
difference(struct ms_arena *arena, const struct ms_dmarc_judgement *a,
    const struct ms_dmarc_judgement *b)
{
	const char *cause = cause_of_difference(arena, a, b);

	if (b->cause == MS_DMARC_NO_LIST)
		return NULL;
	if (a->result != b->result)
		return ms_arena_printf(arena, "RFC 7489 says %s: %s",
		    ms_auth_result_name(b->result), cause);
	if (a->disposition != b->disposition)
		return ms_arena_printf(arena, "RFC 7489 asks for %s: %s",
		    shown(b->disposition), cause);
	if (a->policy != b->policy)
		return ms_arena_printf(arena, "RFC 7489 has the policy %s: %s",
		    shown(b->policy), cause);
	if (a->record && a->organizational_domain.p &&
	    (a->record != b->record || !ms_slice_equal(a->organizational_domain,
					   b->organizational_domain)))
		return ms_arena_printf(
		    arena, "RFC 7489 comes to the same another way: %s", cause);
	return NULL;
}

void
ms_dmarc_evaluate(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dmarc_request *request, struct ms_dmarc_result *out)
{
	struct dmarc_asked asked = { .env = env, .arena = arena };
	struct dmarc_judge judge = { .asked = &asked,
		.request = request,
		.out = &out->rfc9989,
		.relaxed = relaxed };

	memset(out, 0, sizeof(*out));
	out->request = *request;
	out->rfc9989.dkim =
	    MS_NEW_ARRAY(arena, enum ms_dmarc_alignment, request->dkim_n + 1);
	out->rfc7489.dkim =
	    MS_NEW_ARRAY(arena, enum ms_dmarc_alignment, request->dkim_n + 1);
	judge.author = author_domain(request, arena, &out->rfc9989);
	out->domain = judge.author;
	if (!judge.author.p) {
		dmarc_conclude(&out->rfc7489, out->rfc9989.result,
		    out->rfc9989.cause, out->rfc9989.reason);
		return;
	}
	judge_rfc9989(&judge);
	dmarc_judge_rfc7489(&asked, request, judge.author, &out->rfc7489);
	out->list = env->psl->about(env->psl);
	out->difference = difference(arena, &out->rfc9989, &out->rfc7489);
	out->questions = asked.first;
	out->questions_n = asked.n;
	out->truncated = judge.truncated;
}
