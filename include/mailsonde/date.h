/* SPDX-License-Identifier: ISC
 * date.h - date-time: RFC 5322 3.3, 4.3, and what is really written
 */
#ifndef MAILSONDE_DATE_H
#define MAILSONDE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "mailsonde/scan.h"

enum ms_date_oddity {
	MS_DATE_NO_ZONE = 1 << 0,         /* taken as UTC */
	MS_DATE_ZONE_NAME = 1 << 1,       /* EST, and others of 4.3 */
	MS_DATE_ZONE_UNKNOWN = 1 << 2,    /* a name nobody knows: UTC */
	MS_DATE_ZONE_IMPOSSIBLE = 1 << 3, /* beyond -1200 .. +1400 */
	MS_DATE_ZONE_MINUS0 = 1 << 4,     /* -0000: zone not said */
	MS_DATE_YEAR2 = 1 << 5,           /* two or three digits */
	MS_DATE_WEEKDAY = 1 << 6,         /* names another day of the week */
	MS_DATE_FORM = 1 << 7,            /* another form: ISO 8601, asctime,
					     missing comma, foreign month … */
	MS_DATE_FRACTION = 1 << 8,
	MS_DATE_RANGE = 1 << 9,       /* 31 Feb, 25:00: flowed over */
	MS_DATE_MONTH_NAME = 1 << 10, /* a month that is not English */
	MS_DATE_TRAILING = 1 << 11,   /* text behind it, not a comment */
};

struct ms_date {
	bool set;          /* false: no date could be read */
	int64_t time;      /* seconds since 1970 UTC */
	int zone;          /* minutes east of UTC */
	bool zone_known;   /* one was written, and means something */
	unsigned oddities; /* enum ms_date_oddity */
	unsigned nanoseconds;
	struct ms_slice raw;
};

/* Reads a date with every usual damage: no comma, names of zones, two-digit
 * years, non-English months, fractions, comments, Go's monotonic part,
 * asctime, ISO 8601. out->set == false when there is none. */
void ms_date_parse(struct ms_slice text, struct ms_date *out);

#endif
