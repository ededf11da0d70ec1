/* SPDX-License-Identifier: ISC
 * read.c - a domain's name, as people give it
 */
#include "domain_priv.h"

#include "mailsonde/link.h"
#include "mailsonde/scan.h"

/* Of an address or a URL its domain; *note says so. */
static struct ms_slice
domain_within(struct ms_slice text, const char **note)
{
	size_t scheme = ms_slice_find_text(text, 0, "://");
	size_t at;

	if (scheme < text.n) {
		*note = "taken from a URL";
		text = ms_slice_part(text, scheme + 3, text.n);
		for (at = 0; at < text.n && text.p[at] != '/' &&
			     text.p[at] != '?' && text.p[at] != '#';)
			at++;
		text = ms_slice_part(text, 0, at);
		at = ms_slice_find(text, 0, ':');
		text = ms_slice_part(text, 0, at);
	}
	for (at = text.n; at > 0 && text.p[at - 1] != '@';)
		at--;
	if (at > 0 && !*note)
		*note = "taken from an address";
	return ms_slice_part(text, at, text.n);
}

/* NULL when the name can be asked for. */
static const char *
wrong(struct ms_slice name)
{
	struct ms_dns_name parsed;

	if (name.n == 0)
		return "is empty";
	for (size_t i = 0; i < name.n; i++)
		if (!ms_is(name.p[i], MS_C_ALNUM) && name.p[i] != '-' &&
		    name.p[i] != '_' && name.p[i] != '.')
			return "holds a character that no domain name has";
	if (!ms_dns_name_from_text(name, &parsed))
		return "is no domain name: a label is empty or over 63 octets, "
		       "or the whole over 255";
	if (ms_slice_find(name, 0, '.') == name.n)
		return "is a single label; give the whole name "
		       "(example.org)";
	return NULL;
}

bool
ms_domain_read(struct ms_arena *arena, struct ms_slice text,
    struct ms_slice *name, struct ms_slice *unicode, const char **note)
{
	struct ms_slice given;
	const char *fault;
	struct ms_ip ip;

	*note = NULL;
	*unicode = ms_slice_make(NULL, 0);
	given = domain_within(ms_slice_trim(text), note);
	*name = given;
	if (ms_ip_parse_literal(given, &ip)) {
		*note = "is an address; mailsonde geoip and mailsonde spf take "
			"addresses, this command takes a domain's name";
		return false;
	}
	if (!ms_slice_is_ascii(given)) {
		*unicode = given;
		given = ms_domain_to_ascii(arena, given);
	}
	if (given.n > 1 && given.p[given.n - 1] == '.')
		given.n--;
	*name = ms_arena_lower(arena, given);
	fault = wrong(*name);
	if (fault)
		*note = fault;
	return fault == NULL;
}
