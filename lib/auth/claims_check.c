/* SPDX-License-Identifier: ISC
 * claims_check.c - each claimed result against the recomputed one
 *
 * Compared only where both speak of the same thing: the same address and name
 * for SPF, the same signature for DKIM, the same author domain for DMARC. A
 * result of ours that could not be told contradicts nobody.
 */
#include "mailsonde/authenticate.h"

#include "mailsonde/scan.h"

struct comparer {
	const struct ms_parse *parse;
	const struct ms_message *message;
	const struct ms_authentication *auth;
	const struct ms_authres *claim;
	const struct ms_authres_method *method;
	bool ours; /* the claim was written on our side */
	struct ms_claim_check *out;
};

/* The first of these properties that is stated. `name` is looked for under
 * `ptype`, and without one, as Received-SPF writes it. */
static struct ms_slice
property(const struct ms_authres_method *m, const char *ptype, const char *name)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct ms_authres_property *p = &m->properties[i];

		if (ms_slice_is(p->property, name) && p->value.n > 0 &&
		    (!p->ptype.p || ms_slice_is(p->ptype, ptype)))
			return p->value;
	}
	return ms_slice_make(NULL, 0);
}

/* What stands behind the last '@', without brackets and the final dot. */
static struct ms_slice
domain_of(struct ms_slice address)
{
	size_t at;

	while (address.n > 0 && (address.p[address.n - 1] == '>' ||
				    address.p[address.n - 1] == '.'))
		address.n--;
	for (at = address.n; at > 0 && address.p[at - 1] != '@';)
		at--;
	return ms_slice_part(address, at, address.n);
}

static void
decide(struct comparer *c, enum ms_claim_relation relation, const char *why)
{
	c->out->relation = relation;
	c->out->why = why;
}

static bool
same_result(struct ms_slice stated, enum ms_auth_result ours)
{
	enum ms_auth_result result;

	if (ms_slice_is(stated, "hardfail"))
		stated = MS_SLICE("fail");
	if (!ms_auth_result_parse(stated, &result))
		return false;
	return result == ours;
}

static void
compare(struct comparer *c, enum ms_auth_result ours, const char *reason)
{
	c->out->ours_known = true;
	c->out->ours = ours;
	if (ours == MS_AUTH_TEMPERROR)
		decide(c, MS_CLAIM_NOT_COMPARED,
		    "it could not be recomputed: see above");
	else if (same_result(c->method->result, ours))
		decide(c, MS_CLAIM_AGREES, NULL);
	else
		decide(c, MS_CLAIM_DIFFERS,
		    ms_arena_printf(c->parse->arena, "recomputed: %s%s%s",
			ms_auth_result_name(ours), reason ? "; " : "",
			reason ? reason : ""));
}

/* ---- SPF ---- */

/* The first address in a text ("sender IP is 192.0.2.1"). */
static bool
address_in(struct ms_slice text, struct ms_ip *out)
{
	struct ms_scan s = ms_scan_init(text);

	while (!ms_scan_at_end(&s)) {
		struct ms_slice word;

		ms_scan_space(&s);
		word = ms_scan_until(&s, MS_C_SPACE, 64);
		if (word.n == 0)
			ms_scan_skip(&s, 1);
		while (word.n > 0 &&
		       (word.p[word.n - 1] == ',' || word.p[word.n - 1] == ';'))
			word.n--;
		if (word.n > 2 && ms_ip_parse_literal(word, out))
			return true;
	}
	return false;
}

static bool
spf_same_address(struct comparer *c)
{
	struct ms_slice stated = property(c->method, "smtp", "client-ip");
	struct ms_ip ip;

	if (!stated.p)
		stated = property(c->method, "smtp", "remote-ip");
	if (stated.p ? ms_ip_parse_literal(stated, &ip)
		     : address_in(c->method->comment, &ip)) {
		if (ms_ip_equal(&ip, &c->auth->sender.ip))
			return true;
		decide(c, MS_CLAIM_NOT_COMPARED,
		    "it speaks of another address, of another hop");
		return false;
	}
	if (c->ours)
		return true;
	decide(c, MS_CLAIM_NOT_COMPARED,
	    "it was written at another hop, and does not say of which address");
	return false;
}

static void
check_spf(struct comparer *c)
{
	struct ms_slice from = property(c->method, "smtp", "mailfrom");
	struct ms_slice helo = property(c->method, "smtp", "helo");
	const struct ms_spf_result *ours = &c->auth->spf;
	bool judged = c->auth->spf_judged;

	if (!from.p)
		from = property(c->method, "smtp", "envelope-from");
	if (!from.p && helo.p) {
		ours = &c->auth->helo;
		judged = c->auth->helo_judged;
		from = helo;
	}
	if (!judged) {
		decide(c, MS_CLAIM_NOT_COMPARED,
		    c->auth->spf_why ? c->auth->spf_why
				     : "no HELO is known here");
		return;
	}
	if (!spf_same_address(c))
		return;
	from = domain_of(from);
	if (from.n > 0 && !ms_slice_equal_nocase(from, ours->domain) &&
	    !ms_slice_equal_nocase(from, ours->domain_given)) {
		decide(c, MS_CLAIM_NOT_COMPARED,
		    "it speaks of another domain than the one judged here");
		return;
	}
	compare(c, ours->result, ours->reason);
}

/* ---- DKIM ---- */

static void
not_kept(struct comparer *c)
{
	decide(c, MS_CLAIM_NOT_COMPARED,
	    "it could not be recomputed: an Outlook file does not keep what "
	    "was signed");
}

static bool
dkim_matches(const struct comparer *c, const struct ms_dkim_signature *s)
{
	struct ms_slice d = property(c->method, "header", "d");
	struct ms_slice i = property(c->method, "header", "i");
	struct ms_slice selector = property(c->method, "header", "s");
	struct ms_slice b = property(c->method, "header", "b");
	struct ms_slice identity =
	    s->identity.p ? domain_of(s->identity) : s->domain;
	struct ms_slice have;

	if (d.p && !ms_slice_equal_nocase(domain_of(d), s->domain))
		return false;
	if (i.p && !ms_slice_equal_nocase(domain_of(i), identity))
		return false;
	if (selector.p && !ms_slice_equal_nocase(selector, s->selector))
		return false;
	if (!b.p || !s->tags)
		return true;
	have =
	    ms_taglist_unfold(ms_taglist_value(s->tags, "b"), c->parse->arena);
	return ms_slice_equal(ms_slice_part(have, 0, b.n), b);
}

/* What our result counts as for a receiver that obeys RFC 8301. */
static enum ms_auth_result
dkim_result(const struct ms_dkim_signature *s)
{
	return s->policy && s->result == MS_AUTH_PASS ? MS_AUTH_POLICY
						      : s->result;
}

/* Who verifies later finds less: keys are taken down, signatures expire, and
 * lists change what they pass on. */
static bool
dkim_excused(const struct ms_dkim_signature *s)
{
	return s->code == MS_DKIM_EXPIRED || s->code == MS_DKIM_NO_KEY ||
	       s->code == MS_DKIM_REVOKED ||
	       s->body_repair.change != MS_DKIM_CHANGE_NONE ||
	       s->header_repair.change != MS_DKIM_CHANGE_NONE;
}

static const struct ms_dkim_signature *
dkim_best(const struct comparer *c)
{
	const struct ms_dkim_signature *best = NULL;

	for (size_t i = 0; i < c->auth->dkim.n; i++) {
		const struct ms_dkim_signature *s =
		    &c->auth->dkim.signatures[i];

		if (!dkim_matches(c, s))
			continue;
		if (same_result(c->method->result, s->result) ||
		    same_result(c->method->result, dkim_result(s)))
			return s;
		if (!best || s->result == MS_AUTH_TEMPERROR)
			best = s;
	}
	return best;
}

static void
check_dkim(struct comparer *c)
{
	const struct ms_dkim_signature *s = dkim_best(c);
	bool passes = ms_slice_is(c->method->result, "pass");

	if (s ? s->code == MS_DKIM_NOT_KEPT
	      : passes && c->message->outlook != NULL) {
		not_kept(c);
		return;
	}
	if (s) {
		compare(c,
		    same_result(c->method->result, s->result) ? s->result
							      : dkim_result(s),
		    s->reason);
		/* Receivers choose among the words for "did not hold". */
		if (c->out->relation == MS_CLAIM_DIFFERS && !passes &&
		    s->result != MS_AUTH_PASS)
			decide(c, MS_CLAIM_AGREES, NULL);
		c->out->excused = dkim_excused(s);
		return;
	}
	if (passes) {
		c->out->ours_known = true;
		c->out->ours = MS_AUTH_NONE;
		decide(c, MS_CLAIM_DIFFERS,
		    "the message carries no such signature");
	} else if (ms_slice_is(c->method->result, "none") &&
		   c->auth->dkim.n == 0) {
		compare(c, MS_AUTH_NONE, NULL);
	} else {
		decide(c, MS_CLAIM_NOT_COMPARED,
		    "the message carries no such signature");
	}
}

/* ---- DMARC, ARC ---- */

static void
check_dmarc(struct comparer *c)
{
	struct ms_slice from = domain_of(property(c->method, "header", "from"));
	const struct ms_dmarc_result *ours = &c->auth->dmarc;

	if (from.n > 0 && ours->domain.p &&
	    !ms_slice_equal_nocase(from, ours->domain)) {
		decide(c,
		    ms_slice_is(c->method->result, "pass")
			? MS_CLAIM_DIFFERS
			: MS_CLAIM_NOT_COMPARED,
		    "it speaks of another author domain than the message has");
		return;
	}
	/* Exchange's word for "there is no record, but it looks aligned". */
	if (ms_slice_is(c->method->result, "bestguesspass")) {
		decide(c, MS_CLAIM_NOT_COMPARED,
		    "a guess where no policy is published");
		return;
	}
	compare(c, ours->rfc9989.result, ours->rfc9989.reason);
	/* What passed when it came may fail now for DKIM's reasons. */
	for (size_t i = 0; i < c->auth->dkim.n; i++)
		c->out->excused |= dkim_excused(&c->auth->dkim.signatures[i]);
}

static void
check_arc(struct comparer *c)
{
	if (!c->ours || c->claim->instance >= 0) {
		decide(c, MS_CLAIM_NOT_COMPARED,
		    "it speaks of the chain as it stood at another hop");
		return;
	}
	if (c->auth->arc.result == MS_AUTH_NEUTRAL)
		not_kept(c);
	else
		compare(c, c->auth->arc.result, c->auth->arc.reason);
}

static const struct {
	const char *method;
	void (*check)(struct comparer *c);
} methods[] = {
	{ "spf", check_spf },
	{ "dkim", check_dkim },
	{ "dmarc", check_dmarc },
	{ "arc", check_arc },
};

static void
check_method(struct comparer *c)
{
	decide(c, MS_CLAIM_NOT_COMPARED, "this method is not recomputed");
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (ms_slice_is(c->method->method, methods[i].method))
			methods[i].check(c);
}

void
ms_claims_check(const struct ms_parse *parse, const struct ms_message *message,
    const struct ms_trace *trace, struct ms_authentication *out)
{
	const struct ms_claims *claims = out->claims;

	out->checks =
	    MS_NEW_ARRAY(parse->arena, struct ms_claim_check *, claims->n);
	for (size_t i = 0; i < claims->n; i++) {
		const struct ms_authres *claim = &claims->list[i];
		unsigned at = (unsigned)(claim->field - message->header.fields);

		out->checks[i] =
		    MS_NEW_ARRAY(parse->arena, struct ms_claim_check, claim->n);
		for (size_t k = 0; k < claim->n; k++) {
			struct comparer c = { parse, message, out, claim,
				&claim->methods[k],
				ms_trace_field_trust(trace, at) !=
				    MS_TRUST_CLAIMED,
				&out->checks[i][k] };

			check_method(&c);
		}
	}
}
