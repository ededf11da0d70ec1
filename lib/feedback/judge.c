/* SPDX-License-Identifier: ISC
 * judge.c - rows of a report judged anew, with the records of now
 *
 * "Can we go to reject?" and "what would break if this were published?": SPF is
 * checked again for the address and the domain of the envelope, DMARC is
 * evaluated by RFC 9989. Signatures count as the report says.
 */
#include "feedback_priv.h"
#include "mailsonde/spf.h"

struct judge {
	const struct ms_env *env;
	struct ms_arena *scratch;
	struct ms_map spf; /* address and identity, to a result */
	enum ms_auth_result results[MS_AUTH_PERMERROR + 1];
};

/* Of the envelope's sender, else the one that SPF was checked for. *helo: it is
 * the name given with HELO, for there was no sender. */
static struct ms_slice
identity_of(const struct ms_aggregate_row *row, bool *helo)
{
	struct ms_slice from = row->envelope_from;
	size_t at = ms_slice_find(from, 0, '@');

	*helo = false;
	if (at < from.n)
		from = ms_slice_part(from, at + 1, from.n);
	if (from.n > 0 && !ms_slice_is(from, "<>"))
		return from;
	for (size_t i = 0; i < row->auth_n; i++) {
		if (row->auth[i].dkim || !row->auth[i].domain.p)
			continue;
		*helo = ms_slice_is(row->auth[i].scope, "helo");
		return row->auth[i].domain;
	}
	return ms_slice_make(NULL, 0);
}

static enum ms_auth_result
check_spf(
    struct judge *j, const struct ms_ip *ip, struct ms_slice domain, bool helo)
{
	struct ms_spf_request request = { .ip = *ip, .helo = domain };
	struct ms_spf_result result;

	if (!helo)
		request.mail_from = ms_slice_from(ms_arena_printf(j->scratch,
		    "postmaster@%.*s", (int)domain.n, (const char *)domain.p));
	ms_spf_check(j->env, j->scratch, &request, &result);
	return result.result;
}

/* Each address and identity once. */
static enum ms_auth_result
spf_of(struct judge *j, const struct ms_aggregate_row *row,
    struct ms_slice domain, bool helo)
{
	struct ms_map_entry *entry;
	char ip[MS_IP_TEXT];
	const char *key;

	ms_ip_format(&row->source, ip);
	key = ms_arena_printf(j->scratch, "%s %d %.*s", ip, helo, (int)domain.n,
	    (const char *)domain.p);
	entry = ms_map_take(&j->spf, ms_slice_from(key));
	if (!entry->value)
		entry->value =
		    &j->results[check_spf(j, &row->source, domain, helo)];
	return *(const enum ms_auth_result *)entry->value;
}

static size_t
signatures_of(struct judge *j, const struct ms_aggregate_row *row,
    struct ms_dmarc_identifier **out)
{
	size_t n = 0;

	*out = MS_NEW_ARRAY(
	    j->scratch, struct ms_dmarc_identifier, row->auth_n + 1);
	for (size_t i = 0; i < row->auth_n; i++) {
		if (!row->auth[i].dkim)
			continue;
		(*out)[n].domain = row->auth[i].domain;
		(*out)[n++].result = ms_slice_is(row->auth[i].result, "pass")
					 ? MS_AUTH_PASS
					 : MS_AUTH_FAIL;
	}
	return n;
}

static void
judge_row(struct judge *j, struct ms_aggregate_row *row)
{
	struct ms_dmarc_request request = { .from = &row->header_from,
		.from_n = row->header_from.p ? 1 : 0 };
	struct ms_dmarc_identifier *dkim;
	struct ms_dmarc_result result;
	bool helo;

	memset(&row->now, 0, sizeof(row->now));
	request.spf.domain = identity_of(row, &helo);
	if (request.spf.domain.p && row->source.set) {
		row->now.has_spf = true;
		row->now.spf = spf_of(j, row, request.spf.domain, helo);
		request.spf.result = row->now.spf;
	} else {
		request.spf.domain = ms_slice_make(NULL, 0);
	}
	request.dkim_n = signatures_of(j, row, &dkim);
	request.dkim = dkim;
	ms_dmarc_evaluate(j->env, j->scratch, &request, &result);
	row->now.judged = true;
	row->now.dmarc = result.rfc9989.result;
	row->now.disposition = result.rfc9989.disposition;
}

void
ms_aggregate_judge(const struct ms_env *env, struct ms_arena *arena,
    struct ms_aggregate *report)
{
	struct judge j = { .env = env, .scratch = ms_arena_like(arena) };

	ms_map_init(&j.spf, arena);
	for (unsigned i = 0; i <= MS_AUTH_PERMERROR; i++)
		j.results[i] = (enum ms_auth_result)i;
	for (size_t i = 0; i < report->rows_n; i++) {
		judge_row(&j, &report->rows[i]);
		ms_arena_clear(j.scratch);
	}
	ms_arena_free(j.scratch);
}
