/* SPDX-License-Identifier: ISC
 * buf.c - text or bytes that grow, in an arena
 */
#include "mailsonde/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void
ms_buf_init(struct ms_buf *buf, struct ms_arena *arena)
{
	buf->arena = arena;
	buf->p = NULL;
	buf->n = 0;
	buf->cap = 0;
}

unsigned char *
ms_buf_extend(struct ms_buf *buf, size_t n)
{
	size_t cap = buf->cap < 128 ? 128 : buf->cap * 2;

	if (cap - buf->n < n)
		cap = buf->n + n;
	buf->p = ms_arena_grow(buf->arena, buf->p, buf->cap, cap);
	buf->cap = cap;
	return buf->p + buf->n;
}

void
ms_buf_repeat(struct ms_buf *buf, unsigned char byte, size_t n)
{
	memset(ms_buf_room(buf, n), byte, n);
	buf->n += n;
}

void
ms_buf_number(struct ms_buf *buf, int64_t number)
{
	unsigned char digits[24];
	size_t at = sizeof(digits);
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do {
		digits[--at] = (unsigned char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (number < 0)
		digits[--at] = '-';
	ms_buf_add(buf, digits + at, sizeof(digits) - at);
}

#define MOST 128 /* are no longer: formatted once */

void
ms_buf_printf(struct ms_buf *buf, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf((char *)ms_buf_room(buf, MOST), MOST, format, args);
	va_end(args);
	assert(n >= 0);
	if (n >= MOST)
		vsnprintf((char *)ms_buf_room(buf, (size_t)n + 1),
		    (size_t)n + 1, format, again);
	va_end(again);
	buf->n += (size_t)n;
}

void
ms_buf_rune(struct ms_buf *buf, uint32_t rune)
{
	unsigned char *room = ms_buf_room(buf, 4);

	if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff))
		rune = 0xfffd;
	if (rune < 0x80) {
		room[0] = (unsigned char)rune;
		buf->n += 1;
	} else if (rune < 0x800) {
		room[0] = (unsigned char)(0xc0 | rune >> 6);
		room[1] = (unsigned char)(0x80 | (rune & 0x3f));
		buf->n += 2;
	} else if (rune < 0x10000) {
		room[0] = (unsigned char)(0xe0 | rune >> 12);
		room[1] = (unsigned char)(0x80 | (rune >> 6 & 0x3f));
		room[2] = (unsigned char)(0x80 | (rune & 0x3f));
		buf->n += 3;
	} else {
		room[0] = (unsigned char)(0xf0 | rune >> 18);
		room[1] = (unsigned char)(0x80 | (rune >> 12 & 0x3f));
		room[2] = (unsigned char)(0x80 | (rune >> 6 & 0x3f));
		room[3] = (unsigned char)(0x80 | (rune & 0x3f));
		buf->n += 4;
	}
}
