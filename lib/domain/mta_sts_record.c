/* SPDX-License-Identifier: ISC
 * mta_sts_record.c - the record that announces a policy, RFC 8461 3.1
 */
#include "record_priv.h"

static const char *const status_names[] = {
	[MS_MTA_STS_FOUND] = "found",
	[MS_MTA_STS_NONE] = "none",
	[MS_MTA_STS_MULTIPLE] = "multiple",
	[MS_MTA_STS_INVALID] = "invalid",
	[MS_MTA_STS_FAILED] = "temperror",
};

const char *
ms_mta_sts_status_name(enum ms_mta_sts_status status)
{
	return status_names[status];
}

bool
ms_mta_sts_is_record(struct ms_slice text)
{
	return record_starts(text, "v=STSv1");
}

/* sts-id = %s"id=" 1*32(ALPHA / DIGIT) */
static const char *
id_fault(struct ms_slice id)
{
	if (id.n > RECORD_NAME_MAX)
		return "the id has more than 32 characters";
	for (size_t i = 0; i < id.n; i++)
		if (!ms_is(id.p[i], MS_C_ALNUM))
			return "the id holds something other than letters and "
			       "digits";
	return NULL;
}

static void
complain(
    struct ms_mta_sts_record *out, const char *fault, struct ms_slice where)
{
	if (!fault || out->fault)
		return;
	out->fault = fault;
	out->at = where;
}

void
ms_mta_sts_record_parse(struct ms_slice text, struct ms_mta_sts_record *out)
{
	struct ms_slice rest = text;
	struct record_field f;

	memset(out, 0, sizeof(*out));
	if (!ms_mta_sts_is_record(text)) {
		complain(out, "it does not begin with v=STSv1;", text);
		return;
	}
	while (record_field(&rest, &f)) {
		complain(out, f.fault, f.all);
		if (f.fault)
			continue;
		if (!ms_slice_equal(f.name, MS_SLICE("id"))) {
			complain(out, record_extension(&f), f.all);
		} else if (!out->id.p) {
			out->id = f.value;
			complain(out, id_fault(f.value), f.value);
		}
	}
	if (!out->id.p)
		complain(out, "it has no id", text);
	out->valid = out->fault == NULL;
}

enum ms_mta_sts_status
ms_mta_sts_choose(
    const struct ms_dns_answer *answer, struct ms_mta_sts_record *record)
{
	size_t n = 0;

	memset(record, 0, sizeof(*record));
	if (ms_dns_is_failure(answer->status))
		return MS_MTA_STS_FAILED;
	for (size_t i = 0; i < answer->n; i++)
		if (ms_mta_sts_is_record(answer->records[i].u.text) && ++n == 1)
			ms_mta_sts_record_parse(
			    answer->records[i].u.text, record);
	if (n == 1)
		return record->valid ? MS_MTA_STS_FOUND : MS_MTA_STS_INVALID;
	memset(record, 0, sizeof(*record));
	return n == 0 ? MS_MTA_STS_NONE : MS_MTA_STS_MULTIPLE;
}
