/* SPDX-License-Identifier: ISC
 * date.c - date-time, RFC 5322 3.3 and 4.3, and what is really written
 *
 * One pass over the words of the text: each is a month, a weekday, a zone, a
 * clock time or a number, whatever order they stand in. What decides is the
 * form of the word and, for bare numbers, how many came before.
 */
#include "mailsonde/date.h"

#include "mailsonde/clock.h"

#define TEXT_MAX 256 /* bytes looked at: no real date is longer */

struct reader {
	struct ms_scan s;
	int year, month, day, hour, minute, second;
	int numbers[3]; /* bare numbers in their order, with their digits */
	unsigned digits[3];
	unsigned n;
	int weekday;     /* 0 = Sunday; -1 */
	int month_after; /* numbers seen before the month's name */
	bool time_seen, pm, am;
	bool zone_seen;
	int zone;
	struct ms_date *out;
};

/* ---- names ---- */

struct name {
	const char *text;
	int value;
};

/* Abbreviations and full names; a word matches the longest entry that it
 * begins with only when it is no longer than it, or the entry has three
 * letters. English first. */
static const struct name months[] = {
	{ "jan", 1 },
	{ "feb", 2 },
	{ "mar", 3 },
	{ "apr", 4 },
	{ "may", 5 },
	{ "jun", 6 },
	{ "jul", 7 },
	{ "aug", 8 },
	{ "sep", 9 },
	{ "oct", 10 },
	{ "nov", 11 },
	{ "dec", 12 },
};

static const struct name foreign_months[] = {
	/* German, Dutch, Scandinavian */
	{ "jän", 1 },
	{ "jänner", 1 },
	{ "mär", 3 },
	{ "mrz", 3 },
	{ "mrt", 3 },
	{ "maart", 3 },
	{ "mei", 5 },
	{ "mai", 5 },
	{ "maj", 5 },
	{ "okt", 10 },
	{ "dez", 12 },
	{ "des", 12 },
	/* French */
	{ "janv", 1 },
	{ "fév", 2 },
	{ "févr", 2 },
	{ "fev", 2 },
	{ "mars", 3 },
	{ "avr", 4 },
	{ "juin", 6 },
	{ "juil", 7 },
	{ "juillet", 7 },
	{ "aoû", 8 },
	{ "août", 8 },
	{ "aou", 8 },
	{ "déc", 12 },
	/* Spanish, Portuguese, Italian */
	{ "ene", 1 },
	{ "gen", 1 },
	{ "abr", 4 },
	{ "mag", 5 },
	{ "giu", 6 },
	{ "lug", 7 },
	{ "ago", 8 },
	{ "set", 9 },
	{ "ott", 10 },
	{ "out", 10 },
	{ "dic", 12 },
	/* Polish, Czech */
	{ "sty", 1 },
	{ "lut", 2 },
	{ "kwi", 4 },
	{ "cze", 6 },
	{ "lip", 7 },
	{ "sie", 8 },
	{ "wrz", 9 },
	{ "paź", 10 },
	{ "lis", 11 },
	{ "gru", 12 },
	{ "led", 1 },
	{ "úno", 2 },
	{ "bře", 3 },
	{ "dub", 4 },
	{ "kvě", 5 },
	{ "čvn", 6 },
	{ "čvc", 7 },
	{ "srp", 8 },
	{ "zář", 9 },
	{ "říj", 10 },
	{ "pro", 12 },
	/* Russian */
	{ "янв", 1 },
	{ "фев", 2 },
	{ "мар", 3 },
	{ "апр", 4 },
	{ "мая", 5 },
	{ "май", 5 },
	{ "июн", 6 },
	{ "июл", 7 },
	{ "авг", 8 },
	{ "сен", 9 },
	{ "окт", 10 },
	{ "ноя", 11 },
	{ "дек", 12 },
};

static const struct name weekdays[] = {
	{ "sun", 0 },
	{ "mon", 1 },
	{ "tue", 2 },
	{ "wed", 3 },
	{ "thu", 4 },
	{ "fri", 5 },
	{ "sat", 6 },
};

/* RFC 5322 4.3, and the usual ones outside of it. Minutes east of UTC. */
static const struct name zones[] = {
	{ "ut", 0 },
	{ "utc", 0 },
	{ "gmt", 0 },
	{ "z", 0 },
	{ "est", -300 },
	{ "edt", -240 },
	{ "cst", -360 },
	{ "cdt", -300 },
	{ "mst", -420 },
	{ "mdt", -360 },
	{ "pst", -480 },
	{ "pdt", -420 },
	{ "wet", 0 },
	{ "west", 60 },
	{ "bst", 60 },
	{ "cet", 60 },
	{ "met", 60 },
	{ "mez", 60 },
	{ "cest", 120 },
	{ "mest", 120 },
	{ "mesz", 120 },
	{ "eet", 120 },
	{ "eest", 180 },
	{ "sast", 120 },
	{ "msk", 180 },
	{ "msd", 240 },
	{ "jst", 540 },
	{ "kst", 540 },
	{ "hkt", 480 },
	{ "sgt", 480 },
	{ "awst", 480 },
	{ "aest", 600 },
	{ "aedt", 660 },
	{ "acst", 570 },
	{ "nzst", 720 },
	{ "nzdt", 780 },
	{ "hst", -600 },
	{ "akst", -540 },
	{ "akdt", -480 },
	{ "ast", -240 },
	{ "adt", -180 },
	{ "nst", -210 },
	{ "brt", -180 },
	{ "art", -180 },
};

/* Case of ASCII letters does not matter; nor, for UTF-8, does anything that
 * follows three letters. */
static bool
begins(struct ms_slice word, const char *text)
{
	return ms_slice_starts(word, text);
}

static int
find_whole(struct ms_slice word, const struct name *list, size_t n, int none)
{
	for (size_t i = 0; i < n; i++)
		if (ms_slice_is(word, list[i].text))
			return list[i].value;
	return none;
}

static int
find_begin(struct ms_slice word, const struct name *list, size_t n, int none)
{
	for (size_t i = 0; i < n; i++)
		if (begins(word, list[i].text))
			return list[i].value;
	return none;
}

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

/* ---- zones ---- */

static void
set_zone(struct reader *r, int minutes, bool known)
{
	if (r->zone_seen)
		return;
	r->zone_seen = true;
	r->zone = minutes;
	r->out->zone_known = known;
	if (minutes < -12 * 60 || minutes > 14 * 60)
		r->out->oddities |= MS_DATE_ZONE_IMPOSSIBLE;
}

/* "+0100", "+01:00", "+1", "-530": the sign has been seen, not taken. */
static bool
numeric_zone(struct reader *r)
{
	struct ms_scan save = r->s;
	bool minus = ms_scan_byte(&r->s) == '-';
	struct ms_slice a = ms_scan_while(&r->s, MS_C_DIGIT, 6);
	int hours, minutes = 0, number = 0;

	for (size_t i = 0; i < a.n; i++)
		number = number * 10 + (a.p[i] - '0');
	if (a.n == 0 && ms_scan_peek(&r->s) == '-') {
		/* "+-0500": two signs, and nobody knows which is meant. */
		ms_scan_skip(&r->s, 1);
		(void)ms_scan_while(&r->s, MS_C_DIGIT, 4);
		r->out->oddities |= MS_DATE_ZONE_UNKNOWN;
		set_zone(r, 0, false);
		return true;
	}
	if (a.n == 0 || a.n > 4) {
		r->s = save;
		return false;
	}
	if (a.n <= 2 && ms_scan_peek(&r->s) == ':') {
		ms_scan_skip(&r->s, 1);
		hours = number;
		a = ms_scan_while(&r->s, MS_C_DIGIT, 2);
		for (size_t i = 0; i < a.n; i++)
			minutes = minutes * 10 + (a.p[i] - '0');
		r->out->oddities |= MS_DATE_FORM;
	} else if (a.n <= 2) {
		hours = number;
		r->out->oddities |= MS_DATE_FORM;
	} else {
		hours = number / 100;
		minutes = number % 100;
	}
	if (minus && hours == 0 && minutes == 0) {
		r->out->oddities |= MS_DATE_ZONE_MINUS0;
		set_zone(r, 0, false);
	} else {
		set_zone(r, (minus ? -1 : 1) * (hours * 60 + minutes), true);
	}
	return true;
}

/* A zone's name; "GMT+0200" and "UTC+2" carry their own offset. */
static bool
zone_name(struct reader *r, struct ms_slice word)
{
	int minutes = find_whole(word, zones, COUNT(zones), -10000);
	int next = ms_scan_peek(&r->s);

	if (minutes == 0 && word.n > 1 && (next == '+' || next == '-') &&
	    numeric_zone(r)) {
		r->out->oddities |= MS_DATE_FORM;
		return true;
	}
	if (minutes != -10000) {
		r->out->oddities |= MS_DATE_ZONE_NAME;
		set_zone(r, minutes, true);
		return true;
	}
	/* Military letters: read by RFC 822 with the sign wrong; RFC 5322
	 * 4.3 says -0000. */
	if (word.n == 1 && ms_lower(word.p[0]) != 'j') {
		r->out->oddities |= MS_DATE_ZONE_NAME | MS_DATE_ZONE_UNKNOWN;
		set_zone(r, 0, false);
		return true;
	}
	return false;
}

/* ---- words and numbers ---- */

static struct ms_slice
take_word(struct reader *r)
{
	struct ms_slice out =
	    ms_scan_while(&r->s, MS_C_ALPHA | MS_C_HIGH, TEXT_MAX);

	return out;
}

static void
month_word(struct reader *r, int month, bool foreign)
{
	r->month = month;
	r->month_after = (int)r->n;
	if (foreign)
		r->out->oddities |= MS_DATE_MONTH_NAME | MS_DATE_FORM;
}

static void
read_word(struct reader *r)
{
	struct ms_slice word = take_word(r);
	int found;

	if (word.n == 1 && ms_lower(word.p[0]) == 't' && r->n == 3 &&
	    !r->time_seen)
		return; /* ISO 8601's T */
	if (r->time_seen &&
	    (ms_slice_is(word, "am") || ms_slice_is(word, "pm"))) {
		r->pm = ms_slice_is(word, "pm");
		r->am = !r->pm;
		r->out->oddities |= MS_DATE_FORM;
		return;
	}
	found = find_begin(word, months, COUNT(months), 0);
	if (found && !r->month && word.n >= 3) {
		month_word(r, found, false);
		return;
	}
	found = find_begin(word, weekdays, COUNT(weekdays), -1);
	if (found >= 0 && r->weekday < 0 && !r->time_seen) {
		r->weekday = found;
		return;
	}
	if (r->zone_seen) {
		/* "+0200 CEST" says it twice; all else does not belong. */
		if (find_whole(word, zones, COUNT(zones), -10000) == -10000)
			r->out->oddities |= MS_DATE_TRAILING;
		return;
	}
	if (r->time_seen && zone_name(r, word))
		return;
	found = find_begin(word, foreign_months, COUNT(foreign_months), 0);
	if (found && !r->month && !r->time_seen && r->n > 0) {
		month_word(r, found, true);
		return;
	}
	if (r->time_seen && !r->zone_seen && word.n <= 5) {
		r->out->oddities |= MS_DATE_ZONE_UNKNOWN;
		set_zone(r, 0, false);
	} else if (r->time_seen) {
		r->out->oddities |= MS_DATE_TRAILING;
	} else {
		r->out->oddities |= MS_DATE_FORM;
	}
}

static int
take_small(struct reader *r, unsigned digits)
{
	struct ms_slice s = ms_scan_while(&r->s, MS_C_DIGIT, digits);
	int out = 0;

	for (size_t i = 0; i < s.n; i++)
		out = out * 10 + (s.p[i] - '0');
	return out;
}

static void
fraction(struct reader *r)
{
	unsigned value = 0, digits = 0;

	ms_scan_skip(&r->s, 1);
	while (ms_scan_peek(&r->s) >= '0' && ms_scan_peek(&r->s) <= '9') {
		int c = ms_scan_byte(&r->s);

		if (digits++ < 9)
			value = value * 10 + (unsigned)(c - '0');
	}
	for (; digits < 9; digits++)
		value *= 10;
	r->out->nanoseconds = value;
	r->out->oddities |= MS_DATE_FRACTION;
}

static size_t
blanks_at(const struct reader *r, size_t at)
{
	size_t n = 0;

	while (n < 8 && (ms_scan_peek_at(&r->s, at + n) == ' ' ||
			    ms_scan_peek_at(&r->s, at + n) == '\t'))
		n++;
	return n;
}

/* Takes the separator, and blanks on both sides of a colon, when a digit
 * follows. */
static bool
separated_digit(struct reader *r, unsigned char separator)
{
	size_t before = separator == ':' ? blanks_at(r, 0) : 0, after;
	int digit;

	if (ms_scan_peek_at(&r->s, before) != separator)
		return false;
	after = separator == ':' ? blanks_at(r, before + 1) : 0;
	digit = ms_scan_peek_at(&r->s, before + 1 + after);
	if (digit < '0' || digit > '9')
		return false;
	ms_scan_skip(&r->s, before + 1 + after);
	return true;
}

/* The hour has been taken; the separator is next. */
static void
clock_time(struct reader *r, int hour, unsigned char separator)
{
	r->time_seen = true;
	r->hour = hour;
	ms_scan_skip(&r->s, 1);
	(void)ms_scan_space(&r->s);
	r->minute = take_small(r, 2);
	if (separator == '.')
		r->out->oddities |= MS_DATE_FORM;
	if (separated_digit(r, separator))
		r->second = take_small(r, 2);
	if ((ms_scan_peek(&r->s) == '.' || ms_scan_peek(&r->s) == ',') &&
	    ms_scan_peek_at(&r->s, 1) >= '0' &&
	    ms_scan_peek_at(&r->s, 1) <= '9')
		fraction(r);
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static void
read_number(struct reader *r)
{
	struct ms_slice digits = ms_scan_while(&r->s, MS_C_DIGIT, 12);
	int next, value = 0;
	size_t blanks;

	/* Obsolete: "10 : 00". */
	blanks = blanks_at(r, 0);
	if (blanks > 0 && !r->time_seen && digits.n <= 2 &&
	    ms_scan_peek_at(&r->s, blanks) == ':')
		ms_scan_skip(&r->s, blanks);
	next = ms_scan_peek(&r->s);
	for (size_t i = 0; i < digits.n && i < 8; i++)
		value = value * 10 + (digits.p[i] - '0');
	if (!r->time_seen && digits.n <= 2 &&
	    (next == ':' ||
		(next == '.' && is_digit(ms_scan_peek_at(&r->s, 1)) &&
		    r->month && r->n >= 2))) {
		clock_time(r, value, (unsigned char)next);
		return;
	}
	if (r->time_seen && r->n >= 2 && r->month && (r->year || r->n >= 3)) {
		r->out->oddities |= MS_DATE_TRAILING;
		return;
	}
	if (r->n < 3) {
		r->digits[r->n] = (unsigned)digits.n;
		r->numbers[r->n++] = value;
	}
}

static void
read_all(struct reader *r)
{
	while (!ms_scan_at_end(&r->s)) {
		int c = ms_scan_peek(&r->s);

		if (is_digit(c))
			read_number(r);
		else if (ms_is((unsigned char)c, MS_C_ALPHA | MS_C_HIGH))
			read_word(r);
		else if ((c == '+' || c == '-') && r->time_seen &&
			 numeric_zone(r))
			continue;
		else if (!ms_scan_cfws(&r->s))
			ms_scan_skip(&r->s, 1);
	}
}

/* ---- putting it together ---- */

/* RFC 5322 4.3: 00-49 is 20xx, 50-99 and three digits are 19xx. */
static int
full_year(struct reader *r, int year, unsigned digits)
{
	if (digits >= 4)
		return year;
	r->out->oddities |= MS_DATE_YEAR2;
	if (digits == 3)
		return year + 1900;
	return year < 50 ? year + 2000 : year + 1900;
}

/* Which of the bare numbers are day, month and year. */
static bool
settle(struct reader *r)
{
	unsigned y = 1, d = 0;

	if (r->month) {
		if (r->n < 2)
			return false;
		/* "Jan 2 2006" and asctime: still day first. "2006 Jan 2". */
		if (r->digits[0] >= 3) {
			y = 0;
			d = 1;
			r->out->oddities |= MS_DATE_FORM;
		} else if (r->month_after == 0) {
			r->out->oddities |= MS_DATE_FORM;
		}
	} else {
		if (r->n < 3)
			return false;
		r->out->oddities |= MS_DATE_FORM;
		if (r->digits[0] >= 3) { /* ISO 8601 */
			y = 0;
			r->month = r->numbers[1];
			d = 2;
		} else { /* 24.12.2025; 12/24/2025 where it must be */
			bool swapped = r->numbers[1] > 12;

			y = 2;
			r->month = r->numbers[swapped ? 0 : 1];
			d = swapped ? 1 : 0;
		}
	}
	r->day = r->numbers[d];
	r->year = full_year(r, r->numbers[y], r->digits[y]);
	return r->month >= 1 && r->month <= 12 && r->day >= 1 && r->day <= 31 &&
	       r->year >= 1000 && r->year <= 9999;
}

static void
finish(struct reader *r)
{
	struct ms_civil c = { r->year, r->month, r->day, r->hour, r->minute,
		r->second };
	struct ms_date *out = r->out;

	if (r->pm && c.hour < 12)
		c.hour += 12;
	if (r->am && c.hour == 12)
		c.hour = 0;
	if (c.hour > 23 || c.minute > 59 || c.second > 60 ||
	    c.day > ms_days_in_month(c.year, c.month))
		out->oddities |= MS_DATE_RANGE;
	if (!r->zone_seen)
		out->oddities |= MS_DATE_NO_ZONE;
	out->set = true;
	out->zone = r->zone;
	out->time = ms_time_from_civil(&c) - (int64_t)r->zone * 60;
	c.hour = c.minute = c.second = 0; /* 23:59:60 is still that day */
	if (r->weekday >= 0 && r->weekday != ms_weekday(ms_time_from_civil(&c)))
		out->oddities |= MS_DATE_WEEKDAY;
}

void
ms_date_parse(struct ms_slice text, struct ms_date *out)
{
	struct ms_slice trimmed = ms_slice_trim(text);
	struct reader r = { .s = ms_scan_init(
				ms_slice_part(trimmed, 0, TEXT_MAX)),
		.weekday = -1,
		.out = out };

	memset(out, 0, sizeof(*out));
	out->raw = trimmed;
	(void)ms_scan_try_text(&r.s, "Date:");
	read_all(&r);
	if (!r.s.bad && settle(&r))
		finish(&r);
}
