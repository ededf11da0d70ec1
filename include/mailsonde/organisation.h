/* SPDX-License-Identifier: ISC
 * organisation.h - which names belong together, for judgements by eye
 */
#ifndef MAILSONDE_ORGANISATION_H
#define MAILSONDE_ORGANISATION_H

#include <stdbool.h>

#include "mailsonde/slice.h"

/* The part of a host name that somebody registered: its last two labels, or
 * three where the second is a usual registry label under a country
 * ("example.co.uk"). A rule of thumb for findings, never for DMARC, which asks
 * the DNS (RFC 9989). An address or a single label comes back as it is. */
struct ms_slice ms_organisation(struct ms_slice host);

/* Both in the same one; false when either is empty. */
bool ms_same_organisation(struct ms_slice a, struct ms_slice b);

/* `name` is `above` or a name below it, but for the case of letters; both
 * without a final dot. */
bool ms_name_is_within(struct ms_slice name, struct ms_slice above);

/* Mail providers that anybody can have an address with. */
bool ms_is_free_mail(struct ms_slice domain);

#endif
