/* SPDX-License-Identifier: ISC
 * clock.c - civil time: proleptic Gregorian, UTC
 */
#include "mailsonde/clock.h"

#include "mailsonde/scan.h"

/* Days since 1970-01-01 by counting from 0000-03-01 in eras of 400 years. */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

int64_t
ms_time_from_civil(const struct ms_civil *civil)
{
	return days_from_civil(civil->year, civil->month, civil->day) * 86400 +
	       (int64_t)civil->hour * 3600 + civil->minute * 60 + civil->second;
}

static int64_t
floor_days(int64_t time)
{
	return time >= 0 ? time / 86400 : -((-time + 86399) / 86400);
}

struct ms_civil
ms_time_to_civil(int64_t time)
{
	int64_t days = floor_days(time);
	int64_t rest = time - days * 86400;
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct ms_civil out;

	out.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	out.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	out.year = (int)(yoe + era * 400 + (out.month <= 2));
	out.hour = (int)(rest / 3600);
	out.minute = (int)(rest / 60 % 60);
	out.second = (int)(rest % 60);
	return out;
}

int
ms_days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	if (month == 2 &&
	    ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
		return 29;
	return days[month - 1];
}

int
ms_weekday(int64_t time)
{
	return (int)(((floor_days(time) + 4) % 7 + 7) % 7);
}

/* Two or four digits and what follows them. */
static char *
digits(char *out, int n, int width, char then)
{
	for (int i = width; i-- > 0; n /= 10)
		out[i] = (char)('0' + n % 10);
	out[width] = then;
	return out + width + 1;
}

void
ms_time_format(int64_t time, char out[MS_TIME_TEXT])
{
	struct ms_civil c = ms_time_to_civil(time);

	out = digits(out, c.year < 0 || c.year > 9999 ? 0 : c.year, 4, '-');
	out = digits(out, c.month, 2, '-');
	out = digits(out, c.day, 2, 'T');
	out = digits(out, c.hour, 2, ':');
	out = digits(out, c.minute, 2, ':');
	out = digits(out, c.second, 2, 'Z');
	*out = '\0';
}

static int
fixed(struct ms_scan *s, unsigned digits, int max)
{
	const unsigned char *start = s->p;
	int number = (int)ms_scan_number(s, digits, (uint64_t)max);

	if ((size_t)(s->p - start) != digits)
		s->bad = true;
	return number;
}

static void
separator(struct ms_scan *s, unsigned char byte)
{
	if (!ms_scan_try_byte(s, byte))
		s->bad = true;
}

/* time-offset of RFC 3339 5.6, in seconds. */
static int
offset(struct ms_scan *s)
{
	int sign = ms_scan_peek(s) == '-' ? -1 : 1;
	int hours, minutes;

	if (ms_scan_try_text(s, "z"))
		return 0;
	if (!ms_scan_try_byte(s, '+'))
		separator(s, '-');
	hours = fixed(s, 2, 23);
	separator(s, ':');
	minutes = fixed(s, 2, 59);
	return sign * (hours * 3600 + minutes * 60);
}

bool
ms_time_parse(struct ms_slice text, int64_t *out)
{
	struct ms_scan s = ms_scan_init(ms_slice_trim(text));
	struct ms_civil c = { 0 };
	int shift = 0;

	c.year = fixed(&s, 4, 9999);
	separator(&s, '-');
	c.month = fixed(&s, 2, 12);
	separator(&s, '-');
	c.day = fixed(&s, 2, 31);
	if (s.bad || c.month < 1 || c.day < 1 ||
	    c.day > ms_days_in_month(c.year, c.month))
		return false;
	if (!ms_scan_at_end(&s)) {
		if (!ms_scan_try_text(&s, "t") && !ms_scan_try_byte(&s, ' '))
			return false;
		c.hour = fixed(&s, 2, 23);
		separator(&s, ':');
		c.minute = fixed(&s, 2, 59);
		separator(&s, ':');
		c.second = fixed(&s, 2, 60);
		if (ms_scan_try_byte(&s, '.'))
			(void)ms_scan_while(&s, MS_C_DIGIT, 9);
		shift = offset(&s);
	}
	*out = ms_time_from_civil(&c) - shift;
	return !s.bad && s.p == s.end;
}
