/* SPDX-License-Identifier: ISC
 * json.h - JSON that comes in, as a tree; and strings for what goes out
 */
#ifndef MAILSONDE_JSON_H
#define MAILSONDE_JSON_H

#include <stdint.h>

#include "mailsonde/buf.h"

enum ms_json_kind {
	MS_JSON_NULL,
	MS_JSON_BOOL,
	MS_JSON_NUMBER,
	MS_JSON_TEXT,
	MS_JSON_ARRAY,
	MS_JSON_OBJECT,
};

struct ms_json {
	enum ms_json_kind kind;
	struct ms_slice key;  /* of an object's member */
	struct ms_slice text; /* valid UTF-8 only where the input was */
	double number;        /* exact for integers up to 2^53 */
	bool truth;
	const struct ms_json *first, *next; /* children, in order */
};

/* One JSON value and nothing behind it but white space. NULL: it is none, or
 * it is nested too deeply (1,000), or there is no libcjson. A string ends at
 * \u0000. Everything lives in `arena`. */
const struct ms_json *ms_json_read(
    struct ms_arena *arena, struct ms_slice text);

/* A member of an object by its exact name, the first where there are several;
 * NULL: there is none, or `object` (NULL is allowed) is no object. */
const struct ms_json *ms_json_get(
    const struct ms_json *object, const char *key);

/* The same, for a member of one kind: p == NULL, `otherwise`, false where it
 * is missing or of another kind. An integer has no fraction and lies within
 * 2^53. */
struct ms_slice ms_json_get_text(const struct ms_json *object, const char *key);
int64_t ms_json_get_int(
    const struct ms_json *object, const char *key, int64_t otherwise);

/* Whether a number is an integer that a double holds exactly. */
bool ms_json_is_int(const struct ms_json *value);

/* One JSON string with its quotes, always valid UTF-8; true when bytes had to
 * be replaced. */
bool ms_json_string(struct ms_buf *out, struct ms_slice bytes);

#endif
