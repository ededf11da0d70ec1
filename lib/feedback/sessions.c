/* SPDX-License-Identifier: ISC
 * sessions.c - how a domain's TLS fared, over all reports of it
 */
#include "feedback_priv.h"

#define KINDS_MAX 100 /* RFC 8460 has a dozen; others may invent more */

static bool
same(struct ms_slice a, struct ms_slice b)
{
	return a.n == b.n && ms_slice_equal_nocase(a, b);
}

static struct ms_tls_sessions *
sessions_of(struct ms_arena *arena, struct ms_tls_sessions **list,
    const struct ms_tls_policy *policy)
{
	struct ms_tls_sessions *s;

	for (; *list; list = &(*list)->next)
		if (same((*list)->domain, policy->domain) &&
		    same((*list)->type, policy->type) &&
		    same((*list)->mode, policy->mode))
			return *list;
	s = MS_NEW(arena, struct ms_tls_sessions);
	s->domain = feedback_copy(arena, policy->domain);
	s->type = feedback_copy(arena, policy->type);
	s->mode = feedback_copy(arena, policy->mode);
	*list = s;
	return s;
}

/* Where it belongs by its count: those before it have as many. */
static void
sort_in(struct ms_tls_kind **list, struct ms_tls_kind *kind)
{
	while (*list && (*list)->count >= kind->count)
		list = &(*list)->next;
	kind->next = *list;
	*list = kind;
}

static void
add_failure(struct ms_arena *arena, struct ms_tls_sessions *s,
    const struct ms_tls_failure *failure)
{
	struct ms_tls_kind **at = &s->kinds, *kind;
	size_t n = 0;

	for (; *at && !same((*at)->result_type, failure->result_type); n++)
		at = &(*at)->next;
	kind = *at;
	if (kind) {
		*at = kind->next;
	} else if (n < KINDS_MAX) {
		kind = MS_NEW(arena, struct ms_tls_kind);
		kind->result_type = feedback_copy(arena, failure->result_type);
	} else {
		return;
	}
	if (!kind->host.p)
		kind->host = feedback_copy(arena, failure->receiving_host);
	kind->count = feedback_sum(kind->count, failure->count);
	sort_in(&s->kinds, kind);
}

void
ms_tls_sessions_add(struct ms_arena *arena, struct ms_tls_sessions **list,
    const struct ms_tls_report *report)
{
	for (size_t i = 0; i < report->policies_n; i++) {
		const struct ms_tls_policy *policy = &report->policies[i];
		struct ms_tls_sessions *s = sessions_of(arena, list, policy);

		s->reports++;
		s->successful = feedback_sum(s->successful, policy->successful);
		s->failed = feedback_sum(s->failed, policy->failed);
		if (report->begin_set &&
		    (s->begin == 0 || report->begin < s->begin))
			s->begin = report->begin;
		if (report->end_set && report->end > s->end)
			s->end = report->end;
		for (size_t k = 0; k < policy->failures_n; k++)
			add_failure(arena, s, &policy->failures[k]);
	}
}
