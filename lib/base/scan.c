/* SPDX-License-Identifier: ISC
 * scan.c - the one scanner that every text grammar is written with
 */
#include "mailsonde/scan.h"

/* Bit by bit after enum ms_class; one byte value an entry. */
const unsigned short ms_class_table[256] = {
	/* clang-format off */
	0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200,
	0x0200, 0x0208, 0x0210, 0x0200, 0x0200, 0x0210, 0x0200, 0x0200,
	0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200,
	0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200, 0x0200,
	0x0008, 0x0460, 0x0500, 0x0460, 0x0460, 0x0460, 0x0460, 0x0460,
	0x0500, 0x0500, 0x0460, 0x0c60, 0x0500, 0x04e0, 0x05c0, 0x0c20,
	0x0ce6, 0x0ce6, 0x0ce6, 0x0ce6, 0x0ce6, 0x0ce6, 0x0ce6, 0x0ce6,
	0x0ce6, 0x0ce6, 0x0100, 0x0500, 0x0500, 0x0420, 0x0500, 0x0420,
	0x0500, 0x1ce5, 0x1ce5, 0x1ce5, 0x1ce5, 0x1ce5, 0x1ce5, 0x1ce1,
	0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1,
	0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1, 0x1ce1,
	0x1ce1, 0x1ce1, 0x1ce1, 0x0500, 0x0500, 0x0500, 0x0460, 0x04e0,
	0x0460, 0x0ce5, 0x0ce5, 0x0ce5, 0x0ce5, 0x0ce5, 0x0ce5, 0x0ce1,
	0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1,
	0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1, 0x0ce1,
	0x0ce1, 0x0ce1, 0x0ce1, 0x0460, 0x0460, 0x0460, 0x0460, 0x0200,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0, 0x20a0,
	/* clang-format on */
};

static struct ms_slice
nothing(const struct ms_scan *s)
{
	return ms_slice_make(s->p, 0);
}

/* Not even by nothing from a NULL pointer: C11 6.5.6. */
static void
advance(struct ms_scan *s, size_t n)
{
	if (n > 0)
		s->p += n;
}

int
ms_scan_byte(struct ms_scan *s)
{
	if (ms_scan_at_end(s)) {
		s->bad = true;
		return -1;
	}
	return *s->p++;
}

void
ms_scan_skip(struct ms_scan *s, size_t n)
{
	if (s->bad)
		return;
	advance(s, n < ms_scan_left(s) ? n : ms_scan_left(s));
}

bool
ms_scan_try_byte(struct ms_scan *s, unsigned char byte)
{
	if (ms_scan_peek(s) != byte)
		return false;
	s->p++;
	return true;
}

bool
ms_scan_try_text(struct ms_scan *s, const char *text)
{
	if (s->bad || !ms_slice_starts(ms_scan_rest(s), text))
		return false;
	s->p += strlen(text);
	return true;
}

bool
ms_scan_try_word(struct ms_scan *s, const char *word)
{
	int after = ms_scan_peek_at(s, strlen(word));

	if (after >= 0 && (ms_is((unsigned char)after, MS_C_ALNUM) ||
			      after == '-' || after == '_'))
		return false;
	return ms_scan_try_text(s, word);
}

struct ms_slice
ms_scan_while(struct ms_scan *s, unsigned classes, size_t max)
{
	struct ms_slice out = nothing(s);
	size_t left = s->bad ? 0 : ms_scan_left(s);

	if (left > max)
		left = max;
	while (out.n < left && ms_is(out.p[out.n], classes))
		out.n++;
	advance(s, out.n);
	return out;
}

struct ms_slice
ms_scan_until(struct ms_scan *s, unsigned classes, size_t max)
{
	struct ms_slice out = nothing(s);
	size_t left = s->bad ? 0 : ms_scan_left(s);

	if (left > max)
		left = max;
	while (out.n < left && !ms_is(out.p[out.n], classes))
		out.n++;
	advance(s, out.n);
	return out;
}

struct ms_slice
ms_scan_to(struct ms_scan *s, unsigned char byte)
{
	struct ms_slice rest = ms_scan_rest(s);
	struct ms_slice out =
	    ms_slice_part(rest, 0, ms_slice_find(rest, 0, byte));

	advance(s, out.n);
	return out;
}

struct ms_slice
ms_scan_through(struct ms_scan *s, unsigned char byte)
{
	struct ms_slice out = ms_scan_to(s, byte);

	(void)ms_scan_try_byte(s, byte);
	return out;
}

uint64_t
ms_scan_number(struct ms_scan *s, unsigned max_digits, uint64_t max)
{
	struct ms_slice digits = ms_scan_while(s, MS_C_DIGIT, max_digits);
	uint64_t out = 0;

	if (digits.n == 0)
		s->bad = true;
	for (size_t i = 0; i < digits.n; i++) {
		unsigned digit = (unsigned)(digits.p[i] - '0');

		if (out > (max - digit) / 10 || digit > max) {
			s->bad = true;
			return 0;
		}
		out = out * 10 + digit;
	}
	return out;
}

bool
ms_scan_space(struct ms_scan *s)
{
	return ms_scan_while(s, MS_C_SPACE, SIZE_MAX).n > 0;
}

bool
ms_scan_comment(struct ms_scan *s, struct ms_slice *out)
{
	size_t depth = 1;

	*out = nothing(s);
	if (!ms_scan_try_byte(s, '('))
		return false;
	out->p = s->p;
	for (; s->p < s->end; s->p++) {
		if (*s->p == '\\' && s->end - s->p > 1)
			s->p++;
		else if (*s->p == '(')
			depth++;
		else if (*s->p == ')' && --depth == 0)
			break;
	}
	out->n = (size_t)(s->p - out->p);
	(void)ms_scan_try_byte(s, ')');
	return true;
}

bool
ms_scan_cfws(struct ms_scan *s)
{
	struct ms_slice comment;
	bool any = false;

	while (ms_scan_space(s) || ms_scan_comment(s, &comment))
		any = true;
	return any;
}

bool
ms_scan_quoted(struct ms_scan *s, struct ms_slice *out, bool *closed)
{
	*out = nothing(s);
	*closed = false;
	if (!ms_scan_try_byte(s, '"'))
		return false;
	out->p = s->p;
	while (s->p < s->end && *s->p != '"')
		s->p += *s->p == '\\' && s->end - s->p > 1 ? 2 : 1;
	out->n = (size_t)(s->p - out->p);
	*closed = ms_scan_try_byte(s, '"');
	return true;
}

bool
ms_scan_literal(struct ms_scan *s, struct ms_slice *out)
{
	*out = nothing(s);
	if (!ms_scan_try_byte(s, '['))
		return false;
	*out = ms_scan_through(s, ']');
	return true;
}
