/* SPDX-License-Identifier: ISC
 * link_priv.h - what the finders of links share
 */
#ifndef MESSAGE_LINK_PRIV_H
#define MESSAGE_LINK_PRIV_H

#include "mailsonde/link.h"

/* One link as it was found. */
struct link_find {
	struct ms_slice url; /* entities decoded */
	struct ms_slice raw; /* as it stands */
	struct ms_slice text;
	struct ms_slice base; /* of the document; NULL */
	enum ms_link_where where;
	unsigned part;
	size_t offset;
	bool fetched; /* by a client that shows the message */
};
void link_add(const struct ms_parse *parse, struct ms_links *links,
    const struct link_find *find);

/* A URL in plain text. */
struct link_span {
	size_t from, to;
	const char *prefix; /* to put before it: "http://"; or NULL */
};
#define LINK_MARKS 3
struct link_search {
	struct ms_slice text;
	size_t at;               /* searched up to here */
	size_t next[LINK_MARKS]; /* the next hit of each mark */
	bool started;
};
bool link_text_next(struct link_search *search, struct link_span *out);

/* C0 and space off both ends, TAB, CR, LF out (WHATWG URL 4.4). */
struct ms_slice url_clean(struct ms_arena *arena, struct ms_slice url);
/* Against a base with a host (RFC 3986 5.2); `url` itself when it has a
 * scheme or the base is of no use. */
struct ms_slice url_resolve(
    struct ms_arena *arena, struct ms_slice base, struct ms_slice url);
/* Length of the scheme, without its colon; 0 when there is none. */
size_t url_scheme(struct ms_slice url);

#endif
