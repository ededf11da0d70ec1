/* SPDX-License-Identifier: ISC
 * summary.c - --summary: what a run found, counted
 */
#include "summary.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "mailsonde/map.h"
#include "options.h"

#define TALLIES_MAX 4096 /* ids; no program has as many */

/* A finding's id. */
struct tally {
	const char *id;
	enum ms_severity worst;
	uint64_t findings, subjects;
	uint64_t last; /* number of the subject that had it last */
	struct tally *next;
};

static const struct {
	int code;
	const char *key, *meaning;
} exits[] = {
	{ 0, "0", "nothing at or above --fail-on" },
	{ 1, "1", "something at or above --fail-on" },
	{ 2, "2", "could not tell" },
	{ EXIT_DATA, "65", "no subject at all" },
	{ EXIT_NOFILE, "66", "could not be read" },
};
#define EXITS (sizeof(exits) / sizeof(*exits))

struct summary {
	pthread_mutex_t lock;
	struct ms_arena *arena;
	struct ms_map map; /* id to struct tally */
	struct tally *list;
	size_t list_n;
	uint64_t subjects, resumed;
	uint64_t severities[MS_SEVERITY_NEVER]; /* findings of each */
	uint64_t exits[EXITS];
};

struct summary *
summary_new(struct ms_arena *arena)
{
	struct summary *summary = MS_NEW(arena, struct summary);

	pthread_mutex_init(&summary->lock, NULL);
	summary->arena = arena;
	ms_map_init(&summary->map, arena);
	return summary;
}

/* ---- counting ---- */

static void
add_finding(
    struct summary *summary, struct ms_slice id, enum ms_severity severity)
{
	struct ms_map_entry *entry = ms_map_find(&summary->map, id);
	struct tally *tally = entry ? entry->value : NULL;

	if (!tally && summary->list_n == TALLIES_MAX)
		return;
	if (!tally) {
		tally = MS_NEW(summary->arena, struct tally);
		ms_map_take(&summary->map, id)->value = tally;
		tally->id = ms_arena_string(summary->arena, id);
		tally->worst = severity;
		tally->next = summary->list;
		summary->list = tally;
		summary->list_n++;
	}
	if (severity > tally->worst)
		tally->worst = severity;
	tally->findings++;
	tally->subjects += tally->last != summary->subjects;
	tally->last = summary->subjects;
	summary->severities[severity]++;
}

/* With the lock. */
static void
add_subject(struct summary *summary, int code)
{
	summary->subjects++;
	for (size_t i = 0; i < EXITS; i++)
		summary->exits[i] += exits[i].code == code;
}

void
summary_add(struct summary *summary, const struct ms_report *report, int code)
{
	if (!summary)
		return;
	pthread_mutex_lock(&summary->lock);
	add_subject(summary, code);
	for (const struct ms_finding *f = report->findings; f; f = f->next)
		add_finding(summary, ms_slice_from(f->id), f->severity);
	pthread_mutex_unlock(&summary->lock);
}

void
summary_add_line(struct summary *summary, const struct ms_json *line, int code)
{
	const struct ms_json *findings = ms_json_get(line, "findings");
	enum ms_severity severity;

	if (!summary)
		return;
	pthread_mutex_lock(&summary->lock);
	add_subject(summary, code);
	summary->resumed++;
	for (const struct ms_json *f = findings ? findings->first : NULL; f;
	     f = f->next)
		if (ms_severity_parse(
			ms_json_get_text(f, "severity"), &severity) &&
		    severity < MS_SEVERITY_NEVER)
			add_finding(
			    summary, ms_json_get_text(f, "id"), severity);
	pthread_mutex_unlock(&summary->lock);
}

/* ---- telling ---- */

/* The worst first, of these the most frequent, then by name. */
static int
compare(const void *left, const void *right)
{
	const struct tally *a = left, *b = right;

	if (a->worst != b->worst)
		return a->worst > b->worst ? -1 : 1;
	if (a->subjects != b->subjects)
		return a->subjects > b->subjects ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* Behind the last one without an id. */
static const struct tally *
sorted(const struct summary *summary, struct ms_arena *arena)
{
	struct tally *out =
	    MS_NEW_ARRAY(arena, struct tally, summary->list_n + 1);
	size_t n = 0;

	for (const struct tally *t = summary->list; t; t = t->next)
		out[n++] = *t;
	qsort(out, n, sizeof(*out), compare);
	return out;
}

static void
put_data(const struct summary *summary, const struct tally *list,
    struct ms_report *out)
{
	struct ms_node *root = ms_put_object(out, out->data, "summary");
	struct ms_node *node, *row;

	ms_put_int(out, root, "subjects", (int64_t)summary->subjects);
	ms_put_int(out, root, "resumed", (int64_t)summary->resumed);
	node = ms_put_object(out, root, "exit_codes");
	for (size_t i = 0; i < EXITS; i++)
		ms_put_int(out, node, exits[i].key, (int64_t)summary->exits[i]);
	node = ms_put_object(out, root, "severities");
	for (int s = MS_SEVERITY_NEVER - 1; s >= MS_SEVERITY_INFO; s--)
		ms_put_int(out, node, ms_severity_name((enum ms_severity)s),
		    (int64_t)summary->severities[s]);
	node = ms_put_array(out, root, "findings");
	for (; list->id; list++) {
		row = ms_put_object(out, node, NULL);
		ms_put_string(out, row, "id", list->id);
		ms_put_string(
		    out, row, "severity", ms_severity_name(list->worst));
		ms_put_int(out, row, "findings", (int64_t)list->findings);
		ms_put_int(out, row, "subjects", (int64_t)list->subjects);
	}
}

static void
say_count(struct ms_report *out, struct ms_node *table, uint64_t n,
    struct ms_slice what, const char *more)
{
	struct ms_node *row = ms_say_row(out, table);

	ms_say_cellf(out, row, MS_STYLE_PLAIN, true, "%" PRIu64, n);
	ms_say_cell(out, row, MS_STYLE_PLAIN, false, what);
	ms_say_cell(out, row, MS_STYLE_DIM, false, ms_slice_from(more));
}

static void
say(const struct summary *summary, const struct tally *list,
    struct ms_report *out)
{
	struct ms_node *table;

	ms_say_heading(out, "SUMMARY");
	table = ms_say_table(out, 2);
	ms_say_heads(out, table, false, ">number", "of", "remark", NULL);
	say_count(out, table, summary->subjects,
	    summary->subjects == 1 ? MS_SLICE("subject") : MS_SLICE("subjects"),
	    summary->resumed ? "those of --resume among them" : "");
	for (size_t i = 0; i < EXITS; i++)
		if (summary->exits[i] > 0)
			say_count(out, table, summary->exits[i],
			    ms_slice_from(ms_arena_printf(
				out->arena, "exit code %s", exits[i].key)),
			    exits[i].meaning);
	if (!list->id)
		return;
	ms_say_heading(out, "FINDINGS, AND SUBJECTS THAT HAVE THEM");
	table = ms_say_table(out, 2);
	ms_say_heads(
	    out, table, false, ">subjects", "finding", "gravest", NULL);
	for (; list->id; list++)
		say_count(out, table, list->subjects, ms_slice_from(list->id),
		    ms_severity_name(list->worst));
}

void
summary_report(struct summary *summary, struct ms_report *out)
{
	const struct tally *list;

	pthread_mutex_lock(&summary->lock);
	list = sorted(summary, out->arena);
	out->subject = NULL;
	put_data(summary, list, out);
	say(summary, list, out);
	pthread_mutex_unlock(&summary->lock);
}
