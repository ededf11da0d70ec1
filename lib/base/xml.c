/* SPDX-License-Identifier: ISC
 * xml.c - XML that comes in, as a tree; expat's one door
 */
#include "mailsonde/xml.h"

#include <expat.h>

#include "mailsonde/buf.h"

#define SEPARATOR '\n' /* between namespace and name: in neither */

/* Names that expat gives with their namespaces are no longer than this. */
#define NAME_MAX_BYTES 4096

struct reader {
	XML_Parser parser;
	struct ms_arena *arena;
	const struct ms_limits *limits;
	const char *fault;
	struct ms_xml *root, *open;
	struct ms_xml **last; /* per depth: the last child so far */
	struct ms_buf *texts; /* per depth */
	size_t depth, nodes;
};

static void
stop(struct reader *r, const char *fault)
{
	if (!r->fault)
		r->fault = fault;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static void
split(struct ms_arena *arena, const char *text, struct ms_slice *space,
    struct ms_slice *name)
{
	struct ms_slice all = ms_arena_copy(arena, ms_slice_from(text));
	size_t n = ms_slice_find(all, 0, SEPARATOR);

	*space = ms_slice_part(all, 0, n < all.n ? n : 0);
	*name = ms_slice_part(all, n < all.n ? n + 1 : 0, all.n);
}

static bool
has_room(struct reader *r, const char *name)
{
	if (++r->nodes > r->limits->xml_nodes)
		stop(r, "it has more elements and attributes than are read");
	else if (strlen(name) > NAME_MAX_BYTES)
		stop(r, "it has a name that is too long");
	return !r->fault;
}

static void
take_attributes(struct reader *r, const char *const *pairs, struct ms_xml *node)
{
	const struct ms_xml_attribute **end = &node->attributes;

	for (; pairs[0]; pairs += 2) {
		struct ms_xml_attribute *a;

		if (!has_room(r, pairs[0]))
			return;
		a = MS_NEW(r->arena, struct ms_xml_attribute);
		split(r->arena, pairs[0], &a->space, &a->name);
		a->value = ms_arena_copy(r->arena, ms_slice_from(pairs[1]));
		*end = a;
		end = &a->next;
	}
}

static void
begin_element(void *context, const XML_Char *name, const XML_Char **pairs)
{
	struct reader *r = context;
	struct ms_xml *node;

	if (r->depth == r->limits->xml_depth)
		stop(r, "it is nested too deeply");
	if (r->fault || !has_room(r, name))
		return;
	node = MS_NEW(r->arena, struct ms_xml);
	split(r->arena, name, &node->space, &node->name);
	node->parent = r->open;
	if (!r->open)
		r->root = node;
	else if (r->last[r->depth])
		r->last[r->depth]->next = node;
	else
		r->open->first = node;
	r->last[r->depth] = node;
	r->open = node;
	r->depth++;
	r->last[r->depth] = NULL;
	ms_buf_init(&r->texts[r->depth], r->arena);
	(void)ms_buf_room(&r->texts[r->depth], 1); /* "" is not NULL */
	take_attributes(r, (const char *const *)pairs, node);
}

static void
end_element(void *context, const XML_Char *name)
{
	struct reader *r = context;

	(void)name;
	if (r->fault || !r->open)
		return;
	r->open->text = ms_slice_trim(ms_buf_get(&r->texts[r->depth]));
	r->open = r->open->parent;
	r->depth--;
}

static void
take_text(void *context, const XML_Char *text, int n)
{
	struct reader *r = context;

	if (!r->fault && r->depth > 0)
		ms_buf_add(&r->texts[r->depth], text, (size_t)n);
}

static void
refuse_doctype(void *context, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	stop(context, "it has a document type declaration (DOCTYPE)");
}

static const char *
parse(struct reader *r, struct ms_slice text)
{
	if (text.n > INT32_MAX)
		return "it is too large";
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, begin_element, end_element);
	XML_SetCharacterDataHandler(r->parser, take_text);
	XML_SetStartDoctypeDeclHandler(r->parser, refuse_doctype);
	if (XML_Parse(r->parser, text.n > 0 ? (const char *)text.p : "",
		(int)text.n, XML_TRUE) == XML_STATUS_OK ||
	    r->fault)
		return r->fault;
	return ms_arena_printf(r->arena, "it is no XML: %s, line %lu",
	    XML_ErrorString(XML_GetErrorCode(r->parser)),
	    (unsigned long)XML_GetCurrentLineNumber(r->parser));
}

const struct ms_xml *
ms_xml_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, const char **fault)
{
	struct reader r = { .arena = arena, .limits = limits };

	r.parser = XML_ParserCreateNS(NULL, SEPARATOR);
	if (!r.parser) {
		*fault = "there is no memory to read it";
		return NULL;
	}
	r.last = MS_NEW_ARRAY(arena, struct ms_xml *, limits->xml_depth + 1);
	r.texts = MS_NEW_ARRAY(arena, struct ms_buf, limits->xml_depth + 1);
	*fault = parse(&r, text);
	XML_ParserFree(r.parser);
	return *fault ? NULL : r.root;
}

/* ---- looking at it ---- */

static const struct ms_xml *
first_of(const struct ms_xml *node, struct ms_slice name)
{
	while (node && !ms_slice_equal(node->name, name))
		node = node->next;
	return node;
}

const struct ms_xml *
ms_xml_child(const struct ms_xml *node, const char *name)
{
	return node ? first_of(node->first, ms_slice_from(name)) : NULL;
}

const struct ms_xml *
ms_xml_again(const struct ms_xml *node)
{
	return node ? first_of(node->next, node->name) : NULL;
}

struct ms_slice
ms_xml_text(const struct ms_xml *node, const char *name)
{
	const struct ms_xml *child = ms_xml_child(node, name);

	return child ? child->text : ms_slice_make(NULL, 0);
}

struct ms_slice
ms_xml_attribute(const struct ms_xml *node, const char *name)
{
	struct ms_slice wanted = ms_slice_from(name);

	if (node)
		for (const struct ms_xml_attribute *a = node->attributes; a;
		     a = a->next)
			if (a->space.n == 0 && ms_slice_equal(a->name, wanted))
				return a->value;
	return ms_slice_make(NULL, 0);
}

const struct ms_xml *
ms_xml_walk(const struct ms_xml *node)
{
	if (node->first)
		return node->first;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}
