/* SPDX-License-Identifier: ISC
 * message.c - one message put together, RFC 5322
 */
#include "mailsonde/message.h"

#include "mailsonde/scan.h"
#include "mime_priv.h"

#define SNIFF    ((size_t)64 * 1024)
#define ATTACHED ((size_t)16 * 1024)

/* ---- lines ---- */

static bool
only_bare_cr(struct ms_slice raw)
{
	struct ms_slice head = ms_slice_part(raw, 0, SNIFF);

	return head.n > 0 && !memchr(head.p, '\n', head.n) &&
	       memchr(head.p, '\r', head.n);
}

/* The "From " line that a mailbox puts in front (RFC 4155). */
static struct ms_slice
cut_from_line(const struct ms_parse *parse, struct ms_message *out)
{
	struct ms_slice rest = out->raw, line;

	if (rest.n < 5 || memcmp(rest.p, "From ", 5) != 0)
		return rest;
	(void)ms_slice_line(&rest, out->bare_cr, &line);
	out->from_line = line;
	ms_defect_add(
	    parse->defects, parse->arena, MS_DEFECT_FROM_LINE, 0, NULL);
	return rest;
}

/* Those of the file that the message was made of. */
static void
take_defects(const struct ms_parse *parse, const struct ms_defects *from)
{
	for (const struct ms_defect *d = from->first; d; d = d->next) {
		ms_defects_scope(parse->defects);
		ms_defect_add(parse->defects, parse->arena, d->kind, d->offset,
		    d->detail);
		parse->defects->last->count = d->count;
	}
	parse->defects->truncated = from->truncated;
}

/* ---- who and when ---- */

static void
read_addresses(const struct ms_parse *parse, struct ms_message *out,
    enum ms_field_id id, struct ms_addresses *addresses)
{
	const struct ms_field *field = ms_header_find(&out->header, id);

	ms_defects_scope(parse->defects);
	if (field && id == MS_FIELD_RETURN_PATH)
		ms_path_parse(parse, field, addresses);
	/* A field that stands there again names more people. */
	for (; field && id != MS_FIELD_RETURN_PATH;
	     field = ms_header_next(&out->header, field))
		ms_addresses_parse(parse, field, addresses);
}

static void
read_date(const struct ms_parse *parse, struct ms_message *out)
{
	/* These three are RFC 5322's own, obsolete or not. */
	const unsigned allowed =
	    MS_DATE_ZONE_NAME | MS_DATE_ZONE_MINUS0 | MS_DATE_YEAR2;
	const struct ms_field *field =
	    ms_header_find(&out->header, MS_FIELD_DATE);

	if (!field)
		return;
	ms_date_parse(field->value, &out->date);
	if (!out->date.set || (out->date.oddities & ~allowed))
		ms_defect_add(parse->defects, parse->arena, MS_DEFECT_DATE,
		    field->offset, NULL);
}

static void
read_fields(const struct ms_parse *parse, struct ms_message *out)
{
	const struct ms_header *header = &out->header;
	const struct ms_field *field;

	read_addresses(parse, out, MS_FIELD_FROM, &out->from);
	read_addresses(parse, out, MS_FIELD_SENDER, &out->sender);
	read_addresses(parse, out, MS_FIELD_REPLY_TO, &out->reply_to);
	read_addresses(parse, out, MS_FIELD_TO, &out->to);
	read_addresses(parse, out, MS_FIELD_CC, &out->cc);
	read_addresses(parse, out, MS_FIELD_BCC, &out->bcc);
	read_addresses(parse, out, MS_FIELD_RETURN_PATH, &out->return_path);
	ms_defects_scope(parse->defects);
	field = ms_header_find(header, MS_FIELD_SUBJECT);
	if (field)
		out->subject =
		    ms_text_decode(parse, field->value, field->offset);
	ms_defects_scope(parse->defects);
	field = ms_header_find(header, MS_FIELD_MESSAGE_ID);
	if (field)
		out->message_id = ms_message_id_parse(parse, field);
	read_date(parse, out);
}

/* ---- the parts ---- */

static void
check_version(const struct ms_parse *parse, const struct ms_message *out)
{
	const struct ms_field *field =
	    ms_header_find(&out->header, MS_FIELD_CONTENT_TYPE);

	if (!field)
		field = ms_header_find(
		    &out->header, MS_FIELD_CONTENT_TRANSFER_ENCODING);
	if (field && !ms_header_find(&out->header, MS_FIELD_MIME_VERSION))
		ms_defect_add(parse->defects, parse->arena,
		    MS_DEFECT_NO_MIME_VERSION, field->offset, NULL);
}

static void
find_links(const struct ms_parse *parse, const struct ms_part *part,
    struct ms_links *links)
{
	const struct ms_limits *limits = parse->limits;
	bool html = ms_slice_is(part->type, "text/html");
	size_t max = html ? limits->html_size : limits->text_size;
	enum ms_charset_result result;
	struct ms_slice text;

	if (part->kind != MS_PART_LEAF ||
	    (!html && !ms_slice_is(part->type, "text/plain")))
		return;
	ms_defects_scope(parse->defects);
	if (part->size > max)
		ms_defect_add(parse->defects, parse->arena, MS_DEFECT_LIMIT,
		    (size_t)(ms_part_outer(part)->body.p - parse->base),
		    html ? "html_size" : "text_size");
	text = ms_part_text(parse, part, max, &result);
	if (result != MS_CHARSET_OK)
		ms_defect_add(parse->defects, parse->arena,
		    result == MS_CHARSET_UNKNOWN ? MS_DEFECT_CHARSET_UNKNOWN
						 : MS_DEFECT_CHARSET,
		    (size_t)(ms_part_outer(part)->body.p - parse->base), NULL);
	if (html)
		ms_links_from_html(parse, text, part->index, links);
	else
		ms_links_from_text(parse, text, part->index, links);
}

static void
read_parts(const struct ms_parse *parse,
    const struct ms_message_options *options, struct ms_message *out)
{
	struct ms_report_part **last = &out->reports;

	for (const struct ms_part *part = out->mime.root; part;
	     part = ms_part_next(part)) {
		if (options->links)
			find_links(parse, part, &out->links);
		if (!options->reports)
			continue;
		*last = report_part_read(parse, part, out->bare_cr);
		if (*last)
			last = &(*last)->next;
	}
}

void
ms_message_parse(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, struct ms_slice raw,
    const struct ms_message_options *options, struct ms_message *out)
{
	struct ms_parse parse = { arena, charsets, limits, &out->defects, raw.p,
		options->outlook };
	struct ms_mime_options mime = {
		.digests = options->digests, .embedded = true, .detect = true
	};
	unsigned flags = options->pasted ? MS_HEADER_PASTED : 0;
	struct ms_slice rest;

	memset(out, 0, sizeof(*out));
	out->raw = raw;
	out->outlook = options->outlook;
	out->defects.limit = limits->defects;
	if (out->outlook)
		take_defects(&parse, &out->outlook->defects);
	out->links.skipped = !options->links;
	out->bare_cr = only_bare_cr(raw);
	mime.bare_cr = out->bare_cr;
	mime.passed = options->passed;
	mime.later = out->bare_cr ? NULL : options->later;
	mime.texts = options->links && !out->bare_cr;
	if (out->bare_cr)
		flags |= MS_HEADER_BARE_CR;
	rest = cut_from_line(&parse, out);
	ms_header_parse(&parse, rest, flags, &out->header);
	out->body = ms_slice_part(rest, out->header.body, rest.n);
	if (out->header.n == 0)
		ms_defect_add(
		    &out->defects, arena, MS_DEFECT_NO_HEADER, 0, NULL);
	read_fields(&parse, out);
	if (!options->mime)
		return;
	ms_defects_scope(&out->defects);
	check_version(&parse, out);
	ms_mime_parse(&parse, &out->header, out->body, &mime, &out->mime);
	winmail_open(&parse, &mime, &out->mime);
	read_parts(&parse, options, out);
}

const struct ms_outlook *
ms_message_made_of(struct ms_arena *arena, const struct ms_message *message,
    struct ms_slice attached)
{
	const struct ms_outlook *out = NULL;

	if (message->outlook)
		out = ms_outlook_attached(arena, message->outlook, attached);
	for (const struct ms_part *part = message->mime.root; part && !out;
	     part = ms_part_next(part))
		if (part->outlook)
			out =
			    ms_outlook_attached(arena, part->outlook, attached);
	return out;
}

bool
ms_message_plausible(const struct ms_message *message)
{
	return message->header.n > 0;
}

/* ---- the attached original ---- */

/* It begins with a field that is known, and says who or by which way. */
static bool
looks_like_message(struct ms_slice head)
{
	struct ms_scan s = ms_scan_init(head);
	struct ms_slice name;

	if (ms_scan_try_text(&s, "From "))
		(void)ms_scan_through(&s, '\n');
	name = ms_scan_while(&s, MS_C_FTEXT, 80);
	if (name.n == 0 || ms_scan_peek(&s) != ':' ||
	    (ms_field_id_of(name) == MS_FIELD_OTHER &&
		!ms_slice_starts(name, "X-")))
		return false;
	return ms_slice_starts(head, "From:") ||
	       ms_slice_starts(head, "Received:") ||
	       ms_slice_find_nocase(head, 0, "\nFrom:") < head.n ||
	       ms_slice_find_nocase(head, 0, "\nReceived:") < head.n;
}

/* A leaf that holds a message: encoded against RFC 2046 5.2.1, or under
 * another type. */
static bool
holds_message(const struct ms_part *part)
{
	unsigned char scratch[ATTACHED];
	struct ms_codec codec;
	struct ms_slice head;

	if (!ms_part_is_attachment(part) &&
	    !ms_slice_is(part->type, "text/rfc822-headers"))
		return false;
	ms_codec_init(&codec, part->encoding, part->body);
	if (!ms_codec_next(&codec, scratch, sizeof(scratch), &head))
		return false;
	return looks_like_message(ms_slice_part(head, 0, sizeof(scratch)));
}

bool
ms_message_attached(struct ms_arena *arena, const struct ms_message *message,
    struct ms_slice *out)
{
	for (const struct ms_part *part = message->mime.root; part;
	     part = ms_part_next(part)) {
		if (part->kind == MS_PART_MESSAGE && part->body.n > 0) {
			*out = part->body;
			return true;
		}
		if (part->kind == MS_PART_LEAF && part->parent &&
		    holds_message(part)) {
			*out = ms_part_decode(arena, part);
			return true;
		}
	}
	*out = ms_slice_make(NULL, 0);
	return false;
}
