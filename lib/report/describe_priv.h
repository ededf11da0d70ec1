/* SPDX-License-Identifier: ISC
 * describe_priv.h - what the describing files share
 */
#ifndef MAILSONDE_REPORT_DESCRIBE_PRIV_H
#define MAILSONDE_REPORT_DESCRIBE_PRIV_H

#include "mailsonde/describe.h"

/* The text as it is, or made harmless where the report asks for that. */
struct ms_slice describe_defang(struct ms_report *report, struct ms_slice text);

/* At most `max` bytes of `text`, ending in "…" where it was longer. */
struct ms_slice describe_cut(
    struct ms_report *report, struct ms_slice text, size_t max);

/* The first line of a judgement: the worst finding, else what could not be
 * told, else `good`. */
struct describe_answer {
	enum ms_style style;
	const char *word, *text; /* "BROKEN", "its title" */
};
struct describe_answer describe_answer_of(
    const struct ms_report *report, const char *good);

void describe_say_transcript(
    struct ms_report *report, const struct ms_probe_result *r);

/* `message.outlook`: nothing where the message is as it came. */
void describe_outlook(struct ms_report *report, struct ms_node *parent,
    const struct ms_message *message);
void describe_say_outlook(
    struct ms_report *report, const struct ms_message *message);

/* The name of the field by which a filter says that it is spam; p == NULL:
 * none does. */
struct ms_slice describe_spam_verdict(const struct ms_header *header);

/* `server.tls`. */
void describe_put_tls(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_result *r, const struct ms_identity *id,
    const struct ms_delivery *delivery);
void describe_say_certificate(
    struct ms_report *report, const struct ms_identity *id);

/* `server.login`. */
void describe_put_login(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_result *r);
void describe_login_findings(
    struct ms_report *report, const struct ms_probe_result *r);
void describe_say_login(
    struct ms_report *report, const struct ms_probe_result *r);

/* `server.senders`, `server.dane`, `server.mta_sts`. */
void describe_put_delivery(struct ms_report *report, struct ms_node *server,
    const struct ms_delivery *d);
void describe_say_delivery(
    struct ms_report *report, const struct ms_delivery *d);

/* What the codes of a list mean, with them or without. */
struct ms_slice describe_meaning(
    struct ms_report *report, const struct ms_dnsbl_answer *a, bool codes);

/* Findings for every block list that it is on; `why` (NULL) stands in front of
 * each detail. */
void describe_listings(
    struct ms_report *report, const struct ms_dnsbl_case *c, const char *why);

/* `reputation.senders`. */
void describe_senders_findings(
    struct ms_report *report, const struct ms_reputation_senders *s);
void describe_put_senders(struct ms_report *report, struct ms_node *parent,
    const struct ms_reputation_senders *s);
void describe_say_senders(
    struct ms_report *report, const struct ms_reputation_senders *s);

/* A time that was taken; null where it is negative: it was not. */
void describe_seconds(struct ms_report *report, struct ms_node *node,
    const char *key, double seconds);

#endif
