/* SPDX-License-Identifier: ISC
 * page_valid.h - whether a page is read as it was meant: no element, attribute
 * or address in it but our own
 */
#ifndef MAILSONDE_PAGE_VALID_H
#define MAILSONDE_PAGE_VALID_H

#include <gumbo.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mailsonde/slice.h"

/* Between blanks, as strstr finds them. */
#define PAGE_ELEMENTS                                                          \
	" html head meta title style body header h1 h2 h3 h4 main nav "        \
	"article section p ul li a strong b i dl dt dd table thead tbody "     \
	"tr th td pre wbr br "
#define PAGE_ATTRIBUTES " class id href scope data-label lang aria-labelledby "
#define PAGE_META       " charset http-equiv content name "

static inline bool
page_has(const char *list, const char *word)
{
	char spaced[64];

	snprintf(spaced, sizeof(spaced), " %s ", word);
	return strlen(word) < 40 && strstr(list, spaced);
}

/* An own element in HTML's namespace; links lead to places of the page. */
static inline bool
page_element_ok(const GumboElement *e)
{
	const char *name = gumbo_normalized_tagname(e->tag);
	bool meta = e->tag == GUMBO_TAG_META;

	if (e->tag_namespace != GUMBO_NAMESPACE_HTML ||
	    !page_has(PAGE_ELEMENTS, name))
		return false;
	for (unsigned i = 0; i < e->attributes.length; i++) {
		const GumboAttribute *a = e->attributes.data[i];

		if (a->attr_namespace != GUMBO_ATTR_NAMESPACE_NONE ||
		    !page_has(meta ? PAGE_META : PAGE_ATTRIBUTES, a->name))
			return false;
		if (strcmp(a->name, "href") == 0 &&
		    strncmp(a->value, "#s", 2) != 0)
			return false;
		if (strcmp(a->name, "class") == 0 && strchr(a->value, '<'))
			return false;
	}
	return true;
}

/* The next node of a tree; `down`: first into it. */
static inline const GumboNode *
page_next(const GumboNode *node, const GumboNode *root)
{
	if (node->type == GUMBO_NODE_ELEMENT &&
	    node->v.element.children.length > 0)
		return node->v.element.children.data[0];
	while (node != root) {
		const GumboVector *all = &node->parent->v.element.children;
		size_t next = node->index_within_parent + 1;

		if (next < all->length)
			return all->data[next];
		node = node->parent;
	}
	return NULL;
}

/* Each '&' begins a reference that is whole, and one of five. */
static inline bool
page_references_ok(struct ms_slice page)
{
	size_t at = ms_slice_find(page, 0, '&');

	for (; at < page.n; at = ms_slice_find(page, at + 1, '&')) {
		struct ms_slice rest = ms_slice_part(page, at, page.n);

		if (!ms_slice_starts(rest, "&amp;") &&
		    !ms_slice_starts(rest, "&lt;") &&
		    !ms_slice_starts(rest, "&gt;") &&
		    !ms_slice_starts(rest, "&quot;") &&
		    !ms_slice_starts(rest, "&#39;"))
			return false;
	}
	return true;
}

/* Counts elements of that name too, where `count` is not NULL. */
static inline bool
page_valid(struct ms_slice page, const char *name, size_t *count)
{
	GumboOutput *out = gumbo_parse_with_options(
	    &kGumboDefaultOptions, (const char *)page.p, page.n);
	const GumboNode *node = out->root;
	bool good = out->errors.length == 0 && page_references_ok(page);

	for (; node && good; node = page_next(node, out->root)) {
		if (node->type == GUMBO_NODE_ELEMENT) {
			const GumboElement *e = &node->v.element;

			good = page_element_ok(e);
			if (count &&
			    strcmp(gumbo_normalized_tagname(e->tag), name) == 0)
				++*count;
		} else {
			good = node->type == GUMBO_NODE_TEXT ||
			       node->type == GUMBO_NODE_WHITESPACE;
		}
	}
	gumbo_destroy_output(&kGumboDefaultOptions, out);
	return good;
}

#endif
