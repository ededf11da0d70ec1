/* SPDX-License-Identifier: ISC
 * tls_report.c - reports on TLS, RFC 8460 section 4.4
 */
#include "feedback_priv.h"
#include "mailsonde/clock.h"
#include "mailsonde/json.h"
#include "mailsonde/scan.h"

struct reader {
	struct ms_arena *arena;
	const struct ms_limits *limits;
	struct ms_tls_report *out;
	size_t rows; /* failures and policies so far */
};

/* ---- values ---- */

static struct ms_slice
text_of(const struct ms_json *object, const char *key)
{
	struct ms_slice text = ms_slice_trim(ms_json_get_text(object, key));

	return text.n > 0 ? text : ms_slice_make(NULL, 0);
}

/* A number, or one in quotes; -1: there is none. */
static int64_t
count_of(const struct ms_json *object, const char *key)
{
	const struct ms_json *value = ms_json_get(object, key);
	int64_t n = -1;

	if (value && value->kind == MS_JSON_TEXT) {
		struct ms_scan s = ms_scan_init(ms_slice_trim(value->text));

		n = (int64_t)ms_scan_number(&s, 15, 999999999999999);
		return s.bad || s.p != s.end ? -1 : n;
	}
	n = ms_json_get_int(object, key, -1);
	return n < 0 ? -1 : n;
}

/* One text, or an array of texts: both are met. */
static void
list_of(struct reader *r, const struct ms_json *value, struct ms_slice **list,
    size_t *n)
{
	const struct ms_json *item = value;

	if (value && value->kind == MS_JSON_ARRAY)
		item = value->first;
	for (; item; item = item->next) {
		struct ms_slice text = ms_slice_trim(item->text);

		if (item->kind == MS_JSON_TEXT && text.n > 0) {
			*list =
			    feedback_room(r->arena, *list, *n, sizeof(**list));
			(*list)[(*n)++] = text;
		}
		if (value->kind != MS_JSON_ARRAY)
			return;
	}
}

/* Of an array; NULL: it is none, or empty. */
static const struct ms_json *
first_of(const struct ms_json *array)
{
	return array && array->kind == MS_JSON_ARRAY ? array->first : NULL;
}

static bool
time_of(const struct ms_json *range, const char *key, int64_t *out)
{
	return ms_time_parse(text_of(range, key), out);
}

static void
odd_if(struct reader *r, bool odd, const char *text)
{
	if (odd)
		feedback_odd(r->arena, &r->out->oddities, "%s", text);
}

/* False: no more are read. */
static bool
room_for_row(struct reader *r)
{
	r->out->truncated |= r->rows == r->limits->report_rows;
	return !r->out->truncated && r->rows++ < r->limits->report_rows;
}

/* ---- policies ---- */

static void
read_failure(
    struct reader *r, const struct ms_json *in, struct ms_tls_policy *policy)
{
	struct ms_tls_failure f = { 0 };

	f.result_type = ms_arena_lower(r->arena, text_of(in, "result-type"));
	f.sending_ip = text_of(in, "sending-mta-ip");
	f.receiving_host = text_of(in, "receiving-mx-hostname");
	f.receiving_helo = text_of(in, "receiving-mx-helo");
	f.receiving_ip = text_of(in, "receiving-ip");
	f.information = text_of(in, "additional-information");
	if (!f.information.p) /* RFC 8460's examples have both */
		f.information = text_of(in, "additional-info-uri");
	f.reason_code = text_of(in, "failure-reason-code");
	if (!f.reason_code.p)
		f.reason_code = text_of(in, "failure-error-code");
	f.count = count_of(in, "failed-session-count");
	odd_if(r, !f.result_type.p, "a failure has no result-type");
	odd_if(r, f.count < 0, "a failure has no failed-session-count");
	if (f.count < 0)
		f.count = 0;
	policy->failures = feedback_room(r->arena, policy->failures,
	    policy->failures_n, sizeof(*policy->failures));
	policy->failures[policy->failures_n++] = f;
}

/* "mode: enforce" among the lines of an MTA-STS policy; some reporters have
 * the whole policy in one text. */
static struct ms_slice
mode_of(const struct ms_tls_policy *policy)
{
	for (size_t i = 0; i < policy->strings_n; i++) {
		struct ms_slice rest = policy->strings[i], line;

		while (ms_slice_line(&rest, false, &line)) {
			line = ms_slice_trim(line);
			if (ms_slice_starts(line, "mode:"))
				return ms_slice_trim(
				    ms_slice_part(line, 5, line.n));
		}
	}
	return ms_slice_make(NULL, 0);
}

static void
read_counts(struct reader *r, const struct ms_json *summary,
    struct ms_tls_policy *policy)
{
	int64_t listed = 0;

	policy->successful =
	    count_of(summary, "total-successful-session-count");
	policy->failed = count_of(summary, "total-failure-session-count");
	for (size_t i = 0; i < policy->failures_n; i++)
		listed = feedback_sum(listed, policy->failures[i].count);
	odd_if(r, policy->successful < 0,
	    "a policy has no total-successful-session-count");
	odd_if(r, policy->failed < 0,
	    "a policy has no total-failure-session-count");
	if (policy->successful < 0)
		policy->successful = 0;
	if (policy->failed < 0)
		policy->failed = listed;
}

static void
read_policy(struct reader *r, const struct ms_json *in)
{
	const struct ms_json *about = ms_json_get(in, "policy");
	const struct ms_json *failures = ms_json_get(in, "failure-details");
	const struct ms_json *hosts = ms_json_get(about, "mx-host");
	struct ms_tls_report *out = r->out;
	struct ms_tls_policy policy = { 0 };

	policy.type = ms_arena_lower(r->arena, text_of(about, "policy-type"));
	policy.domain =
	    ms_arena_lower(r->arena, text_of(about, "policy-domain"));
	list_of(r, ms_json_get(about, "policy-string"), &policy.strings,
	    &policy.strings_n);
	/* RFC 8460 has mx-host in its grammar and mx-host-pattern in text. */
	list_of(r, hosts ? hosts : ms_json_get(about, "mx-host-pattern"),
	    &policy.hosts, &policy.hosts_n);
	policy.mode = mode_of(&policy);
	odd_if(r, !policy.type.p, "a policy has no policy-type");
	odd_if(r, !policy.domain.p, "a policy has no policy-domain");
	for (failures = first_of(failures); failures && room_for_row(r);
	     failures = failures->next)
		read_failure(r, failures, &policy);
	read_counts(r, ms_json_get(in, "summary"), &policy);
	out->policies = feedback_room(
	    r->arena, out->policies, out->policies_n, sizeof(policy));
	out->policies[out->policies_n++] = policy;
	out->successful = feedback_sum(out->successful, policy.successful);
	out->failed = feedback_sum(out->failed, policy.failed);
}

/* ---- the whole ---- */

static void
read_head(struct reader *r, const struct ms_json *root)
{
	const struct ms_json *range = ms_json_get(root, "date-range");
	struct ms_tls_report *out = r->out;

	out->org_name = text_of(root, "organization-name");
	out->contact = text_of(root, "contact-info");
	out->report_id = text_of(root, "report-id");
	out->begin_set = time_of(range, "start-datetime", &out->begin);
	out->end_set = time_of(range, "end-datetime", &out->end);
	odd_if(r, !out->org_name.p, "it has no organization-name");
	odd_if(r, !out->report_id.p, "it has no report-id");
	odd_if(r, !out->contact.p, "it has no contact-info");
	odd_if(r, !out->begin_set || !out->end_set,
	    "it does not say of which time it is (date-range)");
	odd_if(r, out->begin_set && out->end_set && out->end < out->begin,
	    "its time ends before it begins");
}

enum ms_status
ms_tls_report_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, struct ms_tls_report *out,
    struct ms_diag *diag)
{
	struct reader r = { .arena = arena, .limits = limits, .out = out };
	const struct ms_json *root, *policies;

	memset(out, 0, sizeof(*out));
	if (text.n > limits->report_json)
		return ms_diag_set(diag, MS_FORMAT,
		    "its JSON is longer than %zu octets (report_json)",
		    limits->report_json);
	root = ms_json_read(arena, text);
	if (!root)
		return ms_diag_set(diag, MS_FORMAT,
		    "it is no JSON, or it is nested too deeply");
	policies = ms_json_get(root, "policies");
	if (!policies && !ms_json_get(root, "organization-name") &&
	    !ms_json_get(root, "report-id"))
		return ms_diag_set(
		    diag, MS_FORMAT, "its JSON is no report on TLS (RFC 8460)");
	read_head(&r, root);
	odd_if(&r, !policies || policies->kind != MS_JSON_ARRAY,
	    "it has no array \"policies\"");
	for (policies = first_of(policies); policies && room_for_row(&r);
	     policies = policies->next)
		read_policy(&r, policies);
	return MS_OK;
}
