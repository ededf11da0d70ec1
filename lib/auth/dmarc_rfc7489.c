/* SPDX-License-Identifier: ISC
 * dmarc_rfc7489.c - what a receiver that follows RFC 7489 still says
 *
 * Organizational domains by a public suffix list (3.2), at most two questions
 * (6.6.3), sp= but no np=, pct= but no t=.
 */
#include "dmarc_priv.h"

static struct ms_slice
organization(struct dmarc_judge *j, struct ms_slice domain)
{
	struct ms_psl *psl = j->asked->env->psl;
	struct ms_psl_answer answer;

	psl->ask(psl, domain, j->asked->arena, &answer);
	return ms_psl_organization(&answer);
}

/* 3.1.1, 3.1.2. */
static enum ms_dmarc_alignment
relaxed(struct dmarc_judge *j, struct ms_slice domain)
{
	return ms_slice_equal(
		   organization(j, domain), j->out->organizational_domain)
		   ? MS_DMARC_RELAXED
		   : MS_DMARC_NOT_ALIGNED;
}

/* 6.6.3 step 5: several records end the search. */
static void
multiple(struct dmarc_judge *j, const struct ms_dmarc_question *q)
{
	dmarc_conclude(j->out, MS_AUTH_NONE, MS_DMARC_MULTIPLE_RECORDS,
	    ms_arena_printf(j->asked->arena,
		"%.*s has %zu DMARC records, so that none counts",
		DMARC_TEXT(q->name), q->records_n));
}

/* 6.6.3: at the author domain, then at the organizational domain. */
static bool
find_record(struct dmarc_judge *j)
{
	struct ms_dmarc_judgement *out = j->out;
	struct ms_slice domain = j->author;

	for (;;) {
		const struct ms_dmarc_question *q =
		    dmarc_ask_record(j->asked, domain, MS_DMARC_FOR_RFC7489);

		out->record = q->record;
		out->policy_domain = domain;
		if (out->record)
			return true;
		out->policy_domain.p = NULL;
		if (ms_dns_is_failure(q->status)) {
			dmarc_conclude(out, MS_AUTH_TEMPERROR,
			    MS_DMARC_DNS_FAILED,
			    dmarc_failure(j->asked->arena, q));
			return false;
		}
		if (q->records_n > 1) {
			multiple(j, q);
			return false;
		}
		if (ms_slice_equal(domain, out->organizational_domain))
			break;
		domain = out->organizational_domain;
	}
	dmarc_conclude(out, MS_AUTH_NONE, MS_DMARC_NO_RECORD,
	    ms_arena_printf(j->asked->arena, "no DMARC record applies to %.*s",
		DMARC_TEXT(j->author)));
	return false;
}

/* 6.6.4: a share of the failing messages is spared the policy. Which ones is
 * chance, but for none at all. */
static enum ms_dmarc_policy
after_pct(enum ms_dmarc_policy policy, const struct ms_dmarc_record *record)
{
	if (record->pct == 0 && policy > MS_DMARC_NONE)
		return policy - 1;
	return policy;
}

void
dmarc_judge_rfc7489(struct dmarc_asked *asked,
    const struct ms_dmarc_request *request, struct ms_slice author,
    struct ms_dmarc_judgement *out)
{
	struct dmarc_judge j = { .asked = asked,
		.request = request,
		.author = author,
		.out = out,
		.relaxed = relaxed };

	out->organizational_domain = organization(&j, author);
	if (!out->organizational_domain.p) {
		dmarc_conclude(out, MS_AUTH_NONE, MS_DMARC_NO_LIST,
		    "there is no public suffix list here to judge by");
		return;
	}
	if (!find_record(&j))
		return;
	if (!out->record->rfc7489_usable) {
		dmarc_conclude(out, MS_AUTH_NONE, MS_DMARC_UNUSABLE_RECORD,
		    ms_arena_printf(asked->arena,
			"the record at _dmarc.%.*s has no valid policy and no "
			"rua=, so that it counts for nothing",
			DMARC_TEXT(out->policy_domain)));
		return;
	}
	out->policy = out->record->rfc7489_p;
	if (!ms_slice_equal(out->policy_domain, author) &&
	    out->record->rfc7489_sp != MS_DMARC_ABSENT) {
		out->policy = out->record->rfc7489_sp;
		out->policy_tag = MS_DMARC_TAG_SP;
	}
	dmarc_align(&j, NULL);
	if (out->result == MS_AUTH_FAIL)
		out->disposition = after_pct(out->policy, out->record);
}
