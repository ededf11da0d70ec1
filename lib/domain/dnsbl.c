/* SPDX-License-Identifier: ISC
 * dnsbl.c - the domain and its mail exchangers on block lists, RFC 5782
 *
 * A list is asked first whether it is one: what it must list is listed, what it
 * must not is not. An answer outside 127.0.0.0/8, or a code that says "not for
 * you", is no word about anybody.
 */
#include "domain_priv.h"

struct list {
	const char *zone;
	bool names; /* of domains; else of addresses */
	bool ip6;   /* lists IPv6 addresses too */
	/* Test points, RFC 5782 5; of addresses they are the same for all. */
	const char *listed, *unlisted;
	/* Codes of the last octet with a meaning: the first that fits. */
	const struct code *codes;
};

/* 127.0.0.from to 127.0.0.to; ended by text NULL. */
struct code {
	unsigned from, to;
	enum ms_domain_status status; /* FAIL; WARN: nothing grave; ERROR: the
					 list does not answer us */
	const char *text;
};

static const struct code spamhaus_zen[] = {
	{ 2, 2, MS_DOMAIN_FAIL, "a source of spam (SBL)" },
	{ 3, 3, MS_DOMAIN_FAIL, "a source of spam (CSS)" },
	{ 4, 7, MS_DOMAIN_FAIL, "hijacked or infected (XBL)" },
	{ 9, 9, MS_DOMAIN_FAIL, "a hijacked network (DROP)" },
	{ 10, 11, MS_DOMAIN_WARN,
	    "a range that should not send mail itself (PBL)" },
	{ 0, 0, MS_DOMAIN_FAIL, NULL },
};

static const struct code spamhaus_dbl[] = {
	{ 2, 2, MS_DOMAIN_FAIL, "spam" },
	{ 4, 4, MS_DOMAIN_FAIL, "phishing" },
	{ 5, 5, MS_DOMAIN_FAIL, "malware" },
	{ 6, 6, MS_DOMAIN_FAIL, "the control of a botnet" },
	{ 102, 106, MS_DOMAIN_FAIL, "a good domain that is abused" },
	{ 0, 0, MS_DOMAIN_FAIL, NULL },
};

/* 1 means that whoever asks is refused. */
static const struct code refuses[] = {
	{ 1, 1, MS_DOMAIN_ERROR, "the list refuses to answer" },
	{ 0, 0, MS_DOMAIN_FAIL, NULL },
};

static const struct code plain[] = { { 0, 0, MS_DOMAIN_FAIL, NULL } };

static const struct list lists[] = {
	{ "zen.spamhaus.org", false, true, NULL, NULL, spamhaus_zen },
	{ "bl.spamcop.net", false, false, NULL, NULL, plain },
	{ "b.barracudacentral.org", false, false, NULL, NULL, plain },
	{ "psbl.surriel.com", false, false, NULL, NULL, plain },
	{ "dbl.spamhaus.org", true, false, "dbltest.com", "example.com",
	    spamhaus_dbl },
	{ "multi.surbl.org", true, false, "test.surbl.org", "example.com",
	    refuses },
	{ "multi.uribl.com", true, false, "test.uribl.com", "example.com",
	    refuses },
};

#define LISTS (sizeof(lists) / sizeof(lists[0]))

struct lookup {
	struct ms_domain_case *subject;
	const struct list *list;
	const char *key; /* "2.0.0.127", "example.org" */
	struct ms_slice name;
	struct ms_dns_answer answer;
	const char *meaning; /* of the code; NULL */
};

enum verdict {
	LISTED,
	MENTIONED, /* listed, and no harm meant */
	CLEAN,
	UNTOLD,
};

/* RFC 5782 2.1: in 127.0.0.0/8; 127.255.255.x is an error by use. */
static enum verdict
read_code(struct lookup *lookup, const struct ms_ip *ip)
{
	const struct code *code = lookup->list->codes;
	const unsigned char *b = ip->b + 12; /* where IPv4 stands */

	if (!ip->v4 || b[0] != 127) {
		lookup->meaning = "the answer is none of a block list: it was "
				  "rewritten on the way";
		return UNTOLD;
	}
	if (b[1] == 255 && b[2] == 255) {
		lookup->meaning = "the list refuses to answer this resolver";
		return UNTOLD;
	}
	for (; code->text; code++) {
		if (b[3] < code->from || b[3] > code->to)
			continue; /* DBL writes 127.0.1.x */
		lookup->meaning = code->text;
		if (code->status == MS_DOMAIN_ERROR)
			return UNTOLD;
		return code->status == MS_DOMAIN_WARN ? MENTIONED : LISTED;
	}
	return LISTED;
}

static enum verdict
ask(struct lookup *lookup)
{
	struct ms_domain_case *subject = lookup->subject;
	enum verdict worst = CLEAN;

	lookup->name = ms_slice_from(ms_arena_printf(
	    subject->arena, "%s.%s", lookup->key, lookup->list->zone));
	lookup->meaning = NULL;
	ms_dns_ask(subject->env->dns, lookup->name, MS_DNS_A, subject->arena,
	    &lookup->answer);
	if (ms_dns_is_absent(lookup->answer.status))
		return CLEAN;
	if (lookup->answer.status != MS_DNS_FOUND) {
		lookup->meaning = lookup->answer.why;
		return UNTOLD;
	}
	for (size_t i = 0; i < lookup->answer.n; i++) {
		enum verdict v =
		    read_code(lookup, &lookup->answer.records[i].u.ip);

		if (v == UNTOLD)
			return UNTOLD;
		if (worst == CLEAN || v == LISTED)
			worst = v;
	}
	return worst;
}

/* ---- health ---- */

static const char *
must_list(const struct list *list)
{
	return list->names ? list->listed : "2.0.0.127";
}

static const char *
must_not_list(const struct list *list)
{
	return list->names ? list->unlisted : "1.0.0.127";
}

static bool
is_well(struct ms_domain_case *subject, const struct list *list)
{
	struct lookup must = {
		.subject = subject, .list = list, .key = must_list(list)
	};
	struct lookup must_not = {
		.subject = subject, .list = list, .key = must_not_list(list)
	};
	enum verdict yes = ask(&must), no = ask(&must_not);
	const char *why = NULL;
	struct ms_domain_outcome *o;

	if (yes == UNTOLD || no == UNTOLD) {
		why = yes == UNTOLD ? must.meaning : must_not.meaning;
		why = why ? why : "no answer";
	} else if (yes == CLEAN) {
		why = "it does not list what every list must "
		      "(RFC 5782 section 5)";
	} else if (no != CLEAN) {
		why = "it lists what no list may (RFC 5782 section 5)";
	}
	if (!why)
		return true;
	o = domain_outcome(subject, NULL, MS_DOMAIN_ERROR, MS_SEVERITY_INFO,
	    "%s cannot be relied upon from here: %s", list->zone, why);
	o->fix = "Ask over a resolver of your own; large public ones are "
		 "refused.";
	o->reference = "RFC 5782 section 5";
	return false;
}

/* ---- one subject ---- */

/* The list's own words. */
static void
add_reason(struct lookup *lookup, struct ms_domain_outcome *o)
{
	struct ms_dns_answer txt;

	domain_records(lookup->subject, o, &lookup->answer);
	ms_dns_ask(lookup->subject->env->dns, lookup->name, MS_DNS_TXT,
	    lookup->subject->arena, &txt);
	domain_records(lookup->subject, o, &txt);
}

static void
say_listed(struct lookup *lookup, const char *what, bool grave)
{
	struct ms_domain_case *subject = lookup->subject;
	struct ms_domain_outcome *o = domain_outcome(subject, "dnsbl-listed",
	    grave ? MS_DOMAIN_FAIL : MS_DOMAIN_WARN,
	    grave ? MS_SEVERITY_HIGH : MS_SEVERITY_LOW,
	    "%s is listed by %s%s%s", what, lookup->list->zone,
	    lookup->meaning ? ": " : "",
	    lookup->meaning ? lookup->meaning : "");

	o->detail = "Receivers that ask this list refuse or mark the mail.";
	o->fix = "Find out why (the list's own words are among the records), "
		 "stop it, then ask the list to take it off.";
	o->reference = "RFC 5782 section 2";
	add_reason(lookup, o);
}

/* True when it is known to be clean. */
static bool
judge(struct ms_domain_case *subject, const struct list *list, const char *key,
    const char *what)
{
	struct lookup lookup = { .subject = subject, .list = list, .key = key };
	struct ms_domain_outcome *o;
	enum verdict v = ask(&lookup);

	if (v == LISTED || v == MENTIONED)
		say_listed(&lookup, what, v == LISTED);
	if (v == UNTOLD) {
		o = domain_outcome(subject, NULL, MS_DOMAIN_ERROR,
		    MS_SEVERITY_INFO, "Whether %s lists %s: %s", list->zone,
		    what, lookup.meaning ? lookup.meaning : "no answer");
		domain_records(subject, o, &lookup.answer);
	}
	return v == CLEAN;
}

/* 192.0.2.1 as 1.2.0.192, and the nibbles of IPv6: what stands in front of
 * in-addr.arpa and ip6.arpa. */
static const char *
key_of(struct ms_arena *arena, const struct ms_ip *ip)
{
	struct ms_dns_name name;
	struct ms_slice text;
	size_t arpa;

	ms_dns_name_reverse(ip, &name);
	text = ms_dns_name_format(arena, &name);
	arpa =
	    ms_slice_find_text(text, 0, ip->v4 ? ".in-addr.arpa" : ".ip6.arpa");
	return ms_arena_string(arena, ms_slice_part(text, 0, arpa));
}

static void
judge_hosts(struct ms_domain_case *subject, const struct list *list,
    size_t *asked, size_t *clean)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	char text[MS_IP_TEXT];

	for (size_t i = 0; i < mx->n; i++) {
		for (size_t k = 0; k < mx->hosts[i].n; k++) {
			const struct ms_ip *ip = &mx->hosts[i].addresses[k].ip;

			if (!ip->v4 && !list->ip6)
				continue;
			ms_ip_format(ip, text);
			++*asked;
			*clean +=
			    judge(subject, list, key_of(subject->arena, ip),
				ms_arena_printf(subject->arena, "%s (%.*s)",
				    text, DOMAIN_TEXT(mx->hosts[i].name)));
		}
	}
}

static void
hint(struct ms_domain_case *subject, const struct list *list, const char *key)
{
	char *name = ms_arena_printf(subject->arena, "%s.%s", key, list->zone);

	ms_dns_hint(subject->env->dns, ms_slice_from(name), MS_DNS_A);
}

/* All that will be asked, at once. */
static void
hint_all(struct ms_domain_case *subject, const char *name)
{
	const struct ms_domain_mx *mx = domain_mx(subject);

	for (size_t i = 0; i < LISTS; i++) {
		const struct list *list = &lists[i];

		hint(subject, list, must_list(list));
		hint(subject, list, must_not_list(list));
		if (list->names)
			hint(subject, list, name);
		for (size_t k = 0; !list->names && k < mx->n; k++)
			for (size_t n = 0; n < mx->hosts[k].n; n++)
				if (mx->hosts[k].addresses[n].ip.v4 ||
				    list->ip6)
					hint(subject, list,
					    key_of(subject->arena,
						&mx->hosts[k].addresses[n].ip));
	}
}

/* Whether all addresses are known: what could not be told is not clean. */
static bool
are_told(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	bool told = true;

	if (ms_dns_is_failure(mx->answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_MX, &mx->answer);
		return false;
	}
	for (size_t i = 0; i < mx->n; i++) {
		const struct ms_domain_host *host = &mx->hosts[i];

		if (ms_dns_is_failure(host->a.status))
			domain_unknown(subject, host->name, MS_DNS_A, &host->a);
		else if (ms_dns_is_failure(host->aaaa.status))
			domain_unknown(
			    subject, host->name, MS_DNS_AAAA, &host->aaaa);
		else
			continue;
		told = false;
	}
	return told;
}

static void
run(struct ms_domain_case *subject)
{
	const char *name = ms_arena_string(subject->arena, subject->name);
	size_t asked = 0, clean = 0, well = 0;
	bool told = are_told(subject);

	if (!subject->env->careful)
		hint_all(subject, name);
	for (size_t i = 0; i < LISTS; i++) {
		if (!is_well(subject, &lists[i]))
			continue;
		well++;
		if (lists[i].names) {
			asked++;
			clean += judge(subject, &lists[i], name, name);
		} else {
			judge_hosts(subject, &lists[i], &asked, &clean);
		}
	}
	if (told && asked > 0 && clean == asked)
		domain_pass(subject, "On none of %zu lists that answer", well);
}

extern const struct ms_domain_check domain_check_dnsbl;

const struct ms_domain_check domain_check_dnsbl = {
	.id = "dnsbl",
	.title = "block lists",
	.reference = "RFC 5782",
	.needs = MS_DOMAIN_NEEDS_DNS | MS_DOMAIN_NEEDS_REPUTATION,
	.run = run,
};
