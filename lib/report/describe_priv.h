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

#endif
