/* SPDX-License-Identifier: ISC
 * describe.h - results as report nodes
 *
 * One function a result. Each writes its data under the report's `data` and
 * its lines under `text`, as the report's audience asks.
 */
#ifndef MAILSONDE_DESCRIBE_H
#define MAILSONDE_DESCRIBE_H

#include "mailsonde/arc.h"
#include "mailsonde/authenticate.h"
#include "mailsonde/client_settings.h"
#include "mailsonde/delivery.h"
#include "mailsonde/dkim.h"
#include "mailsonde/dmarc.h"
#include "mailsonde/dnsbl.h"
#include "mailsonde/domain.h"
#include "mailsonde/domain_senders.h"
#include "mailsonde/env.h"
#include "mailsonde/feedback.h"
#include "mailsonde/probe.h"
#include "mailsonde/report.h"
#include "mailsonde/roundtrip.h"
#include "mailsonde/spf.h"
#include "mailsonde/tls_scan.h"
#include "mailsonde/trace.h"

/* `message`: header fields, people, MIME tree, attachments, links, defects.
 * Text: who, what, when; then the parts and links. `all_fields` lists every
 * header field in the text as well. */
void ms_describe_message(struct ms_report *report, const struct ms_parse *parse,
    const struct ms_message *message, bool all_fields);

/* Only who, what, when, for the head of a page. */
void ms_describe_envelope(
    struct ms_report *report, const struct ms_message *message);

/* `trace`: hops, origin, total; the way as a table. */
void ms_describe_trace(struct ms_report *report, const struct ms_trace *trace);

/* `auth.claimed`: what the headers claim, who could have written it, and
 * whether it agrees with what was recomputed. trace and auth may be NULL. */
void ms_describe_claims(struct ms_report *report,
    const struct ms_header *header, const struct ms_authres *claims, size_t n,
    const struct ms_trace *trace, const struct ms_authentication *auth);

/* Recomputed authentication at a glance, a line a method, and `auth.sender`:
 * whom SPF was asked about. */
void ms_describe_authentication(
    struct ms_report *report, const struct ms_authentication *auth);

/* What lies behind each of those lines, method by method. */
void ms_describe_auth_methods(struct ms_report *report,
    const struct ms_message *message, const struct ms_authentication *auth);

/* `auth.dkim`: every signature; the answer of each in one line, then what it
 * covers and by which key. */
void ms_describe_dkim(struct ms_report *report,
    const struct ms_message *message, const struct ms_dkim_result *dkim);

/* `auth.arc`: the chain and its sets. */
void ms_describe_arc(struct ms_report *report, const struct ms_message *message,
    const struct ms_arc_result *arc);

/* `auth.KEY` (spf, spf_helo): the result, its reason and the tree of terms with
 * what each cost; what could not be told is an error. The answer is the first
 * line of text, under a heading of its own where `heading`. */
void ms_describe_spf(struct ms_report *report, const char *key,
    const struct ms_spf_result *result, bool heading);

/* Findings of an SPF check: verdicts that are no pass, records that cannot be
 * used or should not be so. */
void ms_spf_findings(
    struct ms_report *report, const struct ms_spf_result *result);
/* `auth.dmarc`: the answer in one line, then whose policy it is, what is
 * aligned, and what RFC 7489 says. Without `heading` it stands alone, and
 * every question is listed. */
void ms_describe_dmarc(struct ms_report *report,
    const struct ms_dmarc_result *result, bool heading);

/* Findings `dmarc-…`: the verdict, and what is wrong with the record.
 * `undone`: a clause that says how a signature of the author's own would hold,
 * which a failure then weighs less for; NULL. */
void ms_dmarc_findings(struct ms_report *report,
    const struct ms_dmarc_result *result, const char *undone);

/* `domain`: every check, the score; the findings and errors among them. Text:
 * the worst first. */
void ms_describe_domain(
    struct ms_report *report, const struct ms_domain_case *subject);

/* `server`: what was found at an endpoint; its findings and errors, those of
 * its certificate and of what senders do among them. Text: the worst first. */
void ms_describe_probe(struct ms_report *report,
    const struct ms_probe_result *result, const struct ms_identity *identity,
    const struct ms_delivery *delivery);

/* Findings `server-…`, `tls-…`, `smtp-…` …: what is wrong with it. */
void ms_probe_findings(
    struct ms_report *report, const struct ms_probe_result *result);

/* Findings `tls-certificate-…`, `tls-chain-…`, `tls-staple-…`, `dane-…` and
 * `mta-sts-policy-mx`; errors for what senders look up and could not be told.
 */
void ms_tls_findings(struct ms_report *report,
    const struct ms_probe_result *probe, const struct ms_identity *identity,
    const struct ms_delivery *delivery);

/* `scan` under `parent`: all that a server's TLS accepts. And as text. */
void ms_put_tls_scan(struct ms_report *report, struct ms_node *parent,
    const struct ms_tls_scan *scan);
void ms_say_tls_scan(struct ms_report *report, const struct ms_tls_scan *scan);

/* Findings `tls-…`: what of it is not as BCP 195 has it; what could not be told
 * is an error. `opportunistic`: the other end would otherwise speak in the
 * clear, which weighs most of them down. */
void ms_tls_scan_findings(struct ms_report *report,
    const struct ms_tls_scan *scan, bool opportunistic);

/* `roundtrip`: a message that was sent and waited for; its findings and errors
 * among them. `header` is that of the message that arrived; NULL without one.
 * Text: the answer first. */
void ms_describe_roundtrip(struct ms_report *report,
    const struct ms_roundtrip *trip, const struct ms_header *header);

/* Findings `roundtrip-…`; errors for what could not be told. */
void ms_roundtrip_findings(struct ms_report *report,
    const struct ms_roundtrip *trip, const struct ms_header *header);

/* Who may send for a domain, and what lists say of each. */
struct ms_reputation_senders {
	const struct ms_domain_senders *who;
	const struct ms_dnsbl *lists; /* that were asked */
	size_t lists_n;
	const struct ms_dnsbl_case *cases; /* one an address */
	size_t n;
};

/* `reputation`: what each list says, also of `senders` (NULL); findings
 * `dnsbl-…`, and errors for lists that matter and could not tell. Text: the
 * answer first, and how many lists answered. */
void ms_describe_reputation(struct ms_report *report,
    const struct ms_dnsbl_case *c, const struct ms_reputation_senders *senders);

/* `settings`: what to type into a mail program, who says so and whether it
 * works; the findings and errors among them. Text: the table first. */
void ms_describe_settings(
    struct ms_report *report, const struct ms_client_settings *settings);

/* A report that others sent, and what is to be said around it. */
struct ms_feedback_context {
	const struct ms_env *env;
	const char *repeats; /* path of the same report seen before; NULL */
	bool all;            /* text: every source */
	bool brief;          /* text: a line or two; the whole comes later */
	const char *file;    /* its path, and where in there; NULL */
};

/* `report`: an aggregate report, its findings among it. `senders` has its rows
 * and is sorted. Text: the answer first, then the sources, the worst first. */
void ms_describe_aggregate(struct ms_report *report,
    const struct ms_feedback_context *context,
    const struct ms_aggregate *aggregate, const struct ms_senders *senders);

/* `report`: a report on TLS, its findings among it. */
void ms_describe_tls_report(struct ms_report *report,
    const struct ms_feedback_context *context, const struct ms_tls_report *tls,
    const struct ms_tls_sessions *sessions);

/* `report`: a failure report or complaint, its findings among it. */
void ms_describe_failure(struct ms_report *report,
    const struct ms_feedback_context *context,
    const struct ms_failure_report *failure);

/* `totals`: all reports of a run together, with the findings on them. */
struct ms_feedback_totals {
	size_t reports, repeated, failures; /* of these: failure reports */
	struct ms_senders *senders;         /* a domain each, sorted */
	struct ms_tls_sessions *sessions;
};
void ms_describe_feedback_totals(struct ms_report *report,
    const struct ms_feedback_context *context,
    const struct ms_feedback_totals *totals);

/* Findings `dmarc-…` on who sends in a domain's name, `tls-report-…` on its
 * TLS. */
void ms_senders_findings(
    struct ms_report *report, const struct ms_senders *senders);
void ms_tls_sessions_findings(
    struct ms_report *report, const struct ms_tls_sessions *sessions);

/* `verdict`: the sum of the findings' weights, and the first line of text. */
void ms_describe_verdict(struct ms_report *report);

/* `geoip`: the databases that were asked. */
void ms_describe_databases(
    struct ms_report *report, const struct ms_geo_source *geo);

/* `geo` of one address as an object under `parent`. */
void ms_describe_place(struct ms_report *report, struct ms_node *parent,
    const struct ms_geo_place *place);

/* Finding `limit-reached`: `what` is its name in struct ms_limits, `rest` says
 * what was left out. */
void ms_describe_limit(
    struct ms_report *report, const char *what, const char *rest);

/* Findings for every limit that was hit. */
void ms_describe_limits(struct ms_report *report,
    const struct ms_message *message, const struct ms_trace *trace, bool cut);

#endif
