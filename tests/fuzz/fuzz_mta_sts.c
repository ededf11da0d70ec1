/* SPDX-License-Identifier: ISC
 * fuzz_mta_sts.c - records and policies of MTA-STS, TLS reporting and BIMI
 */
#include "fuzz.h"

#include "mailsonde/domain_record.h"

static void
records(struct ms_arena *arena, const struct ms_limits *limits,
    struct ms_slice text)
{
	struct ms_mta_sts_record sts;
	struct ms_tls_rpt_record rpt;
	struct ms_bimi_record bimi;

	ms_mta_sts_record_parse(text, &sts);
	assert(sts.valid == (sts.fault == NULL));
	assert(!sts.valid || ms_mta_sts_is_record(text));
	assert(!sts.valid || (sts.id.n > 0 && sts.id.n <= 32));
	fuzz_inside(text, sts.id);
	fuzz_inside(text, sts.at);
	ms_tls_rpt_record_parse(text, limits, arena, &rpt);
	assert(rpt.valid == (rpt.fault == NULL));
	assert(!rpt.valid || (ms_tls_rpt_is_record(text) && rpt.rua_n > 0));
	assert(rpt.rua_n <= limits->tags);
	for (size_t i = 0; i < rpt.rua_n; i++)
		fuzz_inside(text, rpt.rua[i]);
	fuzz_inside(text, rpt.at);
	ms_bimi_record_parse(text, limits, arena, &bimi);
	assert(bimi.valid == (bimi.fault == NULL));
	assert(!bimi.valid || ms_bimi_is_record(text));
	fuzz_inside(text, bimi.location);
	fuzz_inside(text, bimi.evidence);
	fuzz_inside(text, bimi.at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_slice text = ms_slice_make(data, size);
	struct ms_mta_sts_policy policy;

	records(arena, &limits, text);
	ms_mta_sts_policy_parse(text, &limits, arena, &policy);
	assert(policy.valid == (policy.fault == NULL));
	assert(!policy.valid || (policy.mode && policy.has_max_age));
	assert(policy.mx_n <= limits.tags);
	fuzz_inside(text, policy.at);
	for (size_t i = 0; i < policy.mx_n; i++) {
		fuzz_inside(text, policy.mx[i]);
		/* A name without a wildcard covers itself. */
		if (policy.valid && *policy.mx[i].p != '*')
			assert(ms_mta_sts_matches(policy.mx[i], policy.mx[i]));
	}
	ms_arena_free(arena);
	return 0;
}
