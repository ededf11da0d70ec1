/* SPDX-License-Identifier: ISC
 * winmail.c - parts of the type application/ms-tnef as what they hold
 *
 * Outlook puts attachments and formatted text into one part, winmail.dat, that
 * other programs cannot show. Of each a message is made, as of an Outlook file,
 * and its tree hangs below the part.
 */
#include "mime_priv.h"

#include "mailsonde/outlook.h"

struct opener {
	const struct ms_parse *parse;
	const struct ms_mime_options *options;
	struct ms_mime *mime;
	size_t left; /* octets that may still be made */
};

static bool
is_winmail(const struct ms_part *part)
{
	return part->kind == MS_PART_LEAF &&
	       (ms_slice_is(part->type, "application/ms-tnef") ||
		   ms_slice_is(part->type, "application/vnd.ms-tnef") ||
		   ms_slice_is(part->filename, "winmail.dat"));
}

static bool
is_tnef(struct ms_slice bytes)
{
	return bytes.n > 6 && memcmp(bytes.p, "\x78\x9f\x3e\x22", 4) == 0;
}

static void
defect(const struct opener *o, enum ms_defect_kind kind,
    const struct ms_part *part, const char *detail)
{
	const unsigned char *p = ms_part_outer(part)->body.p;

	ms_defects_scope(o->parse->defects);
	ms_defect_add(o->parse->defects, o->parse->arena, kind,
	    o->parse->base ? (size_t)(p - o->parse->base) : 0, detail);
}

/* The part is where all of it can be pointed at. */
static void
hand_on(const struct opener *o, const struct ms_part *part,
    const struct ms_defects *inner)
{
	for (const struct ms_defect *d = inner->first; d; d = d->next)
		if (d->kind == MS_DEFECT_LIMIT || d->kind == MS_DEFECT_OUTLOOK)
			defect(o, d->kind, part, d->detail);
}

static void
parse_made(struct opener *o, struct ms_part *part, struct ms_outlook *made)
{
	struct ms_limits limits = *o->parse->limits;
	struct ms_parse parse = *o->parse;
	struct ms_mime_options options = *o->options;
	struct ms_header *header = MS_NEW(parse.arena, struct ms_header);
	struct ms_mime mime;
	size_t n = 0;

	limits.mime_depth -= part->depth + 1;
	limits.mime_parts -= o->mime->parts;
	parse.limits = &limits;
	parse.defects = &made->defects;
	parse.base = made->raw.p;
	parse.outlook = made;
	options.passed = NULL;
	options.bare_cr = false;
	ms_header_parse(&parse, made->raw, 0, header);
	ms_mime_parse(&parse, header,
	    ms_slice_part(made->raw, header->body, made->raw.n), &options,
	    &mime);
	part->child = mime.root;
	part->child->parent = part;
	for (struct ms_part *p = part->child; n < mime.parts;
	     p = ms_part_next(p), n++)
		p->depth += part->depth + 1;
	part->outlook = made;
	o->mime->parts += mime.parts;
	o->mime->truncated |= mime.truncated;
}

/* In the order of the whole tree. */
static void
number(struct ms_mime *mime)
{
	unsigned index = 0;

	for (struct ms_part *part = mime->root; part; part = ms_part_next(part))
		part->index = index++;
}

static void
open_part(struct opener *o, struct ms_part *part)
{
	const struct ms_limits *limits = o->parse->limits;
	struct ms_outlook *made;
	struct ms_slice bytes;
	const char *why;

	if (part->depth + 1 >= limits->mime_depth) {
		defect(o, MS_DEFECT_LIMIT, part, "mime_depth");
		return;
	}
	if (o->mime->parts + 1 >= limits->mime_parts) {
		defect(o, MS_DEFECT_LIMIT, part, "mime_parts");
		return;
	}
	bytes = ms_part_decode(o->parse->arena, part);
	if (!is_tnef(bytes))
		return;
	if (bytes.n > o->left) {
		defect(o, MS_DEFECT_LIMIT, part, "message_size");
		return;
	}
	made = MS_NEW(o->parse->arena, struct ms_outlook);
	if (!ms_outlook_read(
		o->parse->arena, o->parse->charsets, limits, bytes, made, &why))
		return;
	o->left -= made->raw.n < o->left ? made->raw.n : o->left;
	parse_made(o, part, made);
	hand_on(o, part, &made->defects);
}

void
winmail_open(const struct ms_parse *parse,
    const struct ms_mime_options *options, struct ms_mime *mime)
{
	struct opener o = { parse, options, mime, parse->limits->message_size };
	size_t before = mime->parts;

	for (struct ms_part *part = mime->root; part; part = ms_part_next(part))
		if (is_winmail(part))
			open_part(&o, part);
	if (mime->parts > before)
		number(mime);
}
