/* SPDX-License-Identifier: ISC
 * describe_feedback_priv.h - what those share that describe reports of others
 */
#ifndef MAILSONDE_REPORT_DESCRIBE_FEEDBACK_PRIV_H
#define MAILSONDE_REPORT_DESCRIBE_FEEDBACK_PRIV_H

#include "describe_priv.h"

/* Whether a domain can go to p=reject, as far as its reports show. */
enum feedback_verdict {
	FEEDBACK_THERE,   /* it has p=reject */
	FEEDBACK_READY,   /* nothing that failed looks genuine */
	FEEDBACK_PERHAPS, /* … but some authenticated as other domains */
	FEEDBACK_NOT_YET, /* genuine mail, as it seems, failed */
	FEEDBACK_EMPTY,   /* no message */
};
enum feedback_verdict feedback_verdict(const struct ms_senders *s);

/* Finding `id` on what a report lacks; on a report that came before. */
void feedback_find_oddities(struct ms_report *report, const char *id,
    const struct ms_oddities *oddities, const char *reference);
void feedback_find_repeat(struct ms_report *report, const char *id,
    const char *repeats, const char *reference);

/* Members that every kind of report has. */
void feedback_put_period(struct ms_report *report, struct ms_node *node,
    bool begin_set, int64_t begin, bool end_set, int64_t end);
void feedback_say_period(struct ms_report *report, bool begin_set,
    int64_t begin, bool end_set, int64_t end);
void feedback_put_oddities(struct ms_report *report, struct ms_node *node,
    const struct ms_oddities *oddities);

void feedback_say_file(
    struct ms_report *report, const struct ms_feedback_context *context);

/* The same, who reports, and in brief what is wrong with the report. */
void feedback_say_head(struct ms_report *report,
    const struct ms_feedback_context *context, struct ms_slice who,
    struct ms_slice contact, const char *fault,
    const struct ms_oddities *oddities);

/* "97 %", "<1 %". */
const char *feedback_share(struct ms_report *report, int64_t n, int64_t of);

/* What is known of an address, and in a few words: "FR AS64496 Example". */
struct ms_geo_place feedback_place(
    const struct ms_env *env, const struct ms_ip *ip);
const char *feedback_place_text(
    struct ms_report *report, const struct ms_geo_place *place);

/* A domain's senders, as members of `node` and as text. */
void feedback_put_senders(struct ms_report *report,
    const struct ms_feedback_context *context, struct ms_node *node,
    const struct ms_senders *s);
void feedback_say_senders(struct ms_report *report,
    const struct ms_feedback_context *context, const struct ms_senders *s);

/* Its sessions as a table. */
void feedback_say_sessions(
    struct ms_report *report, const struct ms_tls_sessions *sessions);

#endif
