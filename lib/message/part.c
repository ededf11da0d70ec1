/* SPDX-License-Identifier: ISC
 * part.c - one part: its content fields, its body decoded and hashed
 *
 * RFC 2045 5 and 6, RFC 2183, RFC 2392.
 */
#include "mime_priv.h"

#include "mailsonde/buf.h"
#include "mailsonde/scan.h"

/* Decoded in pieces that stay in the cache; large enough for the farthest
 * signature, that of an ISO 9660 image at 32,769. */
#define SCRATCH    ((size_t)33 * 1024)
#define KEPT_MAX   ((size_t)1024 * 1024)
#define META_MAX   4096
#define LINE_BACK  4096
#define ROOM_EXTRA 1024

static void
defect(const struct ms_parse *parse, enum ms_defect_kind kind,
    const unsigned char *p, const char *detail)
{
	size_t offset = parse->base && p ? (size_t)(p - parse->base) : 0;

	ms_defect_add(parse->defects, parse->arena, kind, offset, detail);
}

/* ---- the header ---- */

/* type "/" subtype, both tokens. */
static bool
usable_type(struct ms_slice type)
{
	struct ms_scan s = ms_scan_init(type);

	return ms_scan_while(&s, MS_C_TOKEN, SIZE_MAX).n > 0 &&
	       ms_scan_try_byte(&s, '/') &&
	       ms_scan_while(&s, MS_C_TOKEN, SIZE_MAX).n > 0 &&
	       ms_scan_at_end(&s);
}

static void
read_type(const struct ms_parse *parse, struct ms_part *part, bool digest)
{
	const struct ms_field *field =
	    ms_header_find(part->header, MS_FIELD_CONTENT_TYPE);

	part->type = digest && !field ? MS_SLICE("message/rfc822")
				      : MS_SLICE("text/plain");
	if (!field)
		return;
	ms_params_parse(parse, field, &part->content_type);
	part->charset = ms_params_get(&part->content_type, "charset");
	if (part->charset.n == 0)
		part->charset.p = NULL;
	if (usable_type(part->content_type.value)) {
		part->type = part->content_type.value;
		part->type_given = true;
	} else {
		defect(parse, MS_DEFECT_CONTENT_TYPE, field->raw.p, NULL);
	}
}

static void
read_encoding(const struct ms_parse *parse, struct ms_part *part)
{
	const struct ms_field *field =
	    ms_header_find(part->header, MS_FIELD_CONTENT_TRANSFER_ENCODING);
	struct ms_scan s;

	if (!field)
		return;
	s = ms_scan_init(field->value);
	(void)ms_scan_cfws(&s);
	(void)ms_scan_try_byte(&s, '"');
	part->encoding_token = ms_arena_lower(
	    parse->arena, ms_scan_while(&s, MS_C_TOKEN, SIZE_MAX));
	part->encoding = ms_encoding_from(part->encoding_token);
	if (part->encoding == MS_ENCODING_UNKNOWN)
		defect(parse, MS_DEFECT_ENCODING_UNKNOWN, field->raw.p, NULL);
	if (part->encoding_token.n == 0)
		part->encoding_token.p = NULL;
}

static void
read_disposition(const struct ms_parse *parse, struct ms_part *part)
{
	const struct ms_field *field =
	    ms_header_find(part->header, MS_FIELD_CONTENT_DISPOSITION);
	struct ms_slice name = { NULL, 0 };

	if (field) {
		ms_params_parse(parse, field, &part->disposition_params);
		if (part->disposition_params.value.n > 0)
			part->disposition = part->disposition_params.value;
		name = ms_params_get(&part->disposition_params, "filename");
	}
	if (!name.p)
		name = ms_params_get(&part->content_type, "name");
	part->filename = name;
}

void
part_read_header(
    const struct ms_parse *parse, struct ms_part *part, bool digest)
{
	const struct ms_field *field;

	read_type(parse, part, digest);
	read_encoding(parse, part);
	read_disposition(parse, part);
	field = ms_header_find(part->header, MS_FIELD_CONTENT_ID);
	if (field)
		part->content_id = ms_message_id_parse(parse, field);
}

/* ---- the body ---- */

static bool
identity(enum ms_encoding encoding)
{
	return encoding <= MS_ENCODING_BINARY ||
	       encoding == MS_ENCODING_UNKNOWN;
}

bool
part_is_identity(const struct ms_part *part)
{
	return identity(part->encoding);
}

static void
report_damage(const struct ms_parse *parse, const struct ms_part *part)
{
	const struct ms_codec_damage *damage = &part->damage;
	const unsigned char *at = part->body.p + damage->first;
	enum ms_defect_kind kind = MS_DEFECT_BASE64;

	if (damage->truncated)
		defect(parse, MS_DEFECT_BASE64_TRUNCATED,
		    part->body.p + part->body.n, NULL);
	if (damage->count == 0)
		return;
	if (part->encoding == MS_ENCODING_QP)
		kind = MS_DEFECT_QP;
	else if (part->encoding == MS_ENCODING_UUENCODE)
		kind = MS_DEFECT_UUENCODE;
	else if (part->encoding == MS_ENCODING_YENC)
		kind = MS_DEFECT_YENC;
	defect(parse, kind, at, NULL);
}

static void
finish_body(const struct ms_parse *parse, const struct ms_mime_options *options,
    struct ms_part *part)
{
	report_damage(parse, part);
	if (options->embedded && ms_slice_starts(part->type, "text/"))
		embedded_find(parse, options, part);
}

/* The next piece; of content as it stands, one that is no longer than a
 * run. */
static bool
next_piece(struct ms_codec *codec, unsigned char *scratch,
    struct ms_slice *whole, struct ms_slice *piece)
{
	if (whole->n == 0 && !ms_codec_next(codec, scratch, SCRATCH, whole))
		return false;
	*piece = ms_slice_part(*whole, 0, MIME_RUN);
	*whole = ms_slice_part(*whole, piece->n, whole->n);
	return true;
}

/* A text that will be wanted once more is decoded once, and what is hashed
 * later lasts till then. */
static bool
kept(const struct ms_mime_options *options, const struct ms_part *part)
{
	bool decoded = part->encoding == MS_ENCODING_QP ||
		       part->encoding == MS_ENCODING_BASE64;

	if (part->body.n > KEPT_MAX)
		return false;
	if (options->later)
		return decoded || part_is_identity(part);
	return options->texts && decoded &&
	       (ms_slice_is(part->type, "text/html") ||
		   ms_slice_is(part->type, "text/plain"));
}

static void
hash(const struct ms_mime_options *options, struct ms_part *part)
{
	unsigned kinds = options->digests;

	if (!options->later || !(kinds & MS_DIGEST_SHA256)) {
		ms_digest_bytes(kinds, part->decoded, &part->digests);
		return;
	}
	ms_digest_bytes(
	    kinds & ~(unsigned)MS_DIGEST_SHA256, part->decoded, &part->digests);
	part->digests.kinds = kinds;
	ms_digest_later(options->later, part->decoded, part->digests.sha256);
}

static void
keep(const struct ms_parse *parse, const struct ms_mime_options *options,
    struct ms_part *part)
{
	part->decoded = ms_codec_decode(
	    parse->arena, part->encoding, part->body, &part->damage);
	part->size = part->decoded.n;
	if (part->size > 0 && options->detect)
		part->detected = ms_filetype_detect(
		    ms_slice_part(part->decoded, 0, SCRATCH));
	hash(options, part);
	finish_body(parse, options, part);
}

void
part_read_body(const struct ms_parse *parse,
    const struct ms_mime_options *options, struct ms_part *part)
{
	unsigned char scratch[SCRATCH];
	struct ms_digest digest;
	struct ms_codec codec;
	struct ms_slice whole = { NULL, 0 }, piece;
	size_t passed = 0, taken;

	part->bare_cr = options->bare_cr;
	if (kept(options, part)) {
		keep(parse, options, part);
		return;
	}
	ms_digest_init(&digest, options->digests);
	ms_codec_init(&codec, part->encoding, part->body);
	codec.bare_cr = part->bare_cr;
	while (next_piece(&codec, scratch, &whole, &piece)) {
		if (part->size == 0 && options->detect)
			part->detected = ms_filetype_detect(piece);
		part->size += piece.n;
		ms_digest_update(&digest, piece);
		taken = codec.taken - whole.n;
		if (options->passed && taken - passed >= MIME_RUN) {
			options->passed(
			    ms_slice_part(part->body, passed, taken));
			passed = taken;
		}
	}
	ms_digest_final(&digest, &part->digests);
	part->damage = codec.damage;
	finish_body(parse, options, part);
}

struct ms_part *
ms_part_next(const struct ms_part *part)
{
	if (part->child)
		return part->child;
	while (part && !part->next)
		part = part->parent;
	return part ? part->next : NULL;
}

const struct ms_part *
ms_part_outer(const struct ms_part *part)
{
	const struct ms_part *out = part;

	for (; part; part = part->parent)
		if (part->parent && part->parent->outlook)
			out = part->parent;
	return out;
}

/* Into a buffer, at most a little more than `max` bytes. */
static struct ms_slice
decode_to(struct ms_arena *arena, const struct ms_part *part, size_t max)
{
	struct ms_slice piece;
	struct ms_codec codec;
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	(void)ms_buf_room(&buf, max + ROOM_EXTRA);
	ms_codec_init(&codec, part->encoding, part->body);
	codec.bare_cr = part->bare_cr;
	while (buf.n < max && ms_codec_next(&codec, buf.p + buf.n,
				  max + ROOM_EXTRA - buf.n, &piece)) {
		if (identity(codec.encoding) && !codec.bare_cr)
			return piece;
		buf.n += piece.n;
	}
	return ms_buf_get(&buf);
}

struct ms_slice
ms_part_decode(struct ms_arena *arena, const struct ms_part *part)
{
	if (part->decoded.p)
		return part->decoded;
	if (part->bare_cr)
		return decode_to(arena, part, part->size);
	return ms_codec_decode(arena, part->encoding, part->body, NULL);
}

/* ---- text ---- */

/* At most `max` decoded bytes; a cut falls behind a line where it can, so as
 * not to break a character. */
static struct ms_slice
decode_some(struct ms_arena *arena, const struct ms_part *part, size_t max)
{
	const unsigned char *lf;
	struct ms_slice out;
	size_t back;

	if (part->size <= max)
		return ms_part_decode(arena, part);
	if (part->decoded.p)
		out = ms_slice_part(part->decoded, 0, max);
	else if (part_is_identity(part) && !part->bare_cr)
		out = ms_slice_part(part->body, 0, max);
	else
		out = ms_slice_part(decode_to(arena, part, max), 0, max);
	back = out.n > LINE_BACK ? LINE_BACK : out.n;
	lf = back ? memrchr(out.p + out.n - back, '\n', back) : NULL;
	if (lf)
		out.n = (size_t)(lf - out.p) + 1;
	return out;
}

/* The charset a byte order mark stands for (Unicode 23.8). */
static struct ms_slice
sniff_mark(struct ms_slice bytes)
{
	if (bytes.n > 2 && memcmp(bytes.p, "\xef\xbb\xbf", 3) == 0)
		return MS_SLICE("utf-8");
	if (bytes.n > 1 && memcmp(bytes.p, "\xff\xfe", 2) == 0)
		return MS_SLICE("utf-16le");
	if (bytes.n > 1 && memcmp(bytes.p, "\xfe\xff", 2) == 0)
		return MS_SLICE("utf-16be");
	return ms_slice_make(NULL, 0);
}

/* <meta charset=x>, or charset=x in the content of another <meta>. */
static struct ms_slice
sniff_meta(struct ms_slice html)
{
	struct ms_slice head = ms_slice_part(html, 0, META_MAX), tag, out;
	size_t at = ms_slice_find_nocase(head, 0, "<meta");

	for (; at < head.n; at = ms_slice_find_nocase(head, at + 1, "<meta")) {
		size_t end = ms_slice_find(head, at, '>');
		struct ms_scan s;

		tag = ms_slice_part(head, at, end);
		at = end;
		end = ms_slice_find_nocase(tag, 0, "charset");
		s = ms_scan_init(ms_slice_part(tag, end, tag.n));
		ms_scan_skip(&s, 7);
		(void)ms_scan_space(&s);
		if (!ms_scan_try_byte(&s, '='))
			continue;
		(void)ms_scan_space(&s);
		if (!ms_scan_try_byte(&s, '"'))
			(void)ms_scan_try_byte(&s, '\'');
		out = ms_scan_while(&s, MS_C_ALNUM | MS_C_HOST, 40);
		/* It was read as ASCII, so it is no UTF-16 (HTML 13.2.3). */
		if (out.n > 0)
			return ms_slice_starts(out, "utf-16")
				   ? MS_SLICE("utf-8")
				   : out;
	}
	return ms_slice_make(NULL, 0);
}

struct ms_slice
ms_part_text(const struct ms_parse *parse, const struct ms_part *part,
    size_t max, enum ms_charset_result *result)
{
	struct ms_slice bytes = decode_some(parse->arena, part, max);
	struct ms_slice label = part->charset, out;
	enum ms_charset_result r;

	if (label.n == 0 && ms_slice_is(part->type, "text/html")) {
		label = sniff_mark(bytes);
		if (!label.p)
			label = sniff_meta(bytes);
	}
	r = ms_charset_decode(
	    parse->charsets, parse->arena, label, bytes, &out);
	if (result)
		*result = r;
	return out;
}

bool
ms_part_is_attachment(const struct ms_part *part)
{
	if (part->kind != MS_PART_LEAF)
		return false;
	if (ms_slice_is(part->disposition, "attachment") ||
	    part->filename.n > 0)
		return true;
	if (ms_slice_starts(part->type, "text/") ||
	    ms_slice_starts(part->type, "multipart/"))
		return false;
	return !(ms_slice_starts(part->type, "image/") && part->content_id.p);
}
