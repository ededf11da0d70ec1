/* SPDX-License-Identifier: ISC
 * taglist.c - lists of tag=value, RFC 6376 section 3.2
 *
 *	tag-list = tag-spec *( ";" tag-spec ) [ ";" ]
 *	tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 *	tag-name = ALPHA *( ALPHA / DIGIT / "_" )
 *	tag-value = [ 1*VALCHAR *( 1*FWS 1*VALCHAR ) ]
 *	VALCHAR = %x21-3A / %x3C-7E
 *
 * Any run of white space passes for FWS: how lines end and fold is for the
 * parser of the message to judge.
 */
#include "mailsonde/taglist.h"

#include "mailsonde/scan.h"

static const struct {
	const char *name, *text;
} faults[] = {
	[MS_TAG_NO_EQUALS] = { "no-equals", "a tag without \"=\"" },
	[MS_TAG_EMPTY] = { "empty", "no tag where one must stand" },
	[MS_TAG_BAD_NAME] = { "bad-name", "a name that is none" },
	[MS_TAG_BAD_VALUE] = { "bad-value", "an octet that no value may hold" },
	[MS_TAG_DUPLICATE] = { "duplicate", "a tag for the second time" },
	[MS_TAG_TOO_MANY] = { "too-many", "more tags than are read" },
};

const char *
ms_tag_fault_name(enum ms_tag_fault fault)
{
	return faults[fault].name;
}

const char *
ms_tag_fault_text(enum ms_tag_fault fault)
{
	return faults[fault].text;
}

struct reader {
	struct ms_arena *arena;
	size_t max;
	struct ms_taglist *out;
	size_t tags_room, errors_room;
};

static void
complain(struct reader *r, enum ms_tag_fault fault, struct ms_slice at)
{
	struct ms_taglist *out = r->out;
	size_t room = r->errors_room ? r->errors_room * 2 : 4;

	out->faults |= 1u << fault;
	if (out->errors_n >= r->max)
		return;
	if (out->errors_n == r->errors_room) {
		out->errors = ms_arena_grow(r->arena, out->errors,
		    sizeof(*out->errors) * r->errors_room,
		    sizeof(*out->errors) * room);
		r->errors_room = room;
	}
	out->errors[out->errors_n].fault = fault;
	out->errors[out->errors_n++].at = at;
}

static unsigned
space_of(const struct reader *r)
{
	return r->out->flags & MS_TAGLIST_WSP ? MS_C_WSP : MS_C_SPACE;
}

/* Without white space of the list's kind at both ends. */
static struct ms_slice
trim(const struct reader *r, struct ms_slice s)
{
	unsigned space = space_of(r);

	while (s.n > 0 && ms_is(s.p[s.n - 1], space))
		s.n--;
	while (s.n > 0 && ms_is(*s.p, space)) {
		s.p++;
		s.n--;
	}
	return s;
}

static bool
name_octet(const struct reader *r, unsigned char c, bool first)
{
	if (r->out->flags & MS_TAGLIST_EXTENSION_NAMES)
		return ms_is(c, MS_C_ALNUM) ||
		       (!first && (c == '_' || c == '-' || c == '.'));
	return ms_is(c, MS_C_ALPHA) ||
	       (!first && (ms_is(c, MS_C_DIGIT) || c == '_'));
}

static void
check_name(struct reader *r, struct ms_slice name)
{
	bool good = name.n > 0;

	for (size_t i = 0; i < name.n; i++)
		good = good && name_octet(r, name.p[i], i == 0);
	if (!good)
		complain(r, MS_TAG_BAD_NAME, name);
}

/* The first octet that is neither VALCHAR nor white space. */
static void
check_value(struct reader *r, struct ms_slice value)
{
	unsigned space = space_of(r);

	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = value.p[i];

		if (!ms_is(c, MS_C_CTL | MS_C_HIGH) || ms_is(c, space))
			continue;
		complain(r, MS_TAG_BAD_VALUE, ms_slice_part(value, i, i + 1));
		return;
	}
}

static bool
same_name(const struct ms_taglist *list, struct ms_slice a, struct ms_slice b)
{
	return list->flags & MS_TAGLIST_NOCASE ? ms_slice_equal_nocase(a, b)
					       : ms_slice_equal(a, b);
}

static void
add(struct reader *r, struct ms_tag tag)
{
	struct ms_taglist *out = r->out;
	size_t room = r->tags_room ? r->tags_room * 2 : 8;

	for (size_t i = 0; i < out->n && !tag.duplicate; i++)
		tag.duplicate = same_name(out, out->tags[i].name, tag.name);
	if (tag.duplicate)
		complain(r, MS_TAG_DUPLICATE, tag.name);
	if (out->n == r->tags_room) {
		out->tags = ms_arena_grow(r->arena, out->tags,
		    sizeof(tag) * r->tags_room, sizeof(tag) * room);
		r->tags_room = room;
	}
	out->tags[out->n++] = tag;
}

/* What stands between two semicolons. */
static void
tag_spec(struct reader *r, struct ms_slice spec)
{
	size_t equals = ms_slice_find(spec, 0, '=');
	struct ms_tag tag = { 0 };

	if (trim(r, spec).n == 0) {
		complain(r, MS_TAG_EMPTY, spec);
		return;
	}
	if (equals == spec.n) {
		complain(r, MS_TAG_NO_EQUALS, trim(r, spec));
		return;
	}
	tag.name = trim(r, ms_slice_part(spec, 0, equals));
	tag.raw = ms_slice_part(spec, equals + 1, spec.n);
	tag.value = trim(r, tag.raw);
	check_name(r, tag.name);
	add(r, tag);
	check_value(r, tag.value);
}

void
ms_taglist_parse(struct ms_slice text, unsigned flags,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_taglist *out)
{
	struct reader r = { arena, limits->tags, out, 0, 0 };
	struct ms_scan s = ms_scan_init(text);
	bool more = true;

	memset(out, 0, sizeof(*out));
	out->text = text;
	out->flags = flags;
	for (size_t specs = 0; more; specs++) {
		struct ms_slice spec = ms_scan_to(&s, ';');

		more = ms_scan_try_byte(&s, ';');
		if (!more && specs > 0 && trim(&r, spec).n == 0) {
			out->trailing = true;
			return;
		}
		if (specs >= r.max) {
			complain(&r, MS_TAG_TOO_MANY, spec);
			return;
		}
		tag_spec(&r, spec);
	}
}

const struct ms_tag *
ms_taglist_find(const struct ms_taglist *list, const char *name)
{
	struct ms_slice wanted = ms_slice_from(name);

	for (size_t i = 0; i < list->n; i++)
		if (same_name(list, list->tags[i].name, wanted))
			return &list->tags[i];
	return NULL;
}

struct ms_slice
ms_taglist_value(const struct ms_taglist *list, const char *name)
{
	const struct ms_tag *tag = ms_taglist_find(list, name);

	return tag ? tag->value : ms_slice_make(NULL, 0);
}

bool
ms_taglist_item(
    struct ms_slice *rest, unsigned char separator, struct ms_slice *item)
{
	struct ms_scan s = ms_scan_init(*rest);

	if (!rest->p)
		return false;
	*item = ms_slice_trim(ms_scan_to(&s, separator));
	*rest = ms_scan_try_byte(&s, separator) ? ms_scan_rest(&s)
						: ms_slice_make(NULL, 0);
	return true;
}

struct ms_slice
ms_taglist_unfold(struct ms_slice value, struct ms_arena *arena)
{
	struct ms_scan s = ms_scan_init(value);
	struct ms_slice out = { NULL, 0 };
	unsigned char *p;

	if (ms_scan_until(&s, MS_C_SPACE, SIZE_MAX).n == value.n)
		return value;
	p = ms_arena_bytes(arena, value.n);
	for (size_t i = 0; i < value.n; i++)
		if (!ms_is(value.p[i], MS_C_SPACE))
			p[out.n++] = value.p[i];
	out.p = p;
	return out;
}
