/* SPDX-License-Identifier: ISC
 * describe_message.c - a message as report nodes
 */
#include <inttypes.h>
#include <stdio.h>

#include "describe_priv.h"

/* Text is for reading: of long lists it shows the beginning. */
#define ADDRESSES_SHOWN 20
#define LINKS_SHOWN     50
#define LINK_SHOWN      300
#define LINK_TEXT_SHOWN 200
#define DEFECTS_SHOWN   50
#define FIELDS_SHOWN    40

/* ---- data ---- */

static void
put_address(struct ms_report *report, struct ms_node *array,
    const struct ms_address *address)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	if (address->name.n > 0)
		ms_put_text(report, node, "name", address->name);
	else
		ms_put_null(report, node, "name");
	if (address->address.n > 0)
		ms_put_text(report, node, "address", address->address);
	else
		ms_put_null(report, node, "address");
	if (address->domain.n > 0)
		ms_put_text(report, node, "domain", address->domain);
	else
		ms_put_null(report, node, "domain");
	if (address->group.n > 0)
		ms_put_text(report, node, "group", address->group);
}

static void
put_addresses(struct ms_report *report, struct ms_node *parent, const char *key,
    const struct ms_addresses *addresses)
{
	struct ms_node *array = ms_put_array(report, parent, key);

	for (size_t i = 0; i < addresses->n; i++)
		put_address(report, array, &addresses->list[i]);
}

static void
put_date(struct ms_report *report, struct ms_node *parent,
    const struct ms_date *date)
{
	if (!date->set) {
		ms_put_null(report, parent, "date");
		return;
	}
	ms_put_time(report, parent, "date", date->time);
	if (date->zone_known)
		ms_put_int(report, parent, "date_offset_minutes", date->zone);
	else
		ms_put_null(report, parent, "date_offset_minutes");
}

static struct ms_slice
path_text(const struct ms_addresses *path)
{
	if (path->n == 0)
		return ms_slice_make(NULL, 0);
	return path->list[0].address.n > 0 ? path->list[0].address
					   : MS_SLICE("<>");
}

static void
put_headers(struct ms_report *report, struct ms_node *parent,
    const struct ms_parse *parse, const struct ms_message *message)
{
	const struct ms_header *header = &message->header;
	struct ms_node *array = ms_put_array(report, parent, "headers");

	for (size_t i = 0; i < header->n; i++) {
		const struct ms_field *field = &header->fields[i];
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_text(report, node, "name", field->name);
		ms_put_text(report, node, "value",
		    ms_text_decode(parse, field->value, field->offset));
		ms_put_evidence(report, node, "raw", field->body);
		if (ms_outlook_made(message->outlook, field->offset))
			ms_put_bool(report, node, "made_up", true);
	}
}

static void
put_digests(struct ms_report *report, struct ms_node *node,
    const struct ms_digests *digests)
{
	char *hex = ms_arena_alloc(report->arena, 65 + 41 + 33);

	if (digests->kinds & MS_DIGEST_SHA256) {
		ms_hex(digests->sha256, 32, hex);
		ms_put_string(report, node, "sha256", hex);
	}
	if (digests->kinds & MS_DIGEST_SHA1) {
		ms_hex(digests->sha1, 20, hex + 65);
		ms_put_string(report, node, "sha1", hex + 65);
	}
	if (digests->kinds & MS_DIGEST_MD5) {
		ms_hex(digests->md5, 16, hex + 106);
		ms_put_string(report, node, "md5", hex + 106);
	}
}

static size_t
offset_in(const struct ms_message *message, struct ms_slice s)
{
	return s.p ? (size_t)(s.p - message->raw.p) : 0;
}

static void
put_leaf(
    struct ms_report *report, struct ms_node *node, const struct ms_part *part)
{
	ms_put_int(report, node, "size", (int64_t)part->size);
	put_digests(report, node, &part->digests);
	if (part->detected)
		ms_put_string(report, node, "detected_type", part->detected);
	if (part->magic)
		ms_put_string(report, node, "magic_type", part->magic);
	if (part->damage.count > 0)
		ms_put_int(report, node, "encoding_damage",
		    (int64_t)part->damage.count);
}

static const char *
embedded_encoding(const struct ms_embedded *embedded)
{
	return embedded->encoding == MS_ENCODING_YENC ? "yenc" : "uuencode";
}

static void
put_embedded(struct ms_report *report, struct ms_node *parent,
    const struct ms_message *message, const struct ms_part *part)
{
	struct ms_node *array, *node;

	if (!part->embedded)
		return;
	array = ms_put_array(report, parent, "embedded");
	for (const struct ms_embedded *e = part->embedded; e; e = e->next) {
		node = ms_put_object(report, array, NULL);
		ms_put_string(report, node, "encoding", embedded_encoding(e));
		ms_put_text(report, node, "filename", e->name);
		ms_put_int(report, node, "size", (int64_t)e->size);
		put_digests(report, node, &e->digests);
		ms_put_bool(report, node, "complete", e->complete);
		ms_put_int(report, node, "offset",
		    (int64_t)offset_in(message, e->raw));
	}
}

static void
put_part(struct ms_report *report, struct ms_node *node,
    const struct ms_message *message, const struct ms_part *part)
{
	ms_put_text(report, node, "content_type", part->type);
	ms_put_text(report, node, "charset", part->charset);
	ms_put_text(report, node, "encoding", part->encoding_token);
	ms_put_text(report, node, "filename", part->filename);
	ms_put_text(report, node, "disposition", part->disposition);
	if (part->content_id.p)
		ms_put_text(report, node, "content_id", part->content_id);
	if (part->boundary.p)
		ms_put_text(report, node, "boundary", part->boundary);
	ms_put_int(report, node, "offset",
	    (int64_t)offset_in(message, ms_part_outer(part)->raw));
	ms_put_int(report, node, "body_offset",
	    (int64_t)offset_in(message, ms_part_outer(part)->body));
	ms_put_int(report, node, "body_size", (int64_t)part->body.n);
	if (part->kind == MS_PART_LEAF)
		put_leaf(report, node, part);
	put_embedded(report, node, message, part);
}

/* The tree as nested objects, walked without recursion: `parents` follows the
 * depth. */
static void
put_tree(struct ms_report *report, struct ms_node *parent,
    const struct ms_parse *parse, const struct ms_message *message)
{
	size_t deepest = parse->limits->mime_depth + 2;
	struct ms_node **parts =
	    MS_NEW_ARRAY(report->arena, struct ms_node *, deepest);
	const struct ms_part *part = message->mime.root;

	if (!part)
		ms_put_null(report, parent, "mime");
	for (; part; part = ms_part_next(part)) {
		struct ms_node *node =
		    part->depth == 0
			? ms_put_object(report, parent, "mime")
			: ms_put_object(report, parts[part->depth - 1], NULL);

		put_part(report, node, message, part);
		if (part->depth < deepest)
			parts[part->depth] =
			    ms_put_array(report, node, "parts");
		/* It is a leaf of the message all the same. */
		if (part->outlook && part->depth < deepest)
			parts[part->depth] =
			    ms_put_array(report, node, "contents");
	}
}

static void
put_attachments(struct ms_report *report, struct ms_node *parent,
    const struct ms_message *message)
{
	struct ms_node *array = ms_put_array(report, parent, "attachments");

	for (const struct ms_part *part = message->mime.root; part;
	     part = ms_part_next(part)) {
		struct ms_node *node;

		if (!ms_part_is_attachment(part))
			continue;
		node = ms_put_object(report, array, NULL);
		ms_put_text(report, node, "filename", part->filename);
		ms_put_text(report, node, "content_type", part->type);
		ms_put_text(report, node, "disposition", part->disposition);
		put_leaf(report, node, part);
		ms_put_int(report, node, "part", part->index);
	}
}

static void
put_link(
    struct ms_report *report, struct ms_node *node, const struct ms_link *link)
{
	ms_put_text(report, node, "url", describe_defang(report, link->url));
	ms_put_text(report, node, "text", describe_defang(report, link->text));
	ms_put_text(report, node, "host",
	    describe_defang(report, link->parts.host_ascii));
	if (link->parts.host_unicode.p &&
	    !ms_slice_equal(link->parts.host_unicode, link->parts.host_ascii))
		ms_put_text(report, node, "host_unicode",
		    describe_defang(report, link->parts.host_unicode));
	ms_put_string(report, node, "where", ms_link_where_name(link->where));
	if (link->raw.p)
		ms_put_evidence(
		    report, node, "raw", describe_defang(report, link->raw));
	ms_put_bool(report, node, "remote", link->remote);
	ms_put_int(report, node, "part", link->part);
	ms_put_int(report, node, "count", (int64_t)link->count);
}

static void
put_links(struct ms_report *report, struct ms_node *parent,
    const struct ms_message *message)
{
	struct ms_node *array;

	if (message->links.skipped) {
		ms_put_null(report, parent, "links");
		return;
	}
	array = ms_put_array(report, parent, "links");
	for (const struct ms_link *link = message->links.first; link;
	     link = link->next)
		put_link(report, ms_put_object(report, array, NULL), link);
}

/* In the order of their places; two passes over a message find them mixed. */
static const struct ms_defect **
by_offset(struct ms_report *report, const struct ms_defects *defects, size_t *n)
{
	const struct ms_defect **list =
	    MS_NEW_ARRAY(report->arena, const struct ms_defect *, defects->n);

	*n = 0;
	for (const struct ms_defect *d = defects->first; d; d = d->next) {
		size_t at = (*n)++;

		for (; at > 0 && list[at - 1]->offset > d->offset; at--)
			list[at] = list[at - 1];
		list[at] = d;
	}
	return list;
}

static void
put_defects(struct ms_report *report, struct ms_node *parent,
    const struct ms_defects *defects)
{
	struct ms_node *array = ms_put_array(report, parent, "defects");
	const struct ms_defect **list;
	size_t n;

	list = by_offset(report, defects, &n);
	for (size_t i = 0; i < n; i++) {
		const struct ms_defect *d = list[i];
		const struct ms_defect_info *info = ms_defect_info(d->kind);
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_string(report, node, "id", info->id);
		ms_put_int(report, node, "offset", (int64_t)d->offset);
		ms_put_int(report, node, "count", (int64_t)d->count);
		ms_put_string(report, node, "text", info->text);
		if (d->detail)
			ms_put_string(report, node, "detail", d->detail);
		ms_put_string(report, node, "reference", info->reference);
	}
}

static void
put_block(struct ms_report *report, struct ms_node *blocks,
    const struct ms_report_block *block)
{
	struct ms_node *array = ms_put_array(report, blocks, NULL);

	for (size_t i = 0; i < block->n; i++) {
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_text(report, node, "name", block->fields[i].name);
		ms_put_text(report, node, "value", block->fields[i].value);
	}
}

static void
put_reports(struct ms_report *report, struct ms_node *parent,
    const struct ms_message *message)
{
	struct ms_node *array, *node, *blocks;

	if (!message->reports)
		return;
	array = ms_put_array(report, parent, "reports");
	for (const struct ms_report_part *r = message->reports; r;
	     r = r->next) {
		node = ms_put_object(report, array, NULL);
		ms_put_string(report, node, "kind", r->kind);
		ms_put_int(report, node, "part", r->part->index);
		blocks = ms_put_array(report, node, "blocks");
		for (size_t i = 0; i < r->n; i++)
			put_block(report, blocks, &r->blocks[i]);
	}
}

static void
put_message(struct ms_report *report, const struct ms_parse *parse,
    const struct ms_message *message)
{
	struct ms_node *node = ms_put_object(report, report->data, "message");

	put_addresses(report, node, "from", &message->from);
	put_addresses(report, node, "sender", &message->sender);
	put_addresses(report, node, "reply_to", &message->reply_to);
	put_addresses(report, node, "to", &message->to);
	put_addresses(report, node, "cc", &message->cc);
	put_addresses(report, node, "bcc", &message->bcc);
	ms_put_text(
	    report, node, "return_path", path_text(&message->return_path));
	ms_put_text(report, node, "subject", message->subject);
	put_date(report, node, &message->date);
	ms_put_text(report, node, "message_id", message->message_id);
	put_headers(report, node, parse, message);
	describe_outlook(report, node, message);
	put_tree(report, node, parse, message);
	put_attachments(report, node, message);
	put_links(report, node, message);
	put_reports(report, node, message);
	/* Last: decoding above may have added to them. */
	put_defects(report, node, &message->defects);
}

/* ---- text ---- */

static struct ms_slice
address_line(struct ms_report *report, const struct ms_addresses *addresses)
{
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	for (size_t i = 0; i < addresses->n && i < ADDRESSES_SHOWN; i++) {
		const struct ms_address *a = &addresses->list[i];

		if (i > 0)
			ms_buf_text(&buf, ", ");
		if (a->name.n > 0) {
			ms_buf_byte(&buf, '"');
			ms_buf_slice(&buf, a->name);
			ms_buf_text(&buf, "\" ");
		}
		ms_buf_byte(&buf, '<');
		ms_buf_slice(&buf, a->address);
		ms_buf_byte(&buf, '>');
	}
	if (addresses->n > ADDRESSES_SHOWN)
		ms_buf_printf(
		    &buf, " and %zu more", addresses->n - ADDRESSES_SHOWN);
	return ms_buf_get(&buf);
}

static void
say_addresses(struct ms_report *report, const char *label,
    const struct ms_addresses *addresses)
{
	if (addresses->n > 0)
		ms_say_pair(report, label, MS_STYLE_PLAIN,
		    describe_defang(report, address_line(report, addresses)));
}

static void
say_date(struct ms_report *report, const struct ms_date *date)
{
	char text[MS_TIME_TEXT];

	if (!date->set) {
		ms_say_pair(report, "Date", MS_STYLE_WARN,
		    date->raw.n > 0 ? date->raw : MS_SLICE("(none)"));
		return;
	}
	ms_time_format(date->time, text);
	if (!date->zone_known)
		ms_say_pairf(
		    report, "Date", MS_STYLE_PLAIN, "%s (no zone given)", text);
	else
		ms_say_pairf(report, "Date", MS_STYLE_PLAIN,
		    "%s (written as %+03d%02d)", text, date->zone / 60,
		    date->zone < 0 ? -date->zone % 60 : date->zone % 60);
}

void
ms_describe_envelope(struct ms_report *report, const struct ms_message *message)
{
	if (!(report->audience & MS_FOR_TEXT))
		return;
	say_addresses(report, "From", &message->from);
	if (message->from.n == 0)
		ms_say_pair(report, "From", MS_STYLE_WARN, MS_SLICE("(none)"));
	say_addresses(report, "Sender", &message->sender);
	say_addresses(report, "Reply-To", &message->reply_to);
	if (message->return_path.n > 0)
		ms_say_pair(report, "Return-Path", MS_STYLE_PLAIN,
		    describe_defang(report, path_text(&message->return_path)));
	say_addresses(report, "To", &message->to);
	say_addresses(report, "Cc", &message->cc);
	ms_say_pair(report, "Subject", MS_STYLE_STRONG,
	    message->subject.p ? describe_defang(report, message->subject)
			       : MS_SLICE("(none)"));
	say_date(report, &message->date);
	if (message->message_id.p)
		ms_say_pair(report, "Message-ID", MS_STYLE_PLAIN,
		    describe_defang(report, message->message_id));
	if (message->outlook)
		describe_say_outlook(report, message);
}

static void
size_text(size_t n, char *out, size_t out_size)
{
	if (n < 10000)
		snprintf(out, out_size, "%zu B", n);
	else if (n < 10000000)
		snprintf(out, out_size, "%zu KB", n / 1000);
	else
		snprintf(out, out_size, "%zu MB", n / 1000000);
}

static void
say_part(
    struct ms_report *report, struct ms_node *table, const struct ms_part *part)
{
	struct ms_node *row = ms_say_row(report, table);
	unsigned depth = part->depth < 12 ? part->depth : 12;
	char size[32] = "";

	if (part->kind == MS_PART_LEAF)
		size_text(part->size, size, sizeof(size));
	ms_say_cellf(report, row, MS_STYLE_DIM, true, "%u", part->index);
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%*s%.*s",
	    (int)depth * 2, "", (int)part->type.n, (const char *)part->type.p);
	ms_say_cellf(report, row, MS_STYLE_PLAIN, true, "%s", size);
	ms_say_cell(report, row, MS_STYLE_PLAIN, false,
	    part->filename.p ? part->filename : part->charset);
	if (part->detected && !ms_slice_is(part->type, part->detected))
		ms_say_cellf(
		    report, row, MS_STYLE_DIM, false, "is %s", part->detected);
}

static void
say_hash(struct ms_report *report, const struct ms_part *part)
{
	char hex[65];

	if (!(part->digests.kinds & MS_DIGEST_SHA256) ||
	    !ms_part_is_attachment(part))
		return;
	ms_hex(part->digests.sha256, 32, hex);
	ms_say(report, 2, MS_STYLE_PLAIN, "%u sha256 %s", part->index, hex);
}

static void
say_embedded(struct ms_report *report, const struct ms_part *part)
{
	for (const struct ms_embedded *e = part->embedded; e; e = e->next) {
		char hex[65], size[32];

		size_text(e->size, size, sizeof(size));
		ms_hex(e->digests.sha256, 32, hex);
		ms_say(report, 2, MS_STYLE_PLAIN, "%u holds %.*s, %s, %s%s",
		    part->index, (int)e->name.n, (const char *)e->name.p, size,
		    embedded_encoding(e), e->complete ? "" : ", incomplete");
		if (e->digests.kinds & MS_DIGEST_SHA256)
			ms_say(report, 2, MS_STYLE_PLAIN, "%u sha256 %s",
			    part->index, hex);
	}
}

static void
say_parts(struct ms_report *report, const struct ms_message *message)
{
	struct ms_node *table;

	if (!message->mime.root)
		return;
	ms_say_heading(report, "PARTS");
	table = ms_say_table(report, 2);
	ms_say_heads(report, table, false, ">part", "labelled", ">size",
	    "name or charset", "content", NULL);
	for (const struct ms_part *p = message->mime.root; p;
	     p = ms_part_next(p))
		say_part(report, table, p);
	for (const struct ms_part *p = message->mime.root; p;
	     p = ms_part_next(p)) {
		say_hash(report, p);
		say_embedded(report, p);
	}
}

static void
say_more(struct ms_report *report, size_t n)
{
	if (n > 0)
		ms_say(report, 2, MS_STYLE_DIM,
		    "and %zu more (all of them in --json)", n);
}

/* On one line, and of the bytes all of them. */
static struct ms_slice
join(struct ms_report *report, struct ms_slice name, const char *between,
    struct ms_slice bytes, const char *behind)
{
	struct ms_buf line;

	ms_buf_init(&line, report->arena);
	ms_buf_slice(&line, name);
	ms_buf_text(&line, between);
	ms_buf_slice(&line, bytes);
	ms_buf_text(&line, behind);
	return ms_buf_get(&line);
}

static void
say_link(struct ms_report *report, const struct ms_link *link)
{
	struct ms_slice url = describe_defang(
	    report, describe_cut(report, link->url, LINK_SHOWN));
	struct ms_slice text = describe_defang(
	    report, describe_cut(report, link->text, LINK_TEXT_SHOWN));
	struct ms_slice unicode =
	    describe_defang(report, link->parts.host_unicode);

	ms_say_text(report, 2, MS_STYLE_PLAIN,
	    join(report, ms_slice_from(ms_link_where_name(link->where)),
		link->remote ? " (remote): " : ": ", url, ""));
	if (text.n > 0)
		ms_say_text(report, 6, MS_STYLE_DIM,
		    join(report, MS_SLICE("shown as"), " \"", text, "\""));
	if (link->parts.host_unicode.p &&
	    !ms_slice_equal(link->parts.host_unicode, link->parts.host_ascii))
		ms_say_text(report, 6, MS_STYLE_WARN,
		    join(report, MS_SLICE("host in Unicode"), ": ", unicode,
			""));
}

/* A page has room for all of them, one a row. */
static void
say_links_wide(struct ms_report *report, const struct ms_message *message)
{
	struct ms_node *table = ms_say_table(report, 2), *row;

	ms_say_heads(report, table, true, "kind", "address", "shown as",
	    "host in Unicode", NULL);
	for (const struct ms_link *link = message->links.first; link;
	     link = link->next) {
		struct ms_slice unicode = link->parts.host_unicode;

		row = ms_say_row(report, table);
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s%s",
		    ms_link_where_name(link->where),
		    link->remote ? " (remote)" : "");
		ms_say_cell(report, row, MS_STYLE_PLAIN, false,
		    describe_defang(report, link->url));
		ms_say_cell(report, row, MS_STYLE_PLAIN, false,
		    describe_defang(report, link->text));
		if (unicode.p &&
		    !ms_slice_equal(unicode, link->parts.host_ascii))
			ms_say_cell(report, row, MS_STYLE_WARN, false,
			    describe_defang(report, unicode));
	}
}

static void
say_links(struct ms_report *report, const struct ms_message *message)
{
	size_t shown = 0;

	if (message->links.n == 0)
		return;
	ms_say_heading(report, "LINKS");
	if (report->audience & MS_FOR_PAGE) {
		say_links_wide(report, message);
		return;
	}
	for (const struct ms_link *link = message->links.first;
	     link && shown < LINKS_SHOWN; link = link->next, shown++)
		say_link(report, link);
	say_more(report, message->links.n - shown);
}

static void
say_reports(struct ms_report *report, const struct ms_message *message)
{
	for (const struct ms_report_part *r = message->reports; r;
	     r = r->next) {
		ms_say_heading(report, "REPORT");
		ms_say(report, 2, MS_STYLE_STRONG, "%s (part %u)", r->kind,
		    r->part->index);
		for (size_t i = 0; i < r->n; i++)
			for (size_t k = 0;
			     k < r->blocks[i].n && k < FIELDS_SHOWN; k++)
				ms_say(report, 4, MS_STYLE_PLAIN, "%.*s: %.*s",
				    (int)r->blocks[i].fields[k].name.n,
				    (const char *)r->blocks[i].fields[k].name.p,
				    (int)r->blocks[i].fields[k].value.n,
				    (const char *)r->blocks[i]
					.fields[k]
					.value.p);
	}
}

static void
say_defects(struct ms_report *report, const struct ms_defects *defects)
{
	const struct ms_defect **list;
	size_t n;

	if (!defects->first)
		return;
	ms_say_heading(report, "DEFECTS");
	list = by_offset(report, defects, &n);
	for (size_t i = 0; i < n && i < DEFECTS_SHOWN; i++) {
		const struct ms_defect *d = list[i];
		const struct ms_defect_info *info = ms_defect_info(d->kind);

		ms_say(report, 2, MS_STYLE_PLAIN, "at %zu: %s%s%s%s [%s, %s]",
		    d->offset, info->text, d->detail ? " (" : "",
		    d->detail ? d->detail : "", d->detail ? ")" : "", info->id,
		    info->reference);
	}
	say_more(report, n > DEFECTS_SHOWN ? n - DEFECTS_SHOWN : 0);
}

static void
say_fields_wide(struct ms_report *report, const struct ms_parse *parse,
    const struct ms_header *header)
{
	struct ms_node *table = ms_say_table(report, 2), *row;

	ms_say_heads(report, table, true, "field", "value", NULL);
	for (size_t i = 0; i < header->n; i++) {
		const struct ms_field *field = &header->fields[i];

		row = ms_say_row(report, table);
		ms_say_cell(report, row, MS_STYLE_PLAIN, false, field->name);
		ms_say_cell(report, row, MS_STYLE_PLAIN, false,
		    ms_text_decode(parse, field->value, field->offset));
	}
}

static void
say_fields(struct ms_report *report, const struct ms_parse *parse,
    const struct ms_header *header)
{
	ms_say_heading(report, "HEADER");
	if (report->audience & MS_FOR_PAGE) {
		say_fields_wide(report, parse, header);
		return;
	}
	for (size_t i = 0; i < header->n; i++) {
		const struct ms_field *field = &header->fields[i];
		struct ms_slice value =
		    ms_text_decode(parse, field->value, field->offset);

		ms_say_text(report, 2, MS_STYLE_PLAIN,
		    describe_defang(
			report, join(report, field->name, ": ", value, "")));
	}
}

void
ms_describe_message(struct ms_report *report, const struct ms_parse *parse,
    const struct ms_message *message, bool all_fields)
{
	bool page = (report->audience & MS_FOR_PAGE) != 0;

	if (report->audience & MS_FOR_DATA)
		put_message(report, parse, message);
	if (!(report->audience & MS_FOR_TEXT))
		return;
	if (all_fields && !page)
		say_fields(report, parse, &message->header);
	say_parts(report, message);
	say_links(report, message);
	say_reports(report, message);
	say_defects(report, &message->defects);
	if (page)
		say_fields(report, parse, &message->header);
}
