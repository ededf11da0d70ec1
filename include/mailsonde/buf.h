/* SPDX-License-Identifier: ISC
 * buf.h - text or bytes that grow, in an arena
 */
#ifndef MAILSONDE_BUF_H
#define MAILSONDE_BUF_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/slice.h"

struct ms_buf {
	struct ms_arena *arena;
	unsigned char *p;
	size_t n, cap;
};

void ms_buf_init(struct ms_buf *buf, struct ms_arena *arena);

/* The slow way of ms_buf_room. */
unsigned char *ms_buf_extend(struct ms_buf *buf, size_t n);

/* Room for `n` more bytes at p + n; the caller then adds to buf->n. */
static inline unsigned char *
ms_buf_room(struct ms_buf *buf, size_t n)
{
	if (buf->cap - buf->n < n || !buf->p)
		return ms_buf_extend(buf, n);
	return buf->p + buf->n;
}

static inline void
ms_buf_add(struct ms_buf *buf, const void *p, size_t n)
{
	unsigned char *room = ms_buf_room(buf, n);

	if (n > 0)
		memcpy(room, p, n);
	buf->n += n;
}

static inline void
ms_buf_slice(struct ms_buf *buf, struct ms_slice s)
{
	ms_buf_add(buf, s.p, s.n);
}

static inline void
ms_buf_text(struct ms_buf *buf, const char *text)
{
	ms_buf_add(buf, text, strlen(text));
}

static inline void
ms_buf_byte(struct ms_buf *buf, unsigned char byte)
{
	*ms_buf_room(buf, 1) = byte;
	buf->n++;
}

void ms_buf_repeat(struct ms_buf *buf, unsigned char byte, size_t n);
void ms_buf_number(struct ms_buf *buf, int64_t number);
void ms_buf_printf(struct ms_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One code point as UTF-8; what is no scalar value becomes U+FFFD. */
void ms_buf_rune(struct ms_buf *buf, uint32_t rune);

/* What has been written; it moves when more is added. */
static inline struct ms_slice
ms_buf_get(const struct ms_buf *buf)
{
	return ms_slice_make(buf->p, buf->n);
}

#endif
