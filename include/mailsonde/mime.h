/* SPDX-License-Identifier: ISC
 * mime.h - the MIME tree: RFC 2045, 2046
 */
#ifndef MAILSONDE_MIME_H
#define MAILSONDE_MIME_H

#include "mailsonde/codec.h"
#include "mailsonde/digest.h"
#include "mailsonde/header.h"

enum ms_part_kind {
	MS_PART_LEAF,
	MS_PART_MULTIPART,
	MS_PART_MESSAGE, /* message/rfc822, /global, /news: one child, the
			    message in it, whose header is its own */
};

/* uuencode or yEnc inside a text part. */
struct ms_embedded {
	struct ms_embedded *next;
	enum ms_encoding encoding; /* UUENCODE or YENC */
	struct ms_slice name;      /* UTF-8 */
	struct ms_slice raw;       /* from the begin to the end line */
	struct ms_slice data;      /* encoded lines only */
	size_t size;               /* decoded */
	struct ms_digests digests;
	bool complete; /* its end line was there, sizes agree */
};

struct ms_part {
	struct ms_part *parent, *child, *next;
	enum ms_part_kind kind;
	unsigned depth;           /* root 0 */
	unsigned index;           /* preorder, root 0 */
	struct ms_header *header; /* the root's is the message's own */
	struct ms_slice raw;      /* header and body */
	struct ms_slice body; /* encoded, without the line end that belongs to
				 the boundary (RFC 2046 5.1.1) */

	struct ms_slice type; /* "text/plain", lower case; the default
				 where none or a broken one is given */
	struct ms_params content_type;
	struct ms_params disposition_params;
	struct ms_slice charset;     /* as given, p == NULL when none */
	struct ms_slice filename;    /* decoded: Content-Disposition filename,
					else Content-Type name; NULL */
	struct ms_slice disposition; /* lower case, NULL when none */
	struct ms_slice content_id;  /* without brackets, NULL when none */
	enum ms_encoding encoding;
	struct ms_slice encoding_token; /* as given, lower case; NULL */
	bool type_given;                /* a usable Content-Type was there */
	bool bare_cr; /* CR alone ends lines: the decoded content has LF in
			 its place */

	/* leaves */
	size_t size;               /* decoded bytes */
	struct ms_slice decoded;   /* they, where they were kept; else NULL */
	struct ms_digests digests; /* of them */
	struct ms_codec_damage damage;
	const char *detected; /* type by content (signature table), or
				 NULL when nothing matched */
	const char *magic;    /* what libmagic says; NULL: not asked */
	struct ms_embedded *embedded;
	/* winmail.dat: its child is the root of a tree of parts that was made
	 * of this; they do not lie in the message. NULL: of all others. */
	const struct ms_outlook *outlook;

	/* multiparts */
	struct ms_slice boundary;
	struct ms_slice preamble, epilogue;
	bool closed;
};

struct ms_mime_options {
	unsigned digests; /* enum ms_digest_kind for each leaf; 0: sizes only */
	bool embedded;    /* look for uuencode and yEnc in text */
	bool detect;      /* run the signature table over each leaf */
	bool bare_cr;     /* CR alone ends lines */
	bool texts;       /* text will be asked for: keep what is decoded */
	struct ms_digest_jobs *later;          /* as for the message; NULL */
	void (*passed)(struct ms_slice bytes); /* as for the message; NULL */
};

struct ms_mime {
	struct ms_part *root;
	size_t parts;
	bool truncated; /* a limit was hit */
};

/* The tree of the entity whose header has been parsed. Iterative; broken
 * structure is survived and becomes a defect. */
void ms_mime_parse(const struct ms_parse *parse, struct ms_header *header,
    struct ms_slice body, const struct ms_mime_options *options,
    struct ms_mime *out);

/* Preorder: the part after this one; NULL. */
struct ms_part *ms_part_next(const struct ms_part *part);

/* Itself, or the part that holds the winmail.dat which it was made of: what
 * lies in the message. */
const struct ms_part *ms_part_outer(const struct ms_part *part);

/* Decoded content of a leaf, whole, in the arena (the body itself where the
 * encoding is the identity). */
struct ms_slice ms_part_decode(
    struct ms_arena *arena, const struct ms_part *part);

/* A text leaf as UTF-8, at most `max` bytes of the decoded content. A wrong
 * or missing charset is survived: *result tells. For HTML, a <meta> charset
 * or byte order mark is used where no parameter gives one. */
struct ms_slice ms_part_text(const struct ms_parse *parse,
    const struct ms_part *part, size_t max, enum ms_charset_result *result);

/* A leaf that a person would call an attachment: disposition attachment, or a
 * file name, or neither text nor an inline image with a Content-ID. */
bool ms_part_is_attachment(const struct ms_part *part);

/* Type by content: a small table of signatures over the first bytes. NULL
 * when none matches. */
const char *ms_filetype_detect(struct ms_slice head);

/* Whether content detected as `detected` may rightly be called `declared`
 * with that file name (a .docx is a zip, and so on). */
bool ms_filetype_agrees(
    const char *detected, struct ms_slice declared, struct ms_slice filename);

#endif
