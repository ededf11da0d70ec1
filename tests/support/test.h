/* SPDX-License-Identifier: ISC
 * test.h - what every unit test starts with
 */
#ifndef MAILSONDE_TEST_H
#define MAILSONDE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mailsonde/buf.h"
#include "mailsonde/header.h"

/* A parsing context over its own arena, defaults everywhere. */
struct test_parse {
	struct ms_arena *arena;
	struct ms_limits limits;
	struct ms_defects defects;
	struct ms_parse parse;
};
void test_parse_init(struct test_parse *test);
void test_parse_done(struct test_parse *test);

/* Fails the test unless the slice holds just that text. A NULL text wants
 * p == NULL or an empty slice. */
#define assert_slice(slice, text)                                              \
	test_slice((slice), (text), #slice, __FILE__, __LINE__)
void test_slice(struct ms_slice slice, const char *text, const char *what,
    const char *file, int line);

/* A field made of "Name: body" for the parsers that take one. */
struct ms_field test_field(
    struct ms_arena *arena, const char *name, const char *body);

/* A whole file, in the arena; fails the test when it cannot be read. */
struct ms_slice test_file(struct ms_arena *arena, const char *path);

#endif
