/* SPDX-License-Identifier: ISC
 * tls_findings.c - what is wrong with a server's certificate, and with what
 * the domain publishes of it
 *
 * Between servers nobody looks at a certificate unless DANE, MTA-STS or the
 * sender's own rules ask for it (RFC 7435); a mail program always does.
 */
#include "describe_priv.h"
#include "mailsonde/digest.h"

#define TEXT(s)                                                                \
	(int)((s).n > 200 ? 200 : (s).n), ((s).p ? (const char *)(s).p : "")

#define DAY        86400
#define SOON       14 /* days; less for one that lives less than two months */
#define VERY_SOON  3
#define RSA_BITS   2048 /* RFC 9325 4.2 */
#define CURVE_BITS 224
#define PART_OF    4 /* of its life, that is soon */

struct judge {
	struct ms_report *report;
	const struct ms_probe_result *r;
	const struct ms_identity *id;
	const struct ms_delivery *delivery;
	bool strict; /* somebody does look at it */
	bool other;  /* of the certificate of the other kind of key */
};

/* Of a client's port, or where a policy asks for it; and else. */
static enum ms_severity
either(const struct judge *j, enum ms_severity strict, enum ms_severity lax)
{
	return j->strict ? strict : lax;
}

static void
find(
    const struct judge *j, struct ms_finding *f, const struct ms_certificate *c)
{
	struct ms_report *report = j->report;
	char digest[65];

	if (j->other)
		f->title = ms_arena_printf(report->arena,
		    "Of its other certificate (%s): %s",
		    j->id->chain.list[0].key_type, f->title);
	f->evidence = ms_put_object(report, NULL, NULL);
	if (c) {
		ms_hex(c->sha256, 32, digest);
		if (c->subject.p)
			ms_put_text(report, f->evidence, "subject", c->subject);
		ms_put_string(report, f->evidence, "sha256",
		    ms_arena_string(report->arena, ms_slice_from(digest)));
	}
	ms_report_finding(report, f);
}

static const char *
harm(const struct judge *j)
{
	if (j->r->target.protocol->service != MS_PROBE_SMTP)
		return "Mail programs warn, or do not connect.";
	if (j->strict)
		return "The domain's MTA-STS policy asks for a right one: "
		       "senders that obey it do not deliver.";
	return "Most senders do not look at it; those that verify do not "
	       "deliver.";
}

static const char *
date(const struct judge *j, int64_t time)
{
	char text[MS_TIME_TEXT];

	ms_time_format(time, text);
	return ms_arena_printf(j->report->arena, "%.10s", text);
}

/* ---- dates ---- */

static void
judge_expired(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_finding f = {
		.id = "tls-certificate-expired",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_MEDIUM),
		.title = ms_arena_printf(j->report->arena,
		    "The certificate is over since %s",
		    date(j, own->not_after)),
		.detail = harm(j),
		.fix = "Renew it, and let that be done by itself; then see "
		       "that the server reads the new one.",
		.reference = "RFC 5280 section 4.1.2.5",
	};

	find(j, &f, own);
}

static void
judge_early(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_finding f = {
		.id = "tls-certificate-not-yet-valid",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_MEDIUM),
		.title = ms_arena_printf(j->report->arena,
		    "The certificate counts from %s on only",
		    date(j, own->not_before)),
		.detail = harm(j),
		.fix = "Look at the clock of whoever made it, and use the "
		       "one before until then.",
		.reference = "RFC 5280 section 4.1.2.5",
	};

	find(j, &f, own);
}

static void
judge_soon(const struct judge *j, const struct ms_certificate *own)
{
	int64_t life = (own->not_after - own->not_before) / DAY;
	int64_t soon = life / PART_OF < SOON ? life / PART_OF : SOON;
	struct ms_finding f = {
		.id = "tls-certificate-expires-soon",
		.severity = j->id->days < VERY_SOON
				? either(j, MS_SEVERITY_MEDIUM, MS_SEVERITY_LOW)
				: MS_SEVERITY_LOW,
		.title = ms_arena_printf(j->report->arena,
		    "The certificate ends on %s, in %lld day%s",
		    date(j, own->not_after), (long long)j->id->days,
		    j->id->days == 1 ? "" : "s"),
		.detail = "What renews certificates by itself has done so by "
			  "then: it may have stopped.",
		.fix = "Renew it, and see that the server reads the new one.",
		.reference = "RFC 5280 section 4.1.2.5",
	};

	if (j->id->days < soon)
		find(j, &f, own);
}

static void
judge_dates(const struct judge *j, const struct ms_certificate *own)
{
	if (!own->dated)
		return;
	if (j->id->expired)
		judge_expired(j, own);
	else if (j->id->early)
		judge_early(j, own);
	else
		judge_soon(j, own);
}

/* ---- name ---- */

static const char *
all_names(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_buf text;

	ms_buf_init(&text, j->report->arena);
	for (size_t i = 0; i < own->names_n && i < 8; i++)
		ms_buf_printf(
		    &text, "%s%.*s", i > 0 ? ", " : "", TEXT(own->names[i]));
	if (own->names_n == 0)
		ms_buf_text(&text, "no name of a host");
	return ms_arena_string(j->report->arena, ms_buf_get(&text));
}

static void
judge_name(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_finding f = {
		.id = "tls-certificate-name-mismatch",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_LOW),
		.title = ms_arena_printf(j->report->arena,
		    "The certificate is not for %.*s", TEXT(j->r->target.host)),
		.detail = ms_arena_printf(j->report->arena, "It is for %s. %s",
		    all_names(j, own), harm(j)),
		.fix = ms_arena_printf(j->report->arena,
		    "Use one that has %.*s among its alternative names, or "
		    "the name that it has.",
		    TEXT(j->r->target.host)),
		.reference = "RFC 9525 section 6",
	};

	find(j, &f, own);
}

static void
judge_common_name(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_finding f = {
		.id = "tls-certificate-common-name",
		.severity = either(j, MS_SEVERITY_MEDIUM, MS_SEVERITY_LOW),
		.title = ms_arena_printf(j->report->arena,
		    "The certificate has %.*s in its subject alone",
		    TEXT(j->r->target.host)),
		.detail = "Only alternative names count; old software still "
			  "takes the common name.",
		.fix = "Use one that has it among its alternative names.",
		.reference = "RFC 9525 section 2",
	};

	find(j, &f, own);
}

/* ---- trust ---- */

static void
judge_gap(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_finding f = {
		.id = "tls-intermediate-missing",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_LOW),
		.title = "The server does not send an intermediate certificate",
		.detail = ms_arena_printf(j->report->arena,
		    "Nothing that it sends is of \"%.*s\", who signed its own. "
		    "%s",
		    TEXT(own->issuer), harm(j)),
		.fix = ms_arena_printf(j->report->arena,
		    "Append it to the server's certificate file; it is at "
		    "%.*s.",
		    TEXT(own->issuer_urls[0])),
		.reference = "RFC 8446 section 4.4.2",
	};

	find(j, &f, own);
}

static void
judge_self_signed(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_finding f = {
		.id = "tls-certificate-self-signed",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_LOW),
		.title = "The certificate is signed by itself",
		.detail = harm(j),
		.fix = "Use one of a public authority; between servers TLSA "
		       "3 1 1 with DNSSEC will do as well.",
		.reference = "RFC 5280 section 6",
	};

	find(j, &f, own);
}

static void
judge_untrusted(const struct judge *j, const struct ms_certificate *own)
{
	const struct ms_tls_facts *tls = j->other ? j->r->other : &j->r->tls;
	const struct ms_chain *chain = &j->id->chain;
	const struct ms_certificate *top =
	    &chain->list[chain->path[chain->path_n - 1]];
	struct ms_finding f = {
		.id = "tls-certificate-untrusted",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_LOW),
		.title = ms_arena_printf(j->report->arena,
		    "The certificate leads to nobody who is trusted: %s",
		    tls->verify_text ? tls->verify_text : "no trust anchor"),
		.detail = ms_arena_printf(j->report->arena,
		    "What was sent ends at \"%.*s\", issued by \"%.*s\". %s",
		    TEXT(top->subject), TEXT(top->issuer), harm(j)),
		.fix = "Use one of a public authority, and send all "
		       "intermediate ones.",
		.reference = "RFC 5280 section 6",
	};

	find(j, &f, own);
}

static void
judge_trust(const struct judge *j, const struct ms_certificate *own)
{
	const struct ms_identity *id = j->id;

	if (id->match == MS_NAME_DIFFERS)
		judge_name(j, own);
	else if (id->match == MS_NAME_BY_CN)
		judge_common_name(j, own);
	if (id->trusted)
		return;
	if (own->self_signed)
		judge_self_signed(j, own);
	else if (id->gap)
		judge_gap(j, own);
	else if (id->broken_off ||
		 !(id->expired || id->early || !own->for_servers))
		judge_untrusted(j, own);
}

/* ---- strength ---- */

static bool
is_weak_key(const struct ms_certificate *c)
{
	struct ms_slice type = ms_slice_from(c->key_type);

	if (c->key_bits == 0)
		return false;
	if (ms_slice_starts(type, "RSA") || ms_slice_is(type, "DSA"))
		return c->key_bits < RSA_BITS;
	return c->key_bits < CURVE_BITS;
}

static void
judge_key(const struct judge *j, const struct ms_certificate *c)
{
	struct ms_finding f = {
		.id = "tls-certificate-weak-key",
		.severity = MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(j->report->arena,
		    "The key of \"%.*s\" has %u bits (%s)", TEXT(c->subject),
		    c->key_bits, c->key_type),
		.detail = "It can be broken by those who have the means; some "
			  "software refuses it.",
		.fix = "Make a new key: ECDSA on P-256, or RSA of 2048 bits.",
		.reference = "RFC 9325 section 4.2",
	};

	find(j, &f, c);
}

static void
judge_signature(const struct judge *j, const struct ms_certificate *c)
{
	struct ms_finding f = {
		.id = "tls-certificate-weak-signature",
		.severity = MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(j->report->arena,
		    "The certificate of \"%.*s\" is signed with %s",
		    TEXT(c->subject), c->signature),
		.detail = ms_arena_printf(j->report->arena,
		    "Two texts of the same %s can be made; software of today "
		    "refuses it.",
		    c->hash),
		.fix = "Get a new one; authorities sign with SHA-256.",
		.reference = "RFC 9155",
	};

	find(j, &f, c);
}

/* A root's signature proves nothing, whatever made it. */
static void
judge_strength(const struct judge *j)
{
	const struct ms_chain *chain = &j->id->chain;

	for (size_t i = 0; i < chain->path_n; i++) {
		const struct ms_certificate *c = &chain->list[chain->path[i]];

		if (is_weak_key(c))
			judge_key(j, c);
		if (c->weak_hash && (i == 0 || !c->self_signed))
			judge_signature(j, c);
	}
}

static void
judge_usage(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_finding f = {
		.id = "tls-certificate-usage",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_LOW),
		.title = "The certificate is not meant for servers",
		.detail = ms_arena_printf(j->report->arena,
		    "Its extended key usage leaves serverAuth out. %s",
		    harm(j)),
		.fix = "Use one that allows serverAuth.",
		.reference = "RFC 5280 section 4.2.1.12",
	};

	if (!own->for_servers)
		find(j, &f, own);
}

/* ---- the chain ---- */

static void
judge_order(const struct judge *j)
{
	struct ms_finding f = {
		.id = "tls-chain-order",
		.severity = MS_SEVERITY_LOW,
		.title = "The certificates are sent out of order",
		.detail = "Each should certify the one before it; TLS 1.2 "
			  "allows nothing else, and not all software sorts "
			  "them.",
		.fix = "Put them into the file so: the server's own, who "
		       "signed it, who signed that.",
		.reference = "RFC 5246 section 7.4.2",
	};

	if (!j->id->chain.in_order)
		find(j, &f, NULL);
}

static void
judge_surplus(const struct judge *j)
{
	const struct ms_chain *chain = &j->id->chain;
	size_t n = chain->unneeded + chain->duplicates + chain->root_sent;
	struct ms_finding f = {
		.id = "tls-chain-unneeded",
		.severity = MS_SEVERITY_INFO,
		.title = ms_arena_printf(j->report->arena,
		    "%zu of %zu certificates sent are of no use", n, chain->n),
		.detail = ms_arena_printf(j->report->arena,
		    "%zu root, %zu sent twice, %zu that nothing leads to: they "
		    "cost every connection time.",
		    (size_t)chain->root_sent, chain->duplicates,
		    chain->unneeded),
		.fix = "Take them out of the server's certificate file.",
		.reference = "RFC 8446 section 4.4.2",
	};

	if (n > 0)
		find(j, &f, NULL);
}

static void
judge_length(const struct judge *j)
{
	const struct ms_chain *chain = &j->id->chain;
	struct ms_finding f = {
		.id = "tls-chain-too-long",
		.severity = MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(j->report->arena,
		    "More than %zu certificates are sent", chain->n),
		.detail = "The rest was not looked at; no client needs more "
			  "than a handful.",
		.fix = "Look at the server's certificate file: it may hold a "
		       "whole trust store.",
		.reference = "RFC 8446 section 4.4.2",
	};

	if (chain->truncated)
		find(j, &f, NULL);
}

/* ---- what is stapled ---- */

static void
judge_revoked(const struct judge *j, const struct ms_certificate *own)
{
	const struct ms_staple *s = &j->id->staple;
	struct ms_finding f = {
		.id = "tls-certificate-revoked",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(j->report->arena,
		    "The certificate is revoked since %s%s%s",
		    date(j, s->revoked_at), s->reason ? ": " : "",
		    s->reason ? s->reason : ""),
		.detail = "The server itself hands out the proof of it.",
		.fix = "Get a new certificate, with a new key.",
		.reference = "RFC 6960 section 2.2",
	};

	find(j, &f, own);
}

static void
judge_unstapled(const struct judge *j, const struct ms_certificate *own)
{
	struct ms_finding f = {
		.id = "tls-staple-missing",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_MEDIUM),
		.title = "The certificate demands a stapled OCSP response, and "
			 "none is sent",
		.detail = "Software that obeys the demand does not connect.",
		.fix = "Switch stapling on, or get a certificate without the "
		       "demand.",
		.reference = "RFC 7633 section 4.3.3",
	};

	find(j, &f, own);
}

static const char *
staple_fault(const struct ms_staple *s)
{
	if (s->fault)
		return s->fault;
	if (s->status == MS_STAPLE_OTHER)
		return "it is about another certificate";
	if (s->status == MS_STAPLE_UNKNOWN)
		return "its responder does not know the certificate";
	if (s->checked && !s->authentic)
		return "it is not signed by who issued the certificate";
	if (!s->current)
		return "its time is over, or has not begun";
	return NULL;
}

static void
judge_bad_staple(const struct judge *j, const struct ms_certificate *own)
{
	const char *fault = staple_fault(&j->id->staple);
	struct ms_finding f = {
		.id = "tls-staple-invalid",
		.severity = own->must_staple ? either(j, MS_SEVERITY_HIGH,
						   MS_SEVERITY_MEDIUM)
					     : MS_SEVERITY_LOW,
		.title = ms_arena_printf(j->report->arena,
		    "The stapled OCSP response is no good: %s", fault),
		.detail = own->must_staple
			      ? "The certificate demands a good one: software "
				"that obeys does not connect."
			      : "Software that looks at it may refuse the "
				"certificate.",
		.fix = "See that the server can reach the responder that its "
		       "certificate names, or switch stapling off.",
		.reference = "RFC 6960 section 3.2",
	};

	if (fault)
		find(j, &f, own);
}

static void
judge_staple(const struct judge *j, const struct ms_certificate *own)
{
	const struct ms_staple *s = &j->id->staple;

	if (s->status == MS_STAPLE_REVOKED && (s->authentic || !s->checked))
		judge_revoked(j, own);
	else if (s->status != MS_STAPLE_NONE)
		judge_bad_staple(j, own);
	else if (own->must_staple)
		judge_unstapled(j, own);
}

/* ---- no certificate at all ---- */

static void
judge_none(const struct judge *j)
{
	const struct ms_chain *chain = &j->id->chain;
	struct ms_finding f = {
		.id = "tls-certificate-missing",
		.severity = either(j, MS_SEVERITY_HIGH, MS_SEVERITY_MEDIUM),
		.title = "The server shows no certificate",
		.detail =
		    "Nothing tells it from a stranger; few clients go on.",
		.fix = "Give it a certificate, and switch anonymous suites "
		       "off.",
		.reference = "RFC 9325 section 4.1",
	};

	if (chain->n > 0) {
		f.id = "tls-certificate-unreadable";
		f.title = ms_arena_printf(j->report->arena,
		    "The server's certificate cannot be read: %s",
		    chain->list[0].fault);
		f.detail = harm(j);
		f.fix = "Make a new one.";
		f.reference = "RFC 5280 section 4.1";
	}
	find(j, &f, chain->n > 0 ? &chain->list[0] : NULL);
}

/* ---- DANE ---- */

static const struct ms_dane *
dane_of(const struct judge *j)
{
	return j->other ? &j->delivery->other : &j->delivery->dane;
}

static void
find_dane(const struct judge *j, struct ms_finding *f)
{
	const struct ms_dane *dane = dane_of(j);
	struct ms_node *array;

	f->evidence = ms_put_object(j->report, NULL, NULL);
	ms_put_text(j->report, f->evidence, "name", j->delivery->tlsa.owner);
	array = ms_put_array(j->report, f->evidence, "records");
	for (size_t i = 0; i < dane->n; i++)
		ms_put_text(j->report, array, NULL,
		    ms_dns_rdata_text(j->report->arena, dane->records[i].tlsa));
	ms_report_finding(j->report, f);
}

static const char *
right_record(const struct judge *j)
{
	return ms_identity_tlsa(
	    j->id, j->delivery->tlsa.owner, j->report->arena);
}

static void
judge_mismatch(const struct judge *j)
{
	bool secure = j->delivery->tlsa.status == MS_TLSA_FOUND;
	struct ms_finding f = {
		.id = "dane-mismatch",
		.severity = secure ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(j->report->arena,
		    "No TLSA record of %.*s matches the server's %scertificate",
		    TEXT(j->delivery->tlsa.base), j->other ? "other " : ""),
		.detail = secure ? "Senders that use DANE do not deliver."
				 : "Senders that use DANE do not deliver, if "
				   "the records are signed.",
		.fix = ms_arena_printf(j->report->arena,
		    "Publish the key that it has beside the others, and next "
		    "time two TTLs before the key changes: %s",
		    right_record(j)),
		.reference = "RFC 7671 section 8.1",
	};

	find_dane(j, &f);
}

static void
judge_unusable(const struct judge *j)
{
	struct ms_finding f = {
		.id = "dane-unusable",
		.severity = MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(j->report->arena,
		    "No TLSA record of %.*s can be used: %s",
		    TEXT(j->delivery->tlsa.base),
		    j->delivery->dane.records[0].fault),
		.detail = "Senders take TLS without looking whose certificate "
			  "it is.",
		.fix = ms_arena_printf(
		    j->report->arena, "Publish %s.", right_record(j)),
		.reference = "RFC 7672 section 3.1",
	};

	find_dane(j, &f);
}

static void
judge_brittle(const struct judge *j)
{
	struct ms_finding f = {
		.id = "dane-brittle",
		.severity = MS_SEVERITY_LOW,
		.title = ms_arena_printf(j->report->arena,
		    "The TLSA records of %.*s hold whole certificates: each "
		    "renewal breaks them",
		    TEXT(j->delivery->tlsa.base)),
		.detail = "A key outlives its certificate, where renewal keeps "
			  "it.",
		.fix = ms_arena_printf(j->report->arena,
		    "Renew with the same key, and publish %s.",
		    right_record(j)),
		.reference = "RFC 7671 section 5.1",
	};

	find_dane(j, &f);
}

static void
judge_dane(const struct judge *j)
{
	const struct ms_dane *dane = dane_of(j);

	if (!j->id->shown)
		return;
	if (dane->status == MS_DANE_MISMATCH)
		judge_mismatch(j);
	else if (j->other)
		return; /* said of the first */
	else if (dane->status == MS_DANE_UNUSABLE)
		judge_unusable(j);
	else if (dane->brittle)
		judge_brittle(j);
}

/* ---- MTA-STS ---- */

static void
judge_uncovered(const struct judge *j)
{
	const struct ms_mta_sts_policy *policy = j->delivery->sts.policy;
	bool enforce = policy->mode == MS_MTA_STS_ENFORCE;
	struct ms_finding f = {
		.id = "mta-sts-policy-mx",
		.severity = enforce ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(j->report->arena,
		    "The MTA-STS policy of %.*s does not name this host",
		    TEXT(j->r->target.mx)),
		.detail = enforce ? "Senders that obey it do not deliver here."
				  : "Once it is enforced, senders that obey "
				    "it do not deliver here.",
		.fix = ms_arena_printf(j->report->arena,
		    "Add the line \"mx: %.*s\" to the policy, and change the "
		    "id of the record.",
		    TEXT(j->r->target.host)),
		.reference = "RFC 8461 section 4.1",
	};
	struct ms_node *array;

	f.evidence = ms_put_object(j->report, NULL, NULL);
	array = ms_put_array(j->report, f.evidence, "mx");
	for (size_t i = 0; i < policy->mx_n; i++)
		ms_put_text(j->report, array, NULL, policy->mx[i]);
	ms_report_finding(j->report, &f);
}

static void
judge_policies(const struct judge *j)
{
	const struct ms_delivery *d = j->delivery;

	if (!d->judged)
		return;
	judge_dane(j);
	if (d->sts.status == MS_STS_FOUND && !d->covered &&
	    d->sts.policy->mode != MS_MTA_STS_MODE_NONE)
		judge_uncovered(j);
	if (d->tlsa.status == MS_TLSA_FAILED)
		ms_report_error(j->report, "dns", true, "%s", d->tlsa.why);
	if (d->sts.status == MS_STS_UNKNOWN)
		ms_report_error(j->report, "fetch", true, "%s", d->sts.why);
}

/* ---- all of it ---- */

static bool
is_enforced(const struct ms_delivery *d)
{
	return d->sts.status == MS_STS_FOUND &&
	       d->sts.policy->mode == MS_MTA_STS_ENFORCE;
}

static void
judge_identity(const struct judge *j)
{
	const struct ms_certificate *own = &j->id->chain.list[0];

	judge_dates(j, own);
	judge_trust(j, own);
	judge_usage(j, own);
	judge_strength(j);
	judge_order(j);
	judge_surplus(j);
	judge_length(j);
	judge_staple(j, own);
}

void
ms_tls_findings(struct ms_report *report, const struct ms_probe_result *probe,
    const struct ms_identity *identity, const struct ms_delivery *delivery)
{
	struct judge j = {
		.report = report,
		.r = probe,
		.id = identity,
		.delivery = delivery,
		.strict = probe->target.protocol->service != MS_PROBE_SMTP ||
			  is_enforced(delivery),
	};

	judge_policies(&j);
	if (!probe->tls.established)
		return;
	if (!identity->shown) {
		judge_none(&j);
		return;
	}
	judge_identity(&j);
	if (identity->other && identity->other->shown) {
		j.id = identity->other;
		j.other = true;
		judge_dane(&j);
		judge_identity(&j);
	}
}
