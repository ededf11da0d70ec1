/* SPDX-License-Identifier: ISC
 * spf_count.c - how many look-ups an SPF record asks for, all told
 *
 * Only when a check ran into the limit of RFC 7208 4.6.4: the number is what
 * the domain's owner has to bring down. Asks for the records of includes and
 * redirects, and for nothing else.
 */
#include "spf_priv.h"

enum {
	PAGES_MAX = 64,   /* records looked at */
	COUNT_MAX = 1000, /* beyond that nobody cares */
};

/* The records that led here. */
struct chain {
	const struct spf_page *page;
	const struct chain *up;
};

struct count {
	struct spf_run *run;
	unsigned total;
	unsigned pages;
	bool unknown; /* a record could not be read, or comes back */
};

static void count_record(
    struct count *count, struct ms_slice domain, const struct chain *up);

static void
count_below(struct count *count, const struct ms_spf_term *term,
    const struct chain *chain)
{
	struct spf_run *run = count->run;
	struct ms_slice target;

	if (term->kind != MS_SPF_INCLUDE && term->kind != MS_SPF_REDIRECT)
		return;
	run->values.domain = chain->page->domain;
	target = spf_macro_expand(
	    run->arena, &run->values, term->target, MS_SPF_DOMAIN_SPEC);
	if (target.p)
		count_record(count, target, chain);
	else
		count->unknown = true;
}

static void
count_term(struct count *count, const struct ms_spf_term *term,
    const struct chain *chain)
{
	unsigned before = count->total;
	struct ms_spf_cost *cost;

	if (!spf_term_looks_up(term) || count->unknown)
		return;
	count->total++;
	count->unknown = count->total > COUNT_MAX;
	count_below(count, term, chain);
	if (chain->up)
		return;
	cost = &count->run->out->costs[count->run->out->costs_n++];
	cost->term = term->text;
	cost->lookups = count->total - before;
}

static void
count_record(
    struct count *count, struct ms_slice domain, const struct chain *up)
{
	struct spf_page *page = spf_page(count->run, 0, domain);
	struct chain chain = { page, up };
	const struct ms_spf_record *record;

	for (const struct chain *c = up; c && page; c = c->up)
		if (c->page == page)
			page = NULL;
	if (!page || page->read->records != 1 ||
	    page->read->record.errors_n > 0 || ++count->pages > PAGES_MAX) {
		count->unknown = true;
		return;
	}
	record = &page->read->record;
	for (size_t i = 0; i < record->n; i++) {
		if (record->terms[i].kind == MS_SPF_ALL)
			return;
		if (record->terms[i].kind != MS_SPF_REDIRECT)
			count_term(count, &record->terms[i], &chain);
	}
	if (record->redirect)
		count_term(count, record->redirect, &chain);
}

void
spf_count_lookups(struct spf_run *run)
{
	struct ms_spf_result *out = run->out;
	struct count count = { .run = run };

	out->costs =
	    MS_NEW_ARRAY(run->arena, struct ms_spf_cost, out->trail->record.n);
	count_record(&count, out->domain, NULL);
	if (count.unknown)
		out->costs_n = 0;
	else
		out->lookups_needed = count.total;
}
