/* SPDX-License-Identifier: ISC
 * suite_domain.c - MTA-STS, TLS reporting and BIMI: the texts
 */
#include "conform.h"

#include "mailsonde/domain_record.h"

/* want[name], a list, is just this one. */
static void
expect_list(
    struct conform *c, const char *name, const struct ms_slice *got, size_t n)
{
	const cJSON *wanted = member(c->want, name), *item;
	size_t i = 0;

	if (!wanted)
		return;
	cJSON_ArrayForEach(item, wanted)
	{
		if (i >= n ||
		    !ms_slice_equal(got[i], ms_slice_from(item->valuestring)))
			differ(c, "%s: wanted %s at %zu", name,
			    item->valuestring, i);
		i++;
	}
	if (i != n)
		differ(c, "%s: wanted %zu, got %zu", name, i, n);
}

void
run_mta_sts_record(struct conform *c)
{
	struct ms_mta_sts_record out;

	ms_mta_sts_record_parse(text_of(c->test, "record"), &out);
	expect_bool(c, c->want, "valid", out.valid);
	expect_text(c, c->want, "id", out.id);
}

void
run_mta_sts_policy(struct conform *c)
{
	struct ms_mta_sts_policy out;

	ms_mta_sts_policy_parse(base64_of(c, c->test, "policy_b64"),
	    &c->env.limits, c->arena, &out);
	expect_bool(c, c->want, "valid", out.valid);
	expect_word(c, c->want, "mode", ms_mta_sts_mode_name(out.mode));
	expect_number(c, c->want, "max_age", (double)out.max_age);
	expect_list(c, "mx", out.mx, out.mx_n);
}

void
run_mta_sts_mx(struct conform *c)
{
	const cJSON *item;
	bool match = false;

	cJSON_ArrayForEach(item, member(c->test, "patterns")) match =
	    match || ms_mta_sts_matches(ms_slice_from(item->valuestring),
			 text_of(c->test, "mx"));
	expect_bool(c, c->want, "match", match);
}

void
run_mta_sts_lookup(struct conform *c)
{
	struct ms_slice domain = text_of(c->test, "domain");
	struct ms_mta_sts_record record;
	struct ms_dns_answer answer;
	char *name = ms_arena_printf(
	    c->arena, "_mta-sts.%.*s", (int)domain.n, (const char *)domain.p);
	enum ms_mta_sts_status status;

	ms_dns_ask(
	    c->env.dns, ms_slice_from(name), MS_DNS_TXT, c->arena, &answer);
	status = ms_mta_sts_choose(&answer, &record);
	expect_word(c, c->want, "result", ms_mta_sts_status_name(status));
	expect_text(c, c->want, "id", record.id);
}

void
run_tls_rpt_record(struct conform *c)
{
	struct ms_tls_rpt_record out;

	ms_tls_rpt_record_parse(
	    text_of(c->test, "record"), &c->env.limits, c->arena, &out);
	expect_bool(c, c->want, "valid", out.valid);
	expect_list(c, "rua", out.rua, out.rua_n);
}

void
run_bimi_record(struct conform *c)
{
	struct ms_bimi_record out;

	ms_bimi_record_parse(
	    text_of(c->test, "record"), &c->env.limits, c->arena, &out);
	expect_bool(c, c->want, "valid", out.valid);
}
