/* SPDX-License-Identifier: ISC
 * authenticate.c - SPF, DKIM, ARC and DMARC of one message
 *
 * The order in which DMARC needs them (RFC 9989 section 5.3). What will be
 * asked for certain is told to the source first, so that a message costs few
 * round trips.
 */
#include "mailsonde/authenticate.h"

struct work {
	const struct ms_env *env;
	const struct ms_parse *parse;
	const struct ms_message *message;
	const struct ms_authenticate_options *options;
	struct ms_authentication *out;
};

static struct ms_slice
domain_of(struct ms_slice address)
{
	size_t at = address.n;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	return at > 0 ? ms_slice_part(address, at, address.n)
		      : ms_slice_make(NULL, 0);
}

/* ---- SPF ---- */

static struct ms_spf_request
spf_request(const struct work *w, enum ms_spf_scope scope)
{
	const struct ms_sender *sender = &w->out->sender;
	struct ms_spf_request out = {
		.scope = scope,
		.ip = sender->ip,
		.mail_from = sender->mail_from,
		.helo = sender->helo,
	};

	return out;
}

/* Why MAIL FROM cannot be judged; NULL when it can. */
static const char *
spf_missing(const struct ms_sender *sender)
{
	if (!sender->ip.set)
		return sender->ip_why;
	if (!sender->mail_from_known)
		return sender->mail_from_why;
	if (sender->mail_from.n == 0 && sender->helo.n == 0)
		return "the sender is null and no HELO is known";
	return NULL;
}

static void
judge_spf(const struct work *w)
{
	struct ms_authentication *out = w->out;
	struct ms_spf_request request;

	out->spf_why = spf_missing(&out->sender);
	out->spf_judged = out->spf_why == NULL;
	out->helo_judged = out->sender.ip.set && out->sender.helo.n > 0;
	if (out->spf_judged) {
		request = spf_request(w, MS_SPF_MAIL_FROM);
		ms_spf_check(w->env, w->parse->arena, &request, &out->spf);
	}
	if (out->helo_judged) {
		request = spf_request(w, MS_SPF_HELO);
		ms_spf_check(w->env, w->parse->arena, &request, &out->helo);
	}
}

/* ---- DMARC ---- */

/* What a signature counts for. One that could not be told for want of what was
 * signed leaves the question open, as one whose key could not be had. */
static enum ms_auth_result
weight_of(const struct ms_dkim_signature *s)
{
	if (s->code == MS_DKIM_NOT_KEPT)
		return MS_AUTH_TEMPERROR;
	return s->policy && s->result == MS_AUTH_PASS ? MS_AUTH_POLICY
						      : s->result;
}

/* Of a message without its internet header nothing is left to judge: what did
 * not pass may have. */
static void
doubt_dmarc(const struct ms_message *message, struct ms_dmarc_judgement *out)
{
	if (!message->outlook || message->outlook->messages[0].header ||
	    out->result != MS_AUTH_FAIL)
		return;
	out->result = MS_AUTH_TEMPERROR;
	out->cause = MS_DMARC_AUTH_FAILED;
	out->disposition = MS_DMARC_NONE;
	out->reason = "the Outlook file holds no internet "
		      "header, so that neither SPF nor DKIM can be judged";
}

static void
judge_dmarc(const struct work *w)
{
	struct ms_authentication *out = w->out;
	const struct ms_addresses *from = &w->message->from;
	struct ms_arena *arena = w->parse->arena;
	struct ms_dmarc_request request = { 0 };
	struct ms_dmarc_identifier *dkim =
	    MS_NEW_ARRAY(arena, struct ms_dmarc_identifier, out->dkim.n);
	struct ms_slice *domains =
	    MS_NEW_ARRAY(arena, struct ms_slice, from->n);

	for (size_t i = 0; i < from->n; i++)
		domains[i] = from->list[i].domain;
	request.from_n = from->n;
	request.from = domains;
	if (out->spf_judged) {
		request.spf.result = out->spf.result;
		request.spf.domain = out->spf.domain;
	}
	for (size_t i = 0; i < out->dkim.n; i++) {
		const struct ms_dkim_signature *s = &out->dkim.signatures[i];

		dkim[i].result = weight_of(s);
		dkim[i].domain = s->domain;
	}
	request.dkim = dkim;
	request.dkim_n = out->dkim.n;
	ms_dmarc_evaluate(w->env, arena, &request, &out->dmarc);
	doubt_dmarc(w->message, &out->dmarc.rfc9989);
	doubt_dmarc(w->message, &out->dmarc.rfc7489);
}

/* ---- all of it ---- */

static void
hint(const struct work *w)
{
	const struct ms_sender *sender = &w->out->sender;
	struct ms_dns_source *dns = w->env->dns;
	struct ms_arena *arena = w->parse->arena;
	struct ms_slice from;

	if (w->env->careful || !dns->prefetch)
		return;
	ms_dkim_hint(dns, arena, w->message, &w->env->limits);
	if (spf_missing(sender) == NULL)
		ms_dns_hint(dns,
		    sender->mail_from.n > 0 ? domain_of(sender->mail_from)
					    : sender->helo,
		    MS_DNS_TXT);
	if (w->message->from.n != 1)
		return;
	from = w->message->from.list[0].domain;
	if (from.n > 0)
		ms_dns_hint(dns,
		    ms_slice_from(ms_arena_printf(arena, "_dmarc.%.*s",
			(int)from.n, (const char *)from.p)),
		    MS_DNS_TXT);
}

/* What was hashed ahead, if it is this body. */
static void
take_ahead(const struct ms_message *message, const struct ms_dkim_ahead *ahead,
    struct ms_dkim_hashes *hashes)
{
	if (!ahead || message->bare_cr || ahead->body.p != message->body.p ||
	    ahead->body.n != message->body.n)
		return;
	hashes->list[0] = ahead->hash;
	hashes->n = 1;
}

void
ms_authenticate(const struct ms_env *env, const struct ms_parse *parse,
    const struct ms_message *message, const struct ms_trace *trace,
    const struct ms_claims *claims,
    const struct ms_authenticate_options *options, int64_t at,
    struct ms_authentication *out)
{
	struct work w = { env, parse, message, options, out };
	struct ms_dkim_hashes hashes = { .n = 0 };
	struct ms_dkim_request request = {
		.at = at,
		.archive = options->archive,
		.keys = options->keys,
		.hashes = &hashes,
		.explain = options->explain,
	};

	memset(out, 0, sizeof(*out));
	out->at = at;
	out->claims = claims;
	ms_sender_find(
	    parse, message, trace, claims, &options->given, &out->sender);
	hint(&w);
	take_ahead(message, options->ahead, &hashes);
	judge_spf(&w);
	ms_dkim_verify(env, parse->arena, message, &request, &out->dkim);
	ms_arc_verify(env, parse->arena, message, &request, &out->arc);
	judge_dmarc(&w);
	ms_claims_check(parse, message, trace, out);
}

const char *
ms_authentication_unknown(const struct ms_authentication *auth)
{
	if (auth->dmarc.rfc9989.result == MS_AUTH_TEMPERROR)
		return auth->dmarc.rfc9989.reason;
	if (auth->spf_judged && auth->spf.result == MS_AUTH_TEMPERROR)
		return auth->spf.reason;
	for (size_t i = 0; i < auth->dkim.n; i++)
		if (auth->dkim.signatures[i].result == MS_AUTH_TEMPERROR)
			return auth->dkim.signatures[i].reason;
	if (auth->arc.result == MS_AUTH_TEMPERROR)
		return auth->arc.reason;
	return NULL;
}
