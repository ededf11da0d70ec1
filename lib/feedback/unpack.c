/* SPDX-License-Identifier: ISC
 * unpack.c - what reports come in: mail, gzip, zip, one within another
 *
 * What it is, the first octets tell, and never a file's name.
 */
#include "feedback_priv.h"
#include "mailsonde/gzip.h"
#include "mailsonde/zip.h"

struct unpacker {
	struct ms_arena *arena;
	struct ms_charsets *charsets;
	const struct ms_limits *limits;
	size_t left;    /* octets that may still come out of containers */
	size_t members; /* that may still be looked at */
	struct ms_feedback_item *first, **end;
	size_t reports; /* items that are some */
};

/* Where something was found. */
struct place {
	struct ms_slice member; /* p == NULL: the whole */
	const char *format;     /* NULL: as it is */
	size_t depth;
};

static struct ms_feedback_item *
add(struct unpacker *u, const struct place *place, enum ms_feedback_kind kind)
{
	struct ms_feedback_item *item =
	    MS_NEW(u->arena, struct ms_feedback_item);

	item->kind = kind;
	item->member = place->member;
	item->format = place->format;
	*u->end = item;
	u->end = &item->next;
	u->reports += kind != MS_FEEDBACK_NONE;
	return item;
}

static struct ms_feedback_item *
refuse(struct unpacker *u, const struct place *place, const char *why)
{
	struct ms_feedback_item *item = add(u, place, MS_FEEDBACK_NONE);

	if (place->member.p)
		ms_diag_set(&item->diag, MS_FORMAT, "%.*s: %s",
		    (int)(place->member.n > 120 ? 120 : place->member.n),
		    (const char *)place->member.p, why);
	else
		ms_diag_set(&item->diag, MS_FORMAT, "%s", why);
	return item;
}

static void
refuse_other(struct unpacker *u, const struct place *place, const char *why)
{
	refuse(u, place, why)->other = true;
}

/* One step into `what`: the place within. */
static struct place
within(struct unpacker *u, const struct place *place, const char *what,
    struct ms_slice member)
{
	struct place out = *place;

	out.depth++;
	out.format = place->format ? ms_arena_printf(u->arena, "%s, %s",
					 place->format, what)
				   : what;
	if (!member.p)
		return out;
	out.member = ms_slice_from(
	    ms_arena_printf(u->arena, "%.*s%s%.*s", (int)place->member.n,
		place->member.p ? (const char *)place->member.p : "",
		place->member.p ? ", " : "", (int)member.n,
		(const char *)member.p));
	return out;
}

static void look_at(
    struct unpacker *u, struct ms_slice bytes, const struct place *place);

/* ---- containers ---- */

static void
open_gzip(struct unpacker *u, struct ms_slice bytes, const struct place *place)
{
	struct place inner = within(u, place, "gzip", ms_slice_make(NULL, 0));
	enum ms_status status;
	struct ms_buf out;

	ms_buf_init(&out, u->arena);
	status = ms_gunzip(bytes, u->left, &out);
	if (status == MS_LIMIT) {
		refuse(u, place,
		    ms_arena_printf(u->arena,
			"it is gzip that holds more than %zu octets "
			"(report_size)",
			u->left));
		return;
	}
	if (status != MS_OK) {
		refuse(u, place, "it is gzip that is damaged, or cut short");
		return;
	}
	u->left -= out.n;
	look_at(u, ms_buf_get(&out), &inner);
}

static void
open_member(struct unpacker *u, const struct ms_zip_member *member,
    const struct place *place)
{
	struct place inner = within(u, place, "zip", member->name);
	struct ms_diag diag = { "" };
	struct ms_buf out;

	ms_buf_init(&out, u->arena);
	if (ms_zip_unpack(member, u->left, &out, &diag) != MS_OK) {
		refuse(u, &inner, diag.text);
		return;
	}
	u->left -= out.n;
	look_at(u, ms_buf_get(&out), &inner);
}

/* What programs for archives add of their own. */
static bool
is_litter(struct ms_slice name)
{
	return ms_slice_starts(name, "__MACOSX/") ||
	       ms_slice_ends(name, ".DS_Store");
}

static void
open_zip(struct unpacker *u, struct ms_slice bytes, const struct place *place)
{
	struct ms_diag diag = { "" };
	struct ms_zip zip;

	if (ms_zip_read(u->arena, bytes, u->members, &zip, &diag) != MS_OK) {
		refuse(u, place, diag.text);
		return;
	}
	u->members -= zip.n;
	for (size_t i = 0; i < zip.n; i++)
		if (!zip.members[i].folder && !is_litter(zip.members[i].name))
			open_member(u, &zip.members[i], place);
	if (zip.truncated)
		refuse(u, place,
		    "it is a zip archive of more files than are looked at "
		    "(report_members)");
	else if (!u->first)
		refuse(u, place, "it is a zip archive without a file");
}

/* ---- mail ---- */

static bool is_document(struct ms_slice bytes);

static bool
is_report(struct ms_slice content)
{
	return ms_is_gzip(content) || ms_is_zip(content) ||
	       is_document(content);
}

/* Text that a person reads may begin like JSON, or be HTML; what is attached
 * or called so is meant. */
static bool
may_carry(const struct ms_part *part)
{
	if (part->kind != MS_PART_LEAF || part->body.n == 0)
		return false;
	if (ms_slice_is(part->type, "text/html"))
		return false;
	return !ms_slice_starts(part->type, "text/") ||
	       ms_slice_is(part->type, "text/xml") ||
	       ms_part_is_attachment(part);
}

static void
open_part(
    struct unpacker *u, const struct ms_part *part, const struct place *place)
{
	struct ms_slice content = ms_part_decode(u->arena, part);
	struct place inner;

	if (!is_report(content))
		return;
	inner = within(u, place, "mail",
	    part->filename.n > 0 ? part->filename
				 : ms_slice_from(ms_arena_printf(
				       u->arena, "part %u", part->index)));
	look_at(u, content, &inner);
}

static bool
has_feedback_part(const struct ms_message *message)
{
	for (const struct ms_report_part *p = message->reports; p; p = p->next)
		if (strcmp(p->kind, "feedback-report") == 0)
			return true;
	return false;
}

/* Exim's have no part for machines. */
static bool
is_mail_report(const struct ms_message *message)
{
	return message->mime.root &&
	       ms_slice_is(message->mime.root->type, "multipart/report");
}

static void
open_parts(struct unpacker *u, const struct ms_message *message,
    const struct place *place)
{
	for (const struct ms_part *part = message->mime.root; part;
	     part = ms_part_next(part)) {
		if (!may_carry(part))
			continue;
		if (u->members == 0)
			return;
		u->members--;
		open_part(u, part, place);
	}
}

/* What was found behind `before`: a report, or a reason why there is none. */
static bool
found_since(const struct unpacker *u, struct ms_feedback_item **before)
{
	return u->end != before;
}

static void
open_mail(struct unpacker *u, struct ms_slice bytes, const struct place *place)
{
	static const struct ms_message_options options = { .mime = true,
		.reports = true };
	struct ms_message *message = MS_NEW(u->arena, struct ms_message);
	struct ms_feedback_item **before = u->end;

	ms_message_parse(
	    u->arena, u->charsets, u->limits, bytes, &options, message);
	/* What is attached to the mail that a complaint is about is no report.
	 */
	if (!has_feedback_part(message))
		open_parts(u, message, place);
	if (found_since(u, before))
		return;
	if (has_feedback_part(message) || is_mail_report(message)) {
		struct place inner =
		    within(u, place, "mail", ms_slice_make(NULL, 0));

		add(u, &inner, MS_FEEDBACK_MAIL)->message = message;
		return;
	}
	refuse_other(u, place,
	    ms_message_plausible(message)
		? "it is a mail that carries no report"
		: "it is no report: neither XML nor JSON, nor mail, gzip or "
		  "zip");
}

/* ---- documents ---- */

static struct ms_slice
without_mark(struct ms_slice bytes)
{
	if (bytes.n >= 3 && memcmp(bytes.p, "\xef\xbb\xbf", 3) == 0)
		return ms_slice_part(bytes, 3, bytes.n);
	return bytes;
}

static bool
is_utf16(struct ms_slice bytes)
{
	return bytes.n >= 4 && (memcmp(bytes.p, "\xff\xfe<", 4) == 0 ||
				   memcmp(bytes.p, "\xfe\xff\0<", 4) == 0);
}

static bool
is_xml(struct ms_slice bytes)
{
	struct ms_slice text = ms_slice_trim(ms_slice_part(bytes, 0, 4096));

	return (text.n > 0 && text.p[0] == '<') || is_utf16(bytes);
}

static bool
is_json(struct ms_slice bytes)
{
	struct ms_slice text = ms_slice_trim(ms_slice_part(bytes, 0, 4096));

	return text.n > 0 && text.p[0] == '{';
}

static bool
is_document(struct ms_slice bytes)
{
	bytes = without_mark(bytes);
	return is_xml(bytes) || is_json(bytes);
}

static void
look_at(struct unpacker *u, struct ms_slice bytes, const struct place *place)
{
	struct ms_slice text = without_mark(bytes);

	if (place->depth > u->limits->report_depth)
		refuse(
		    u, place, "archives nest too deeply in it (report_depth)");
	else if (bytes.n == 0)
		refuse(u, place, "it is empty");
	else if (ms_is_gzip(bytes))
		open_gzip(u, bytes, place);
	else if (ms_is_zip(bytes))
		open_zip(u, bytes, place);
	else if (!is_document(bytes))
		open_mail(u, bytes, place);
	else if (text.n > u->limits->report_size)
		refuse(u, place,
		    ms_arena_printf(u->arena,
			"it is longer than %zu octets (report_size)",
			u->limits->report_size));
	else
		add(u, place, is_xml(text) ? MS_FEEDBACK_XML : MS_FEEDBACK_JSON)
		    ->text = is_utf16(text) ? text : ms_slice_trim(text);
}

const struct ms_feedback_item *
ms_feedback_unpack(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, struct ms_slice bytes)
{
	struct unpacker u = { .arena = arena,
		.charsets = charsets,
		.limits = limits,
		.left = limits->report_size,
		.members = limits->report_members };
	struct place whole = { { NULL, 0 }, NULL, 0 };

	u.end = &u.first;
	look_at(&u, bytes, &whole);
	return u.first;
}
