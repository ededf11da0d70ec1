/* SPDX-License-Identifier: ISC
 * arc.h - the chain of custody of RFC 8617, judged
 *
 * The standard is Experimental and about to be made Historic: what a chain
 * proves is who handled the message and that it was not changed since the
 * last of them sealed it, never that they told the truth.
 */
#ifndef MAILSONDE_ARC_H
#define MAILSONDE_ARC_H

#include "mailsonde/dkim.h"

/* What a seal says of the chain before it (cv=). */
enum ms_arc_cv {
	MS_ARC_CV_MISSING,
	MS_ARC_CV_NONE,
	MS_ARC_CV_PASS,
	MS_ARC_CV_FAIL,
	MS_ARC_CV_UNKNOWN, /* another word */
};
/* "none", "pass", "fail"; NULL for the others. */
const char *ms_arc_cv_name(enum ms_arc_cv cv);

/* One ARC set. Fields are NULL where they are missing. */
struct ms_arc_instance {
	unsigned instance;              /* i=, 1 is the oldest */
	const struct ms_field *seal;    /* ARC-Seal */
	const struct ms_field *message; /* ARC-Message-Signature */
	const struct ms_field *results; /* ARC-Authentication-Results */
	enum ms_arc_cv cv;
	/* Domain, selector, algorithm, time, key and why it does not hold: as
	 * for DKIM; what concerns the body means nothing in `as`. NONE: not
	 * judged, because the set is not whole. */
	struct ms_dkim_signature as, ams;
};

struct ms_arc_result {
	/* NONE: no ARC field; PASS, FAIL; TEMPERROR: a key could not be asked
	 * for, and nothing else speaks against the chain; NEUTRAL: what was
	 * signed is gone, as in an Outlook file. */
	enum ms_auth_result result;
	const char *reason;                /* one sentence; NULL for none */
	struct ms_arc_instance *instances; /* by instance, from 1 */
	size_t n;
	unsigned failed_instance; /* the one that breaks it; 0 */
	/* Least instance whose AMS, and those of all above it, still hold:
	 * since then nobody has changed the message (RFC 8617 5.2, step 5).
	 * 1 when all do; 0: not even the last does. */
	unsigned oldest_pass;
	bool truncated; /* more sets than limits->arc_sets */
};

/* Judges the chain as it arrived. `request` as for DKIM. */
void ms_arc_verify(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_message *message, const struct ms_dkim_request *request,
    struct ms_arc_result *out);

#endif
