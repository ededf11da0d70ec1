/* SPDX-License-Identifier: ISC
 * html_scan.c - HTML cut into tokens in linear time, WHATWG 13.2.5
 *
 * Leaves undone: CDATA sections (foreign content only) and the split of
 * doctypes. The bytes are not changed; character references stay.
 */
#include "message/html_priv.h"

#include <endian.h>

#include "mailsonde/scan.h"

/* A name of up to eight letters as one number. */
#define PACK(a, b, c, d, e, f, g, h)                                           \
	((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 |            \
	    (uint64_t)(d) << 24 | (uint64_t)(e) << 32 | (uint64_t)(f) << 40 |  \
	    (uint64_t)(g) << 48 | (uint64_t)(h) << 56)
#define P1(a)                      PACK(a, 0, 0, 0, 0, 0, 0, 0)
#define P2(a, b)                   PACK(a, b, 0, 0, 0, 0, 0, 0)
#define P3(a, b, c)                PACK(a, b, c, 0, 0, 0, 0, 0)
#define P4(a, b, c, d)             PACK(a, b, c, d, 0, 0, 0, 0)
#define P5(a, b, c, d, e)          PACK(a, b, c, d, e, 0, 0, 0)
#define P6(a, b, c, d, e, f)       PACK(a, b, c, d, e, f, 0, 0)
#define P7(a, b, c, d, e, f, g)    PACK(a, b, c, d, e, f, g, 0)
#define P8(a, b, c, d, e, f, g, h) PACK(a, b, c, d, e, f, g, h)

/* One to eight bytes, little endian, from loads that stay within them. */
static uint64_t
load(const unsigned char *p, size_t n)
{
	uint32_t low, high;
	uint16_t first, last;

	if (n >= 4) {
		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		return le32toh(low) | (uint64_t)le32toh(high) << (8 * (n - 4));
	}
	if (n == 1)
		return p[0];
	memcpy(&first, p, 2);
	memcpy(&last, p + n - 2, 2);
	return le16toh(first) | (uint64_t)le16toh(last) << (8 * (n - 2));
}

/* At most eight bytes as a number, in lower case. */
static uint64_t
pack(struct ms_slice name)
{
	const uint64_t each = UINT64_C(0x0101010101010101), top = each << 7;
	uint64_t v, behind, seven, upper;

	if (name.n == 0)
		return UINT64_MAX;
	v = load(name.p, name.n);
	behind = name.n < 8 ? each << (8 * name.n) : 0;
	if (((v | behind) - each) & ~v & top & ~(behind << 7))
		return UINT64_MAX; /* NUL is U+FFFD there */
	/* The top bit of every byte that is 'A' to 'Z', brought to 0x20. */
	seven = v & ~top;
	upper = (seven + (0x80 - 'A') * each) ^ (seven + (0x7f - 'Z') * each);
	return v | (upper & ~v & top) >> 2;
}

static enum html_tag
long_tag(struct ms_slice name)
{
	static const struct {
		const char *name;
		enum html_tag tag;
	} tags[] = {
		{ "blockquote", HTML_CITED },
		{ "plaintext", HTML_PLAINTEXT },
		{ "figcaption", HTML_BLOCK },
	};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (ms_slice_is(name, tags[i].name))
			return tags[i].tag;
	return HTML_OTHER;
}

enum html_tag
html_tag_of(struct ms_slice name)
{
	if (name.n > 8)
		return long_tag(name);
	switch (pack(name)) {
	case P1('a'):
		return HTML_A;
	case P6('a', 'p', 'p', 'l', 'e', 't'):
	case P7('m', 'a', 'r', 'q', 'u', 'e', 'e'):
		return HTML_MARKED;
	case P6('s', 'e', 'l', 'e', 'c', 't'):
		return HTML_SELECT;
	case P6('o', 'p', 't', 'i', 'o', 'n'):
	case P8('o', 'p', 't', 'g', 'r', 'o', 'u', 'p'):
		return HTML_OPTION;
	case P8('f', 'r', 'a', 'm', 'e', 's', 'e', 't'):
	case P7('i', 's', 'i', 'n', 'd', 'e', 'x'):
	case P4('m', 'a', 't', 'h'):
	case P3('s', 'v', 'g'):
	case P8('t', 'e', 'm', 'p', 'l', 'a', 't', 'e'):
		return HTML_TREE;
	case P4('a', 'r', 'e', 'a'):
		return HTML_AREA;
	case P5('a', 'u', 'd', 'i', 'o'):
		return HTML_AUDIO;
	case P4('b', 'a', 's', 'e'):
		return HTML_BASE;
	case P4('b', 'o', 'd', 'y'):
		return HTML_BODY;
	case P6('b', 'u', 't', 't', 'o', 'n'):
		return HTML_BUTTON;
	case P7('c', 'a', 'p', 't', 'i', 'o', 'n'):
		return HTML_CAPTION;
	case P3('c', 'o', 'l'):
		return HTML_COL;
	case P8('c', 'o', 'l', 'g', 'r', 'o', 'u', 'p'):
		return HTML_COLGROUP;
	case P5('e', 'm', 'b', 'e', 'd'):
		return HTML_EMBED;
	case P4('f', 'o', 'r', 'm'):
		return HTML_FORM;
	case P1('b'):
	case P3('b', 'i', 'g'):
	case P4('c', 'o', 'd', 'e'):
	case P2('e', 'm'):
	case P4('f', 'o', 'n', 't'):
	case P1('i'):
	case P4('n', 'o', 'b', 'r'):
	case P1('s'):
	case P5('s', 'm', 'a', 'l', 'l'):
	case P6('s', 't', 'r', 'i', 'k', 'e'):
	case P6('s', 't', 'r', 'o', 'n', 'g'):
	case P2('t', 't'):
	case P1('u'):
		return HTML_FORMAT;
	case P5('f', 'r', 'a', 'm', 'e'):
		return HTML_FRAME;
	case P4('h', 't', 'm', 'l'):
		return HTML_HTML;
	case P6('i', 'f', 'r', 'a', 'm', 'e'):
		return HTML_IFRAME;
	case P3('i', 'm', 'g'):
	case P5('i', 'm', 'a', 'g', 'e'):
		return HTML_IMG;
	case P5('i', 'n', 'p', 'u', 't'):
		return HTML_INPUT;
	case P4('l', 'i', 'n', 'k'):
		return HTML_LINK;
	case P4('m', 'e', 't', 'a'):
		return HTML_META;
	case P7('n', 'o', 'e', 'm', 'b', 'e', 'd'):
		return HTML_NOEMBED;
	case P8('n', 'o', 'f', 'r', 'a', 'm', 'e', 's'):
		return HTML_NOFRAMES;
	case P6('o', 'b', 'j', 'e', 'c', 't'):
		return HTML_OBJECT;
	case P1('q'):
	case P3('i', 'n', 's'):
	case P3('d', 'e', 'l'):
		return HTML_QUOTED;
	case P6('s', 'c', 'r', 'i', 'p', 't'):
		return HTML_SCRIPT;
	case P6('s', 'o', 'u', 'r', 'c', 'e'):
	case P5('t', 'r', 'a', 'c', 'k'):
		return HTML_SOURCE;
	case P5('s', 't', 'y', 'l', 'e'):
		return HTML_STYLE;
	case P5('t', 'a', 'b', 'l', 'e'):
		return HTML_TABLE;
	case P5('t', 'b', 'o', 'd', 'y'):
	case P5('t', 'f', 'o', 'o', 't'):
	case P5('t', 'h', 'e', 'a', 'd'):
		return HTML_TBODY;
	case P2('t', 'd'):
	case P2('t', 'h'):
		return HTML_TD;
	case P2('t', 'r'):
		return HTML_TR;
	case P8('t', 'e', 'x', 't', 'a', 'r', 'e', 'a'):
		return HTML_TEXTAREA;
	case P5('t', 'i', 't', 'l', 'e'):
		return HTML_TITLE;
	case P5('v', 'i', 'd', 'e', 'o'):
		return HTML_VIDEO;
	case P2('b', 'r'):
	case P2('h', 'r'):
	case P8('b', 'a', 's', 'e', 'f', 'o', 'n', 't'):
	case P7('b', 'g', 's', 'o', 'u', 'n', 'd'):
	case P6('k', 'e', 'y', 'g', 'e', 'n'):
	case P5('p', 'a', 'r', 'a', 'm'):
		return HTML_VOID;
	case P3('w', 'b', 'r'):
		return HTML_WBR;
	case P3('x', 'm', 'p'):
		return HTML_XMP;
	case P7('a', 'd', 'd', 'r', 'e', 's', 's'):
	case P7('a', 'r', 't', 'i', 'c', 'l', 'e'):
	case P5('a', 's', 'i', 'd', 'e'):
	case P6('c', 'e', 'n', 't', 'e', 'r'):
	case P2('d', 'd'):
	case P7('d', 'e', 't', 'a', 'i', 'l', 's'):
	case P3('d', 'i', 'r'):
	case P3('d', 'i', 'v'):
	case P2('d', 'l'):
	case P2('d', 't'):
	case P8('f', 'i', 'e', 'l', 'd', 's', 'e', 't'):
	case P6('f', 'i', 'g', 'u', 'r', 'e'):
	case P6('f', 'o', 'o', 't', 'e', 'r'):
	case P2('h', '1'):
	case P2('h', '2'):
	case P2('h', '3'):
	case P2('h', '4'):
	case P2('h', '5'):
	case P2('h', '6'):
	case P4('h', 'e', 'a', 'd'):
	case P6('h', 'e', 'a', 'd', 'e', 'r'):
	case P6('h', 'g', 'r', 'o', 'u', 'p'):
	case P2('l', 'i'):
	case P7('l', 'i', 's', 't', 'i', 'n', 'g'):
	case P4('m', 'a', 'i', 'n'):
	case P4('m', 'e', 'n', 'u'):
	case P3('n', 'a', 'v'):
	case P8('n', 'o', 's', 'c', 'r', 'i', 'p', 't'):
	case P2('o', 'l'):
	case P1('p'):
	case P3('p', 'r', 'e'):
	case P7('s', 'e', 'c', 't', 'i', 'o', 'n'):
	case P7('s', 'u', 'm', 'm', 'a', 'r', 'y'):
	case P2('u', 'l'):
		return HTML_BLOCK;
	default:
		return HTML_OTHER;
	}
}

enum html_attr_id
html_attr_of(struct ms_slice name)
{
	if (name.n > 8) {
		if (ms_slice_is(name, "background"))
			return HTML_ATTR_BACKGROUND;
		if (ms_slice_is(name, "formaction"))
			return HTML_ATTR_FORMACTION;
		return ms_slice_is(name, "http-equiv") ? HTML_ATTR_HTTP_EQUIV
						       : HTML_ATTR_OTHER;
	}
	switch (pack(name)) {
	case P6('a', 'c', 't', 'i', 'o', 'n'):
		return HTML_ATTR_ACTION;
	case P4('c', 'i', 't', 'e'):
		return HTML_ATTR_CITE;
	case P8('c', 'o', 'd', 'e', 'b', 'a', 's', 'e'):
		return HTML_ATTR_CODEBASE;
	case P7('c', 'o', 'n', 't', 'e', 'n', 't'):
		return HTML_ATTR_CONTENT;
	case P4('d', 'a', 't', 'a'):
		return HTML_ATTR_DATA;
	case P6('d', 'y', 'n', 's', 'r', 'c'):
		return HTML_ATTR_DYNSRC;
	case P6('h', 'e', 'i', 'g', 'h', 't'):
		return HTML_ATTR_HEIGHT;
	case P4('h', 'r', 'e', 'f'):
		return HTML_ATTR_HREF;
	case P8('l', 'o', 'n', 'g', 'd', 'e', 's', 'c'):
		return HTML_ATTR_LONGDESC;
	case P6('l', 'o', 'w', 's', 'r', 'c'):
		return HTML_ATTR_LOWSRC;
	case P4('p', 'i', 'n', 'g'):
		return HTML_ATTR_PING;
	case P6('p', 'o', 's', 't', 'e', 'r'):
		return HTML_ATTR_POSTER;
	case P3('s', 'r', 'c'):
		return HTML_ATTR_SRC;
	case P6('s', 'r', 'c', 's', 'e', 't'):
		return HTML_ATTR_SRCSET;
	case P5('s', 't', 'y', 'l', 'e'):
		return HTML_ATTR_STYLE;
	case P4('t', 'y', 'p', 'e'):
		return HTML_ATTR_TYPE;
	case P5('w', 'i', 'd', 't', 'h'):
		return HTML_ATTR_WIDTH;
	default:
		return HTML_ATTR_OTHER;
	}
}

void
html_scan_init(struct html_scan *scan, struct ms_slice html, size_t keep)
{
	memset(scan, 0, sizeof(*scan));
	scan->p = html.p;
	scan->end = html.p + html.n;
	scan->keep = keep;
}

/* TAB, LF, FF, CR, SP; also what ends a name: '/', '>', and '='. */
enum { SPACE = 1, SLASH = 2, GREATER = 4, EQUALS = 8 };
static const unsigned char classes[256] = { ['\t'] = SPACE,
	['\n'] = SPACE,
	['\f'] = SPACE,
	['\r'] = SPACE,
	[' '] = SPACE,
	['/'] = SLASH,
	['>'] = GREATER,
	['='] = EQUALS };

static const unsigned char *
pass(const unsigned char *p, const unsigned char *end, unsigned class)
{
	while (p < end && (classes[*p] & class) != 0)
		p++;
	return p;
}

static const unsigned char *
until(const unsigned char *p, const unsigned char *end, unsigned class)
{
	while (p < end && (classes[*p] & class) == 0)
		p++;
	return p;
}

static struct ms_slice
between(const unsigned char *from, const unsigned char *to)
{
	return ms_slice_make(from, (size_t)(to - from));
}

/* 13.2.5.35 to 39: the value behind '='; NULL where the input ends in it. */
static const unsigned char *
scan_value(
    const unsigned char *p, const unsigned char *end, struct ms_slice *value)
{
	const unsigned char *from;

	p = pass(p, end, SPACE);
	if (p == end)
		return NULL;
	if (*p == '"' || *p == '\'') {
		from = p + 1;
		p = memchr(from, *p, (size_t)(end - from));
		if (!p)
			return NULL;
		*value = between(from, p);
		return p + 1;
	}
	from = p;
	p = until(p, end, SPACE | GREATER);
	*value = between(from, p);
	return p;
}

static void
keep_attribute(struct html_token *token, uint32_t *seen, struct ms_slice name,
    struct ms_slice value)
{
	enum html_attr_id id = html_attr_of(name);

	if (id == HTML_ATTR_OTHER || (*seen >> id & 1u) != 0)
		return; /* the first of a name counts, 13.2.5.33 */
	*seen |= 1u << id;
	token->attr[token->n].id = id;
	token->attr[token->n].raw = value;
	token->attr[token->n].decoded = ms_slice_make(NULL, 0);
	token->n++;
}

/* 13.2.5.32 to 40. Returns the place behind '>'; NULL where the input ends. */
static const unsigned char *
scan_attributes(const struct html_scan *scan, const unsigned char *p,
    struct html_token *token)
{
	const unsigned char *end = scan->end, *from, *rest = NULL;
	uint32_t seen = 0;

	for (;;) {
		struct ms_slice name, value = { NULL, 0 };

		p = pass(p, end, SPACE | SLASH);
		if (p == end)
			return NULL;
		if (*p == '>')
			break;
		if (token->attributes++ == scan->keep)
			rest = p;
		from = p++; /* a '=' here is part of the name */
		p = until(p, end, SPACE | SLASH | GREATER | EQUALS);
		name = between(from, p);
		p = pass(p, end, SPACE);
		if (p < end && *p == '=') {
			p = scan_value(p + 1, end, &value);
			if (!p)
				return NULL;
		}
		if (!rest && token->type == HTML_START)
			keep_attribute(token, &seen, name, value);
	}
	token->rest = rest ? between(rest, p) : ms_slice_make(NULL, 0);
	return p + 1;
}

bool
html_is_raw(enum html_tag tag)
{
	switch (tag) {
	case HTML_IFRAME:
	case HTML_NOEMBED:
	case HTML_NOFRAMES:
	case HTML_PLAINTEXT:
	case HTML_SCRIPT:
	case HTML_STYLE:
	case HTML_TEXTAREA:
	case HTML_TITLE:
	case HTML_XMP:
		return true;
	default:
		return false;
	}
}

static void
enter_raw(struct html_scan *scan, const struct html_token *token)
{
	if (!html_is_raw(token->tag))
		return;
	scan->raw = token->tag;
	scan->raw_name = token->name;
}

static bool
scan_tag(struct html_scan *scan, struct html_token *token)
{
	bool closing = scan->p[1] == '/';
	const unsigned char *from = scan->p + (closing ? 2 : 1);
	const unsigned char *p =
	    until(from, scan->end, SPACE | SLASH | GREATER);

	token->type = closing ? HTML_END : HTML_START;
	token->name = between(from, p);
	token->tag = html_tag_of(token->name);
	token->attributes = 0;
	token->n = 0;
	p = scan_attributes(scan, p, token);
	if (!p) { /* eof-in-tag: the tag is none */
		scan->p = scan->end;
		return false;
	}
	token->all = between(scan->p, p);
	scan->p = p;
	if (!closing)
		enter_raw(scan, token);
	return true;
}

/* 13.2.5.43 to 51, from behind "<!--" to behind the end. */
static const unsigned char *
comment_end(const unsigned char *p, const unsigned char *end)
{
	if (p < end && *p == '>')
		return p + 1;
	if (end - p >= 2 && p[0] == '-' && p[1] == '>')
		return p + 2;
	while (p < end) {
		p = memchr(p, '-', (size_t)(end - p));
		if (!p || end - p < 3)
			return end;
		if (p[1] != '-') {
			p++;
			continue;
		}
		if (p[2] == '>')
			return p + 3;
		if (p[2] == '!' && end - p >= 4 && p[3] == '>')
			return p + 4;
		p++;
	}
	return end;
}

static void
scan_comment(struct html_scan *scan, struct html_token *token)
{
	const unsigned char *p = scan->p, *end = scan->end, *to;

	if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
		to = comment_end(p + 4, end);
	} else { /* bogus, or a doctype: the first '>' ends it */
		to = memchr(p, '>', (size_t)(end - p));
		to = to ? to + 1 : end;
	}
	token->type = HTML_COMMENT;
	token->all = between(p, to);
	scan->p = to;
}

/* "</name" and what ends a name. */
static bool
is_end_tag(const struct html_scan *scan, const unsigned char *p)
{
	size_t n = scan->raw_name.n;

	if ((size_t)(scan->end - p) < n + 3 || p[1] != '/')
		return false;
	return (classes[p[n + 2]] & (SPACE | SLASH | GREATER)) != 0 &&
	       ms_slice_equal_nocase(ms_slice_make(p + 2, n), scan->raw_name);
}

static bool
is_script_word(const unsigned char *p, const unsigned char *end)
{
	return end - p >= 7 && ms_slice_is(ms_slice_make(p, 6), "script") &&
	       (classes[p[6]] & (SPACE | SLASH | GREATER)) != 0;
}

/* 13.2.5.15 to 31: "<!--" hides a "<script>" and its end. */
static const unsigned char *
script_end(const struct html_scan *scan)
{
	const unsigned char *p = scan->p, *end = scan->end;
	bool escaped = false, doubly = false;

	for (; p < end; p++) {
		if (*p == '-' && escaped && end - p >= 3 && p[1] == '-' &&
		    p[2] == '>') {
			escaped = doubly = false;
		} else if (*p != '<') {
			continue;
		} else if (!escaped && end - p >= 4 &&
			   memcmp(p, "<!--", 4) == 0) {
			escaped = true;
			p += 1; /* "<!-->" ends at once */
		} else if (doubly) {
			if (end - p >= 2 && p[1] == '/' &&
			    is_script_word(p + 2, end))
				doubly = false;
		} else if (is_end_tag(scan, p)) {
			return p;
		} else if (escaped && is_script_word(p + 1, end)) {
			doubly = true;
		}
	}
	return end;
}

static const unsigned char *
raw_end(const struct html_scan *scan)
{
	const unsigned char *p = scan->p;

	if (scan->raw == HTML_PLAINTEXT)
		return scan->end;
	if (scan->raw == HTML_SCRIPT)
		return script_end(scan);
	while (p < scan->end) {
		p = memchr(p, '<', (size_t)(scan->end - p));
		if (!p)
			return scan->end;
		if (is_end_tag(scan, p))
			return p;
		p++;
	}
	return scan->end;
}

static bool
scan_raw(struct html_scan *scan, struct html_token *token)
{
	const unsigned char *to = raw_end(scan);
	bool rcdata = scan->raw == HTML_TITLE || scan->raw == HTML_TEXTAREA;

	token->type = rcdata ? HTML_TEXT : HTML_RAWTEXT;
	token->tag = scan->raw;
	token->all = between(scan->p, to);
	scan->p = to;
	scan->raw = HTML_OTHER;
	return token->all.n > 0;
}

static void
scan_text(struct html_scan *scan, struct html_token *token)
{
	const unsigned char *p = scan->p, *end = scan->end;

	for (;; p++) { /* '<' that opens nothing is text */
		p = memchr(p, '<', (size_t)(end - p));
		if (!p || end - p < 2) {
			p = end;
			break;
		}
		if (ms_is(p[1], MS_C_ALPHA) || p[1] == '!' || p[1] == '?')
			break;
		if (p[1] == '/' && end - p >= 3)
			break;
	}
	token->type = HTML_TEXT;
	token->tag = HTML_OTHER;
	token->all = between(scan->p, p);
	scan->p = p;
}

bool
html_next(struct html_scan *scan, struct html_token *token)
{
	if (scan->raw != HTML_OTHER && scan_raw(scan, token))
		return true;
	while (scan->p < scan->end) {
		const unsigned char *p = scan->p;
		size_t left = (size_t)(scan->end - p);

		if (*p != '<' || left < 2)
			break;
		if (ms_is(p[1], MS_C_ALPHA) ||
		    (p[1] == '/' && left >= 3 && ms_is(p[2], MS_C_ALPHA)))
			return scan_tag(scan, token);
		if (p[1] == '/' && left >= 3 && p[2] == '>') {
			scan->p += 3; /* missing-end-tag-name: nothing */
			continue;
		}
		if (p[1] != '!' && p[1] != '?' && (p[1] != '/' || left < 3))
			break;
		scan_comment(scan, token);
		return true;
	}
	if (scan->p == scan->end)
		return false;
	scan_text(scan, token);
	return true;
}

bool
html_is_void(enum html_tag tag)
{
	switch (tag) {
	case HTML_AREA:
	case HTML_BASE:
	case HTML_COL:
	case HTML_EMBED:
	case HTML_FRAME:
	case HTML_IMG:
	case HTML_INPUT:
	case HTML_LINK:
	case HTML_META:
	case HTML_SOURCE:
	case HTML_VOID:
	case HTML_WBR:
		return true;
	default:
		return false;
	}
}

bool
html_breaks(enum html_tag tag)
{
	switch (tag) {
	case HTML_OTHER:
	case HTML_A:
	case HTML_FORMAT:
	case HTML_OPTION:
	case HTML_QUOTED:
	case HTML_IMG:
	case HTML_WBR:
		return false;
	default:
		return true;
	}
}
