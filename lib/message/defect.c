/* SPDX-License-Identifier: ISC
 * defect.c - the table of what can be malformed, and the list of it
 */
#include "mailsonde/defect.h"

static const struct ms_defect_info table[MS_DEFECT_COUNT] = {
	[MS_DEFECT_NUL] = { "nul", "a NUL byte stands in the header",
	    "RFC 5322 section 4" },
	[MS_DEFECT_BARE_CR] = { "bare-cr", "a CR stands without its LF",
	    "RFC 5322 section 2.3" },
	[MS_DEFECT_BARE_LF] = { "bare-lf",
	    "a LF stands without its CR among lines that end in CRLF",
	    "RFC 5322 section 2.3" },
	[MS_DEFECT_8BIT_HEADER] = { "8bit-header",
	    "bytes in a header field are neither ASCII nor UTF-8",
	    "RFC 6532 section 3.1" },
	[MS_DEFECT_CONTROL_HEADER] = { "control-in-header",
	    "a control character stands in a header field",
	    "RFC 5322 section 2.2" },
	[MS_DEFECT_LONG_LINE] = { "long-line",
	    "a line of the header is longer than 998 bytes",
	    "RFC 5322 section 2.1.1" },
	[MS_DEFECT_NO_HEADER] = { "no-header", "there is no header field",
	    "RFC 5322 section 3.6" },
	[MS_DEFECT_NO_COLON] = { "no-colon",
	    "a line of the header is neither a field nor a continuation",
	    "RFC 5322 section 2.2" },
	[MS_DEFECT_FIELD_NAME] = { "field-name",
	    "a field name is followed by white space or holds odd bytes",
	    "RFC 5322 section 2.2" },
	[MS_DEFECT_FOLDING] = { "folding-repaired",
	    "a continuation line had lost its leading white space",
	    "RFC 5322 section 2.2.3" },
	[MS_DEFECT_BLANK_FOLD] = { "blank-continuation",
	    "a continuation line holds white space only",
	    "RFC 5322 section 3.2.2" },
	[MS_DEFECT_NO_SEPARATOR] = { "no-separator",
	    "the body begins without an empty line before it",
	    "RFC 5322 section 2.1" },
	[MS_DEFECT_FROM_LINE] = { "from-line",
	    "a \"From \" line of a mailbox stands in front of the message",
	    "RFC 4155 appendix A" },
	[MS_DEFECT_LEADING_BLANK] = { "leading-blank",
	    "empty lines stand in front of the header",
	    "RFC 5322 section 2.1" },
	[MS_DEFECT_REPEATED_FIELD] = { "repeated-field",
	    "a field that may stand once stands there again",
	    "RFC 5322 section 3.6" },
	[MS_DEFECT_ADDRESS] = { "address",
	    "an address does not follow the "
	    "grammar",
	    "RFC 5322 section 3.4" },
	[MS_DEFECT_DATE] = { "date", "the date does not follow the grammar",
	    "RFC 5322 section 3.3" },
	[MS_DEFECT_ENCODED_WORD] = { "encoded-word",
	    "an encoded word is damaged", "RFC 2047 section 2" },
	[MS_DEFECT_CHARSET] = { "charset",
	    "bytes do not belong to the charset that is named",
	    "RFC 2046 section 4.1.2" },
	[MS_DEFECT_CHARSET_UNKNOWN] = { "charset-unknown",
	    "the charset that is named is not known",
	    "RFC 2046 section 4.1.2" },
	[MS_DEFECT_PARAMETER] = { "parameter",
	    "a parameter does not follow the grammar", "RFC 2045 section 5.1" },
	[MS_DEFECT_CONTENT_TYPE] = { "content-type",
	    "the content type does not follow the grammar",
	    "RFC 2045 section 5.1" },
	[MS_DEFECT_ENCODING_UNKNOWN] = { "encoding-unknown",
	    "the transfer encoding is not known", "RFC 2045 section 6.2" },
	[MS_DEFECT_ENCODING_COMPOSITE] = { "encoding-composite",
	    "a multipart or message carries a transfer encoding",
	    "RFC 2045 section 6.4" },
	[MS_DEFECT_MESSAGE_ID] = { "message-id",
	    "a message identifier does not follow the grammar",
	    "RFC 5322 section 3.6.4" },
	[MS_DEFECT_NO_BOUNDARY] = { "no-boundary",
	    "a multipart names no boundary", "RFC 2046 section 5.1.1" },
	[MS_DEFECT_BOUNDARY_MISSING] = { "boundary-missing",
	    "the boundary of a multipart never occurs",
	    "RFC 2046 section 5.1.1" },
	[MS_DEFECT_NO_CLOSE] = { "no-close",
	    "a multipart has no closing boundary", "RFC 2046 section 5.1.1" },
	[MS_DEFECT_PREAMBLE] = { "preamble",
	    "content stands before the first part of a multipart",
	    "RFC 2046 section 5.1.1" },
	[MS_DEFECT_EPILOGUE] = { "epilogue",
	    "content stands behind the end of a multipart",
	    "RFC 2046 section 5.1.1" },
	[MS_DEFECT_BASE64] = { "base64",
	    "bytes stand in base64 content that do not belong there",
	    "RFC 2045 section 6.8" },
	[MS_DEFECT_BASE64_TRUNCATED] = { "base64-truncated",
	    "base64 content ends within a group of four",
	    "RFC 2045 section 6.8" },
	[MS_DEFECT_QP] = { "quoted-printable",
	    "an '=' in quoted-printable content begins nothing",
	    "RFC 2045 section 6.7" },
	[MS_DEFECT_UUENCODE] = { "uuencode", "uuencoded content is damaged",
	    "POSIX.1 uuencode" },
	[MS_DEFECT_YENC] = { "yenc", "yEnc content is damaged", "yEnc 1.3" },
	[MS_DEFECT_NO_MIME_VERSION] = { "no-mime-version",
	    "MIME fields stand there without MIME-Version",
	    "RFC 2045 section 4" },
	[MS_DEFECT_EMLX_LENGTH] = { "emlx-length",
	    "the length in the first line is not that of the message",
	    "Apple Mail emlx" },
	[MS_DEFECT_EMLX_TRAILER] = { "emlx-trailer",
	    "the property list behind the message is missing or damaged",
	    "Apple Mail emlx" },
	[MS_DEFECT_CFB] = { "compound-file",
	    "the compound file around the message is damaged", "MS-CFB" },
	[MS_DEFECT_OUTLOOK] = { "outlook",
	    "what the Outlook file holds of the message is damaged",
	    "MS-OXMSG" },
	[MS_DEFECT_CONTENT_LENGTH] = { "content-length",
	    "Content-Length does not lead to the next message",
	    "mbox, mboxcl2 variant" },
	[MS_DEFECT_LIMIT] = { "limit", "a limit was reached",
	    "mailsonde(1), LIMITS" },
};

const struct ms_defect_info *
ms_defect_info(enum ms_defect_kind kind)
{
	return &table[kind];
}

void
ms_defects_scope(struct ms_defects *defects)
{
	defects->scope++;
}

/* Two passes over one field may find the same thing. */
static bool
known(const struct ms_defects *defects, enum ms_defect_kind kind, size_t offset)
{
	const struct ms_defect *d = defects->first;

	while (d && (d->kind != kind || d->offset != offset))
		d = d->next;
	return d != NULL;
}

void
ms_defect_add(struct ms_defects *defects, struct ms_arena *arena,
    enum ms_defect_kind kind, size_t offset, const char *detail)
{
	struct ms_defect *d = defects->seen[kind];

	if (d && defects->seen_scope[kind] == defects->scope &&
	    kind != MS_DEFECT_LIMIT) {
		d->count += d->offset != offset;
		return;
	}
	if (kind != MS_DEFECT_LIMIT && known(defects, kind, offset))
		return;
	if (defects->limit > 0 && defects->n >= defects->limit) {
		defects->truncated = true;
		return;
	}
	d = MS_NEW(arena, struct ms_defect);
	d->kind = kind;
	d->offset = offset;
	d->count = 1;
	d->detail = detail;
	if (defects->last)
		defects->last->next = d;
	else
		defects->first = d;
	defects->last = d;
	defects->n++;
	defects->seen[kind] = d;
	defects->seen_scope[kind] = defects->scope;
}
