/* SPDX-License-Identifier: ISC
 * dkim.c - what the checks of signatures share
 */
#include "dkim_priv.h"

void
dkim_each(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report,
    void (*judge)(const struct ms_check *check, const struct ms_case *subject,
	const struct ms_dkim_signature *signature, struct ms_report *report))
{
	const struct ms_dkim_result *dkim = &subject->auth->dkim;

	for (size_t i = 0; i < dkim->n; i++)
		judge(check, subject, &dkim->signatures[i], report);
}

struct ms_finding
dkim_finding(const struct ms_check *check, const char *id,
    enum ms_severity severity, int weight,
    const struct ms_dkim_signature *signature, struct ms_report *report)
{
	struct ms_finding out = finding_start(check, report);

	out.id = id;
	out.severity = severity;
	out.weight = weight;
	ms_put_text(report, out.evidence, "domain", signature->domain);
	ms_put_text(report, out.evidence, "selector", signature->selector);
	ms_put_int(
	    report, out.evidence, "offset", (int64_t)signature->field->offset);
	return out;
}

bool
dkim_counts(const struct ms_dkim_signature *signature)
{
	return signature->result == MS_AUTH_PASS && !signature->policy;
}

const struct ms_dkim_repair *
dkim_explained(const struct ms_dkim_signature *s)
{
	bool body =
	    s->code == MS_DKIM_BAD_BODY || (s->body_hashed && !s->body_hash_ok);

	if (!body)
		return s->header_repair.change != MS_DKIM_CHANGE_NONE
			   ? &s->header_repair
			   : NULL;
	/* What a hash says counts only as far as it was signed itself. */
	if (!s->signature_ok && s->header_repair.change == MS_DKIM_CHANGE_NONE)
		return NULL;
	return s->body_repair.change != MS_DKIM_CHANGE_NONE ? &s->body_repair
							    : NULL;
}

bool
dkim_any_counts(const struct ms_case *subject)
{
	const struct ms_dkim_result *dkim = &subject->auth->dkim;

	for (size_t i = 0; i < dkim->n; i++)
		if (dkim_counts(&dkim->signatures[i]))
			return true;
	return false;
}
