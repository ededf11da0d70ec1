/* SPDX-License-Identifier: ISC
 * summary.h - --summary: what a run found, counted
 */
#ifndef MAILSONDE_CMD_SUMMARY_H
#define MAILSONDE_CMD_SUMMARY_H

#include "mailsonde/json.h"
#include "mailsonde/report.h"

/* Thread-safe. Its memory grows with the different findings, not with the
 * subjects. Whatever takes one takes NULL, and does nothing then. */
struct summary;

struct summary *summary_new(struct ms_arena *arena);

/* Counts a subject: its report, and the exit code that it gives. */
void summary_add(
    struct summary *summary, const struct ms_report *report, int code);

/* The same from a line of results. */
void summary_add_line(
    struct summary *summary, const struct ms_json *line, int code);

/* The whole as a report about the run. */
void summary_report(struct summary *summary, struct ms_report *out);

#endif
