/* SPDX-License-Identifier: ISC
 * domain_priv.h - what the checks of a domain share
 */
#ifndef MAILSONDE_DOMAIN_PRIV_H
#define MAILSONDE_DOMAIN_PRIV_H

#include "mailsonde/domain.h"
#include "mailsonde/domain_record.h"
#include "mailsonde/fetch_url.h"
#include "mailsonde/settings_xml.h"

/* A slice for printf's "%.*s". */
#define DOMAIN_TEXT(s)                                                         \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")

/* Days before its end at which a certificate is a finding: those that renew
 * by themselves do so 30 days before. */
#define DOMAIN_SOON 14

/* "prefix.name", or the name itself for "". In the arena. */
struct ms_slice domain_name(
    const struct ms_domain_case *subject, const char *prefix);

/* Asks for prefix.name. */
void domain_ask(struct ms_domain_case *subject, const char *prefix,
    enum ms_dns_type type, struct ms_dns_answer *out);

/* Addresses of a name that will be asked for soon: both at once, unless
 * --careful. */
void domain_hint_addresses(
    const struct ms_domain_case *subject, struct ms_slice name);

/* The mail exchangers with their addresses, asked once for all checks. */
const struct ms_domain_mx *domain_mx(struct ms_domain_case *subject);

/* What the domain is for: as given, or guessed. */
void domain_profile(struct ms_domain_case *subject);

/* Whether --only names the check, or no check at all. */
bool domain_is_wanted(
    const struct ms_domain_case *subject, const struct ms_domain_check *check);

/* What its records lack where the domain is parked. */
void domain_parked(struct ms_domain_case *subject);

/* Where it deviates from options->expect. */
void domain_expected(struct ms_domain_case *subject);

/* Marks what is as it was in options->baseline. */
void domain_compare(struct ms_domain_case *subject);

/* False when it is known to take none: a null MX, or neither MX nor address.
 * What could not be told counts as true. */
bool domain_takes_mail(struct ms_domain_case *subject);

/* An outcome of its own where that could not be told; true then. */
bool domain_mail_untold(struct ms_domain_case *subject);

/* Asks the servers that the zone above names, by themselves: for what
 * validating resolvers keep back. False: none of them had a word of its own. */
bool domain_ask_servers(struct ms_domain_case *subject, enum ms_dns_type type,
    struct ms_dns_answer *out);

/* PTR records of an address, asked once. */
const struct ms_dns_answer *domain_ptr(
    struct ms_domain_case *subject, struct ms_domain_address *address);

/* Adds an outcome of the running check. title and the rest may be filled in
 * afterwards; never NULL. WARN and FAIL of high severity and more cost more of
 * the score. */
struct ms_domain_outcome *domain_outcome(struct ms_domain_case *subject,
    const char *id, enum ms_domain_status status, enum ms_severity severity,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Shorthands: nothing wrong; not looked at; could not tell, with the question
 * that failed. */
struct ms_domain_outcome *domain_pass(struct ms_domain_case *subject,
    const char *format, ...) __attribute__((format(printf, 2, 3)));
struct ms_domain_outcome *domain_skip(struct ms_domain_case *subject,
    const char *format, ...) __attribute__((format(printf, 2, 3)));
struct ms_domain_outcome *domain_unknown(struct ms_domain_case *subject,
    struct ms_slice name, enum ms_dns_type type,
    const struct ms_dns_answer *answer);

/* A document that could not be fetched: could not tell, or, --offline, not
 * looked at. */
struct ms_domain_outcome *domain_unfetched(struct ms_domain_case *subject,
    const char *url, const struct ms_fetch *fetch);

/* Evidence: the records of an answer as master-file lines. */
void domain_records(struct ms_domain_case *subject,
    struct ms_domain_outcome *outcome, const struct ms_dns_answer *answer);
void domain_record_line(struct ms_domain_case *subject,
    struct ms_domain_outcome *outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The mending: records to add, or to take away (rdata NULL: all of the type).
 * owner without its final dot. */
void domain_add(struct ms_domain_case *subject,
    struct ms_domain_outcome *outcome, struct ms_slice owner, const char *type,
    const char *rdata);
void domain_remove(struct ms_domain_case *subject,
    struct ms_domain_outcome *outcome, struct ms_slice owner, const char *type,
    const char *rdata);

/* How many of the TXT records `is_record`; *text (NULL) is the last of them. */
size_t domain_count_texts(const struct ms_dns_answer *answer,
    bool (*is_record)(struct ms_slice text), struct ms_slice *text);

/* Another set of TXT records where `answer` came from: those for which
 * `is_record` (NULL: all) go but for `keep` (p NULL: none is kept), `add`
 * (rdata; NULL) comes. Nothing where an alias led elsewhere: that zone is
 * another's. */
void domain_replace_txt(struct ms_domain_case *subject,
    struct ms_domain_outcome *outcome, const struct ms_dns_answer *answer,
    const char *prefix, bool (*is_record)(struct ms_slice text),
    struct ms_slice keep, const char *add);

/* The MTA-STS policy of its exchangers on one line, " / " for each line end;
 * 0: testing, a week. */
const char *domain_mta_sts_text(struct ms_domain_case *subject,
    enum ms_mta_sts_mode mode, uint64_t max_age);

/* The policy as it is served. */
void domain_mta_sts_served(struct ms_domain_case *subject);

/* What mail programs are told over HTTPS, against the SRV records. */
void domain_settings_served(
    struct ms_domain_case *subject, const struct ms_mail_settings *srv);

/* The mark and the certificate that a record names. */
void domain_bimi_served(
    struct ms_domain_case *subject, const struct ms_bimi_record *record);

/* The first certificate of a PEM file, DER; p == NULL: there is none. */
struct ms_slice domain_pem(struct ms_arena *arena, struct ms_slice pem);

/* A text as TXT rdata: quoted, escaped, in strings of 255 octets at most. */
const char *domain_txt(struct ms_arena *arena, struct ms_slice text);

#endif
