/* SPDX-License-Identifier: ISC
 * embedded.c - uuencode and yEnc inside text parts
 *
 * POSIX.1 uuencode; yEnc draft 1.3. As it was done before MIME, and still is
 * on Usenet.
 */
#include "mime_priv.h"

#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define SCRATCH       ((size_t)16 * 1024)
#define YENC_SIZE_MAX ((uint64_t)1 << 40)

struct finder {
	const struct ms_parse *parse;
	const struct ms_mime_options *options;
	struct ms_part *part;
	struct ms_slice text;
	size_t n;
};

static void
defect(const struct finder *f, enum ms_defect_kind kind, const unsigned char *p)
{
	const struct ms_slice *body = &f->part->body;
	const unsigned char *base = f->parse->base;

	/* Of a decoded text there is only the part to point at. */
	if (p < body->p || p > body->p + body->n)
		p = body->p;
	ms_defect_add(f->parse->defects, f->parse->arena, kind,
	    base ? (size_t)(p - base) : 0, "inside a text part");
}

static size_t
line_at(const struct finder *f, size_t at, struct ms_slice *line)
{
	struct ms_slice rest = ms_slice_part(f->text, at, f->text.n);

	*line = ms_slice_make(rest.p, 0);
	(void)ms_slice_line(&rest, f->options->bare_cr, line);
	return (size_t)(rest.p - f->text.p);
}

static struct ms_slice
clean_name(const struct finder *f, struct ms_slice name)
{
	return ms_utf8_clean(f->parse->arena, ms_slice_trim(name), NULL);
}

/* In the order of the text; each kind is looked for by itself. */
static void
add(struct finder *f, const struct ms_embedded *found)
{
	struct ms_embedded *e = MS_NEW(f->parse->arena, struct ms_embedded);
	struct ms_embedded **at = &f->part->embedded;

	*e = *found;
	while (*at && (*at)->raw.p < e->raw.p)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	f->n++;
}

/* ---- CRC-32 (IEEE 802.3), four bits at a time ---- */

static uint32_t
crc32_update(uint32_t crc, struct ms_slice bytes)
{
	static const uint32_t table[16] = {
		0x00000000,
		0x1db71064,
		0x3b6e20c8,
		0x26d930ac,
		0x76dc4190,
		0x6b6b51f4,
		0x4db26158,
		0x5005713c,
		0xedb88320,
		0xf00f9344,
		0xd6d6a3e8,
		0xcb61b38c,
		0x9b64c2b0,
		0x86d3d2d4,
		0xa00ae278,
		0xbdbdf21c,
	};

	for (size_t i = 0; i < bytes.n; i++) {
		crc = table[(crc ^ bytes.p[i]) & 15] ^ crc >> 4;
		crc =
		    table[(crc ^ (uint32_t)(bytes.p[i] >> 4)) & 15] ^ crc >> 4;
	}
	return crc;
}

/* Decodes into nothing but size, digests and check sum. */
static uint32_t
measure(struct finder *f, struct ms_embedded *e, struct ms_codec_damage *damage)
{
	unsigned char scratch[SCRATCH];
	uint32_t crc = UINT32_MAX;
	struct ms_digest digest;
	struct ms_codec codec;
	struct ms_slice piece;

	ms_digest_init(&digest, f->options->digests);
	ms_codec_init(&codec, e->encoding, e->data);
	while (ms_codec_next(&codec, scratch, sizeof(scratch), &piece)) {
		e->size += piece.n;
		ms_digest_update(&digest, piece);
		if (e->encoding == MS_ENCODING_YENC)
			crc = crc32_update(crc, piece);
	}
	ms_digest_final(&digest, &e->digests);
	*damage = codec.damage;
	return ~crc;
}

/* ---- uuencode ---- */

/* "begin 644 name" */
static bool
uu_begin(struct ms_slice line, struct ms_slice *name)
{
	struct ms_scan s = ms_scan_init(line);
	struct ms_slice mode;

	if (!ms_scan_try_text(&s, "begin "))
		return false;
	mode = ms_scan_while(&s, MS_C_DIGIT, 6);
	if (mode.n < 3 || mode.n > 5 || !ms_scan_try_byte(&s, ' '))
		return false;
	*name = ms_slice_trim(ms_scan_rest(&s));
	return name->n > 0;
}

/* As many letters as the first one says; trailing blanks may be lost, and a
 * check letter or two added. */
static bool
uu_plausible(struct ms_slice line)
{
	size_t letters;

	while (line.n > 0 && line.p[line.n - 1] == ' ')
		line.n--;
	if (line.n == 0)
		return true; /* " ": no bytes, its blank cut */
	for (size_t i = 0; i < line.n && i < 90; i++)
		if (line.p[i] < ' ' || line.p[i] > '`')
			return false;
	letters = ((line.p[0] - ' ') & 63u) + 2;
	letters = letters / 3 * 4;
	return line.n <= letters + 3 && line.n + 8 > letters;
}

/* The lines up to "end", or to one that is none. */
static size_t
uu_data(const struct finder *f, size_t at, struct ms_embedded *e)
{
	size_t start = at, next, lines = 0;
	struct ms_slice line;

	for (; at < f->text.n; at = next, lines++) {
		next = line_at(f, at, &line);
		if (ms_slice_is(ms_slice_trim(line), "end")) {
			e->complete = true;
			e->data = ms_slice_part(f->text, start, at);
			return next;
		}
		if (!uu_plausible(line))
			break;
	}
	e->data = ms_slice_part(f->text, start, at);
	return at;
}

static size_t
take_uu(struct finder *f, size_t at)
{
	struct ms_embedded e = { .encoding = MS_ENCODING_UUENCODE };
	struct ms_codec_damage damage;
	struct ms_slice line, name;
	size_t next = line_at(f, at, &line);

	if (!uu_begin(line, &name))
		return next;
	next = uu_data(f, next, &e);
	if (!e.complete && ms_slice_trim(e.data).n == 0)
		return next; /* a sentence that begins with "begin" */
	e.name = clean_name(f, name);
	e.raw = ms_slice_part(f->text, at, next);
	(void)measure(f, &e, &damage);
	if (damage.count > 0 || !e.complete)
		defect(f, MS_DEFECT_UUENCODE, e.raw.p);
	add(f, &e);
	return next;
}

/* ---- yEnc ---- */

/* The value behind "key="; false when there is none. */
static bool
yenc_value(struct ms_slice line, const char *key, struct ms_slice *value)
{
	size_t n = strlen(key);
	size_t at = ms_slice_find_text(line, 0, key);

	if (at + n > line.n || at == line.n)
		return false;
	*value = ms_slice_part(line, at + n, line.n);
	return true;
}

static bool
yenc_number(struct ms_slice line, const char *key, uint64_t *out)
{
	struct ms_slice value;
	struct ms_scan s;

	if (!yenc_value(line, key, &value))
		return false;
	s = ms_scan_init(value);
	*out = ms_scan_number(&s, 13, YENC_SIZE_MAX);
	return !s.bad;
}

static bool
yenc_crc(struct ms_slice line, const char *key, uint32_t *out)
{
	struct ms_slice value;
	struct ms_scan s;

	if (!yenc_value(line, key, &value))
		return false;
	s = ms_scan_init(value);
	value = ms_scan_while(&s, MS_C_HEX, 16);
	*out = 0;
	for (size_t i = 0; i < value.n; i++)
		*out = *out << 4 | (uint32_t)ms_hex_value(value.p[i]);
	return value.n > 0;
}

/* Size and check sum in the last line: those of this part where the file
 * comes in several. */
static bool
yenc_agrees(const struct ms_embedded *e, struct ms_slice begin,
    struct ms_slice end, uint32_t crc)
{
	uint64_t number;
	uint32_t wanted;
	bool multi = yenc_number(begin, " part=", &number);

	if (yenc_number(end, " size=", &number) && number != e->size)
		return false;
	if (!multi && yenc_number(begin, " size=", &number) &&
	    number != e->size)
		return false;
	if (yenc_crc(end, " pcrc32=", &wanted) && wanted != crc)
		return false;
	return multi || !yenc_crc(end, " crc32=", &wanted) || wanted == crc;
}

static size_t
yenc_data(const struct finder *f, size_t at, struct ms_embedded *e,
    struct ms_slice *end)
{
	size_t stop =
	    boundary_find_line(f->text, at, "=y", f->options->bare_cr);
	size_t next = line_at(f, stop, end);

	e->data = ms_slice_part(f->text, at, stop);
	e->complete = ms_slice_starts(*end, "=yend");
	return e->complete ? next : stop;
}

static size_t
take_yenc(struct finder *f, size_t at)
{
	struct ms_embedded e = { .encoding = MS_ENCODING_YENC };
	struct ms_slice begin, line, name, end;
	struct ms_codec_damage damage;
	size_t next = line_at(f, at, &begin), behind;
	uint32_t crc;

	if (!ms_slice_starts(begin, "=ybegin ") ||
	    !yenc_value(begin, " name=", &name))
		return next;
	behind = line_at(f, next, &line);
	if (ms_slice_starts(line, "=ypart "))
		next = behind;
	next = yenc_data(f, next, &e, &end);
	e.name = clean_name(f, name);
	e.raw = ms_slice_part(f->text, at, next);
	crc = measure(f, &e, &damage);
	if (damage.count > 0 || !e.complete ||
	    !yenc_agrees(&e, begin, end, crc)) {
		e.complete = false;
		defect(f, MS_DEFECT_YENC, e.raw.p);
	}
	add(f, &e);
	return next;
}

/* ---- both ---- */

static void
find_all(
    struct finder *f, const char *two, size_t (*take)(struct finder *, size_t))
{
	bool bare_cr = f->options->bare_cr;
	size_t at = boundary_find_line(f->text, 0, two, bare_cr);

	while (at < f->text.n) {
		if (f->n >= f->parse->limits->embedded) {
			ms_defect_add(f->parse->defects, f->parse->arena,
			    MS_DEFECT_LIMIT, 0, "embedded");
			return;
		}
		at = take(f, at);
		at = boundary_find_line(f->text, at, two, bare_cr);
	}
}

void
embedded_find(const struct ms_parse *parse,
    const struct ms_mime_options *options, struct ms_part *part)
{
	struct finder f = { .parse = parse, .options = options };
	struct ms_slice body = part->body;

	f.part = part;
	if (part_is_identity(part)) {
		f.text = body;
		find_all(&f, "=y", take_yenc);
	} else if (part->encoding == MS_ENCODING_QP &&
		   boundary_find_line(body, 0, "be", options->bare_cr) <
		       body.n &&
		   ms_slice_find_text(body, 0, "begin ") < body.n) {
		f.text = ms_part_decode(parse->arena, part);
	}
	find_all(&f, "be", take_uu);
}
