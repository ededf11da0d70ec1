/* SPDX-License-Identifier: ISC
 * html_links.c - which attributes of which tags are links, and what they do
 */
#include "message/html_priv.h"

#include <stdlib.h>

#include "mailsonde/scan.h"
#include "message/link_priv.h"

#define FOUND_MAX  50000 /* before those seen twice are joined */
#define ANCHOR_MAX 4096  /* bytes of an anchor's text */

void
html_links_init(struct html_links *links, const struct ms_parse *parse,
    struct ms_arena *scratch, struct ms_slice html)
{
	memset(links, 0, sizeof(*links));
	links->parse = parse;
	links->arena = scratch;
	links->html = html;
}

static size_t
add(struct html_links *links, struct ms_slice raw, struct ms_slice url,
    enum ms_link_where where, bool fetched)
{
	struct html_found *found;

	url = url_clean(links->arena, url);
	if (url.n == 0 || url.p[0] == '#')
		return HTML_NO_ANCHOR;
	if (links->n == FOUND_MAX) {
		links->truncated = true;
		return HTML_NO_ANCHOR;
	}
	if (links->n == links->cap) {
		size_t cap = links->cap ? links->cap * 2 : 32;

		links->found = ms_arena_grow(links->arena, links->found,
		    links->cap * sizeof(*links->found),
		    cap * sizeof(*links->found));
		links->cap = cap;
	}
	found = &links->found[links->n];
	memset(found, 0, sizeof(*found));
	found->raw = raw;
	found->url = url;
	found->sequence = links->n;
	found->where = where;
	found->fetched = fetched;
	found->breaks = links->breaks;
	return links->n++;
}

static struct ms_slice
value(struct html_links *links, struct html_attr *attr)
{
	if (!attr->decoded.p)
		attr->decoded = html_decode(links->arena, attr->raw, true);
	return attr->decoded;
}

static struct html_attr *
get(struct html_token *token, enum html_attr_id id)
{
	for (size_t i = 0; i < token->n; i++)
		if (token->attr[i].id == id)
			return &token->attr[i];
	return NULL;
}

static bool
attr_is(struct html_links *links, struct html_token *token,
    enum html_attr_id id, const char *text)
{
	struct html_attr *attr = get(token, id);

	return attr && ms_slice_is(ms_slice_trim(value(links, attr)), text);
}

/* ---- style sheets --------------------------------------------------------
 */

/* url(…) and @import "…" (CSS Syntax 4.3.6); escapes are left as they are. */
static bool
css_argument(struct ms_scan *scan, bool import, struct ms_slice *out)
{
	int quote;

	ms_scan_while(scan, MS_C_SPACE, SIZE_MAX);
	quote = ms_scan_peek(scan);
	if (quote == '"' || quote == '\'') {
		ms_scan_skip(scan, 1);
		*out = ms_scan_to(scan, (unsigned char)quote);
		return out->n < 65536;
	}
	if (import)
		return false;
	*out = ms_slice_trim(ms_scan_to(scan, ')'));
	return out->n < 65536;
}

void
html_collect_css(
    struct html_links *links, struct ms_slice css, struct ms_slice raw)
{
	struct ms_scan scan = ms_scan_init(css);

	while (!ms_scan_at_end(&scan)) {
		struct ms_slice rest = ms_scan_rest(&scan), url;
		size_t n = 0;

		while (n < rest.n && rest.p[n] != '(' && rest.p[n] != '@')
			n++;
		ms_scan_skip(&scan, n);
		if (ms_scan_at_end(&scan))
			break;
		if (rest.p[n] == '@') {
			ms_scan_skip(&scan, 1);
			if (ms_scan_try_word(&scan, "import") &&
			    css_argument(&scan, true, &url))
				add(links, raw.p ? raw : url, url,
				    MS_LINK_STYLE, true);
			continue;
		}
		ms_scan_skip(&scan, 1);
		if (n >= 3 &&
		    ms_slice_is(ms_slice_part(rest, n - 3, n), "url") &&
		    css_argument(&scan, false, &url))
			add(links, raw.p ? raw : url, url, MS_LINK_STYLE, true);
	}
}

/* ---- images --------------------------------------------------------------
 */

/* "1", "0px", " 2 " */
static bool
tiny(struct ms_slice s)
{
	struct ms_scan scan;

	scan = ms_scan_init(ms_slice_trim(s));
	if (!ms_is((unsigned char)(ms_scan_peek(&scan) & 0xFF), MS_C_DIGIT))
		return false;
	if (ms_scan_number(&scan, 5, 99999) > 2 || scan.bad)
		return false;
	return ms_scan_peek(&scan) != '%' && ms_scan_peek(&scan) != '.' &&
	       !ms_scan_try_text(&scan, "em");
}

/* One declaration of a style attribute. */
static void
declaration(struct ms_slice d, bool *hidden, bool *width, bool *height)
{
	size_t colon = ms_slice_find(d, 0, ':');
	struct ms_slice name = ms_slice_trim(ms_slice_part(d, 0, colon));
	struct ms_slice set = ms_slice_trim(ms_slice_part(d, colon + 1, d.n));

	if (ms_slice_is(name, "display"))
		*hidden |= ms_slice_starts(set, "none");
	else if (ms_slice_is(name, "visibility"))
		*hidden |= ms_slice_starts(set, "hidden");
	else if (ms_slice_is(name, "width") || ms_slice_is(name, "max-width"))
		*width |= tiny(set);
	else if (ms_slice_is(name, "height") || ms_slice_is(name, "max-height"))
		*height |= tiny(set);
}

/* An image nobody is meant to see. */
static bool
is_pixel(struct html_links *links, struct html_token *token)
{
	struct html_attr *width = get(token, HTML_ATTR_WIDTH);
	struct html_attr *height = get(token, HTML_ATTR_HEIGHT);
	struct html_attr *style = get(token, HTML_ATTR_STYLE);
	bool hidden = false;
	bool w = width && tiny(value(links, width));
	bool h = height && tiny(value(links, height));

	if (style) {
		struct ms_slice css = value(links, style);

		for (size_t at = 0; at < css.n;) {
			size_t to = ms_slice_find(css, at, ';');

			declaration(
			    ms_slice_part(css, at, to), &hidden, &w, &h);
			at = to + 1;
		}
	}
	return hidden || (w && h);
}

/* "a.png 1x, b.png 2x" (HTML 4.8.4.3.10) */
static void
collect_srcset(
    struct html_links *links, struct html_attr *attr, enum ms_link_where where)
{
	struct ms_scan scan = ms_scan_init(value(links, attr));

	while (!ms_scan_at_end(&scan)) {
		struct ms_slice url;
		bool comma = false;

		while (ms_scan_space(&scan) || ms_scan_try_byte(&scan, ','))
			;
		url = ms_scan_until(&scan, MS_C_SPACE, SIZE_MAX);
		while (url.n > 0 && url.p[url.n - 1] == ',') {
			url.n--;
			comma = true;
		}
		add(links, attr->raw, url, where, true);
		if (!comma)
			ms_scan_through(&scan, ',');
	}
}

/* ---- meta refresh --------------------------------------------------------
 */

/* "5; url='…'", "0,…" (HTML 4.2.5.3) */
static void
collect_refresh(struct html_links *links, struct html_attr *content)
{
	struct ms_scan scan = ms_scan_init(value(links, content));
	struct ms_slice url;
	int quote;

	ms_scan_space(&scan);
	while (ms_scan_peek(&scan) == '.' ||
	       ms_is((unsigned char)(ms_scan_peek(&scan) & 0xFF), MS_C_DIGIT))
		ms_scan_skip(&scan, 1);
	ms_scan_space(&scan);
	if (!ms_scan_try_byte(&scan, ';'))
		ms_scan_try_byte(&scan, ',');
	ms_scan_space(&scan);
	if (ms_scan_try_word(&scan, "url")) {
		ms_scan_space(&scan);
		ms_scan_try_byte(&scan, '=');
		ms_scan_space(&scan);
	}
	quote = ms_scan_peek(&scan);
	if (quote == '"' || quote == '\'') {
		ms_scan_skip(&scan, 1);
		url = ms_scan_to(&scan, (unsigned char)quote);
	} else {
		url = ms_scan_rest(&scan);
	}
	add(links, content->raw, url, MS_LINK_REFRESH, false);
}

/* ---- tags ----------------------------------------------------------------
 */

/* Attributes that hold one URL. */
static const struct row {
	enum html_tag tag;
	enum html_attr_id attr;
	enum ms_link_where where;
	bool fetched;
} rows[] = {
	{ HTML_A, HTML_ATTR_HREF, MS_LINK_ANCHOR, false },
	{ HTML_A, HTML_ATTR_PING, MS_LINK_OTHER, false },
	{ HTML_AREA, HTML_ATTR_HREF, MS_LINK_ANCHOR, false },
	{ HTML_AREA, HTML_ATTR_PING, MS_LINK_OTHER, false },
	{ HTML_AUDIO, HTML_ATTR_SRC, MS_LINK_OTHER, true },
	{ HTML_BASE, HTML_ATTR_HREF, MS_LINK_BASE, false },
	{ HTML_BODY, HTML_ATTR_BACKGROUND, MS_LINK_IMAGE, true },
	{ HTML_BUTTON, HTML_ATTR_FORMACTION, MS_LINK_FORM, false },
	{ HTML_CITED, HTML_ATTR_CITE, MS_LINK_OTHER, false },
	{ HTML_EMBED, HTML_ATTR_SRC, MS_LINK_FRAME, true },
	{ HTML_FORM, HTML_ATTR_ACTION, MS_LINK_FORM, false },
	{ HTML_FRAME, HTML_ATTR_SRC, MS_LINK_FRAME, true },
	{ HTML_IFRAME, HTML_ATTR_SRC, MS_LINK_FRAME, true },
	{ HTML_IMG, HTML_ATTR_SRC, MS_LINK_IMAGE, true },
	{ HTML_IMG, HTML_ATTR_LOWSRC, MS_LINK_IMAGE, true },
	{ HTML_IMG, HTML_ATTR_DYNSRC, MS_LINK_IMAGE, true },
	{ HTML_IMG, HTML_ATTR_LONGDESC, MS_LINK_OTHER, false },
	{ HTML_INPUT, HTML_ATTR_FORMACTION, MS_LINK_FORM, false },
	{ HTML_LINK, HTML_ATTR_HREF, MS_LINK_STYLE, true },
	{ HTML_OBJECT, HTML_ATTR_DATA, MS_LINK_FRAME, true },
	{ HTML_OBJECT, HTML_ATTR_CODEBASE, MS_LINK_FRAME, true },
	{ HTML_QUOTED, HTML_ATTR_CITE, MS_LINK_OTHER, false },
	{ HTML_SCRIPT, HTML_ATTR_SRC, MS_LINK_SCRIPT, true },
	{ HTML_SOURCE, HTML_ATTR_SRC, MS_LINK_OTHER, true },
	{ HTML_TABLE, HTML_ATTR_BACKGROUND, MS_LINK_IMAGE, true },
	{ HTML_TBODY, HTML_ATTR_BACKGROUND, MS_LINK_IMAGE, true },
	{ HTML_TD, HTML_ATTR_BACKGROUND, MS_LINK_IMAGE, true },
	{ HTML_TR, HTML_ATTR_BACKGROUND, MS_LINK_IMAGE, true },
	{ HTML_VIDEO, HTML_ATTR_POSTER, MS_LINK_IMAGE, true },
	{ HTML_VIDEO, HTML_ATTR_SRC, MS_LINK_OTHER, true },
};

static const struct row *
row_of(enum html_tag tag, enum html_attr_id attr)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].tag == tag && rows[i].attr == attr)
			return &rows[i];
	return NULL;
}

static bool
is_image(struct html_links *links, struct html_token *token)
{
	return token->tag == HTML_IMG ||
	       (token->tag == HTML_INPUT &&
		   attr_is(links, token, HTML_ATTR_TYPE, "image"));
}

static size_t
collect_attr(
    struct html_links *links, struct html_token *token, struct html_attr *attr)
{
	const struct row *row;
	bool image =
	    (attr->id == HTML_ATTR_SRC || attr->id == HTML_ATTR_SRCSET) &&
	    is_image(links, token);
	enum ms_link_where where =
	    image && is_pixel(links, token) ? MS_LINK_PIXEL : MS_LINK_IMAGE;
	size_t index;

	if (attr->id == HTML_ATTR_SRCSET &&
	    (image || token->tag == HTML_SOURCE)) {
		collect_srcset(links, attr, where);
	} else if (image) {
		add(links, attr->raw, value(links, attr), where, true);
	} else if ((row = row_of(token->tag, attr->id))) {
		index = add(links, attr->raw, value(links, attr), row->where,
		    row->fetched);
		if (row->where == MS_LINK_ANCHOR && token->tag == HTML_A)
			return index;
	} else if (attr->id == HTML_ATTR_CONTENT && token->tag == HTML_META &&
		   attr_is(links, token, HTML_ATTR_HTTP_EQUIV, "refresh")) {
		collect_refresh(links, attr);
	}
	return HTML_NO_ANCHOR;
}

size_t
html_collect(struct html_links *links, struct html_token *token)
{
	size_t anchor = HTML_NO_ANCHOR;

	for (size_t i = 0; i < token->n; i++) {
		struct html_attr *attr = &token->attr[i];
		size_t index;

		if (attr->raw.n == 0)
			continue;
		if (attr->id == HTML_ATTR_STYLE) {
			if (token->tag != HTML_HTML &&
			    (memchr(attr->raw.p, '(', attr->raw.n) ||
				memchr(attr->raw.p, '&', attr->raw.n) ||
				memchr(attr->raw.p, '@', attr->raw.n)))
				html_collect_css(
				    links, value(links, attr), attr->raw);
			continue;
		}
		if (token->tag <= HTML_BLOCK || attr->id == HTML_ATTR_WIDTH ||
		    attr->id == HTML_ATTR_HEIGHT)
			continue;
		index = collect_attr(links, token, attr);
		if (index != HTML_NO_ANCHOR)
			anchor = index;
	}
	return anchor;
}

void
html_collect_text(struct html_links *links, size_t anchor, struct ms_slice text)
{
	struct html_found *found;
	struct html_piece *piece;

	if (anchor == HTML_NO_ANCHOR)
		return;
	found = &links->found[anchor];
	if (found->size >= ANCHOR_MAX)
		return;
	piece = MS_NEW(links->arena, struct html_piece);
	piece->text = ms_slice_part(text, 0, ANCHOR_MAX - found->size);
	piece->space = found->breaks != links->breaks;
	found->breaks = links->breaks;
	found->size += piece->text.n;
	if (found->last)
		found->last->next = piece;
	else
		found->first = piece;
	found->last = piece;
}

/* ---- the end -------------------------------------------------------------
 */

/* White space (and NBSP) in runs becomes one space. */
static void
squeeze(struct ms_buf *out, struct ms_slice text, bool *space)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = text.p[i];
		bool nbsp =
		    c == 0xC2 && i + 1 < text.n && text.p[i + 1] == 0xA0;

		if (nbsp || ms_is(c, MS_C_SPACE) || c == '\f') {
			*space = true;
			i += nbsp;
			continue;
		}
		if (*space && out->n > 0)
			ms_buf_byte(out, ' ');
		*space = false;
		ms_buf_byte(out, c);
	}
}

static struct ms_slice
anchor_text(struct html_links *links, const struct html_found *found)
{
	struct ms_buf out;
	bool space = false;

	if (!found->first)
		return ms_slice_make(NULL, 0);
	ms_buf_init(&out, links->parse->arena);
	for (struct html_piece *p = found->first; p; p = p->next) {
		space |= p->space;
		squeeze(
		    &out, html_decode(links->arena, p->text, false), &space);
	}
	return out.n ? ms_buf_get(&out) : ms_slice_make(NULL, 0);
}

/* What was decoded into scratch memory must outlive it. */
static struct ms_slice
keep(const struct html_links *links, struct ms_slice s)
{
	if (links->arena == links->parse->arena ||
	    (s.p >= links->html.p && s.p < links->html.p + links->html.n))
		return s;
	return ms_arena_copy(links->parse->arena, s);
}

static int
by_place(const void *a, const void *b)
{
	const struct html_found *x = a, *y = b;

	if (x->raw.p != y->raw.p)
		return x->raw.p < y->raw.p ? -1 : 1;
	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* The first that is absolute counts, HTML 4.2.3. */
static struct ms_slice
base_of(const struct html_links *links)
{
	for (size_t i = 0; i < links->n; i++)
		if (links->found[i].where == MS_LINK_BASE &&
		    url_scheme(links->found[i].url) > 0)
			return links->found[i].url;
	return ms_slice_make(NULL, 0);
}

void
html_links_finish(
    struct html_links *found, unsigned part, struct ms_links *links)
{
	struct ms_slice base;

	if (found->n > 1)
		qsort(found->found, found->n, sizeof(*found->found), by_place);
	base = base_of(found);
	for (size_t i = 0; i < found->n; i++) {
		struct html_found *f = &found->found[i];
		struct link_find find = {
			.url = keep(found, f->url),
			.raw = f->raw,
			.text = anchor_text(found, f),
			.base = base,
			.where = f->where,
			.part = part,
			.offset = (size_t)(f->raw.p - found->html.p),
			.fetched = f->fetched,
		};

		link_add(found->parse, links, &find);
	}
	links->truncated |= found->truncated;
	links->html_reduced |= found->reduced;
}
