/* SPDX-License-Identifier: ISC
 * xml.c - XML that comes in, as a tree; expat's one door
 */
#include "mailsonde/xml.h"

#include <expat.h>

#include "mailsonde/buf.h"
#include "mailsonde/charset.h"

#define SEPARATOR '\n' /* between namespace and name: in neither */

/* Names that expat gives with their namespaces are no longer than this. */
#define NAME_MAX_BYTES 4096

struct reader {
	XML_Parser parser;
	struct ms_arena *arena; /* of what is read now */
	struct ms_arena *lasting;
	/* Given each child of the root, which is then forgotten; or NULL. */
	bool (*take)(void *context, const struct ms_xml *child);
	void *context;
	bool enough;              /* it said so */
	struct ms_slice encoding; /* that expat does not know; p == NULL */
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
take_attributes(struct reader *r, struct ms_arena *arena,
    const char *const *pairs, struct ms_xml *node)
{
	const struct ms_xml_attribute **end = &node->attributes;

	for (; pairs[0]; pairs += 2) {
		struct ms_xml_attribute *a;

		if (!has_room(r, pairs[0]))
			return;
		a = MS_NEW(arena, struct ms_xml_attribute);
		split(arena, pairs[0], &a->space, &a->name);
		a->value = ms_arena_copy(arena, ms_slice_from(pairs[1]));
		*end = a;
		end = &a->next;
	}
}

static void
begin_element(void *context, const XML_Char *name, const XML_Char **pairs)
{
	struct reader *r = context;
	struct ms_arena *lasting = r->lasting;
	struct ms_xml *node;

	if (r->depth == r->limits->xml_depth)
		stop(r, "it is nested too deeply");
	if (r->fault || r->enough || !has_room(r, name))
		return;
	if (r->depth > 0)
		lasting = r->arena;
	node = MS_NEW(lasting, struct ms_xml);
	split(lasting, name, &node->space, &node->name);
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
	ms_buf_init(&r->texts[r->depth], lasting);
	(void)ms_buf_room(&r->texts[r->depth], 1); /* "" is not NULL */
	take_attributes(r, lasting, (const char *const *)pairs, node);
}

/* The root's child that has just ended goes to whoever wants it, and then. */
static void
hand_over(struct reader *r)
{
	if (!r->take(r->context, r->root->first)) {
		r->enough = true;
		(void)XML_StopParser(r->parser, XML_FALSE);
	}
	r->root->first = NULL;
	r->last[1] = NULL;
	r->nodes = 0;
	ms_arena_clear(r->arena);
}

static void
end_element(void *context, const XML_Char *name)
{
	struct reader *r = context;

	(void)name;
	if (r->fault || r->enough || !r->open)
		return;
	r->open->text = ms_slice_trim(ms_buf_get(&r->texts[r->depth]));
	r->open = r->open->parent;
	r->depth--;
	if (r->take && r->depth == 1)
		hand_over(r);
}

static void
take_text(void *context, const XML_Char *text, int n)
{
	struct reader *r = context;

	/* Between children that go, the root's text would only grow. */
	if (!r->fault && !r->enough && r->depth > (r->take ? 1 : 0))
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

/* An encoding that expat does not know: noted, for the whole to be decoded. */
static int
note_encoding(void *context, const XML_Char *name, XML_Encoding *out)
{
	struct reader *r = context;

	(void)out;
	r->encoding = ms_arena_copy(r->lasting, ms_slice_from(name));
	return XML_STATUS_ERROR;
}

static const char *
parse(struct reader *r, struct ms_slice text, const char *encoding)
{
	const char *fault;

	if (text.n > INT32_MAX)
		return "it is too large";
	r->parser = XML_ParserCreateNS(encoding, SEPARATOR);
	if (!r->parser)
		return "there is no memory to read it";
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, begin_element, end_element);
	XML_SetCharacterDataHandler(r->parser, take_text);
	XML_SetStartDoctypeDeclHandler(r->parser, refuse_doctype);
	XML_SetUnknownEncodingHandler(r->parser, note_encoding, r);
	if (XML_Parse(r->parser, text.n > 0 ? (const char *)text.p : "",
		(int)text.n, XML_TRUE) == XML_STATUS_OK ||
	    r->fault || r->enough)
		fault = r->fault;
	else
		fault =
		    ms_arena_printf(r->lasting, "it is no XML: %s, line %lu",
			XML_ErrorString(XML_GetErrorCode(r->parser)),
			(unsigned long)XML_GetCurrentLineNumber(r->parser));
	XML_ParserFree(r->parser);
	return fault;
}

/* The declaration stands in front of everything: nothing has been read when
 * it names an encoding that must be decoded first. */
static const char *
parse_decoded(struct reader *r, struct ms_slice text)
{
	const char *fault = parse(r, text, NULL);
	struct ms_charsets *charsets;

	if (!r->encoding.p || r->root)
		return fault;
	charsets = ms_charsets_new(r->lasting);
	if (ms_charset_known(charsets, r->encoding)) {
		(void)ms_charset_decode(
		    charsets, r->lasting, r->encoding, text, &text);
		fault = parse(r, text, "UTF-8");
	}
	ms_charsets_close(charsets);
	return fault;
}

static const char *
read_document(struct reader *r, struct ms_slice text)
{
	size_t depth = r->limits->xml_depth + 1;

	r->last = MS_NEW_ARRAY(r->lasting, struct ms_xml *, depth);
	r->texts = MS_NEW_ARRAY(r->lasting, struct ms_buf, depth);
	return parse_decoded(r, text);
}

const struct ms_xml *
ms_xml_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, const char **fault)
{
	struct reader r = {
		.arena = arena, .lasting = arena, .limits = limits
	};

	*fault = read_document(&r, text);
	return *fault ? NULL : r.root;
}

const struct ms_xml *
ms_xml_each(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits,
    bool (*take)(void *context, const struct ms_xml *child), void *context,
    const char **fault)
{
	struct reader r = { .arena = ms_arena_like(arena),
		.lasting = arena,
		.limits = limits,
		.take = take,
		.context = context };

	*fault = read_document(&r, text);
	if (r.root)
		r.root->first = NULL;
	ms_arena_free(r.arena);
	return r.root;
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
