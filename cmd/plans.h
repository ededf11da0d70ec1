/* SPDX-License-Identifier: ISC
 * plans.h - how probe and domain judge one job, for whoever has jobs of his own
 */
#ifndef MAILSONDE_CMD_PLANS_H
#define MAILSONDE_CMD_PLANS_H

#include "lines.h"
#include "mailsonde/probe.h"

/* Their `with` is not set: what the functions below make of the options. */
extern const struct lines_plan probe_plan, domain_plan;

struct ms_probe_options probe_options(const struct options *options);

/* Without what --expect, --baseline and --selectors-from name. */
struct ms_domain_options domain_options(const struct options *options);

#endif
