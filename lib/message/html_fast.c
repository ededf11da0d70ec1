/* SPDX-License-Identifier: ISC
 * html_fast.c - links from the tokens alone, where a tree would say the same
 *
 * Follows just as much of WHATWG 13.2.6 as decides which tags count and whose
 * text is an anchor's: open tables and their insertion modes, the one form,
 * open anchors. What would need more sends the document to the tree.
 */
#include "message/html_priv.h"

#define FRAMES  128
#define ANCHORS 32
#define OPEN    16
#define SPECIAL 7 /* the adoption agency goes round eight times */

/* Insertion modes of a table, 13.2.6.4.9 to 15; and within an <object> or its
 * like, which sets a marker as a cell does. */
enum mode {
	IN_TABLE,
	IN_BODY,
	IN_ROW,
	IN_CELL,
	IN_CAPTION,
	IN_COLUMNS,
	IN_OBJECT,
};

struct frame {
	enum mode mode;
	struct ms_slice name; /* of the cell, section or object */
};

/* An open <a>, and what was opened in it. */
struct anchor {
	size_t level; /* frames open */
	size_t index;
	size_t n, special;
	struct {
		struct ms_slice name;
		bool special;
	} open[OPEN];
};

struct fast {
	struct html_links *links;
	struct frame frame[FRAMES];
	struct anchor anchor[ANCHORS];
	size_t frames, anchors;
	bool form, select, body, slow;
};

static struct frame *
top(struct fast *fast)
{
	return fast->frames ? &fast->frame[fast->frames - 1] : NULL;
}

/* In a table but in no cell: content is moved out, 13.2.6.1. */
static bool
fostering(struct fast *fast)
{
	struct frame *frame = top(fast);

	return frame && frame->mode != IN_CELL && frame->mode != IN_CAPTION &&
	       frame->mode != IN_OBJECT;
}

/* The anchor that `</a>` would close: none behind a marker. */
static struct anchor *
current(struct fast *fast)
{
	struct anchor *anchor;

	if (fast->anchors == 0)
		return NULL;
	anchor = &fast->anchor[fast->anchors - 1];
	return anchor->level == fast->frames ? anchor : NULL;
}

static void
leave(struct fast *fast)
{
	while (current(fast))
		fast->anchors--;
}

static void
push(struct fast *fast, enum mode mode, struct ms_slice name)
{
	if (fast->frames == FRAMES) {
		fast->slow = true;
		return;
	}
	fast->frame[fast->frames].mode = mode;
	fast->frame[fast->frames].name = name;
	fast->frames++;
}

static void
set_mode(struct fast *fast, enum mode mode, struct ms_slice name)
{
	struct frame *frame = top(fast);

	if (frame->mode == IN_CELL || frame->mode == IN_CAPTION)
		leave(fast);
	frame->mode = mode;
	frame->name = name;
}

static void
table_close(struct fast *fast)
{
	if (fast->frames == 0)
		return;
	leave(fast);
	fast->frames--;
}

static void
table_open(struct fast *fast, struct ms_slice name)
{
	if (fostering(fast))
		table_close(fast); /* 13.2.6.4.9: acts as </table> first */
	push(fast, IN_TABLE, name);
}

/* Within an object, what belongs to the table around it breaks the order. */
static bool
in_object(struct fast *fast)
{
	struct frame *frame = top(fast);

	return frame && frame->mode == IN_OBJECT;
}

/* A start tag of the table's own; false when it is ignored. */
static bool
table_part(struct fast *fast, const struct html_token *token)
{
	if (fast->frames == 0)
		return false;
	if (in_object(fast)) {
		fast->slow = true;
		return false;
	}
	switch (token->tag) {
	case HTML_CAPTION:
		set_mode(fast, IN_CAPTION, token->name);
		break;
	case HTML_COL:
	case HTML_COLGROUP:
		set_mode(fast, IN_COLUMNS, token->name);
		break;
	case HTML_TBODY:
		set_mode(fast, IN_BODY, token->name);
		break;
	case HTML_TR:
		set_mode(fast, IN_ROW, token->name);
		break;
	default:
		set_mode(fast, IN_CELL, token->name);
		break;
	}
	return true;
}

static void
table_end(struct fast *fast, const struct html_token *token)
{
	struct frame *frame = top(fast);

	if (!frame)
		return;
	if (frame->mode == IN_OBJECT) {
		fast->slow = true;
		return;
	}
	switch (token->tag) {
	case HTML_TABLE:
		table_close(fast);
		break;
	case HTML_TD:
		if (frame->mode == IN_CELL &&
		    ms_slice_equal_nocase(frame->name, token->name))
			set_mode(fast, IN_ROW, token->name);
		break;
	case HTML_TR:
		if (frame->mode == IN_ROW || frame->mode == IN_CELL)
			set_mode(fast, IN_BODY, token->name);
		break;
	case HTML_CAPTION:
		if (frame->mode == IN_CAPTION)
			set_mode(fast, IN_TABLE, token->name);
		break;
	case HTML_COLGROUP:
		if (frame->mode == IN_COLUMNS)
			set_mode(fast, IN_TABLE, token->name);
		break;
	case HTML_TBODY:
		/* Which section is open is not followed. */
		if (fast->anchors > 0 && frame->mode == IN_CELL &&
		    current(fast))
			fast->slow = true;
		if (frame->mode == IN_BODY || frame->mode == IN_ROW)
			set_mode(fast, IN_TABLE, token->name);
		else if (frame->mode == IN_CELL)
			set_mode(fast, IN_TABLE, token->name);
		break;
	default:
		break;
	}
}

static void
object_open(struct fast *fast, struct ms_slice name)
{
	if (fostering(fast))
		fast->slow = true;
	else
		push(fast, IN_OBJECT, name);
}

/* Cells and tables bound the scope. Other objects do too, but not for gumbo:
 * two in a disorder are its affair. */
static void
object_close(struct fast *fast, struct ms_slice name)
{
	if (!in_object(fast))
		return;
	if (!ms_slice_equal_nocase(top(fast)->name, name))
		fast->slow = true;
	leave(fast);
	fast->frames--;
}

static bool
is_special(enum html_tag tag)
{
	return tag != HTML_OTHER && tag != HTML_FORMAT && tag != HTML_A &&
	       tag != HTML_QUOTED && !html_is_void(tag);
}

static void
opened(struct fast *fast, const struct html_token *token)
{
	struct anchor *anchor = current(fast);
	bool special = is_special(token->tag);

	if (!anchor || (!special && token->tag != HTML_FORMAT))
		return;
	if (anchor->n > 0 && special &&
	    ms_slice_equal_nocase(
		anchor->open[anchor->n - 1].name, token->name))
		return; /* <p>, <li> close their like; more is no harm */
	if (anchor->n == OPEN) {
		fast->slow = true;
		return;
	}
	anchor->open[anchor->n].name = token->name;
	anchor->open[anchor->n++].special = special;
	anchor->special += special;
	if (anchor->special >= SPECIAL)
		fast->slow = true;
}

static void
closed(struct fast *fast, const struct html_token *token)
{
	struct anchor *anchor = current(fast);

	if (!anchor)
		return;
	if (anchor->n > 0 &&
	    ms_slice_equal_nocase(
		anchor->open[anchor->n - 1].name, token->name)) {
		anchor->n--;
		anchor->special -= anchor->open[anchor->n].special;
	} else if (token->tag == HTML_FORMAT && anchor->special > 0) {
		fast->slow = true; /* 13.2.6.4.7, the inner loop */
	}
}

static void
anchor_start(struct fast *fast, size_t index)
{
	struct anchor *anchor;

	if (fostering(fast) || fast->anchors == ANCHORS) {
		fast->slow = true;
		return;
	}
	if (current(fast))
		fast->anchors--;
	anchor = &fast->anchor[fast->anchors++];
	anchor->level = fast->frames;
	anchor->index = index;
	anchor->n = 0;
	anchor->special = 0;
}

static void
anchor_end(struct fast *fast)
{
	if (fostering(fast))
		fast->slow |= fast->anchors > 0;
	else if (current(fast))
		fast->anchors--;
}

/* ---- <select>, 13.2.6.4.16 and 17 ---- */

static void
select_open(struct fast *fast, const struct html_token *token)
{
	fast->slow |= fostering(fast);
	fast->select = true;
	opened(fast, token);
}

static void
select_close(struct fast *fast)
{
	struct anchor *anchor = current(fast);

	fast->select = false;
	if (!anchor || anchor->n == 0 ||
	    !ms_slice_is(anchor->open[anchor->n - 1].name, "select"))
		return;
	anchor->n--;
	anchor->special--;
}

/* A tag of the table around: it ends the <select>. */
static bool
select_in_table(struct fast *fast)
{
	if (fast->frames == 0)
		return false;
	fast->slow |= in_object(fast);
	select_close(fast);
	return true;
}

/* Whether the tag counts for more than the list itself. */
static bool
select_start(struct fast *fast, struct html_token *token)
{
	switch (token->tag) {
	case HTML_OPTION:
	case HTML_SCRIPT:
		html_collect(fast->links, token);
		return false;
	case HTML_SELECT:
		select_close(fast);
		return false;
	case HTML_INPUT:
	case HTML_TEXTAREA:
		select_close(fast);
		return true;
	case HTML_TABLE:
	case HTML_CAPTION:
	case HTML_TBODY:
	case HTML_TR:
	case HTML_TD:
		return select_in_table(fast);
	case HTML_HTML:
	case HTML_IFRAME:
	case HTML_NOEMBED:
	case HTML_NOFRAMES:
	case HTML_PLAINTEXT:
	case HTML_STYLE:
	case HTML_TITLE:
	case HTML_TREE:
	case HTML_VOID: /* keygen ends it, the others do not */
	case HTML_XMP:
		/* What it would be raw text behind is read as tags here. */
		fast->slow = true;
		return false;
	default:
		return false;
	}
}

static bool
select_end(struct fast *fast, const struct html_token *token)
{
	switch (token->tag) {
	case HTML_SELECT:
		select_close(fast);
		return false;
	case HTML_TABLE:
		return select_in_table(fast);
	case HTML_CAPTION:
	case HTML_TBODY:
	case HTML_TR:
	case HTML_TD:
		fast->slow |= fast->frames > 0; /* is it in scope? */
		return false;
	default:
		return false;
	}
}

/* A second <body> lends the first the attributes that it has not. */
static void
body_start(struct fast *fast, struct html_token *token)
{
	size_t before = fast->links->n;

	html_collect(fast->links, token);
	fast->slow |= fast->body && fast->links->n > before;
	fast->body = true;
}

static void
start(struct fast *fast, struct html_token *token)
{
	size_t index;

	if (token->rest.n > 0) {
		fast->slow = true;
		return;
	}
	if (fast->select && !select_start(fast, token))
		return;
	switch (token->tag) {
	case HTML_TREE:
	case HTML_PLAINTEXT:
	case HTML_XMP:
	case HTML_NOEMBED:
	case HTML_NOFRAMES:
		fast->slow = true;
		return;
	case HTML_FRAME:
		return; /* outside of a frameset */
	case HTML_BODY:
		body_start(fast, token);
		return;
	case HTML_HTML:
		return; /* no attribute of it is a link */
	case HTML_FORM:
		if (fast->form)
			return; /* ignored, 13.2.6.4.7 */
		fast->form = true;
		break;
	case HTML_TABLE:
		table_open(fast, token->name);
		break;
	case HTML_MARKED:
	case HTML_OBJECT:
		object_open(fast, token->name);
		break;
	case HTML_SELECT:
		select_open(fast, token);
		break;
	case HTML_CAPTION:
	case HTML_COL:
	case HTML_COLGROUP:
	case HTML_TBODY:
	case HTML_TD:
	case HTML_TR:
		if (!table_part(fast, token))
			return;
		break;
	default:
		opened(fast, token);
		break;
	}
	index =
	    token->n > 0 ? html_collect(fast->links, token) : HTML_NO_ANCHOR;
	if (token->tag == HTML_A)
		anchor_start(fast, index);
}

static void
end(struct fast *fast, const struct html_token *token)
{
	if (fast->select && !select_end(fast, token))
		return;
	switch (token->tag) {
	case HTML_A:
		anchor_end(fast);
		break;
	case HTML_MARKED:
	case HTML_OBJECT:
		object_close(fast, token->name);
		break;
	case HTML_FORM:
		fast->form = false;
		closed(fast, token);
		break;
	case HTML_TABLE:
	case HTML_CAPTION:
	case HTML_COLGROUP:
	case HTML_TBODY:
	case HTML_TD:
	case HTML_TR:
		table_end(fast, token);
		break;
	default:
		closed(fast, token);
		break;
	}
}

bool
html_fast(struct html_links *links)
{
	struct html_token token;
	struct html_scan scan;
	struct fast fast;

	fast.links = links;
	fast.frames = fast.anchors = 0;
	fast.form = fast.select = fast.body = fast.slow = false;
	html_scan_init(
	    &scan, links->html, links->parse->limits->html_attributes);
	while (!fast.slow && html_next(&scan, &token)) {
		if (token.type == HTML_TEXT) {
			if (fast.anchors > 0)
				html_collect_text(links,
				    fast.anchor[fast.anchors - 1].index,
				    token.all);
		} else if (token.type == HTML_START) {
			links->breaks += html_breaks(token.tag);
			start(&fast, &token);
		} else if (token.type == HTML_END) {
			links->breaks += html_breaks(token.tag);
			end(&fast, &token);
		} else if (token.type == HTML_RAWTEXT &&
			   token.tag == HTML_STYLE) {
			html_collect_css(
			    links, token.all, ms_slice_make(NULL, 0));
		}
	}
	return !fast.slow;
}
