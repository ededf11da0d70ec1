/* SPDX-License-Identifier: ISC
 * shared.c - what the readers of reports share
 */
#include "feedback_priv.h"

#define ODDITIES_MAX 20

void
feedback_odd(struct ms_arena *arena, struct ms_oddities *oddities,
    const char *format, ...)
{
	const char *text;
	va_list args;

	if (oddities->n == ODDITIES_MAX)
		return;
	if (!oddities->list)
		oddities->list =
		    MS_NEW_ARRAY(arena, const char *, ODDITIES_MAX);
	va_start(args, format);
	text = ms_arena_vprintf(arena, format, args);
	va_end(args);
	for (size_t i = 0; i < oddities->n; i++)
		if (strcmp(oddities->list[i], text) == 0)
			return;
	oddities->list[oddities->n++] = text;
}

void *
feedback_room(struct ms_arena *arena, void *list, size_t n, size_t size)
{
	/* The room doubles whenever the number is a power of two. */
	if ((n & (n - 1)) != 0)
		return list;
	return ms_arena_grow(arena, list, n * size, (n ? n * 2 : 1) * size);
}

int64_t
feedback_sum(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

struct ms_slice
feedback_copy(struct ms_arena *arena, struct ms_slice text)
{
	return text.p ? ms_arena_copy(arena, text) : text;
}
