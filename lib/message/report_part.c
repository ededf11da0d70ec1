/* SPDX-License-Identifier: ISC
 * report_part.c - fields of delivery status, receipts, complaints, calendars
 *
 * RFC 3464, RFC 8098, RFC 5965: blocks of fields. RFC 5545: components.
 */
#include "mailsonde/buf.h"
#include "mailsonde/message.h"
#include "mime_priv.h"

#define CALENDAR_DEPTH 16

struct reader {
	const struct ms_parse *parse;
	struct ms_report_part *out;
	size_t capacity; /* of blocks */
	size_t fields;   /* in all blocks */
};

static const struct {
	const char *type, *kind;
} kinds[] = {
	{ "message/delivery-status", "delivery-status" },
	{ "message/global-delivery-status", "delivery-status" },
	{ "message/disposition-notification", "disposition-notification" },
	{ "message/global-disposition-notification",
	    "disposition-notification" },
	{ "message/feedback-report", "feedback-report" },
	{ "text/calendar", "calendar" },
};

static struct ms_report_block *
add_block(struct reader *r)
{
	struct ms_report_part *out = r->out;
	size_t capacity = r->capacity ? r->capacity * 2 : 4;

	if (out->n == r->capacity) {
		out->blocks = ms_arena_grow(r->parse->arena, out->blocks,
		    r->capacity * sizeof(*out->blocks),
		    capacity * sizeof(*out->blocks));
		r->capacity = capacity;
	}
	memset(&out->blocks[out->n], 0, sizeof(*out->blocks));
	return &out->blocks[out->n++];
}

static bool
fields_left(struct reader *r)
{
	const struct ms_part *part = r->out->part;
	const unsigned char *base = r->parse->base;

	if (r->fields < r->parse->limits->report_fields)
		return true;
	ms_defect_add(r->parse->defects, r->parse->arena, MS_DEFECT_LIMIT,
	    base ? (size_t)(ms_part_outer(part)->body.p - base) : 0,
	    "report_fields");
	return false;
}

/* ---- blocks of fields ---- */

static bool
take_block(struct reader *r, const struct ms_header *header)
{
	struct ms_report_block *block = add_block(r);

	block->fields =
	    MS_NEW_ARRAY(r->parse->arena, struct ms_report_field, header->n);
	for (size_t i = 0; i < header->n; i++) {
		if (!fields_left(r))
			return false;
		block->fields[i].name = header->fields[i].name;
		block->fields[i].value = header->fields[i].value;
		block->n++;
		r->fields++;
	}
	return true;
}

/* What stands between the blocks is passed over by the line. */
static void
read_blocks(struct reader *r, bool bare_cr)
{
	struct ms_slice rest = ms_part_decode(r->parse->arena, r->out->part);
	unsigned flags = MS_HEADER_PART | (bare_cr ? MS_HEADER_BARE_CR : 0);
	struct ms_parse quiet = *r->parse;
	struct ms_header header;
	struct ms_slice line;

	quiet.defects = NULL;
	quiet.base = NULL;
	while (rest.n > 0) {
		struct ms_slice ahead = rest;

		(void)ms_slice_line(&ahead, bare_cr, &line);
		if (ms_slice_trim(line).n == 0) {
			rest = ahead;
			continue;
		}
		ms_header_parse(&quiet, rest, flags, &header);
		if (header.n > 0 && !take_block(r, &header))
			return;
		rest = header.n > 0 && header.body > 0
			   ? ms_slice_part(rest, header.body, rest.n)
			   : ahead;
	}
}

/* ---- calendars ---- */

/* RFC 5545 3.1: a line end before white space goes, and one of that. */
static struct ms_slice
unfold(struct ms_arena *arena, struct ms_slice text)
{
	struct ms_slice line;
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	(void)ms_buf_room(&buf, text.n + 1);
	while (ms_slice_line(&text, true, &line)) {
		if (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t')) {
			if (buf.n > 0)
				buf.n--; /* the line end */
			line = ms_slice_part(line, 1, line.n);
		}
		ms_buf_slice(&buf, line);
		ms_buf_byte(&buf, '\n');
	}
	return ms_buf_get(&buf);
}

/* The ':' that is in no quoted parameter (RFC 5545 3.1). */
static size_t
find_colon(struct ms_slice line)
{
	bool quoted = false;

	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '"')
			quoted = !quoted;
		else if (line.p[i] == ':' && !quoted)
			return i;
	}
	return line.n;
}

static void
add_property(
    struct reader *r, struct ms_report_block *block, struct ms_slice line)
{
	struct ms_report_field *field;
	size_t colon = find_colon(line);
	size_t n = block->n;

	if (colon == line.n)
		return;
	/* The room doubles whenever the number is a power of two. */
	if ((n & (n - 1)) == 0)
		block->fields = ms_arena_grow(r->parse->arena, block->fields,
		    n * sizeof(*field), (n ? n * 2 : 1) * sizeof(*field));
	field = &block->fields[block->n++];
	field->name = ms_slice_part(line, 0, colon);
	field->value = ms_slice_part(line, colon + 1, line.n);
	r->fields++;
}

static void
read_calendar(struct reader *r)
{
	size_t open[CALENDAR_DEPTH], depth = 0;
	struct ms_slice rest, line;

	rest = ms_part_text(
	    r->parse, r->out->part, r->parse->limits->text_size, NULL);
	rest = unfold(r->parse->arena, rest);
	while (ms_slice_line(&rest, false, &line)) {
		if (!fields_left(r))
			return;
		if (ms_slice_starts(line, "END:")) {
			if (depth > 0)
				depth--;
			continue;
		}
		if (ms_slice_starts(line, "BEGIN:") && depth < CALENDAR_DEPTH) {
			open[depth++] = r->out->n;
			(void)add_block(r);
		}
		if (depth > 0)
			add_property(r, &r->out->blocks[open[depth - 1]], line);
	}
}

struct ms_report_part *
report_part_read(
    const struct ms_parse *parse, const struct ms_part *part, bool bare_cr)
{
	struct reader r = { .parse = parse };

	if (part->kind != MS_PART_LEAF)
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!ms_slice_is(part->type, kinds[i].type))
			continue;
		r.out = MS_NEW(parse->arena, struct ms_report_part);
		r.out->part = part;
		r.out->kind = kinds[i].kind;
		if (strcmp(kinds[i].kind, "calendar") == 0)
			read_calendar(&r);
		else
			read_blocks(&r, bare_cr);
		return r.out;
	}
	return NULL;
}
