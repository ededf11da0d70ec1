/* SPDX-License-Identifier: ISC
 * trace_hop_priv.h - what the checks of hops share
 */
#ifndef MAILSONDE_CHECK_TRACE_HOP_PRIV_H
#define MAILSONDE_CHECK_TRACE_HOP_PRIV_H

#include "finding_priv.h"

/* A finding about one hop, with its index and raw text as evidence. */
struct ms_finding trace_hop_finding(const struct ms_check *check,
    struct ms_report *report, const struct ms_trace *trace, size_t hop);

#endif
