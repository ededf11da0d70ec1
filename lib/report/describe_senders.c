/* SPDX-License-Identifier: ISC
 * describe_senders.c - who sends in a domain's name, and what reports share
 */
#include <inttypes.h>

#include "describe_feedback_priv.h"
#include "mailsonde/clock.h"

#define TEXT(s) (int)(s).n, ((s).p ? (const char *)(s).p : "")
#define FEW     15 /* sources in a table, unless all are wanted */

/* ---- shared ---- */

void
feedback_put_period(struct ms_report *report, struct ms_node *node,
    bool begin_set, int64_t begin, bool end_set, int64_t end)
{
	if (begin_set)
		ms_put_time(report, node, "begin", begin);
	else
		ms_put_null(report, node, "begin");
	if (end_set)
		ms_put_time(report, node, "end", end);
	else
		ms_put_null(report, node, "end");
}

void
feedback_say_period(struct ms_report *report, bool begin_set, int64_t begin,
    bool end_set, int64_t end)
{
	char from[MS_TIME_TEXT] = "?", to[MS_TIME_TEXT] = "?";

	if (!begin_set && !end_set)
		return;
	if (begin_set)
		ms_time_format(begin, from);
	if (end_set)
		ms_time_format(end, to);
	ms_say_pairf(report, "Period", MS_STYLE_PLAIN, "%s to %s", from, to);
}

void
feedback_put_oddities(struct ms_report *report, struct ms_node *node,
    const struct ms_oddities *oddities)
{
	struct ms_node *list = ms_put_array(report, node, "oddities");

	for (size_t i = 0; i < oddities->n; i++)
		ms_put_string(report, list, NULL, oddities->list[i]);
}

void
feedback_say_file(
    struct ms_report *report, const struct ms_feedback_context *context)
{
	if (!context->brief)
		ms_say_blank(report);
	if (context->file)
		ms_say_pairf(report, "File", MS_STYLE_DIM, "%s", context->file);
	if (context->repeats)
		ms_say_pairf(report, "Sent before", MS_STYLE_WARN,
		    "%s; not counted again", context->repeats);
}

void
feedback_say_head(struct ms_report *report,
    const struct ms_feedback_context *context, struct ms_slice who,
    struct ms_slice contact, const char *fault,
    const struct ms_oddities *oddities)
{
	feedback_say_file(report, context);
	if (who.p || contact.p)
		ms_say_pairf(report, "Reporter", MS_STYLE_PLAIN, "%.*s%s%.*s%s",
		    TEXT(who), contact.p ? who.p ? " <" : "<" : "",
		    TEXT(contact), contact.p ? ">" : "");
	if (!context->brief)
		return; /* it is among the findings */
	if (fault)
		ms_say_pairf(
		    report, "Only in part", MS_STYLE_WARN, "%s", fault);
	for (size_t i = 0; i < oddities->n; i++)
		ms_say_pairf(report, i == 0 ? "Incomplete" : "", MS_STYLE_WARN,
		    "%s", oddities->list[i]);
}

const char *
feedback_share(struct ms_report *report, int64_t n, int64_t of)
{
	double share = of > 0 ? 100.0 * (double)n / (double)of : 0;

	if (n > 0 && share < 1)
		return "<1 %";
	if (n < of && share > 99)
		return ">99 %";
	return ms_arena_printf(report->arena, "%.0f %%", share);
}

struct ms_geo_place
feedback_place(const struct ms_env *env, const struct ms_ip *ip)
{
	struct ms_geo_place place = { 0 };

	/* What a damaged database does not tell is not known. */
	if (ip->set && env->geo->lookup(env->geo, ip, &place) != MS_OK)
		place.found = place.country.n > 0 || place.asn > 0;
	return place;
}

const char *
feedback_place_text(struct ms_report *report, const struct ms_geo_place *place)
{
	struct ms_slice who = describe_cut(report, place->organization, 20);

	if (!place->asn)
		return ms_arena_printf(
		    report->arena, "%.*s", TEXT(place->country));
	return ms_arena_printf(report->arena, "%.*s%sAS%" PRIu32 "%s%.*s",
	    TEXT(place->country), place->country.n > 0 ? " " : "", place->asn,
	    who.n > 0 ? " " : "", TEXT(who));
}

enum feedback_verdict
feedback_verdict(const struct ms_senders *s)
{
	if (ms_slice_is(s->p, "reject") && !ms_slice_is(s->testing, "y"))
		return FEEDBACK_THERE;
	if (s->messages == 0)
		return FEEDBACK_EMPTY;
	if (s->failed[MS_SOURCE_PARTLY] > 0 ||
	    s->failed[MS_SOURCE_DISPUTED] > 0 ||
	    s->failed[MS_SOURCE_FORWARDED] > 0)
		return FEEDBACK_NOT_YET;
	return s->failed[MS_SOURCE_OTHER] > 0 ? FEEDBACK_PERHAPS
					      : FEEDBACK_READY;
}

/* ---- data ---- */

static void
put_verdict(struct ms_report *report, struct ms_node *parent,
    const struct ms_senders *s)
{
	static const char *const words[] = {
		[FEEDBACK_THERE] = "there",
		[FEEDBACK_READY] = "ready",
		[FEEDBACK_PERHAPS] = "perhaps",
		[FEEDBACK_NOT_YET] = "not-yet",
		[FEEDBACK_EMPTY] = "unknown",
	};
	static const char *const keys[] = {
		[MS_SOURCE_ALIGNED] = NULL,
		[MS_SOURCE_PARTLY] = "partly",
		[MS_SOURCE_DISPUTED] = "disputed",
		[MS_SOURCE_FORWARDED] = "forwarded",
		[MS_SOURCE_OTHER] = "other_domain",
		[MS_SOURCE_NOTHING] = "unauthenticated",
	};
	struct ms_node *node = ms_put_object(report, parent, "reject");

	ms_put_string(report, node, "verdict", words[feedback_verdict(s)]);
	for (unsigned kind = 0; kind < MS_SOURCE_KINDS; kind++)
		if (keys[kind])
			ms_put_int(report, node, keys[kind], s->failed[kind]);
}

static void
put_now(struct ms_report *report, struct ms_node *parent,
    const struct ms_sent_now *now)
{
	struct ms_node *node = ms_put_object(report, parent, "now");

	ms_put_int(report, node, "passed", now->passed);
	ms_put_int(report, node, "failed", now->failed);
	ms_put_int(report, node, "unknown", now->unknown);
	ms_put_int(report, node, "quarantined", now->quarantined);
	ms_put_int(report, node, "rejected", now->rejected);
	ms_put_int(report, node, "broken", now->broken);
	ms_put_int(report, node, "mended", now->mended);
}

static void
put_source(struct ms_report *report, const struct ms_env *env,
    struct ms_node *list, const struct ms_source *source, bool judged)
{
	struct ms_node *node = ms_put_object(report, list, NULL);
	struct ms_geo_place place = feedback_place(env, &source->ip);

	ms_put_text(report, node, "source_ip", source->text);
	ms_describe_place(report, node, &place);
	ms_put_string(report, node, "kind", ms_source_kind_name(source->kind));
	ms_put_int(report, node, "messages", source->messages);
	ms_put_int(report, node, "passed", source->passed);
	ms_put_int(report, node, "failed", source->messages - source->passed);
	ms_put_int(report, node, "dkim_aligned", source->dkim);
	ms_put_int(report, node, "spf_aligned", source->spf);
	ms_put_int(report, node, "quarantined", source->quarantined);
	ms_put_int(report, node, "rejected", source->rejected);
	ms_put_int(report, node, "overridden", source->overridden);
	ms_put_text(report, node, "authenticated_as", source->as);
	ms_put_text(report, node, "reasons",
	    source->reasons.n > 0 ? source->reasons : ms_slice_make(NULL, 0));
	if (judged)
		put_now(report, node, &source->now);
}

void
feedback_put_senders(struct ms_report *report,
    const struct ms_feedback_context *context, struct ms_node *node,
    const struct ms_senders *s)
{
	struct ms_node *list;

	ms_put_int(report, node, "messages", s->messages);
	ms_put_int(report, node, "passed", s->passed);
	ms_put_int(report, node, "failed", s->messages - s->passed);
	ms_put_int(report, node, "dkim_aligned", s->dkim);
	ms_put_int(report, node, "spf_aligned", s->spf);
	ms_put_int(report, node, "both_aligned", s->both);
	ms_put_int(report, node, "quarantined", s->quarantined);
	ms_put_int(report, node, "rejected", s->rejected);
	ms_put_int(report, node, "overridden", s->overridden);
	put_verdict(report, node, s);
	if (s->judged)
		put_now(report, node, &s->now);
	list = ms_put_array(report, node, "sources");
	for (const struct ms_source *source = s->sources; source;
	     source = source->next)
		put_source(report, context->env, list, source, s->judged);
}

/* ---- text ---- */

/* What speaks against it, by the kind of its sources. */
static const char *
against(struct ms_report *report, const struct ms_senders *s)
{
	static const struct {
		enum ms_source_kind kind;
		const char *words;
	} kinds[] = {
		{ MS_SOURCE_PARTLY, "of your own servers" },
		{ MS_SOURCE_DISPUTED, "that should have passed" },
		{ MS_SOURCE_FORWARDED, "forwarded" },
	};
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (s->failed[kinds[i].kind] > 0)
			ms_buf_printf(&out, "%s%" PRId64 " %s",
			    out.n > 0 ? ", " : "", s->failed[kinds[i].kind],
			    kinds[i].words);
	return ms_arena_printf(report->arena,
	    "not yet: it would hit mail that seems genuine (%.*s)",
	    TEXT(ms_buf_get(&out)));
}

static const char *
verdict_text(struct ms_report *report, const struct ms_senders *s)
{
	switch (feedback_verdict(s)) {
	case FEEDBACK_THERE:
		return "it is there";
	case FEEDBACK_READY:
		return "nothing here speaks against it";
	case FEEDBACK_PERHAPS:
		return ms_arena_printf(report->arena,
		    "yes, unless the %" PRId64
		    " that came as another domain are yours",
		    s->failed[MS_SOURCE_OTHER]);
	case FEEDBACK_NOT_YET:
		return against(report, s);
	case FEEDBACK_EMPTY:
		break;
	}
	return "no message, no answer";
}

static const char *
disposition_text(struct ms_report *report, int64_t all, int64_t quarantined,
    int64_t rejected)
{
	struct ms_buf out;

	if (quarantined == 0 && rejected == 0)
		return "delivered";
	if (rejected == all)
		return "rejected";
	if (quarantined == all)
		return "spam";
	ms_buf_init(&out, report->arena);
	if (rejected > 0)
		ms_buf_printf(&out, "%" PRId64 " rejected", rejected);
	if (quarantined > 0)
		ms_buf_printf(&out, "%s%" PRId64 " spam", out.n > 0 ? ", " : "",
		    quarantined);
	return ms_arena_string(report->arena, ms_buf_get(&out));
}

static void
say_result(
    struct ms_report *report, struct ms_node *row, int64_t passed, int64_t all)
{
	if (passed == all || passed == 0)
		ms_say_cellf(report, row, passed ? MS_STYLE_GOOD : MS_STYLE_BAD,
		    false, "%s", passed ? "pass" : "fail");
	else
		ms_say_cellf(report, row, MS_STYLE_WARN, false, "%s",
		    feedback_share(report, passed, all));
}

static void
add_note(struct ms_buf *out, const char *text)
{
	if (*text)
		ms_buf_printf(out, "%s%s", out->n > 0 ? "; " : "", text);
}

/* What is last in the row, and may be wrapped. */
static const char *
note_of(struct ms_report *report, const struct ms_source *source,
    const struct ms_geo_place *place, bool judged)
{
	static const char *const words[] = {
		[MS_SOURCE_ALIGNED] = "",
		[MS_SOURCE_PARTLY] = "passes in part",
		[MS_SOURCE_DISPUTED] = "results say pass",
		[MS_SOURCE_FORWARDED] = "forwarded?",
		[MS_SOURCE_OTHER] = "as ",
		[MS_SOURCE_NOTHING] = "as nobody",
	};
	struct ms_geo_place network = *place;
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	ms_buf_text(&out, words[source->kind]);
	if (source->kind == MS_SOURCE_OTHER)
		ms_buf_slice(&out, source->as);
	add_note(&out, ms_arena_string(report->arena, source->reasons));
	network.country.n = 0;
	if (!judged) /* there is room for one of them */
		add_note(&out, feedback_place_text(report, &network));
	return ms_arena_string(report->arena, ms_buf_get(&out));
}

static void
say_source(struct ms_report *report, const struct ms_env *env,
    struct ms_node *table, const struct ms_source *source, bool judged)
{
	struct ms_node *row = ms_say_row(report, table);
	struct ms_geo_place place = feedback_place(env, &source->ip);
	int64_t failed = source->messages - source->passed;

	ms_say_cellf(report, row, failed ? MS_STYLE_BAD : MS_STYLE_DIM, true,
	    "%" PRId64, failed);
	ms_say_cellf(
	    report, row, MS_STYLE_PLAIN, true, "%" PRId64, source->messages);
	ms_say_cell(report, row, MS_STYLE_STRONG, false, source->text);
	ms_say_cell(report, row, MS_STYLE_PLAIN, false, place.country);
	say_result(report, row, source->spf, source->messages);
	say_result(report, row, source->dkim, source->messages);
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
	    disposition_text(report, source->messages, source->quarantined,
		source->rejected));
	if (judged && source->now.unknown > 0)
		ms_say_cellf(report, row, MS_STYLE_WARN, false, "?");
	else if (judged)
		say_result(report, row, source->now.passed, source->messages);
	ms_say_cellf(report, row, MS_STYLE_DIM, false, "%s",
	    note_of(report, source, &place, judged));
}

static void
say_sources(struct ms_report *report, const struct ms_feedback_context *context,
    const struct ms_senders *s)
{
	const struct ms_source *source = s->sources;
	struct ms_node *table;
	size_t n = 0;

	if (!source)
		return;
	ms_say_heading(report, "SOURCES, THE WORST FIRST");
	table = ms_say_table(report, 2);
	if (s->judged)
		ms_say_heads(report, table, true, ">fail", ">sent", "from", "",
		    "SPF", "DKIM", "were", "now", "", NULL);
	else
		ms_say_heads(report, table, true, ">fail", ">sent", "from", "",
		    "SPF", "DKIM", "were", "", NULL);
	for (; source && (context->all || n < FEW); source = source->next, n++)
		say_source(report, context->env, table, source, s->judged);
	if (source)
		ms_say(report, 2, MS_STYLE_DIM,
		    "and %zu more (--verbose lists them)", s->sources_n - n);
}

static void
say_now(struct ms_report *report, const struct ms_sent_now *now)
{
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	ms_buf_printf(&out,
	    "%" PRId64 " would pass, %" PRId64 " fail (%" PRId64
	    " spam, %" PRId64 " rejected)",
	    now->passed, now->failed, now->quarantined, now->rejected);
	if (now->mended > 0)
		ms_buf_printf(
		    &out, "; %" PRId64 " more than then", now->mended);
	if (now->broken > 0)
		ms_buf_printf(&out, "; %" PRId64 " passed then and would fail",
		    now->broken);
	if (now->unknown > 0)
		ms_buf_printf(&out, "; of %" PRId64 " it could not be told",
		    now->unknown);
	ms_say_pair(report, "Judged now", MS_STYLE_STRONG, ms_buf_get(&out));
}

void
feedback_say_senders(struct ms_report *report,
    const struct ms_feedback_context *context, const struct ms_senders *s)
{
	int64_t failed = s->messages - s->passed;

	ms_say_pairf(report, "Messages", MS_STYLE_PLAIN,
	    "%" PRId64 ": %" PRId64 " pass DMARC (%s), %" PRId64 " fail",
	    s->messages, s->passed,
	    feedback_share(report, s->passed, s->messages), failed);
	ms_say_pairf(report, "Aligned", MS_STYLE_PLAIN,
	    "%" PRId64 " by DKIM, %" PRId64 " by SPF, %" PRId64 " by both",
	    s->dkim, s->spf, s->both);
	ms_say_pairf(report, "Receivers", MS_STYLE_PLAIN,
	    "delivered %" PRId64 ", put aside as spam %" PRId64
	    ", rejected %" PRId64,
	    s->messages - s->quarantined - s->rejected, s->quarantined,
	    s->rejected);
	if (s->judged)
		say_now(report, &s->now);
	ms_say_pairf(report, "To p=reject?", MS_STYLE_STRONG, "%s",
	    verdict_text(report, s));
	say_sources(report, context, s);
}
