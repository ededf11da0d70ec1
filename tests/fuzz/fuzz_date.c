/* SPDX-License-Identifier: ISC
 * fuzz_date.c - dates: what has been read is a date, and is read so again
 */
#include <stdio.h>

#include "fuzz.h"
#include "mailsonde/clock.h"
#include "mailsonde/date.h"

static void
check_again(int64_t time, int zone)
{
	struct ms_civil c = ms_time_to_civil(time + (int64_t)zone * 60);
	unsigned minutes = (unsigned)(zone < 0 ? -zone : zone);
	unsigned hours = minutes < 6000 ? minutes / 60 : 99; /* of +9999 */
	struct ms_date again;
	char text[80];

	if (c.year < 1000 || c.year > 9999)
		return;
	snprintf(text, sizeof(text), "%d %.3s %04d %02d:%02d:%02d %c%02u%02u",
	    c.day, &"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * (c.month - 1)],
	    c.year, c.hour, c.minute, c.second, zone < 0 ? '-' : '+', hours,
	    minutes - 60 * hours);
	ms_date_parse(ms_slice_from(text), &again);
	assert(again.set);
	assert(again.time == time);
	assert(again.zone == zone);
	assert(!(again.oddities & ~(unsigned)MS_DATE_ZONE_IMPOSSIBLE));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_slice text = ms_slice_make(data, size);
	char rfc3339[MS_TIME_TEXT];
	struct ms_date date;
	int64_t time;

	ms_date_parse(text, &date);
	fuzz_inside(text, date.raw);
	if (!date.set)
		return 0;
	assert(date.nanoseconds < 1000000000);
	/* Two days beyond the four digits: hours and zones flow over. */
	assert(date.time >= -30610224000 - 20 * 86400);
	assert(date.time < 253402300800 + 20 * 86400);
	assert(date.zone > -101 * 60 && date.zone < 101 * 60);
	assert(date.zone_known || date.zone == 0);
	ms_time_format(date.time, rfc3339);
	if (ms_time_parse(ms_slice_from(rfc3339), &time))
		assert(time == date.time);
	if (date.zone != 0)
		check_again(date.time, date.zone);
	return 0;
}
