/* SPDX-License-Identifier: ISC
 * link_remote.c - content fetched from elsewhere when the message is shown
 */
#include "finding_priv.h"

static void
remote(const struct ms_check *check, struct ms_report *report, size_t n,
    const struct ms_link *first)
{
	struct ms_finding f = finding_start(check, report);

	f.title = ms_arena_printf(report->arena,
	    "Showing the message fetches %zu thing%s from elsewhere, the "
	    "first from %.*s",
	    n, n == 1 ? "" : "s", FINDING_TEXT(first->parts.host_ascii));
	f.detail = "Each fetch tells the sender that, when and from which "
		   "address the message was read.";
	f.fix = "Keep remote content switched off in the mail program.";
	ms_put_int(report, f.evidence, "count", (int64_t)n);
	ms_put_text(report, f.evidence, "url", first->url);
	ms_report_finding(report, &f);
}

static void
pixel(const struct ms_check *check, struct ms_report *report,
    const struct ms_link *link)
{
	struct ms_finding f = finding_start(check, report);

	f.id = "link-tracking-pixel";
	f.title = ms_arena_printf(report->arena,
	    "An image without size from %.*s only tells that the message was "
	    "opened",
	    FINDING_TEXT(link->parts.host_ascii));
	f.detail = "It shows nothing. Newsletters count readers with it, "
		   "attackers find out which mailboxes are alive.";
	f.fix = "Keep remote content switched off in the mail program.";
	ms_put_text(report, f.evidence, "url", link->url);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_link *first = NULL, *first_pixel = NULL;
	size_t n = 0;

	for (const struct ms_link *link = subject->message->links.first; link;
	     link = link->next) {
		if (!link->remote)
			continue;
		n++;
		if (!first)
			first = link;
		if (!first_pixel && link->where == MS_LINK_PIXEL)
			first_pixel = link;
	}
	if (first)
		remote(check, report, n, first);
	if (first_pixel)
		pixel(check, report, first_pixel);
}

extern const struct ms_check check_link_remote;

const struct ms_check check_link_remote = {
	.id = "link-remote-content",
	.title = "remote content and tracking pixels",
	.reference = "RFC 2557 section 11",
	.severity = MS_SEVERITY_INFO,
	.weight = 0,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
