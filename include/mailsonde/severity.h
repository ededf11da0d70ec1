/* SPDX-License-Identifier: ISC
 * severity.h - how grave a finding is
 */
#ifndef MAILSONDE_SEVERITY_H
#define MAILSONDE_SEVERITY_H

#include "mailsonde/slice.h"

enum ms_severity {
	MS_SEVERITY_INFO,
	MS_SEVERITY_LOW,
	MS_SEVERITY_MEDIUM,
	MS_SEVERITY_HIGH,
	MS_SEVERITY_CRITICAL,
	MS_SEVERITY_NEVER, /* only as a threshold: nothing reaches it */
};
/* "info", "low", "medium", "high", "critical", "never". */
const char *ms_severity_name(enum ms_severity severity);
/* False when `text` is none of them. */
bool ms_severity_parse(struct ms_slice text, enum ms_severity *out);

#endif
