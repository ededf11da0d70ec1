/* SPDX-License-Identifier: ISC
 * recognise.c - what the first bytes of a file say that it is
 */
#include "mailbox_priv.h"
#include "mailsonde/header.h"
#include "mailsonde/mime.h"
#include "mailsonde/scan.h"

#define LINES_TRIED 20

static bool
starts_with(struct ms_slice s, const void *bytes, size_t n)
{
	return s.n >= n && memcmp(s.p, bytes, n) == 0;
}

/* "Name:" with a name that a field can have. */
static bool
field_line(struct ms_slice line, bool known_only)
{
	struct ms_scan s = ms_scan_init(line);
	struct ms_slice name = ms_scan_while(&s, MS_C_FTEXT, 256);

	(void)ms_scan_while(&s, MS_C_WSP, 16);
	if (name.n == 0 || ms_scan_peek(&s) != ':')
		return false;
	if (ms_field_id_of(name) != MS_FIELD_OTHER ||
	    ms_slice_starts(name, "X-"))
		return true;
	/* A drive letter, a scheme, a time are no field. */
	return !known_only && name.n > 1 &&
	       !(ms_scan_peek_at(&s, 1) == '/' &&
		   ms_scan_peek_at(&s, 2) == '/') &&
	       ms_is(name.p[0], MS_C_ALPHA);
}

/* The lines of a text. Where it has no LF, CR ends them. */
struct lines {
	struct ms_slice rest;
	bool bare_cr;
};

static struct lines
lines_of(struct ms_slice s)
{
	struct lines lines = { s, ms_slice_find(s, 0, '\n') == s.n };

	return lines;
}

static bool
next_line(struct lines *lines, struct ms_slice *line)
{
	return ms_slice_line(&lines->rest, lines->bare_cr, line);
}

/* The first line with something in it; false when there is none. */
static bool
first_line(struct lines *lines, struct ms_slice *line)
{
	while (next_line(lines, line))
		if (ms_slice_trim(*line).n > 0)
			return true;
	return false;
}

/* One of the first lines is a field that mail has. */
static bool
any_field(struct ms_slice s)
{
	struct lines lines = lines_of(s);
	struct ms_slice line;

	for (unsigned i = 0; i < LINES_TRIED && next_line(&lines, &line); i++)
		if (field_line(ms_slice_trim(line), true))
			return true;
	return false;
}

/* Nothing but a header: no empty line with more behind it. */
static bool
header_alone(struct ms_slice s)
{
	struct lines lines = lines_of(s);
	struct ms_slice line;

	if (!first_line(&lines, &line))
		return false;
	while (next_line(&lines, &line))
		if (ms_slice_trim(line).n == 0)
			return ms_slice_trim(lines.rest).n == 0;
	return true;
}

/* Each line stands in a paragraph of its own: copied from a web page. A header
 * of MIME fields alone is a real one: nested messages look like that. */
static bool
spaced_out(struct ms_slice s)
{
	struct lines lines = lines_of(s);
	struct ms_slice first, line;

	return first_line(&lines, &first) &&
	       !ms_slice_starts(first, "Content-") &&
	       next_line(&lines, &line) && ms_slice_trim(line).n == 0 &&
	       first_line(&lines, &line) &&
	       field_line(ms_slice_trim(line), true) &&
	       !ms_slice_starts(line, "Content-") && next_line(&lines, &line) &&
	       ms_slice_trim(line).n == 0;
}

/* The first line of a pasted block is indented, or blank lines stand before
 * it. */
static bool
pasted(struct ms_slice s)
{
	return s.n > 0 && ms_is(s.p[0], MS_C_SPACE);
}

enum ms_mailbox_format
ms_mailbox_recognise(struct ms_slice head, bool whole)
{
	struct ms_slice line;
	struct lines lines;
	size_t start;
	int64_t length;

	if (head.n == 0)
		return MS_FORMAT_EMPTY;
	if (starts_with(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
		return MS_FORMAT_MSG;
	if (starts_with(head, "\x78\x9f\x3e\x22", 4))
		return MS_FORMAT_TNEF;
	if (starts_with(head, "\xef\xbb\xbf", 3))
		head = ms_slice_part(head, 3, head.n);
	if (mbox_is_separator(head) && !(whole && header_alone(head)))
		return mbox_kind(head, whole);
	if (emlx_length(head, &length, &start)) {
		return any_field(ms_slice_part(head, start, head.n))
			   ? MS_FORMAT_EMLX
			   : MS_FORMAT_UNKNOWN;
	}
	lines = lines_of(head);
	if (!first_line(&lines, &line))
		return MS_FORMAT_UNKNOWN;
	line = ms_slice_trim(line);
	/* Much has lines with a colon: where no body follows, one of the
	 * fields must be mail's. */
	if (!any_field(head) &&
	    (!field_line(line, false) || (whole && header_alone(head))))
		return MS_FORMAT_UNKNOWN;
	if (whole && (header_alone(head) || spaced_out(head) || pasted(head)))
		return MS_FORMAT_HEADERS;
	return MS_FORMAT_EML;
}

const char *
recognise_other(struct ms_slice head)
{
	const char *type = ms_filetype_detect(head);

	if (type)
		return type;
	for (size_t i = 0; i < head.n && i < 4096; i++)
		if (head.p[i] == 0)
			return "binary data";
	return "text without a header field";
}

const char *
ms_mailbox_format_name(enum ms_mailbox_format format)
{
	static const char *const names[] = {
		[MS_FORMAT_EML] = "eml",
		[MS_FORMAT_HEADERS] = "headers",
		[MS_FORMAT_MBOXO] = "mboxo",
		[MS_FORMAT_MBOXRD] = "mboxrd",
		[MS_FORMAT_MBOXCL2] = "mboxcl2",
		[MS_FORMAT_MAILDIR] = "maildir",
		[MS_FORMAT_FOLDER] = "folder",
		[MS_FORMAT_EMLX] = "emlx",
		[MS_FORMAT_MSG] = "msg",
		[MS_FORMAT_TNEF] = "tnef",
		[MS_FORMAT_EMPTY] = "empty",
		[MS_FORMAT_UNKNOWN] = "unknown",
	};

	return names[format];
}
