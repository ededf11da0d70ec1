/* SPDX-License-Identifier: ISC
 * dmarc_align.c - identifier alignment and the result, RFC 9989 4.4, 5.3.4
 *
 * The same for RFC 7489 (3.1, 6.6.2); only what an organizational domain is
 * differs.
 */
#include "dmarc_priv.h"

/* What became of the identifiers of one mechanism: the first of each. */
struct side {
	const char *name;
	bool strict; /* what the record asks for */
	const struct ms_dmarc_identifier *aligned, *unaligned, *untold;
	bool untold_by_dns; /* its alignment, not its result */
};

static enum ms_dmarc_alignment
align(struct dmarc_judge *j, const struct ms_dmarc_identifier *identifier,
    bool strict)
{
	struct ms_slice domain =
	    dmarc_domain(identifier->domain, j->asked->arena);

	if (!domain.p)
		return MS_DMARC_NOT_ALIGNED;
	if (ms_slice_equal(domain, j->author))
		return MS_DMARC_STRICT;
	return strict ? MS_DMARC_NOT_ALIGNED : j->relaxed(j, domain);
}

static void
note(const struct ms_dmarc_identifier **first,
    const struct ms_dmarc_identifier *identifier)
{
	if (!*first)
		*first = identifier;
}

/* An identifier whose result could not be told leaves things open only where
 * it would have been aligned. */
static enum ms_dmarc_alignment
weigh(struct dmarc_judge *j, const struct ms_dmarc_identifier *identifier,
    struct side *side)
{
	bool pass = identifier->result == MS_AUTH_PASS;
	enum ms_dmarc_alignment alignment;

	if (!identifier->domain.p ||
	    (!pass && identifier->result != MS_AUTH_TEMPERROR))
		return MS_DMARC_NOT_AUTHENTICATED;
	alignment = align(j, identifier, side->strict);
	if (alignment == MS_DMARC_NOT_ALIGNED && !pass)
		return MS_DMARC_NOT_AUTHENTICATED;
	if (alignment == MS_DMARC_NOT_ALIGNED) {
		note(&side->unaligned, identifier);
	} else if (!pass || alignment == MS_DMARC_UNTOLD) {
		if (!side->untold)
			side->untold_by_dns = pass;
		note(&side->untold, identifier);
		return MS_DMARC_UNTOLD;
	} else {
		note(&side->aligned, identifier);
	}
	return alignment;
}

/* ---- reasons ---- */

static const char *
reason_of_pass(
    struct dmarc_judge *j, const struct side *spf, const struct side *dkim)
{
	struct ms_buf buf;

	ms_buf_init(&buf, j->asked->arena);
	if (spf->aligned)
		ms_buf_printf(&buf, "SPF passed for %.*s",
		    DMARC_TEXT(spf->aligned->domain));
	if (spf->aligned && dkim->aligned)
		ms_buf_text(&buf, " and ");
	if (dkim->aligned)
		ms_buf_printf(&buf, "DKIM passed for %.*s",
		    DMARC_TEXT(dkim->aligned->domain));
	ms_buf_printf(&buf, ", aligned with the author domain %.*s",
	    DMARC_TEXT(j->author));
	ms_buf_byte(&buf, '\0');
	return (const char *)buf.p;
}

static void
say_unaligned(
    struct dmarc_judge *j, struct ms_buf *buf, const struct side *side)
{
	const struct ms_dmarc_identifier *identifier = side->unaligned;

	ms_buf_printf(buf,
	    "%s passed for %.*s, which is not aligned with "
	    "%.*s%s",
	    side->name, DMARC_TEXT(identifier->domain), DMARC_TEXT(j->author),
	    side->strict ? " (the record asks for the same domain)" : "");
}

static const char *
reason_of_fail(
    struct dmarc_judge *j, const struct side *spf, const struct side *dkim)
{
	const struct ms_dmarc_request *request = j->request;
	struct ms_buf buf;

	ms_buf_init(&buf, j->asked->arena);
	if (spf->unaligned)
		say_unaligned(j, &buf, spf);
	else if (!request->spf.domain.p)
		ms_buf_text(&buf, "SPF was not judged");
	else
		ms_buf_printf(&buf, "SPF gave %s for %.*s",
		    ms_auth_result_name(request->spf.result),
		    DMARC_TEXT(request->spf.domain));
	ms_buf_text(&buf, dkim->unaligned ? "; " : ", ");
	if (dkim->unaligned)
		say_unaligned(j, &buf, dkim);
	else
		ms_buf_text(&buf, request->dkim_n > 0
				      ? "and no DKIM signature passed"
				      : "and there is no DKIM signature");
	ms_buf_byte(&buf, '\0');
	return (const char *)buf.p;
}

static const char *
reason_of_doubt(struct dmarc_judge *j, const struct side *side)
{
	const struct ms_dmarc_identifier *identifier = side->untold;

	if (side->untold_by_dns)
		return ms_arena_printf(j->asked->arena,
		    "whether %.*s, for which %s passed, belongs to %.*s could "
		    "not be told",
		    DMARC_TEXT(identifier->domain), side->name,
		    DMARC_TEXT(j->author));
	return ms_arena_printf(j->asked->arena,
	    "%s could not be told for %.*s, and nothing else that is aligned "
	    "with %.*s passed",
	    side->name, DMARC_TEXT(identifier->domain), DMARC_TEXT(j->author));
}

/* ---- the result ---- */

void
dmarc_align(struct dmarc_judge *j, const struct ms_dmarc_question *failed)
{
	const struct ms_dmarc_request *request = j->request;
	struct ms_dmarc_judgement *out = j->out;
	struct side spf = { .name = "SPF", .strict = out->record->aspf_strict };
	struct side dkim = { .name = "DKIM",
		.strict = out->record->adkim_strict };
	const struct side *untold;

	out->spf = weigh(j, &request->spf, &spf);
	for (size_t i = 0; i < request->dkim_n; i++)
		out->dkim[i] = weigh(j, &request->dkim[i], &dkim);
	out->spf_aligned = spf.aligned != NULL;
	out->dkim_aligned = dkim.aligned != NULL;
	untold = dkim.untold ? &dkim : spf.untold ? &spf : NULL;
	if (out->spf_aligned || out->dkim_aligned) {
		out->disposition = MS_DMARC_NONE;
		dmarc_conclude(out, MS_AUTH_PASS, MS_DMARC_ALIGNED,
		    reason_of_pass(j, &spf, &dkim));
	} else if (untold) {
		dmarc_conclude(out, MS_AUTH_TEMPERROR,
		    untold->untold_by_dns ? MS_DMARC_DNS_FAILED
					  : MS_DMARC_AUTH_FAILED,
		    reason_of_doubt(j, untold));
	} else if (failed) {
		dmarc_conclude(out, MS_AUTH_TEMPERROR, MS_DMARC_DNS_FAILED,
		    dmarc_failure(j->asked->arena, failed));
	} else {
		dmarc_conclude(out, MS_AUTH_FAIL, MS_DMARC_UNALIGNED,
		    reason_of_fail(j, &spf, &dkim));
	}
}
