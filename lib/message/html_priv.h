/* SPDX-License-Identifier: ISC
 * html_priv.h - tokens of HTML, and what both readers make of them
 */
#ifndef MESSAGE_HTML_PRIV_H
#define MESSAGE_HTML_PRIV_H

#include <stdint.h>

#include "mailsonde/buf.h"
#include "mailsonde/link.h"

/* Tags that matter to links or to the reading of what follows. */
enum html_tag {
	HTML_OTHER, /* nothing to know; inline */
	HTML_BLOCK, /* any other that breaks the line */
	HTML_A,
	HTML_AREA,
	HTML_AUDIO,
	HTML_BASE,
	HTML_BODY,
	HTML_BUTTON,
	HTML_CAPTION,
	HTML_CITED, /* blockquote: cite */
	HTML_COL,
	HTML_COLGROUP,
	HTML_EMBED,
	HTML_FORM,
	HTML_FORMAT, /* formatting elements but <a>, 13.2.4.3 */
	HTML_FRAME,
	HTML_HTML,
	HTML_IFRAME,
	HTML_IMG,
	HTML_INPUT,
	HTML_LINK,
	HTML_MARKED, /* applet, marquee: a scope of its own, as object */
	HTML_META,
	HTML_NOEMBED,
	HTML_NOFRAMES,
	HTML_OBJECT,
	HTML_OPTION, /* and optgroup */
	HTML_PLAINTEXT,
	HTML_QUOTED, /* q, ins, del: cite; inline */
	HTML_SCRIPT,
	HTML_SELECT,
	HTML_SOURCE, /* and track */
	HTML_STYLE,
	HTML_TABLE,
	HTML_TBODY, /* and tfoot and thead */
	HTML_TD,    /* and th */
	HTML_TR,
	HTML_TEXTAREA,
	HTML_TITLE,
	HTML_TREE, /* others that change what is a tag or a scope */
	HTML_VIDEO,
	HTML_VOID, /* others without content, that break the line */
	HTML_WBR,
	HTML_XMP,
};
enum html_tag html_tag_of(struct ms_slice name);

enum html_attr_id {
	HTML_ATTR_OTHER,
	HTML_ATTR_ACTION,
	HTML_ATTR_BACKGROUND,
	HTML_ATTR_CITE,
	HTML_ATTR_CODEBASE,
	HTML_ATTR_CONTENT,
	HTML_ATTR_DATA,
	HTML_ATTR_DYNSRC,
	HTML_ATTR_FORMACTION,
	HTML_ATTR_HEIGHT,
	HTML_ATTR_HREF,
	HTML_ATTR_HTTP_EQUIV,
	HTML_ATTR_LONGDESC,
	HTML_ATTR_LOWSRC,
	HTML_ATTR_PING,
	HTML_ATTR_POSTER,
	HTML_ATTR_SRC,
	HTML_ATTR_SRCSET,
	HTML_ATTR_STYLE,
	HTML_ATTR_TYPE,
	HTML_ATTR_WIDTH,
	HTML_ATTR_COUNT,
};
enum html_attr_id html_attr_of(struct ms_slice name);

struct html_attr {
	enum html_attr_id id;
	struct ms_slice raw;     /* as it stands, without quotes */
	struct ms_slice decoded; /* NULL: not yet */
};

enum html_type {
	HTML_TEXT,    /* character references not decoded */
	HTML_RAWTEXT, /* of script, style, iframe …: no references in it */
	HTML_START,
	HTML_END,
	HTML_COMMENT, /* comments, bogus ones, doctypes */
};

struct html_token {
	enum html_type type;
	enum html_tag tag; /* of RAWTEXT: the element it is in */
	struct ms_slice name;
	struct ms_slice all;  /* every byte of it */
	size_t attributes;    /* how many there are */
	struct ms_slice rest; /* of the tag, behind `keep` attributes */
	size_t n;             /* of the ones known here, each once */
	struct html_attr attr[HTML_ATTR_COUNT];
};

/* WHATWG 13.2.5, every state of it but for CDATA sections, which exist in
 * foreign content only. */
struct html_scan {
	const unsigned char *p, *end;
	size_t keep;       /* attributes before `rest` */
	enum html_tag raw; /* the element whose text comes next, else OTHER */
	struct ms_slice raw_name;
};
void html_scan_init(struct html_scan *scan, struct ms_slice html, size_t keep);
bool html_next(struct html_scan *scan, struct html_token *token);

/* Character references decoded (13.2.5.72-80); NUL as U+FFFD in attributes,
 * dropped in text. The slice itself when there is nothing to decode. */
struct ms_slice html_decode(
    struct ms_arena *arena, struct ms_slice s, bool attribute);

struct html_piece {
	struct html_piece *next;
	struct ms_slice text;
	bool space; /* a line break or a block stood before it */
};

/* A URL found, before it is resolved and counted. */
struct html_found {
	struct ms_slice raw, url; /* raw tells the place */
	size_t sequence;
	enum ms_link_where where;
	bool fetched;
	size_t size, breaks; /* of the anchor's text */
	struct html_piece *first, *last;
};

struct html_links {
	const struct ms_parse *parse;
	struct ms_arena *arena; /* scratch */
	struct ms_slice html;
	struct html_found *found;
	size_t n, cap;
	bool truncated, reduced;
	size_t breaks; /* blocks and line breaks so far */
};
#define HTML_NO_ANCHOR ((size_t)-1)

/* The links of one start tag; the index of an anchor's own, or
 * HTML_NO_ANCHOR. */
size_t html_collect(struct html_links *links, struct html_token *token);
void html_collect_css(
    struct html_links *links, struct ms_slice css, struct ms_slice raw);
void html_collect_text(
    struct html_links *links, size_t anchor, struct ms_slice text);

bool html_breaks(enum html_tag tag);  /* does the tag part words? */
bool html_is_raw(enum html_tag tag);  /* is its content text, 13.2.6.2? */
bool html_is_void(enum html_tag tag); /* no content, no end tag */

void html_links_init(struct html_links *links, const struct ms_parse *parse,
    struct ms_arena *scratch, struct ms_slice html);
void html_links_finish(
    struct html_links *found, unsigned part, struct ms_links *links);

/* From the tokens alone; false when the document needs a tree, and what was
 * found so far is to be thrown away. */
bool html_fast(struct html_links *links);
/* Through gumbo, behind the guard. */
void html_tree(struct html_links *links);

#endif
