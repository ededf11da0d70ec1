/* SPDX-License-Identifier: ISC
 * extract.h - --extract DIR: the parts of a message as files
 */
#ifndef MAILSONDE_CMD_EXTRACT_H
#define MAILSONDE_CMD_EXTRACT_H

#include "mailsonde/dkim.h"
#include "mailsonde/mailbox.h"
#include "mailsonde/message.h"
#include "mailsonde/report.h"

/* Saves each leaf of the message, and what stands uuencoded or in yEnc inside
 * one, under a safe name in `directory` (made when
 * it is not there): no path parts, no control characters, never over an
 * existing file, never through a link. Adds `message.extracted` to the report
 * and appends to DIR/manifest.ndjson. Failures become errors of the report;
 * the rest is still saved. Several threads may call it. */
void extract_parts(const char *directory, const struct ms_mailbox_item *item,
    const struct ms_message *message, struct ms_report *report);

/* Saves what each signature covers, header and body in their canonical forms,
 * in the same careful way. */
void extract_canonical(const char *directory,
    const struct ms_mailbox_item *item, const struct ms_message *message,
    const struct ms_dkim_result *dkim, struct ms_report *report);

#endif
