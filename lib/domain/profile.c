/* SPDX-License-Identifier: ISC
 * profile.c - what a domain is for, and what it publishes when it is for
 * nothing: RFC 7505, RFC 7208 10.1.2, M3AAWG on parked domains
 */
#include "domain_priv.h"

#include "mailsonde/dmarc.h"

#define SPF_NOTHING "v=spf1 -all"

/* ---- SPF, as far as this needs it ---- */

static bool
is_spf(struct ms_slice text)
{
	return ms_slice_starts(text, "v=spf1") &&
	       (text.n == 6 || text.p[6] == ' ');
}

/* Nothing but -all, however it is spaced. */
static bool
is_nobody(struct ms_slice text)
{
	return is_spf(text) &&
	       ms_slice_is(
		   ms_slice_trim(ms_slice_part(text, 6, text.n)), "-all");
}

/* How many SPF records, and how many of them let nobody send. */
static void
count(const struct ms_dns_answer *answer, size_t *spf, size_t *nobody)
{
	*spf = *nobody = 0;
	for (size_t i = 0; i < answer->n; i++) {
		*spf += is_spf(answer->records[i].u.text);
		*nobody += is_nobody(answer->records[i].u.text);
	}
}

/* ---- the guess ---- */

static void
guess_silent(struct ms_domain_case *subject, const char *takes)
{
	struct ms_dns_answer txt;
	size_t spf, nobody;

	domain_ask(subject, "", MS_DNS_TXT, &txt);
	count(&txt, &spf, &nobody);
	if (ms_dns_is_failure(txt.status)) {
		subject->profile_why = "its SPF record could not be looked up";
	} else if (spf > nobody) {
		subject->profile = MS_DOMAIN_SENDER;
		subject->profile_why = ms_arena_printf(subject->arena,
		    "%s, and its SPF record names senders", takes);
	} else {
		subject->profile = MS_DOMAIN_PARKED;
		subject->profile_why =
		    ms_arena_printf(subject->arena, "%s, %s", takes,
			spf ? "and its SPF record lets nobody send"
			    : "and has no SPF record");
	}
}

/* An address alone may be a web server's. */
static void
guess_implicit(struct ms_domain_case *subject)
{
	struct ms_dns_answer txt;
	size_t spf, nobody;

	domain_ask(subject, "", MS_DNS_TXT, &txt);
	count(&txt, &spf, &nobody);
	if (ms_dns_is_failure(txt.status)) {
		subject->profile_why = "its SPF record could not be looked up";
	} else if (spf > 0 && spf == nobody) {
		subject->profile = MS_DOMAIN_PARKED;
		subject->profile_why = "it has an address and no MX, and its "
				       "SPF record lets nobody send";
	} else {
		subject->profile = MS_DOMAIN_MAIL;
		subject->profile_why = "mail goes to its own address";
	}
}

void
domain_profile(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx;

	subject->profile = subject->options->profile;
	subject->profile_guessed = subject->profile == MS_DOMAIN_UNKNOWN;
	subject->profile_why = NULL;
	if (!subject->profile_guessed) {
		subject->profile_why = "as given";
		return;
	}
	mx = domain_mx(subject);
	if (ms_dns_is_failure(mx->answer.status)) {
		subject->profile_why = "its MX could not be looked up";
	} else if (mx->null_mx) {
		guess_silent(subject, "it has a null MX");
	} else if (mx->implicit) {
		guess_implicit(subject);
	} else if (mx->n > 0) {
		subject->profile = MS_DOMAIN_MAIL;
		subject->profile_why = "it has mail exchangers";
	} else if (mx->answer.status == MS_DNS_NODATA) {
		guess_silent(subject, "it has neither MX nor address");
	}
}

/* ---- parked ---- */

static void
parked_mx(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	struct ms_domain_outcome *o;

	if (mx->null_mx || (mx->n == 0 && mx->answer.n == 0))
		return;
	o = domain_outcome(subject, "mx-parked", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "A parked domain should have a null MX");
	o->detail =
	    "Mail to it waits and is lost; with a null MX it comes back "
	    "at once.";
	o->fix = ms_arena_printf(
	    subject->arena, "%.*s. MX 0 .", DOMAIN_TEXT(subject->name));
	o->reference = "RFC 7505 section 3";
	if (mx->answer.n > 0)
		domain_remove(subject, o, subject->name, "MX", NULL);
	domain_add(subject, o, subject->name, "MX", "0 .");
	domain_records(subject, o, &mx->answer);
}

static void
parked_spf(struct ms_domain_case *subject)
{
	struct ms_dns_answer txt;
	struct ms_domain_outcome *o;
	size_t spf, nobody;

	domain_ask(subject, "", MS_DNS_TXT, &txt);
	count(&txt, &spf, &nobody);
	if (ms_dns_is_failure(txt.status) || (spf == 1 && nobody == 1) ||
	    spf == 0)
		return;
	o = domain_outcome(subject, "spf-parked", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM,
	    "A parked domain's SPF record should let nobody send");
	o->detail = "Nothing else stops others from sending in its name.";
	o->fix = ms_arena_printf(subject->arena,
	    "%.*s. TXT \"" SPF_NOTHING "\"", DOMAIN_TEXT(subject->name));
	o->reference = "RFC 7208 section 10.1.2";
	domain_replace_txt(subject, o, &txt, "", is_spf, ms_slice_make(NULL, 0),
	    "\"" SPF_NOTHING "\"");
	domain_records(subject, o, &txt);
}

static void
parked_dmarc(struct ms_domain_case *subject)
{
	static const char wanted[] = "\"v=DMARC1; p=reject;\"";
	struct ms_dmarc_record record = { .p = MS_DMARC_ABSENT };
	struct ms_dns_answer txt;
	struct ms_domain_outcome *o;
	size_t n = 0;

	domain_ask(subject, "_dmarc", MS_DNS_TXT, &txt);
	for (size_t i = 0; i < txt.n; i++) {
		if (!ms_dmarc_is_record(txt.records[i].u.text))
			continue;
		ms_dmarc_record_parse(txt.records[i].u.text,
		    &subject->env->limits, subject->arena, &record);
		n++;
	}
	if (n != 1 || record.p == MS_DMARC_REJECT)
		return;
	o = domain_outcome(subject, "dmarc-parked", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM,
	    "A parked domain's DMARC policy should be reject");
	o->detail = "It sends no mail that a policy could hurt.";
	o->fix = ms_arena_printf(subject->arena, "_dmarc.%.*s. TXT %s",
	    DOMAIN_TEXT(subject->name), wanted);
	o->reference = "RFC 9989 section 4.7";
	domain_replace_txt(subject, o, &txt, "_dmarc", ms_dmarc_is_record,
	    ms_slice_make(NULL, 0), wanted);
	domain_records(subject, o, &txt);
}

/* The wildcard itself is asked for; its label is an ordinary one. */
static void
parked_dkim(struct ms_domain_case *subject)
{
	static const char prefix[] = "*._domainkey";
	static const char wanted[] = "\"v=DKIM1; p=\"";
	struct ms_dns_answer txt;
	struct ms_domain_outcome *o;

	domain_ask(subject, prefix, MS_DNS_TXT, &txt);
	if (!ms_dns_is_absent(txt.status))
		return;
	o = domain_outcome(subject, "dkim-parked", MS_DOMAIN_WARN,
	    MS_SEVERITY_INFO,
	    "A parked domain should say that all of its keys are revoked");
	o->detail = "Without it an old or stolen key may still be believed.";
	o->fix = ms_arena_printf(subject->arena, "%s.%.*s. TXT %s", prefix,
	    DOMAIN_TEXT(subject->name), wanted);
	o->reference = "RFC 6376 section 3.6.1";
	domain_add(subject, o, domain_name(subject, prefix), "TXT", wanted);
}

/* Rows under which the outcomes stand. */
static const struct ms_domain_check parked[] = {
	{ .id = "mx", .title = "the MX of a parked domain", .run = parked_mx },
	{ .id = "spf", .title = "SPF of a parked domain", .run = parked_spf },
	{ .id = "dkim",
	    .title = "DKIM of a parked domain",
	    .run = parked_dkim },
	{ .id = "dmarc",
	    .title = "DMARC of a parked domain",
	    .run = parked_dmarc },
};

void
domain_parked(struct ms_domain_case *subject)
{
	if (subject->profile != MS_DOMAIN_PARKED)
		return;
	for (size_t i = 0; i < sizeof(parked) / sizeof(parked[0]); i++) {
		subject->running = &parked[i];
		if (domain_is_wanted(subject, &parked[i]))
			parked[i].run(subject);
	}
}
