/* SPDX-License-Identifier: ISC
 * dmarc_tree.c - the walk up the DNS, RFC 9989 4.10
 */
#include "dmarc_priv.h"

/* ---- questions ---- */

static struct ms_dmarc_question *
find(const struct dmarc_asked *asked, struct ms_slice name,
    enum ms_dns_type type)
{
	for (struct ms_dmarc_question *q = asked->first; q; q = q->next)
		if (q->type == type && ms_slice_equal(q->name, name))
			return q;
	return NULL;
}

static struct ms_dmarc_question *
add(struct dmarc_asked *asked, struct ms_slice name, enum ms_dns_type type)
{
	struct ms_dmarc_question *q =
	    MS_NEW(asked->arena, struct ms_dmarc_question);

	if (asked->last)
		asked->last->next = q;
	else
		asked->first = q;
	asked->last = q;
	asked->n++;
	q->name = name;
	q->type = type;
	return q;
}

/* 4.10 steps 2 and 6: what is no DMARC record is discarded. */
static void
take_records(struct dmarc_asked *asked, struct ms_dmarc_question *q,
    const struct ms_dns_answer *answer)
{
	struct ms_dmarc_record *record;
	struct ms_slice text = { NULL, 0 };

	for (size_t i = 0; i < answer->n; i++) {
		if (ms_dmarc_is_record(answer->records[i].u.text)) {
			text = answer->records[i].u.text;
			q->records_n++;
		} else if (ms_dmarc_is_near(answer->records[i].u.text)) {
			q->near = answer->records[i].u.text;
		}
	}
	if (q->records_n != 1)
		return;
	record = MS_NEW(asked->arena, struct ms_dmarc_record);
	ms_dmarc_record_parse(text, &asked->env->limits, asked->arena, record);
	q->record = record;
}

static struct ms_dmarc_question *
ask(struct dmarc_asked *asked, struct ms_slice name, enum ms_dns_type type,
    enum ms_dmarc_purpose purpose)
{
	struct ms_dmarc_question *q = find(asked, name, type);
	struct ms_dns_answer answer;

	if (!q) {
		q = add(asked, name, type);
		ms_dns_ask(asked->env->dns, name, type, asked->arena, &answer);
		q->status = answer.status;
		q->why = answer.why;
		if (answer.truncated) { /* the one may be among the rest */
			q->status = MS_DNS_BROKEN;
			q->why = "more records than are read";
		}
		if (type == MS_DNS_TXT && q->status == MS_DNS_FOUND)
			take_records(asked, q, &answer);
	}
	q->purpose |= purpose;
	return q;
}

static struct ms_slice
record_name(struct ms_arena *arena, struct ms_slice domain)
{
	return ms_slice_from(ms_arena_printf(
	    arena, "_dmarc.%.*s", (int)domain.n, (const char *)domain.p));
}

struct ms_dmarc_question *
dmarc_ask_record(struct dmarc_asked *asked, struct ms_slice domain,
    enum ms_dmarc_purpose purpose)
{
	return ask(
	    asked, record_name(asked->arena, domain), MS_DNS_TXT, purpose);
}

struct ms_dmarc_question *
dmarc_ask_existence(struct dmarc_asked *asked, struct ms_slice domain)
{
	return ask(asked, domain, MS_DNS_A, MS_DMARC_FOR_EXISTENCE);
}

/* ---- names ---- */

struct ms_slice
dmarc_parent(struct ms_slice domain)
{
	return ms_slice_part(
	    domain, ms_slice_find(domain, 0, '.') + 1, domain.n);
}

static size_t
labels(struct ms_slice domain)
{
	size_t n = domain.n > 0;

	for (size_t i = 0; i < domain.n; i++)
		n += domain.p[i] == '.';
	return n;
}

/* 4.10 step 4: one label less, or the last seven of a long name. */
static struct ms_slice
next_target(struct ms_slice domain)
{
	size_t n = labels(domain);

	do {
		domain = dmarc_parent(domain);
		n--;
	} while (n >= DMARC_WALK_MAX);
	return domain;
}

/* ---- the walk ---- */

/* All the names may be needed: let them be asked at once. */
static void
hint(struct dmarc_asked *asked, const struct dmarc_walk *walk)
{
	for (size_t i = 0; i < walk->n; i++)
		ms_dns_hint(asked->env->dns,
		    record_name(asked->arena, walk->domain[i]), MS_DNS_TXT);
}

/* 4.10.2: psd=n; one label below a psd=y; else the fewest labels; else the
 * start. */
static void
select_organization(struct dmarc_walk *walk)
{
	size_t last = walk->n - 1;
	const struct ms_dmarc_record *record = walk->question[last]->record;

	walk->organizational_domain = walk->domain[0];
	if (record && record->psd == 'y' && last > 0) {
		walk->suffix = walk->domain[last];
		walk->suffix_record = record;
		/* In a long name, the step before may have been longer than
		 * by one label. */
		walk->organizational_domain = walk->domain[0];
		while (labels(walk->organizational_domain) >
		       labels(walk->suffix) + 1)
			walk->organizational_domain =
			    dmarc_parent(walk->organizational_domain);
		return;
	}
	for (size_t i = 0; i < walk->n; i++)
		if (walk->question[i]->record)
			walk->organizational_domain = walk->domain[i];
}

void
dmarc_walk(struct dmarc_asked *asked, struct ms_slice domain,
    enum ms_dmarc_purpose purpose, struct dmarc_walk *out)
{
	size_t names = 0;

	memset(out, 0, sizeof(*out));
	for (; domain.n > 0 && names < DMARC_WALK_MAX;
	     domain = next_target(domain))
		out->domain[names++] = domain;
	out->n = names;
	hint(asked, out);
	for (out->n = 0; out->n < names;) {
		const struct ms_dmarc_question *q =
		    dmarc_ask_record(asked, out->domain[out->n], purpose);

		out->question[out->n++] = q;
		out->multiple += q->records_n > 1;
		if (ms_dns_is_failure(q->status)) {
			out->failed = q;
			return;
		}
		if (q->record && q->record->psd != 'u')
			break;
	}
	select_organization(out);
}
