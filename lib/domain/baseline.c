/* SPDX-License-Identifier: ISC
 * baseline.c - what changed since an earlier result
 */
#include "domain_priv.h"

#include "mailsonde/json.h"
#include "mailsonde/map.h"
#include "mailsonde/scan.h"

/* Results by the domain's name: the text of a line. */
struct ms_domain_baseline {
	struct ms_map lines;
};

static struct ms_slice
name_of(const struct ms_json *result)
{
	return ms_json_get_text(ms_json_get(result, "subject"), "name");
}

enum ms_status
ms_domain_baseline_read(struct ms_arena *arena, struct ms_slice text,
    struct ms_domain_baseline **out, struct ms_diag *diag)
{
	struct ms_domain_baseline *baseline =
	    MS_NEW(arena, struct ms_domain_baseline);
	struct ms_arena *scratch = ms_arena_new(NULL);
	enum ms_status status = MS_OK;
	struct ms_slice line;

	ms_map_init(&baseline->lines, arena);
	*out = baseline;
	for (unsigned number = 1;
	     status == MS_OK && ms_slice_line(&text, false, &line); number++) {
		const struct ms_json *result = ms_json_read(scratch, line);
		struct ms_slice name = name_of(result);

		if (ms_slice_trim(line).n == 0)
			continue;
		if (!result || !name.p) {
			ms_diag_set(diag, MS_FORMAT,
			    "line %u: is no result of mailsonde domain "
			    "(--format ndjson)",
			    number);
			status = MS_FORMAT;
		} else if (ms_json_get(result, "domain")) {
			struct ms_slice *kept = MS_NEW(arena, struct ms_slice);

			*kept = line;
			ms_map_take(&baseline->lines, name)->value = kept;
		}
		ms_arena_clear(scratch);
	}
	ms_arena_free(scratch);
	return status;
}

/* ---- comparing ---- */

/* A record without its TTL, which a cache counts down: "NAME TTL TYPE …". */
static struct ms_slice
behind_ttl(struct ms_slice record)
{
	struct ms_scan s = ms_scan_init(record);

	(void)ms_scan_until(&s, MS_C_WSP, SIZE_MAX);
	(void)ms_scan_while(&s, MS_C_WSP, SIZE_MAX);
	if (ms_scan_while(&s, MS_C_DIGIT, SIZE_MAX).n == 0 ||
	    !ms_is((unsigned char)(ms_scan_peek(&s) & 0xff), MS_C_WSP))
		return record;
	return ms_scan_rest(&s);
}

static bool
has_record(const struct ms_domain_outcome *o, struct ms_slice record)
{
	for (size_t i = 0; i < o->records_n; i++) {
		struct ms_slice mine = ms_slice_from(o->records[i]);

		if (ms_slice_equal(behind_ttl(mine), behind_ttl(record)))
			return true;
	}
	return false;
}

/* The same records, in whatever order. */
static bool
same_records(const struct ms_domain_outcome *o, const struct ms_json *records)
{
	size_t n = 0;

	for (const struct ms_json *r = records ? records->first : NULL; r;
	     r = r->next, n++)
		if (!has_record(o, r->text))
			return false;
	return n == o->records_n;
}

static bool
is_same(const struct ms_domain_outcome *o, const struct ms_json *past)
{
	const char *status = ms_domain_status_name(o->status);

	return ms_slice_is(ms_json_get_text(past, "id"), o->id) &&
	       ms_slice_is(ms_json_get_text(past, "status"), status) &&
	       ms_slice_equal(
		   ms_json_get_text(past, "title"), ms_slice_from(o->title)) &&
	       same_records(o, ms_json_get(past, "records"));
}

static void
add_gone(struct ms_domain_case *subject, const struct ms_json *past,
    struct ms_domain_gone ***end)
{
	const struct ms_json *records = ms_json_get(past, "records");
	struct ms_domain_gone *gone =
	    MS_NEW(subject->arena, struct ms_domain_gone);
	size_t n = 0;

	gone->id = ms_json_get_text(past, "id");
	gone->status = ms_json_get_text(past, "status");
	gone->title = ms_json_get_text(past, "title");
	for (const struct ms_json *r = records ? records->first : NULL; r;
	     r = r->next)
		n++;
	gone->records = MS_NEW_ARRAY(subject->arena, struct ms_slice, n + 1);
	for (const struct ms_json *r = records ? records->first : NULL; r;
	     r = r->next)
		gone->records[gone->n++] = r->text;
	**end = gone;
	*end = &gone->next;
}

void
domain_compare(struct ms_domain_case *subject)
{
	const struct ms_domain_baseline *baseline = subject->options->baseline;
	struct ms_domain_gone **end = &subject->gone;
	const struct ms_map_entry *entry;
	const struct ms_json *checks;

	if (!baseline)
		return;
	entry = ms_map_find(&baseline->lines, subject->name);
	subject->compared = entry != NULL;
	if (!entry)
		return;
	checks =
	    ms_json_get(ms_json_get(ms_json_read(subject->arena,
					*(const struct ms_slice *)entry->value),
			    "domain"),
		"checks");
	for (const struct ms_json *past = checks ? checks->first : NULL; past;
	     past = past->next) {
		struct ms_domain_outcome *o = subject->outcomes;

		while (o && (o->unchanged || !is_same(o, past)))
			o = o->next;
		if (o)
			o->unchanged = true;
		else
			add_gone(subject, past, &end);
	}
}
