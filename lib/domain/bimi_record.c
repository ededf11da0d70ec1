/* SPDX-License-Identifier: ISC
 * bimi_record.c - the assertion record of BIMI,
 * draft-brand-indicators-for-message-identification 4.2
 *
 * A tag list of RFC 6376 3.2: v=BIMI1 first; l= the mark, required; a= the
 * evidence for it; avp=, lps= for the reader's taste. Others are ignored.
 */
#include "record_priv.h"

#include "mailsonde/dmarc.h"
#include "mailsonde/taglist.h"

bool
ms_bimi_is_record(struct ms_slice text)
{
	struct ms_scan s = ms_scan_init(text);
	struct ms_slice version;

	(void)ms_scan_space(&s);
	if (ms_scan_peek(&s) != 'v' || !ms_scan_try_byte(&s, 'v'))
		return false;
	(void)ms_scan_space(&s);
	if (!ms_scan_try_byte(&s, '='))
		return false;
	version = ms_slice_trim(ms_scan_to(&s, ';'));
	return ms_slice_equal(version, MS_SLICE("BIMI1"));
}

static void
complain(struct ms_bimi_record *out, const char *fault, struct ms_slice where)
{
	if (!fault || out->fault)
		return;
	out->fault = fault;
	out->at = where;
}

/* Over HTTPS, and to a host. */
static bool
is_https(struct ms_slice uri)
{
	return ms_slice_starts(uri, "https://") &&
	       ms_slice_find(uri, 8, '/') > 8 && ms_report_uri_valid(uri);
}

/* lps=: local parts of which the selector may be taken. */
static bool
are_prefixes(struct ms_slice value)
{
	struct ms_slice item;

	while (ms_taglist_item(&value, ',', &item))
		for (size_t i = 0; i < item.n; i++)
			if (!ms_is(item.p[i], MS_C_ALNUM) && item.p[i] != '-' &&
			    item.p[i] != '.')
				return false;
	return true;
}

static void
check_tags(const struct ms_taglist *list, struct ms_bimi_record *out)
{
	struct ms_slice avp = ms_taglist_value(list, "avp");
	struct ms_slice lps = ms_taglist_value(list, "lps");

	if (!out->location.p)
		complain(out, "it has no l=", list->text);
	if (out->location.n > 0 && !is_https(out->location))
		complain(out, "l= is no https address", out->location);
	if (out->evidence.n > 0 && !is_https(out->evidence))
		complain(out, "a= is no https address", out->evidence);
	if (avp.p && !ms_slice_is(avp, "brand") &&
	    !ms_slice_is(avp, "personal"))
		complain(out, "avp= is neither brand nor personal", avp);
	if (lps.p && !are_prefixes(lps))
		complain(
		    out, "lps= holds a character that no selector has", lps);
}

void
ms_bimi_record_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_bimi_record *out)
{
	struct ms_taglist list;

	memset(out, 0, sizeof(*out));
	if (!ms_bimi_is_record(text)) {
		complain(out, "it does not begin with v=BIMI1", text);
		return;
	}
	ms_taglist_parse(text, 0, limits, arena, &list);
	if (list.errors_n > 0)
		complain(out, ms_tag_fault_text(list.errors[0].fault),
		    list.errors[0].at);
	out->location = ms_taglist_value(&list, "l");
	out->evidence = ms_taglist_value(&list, "a");
	check_tags(&list, out);
	out->valid = out->fault == NULL;
	out->declined =
	    out->valid && out->location.n == 0 && out->evidence.n == 0;
}
