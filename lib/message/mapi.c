/* SPDX-License-Identifier: ISC
 * mapi.c - properties: what Outlook keeps of a message, [MS-OXCDATA] 2.11
 */
#include "outlook_priv.h"

#define SECONDS_1601 11644473600 /* from then to 1970 */
#define FILETIME     10000000    /* of them in a second */

void
mapi_add(struct outlook_reader *reader, struct mapi_properties *properties,
    uint32_t tag, struct ms_slice value)
{
	struct mapi_property *property;

	if (properties->n == properties->cap) {
		size_t cap = properties->cap ? properties->cap * 2 : 32;

		properties->list = ms_arena_grow(reader->arena,
		    properties->list, properties->cap * sizeof(*property),
		    cap * sizeof(*property));
		properties->cap = cap;
	}
	property = &properties->list[properties->n++];
	property->tag = tag;
	property->value = value;
	property->storage = 0;
}

bool
mapi_is_fixed(uint32_t type)
{
	return (type >= MAPI_SHORT && type <= 0x0007) || type == 0x000a ||
	       type == MAPI_BOOLEAN || type == 0x0014 || type == MAPI_TIME;
}

const struct mapi_property *
mapi_find(const struct mapi_properties *properties, uint32_t id,
    enum mapi_type type, enum mapi_type other)
{
	const struct mapi_property *found = NULL;

	for (size_t i = 0; i < properties->n; i++) {
		const struct mapi_property *p = &properties->list[i];

		if (p->tag == (id << 16 | (uint32_t)type))
			return p;
		if (p->tag == (id << 16 | (uint32_t)other))
			found = p;
	}
	return found;
}

static struct ms_slice
without_nul(struct ms_slice s, size_t unit)
{
	while (s.n >= unit && s.p[s.n - 1] == 0 && s.p[s.n - unit] == 0)
		s.n -= unit;
	return s;
}

struct ms_slice
mapi_text(const struct outlook_reader *reader,
    const struct mapi_properties *properties, uint32_t id)
{
	const struct mapi_property *p =
	    mapi_find(properties, id, MAPI_UNICODE, MAPI_STRING8);
	const char *charset = properties->charset;
	struct ms_slice out;

	if (!p)
		return ms_slice_make(NULL, 0);
	if ((p->tag & 0xffff) == MAPI_UNICODE) {
		charset = "utf-16le";
		out = without_nul(
		    ms_slice_part(p->value, 0, p->value.n & ~(size_t)1), 2);
	} else {
		out = without_nul(p->value, 1);
	}
	if (ms_charset_decode(reader->charsets, reader->arena,
		ms_slice_from(charset ? charset : "iso-8859-1"), out,
		&out) != MS_CHARSET_OK)
		outlook_defect(reader, MS_DEFECT_OUTLOOK, id,
		    "a text holds octets that are not of its charset");
	if (!out.p)
		out.p = (const unsigned char *)"";
	return out;
}

struct ms_slice
mapi_binary(const struct mapi_properties *properties, uint32_t id)
{
	const struct mapi_property *p =
	    mapi_find(properties, id, MAPI_BINARY, MAPI_BINARY);

	return p ? p->value : ms_slice_make(NULL, 0);
}

uint32_t
mapi_long(
    const struct mapi_properties *properties, uint32_t id, uint32_t missing)
{
	const struct mapi_property *p =
	    mapi_find(properties, id, MAPI_LONG, MAPI_BOOLEAN);

	if (!p || p->value.n < 2)
		return missing;
	if ((p->tag & 0xffff) == MAPI_BOOLEAN)
		return outlook_u16(p->value.p) != 0;
	return p->value.n >= 4 ? outlook_u32(p->value.p) : missing;
}

bool
mapi_time(const struct mapi_properties *properties, uint32_t id, int64_t *out)
{
	const struct mapi_property *p =
	    mapi_find(properties, id, MAPI_TIME, MAPI_TIME);
	uint64_t time;

	if (!p || p->value.n < 8)
		return false;
	time = outlook_u64(p->value.p) / FILETIME;
	/* The year 9999 is as far as a date can be written; Outlook's "never"
	 * lies in 4501. */
	if (time == 0 || time > (uint64_t)SECONDS_1601 + 253402300799)
		return false;
	*out = (int64_t)time - SECONDS_1601;
	return true;
}

/* ---- code pages ---- */

static const struct {
	uint32_t code_page;
	const char *label;
} code_pages[] = {
	{ 932, "cp932" },
	{ 936, "gbk" },
	{ 949, "cp949" },
	{ 950, "big5" },
	{ 1200, "utf-16le" },
	{ 1201, "utf-16be" },
	{ 1361, "johab" },
	{ 10000, "macintosh" },
	{ 20127, "us-ascii" },
	{ 20866, "koi8-r" },
	{ 20932, "euc-jp" },
	{ 20936, "gb2312" },
	{ 21866, "koi8-u" },
	{ 28600, "iso-8859-10" },
	{ 28603, "iso-8859-13" },
	{ 28604, "iso-8859-14" },
	{ 28605, "iso-8859-15" },
	{ 28606, "iso-8859-16" },
	{ 38598, "iso-8859-8-i" },
	{ 50220, "iso-2022-jp" },
	{ 50221, "iso-2022-jp" },
	{ 50222, "iso-2022-jp" },
	{ 50225, "iso-2022-kr" },
	{ 51932, "euc-jp" },
	{ 51936, "gb2312" },
	{ 51949, "euc-kr" },
	{ 52936, "hz-gb-2312" },
	{ 54936, "gb18030" },
	{ 65000, "utf-7" },
	{ 65001, "utf-8" },
};

const char *
mapi_charset(struct ms_arena *arena, uint32_t code_page)
{
	for (size_t i = 0; i < sizeof(code_pages) / sizeof(*code_pages); i++)
		if (code_pages[i].code_page == code_page)
			return code_pages[i].label;
	if (code_page >= 1250 && code_page <= 1258)
		return ms_arena_printf(arena, "windows-%u", code_page);
	if (code_page > 28590 && code_page < 28600)
		return ms_arena_printf(arena, "iso-8859-%u", code_page - 28590);
	if (code_page >= 437 && code_page < 1200)
		return ms_arena_printf(arena, "cp%u", code_page);
	return NULL;
}

#define PID_TAG_MESSAGE_CODEPAGE  0x3ffd
#define PID_TAG_INTERNET_CODEPAGE 0x3fde

void
mapi_take_charset(const struct outlook_reader *reader,
    struct mapi_properties *properties, const char *otherwise)
{
	static const uint32_t ids[] = { PID_TAG_MESSAGE_CODEPAGE,
		PID_TAG_INTERNET_CODEPAGE };

	properties->charset = NULL;
	for (size_t i = 0; i < 2 && !properties->charset; i++)
		properties->charset = mapi_charset(
		    reader->arena, mapi_long(properties, ids[i], 0));
	if (!properties->charset)
		properties->charset = otherwise ? otherwise : "iso-8859-1";
	/* Said of the HTML, and often not true of the rest: the label that
	 * stands for "UTF-8 where it is". */
	if (strcmp(properties->charset, "utf-8") == 0)
		properties->charset = "iso-8859-1";
}
