/* SPDX-License-Identifier: ISC
 * describe_dkim_priv.h - what signatures of DKIM and of ARC have in common
 */
#ifndef MAILSONDE_REPORT_DESCRIBE_DKIM_PRIV_H
#define MAILSONDE_REPORT_DESCRIBE_DKIM_PRIV_H

#include "mailsonde/describe.h"

/* result, domain … policy: the members that every signature has, the key. */
void describe_signature(struct ms_report *report, struct ms_node *node,
    const struct ms_message *message,
    const struct ms_dkim_signature *signature);

/* How a word is shown. */
enum ms_style describe_result_style(enum ms_auth_result result);

/* "PASS"; in the report's arena. */
const char *describe_shout(
    struct ms_report *report, enum ms_auth_result result);

/* That and its reason: the answer, or the first line of a section. */
void describe_result(struct ms_report *report, bool section,
    enum ms_auth_result result, const char *reason);

/* "s1, rsa-sha256, 2048 bits"; in the report's arena. */
const char *describe_signature_particulars(
    struct ms_report *report, const struct ms_dkim_signature *signature);

/* An answer that did not come is an error of the run: exit status 2. */
void describe_no_answer(
    struct ms_report *report, const struct ms_dkim_signature *signature);

#endif
