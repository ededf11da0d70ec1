/* SPDX-License-Identifier: ISC
 * html.c - links from HTML: the fast path, and gumbo behind a linear guard
 *
 * gumbo takes time quadratic in the depth of the tree and in the attributes
 * of a tag. The guard blanks, in place so that offsets stay, what goes
 * beyond the limits. The tree decides which tags count and whose the text is.
 */
#include <gumbo.h>

#include "message/html_priv.h"

#include <stdlib.h>

#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"
#include "message/link_priv.h"

/* ---- the guard -----------------------------------------------------------
 */

struct guard {
	struct html_links *links;
	unsigned char *copy; /* NULL until something had to go */
	struct ms_slice *open;
	size_t n, limit;
};

static void
blank(struct guard *guard, struct ms_slice what, int with)
{
	struct html_links *links = guard->links;

	if (what.n == 0)
		return;
	if (!guard->copy) {
		guard->copy = ms_arena_bytes(links->arena, links->html.n);
		memcpy(guard->copy, links->html.p, links->html.n);
	}
	memset(guard->copy + (what.p - links->html.p), with, what.n);
	links->reduced = true;
}

static void
guard_start(struct guard *guard, struct html_token *token)
{
	blank(guard, token->rest, ' ');
	if (html_is_void(token->tag) || html_is_raw(token->tag))
		return;
	if (guard->n < guard->limit) {
		guard->open[guard->n++] = token->name;
	} else if (token->tag != HTML_A) {
		/* Its links, if any, are taken here. */
		html_collect(guard->links, token);
		/* NUL is passed over; a space would be text (13.2.6.4.7). */
		blank(guard, token->all, '\0');
	}
}

/* Only the element itself goes from the list, not what stands above it: the
 * depth is never thought less than it is. */
static void
guard_end(struct guard *guard, const struct html_token *token)
{
	for (size_t i = guard->n; i-- > 0;) {
		if (!ms_slice_equal_nocase(guard->open[i], token->name))
			continue;
		memmove(guard->open + i, guard->open + i + 1,
		    (guard->n - i - 1) * sizeof(*guard->open));
		guard->n--;
		return;
	}
}

static struct ms_slice
guarded(struct html_links *links)
{
	struct guard guard = { .links = links,
		.limit = links->parse->limits->html_depth };
	struct html_token token;
	struct html_scan scan;
	size_t end = 0;

	guard.open = MS_NEW_ARRAY(links->arena, struct ms_slice, guard.limit);
	html_scan_init(
	    &scan, links->html, links->parse->limits->html_attributes);
	while (html_next(&scan, &token)) {
		end = (size_t)(scan.p - links->html.p);
		if (token.type == HTML_START)
			guard_start(&guard, &token);
		else if (token.type == HTML_END)
			guard_end(&guard, &token);
	}
	/* A tag that the input ends in is none, however long. */
	return ms_slice_make(guard.copy ? guard.copy : links->html.p, end);
}

/* ---- the tree ------------------------------------------------------------
 */

/* Text that an anchor owns. */
struct range {
	const unsigned char *from, *to;
	size_t anchor;
};

struct tree {
	struct html_links *links;
	struct ms_slice in; /* what gumbo reads: html or its guarded copy */
	struct range *ranges;
	size_t n, cap;
	/* The start tag of every anchor, and its link. */
	struct {
		const char *tag;
		size_t index;
	} * anchors;
	size_t anchors_n, anchors_cap;
};

static void *
tree_alloc(void *arena, size_t n)
{
	return ms_arena_alloc(arena, n);
}

static void
tree_free(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

/* From gumbo's copy to ours. */
static const unsigned char *
place(const struct tree *tree, const char *p)
{
	const unsigned char *at = (const unsigned char *)p;

	if (!at || at < tree->in.p || at > tree->in.p + tree->in.n)
		return NULL;
	return tree->links->html.p + (at - tree->in.p);
}

/* Without quotes gumbo leaves out a character reference in front. */
static struct ms_slice
whole_value(const struct tree *tree, struct ms_slice value)
{
	const unsigned char *start = tree->links->html.p, *from = value.p, *p;

	while (from > start && !memchr("= \t\n\f\r/>", from[-1], 8))
		from--;
	for (p = from; p > start && ms_is(p[-1], MS_C_SPACE); p--)
		;
	if (p == start || p[-1] != '=')
		return value;
	return ms_slice_make(from, value.n + (size_t)(value.p - from));
}

static struct ms_slice
unquote(const struct tree *tree, GumboStringPiece value)
{
	const unsigned char *p = place(tree, value.data);
	struct ms_slice out = ms_slice_make(p, p ? value.length : 0);

	if (out.n >= 2 && (*p == '"' || *p == '\''))
		return ms_slice_make(p + 1, out.n - 2);
	return p ? whole_value(tree, out) : out;
}

static void
fill_token(const struct tree *tree, const GumboElement *element,
    struct html_token *token)
{
	token->n = 0;
	for (unsigned i = 0; i < element->attributes.length; i++) {
		const GumboAttribute *attr = element->attributes.data[i];
		enum html_attr_id id = html_attr_of(ms_slice_from(attr->name));
		struct ms_slice raw = unquote(tree, attr->original_value);

		/* Without a value, the original is the name. */
		if (id == HTML_ATTR_OTHER || !raw.p || !*attr->value ||
		    token->n == HTML_ATTR_COUNT)
			continue;
		token->attr[token->n].id = id;
		token->attr[token->n].raw = raw;
		/* gumbo's own is without control characters. */
		token->attr[token->n].decoded = ms_slice_make(NULL, 0);
		token->n++;
	}
}

static enum html_tag
tag_of(const GumboElement *element)
{
	GumboStringPiece name = element->original_tag;

	if (element->tag != GUMBO_TAG_UNKNOWN)
		return html_tag_of(
		    ms_slice_from(gumbo_normalized_tagname(element->tag)));
	gumbo_tag_from_original_text(&name);
	return html_tag_of(ms_slice_make(name.data, name.length));
}

static void
remember(struct tree *tree, const char *tag, size_t index)
{
	if (tree->anchors_n == tree->anchors_cap) {
		size_t cap = tree->anchors_cap ? tree->anchors_cap * 2 : 64;

		tree->anchors = ms_arena_grow(tree->links->arena, tree->anchors,
		    tree->anchors_cap * sizeof(*tree->anchors),
		    cap * sizeof(*tree->anchors));
		tree->anchors_cap = cap;
	}
	tree->anchors[tree->anchors_n].tag = tag;
	tree->anchors[tree->anchors_n++].index = index;
}

static void
visit_element(struct tree *tree, const GumboNode *node)
{
	const unsigned clone =
	    (unsigned)GUMBO_INSERTION_RECONSTRUCTED_FORMATTING_ELEMENT |
	    (unsigned)GUMBO_INSERTION_ADOPTION_AGENCY_CLONED;
	const GumboElement *element = &node->v.element;
	struct html_token token;
	size_t index;

	if (((unsigned)node->parse_flags & clone) != 0)
		return;
	token.tag = tag_of(element);
	fill_token(tree, element, &token);
	index = html_collect(tree->links, &token);
	if (token.tag == HTML_A)
		remember(tree, element->original_tag.data, index);
	if (token.tag == HTML_STYLE && element->children.length > 0) {
		const GumboNode *child = element->children.data[0];
		GumboStringPiece css = { NULL, 0 };

		if (child->type == GUMBO_NODE_TEXT)
			css = child->v.text.original_text;
		if (place(tree, css.data))
			html_collect_css(tree->links,
			    ms_slice_make(place(tree, css.data), css.length),
			    ms_slice_make(NULL, 0));
	}
}

/* The next node in document order, without recursion. */
static const GumboNode *
following(const GumboNode *node, const GumboNode *root)
{
	const GumboVector *children = NULL;

	if (node->type == GUMBO_NODE_DOCUMENT)
		children = &node->v.document.children;
	else if (node->type == GUMBO_NODE_ELEMENT ||
		 node->type == GUMBO_NODE_TEMPLATE)
		children = &node->v.element.children;
	if (children && children->length > 0)
		return children->data[0];
	while (node != root) {
		const GumboNode *parent = node->parent;

		if (!parent)
			return NULL;
		children = parent->type == GUMBO_NODE_DOCUMENT
			       ? &parent->v.document.children
			       : &parent->v.element.children;
		if (node->index_within_parent + 1 < children->length)
			return children->data[node->index_within_parent + 1];
		node = parent;
	}
	return NULL;
}

static int
by_tag(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return *x < *y ? -1 : *x > *y;
}

static size_t
anchor_of(const struct tree *tree, const GumboNode *node)
{
	size_t low = 0, high = tree->anchors_n;
	const char *tag;

	while (node && !(node->type == GUMBO_NODE_ELEMENT &&
			   node->v.element.tag == GUMBO_TAG_A))
		node = node->parent;
	if (!node)
		return HTML_NO_ANCHOR;
	tag = node->v.element.original_tag.data;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (tree->anchors[mid].tag == tag)
			return tree->anchors[mid].index;
		if (tree->anchors[mid].tag < tag)
			low = mid + 1;
		else
			high = mid;
	}
	return HTML_NO_ANCHOR;
}

/* The text of these is not shown; in SVG and MathML they are as others. */
static bool
is_hidden(const GumboNode *parent)
{
	GumboTag tag = parent->v.element.tag;

	return parent->type == GUMBO_NODE_ELEMENT &&
	       parent->v.element.tag_namespace == GUMBO_NAMESPACE_HTML &&
	       (tag == GUMBO_TAG_STYLE || tag == GUMBO_TAG_SCRIPT ||
		   tag == GUMBO_TAG_IFRAME);
}

static void
visit_text(struct tree *tree, const GumboNode *node)
{
	GumboStringPiece text = node->v.text.original_text;
	const unsigned char *p = place(tree, text.data);
	size_t anchor = p ? anchor_of(tree, node->parent) : HTML_NO_ANCHOR;

	if (anchor == HTML_NO_ANCHOR || is_hidden(node->parent))
		return;
	if (tree->n == tree->cap) {
		size_t cap = tree->cap ? tree->cap * 2 : 64;

		tree->ranges = ms_arena_grow(tree->links->arena, tree->ranges,
		    tree->cap * sizeof(*tree->ranges),
		    cap * sizeof(*tree->ranges));
		tree->cap = cap;
	}
	tree->ranges[tree->n].from = p;
	tree->ranges[tree->n].to = p + text.length;
	tree->ranges[tree->n++].anchor = anchor;
}

static int
by_range(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* The text of the tokens goes to whom the tree gave it. */
static void
share_text(struct tree *tree)
{
	struct html_token token;
	struct html_scan scan;
	size_t at = 0;

	if (tree->n > 1)
		qsort(tree->ranges, tree->n, sizeof(*tree->ranges), by_range);
	for (size_t i = 0; i < tree->links->n; i++)
		tree->links->found[i].breaks = 0;
	tree->links->breaks = 0;
	html_scan_init(&scan, tree->links->html, SIZE_MAX);
	while (at < tree->n && html_next(&scan, &token)) {
		const unsigned char *p = token.all.p;

		if (token.type == HTML_START || token.type == HTML_END)
			tree->links->breaks += html_breaks(token.tag);
		while (at < tree->n && tree->ranges[at].to <= p)
			at++;
		/* In SVG and MathML these are no raw text. */
		while (token.type == HTML_RAWTEXT && at < tree->n &&
		       tree->ranges[at].to <= p + token.all.n) {
			html_collect_text(tree->links, tree->ranges[at].anchor,
			    ms_slice_make(tree->ranges[at].from,
				(size_t)(tree->ranges[at].to -
					 tree->ranges[at].from)));
			at++;
		}
		if (token.type == HTML_TEXT && at < tree->n &&
		    tree->ranges[at].from < p + token.all.n)
			html_collect_text(
			    tree->links, tree->ranges[at].anchor, token.all);
	}
}

void
html_tree(struct html_links *links)
{
	struct tree tree = { .links = links, .in = guarded(links) };
	GumboOptions options = kGumboDefaultOptions;
	const GumboNode *root, *node;

	options.allocator = tree_alloc;
	options.deallocator = tree_free; /* all goes with the arena */
	options.userdata = links->arena;
	options.max_errors = 0;
	root = gumbo_parse_with_options(
	    &options, (const char *)tree.in.p, tree.in.n)
		   ->document;
	for (node = root; node; node = following(node, root))
		if (node->type == GUMBO_NODE_ELEMENT ||
		    node->type == GUMBO_NODE_TEMPLATE)
			visit_element(&tree, node);
	if (tree.anchors_n == 0)
		return;
	qsort(tree.anchors, tree.anchors_n, sizeof(*tree.anchors), by_tag);
	for (node = root; node; node = following(node, root))
		if (node->type == GUMBO_NODE_TEXT ||
		    node->type == GUMBO_NODE_WHITESPACE ||
		    node->type == GUMBO_NODE_CDATA)
			visit_text(&tree, node);
	share_text(&tree);
}

void
ms_links_from_html(const struct ms_parse *parse, struct ms_slice html,
    unsigned part, struct ms_links *links)
{
	struct ms_slice in = ms_utf8_head(html, parse->limits->html_size);
	struct ms_arena *scratch = NULL;
	struct html_links found;

	links->truncated |= in.n < html.n;
	if (in.n == 0 || !memchr(in.p, '<', in.n))
		return;
	html_links_init(&found, parse, parse->arena, in);
	if (!html_fast(&found)) {
		scratch = ms_arena_new(NULL);
		html_links_init(&found, parse, scratch, in);
		html_tree(&found);
	}
	html_links_finish(&found, part, links);
	if (scratch)
		ms_arena_free(scratch);
}
