/* SPDX-License-Identifier: ISC
 * field.c - what a rule can ask a message for: one row each
 */
#include "rule_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "mailsonde/auth.h"

static bool
give(struct rule_taker *taker, struct ms_slice value)
{
	return value.n == 0 || taker->take(taker, value);
}

static bool
give_text(struct rule_taker *taker, const char *text)
{
	return !text || give(taker, ms_slice_from(text));
}

static bool
give_ip(struct rule_taker *taker, const struct ms_ip *ip)
{
	char text[MS_IP_TEXT];

	if (!ip->set)
		return true;
	ms_ip_format(ip, text);
	return give_text(taker, text);
}

/* ---- who ---- */

static void
give_addresses(struct rule_taker *taker, const struct ms_addresses *addresses,
    struct ms_slice part)
{
	for (size_t i = 0; i < addresses->n; i++) {
		const struct ms_address *a = &addresses->list[i];
		struct ms_slice value =
		    ms_slice_equal(part, MS_SLICE("name"))     ? a->name
		    : ms_slice_equal(part, MS_SLICE("domain")) ? a->domain
							       : a->address;

		if (!give(taker, value))
			return;
	}
}

/* "from.domain": the part stands behind the dot, and came as the argument. */
#define PEOPLE(member)                                                         \
	static const char *give_##member(const struct ms_case *subject,        \
	    const struct ms_report *report, struct ms_slice part,              \
	    struct rule_taker *taker)                                          \
	{                                                                      \
		(void)report;                                                  \
		give_addresses(taker, &subject->message->member, part);        \
		return NULL;                                                   \
	}
PEOPLE(from)
PEOPLE(sender)
PEOPLE(reply_to)
PEOPLE(to)
PEOPLE(cc)
PEOPLE(return_path)

/* ---- the header ---- */

static const char *
give_subject(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice argument, struct rule_taker *taker)
{
	(void)report;
	(void)argument;
	give(taker, subject->message->subject);
	return NULL;
}

static const char *
give_message_id(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice argument, struct rule_taker *taker)
{
	(void)report;
	(void)argument;
	give(taker, subject->message->message_id);
	return NULL;
}

static const char *
give_header(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice name, struct rule_taker *taker)
{
	const struct ms_header *header = &subject->message->header;

	(void)report;
	for (size_t i = 0; i < header->n; i++) {
		const struct ms_field *field = &header->fields[i];

		if (ms_slice_equal_nocase(field->name, name) &&
		    !give(taker, ms_text_decode(subject->parse, field->value,
				     field->offset)))
			break;
	}
	return NULL;
}

static const char *
give_names(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice argument, struct rule_taker *taker)
{
	const struct ms_header *header = &subject->message->header;

	(void)report;
	(void)argument;
	for (size_t i = 0; i < header->n; i++)
		if (!give(taker, header->fields[i].name))
			break;
	return NULL;
}

/* ---- the content ---- */

static void
give_texts(
    const struct ms_case *subject, const char *type, struct rule_taker *taker)
{
	const struct ms_limits *limits = subject->parse->limits;

	for (const struct ms_part *part = subject->message->mime.root; part;
	     part = ms_part_next(part))
		if (part->kind == MS_PART_LEAF &&
		    ms_slice_is(part->type, type) &&
		    !give(taker, ms_part_text(subject->parse, part,
				     limits->text_size, NULL)))
			break;
}

static const char *
give_plain(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice argument, struct rule_taker *taker)
{
	(void)report;
	(void)argument;
	give_texts(subject, "text/plain", taker);
	return NULL;
}

static const char *
give_html(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice argument, struct rule_taker *taker)
{
	(void)report;
	(void)argument;
	give_texts(subject, "text/html", taker);
	return NULL;
}

static const char *
give_link(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice what, struct rule_taker *taker)
{
	(void)report;
	for (const struct ms_link *link = subject->message->links.first; link;
	     link = link->next) {
		struct ms_slice value = ms_slice_equal(what, MS_SLICE("host"))
					    ? link->parts.host_ascii
					: ms_slice_equal(what, MS_SLICE("text"))
					    ? link->text
					    : link->url;

		if (!give(taker, value))
			break;
	}
	return NULL;
}

static bool
give_part(
    const struct ms_part *part, struct ms_slice what, struct rule_taker *taker)
{
	char hex[65];

	if (ms_slice_equal(what, MS_SLICE("name")))
		return give(taker, part->filename);
	if (ms_slice_equal(what, MS_SLICE("type")))
		return give(taker, part->type);
	if (ms_slice_equal(what, MS_SLICE("detected")))
		return give_text(
		    taker, part->detected ? part->detected : part->magic);
	if (!(part->digests.kinds & MS_DIGEST_SHA256))
		return true;
	ms_hex(part->digests.sha256, 32, hex);
	return give_text(taker, hex);
}

static const char *
give_attachment(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice what, struct rule_taker *taker)
{
	(void)report;
	for (const struct ms_part *part = subject->message->mime.root; part;
	     part = ms_part_next(part))
		if (ms_part_is_attachment(part) &&
		    !give_part(part, what, taker))
			break;
	return NULL;
}

/* ---- the way ---- */

static bool
give_place(const struct ms_geo_place *place, struct ms_slice what,
    struct rule_taker *taker)
{
	char asn[16];

	if (ms_slice_equal(what, MS_SLICE("country")))
		return give(taker, place->country);
	if (place->asn == 0)
		return true;
	(void)snprintf(asn, sizeof(asn), "AS%" PRIu32, place->asn);
	return give_text(taker, asn);
}

static const char *
give_hop(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice what, struct rule_taker *taker)
{
	const struct ms_trace *trace = subject->trace;
	bool more = true;

	(void)report;
	if (!trace)
		return "the way was not followed";
	for (size_t i = 0; more && i < trace->n; i++) {
		const struct ms_received *r = &trace->hops[i].received;

		if (ms_slice_equal(what, MS_SLICE("ip")))
			more = give_ip(taker, &r->ip);
		else if (ms_slice_equal(what, MS_SLICE("helo")))
			more = give(taker, r->helo);
		else if (ms_slice_equal(what, MS_SLICE("rdns")))
			more = give(taker, r->rdns);
		else if (ms_slice_equal(what, MS_SLICE("by")))
			more = give(taker, r->by);
		else
			more = give_place(&trace->hops[i].geo, what, taker);
	}
	return NULL;
}

static const char *
give_origin(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice what, struct rule_taker *taker)
{
	const struct ms_trace *trace = subject->trace;

	(void)report;
	if (!trace)
		return "the way was not followed";
	if (ms_slice_equal(what, MS_SLICE("ip")))
		give_ip(taker, &trace->origin);
	else if (trace->origin_hop >= 0)
		give_place(&trace->hops[trace->origin_hop].geo, what, taker);
	return NULL;
}

/* ---- judgements ---- */

static const char *
give_result(struct rule_taker *taker, enum ms_auth_result result)
{
	if (result == MS_AUTH_TEMPERROR)
		return "it was not answered (temperror)";
	give_text(taker, ms_auth_result_name(result));
	return NULL;
}

static const char *
give_auth(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice what, struct rule_taker *taker)
{
	const struct ms_authentication *auth = subject->auth;
	const char *why = NULL;

	(void)report;
	if (!auth)
		return "authentication was not recomputed";
	if (ms_slice_equal(what, MS_SLICE("spf")))
		return auth->spf_judged ? give_result(taker, auth->spf.result)
					: "SPF could not be judged";
	if (ms_slice_equal(what, MS_SLICE("dmarc")))
		return give_result(taker, auth->dmarc.rfc9989.result);
	if (ms_slice_equal(what, MS_SLICE("arc")))
		return give_result(taker, auth->arc.result);
	if (auth->dkim.n == 0)
		give_text(taker, ms_auth_result_name(MS_AUTH_NONE));
	for (size_t i = 0; i < auth->dkim.n; i++) {
		const char *not =
		    give_result(taker, auth->dkim.signatures[i].result);

		why = why ? why : not ;
	}
	return why;
}

static const char *
give_finding(const struct ms_case *subject, const struct ms_report *report,
    struct ms_slice argument, struct rule_taker *taker)
{
	(void)subject;
	(void)argument;
	for (const struct ms_finding *f = report->findings; f; f = f->next)
		if (!give_text(taker, f->id))
			break;
	return NULL;
}

/* ---- the table ---- */

static const struct rule_field fields[] = {
	{ "subject", false, give_subject },
	{ "message_id", false, give_message_id },
	{ "header:NAME", false, give_header },
	{ "header", false, give_names },
	{ "from.address", false, give_from },
	{ "sender.address", false, give_sender },
	{ "reply_to.address", false, give_reply_to },
	{ "to.address", false, give_to },
	{ "cc.address", false, give_cc },
	{ "return_path.address", false, give_return_path },
	{ "text", true, give_plain },
	{ "html", true, give_html },
	{ "link.url", false, give_link },
	{ "attachment.name", false, give_attachment },
	{ "origin.ip", false, give_origin },
	{ "hop.ip", false, give_hop },
	{ "auth.spf", false, give_auth },
	{ "finding", false, give_finding },
};
#define FIELDS (sizeof(fields) / sizeof(*fields))

/* What may stand behind the dot. */
static bool
known_part(struct ms_slice group, struct ms_slice part)
{
	static const struct {
		const char *group, *part;
	} parts[] = {
		{ "link", "url" },
		{ "link", "host" },
		{ "link", "text" },
		{ "attachment", "name" },
		{ "attachment", "type" },
		{ "attachment", "detected" },
		{ "attachment", "sha256" },
		{ "origin", "ip" },
		{ "origin", "country" },
		{ "origin", "asn" },
		{ "hop", "ip" },
		{ "hop", "helo" },
		{ "hop", "rdns" },
		{ "hop", "by" },
		{ "hop", "country" },
		{ "hop", "asn" },
		{ "auth", "spf" },
		{ "auth", "dkim" },
		{ "auth", "dmarc" },
		{ "auth", "arc" },
	};
	bool listed = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!ms_slice_equal(group, ms_slice_from(parts[i].group)))
			continue;
		listed = true;
		if (ms_slice_equal(part, ms_slice_from(parts[i].part)))
			return true;
	}
	return !listed && (ms_slice_equal(part, MS_SLICE("address")) ||
			      ms_slice_equal(part, MS_SLICE("domain")) ||
			      ms_slice_equal(part, MS_SLICE("name")));
}

/* Up to the '.' or ':' in it. */
static struct ms_slice
head(struct ms_slice name, struct ms_slice *rest)
{
	size_t n = 0;

	while (n < name.n && name.p[n] != '.' && name.p[n] != ':')
		n++;
	*rest = ms_slice_part(name, n + 1, name.n);
	return ms_slice_part(name, 0, n);
}

const struct rule_field *
rule_field_find(struct ms_slice name, struct ms_slice *argument)
{
	struct ms_slice group = head(name, argument), rest;

	for (size_t i = 0; i < FIELDS; i++) {
		struct ms_slice row = ms_slice_from(fields[i].name);

		if (!ms_slice_equal(group, head(row, &rest)) ||
		    (rest.n > 0) != (argument->n > 0))
			continue;
		if (rest.n == 0)
			return name.n == row.n ? &fields[i] : NULL;
		if (name.p[group.n] != row.p[group.n])
			return NULL;
		return name.p[group.n] == ':' || known_part(group, *argument)
			   ? &fields[i]
			   : NULL;
	}
	return NULL;
}
