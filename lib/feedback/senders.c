/* SPDX-License-Identifier: ISC
 * senders.c - who sends in a domain's name, over all reports of it
 */
#include <stdlib.h>

#include "feedback_priv.h"

const char *
ms_source_kind_name(enum ms_source_kind kind)
{
	static const char *const names[] = {
		[MS_SOURCE_ALIGNED] = "aligned",
		[MS_SOURCE_PARTLY] = "partly",
		[MS_SOURCE_DISPUTED] = "disputed",
		[MS_SOURCE_FORWARDED] = "forwarded",
		[MS_SOURCE_OTHER] = "other-domain",
		[MS_SOURCE_NOTHING] = "unauthenticated",
	};

	return names[kind];
}

void
ms_senders_init(struct ms_senders *out, struct ms_arena *arena)
{
	memset(out, 0, sizeof(*out));
	ms_map_init(&out->map, arena);
}

static void
count(int64_t *sum, int64_t n)
{
	*sum = feedback_sum(*sum, n);
}

static struct ms_source *
source_of(struct ms_senders *s, const struct ms_aggregate_row *row)
{
	char text[MS_IP_TEXT];
	struct ms_map_entry *entry;
	struct ms_source *source;
	struct ms_slice key = row->source_text;

	if (row->source.set) {
		ms_ip_format(&row->source, text);
		key = ms_slice_from(text);
	}
	if (!key.p)
		key = MS_SLICE("?");
	entry = ms_map_take(&s->map, key);
	if (entry->value)
		return entry->value;
	source = MS_NEW(s->map.arena, struct ms_source);
	source->text = entry->key;
	source->ip = row->source;
	source->next = s->sources;
	s->sources = source;
	s->sources_n++;
	entry->value = source;
	return source;
}

/* ---- why a row failed ---- */

static bool
relayed_reason(const struct ms_aggregate_reason *reason)
{
	return ms_slice_is(reason->type, "forwarded") ||
	       ms_slice_is(reason->type, "mailing_list") ||
	       ms_slice_is(reason->type, "trusted_forwarder") ||
	       ms_slice_find_nocase(reason->comment, 0, "arc=pass") <
		   reason->comment.n;
}

/* A signature in the author's own name that does not hold any more, or a
 * receiver that knows the relay: the mail was changed on its way. */
static bool
was_forwarded(const struct ms_aggregate_row *row)
{
	for (size_t i = 0; i < row->reasons_n; i++)
		if (relayed_reason(&row->reasons[i]))
			return true;
	for (size_t i = 0; i < row->auth_n; i++)
		if (row->auth[i].dkim && row->header_from.p &&
		    ms_slice_equal(row->auth[i].domain, row->header_from) &&
		    ms_slice_is(row->auth[i].result, "fail"))
			return true;
	return false;
}

/* The first domain that it proved to be of; signatures before SPF. */
static struct ms_slice
passed_as(const struct ms_aggregate_row *row)
{
	for (int dkim = 1; dkim >= 0; dkim--)
		for (size_t i = 0; i < row->auth_n; i++)
			if (row->auth[i].dkim == (dkim == 1) &&
			    row->auth[i].domain.p &&
			    ms_slice_is(row->auth[i].result, "pass"))
				return row->auth[i].domain;
	return ms_slice_make(NULL, 0);
}

/* ---- adding ---- */

static void
add_reasons(struct ms_senders *s, struct ms_source *source,
    const struct ms_aggregate_row *row)
{
	struct ms_arena *arena = s->map.arena;

	for (size_t i = 0; i < row->reasons_n; i++) {
		struct ms_slice type = row->reasons[i].type;
		const char *word;

		if (!type.p || type.n > 40 || source->reasons.n > 100)
			continue;
		word = ms_arena_string(arena, type);
		if (ms_slice_find_text(source->reasons, 0, word) <
		    source->reasons.n)
			continue;
		source->reasons = ms_slice_from(ms_arena_printf(arena,
		    "%.*s%s%s", (int)source->reasons.n,
		    source->reasons.p ? (const char *)source->reasons.p : "",
		    source->reasons.n > 0 ? ", " : "", word));
	}
}

static void
add_failure(struct ms_senders *s, struct ms_source *source,
    const struct ms_aggregate_row *row)
{
	struct ms_slice as = passed_as(row);

	if (ms_slice_is(row->disposition, "reject") ||
	    ms_slice_is(row->disposition, "quarantine"))
		count(&source->lost, row->count);
	if (row->dkim_aligned == MS_ALIGNED_YES ||
	    row->spf_aligned == MS_ALIGNED_YES) {
		count(&source->disputed, row->count);
		return;
	}
	if (was_forwarded(row))
		count(&source->forwarded, row->count);
	else if (as.p)
		count(&source->other, row->count);
	if (as.p && !source->as.p)
		source->as = ms_arena_copy(s->map.arena, as);
}

/* Evaluated there against recomputed here; what is not known is no
 * difference. */
static bool
differs(struct ms_slice evaluated, enum ms_aligned aligned)
{
	return evaluated.p && aligned != MS_ALIGNED_UNKNOWN &&
	       ms_slice_is(evaluated, "pass") != (aligned == MS_ALIGNED_YES);
}

static void
add_now(struct ms_sent_now *now, const struct ms_aggregate_row *row)
{
	bool pass = row->now.dmarc == MS_AUTH_PASS;
	int64_t n = row->count;

	if (row->now.dmarc == MS_AUTH_TEMPERROR) {
		count(&now->unknown, n);
		return;
	}
	count(pass ? &now->passed : &now->failed, n);
	if (pass != row->pass)
		count(pass ? &now->mended : &now->broken, n);
	if (!pass && row->now.disposition == MS_DMARC_REJECT)
		count(&now->rejected, n);
	if (!pass && row->now.disposition == MS_DMARC_QUARANTINE)
		count(&now->quarantined, n);
}

static void
add_row(struct ms_senders *s, const struct ms_aggregate_row *row)
{
	struct ms_source *source = source_of(s, row);
	bool dkim = row->dkim.p ? ms_slice_is(row->dkim, "pass")
				: row->dkim_aligned == MS_ALIGNED_YES;
	bool spf = row->spf.p ? ms_slice_is(row->spf, "pass")
			      : row->spf_aligned == MS_ALIGNED_YES;
	int64_t n = row->count;

	count(&s->messages, n);
	count(&source->messages, n);
	count(&s->passed, row->pass ? n : 0);
	count(&source->passed, row->pass ? n : 0);
	count(&s->dkim, dkim ? n : 0);
	count(&source->dkim, dkim ? n : 0);
	count(&s->spf, spf ? n : 0);
	count(&source->spf, spf ? n : 0);
	count(&s->both, dkim && spf ? n : 0);
	if (ms_slice_is(row->disposition, "reject")) {
		count(&s->rejected, n);
		count(&source->rejected, n);
	} else if (ms_slice_is(row->disposition, "quarantine")) {
		count(&s->quarantined, n);
		count(&source->quarantined, n);
	}
	if (row->reasons_n > 0 && !row->pass) {
		count(&s->overridden, n);
		count(&source->overridden, n);
	}
	add_reasons(s, source, row);
	if (differs(row->dkim, row->dkim_aligned) ||
	    differs(row->spf, row->spf_aligned))
		count(&s->differ, n);
	if (!row->pass)
		add_failure(s, source, row);
	if (!row->now.judged)
		return;
	s->judged = true;
	add_now(&s->now, row);
	add_now(&source->now, row);
}

static void
take_policy(struct ms_senders *s, const struct ms_aggregate *report)
{
	struct ms_arena *arena = s->map.arena;

	if (s->reports > 0 && report->end < s->policy_time)
		return;
	s->policy_time = report->end;
	s->domain = feedback_copy(arena, report->domain);
	s->p = feedback_copy(arena, report->p);
	s->sp = feedback_copy(arena, report->sp);
	s->np = feedback_copy(arena, report->np);
	s->pct = feedback_copy(arena, report->pct);
	s->testing = feedback_copy(arena, report->testing);
}

void
ms_senders_add(struct ms_senders *s, const struct ms_aggregate *report)
{
	take_policy(s, report);
	if (report->begin_set && (s->begin == 0 || report->begin < s->begin))
		s->begin = report->begin;
	if (report->end_set && report->end > s->end)
		s->end = report->end;
	s->reports++;
	for (size_t i = 0; i < report->rows_n; i++)
		add_row(s, &report->rows[i]);
}

/* ---- the worst first ---- */

static enum ms_source_kind
kind_of(const struct ms_source *source)
{
	int64_t failed = source->messages - source->passed;

	if (failed == 0)
		return MS_SOURCE_ALIGNED;
	if (source->disputed > 0)
		return MS_SOURCE_DISPUTED;
	if (source->forwarded > 0 && source->forwarded >= failed / 2)
		return MS_SOURCE_FORWARDED;
	if (source->passed > 0)
		return MS_SOURCE_PARTLY;
	return source->other > 0 ? MS_SOURCE_OTHER : MS_SOURCE_NOTHING;
}

/* Most failures first, then most messages, then by address. */
static int
compare(const void *left, const void *right)
{
	const struct ms_source *const *a = left, *const *b = right;
	int64_t x = (*a)->messages - (*a)->passed;
	int64_t y = (*b)->messages - (*b)->passed;
	size_t n;
	int order;

	if (x != y)
		return x > y ? -1 : 1;
	if ((*a)->messages != (*b)->messages)
		return (*a)->messages > (*b)->messages ? -1 : 1;
	n = (*a)->text.n < (*b)->text.n ? (*a)->text.n : (*b)->text.n;
	order = memcmp((*a)->text.p, (*b)->text.p, n);
	if (order == 0)
		order = (*a)->text.n < (*b)->text.n ? -1 : 1;
	return order;
}

void
ms_senders_sort(struct ms_senders *s)
{
	struct ms_source **list =
	    MS_NEW_ARRAY(s->map.arena, struct ms_source *, s->sources_n + 1);
	size_t n = 0;

	memset(s->failed, 0, sizeof(s->failed));
	memset(s->lost, 0, sizeof(s->lost));
	for (struct ms_source *source = s->sources; source;
	     source = source->next) {
		source->kind = kind_of(source);
		count(&s->failed[source->kind],
		    source->messages - source->passed);
		count(&s->lost[source->kind], source->lost);
		list[n++] = source;
	}
	qsort(list, n, sizeof(struct ms_source *), compare);
	for (size_t i = 0; i < n; i++)
		list[i]->next = list[i + 1];
	s->sources = list[0];
}
