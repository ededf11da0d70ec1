/* SPDX-License-Identifier: ISC
 * finding_priv.h - what the checks share: building a finding
 */
#ifndef MAILSONDE_CHECK_FINDING_PRIV_H
#define MAILSONDE_CHECK_FINDING_PRIV_H

#include "mailsonde/check.h"

/* A finding with the row's id, severity, weight and reference; title and
 * detail are printf'ed by the caller with ms_arena_printf. Evidence is an
 * empty object to put into. */
struct ms_finding finding_start(
    const struct ms_check *check, struct ms_report *report);

/* A slice for printf's "%.*s", cut to what fits a sentence. */
#define FINDING_TEXT(s)                                                        \
	(int)((s).n > 200 ? 200 : (s).n), ((s).p ? (const char *)(s).p : "")

/* The first address-like word ("local@domain.tld") in a text; p == NULL when
 * there is none. */
struct ms_slice finding_address_in(struct ms_slice text);

/* The first host-like thing in a text: of a URL, or a word with a dot and a
 * plausible top-level domain; p == NULL. */
struct ms_slice finding_host_in(struct ms_slice text);

/* Code points that deceive the eye: how many, and the kind of the first. */
size_t finding_hidden(struct ms_slice text, const char **what);

#endif
