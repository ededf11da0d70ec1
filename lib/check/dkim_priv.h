/* SPDX-License-Identifier: ISC
 * dkim_priv.h - what the checks of signatures share
 */
#ifndef MAILSONDE_CHECK_DKIM_PRIV_H
#define MAILSONDE_CHECK_DKIM_PRIV_H

#include "finding_priv.h"

/* Calls `judge` for every signature. */
void dkim_each(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report,
    void (*judge)(const struct ms_check *check, const struct ms_case *subject,
	const struct ms_dkim_signature *signature, struct ms_report *report));

/* finding_start, with the signature's place in the evidence. */
struct ms_finding dkim_finding(const struct ms_check *check, const char *id,
    enum ms_severity severity, int weight,
    const struct ms_dkim_signature *signature, struct ms_report *report);

/* It holds, and counts (RFC 8301). */
bool dkim_counts(const struct ms_dkim_signature *signature);

/* The change in transit without which it would hold; NULL: it holds, or none
 * explains it. */
const struct ms_dkim_repair *dkim_explained(
    const struct ms_dkim_signature *signature);

/* Some signature counts: what is wrong with another weighs little. */
bool dkim_any_counts(const struct ms_case *subject);

#endif
