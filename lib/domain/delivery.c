/* SPDX-License-Identifier: ISC
 * delivery.c - as that sender sees it: deliver, defer or refuse, and why
 *
 * One function a kind of sender, each after its RFC. Nothing is asked here.
 */
#include "mailsonde/delivery.h"

#include <stdarg.h>
#include <stdio.h>

#include "mailsonde/scan.h"

const char *
ms_sender_kind_name(enum ms_sender_kind kind)
{
	static const char *const names[] = {
		[MS_SENDER_OPPORTUNISTIC] = "opportunistic",
		[MS_SENDER_PKIX] = "pkix",
		[MS_SENDER_MTA_STS] = "mta-sts",
		[MS_SENDER_DANE] = "dane",
		[MS_SENDER_REQUIRETLS] = "requiretls",
	};

	return names[kind];
}

const char *
ms_delivery_verdict_name(enum ms_delivery_verdict verdict)
{
	static const char *const names[] = {
		[MS_DELIVERY_DELIVERS] = "deliver",
		[MS_DELIVERY_IN_THE_CLEAR] = "deliver-unencrypted",
		[MS_DELIVERY_DEFERS] = "defer",
		[MS_DELIVERY_REFUSES] = "refuse",
		[MS_DELIVERY_UNKNOWN] = "could-not-tell",
		[MS_DELIVERY_NOT_ASKED] = "not-applicable",
	};

	return names[verdict];
}

/* ---- what there is of TLS ---- */

enum encryption {
	ENCRYPTED,
	NOT_OFFERED,
	BROKEN,  /* offered, and it does not come to be */
	UNKNOWN, /* could not tell */
};

struct judge {
	const struct ms_delivery_request *request;
	struct ms_arena *arena;
	struct ms_delivery *out;
	enum encryption tls;
	const char *no_tls; /* why there is none, a clause */
};

static enum encryption
failed(struct judge *j, const char *what)
{
	const struct ms_probe_result *p = j->request->probe;

	j->no_tls = ms_arena_printf(j->arena, "%s%s%s%s", what,
	    p->why ? " (" : "", p->why ? p->why : "", p->why ? ")" : "");
	return p->status == MS_WIRE_TIMEOUT ? UNKNOWN : BROKEN;
}

static enum encryption
encryption_of(struct judge *j)
{
	const struct ms_probe_result *p = j->request->probe;

	if (p->tls.established)
		return ENCRYPTED;
	if (p->tls_tried)
		return failed(j, "the TLS handshake fails");
	j->no_tls = "STARTTLS is offered and refused";
	if (p->starttls == MS_PROBE_TLS_REJECTED)
		return BROKEN;
	if (p->deferral != MS_PROBE_NOT_DEFERRED ||
	    p->phase <= MS_PROBE_GREETING) {
		failed(j, p->deferral != MS_PROBE_NOT_DEFERRED
			      ? "the server puts senders off"
			      : "no conversation came about");
		return UNKNOWN;
	}
	if (p->starttls == MS_PROBE_TLS_OFFERED)
		return failed(j, "STARTTLS is offered and does not follow");
	j->no_tls = p->starttls == MS_PROBE_TLS_STRIPPED
			? "something takes the offer of STARTTLS away"
			: "STARTTLS is not offered";
	return NOT_OFFERED;
}

/* The reason is written as a clause, and becomes a sentence. */
__attribute__((format(printf, 5, 6))) static void
find(struct judge *j, enum ms_sender_kind kind,
    enum ms_delivery_verdict verdict, const char *reference, const char *format,
    ...)
{
	struct ms_delivery_sender *sender = &j->out->senders[kind];
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (ms_is((unsigned char)*text, MS_C_ALPHA))
		*text = (char)(*text & ~0x20);
	sender->verdict = verdict;
	sender->reference = reference;
	sender->why = ms_arena_printf(j->arena, "%s.", text);
}

/* Could not tell, or there is no TLS where it must be. */
static bool
lacks_tls(struct judge *j, enum ms_sender_kind kind, const char *reference)
{
	if (j->tls == ENCRYPTED)
		return false;
	find(j, kind,
	    j->tls == UNKNOWN ? MS_DELIVERY_UNKNOWN : MS_DELIVERY_DEFERS,
	    reference, "%s", j->no_tls);
	return true;
}

/* ---- TLS where there is any ---- */

static void
judge_opportunistic(struct judge *j)
{
	const struct ms_probe_result *p = j->request->probe;
	const char *reference = "RFC 3207 section 4.1, RFC 7435";
	enum ms_sender_kind kind = MS_SENDER_OPPORTUNISTIC;

	if (j->tls == UNKNOWN)
		lacks_tls(j, kind, reference);
	else if (j->tls == ENCRYPTED)
		find(j, kind, MS_DELIVERY_DELIVERS, reference,
		    "%s; it does not ask whose certificate that is",
		    p->tls.version ? p->tls.version : "TLS");
	else if (p->starttls_required)
		find(j, kind, MS_DELIVERY_DEFERS, reference,
		    "%s, and the server takes nothing in the clear", j->no_tls);
	else
		find(j, kind, MS_DELIVERY_IN_THE_CLEAR, reference,
		    j->tls == BROKEN ? "%s; most try again in the clear" : "%s",
		    j->no_tls);
}

/* ---- told to verify ---- */

static void
judge_pkix(struct judge *j)
{
	const struct ms_identity *id = j->request->identity;
	const char *reference = "RFC 9525 section 6";

	if (lacks_tls(j, MS_SENDER_PKIX, reference))
		return;
	if (id->valid)
		find(j, MS_SENDER_PKIX, MS_DELIVERY_DELIVERS, reference,
		    "its certificate is trusted and has the name of the host");
	else
		find(j, MS_SENDER_PKIX, MS_DELIVERY_DEFERS, reference, "%s",
		    id->why);
}

/* ---- MTA-STS ---- */

static bool
is_covered(const struct judge *j)
{
	const struct ms_mta_sts_policy *policy = j->request->sts->policy;

	for (size_t i = 0; i < policy->mx_n; i++)
		if (ms_mta_sts_matches(
			policy->mx[i], j->request->probe->target.host))
			return true;
	return false;
}

/* NULL, or what breaks the policy. RFC 8461 4.1, 4.2. */
static const char *
sts_fault(const struct judge *j)
{
	if (!j->out->covered)
		return "no mx of the policy covers this host";
	if (j->tls != ENCRYPTED)
		return j->no_tls;
	return j->request->identity->why;
}

static void
judge_sts_policy(struct judge *j)
{
	const struct ms_mta_sts_policy *policy = j->request->sts->policy;
	const char *fault = sts_fault(j);
	const char *reference = "RFC 8461 section 5";
	enum ms_sender_kind kind = MS_SENDER_MTA_STS;

	if (policy->mode == MS_MTA_STS_MODE_NONE)
		find(j, kind, MS_DELIVERY_NOT_ASKED, reference,
		    "the policy says \"none\"");
	else if (j->out->covered && j->tls == UNKNOWN)
		lacks_tls(j, kind, reference);
	else if (!fault)
		find(j, kind, MS_DELIVERY_DELIVERS, reference,
		    "the policy covers this host, and its certificate is "
		    "right");
	else if (policy->mode == MS_MTA_STS_ENFORCE)
		find(j, kind, MS_DELIVERY_DEFERS, reference, "%s", fault);
	else
		find(j, kind, j->out->senders[MS_SENDER_OPPORTUNISTIC].verdict,
		    reference,
		    "the policy is in testing; when enforced, mail waits: %s",
		    fault);
}

static void
judge_mta_sts(struct judge *j)
{
	const struct ms_sts *sts = j->request->sts;
	enum ms_sender_kind kind = MS_SENDER_MTA_STS;
	const char *reference = "RFC 8461 section 5";

	switch (sts->status) {
	case MS_STS_NO_DOMAIN:
		find(j, kind, MS_DELIVERY_NOT_ASKED, reference,
		    "no domain is known that has it as its exchanger");
		break;
	case MS_STS_NONE:
		find(j, kind, MS_DELIVERY_NOT_ASKED, reference, "%s",
		    sts->why ? sts->why : "the domain has no policy");
		break;
	case MS_STS_UNKNOWN:
		find(j, kind, MS_DELIVERY_UNKNOWN, reference, "%s",
		    sts->why ? sts->why : "the policy could not be had");
		break;
	case MS_STS_FOUND:
		j->out->covered = is_covered(j);
		judge_sts_policy(j);
		break;
	}
}

/* ---- DANE ---- */

static const struct ms_dns_record *
record_by(const struct ms_dane *dane)
{
	return dane->records[dane->by].tlsa;
}

/* What the records ask for, if they are to be believed. */
static enum ms_delivery_verdict
dane_verdict(struct judge *j, const char **why)
{
	const struct ms_dane *dane = &j->out->dane;

	if (j->tls != ENCRYPTED) {
		*why = j->no_tls;
		return j->tls == UNKNOWN ? MS_DELIVERY_UNKNOWN
					 : MS_DELIVERY_DEFERS;
	}
	switch (dane->status) {
	case MS_DANE_MATCH:
		*why = ms_arena_printf(j->arena,
		    "TLSA %u %u %u matches its certificate%s",
		    record_by(dane)->u.tlsa.usage,
		    record_by(dane)->u.tlsa.selector,
		    record_by(dane)->u.tlsa.matching,
		    dane->rolling ? "; another awaits a new key, or is left "
				    "from an old one"
				  : "");
		return MS_DELIVERY_DELIVERS;
	case MS_DANE_UNUSABLE:
		*why = "no TLSA record can be used: any certificate will do";
		return MS_DELIVERY_DELIVERS;
	default:
		*why = "no TLSA record matches its certificate";
		return MS_DELIVERY_DEFERS;
	}
}

static bool
is_secure(enum ms_dns_security security)
{
	return security == MS_DNS_SECURE || security == MS_DNS_SECURE_AD;
}

static const char *
verb(enum ms_delivery_verdict verdict)
{
	return verdict == MS_DELIVERY_DELIVERS ? "deliver"
	       : verdict == MS_DELIVERY_DEFERS ? "hold the mail back"
					       : "do what cannot be told";
}

/* Records that count, or may. */
static void
judge_tlsa(struct judge *j)
{
	const struct ms_tlsa *tlsa = j->request->tlsa;
	const char *why, *reference = "RFC 7672 section 2.2";
	enum ms_delivery_verdict verdict = dane_verdict(j, &why);

	if (tlsa->status == MS_TLSA_UNCHECKED)
		find(j, MS_SENDER_DANE, MS_DELIVERY_UNKNOWN, reference,
		    "whether the TLSA records are signed, nobody here can "
		    "tell; if they are, it would %s: %s",
		    verb(verdict), why);
	else if (tlsa->mx_asked && tlsa->mx == MS_DNS_INSECURE)
		find(j, MS_SENDER_DANE, MS_DELIVERY_NOT_ASKED,
		    "RFC 7672 section 2.2.1",
		    "the MX records are not signed; some obey the TLSA "
		    "records all the same, and %s: %s",
		    verb(verdict), why);
	else
		find(j, MS_SENDER_DANE, verdict, reference, "%s", why);
}

static void
judge_dane(struct judge *j)
{
	const struct ms_tlsa *tlsa = j->request->tlsa;
	const char *reference = "RFC 7672 section 2.1.1";

	switch (tlsa->status) {
	case MS_TLSA_NONE:
		find(j, MS_SENDER_DANE, MS_DELIVERY_NOT_ASKED, reference,
		    "the host has no TLSA records");
		break;
	case MS_TLSA_INSECURE:
		find(j, MS_SENDER_DANE, MS_DELIVERY_NOT_ASKED, reference,
		    "the TLSA records are not signed, so nobody obeys them");
		break;
	case MS_TLSA_HOST_INSECURE:
		find(j, MS_SENDER_DANE, MS_DELIVERY_NOT_ASKED,
		    "RFC 7672 section 2.2.2",
		    "the addresses of the host are not signed, so nobody "
		    "asks for its TLSA records");
		break;
	case MS_TLSA_FAILED:
		find(j, MS_SENDER_DANE, MS_DELIVERY_DEFERS, reference,
		    "a look-up fails: %s", tlsa->why);
		break;
	case MS_TLSA_FOUND:
	case MS_TLSA_UNCHECKED:
		judge_tlsa(j);
		break;
	}
}

/* ---- REQUIRETLS ---- */

/* RFC 8689 4.2.1: the MX by DNSSEC or MTA-STS, the certificate by DANE or
 * trust anchors. */
static const char *
vouched_by(const struct judge *j)
{
	const struct ms_delivery *out = j->out;
	const struct ms_tlsa *tlsa = j->request->tlsa;
	bool mx = tlsa->mx_asked && is_secure(tlsa->mx);

	if (out->senders[MS_SENDER_DANE].verdict == MS_DELIVERY_DELIVERS &&
	    out->dane.status == MS_DANE_MATCH)
		return "DANE";
	if (mx && j->request->identity->valid)
		return "a signed MX and a trusted certificate";
	if (j->request->sts->status == MS_STS_FOUND &&
	    j->request->sts->policy->mode != MS_MTA_STS_MODE_NONE &&
	    sts_fault(j) == NULL)
		return "MTA-STS";
	return NULL;
}

static bool
could_not_tell(const struct judge *j)
{
	return j->out->senders[MS_SENDER_DANE].verdict == MS_DELIVERY_UNKNOWN ||
	       j->out->senders[MS_SENDER_MTA_STS].verdict ==
		   MS_DELIVERY_UNKNOWN;
}

static void
judge_requiretls(struct judge *j)
{
	const char *by, *reference = "RFC 8689 section 4.2.1";
	enum ms_sender_kind kind = MS_SENDER_REQUIRETLS;

	if (j->tls != ENCRYPTED) {
		find(j, kind,
		    j->tls == UNKNOWN ? MS_DELIVERY_UNKNOWN
				      : MS_DELIVERY_REFUSES,
		    reference, "%s", j->no_tls);
		return;
	}
	by = vouched_by(j);
	if (!j->request->probe->secured.asked)
		find(j, kind, MS_DELIVERY_UNKNOWN, reference,
		    "the server did not answer EHLO within TLS");
	else if (!ms_probe_offered(&j->request->probe->secured, "REQUIRETLS"))
		find(j, kind, MS_DELIVERY_REFUSES, reference,
		    "the server does not offer REQUIRETLS");
	else if (by)
		find(j, kind, MS_DELIVERY_DELIVERS, reference,
		    "REQUIRETLS is offered, and %s vouches for the server", by);
	else if (could_not_tell(j))
		find(j, kind, MS_DELIVERY_UNKNOWN, reference,
		    "REQUIRETLS is offered; whether anything vouches for the "
		    "server could not be told");
	else
		find(j, kind, MS_DELIVERY_REFUSES, reference,
		    "REQUIRETLS is offered, but neither DANE nor MTA-STS "
		    "vouches for the server");
}

/* ---- all of them ---- */

static void
match_chain(struct judge *j, const struct ms_chain *chain, struct ms_dane *out)
{
	const struct ms_tlsa *tlsa = j->request->tlsa;
	const struct ms_dane_request request = {
		.records = tlsa->answer.records,
		.records_n = tlsa->answer.n,
		.chain = chain,
		.names = tlsa->names,
		.names_n = tlsa->names_n,
		.now = j->request->now,
	};

	ms_dane_match(&request, j->arena, out);
}

/* What is of the other certificate waits for no new key. */
static bool
is_rolling(const struct ms_delivery *out)
{
	for (size_t i = 0; i < out->dane.n; i++) {
		const struct ms_dane_record *r = &out->dane.records[i];

		if (!r->fault && !r->good && r->at == SIZE_MAX &&
		    !out->other.records[i].good)
			return true;
	}
	return false;
}

static void
match(struct judge *j)
{
	const struct ms_delivery_request *r = j->request;
	struct ms_delivery *out = j->out;

	if (j->tls != ENCRYPTED || (r->tlsa->status != MS_TLSA_FOUND &&
				       r->tlsa->status != MS_TLSA_UNCHECKED))
		return;
	match_chain(j, &r->identity->chain, &out->dane);
	if (!r->identity->other)
		return;
	match_chain(j, &r->identity->other->chain, &out->other);
	out->dane.rolling = out->dane.rolling && is_rolling(out);
}

/* Nobody could be spoken with: nothing can be told of any sender. */
static void
judge_silent(struct judge *j)
{
	for (int k = 0; k < MS_SENDER_COUNT; k++)
		find(j, (enum ms_sender_kind)k, MS_DELIVERY_UNKNOWN,
		    "RFC 5321 section 4.5.4.1", "%s", j->no_tls);
}

void
ms_delivery_judge(const struct ms_delivery_request *request,
    struct ms_arena *arena, struct ms_delivery *out)
{
	struct judge j = {
		.request = request,
		.arena = arena,
		.out = out,
	};

	memset(out, 0, sizeof(*out));
	out->judged = request->probe->target.protocol->service == MS_PROBE_SMTP;
	if (!out->judged)
		return;
	j.tls = encryption_of(&j);
	out->looked = request->tlsa != NULL;
	if (!out->looked) {
		judge_silent(&j);
		return;
	}
	out->tlsa = *request->tlsa;
	out->sts = *request->sts;
	match(&j);
	judge_opportunistic(&j);
	judge_pkix(&j);
	judge_mta_sts(&j);
	judge_dane(&j);
	judge_requiretls(&j);
}
