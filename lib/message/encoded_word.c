/* SPDX-License-Identifier: ISC
 * encoded_word.c - RFC 2047 words and raw 8-bit bytes in header text
 *
 * Read wherever "=?" stands, as all mail programs do: inside quoted strings,
 * without white space around, without an end.
 */
#include "mailsonde/buf.h"
#include "mailsonde/header.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

/* RFC 2047 2 allows 75 for the whole word. */
#define CHARSET_MAX 75

struct word {
	struct ms_slice charset; /* without the language, RFC 2231 5 */
	struct ms_slice text;
	unsigned char encoding; /* 'b', 'q' */
	bool damaged;
};

struct decoder {
	const struct ms_parse *parse;
	struct ms_scan in;
	struct ms_buf out;
	size_t offset;
	size_t words; /* decoded so far */
	/* Adjacent words of one charset, not yet brought to UTF-8: a
	 * character may be split between them. */
	struct ms_buf bytes;
	struct ms_slice charset;
	bool pending;
};

static void
defect(const struct ms_parse *parse, enum ms_defect_kind kind, size_t offset,
    const char *detail)
{
	ms_defect_add(parse->defects, parse->arena, kind, offset, detail);
}

/* "=?charset?X?" at the scanner; takes it when it is there. */
static bool
word_start(struct ms_scan *in, struct word *word)
{
	struct ms_scan s = *in;
	struct ms_slice rest;
	size_t n = 0, star;
	int encoding;

	if (ms_scan_peek(&s) != '=' || ms_scan_peek_at(&s, 1) != '?')
		return false;
	ms_scan_skip(&s, 2);
	rest = ms_slice_part(ms_scan_rest(&s), 0, CHARSET_MAX);
	while (n < rest.n && rest.p[n] != '?' && !ms_is(rest.p[n], MS_C_SPACE))
		n++;
	word->charset = ms_slice_part(rest, 0, n);
	ms_scan_skip(&s, n);
	encoding = ms_scan_peek_at(&s, 1);
	if (ms_scan_peek(&s) != '?' || encoding < 0 ||
	    ms_scan_peek_at(&s, 2) != '?')
		return false;
	word->encoding = ms_lower((unsigned char)encoding);
	if (word->encoding != 'b' && word->encoding != 'q')
		return false;
	ms_scan_skip(&s, 3);
	star = ms_slice_find(word->charset, 0, '*');
	word->charset = ms_slice_part(word->charset, 0, star);
	*in = s;
	return true;
}

/* A word without its end: base64 goes as far as its alphabet, Q to the next
 * word or the end. */
static void
open_end(struct ms_scan *in, struct word *word, size_t next)
{
	struct ms_slice rest = ms_scan_rest(in);

	word->damaged = true;
	word->text = ms_slice_part(rest, 0, next);
	if (word->encoding == 'b') {
		size_t n = 0;

		while (
		    n < word->text.n && (ms_is(word->text.p[n], MS_C_BASE64) ||
					    word->text.p[n] == '='))
			n++;
		word->text = ms_slice_part(word->text, 0, n);
	}
	ms_scan_skip(in, word->text.n);
	if (word->encoding == 'b' && ms_scan_left(in) == 1)
		(void)ms_scan_try_byte(in, '?');
}

/* The text up to "?=". What looks like another word before it means that
 * the end is missing. */
static void
word_text(struct ms_scan *in, struct word *word)
{
	struct ms_slice rest = ms_scan_rest(in);
	struct word other;

	for (size_t at = 0; at < rest.n; at++) {
		struct ms_scan inner;

		at = ms_slice_find(rest, at, '?');
		if (at + 1 < rest.n && rest.p[at + 1] == '=') {
			word->text = ms_slice_part(rest, 0, at);
			ms_scan_skip(in, at + 2);
			return;
		}
		if (at == 0 || at >= rest.n || rest.p[at - 1] != '=')
			continue;
		inner = ms_scan_init(ms_slice_part(rest, at - 1, rest.n));
		if (word_start(&inner, &other)) {
			open_end(in, word, at - 1);
			return;
		}
	}
	open_end(in, word, rest.n);
}

static bool
take_word(struct ms_scan *in, struct word *word)
{
	if (!word_start(in, word))
		return false;
	word->damaged = false;
	word_text(in, word);
	return true;
}

static int
base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ms_is(c, MS_C_DIGIT))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* What is no base64 is passed over. True when there was damage. */
static bool
decode_b(struct ms_slice text, struct ms_buf *out)
{
	unsigned bits = 0, n = 0;
	bool damaged = false;

	for (size_t i = 0; i < text.n; i++) {
		int value = base64_value(text.p[i]);

		if (text.p[i] == '=') {
			damaged |= n == 1;
			n = 0;
			continue;
		}
		if (value < 0) {
			damaged = true;
			continue;
		}
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		if (n > 0)
			ms_buf_byte(
			    out, (unsigned char)(bits >> (6 - 2 * n) & 0xff));
		n = (n + 1) % 4;
	}
	return damaged || n != 0;
}

static bool
decode_q(struct ms_slice text, struct ms_buf *out)
{
	struct ms_scan s = ms_scan_init(text);
	bool damaged = false;

	while (!ms_scan_at_end(&s)) {
		unsigned char c = (unsigned char)ms_scan_byte(&s);
		int high, low;

		if (c == '_') {
			c = ' ';
		} else if (c == '\r' || c == '\n') {
			damaged = true;
			continue;
		} else if (c == '=') {
			high = ms_hex_value(ms_scan_peek(&s));
			low = ms_hex_value(ms_scan_peek_at(&s, 1));
			if (high >= 0 && low >= 0) {
				c = (unsigned char)(high << 4 | low);
				ms_scan_skip(&s, 2);
			} else {
				damaged = true;
			}
		}
		ms_buf_byte(out, c);
	}
	return damaged;
}

/* The words collected so far to UTF-8. */
static void
flush(struct decoder *d)
{
	const struct ms_parse *parse = d->parse;
	struct ms_slice label = d->charset, text;

	if (!d->pending)
		return;
	/* Here a program wrote the label for just these bytes: no guess that
	 * they are UTF-8 after all. */
	if (ms_slice_is(label, "iso-8859-1"))
		label = MS_SLICE("windows-1252");
	switch (ms_charset_decode(parse->charsets, parse->arena, label,
	    ms_buf_get(&d->bytes), &text)) {
	case MS_CHARSET_OK:
		break;
	case MS_CHARSET_REPLACED:
		defect(parse, MS_DEFECT_CHARSET, d->offset, NULL);
		break;
	case MS_CHARSET_UNKNOWN:
		defect(parse, MS_DEFECT_CHARSET_UNKNOWN, d->offset, NULL);
		break;
	}
	ms_buf_slice(&d->out, text);
	d->bytes.n = 0;
	d->pending = false;
}

static void
add_word(struct decoder *d, const struct word *word)
{
	bool damaged = word->damaged;

	if (d->pending && !ms_slice_equal_nocase(d->charset, word->charset))
		flush(d);
	d->charset = word->charset;
	d->pending = true;
	d->words++;
	(void)ms_buf_room(&d->bytes, word->text.n);
	if (word->encoding == 'b')
		damaged |= decode_b(word->text, &d->bytes);
	else
		damaged |= decode_q(word->text, &d->bytes);
	if (damaged)
		defect(d->parse, MS_DEFECT_ENCODED_WORD, d->offset, NULL);
}

/* UTF-8 as it is; else windows-1252, the best guess without a label. */
static struct ms_slice
decode_raw(const struct ms_parse *parse, struct ms_slice raw, size_t offset)
{
	struct ms_slice out;

	if (ms_utf8_valid(raw))
		return raw;
	defect(parse, MS_DEFECT_8BIT_HEADER, offset, NULL);
	(void)ms_charset_decode(
	    parse->charsets, parse->arena, MS_SLICE("windows-1252"), raw, &out);
	return out;
}

/* Without the line ends in it. */
static void
add_lines(struct ms_buf *out, struct ms_slice text)
{
	while (text.n > 0) {
		size_t n = ms_slice_find(text, 0, '\n');
		struct ms_slice line = ms_slice_part(text, 0, n);

		text = ms_slice_part(text, n + 1, text.n);
		while (line.n > 0) {
			n = ms_slice_find(line, 0, '\r');
			ms_buf_slice(out, ms_slice_part(line, 0, n));
			line = ms_slice_part(line, n + 1, line.n);
		}
	}
}

/* Text between words. White space alone between two of them goes (RFC 2047
 * 6.2); line ends that were left go anyway. */
static void
add_text(struct decoder *d, struct ms_slice text, bool before_word)
{
	if (d->pending && before_word && ms_slice_trim(text).n == 0)
		return;
	flush(d);
	add_lines(&d->out, decode_raw(d->parse, text, d->offset));
}

/* Offset of the next "=?" at or after `from`; s.n when there is none. */
static size_t
find_mark(struct ms_slice s, size_t from)
{
	return ms_slice_find_text(s, from, "=?");
}

/* From one "=?" to the next, until the limit. */
static void
decode_all(struct decoder *d)
{
	struct ms_slice all = ms_scan_rest(&d->in);
	size_t from = 0, at = 0;

	while (d->words < d->parse->limits->encoded_words) {
		struct ms_scan s;
		struct word word;

		at = find_mark(all, at);
		if (at == all.n)
			break;
		s = ms_scan_init(ms_slice_part(all, at, all.n));
		if (!take_word(&s, &word)) {
			at += 1;
			continue;
		}
		add_text(d, ms_slice_part(all, from, at), true);
		add_word(d, &word);
		at += ms_scan_offset(&s);
		from = at;
	}
	if (find_mark(all, at) < all.n)
		defect(d->parse, MS_DEFECT_LIMIT, d->offset, "encoded_words");
	add_text(d, ms_slice_part(all, from, all.n), false);
}

struct ms_slice
ms_text_decode(
    const struct ms_parse *parse, struct ms_slice value, size_t offset)
{
	struct decoder d = { 0 };

	if (find_mark(value, 0) == value.n &&
	    ms_slice_find(value, 0, '\r') == value.n &&
	    ms_slice_find(value, 0, '\n') == value.n)
		return decode_raw(parse, value, offset);
	d.parse = parse;
	d.in = ms_scan_init(value);
	d.offset = offset;
	ms_buf_init(&d.out, parse->arena);
	ms_buf_init(&d.bytes, parse->arena);
	/* Decoded text is hardly ever longer; and the two do not move each
	 * other when both have their room. */
	(void)ms_buf_room(&d.bytes, value.n < 4096 ? value.n : 4096);
	(void)ms_buf_room(&d.out, value.n);
	decode_all(&d);
	return ms_buf_get(&d.out);
}

struct ms_slice
ms_phrase_decode(
    const struct ms_parse *parse, struct ms_slice value, size_t offset)
{
	return ms_slice_trim(ms_text_decode(parse, value, offset));
}

struct ms_slice
ms_unescape(struct ms_arena *arena, struct ms_slice s)
{
	struct ms_buf buf;
	size_t from = 0, at = ms_slice_find(s, 0, '\\');

	if (at == s.n)
		return s;
	ms_buf_init(&buf, arena);
	(void)ms_buf_room(&buf, s.n);
	while (at < s.n) {
		ms_buf_slice(&buf, ms_slice_part(s, from, at));
		/* One at the very end escapes nothing and stays. */
		from = at + 1 < s.n ? at + 1 : at;
		at = ms_slice_find(s, at + 2, '\\');
	}
	ms_buf_slice(&buf, ms_slice_part(s, from, s.n));
	return ms_buf_get(&buf);
}
