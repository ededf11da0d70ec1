/* SPDX-License-Identifier: ISC
 * link.h - links in text and HTML, each once
 */
#ifndef MAILSONDE_LINK_H
#define MAILSONDE_LINK_H

#include "mailsonde/header.h"
#include "mailsonde/ip.h"

enum ms_link_where {
	MS_LINK_TEXT,   /* found in plain text */
	MS_LINK_ANCHOR, /* <a href>, <area href> */
	MS_LINK_FORM,   /* form action, formaction */
	MS_LINK_IMAGE,  /* img src, srcset, background, input type=image */
	MS_LINK_PIXEL,  /* an image of no size: tracking */
	MS_LINK_STYLE,  /* link href, url() in style */
	MS_LINK_FRAME,  /* iframe, frame, embed, object */
	MS_LINK_SCRIPT,
	MS_LINK_REFRESH, /* <meta http-equiv=refresh> */
	MS_LINK_BASE,    /* <base href> itself */
	MS_LINK_OTHER,   /* audio, video, cite, ping … */
	MS_LINK_HEADER,  /* List-Unsubscribe */
};
const char *ms_link_where_name(enum ms_link_where where);

/* A URL taken apart (RFC 3986, and what browsers make of the rest). */
struct ms_url {
	struct ms_slice scheme;       /* lower case */
	struct ms_slice userinfo;     /* NULL when none */
	struct ms_slice host;         /* as written, percent-decoded; NULL */
	struct ms_slice host_ascii;   /* A-labels, lower case; NULL */
	struct ms_slice host_unicode; /* U-labels; NULL */
	struct ms_ip ip;      /* the host is an address literal, also in the
				 forms that browsers take: 0x7f.1, 2130706433 */
	int port;             /* -1 when none */
	struct ms_slice path; /* with query and fragment */
};
/* `text` is UTF-8. False when it has no scheme that is known to mail (http,
 * https, ftp, mailto, data, cid, mid, tel, javascript, file …). */
bool ms_url_parse(
    struct ms_arena *arena, struct ms_slice text, struct ms_url *out);

struct ms_link {
	struct ms_link *next;
	struct ms_slice url; /* resolved against <base>, entities decoded */
	struct ms_slice raw; /* as it stands, when that differs; else NULL */
	struct ms_url parts;
	struct ms_slice text; /* the anchor's text, squeezed; NULL */
	enum ms_link_where where;
	unsigned part; /* index of the MIME part */
	size_t offset; /* in the decoded text of that part */
	size_t count;  /* how often */
	bool remote;   /* fetched when the message is shown */
};

struct ms_links {
	struct ms_link *first, *last;
	size_t n;
	bool skipped; /* nothing was looked for */
	bool truncated;
	bool html_reduced; /* the guard had to cut depth or attributes */
	void *index;       /* of those seen; private */
};

/* Collects from one part's text (valid UTF-8). The same (url, where, text)
 * again is counted, not listed. */
void ms_links_from_text(const struct ms_parse *parse, struct ms_slice text,
    unsigned part, struct ms_links *links);
void ms_links_from_html(const struct ms_parse *parse, struct ms_slice html,
    unsigned part, struct ms_links *links);

/* "https://a.example/x" as "hxxps://a[.]example/x"; addresses likewise. */
struct ms_slice ms_defang(struct ms_arena *arena, struct ms_slice text);

/* A domain name's two forms (UTS 46, RFC 5890), by libidn2. A name that
 * cannot be converted comes back as it is. */
struct ms_slice ms_domain_to_ascii(
    struct ms_arena *arena, struct ms_slice domain);
struct ms_slice ms_domain_to_unicode(
    struct ms_arena *arena, struct ms_slice domain);

#endif
