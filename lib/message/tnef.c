/* SPDX-License-Identifier: ISC
 * tnef.c - winmail.dat: the properties of a message in one stream, [MS-OXTNEF]
 *
 * A stream of attributes; those that matter hold lists of properties. A
 * message that is attached is a stream of its own within.
 */
#include "outlook_priv.h"

#include "mailsonde/scan.h"

#define SIGNATURE 6 /* with the key behind it, 2.1.2 */
#define ATTRIBUTE 9 /* what stands in front of one's data */
#define GUID      16

/* 2.1.3.1; the upper half is the type of the data. */
enum {
	ATT_SUBJECT = 0x00018004,
	ATT_MESSAGE_CLASS = 0x00078008,
	ATT_BODY = 0x0002800c,
	ATT_ATTACH_DATA = 0x0006800f,
	ATT_ATTACH_TITLE = 0x00018010,
	ATT_ATTACH_REND_DATA = 0x00069002,
	ATT_MSG_PROPS = 0x00069003,
	ATT_RECIP_TABLE = 0x00069004,
	ATT_ATTACHMENT = 0x00069005,
	ATT_OEM_CODEPAGE = 0x00069007,
};

#define PID_TAG_MESSAGE_CLASS   0x001a
#define PID_TAG_SUBJECT         0x0037
#define PID_TAG_BODY            0x1000
#define PID_TAG_ATTACH_DATA     0x3701
#define PID_TAG_ATTACH_FILENAME 0x3704

/* A stream still to be read: that of the part, or of a message in it. */
struct tnef_stream {
	struct mapi_message *message;
	struct ms_slice bytes;
	unsigned depth;
};

struct tnef {
	struct outlook_reader *reader;
	struct ms_slice all; /* for offsets */
	struct tnef_stream *waiting;
	size_t waiting_n, waiting_cap;
	/* the stream under way */
	struct tnef_stream now;
	size_t attachments_cap;
	const char *charset;
};

static void
damaged(const struct tnef *t, const unsigned char *at, const char *detail)
{
	outlook_defect(
	    t->reader, MS_DEFECT_OUTLOOK, (size_t)(at - t->all.p), detail);
}

/* ---- integers and runs ---- */

static struct ms_slice
take(struct ms_scan *s, size_t n)
{
	struct ms_slice out = ms_slice_part(ms_scan_rest(s), 0, n);

	if (out.n < n)
		s->bad = true;
	else
		ms_scan_skip(s, n);
	return out;
}

static uint32_t
take_u16(struct ms_scan *s)
{
	struct ms_slice bytes = take(s, 2);

	return s->bad ? 0 : outlook_u16(bytes.p);
}

static uint32_t
take_u32(struct ms_scan *s)
{
	struct ms_slice bytes = take(s, 4);

	return s->bad ? 0 : outlook_u32(bytes.p);
}

/* What is no multiple of four is filled up to one. */
static struct ms_slice
take_padded(struct ms_scan *s, size_t n)
{
	struct ms_slice out = take(s, n);

	ms_scan_skip(s, (4 - n % 4) % 4);
	return out;
}

/* ---- properties, 2.1.3.4 ---- */

static size_t
size_of(uint32_t type)
{
	switch (type) {
	case MAPI_SHORT:
	case MAPI_LONG:
	case 0x0004: /* float */
	case 0x000a: /* error */
	case MAPI_BOOLEAN:
		return 4;
	case 0x0005: /* double */
	case 0x0006: /* currency */
	case 0x0007: /* application time */
	case 0x0014: /* 64 bits */
	case MAPI_TIME:
		return 8;
	case 0x0048:
		return GUID;
	default:
		return 0;
	}
}

/* The name of one that has no number of its own. */
static void
skip_name(struct ms_scan *s)
{
	uint32_t kind;

	(void)take(s, GUID);
	kind = take_u32(s);
	if (kind == 0)
		(void)take(s, 4);
	else
		(void)take_padded(s, take_u32(s));
}

static bool
is_variable(uint32_t type)
{
	return type == MAPI_STRING8 || type == MAPI_UNICODE ||
	       type == MAPI_BINARY || type == MAPI_OBJECT;
}

/* Of several values the first is kept. */
static void
read_property(
    const struct tnef *t, struct ms_scan *s, struct mapi_properties *out)
{
	uint32_t type = take_u16(s), id = take_u16(s);
	uint32_t single = type & 0xefff, values = 1;
	bool variable = is_variable(single);

	if (id >= 0x8000)
		skip_name(s);
	if (variable || (type & 0x1000))
		values = take_u32(s);
	for (uint32_t i = 0; i < values && !s->bad; i++) {
		struct ms_slice value = variable
					    ? take_padded(s, take_u32(s))
					    : take_padded(s, size_of(single));

		if (!variable && size_of(single) == 0)
			s->bad = true; /* a type whose size nobody knows */
		else if (i == 0 && !s->bad && type == single && id < 0x8000)
			mapi_add(t->reader, out, id << 16 | type, value);
	}
}

static void
read_list(const struct tnef *t, struct ms_scan *s, struct mapi_properties *out)
{
	uint32_t n = take_u32(s);

	for (uint32_t i = 0; i < n && !s->bad; i++)
		read_property(t, s, out);
}

static void
read_properties(
    const struct tnef *t, struct ms_slice data, struct mapi_properties *out)
{
	struct ms_scan s = ms_scan_init(data);

	read_list(t, &s, out);
	if (s.bad)
		damaged(t, data.p, "a list of properties breaks off");
}

static void
read_recipients(const struct tnef *t, struct ms_slice data)
{
	struct mapi_message *message = t->now.message;
	struct ms_scan s = ms_scan_init(data);
	uint32_t n = take_u32(&s);

	if (message->recipients || n > data.n / 4)
		return;
	message->recipients =
	    MS_NEW_ARRAY(t->reader->arena, struct mapi_properties, n);
	for (uint32_t i = 0; i < n && !s.bad; i++)
		read_list(t, &s, &message->recipients[message->recipients_n++]);
	if (s.bad)
		damaged(t, data.p, "the list of recipients breaks off");
}

/* ---- attributes ---- */

static struct mapi_attachment *
last_attachment(struct tnef *t, bool begin)
{
	struct mapi_message *m = t->now.message;

	if (!begin && m->attachments_n > 0)
		return &m->attachments[m->attachments_n - 1];
	if (m->attachments_n == t->attachments_cap) {
		size_t cap = t->attachments_cap ? t->attachments_cap * 2 : 8;

		m->attachments = ms_arena_grow(t->reader->arena, m->attachments,
		    t->attachments_cap * sizeof(*m->attachments),
		    cap * sizeof(*m->attachments));
		t->attachments_cap = cap;
	}
	memset(&m->attachments[m->attachments_n], 0, sizeof(*m->attachments));
	return &m->attachments[m->attachments_n++];
}

/* An attribute that is a property under an older name. */
static void
add_text(const struct tnef *t, struct mapi_properties *properties, uint32_t id,
    struct ms_slice data)
{
	mapi_add(t->reader, properties, id << 16 | MAPI_STRING8, data);
}

static void
read_attribute(struct tnef *t, uint32_t name, struct ms_slice data)
{
	struct mapi_properties *own = &t->now.message->properties;

	if (name == ATT_MSG_PROPS)
		read_properties(t, data, own);
	else if (name == ATT_RECIP_TABLE)
		read_recipients(t, data);
	else if (name == ATT_SUBJECT)
		add_text(t, own, PID_TAG_SUBJECT, data);
	else if (name == ATT_BODY)
		add_text(t, own, PID_TAG_BODY, data);
	else if (name == ATT_MESSAGE_CLASS)
		add_text(t, own, PID_TAG_MESSAGE_CLASS, data);
	else if (name == ATT_OEM_CODEPAGE && data.n >= 4)
		t->charset =
		    mapi_charset(t->reader->arena, outlook_u32(data.p));
	else if (name == ATT_ATTACH_REND_DATA)
		(void)last_attachment(t, true);
	else if (name == ATT_ATTACHMENT)
		read_properties(
		    t, data, &last_attachment(t, false)->properties);
	else if (name == ATT_ATTACH_TITLE)
		add_text(t, &last_attachment(t, false)->properties,
		    PID_TAG_ATTACH_FILENAME, data);
	else if (name == ATT_ATTACH_DATA)
		mapi_add(t->reader, &last_attachment(t, false)->properties,
		    PID_TAG_ATTACH_DATA << 16 | MAPI_BINARY, data);
}

static uint32_t
sum_of(struct ms_slice s)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += s.p[i];
	return sum & 0xffff;
}

/* level, name, size, data, checksum: 2.1.3. */
static void
read_attributes(struct tnef *t)
{
	struct ms_scan s = ms_scan_init(t->now.bytes);

	ms_scan_skip(&s, SIGNATURE);
	while (ms_scan_left(&s) >= ATTRIBUTE) {
		const unsigned char *at = ms_scan_rest(&s).p;
		uint32_t name, size;
		struct ms_slice data;

		(void)ms_scan_byte(&s);
		name = take_u32(&s);
		size = take_u32(&s);
		data = ms_slice_part(ms_scan_rest(&s), 0, size);
		read_attribute(t, name, data);
		ms_scan_skip(&s, data.n);
		if (data.n < size || ms_scan_left(&s) < 2) {
			damaged(t, at, "the stream ends within an attribute");
			return;
		}
		if (take_u16(&s) != sum_of(data))
			damaged(
			    t, at, "the checksum of an attribute is not right");
	}
	if (!ms_scan_at_end(&s))
		damaged(t, ms_scan_rest(&s).p,
		    "the stream ends within an attribute");
}

/* ---- streams ---- */

static void
put_off(struct tnef *t, struct mapi_message *message, struct ms_slice bytes,
    unsigned depth)
{
	if (t->waiting_n == t->waiting_cap) {
		size_t cap = t->waiting_cap ? t->waiting_cap * 2 : 4;

		t->waiting = ms_arena_grow(t->reader->arena, t->waiting,
		    t->waiting_cap * sizeof(*t->waiting),
		    cap * sizeof(*t->waiting));
		t->waiting_cap = cap;
	}
	t->waiting[t->waiting_n++] =
	    (struct tnef_stream){ message, bytes, depth };
}

/* Behind the sixteen octets that name its kind: a message, or an OLE object,
 * which is handed on as it is. */
static void
read_object(struct tnef *t, struct mapi_attachment *a)
{
	const struct mapi_property *object = mapi_find(
	    &a->properties, PID_TAG_ATTACH_DATA, MAPI_OBJECT, MAPI_OBJECT);
	struct ms_slice bytes;

	a->properties.charset = t->now.message->properties.charset;
	if (!object)
		return;
	bytes = ms_slice_part(object->value, GUID, object->value.n);
	if (!tnef_is(bytes)) {
		mapi_add(t->reader, &a->properties,
		    PID_TAG_ATTACH_DATA << 16 | MAPI_BINARY, bytes);
	} else if (t->now.depth >= t->reader->limits->mime_depth) {
		outlook_defect(t->reader, MS_DEFECT_LIMIT, 0, "mime_depth");
	} else {
		a->message = MS_NEW(t->reader->arena, struct mapi_message);
		put_off(t, a->message, bytes, t->now.depth + 1);
	}
}

static void
read_stream(struct tnef *t)
{
	struct mapi_message *m = t->now.message;

	t->attachments_cap = 0;
	read_attributes(t);
	mapi_take_charset(t->reader, &m->properties, t->charset);
	for (size_t i = 0; i < m->recipients_n; i++)
		m->recipients[i].charset = m->properties.charset;
	for (size_t i = 0; i < m->attachments_n; i++)
		read_object(t, &m->attachments[i]);
}

bool
tnef_is(struct ms_slice bytes)
{
	return bytes.n >= SIGNATURE &&
	       memcmp(bytes.p, "\x78\x9f\x3e\x22", 4) == 0;
}

void
tnef_read(struct outlook_reader *reader, struct ms_slice bytes,
    struct mapi_message *out)
{
	struct tnef t = { .reader = reader, .all = bytes };

	put_off(&t, out, bytes, 0);
	while (t.waiting_n > 0) {
		t.now = t.waiting[--t.waiting_n];
		read_stream(&t);
	}
}
