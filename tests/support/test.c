/* SPDX-License-Identifier: ISC
 * test.c - what every unit test starts with
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

void
test_parse_init(struct test_parse *test)
{
	memset(test, 0, sizeof(*test));
	test->arena = ms_arena_new(NULL);
	test->limits = ms_limits_fill(NULL);
	test->defects.limit = test->limits.defects;
	test->parse.arena = test->arena;
	test->parse.charsets = ms_charsets_new(test->arena);
	test->parse.limits = &test->limits;
	test->parse.defects = &test->defects;
}

void
test_parse_done(struct test_parse *test)
{
	struct ms_charsets *charsets = test->parse.charsets;

	ms_charsets_close(charsets);
	ms_arena_free(test->arena);
}

void
test_slice(struct ms_slice slice, const char *text, const char *what,
    const char *file, int line)
{
	if (!text && slice.n == 0)
		return;
	if (text && ms_slice_equal(slice, ms_slice_from(text)))
		return;
	print_error("%s is \"%.*s\", wanted %s%s%s\n", what, (int)slice.n,
	    slice.p ? (const char *)slice.p : "", text ? "\"" : "",
	    text ? text : "nothing", text ? "\"" : "");
	_fail(file, line);
}

struct ms_field
test_field(struct ms_arena *arena, const char *name, const char *body)
{
	struct ms_field field = { 0 };

	field.name = ms_slice_from(name);
	field.raw = ms_slice_from(ms_arena_printf(arena, "%s: %s", name, body));
	field.body = ms_slice_part(field.raw, strlen(name) + 1, field.raw.n);
	field.value = ms_slice_trim(field.body);
	field.id = ms_field_id_of(field.name);
	return field;
}

struct ms_slice
test_file(struct ms_arena *arena, const char *path)
{
	FILE *file = fopen(path, "rb");
	struct ms_buf buf;
	size_t n;

	if (!file) {
		print_error("cannot read %s\n", path);
		fail();
		return ms_slice_make(NULL, 0);
	}
	ms_buf_init(&buf, arena);
	do {
		n = fread(ms_buf_room(&buf, 65536), 1, 65536, file);
		buf.n += n;
	} while (n > 0);
	fclose(file);
	return ms_buf_get(&buf);
}
