/* SPDX-License-Identifier: ISC
 * xml.h - XML that comes in, as a tree
 *
 * A document type declaration is refused, and with it every entity but the
 * five of XML itself: no document grows when it is read.
 */
#ifndef MAILSONDE_XML_H
#define MAILSONDE_XML_H

#include "mailsonde/arena.h"
#include "mailsonde/limits.h"

struct ms_xml_attribute {
	struct ms_slice space; /* URI of the namespace; n == 0: none */
	struct ms_slice name;
	struct ms_slice value;
	const struct ms_xml_attribute *next;
};

struct ms_xml {
	struct ms_slice space; /* URI of the namespace; n == 0: none */
	struct ms_slice name;  /* without its prefix */
	struct ms_slice text;  /* of its own, all pieces together, trimmed */
	const struct ms_xml_attribute *attributes;
	struct ms_xml *first, *next, *parent;
};

/* One document of at most limits->xml_nodes elements and attributes, nested at
 * most limits->xml_depth deep. Everything is UTF-8 and lives in `arena`. NULL:
 * *fault says why, in a clause. */
const struct ms_xml *ms_xml_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, const char **fault);

/* The same an element at a time: `take` is given each child of the root as it
 * ends, with all that is in it, and then it is forgotten; what it needs of the
 * child it copies. limits->xml_nodes counts for each child. False from it:
 * enough has been read. Returns the root alone; NULL: not even that was there.
 * *fault says what is wrong, or is NULL; what stood before a fault has been
 * taken. */
const struct ms_xml *ms_xml_each(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits,
    bool (*take)(void *context, const struct ms_xml *child), void *context,
    const char **fault);

/* The first child of that name, whatever its namespace, and the next sibling
 * of the same name; NULL: there is none, or `node` is NULL. */
const struct ms_xml *ms_xml_child(const struct ms_xml *node, const char *name);
const struct ms_xml *ms_xml_again(const struct ms_xml *node);

/* The child's text; p == NULL: there is no such child. */
struct ms_slice ms_xml_text(const struct ms_xml *node, const char *name);

/* An attribute by its name, without a namespace; p == NULL: there is none. */
struct ms_slice ms_xml_attribute(const struct ms_xml *node, const char *name);

/* The next element of the document, from the root on; NULL behind the last. */
const struct ms_xml *ms_xml_walk(const struct ms_xml *node);

#endif
