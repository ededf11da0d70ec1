/* SPDX-License-Identifier: ISC
 * suite_dmarc.c - evaluations apart from a message, and records
 */
#include "conform.h"

#include "mailsonde/dmarc.h"

static struct ms_dmarc_identifier
identifier(struct conform *c, const cJSON *object)
{
	struct ms_dmarc_identifier out = { MS_AUTH_NONE, { NULL, 0 } };
	struct ms_slice result = text_of(object, "result");

	if (!object)
		return out;
	out.domain = text_of(object, "domain");
	if (!ms_auth_result_parse(result, &out.result))
		differ(c, "unknown result %.*s", (int)result.n,
		    (const char *)result.p);
	return out;
}

/* The names asked for the author domain, in order. */
static void
expect_queries(struct conform *c, const struct ms_dmarc_result *result)
{
	const cJSON *wanted = member(c->want, "queries");
	const cJSON *item = wanted ? wanted->child : NULL;

	if (!wanted)
		return;
	for (const struct ms_dmarc_question *q = result->questions; q;
	     q = q->next) {
		if (!(q->purpose & MS_DMARC_FOR_AUTHOR))
			continue;
		if (!item || !ms_slice_equal_nocase(
				 q->name, ms_slice_from(item->valuestring)))
			differ(c, "queries: %.*s for %s", (int)q->name.n,
			    (const char *)q->name.p,
			    item ? item->valuestring : "nothing");
		item = item ? item->next : NULL;
	}
	if (item)
		differ(c, "queries: %s was not asked", item->valuestring);
}

static void
expect_judgement(struct conform *c, const struct ms_dmarc_judgement *j)
{
	expect_word(c, c->want, "result", ms_auth_result_name(j->result));
	expect_word(c, c->want, "policy", ms_dmarc_policy_name(j->policy));
	expect_word(
	    c, c->want, "disposition", ms_dmarc_policy_name(j->disposition));
	expect_text(c, c->want, "policy_domain", j->policy_domain);
	expect_text(c, c->want, "org_domain", j->organizational_domain);
	expect_bool(c, c->want, "spf_aligned", j->spf_aligned);
	expect_bool(c, c->want, "dkim_aligned", j->dkim_aligned);
}

void
run_dmarc(struct conform *c)
{
	struct ms_slice from = text_of(c->test, "from");
	const cJSON *list = member(c->test, "dkim"), *item;
	const cJSON *spec = member(c->test, "spec");
	struct ms_dmarc_identifier *dkim = MS_NEW_ARRAY(c->arena,
	    struct ms_dmarc_identifier, (size_t)cJSON_GetArraySize(list) + 1);
	struct ms_dmarc_request request = { .from = &from,
		.from_n = from.p != NULL,
		.spf = identifier(c, member(c->test, "spf")),
		.dkim = dkim };
	struct ms_dmarc_result result;

	cJSON_ArrayForEach(item, list) dkim[request.dkim_n++] =
	    identifier(c, item);
	ms_dmarc_evaluate(&c->env, c->arena, &request, &result);
	if (is_listed(spec, "rfc9989")) {
		expect_judgement(c, &result.rfc9989);
		expect_queries(c, &result);
	}
	if (is_listed(spec, "rfc7489"))
		expect_judgement(c, &result.rfc7489);
}

void
run_dmarc_record(struct conform *c)
{
	const cJSON *want = member(c->want, "rfc9989");
	struct ms_dmarc_record record;

	ms_dmarc_record_parse(
	    text_of(c->test, "record"), &c->env.limits, c->arena, &record);
	expect_bool(c, c->want, "rfc7489_valid", record.rfc7489_valid);
	expect_bool(c, want, "usable", record.usable);
	expect_word(c, want, "p", ms_dmarc_policy_name(record.p));
	expect_word(c, want, "sp", ms_dmarc_policy_name(record.sp));
	expect_word(c, want, "np", ms_dmarc_policy_name(record.np));
	expect_word(c, want, "adkim", record.adkim_strict ? "s" : "r");
	expect_word(c, want, "aspf", record.aspf_strict ? "s" : "r");
	expect_word(c, want, "t", record.testing ? "y" : "n");
	expect_text(c, want, "psd", ms_slice_make(&record.psd, 1));
}
