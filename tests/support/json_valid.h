/* SPDX-License-Identifier: ISC
 * json_valid.h - whether a text is JSON, RFC 8259, strictly
 */
#ifndef MAILSONDE_JSON_VALID_H
#define MAILSONDE_JSON_VALID_H

#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define JSON_DEPTH 2000

static inline void
json_space(struct ms_scan *s)
{
	(void)ms_scan_while(s, MS_C_SPACE, SIZE_MAX);
}

static inline void
json_escape(struct ms_scan *s)
{
	int c = ms_scan_byte(s);

	if (c == 'u')
		s->bad |= ms_scan_while(s, MS_C_HEX, 4).n != 4;
	else
		s->bad |= c <= 0 || !strchr("\"\\/bfnrt", c);
}

static inline void
json_string(struct ms_scan *s)
{
	int c = 0;

	s->bad |= !ms_scan_try_byte(s, '"');
	while (!s->bad && (c = ms_scan_byte(s)) != '"') {
		if (c == '\\')
			json_escape(s);
		else
			s->bad |= c < 0x20;
	}
}

static inline void
json_number(struct ms_scan *s)
{
	struct ms_slice whole;

	(void)ms_scan_try_byte(s, '-');
	whole = ms_scan_while(s, MS_C_DIGIT, SIZE_MAX);
	s->bad |= whole.n == 0 || (whole.n > 1 && whole.p[0] == '0');
	if (ms_scan_try_byte(s, '.'))
		s->bad |= ms_scan_while(s, MS_C_DIGIT, SIZE_MAX).n == 0;
	if (ms_scan_try_text(s, "e")) {
		if (!ms_scan_try_byte(s, '-'))
			(void)ms_scan_try_byte(s, '+');
		s->bad |= ms_scan_while(s, MS_C_DIGIT, SIZE_MAX).n == 0;
	}
}

static inline void json_value(struct ms_scan *s, unsigned depth);

static inline void
json_members(struct ms_scan *s, unsigned char close, unsigned depth)
{
	json_space(s);
	if (ms_scan_try_byte(s, close))
		return;
	do {
		json_space(s);
		if (close == '}') {
			json_string(s);
			json_space(s);
			s->bad |= !ms_scan_try_byte(s, ':');
		}
		json_value(s, depth + 1);
		json_space(s);
	} while (!s->bad && ms_scan_try_byte(s, ','));
	s->bad |= !ms_scan_try_byte(s, close);
}

static inline void
json_value(struct ms_scan *s, unsigned depth)
{
	int c;

	json_space(s);
	c = ms_scan_peek(s);
	s->bad |= depth > JSON_DEPTH;
	if (s->bad)
		return;
	if (ms_scan_try_byte(s, '{'))
		json_members(s, '}', depth);
	else if (ms_scan_try_byte(s, '['))
		json_members(s, ']', depth);
	else if (c == '"')
		json_string(s);
	else if (c == '-' || (c >= '0' && c <= '9'))
		json_number(s);
	else
		s->bad |= !ms_scan_try_word(s, "true") &&
			  !ms_scan_try_word(s, "false") &&
			  !ms_scan_try_word(s, "null");
}

/* One value, with nothing but white space around it, in UTF-8. */
static inline bool
json_valid(struct ms_slice text)
{
	struct ms_scan s = ms_scan_init(text);

	json_value(&s, 0);
	json_space(&s);
	return ms_scan_at_end(&s) && !s.bad && ms_utf8_valid(text);
}

#endif
