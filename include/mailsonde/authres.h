/* SPDX-License-Identifier: ISC
 * authres.h - authentication results that a message claims
 *
 * Authentication-Results (RFC 8601, and Exchange's without authserv-id),
 * ARC-Authentication-Results (RFC 8617), Received-SPF (RFC 7208 9.1).
 */
#ifndef MAILSONDE_AUTHRES_H
#define MAILSONDE_AUTHRES_H

#include "mailsonde/header.h"

struct ms_authres_property {
	struct ms_slice ptype, property; /* "header", "d" */
	struct ms_slice value;           /* unquoted */
};

struct ms_authres_method {
	struct ms_slice method;  /* lower case: "dkim" */
	struct ms_slice version; /* NULL when none */
	struct ms_slice result;  /* lower case: "pass" */
	struct ms_slice reason;  /* NULL */
	struct ms_slice comment; /* NULL */
	struct ms_authres_property *properties;
	size_t n;
};

struct ms_authres {
	const struct ms_field *field;
	struct ms_slice authserv_id; /* NULL: none was written (Exchange) */
	struct ms_slice version;     /* NULL */
	int instance;                /* ARC i=; -1 */
	struct ms_authres_method *methods;
	size_t n;   /* 0 with valid: "none" */
	bool valid; /* follows the grammar */
};

/* Reads any of the three; tolerant, `valid` says whether it had to be. */
void ms_authres_parse(const struct ms_parse *parse,
    const struct ms_field *field, struct ms_authres *out);

/* Every claim of a header, from the top. */
struct ms_claims {
	struct ms_authres *list;
	size_t n;
};

/* Reads the three standard fields, their copies under other names
 * (Authentication-Results-Original …), and the fields of filters and large
 * providers that hold results (X-Spam-Status, X-Spamd-Result, X-SID-Result …).
 * A field of the latter kind that holds none is left out. */
void ms_claims_read(const struct ms_parse *parse,
    const struct ms_header *header, struct ms_claims *out);

#endif
