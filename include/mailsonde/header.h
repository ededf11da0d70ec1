/* SPDX-License-Identifier: ISC
 * header.h - the header block: fields as they stand, in their order
 */
#ifndef MAILSONDE_HEADER_H
#define MAILSONDE_HEADER_H

#include <stdint.h>

#include "mailsonde/charset.h"
#include "mailsonde/defect.h"
#include "mailsonde/limits.h"
#include "mailsonde/outlook.h"

/* Fields that something here reads; all others are MS_FIELD_OTHER. */
enum ms_field_id {
	MS_FIELD_OTHER,
	MS_FIELD_FROM,
	MS_FIELD_SENDER,
	MS_FIELD_REPLY_TO,
	MS_FIELD_TO,
	MS_FIELD_CC,
	MS_FIELD_BCC,
	MS_FIELD_SUBJECT,
	MS_FIELD_DATE,
	MS_FIELD_MESSAGE_ID,
	MS_FIELD_IN_REPLY_TO,
	MS_FIELD_REFERENCES,
	MS_FIELD_RETURN_PATH,
	MS_FIELD_RECEIVED,
	MS_FIELD_MIME_VERSION,
	MS_FIELD_CONTENT_TYPE,
	MS_FIELD_CONTENT_TRANSFER_ENCODING,
	MS_FIELD_CONTENT_DISPOSITION,
	MS_FIELD_CONTENT_ID,
	MS_FIELD_CONTENT_LOCATION,
	MS_FIELD_CONTENT_BASE,
	MS_FIELD_CONTENT_LENGTH,
	MS_FIELD_CONTENT_DESCRIPTION,
	MS_FIELD_AUTHENTICATION_RESULTS,
	MS_FIELD_ARC_AUTHENTICATION_RESULTS,
	MS_FIELD_ARC_SEAL,
	MS_FIELD_ARC_MESSAGE_SIGNATURE,
	MS_FIELD_DKIM_SIGNATURE,
	MS_FIELD_RECEIVED_SPF,
	MS_FIELD_X_RECEIVED,
	MS_FIELD_X_ORIGINATING_IP,
	MS_FIELD_DELIVERED_TO,
	MS_FIELD_RESENT_DATE,
	MS_FIELD_X_MAILER,
	MS_FIELD_USER_AGENT,
	MS_FIELD_LIST_ID,
	MS_FIELD_LIST_UNSUBSCRIBE,
	MS_FIELD_COUNT,
};

struct ms_field {
	enum ms_field_id id;
	struct ms_slice name;  /* without trailing white space */
	struct ms_slice body;  /* raw, behind the colon, still folded, without
				  the final line end */
	struct ms_slice raw;   /* the whole field with its final line end */
	struct ms_slice value; /* `body` unfolded and trimmed; the body itself
				  where it has no fold */
	size_t offset;         /* of `raw` in the message */
};

struct ms_header {
	struct ms_field *fields; /* as they stand, from the top */
	size_t n;
	struct ms_slice raw; /* from the first field to before the empty line */
	size_t body;         /* offset in the input where the body begins */
	bool complete;       /* an empty line ended the block */
	bool truncated;      /* a limit cut it */
	bool pasted;         /* folding was repaired */
	uint32_t first[MS_FIELD_COUNT]; /* index + 1 of the first; 0 none */
	uint32_t count[MS_FIELD_COUNT];
};

enum ms_header_flags {
	/* A header block pasted by hand: leading blank lines, lost folding
	 * and a "From " line are repaired, each with its defect. */
	MS_HEADER_PASTED = 1 << 0,
	/* CR alone ends lines (files with no LF). */
	MS_HEADER_BARE_CR = 1 << 1,
	/* A MIME part's header: no check of single-instance fields. */
	MS_HEADER_PART = 1 << 2,
};

/* What parsing needs from around; all borrowed. */
struct ms_parse {
	struct ms_arena *arena; /* results */
	struct ms_charsets *charsets;
	const struct ms_limits *limits; /* filled by ms_limits_fill */
	struct ms_defects *defects;
	const unsigned char *base;        /* of the message, for offsets */
	const struct ms_outlook *outlook; /* it was made of this; NULL */
};

/* Splits the block at the start of `in` into fields (RFC 5322 2.2, 4.5).
 * Never fails: an empty block has n == 0. A line that is neither field nor
 * folding ends the block (MS_DEFECT_NO_SEPARATOR) unless it can be passed
 * over: damaged lines between fields are. */
void ms_header_parse(const struct ms_parse *parse, struct ms_slice in,
    unsigned flags, struct ms_header *out);

/* The first field of that id; NULL. Then its next; NULL. */
const struct ms_field *ms_header_find(
    const struct ms_header *header, enum ms_field_id id);
const struct ms_field *ms_header_next(
    const struct ms_header *header, const struct ms_field *field);

/* The first field of that name, for names without an id. */
const struct ms_field *ms_header_find_name(
    const struct ms_header *header, const char *name);

enum ms_field_id ms_field_id_of(struct ms_slice name);

/* The value of a structured field that is to be parsed: cut at
 * limits.field_size. That, and comments nested more deeply than
 * limits.comment_depth, become defects of a limit. */
struct ms_slice ms_field_value(
    const struct ms_parse *parse, const struct ms_field *field);

/* RFC 2047 in unstructured text, and raw 8-bit bytes, to UTF-8. What cannot
 * be decoded stays as it stands, with a defect. `offset` is that of the
 * field. White space between adjacent encoded words goes (RFC 2047 6.2). */
struct ms_slice ms_text_decode(
    const struct ms_parse *parse, struct ms_slice value, size_t offset);

/* The same inside a phrase or a comment, where the words stand apart. */
struct ms_slice ms_phrase_decode(
    const struct ms_parse *parse, struct ms_slice value, size_t offset);

/* quoted-pairs undone (RFC 5322 3.2.1); the slice itself without any. */
struct ms_slice ms_unescape(struct ms_arena *arena, struct ms_slice s);

/* A structured field with parameters: Content-Type, Content-Disposition
 * (RFC 2045 5.1, 2231: continuations, charsets, percent encoding; RFC 2047
 * words inside, as everybody writes them, are decoded as well). */
struct ms_param {
	struct ms_slice name;  /* lower case, without "*0*" */
	struct ms_slice value; /* UTF-8 */
	struct ms_slice raw;   /* as it stands (its first piece) */
};
struct ms_params {
	struct ms_slice value; /* what stands before the first ';', trimmed,
				  comments taken out, lower case */
	struct ms_param *params;
	size_t n;
};
void ms_params_parse(const struct ms_parse *parse, const struct ms_field *field,
    struct ms_params *out);
/* The value of the parameter; p == NULL when it is not there. */
struct ms_slice ms_params_get(const struct ms_params *params, const char *name);

/* msg-id without its angle brackets (RFC 5322 3.6.4, 4.5.4); p == NULL when
 * there is none. */
struct ms_slice ms_message_id_parse(
    const struct ms_parse *parse, const struct ms_field *field);

#endif
