/* SPDX-License-Identifier: ISC
 * finding.c - what the checks share
 */
#include "finding_priv.h"

#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

struct ms_finding
finding_start(const struct ms_check *check, struct ms_report *report)
{
	struct ms_finding out = {
		.id = check->id,
		.severity = check->severity,
		.reference = check->reference,
		.weight = check->weight,
		.evidence = ms_put_object(report, NULL, NULL),
	};

	return out;
}

static bool
address_byte(unsigned char c)
{
	return ms_is(c, MS_C_ALNUM) || c == '.' || c == '-' || c == '_' ||
	       c == '+' || c >= 0x80;
}

struct ms_slice
finding_address_in(struct ms_slice text)
{
	for (size_t at = ms_slice_find(text, 0, '@'); at < text.n;
	     at = ms_slice_find(text, at + 1, '@')) {
		size_t from = at, to = at + 1;
		struct ms_slice domain;

		while (from > 0 && address_byte(text.p[from - 1]))
			from--;
		while (to < text.n && address_byte(text.p[to]))
			to++;
		while (to > at + 1 && text.p[to - 1] == '.')
			to--;
		domain = ms_slice_part(text, at + 1, to);
		if (from < at && ms_slice_find(domain, 1, '.') < domain.n)
			return ms_slice_part(text, from, to);
	}
	return ms_slice_make(NULL, 0);
}

/* A word whose last label could be a top-level domain: letters only, at least
 * two, and not a file's extension. */
static bool
host_like(struct ms_slice word)
{
	static const char *const files[] = { "pdf", "doc", "docx", "xls",
		"xlsx", "txt", "jpg", "jpeg", "png", "gif", "htm", "html",
		"php", "asp", "aspx", "exe", "js", "css", "ppt", "pptx", "csv",
		"xml" };
	size_t dot = word.n;
	struct ms_slice last;

	while (dot > 0 && word.p[dot - 1] != '.')
		dot--;
	last = ms_slice_part(word, dot, word.n);
	if (dot < 2 || last.n < 2 || last.n > 24)
		return false;
	for (size_t i = 0; i < last.n; i++)
		if (!ms_is(last.p[i], MS_C_ALPHA))
			return false;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (ms_slice_is(last, files[i]))
			return false;
	return true;
}

static struct ms_slice
host_word(struct ms_slice text, size_t *at)
{
	size_t from = *at, to;

	while (from < text.n &&
	       !(ms_is(text.p[from], MS_C_ALNUM) || text.p[from] >= 0x80))
		from++;
	to = from;
	while (to < text.n &&
	       (ms_is(text.p[to], MS_C_ALNUM) || text.p[to] == '.' ||
		   text.p[to] == '-' || text.p[to] >= 0x80))
		to++;
	*at = to;
	while (to > from && text.p[to - 1] == '.')
		to--;
	return ms_slice_part(text, from, to);
}

struct ms_slice
finding_host_in(struct ms_slice text)
{
	size_t at = ms_slice_find_text(text, 0, "://");

	if (at < text.n) {
		at += 3;
		return host_word(text, &at);
	}
	for (at = 0; at < text.n;) {
		struct ms_slice word = host_word(text, &at);
		bool address = at < text.n && text.p[at] == '@';

		if (word.n == 0)
			break;
		if (!address && host_like(word))
			return word;
	}
	return ms_slice_make(NULL, 0);
}

size_t
finding_hidden(struct ms_slice text, const char **what)
{
	size_t n = 0;

	while (text.n > 0) {
		int32_t rune = ms_utf8_next(&text);
		enum ms_rune_kind kind =
		    rune < 0 ? MS_RUNE_PLAIN : ms_rune_kind((uint32_t)rune);

		/* Joiners are part of emoji and of some scripts. */
		if (rune == 0x200d || rune == 0x200c || rune == 0xfe0f)
			continue;
		if (kind != MS_RUNE_BIDI && kind != MS_RUNE_INVISIBLE)
			continue;
		if (n++ == 0)
			*what = kind == MS_RUNE_BIDI ? "a bidirectional control"
						     : "an invisible character";
	}
	return n;
}
