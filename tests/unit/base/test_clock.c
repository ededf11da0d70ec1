/* SPDX-License-Identifier: ISC
 * test_clock.c - civil time against the C library, RFC 3339 in and out
 */
#include "mailsonde/clock.h"

#include <time.h>

#include "test.h"

static void
every_day_is_the_library_s(void **state)
{
	const int64_t first = -62167219200, last = 253402300799;

	(void)state;
	for (int64_t t = first; t <= last; t += 86400 * 3 + 3661) {
		struct ms_civil c = ms_time_to_civil(t);
		time_t time = (time_t)t;
		struct tm tm;

		gmtime_r(&time, &tm);
		assert_int_equal(c.year, tm.tm_year + 1900);
		assert_int_equal(c.month, tm.tm_mon + 1);
		assert_int_equal(c.day, tm.tm_mday);
		assert_int_equal(c.hour, tm.tm_hour);
		assert_int_equal(c.minute, tm.tm_min);
		assert_int_equal(c.second, tm.tm_sec);
		assert_int_equal(ms_weekday(t), tm.tm_wday);
		assert_int_equal(ms_time_from_civil(&c), t);
	}
}

static const struct {
	const char *in;
	const char *out; /* NULL: no time */
} times[] = {
	{ "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z" },
	{ "2026-01-02t03:04:05z", "2026-01-02T03:04:05Z" },
	{ "2026-01-02 03:04:05Z", "2026-01-02T03:04:05Z" },
	{ " 2026-01-02T03:04:05Z\n", "2026-01-02T03:04:05Z" },
	{ "2026-01-02T03:04:05.999999999Z", "2026-01-02T03:04:05Z" },
	{ "2026-01-02T03:04:05+01:30", "2026-01-02T01:34:05Z" },
	{ "2026-01-02T03:04:05-23:59", "2026-01-03T03:03:05Z" },
	{ "2026-01-02", "2026-01-02T00:00:00Z" },
	{ "2024-02-29", "2024-02-29T00:00:00Z" },
	{ "2000-02-29", "2000-02-29T00:00:00Z" },
	{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
	{ "0000-01-01", "0000-01-01T00:00:00Z" },
	{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
	{ "2026-02-29", NULL },
	{ "1900-02-29", NULL },
	{ "2026-00-01", NULL },
	{ "2026-13-01", NULL },
	{ "2026-01-00", NULL },
	{ "2026-01-32", NULL },
	{ "2026-04-31", NULL },
	{ "2026-1-02", NULL },
	{ "26-01-02", NULL },
	{ "2026-01-02T24:00:00Z", NULL },
	{ "2026-01-02T03:60:00Z", NULL },
	{ "2026-01-02T03:04:61Z", NULL },
	{ "2026-01-02T03:04:05", NULL },
	{ "2026-01-02T03:04Z", NULL },
	{ "2026-01-02T03:04:05+0100", NULL },
	{ "2026-01-02T03:04:05+24:00", NULL },
	{ "2026-01-02T03:04:05Zx", NULL },
	{ "2026-01-02x", NULL },
	{ "received", NULL },
	{ "", NULL },
};

static void
reads_and_writes_rfc3339(void **state)
{
	char text[MS_TIME_TEXT];
	int64_t time;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		bool ok = ms_time_parse(ms_slice_from(times[i].in), &time);

		if (ok != (times[i].out != NULL))
			print_error("%s\n", times[i].in);
		assert_int_equal(ok, times[i].out != NULL);
		if (!ok)
			continue;
		ms_time_format(time, text);
		assert_string_equal(text, times[i].out);
	}
}

static void
days_flow_over(void **state)
{
	struct ms_civil c = { 2026, 2, 31, 25, 61, 61 };
	char text[MS_TIME_TEXT];

	(void)state;
	ms_time_format(ms_time_from_civil(&c), text);
	assert_string_equal(text, "2026-03-04T02:02:01Z");
	assert_int_equal(ms_days_in_month(2026, 2), 28);
	assert_int_equal(ms_days_in_month(2024, 2), 29);
	assert_int_equal(ms_days_in_month(2100, 2), 28);
	assert_int_equal(ms_days_in_month(2026, 12), 31);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_is_the_library_s),
		cmocka_unit_test(reads_and_writes_rfc3339),
		cmocka_unit_test(days_flow_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
