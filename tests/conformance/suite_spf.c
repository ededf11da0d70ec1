/* SPDX-License-Identifier: ISC
 * suite_spf.c - check_host(), macros, records
 */
#include "conform.h"

#include "mailsonde/spf.h"

static struct ms_spf_request
request_of(struct conform *c)
{
	struct ms_spf_request out = { .scope = MS_SPF_MAIL_FROM,
		.mail_from = text_of(c->test, "mailfrom"),
		.helo = text_of(c->test, "helo"),
		.receiver = text_of(c->test, "receiver") };
	struct ms_slice ip = text_of(c->test, "ip");

	if (!ms_ip_parse(ip, &out.ip))
		differ(c, "%.*s is no address", (int)ip.n, (const char *)ip.p);
	return out;
}

/* DEFAULT: the domain gives none, and the receiver uses its own words. */
static void
expect_explanation(struct conform *c, struct ms_slice got)
{
	if (ms_slice_equal(
		text_of(c->test, "explanation"), MS_SLICE("DEFAULT"))) {
		if (got.p)
			differ(c, "explanation: wanted none, got %.*s",
			    (int)got.n, (const char *)got.p);
		return;
	}
	expect_text(c, c->test, "explanation", got);
}

void
run_spf(struct conform *c)
{
	struct ms_spf_request request = request_of(c);
	struct ms_spf_result result;

	ms_spf_check(&c->env, c->arena, &request, &result);
	expect_word(c, c->test, "want", ms_auth_result_name(result.result));
	expect_explanation(c, result.explanation);
}

void
run_spf_macro(struct conform *c)
{
	struct ms_spf_request request = request_of(c);
	struct ms_slice out = { NULL, 0 };
	bool explanation =
	    ms_slice_equal(text_of(c->test, "mode"), MS_SLICE("exp"));
	bool good = ms_spf_expand(&c->env, c->arena, &request,
	    text_of(c->test, "domain"), text_of(c->test, "macro"),
	    explanation ? MS_SPF_EXPLANATION : MS_SPF_DOMAIN_SPEC, &out);

	if (cJSON_IsTrue(member(c->want, "error")) == good)
		differ(c, "error: wanted %s, got %.*s", good ? "one" : "none",
		    (int)out.n, (const char *)out.p);
	if (good)
		expect_text(c, c->want, "expansion", out);
}

void
run_spf_record(struct conform *c)
{
	struct ms_spf_record record;

	ms_spf_record_parse(c->arena, text_of(c->test, "record"), &record);
	expect_bool(
	    c, c->want, "valid", ms_spf_is_record(record.text) && record.valid);
}
