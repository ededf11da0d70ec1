/* SPDX-License-Identifier: ISC
 * fix.c - the mending of a domain, as lines of a zone
 *
 * What stays at a name is listed too: a name in a zone that is laid over
 * answers from it alone.
 */
#include "domain_priv.h"

/* What a name of a domain may hold. */
static const enum ms_dns_type kept_types[] = { MS_DNS_SOA, MS_DNS_NS, MS_DNS_A,
	MS_DNS_AAAA, MS_DNS_MX, MS_DNS_TXT, MS_DNS_SRV, MS_DNS_TLSA,
	MS_DNS_CAA };

#define KEPT_TYPES (sizeof(kept_types) / sizeof(kept_types[0]))

struct fixer {
	struct ms_domain_case *subject;
	struct ms_domain_line *first, **end;
};

static bool
same_text(const char *a, const char *b)
{
	return ms_slice_equal_nocase(ms_slice_from(a), ms_slice_from(b));
}

static void
put(struct fixer *f, enum ms_domain_line_kind kind, const char *owner,
    const char *type, const char *rdata, uint32_t ttl)
{
	struct ms_domain_line *line;

	for (line = f->first; line; line = line->next)
		if (line->kind == kind && same_text(line->owner, owner) &&
		    strcmp(line->type, type) == 0 &&
		    strcmp(line->rdata ? line->rdata : "",
			rdata ? rdata : "") == 0)
			return;
	line = MS_NEW(f->subject->arena, struct ms_domain_line);
	line->kind = kind;
	line->owner = owner;
	line->type = type;
	line->rdata = rdata;
	line->ttl = ttl;
	*f->end = line;
	f->end = &line->next;
}

/* A record as the changes write it: strings of TXT joined. */
static const char *
rdata_of(struct ms_arena *arena, const struct ms_dns_record *r)
{
	if (r->type == MS_DNS_TXT)
		return domain_txt(arena, r->u.text);
	return ms_arena_string(arena, ms_dns_rdata_text(arena, r));
}

static bool
is_removed(const struct fixer *f, const char *owner, const char *type,
    const char *rdata)
{
	for (const struct ms_domain_outcome *o = f->subject->outcomes; o;
	     o = o->next)
		for (const struct ms_domain_change *c = o->changes; c;
		     c = c->next)
			if (c->remove && same_text(c->owner, owner) &&
			    strcmp(c->type, type) == 0 &&
			    (!c->rdata || same_text(c->rdata, rdata)))
				return true;
	return false;
}

static void
keep(struct fixer *f, const char *owner)
{
	struct ms_slice name = ms_slice_from(owner);
	struct ms_arena *arena = f->subject->arena;
	struct ms_dns_answer answer;
	char type[MS_DNS_TYPE_TEXT];

	for (size_t i = 0; i < KEPT_TYPES; i++) {
		ms_dns_type_format((uint16_t)kept_types[i], type);
		ms_dns_ask(
		    f->subject->env->dns, name, kept_types[i], arena, &answer);
		if (ms_dns_is_failure(answer.status))
			put(f, MS_DOMAIN_LINE_UNKNOWN, owner,
			    ms_arena_printf(arena, "%s", type), NULL, 0);
		for (size_t k = 0; answer.aliases_n == 0 && k < answer.n; k++) {
			const char *rdata = rdata_of(arena, &answer.records[k]);

			if (!is_removed(f, owner, type, rdata))
				put(f, MS_DOMAIN_LINE_KEEP, owner,
				    ms_arena_printf(arena, "%s", type), rdata,
				    answer.records[k].ttl);
		}
	}
}

static bool
is_done(const struct fixer *f, const char *owner)
{
	for (const struct ms_domain_line *l = f->first; l; l = l->next)
		if (same_text(l->owner, owner))
			return true;
	return false;
}

/* All of one name: what goes, what comes, what stays. */
static void
do_owner(struct fixer *f, const char *owner)
{
	for (int remove = 1; remove >= 0; remove--)
		for (const struct ms_domain_outcome *o = f->subject->outcomes;
		     o; o = o->next)
			for (const struct ms_domain_change *c = o->changes; c;
			     c = c->next)
				if (c->remove == (remove == 1) &&
				    same_text(c->owner, owner))
					put(f,
					    remove ? MS_DOMAIN_LINE_REMOVE
						   : MS_DOMAIN_LINE_ADD,
					    owner, c->type, c->rdata, 3600);
	keep(f, owner);
}

const struct ms_domain_line *
ms_domain_fix(struct ms_domain_case *subject)
{
	struct fixer f = { .subject = subject };

	f.end = &f.first;
	for (const struct ms_domain_outcome *o = subject->outcomes; o;
	     o = o->next)
		for (const struct ms_domain_change *c = o->changes; c;
		     c = c->next)
			if (!is_done(&f, c->owner))
				do_owner(&f, c->owner);
	return f.first;
}
