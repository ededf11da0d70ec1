/* SPDX-License-Identifier: ISC
 * spf_ask.c - the questions of an SPF check: in time, once, and early
 *
 * Questions that will be needed anyway are told early, so that a check takes
 * as many round trips as its tree is deep, not as it has look-ups. The tree is
 * still walked term by term (4.6), and terms are told in the order of the tree
 * level by level, no more of them than the limit of 4.6.4 lets a check look
 * up. Before the walk waits for a question of round n, the answers of all
 * rounds before are read, and what they ask for is told.
 */
#include "spf_priv.h"

enum ms_dns_type
spf_address_type(const struct spf_run *run)
{
	return run->values.ip.v4 ? MS_DNS_A : MS_DNS_AAAA;
}

/* ---- asking ---- */

static double
time_limit(const struct spf_run *run)
{
	double limit = (double)run->env->limits.spf_seconds;

	return run->env->timeout > 0 && run->env->timeout < limit
		   ? run->env->timeout
		   : limit;
}

static bool
time_is_over(const struct spf_run *run)
{
	double (*ticks)(void) = run->env->clock.ticks;

	return ticks && ticks() - run->started > time_limit(run);
}

static void
ask(struct spf_run *run, const struct ms_dns_name *name, enum ms_dns_type type,
    struct ms_dns_answer *out)
{
	struct ms_dns_question question = { .name = *name,
		.type = (uint16_t)type };

	memset(out, 0, sizeof(*out));
	if (!time_is_over(run)) {
		run->env->dns->query(run->env->dns, &question, run->arena, out);
		return;
	}
	out->status = MS_DNS_TIMEOUT;
	out->why = ms_arena_printf(run->arena,
	    "the time for one check, %g seconds, was over (RFC 7208 4.6.4)",
	    time_limit(run));
}

const struct ms_spf_failure *
spf_failed(struct spf_run *run, struct ms_spf_failure **list,
    struct ms_slice name, enum ms_dns_type type, enum ms_dns_status status,
    const char *why)
{
	struct ms_spf_failure *failure =
	    MS_NEW(run->arena, struct ms_spf_failure);

	failure->name = name;
	failure->type = type;
	failure->status = status;
	failure->why = why;
	while (*list)
		list = &(*list)->next;
	*list = failure;
	return failure;
}

/* ---- records ---- */

/* 4.5: TXT records alone, whatever lies there as type SPF (3.1). */
static void
read_answer(struct spf_run *run, const struct ms_dns_answer *answer,
    struct spf_read *out)
{
	out->status = answer->status;
	out->why = answer->why;
	for (size_t i = 0; i < answer->n; i++) {
		struct ms_slice text = answer->records[i].u.text;

		if (!ms_spf_is_record(text))
			continue;
		if (out->records == 0)
			ms_spf_record_parse(run->arena, text, &out->record);
		else if (out->records == 1)
			out->texts = MS_NEW_ARRAY(
			    run->arena, struct ms_slice, answer->n);
		if (out->records == 1)
			out->texts[0] = out->record.text;
		if (out->records > 0)
			out->texts[out->records] = text;
		out->records++;
	}
}

static void
read_page(struct spf_run *run, struct spf_page *page)
{
	struct ms_dns_answer answer;

	ask(run, &page->name, MS_DNS_TXT, &answer);
	page->read = MS_NEW(run->arena, struct spf_read);
	read_answer(run, &answer, page->read);
	if (run->env->spf)
		page->read =
		    spf_remember(run->env->spf, &page->name, page->read);
	spf_look_ahead(run, page);
}

/* A properly formed name of two labels and more (4.3). */
static bool
name_of(struct ms_slice domain, struct ms_dns_name *out)
{
	return ms_dns_name_from_text(domain, out) && out->n > 1 &&
	       out->wire[1 + out->wire[0]] != 0;
}

static struct spf_page *
find_page(struct spf_run *run, unsigned round, struct ms_slice domain)
{
	struct spf_page **at = &run->pages;
	struct ms_dns_name name;

	if (!name_of(domain, &name))
		return NULL;
	while (*at && !ms_dns_name_equal(&(*at)->name, &name))
		at = &(*at)->next;
	if (*at)
		return *at;
	*at = MS_NEW(run->arena, struct spf_page);
	(*at)->domain = domain;
	(*at)->name = name;
	(*at)->round = round;
	if (run->env->spf)
		(*at)->read = spf_recall(run->env->spf, &name);
	if ((*at)->read)
		spf_look_ahead(run, *at);
	return *at;
}

/* ---- early ---- */

static bool
is_early(const struct spf_run *run)
{
	return !run->env->careful && run->env->dns->prefetch;
}

void
spf_hint(
    struct spf_run *run, const struct ms_dns_name *name, enum ms_dns_type type)
{
	struct ms_dns_question question = { .name = *name,
		.type = (uint16_t)type };

	if (is_early(run))
		run->env->dns->prefetch(run->env->dns, &question);
}

static void
hint_mx(struct spf_run *run, unsigned round, const struct ms_dns_name *name)
{
	struct spf_early *early = MS_NEW(run->arena, struct spf_early);

	early->name = *name;
	early->round = round;
	early->next = run->early;
	run->early = early;
	spf_hint(run, name, MS_DNS_MX);
}

static void
hint_term(struct spf_run *run, unsigned round, const struct ms_spf_term *term)
{
	struct ms_slice target = run->values.domain;
	struct spf_page *page;
	struct ms_dns_name name;

	if (term->kind == MS_SPF_PTR) {
		ms_dns_name_reverse(&run->values.ip, &name);
		spf_hint(run, &name, MS_DNS_PTR);
		return;
	}
	if (term->target.p)
		target = spf_macro_expand(
		    run->arena, &run->values, term->target, MS_SPF_DOMAIN_SPEC);
	if (!target.p || !ms_dns_name_from_text(target, &name))
		return;
	if (term->kind == MS_SPF_MX) {
		hint_mx(run, round, &name);
	} else if (term->kind == MS_SPF_EXISTS || term->kind == MS_SPF_A) {
		spf_hint(run, &name,
		    term->kind == MS_SPF_A ? spf_address_type(run) : MS_DNS_A);
	} else {
		page = find_page(run, round, target);
		if (page && !page->read)
			spf_hint(run, &page->name, MS_DNS_TXT);
	}
}

/* Nothing behind a term that matches without asking is ever needed. */
static bool
ends_here(const struct spf_run *run, const struct ms_spf_term *term)
{
	if (term->kind == MS_SPF_ALL)
		return true;
	return (term->kind == MS_SPF_IP4 || term->kind == MS_SPF_IP6) &&
	       ms_net_contains(&term->net, &run->values.ip);
}

static void
tell(struct spf_run *run, const struct spf_page *page,
    const struct ms_spf_term *term)
{
	if (run->told == run->env->limits.spf_lookups ||
	    !spf_term_looks_up(term) ||
	    (term->target.p && spf_macro_uses(term->target, 'p')))
		return;
	run->told++;
	hint_term(run, page->round + 1, term);
}

/* Do the names that the record asks for hang on the sender? */
static bool
is_personal(const struct ms_spf_record *record)
{
	for (size_t i = 0; i < record->n; i++) {
		const struct ms_spf_term *term = &record->terms[i];

		if (term->kind == MS_SPF_PTR ||
		    (spf_term_looks_up(term) &&
			ms_slice_find(term->target, 0, '%') < term->target.n))
			return true;
	}
	return false;
}

void
spf_look_ahead(struct spf_run *run, struct spf_page *page)
{
	struct ms_slice domain = run->values.domain;
	const struct ms_spf_record *record = &page->read->record;
	atomic_bool *told = &page->read->told[run->values.ip.v4];
	size_t i;

	if (!is_early(run) || page->read->records != 1 ||
	    record->errors_n > 0 || atomic_load(told))
		return;
	run->values.domain = page->domain;
	for (i = 0; i < record->n && !ends_here(run, &record->terms[i]); i++)
		if (record->terms[i].kind != MS_SPF_REDIRECT)
			tell(run, page, &record->terms[i]);
	if (i == record->n && record->redirect)
		tell(run, page, record->redirect);
	run->values.domain = domain;
	if ((i == record->n || &record->terms[i] == record->all) &&
	    !is_personal(record))
		atomic_store(told, true);
}

static void
hint_hosts(struct spf_run *run, const struct ms_dns_answer *answer)
{
	struct ms_dns_name name;

	if (answer->n > run->env->limits.spf_names)
		return;
	for (size_t i = 0; i < answer->n; i++)
		if (ms_dns_name_from_master(
			answer->records[i].u.mx.exchange, &name) &&
		    name.n > 1)
			spf_hint(run, &name, spf_address_type(run));
}

/* Reads what was told in earlier rounds and must have come by now. */
static void
read_early(struct spf_run *run, unsigned round)
{
	struct ms_dns_answer answer;

	for (struct spf_page *p = run->pages; p; p = p->next)
		if (!p->read && p->round < round)
			read_page(run, p);
	for (struct spf_early *e = run->early; e; e = e->next) {
		if (e->round >= round)
			continue;
		e->round = UINT32_MAX;
		ask(run, &e->name, MS_DNS_MX, &answer);
		hint_hosts(run, &answer);
	}
}

void
spf_ask(struct spf_run *run, unsigned round, const struct ms_dns_name *name,
    enum ms_dns_type type, struct ms_dns_answer *out)
{
	if (is_early(run))
		read_early(run, round);
	ask(run, name, type, out);
}

struct spf_page *
spf_page(struct spf_run *run, unsigned round, struct ms_slice domain)
{
	struct spf_page *page = find_page(run, round, domain);

	if (!page || page->read)
		return page;
	if (is_early(run))
		read_early(run, page->round);
	if (!page->read)
		read_page(run, page);
	return page;
}
