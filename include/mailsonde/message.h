/* SPDX-License-Identifier: ISC
 * message.h - one message: header, MIME tree, who, when, links
 */
#ifndef MAILSONDE_MESSAGE_H
#define MAILSONDE_MESSAGE_H

#include "mailsonde/address.h"
#include "mailsonde/date.h"
#include "mailsonde/link.h"
#include "mailsonde/mime.h"

/* Fields of message/delivery-status, disposition-notification and
 * feedback-report, and of text/calendar. */
struct ms_report_field {
	struct ms_slice name, value; /* as it stands; unfolded */
};
struct ms_report_block {
	struct ms_report_field *fields;
	size_t n;
};
struct ms_report_part {
	struct ms_report_part *next;
	const struct ms_part *part;
	const char *kind; /* "delivery-status", "disposition-notification",
			     "feedback-report", "calendar" */
	struct ms_report_block *blocks; /* per-message, then per-recipient;
					   calendar: one per component */
	size_t n;
};

struct ms_message_options {
	unsigned digests; /* of each leaf */
	bool links;       /* search text and HTML */
	bool reports;     /* read DSN, MDN, ARF, calendar fields */
	bool mime;        /* false: the header only */
	bool pasted;      /* a header block alone, pasted */
	const struct ms_outlook *outlook; /* `raw` was made of it; NULL */
	/* Takes the SHA-256 of leaves that are not large, to be done with
	 * others: until then it is not there. NULL: each at once. */
	struct ms_digest_jobs *later;
	/* Told of long runs of `raw` that have been gone through, for memory
	 * that can be given back and still reads the same; NULL. */
	void (*passed)(struct ms_slice bytes);
};

struct ms_message {
	struct ms_slice raw;
	const struct ms_outlook *outlook; /* made of this; NULL: as it came */
	struct ms_slice from_line; /* "From " line cut off in front, if any */
	bool bare_cr;              /* CR alone ends lines */
	struct ms_header header;
	struct ms_mime mime;
	struct ms_slice body;

	struct ms_addresses from, sender, reply_to, to, cc, bcc;
	struct ms_addresses return_path;
	struct ms_slice subject;    /* decoded; NULL when there is none */
	struct ms_slice message_id; /* without brackets; NULL */
	struct ms_date date;

	struct ms_links links;
	struct ms_report_part *reports;
	struct ms_defects defects;
};

/* Reads `raw` (which must outlive *out) whatever it is. `defects` in *parse
 * is not used: the message has its own. */
void ms_message_parse(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, struct ms_slice raw,
    const struct ms_message_options *options, struct ms_message *out);

/* Whether anything in it looks like a message: at least one field. */
bool ms_message_plausible(const struct ms_message *message);

/* The attached original (the first message/rfc822 leaf in preorder, or a leaf
 * that is one in all but name): its bytes, decoded where it was encoded. False
 * when there is none. */
bool ms_message_attached(struct ms_arena *arena,
    const struct ms_message *message, struct ms_slice *out);

/* What the attached message was made of, where it was not a file of its own in
 * an Outlook file or a winmail.dat; NULL: it is as it came. */
const struct ms_outlook *ms_message_made_of(struct ms_arena *arena,
    const struct ms_message *message, struct ms_slice attached);

#endif
