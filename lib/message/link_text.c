/* SPDX-License-Identifier: ISC
 * link_text.c - URLs in plain text, RFC 3986 appendix C and custom
 */
#include "message/link_priv.h"

#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

/* What a URL in running text is found by. */
static const struct mark {
	const char *text;
	const char *prefix;
	bool scheme; /* the scheme stands before it */
} marks[LINK_MARKS] = {
	{ "://", NULL, true },
	{ "www.", "http://", false },
	{ "mailto:", NULL, false },
};

/* Code points that end a URL though no byte of ASCII: spaces, quotes and
 * brackets. Tells its length. */
static size_t
foreign_stop(const unsigned char *p, size_t n)
{
	if (n >= 2 && p[0] == 0xC2)
		return p[1] == 0xA0 || p[1] == 0xAB || p[1] == 0xBB ? 2 : 0;
	if (n < 3)
		return 0;
	if (p[0] == 0xE2 && p[1] == 0x80) /* U+2000-200F, quotes, U+2028.. */
		return p[2] <= 0x8F || (p[2] >= 0x98 && p[2] <= 0x9F) ||
			       (p[2] >= 0xA8 && p[2] <= 0xBA)
			   ? 3
			   : 0;
	if (p[0] == 0xE3 && p[1] == 0x80) /* U+3000, 3001, 3008-3011 */
		return p[2] <= 0x81 || (p[2] >= 0x88 && p[2] <= 0x91) ? 3 : 0;
	if (p[0] == 0xEF && p[1] == 0xBC) /* U+FF08, FF09, FF0C */
		return p[2] == 0x88 || p[2] == 0x89 || p[2] == 0x8C ? 3 : 0;
	return p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF ? 3 : 0;
}

static size_t
url_end(struct ms_slice text, size_t at)
{
	for (; at < text.n; at++) {
		unsigned char c = text.p[at];

		if (c <= ' ' || c == '<' || c == '>' || c == '"' || c == '`' ||
		    c == 0x7F)
			break;
		if (c >= 0xC2 && foreign_stop(text.p + at, text.n - at) > 0)
			break;
	}
	return at;
}

static long
balance(struct ms_slice s, unsigned char open, unsigned char close)
{
	long out = 0;

	for (size_t i = 0; i < s.n; i++)
		out += (s.p[i] == close) - (s.p[i] == open);
	return out;
}

/* Punctuation of the sentence, and brackets that were opened before. */
static size_t
trim_end(struct ms_slice text, size_t from, size_t to)
{
	struct ms_slice s = ms_slice_part(text, from, to);
	long round = balance(s, '(', ')'), square = balance(s, '[', ']');
	long curly = balance(s, '{', '}');

	for (; to > from; to--) {
		unsigned char c = text.p[to - 1];

		if (memchr(".,;:!?'*|(", c, 10))
			continue;
		if (c == ')' && round > 0)
			round--;
		else if (c == ']' && square > 0)
			square--;
		else if (c == '}' && curly > 0)
			curly--;
		else
			break;
	}
	return to;
}

/* Letters before "://" that make a scheme people write. */
static bool
scheme_before(struct ms_slice text, size_t low, size_t colon, size_t *from)
{
	static const char *const names[] = { "https", "http", "ftps", "ftp",
		"hxxps", "hxxp" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (colon - low >= n &&
		    ms_slice_is(
			ms_slice_part(text, colon - n, colon), names[i])) {
			*from = colon - n;
			return names[i][1] != 'x';
		}
	}
	return false;
}

static bool
word_before(struct ms_slice text, size_t low, size_t at)
{
	unsigned char c;

	if (at == low)
		return false;
	c = text.p[at - 1];
	return ms_is(c, MS_C_ALNUM | MS_C_HIGH) || c == '/' || c == '@' ||
	       c == '.' || c == '-' || c == '_';
}

/* The URL at the mark, if it is one. */
static bool
at_mark(struct ms_slice text, size_t low, const struct mark *mark, size_t at,
    struct link_span *out)
{
	size_t host = at + strlen(mark->text);

	out->from = at;
	out->prefix = mark->prefix;
	if (mark->scheme ? !scheme_before(text, low, at, &out->from)
			 : word_before(text, low, at))
		return false;
	if (host >= text.n ||
	    (!ms_is(text.p[host], MS_C_ALNUM | MS_C_HIGH | MS_C_HOST) &&
		!memchr("[%@:=", text.p[host], 5)))
		return false;
	out->to = trim_end(text, out->from, url_end(text, host));
	return out->to > host;
}

static void
advance(struct link_search *search, size_t i, size_t from)
{
	search->next[i] =
	    ms_slice_find_nocase(search->text, from, marks[i].text);
}

bool
link_text_next(struct link_search *search, struct link_span *out)
{
	if (!search->started)
		for (size_t i = 0; i < LINK_MARKS; i++)
			advance(search, i, search->at);
	search->started = true;
	for (;;) {
		size_t best = 0;

		for (size_t i = 0; i < LINK_MARKS; i++) {
			if (search->next[i] < search->at)
				advance(search, i, search->at);
			if (search->next[i] < search->next[best])
				best = i;
		}
		if (search->next[best] >= search->text.n)
			return false;
		if (at_mark(search->text, search->at, &marks[best],
			search->next[best], out)) {
			search->at = out->to;
			return true;
		}
		advance(search, best, search->next[best] + 1);
	}
}

void
ms_links_from_text(const struct ms_parse *parse, struct ms_slice text,
    unsigned part, struct ms_links *links)
{
	struct link_search search = { .text = ms_utf8_head(
					  text, parse->limits->text_size) };
	struct link_span span;

	links->truncated |= search.text.n < text.n;
	while (link_text_next(&search, &span)) {
		struct link_find find = {
			.raw = ms_slice_part(text, span.from, span.to),
			.where = MS_LINK_TEXT,
			.part = part,
			.offset = span.from,
		};

		find.url = find.raw;
		if (span.prefix)
			find.url = ms_slice_from(
			    ms_arena_printf(parse->arena, "%s%.*s", span.prefix,
				(int)find.raw.n, (const char *)find.raw.p));
		link_add(parse, links, &find);
	}
}
