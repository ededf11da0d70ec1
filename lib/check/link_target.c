/* SPDX-License-Identifier: ISC
 * link_target.c - the text of a link names one host, its target is another
 */
#include "finding_priv.h"
#include "mailsonde/organisation.h"

/* Newsletters send links through a counter of their own: where the shown
 * host belongs to the sender, it is less grave. */
static bool
senders_own(const struct ms_message *m, struct ms_slice host)
{
	return m->from.n > 0 &&
	       ms_same_organisation(m->from.list[0].domain, host);
}

static void
judge(const struct ms_check *check, const struct ms_message *m,
    const struct ms_link *link, struct ms_report *report)
{
	struct ms_slice shown = finding_host_in(link->text);
	struct ms_slice host = link->parts.host_ascii;
	struct ms_finding f;

	if (!shown.p || host.n == 0 || link->where != MS_LINK_ANCHOR ||
	    ms_same_organisation(shown, host))
		return;
	f = finding_start(check, report);
	if (senders_own(m, shown) || senders_own(m, host)) {
		f.severity = MS_SEVERITY_LOW;
		f.weight = 5;
	}
	f.title = ms_arena_printf(report->arena,
	    "A link shows %.*s and leads to %.*s", FINDING_TEXT(shown),
	    FINDING_TEXT(host));
	f.detail = "The reader sees one name and is taken to another. "
		   "Newsletters do it to count clicks, phishing to steal "
		   "log-ins.";
	f.fix = "Do not follow it; type the address that you know.";
	ms_put_text(report, f.evidence, "text", link->text);
	ms_put_text(report, f.evidence, "url", link->url);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	unsigned found = 0;

	for (const struct ms_link *link = subject->message->links.first;
	     link && found < 10; link = link->next) {
		size_t before = report->findings_n;

		judge(check, subject->message, link, report);
		found += report->findings_n > before;
	}
}

extern const struct ms_check check_link_target;

const struct ms_check check_link_target = {
	.id = "link-text-target",
	.title = "a link's text names another host than its target",
	.reference = "RFC 3986 section 7.6",
	.severity = MS_SEVERITY_HIGH,
	.weight = 40,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
