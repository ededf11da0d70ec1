/* SPDX-License-Identifier: ISC
 * job.c - NDJSON jobs; the one door of cJSON
 *
 * cJSON takes trailing garbage and is blind to case unless asked otherwise,
 * and a number is a double: an id goes back as the text it was written in.
 */
#include "mailsonde/job.h"

#include <cjson/cJSON.h>

#include "mailsonde/buf.h"

static struct ms_slice
copy_text(struct ms_report *report, const char *text)
{
	return ms_arena_copy(report->arena, ms_slice_from(text));
}

static struct ms_node *
id_node(struct ms_report *report, const cJSON *id)
{
	struct ms_node *holder = ms_put_object(report, NULL, NULL);

	if (cJSON_IsString(id))
		ms_put_text(
		    report, holder, "id", copy_text(report, id->valuestring));
	else if (cJSON_IsNumber(id) && id->valuedouble >= -9007199254740992.0 &&
		 id->valuedouble <= 9007199254740992.0 &&
		 (double)(int64_t)id->valuedouble == id->valuedouble)
		ms_put_int(report, holder, "id", (int64_t)id->valuedouble);
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
		out->id = id_node(report, id);
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
