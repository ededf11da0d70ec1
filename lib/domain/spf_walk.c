/* SPDX-License-Identifier: ISC
 * spf_walk.c - the tree below a domain's SPF record, RFC 7208 4.6.4, 5, 6.1
 *
 * As check_host() would see it for a sender that no term matches: the worst
 * case, which every stranger is. Names that hang on the sender (macros) are
 * counted and not asked for.
 */
#include "spf_walk.h"

enum {
	PAGES_MAX = 64,    /* records read for one domain */
	NETS_MAX = 2048,   /* networks kept */
	LOOKUPS_MAX = 100, /* counted: far beyond the 10 that are allowed */
};

/* A record on the way down. */
struct page {
	struct ms_slice domain;
	const struct ms_spf_record *record;
	bool passes; /* a match in it is a pass of the domain's own */
	bool own;    /* reached by redirects alone: it stands for the first */
	unsigned depth;
	const struct page *up;
};

static void walk_page(struct spf_walk *walk, const struct page *page);

/* ---- questions ---- */

static void
fail(struct spf_walk *walk, struct ms_slice name, enum ms_dns_type type,
    const struct ms_dns_answer *answer)
{
	walk->unknown = true;
	domain_unknown(walk->subject, name, type, answer);
}

static void
ask(struct spf_walk *walk, struct ms_slice name, enum ms_dns_type type,
    struct ms_dns_answer *out)
{
	ms_dns_ask(
	    walk->subject->env->dns, name, type, walk->subject->arena, out);
	if (ms_dns_is_failure(out->status))
		fail(walk, name, type, out);
}

static bool
has_macro(struct ms_slice target)
{
	return ms_slice_find(target, 0, '%') < target.n;
}

/* The name of a term; p == NULL where it hangs on the sender. */
static struct ms_slice
target_of(const struct page *page, const struct ms_spf_term *term)
{
	struct ms_slice target = term->target.p ? term->target : page->domain;

	if (has_macro(target))
		return ms_slice_make(NULL, 0);
	if (target.n > 1 && target.p[target.n - 1] == '.')
		target.n--;
	return target;
}

static void
hint(const struct spf_walk *walk, const struct page *page)
{
	struct ms_dns_source *dns = walk->subject->env->dns;

	for (size_t i = 0; i < page->record->n; i++) {
		const struct ms_spf_term *term = &page->record->terms[i];
		struct ms_slice name = target_of(page, term);

		if (walk->subject->env->careful || !name.p)
			continue;
		if (term->kind == MS_SPF_INCLUDE ||
		    term->kind == MS_SPF_REDIRECT)
			ms_dns_hint(dns, name, MS_DNS_TXT);
		if (term->kind == MS_SPF_MX)
			ms_dns_hint(dns, name, MS_DNS_MX);
		if (term->kind != MS_SPF_A)
			continue;
		ms_dns_hint(dns, name, MS_DNS_A);
		ms_dns_hint(dns, name, MS_DNS_AAAA);
	}
}

/* Room for one more behind `n`: it doubles at the powers of two. */
static void *
room(struct ms_arena *arena, void *list, size_t size, size_t n)
{
	if ((n & (n - 1)) != 0)
		return list;
	return ms_arena_grow(arena, list, n * size, (n ? 2 * n : 1) * size);
}

/* ---- the tree as lines ---- */

static size_t
open_line(struct spf_walk *walk)
{
	walk->lines = room(walk->subject->arena, walk->lines,
	    sizeof(*walk->lines), walk->lines_n);
	return walk->lines_n++;
}

static void
fill_line(struct spf_walk *walk, size_t at, const struct page *page,
    struct ms_slice term, unsigned lookups, unsigned voids)
{
	const char *cost = "";

	if (lookups > 0)
		cost = ms_arena_printf(walk->subject->arena,
		    "  (%u look-up%s, %u void)", lookups,
		    lookups == 1 ? "" : "s", voids);
	walk->lines[at] = ms_arena_printf(walk->subject->arena, "%*s%.*s%s",
	    (int)(2 * page->depth), "", DOMAIN_TEXT(term), cost);
}

/* ---- networks ---- */

static void
add_net(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term, const struct ms_net *net)
{
	if (!page->passes || term->qualifier != MS_AUTH_PASS)
		return;
	if (walk->nets_n == NETS_MAX) {
		walk->open = true;
		return;
	}
	walk->nets = room(walk->subject->arena, walk->nets, sizeof(*walk->nets),
	    walk->nets_n);
	walk->nets[walk->nets_n++] = (struct spf_net){
		.net = *net,
		.term = term->text,
		.domain = page->domain,
		.own = page->up == NULL,
	};
}

/* The addresses of a host. *absent: there are none; not set where that is not
 * known. */
static void
add_host(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term, struct ms_slice host, bool *absent,
    bool *nonexistent)
{
	static const enum ms_dns_type types[] = { MS_DNS_A, MS_DNS_AAAA };
	struct ms_dns_answer answer;

	*absent = true;
	*nonexistent = false;
	for (size_t k = 0; k < 2; k++) {
		ask(walk, host, types[k], &answer);
		*absent = *absent && ms_dns_is_absent(answer.status);
		*nonexistent = *nonexistent || answer.status == MS_DNS_NXDOMAIN;
		for (size_t i = 0; i < answer.n; i++) {
			struct ms_ip ip = answer.records[i].u.ip;
			struct ms_net net = { ip,
				ip.v4 ? term->prefix4 : term->prefix6 };

			add_net(walk, page, term, &net);
		}
	}
}

/* ---- names that are not there ---- */

/* Nobody has the registrable domain: whoever takes it may send. */
static void
judge_unregistered(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term, struct ms_slice name)
{
	struct ms_domain_case *subject = walk->subject;
	struct ms_psl_answer psl;
	struct ms_dns_answer answer;
	struct ms_domain_outcome *o;

	subject->env->psl->ask(subject->env->psl, name, subject->arena, &psl);
	if (!psl.known || !psl.registrable.p)
		return;
	ask(walk, psl.registrable, MS_DNS_NS, &answer);
	if (ms_dns_is_failure(answer.status))
		domain_unknown(subject, psl.registrable, MS_DNS_NS, &answer);
	if (answer.status != MS_DNS_NXDOMAIN)
		return;
	o = domain_outcome(subject, "spf-unregistered", MS_DOMAIN_FAIL,
	    MS_SEVERITY_CRITICAL,
	    "The record trusts a domain that nobody has registered: %.*s",
	    DOMAIN_TEXT(psl.registrable));
	o->detail = ms_arena_printf(subject->arena,
	    "\"%.*s\" of %.*s: whoever registers %.*s can send mail in this "
	    "domain's name that passes SPF.",
	    DOMAIN_TEXT(term->text), DOMAIN_TEXT(page->domain),
	    DOMAIN_TEXT(psl.registrable));
	o->fix = ms_arena_printf(
	    subject->arena, "Take \"%.*s\" out", DOMAIN_TEXT(term->text));
	o->reference = "RFC 7208 section 11.1";
}

static void
judge_missing(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term, struct ms_slice name, bool nonexistent)
{
	struct ms_domain_case *subject = walk->subject;
	struct ms_domain_outcome *o;

	walk->broken = true;
	o = domain_outcome(subject, "spf-include-missing", MS_DOMAIN_FAIL,
	    MS_SEVERITY_HIGH,
	    nonexistent ? "\"%.*s\" leads to a domain that does not exist"
			: "\"%.*s\" leads to a domain without an SPF record",
	    DOMAIN_TEXT(term->text));
	o->detail = ms_arena_printf(subject->arena,
	    "In the record of %.*s. Receivers that come to this term give "
	    "permerror: the whole record counts for nothing.",
	    DOMAIN_TEXT(page->domain));
	o->fix = "Take the term out, or have its name put right.";
	o->reference = term->kind == MS_SPF_INCLUDE ? "RFC 7208 section 5.2"
						    : "RFC 7208 section 6.1";
	if (nonexistent)
		judge_unregistered(walk, page, term, name);
}

/* ---- terms ---- */

static void
judge_loop(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	struct ms_domain_outcome *o =
	    domain_outcome(walk->subject, "spf-loop", MS_DOMAIN_FAIL,
		MS_SEVERITY_HIGH, "\"%.*s\" of %.*s leads back to itself",
		DOMAIN_TEXT(term->text), DOMAIN_TEXT(page->domain));

	walk->broken = true;
	o->detail = "Receivers run into the limit of 10 look-ups and give "
		    "permerror.";
	o->fix = "Take the term out.";
	o->reference = "RFC 7208 section 4.6.4";
}

static void
judge_below(struct spf_walk *walk, const char *how, struct ms_slice domain)
{
	struct ms_domain_outcome *o = domain_outcome(walk->subject,
	    "spf-include-broken", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
	    "The record of %.*s, which this domain includes, %s",
	    DOMAIN_TEXT(domain), how);

	walk->broken = true;
	o->detail = "Receivers that come to it give permerror: this domain's "
		    "whole record counts for nothing.";
	o->fix = "Tell its owner, and take it out until then.";
	o->reference = "RFC 7208 section 5.2";
}

/* The one SPF record among the TXT records. False: there is not just one. */
static bool
find_record(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term, struct ms_slice name,
    struct ms_spf_record *out)
{
	struct ms_slice text = { NULL, 0 };
	struct ms_dns_answer answer;
	size_t n;

	ask(walk, name, MS_DNS_TXT, &answer);
	if (ms_dns_is_failure(answer.status))
		return false;
	n = domain_count_texts(&answer, ms_spf_is_record, &text);
	walk->voids += ms_dns_is_absent(answer.status);
	if (n == 0)
		judge_missing(
		    walk, page, term, name, answer.status == MS_DNS_NXDOMAIN);
	if (n > 1)
		judge_below(walk, "is one of several", name);
	if (n != 1)
		return false;
	ms_spf_record_parse(walk->subject->arena, text, out);
	if (out->errors_n > 0)
		judge_below(walk, "breaks the grammar", name);
	return out->errors_n == 0;
}

/* include and redirect. */
static void
descend(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	struct ms_slice name = target_of(page, term);
	struct ms_spf_record *record;
	struct page below;

	for (const struct page *p = page; p && name.p; p = p->up) {
		if (!ms_slice_equal_nocase(p->domain, name))
			continue;
		judge_loop(walk, page, term);
		return;
	}
	if (!name.p || walk->pages >= PAGES_MAX) {
		walk->open = true;
		return;
	}
	walk->pages++;
	record = MS_NEW(walk->subject->arena, struct ms_spf_record);
	if (!find_record(walk, page, term, name, record))
		return;
	below = (struct page){ name, record,
		page->passes && (term->kind == MS_SPF_REDIRECT ||
				    term->qualifier == MS_AUTH_PASS),
		page->own && term->kind == MS_SPF_REDIRECT, page->depth + 1,
		page };
	walk_page(walk, &below);
}

static void
take_a(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	struct ms_slice name = target_of(page, term);
	bool absent, nonexistent;

	if (!name.p)
		return;
	add_host(walk, page, term, name, &absent, &nonexistent);
	walk->voids += absent;
	if (nonexistent)
		judge_unregistered(walk, page, term, name);
}

static void
take_exists(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	struct ms_slice name = target_of(page, term);
	struct ms_dns_answer answer;

	if (!name.p)
		return;
	ask(walk, name, MS_DNS_A, &answer);
	walk->voids += ms_dns_is_absent(answer.status);
	if (answer.status == MS_DNS_NXDOMAIN)
		judge_unregistered(walk, page, term, name);
}

static void
judge_many_mx(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term, size_t n)
{
	struct ms_domain_outcome *o = domain_outcome(walk->subject,
	    "spf-too-many-mx", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
	    "\"%.*s\" of %.*s has %zu mail exchangers; SPF allows 10",
	    DOMAIN_TEXT(term->text), DOMAIN_TEXT(page->domain), n);

	walk->broken = true;
	o->detail = "Receivers give permerror when they come to it.";
	o->fix = "List the addresses with ip4 and ip6 instead.";
	o->reference = "RFC 7208 section 4.6.4";
}

static void
take_mx(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	size_t max = walk->subject->env->limits.spf_names;
	struct ms_slice name = target_of(page, term);
	struct ms_dns_answer answer;
	bool absent, nonexistent;

	if (!name.p)
		return;
	ask(walk, name, MS_DNS_MX, &answer);
	walk->voids += ms_dns_is_absent(answer.status);
	if (answer.status == MS_DNS_NXDOMAIN)
		judge_unregistered(walk, page, term, name);
	if (answer.n > max) {
		judge_many_mx(walk, page, term, answer.n);
		return;
	}
	for (size_t i = 0; i < answer.n; i++)
		if (!ms_slice_is(answer.records[i].u.mx.exchange, "."))
			add_host(walk, page, term,
			    answer.records[i].u.mx.exchange, &absent,
			    &nonexistent);
}

static void
judge_ptr(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	struct ms_domain_outcome *o = domain_outcome(walk->subject, "spf-ptr",
	    MS_DOMAIN_WARN, MS_SEVERITY_LOW, "\"%.*s\" of %.*s uses ptr",
	    DOMAIN_TEXT(term->text), DOMAIN_TEXT(page->domain));

	o->detail = "It is slow and unreliable, loads the servers of .arpa, "
		    "and must not be used any more; some receivers skip it.";
	o->fix = "List the networks with ip4 and ip6 instead.";
	o->reference = "RFC 7208 section 5.5";
}

static void
judge_open_all(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	struct ms_domain_outcome *o = domain_outcome(walk->subject,
	    "spf-plus-all", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
	    "\"%.*s\" of %.*s lets everybody send in the domain's name",
	    DOMAIN_TEXT(term->text), DOMAIN_TEXT(page->domain));

	o->detail = "Whatever anybody sends passes SPF, and with that DMARC.";
	o->fix = page->up ? "Take the include or redirect out."
			  : "End the record in -all or ~all.";
	o->reference = "RFC 7208 section 5.1";
}

static void
take_all(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	if (page->own)
		walk->all = term;
	if (term->qualifier == MS_AUTH_PASS && page->passes)
		judge_open_all(walk, page, term);
}

static void
take_term(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	if (walk->lookups >= LOOKUPS_MAX) {
		walk->open = true;
		return;
	}
	switch (term->kind) {
	case MS_SPF_ALL:
		take_all(walk, page, term);
		break;
	case MS_SPF_INCLUDE:
	case MS_SPF_REDIRECT:
		walk->lookups++;
		descend(walk, page, term);
		break;
	case MS_SPF_A:
		walk->lookups++;
		take_a(walk, page, term);
		break;
	case MS_SPF_MX:
		walk->lookups++;
		take_mx(walk, page, term);
		break;
	case MS_SPF_PTR:
		judge_ptr(walk, page, term);
		walk->lookups++;
		break;
	case MS_SPF_EXISTS:
		walk->lookups++;
		take_exists(walk, page, term);
		break;
	case MS_SPF_IP4:
	case MS_SPF_IP6:
		add_net(walk, page, term, &term->net);
		break;
	case MS_SPF_EXP:
	case MS_SPF_MODIFIER:
	case MS_SPF_WRONG:
		break;
	}
}

static void
do_term(struct spf_walk *walk, const struct page *page,
    const struct ms_spf_term *term)
{
	unsigned lookups = walk->lookups, voids = walk->voids;
	size_t line = open_line(walk);

	take_term(walk, page, term);
	fill_line(walk, line, page, term->text, walk->lookups - lookups,
	    walk->voids - voids);
}

static void
walk_page(struct spf_walk *walk, const struct page *page)
{
	const struct ms_spf_record *record = page->record;

	hint(walk, page);
	for (size_t i = 0; i < record->n; i++) {
		if (record->terms[i].kind != MS_SPF_REDIRECT)
			do_term(walk, page, &record->terms[i]);
		if (record->terms[i].kind == MS_SPF_ALL)
			return;
	}
	if (record->redirect)
		do_term(walk, page, record->redirect);
}

void
domain_spf_walk(struct spf_walk *walk, const struct ms_spf_record *record)
{
	struct page page = { .domain = walk->subject->name,
		.record = record,
		.passes = true,
		.own = true };

	walk_page(walk, &page);
}
