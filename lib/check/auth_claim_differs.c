/* SPDX-License-Identifier: ISC
 * auth_claim_differs.c - claimed results that are not what comes out here
 *
 * A "pass" written by strangers that cannot be reproduced is forged, unless
 * something accuses nobody: a list's changes, a key taken down. One written by
 * our own side tells that the world has changed since.
 */
#include "finding_priv.h"

struct claim {
	const struct ms_case *subject;
	const struct ms_authres *authres;
	const struct ms_authres_method *method;
	const struct ms_claim_check *check;
	enum ms_trust trust;
};

static bool
outside(const struct claim *c)
{
	return c->trust == MS_TRUST_CLAIMED;
}

/* Whether a list or forwarder stands between, so that what it found before
 * its own changes can be true. */
static bool
passed_on(const struct ms_case *subject)
{
	return subject->auth->arc.result == MS_AUTH_PASS ||
	       ms_header_find(&subject->message->header, MS_FIELD_LIST_ID);
}

static void
fill_evidence(
    struct ms_report *report, struct ms_node *node, const struct claim *c)
{
	ms_put_text(report, node, "field", c->authres->field->name);
	ms_put_text(report, node, "authserv_id", c->authres->authserv_id);
	ms_put_string(report, node, "trust", ms_trust_name(c->trust));
	ms_put_text(report, node, "method", c->method->method);
	ms_put_text(report, node, "claimed", c->method->result);
	ms_put_string(
	    report, node, "recomputed", ms_auth_result_name(c->check->ours));
	ms_put_evidence(report, node, "raw", c->authres->field->value);
}

static void
judge_outside(const struct claim *c, struct ms_finding *f)
{
	bool excused = c->check->excused || passed_on(c->subject);

	f->id = "auth-claim-forged";
	f->severity = excused ? MS_SEVERITY_LOW : MS_SEVERITY_HIGH;
	f->weight = excused ? 0 : 35;
	f->detail =
	    excused
		? "The field stands below the trust boundary. A list or "
		  "forwarder that changed the message, or a key taken down "
		  "since, can explain it."
		: "The field stands below the trust boundary, where the sender "
		  "can write what he likes, and nothing in the message bears "
		  "it out. It is there to deceive whoever reads it.";
	f->fix = "Do not believe results that your own servers did not write; "
		 "let them remove fields that bear their name (RFC 8601 "
		 "section 5).";
	f->reference = "RFC 8601 section 7.1";
}

static void
judge_ours(const struct claim *c, struct ms_finding *f)
{
	f->id = "auth-claim-differs";
	f->severity = c->check->excused ? MS_SEVERITY_INFO : MS_SEVERITY_LOW;
	f->weight = 0;
	f->detail = "Our own side wrote it when the message came. DNS records "
		    "change, keys are taken down, signatures expire; and what "
		    "was changed after delivery no longer holds.";
	f->fix = "Judge with the records of that day: --at received, --keys "
		 "or --replay.";
	f->reference = "RFC 8601 section 2.7";
}

static void
judge(const struct ms_check *check, const struct claim *c,
    struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.title = ms_arena_printf(report->arena,
	    "%s %.*s=%.*s, but it is %s here",
	    outside(c) ? "Strangers claim" : "On receipt it was",
	    FINDING_TEXT(c->method->method), FINDING_TEXT(c->method->result),
	    ms_auth_result_name(c->check->ours));
	if (outside(c))
		judge_outside(c, &f);
	else
		judge_ours(c, &f);
	fill_evidence(report, f.evidence, c);
	ms_report_finding(report, &f);
}

/* From strangers only what would whitewash the message is of interest. */
static bool
worth_a_finding(const struct claim *c)
{
	if (c->check->relation != MS_CLAIM_DIFFERS)
		return false;
	return !outside(c) || ms_slice_is(c->method->result, "pass");
}

/* The same method below the boundary again says nothing more. */
static bool
said_before(const struct claim *c, unsigned *methods)
{
	static const char *const names[] = { "spf", "dkim", "dmarc", "arc" };
	unsigned bit = 0;

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ms_slice_is(c->method->method, names[i]))
			bit = 1u << (outside(c) ? i : i + 8);
	if (*methods & bit)
		return true;
	*methods |= bit;
	return false;
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_field *fields = subject->message->header.fields;
	unsigned methods = 0;

	for (size_t i = 0; i < subject->claims_n; i++) {
		const struct ms_authres *a = &subject->claims[i];

		for (size_t k = 0; k < a->n; k++) {
			struct claim c = { subject, a, &a->methods[k],
				&subject->auth->checks[i][k],
				ms_trace_field_trust(subject->trace,
				    (unsigned)(a->field - fields)) };

			if (worth_a_finding(&c) && !said_before(&c, &methods))
				judge(check, &c, report);
		}
	}
}

extern const struct ms_check check_auth_claim_differs;

const struct ms_check check_auth_claim_differs = {
	.id = "auth-claim-forged",
	.title = "claimed results that cannot be reproduced",
	.reference = "RFC 8601 section 7.1",
	.severity = MS_SEVERITY_HIGH,
	.weight = 35,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_TRACE | MS_NEEDS_AUTH,
	.run = run,
};
