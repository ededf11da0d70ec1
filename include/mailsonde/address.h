/* SPDX-License-Identifier: ISC
 * address.h - address lists: RFC 5322 3.4 and 4.4, 6532, 6854
 */
#ifndef MAILSONDE_ADDRESS_H
#define MAILSONDE_ADDRESS_H

#include "mailsonde/header.h"

struct ms_address {
	struct ms_slice name;    /* display name, decoded; empty when none. A
				    lone comment behind the address serves as the
				    name, as in RFC 822's time */
	struct ms_slice address; /* "local@domain" as UTF-8, local part without
				    needless quotes; empty when none */
	struct ms_slice local, domain; /* of it; domain as it stands, without
				    a final dot */
	struct ms_slice raw;           /* where it stands in the field */
	struct ms_slice group; /* name of the group it stands in; empty */
	bool valid;            /* follows the grammar, obsolete forms too */
};

struct ms_addresses {
	struct ms_address *list; /* groups flattened */
	size_t n;
	size_t groups; /* groups seen, also empty ones */
	bool truncated;
};

/* Reads a list through any damage; what is no address at all becomes an entry
 * without address, its text as the name, valid = false. Linear in the field.
 * Adds to what *out holds already (zeroed at first): a repeated field goes on.
 */
void ms_addresses_parse(const struct ms_parse *parse,
    const struct ms_field *field, struct ms_addresses *out);

/* Return-Path and kin: "<>" gives n == 1 with an empty address and valid. */
void ms_path_parse(const struct ms_parse *parse, const struct ms_field *field,
    struct ms_addresses *out);

#endif
