/* SPDX-License-Identifier: ISC
 * dnssec.c - is the domain signed, and does the chain from the root hold?
 */
#include "domain_priv.h"

enum {
	RECORDS_MAX = 64, /* compared with one another */
	DS_SHA1 = 1,      /* RFC 8624 3.3: must not be used to sign */
	ALG_RSASHA1 = 5,  /* RFC 9905: likewise */
	ALG_NSEC3SHA1 = 7,
	EXPIRY_SOON = 3 * 86400, /* and less than a quarter of their life */
	FLAG_ZONE = 0x01, /* of the first octet: the key signs the zone */
};

/* RFC 4034 appendix B. */
static unsigned
key_tag(struct ms_slice rdata)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < rdata.n; i++)
		sum += i & 1 ? rdata.p[i] : (unsigned long)rdata.p[i] << 8;
	sum += sum >> 16 & 0xffff;
	return (unsigned)(sum & 0xffff);
}

/* A key of the zone that the DS record is about. */
static bool
matches(struct ms_slice ds, struct ms_slice key)
{
	return ds.n > 4 && key.n > 4 && (key.p[0] & FLAG_ZONE) &&
	       ds.p[2] == key.p[3] &&
	       ((unsigned)ds.p[0] << 8 | ds.p[1]) == key_tag(key);
}

static bool
any_matches(const struct ms_dns_answer *ds, const struct ms_dns_answer *keys)
{
	for (size_t i = 0; i < ds->n && i < RECORDS_MAX; i++)
		for (size_t k = 0; k < keys->n && k < RECORDS_MAX; k++)
			if (matches(
				ds->records[i].rdata, keys->records[k].rdata))
				return true;
	return false;
}

/* ---- findings ---- */

static void
judge_ds_alone(struct ms_domain_case *subject, const struct ms_dns_answer *ds,
    const struct ms_dns_answer *keys)
{
	struct ms_domain_outcome *o;

	if (ds->n == 0 || any_matches(ds, keys))
		return;
	o = domain_outcome(subject, "dnssec-ds-mismatch", MS_DOMAIN_FAIL,
	    MS_SEVERITY_CRITICAL,
	    keys->n == 0
		? "The zone above says that the domain is signed (DS), "
		  "and it has no key (DNSKEY)"
		: "No key of the domain (DNSKEY) fits what the zone "
		  "above says (DS)");
	o->detail = "For everybody who validates the domain does not exist any "
		    "more: no mail comes or goes.";
	o->fix = "Have the DS records at the registry replaced, or taken out.";
	o->reference = "RFC 4035 section 5.2";
	domain_records(subject, o, ds);
	domain_records(subject, o, keys);
}

static void
judge_no_ds(struct ms_domain_case *subject, const struct ms_dns_answer *ds,
    const struct ms_dns_answer *keys)
{
	struct ms_domain_outcome *o;

	if (ds->n > 0 || keys->n == 0)
		return;
	o = domain_outcome(subject, "dnssec-no-ds", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    "The domain is signed, and the zone above does not say so (DS)");
	o->detail = "So nobody validates it: the signatures are of no use.";
	o->fix = "Give the registry the DS record of the key.";
	o->reference = "RFC 4035 section 2.4";
	domain_records(subject, o, keys);
}

static void
judge_weak(struct ms_domain_case *subject, const struct ms_dns_answer *ds)
{
	bool strong = false, old = false;
	struct ms_domain_outcome *o;

	for (size_t i = 0; i < ds->n; i++) {
		struct ms_slice r = ds->records[i].rdata;

		if (r.n <= 4)
			continue;
		strong = strong || r.p[3] != DS_SHA1;
		old = old || r.p[2] == ALG_RSASHA1 || r.p[2] == ALG_NSEC3SHA1;
	}
	if (ds->n == 0 || (strong && !old))
		return;
	o = domain_outcome(subject, "dnssec-sha1", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "DNSSEC of the domain rests on SHA-1");
	o->detail = "More and more resolvers take such a domain as unsigned.";
	o->fix = "Sign with algorithm 13 (ECDSA P-256), with a DS of digest "
		 "type 2.";
	o->reference = "RFC 8624 section 3";
	domain_records(subject, o, ds);
}

/* RFC 8624 3.1: those that validators must or should know. */
static bool
is_known(unsigned algorithm)
{
	static const unsigned char known[] = { ALG_RSASHA1, ALG_NSEC3SHA1, 8,
		10, 13, 14, 15, 16 };

	return memchr(known, (int)algorithm, sizeof(known)) != NULL;
}

/* RFC 4035 5.2: a DS record of another algorithm is as good as none. */
static void
judge_algorithms(struct ms_domain_case *subject, const struct ms_dns_answer *ds)
{
	struct ms_domain_outcome *o;

	for (size_t i = 0; i < ds->n; i++)
		if (ds->records[i].rdata.n > 4 &&
		    is_known(ds->records[i].rdata.p[2]))
			return;
	if (ds->n == 0)
		return;
	o = domain_outcome(subject, "dnssec-algorithm", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM,
	    "DNSSEC of the domain rests on an algorithm that validators do not "
	    "take");
	o->detail = "For them the domain is not signed.";
	o->fix = "Sign with algorithm 13 (ECDSA P-256), with a DS of digest "
		 "type 2.";
	o->reference = "RFC 8624 section 3.1";
	domain_records(subject, o, ds);
}

/* Those who sign anew each day are never far from the end: what counts is how
 * much of the signature's life is left as well. */
static void
judge_expiry(struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	uint32_t now = (uint32_t)subject->env->clock.now;
	int32_t left = (int32_t)(answer->signed_until - now);
	int32_t life = (int32_t)(answer->signed_until - answer->signed_since);
	struct ms_domain_outcome *o;
	char text[MS_TIME_TEXT];

	if (!answer->has_signature || left >= EXPIRY_SOON || left >= life / 4)
		return;
	ms_time_format(subject->env->clock.now + left, text);
	o = domain_outcome(subject, "dnssec-expires-soon", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM, "The signatures of the domain end on %s", text);
	o->detail = "From then on nobody who validates finds the domain. They "
		    "are renewed long before, as a rule.";
	o->fix = "See why the zone is not signed anew.";
	o->reference = "RFC 6781 section 4.4.2";
	domain_records(subject, o, answer);
}

static void
judge_bogus(struct ms_domain_case *subject, const struct ms_dns_answer *answer)
{
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "dnssec-bogus", MS_DOMAIN_FAIL,
		MS_SEVERITY_CRITICAL, "DNSSEC of the domain is broken: %s",
		answer->why ? answer->why : "no signature holds");

	o->detail = "For everybody who validates the domain does not exist: no "
		    "mail comes or goes.";
	if (answer->ede_text.n > 0)
		o->detail = ms_arena_printf(subject->arena,
		    "%s The resolver says: %.*s.", o->detail,
		    DOMAIN_TEXT(answer->ede_text));
	o->fix = "Sign the zone anew, or have its DS records taken out at the "
		 "registry until it is.";
	o->reference = "RFC 4035 section 5";
}

static void
judge_insecure(struct ms_domain_case *subject)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "dnssec-none",
	    MS_DOMAIN_WARN, MS_SEVERITY_INFO, "The domain is not signed");

	o->detail = "Answers about it can be forged on the way; DANE is not "
		    "possible.";
	o->fix = "Sign the zone, and give the registry its DS record.";
	o->reference = "RFC 9364";
}

/* ---- all ---- */

/* What the records alone say. True: both are known. */
static bool
judge_records(struct ms_domain_case *subject)
{
	struct ms_dns_answer ds, keys, own;
	bool known = true;

	domain_ask(subject, "", MS_DNS_DS, &ds);
	domain_ask(subject, "", MS_DNS_DNSKEY, &keys);
	if (ms_dns_is_failure(ds.status) && ds.status != MS_DNS_BOGUS) {
		domain_unknown(subject, subject->name, MS_DNS_DS, &ds);
		known = false;
	}
	/* A resolver that validates keeps keys back that do not fit. */
	if (ms_dns_is_failure(keys.status) &&
	    domain_ask_servers(subject, MS_DNS_DNSKEY, &own))
		keys = own;
	if (ms_dns_is_failure(keys.status) && keys.status != MS_DNS_BOGUS) {
		domain_unknown(subject, subject->name, MS_DNS_DNSKEY, &keys);
		known = false;
	}
	if (!ms_dns_is_failure(ds.status)) {
		judge_weak(subject, &ds);
		judge_algorithms(subject, &ds);
	}
	if (ms_dns_is_failure(ds.status) || ms_dns_is_failure(keys.status))
		return known;
	judge_ds_alone(subject, &ds, &keys);
	judge_no_ds(subject, &ds, &keys);
	return known;
}

static void
judge_chain(struct ms_domain_case *subject, const struct ms_dns_answer *answer,
    bool clean)
{
	switch (answer->security) {
	case MS_DNS_SECURITY_BOGUS:
		judge_bogus(subject, answer);
		break;
	case MS_DNS_SECURE:
	case MS_DNS_SECURE_AD:
		if (clean)
			domain_pass(subject,
			    "The domain is signed, and the chain holds (%s)",
			    answer->security == MS_DNS_SECURE
				? "validated here"
				: "so says the resolver");
		break;
	case MS_DNS_INSECURE:
		judge_insecure(subject);
		break;
	case MS_DNS_UNCHECKED:
		domain_skip(subject,
		    "Whether the chain from the root holds is not known: "
		    "nobody validated");
		break;
	}
}

static void
run(struct ms_domain_case *subject)
{
	struct ms_dns_question question = { .type = MS_DNS_SOA,
		.want = MS_DNS_VALIDATED };
	size_t before = subject->outcomes_n;
	struct ms_dns_answer answer;

	if (!ms_dns_name_from_text(subject->name, &question.name))
		return;
	subject->env->dns->query(
	    subject->env->dns, &question, subject->arena, &answer);
	if (answer.status == MS_DNS_BOGUS) {
		judge_bogus(subject, &answer);
		judge_records(subject);
		return;
	}
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_SOA, &answer);
		return;
	}
	if (answer.status == MS_DNS_NXDOMAIN) {
		domain_skip(subject, "The domain does not exist");
		return;
	}
	judge_expiry(subject, &answer);
	if (judge_records(subject))
		judge_chain(subject, &answer, subject->outcomes_n == before);
}

static const struct ms_domain_hint hints[] = {
	{ "", MS_DNS_DS },
	{ "", MS_DNS_DNSKEY },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_dnssec;

const struct ms_domain_check domain_check_dnssec = {
	.id = "dnssec",
	.title = "DNSSEC from the root down",
	.reference = "RFC 4035",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
