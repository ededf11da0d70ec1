/* SPDX-License-Identifier: ISC
 * status.h - what can go wrong with the world
 *
 * Only the world: I/O, time, limits, use. What is wrong with the mail or the
 * domain is a result, not a status.
 */
#ifndef MAILSONDE_STATUS_H
#define MAILSONDE_STATUS_H

enum ms_status {
	MS_OK,
	MS_END,     /* an iterator has nothing more */
	MS_LIMIT,   /* a limit of struct ms_limits was hit */
	MS_FORMAT,  /* the input is not of the kind asked for at all */
	MS_IO,      /* reading or writing failed; errno's text in the diag */
	MS_TIMEOUT, /* a deadline passed */
	MS_UNSUPPORTED, /* known, and not done here */
	MS_USAGE,       /* the caller asked for something that has no sense */
};

#define MS_MUST_CHECK __attribute__((warn_unused_result))

/* Where and why, for people. Supplied by the caller, may be NULL. */
struct ms_diag {
	char text[256];
};

/* Fill a diag (NULL is allowed), cutting at its size. Returns `status`, so
 * that a function can end in `return ms_diag_set(diag, MS_IO, "…")`. */
enum ms_status ms_diag_set(struct ms_diag *diag, enum ms_status status,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "ok", "limit", … for logs and tests. */
const char *ms_status_name(enum ms_status status);

#endif
