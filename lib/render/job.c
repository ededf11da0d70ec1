/* SPDX-License-Identifier: ISC
 * job.c - NDJSON jobs; the one door of cJSON
 *
 * cJSON takes trailing garbage and is blind to case unless asked otherwise,
 * and a number is a double: an id goes back as the text it was written in.
 */
#include "mailsonde/job.h"

#include <cjson/cJSON.h>

#include "mailsonde/buf.h"
#include "mailsonde/scan.h"

static struct ms_slice
copy_text(struct ms_report *report, const char *text)
{
	return ms_arena_copy(report->arena, ms_slice_from(text));
}

/* To what stands behind a member's name, or behind its value. Strings may hold
 * any bracket; cJSON has judged the text already. */
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

/* A whole number as it is written: cJSON's are doubles, and an id may be
 * larger than they can tell apart. */
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

static struct ms_node *
id_node(struct ms_report *report, const cJSON *id, struct ms_slice line)
{
	struct ms_node *holder = ms_put_object(report, NULL, NULL);
	int64_t whole;

	if (cJSON_IsString(id))
		ms_put_text(
		    report, holder, "id", copy_text(report, id->valuestring));
	else if (cJSON_IsNumber(id) && whole_id(line, &whole))
		ms_put_int(report, holder, "id", whole);
	else if (cJSON_IsNumber(id))
		ms_put_double(report, holder, "id", id->valuedouble);
	else if (cJSON_IsBool(id))
		ms_put_bool(report, holder, "id", cJSON_IsTrue(id));
	else
		ms_put_null(report, holder, "id");
	return holder->first;
}

static void
read_object(struct ms_report *report, const cJSON *object, const char *member,
    struct ms_job *out)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(object, "id");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, member);

	if (id)
		out->id = id_node(report, id, out->line);
	if (cJSON_IsString(value))
		out->value = copy_text(report, value->valuestring);
	else
		out->error = ms_arena_printf(
		    report->arena, "the job has no text member \"%s\"", member);
}

void
ms_job_read(struct ms_report *report, struct ms_slice line, const char *member,
    struct ms_job *out)
{
	cJSON *json;
	char *text;

	memset(out, 0, sizeof(*out));
	out->line = ms_slice_trim(line);
	if (out->line.n == 0 || out->line.p[0] != '{') {
		out->value = out->line;
		return;
	}
	text = ms_arena_string(report->arena, out->line);
	json = cJSON_ParseWithLengthOpts(text, out->line.n + 1, NULL, 1);
	if (cJSON_IsObject(json))
		read_object(report, json, member, out);
	else
		out->error = "the line is no JSON object";
	cJSON_Delete(json);
}
