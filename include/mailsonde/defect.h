/* SPDX-License-Identifier: ISC
 * defect.h - what is malformed in a message, as a result
 */
#ifndef MAILSONDE_DEFECT_H
#define MAILSONDE_DEFECT_H

#include <stdbool.h>

#include "mailsonde/arena.h"

/* Rows of the table in lib/message/defect.c: add a kind here and a row there
 * (id, what it says, the standard). */
enum ms_defect_kind {
	/* lines and bytes */
	MS_DEFECT_NUL,
	MS_DEFECT_BARE_CR,
	MS_DEFECT_BARE_LF,     /* only where CRLF is used elsewhere */
	MS_DEFECT_8BIT_HEADER, /* not valid UTF-8 */
	MS_DEFECT_CONTROL_HEADER,
	MS_DEFECT_LONG_LINE, /* over 998 bytes in the header */
	/* the header block */
	MS_DEFECT_NO_HEADER,    /* no field at all */
	MS_DEFECT_NO_COLON,     /* a line that is no field and no folding */
	MS_DEFECT_FIELD_NAME,   /* space before the colon, or odd bytes */
	MS_DEFECT_FOLDING,      /* folding repaired: a pasted block */
	MS_DEFECT_BLANK_FOLD,   /* a continuation of white space only */
	MS_DEFECT_NO_SEPARATOR, /* body begins without an empty line */
	MS_DEFECT_FROM_LINE,    /* "From " or ">From " line on top */
	MS_DEFECT_LEADING_BLANK,
	MS_DEFECT_REPEATED_FIELD, /* one that may stand once, RFC 5322 3.6 */
	/* values */
	MS_DEFECT_ADDRESS,
	MS_DEFECT_DATE,
	MS_DEFECT_ENCODED_WORD,
	MS_DEFECT_CHARSET,
	MS_DEFECT_CHARSET_UNKNOWN,
	MS_DEFECT_PARAMETER,
	MS_DEFECT_CONTENT_TYPE,
	MS_DEFECT_ENCODING_UNKNOWN,
	MS_DEFECT_ENCODING_COMPOSITE, /* base64 or qp on multipart or message */
	MS_DEFECT_MESSAGE_ID,
	/* MIME structure */
	MS_DEFECT_NO_BOUNDARY,      /* multipart without a boundary parameter */
	MS_DEFECT_BOUNDARY_MISSING, /* the boundary never occurs */
	MS_DEFECT_NO_CLOSE,         /* no closing boundary line */
	MS_DEFECT_PREAMBLE,         /* content before the first boundary */
	MS_DEFECT_EPILOGUE,         /* content behind the closing boundary */
	MS_DEFECT_BASE64,
	MS_DEFECT_BASE64_TRUNCATED,
	MS_DEFECT_QP,
	MS_DEFECT_UUENCODE,
	MS_DEFECT_YENC,
	MS_DEFECT_NO_MIME_VERSION, /* MIME fields without MIME-Version */
	/* containers */
	MS_DEFECT_EMLX_LENGTH,
	MS_DEFECT_EMLX_TRAILER,
	MS_DEFECT_CFB,     /* the container of a .msg; offset in the file */
	MS_DEFECT_OUTLOOK, /* what stands in it; `detail` tells */
	MS_DEFECT_CONTENT_LENGTH, /* mboxcl2: does not lead to a From line */
	/* limits */
	MS_DEFECT_LIMIT, /* `detail` names it */
	MS_DEFECT_COUNT, /* how many kinds there are; not a kind */
};

struct ms_defect {
	struct ms_defect *next;
	enum ms_defect_kind kind;
	size_t offset;      /* in the message */
	size_t count;       /* occurrences folded into this one, at least 1 */
	const char *detail; /* NULL, or more in our own words */
};

/* In order of discovery; the same kind again within one `scope` (a field, a
 * part) is counted, not listed. */
struct ms_defects {
	struct ms_defect *first, *last;
	size_t n, limit;
	bool truncated;
	unsigned scope; /* changed by ms_defects_scope */
	struct ms_defect *seen[MS_DEFECT_COUNT];
	unsigned seen_scope[MS_DEFECT_COUNT];
};

/* `detail` is NULL, a literal, or in the arena. The same kind at the same
 * offset again is the same defect. */
void ms_defect_add(struct ms_defects *defects, struct ms_arena *arena,
    enum ms_defect_kind kind, size_t offset, const char *detail);
/* The next defects belong to another field or part. */
void ms_defects_scope(struct ms_defects *defects);

struct ms_defect_info {
	const char *id;        /* "bare-lf" */
	const char *text;      /* one sentence */
	const char *reference; /* "RFC 5322 section 2.3" */
};
const struct ms_defect_info *ms_defect_info(enum ms_defect_kind kind);

#endif
