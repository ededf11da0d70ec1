/* SPDX-License-Identifier: ISC
 * record_priv.h - what the records of RFC 8460 and RFC 8461 share
 *
 *	record = version 1*(field-delim field) [field-delim]
 *	field-delim = *WSP ";" *WSP
 *	extension = ext-name "=" ext-value
 *	ext-name = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")
 *	ext-value = 1*(%x21-3A / %x3C / %x3E-7E)
 */
#ifndef MAILSONDE_RECORD_PRIV_H
#define MAILSONDE_RECORD_PRIV_H

#include "mailsonde/domain_record.h"
#include "mailsonde/scan.h"

#define RECORD_NAME_MAX 32 /* of an extension, and of an id */

/* The version, white space and ";" at the start. */
bool record_starts(struct ms_slice text, const char *version);

struct record_field {
	struct ms_slice all, name, value; /* without white space around */
	const char *fault;                /* not of the form name=value; NULL */
};

/* Fields one after another, behind record_starts; false at the end. *rest
 * begins as the whole text. */
bool record_field(struct ms_slice *rest, struct record_field *out);

/* NULL, or why it is no extension field. */
const char *record_extension(const struct record_field *field);

#endif
