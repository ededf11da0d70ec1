/* SPDX-License-Identifier: ISC
 * test_json.c - JSON that comes in, and strings for what goes out
 */
#include "mailsonde/json.h"
#include "test.h"

static int
set_up(void **state)
{
	*state = ms_arena_new(NULL);
	return 0;
}

static int
tear_down(void **state)
{
	ms_arena_free(*state);
	return 0;
}

static void
test_read(void **state)
{
	static const char text[] =
	    " {\"a\":\"x\\u00e9\\n\",\"A\":1,\"n\":9007199254740992,"
	    "\"f\":1.5,\"t\":true,\"z\":null,\"l\":[1,\"two\",{}],\"a\":2} ";
	const struct ms_json *json = ms_json_read(*state, ms_slice_from(text));
	const struct ms_json *list;

	assert_non_null(json);
	assert_slice(ms_json_get_text(json, "a"), "x\xc3\xa9\n");
	assert_int_equal(ms_json_get_int(json, "A", -1), 1);
	assert_int_equal(ms_json_get_int(json, "n", -1), 9007199254740992);
	assert_int_equal(ms_json_get_int(json, "f", -1), -1);
	assert_int_equal(ms_json_get_int(json, "a", -1), -1);
	assert_int_equal(ms_json_get_int(json, "none", -1), -1);
	assert_null(ms_json_get_text(json, "f").p);
	assert_true(ms_json_get(json, "t")->truth);
	assert_int_equal(ms_json_get(json, "z")->kind, MS_JSON_NULL);
	list = ms_json_get(json, "l");
	assert_int_equal(list->first->number, 1);
	assert_slice(list->first->next->text, "two");
	assert_int_equal(list->first->next->next->kind, MS_JSON_OBJECT);
	assert_null(list->first->next->next->next);
	assert_null(ms_json_get(list, "a"));
	assert_null(ms_json_get(NULL, "a"));
}

static void
test_refused(void **state)
{
	static const char *const bad[] = { "", " ", "{", "{}x", "{} {}",
		"{\"a\":}", "{a:1}", "[1,]", "\"open", "nul", "'a'" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ms_json_read(*state, ms_slice_from(bad[i])))
			fail_msg("%s", bad[i]);
}

static void
test_depth(void **state)
{
	char deep[4000];

	memset(deep, '[', 2000);
	memset(deep + 2000, ']', 2000);
	assert_null(ms_json_read(*state, ms_slice_make(deep, 4000)));
	assert_non_null(ms_json_read(*state, ms_slice_make(deep + 1500, 1000)));
}

static void
test_string(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		const char *want;
		bool lossy;
	} rows[] = {
		{ "", 0, "\"\"", false },
		{ "a\"\\\n\0\x1f", 6, "\"a\\\"\\\\\\n\\u0000\\u001f\"", false },
		{ "\xc3\xa9", 2, "\"\xc3\xa9\"", false },
		{ "a\xc3", 2, "\"a\xef\xbf\xbd\"", true },
		{ "\xe2\x80\xae", 3, "\"\\u202e\"", false },
	};
	struct ms_buf out;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ms_buf_init(&out, *state);
		assert_int_equal(
		    ms_json_string(&out, ms_slice_make(rows[i].in, rows[i].n)),
		    rows[i].lossy);
		assert_slice(ms_buf_get(&out), rows[i].want);
	}
}

/* Something to escape at every place of strings of every length. */
static void
test_places(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t n = 0; n < 40; n++) {
		for (size_t at = 0; at <= n; at++) {
			struct ms_buf in, want, out;

			ms_buf_init(&in, arena);
			ms_buf_init(&want, arena);
			ms_buf_init(&out, arena);
			ms_buf_repeat(&in, 'a', at);
			ms_buf_text(&in, "\"");
			ms_buf_repeat(&in, 'b', n - at);
			ms_buf_text(&want, "\"");
			ms_buf_repeat(&want, 'a', at);
			ms_buf_text(&want, "\\\"");
			ms_buf_repeat(&want, 'b', n - at);
			ms_buf_text(&want, "\"");
			assert_false(ms_json_string(&out, ms_buf_get(&in)));
			assert_true(ms_slice_equal(
			    ms_buf_get(&out), ms_buf_get(&want)));
		}
	}
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_depth, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_string, set_up, tear_down),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
