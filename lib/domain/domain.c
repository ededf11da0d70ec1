/* SPDX-License-Identifier: ISC
 * domain.c - a domain under examination: its checks, one after another
 *
 * What every check is sure to ask is asked at once, before the first runs, so
 * that a domain costs a few round trips.
 */
#include "domain_priv.h"

#define SCORE_MAX 100

static const char *const status_names[] = {
	[MS_DOMAIN_PASS] = "pass",
	[MS_DOMAIN_WARN] = "warn",
	[MS_DOMAIN_FAIL] = "fail",
	[MS_DOMAIN_SKIP] = "skip",
	[MS_DOMAIN_ERROR] = "error",
};

const char *
ms_domain_status_name(enum ms_domain_status status)
{
	return status_names[status];
}

static const char *const profile_names[] = {
	[MS_DOMAIN_UNKNOWN] = NULL,
	[MS_DOMAIN_MAIL] = "mail",
	[MS_DOMAIN_SENDER] = "sender",
	[MS_DOMAIN_PARKED] = "parked",
};

const char *
ms_domain_profile_name(enum ms_domain_profile profile)
{
	return profile_names[profile];
}

/* ---- running ---- */

static void
hint(const struct ms_domain_case *subject, const struct ms_domain_check *check)
{
	for (const struct ms_domain_hint *h = check->hints; h && h->prefix; h++)
		ms_dns_hint(subject->env->dns, domain_name(subject, h->prefix),
		    h->type);
}

/* Why a check is not run; NULL when it is. */
static const char *
unmet(const struct ms_domain_case *subject, const struct ms_domain_check *check)
{
	const struct ms_domain_options *options = subject->options;

	if ((check->needs & MS_DOMAIN_NEEDS_CONNECT) && !options->connect)
		return "only asked for with --connect";
	if ((check->needs & MS_DOMAIN_NEEDS_ACTIVE) && !options->active)
		return "only asked for with --active";
	if ((check->needs & MS_DOMAIN_NEEDS_REPUTATION) && !options->reputation)
		return "only asked for with --reputation, since it tells "
		       "others what is looked at";
	return NULL;
}

bool
domain_is_wanted(
    const struct ms_domain_case *subject, const struct ms_domain_check *check)
{
	const struct ms_domain_options *options = subject->options;

	for (size_t i = 0; i < options->only_n; i++)
		if (strcmp(options->only[i], check->id) == 0)
			return true;
	return options->only_n == 0;
}

static void
run_check(struct ms_domain_case *subject, const struct ms_domain_check *check)
{
	const char *why = unmet(subject, check);

	subject->running = check;
	if (why)
		domain_skip(subject, "%s: %s", check->title, why);
	else
		check->run(subject);
}

/* What is known not to be right counts; what could not be told does not. */
static unsigned
score(const struct ms_domain_case *subject)
{
	unsigned cost = 0;

	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next)
		cost += o->cost;
	return cost > SCORE_MAX ? 0 : SCORE_MAX - cost;
}

void
ms_domain_run(struct ms_domain_case *out)
{
	const struct ms_domain_check *const *checks = ms_domain_checks();

	if (!out->env->careful)
		for (size_t i = 0; checks[i]; i++)
			if (domain_is_wanted(out, checks[i]) &&
			    !unmet(out, checks[i]))
				hint(out, checks[i]);
	domain_profile(out);
	for (size_t i = 0; checks[i]; i++)
		if (domain_is_wanted(out, checks[i]))
			run_check(out, checks[i]);
	domain_parked(out);
	domain_expected(out);
	out->running = NULL;
	domain_compare(out);
	if (out->options->fix)
		out->fix = ms_domain_fix(out);
	out->score = score(out);
}
