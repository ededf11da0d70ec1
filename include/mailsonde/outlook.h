/* SPDX-License-Identifier: ISC
 * outlook.h - a message made of what an Outlook file holds
 *
 * A .msg holds the properties of a message, not its octets. Of these a message
 * in the form of RFC 5322 is made, for all the rest to read: the internet
 * header as it stands where the file has kept it, in front of it the fields
 * that are missing or that describe the new body, and the bodies and
 * attachments as parts. What was made up is known by its place.
 */
#ifndef MAILSONDE_OUTLOOK_H
#define MAILSONDE_OUTLOOK_H

#include "mailsonde/charset.h"
#include "mailsonde/defect.h"
#include "mailsonde/limits.h"

/* One message in the file: itself, or one that is attached as such. */
struct ms_outlook_message {
	size_t at, end; /* where it stands in what was made */
	size_t made;    /* the fields of its first `made` octets were not in
			   the file, but made of its properties */
	bool header;    /* it kept an internet header */
	bool unsent;    /* a draft */
	struct ms_slice class; /* "IPM.Note"; NULL */
};

struct ms_outlook {
	struct ms_slice raw; /* the message that was made, in the arena */
	struct ms_outlook_message *messages; /* in their order; the first is
						the file's own */
	size_t n;
	struct ms_defects defects; /* of the file; their offsets are in it */
};

/* Reads an Outlook file (MS_FORMAT_MSG), or a TNEF stream. False: it holds no
 * message, and *why says what it is. */
bool ms_outlook_read(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, struct ms_slice file,
    struct ms_outlook *out, const char **why);

/* Whether the field that begins there was made up. NULL is no Outlook file. */
bool ms_outlook_made(const struct ms_outlook *outlook, size_t offset);

/* The attached message that `part` is, as a file of its own; NULL: it was not
 * made here. */
const struct ms_outlook *ms_outlook_attached(struct ms_arena *arena,
    const struct ms_outlook *outlook, struct ms_slice part);

#endif
