/* SPDX-License-Identifier: ISC
 * outlook.c - a message made of what an Outlook file holds, [MS-OXCMAIL]
 *
 * In front of everything stand the fields that are made up: those that say how
 * the new body is put together, and those that the file has as properties
 * only. The internet header follows as it stands; of fields that are there
 * twice the upper one counts. Bodies and attachments are parts with their
 * octets unchanged, between boundaries that their content cannot foresee.
 */
#include "outlook_priv.h"

#include "mailsonde/clock.h"
#include "mailsonde/digest.h"
#include "mailsonde/mailbox.h"
#include "mailsonde/scan.h"

#define TEXT(s) (int)(s).n, (const char *)(s).p

/* [MS-OXPROPS]; PidTag is left out of the names. */
enum {
	MESSAGE_CLASS = 0x001a,
	SUBJECT = 0x0037,
	CLIENT_SUBMIT_TIME = 0x0039,
	SUBJECT_PREFIX = 0x003d,
	REPRESENTING_NAME = 0x0042, /* SentRepresentingName */
	REPRESENTING_TYPE = 0x0064,
	REPRESENTING_ADDRESS = 0x0065,
	TRANSPORT_HEADERS = 0x007d, /* TransportMessageHeaders */
	RECIPIENT_TYPE = 0x0c15,
	SENDER_NAME = 0x0c1a,
	SENDER_TYPE = 0x0c1e,
	SENDER_ADDRESS = 0x0c1f,
	DISPLAY_BCC = 0x0e02,
	DISPLAY_CC = 0x0e03,
	DISPLAY_TO = 0x0e04,
	DELIVERY_TIME = 0x0e06,
	MESSAGE_FLAGS = 0x0e07,
	NORMALIZED_SUBJECT = 0x0e1d,
	BODY = 0x1000,
	RTF_COMPRESSED = 0x1009,
	HTML = 0x1013,
	INTERNET_MESSAGE_ID = 0x1035,
	INTERNET_REFERENCES = 0x1039,
	IN_REPLY_TO = 0x1042,
	DISPLAY_NAME = 0x3001,
	ADDRESS_TYPE = 0x3002,
	EMAIL_ADDRESS = 0x3003,
	CREATION_TIME = 0x3007,
	ATTACH_DATA = 0x3701,
	ATTACH_FILENAME = 0x3704,
	ATTACH_METHOD = 0x3705,
	ATTACH_LONG_FILENAME = 0x3707,
	ATTACH_PATHNAME = 0x3708,
	ATTACH_LONG_PATHNAME = 0x370d,
	ATTACH_MIME_TAG = 0x370e,
	ATTACH_CONTENT_ID = 0x3712,
	ATTACH_CONTENT_LOCATION = 0x3713,
	ATTACH_FLAGS = 0x3714,
	ATTACHMENT_HIDDEN = 0x7ffe,
	SMTP_ADDRESS = 0x39fe,
	INTERNET_CODEPAGE = 0x3fde,
	SENDER_SMTP_ADDRESS = 0x5d01,
	REPRESENTING_SMTP_ADDRESS = 0x5d02,
};

#define FLAG_UNSENT   8 /* [MS-OXCMSG] 2.2.1.6 */
#define FLAG_MHTML    4 /* [MS-OXCMSG] 2.2.2.18: an image of the body */
#define BY_VALUE      1 /* [MS-OXCMSG] 2.2.2.9 */
#define BODIES        3
#define BOUNDARY_SIZE 64

struct body {
	const char *type, *charset;
	struct ms_slice bytes;
};

struct builder {
	struct outlook_reader *reader;
	struct ms_buf out;
	struct ms_outlook *result;
	size_t messages_cap;
	char boundary[33]; /* of the SHA-256 of the file */
	unsigned boundaries;
	const char *eol; /* of the fields of the message under way */
};

void
outlook_defect(const struct outlook_reader *reader, enum ms_defect_kind kind,
    size_t offset, const char *detail)
{
	struct ms_defects *defects = reader->defects;
	struct ms_defect *last = defects->seen[kind];

	if (defects->limit > 0 && defects->n >= defects->limit) {
		defects->truncated = true;
	} else if (last && strcmp(last->detail, detail) == 0) {
		last->count++;
	} else {
		ms_defects_scope(defects);
		ms_defect_add(defects, reader->arena, kind, offset, detail);
	}
}

/* ---- fields ---- */

/* What comes from properties ends no line. */
static void
put_clean(struct builder *b, struct ms_slice s)
{
	unsigned char *room = ms_buf_room(&b->out, s.n);

	for (size_t i = 0; i < s.n; i++)
		room[i] = s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0'
			      ? ' '
			      : s.p[i];
	b->out.n += s.n;
}

static void
put_quoted(struct builder *b, struct ms_slice s)
{
	ms_buf_byte(&b->out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			ms_buf_byte(&b->out, '\\');
		put_clean(b, ms_slice_part(s, i, i + 1));
	}
	ms_buf_byte(&b->out, '"');
}

static void
put_field(struct builder *b, const char *name, struct ms_slice value)
{
	if (value.n == 0)
		return;
	ms_buf_printf(&b->out, "%s: ", name);
	put_clean(b, ms_slice_trim(value));
	ms_buf_text(&b->out, b->eol);
}

/* An address of Exchange is none of the internet's, and stands there as it
 * is. */
static void
put_address(struct builder *b, struct ms_slice name, struct ms_slice address)
{
	bool plain = true;

	for (size_t i = 0; i < address.n; i++)
		plain &= !ms_is(address.p[i], MS_C_CTL | MS_C_SPACE) &&
			 (address.p[i] == '@' || address.p[i] == '.' ||
			     !ms_is(address.p[i], MS_C_SPECIAL));
	if (name.n > 0) {
		put_quoted(b, name);
		ms_buf_byte(&b->out, ' ');
	}
	ms_buf_byte(&b->out, '<');
	if (plain)
		ms_buf_slice(&b->out, address);
	else
		put_quoted(b, address);
	ms_buf_byte(&b->out, '>');
}

static struct ms_slice
text_of(const struct builder *b, const struct mapi_properties *properties,
    uint32_t id)
{
	return ms_slice_trim(mapi_text(b->reader, properties, id));
}

/* Where a person has an address: properties of a message or a recipient. */
struct person {
	uint32_t smtp, type, address, name;
};

static const struct person author = { REPRESENTING_SMTP_ADDRESS,
	REPRESENTING_TYPE, REPRESENTING_ADDRESS, REPRESENTING_NAME };
static const struct person sender = { SENDER_SMTP_ADDRESS, SENDER_TYPE,
	SENDER_ADDRESS, SENDER_NAME };
static const struct person recipient = { SMTP_ADDRESS, ADDRESS_TYPE,
	EMAIL_ADDRESS, DISPLAY_NAME };

static struct ms_slice
address_of(const struct builder *b, const struct mapi_properties *properties,
    const struct person *person)
{
	struct ms_slice smtp = text_of(b, properties, person->smtp);
	struct ms_slice address = text_of(b, properties, person->address);
	struct ms_slice name;

	if (smtp.n > 0)
		return smtp;
	/* Where Exchange has no other, the name is often one. */
	name = text_of(b, properties, person->name);
	if (ms_slice_find(address, 0, '@') == address.n &&
	    ms_slice_find(name, 0, '@') < name.n &&
	    ms_slice_find(name, 0, ' ') == name.n)
		return name;
	return address;
}

static bool
put_person(struct builder *b, const char *field,
    const struct mapi_properties *properties, const struct person *person)
{
	struct ms_slice address = address_of(b, properties, person);
	struct ms_slice name = text_of(b, properties, person->name);

	if (address.n == 0 && name.n == 0)
		return false;
	ms_buf_printf(&b->out, "%s: ", field);
	if (ms_slice_equal_nocase(name, address))
		name.n = 0;
	put_address(b, name, address);
	ms_buf_text(&b->out, b->eol);
	return true;
}

/* From is whom it was sent for; Sender who sent it, where that is another. */
static void
put_author(struct builder *b, const struct mapi_message *message,
    const struct ms_header *have)
{
	const struct mapi_properties *p = &message->properties;
	struct ms_slice from, by;

	if (have->count[MS_FIELD_FROM] > 0)
		return;
	if (!put_person(b, "From", p, &author)) {
		(void)put_person(b, "From", p, &sender);
		return;
	}
	from = address_of(b, p, &author);
	by = address_of(b, p, &sender);
	if (have->count[MS_FIELD_SENDER] == 0 && by.n > 0 &&
	    !ms_slice_equal_nocase(from, by))
		(void)put_person(b, "Sender", p, &sender);
}

static void
put_recipients(struct builder *b, const struct mapi_message *message,
    const char *field, uint32_t type, uint32_t display)
{
	size_t most = b->reader->limits->addresses, n = 0;

	for (size_t i = 0; i < message->recipients_n; i++) {
		const struct mapi_properties *p = &message->recipients[i];
		struct ms_slice address = address_of(b, p, &recipient);
		struct ms_slice name = text_of(b, p, DISPLAY_NAME);

		if ((mapi_long(p, RECIPIENT_TYPE, 1) & 0xf) != type)
			continue;
		if (n == most) {
			outlook_defect(
			    b->reader, MS_DEFECT_LIMIT, 0, "addresses");
			break;
		}
		if (n++ == 0)
			ms_buf_printf(&b->out, "%s: ", field);
		else
			ms_buf_printf(&b->out, ",%s ", b->eol);
		if (ms_slice_equal_nocase(name, address))
			name.n = 0;
		put_address(b, name, address);
	}
	if (n > 0)
		ms_buf_text(&b->out, b->eol);
	else if (text_of(b, &message->properties, display).n > 0) {
		ms_buf_printf(&b->out, "%s: ", field);
		put_address(b, text_of(b, &message->properties, display),
		    ms_slice_make(NULL, 0));
		ms_buf_text(&b->out, b->eol);
	}
}

static void
put_date(struct builder *b, const struct mapi_properties *properties)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct ms_civil c;
	int64_t time;

	if (!mapi_time(properties, CLIENT_SUBMIT_TIME, &time) &&
	    !mapi_time(properties, DELIVERY_TIME, &time) &&
	    !mapi_time(properties, CREATION_TIME, &time))
		return;
	c = ms_time_to_civil(time);
	ms_buf_printf(&b->out,
	    "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000%s",
	    days + 3 * ms_weekday(time), c.day, months + 3 * (c.month - 1),
	    c.year, c.hour, c.minute, c.second, b->eol);
}

/* A subject may begin with a mark: 1, then the length of "Re: " as a
 * character. */
static struct ms_slice
subject_of(const struct builder *b, const struct mapi_properties *properties)
{
	struct ms_slice out = mapi_text(b->reader, properties, SUBJECT);
	struct ms_slice prefix, rest;

	if (!out.p) {
		prefix = mapi_text(b->reader, properties, SUBJECT_PREFIX);
		rest = mapi_text(b->reader, properties, NORMALIZED_SUBJECT);
		return ms_slice_from(ms_arena_printf(
		    b->reader->arena, "%.*s%.*s", TEXT(prefix), TEXT(rest)));
	}
	return out.n >= 2 && out.p[0] == 1 ? ms_slice_part(out, 2, out.n) : out;
}

/* The fields that no internet header has. */
static void
put_missing(struct builder *b, const struct mapi_message *message,
    const struct ms_header *have)
{
	const struct mapi_properties *p = &message->properties;

	put_author(b, message, have);
	if (have->count[MS_FIELD_TO] == 0)
		put_recipients(b, message, "To", 1, DISPLAY_TO);
	if (have->count[MS_FIELD_CC] == 0)
		put_recipients(b, message, "Cc", 2, DISPLAY_CC);
	if (have->count[MS_FIELD_BCC] == 0)
		put_recipients(b, message, "Bcc", 3, DISPLAY_BCC);
	if (have->count[MS_FIELD_SUBJECT] == 0)
		put_field(b, "Subject", subject_of(b, p));
	if (have->count[MS_FIELD_DATE] == 0)
		put_date(b, p);
	if (have->count[MS_FIELD_MESSAGE_ID] == 0)
		put_field(b, "Message-ID", text_of(b, p, INTERNET_MESSAGE_ID));
	if (have->count[MS_FIELD_IN_REPLY_TO] == 0)
		put_field(b, "In-Reply-To", text_of(b, p, IN_REPLY_TO));
	if (have->count[MS_FIELD_REFERENCES] == 0)
		put_field(b, "References", text_of(b, p, INTERNET_REFERENCES));
}

/* ---- the internet header ---- */

/* Without the line that Outlook puts on top and what stands behind the first
 * empty line: fields of parts, which older ones keep here too. */
static struct ms_slice
header_of(const struct builder *b, const struct mapi_properties *properties)
{
	struct ms_slice all =
	    mapi_text(b->reader, properties, TRANSPORT_HEADERS);
	struct ms_slice rest = all, line, out;

	while (rest.n > 0 && ms_is(rest.p[0], MS_C_SPACE))
		rest = ms_slice_part(rest, 1, rest.n);
	if (ms_slice_starts(rest, "Microsoft Mail Internet Headers"))
		(void)ms_slice_line(&rest, false, &line);
	out = rest;
	while (ms_slice_line(&rest, false, &line)) {
		if (line.n > 0)
			continue;
		out.n = (size_t)(line.p - out.p);
		if (ms_slice_trim(rest).n > 0)
			outlook_defect(b->reader, MS_DEFECT_OUTLOOK,
			    TRANSPORT_HEADERS,
			    "lines behind the internet header, of parts, are "
			    "left out");
		break;
	}
	return ms_slice_trim(out);
}

static void
read_header(struct builder *b, struct ms_slice text, struct ms_header *out)
{
	struct ms_defects none = { .limit = 1 };
	struct ms_parse parse = { .arena = b->reader->arena,
		.charsets = b->reader->charsets,
		.limits = b->reader->limits,
		.defects = &none,
		.base = text.p };

	ms_header_parse(&parse, text, 0, out);
}

/* ---- bodies ---- */

static void
add_body(struct body *bodies, size_t *n, const char *type, const char *charset,
    struct ms_slice bytes)
{
	bodies[*n].type = type;
	bodies[*n].charset = charset;
	bodies[*n].bytes = bytes;
	(*n)++;
}

/* A text in octets is handed on as it is, with its charset. */
static bool
string_body(struct builder *b, const struct mapi_properties *p, uint32_t id,
    const char *type, struct body *bodies, size_t *n)
{
	const struct mapi_property *text =
	    mapi_find(p, id, MAPI_UNICODE, MAPI_STRING8);
	struct ms_slice bytes;

	if (!text)
		return false;
	bytes = text->value;
	if ((text->tag & 0xffff) == MAPI_UNICODE) {
		bytes = mapi_text(b->reader, p, id);
	} else {
		while (bytes.n > 0 && bytes.p[bytes.n - 1] == 0)
			bytes.n--;
	}
	if (bytes.n == 0)
		return false;
	add_body(bodies, n, type,
	    (text->tag & 0xffff) == MAPI_UNICODE ? "utf-8"
	    : p->charset                         ? p->charset
						 : "iso-8859-1",
	    bytes);
	return true;
}

static bool
html_body(struct builder *b, const struct mapi_properties *p,
    struct body *bodies, size_t *n)
{
	struct ms_slice bytes = mapi_binary(p, HTML);

	if (!bytes.p)
		return string_body(b, p, HTML, "text/html", bodies, n);
	while (bytes.n > 0 && bytes.p[bytes.n - 1] == 0)
		bytes.n--;
	if (bytes.n > 0)
		add_body(bodies, n, "text/html",
		    mapi_charset(
			b->reader->arena, mapi_long(p, INTERNET_CODEPAGE, 0)),
		    bytes);
	return bytes.n > 0;
}

/* What RTF holds that is not there otherwise. RTF of its own comes along as it
 * is. */
static void
rtf_body(struct builder *b, const struct mapi_properties *p, bool text,
    struct body *bodies, size_t *n)
{
	struct ms_slice packed = mapi_binary(p, RTF_COMPRESSED);
	struct ms_slice rtf, inner;
	enum rtf_kind kind;

	if (packed.n == 0)
		return;
	rtf = rtf_decompress(b->reader, packed);
	if (rtf.n == 0)
		return;
	kind = rtf_kind_of(rtf);
	if (kind == RTF_FROM_TEXT && text)
		return;
	if (kind == RTF_FROM_HTML || !text) {
		inner = rtf_unwrap(b->reader, rtf, kind);
		if (ms_slice_trim(inner).n > 0)
			add_body(bodies, n,
			    kind == RTF_FROM_HTML ? "text/html" : "text/plain",
			    "utf-8", inner);
	}
	if (kind == RTF_PLAIN)
		add_body(bodies, n, "text/rtf", NULL, rtf);
}

static size_t
read_bodies(struct builder *b, const struct mapi_properties *p,
    struct body bodies[BODIES])
{
	size_t n = 0;
	bool text = string_body(b, p, BODY, "text/plain", bodies, &n);

	if (!html_body(b, p, bodies, &n))
		rtf_body(b, p, text, bodies, &n);
	return n;
}

/* ---- parts ---- */

static void
new_boundary(struct builder *b, char out[BOUNDARY_SIZE])
{
	snprintf(out, BOUNDARY_SIZE, "=_%s_%u", b->boundary, b->boundaries++);
}

static void
put_multipart(struct builder *b, const char *subtype, const char *boundary)
{
	ms_buf_printf(&b->out, "Content-Type: multipart/%s; boundary=\"%s\"%s",
	    subtype, boundary, b->eol);
}

static void
put_delimiter(struct builder *b, const char *boundary, const char *end)
{
	ms_buf_printf(&b->out, "\r\n--%s%s\r\n", boundary, end);
}

/* False: it would be more than one message may have. */
static bool
put_content(struct builder *b, struct ms_slice bytes)
{
	if (bytes.n > b->reader->limits->message_size ||
	    b->out.n > b->reader->limits->message_size - bytes.n) {
		outlook_defect(b->reader, MS_DEFECT_LIMIT, 0, "message_size");
		return false;
	}
	ms_buf_slice(&b->out, bytes);
	return true;
}

static void
put_leaf_fields(struct builder *b, const struct body *body)
{
	ms_buf_printf(&b->out, "Content-Type: %s", body->type);
	if (body->charset)
		ms_buf_printf(&b->out, "; charset=%s", body->charset);
	ms_buf_printf(
	    &b->out, "%sContent-Transfer-Encoding: binary%s", b->eol, b->eol);
}

static void
put_bodies_fields(struct builder *b, const struct body *bodies, size_t n,
    char boundary[BOUNDARY_SIZE])
{
	static const struct body nothing = { "text/plain", "us-ascii",
		{ NULL, 0 } };

	if (n < 2) {
		put_leaf_fields(b, n > 0 ? bodies : &nothing);
		return;
	}
	new_boundary(b, boundary);
	put_multipart(b, "alternative", boundary);
}

static void
put_bodies(struct builder *b, const struct body *bodies, size_t n,
    const char *boundary)
{
	if (n == 1)
		(void)put_content(b, bodies[0].bytes);
	for (size_t i = 0; n > 1 && i < n; i++) {
		put_delimiter(b, boundary, "");
		put_leaf_fields(b, &bodies[i]);
		ms_buf_text(&b->out, b->eol);
		(void)put_content(b, bodies[i].bytes);
	}
	if (n > 1)
		put_delimiter(b, boundary, "--");
}

/* ---- attachments ---- */

static struct ms_slice
filename_of(const struct builder *b, const struct mapi_properties *p)
{
	static const uint32_t ids[] = { ATTACH_LONG_FILENAME, ATTACH_FILENAME,
		ATTACH_LONG_PATHNAME, ATTACH_PATHNAME, DISPLAY_NAME };
	struct ms_slice out = { NULL, 0 };

	for (size_t i = 0; i < 5 && out.n == 0; i++)
		out = text_of(b, p, ids[i]);
	return out;
}

/* A type is only handed on where it says how its content may be read. */
static const char *
type_of(const struct builder *b, const struct mapi_properties *p)
{
	struct ms_slice tag = text_of(b, p, ATTACH_MIME_TAG);
	struct ms_scan s = ms_scan_init(tag);
	bool good = ms_scan_while(&s, MS_C_TOKEN, 100).n > 0 &&
		    ms_scan_try_byte(&s, '/') &&
		    ms_scan_while(&s, MS_C_TOKEN, 100).n > 0 &&
		    ms_scan_at_end(&s);

	return good && !ms_slice_starts(tag, "multipart/")
		   ? ms_arena_string(b->reader->arena, tag)
		   : "application/octet-stream";
}

static void
put_disposition(
    struct builder *b, const struct mapi_properties *p, struct ms_slice name)
{
	bool image = (mapi_long(p, ATTACH_FLAGS, 0) & FLAG_MHTML) ||
		     mapi_long(p, ATTACHMENT_HIDDEN, 0);
	struct ms_slice id = text_of(b, p, ATTACH_CONTENT_ID);

	if (id.n > 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		id = ms_slice_part(id, 1, id.n - 1);
	ms_buf_printf(&b->out, "Content-Disposition: %s",
	    image ? "inline" : "attachment");
	if (name.n > 0) {
		ms_buf_text(&b->out, "; filename=");
		put_quoted(b, name);
	}
	ms_buf_text(&b->out, b->eol);
	if (id.n > 0) {
		ms_buf_text(&b->out, "Content-ID: <");
		put_clean(b, id);
		ms_buf_printf(&b->out, ">%s", b->eol);
	}
	put_field(
	    b, "Content-Location", text_of(b, p, ATTACH_CONTENT_LOCATION));
}

static void
put_file(struct builder *b, const struct mapi_properties *p,
    struct ms_slice name, const char *type, struct ms_slice bytes)
{
	struct body body = { type, NULL, bytes };

	put_leaf_fields(b, &body);
	put_disposition(b, p, name);
	ms_buf_text(&b->out, b->eol);
	(void)put_content(b, bytes);
}

/* A file that is not in this one: RFC 2046 5.2.3. */
static void
put_reference(struct builder *b, const struct mapi_properties *p)
{
	struct ms_slice path = text_of(b, p, ATTACH_LONG_PATHNAME);

	if (path.n == 0)
		path = text_of(b, p, ATTACH_PATHNAME);
	ms_buf_text(&b->out,
	    "Content-Type: message/external-body; access-type=local-file; "
	    "name=");
	put_quoted(b, path);
	ms_buf_text(&b->out, b->eol);
	put_disposition(b, p, filename_of(b, p));
	ms_buf_text(
	    &b->out, "\r\nContent-Type: application/octet-stream\r\n\r\n");
}

/* The streams of an OLE object, each as a file: NAME/STREAM. */
static void
put_ole(
    struct builder *b, const struct mapi_attachment *a, const char *boundary)
{
	struct ms_slice name = filename_of(b, &a->properties);

	for (size_t i = 0; i < a->streams_n; i++) {
		put_delimiter(b, boundary, "");
		put_file(b, &a->properties,
		    ms_slice_from(ms_arena_printf(b->reader->arena, "%.*s/%s",
			TEXT(name), a->streams[i].name)),
		    "application/octet-stream", a->streams[i].bytes);
	}
}

/* The body of a signed message is one attachment, with the fields of a part in
 * front, [MS-OXOSMIME] 2.1.3.1. */
static bool
is_signed_entity(const struct mapi_message *message, struct ms_slice class,
    struct ms_slice bytes)
{
	return message->attachments_n == 1 &&
	       ms_slice_starts(class, "IPM.Note.SMIME") &&
	       ms_slice_starts(bytes, "Content-Type: multipart/signed");
}

static void
put_attachment(struct builder *b, const struct mapi_message *message,
    const struct mapi_attachment *a, const char *boundary)
{
	const struct mapi_properties *p = &a->properties;
	struct ms_slice bytes = mapi_binary(p, ATTACH_DATA);
	uint32_t method = mapi_long(p, ATTACH_METHOD, BY_VALUE);

	if (a->streams_n > 0) {
		put_ole(b, a, boundary);
		return;
	}
	put_delimiter(b, boundary, "");
	if (is_signed_entity(message,
		mapi_text(b->reader, &message->properties, MESSAGE_CLASS),
		bytes))
		(void)put_content(b, bytes);
	else if (!bytes.p && method > BY_VALUE && method < 5)
		put_reference(b, p);
	else
		put_file(b, p, filename_of(b, p), type_of(b, p), bytes);
}

/* ---- messages ---- */

static struct ms_outlook_message *
begin_message(struct builder *b)
{
	struct ms_outlook *result = b->result;

	if (result->n == b->messages_cap) {
		size_t cap = b->messages_cap ? b->messages_cap * 2 : 4;

		result->messages =
		    ms_arena_grow(b->reader->arena, result->messages,
			b->messages_cap * sizeof(*result->messages),
			cap * sizeof(*result->messages));
		b->messages_cap = cap;
	}
	memset(&result->messages[result->n], 0, sizeof(*result->messages));
	result->messages[result->n].at = b->out.n;
	return &result->messages[result->n++];
}

/* Header, bodies, and what stands in front of the attachments. */
static void
put_top(struct builder *b, const struct mapi_message *message, char *mixed)
{
	const struct mapi_properties *p = &message->properties;
	struct ms_outlook_message *about = begin_message(b);
	struct ms_slice header = header_of(b, p);
	struct body bodies[BODIES];
	size_t n = read_bodies(b, p, bodies);
	char boundary[BOUNDARY_SIZE];
	struct ms_header have;

	about->header = header.n > 0;
	about->unsent = mapi_long(p, MESSAGE_FLAGS, 0) & FLAG_UNSENT;
	about->class = text_of(b, p, MESSAGE_CLASS);
	read_header(b, header, &have);
	/* Of one kind, where the header that was kept has one. */
	b->eol = ms_slice_find_text(header, 0, "\r\n") == header.n &&
			 ms_slice_find(header, 0, '\n') < header.n
		     ? "\n"
		     : "\r\n";
	ms_buf_printf(&b->out, "MIME-Version: 1.0%s", b->eol);
	mixed[0] = '\0';
	if (message->attachments_n > 0) {
		new_boundary(b, mixed);
		put_multipart(b, "mixed", mixed);
	} else {
		put_bodies_fields(b, bodies, n, boundary);
	}
	put_missing(b, message, &have);
	about->made = b->out.n - about->at;
	if (header.n > 0 && put_content(b, header))
		ms_buf_text(&b->out, b->eol);
	ms_buf_text(&b->out, b->eol);
	if (mixed[0] && n > 0) {
		put_delimiter(b, mixed, "");
		put_bodies_fields(b, bodies, n, boundary);
		ms_buf_text(&b->out, "\r\n");
	}
	put_bodies(b, bodies, n, boundary);
}

/* A message under way: its attachments come one after another. */
struct level {
	struct level *outer;
	const struct mapi_message *message;
	size_t about, next;
	char boundary[BOUNDARY_SIZE];
};

static struct level *
enter(
    struct builder *b, struct level *outer, const struct mapi_message *message)
{
	struct level *level = MS_NEW(b->reader->arena, struct level);

	level->outer = outer;
	level->message = message;
	level->about = b->result->n;
	put_top(b, message, level->boundary);
	return level;
}

static struct level *
leave(struct builder *b, struct level *level)
{
	if (level->boundary[0])
		put_delimiter(b, level->boundary, "--");
	b->result->messages[level->about].end = b->out.n;
	return level->outer;
}

/* The next attachment; one that is a message is entered. */
static struct level *
step(struct builder *b, struct level *level)
{
	const struct mapi_attachment *a =
	    &level->message->attachments[level->next++];
	struct body body = { "message/rfc822", NULL, { NULL, 0 } };

	if (!a->message) {
		put_attachment(b, level->message, a, level->boundary);
		return level;
	}
	put_delimiter(b, level->boundary, "");
	put_leaf_fields(b, &body);
	put_disposition(b, &a->properties, filename_of(b, &a->properties));
	ms_buf_text(&b->out, "\r\n");
	return enter(b, level, a->message);
}

static void
build(struct builder *b, const struct mapi_message *message)
{
	struct level *level = enter(b, NULL, message);

	while (level)
		level = level->next < level->message->attachments_n
			    ? step(b, level)
			    : leave(b, level);
}

/* False: *why says what it is instead. */
static bool
read_properties(struct outlook_reader *reader, struct ms_slice file,
    struct mapi_message *out, const char **why)
{
	struct cfb cfb;

	if (tnef_is(file)) {
		tnef_read(reader, file, out);
		return true;
	}
	*why = "an OLE file that is damaged: it has no directory";
	if (!cfb_open(&cfb, reader, file))
		return false;
	*why = "an OLE file that is no message: a document or an installer";
	return msg_read(&cfb, out);
}

bool
ms_outlook_read(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, struct ms_slice file,
    struct ms_outlook *out, const char **why)
{
	struct outlook_reader reader = {
		.arena = arena,
		.charsets = charsets,
		.limits = limits,
		.defects = &out->defects,
	};
	struct builder b = { .reader = &reader, .result = out };
	struct mapi_message message = { .attachments_n = 0 };
	struct ms_digests digests;

	memset(out, 0, sizeof(*out));
	out->defects.limit = limits->defects;
	if (!read_properties(&reader, file, &message, why))
		return false;
	ms_digest_bytes(MS_DIGEST_SHA256, file, &digests);
	ms_hex(digests.sha256, 16, b.boundary);
	ms_buf_init(&b.out, arena);
	(void)ms_buf_room(&b.out, file.n + 4096);
	build(&b, &message);
	out->raw = ms_buf_get(&b.out);
	return true;
}

void
ms_mailbox_unpack(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, struct ms_mailbox_item *item)
{
	struct ms_outlook *outlook;
	const char *why;

	if (item->status != MS_OK ||
	    (item->format != MS_FORMAT_MSG && item->format != MS_FORMAT_TNEF))
		return;
	outlook = MS_NEW(arena, struct ms_outlook);
	if (ms_outlook_read(arena, charsets, limits, item->raw, outlook, &why))
		item->outlook = outlook;
	else
		item->status = ms_diag_set(
		    &item->diag, MS_FORMAT, "no e-mail message: %s", why);
}

/* ---- what was made up ---- */

/* The last message that begins at or before that place. */
static size_t
message_at(const struct ms_outlook *outlook, size_t offset)
{
	size_t low = 0, high = outlook->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (outlook->messages[middle].at <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool
ms_outlook_made(const struct ms_outlook *outlook, size_t offset)
{
	const struct ms_outlook_message *m;

	if (!outlook)
		return false;
	m = &outlook->messages[message_at(outlook, offset)];
	return offset < m->at + m->made;
}

const struct ms_outlook *
ms_outlook_attached(struct ms_arena *arena, const struct ms_outlook *outlook,
    struct ms_slice part)
{
	const unsigned char *start = outlook->raw.p;
	struct ms_outlook *out;
	size_t at, first;

	if (part.p < start || part.p > start + outlook->raw.n)
		return NULL;
	at = (size_t)(part.p - start);
	first = message_at(outlook, at);
	if (outlook->messages[first].at != at)
		return NULL;
	out = MS_NEW(arena, struct ms_outlook);
	out->raw = part;
	while (first + out->n < outlook->n &&
	       outlook->messages[first + out->n].at < at + part.n)
		out->n++;
	out->messages = MS_NEW_ARRAY(arena, struct ms_outlook_message, out->n);
	for (size_t i = 0; i < out->n; i++) {
		out->messages[i] = outlook->messages[first + i];
		out->messages[i].at -= at;
		out->messages[i].end -= at;
	}
	return out;
}
