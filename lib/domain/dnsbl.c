/* SPDX-License-Identifier: ISC
 * dnsbl.c - the domain and its mail exchangers on block lists, RFC 5782
 *
 * Of the lists in lib/reputation those that matter to whoever sends mail.
 */
#include "mailsonde/dnsbl.h"
#include "domain_priv.h"

static bool
is_well(struct ms_domain_case *subject, const struct ms_dnsbl *list, bool names)
{
	struct ms_dnsbl_answer test;
	struct ms_domain_outcome *o;

	if (ms_dnsbl_is_sound(subject->env, subject->arena, list, names, &test))
		return true;
	if (test.status == MS_DNSBL_SKIPPED)
		return false;
	o = domain_outcome(subject, NULL, MS_DOMAIN_ERROR, MS_SEVERITY_INFO,
	    "%s cannot be relied upon from here: %s", list->zone, test.why);
	o->fix = "Ask over a resolver of your own; large public ones are "
		 "refused.";
	o->reference = "RFC 5782 section 5";
	return false;
}

/* ---- one subject ---- */

static const char *
meaning(struct ms_arena *arena, const struct ms_dnsbl_answer *answer)
{
	const char *text = NULL;

	for (size_t i = 0; i < answer->hits_n; i++) {
		const struct ms_dnsbl_hit *hit = &answer->hits[i];

		if (hit->text && hit->severity == answer->severity)
			text = text ? ms_arena_printf(
					  arena, "%.300s, %s", text, hit->text)
				    : hit->text;
	}
	return text;
}

static void
say_listed(struct ms_domain_case *subject, struct ms_dnsbl_answer *answer,
    const char *what)
{
	const char *text = meaning(subject->arena, answer);
	struct ms_domain_outcome *o = domain_outcome(subject, "dnsbl-listed",
	    answer->severity >= MS_SEVERITY_MEDIUM ? MS_DOMAIN_FAIL
						   : MS_DOMAIN_WARN,
	    answer->severity, "%s is listed by %s%s%s", what,
	    answer->list->zone, text ? ": " : "", text ? text : "");

	o->detail = "Receivers that ask this list refuse or mark the mail.";
	o->fix = ms_arena_printf(subject->arena,
	    "Find out why (the list's own words are among the records), stop "
	    "it, then ask the list to take it off%s%s",
	    answer->list->page ? ": " : "",
	    answer->list->page ? answer->list->page : ".");
	o->reference = "RFC 5782 section 2";
	domain_records(subject, o, &answer->answer);
	ms_dnsbl_ask_reason(subject->env, subject->arena, answer);
	domain_records(subject, o, &answer->reason);
}

/* True when it is known to be clean. */
static bool
judge(struct ms_domain_case *subject, const struct ms_dnsbl *list,
    const struct ms_dnsbl_subject *who, const char *what)
{
	struct ms_dnsbl_answer answer;
	struct ms_domain_outcome *o;

	ms_dnsbl_ask(subject->env, subject->arena, list, who, &answer);
	if (answer.status == MS_DNSBL_LISTED)
		say_listed(subject, &answer, what);
	if (answer.status == MS_DNSBL_UNKNOWN) {
		o = domain_outcome(subject, NULL, MS_DOMAIN_ERROR,
		    MS_SEVERITY_INFO, "Whether %s lists %s: %s", list->zone,
		    what, answer.why);
		domain_records(subject, o, &answer.answer);
	}
	return answer.status == MS_DNSBL_NOT_LISTED;
}

/* ---- all of them ---- */

/* The domain itself, then every address of its exchangers. */
struct whom {
	struct ms_dnsbl_subject who;
	const char *what;
};

static struct whom *
list_whom(struct ms_domain_case *subject, size_t *n)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	char text[MS_IP_TEXT];
	struct whom *all;
	size_t most = 1;

	for (size_t i = 0; i < mx->n; i++)
		most += mx->hosts[i].n;
	all = MS_NEW_ARRAY(subject->arena, struct whom, most);
	ms_dnsbl_subject_name(
	    subject->env, subject->arena, subject->name, &all[0].who);
	all[0].what = ms_arena_string(subject->arena, subject->name);
	*n = 1;
	for (size_t i = 0; i < mx->n; i++) {
		for (size_t k = 0; k < mx->hosts[i].n; k++) {
			const struct ms_ip *ip = &mx->hosts[i].addresses[k].ip;

			if (ms_env_special(subject->env, ip))
				continue; /* no list is about those */
			ms_ip_format(ip, text);
			all[*n].who.ip = *ip;
			all[*n].what = ms_arena_printf(subject->arena,
			    "%s (%.*s)", text, DOMAIN_TEXT(mx->hosts[i].name));
			++*n;
		}
	}
	return all;
}

/* All that will be asked, at once. */
static void
hint_list(struct ms_domain_case *subject, const struct ms_dnsbl *list,
    const struct whom *whom, size_t n)
{
	const struct ms_env *env = subject->env;

	for (size_t i = 0; i < n; i++) {
		const struct ms_dnsbl_subject *who = &whom[i].who;

		if (!ms_dnsbl_holds(list, who))
			continue;
		ms_dnsbl_hint_sound(env, subject->arena, list, !who->ip.set);
		ms_dnsbl_hint(env, subject->arena, list, who);
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

struct counts {
	size_t asked, clean, well;
};

/* Names and addresses each have test points of their own; a list that nobody is
 * looked up in is tested all the same. */
static void
judge_list(struct ms_domain_case *subject, const struct ms_dnsbl *list,
    const struct whom *whom, size_t n, struct counts *counts)
{
	bool tested[2] = { false, false }, well[2] = { false, false };

	for (size_t i = 0; i < n; i++) {
		bool names = !whom[i].who.ip.set;

		if (!ms_dnsbl_holds(list, &whom[i].who))
			continue;
		if (!tested[names])
			well[names] = is_well(subject, list, names);
		tested[names] = true;
		if (!well[names])
			continue;
		counts->asked++;
		counts->clean +=
		    judge(subject, list, &whom[i].who, whom[i].what);
	}
	if (!tested[0] && !tested[1])
		well[0] =
		    is_well(subject, list, (list->kinds & MS_DNSBL_NAMES) != 0);
	counts->well += well[0] || well[1];
}

static struct ms_dnsbl_set
lists_of(const struct ms_domain_case *subject)
{
	const struct ms_dnsbl_set *given = subject->options->lists;
	struct ms_dnsbl_set set = { 0 };

	if (given)
		return *given;
	ms_dnsbl_add_table(subject->arena, &set);
	return set;
}

static void
run(struct ms_domain_case *subject)
{
	struct ms_dnsbl_set set = lists_of(subject);
	struct counts counts = { 0, 0, 0 };
	bool told = are_told(subject);
	size_t n;
	struct whom *whom = list_whom(subject, &n);

	for (size_t i = 0; i < set.n && !subject->env->careful; i++)
		if (ms_dnsbl_matters(&set.lists[i]))
			hint_list(subject, &set.lists[i], whom, n);
	for (size_t i = 0; i < set.n; i++)
		if (ms_dnsbl_matters(&set.lists[i]))
			judge_list(subject, &set.lists[i], whom, n, &counts);
	if (told && counts.asked > 0 && counts.clean == counts.asked)
		domain_pass(
		    subject, "On none of %zu lists that answer", counts.well);
}

extern const struct ms_domain_check domain_check_dnsbl;

const struct ms_domain_check domain_check_dnsbl = {
	.id = "dnsbl",
	.title = "block lists",
	.reference = "RFC 5782",
	.needs = MS_DOMAIN_NEEDS_DNS | MS_DOMAIN_NEEDS_REPUTATION,
	.run = run,
};
