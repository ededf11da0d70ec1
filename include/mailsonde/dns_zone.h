/* SPDX-License-Identifier: ISC
 * dns_zone.h - master files laid over a source of answers
 */
#ifndef MAILSONDE_DNS_ZONE_H
#define MAILSONDE_DNS_ZONE_H

#include "mailsonde/dns.h"
#include "mailsonde/limits.h"

/* Master-file text that has been read already. */
struct ms_dns_zone_text {
	const char *name; /* for messages and `server`: a path */
	struct ms_slice text;
};

struct ms_dns_zone_options {
	const char *const *paths; /* files */
	size_t n;
	const struct ms_dns_zone_text *texts; /* and texts */
	size_t texts_n;
	/* What is in no file does not exist; `inner` is never asked. */
	bool offline;
	/* Asked for the rest; closed with the zone, also when opening fails. */
	struct ms_dns_source *inner;
	int64_t time; /* of its answers */
	const struct ms_limits *limits;
	void (*oom)(void);
};

/* Reads the files as one: master-file records (RFC 1035 5.1), names under the
 * root where no $ORIGIN is given, no $INCLUDE, class IN. SOA and NS records
 * are not needed and change nothing: there are no zone cuts. Wildcards after
 * RFC 4592, the closest encloser being the nearest name that the files have.
 * A record given twice counts once.
 *
 *     ;; timeout NAME [TYPE]
 *     ;; servfail NAME [TYPE]
 *
 * make that question fail; NAME is absolute, with or without its final dot.
 *
 * A name with records, or with a wildcard for it, is answered from the files
 * alone, whatever the type. CNAMEs are followed from the files to `inner` and
 * back. A name that only has names below it in the files exists, whatever
 * `inner` says.
 *
 * A question to one server is answered in the same way, as if every server had
 * the files, with AA; for a name they say nothing of that server is asked, or
 * nobody with `offline` (MS_DNS_OFFLINE). They give no zone transfer.
 *
 * MS_IO: a file cannot be read; MS_FORMAT: a line cannot be (its file and
 * number are in the diag); MS_LIMIT: more than limits->zone_size. */
enum ms_status ms_dns_zone_open(const struct ms_dns_zone_options *options,
    struct ms_dns_source **out, struct ms_diag *diag) MS_MUST_CHECK;

#endif
