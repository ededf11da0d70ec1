/* SPDX-License-Identifier: ISC
 * test_ledger.c - a file of JSON lines, each of which seals those before it
 */
#include <stdio.h>

#include "mailsonde/ledger.h"
#include "mailsonde/map.h"
#include "test.h"

static struct ms_arena *arena;
static struct ms_buf file;
static bool disk_full;

static bool
take(void *context, struct ms_slice bytes)
{
	(void)context;
	if (!disk_full)
		ms_buf_slice(&file, bytes);
	return !disk_full;
}

static int
set_up(void **state)
{
	(void)state;
	arena = ms_arena_new(NULL);
	ms_buf_init(&file, arena);
	disk_full = false;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ms_arena_free(arena);
	return 0;
}

/* Three lines, and a fourth that has been there, with the closing line. */
static void
write_file(void)
{
	struct ms_ledger *ledger = ms_ledger_new(take, NULL, NULL);
	struct ms_buf line;

	ms_buf_init(&line, arena);
	ms_ledger_add(
	    ledger, ms_slice_make(NULL, 0), MS_SLICE("\"type\":\"run\""));
	ms_buf_text(&line, "\"type\":\"x\"");
	ms_ledger_put(&line, "text", MS_SLICE("a\"b\n"));
	ms_ledger_put(&line, "bytes", MS_SLICE("a\0\xff"));
	ms_ledger_put(&line, "none", ms_slice_make(NULL, 0));
	ms_ledger_put_int(&line, "n", -5);
	ms_ledger_add(ledger, MS_SLICE("key"), ms_buf_get(&line));
	ms_ledger_add(ledger, MS_SLICE("key"), ms_buf_get(&line));
	ms_ledger_add(ledger, MS_SLICE("yek"), ms_buf_get(&line));
	assert_true(ms_ledger_close(ledger, true));
}

/* Reads all of it; the number of the line that is refused, 0: none is. */
static unsigned
read_file(struct ms_slice bytes, struct ms_diag *diag)
{
	struct ms_ledger_reader reader;
	const struct ms_json *line;
	enum ms_status status;

	ms_ledger_start(&reader, bytes);
	do
		status = ms_ledger_next(&reader, arena, &line, diag);
	while (status == MS_OK);
	return status == MS_END ? 0 : reader.line;
}

static void
test_round(void **state)
{
	struct ms_ledger_reader reader;
	const struct ms_json *line;
	struct ms_slice bytes;

	(void)state;
	write_file();
	ms_ledger_start(&reader, ms_buf_get(&file));
	assert_int_equal(ms_ledger_next(&reader, arena, &line, NULL), MS_OK);
	assert_slice(ms_json_get_text(line, "type"), "run");
	assert_int_equal(ms_ledger_next(&reader, arena, &line, NULL), MS_OK);
	assert_slice(ms_ledger_get(arena, line, "text"), "a\"b\n");
	bytes = ms_ledger_get(arena, line, "bytes");
	assert_int_equal(bytes.n, 3);
	assert_memory_equal(bytes.p, "a\0\xff", 3);
	assert_null(ms_ledger_get(arena, line, "none").p);
	assert_int_equal(ms_json_get_int(line, "n", 0), -5);
	assert_int_equal(ms_ledger_next(&reader, arena, &line, NULL), MS_OK);
	assert_int_equal(reader.line, 3);
	assert_int_equal(ms_ledger_next(&reader, arena, &line, NULL), MS_END);
}

/* No cut is taken for the whole, wherever it is. */
static void
test_cut(void **state)
{
	struct ms_diag diag;

	(void)state;
	write_file();
	for (size_t n = 0; n < file.n; n++) {
		unsigned lines = 1;

		for (size_t i = 0; i < n; i++)
			lines += file.p[i] == '\n';
		assert_int_equal(
		    read_file(ms_slice_make(file.p, n), &diag), lines);
		assert_non_null(strstr(diag.text, "line "));
		assert_non_null(strstr(diag.text, "cut short"));
	}
	assert_int_equal(read_file(ms_buf_get(&file), &diag), 0);
}

/* No bit can be another, wherever it is. */
static void
test_edited(void **state)
{
	struct ms_diag diag;

	(void)state;
	write_file();
	for (size_t i = 0; i < file.n; i++) {
		unsigned line = 1;

		for (size_t j = 0; j < i; j++)
			line += file.p[j] == '\n';
		file.p[i] ^= 1;
		assert_int_equal(read_file(ms_buf_get(&file), &diag), line);
		file.p[i] ^= 1;
	}
}

static void
test_lines_moved(void **state)
{
	struct ms_slice lines[5], rest;
	struct ms_buf other;
	struct ms_diag diag;

	(void)state;
	write_file();
	rest = ms_buf_get(&file);
	for (size_t i = 0; i < 4; i++) {
		size_t n = ms_slice_find(rest, 0, '\n') + 1;

		lines[i] = ms_slice_part(rest, 0, n);
		rest = ms_slice_part(rest, n, rest.n);
	}
	/* One left out; two that changed places; one twice. */
	ms_buf_init(&other, arena);
	ms_buf_slice(&other, lines[0]);
	ms_buf_slice(&other, lines[2]);
	ms_buf_slice(&other, lines[3]);
	assert_int_equal(read_file(ms_buf_get(&other), &diag), 2);
	other.n = lines[0].n;
	ms_buf_slice(&other, lines[1]);
	ms_buf_slice(&other, lines[1]);
	assert_int_equal(read_file(ms_buf_get(&other), &diag), 3);
	/* Something behind the closing line, be it its like. */
	ms_buf_slice(&file, lines[0]);
	assert_int_equal(read_file(ms_buf_get(&file), &diag), 5);
	assert_non_null(strstr(diag.text, "behind the closing line"));
	/* The first line gone. */
	file.n -= lines[0].n;
	assert_int_equal(
	    read_file(
		ms_slice_part(ms_buf_get(&file), lines[0].n, file.n), &diag),
	    1);
}

static void
test_count(void **state)
{
	struct ms_ledger *ledger = ms_ledger_new(take, NULL, NULL);
	struct ms_diag diag;

	(void)state;
	ms_ledger_add(ledger, ms_slice_make(NULL, 0),
	    MS_SLICE("\"type\":\"end\",\"lines\":3"));
	assert_true(ms_ledger_close(ledger, false));
	assert_int_equal(file.n, 0); /* not complete: nothing is left over */
	ledger = ms_ledger_new(take, NULL, NULL);
	ms_ledger_add(ledger, ms_slice_make(NULL, 0),
	    MS_SLICE("\"type\":\"end\",\"lines\":3"));
	assert_true(ms_ledger_close(ledger, true));
	assert_int_equal(read_file(ms_buf_get(&file), &diag), 1);
	assert_non_null(strstr(diag.text, "counts"));
}

static void
test_full(void **state)
{
	struct ms_ledger *ledger = ms_ledger_new(take, NULL, NULL);

	(void)state;
	disk_full = true;
	ms_ledger_add(
	    ledger, ms_slice_make(NULL, 0), MS_SLICE("\"type\":\"run\""));
	assert_false(ms_ledger_close(ledger, true));
}

static void
test_map(void **state)
{
	struct ms_map map;
	char key[16];

	(void)state;
	ms_map_init(&map, arena);
	for (size_t i = 0; i < 5000; i++) {
		int n = snprintf(key, sizeof(key), "k%zu", i);

		ms_map_take(&map, ms_slice_make(key, (size_t)n))->value = arena;
	}
	assert_int_equal(map.n, 5000);
	for (size_t i = 0; i < 10000; i++) {
		int n = snprintf(key, sizeof(key), "k%zu", i);
		const struct ms_map_entry *entry =
		    ms_map_find(&map, ms_slice_make(key, (size_t)n));

		assert_int_equal(entry != NULL, i < 5000);
	}
	assert_ptr_equal(ms_map_take(&map, MS_SLICE("k7"))->value, arena);
	assert_null(ms_map_take(&map, MS_SLICE(""))->value);
	assert_non_null(ms_map_find(&map, MS_SLICE("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_edited, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_lines_moved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_map, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
