/* SPDX-License-Identifier: ISC
 * charset.c - bytes under a charset label to UTF-8
 *
 * UTF-8, US-ASCII, ISO-8859-1 and windows-1252 are read here, HZ is brought
 * to GB 18030, all else goes through iconv(3).
 */
#include "mailsonde/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>

#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define LABEL_MAX  48
#define CONVERTERS 64

enum method {
	METHOD_UNKNOWN,
	METHOD_UTF8,
	METHOD_LATIN1, /* US-ASCII, ISO-8859-1: UTF-8 where it is */
	METHOD_WINDOWS_1252,
	METHOD_HZ,
	METHOD_ICONV,
};

struct converter {
	char label[LABEL_MAX]; /* as normalised; "" unused */
	enum method method;
	iconv_t cd;
	unsigned unit; /* bytes passed over at an error */
	bool ascii;    /* ASCII bytes stand for themselves */
};

/* A fixed number: labels are input, and each converter costs memory. */
struct ms_charsets {
	struct converter converters[CONVERTERS];
	size_t n;      /* in use */
	size_t oldest; /* to be given up next */
	size_t last;   /* asked for last */
};

struct alias {
	const char *label, *name;
};

/* Labels that mail uses and iconv does not have, or reads too narrowly:
 * what is labelled gb2312 is GBK, euc-kr is CP949 and so on (WHATWG Encoding
 * 4.2). In the order of strcmp; the names behind '*' are read here. */
static const struct alias aliases[] = {
	{ "ansi_x3.4-1968", "*latin1" },
	{ "ansi_x3.4-1986", "*latin1" },
	{ "ascii", "*latin1" },
	{ "big-5", "BIG5-HKSCS" },
	{ "big5", "BIG5-HKSCS" },
	{ "big5-eten", "BIG5-HKSCS" },
	{ "chinese", "GB18030" },
	{ "chinesebig5", "BIG5-HKSCS" },
	{ "cn-big5", "BIG5-HKSCS" },
	{ "cn-gb", "GB18030" },
	{ "cp1252", "*windows1252" },
	{ "cp367", "*latin1" },
	{ "cp51932", "EUC-JP-MS" },
	{ "cp65001", "*utf8" },
	{ "cp819", "*latin1" },
	{ "cp936", "GB18030" },
	{ "csascii", "*latin1" },
	{ "csbig5", "BIG5-HKSCS" },
	{ "cseuckr", "CP949" },
	{ "csgb2312", "GB18030" },
	{ "csisolatin1", "*latin1" },
	{ "csksc56011987", "CP949" },
	{ "csshiftjis", "CP932" },
	{ "euc-cn", "GB18030" },
	{ "euc-kr", "CP949" },
	{ "euc_kr", "CP949" },
	{ "euccn", "GB18030" },
	{ "euckr", "CP949" },
	{ "gb-2312", "GB18030" },
	{ "gb2312", "GB18030" },
	{ "gb2312-80", "GB18030" },
	{ "gb_2312", "GB18030" },
	{ "gb_2312-80", "GB18030" },
	{ "gbk", "GB18030" },
	{ "hz", "*hz" },
	{ "hz-gb-2312", "*hz" },
	{ "hz-gb2312", "*hz" },
	{ "ibm367", "*latin1" },
	{ "ibm819", "*latin1" },
	{ "iso-8859-1", "*latin1" },
	{ "iso-8859-11", "CP874" },
	{ "iso-8859-6-e", "ISO-8859-6" },
	{ "iso-8859-6-i", "ISO-8859-6" },
	{ "iso-8859-8-e", "ISO-8859-8" },
	{ "iso-8859-8-i", "ISO-8859-8" },
	{ "iso-8859-8i", "ISO-8859-8" },
	{ "iso-ir-100", "*latin1" },
	{ "iso-ir-6", "*latin1" },
	{ "iso646-us", "*latin1" },
	{ "iso8859-1", "*latin1" },
	{ "iso88591", "*latin1" },
	{ "iso_646.irv:1991", "*latin1" },
	{ "iso_8859-1", "*latin1" },
	{ "iso_8859-1:1987", "*latin1" },
	{ "korean", "CP949" },
	{ "ks_c_5601", "CP949" },
	{ "ks_c_5601-1987", "CP949" },
	{ "ks_c_5601-1989", "CP949" },
	{ "ksc5601", "CP949" },
	{ "ksc_5601", "CP949" },
	{ "l1", "*latin1" },
	{ "latin-1", "*latin1" },
	{ "latin1", "*latin1" },
	{ "mac", "MACINTOSH" },
	{ "macroman", "MACINTOSH" },
	{ "ms932", "CP932" },
	{ "ms936", "GB18030" },
	{ "ms949", "CP949" },
	{ "ms_kanji", "CP932" },
	{ "shift-jis", "CP932" },
	{ "shift_jis", "CP932" },
	{ "shiftjis", "CP932" },
	{ "sjis", "CP932" },
	{ "tis-620", "CP874" },
	{ "tis620", "CP874" },
	{ "unicode-1-1-utf-7", "UTF-7" },
	{ "unicode-1-1-utf-8", "*utf8" },
	{ "us", "*latin1" },
	{ "us-ascii", "*latin1" },
	{ "us_ascii", "*latin1" },
	{ "usascii", "*latin1" },
	{ "utf-8", "*utf8" },
	{ "utf8", "*utf8" },
	{ "utf8mb3", "*utf8" },
	{ "utf8mb4", "*utf8" },
	{ "utf_8", "*utf8" },
	{ "win-1252", "*windows1252" },
	{ "windows-1252", "*windows1252" },
	{ "windows-31j", "CP932" },
	{ "windows-874", "CP874" },
	{ "windows-932", "CP932" },
	{ "windows-936", "GB18030" },
	{ "windows-949", "CP949" },
	{ "windows-950", "BIG5-HKSCS" },
	{ "x-cp1252", "*windows1252" },
	{ "x-gbk", "GB18030" },
	{ "x-mac-cyrillic", "MAC-CYRILLIC" },
	{ "x-mac-roman", "MACINTOSH" },
	{ "x-sjis", "CP932" },
	{ "x-x-big5", "BIG5-HKSCS" },
};

/* The C1 half of windows-1252; zero where there is nothing. */
static const uint16_t windows_1252[32] = {
	/* clang-format off */
	0x20ac, 0x0000, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x0000, 0x017d, 0x0000,
	0x0000, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x0000, 0x017e, 0x0178,
	/* clang-format on */
};

struct ms_charsets *
ms_charsets_new(struct ms_arena *arena)
{
	return MS_NEW(arena, struct ms_charsets);
}

static void
converter_close(struct converter *converter)
{
	if (converter->method == METHOD_ICONV || converter->method == METHOD_HZ)
		iconv_close(converter->cd);
	converter->method = METHOD_UNKNOWN;
}

void
ms_charsets_close(struct ms_charsets *charsets)
{
	if (!charsets)
		return;
	for (size_t i = 0; i < charsets->n; i++)
		converter_close(&charsets->converters[i]);
	charsets->n = 0;
}

static bool
is_label_byte(unsigned char c)
{
	return ms_is(c, MS_C_ALNUM) || c == '-' || c == '_' || c == '.' ||
	       c == ':' || c == '+';
}

/* The label in lower case, out of quotes, white space and a repeated
 * "charset="; "" when nothing sensible is left. '/' never gets through: it
 * begins iconv's own suffixes. */
static void
normalise(struct ms_slice label, char out[LABEL_MAX])
{
	struct ms_scan s = ms_scan_init(label);
	size_t n = 0;

	while (!ms_scan_at_end(&s) &&
	       !is_label_byte((unsigned char)ms_scan_peek(&s)))
		ms_scan_skip(&s, 1);
	if (ms_scan_try_text(&s, "charset=") ||
	    ms_scan_try_text(&s, "charset:"))
		while (!ms_scan_at_end(&s) &&
		       !is_label_byte((unsigned char)ms_scan_peek(&s)))
			ms_scan_skip(&s, 1);
	while (n < LABEL_MAX - 1 && !ms_scan_at_end(&s) &&
	       is_label_byte((unsigned char)ms_scan_peek(&s)))
		out[n++] = (char)ms_lower((unsigned char)ms_scan_byte(&s));
	out[n] = '\0';
}

static int
compare_alias(const void *key, const void *row)
{
	return strcmp(key, ((const struct alias *)row)->label);
}

static const char *
alias_of(const char *label)
{
	const struct alias *alias =
	    bsearch(label, aliases, sizeof(aliases) / sizeof(aliases[0]),
		sizeof(aliases[0]), compare_alias);

	return alias ? alias->name : NULL;
}

/* Whether all of ASCII stands for itself, so that text of it can be handed
 * on as it is. False for UTF-16, UTF-7, EBCDIC; and for ISO-2022, which
 * passes ASCII through and gives a meaning to some runs of it. */
static bool
probe_ascii(iconv_t cd, const char *name)
{
	char in[128], out[512];
	char *from = in, *to = out;
	size_t from_n = sizeof(in), to_n = sizeof(out);

	if (strstr(name, "2022"))
		return false;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (char)i;
	if (iconv(cd, &from, &from_n, &to, &to_n) == (size_t)-1)
		return false;
	return sizeof(out) - to_n == sizeof(in) &&
	       memcmp(in, out, sizeof(in)) == 0;
}

static unsigned
unit_of(const char *name)
{
	struct ms_slice label = ms_slice_from(name);

	if (ms_slice_starts(label, "utf-16") ||
	    ms_slice_starts(label, "utf16") ||
	    ms_slice_starts(label, "ucs-2") || ms_slice_starts(label, "ucs2"))
		return 2;
	if (ms_slice_starts(label, "utf-32") ||
	    ms_slice_starts(label, "utf32") ||
	    ms_slice_starts(label, "ucs-4") || ms_slice_starts(label, "ucs4"))
		return 4;
	return 1;
}

static bool
open_iconv(struct converter *converter, const char *name)
{
	/* The C library's own forms depend on the machine. */
	if (!*name || strcmp(name, "internal") == 0 ||
	    strcmp(name, "wchar_t") == 0)
		return false;
	converter->cd = iconv_open("UTF-8", name);
	if (converter->cd == (iconv_t)-1)
		return false;
	converter->method = METHOD_ICONV;
	converter->unit = unit_of(name);
	converter->ascii = probe_ascii(converter->cd, name);
	return true;
}

static bool
open_named(struct converter *converter, const char *name)
{
	converter->ascii = true;
	if (name[0] != '*')
		return open_iconv(converter, name);
	switch (name[1]) {
	case 'u':
		converter->method = METHOD_UTF8;
		return true;
	case 'l':
		converter->method = METHOD_LATIN1;
		return true;
	case 'w':
		converter->method = METHOD_WINDOWS_1252;
		return true;
	default:
		if (!open_iconv(converter, "GB18030"))
			return false;
		converter->method = METHOD_HZ;
		converter->ascii = false;
		return true;
	}
}

/* Spellings that are near: "iso_8859_2", "cp-850", "x-koi8-r",
 * "windows1251", "utf-8.". */
static bool
open_near(struct converter *converter, const char *label)
{
	char near[LABEL_MAX + 1];
	const char *alias;
	size_t n = 0;

	if (strncmp(label, "x-", 2) == 0)
		label += 2;
	for (; *label; label++) {
		near[n++] = *label == '_' ? '-' : *label;
		if (n == 2 && memcmp(near, "cp", 2) == 0 && label[1] == '-')
			label++;
		if (n == 7 && memcmp(near, "windows", 7) == 0 &&
		    ms_is((unsigned char)label[1], MS_C_DIGIT))
			near[n++] = '-';
	}
	while (n > 0 && !ms_is((unsigned char)near[n - 1], MS_C_ALNUM))
		n--;
	near[n] = '\0';
	alias = alias_of(near);
	return open_named(converter, alias ? alias : near);
}

static void
converter_open(struct converter *converter)
{
	const char *label = converter->label;
	const char *name = label[0] ? alias_of(label) : "*latin1";

	if (open_named(converter, name ? name : label))
		return;
	if (!open_near(converter, label))
		converter->method = METHOD_UNKNOWN;
}

static struct converter *
find(struct ms_charsets *charsets, struct ms_slice raw)
{
	struct converter *converter;
	char label[LABEL_MAX];

	normalise(raw, label);
	converter = &charsets->converters[charsets->last];
	if (charsets->n > 0 && strcmp(converter->label, label) == 0)
		return converter;
	for (size_t i = 0; i < charsets->n; i++)
		if (strcmp(charsets->converters[i].label, label) == 0) {
			charsets->last = i;
			return &charsets->converters[i];
		}
	if (charsets->n < CONVERTERS) {
		charsets->last = charsets->n++;
	} else {
		charsets->last = charsets->oldest;
		charsets->oldest = (charsets->oldest + 1) % CONVERTERS;
	}
	converter = &charsets->converters[charsets->last];
	converter_close(converter);
	memcpy(converter->label, label, sizeof(label));
	converter_open(converter);
	return converter;
}

static enum ms_charset_result
decode_utf8(struct ms_arena *arena, struct ms_slice bytes, struct ms_slice *out)
{
	bool lossy = false;

	*out = ms_utf8_clean(arena, bytes, &lossy);
	return lossy ? MS_CHARSET_REPLACED : MS_CHARSET_OK;
}

static enum ms_charset_result
decode_windows_1252(
    struct ms_arena *arena, struct ms_slice bytes, struct ms_slice *out)
{
	enum ms_charset_result result = MS_CHARSET_OK;
	struct ms_buf buf;

	*out = bytes;
	if (ms_utf8_ascii(bytes))
		return result;
	ms_buf_init(&buf, arena);
	(void)ms_buf_room(&buf, bytes.n + bytes.n / 4 + 16);
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = bytes.p[i];
		uint32_t rune = c;

		if (c < 0x80) {
			ms_buf_byte(&buf, c);
			continue;
		}
		if (c < 0xa0)
			rune = windows_1252[c - 0x80];
		if (rune == 0) {
			rune = 0xfffd;
			result = MS_CHARSET_REPLACED;
		}
		ms_buf_rune(&buf, rune);
	}
	*out = ms_buf_get(&buf);
	return result;
}

/* UTF-8 where it is, else windows-1252. */
static enum ms_charset_result
decode_guess(
    struct ms_arena *arena, struct ms_slice bytes, struct ms_slice *out)
{
	*out = bytes;
	if (ms_utf8_valid(bytes))
		return MS_CHARSET_OK;
	return decode_windows_1252(arena, bytes, out);
}

static enum ms_charset_result
decode_iconv(const struct converter *converter, struct ms_arena *arena,
    struct ms_slice bytes, struct ms_slice *out)
{
	enum ms_charset_result result = MS_CHARSET_OK;
	struct ms_buf buf;
	/* iconv(3) takes a char ** and leaves the bytes alone. */
	char *from = (char *)(uintptr_t)bytes.p;
	size_t from_n = bytes.n;
	bool flushed = false, lossy = false;

	ms_buf_init(&buf, arena);
	(void)ms_buf_room(&buf, bytes.n + bytes.n / 2 + 32);
	iconv(converter->cd, NULL, NULL, NULL, NULL);
	while (!flushed) {
		size_t room_n = buf.cap - buf.n, n = room_n, status;
		char *to = (char *)buf.p + buf.n;

		flushed = from_n == 0;
		status = iconv(converter->cd, flushed ? NULL : &from,
		    flushed ? NULL : &from_n, &to, &n);
		buf.n += room_n - n;
		if (status != (size_t)-1)
			continue;
		if (errno == E2BIG) {
			(void)ms_buf_room(&buf, buf.cap - buf.n + 32);
			flushed = false;
			continue;
		}
		/* EILSEQ: not of this charset; EINVAL: cut at the end. */
		ms_buf_add(&buf, "\xef\xbf\xbd", 3);
		result = MS_CHARSET_REPLACED;
		n = converter->unit < from_n ? converter->unit : from_n;
		if (errno == EINVAL)
			n = from_n;
		from += n;
		from_n -= n;
	}
	/* glibc passes on values above U+10FFFF. */
	*out = ms_utf8_clean(arena, ms_buf_get(&buf), &lossy);
	return lossy ? MS_CHARSET_REPLACED : result;
}

/* One step of HZ (RFC 1843) to GB 18030 at i; returns the bytes taken. */
static size_t
hz_step(struct ms_slice in, size_t i, bool *gb, struct ms_buf *buf)
{
	unsigned char c = in.p[i], next = i + 1 < in.n ? in.p[i + 1] : 0;

	if (c == '~' && (next == '{' || next == '}')) {
		*gb = next == '{';
		return 2;
	}
	if (c == '~' && next == '\n')
		return 2;
	if (c == '~' && next == '~' && !*gb) {
		ms_buf_byte(buf, '~');
		return 2;
	}
	if (c == '\n')
		*gb = false;
	if (*gb && c >= 0x21 && c < 0x7f && next >= 0x21 && next < 0x7f) {
		ms_buf_byte(buf, c | 0x80);
		ms_buf_byte(buf, next | 0x80);
		return 2;
	}
	ms_buf_byte(buf, c);
	return 1;
}

static enum ms_charset_result
decode_hz(const struct converter *converter, struct ms_arena *arena,
    struct ms_slice bytes, struct ms_slice *out)
{
	struct ms_buf buf;
	bool gb = false;

	ms_buf_init(&buf, arena);
	(void)ms_buf_room(&buf, bytes.n);
	for (size_t i = 0; i < bytes.n;)
		i += hz_step(bytes, i, &gb, &buf);
	return decode_iconv(converter, arena, ms_buf_get(&buf), out);
}

enum ms_charset_result
ms_charset_decode(struct ms_charsets *charsets, struct ms_arena *arena,
    struct ms_slice label, struct ms_slice bytes, struct ms_slice *out)
{
	const struct converter *converter = find(charsets, label);

	*out = bytes;
	if (converter->ascii && converter->method != METHOD_UNKNOWN &&
	    ms_utf8_ascii(bytes))
		return MS_CHARSET_OK;
	switch (converter->method) {
	case METHOD_UTF8:
		return decode_utf8(arena, bytes, out);
	case METHOD_LATIN1:
		return decode_guess(arena, bytes, out);
	case METHOD_WINDOWS_1252:
		return decode_windows_1252(arena, bytes, out);
	case METHOD_HZ:
		return decode_hz(converter, arena, bytes, out);
	case METHOD_ICONV:
		return decode_iconv(converter, arena, bytes, out);
	case METHOD_UNKNOWN:
		break;
	}
	(void)decode_guess(arena, bytes, out);
	return MS_CHARSET_UNKNOWN;
}

bool
ms_charset_known(struct ms_charsets *charsets, struct ms_slice label)
{
	return find(charsets, label)->method != METHOD_UNKNOWN;
}
