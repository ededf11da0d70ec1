/* SPDX-License-Identifier: ISC
 * test_date.c - dates with every usual damage
 */
#include "mailsonde/date.h"

#include "mailsonde/clock.h"
#include "test.h"

static const struct {
	const char *in, *utc;
	int zone;
	unsigned oddities;
} dates[] = {
	{ "Thu, 15 Jan 2026 10:00:07 +0100", "2026-01-15T09:00:07Z", 60, 0 },
	{ "15 Jan 2026 10:00 +0000", "2026-01-15T10:00:00Z", 0, 0 },
	{ "Thu, 15 Jan 2026 10:00:07 -0330 (NST)", "2026-01-15T13:30:07Z", -210,
	    0 },
	{ " Thu ,\t15 (the (ides)) Jan 2026 10 : 00 : 07 GMT",
	    "2026-01-15T10:00:07Z", 0, MS_DATE_ZONE_NAME },
	{ "Thu, 15 Jan 2026 10:00:07 -0000", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_ZONE_MINUS0 },
	{ "Thu, 15 Jan 2026 10:00:07 EST", "2026-01-15T15:00:07Z", -300,
	    MS_DATE_ZONE_NAME },
	{ "Thu, 15 Jan 2026 10:00:07 A", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_ZONE_NAME | MS_DATE_ZONE_UNKNOWN },
	{ "Thu, 15 Jan 2026 10:00:07 XYZT", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_ZONE_UNKNOWN },
	{ "Thu, 15 Jan 2026 10:00:07", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_NO_ZONE },
	{ "Thu, 15 Jan 26 10:00:07 +0000", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_YEAR2 },
	{ "Fri, 15 Jan 99 10:00:07 +0000", "1999-01-15T10:00:07Z", 0,
	    MS_DATE_YEAR2 },
	{ "15 Jan 126 10:00:07 +0000", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_YEAR2 },
	{ "Mon, 15 Jan 2026 10:00:07 +0000", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_WEEKDAY },
	{ "Thu 15 Jan 2026 10:00:07 +0000", "2026-01-15T10:00:07Z", 0, 0 },
	{ "Thu Jan 15 10:00:07 2026", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_NO_ZONE | MS_DATE_FORM },
	{ "Thu Jan 15 10:00:07 +0100 2026", "2026-01-15T09:00:07Z", 60,
	    MS_DATE_FORM },
	{ "Thu, Jan 15 2026 10:00:07 +0100", "2026-01-15T09:00:07Z", 60,
	    MS_DATE_FORM },
	{ "2026-01-15T10:00:07Z", "2026-01-15T10:00:07Z", 0,
	    MS_DATE_FORM | MS_DATE_ZONE_NAME },
	{ "2026-01-15 10:00:07.123456 +0200 CEST m=+0.000042",
	    "2026-01-15T08:00:07Z", 120,
	    MS_DATE_FORM | MS_DATE_FRACTION | MS_DATE_TRAILING },
	{ "Do, 15 Mär 2026 10:00:07 +0100", "2026-03-15T09:00:07Z", 60,
	    MS_DATE_FORM | MS_DATE_MONTH_NAME },
	{ "15 août 2026 10:00:07 +0200", "2026-08-15T08:00:07Z", 120,
	    MS_DATE_FORM | MS_DATE_MONTH_NAME },
	{ "15 дек 2026 10:00:07 +0300", "2026-12-15T07:00:07Z", 180,
	    MS_DATE_FORM | MS_DATE_MONTH_NAME },
	{ "Thu, 15 Jan 2026 10.00.07 +0100", "2026-01-15T09:00:07Z", 60,
	    MS_DATE_FORM },
	{ "Thu, 15 Jan 2026 1:00:07 PM +0000", "2026-01-15T13:00:07Z", 0,
	    MS_DATE_FORM },
	{ "Thu, 15 Jan 2026 12:00:07 AM +0000", "2026-01-15T00:00:07Z", 0,
	    MS_DATE_FORM },
	{ "Thu, 15 Jan 2026 10:00:07 GMT+0200", "2026-01-15T08:00:07Z", 120,
	    MS_DATE_FORM },
	{ "Thu, 15 Jan 2026 10:00:07 +02:00", "2026-01-15T08:00:07Z", 120,
	    MS_DATE_FORM },
	{ "Thu, 15 Jan 2026 10:00:07 +9900", "2026-01-11T07:00:07Z", 5940,
	    MS_DATE_ZONE_IMPOSSIBLE },
	{ "Sat, 31 Feb 2026 10:00:07 +0000", "2026-03-03T10:00:07Z", 0,
	    MS_DATE_RANGE | MS_DATE_WEEKDAY },
	{ "Date: Thu, 15 Jan 2026 10:00:07 +0000", "2026-01-15T10:00:07Z", 0,
	    0 },
	{ "Sun, 29 Feb 2004 23:59:60 +0000", "2004-03-01T00:00:00Z", 0, 0 },
};

static void
reads_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		struct ms_date out;
		char text[MS_TIME_TEXT];

		ms_date_parse(ms_slice_from(dates[i].in), &out);
		if (!out.set)
			print_error("%s: not read\n", dates[i].in);
		assert_true(out.set);
		ms_time_format(out.time, text);
		if (strcmp(text, dates[i].utc) != 0 ||
		    out.zone != dates[i].zone ||
		    out.oddities != dates[i].oddities)
			print_error("%s: %s %d 0x%x\n", dates[i].in, text,
			    out.zone, out.oddities);
		assert_string_equal(text, dates[i].utc);
		assert_int_equal(out.zone, dates[i].zone);
		assert_int_equal(out.oddities, dates[i].oddities);
	}
}

static void
refuses_what_is_none(void **state)
{
	static const char *const none[] = { "", " ", "Thu", "15 Jan", "now",
		"(Thu, 15 Jan 2026 10:00:07 +0000)", "99:99:99",
		"32 Jan 2026 10:00:00 +0000", "15 Jan 0026x", "((((((((",
		"\xff\xfe\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		struct ms_date out;

		ms_date_parse(ms_slice_from(none[i]), &out);
		if (out.set)
			print_error("\"%s\" was read\n", none[i]);
		assert_false(out.set);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_dates),
		cmocka_unit_test(refuses_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
