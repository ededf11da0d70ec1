/* SPDX-License-Identifier: ISC
 * msg.c - what stands where in a .msg, [MS-OXMSG]
 *
 * A storage holds the properties of a message, a recipient or an attachment:
 * the short ones together in one stream, each longer one in a stream whose
 * name is its tag.
 */
#include <stdlib.h>

#include "mailsonde/scan.h"
#include "outlook_priv.h"

#define PROPERTIES "__properties_version1.0"
#define PREFIX     "__substg1.0_"
#define RECIPIENT  "__recip_version1.0_#"
#define ATTACHMENT "__attach_version1.0_#"

/* 2.4.1: what stands in front of the properties. */
enum { HEADER_TOP = 32, HEADER_EMBEDDED = 24, HEADER_PART = 8 };
#define PROPERTY 16

#define PID_TAG_ATTACH_DATA 0x3701

struct message_storage {
	struct mapi_message *message;
	uint32_t storage;
	unsigned depth;
};

struct msg_reader {
	struct outlook_reader *reader;
	struct cfb *cfb;
	/* Embedded messages still to be read: a file may nest them deeply. */
	struct message_storage *waiting;
	size_t waiting_n, waiting_cap;
};

/* ---- properties ---- */

/* The tag in a stream's name; 0: it is no property, or one value of many. */
static uint32_t
tag_of(const char *name)
{
	struct ms_scan s = ms_scan_init(ms_slice_from(name));
	uint32_t tag = 0;

	if (!ms_scan_try_text(&s, PREFIX) || ms_scan_left(&s) != 8)
		return 0;
	for (unsigned i = 0; i < 8; i++) {
		int digit = ms_hex_value(ms_scan_byte(&s));

		if (digit < 0)
			return 0;
		tag = tag << 4 | (uint32_t)digit;
	}
	return tag;
}

static void
read_streams(
    struct msg_reader *r, uint32_t storage, struct mapi_properties *out)
{
	size_t n = cfb_children(r->cfb, storage);
	char name[CFB_NAME];

	for (size_t i = 0; i < n; i++) {
		uint32_t entry = cfb_child(r->cfb, storage, i), tag;
		bool object = cfb_is_storage(r->cfb, entry);

		cfb_name(r->cfb, entry, name);
		tag = tag_of(name);
		if (tag == 0 || (object != ((tag & 0xffff) == MAPI_OBJECT)))
			continue;
		mapi_add(r->reader, out, tag,
		    object ? ms_slice_make("", 0) : cfb_stream(r->cfb, entry));
		out->list[out->n - 1].storage = entry;
	}
}

static int
by_tag(const void *a, const void *b)
{
	const struct mapi_property *x = a, *y = b;

	return (x->tag > y->tag) - (x->tag < y->tag);
}

/* A longer one whose stream is gone. Multiple values have streams of another
 * form, and are not read. */
static bool
stream_missing(
    const struct mapi_properties *properties, size_t streams, uint32_t tag)
{
	struct mapi_property key = { .tag = tag };

	return !(tag & 0x1000) &&
	       (streams == 0 || !bsearch(&key, properties->list, streams,
				    sizeof(key), by_tag));
}

static void
read_properties(struct msg_reader *r, uint32_t storage, size_t header,
    struct mapi_properties *out)
{
	uint32_t entry = cfb_find(r->cfb, storage, PROPERTIES);
	struct ms_slice s;
	size_t streams;

	/* The streams come first, by name: in the order of their tags. */
	read_streams(r, storage, out);
	streams = out->n;
	if (streams > 1)
		qsort(out->list, streams, sizeof(*out->list), by_tag);
	if (entry == CFB_NO_STREAM || cfb_is_storage(r->cfb, entry)) {
		outlook_defect(r->reader, MS_DEFECT_OUTLOOK,
		    cfb_offset(r->cfb, storage),
		    "an object has no list of its properties");
		return;
	}
	s = cfb_stream(r->cfb, entry);
	for (size_t at = header; at + PROPERTY <= s.n; at += PROPERTY) {
		uint32_t tag = outlook_u32(s.p + at);

		if (mapi_is_fixed(tag & 0xffff))
			mapi_add(r->reader, out, tag,
			    ms_slice_part(s, at + 8, at + PROPERTY));
		else if (stream_missing(out, streams, tag))
			outlook_defect(r->reader, MS_DEFECT_OUTLOOK,
			    cfb_offset(r->cfb, storage),
			    "a property is named whose value is not there");
	}
}

/* ---- recipients and attachments ---- */

static bool
is_child(const struct cfb *cfb, uint32_t entry, const char *prefix)
{
	char name[CFB_NAME];

	cfb_name(cfb, entry, name);
	return cfb_is_storage(cfb, entry) &&
	       strncmp(name, prefix, strlen(prefix)) == 0;
}

static size_t
count_children(const struct cfb *cfb, uint32_t storage, const char *prefix)
{
	size_t n = cfb_children(cfb, storage), found = 0;

	for (size_t i = 0; i < n; i++)
		found += is_child(cfb, cfb_child(cfb, storage, i), prefix);
	return found;
}

static void
read_recipients(
    struct msg_reader *r, uint32_t storage, struct mapi_message *out)
{
	size_t n = cfb_children(r->cfb, storage);

	out->recipients = MS_NEW_ARRAY(r->reader->arena, struct mapi_properties,
	    count_children(r->cfb, storage, RECIPIENT));
	for (size_t i = 0; i < n; i++) {
		uint32_t entry = cfb_child(r->cfb, storage, i);
		struct mapi_properties *to =
		    &out->recipients[out->recipients_n];

		if (!is_child(r->cfb, entry, RECIPIENT))
			continue;
		read_properties(r, entry, HEADER_PART, to);
		to->charset = out->properties.charset;
		out->recipients_n++;
	}
}

static void
put_off(struct msg_reader *r, struct mapi_message *message, uint32_t storage,
    unsigned depth)
{
	struct message_storage *w;

	if (r->waiting_n == r->waiting_cap) {
		size_t cap = r->waiting_cap ? r->waiting_cap * 2 : 8;

		r->waiting = ms_arena_grow(r->reader->arena, r->waiting,
		    r->waiting_cap * sizeof(*w), cap * sizeof(*w));
		r->waiting_cap = cap;
	}
	w = &r->waiting[r->waiting_n++];
	*w = (struct message_storage){ message, storage, depth };
}

/* The streams of an OLE object, those in storages within it not. */
static void
read_ole(struct msg_reader *r, uint32_t storage, struct mapi_attachment *out)
{
	struct ms_arena *arena = r->reader->arena;
	size_t n = cfb_children(r->cfb, storage);
	char name[CFB_NAME];

	out->streams = MS_NEW_ARRAY(arena, struct mapi_stream, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t entry = cfb_child(r->cfb, storage, i);
		struct mapi_stream *stream = &out->streams[out->streams_n];

		if (cfb_is_storage(r->cfb, entry)) {
			outlook_defect(r->reader, MS_DEFECT_OUTLOOK,
			    cfb_offset(r->cfb, entry),
			    "a storage within an OLE object is not read");
			continue;
		}
		cfb_name(r->cfb, entry, name);
		stream->name = ms_arena_printf(arena, "%s", name);
		stream->bytes = cfb_stream(r->cfb, entry);
		out->streams_n++;
	}
}

static void
read_object(
    struct msg_reader *r, struct mapi_attachment *attachment, unsigned depth)
{
	const struct mapi_property *object = mapi_find(&attachment->properties,
	    PID_TAG_ATTACH_DATA, MAPI_OBJECT, MAPI_OBJECT);

	if (!object)
		return;
	if (cfb_find(r->cfb, object->storage, PROPERTIES) == CFB_NO_STREAM) {
		read_ole(r, object->storage, attachment);
	} else if (depth >= r->reader->limits->mime_depth) {
		outlook_defect(r->reader, MS_DEFECT_LIMIT, 0, "mime_depth");
	} else {
		attachment->message =
		    MS_NEW(r->reader->arena, struct mapi_message);
		put_off(r, attachment->message, object->storage, depth + 1);
	}
}

static void
read_attachments(struct msg_reader *r, uint32_t storage, unsigned depth,
    struct mapi_message *out)
{
	size_t n = cfb_children(r->cfb, storage);

	out->attachments =
	    MS_NEW_ARRAY(r->reader->arena, struct mapi_attachment,
		count_children(r->cfb, storage, ATTACHMENT));
	for (size_t i = 0; i < n; i++) {
		uint32_t entry = cfb_child(r->cfb, storage, i);
		struct mapi_attachment *a =
		    &out->attachments[out->attachments_n];

		if (!is_child(r->cfb, entry, ATTACHMENT))
			continue;
		read_properties(r, entry, HEADER_PART, &a->properties);
		a->properties.charset = out->properties.charset;
		read_object(r, a, depth);
		out->attachments_n++;
	}
}

bool
msg_read(struct cfb *cfb, struct mapi_message *out)
{
	struct msg_reader r = { .reader = cfb->reader, .cfb = cfb };
	const char *charset = NULL;

	if (cfb_find(cfb, CFB_ROOT, PROPERTIES) == CFB_NO_STREAM)
		return false;
	put_off(&r, out, CFB_ROOT, 0);
	while (r.waiting_n > 0) {
		struct message_storage w = r.waiting[--r.waiting_n];

		read_properties(&r, w.storage,
		    w.storage == CFB_ROOT ? HEADER_TOP : HEADER_EMBEDDED,
		    &w.message->properties);
		mapi_take_charset(r.reader, &w.message->properties, charset);
		charset = w.message->properties.charset;
		read_recipients(&r, w.storage, w.message);
		read_attachments(&r, w.storage, w.depth, w.message);
	}
	return true;
}
