/* SPDX-License-Identifier: ISC
 * suite_authres.c - Authentication-Results and ARC-Authentication-Results
 */
#include "conform.h"

#include <stdio.h>
#include <stdlib.h>

#include "mailsonde/authres.h"

/* The field as a header block of its own; out->field is NULL when it is none.
 * `charsets` outlives it. */
static void
read_field(
    struct conform *c, struct ms_charsets *charsets, struct ms_authres *out)
{
	struct ms_defects defects = { .limit = c->env.limits.defects };
	struct ms_slice value = base64_of(c, c->test, "value_b64");
	struct ms_parse parse = { c->arena, charsets, &c->env.limits, &defects,
		NULL, NULL };
	struct ms_header *header = MS_NEW(c->arena, struct ms_header);
	struct ms_buf block;

	ms_buf_init(&block, c->arena);
	ms_buf_slice(&block, text_of(c->test, "field"));
	ms_buf_text(&block, ":");
	ms_buf_slice(&block, value);
	ms_buf_text(&block, "\r\n\r\n");
	parse.base = block.p;
	ms_header_parse(&parse, ms_buf_get(&block), 0, header);
	memset(out, 0, sizeof(*out));
	if (header->n == 1)
		ms_authres_parse(&parse, &header->fields[0], out);
}

/* Without any blank: RFC 8601 gives comments no meaning. */
static struct ms_slice
squeeze(struct conform *c, struct ms_slice text)
{
	unsigned char *p = ms_arena_bytes(c->arena, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (!memchr(" \t\r\n", text.p[i], 4))
			p[n++] = text.p[i];
	return ms_slice_make(text.p ? p : NULL, n);
}

static bool
has_property(const struct ms_authres_property *p, const cJSON *pair)
{
	char name[256];

	snprintf(name, sizeof(name), "%.*s%s%.*s", (int)p->ptype.n,
	    (const char *)p->ptype.p, p->ptype.p ? "." : "", (int)p->property.n,
	    (const char *)p->property.p);
	return ms_slice_is(ms_slice_from(name), pair->child->valuestring) &&
	       ms_slice_equal(
		   p->value, ms_slice_from(pair->child->next->valuestring));
}

/* A number or its digits; absent, null: none is wanted or nothing is said. */
static void
expect_version(struct conform *c, const cJSON *want, struct ms_slice got)
{
	char *digits = ms_arena_string(c->arena, got);

	if (cJSON_IsNumber(member(want, "version")))
		expect_number(c, want, "version", strtod(digits, NULL));
	else
		expect_text(c, want, "version", got);
}

/* Each wanted property in its order; nothing beside them unless `partial`. */
static void
expect_properties(struct conform *c, const cJSON *want, bool partial,
    const struct ms_authres_method *method)
{
	const cJSON *item;
	size_t at = 0;

	cJSON_ArrayForEach(item, member(want, "props"))
	{
		while (partial && at < method->n &&
		       !has_property(&method->properties[at], item))
			at++;
		if (at >= method->n ||
		    !has_property(&method->properties[at], item)) {
			differ(c, "no property %s=%s of %s where it is wanted",
			    item->child->valuestring,
			    item->child->next->valuestring,
			    member(want, "method")->valuestring);
			return;
		}
		at++;
	}
	if (!partial && member(want, "props") && at < method->n)
		differ(c, "%zu properties more", method->n - at);
}

static void
expect_comment(struct conform *c, const cJSON *want,
    const struct ms_authres_method *method)
{
	struct ms_slice wanted = text_of(want, "comment");

	if (wanted.p &&
	    !ms_slice_equal(squeeze(c, wanted), squeeze(c, method->comment)))
		differ(c, "comment: wanted %.*s, got %.*s", (int)wanted.n,
		    (const char *)wanted.p, (int)method->comment.n,
		    (const char *)method->comment.p);
}

static bool
is_method(const cJSON *want, const struct ms_authres_method *method)
{
	struct ms_slice name = text_of(want, "method");
	struct ms_slice result = text_of(want, "result");

	return (!name.p || ms_slice_equal_nocase(name, method->method)) &&
	       (!result.p || ms_slice_equal_nocase(result, method->result));
}

static void
expect_methods(struct conform *c, const struct ms_authres *got)
{
	const cJSON *partial = member(c->want, "partial"), *item;
	bool some = cJSON_IsTrue(partial);
	size_t at = 0;

	cJSON_ArrayForEach(item, member(c->want, "methods"))
	{
		while (
		    some && at < got->n && !is_method(item, &got->methods[at]))
			at++;
		if (at >= got->n) {
			differ(c, "no method %s",
			    member(item, "method")->valuestring);
			return;
		}
		expect_text(c, item, "method", got->methods[at].method);
		expect_text(c, item, "result", got->methods[at].result);
		expect_version(c, item, got->methods[at].version);
		expect_text(c, item, "reason", got->methods[at].reason);
		expect_comment(c, item, &got->methods[at]);
		expect_properties(c, item, some, &got->methods[at]);
		at++;
	}
	if (!some && member(c->want, "methods") && at < got->n)
		differ(c, "%zu methods more", got->n - at);
}

void
run_authres(struct conform *c)
{
	struct ms_charsets *charsets = ms_charsets_new(c->arena);
	struct ms_authres got;

	read_field(c, charsets, &got);
	expect_bool(c, c->want, "valid", got.valid);
	expect_text(c, c->want, "authserv_id", got.authserv_id);
	expect_number(c, c->want, "count", (double)got.n);
	expect_number(c, c->want, "instance", got.instance);
	expect_version(c, c->want, got.version);
	expect_methods(c, &got);
	ms_charsets_close(charsets);
}
