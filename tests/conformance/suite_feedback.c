/* SPDX-License-Identifier: ISC
 * suite_feedback.c - reports of DMARC and on TLS
 */
#include "conform.h"

#include "mailsonde/clock.h"
#include "mailsonde/feedback.h"

/* The document in the case's report_b64, out of its container. */
static const struct ms_feedback_item *
document_of(struct conform *c)
{
	struct ms_charsets *charsets = ms_charsets_new(c->arena);
	const struct ms_feedback_item *item = ms_feedback_unpack(c->arena,
	    charsets, &c->env.limits, base64_of(c, c->test, "report_b64"));

	ms_charsets_close(charsets);
	return item;
}

static void
expect_time(struct conform *c, const char *name, bool set, int64_t got)
{
	const cJSON *wanted = member(c->want, name);
	int64_t time = 0;

	if (!wanted)
		return;
	if (cJSON_IsNumber(wanted))
		time = (int64_t)wanted->valuedouble;
	else if (!ms_time_parse(text_of(c->want, name), &time))
		differ(c, "%s: the case has no time", name);
	if (!set || time != got)
		differ(c, "%s: wanted %lld, got %lld", name, (long long)time,
		    set ? (long long)got : -1);
}

/* ---- DMARC ---- */

/* The next result of a kind behind `from`; auth_n: there is none. */
static size_t
next_of(const struct ms_aggregate_row *row, bool dkim, size_t from)
{
	while (from < row->auth_n && row->auth[from].dkim != dkim)
		from++;
	return from;
}

/* [kind, domain, result]: those of each kind in their order, for some readers
 * have them apart. */
static void
expect_auth(struct conform *c, const cJSON *wanted,
    const struct ms_aggregate_row *row, size_t number)
{
	size_t at[2] = { 0, 0 }, n = 0;
	const cJSON *item;

	cJSON_ArrayForEach(item, member(wanted, "auth"))
	{
		const cJSON *kind = cJSON_GetArrayItem(item, 0);
		const cJSON *domain = cJSON_GetArrayItem(item, 1);
		const cJSON *result = cJSON_GetArrayItem(item, 2);
		bool dkim = strcmp(kind->valuestring, "dkim") == 0;
		size_t i = next_of(row, dkim, at[dkim]);

		at[dkim] = i + 1;
		n++;
		if (i >= row->auth_n)
			continue;
		if (cJSON_IsString(domain) &&
		    !ms_slice_is(row->auth[i].domain, domain->valuestring))
			differ(c, "record %zu: a result is not for %s", number,
			    domain->valuestring);
		if (cJSON_IsString(result) &&
		    !ms_slice_is(row->auth[i].result, result->valuestring))
			differ(c, "record %zu: a result is no %s", number,
			    result->valuestring);
	}
	if (n != row->auth_n)
		differ(c, "record %zu: wanted %zu results, got %zu", number, n,
		    row->auth_n);
}

static void
expect_row(struct conform *c, const cJSON *wanted,
    const struct ms_aggregate_row *row, size_t number)
{
	struct ms_ip ip;

	if (!ms_ip_parse(text_of(wanted, "source_ip"), &ip) ||
	    !ms_ip_equal(&ip, &row->source))
		expect_text(c, wanted, "source_ip", row->source_text);
	expect_number(c, wanted, "count", (double)row->count);
	expect_text(c, wanted, "disposition", row->disposition);
	expect_text(c, wanted, "dkim", row->dkim);
	expect_text(c, wanted, "spf", row->spf);
	expect_text(c, wanted, "header_from", row->header_from);
	expect_auth(c, wanted, row, number);
}

static void
expect_aggregate(struct conform *c, const struct ms_aggregate *a)
{
	const cJSON *item;
	size_t i = 0;

	expect_text(c, c->want, "org_name", a->org_name);
	expect_text(c, c->want, "report_id", a->report_id);
	expect_time(c, "begin", a->begin_set, a->begin);
	expect_time(c, "end", a->end_set, a->end);
	expect_text(c, c->want, "domain", a->domain);
	expect_text(c, c->want, "p", a->p);
	expect_text(c, c->want, "sp", a->sp);
	expect_text(c, c->want, "adkim", a->adkim);
	expect_text(c, c->want, "aspf", a->aspf);
	cJSON_ArrayForEach(item, member(c->want, "records"))
	{
		if (i < a->rows_n)
			expect_row(c, item, &a->rows[i], i);
		i++;
	}
	if (i != a->rows_n)
		differ(c, "wanted %zu records, got %zu", i, a->rows_n);
}

void
run_dmarc_report(struct conform *c)
{
	bool valid = cJSON_IsTrue(member(c->want, "valid"));
	const struct ms_feedback_item *item = document_of(c);
	struct ms_aggregate a;
	enum ms_status status = MS_FORMAT;
	struct ms_diag diag = item->diag;

	if (item->kind == MS_FEEDBACK_XML)
		status = ms_aggregate_read(c->arena, item->text, &c->env.limits,
		    c->env.psl, &a, &diag);
	if ((status == MS_OK && !a.fault) != valid)
		differ(c, "valid: wanted %s, got: %s", valid ? "true" : "false",
		    status != MS_OK ? diag.text
		    : a.fault       ? a.fault
				    : "valid");
	else if (valid)
		expect_aggregate(c, &a);
}

/* ---- TLS ---- */

static void
expect_policy(
    struct conform *c, const cJSON *wanted, const struct ms_tls_policy *policy)
{
	const cJSON *item;
	size_t i = 0;

	expect_text(c, wanted, "type", policy->type);
	expect_text(c, wanted, "domain", policy->domain);
	expect_number(c, wanted, "successful", (double)policy->successful);
	expect_number(c, wanted, "failed", (double)policy->failed);
	cJSON_ArrayForEach(item, member(wanted, "failures"))
	{
		const cJSON *type = cJSON_GetArrayItem(item, 0);
		const cJSON *count = cJSON_GetArrayItem(item, 1);

		if (i < policy->failures_n && cJSON_IsString(type) &&
		    !ms_slice_is(
			policy->failures[i].result_type, type->valuestring))
			differ(c, "failure %zu is no %s", i, type->valuestring);
		if (i < policy->failures_n && cJSON_IsNumber(count) &&
		    count->valuedouble != (double)policy->failures[i].count)
			differ(c, "failure %zu is not %g times", i,
			    count->valuedouble);
		i++;
	}
	if (i != policy->failures_n)
		differ(
		    c, "wanted %zu failures, got %zu", i, policy->failures_n);
}

static void
expect_tls(struct conform *c, const struct ms_tls_report *tls)
{
	const cJSON *item;
	size_t i = 0;

	expect_text(c, c->want, "organization", tls->org_name);
	expect_text(c, c->want, "report_id", tls->report_id);
	expect_text(c, c->want, "contact", tls->contact);
	expect_time(c, "start", tls->begin_set, tls->begin);
	expect_time(c, "end", tls->end_set, tls->end);
	cJSON_ArrayForEach(item, member(c->want, "policies"))
	{
		if (i < tls->policies_n)
			expect_policy(c, item, &tls->policies[i]);
		i++;
	}
	if (i != tls->policies_n)
		differ(c, "wanted %zu policies, got %zu", i, tls->policies_n);
}

void
run_tls_report(struct conform *c)
{
	bool valid = cJSON_IsTrue(member(c->want, "valid"));
	const struct ms_feedback_item *item = document_of(c);
	struct ms_tls_report tls;
	struct ms_diag diag = item->diag;
	bool read = item->kind == MS_FEEDBACK_JSON &&
		    ms_tls_report_read(c->arena, item->text, &c->env.limits,
			&tls, &diag) == MS_OK;

	if (read != valid)
		differ(c, "valid: wanted %s, got: %s", valid ? "true" : "false",
		    read ? "valid" : diag.text);
	else if (valid)
		expect_tls(c, &tls);
}
