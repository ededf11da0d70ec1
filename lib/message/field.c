/* SPDX-License-Identifier: ISC
 * field.c - names of header fields, and the bytes that may stand in them
 */
#include "field_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "mailsonde/header.h"

static const struct {
	enum ms_field_id id;
	unsigned char n;
	char name[28];
} names[] = {
	/* By length: see starts. */
	{ MS_FIELD_TO, 2, "to" },
	{ MS_FIELD_CC, 2, "cc" },
	{ MS_FIELD_BCC, 3, "bcc" },
	{ MS_FIELD_FROM, 4, "from" },
	{ MS_FIELD_DATE, 4, "date" },
	{ MS_FIELD_SENDER, 6, "sender" },
	{ MS_FIELD_SUBJECT, 7, "subject" },
	{ MS_FIELD_LIST_ID, 7, "list-id" },
	{ MS_FIELD_RECEIVED, 8, "received" },
	{ MS_FIELD_REPLY_TO, 8, "reply-to" },
	{ MS_FIELD_ARC_SEAL, 8, "arc-seal" },
	{ MS_FIELD_X_MAILER, 8, "x-mailer" },
	{ MS_FIELD_MESSAGE_ID, 10, "message-id" },
	{ MS_FIELD_REFERENCES, 10, "references" },
	{ MS_FIELD_CONTENT_ID, 10, "content-id" },
	{ MS_FIELD_X_RECEIVED, 10, "x-received" },
	{ MS_FIELD_USER_AGENT, 10, "user-agent" },
	{ MS_FIELD_RETURN_PATH, 11, "return-path" },
	{ MS_FIELD_IN_REPLY_TO, 11, "in-reply-to" },
	{ MS_FIELD_RESENT_DATE, 11, "resent-date" },
	{ MS_FIELD_MIME_VERSION, 12, "mime-version" },
	{ MS_FIELD_CONTENT_TYPE, 12, "content-type" },
	{ MS_FIELD_CONTENT_BASE, 12, "content-base" },
	{ MS_FIELD_RECEIVED_SPF, 12, "received-spf" },
	{ MS_FIELD_DELIVERED_TO, 12, "delivered-to" },
	{ MS_FIELD_DKIM_SIGNATURE, 14, "dkim-signature" },
	{ MS_FIELD_CONTENT_LENGTH, 14, "content-length" },
	{ MS_FIELD_X_ORIGINATING_IP, 16, "x-originating-ip" },
	{ MS_FIELD_CONTENT_LOCATION, 16, "content-location" },
	{ MS_FIELD_LIST_UNSUBSCRIBE, 16, "list-unsubscribe" },
	{ MS_FIELD_CONTENT_DISPOSITION, 19, "content-disposition" },
	{ MS_FIELD_CONTENT_DESCRIPTION, 19, "content-description" },
	{ MS_FIELD_ARC_MESSAGE_SIGNATURE, 21, "arc-message-signature" },
	{ MS_FIELD_AUTHENTICATION_RESULTS, 22, "authentication-results" },
	{ MS_FIELD_CONTENT_TRANSFER_ENCODING, 25, "content-transfer-encoding" },
	{ MS_FIELD_ARC_AUTHENTICATION_RESULTS, 26,
	    "arc-authentication-results" },
};

#define NAMES   (sizeof(names) / sizeof(*names))
#define LONGEST 26

/* Index of the first name of each length; the next entry ends it. */
static const unsigned char starts[LONGEST + 2] = { 0, 0, 0, 2, 3, 5, 5, 6, 8,
	12, 12, 17, 20, 25, 25, 27, 27, 30, 30, 30, 32, 32, 33, 34, 34, 34, 35,
	NAMES };

static bool
equal(const unsigned char *p, const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ms_lower(p[i]) != (unsigned char)name[i])
			return false;
	return true;
}

enum ms_field_id
ms_field_id_of(struct ms_slice name)
{
	if (name.n > LONGEST)
		return MS_FIELD_OTHER;
	for (size_t i = starts[name.n]; i < starts[name.n + 1]; i++)
		if (equal(name.p, names[i].name, name.n))
			return names[i].id;
	return MS_FIELD_OTHER;
}

/* Whether the comments of a text nest more deeply: counted, never entered. */
static bool
nests_deeper(struct ms_slice s, size_t max)
{
	size_t depth = 0;

	if (s.n <= max)
		return false;
	for (size_t i = ms_slice_find_text(s, 0, "(("); i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == ')' && depth > 0)
			depth--;
		else if (s.p[i] == '(' && ++depth > max)
			return true;
	}
	return false;
}

struct ms_slice
ms_field_value(const struct ms_parse *parse, const struct ms_field *field)
{
	const struct ms_limits *limits = parse->limits;
	struct ms_slice out =
	    ms_slice_part(field->value, 0, limits->field_size);

	if (!parse->defects)
		return out;
	if (out.n < field->value.n)
		ms_defect_add(parse->defects, parse->arena, MS_DEFECT_LIMIT,
		    field->offset, "field_size");
	if (nests_deeper(out, limits->comment_depth))
		ms_defect_add(parse->defects, parse->arena, MS_DEFECT_LIMIT,
		    field->offset, "comment_depth");
	return out;
}

static bool
control(unsigned char c)
{
	return (c < 0x20 && c != '\t' && c != '\r' && c != '\n' && c != 0) ||
	       c == 0x7f;
}

#ifdef __SSE2__
/* Bytes 1 to 31 and 127 but for TAB, LF and CR: a bit each. */
static int
control_bits(__m128i v)
{
	__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
	__m128i fine =
	    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\t')),
			     _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'))),
		_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\r')),
		    _mm_cmpeq_epi8(v, _mm_setzero_si128())));

	return _mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(fine, low),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))));
}
#endif

size_t
field_find_control(struct ms_slice s)
{
	size_t i = 0;

#ifdef __SSE2__
	for (; s.n - i >= 16; i += 16)
		if (control_bits(_mm_loadu_si128(
			(const __m128i *)(const void *)(s.p + i))))
			break;
#endif
	while (i < s.n && !control(s.p[i]))
		i++;
	return i;
}
