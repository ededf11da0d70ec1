/* SPDX-License-Identifier: ISC
 * dane.c - the certificates of the mail exchangers in the DNS, RFC 7672
 *
 * The certificate itself is looked at with --connect alone.
 */
#include "domain_servers.h"

#include "mailsonde/dane.h"

struct dane {
	struct ms_domain_case *subject;
	size_t with, without; /* hosts */
	size_t unsigned_n;    /* of those with */
	struct ms_slice bare; /* the first without */
	bool unchecked;       /* nobody could validate */
	bool failed;
};

/* False: the name cannot exist. */
static bool
question_of(
    struct ms_slice name, enum ms_dns_type type, struct ms_dns_question *out)
{
	memset(out, 0, sizeof(*out));
	out->type = (uint16_t)type;
	out->want = MS_DNS_VALIDATED;
	return ms_dns_name_from_text(name, &out->name);
}

static void
ask_validated(struct ms_domain_case *subject, struct ms_slice name,
    enum ms_dns_type type, struct ms_dns_answer *out)
{
	struct ms_dns_question question;

	if (!question_of(name, type, &question)) {
		ms_dns_fail(out, MS_DNS_INVALID, "the name cannot exist");
		return;
	}
	subject->env->dns->query(
	    subject->env->dns, &question, subject->arena, out);
}

/* ---- one record ---- */

static void
judge_record(struct dane *dane, struct ms_slice owner,
    const struct ms_dns_record *r, const char *fault, bool last)
{
	struct ms_domain_case *subject = dane->subject;
	struct ms_slice text = ms_dns_rdata_text(subject->arena, r);
	struct ms_domain_outcome *o = domain_outcome(subject, "dane-unusable",
	    last ? MS_DOMAIN_FAIL : MS_DOMAIN_WARN,
	    last ? MS_SEVERITY_MEDIUM : MS_SEVERITY_LOW,
	    "A TLSA record of %.*s cannot be used: %s", DOMAIN_TEXT(owner),
	    fault);

	o->detail = last ? "No record of this host can be used: senders take "
			   "TLS without looking whose certificate it is."
			 : "Senders pass it over.";
	o->fix = ms_arena_printf(subject->arena,
	    "%.*s. TLSA 3 1 1 and the SHA-256 of the server's public key",
	    DOMAIN_TEXT(owner));
	o->reference = "RFC 7672 section 3.1";
	domain_record_line(subject, o, "%.*s. %u TLSA %.*s", DOMAIN_TEXT(owner),
	    r->ttl, DOMAIN_TEXT(text));
	domain_remove(
	    subject, o, owner, "TLSA", ms_arena_string(subject->arena, text));
}

/* How many can be used. */
static size_t
judge_records(struct dane *dane, struct ms_slice owner,
    const struct ms_dns_answer *answer)
{
	size_t good = 0;

	for (size_t i = 0; i < answer->n; i++)
		good += ms_dane_fault(&answer->records[i]) == NULL;
	for (size_t i = 0; i < answer->n; i++) {
		const char *fault = ms_dane_fault(&answer->records[i]);

		if (fault)
			judge_record(
			    dane, owner, &answer->records[i], fault, good == 0);
	}
	return good;
}

/* ---- one host ---- */

static void
judge_insecure(struct dane *dane, struct ms_slice owner,
    const struct ms_dns_answer *answer)
{
	struct ms_domain_case *subject = dane->subject;
	struct ms_domain_outcome *o = domain_outcome(subject, "dane-insecure",
	    MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "The TLSA records of %.*s are not signed: no sender uses them",
	    DOMAIN_TEXT(owner));

	o->detail = "Without DNSSEC anybody on the way could have written "
		    "them.";
	o->fix = "Sign the zone of the mail exchanger, or take the records "
		 "out.";
	o->reference = "RFC 7672 section 2.2";
	domain_records(subject, o, answer);
}

static void
judge_found(struct dane *dane, const struct ms_domain_host *host,
    struct ms_slice owner, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o;
	size_t good;

	dane->with++;
	good = judge_records(dane, owner, answer);
	if (answer->security == MS_DNS_INSECURE) {
		judge_insecure(dane, owner, answer);
		dane->unsigned_n++;
		return;
	}
	if (answer->security == MS_DNS_UNCHECKED)
		dane->unchecked = true;
	if (good == 0)
		return;
	o = domain_pass(dane->subject, "%zu TLSA record%s of %.*s can be used",
	    good, good == 1 ? "" : "s", DOMAIN_TEXT(host->name));
	domain_records(dane->subject, o, answer);
}

static struct ms_slice
owner_of(struct ms_domain_case *subject, const struct ms_domain_host *host)
{
	return ms_slice_from(ms_arena_printf(
	    subject->arena, "_25._tcp.%.*s", DOMAIN_TEXT(host->name)));
}

/* All of them at once. */
static void
hint_hosts(struct ms_domain_case *subject, const struct ms_domain_mx *mx)
{
	struct ms_dns_source *dns = subject->env->dns;
	struct ms_dns_question question;

	for (size_t i = 0; i < mx->n; i++)
		if (!subject->env->careful && dns->prefetch &&
		    question_of(owner_of(subject, &mx->hosts[i]), MS_DNS_TLSA,
			&question))
			dns->prefetch(dns, &question);
}

static void
judge_host(struct dane *dane, const struct ms_domain_host *host)
{
	struct ms_domain_case *subject = dane->subject;
	struct ms_slice owner = owner_of(subject, host);
	struct ms_dns_answer answer;

	ask_validated(subject, owner, MS_DNS_TLSA, &answer);
	if (ms_dns_is_failure(answer.status)) {
		struct ms_domain_outcome *o =
		    domain_unknown(subject, owner, MS_DNS_TLSA, &answer);

		o->detail = "A sender that gets no answer here holds the mail "
			    "back (RFC 7672 section 2.1).";
		dane->failed = true;
	} else if (answer.status == MS_DNS_FOUND) {
		judge_found(dane, host, owner, &answer);
	} else {
		if (dane->without++ == 0)
			dane->bare = owner;
	}
}

/* ---- all of them ---- */

static void
judge_some(struct dane *dane)
{
	struct ms_domain_case *subject = dane->subject;
	struct ms_domain_outcome *o = domain_outcome(subject, "dane-partial",
	    MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "%zu of %zu mail exchangers have no TLSA record", dane->without,
	    dane->with + dane->without);

	o->detail = "An attacker leads senders to the one without.";
	o->fix = ms_arena_printf(subject->arena,
	    "%.*s. TLSA 3 1 1 and the SHA-256 of the server's public key",
	    DOMAIN_TEXT(dane->bare));
	o->reference = "RFC 7672 section 2.2";
}

/* RFC 7672 2.2.1: an MX that is not signed leads anywhere. */
static void
judge_mx(struct dane *dane)
{
	struct ms_domain_case *subject = dane->subject;
	struct ms_dns_answer answer;
	struct ms_domain_outcome *o;

	ask_validated(subject, subject->name, MS_DNS_MX, &answer);
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_MX, &answer);
		return;
	}
	if (answer.security != MS_DNS_INSECURE)
		return;
	o = domain_outcome(subject, "dane-mx-insecure", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM,
	    "The MX records are not signed: the TLSA records behind them "
	    "protect little");
	o->detail = "Whoever forges the MX leads the mail to a host of his "
		    "own, whose certificate is then right.";
	o->fix = ms_arena_printf(
	    subject->arena, "Sign %.*s.", DOMAIN_TEXT(subject->name));
	o->reference = "RFC 7672 section 2.2.1";
	domain_records(subject, o, &answer);
}

static void
run(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	struct dane dane = { .subject = subject };

	if (ms_dns_is_failure(mx->answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_MX, &mx->answer);
		return;
	}
	if (mx->n == 0) {
		domain_skip(subject, "The domain takes no mail");
		return;
	}
	hint_hosts(subject, mx);
	for (size_t i = 0; i < mx->n; i++)
		judge_host(&dane, &mx->hosts[i]);
	if (dane.with == 0 && !dane.failed)
		domain_skip(subject, "No TLSA records: DANE is not used");
	if (dane.with == 0)
		return;
	if (dane.without > 0)
		judge_some(&dane);
	if (dane.with > dane.unsigned_n)
		judge_mx(&dane);
	if (subject->options->connect)
		domain_servers_dane(subject);
	if (dane.unchecked)
		domain_skip(subject,
		    "Whether the records are signed: nobody here validates");
}

static const struct ms_domain_hint hints[] = {
	{ "", MS_DNS_MX },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_dane;

const struct ms_domain_check domain_check_dane = {
	.id = "dane",
	.title = "the certificates of the mail exchangers, in the DNS",
	.reference = "RFC 7672",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
