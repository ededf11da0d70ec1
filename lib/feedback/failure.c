/* SPDX-License-Identifier: ISC
 * failure.c - failure reports and complaints: RFC 5965, 6591, 9991
 *
 * Exim's reports have no part for machines; their text has the same in words.
 */
#include "feedback_priv.h"
#include "mailsonde/date.h"
#include "mailsonde/scan.h"

struct reader {
	struct ms_arena *arena;
	const struct ms_limits *limits;
	struct ms_failure_report *out;
};

static void
add(struct reader *r, struct ms_slice **list, size_t *n, struct ms_slice value)
{
	*list = feedback_room(r->arena, *list, *n, sizeof(**list));
	(*list)[(*n)++] = value;
}

/* "<user@example.net>" without its brackets; "<>" remains. */
static struct ms_slice
path(struct ms_slice value)
{
	if (value.n > 2 && value.p[0] == '<' && value.p[value.n - 1] == '>')
		return ms_slice_part(value, 1, value.n - 1);
	return value;
}

static void
set_arrival(struct ms_failure_report *out, struct ms_slice value)
{
	struct ms_date date;

	ms_date_parse(value, &date);
	out->arrival_date = value;
	out->arrival_set = date.set;
	out->arrival = date.time;
}

static void
set_source(struct ms_failure_report *out, struct ms_slice value)
{
	out->source_ip = value;
	(void)ms_ip_parse_literal(value, &out->source);
}

static void
set_incidents(struct ms_failure_report *out, struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);
	int64_t n = (int64_t)ms_scan_number(&s, 12, 999999999999);

	if (!s.bad && n > 0)
		out->incidents = n;
}

/* ---- fields ---- */

/* Fields that are there once: where each goes. */
static struct ms_slice *
place_of(struct ms_failure_report *out, struct ms_slice name)
{
	const struct {
		const char *name;
		struct ms_slice *at;
	} places[] = {
		{ "Feedback-Type", &out->type },
		{ "User-Agent", &out->user_agent },
		{ "Version", &out->version },
		{ "Auth-Failure", &out->auth_failure },
		{ "Delivery-Result", &out->delivery_result },
		{ "Identity-Alignment", &out->identity_alignment },
		{ "DKIM-Domain", &out->dkim_domain },
		{ "DKIM-Selector", &out->dkim_selector },
		{ "DKIM-Identity", &out->dkim_identity },
		{ "SPF-DNS", &out->spf_dns },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (ms_slice_is(name, places[i].name))
			return places[i].at;
	return NULL;
}

static void
take_field(struct reader *r, struct ms_slice name, struct ms_slice value)
{
	struct ms_failure_report *out = r->out;
	struct ms_slice *at = place_of(out, name);

	value = ms_slice_trim(value);
	if (value.n == 0)
		return;
	if (at)
		*at = at->p ? *at : value;
	else if (ms_slice_is(name, "Original-Mail-From"))
		out->mail_from = path(value);
	else if (ms_slice_is(name, "Original-Rcpt-To"))
		add(r, &out->rcpt_to, &out->rcpt_to_n, path(value));
	else if (ms_slice_is(name, "Reported-Domain"))
		add(r, &out->domains, &out->domains_n,
		    ms_arena_lower(r->arena, value));
	else if (ms_slice_is(name, "Authentication-Results"))
		add(r, &out->results, &out->results_n, value);
	else if (ms_slice_is(name, "Source-IP"))
		set_source(out, value);
	else if (ms_slice_is(name, "Arrival-Date") ||
		 ms_slice_is(name, "Received-Date"))
		set_arrival(out, value);
	else if (ms_slice_is(name, "Incidents"))
		set_incidents(out, value);
}

static void
take_block(struct reader *r, const struct ms_report_block *block)
{
	for (size_t i = 0; i < block->n; i++)
		take_field(r, block->fields[i].name, block->fields[i].value);
	r->out->machine = true;
}

/* ---- words for people ---- */

/* A line "  Sender Domain: example.com". */
static void
take_line(struct reader *r, struct ms_slice line)
{
	static const struct {
		const char *words, *field;
	} lines[] = {
		{ "Sender Domain:", "Reported-Domain" },
		{ "Sender IP Address:", "Source-IP" },
		{ "Received date:", "Arrival-Date" },
	};

	line = ms_slice_trim(line);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (ms_slice_starts(line, lines[i].words))
			take_field(r, ms_slice_from(lines[i].field),
			    ms_slice_part(
				line, strlen(lines[i].words), line.n));
}

/* A text part of Exim's, whose copy of the header stands behind it. */
static bool
take_text(struct reader *r, const struct ms_message *message,
    struct ms_slice *original)
{
	const struct ms_part *part = message->mime.root;
	struct ms_slice text, line;

	while (part && !(part->kind == MS_PART_LEAF &&
			   ms_slice_is(part->type, "text/plain")))
		part = ms_part_next(part);
	if (!part || part->body.n > r->limits->header_size)
		return false;
	text = ms_part_decode(r->arena, part);
	while (ms_slice_line(&text, false, &line)) {
		if (ms_slice_starts(line, "------"))
			break;
		take_line(r, line);
	}
	while (text.n > 0 && (text.p[0] == '\r' || text.p[0] == '\n'))
		text = ms_slice_part(text, 1, text.n);
	*original = text;
	if (r->out->domains_n == 0 || !r->out->source.set)
		return false;
	r->out->type = MS_SLICE("auth-failure");
	r->out->auth_failure = MS_SLICE("dmarc");
	feedback_odd(r->arena, &r->out->oddities,
	    "it has no message/feedback-report part; its text was read");
	return true;
}

/* ---- the mail that it is about ---- */

static bool
find_original(
    struct reader *r, const struct ms_message *message, struct ms_slice *out)
{
	if (ms_message_attached(r->arena, message, out))
		return true;
	for (const struct ms_part *part = message->mime.root; part;
	     part = ms_part_next(part))
		if (part->kind == MS_PART_LEAF &&
		    ms_slice_is(part->type, "text/rfc822-headers")) {
			*out = ms_part_decode(r->arena, part);
			return true;
		}
	return false;
}

static void
read_original(
    struct reader *r, struct ms_charsets *charsets, struct ms_slice raw)
{
	static const struct ms_message_options options = { .mime = false };
	struct ms_message *original = MS_NEW(r->arena, struct ms_message);
	struct ms_failure_report *out = r->out;

	ms_message_parse(
	    r->arena, charsets, r->limits, raw, &options, original);
	out->subject = original->subject;
	out->original_id = original->message_id;
	if (original->from.n == 0)
		return;
	out->from = original->from.list[0].address;
	out->from_domain =
	    ms_arena_lower(r->arena, original->from.list[0].domain);
}

static void
look_over(struct reader *r)
{
	struct ms_failure_report *out = r->out;
	bool auth = ms_slice_is(out->type, "auth-failure");

	/* RFC 5965 3.1, RFC 6591 3.1 */
	if (!out->type.p)
		feedback_odd(
		    r->arena, &out->oddities, "it has no Feedback-Type");
	if (out->machine && auth && !out->auth_failure.p)
		feedback_odd(
		    r->arena, &out->oddities, "it has no Auth-Failure");
	if (!out->from.p)
		feedback_odd(r->arena, &out->oddities,
		    "the mail that it is about is not in it");
}

bool
ms_failure_report_read(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, const struct ms_message *message,
    struct ms_failure_report *out)
{
	struct reader r = { .arena = arena, .limits = limits, .out = out };
	struct ms_slice original = { NULL, 0 };

	memset(out, 0, sizeof(*out));
	out->incidents = 1;
	for (const struct ms_report_part *p = message->reports; p; p = p->next)
		if (strcmp(p->kind, "feedback-report") == 0 && p->n > 0 &&
		    !out->machine)
			take_block(&r, &p->blocks[0]);
	if (!out->machine && !take_text(&r, message, &original))
		return false;
	if (message->from.n > 0)
		out->reporter = message->from.list[0].address;
	out->message_id = message->message_id;
	if (original.n > 0 || find_original(&r, message, &original))
		read_original(&r, charsets, original);
	out->type = ms_arena_lower(arena, out->type);
	out->auth_failure = ms_arena_lower(arena, out->auth_failure);
	look_over(&r);
	return true;
}
