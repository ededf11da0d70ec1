/* SPDX-License-Identifier: ISC
 * mbox.c - where messages begin and end in a mailbox file, RFC 4155
 *
 * A "From " line at the start or behind an empty line begins a message, in
 * every kind. mboxo and mboxrd quote such lines in a body with '>', mboxrd also
 * those already quoted; mboxcl2 quotes nothing and goes by Content-Length.
 */
#include "mailbox_priv.h"
#include "mailsonde/scan.h"

#define SEPARATOR_MAX 1024

/* ---- searching ---- */

static bool
from_at(struct ms_slice s, size_t at)
{
	return s.n - at >= 5 && memcmp(s.p + at, "From ", 5) == 0;
}

/* An empty line ends just before `at`. */
static bool
behind_empty_line(struct ms_slice s, size_t at)
{
	if (at < 2 || s.p[at - 1] != '\n')
		return false;
	if (s.p[at - 2] == '\n')
		return true;
	return s.p[at - 2] == '\r' && (at == 2 || s.p[at - 3] == '\n');
}

size_t
mbox_find_separator(struct ms_slice s, size_t from)
{
	size_t lf;

	if (from == 0 && from_at(s, 0))
		return 0;
	for (lf = ms_slice_find_line(s, from > 0 ? from - 1 : 0, 'F', 'r');
	     lf < s.n; lf = ms_slice_find_line(s, lf + 1, 'F', 'r'))
		if (from_at(s, lf + 1) && behind_empty_line(s, lf + 1))
			return lf + 1;
	return s.n;
}

/* ---- kinds ---- */

bool
mbox_is_separator(struct ms_slice s)
{
	struct ms_slice line = ms_slice_part(s, 0, ms_slice_find(s, 0, '\n'));
	unsigned digits = 0;

	if (!from_at(s, 0) || line.n > SEPARATOR_MAX)
		return false;
	for (size_t i = 5; i < line.n; i++)
		digits += line.p[i] >= '0' && line.p[i] <= '9';
	/* "From MAILER-DAEMON Fri Jul  8 12:08:34 2011", "From - Tue …", and
	 * old ones that name a sender only. */
	return digits >= 4 || ms_slice_find(line, 5, '@') < line.n ||
	       ms_slice_starts(ms_slice_part(line, 5, line.n), "MAILER-DAEMON");
}

/* Whether lines ">>From " stand there. */
static bool
quoted_twice(struct ms_slice s)
{
	for (size_t lf = ms_slice_find_line(s, 0, '>', '>'); lf < s.n;
	     lf = ms_slice_find_line(s, lf + 1, '>', '>')) {
		size_t at = lf + 1;

		while (at < s.n && s.p[at] == '>')
			at++;
		if (from_at(s, at))
			return true;
	}
	return false;
}

enum ms_mailbox_format
mbox_kind(struct ms_slice head, bool whole)
{
	size_t need = 0;
	size_t end = mbox_content_length_end(head, whole, &need);

	if (end > 0 && end <= head.n)
		return MS_FORMAT_MBOXCL2;
	return quoted_twice(head) ? MS_FORMAT_MBOXRD : MS_FORMAT_MBOXO;
}

/* ---- Content-Length ---- */

/* Where the body begins; s.n when the header does not end in sight. */
static size_t
body_start(struct ms_slice s)
{
	for (size_t lf = ms_slice_find(s, 0, '\n'); lf < s.n;
	     lf = ms_slice_find(s, lf + 1, '\n')) {
		if (lf + 1 < s.n && s.p[lf + 1] == '\n')
			return lf + 2;
		if (lf + 2 < s.n && s.p[lf + 1] == '\r' && s.p[lf + 2] == '\n')
			return lf + 3;
	}
	return s.n;
}

static bool
content_length(struct ms_slice header, size_t *out)
{
	static const char name[] = "\ncontent-length:";
	size_t at = ms_slice_find_nocase(header, 0, name);
	struct ms_scan s;

	if (at == header.n)
		return false;
	s = ms_scan_init(
	    ms_slice_part(header, at + sizeof(name) - 1, header.n));
	(void)ms_scan_while(&s, MS_C_WSP, 100);
	*out = (size_t)ms_scan_number(&s, 18, (uint64_t)1 << 62);
	return !s.bad;
}

size_t
mbox_content_length_end(struct ms_slice s, bool whole, size_t *need)
{
	size_t start = body_start(s), length, end;

	if (start == s.n ||
	    !content_length(ms_slice_part(s, 0, start), &length))
		return 0;
	if (length > SIZE_MAX - start - 16)
		return 0;
	end = start + length;
	*need = end + 16;
	if (end + 16 > s.n && !whole)
		return 0;
	if (end > s.n)
		return 0;
	/* One or two line ends may stand between. */
	for (unsigned i = 0;
	     i < 4 && end < s.n && (s.p[end] == '\n' || s.p[end] == '\r'); i++)
		end++;
	return (end == s.n && whole) || from_at(s, end) ? end : 0;
}

/* ---- one message ---- */

struct ms_slice
mbox_strip(struct ms_slice message, struct ms_slice *from_line)
{
	struct ms_slice rest = message;

	(void)ms_slice_line(&rest, false, from_line);
	if (rest.n > 0 && rest.p[rest.n - 1] == '\n') {
		size_t n = rest.n - 1;

		if (n > 0 && rest.p[n - 1] == '\r')
			n--;
		/* Only an empty line goes, not the end of the last one. */
		if (n > 0 && rest.p[n - 1] == '\n')
			rest.n = n;
	}
	return rest;
}

size_t
mbox_unquote(unsigned char *p, size_t n)
{
	struct ms_slice s = ms_slice_make(p, n);
	size_t from = 0, to = 0;
	size_t lf = n > 0 && p[0] == '>' ? 0 : ms_slice_find_line(s, 0, '>', 0);
	bool first = n > 0 && p[0] == '>';

	while (lf < n) {
		size_t line = first ? 0 : lf + 1, at = line;

		first = false;
		while (at < n && p[at] == '>')
			at++;
		if (from_at(s, at)) {
			memmove(p + to, p + from, line - from);
			to += line - from;
			from = line + 1;
		}
		lf = ms_slice_find_line(s, at > lf ? at : lf + 1, '>', 0);
	}
	if (from == 0)
		return n;
	memmove(p + to, p + from, n - from);
	return to + (n - from);
}
