/* SPDX-License-Identifier: ISC
 * align.c - alignment recomputed from what a report says, RFC 9989 section 4.4
 *
 * Organizational domains are those of the public suffix list: a report is read
 * without the DNS, which the tree walk would need.
 */
#include "feedback_priv.h"

/* p == NULL: not known. */
static struct ms_slice
organization(struct feedback_align *a, struct ms_slice name)
{
	struct ms_map_entry *entry = ms_map_take(&a->cache, name);
	struct ms_psl_answer answer;
	struct ms_slice *kept = entry->value;

	if (!kept) {
		kept = MS_NEW(a->arena, struct ms_slice);
		a->psl->ask(a->psl, name, a->arena, &answer);
		*kept = ms_psl_organization(&answer);
		entry->value = kept;
	}
	return *kept;
}

static enum ms_aligned
aligned(struct feedback_align *a, struct ms_slice from, struct ms_slice domain,
    bool strict)
{
	struct ms_slice x, y;

	if (!from.p || !domain.p)
		return MS_ALIGNED_UNKNOWN;
	while (domain.n > 1 && domain.p[domain.n - 1] == '.')
		domain.n--;
	if (ms_slice_equal_nocase(from, domain))
		return MS_ALIGNED_YES;
	if (strict)
		return MS_ALIGNED_NO;
	x = organization(a, from);
	y = organization(a, domain);
	if (!x.p || !y.p)
		return MS_ALIGNED_UNKNOWN;
	return ms_slice_equal_nocase(x, y) ? MS_ALIGNED_YES : MS_ALIGNED_NO;
}

/* Of several, one that is aligned is enough. */
static void
weigh(enum ms_aligned *all, enum ms_aligned one)
{
	if (one == MS_ALIGNED_YES || *all == MS_ALIGNED_NO)
		*all = one;
}

void
feedback_align_row(struct feedback_align *a, const struct ms_aggregate *report,
    struct ms_aggregate_row *row)
{
	row->dkim_aligned = row->spf_aligned = MS_ALIGNED_NO;
	for (size_t i = 0; i < row->auth_n; i++) {
		struct ms_aggregate_auth *auth = &row->auth[i];
		struct ms_slice mode =
		    auth->dkim ? report->adkim : report->aspf;

		if (!ms_slice_is(auth->result, "pass"))
			continue;
		auth->aligned = aligned(
		    a, row->header_from, auth->domain, ms_slice_is(mode, "s"));
		/* The name of HELO counts only where there is no MAIL FROM. */
		if (!auth->dkim && ms_slice_is(auth->scope, "helo") &&
		    auth->aligned == MS_ALIGNED_YES)
			auth->aligned = MS_ALIGNED_UNKNOWN;
		weigh(auth->dkim ? &row->dkim_aligned : &row->spf_aligned,
		    auth->aligned);
	}
}
