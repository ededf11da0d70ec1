/* SPDX-License-Identifier: ISC
 * dmarc_author.c - DMARC of a message: does the author's domain stand behind?
 */
#include "dkim_priv.h"

#include "mailsonde/describe.h"
#include "mailsonde/organisation.h"

/* Whether a signature of this domain would be aligned, as far as that is known
 * without asking: RFC 9989 4.4.1. */
static bool
would_align(const struct ms_dmarc_result *dmarc, struct ms_slice domain)
{
	const struct ms_dmarc_judgement *j = &dmarc->rfc9989;
	struct ms_slice organization = j->organizational_domain;

	if (ms_slice_equal_nocase(domain, dmarc->domain))
		return true;
	if (!organization.p || (j->record && j->record->adkim_strict))
		return false;
	return ms_name_is_within(domain, organization);
}

/* A signature of the author's own that would hold without a change in transit,
 * which left the author alone; NULL: there is none. */
static const struct ms_dkim_signature *
witness(const struct ms_case *subject)
{
	const struct ms_dkim_result *dkim = &subject->auth->dkim;

	for (size_t i = 0; i < dkim->n; i++) {
		const struct ms_dkim_signature *s = &dkim->signatures[i];

		if (s->result == MS_AUTH_FAIL && !s->policy &&
		    dkim_explained(s) &&
		    s->header_repair.change != MS_DKIM_CHANGE_FROM &&
		    s->header_repair.also != MS_DKIM_CHANGE_FROM &&
		    would_align(&subject->auth->dmarc, s->domain))
			return s;
	}
	return NULL;
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_dkim_signature *s = witness(subject);
	const char *undone = NULL;

	(void)check;
	if (s)
		undone = ms_arena_printf(report->arena,
		    "%.*s did sign it, and the signature would hold but for "
		    "this: %s",
		    FINDING_TEXT(s->domain), dkim_explained(s)->text);
	ms_dmarc_findings(report, &subject->auth->dmarc, undone);
}

extern const struct ms_check check_dmarc_author;

const struct ms_check check_dmarc_author = {
	.id = "dmarc-fail",
	.title = "the author's domain does not stand behind the message",
	.reference = "RFC 9989 section 5.3.5",
	.severity = MS_SEVERITY_HIGH,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_AUTH,
	.run = run,
};
