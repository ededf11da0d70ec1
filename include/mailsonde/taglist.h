/* SPDX-License-Identifier: ISC
 * taglist.h - lists of tag=value, RFC 6376 section 3.2
 *
 * Shared by DKIM, ARC, DMARC, BIMI, MTA-STS and TLS reporting. Every tag that
 * can be read is kept, in the order in which it stands, and what breaks the
 * grammar is listed beside it: each judge decides what is fatal to it. All
 * slices point into the text that was given, so that a difference of pointers
 * is a position.
 */
#ifndef MAILSONDE_TAGLIST_H
#define MAILSONDE_TAGLIST_H

#include "mailsonde/arena.h"
#include "mailsonde/limits.h"

enum ms_taglist_flags {
	/* Names compare without regard to case (DMARC, RFC 9989 4.8). */
	MS_TAGLIST_NOCASE = 1 << 0,
	/* '-' and '.' in names and a digit in front, as in RFC 8461 3.1 and
	 * RFC 8460 3. */
	MS_TAGLIST_EXTENSION_NAMES = 1 << 1,
	/* White space is SP and HTAB alone: CR and LF are bad octets. For DNS
	 * records of RFC 9989, 8461, 8460. */
	MS_TAGLIST_WSP = 1 << 2,
};

enum ms_tag_fault {
	MS_TAG_NO_EQUALS,  /* text between two semicolons without "=" */
	MS_TAG_EMPTY,      /* nothing between two semicolons; an empty list */
	MS_TAG_BAD_NAME,   /* no name, or octets that no name may hold */
	MS_TAG_BAD_VALUE,  /* a control octet, or one >= 0x80, in a value */
	MS_TAG_DUPLICATE,  /* a name for the second time */
	MS_TAG_TOO_MANY,   /* limits->tags: the rest was not read */
	MS_TAG_FAULTS_END, /* how many kinds there are; not a kind */
};

/* "no-equals", "empty", "bad-name", …; and a phrase for people: "a tag
 * without \"=\"". */
const char *ms_tag_fault_name(enum ms_tag_fault fault);
const char *ms_tag_fault_text(enum ms_tag_fault fault);

struct ms_tag {
	struct ms_slice name;  /* as written */
	struct ms_slice value; /* without white space at its ends; p is never
				  NULL, n may be 0 */
	struct ms_slice raw;   /* all between "=" and ";", white space too:
				  what DKIM takes out of b= (6376 3.5) */
	bool duplicate;        /* an earlier tag has the same name */
};

/* One place where the grammar is broken. */
struct ms_tag_error {
	enum ms_tag_fault fault;
	struct ms_slice at; /* the tag, name, value or octet; maybe empty */
};

struct ms_taglist {
	struct ms_slice text; /* as given */
	unsigned flags;       /* as given */
	struct ms_tag *tags;  /* duplicates too, in order */
	size_t n;
	struct ms_tag_error *errors; /* in the order of their places; the first
					limits->tags of them */
	size_t errors_n;
	unsigned faults; /* 1 << enum ms_tag_fault, for each that occurs; 0:
			    the whole list follows the grammar */
	bool trailing;   /* ends in ";", as it may */
};

/* Always gives a list; `limits` filled. Linear in the text but for the number
 * of tags, which has a limit. */
void ms_taglist_parse(struct ms_slice text, unsigned flags,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_taglist *out);

/* The first tag of that name, or NULL. Case counts unless the list was parsed
 * with MS_TAGLIST_NOCASE. */
const struct ms_tag *ms_taglist_find(
    const struct ms_taglist *list, const char *name);

/* Its value; p == NULL when there is no such tag. */
struct ms_slice ms_taglist_value(
    const struct ms_taglist *list, const char *name);

static inline bool
ms_taglist_has_fault(const struct ms_taglist *list, enum ms_tag_fault fault)
{
	return (list->faults >> fault & 1) != 0;
}

/* The next item of a value that is a list (h=a : b, rua=a,b): up to the next
 * `separator`, without white space at its ends. Start with *rest the value;
 * false when it is used up (p == NULL). One item more than there are
 * separators, so an empty value gives one that is empty. */
bool ms_taglist_item(
    struct ms_slice *rest, unsigned char separator, struct ms_slice *item);

/* A value without any white space: base64 that was folded (6376 3.2). A copy
 * in the arena where there was some. */
struct ms_slice ms_taglist_unfold(
    struct ms_slice value, struct ms_arena *arena);

#endif
