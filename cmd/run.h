/* SPDX-License-Identifier: ISC
 * run.h - one message after another through a command
 *
 * Subjects are judged by straight-line code on worker threads, each with its
 * own arena; results are put back in the order of the input here.
 */
#ifndef MAILSONDE_CMD_RUN_H
#define MAILSONDE_CMD_RUN_H

#include "judge.h"
#include "output.h"

/* Everything from the command line to the exit code. */
int run_messages(const struct plan *plan, const struct options *options);

#endif
