/* SPDX-License-Identifier: ISC
 * test_json.c - reports as JSON: always valid, never lossy in silence
 */
#include <math.h>

#include "json_valid.h"
#include "mailsonde/json.h"
#include "mailsonde/render.h"
#include "test.h"

static const struct {
	const char *p;
	size_t n;
	const char *want;
	bool lossy;
} strings[] = {
#define IN(literal) literal, sizeof(literal) - 1
	{ IN(""), "\"\"", false },
	{ IN("plain"), "\"plain\"", false },
	{ IN("a\"b\\c/"), "\"a\\\"b\\\\c/\"", false },
	{ IN("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"", false },
	{ IN("\0\x1f\x7f"), "\"\\u0000\\u001f\\u007f\"", false },
	{ IN("\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80"),
	    "\"\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80\"", false },
	/* one U+FFFD for each ill-formed piece */
	{ IN("a\xf6z"), "\"a\xef\xbf\xbdz\"", true },
	{ IN("\xc0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\"", true },
	{ IN("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
	    true },
	{ IN("\xf4\x90\x80\x80"),
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", true },
	{ IN("\xe2\x82"), "\"\xef\xbf\xbd\"", true },
	{ IN("\xff"), "\"\xef\xbf\xbd\"", true },
};

static void
writes_strings(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		struct ms_buf out;
		bool lossy;

		ms_buf_init(&out, arena);
		lossy = ms_json_string(
		    &out, ms_slice_make(strings[i].p, strings[i].n));
		assert_slice(ms_buf_get(&out), strings[i].want);
		assert_int_equal(lossy, strings[i].lossy);
	}
	ms_arena_free(arena);
}

/* What is written sixteen bytes at a time, at every place in them. */
static void
escapes_at_every_place(void **state)
{
	static const char *const odd[] = { "\"", "\\", "\n", "\x01", "\xff",
		"\xe2\x82", "\xf0\x9f\x98\x80" };
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t n = 0; n < 70; n++)
		for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
			struct ms_buf in, out;

			ms_buf_init(&in, arena);
			ms_buf_init(&out, arena);
			ms_buf_repeat(&in, 'x', n);
			ms_buf_text(&in, odd[i]);
			ms_buf_repeat(&in, 'y', 70 - n);
			assert_int_equal(ms_json_string(&out, ms_buf_get(&in)),
			    !ms_utf8_valid(ms_buf_get(&in)));
			assert_true(json_valid(ms_buf_get(&out)));
			assert_int_equal(
			    ms_slice_find(ms_buf_get(&out), 0, 'y'),
			    out.n - 71 + n);
			ms_arena_clear(arena);
		}
	ms_arena_free(arena);
}

static void
put_values(struct ms_report *report)
{
	struct ms_node *section = ms_put_section(report, "values");
	struct ms_node *list;

	ms_put_null(report, section, "null");
	ms_put_bool(report, section, "yes", true);
	ms_put_int(report, section, "least", INT64_MIN);
	ms_put_int(report, section, "most", INT64_MAX);
	ms_put_double(report, section, "half", 0.5);
	ms_put_double(report, section, "nan", NAN);
	ms_put_double(report, section, "infinite", -INFINITY);
	ms_put_time(report, section, "time", 0);
	ms_put_text(report, section, "absent", ms_slice_make(NULL, 0));
	ms_put_text(report, section, "lossy", MS_SLICE("\xff"));
	ms_put_evidence(report, section, "raw", MS_SLICE("a\xff"));
	list = ms_put_array(report, section, "list");
	ms_put_evidence(report, list, NULL, MS_SLICE("\xff"));
	ms_put_object(report, list, NULL);
	ms_put_array(report, list, NULL);
	ms_put_string(report, list, NULL, NULL);
}

#define VALUES                                                                 \
	"\"values\":{\"null\":null,\"yes\":true,"                              \
	"\"least\":-9223372036854775808,\"most\":9223372036854775807,"         \
	"\"half\":0.5,\"nan\":null,\"infinite\":null,"                         \
	"\"time\":\"1970-01-01T00:00:00Z\",\"absent\":null,"                   \
	"\"lossy\":\"\xef\xbf\xbd\",\"raw\":\"a\xef\xbf\xbd\","                \
	"\"raw_base64\":\"Yf8=\",\"list\":[\"\xef\xbf\xbd\",{},[],null]}"

static void
writes_documents(void **state)
{
	const struct ms_render_options options = { .version = "0.0" };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_finding finding = {
		.id = "a", .severity = MS_SEVERITY_LOW, .title = "t"
	};
	struct ms_report report;
	struct ms_buf out;

	(void)state;
	ms_report_init(&report, arena, MS_FOR_DATA, "test", 1767607200);
	ms_put_string(&report, report.subject, "kind", "message");
	put_values(&report);
	ms_report_finding(&report, &finding);
	ms_report_error(&report, "io", true, "no \"%s\"", "\xff");
	ms_buf_init(&out, arena);
	ms_format_find("ndjson")->render(&report, &options, &out);
	assert_slice(ms_buf_get(&out),
	    "{\"schema\":\"mailsonde/1\",\"command\":\"test\","
	    "\"version\":\"0.0\",\"time\":\"2026-01-05T10:00:00Z\","
	    "\"subject\":{\"kind\":\"message\"}," VALUES
	    ",\"findings\":[{\"id\":\"a\",\"severity\":\"low\",\"title\":\"t\","
	    "\"detail\":null,\"evidence\":{},\"fix\":null,\"reference\":null}],"
	    "\"errors\":[{\"what\":\"io\",\"detail\":\"no "
	    "\\\"\xef\xbf\xbd\\\"\","
	    "\"temporary\":true}]}\n");
	out.n = 0;
	ms_format_find("json")->render(&report, &options, &out);
	assert_true(json_valid(ms_buf_get(&out)));
	ms_arena_free(arena);
}

static void
knows_its_formats(void **state)
{
	(void)state;
	assert_null(ms_format_find("yaml"));
	assert_null(ms_format_find(""));
	for (const struct ms_format *const *f = ms_formats(); *f; f++)
		assert_ptr_equal(ms_format_find((*f)->name), *f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_strings),
		cmocka_unit_test(escapes_at_every_place),
		cmocka_unit_test(writes_documents),
		cmocka_unit_test(knows_its_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
