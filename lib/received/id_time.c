/* SPDX-License-Identifier: ISC
 * id_time.c - the time that an identifier carries
 *
 * Many MTAs make their ids from the clock. A forger who copies the look of an
 * id rarely gets its time right. Forms that could be chance are believed only
 * near the date of the hop, or where the dialect says that it is that form.
 */
#include "mailsonde/clock.h"
#include "mailsonde/received.h"

#define DAY         86400
#define CHANCE_NEAR (2 * DAY)
/* No mail is older than 1990 or younger than 2100. */
#define EARLIEST 631152000
#define LATEST   4102444800

static bool
possible(int64_t time)
{
	return time >= EARLIEST && time < LATEST;
}

static bool
near_enough(int64_t time, int64_t near)
{
	int64_t apart = time > near ? time - near : near - time;

	return near != 0 && apart <= CHANCE_NEAR;
}

static void
set(struct ms_id_time *out, int64_t time, int64_t precision, const char *kind)
{
	out->set = true;
	out->time = time;
	out->precision = precision;
	out->kind = kind;
}

static bool
dialect_is(const struct ms_received *received, const char *name)
{
	return received && received->dialect &&
	       strcmp(received->dialect, name) == 0;
}

static int
digit_of(unsigned char c, const char *alphabet)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* `n` digits of a positional number; -1 when one is no digit. */
static int64_t
number(const unsigned char *p, size_t n, const char *alphabet)
{
	int64_t base = (int64_t)strlen(alphabet), out = 0;

	for (size_t i = 0; i < n; i++) {
		int digit = digit_of(p[i], alphabet);

		if (digit < 0)
			return -1;
		out = out * base + digit;
	}
	return out;
}

/* Postfix long queue ids: six digits of base 52 for the seconds, four for the
 * microseconds, then 'z' and the inode in base 51. */
static bool
postfix(struct ms_slice id, const struct ms_received *received, int64_t near,
    struct ms_id_time *out)
{
	static const char base52[] =
	    "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	int64_t seconds, micro;

	if (id.n < 11 || id.n > 20 || ms_slice_find(id, 10, 'z') == id.n)
		return false;
	seconds = number(id.p, 6, base52);
	micro = number(id.p + 6, 4, base52);
	if (seconds < 0 || micro < 0 || micro >= 1000000 || !possible(seconds))
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (digit_of(id.p[i], base52) < 0)
			return false;
	if (!dialect_is(received, "postfix") && !near_enough(seconds, near))
		return false;
	set(out, seconds, 1, "Postfix long queue id");
	return true;
}

/* Exim: SSSSSS-PPPPPP-FF (base 62 seconds), and since 4.97
 * SSSSSS-PPPPPPPPPPP-FFFF. */
static bool
exim(struct ms_slice id, const struct ms_received *received, int64_t near,
    struct ms_id_time *out)
{
	static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	bool old = id.n == 16 && id.p[6] == '-' && id.p[13] == '-';
	bool new = id.n == 23 && id.p[6] == '-' && id.p[18] == '-';
	int64_t seconds;

	if (!old && !new)
		return false;
	seconds = number(id.p, 6, base62);
	if (seconds < 0 || !possible(seconds))
		return false;
	if (!dialect_is(received, "exim") && !near_enough(seconds, near))
		return false;
	set(out, seconds, 1, "Exim message id");
	return true;
}

static int64_t
two(const unsigned char *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

static bool
civil_time(const int64_t part[6], int64_t *out)
{
	struct ms_civil c = { (int)part[0], (int)part[1], (int)part[2],
		(int)part[3], (int)part[4], (int)part[5] };

	if (c.year < 1990 || c.year > 2099 || c.month < 1 || c.month > 12 ||
	    c.day < 1 || c.day > 31 || c.hour > 23 || c.minute > 59 ||
	    c.second > 60 || c.hour < 0 || c.minute < 0 || c.second < 0)
		return false;
	*out = ms_time_from_civil(&c);
	return true;
}

/* Gmail: "….2026.01.02.03.04.05" in Pacific time. */
static bool
gmail_local(struct ms_slice id, struct ms_id_time *out)
{
	struct ms_slice tail;
	int64_t part[6], time;

	if (id.n < 21)
		return false;
	tail = ms_slice_part(id, id.n - 19, id.n);
	if (id.p[id.n - 20] != '.')
		return false;
	part[0] = two(tail.p) * 100 + two(tail.p + 2);
	for (size_t i = 0; i < 5; i++) {
		if (tail.p[4 + i * 3] != '.')
			return false;
		part[i + 1] = two(tail.p + 5 + i * 3);
	}
	if (!civil_time(part, &time))
		return false;
	/* Which of PST and PDT is not said: the middle, an hour wide. */
	set(out, time + 7 * 3600 + 1800, 3600, "Gmail id (Pacific time)");
	return true;
}

/* Gmail: "….179.1297093571387", milliseconds. */
static bool
gmail_milliseconds(struct ms_slice id, const struct ms_received *received,
    int64_t near, struct ms_id_time *out)
{
	int64_t time;

	if (id.n < 15 || id.p[id.n - 14] != '.')
		return false;
	time = number(id.p + id.n - 13, 13, "0123456789");
	if (time < 0 || !possible(time / 1000))
		return false;
	if (!dialect_is(received, "gmail") && !near_enough(time / 1000, near))
		return false;
	set(out, time / 1000, 1, "Gmail id (milliseconds)");
	return true;
}

/* Sendmail 8.12 and later: year, month, day, hour, minute, second as one
 * letter each, then a number: base 60 of "0-9A-Za-x" in local time. */
static bool
sendmail(struct ms_slice id, const struct ms_received *received, int64_t near,
    struct ms_id_time *out)
{
	static const char base60[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwx";
	int64_t part[6], time;

	if (id.n != 14 && id.n != 12)
		return false;
	for (size_t i = 0; i < 6; i++)
		part[i] = digit_of(id.p[i], base60);
	if (number(id.p + 8, id.n - 8, "0123456789") < 0)
		return false;
	if (part[0] < 0)
		return false;
	part[1]++;
	/* The year is modulo 60 since 1900. */
	for (int64_t century = 1960; century <= 2080; century += 60) {
		int64_t civil[6] = { part[0] + century, part[1], part[2],
			part[3], part[4], part[5] };

		if (!civil_time(civil, &time))
			continue;
		/* Local time of an unknown zone: half a day either way. */
		if (!near_enough(time, near))
			continue;
		if (!dialect_is(received, "sendmail") && id.n != 14)
			continue;
		set(out, time, DAY / 2, "Sendmail queue id (local time)");
		return true;
	}
	return false;
}

/* RFC 9562 5.1: a time-based UUID counts 100 ns since 1582-10-15. */
static bool
uuid1(struct ms_slice id, struct ms_id_time *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char lower[36];
	int64_t low, mid, high, ticks, time;

	if (id.n != 36 || id.p[8] != '-' || id.p[13] != '-' ||
	    id.p[14] != '1' || id.p[18] != '-' || id.p[23] != '-')
		return false;
	for (size_t i = 0; i < 36; i++)
		lower[i] = ms_lower(id.p[i]);
	low = number(lower, 8, hex);
	mid = number(lower + 9, 4, hex);
	high = number(lower + 15, 3, hex);
	if (low < 0 || mid < 0 || high < 0)
		return false;
	ticks = high << 48 | mid << 32 | low;
	time = ticks / 10000000 - 12219292800;
	if (!possible(time))
		return false;
	set(out, time, 1, "UUID version 1");
	return true;
}

/* "20260102030405" as a run of its own; believed near the hop's date. */
static bool
digits(struct ms_slice id, int64_t near, struct ms_id_time *out)
{
	size_t at = 0;

	while (at < id.n) {
		size_t from = at;
		int64_t part[6], time;

		while (at < id.n && id.p[at] >= '0' && id.p[at] <= '9')
			at++;
		if (at - from == 14) {
			const unsigned char *p = id.p + from;

			part[0] = two(p) * 100 + two(p + 2);
			for (size_t i = 1; i < 6; i++)
				part[i] = two(p + 2 + i * 2);
			if (civil_time(part, &time) &&
			    near_enough(time, near)) {
				set(out, time, DAY / 2,
				    "date written in the id");
				return true;
			}
		}
		if (at == from)
			at++;
	}
	return false;
}

void
ms_id_time_parse(struct ms_slice id, const struct ms_received *received,
    int64_t near, struct ms_id_time *out)
{
	memset(out, 0, sizeof(*out));
	if (id.n == 0 || id.n > 200)
		return;
	if (gmail_local(id, out) || exim(id, received, near, out) ||
	    postfix(id, received, near, out) || uuid1(id, out) ||
	    gmail_milliseconds(id, received, near, out) ||
	    sendmail(id, received, near, out))
		return;
	(void)digits(id, near, out);
}
