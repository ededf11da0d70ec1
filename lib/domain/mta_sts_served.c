/* SPDX-License-Identifier: ISC
 * mta_sts_served.c - the MTA-STS policy as it is served over HTTPS, RFC 8461
 * 3.2, 3.3 and 4.1
 */
#include "domain_servers.h"

#include "mailsonde/certificate.h"
#include "mailsonde/domain_record.h"

#define DAY            86400
#define DEFAULT_AGE    604800 /* a week, as the fixes have it */
#define EVIDENCE_LINES 50

struct served {
	struct ms_domain_case *subject;
	const char *url;
	struct ms_fetch fetch;
	struct ms_mta_sts_policy policy;
};

const char *
domain_mta_sts_text(
    struct ms_domain_case *subject, enum ms_mta_sts_mode mode, uint64_t max_age)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	struct ms_buf out;

	ms_buf_init(&out, subject->arena);
	ms_buf_printf(&out, "version: STSv1 / mode: %s",
	    ms_mta_sts_mode_name(mode ? mode : MS_MTA_STS_TESTING));
	for (size_t i = 0; i < mx->n; i++)
		ms_buf_printf(
		    &out, " / mx: %.*s", DOMAIN_TEXT(mx->hosts[i].name));
	ms_buf_printf(&out, " / max_age: %llu",
	    (unsigned long long)(max_age ? max_age : DEFAULT_AGE));
	return ms_arena_string(subject->arena, ms_buf_get(&out));
}

/* What it should say, with another mode or age where they are not 0. */
static const char *
text_to_serve(
    const struct served *s, enum ms_mta_sts_mode mode, uint64_t max_age)
{
	return ms_arena_printf(s->subject->arena,
	    "Serve this, a line for each part, and change the id of the "
	    "record: %s",
	    domain_mta_sts_text(s->subject, mode ? mode : s->policy.mode,
		max_age ? max_age : s->policy.max_age));
}

/* The policy's lines. */
static void
add_evidence(const struct served *s, struct ms_domain_outcome *o)
{
	struct ms_slice rest = s->fetch.body, line;

	for (int i = 0;
	     i < EVIDENCE_LINES && ms_slice_line(&rest, false, &line); i++)
		if (line.n > 0)
			domain_record_line(
			    s->subject, o, "%.*s", DOMAIN_TEXT(line));
}

/* ---- what came ---- */

static struct ms_domain_outcome *
unusable(const struct served *s, const char *id, const char *what)
{
	struct ms_domain_outcome *o =
	    domain_outcome(s->subject, id, MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
		"The MTA-STS policy cannot be used: %s", what);

	o->detail = ms_arena_printf(s->subject->arena,
	    "%s: senders that have no older policy in memory act as if there "
	    "were none.",
	    s->url);
	o->reference = "RFC 8461 section 3.3";
	return o;
}

static const char *
certificate_fix(const struct served *s)
{
	const char *host = "mta-sts";

	switch (s->fetch.verify_error) {
	case MS_FETCH_WRONG_NAME:
		return ms_arena_printf(s->subject->arena,
		    "Serve a certificate that has %s.%.*s among its names.",
		    host, DOMAIN_TEXT(s->subject->name));
	case MS_FETCH_EXPIRED:
		return "Renew the certificate, and let that be done by "
		       "itself.";
	case MS_FETCH_NOT_YET_VALID:
		return "Serve a certificate that is valid by now.";
	case MS_FETCH_SELF_SIGNED:
		return "Serve a certificate of a public authority; MTA-STS "
		       "knows no other.";
	default:
		return "Serve a certificate of a public authority, with all "
		       "intermediate ones.";
	}
}

static void
judge_missing(const struct served *s)
{
	struct ms_domain_outcome *o =
	    unusable(s, "mta-sts-policy-missing", s->fetch.why);

	o->fix = text_to_serve(s, MS_MTA_STS_TESTING, DEFAULT_AGE);
}

static void
judge_failure(const struct served *s)
{
	struct ms_domain_outcome *o;

	switch (s->fetch.status) {
	case MS_FETCH_CERTIFICATE:
		o = unusable(s, "mta-sts-policy-certificate", s->fetch.why);
		o->fix = certificate_fix(s);
		break;
	case MS_FETCH_TLS:
		o = unusable(s, "mta-sts-policy-tls", s->fetch.why);
		o->fix = "Offer TLS 1.2 and TLS 1.3 at this host.";
		break;
	case MS_FETCH_REDIRECTED:
		o = unusable(s, "mta-sts-policy-redirect", s->fetch.why);
		o->fix = "Serve the policy itself under this URL: redirects "
			 "are not followed.";
		break;
	case MS_FETCH_TOO_LARGE:
		o = unusable(s, "mta-sts-policy-too-large", s->fetch.why);
		o->fix = "Use patterns (*.example.org) to name fewer mx.";
		break;
	case MS_FETCH_HTTP:
	case MS_FETCH_NO_ADDRESS:
		judge_missing(s);
		break;
	default:
		domain_unfetched(s->subject, s->url, &s->fetch);
	}
}

/* "text/plain; charset=utf-8" */
static bool
is_plain_text(const char *type)
{
	struct ms_slice s = ms_slice_from(type ? type : "");

	s = ms_slice_trim(ms_slice_part(s, 0, ms_slice_find(s, 0, ';')));
	return ms_slice_is(s, "text/plain");
}

static void
judge_type(const struct served *s)
{
	struct ms_domain_outcome *o;

	if (is_plain_text(s->fetch.type))
		return;
	o = domain_outcome(s->subject, "mta-sts-policy-type", MS_DOMAIN_FAIL,
	    MS_SEVERITY_MEDIUM,
	    "The MTA-STS policy is served as %.100s, not as text/plain",
	    s->fetch.type ? s->fetch.type : "no type at all");
	o->detail = "Senders that check the type act as if there were none.";
	o->fix = "Serve it with \"Content-Type: text/plain\".";
	o->reference = "RFC 8461 section 3.2";
}

static bool
judge_grammar(const struct served *s)
{
	const struct ms_mta_sts_policy *policy = &s->policy;
	struct ms_domain_outcome *o;

	if (policy->valid)
		return true;
	o = unusable(s, "mta-sts-policy-invalid", policy->fault);
	if (policy->at.n > 0 && policy->at.n < s->fetch.body.n)
		o->detail = ms_arena_printf(s->subject->arena, "%s At: %.*s",
		    o->detail, DOMAIN_TEXT(policy->at));
	o->fix = text_to_serve(s, MS_MTA_STS_UNKNOWN, 0);
	o->reference = "RFC 8461 section 3.2";
	add_evidence(s, o);
	return false;
}

/* Its certificate is good, for how long? */
static void
judge_end(const struct served *s)
{
	struct ms_domain_case *subject = s->subject;
	struct ms_slice pem =
	    ms_slice_from(s->fetch.certificate ? s->fetch.certificate : "");
	struct ms_domain_outcome *o;
	struct ms_certificate c;
	int64_t days;

	ms_certificate_read(domain_pem(subject->arena, pem),
	    &subject->env->limits, subject->arena, &c);
	if (c.fault || !c.dated)
		return;
	days = ms_certificate_days(&c, subject->env->clock.now);
	if (days >= DOMAIN_SOON)
		return;
	o = domain_outcome(subject, "mta-sts-policy-certificate-expires",
	    MS_DOMAIN_WARN, MS_SEVERITY_MEDIUM,
	    "The certificate of the MTA-STS policy's host runs out in %lld "
	    "days",
	    (long long)days);
	o->detail = "Then the policy cannot be fetched any more.";
	o->fix = "Renew the certificate, and let that be done by itself.";
	o->reference = "RFC 8461 section 3.3";
}

/* ---- what it says ---- */

static void
judge_mode(const struct served *s)
{
	struct ms_domain_outcome *o;

	if (s->policy.mode == MS_MTA_STS_TESTING) {
		o = domain_outcome(s->subject, "mta-sts-policy-testing",
		    MS_DOMAIN_WARN, MS_SEVERITY_INFO,
		    "The MTA-STS policy only tests: failures are reported, "
		    "and mail goes out all the same");
		o->detail = "It protects nothing yet.";
		o->fix = text_to_serve(s, MS_MTA_STS_ENFORCE, 0);
	} else {
		o = domain_outcome(s->subject, "mta-sts-policy-none",
		    MS_DOMAIN_WARN, MS_SEVERITY_LOW,
		    "The MTA-STS policy says that there is none (mode none)");
		o->detail = "That is how a policy is taken back; when senders "
			    "have forgotten the last one, record and policy "
			    "can go.";
		o->fix = text_to_serve(s, MS_MTA_STS_TESTING, DEFAULT_AGE);
	}
	o->reference = "RFC 8461 section 5";
	add_evidence(s, o);
}

static void
judge_age(const struct served *s)
{
	uint64_t age = s->policy.max_age;
	struct ms_domain_outcome *o;

	if (age >= DAY && age <= MS_MTA_STS_MAX_AGE)
		return;
	o = domain_outcome(s->subject, "mta-sts-policy-max-age", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    age < DAY ? "Senders are to forget the MTA-STS policy after %llu "
			"seconds"
		      : "max_age of the MTA-STS policy is over a year: %llu "
			"seconds",
	    (unsigned long long)age);
	o->detail = age < DAY ? "Whoever can keep them from fetching it for "
				"that long gets past it; weeks are usual."
			      : "31557600 is the most that is allowed.";
	o->fix = text_to_serve(s, MS_MTA_STS_UNKNOWN,
	    age < DAY ? DEFAULT_AGE : MS_MTA_STS_MAX_AGE);
	o->reference = "RFC 8461 section 3.2";
	add_evidence(s, o);
}

static bool
is_covered(const struct ms_mta_sts_policy *policy, struct ms_slice host)
{
	for (size_t i = 0; i < policy->mx_n; i++)
		if (ms_mta_sts_matches(policy->mx[i], host))
			return true;
	return false;
}

static void
judge_uncovered(const struct served *s, struct ms_slice host)
{
	bool enforce = s->policy.mode == MS_MTA_STS_ENFORCE;
	struct ms_domain_outcome *o = domain_outcome(s->subject,
	    "mta-sts-policy-mx", enforce ? MS_DOMAIN_FAIL : MS_DOMAIN_WARN,
	    enforce ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM,
	    "The MTA-STS policy does not name the mail exchanger %.*s",
	    DOMAIN_TEXT(host));

	o->detail = enforce ? "Senders that keep to the policy do not deliver "
			      "to it."
			    : "Once the policy is enforced, senders that keep "
			      "to it do not deliver to it.";
	o->fix = text_to_serve(s, MS_MTA_STS_UNKNOWN, 0);
	o->reference = "RFC 8461 section 4.1";
	add_evidence(s, o);
}

static void
judge_idle(const struct served *s, struct ms_slice pattern)
{
	const struct ms_domain_mx *mx = domain_mx(s->subject);
	struct ms_domain_outcome *o;

	for (size_t i = 0; i < mx->n; i++)
		if (ms_mta_sts_matches(pattern, mx->hosts[i].name))
			return;
	o = domain_outcome(s->subject, "mta-sts-policy-mx-unused",
	    MS_DOMAIN_WARN, MS_SEVERITY_INFO,
	    "The MTA-STS policy names %.*s, which is no mail exchanger of the "
	    "domain",
	    DOMAIN_TEXT(pattern));
	o->detail = "Whoever holds that name could be made a mail exchanger "
		    "by forged DNS.";
	o->fix = "Take it out, unless it is about to become one.";
	o->reference = "RFC 8461 section 4.1";
}

static void
judge_mx(const struct served *s)
{
	const struct ms_domain_mx *mx = domain_mx(s->subject);

	if (domain_mail_untold(s->subject))
		return;
	for (size_t i = 0; i < mx->n; i++)
		if (!is_covered(&s->policy, mx->hosts[i].name))
			judge_uncovered(s, mx->hosts[i].name);
	for (size_t i = 0; !mx->truncated && i < s->policy.mx_n; i++)
		judge_idle(s, s->policy.mx[i]);
}

static void
judge_served(struct served *s)
{
	size_t before = s->subject->outcomes_n;
	struct ms_domain_outcome *o;

	ms_mta_sts_policy_parse(s->fetch.body, &s->subject->env->limits,
	    s->subject->arena, &s->policy);
	judge_type(s);
	judge_end(s);
	if (!judge_grammar(s))
		return;
	if (s->policy.mode != MS_MTA_STS_ENFORCE)
		judge_mode(s);
	judge_age(s);
	if (s->policy.mode != MS_MTA_STS_MODE_NONE)
		judge_mx(s);
	if (s->subject->outcomes_n > before)
		return;
	o = domain_pass(s->subject,
	    "The policy is served: mode %s, for %llu days, %zu mx",
	    ms_mta_sts_mode_name(s->policy.mode),
	    (unsigned long long)s->policy.max_age / DAY, s->policy.mx_n);
	add_evidence(s, o);
}

static void
judge_policy(struct served *s)
{
	judge_served(s);
	if (s->policy.valid && s->policy.mode != MS_MTA_STS_MODE_NONE &&
	    s->subject->options->connect)
		domain_servers_mta_sts(s->subject, s->policy.mode);
}

void
domain_mta_sts_served(struct ms_domain_case *subject)
{
	struct served s = { .subject = subject };
	struct ms_fetch_url request = { .max =
					    subject->env->limits.policy_size };

	s.url = ms_arena_printf(subject->arena,
	    "https://mta-sts.%.*s/.well-known/mta-sts.txt",
	    DOMAIN_TEXT(subject->name));
	request.url = ms_slice_from(s.url);
	(void)domain_mx(subject); /* asked at once with the rest */
	ms_fetch_url(subject->env, &request, subject->arena, &s.fetch);
	if (s.fetch.status == MS_FETCH_FOUND)
		judge_policy(&s);
	else
		judge_failure(&s);
}
