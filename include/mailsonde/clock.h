/* SPDX-License-Identifier: ISC
 * clock.h - civil time, and the clock as a source
 */
#ifndef MAILSONDE_CLOCK_H
#define MAILSONDE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "mailsonde/slice.h"

/* What "now" is: given by the program (--at, or the system's time). */
struct ms_clock {
	int64_t now; /* seconds since 1970-01-01T00:00:00Z */
	/* Seconds of a clock that only goes forward, for limits of time; NULL
	 * where time stands still (replay, tests). */
	double (*ticks)(void);
};

struct ms_civil {
	int year, month, day;     /* 1-12, 1-31 */
	int hour, minute, second; /* second up to 60 */
};

/* Proleptic Gregorian, UTC, no leap seconds; years 0 to 9999 go both ways.
 * Days too large for their month flow over, as mktime's do. */
int64_t ms_time_from_civil(const struct ms_civil *civil);
struct ms_civil ms_time_to_civil(int64_t time);
int ms_days_in_month(int year, int month);

/* 0 = Sunday. */
int ms_weekday(int64_t time);

/* RFC 3339 in UTC, "2026-01-02T03:04:05Z"; the buffer holds 32 bytes. */
#define MS_TIME_TEXT 32
void ms_time_format(int64_t time, char out[MS_TIME_TEXT]);

/* RFC 3339 date-time, or date alone (midnight UTC). False when it is not. */
bool ms_time_parse(struct ms_slice text, int64_t *out);

#endif
