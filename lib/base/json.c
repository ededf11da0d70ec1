/* SPDX-License-Identifier: ISC
 * json.c - JSON that comes in; the one door of cJSON
 *
 * cJSON takes trailing garbage and is blind to case unless asked otherwise,
 * and a number is a double. Opened with dlopen when there is something to
 * read: most commands read no JSON, and one library less is a twentieth of
 * their start.
 */
#include "mailsonde/json.h"

#include <cjson/cJSON.h>

#include "mailsonde/library.h"

#define EXACT 9007199254740992.0 /* 2^53 */

static struct ms_slice
copy_text(struct ms_arena *arena, const char *text)
{
	return text ? ms_arena_copy(arena, ms_slice_from(text))
		    : ms_slice_make(NULL, 0);
}

static enum ms_json_kind
kind_of(const cJSON *in)
{
	switch (in->type & 0xff) {
	case cJSON_Object:
		return MS_JSON_OBJECT;
	case cJSON_Array:
		return MS_JSON_ARRAY;
	case cJSON_String:
		return MS_JSON_TEXT;
	case cJSON_Number:
		return MS_JSON_NUMBER;
	case cJSON_True:
	case cJSON_False:
		return MS_JSON_BOOL;
	default:
		return MS_JSON_NULL;
	}
}

/* Depth is bounded by cJSON's own limit. */
static struct ms_json *
convert(struct ms_arena *arena, const cJSON *in)
{
	struct ms_json *out = MS_NEW(arena, struct ms_json);
	const struct ms_json **end = &out->first;

	out->kind = kind_of(in);
	out->key = copy_text(arena, in->string);
	out->text = copy_text(arena, in->valuestring);
	out->number = in->valuedouble;
	out->truth = (in->type & 0xff) == cJSON_True;
	for (const cJSON *child = in->child; child; child = child->next) {
		struct ms_json *made = convert(arena, child);

		*end = made;
		end = &made->next;
	}
	return out;
}

const struct ms_json *
ms_json_read(struct ms_arena *arena, struct ms_slice text)
{
	cJSON *(*parse)(const char *, size_t, const char **, cJSON_bool);
	void (*release)(cJSON *);
	const struct ms_library_function functions[] = {
		{ "cJSON_ParseWithLengthOpts", &parse },
		{ "cJSON_Delete", &release },
		{ NULL, NULL },
	};
	const struct ms_json *out;
	cJSON *json;

	/* The next line finds it open. */
	if (!ms_library_open("libcjson.so.1", functions))
		return NULL;
	/* "require null terminated" is how cJSON refuses a rest. */
	json = parse(ms_arena_string(arena, text), text.n + 1, NULL, 1);
	out = json ? convert(arena, json) : NULL;
	release(json);
	return out;
}

const struct ms_json *
ms_json_get(const struct ms_json *object, const char *key)
{
	const struct ms_json *member;

	if (!object || object->kind != MS_JSON_OBJECT)
		return NULL;
	member = object->first;
	while (member && !ms_slice_equal(member->key, ms_slice_from(key)))
		member = member->next;
	return member;
}

struct ms_slice
ms_json_get_text(const struct ms_json *object, const char *key)
{
	const struct ms_json *member = ms_json_get(object, key);

	return member && member->kind == MS_JSON_TEXT ? member->text
						      : ms_slice_make(NULL, 0);
}

bool
ms_json_is_int(const struct ms_json *value)
{
	return value && value->kind == MS_JSON_NUMBER &&
	       value->number >= -EXACT && value->number <= EXACT &&
	       (double)(int64_t)value->number == value->number;
}

int64_t
ms_json_get_int(
    const struct ms_json *object, const char *key, int64_t otherwise)
{
	const struct ms_json *member = ms_json_get(object, key);

	return ms_json_is_int(member) ? (int64_t)member->number : otherwise;
}
