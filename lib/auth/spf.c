/* SPDX-License-Identifier: ISC
 * spf.c - SPF: check_host() and what is around it, RFC 7208 sections 4 to 6
 *
 * The tree of records is walked term by term in their order. Where a failed
 * look-up of a ptr may have hidden a match, both ways are kept in mind: the
 * result stands when they lead to the same, else it is temperror.
 */
#include "mailsonde/link.h"
#include "spf_priv.h"

/* Sets of results that are possible yet. */
#define BIT(result) (1u << (result))
#define ANYTHING    (1u << 31)

/* The records that led here: one that comes back never ends. */
struct chain {
	const struct spf_page *page;
	const struct chain *up;
};

static struct ms_spf_trail *check_host(struct spf_run *run, unsigned round,
    struct ms_slice domain, const struct chain *up, unsigned *maybe);

/* ---- one term ---- */

static void
set_cause(struct spf_run *run, const struct ms_spf_step *step,
    const struct ms_spf_trail *trail)
{
	if (run->out->cause_at)
		return;
	run->out->cause = step;
	run->out->cause_at = trail;
}

static void
clear_cause(struct spf_run *run)
{
	run->out->cause = NULL;
	run->out->cause_at = NULL;
}

static enum spf_outcome
wrong(struct spf_run *run, enum ms_spf_problem problem,
    const struct ms_spf_trail *at)
{
	run->out->problem = problem;
	run->out->problem_at = at;
	return SPF_PERMERROR;
}

static bool
comes_back(const struct chain *chain, struct ms_slice target)
{
	struct ms_dns_name name;

	if (!ms_dns_name_from_text(target, &name))
		return false;
	for (; chain; chain = chain->up)
		if (ms_dns_name_equal(&chain->page->name, &name))
			return true;
	return false;
}

/* Checks what an include or a redirect names, into step->trail. SPF_YES: there
 * is a result; its doubts are in *maybe. */
static enum spf_outcome
follow(struct spf_run *run, const struct chain *chain,
    struct ms_spf_trail *trail, struct ms_spf_step *step, unsigned *maybe)
{
	struct ms_slice domain = run->values.domain;
	unsigned round = chain->page->round + 1;
	enum spf_outcome outcome = spf_target(run, round, step);

	*maybe = 0;
	if (outcome == SPF_NO && step->note)
		return SPF_NO;
	if (outcome != SPF_YES && outcome != SPF_NO)
		return outcome;
	if (comes_back(chain, step->target))
		return wrong(run, MS_SPF_LOOP, trail);
	step->trail = check_host(run, round, step->target, chain, maybe);
	run->values.domain = domain;
	switch (step->trail->result) {
	case MS_AUTH_NONE:
		return wrong(run,
		    step->term->kind == MS_SPF_INCLUDE ? MS_SPF_INCLUDE_NONE
						       : MS_SPF_REDIRECT_NONE,
		    trail);
	case MS_AUTH_TEMPERROR:
		return SPF_TEMPERROR;
	case MS_AUTH_PERMERROR:
		return SPF_PERMERROR;
	default:
		return SPF_YES;
	}
}

/* 5.2: pass matches; fail, softfail and neutral do not; the rest is an
 * error. */
static enum spf_outcome
match_include(struct spf_run *run, const struct chain *chain,
    struct ms_spf_trail *trail, struct ms_spf_step *step, unsigned *maybe)
{
	unsigned results;
	enum spf_outcome outcome = follow(run, chain, trail, step, &results);

	if (outcome != SPF_YES) {
		if (results)
			*maybe |= ANYTHING;
		return outcome;
	}
	results |= BIT(step->trail->result);
	if (results == BIT(MS_AUTH_PASS))
		return SPF_YES;
	clear_cause(run);
	return results & BIT(MS_AUTH_PASS) ? SPF_DOUBT : SPF_NO;
}

static enum spf_outcome
match_redirect(struct spf_run *run, const struct chain *chain,
    struct ms_spf_trail *trail, struct ms_spf_step *step, unsigned *maybe)
{
	unsigned results;
	enum spf_outcome outcome = follow(run, chain, trail, step, &results);

	*maybe |= results;
	return outcome;
}

static enum spf_outcome
match_term(struct spf_run *run, const struct chain *chain,
    struct ms_spf_trail *trail, struct ms_spf_step *step, unsigned *maybe)
{
	if (spf_term_looks_up(step->term) &&
	    ++run->out->lookups > run->env->limits.spf_lookups)
		return SPF_LOOKUP_LIMIT;
	if (step->term->kind == MS_SPF_INCLUDE)
		return match_include(run, chain, trail, step, maybe);
	if (step->term->kind == MS_SPF_REDIRECT)
		return match_redirect(run, chain, trail, step, maybe);
	return spf_match(run, chain->page->round + 1, step);
}

/* ---- one record ---- */

static struct ms_spf_step *
add_step(struct spf_run *run, struct ms_spf_trail *trail,
    const struct ms_spf_term *term)
{
	struct ms_spf_step *step = MS_NEW(run->arena, struct ms_spf_step);

	step->term = term;
	if (trail->steps_last)
		trail->steps_last->next = step;
	else
		trail->steps = step;
	trail->steps_last = step;
	return step;
}

/* What the outcome of a term makes of the record; true: nothing more is looked
 * at. */
static bool
settle(struct spf_run *run, struct ms_spf_trail *trail,
    struct ms_spf_step *step, enum spf_outcome outcome, unsigned *maybe)
{
	bool redirect = step->term->kind == MS_SPF_REDIRECT;

	step->match = MS_SPF_MATCH_UNKNOWN;
	switch (outcome) {
	case SPF_NO:
		step->match = MS_SPF_NO_MATCH;
		return false;
	case SPF_DOUBT:
		*maybe |= BIT(step->term->qualifier);
		if (!run->doubt) {
			run->doubt = step;
			run->doubt_at = trail;
		}
		return false;
	case SPF_YES:
		step->match = MS_SPF_MATCH;
		trail->result =
		    redirect ? step->trail->result : step->term->qualifier;
		break;
	case SPF_TEMPERROR:
		trail->result = MS_AUTH_TEMPERROR;
		break;
	case SPF_LOOKUP_LIMIT:
		wrong(run, MS_SPF_LOOKUP_LIMIT, trail);
		break;
	case SPF_VOID_LIMIT:
		wrong(run, MS_SPF_VOID_LIMIT, trail);
		break;
	case SPF_MX_LIMIT:
		wrong(run, MS_SPF_MX_LIMIT, trail);
		break;
	case SPF_PERMERROR:
		break;
	}
	if (outcome > SPF_TEMPERROR)
		trail->result = MS_AUTH_PERMERROR;
	trail->last = step;
	if (!redirect || outcome != SPF_YES)
		set_cause(run, step, trail);
	return true;
}

static bool
do_term(struct spf_run *run, const struct chain *chain,
    struct ms_spf_trail *trail, const struct ms_spf_term *term, unsigned *maybe)
{
	unsigned lookups = run->out->lookups;
	unsigned voids = run->out->void_lookups;
	struct ms_spf_step *step = add_step(run, trail, term);
	enum spf_outcome outcome = match_term(run, chain, trail, step, maybe);

	step->lookups = run->out->lookups - lookups;
	step->void_lookups = run->out->void_lookups - voids;
	return settle(run, trail, step, outcome, maybe);
}

/* 4.6.2, 4.7: mechanisms from left to right, then redirect, then neutral. */
static void
do_terms(struct spf_run *run, const struct chain *chain,
    struct ms_spf_trail *trail, unsigned *maybe)
{
	const struct ms_spf_record *record = &trail->record;

	trail->result = MS_AUTH_NEUTRAL;
	for (size_t i = 0; i < record->n; i++)
		if (record->terms[i].kind < MS_SPF_REDIRECT &&
		    do_term(run, chain, trail, &record->terms[i], maybe))
			return;
	if (record->redirect && !record->all)
		do_term(run, chain, trail, record->redirect, maybe);
}

/* 4.3 to 4.6: up to where terms are looked at. False: that is all. */
static bool
select_record(struct spf_run *run, const struct spf_page *page,
    struct ms_spf_trail *trail)
{
	const struct spf_read *read;

	trail->result = MS_AUTH_NONE;
	if (!page)
		return false;
	read = page->read;
	if (ms_dns_is_failure(read->status)) {
		spf_failed(run, &trail->failures, trail->domain, MS_DNS_TXT,
		    read->status, read->why);
		trail->result = MS_AUTH_TEMPERROR;
		set_cause(run, NULL, trail);
		return false;
	}
	if (read->records == 0)
		return false;
	trail->record = read->record;
	trail->records = read->records;
	trail->texts = read->texts;
	if (read->records == 1 && read->record.errors_n == 0)
		return true;
	wrong(run, read->records > 1 ? MS_SPF_MULTIPLE_RECORDS : MS_SPF_SYNTAX,
	    trail);
	trail->result = MS_AUTH_PERMERROR;
	set_cause(run, NULL, trail);
	return false;
}

static struct ms_spf_trail *
check_host(struct spf_run *run, unsigned round, struct ms_slice domain,
    const struct chain *up, unsigned *maybe)
{
	struct ms_spf_trail *trail = MS_NEW(run->arena, struct ms_spf_trail);
	struct spf_page *page = spf_page(run, round, domain);
	struct chain chain = { page, up };

	trail->domain = domain;
	trail->status = page ? page->read->status : MS_DNS_INVALID;
	if (!select_record(run, page, trail))
		return trail;
	run->values.domain = domain;
	do_terms(run, &chain, trail, maybe);
	return trail;
}

/* ---- explanation, 6.2 ---- */

/* Nothing that is looked up for an explanation counts. */
static void
fill_validated(struct spf_run *run, struct ms_slice text)
{
	struct ms_spf_step step = { .void_lookups = 1 };

	if (spf_macro_uses(text, 'p'))
		(void)spf_validated(run, 0, &step, &run->values.validated);
}

/* NULL, or why there is no explanation. */
static const char *
explain(struct spf_run *run, const struct ms_spf_term *exp)
{
	struct ms_slice target, text;
	struct ms_dns_answer answer;
	struct ms_dns_name name;
	bool one_label;
	size_t offset;

	fill_validated(run, exp->target);
	target = spf_macro_expand(
	    run->arena, &run->values, exp->target, MS_SPF_DOMAIN_SPEC);
	if (!target.p || !ms_dns_name_from_text(target, &name))
		return "its name cannot exist";
	spf_ask(run, 0, &name, MS_DNS_TXT, &answer);
	if (answer.status != MS_DNS_FOUND)
		return ms_arena_printf(run->arena,
		    "the TXT look-up of %.*s gave: %s", (int)target.n,
		    (const char *)target.p, ms_dns_status_name(answer.status));
	if (answer.n != 1)
		return "there are several TXT records";
	text = answer.records[0].u.text;
	if (spf_macro_fault(text, MS_SPF_EXPLANATION, &offset, &one_label))
		return "its text does not follow the grammar";
	fill_validated(run, text);
	text = spf_macro_expand(
	    run->arena, &run->values, text, MS_SPF_EXPLANATION);
	if (!text.p)
		return "its text would not be ASCII";
	if (text.n == 0)
		return "its text is empty";
	run->out->explanation = text;
	return NULL;
}

/* ---- the whole ---- */

/* 2.4, 4.3: who is judged, and what macros say of him. */
static void
read_identity(struct spf_run *run)
{
	const struct ms_spf_request *request = run->request;
	struct ms_spf_result *out = run->out;
	struct ms_slice from = request->mail_from;
	size_t at = from.n;

	run->values.local = MS_SLICE("postmaster");
	out->domain_given = request->helo;
	out->null_sender = from.n == 0;
	if (request->scope == MS_SPF_MAIL_FROM && from.n > 0) {
		while (at > 0 && from.p[at - 1] != '@')
			at--;
		out->domain_given = ms_slice_part(from, at, from.n);
		if (at > 1)
			run->values.local = ms_slice_part(from, 0, at - 1);
	}
	if (out->domain_given.n == 0)
		return;
	out->domain = ms_domain_to_ascii(run->arena, out->domain_given);
	if (out->domain.p[out->domain.n - 1] == '.')
		out->domain.n--;
	run->values.sender_domain = out->domain;
}

static bool
may_be_asked(struct ms_slice domain)
{
	for (size_t i = 0; i < domain.n; i++)
		if (domain.p[i] >= 0x80 || domain.p[i] == '[')
			return false;
	return domain.n > 0;
}

/* The term of the domain's own record, behind every redirect. */
static void
find_term(struct ms_spf_result *out)
{
	const struct ms_spf_trail *at = out->trail;

	while (at->last && at->last->term->kind == MS_SPF_REDIRECT &&
	       at->last->trail)
		at = at->last->trail;
	out->at = at;
	out->term = at->last;
}

static const struct ms_spf_failure *
last_failure(const struct ms_spf_result *out)
{
	const struct ms_spf_failure *failure = NULL;

	if (out->cause)
		failure = out->cause->failures;
	else if (out->cause_at)
		failure = out->cause_at->failures;
	while (failure && failure->next)
		failure = failure->next;
	return failure;
}

/* A failed look-up that could have led elsewhere is no result. */
static void
weigh_doubt(struct spf_run *run, unsigned maybe)
{
	struct ms_spf_result *out = run->out;

	if ((maybe & ~BIT(out->result)) == 0 || !run->doubt ||
	    out->result == MS_AUTH_TEMPERROR)
		return;
	out->result = MS_AUTH_TEMPERROR;
	out->problem = MS_SPF_OK;
	out->problem_at = NULL;
	out->term = out->cause = run->doubt;
	out->at = out->cause_at = run->doubt_at;
}

static void
finish(struct spf_run *run, unsigned maybe)
{
	struct ms_spf_result *out = run->out;

	out->result = out->trail->result;
	find_term(out);
	weigh_doubt(run, maybe);
	if (out->result == MS_AUTH_TEMPERROR)
		out->failure = last_failure(out);
	if (out->problem == MS_SPF_LOOKUP_LIMIT && !run->env->careful)
		spf_count_lookups(run);
	if (out->result == MS_AUTH_FAIL && out->at->record.exp) {
		run->values.domain = out->at->domain;
		out->explanation_note = explain(run, out->at->record.exp);
	}
}

static void
start(struct spf_run *run, const struct ms_env *env, struct ms_arena *arena,
    const struct ms_spf_request *request, struct ms_spf_result *out)
{
	memset(out, 0, sizeof(*out));
	memset(run, 0, sizeof(*run));
	run->env = env;
	run->arena = arena;
	run->request = request;
	run->out = out;
	out->scope = request->scope;
	out->ip = run->values.ip = request->ip;
	out->helo = run->values.helo = request->helo;
	run->values.receiver =
	    request->receiver.n > 0 ? request->receiver : MS_SLICE("unknown");
	run->values.validated = MS_SLICE("unknown");
	run->values.now = env->clock.now;
	run->values.explanation_max = env->limits.spf_explanation;
	run->started = env->clock.ticks ? env->clock.ticks() : 0;
	read_identity(run);
}

void
ms_spf_check(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_spf_request *request, struct ms_spf_result *out)
{
	struct spf_run run;
	unsigned maybe = 0;

	start(&run, env, arena, request, out);
	if (may_be_asked(out->domain)) {
		out->trail = check_host(&run, 0, out->domain, NULL, &maybe);
		finish(&run, maybe);
	}
	out->reason = spf_reason(arena, out);
}

bool
ms_spf_expand(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_spf_request *request, struct ms_slice domain,
    struct ms_slice text, enum ms_spf_macro_mode mode, struct ms_slice *out)
{
	struct ms_spf_result result;
	struct spf_run run;
	size_t offset;
	bool one_label;

	*out = ms_slice_make(NULL, 0);
	if (spf_macro_fault(text, mode, &offset, &one_label))
		return false;
	start(&run, env, arena, request, &result);
	run.values.domain = domain;
	fill_validated(&run, text);
	*out = spf_macro_expand(arena, &run.values, text, mode);
	return out->p != NULL;
}

const char *
ms_spf_scope_name(enum ms_spf_scope scope)
{
	return scope == MS_SPF_HELO ? "helo" : "mfrom";
}
