/* SPDX-License-Identifier: ISC
 * dkim_weak.c - keys and algorithms that prove little, RFC 8301
 */
#include "dkim_priv.h"

#define RSA_MUST   1024 /* RFC 8301 section 3.2: shorter counts for nothing */
#define RSA_SHOULD 2048

static void
weak(const struct ms_check *check, const struct ms_dkim_signature *s,
    enum ms_severity severity, const char *title, const char *fix,
    struct ms_report *report)
{
	struct ms_finding f =
	    dkim_finding(check, "dkim-weak-key", severity, 0, s, report);

	f.title = title;
	f.detail = severity >= MS_SEVERITY_MEDIUM
		       ? "It can be forged with means that many have; "
			 "receivers must not accept it."
		       : "It still counts, but not for long.";
	f.fix = fix;
	f.reference = "RFC 8301 section 3";
	ms_put_int(report, f.evidence, "key_bits", s->key_bits);
	ms_put_text(report, f.evidence, "algorithm", s->algorithm_text);
	ms_report_finding(report, &f);
}

static void
judge(const struct ms_check *check, const struct ms_case *subject,
    const struct ms_dkim_signature *s, struct ms_report *report)
{
	(void)subject;
	if (s->algorithm == MS_DKIM_RSA_SHA1)
		weak(check, s, MS_SEVERITY_MEDIUM,
		    ms_arena_printf(report->arena,
			"%.*s signs with rsa-sha1, which counts for nothing",
			FINDING_TEXT(s->domain)),
		    "As the signer: sign with rsa-sha256.", report);
	if (s->key.type != MS_DKIM_KEY_RSA || s->key_bits == 0 ||
	    s->key_bits >= RSA_SHOULD)
		return;
	weak(check, s,
	    s->key_bits < RSA_MUST ? MS_SEVERITY_MEDIUM : MS_SEVERITY_LOW,
	    ms_arena_printf(report->arena, "The key of %.*s has %u bits%s",
		FINDING_TEXT(s->domain), s->key_bits,
		s->key_bits < RSA_MUST ? ", which counts for nothing" : ""),
	    "As the signer: publish a key of 2048 bits.", report);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	dkim_each(check, subject, report, judge);
}

extern const struct ms_check check_dkim_weak;

const struct ms_check check_dkim_weak = {
	.id = "dkim-weak-key",
	.title = "keys and algorithms that prove little",
	.reference = "RFC 8301 section 3",
	.severity = MS_SEVERITY_MEDIUM,
	.weight = 0,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_AUTH,
	.run = run,
};
