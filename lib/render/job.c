/* SPDX-License-Identifier: ISC
 * job.c - NDJSON jobs
 */
#include "mailsonde/job.h"

#include "mailsonde/json.h"
#include "mailsonde/scan.h"

/* To what stands behind a member's name, or behind its value. Strings may hold
 * any bracket; the text has been judged already. */
static void
skip_value(struct ms_scan *s)
{
	unsigned depth = 0;
	bool quoted = false;

	while (!ms_scan_at_end(s)) {
		int c = ms_scan_peek(s);

		if (!quoted && depth == 0 && (c == ',' || c == '}' || c == ':'))
			return;
		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\')
			ms_scan_skip(s, 1);
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']'))
			depth--;
		ms_scan_skip(s, 1);
	}
}

/* A whole number as it is written: those of struct ms_json are doubles, and an
 * id may be larger than they can tell apart. */
static bool
whole_id(struct ms_slice object, int64_t *out)
{
	struct ms_scan s = ms_scan_init(object);
	struct ms_slice key;
	uint64_t n;
	bool minus;

	while (!ms_scan_at_end(&s)) {
		ms_scan_skip(&s, 1);
		(void)ms_scan_space(&s);
		key = ms_scan_rest(&s);
		skip_value(&s);
		key.n -= ms_scan_left(&s);
		ms_scan_skip(&s, 1);
		(void)ms_scan_space(&s);
		if (ms_slice_equal(ms_slice_trim(key), MS_SLICE("\"id\"")))
			break;
		skip_value(&s);
	}
	minus = ms_scan_try_byte(&s, '-');
	n = ms_scan_number(&s, 19, INT64_MAX);
	*out = minus ? -(int64_t)n : (int64_t)n;
	(void)ms_scan_space(&s);
	return !s.bad && (ms_scan_peek(&s) == ',' || ms_scan_peek(&s) == '}');
}

/* The caller's id goes back as it came. */
static struct ms_node *
id_node(
    struct ms_report *report, const struct ms_json *id, struct ms_slice line)
{
	struct ms_node *holder = ms_put_object(report, NULL, NULL);
	int64_t whole;

	if (id->kind == MS_JSON_TEXT)
		ms_put_text(report, holder, "id", id->text);
	else if (id->kind == MS_JSON_NUMBER && whole_id(line, &whole))
		ms_put_int(report, holder, "id", whole);
	else if (id->kind == MS_JSON_NUMBER)
		ms_put_double(report, holder, "id", id->number);
	else if (id->kind == MS_JSON_BOOL)
		ms_put_bool(report, holder, "id", id->truth);
	else
		ms_put_null(report, holder, "id");
	return holder->first;
}

void
ms_job_read(struct ms_report *report, struct ms_slice line, const char *member,
    struct ms_job *out)
{
	const struct ms_json *id;

	memset(out, 0, sizeof(*out));
	out->line = ms_slice_trim(line);
	if (out->line.n == 0 || out->line.p[0] != '{') {
		out->value = out->line;
		return;
	}
	out->object = ms_json_read(report->arena, out->line);
	if (!out->object) {
		out->error = "the line is no JSON object";
		return;
	}
	id = ms_json_get(out->object, "id");
	if (id)
		out->id = id_node(report, id, out->line);
	out->value = ms_json_get_text(out->object, member);
	if (!out->value.p)
		out->error = ms_arena_printf(
		    report->arena, "the job has no text member \"%s\"", member);
}
