/* SPDX-License-Identifier: ISC
 * fuzz_html.c - the fast path and the tree find the same links
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "message/html_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
print(const char *label, const struct ms_links *links)
{
	fprintf(stderr, "%s\n", label);
	for (struct ms_link *l = links->first; l; l = l->next)
		fprintf(stderr, "  %zu x%zu %s <%.*s> [%.*s]\n", l->offset,
		    l->count, ms_link_where_name(l->where), (int)l->url.n,
		    l->url.p ? (const char *)l->url.p : "", (int)l->text.n,
		    l->text.p ? (const char *)l->text.p : "");
}

static int
same(const struct ms_links *a, const struct ms_links *b)
{
	const struct ms_link *x = a->first, *y = b->first;

	for (; x && y; x = x->next, y = y->next)
		if (!ms_slice_equal(x->url, y->url) || x->where != y->where ||
		    !ms_slice_equal(x->text, y->text) ||
		    x->offset != y->offset || x->count != y->count)
			return 0;
	return !x && !y;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_parse parse = { .arena = arena, .limits = &limits };
	struct ms_slice html = ms_slice_make(data, size);
	struct html_links fast, tree;
	struct ms_links a = { 0 }, b = { 0 }, c = { 0 };
	int accepted;

	for (size_t i = 0; i < size; i++)
		if (data[i] >= 0x80)
			goto out; /* valid UTF-8 is promised */
	ms_links_from_html(&parse, html, 0, &c);
	html_links_init(&fast, &parse, arena, html);
	accepted = html_fast(&fast);
	html_links_init(&tree, &parse, arena, html);
	html_tree(&tree);
	/* gumbo drops a NUL in front of an attribute's name. */
	if (!accepted || tree.reduced || memchr(data, '\0', size))
		goto out;
	html_links_finish(&fast, 0, &a);
	html_links_finish(&tree, 0, &b);
	if (!same(&a, &b)) {
		print("fast", &a);
		print("tree", &b);
		abort();
	}
out:
	ms_arena_free(arena);
	return 0;
}
