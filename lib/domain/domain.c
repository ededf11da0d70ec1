/* SPDX-License-Identifier: ISC
 * domain.c - a domain under examination: its checks, one after another
 *
 * What every check is sure to ask is asked at once, before the first runs. A
 * check that needs what is not there yet is put aside and run again when it is,
 * and the others are run meanwhile: so a domain costs as many round trips as
 * its longest chain of questions has.
 */
#include "domain_priv.h"
#include "mailsonde/dns_wrap.h"

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

/* A score that rests on nothing but failures would say that all is well. */
static bool
is_told(const struct ms_domain_case *subject)
{
	bool failed = false;

	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next) {
		failed |= o->status == MS_DOMAIN_ERROR;
		if (o->status != MS_DOMAIN_SKIP && o->status != MS_DOMAIN_ERROR)
			return true;
	}
	return !failed;
}

static void
hint_all(const struct ms_domain_case *subject)
{
	const struct ms_domain_check *const *checks = ms_domain_checks();

	for (size_t i = 0; checks[i]; i++)
		if (domain_is_wanted(subject, checks[i]) &&
		    !unmet(subject, checks[i]))
			hint(subject, checks[i]);
}

/* ---- steps that are run again ---- */

#define STEPS_MAX  64
#define ROUNDS_MAX 32 /* then a step waits for each of its answers */

/* A check, or what comes behind all of them. */
struct step {
	const struct ms_domain_check *check; /* NULL: `run` */
	void (*run)(struct ms_domain_case *subject);
	bool done;
	struct ms_domain_outcome *first, *last; /* once it is done */
	size_t n;
};

static size_t
list_steps(const struct ms_domain_case *subject, struct step steps[STEPS_MAX])
{
	const struct ms_domain_check *const *checks = ms_domain_checks();
	size_t n = 0;

	for (size_t i = 0; checks[i] && n < STEPS_MAX - 2; i++)
		if (domain_is_wanted(subject, checks[i]))
			steps[n++] = (struct step){ .check = checks[i] };
	steps[n++] = (struct step){ .run = domain_parked };
	steps[n++] = (struct step){ .run = domain_expected };
	return n;
}

static void
clear_outcomes(struct ms_domain_case *subject)
{
	subject->outcomes = subject->outcomes_last = NULL;
	subject->outcomes_n = 0;
}

static void
run_step(struct ms_domain_case *subject, const struct step *step)
{
	if (step->check)
		run_check(subject, step->check);
	else
		step->run(subject);
}

/* Runs it and keeps what it found, unless that rests on what is not there. */
static bool
try_step(struct ms_domain_case *subject, struct ms_dns_gather *gather,
    struct step *step, bool keep)
{
	size_t before = ms_dns_gather_put_off(gather);

	clear_outcomes(subject);
	run_step(subject, step);
	step->done = keep && ms_dns_gather_put_off(gather) == before;
	step->first = subject->outcomes;
	step->last = subject->outcomes_last;
	step->n = subject->outcomes_n;
	if (ms_dns_gather_put_off(gather) > before)
		subject->mx = NULL; /* nor are its parts all there, then */
	return step->done;
}

/* All of them once; how many are not done yet. */
static size_t
run_round(struct ms_domain_case *subject, struct ms_dns_gather *gather,
    struct step *steps, size_t n, bool *profiled)
{
	size_t before = ms_dns_gather_put_off(gather), left = 0;

	if (!*profiled)
		domain_profile(subject);
	*profiled = ms_dns_gather_put_off(gather) == before;
	if (!*profiled)
		subject->mx = NULL;
	for (size_t i = 0; i < n; i++)
		if (!steps[i].done)
			left +=
			    !try_step(subject, gather, &steps[i], *profiled);
	return left;
}

static void
join(struct ms_domain_case *subject, const struct step *steps, size_t n)
{
	clear_outcomes(subject);
	for (size_t i = 0; i < n; i++) {
		if (!steps[i].first)
			continue;
		if (subject->outcomes_last)
			subject->outcomes_last->next = steps[i].first;
		else
			subject->outcomes = steps[i].first;
		subject->outcomes_last = steps[i].last;
		subject->outcomes_n += steps[i].n;
	}
}

static void
run_gathering(struct ms_domain_case *subject)
{
	const struct ms_env *outside = subject->env;
	struct ms_env env = *outside;
	struct ms_dns_gather *gather =
	    ms_dns_gather_new(subject->arena, outside->dns);
	struct step steps[STEPS_MAX];
	size_t n = list_steps(subject, steps);
	bool profiled = false;

	env.dns = ms_dns_gather_source(gather);
	subject->env = &env;
	hint_all(subject);
	for (unsigned round = 0;
	     run_round(subject, gather, steps, n, &profiled) > 0; round++) {
		if (round < ROUNDS_MAX)
			ms_dns_gather_wait(gather);
		else
			ms_dns_gather_end(gather);
	}
	join(subject, steps, n);
	subject->env = outside;
}

static void
run_in_turn(struct ms_domain_case *subject)
{
	struct step steps[STEPS_MAX];
	size_t n = list_steps(subject, steps);

	if (!subject->env->careful)
		hint_all(subject);
	domain_profile(subject);
	for (size_t i = 0; i < n; i++)
		run_step(subject, &steps[i]);
}

void
ms_domain_run(struct ms_domain_case *out)
{
	const struct ms_env *outside = out->env;
	struct ms_env env = *outside;
	/* What connects is done once. */
	bool again = !env.careful && env.dns->prefetch &&
		     !out->options->connect && !out->options->active;

	env.dns =
	    ms_dns_until(out->arena, env.dns, env.clock.ticks, env.timeout);
	out->env = &env;
	if (again)
		run_gathering(out);
	else
		run_in_turn(out);
	out->env = outside;
	out->running = NULL;
	domain_compare(out);
	if (out->options->fix)
		out->fix = ms_domain_fix(out);
	out->told = is_told(out);
	out->score = score(out);
}
