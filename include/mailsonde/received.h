/* SPDX-License-Identifier: ISC
 * received.h - one Received field: RFC 5321 4.4, and what MTAs really write
 */
#ifndef MAILSONDE_RECEIVED_H
#define MAILSONDE_RECEIVED_H

#include "mailsonde/date.h"
#include "mailsonde/header.h"
#include "mailsonde/ip.h"

struct ms_received {
	const struct ms_field *field; /* NULL for a claimed first hop made of
					 X-Originating-IP and kin */
	struct ms_slice value;        /* unfolded */
	const char *dialect; /* a row of dialects.c: "postfix", "exim" …;
				"general"; NULL when nothing fits */
	bool parsed;         /* false: kept raw, nothing below is set */
	bool relay;          /* handed over between hosts; false: local
				delivery, a `by`-only line, a scanner */

	struct ms_slice from;  /* the word after "from"; NULL */
	struct ms_slice helo;  /* what the client said of itself; NULL */
	struct ms_slice rdns;  /* what the server looked up; NULL */
	struct ms_ip ip;       /* the connecting address, only from a place of
				  that dialect that holds one */
	struct ms_slice ident; /* RFC 1413 or user; NULL */
	struct ms_slice by;    /* NULL */
	struct ms_ip by_ip;
	struct ms_slice via, with, id, for_; /* for_ without brackets; NULL */
	struct ms_slice envelope_from; /* where the dialect has it; NULL */
	struct ms_slice tls_version;   /* "TLSv1.3"; NULL */
	struct ms_slice tls_cipher;    /* NULL */
	bool tls;           /* by `with` (ESMTPS …) or by the above */
	bool authenticated; /* RFC 3848 `with` ending in A, or vendor form */
	struct ms_slice auth_user; /* where it is said; NULL */
	struct ms_date date;       /* date.set false: none could be read */
};

/* Parses one field's unfolded value. Always fills *out. Linear. */
void ms_received_parse(const struct ms_parse *parse, struct ms_slice value,
    struct ms_received *out);

/* Names of all dialects, for --help, tests and the man page. */
const char *const *ms_received_dialects(size_t *n);

/* Time carried inside an identifier, where its form has one: Postfix long
 * queue ids, Exim ids, Gmail ids, Sendmail ids, UUIDv1, "20260102030405.…".
 * `kind` names the form, `precision` is in seconds (86,400: the day only). */
struct ms_id_time {
	bool set;
	int64_t time;
	int64_t precision;
	const char *kind;
};
void ms_id_time_parse(struct ms_slice id, const struct ms_received *received,
    int64_t near, struct ms_id_time *out);

#endif
