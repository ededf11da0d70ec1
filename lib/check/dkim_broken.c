/* SPDX-License-Identifier: ISC
 * dkim_broken.c - signatures that do not hold, and what that proves
 *
 * A changed body is evidence; a key that is gone, or a signature past its
 * time, is none.
 */
#include "dkim_priv.h"

static void
changed(const struct ms_check *check, const struct ms_case *subject,
    const struct ms_dkim_signature *s, struct ms_report *report)
{
	bool body =
	    s->code == MS_DKIM_BAD_BODY || (s->body_hashed && !s->body_hash_ok);
	const struct ms_dkim_repair *explained = dkim_explained(s);
	bool minor = explained || dkim_any_counts(subject);
	struct ms_finding f = dkim_finding(check,
	    body ? "dkim-body-changed" : "dkim-header-changed",
	    minor ? MS_SEVERITY_LOW : MS_SEVERITY_MEDIUM, minor ? 0 : 15, s,
	    report);

	f.title = ms_arena_printf(report->arena,
	    "The %s was changed after %.*s signed it", body ? "body" : "header",
	    FINDING_TEXT(s->domain));
	f.detail = explained ? ms_arena_printf(report->arena, "Explained: %s.",
				   explained->text)
			     : "Either somebody changed the message on its "
			       "way, or the signature was taken from another "
			       "one. None of the usual changes in transit "
			       "explains it.";
	if (!body && s->key.type == MS_DKIM_KEY_RSA && !s->made_by_key) {
		f.title = ms_arena_printf(report->arena,
		    "The signature of %.*s was not made with its key",
		    FINDING_TEXT(s->domain));
		f.detail = "Either the key at that place has been replaced "
			   "since, or the signature is made up.";
	}
	f.fix = explained ? "Judge the message by what its list or gateway "
			    "vouches for."
			  : "Take the message for unsigned.";
	f.reference = body ? "RFC 6376 section 3.7" : "RFC 6376 section 6.1.3";
	ms_put_string(report, f.evidence, "change",
	    explained ? ms_dkim_change_name(explained->change) : NULL);
	if (body) {
		ms_put_text(
		    report, f.evidence, "body_hash_stated", s->body_hash);
		ms_put_text(report, f.evidence, "body_hash_computed",
		    s->body_hash_computed);
	}
	ms_report_finding(report, &f);
}

static void
key_away(const struct ms_check *check, const struct ms_dkim_signature *s,
    struct ms_report *report)
{
	bool revoked = s->code == MS_DKIM_REVOKED;
	struct ms_finding f =
	    dkim_finding(check, revoked ? "dkim-key-revoked" : "dkim-key-gone",
		MS_SEVERITY_LOW, 0, s, report);

	f.title = ms_arena_printf(report->arena, "The key %.*s %s",
	    FINDING_TEXT(s->key_name),
	    revoked ? "has been revoked" : "is not published");
	f.detail = "Keys are changed and taken down in time, so this alone is "
		   "no forgery: the signature can neither be confirmed nor "
		   "refuted.";
	f.fix = "Give the key of that day with --keys, if you have it.";
	f.reference = "RFC 6376 section 6.1.2";
	ms_report_finding(report, &f);
}

static void
expired(const struct ms_check *check, const struct ms_dkim_signature *s,
    struct ms_report *report)
{
	struct ms_finding f =
	    dkim_finding(check, "dkim-expired", MS_SEVERITY_LOW, 0, s, report);
	char when[MS_TIME_TEXT];

	ms_time_format(s->expires, when);
	f.title = ms_arena_printf(report->arena,
	    "The signature of %.*s ran out at %s", FINDING_TEXT(s->domain),
	    when);
	f.detail = "Signers set a time after which nobody should rely on the "
		   "signature: old mail sent again is caught by it.";
	f.fix = "For mail that was received in time, judge with --at received.";
	f.reference = "RFC 6376 section 3.5";
	ms_report_finding(report, &f);
}

static void
unusable(const struct ms_check *check, const struct ms_case *subject,
    const struct ms_dkim_signature *s, struct ms_report *report)
{
	bool minor = dkim_any_counts(subject);
	struct ms_finding f = dkim_finding(check, "dkim-unusable",
	    minor ? MS_SEVERITY_LOW : MS_SEVERITY_MEDIUM, minor ? 0 : 10, s,
	    report);

	f.title = ms_arena_printf(report->arena,
	    "The signature of %.*s cannot be used",
	    FINDING_TEXT(s->domain.n ? s->domain : MS_SLICE("(no domain)")));
	f.detail = s->reason;
	f.fix = "Take the message for unsigned.";
	f.reference = "RFC 6376 section 6.1";
	ms_report_finding(report, &f);
}

static void
judge(const struct ms_check *check, const struct ms_case *subject,
    const struct ms_dkim_signature *s, struct ms_report *report)
{
	if (s->body_hashed && !s->body_hash_ok)
		changed(check, subject, s, report);
	else if (s->code == MS_DKIM_BAD_SIGNATURE)
		changed(check, subject, s, report);
	else if (s->code == MS_DKIM_NO_KEY || s->code == MS_DKIM_REVOKED)
		key_away(check, s, report);
	else if (s->code == MS_DKIM_EXPIRED)
		expired(check, s, report);
	else if (s->result == MS_AUTH_PERMERROR && s->code != MS_DKIM_LIMIT)
		unusable(check, subject, s, report);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	dkim_each(check, subject, report, judge);
}

extern const struct ms_check check_dkim_broken;

const struct ms_check check_dkim_broken = {
	.id = "dkim-body-changed",
	.title = "signatures that do not hold, and what that proves",
	.reference = "RFC 6376 section 6.1",
	.severity = MS_SEVERITY_MEDIUM,
	.weight = 15,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_AUTH,
	.run = run,
};
