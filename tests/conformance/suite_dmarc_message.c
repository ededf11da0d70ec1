/* SPDX-License-Identifier: ISC
 * suite_dmarc_message.c - SPF, DKIM and DMARC of a whole message, RFC 7489
 */
#include "conform.h"

#include "mailsonde/dkim.h"
#include "mailsonde/dmarc.h"
#include "mailsonde/spf.h"

static struct ms_dmarc_identifier
check_spf(struct conform *c)
{
	struct ms_dmarc_identifier out;
	struct ms_spf_request request = { .scope = MS_SPF_MAIL_FROM,
		.mail_from = text_of(c->test, "mailfrom"),
		.helo = text_of(c->test, "helo") };
	struct ms_spf_result result;

	if (!ms_ip_parse(text_of(c->test, "ip"), &request.ip))
		differ(c, "no address");
	ms_spf_check(&c->env, c->arena, &request, &result);
	out.result = result.result;
	out.domain = result.domain;
	return out;
}

static void
check_dkim(struct conform *c, const struct ms_message *message,
    struct ms_dmarc_request *out)
{
	struct ms_dkim_request request = { .at = c->env.clock.now };
	struct ms_dmarc_identifier *list;
	struct ms_dkim_result result;

	ms_dkim_verify(&c->env, c->arena, message, &request, &result);
	list = MS_NEW_ARRAY(c->arena, struct ms_dmarc_identifier, result.n + 1);
	for (size_t i = 0; i < result.n; i++) {
		const struct ms_dkim_signature *s = &result.signatures[i];

		list[i].result = s->policy && s->result == MS_AUTH_PASS
				     ? MS_AUTH_POLICY
				     : s->result;
		list[i].domain = s->domain;
	}
	out->dkim = list;
	out->dkim_n = result.n;
}

void
run_dmarc_message(struct conform *c)
{
	struct ms_charsets *charsets = ms_charsets_new(c->arena);
	struct ms_message *message = message_of(c, charsets);
	struct ms_slice *from =
	    MS_NEW_ARRAY(c->arena, struct ms_slice, message->from.n + 1);
	struct ms_dmarc_request request = {
		.from = from, .from_n = message->from.n, .spf = check_spf(c)
	};
	struct ms_dmarc_result result;

	for (size_t i = 0; i < message->from.n; i++)
		from[i] = message->from.list[i].domain;
	check_dkim(c, message, &request);
	ms_dmarc_evaluate(&c->env, c->arena, &request, &result);
	expect_word(
	    c, c->want, "result", ms_auth_result_name(result.rfc7489.result));
	expect_word(c, c->want, "disposition",
	    ms_dmarc_policy_name(result.rfc7489.disposition));
	ms_charsets_close(charsets);
}
