/* SPDX-License-Identifier: ISC
 * spf_reason.c - the result of an SPF check in one sentence
 */
#include <assert.h>

#include "mailsonde/buf.h"
#include "spf_priv.h"

/* A slice for printf's "%.*s", cut to what fits a sentence. */
#define TEXT(s)                                                                \
	(int)((s).n > 200 ? 200 : (s).n), ((s).p ? (const char *)(s).p : "")

static const char *
type_name(enum ms_dns_type type)
{
	switch (type) {
	case MS_DNS_A:
		return "A";
	case MS_DNS_AAAA:
		return "AAAA";
	case MS_DNS_MX:
		return "MX";
	case MS_DNS_PTR:
		return "PTR";
	default:
		return "TXT";
	}
}

/* "include:_spf.example.net matched ip4:192.0.2.0/24". */
static void
add_match(struct ms_buf *buf, const struct ms_spf_result *r)
{
	const struct ms_spf_step *cause = r->cause;

	if (r->term->term->kind == MS_SPF_ALL &&
	    r->term->term->qualifier != MS_AUTH_PASS)
		ms_buf_printf(buf, "nothing before %.*s matched",
		    TEXT(r->term->term->text));
	else
		ms_buf_printf(buf, "%.*s matched", TEXT(r->term->term->text));
	if (cause && cause != r->term) {
		ms_buf_printf(buf, " %.*s", TEXT(cause->term->text));
		if (!ms_slice_equal_nocase(
			r->cause_at->domain, r->term->target))
			ms_buf_printf(
			    buf, " of %.*s", TEXT(r->cause_at->domain));
	}
	if (cause && cause->found.p)
		ms_buf_printf(buf, " (%.*s)", TEXT(cause->found));
	if (r->at != r->trail)
		ms_buf_printf(
		    buf, ", in the record of %.*s", TEXT(r->at->domain));
}

static void
add_client(struct ms_buf *buf, const struct ms_spf_result *r)
{
	char ip[MS_IP_TEXT];

	ms_ip_format(&r->ip, ip);
	ms_buf_text(buf, ip);
}

static void
say_verdict(struct ms_buf *buf, const struct ms_spf_result *r, const char *may)
{
	add_client(buf, r);
	ms_buf_printf(buf, " %s for %.*s: ", may, TEXT(r->domain));
	add_match(buf, r);
}

static void
say_neutral(struct ms_buf *buf, const struct ms_spf_result *r)
{
	ms_buf_printf(buf, "%.*s does not say whether ", TEXT(r->domain));
	add_client(buf, r);
	ms_buf_text(buf, " may send: ");
	if (r->term)
		add_match(buf, r);
	else
		ms_buf_text(buf, "no term matched, and there is no \"all\"");
}

static void
say_none(struct ms_buf *buf, const struct ms_spf_result *r)
{
	if (r->domain_given.n == 0)
		ms_buf_text(buf,
		    r->scope == MS_SPF_HELO
			? "there is no HELO name to judge"
			: "there is no domain to judge: the sender is null "
			  "and the HELO name is not known");
	else if (r->domain_given.p[0] == '[')
		ms_buf_printf(buf, "%.*s is an address, not a domain name",
		    TEXT(r->domain_given));
	else if (!r->trail || r->trail->status == MS_DNS_INVALID)
		ms_buf_printf(buf,
		    "%.*s is no full domain name, so nothing can be published "
		    "there",
		    TEXT(r->domain_given));
	else if (r->trail->status == MS_DNS_NXDOMAIN)
		ms_buf_printf(buf, "%.*s does not exist", TEXT(r->domain));
	else
		ms_buf_printf(
		    buf, "%.*s publishes no SPF record", TEXT(r->domain));
}

static void
say_syntax(struct ms_buf *buf, const struct ms_spf_trail *trail)
{
	const struct ms_spf_error *error = &trail->record.errors[0];

	ms_buf_printf(buf,
	    "the SPF record of %.*s has an error at \"%.*s\": %s (octet %zu)",
	    TEXT(trail->domain), TEXT(error->term), error->text, error->offset);
}

static void
say_limit(struct ms_buf *buf, const struct ms_spf_result *r)
{
	ms_buf_printf(buf, "%.*s needs ", TEXT(r->domain));
	if (r->lookups_needed)
		ms_buf_printf(buf, "%u", r->lookups_needed);
	else
		ms_buf_text(buf, "more than the limit of");
	ms_buf_printf(buf, "%s DNS look-ups%s", r->lookups_needed ? "" : " 10",
	    r->lookups_needed ? "; the limit is 10" : "");
}

static void
say_permerror(struct ms_buf *buf, const struct ms_spf_result *r)
{
	const struct ms_spf_trail *trail = r->problem_at;
	struct ms_slice term = { NULL, 0 };

	assert(trail);
	if (r->cause)
		term = r->cause->term->text;
	switch (r->problem) {
	case MS_SPF_SYNTAX:
		say_syntax(buf, trail);
		break;
	case MS_SPF_MULTIPLE_RECORDS:
		ms_buf_printf(buf, "%.*s publishes %zu SPF records, not one",
		    TEXT(trail->domain), trail->records);
		break;
	case MS_SPF_LOOKUP_LIMIT:
		say_limit(buf, r);
		break;
	case MS_SPF_VOID_LIMIT:
		ms_buf_printf(buf,
		    "more than 2 look-ups found nothing, the last of them at "
		    "%.*s of %.*s",
		    TEXT(term), TEXT(trail->domain));
		break;
	case MS_SPF_MX_LIMIT:
		ms_buf_printf(buf, "%.*s of %.*s has %s", TEXT(term),
		    TEXT(trail->domain),
		    r->cause ? r->cause->note : "too many");
		break;
	case MS_SPF_INCLUDE_NONE:
	case MS_SPF_REDIRECT_NONE:
		ms_buf_printf(buf,
		    "%.*s of %.*s names a domain without an SPF record",
		    TEXT(term), TEXT(trail->domain));
		break;
	case MS_SPF_LOOP:
		ms_buf_printf(buf,
		    "%.*s of %.*s comes back to a record that led there",
		    TEXT(term), TEXT(trail->domain));
		break;
	default:
		break;
	}
}

static void
say_temperror(struct ms_buf *buf, const struct ms_spf_result *r)
{
	const struct ms_spf_failure *failure = r->failure;

	ms_buf_text(buf, "could not tell");
	if (!failure)
		return;
	ms_buf_printf(buf, ": the %s look-up of %.*s failed (%s)",
	    type_name(failure->type), TEXT(failure->name),
	    failure->why ? failure->why : ms_dns_status_name(failure->status));
}

const char *
spf_reason(struct ms_arena *arena, const struct ms_spf_result *result)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	switch (result->result) {
	case MS_AUTH_PASS:
		say_verdict(&buf, result, "may send");
		break;
	case MS_AUTH_FAIL:
		say_verdict(&buf, result, "may not send");
		break;
	case MS_AUTH_SOFTFAIL:
		say_verdict(&buf, result, "should not send");
		break;
	case MS_AUTH_NEUTRAL:
		say_neutral(&buf, result);
		break;
	case MS_AUTH_TEMPERROR:
		say_temperror(&buf, result);
		break;
	case MS_AUTH_PERMERROR:
		say_permerror(&buf, result);
		break;
	default:
		say_none(&buf, result);
		break;
	}
	return ms_arena_string(arena, ms_buf_get(&buf));
}
