/* SPDX-License-Identifier: ISC
 * link_host.c - links to addresses, to lookalike names, with a false front
 */
#include "finding_priv.h"

static void
put(const struct ms_link *link, struct ms_finding *f, struct ms_report *report)
{
	ms_put_text(report, f->evidence, "url", link->url);
	ms_put_string(
	    report, f->evidence, "where", ms_link_where_name(link->where));
	ms_report_finding(report, f);
}

static void
address_literal(const struct ms_check *check, const struct ms_link *link,
    struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.title = ms_arena_printf(report->arena,
	    "A link leads to an address, not to a name: %.*s",
	    FINDING_TEXT(link->parts.host));
	f.detail = "Whoever has a name to lose uses it; an address costs "
		   "nothing to abandon. Written as one number or in octal, it "
		   "is meant to be overlooked.";
	f.fix = "Do not follow it.";
	put(link, &f, report);
}

static void
punycode(const struct ms_check *check, const struct ms_link *link,
    struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.id = "link-idn";
	f.severity = MS_SEVERITY_MEDIUM;
	f.weight = 15;
	f.reference = "RFC 5890 section 2.3.2.1; Unicode UTS 39";
	f.title = ms_arena_printf(report->arena,
	    "A link's host reads %.*s and is %.*s",
	    FINDING_TEXT(link->parts.host_unicode),
	    FINDING_TEXT(link->parts.host_ascii));
	f.detail = "Letters of other scripts can look like Latin ones; an "
		   "honest name in another language looks the same to a "
		   "program.";
	f.fix = "Compare the A-label form with the name that you know.";
	put(link, &f, report);
}

static void
userinfo(const struct ms_check *check, const struct ms_link *link,
    struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.id = "link-userinfo";
	f.title = ms_arena_printf(report->arena,
	    "A link puts %.*s in front of its real host %.*s",
	    FINDING_TEXT(link->parts.userinfo), FINDING_TEXT(link->parts.host));
	f.detail = "What stands before the @ is a user name; it only looks "
		   "like the host.";
	f.fix = "Do not follow it.";
	f.reference = "RFC 3986 section 7.6";
	put(link, &f, report);
}

static void
active(const struct ms_check *check, const struct ms_link *link,
    struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.id = "link-active-scheme";
	f.title = ms_arena_printf(report->arena,
	    "A link is of the kind %.*s:, which carries its content in itself",
	    FINDING_TEXT(link->parts.scheme));
	f.detail = "Such a link runs or shows what the message brought along, "
		   "past every filter that looks at hosts.";
	f.fix = "Do not follow it.";
	f.reference = "RFC 2397 section 5; RFC 3986 section 7";
	put(link, &f, report);
}

static bool
is_web(const struct ms_link *link)
{
	return ms_slice_is(link->parts.scheme, "http") ||
	       ms_slice_is(link->parts.scheme, "https") ||
	       ms_slice_is(link->parts.scheme, "ftp");
}

static bool
is_active(const struct ms_link *link)
{
	bool shown = link->where == MS_LINK_ANCHOR ||
		     link->where == MS_LINK_FORM ||
		     link->where == MS_LINK_REFRESH;

	return ms_slice_is(link->parts.scheme, "javascript") ||
	       ms_slice_is(link->parts.scheme, "vbscript") ||
	       (shown && ms_slice_is(link->parts.scheme, "data"));
}

static void
judge(const struct ms_check *check, const struct ms_link *link, unsigned *seen,
    struct ms_report *report)
{
	const struct ms_url *url = &link->parts;

	if (url->ip.set && is_web(link) && !(*seen & 1)) {
		address_literal(check, link, report);
		*seen |= 1;
	}
	if (url->host_unicode.n > 0 && is_web(link) && !(*seen & 2) &&
	    !ms_slice_equal_nocase(url->host_unicode, url->host_ascii)) {
		punycode(check, link, report);
		*seen |= 2;
	}
	if (url->userinfo.n > 0 && is_web(link) && !(*seen & 4)) {
		userinfo(check, link, report);
		*seen |= 4;
	}
	if (is_active(link) && !(*seen & 8)) {
		active(check, link, report);
		*seen |= 8;
	}
}

/* One finding of each kind: the first; the rest stand in the links. */
static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	unsigned seen = 0;

	for (const struct ms_link *link = subject->message->links.first; link;
	     link = link->next)
		judge(check, link, &seen, report);
}

extern const struct ms_check check_link_host;

const struct ms_check check_link_host = {
	.id = "link-address-literal",
	.title = "links to address literals, internationalised names, with "
		 "user information, or of an active kind",
	.reference = "RFC 3986 section 7.4",
	.severity = MS_SEVERITY_HIGH,
	.weight = 30,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
