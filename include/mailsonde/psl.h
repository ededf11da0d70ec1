/* SPDX-License-Identifier: ISC
 * psl.h - the public suffix list: under which names anybody can register
 *
 * For RFC 7489, and for judging by eye what belongs together. DMARC of RFC
 * 9989 does not need it. A source as the others are: the system's list, a
 * replayed one, none.
 */
#ifndef MAILSONDE_PSL_H
#define MAILSONDE_PSL_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/status.h"

enum ms_psl_section {
	MS_PSL_UNLISTED, /* no rule but the implicit "*": an unknown TLD */
	MS_PSL_ICANN,
	MS_PSL_PRIVATE, /* github.io: a company's, and yet many owners' */
};

struct ms_psl_answer {
	bool known;           /* there was a list to ask, and the name is one */
	struct ms_slice name; /* asked for: lower case, no final dot */
	struct ms_slice suffix;      /* "co.uk", by both sections */
	struct ms_slice registrable; /* "example.co.uk"; p == NULL: the name
					is a suffix itself */
	struct ms_slice icann_registrable; /* by the ICANN section alone */
	enum ms_psl_section section; /* of the rule that made the suffix */
};

struct ms_psl_about {
	const char *source; /* path of the list; "" in a replay; NULL: none */
	int64_t date;       /* of the list; 0 unknown */
};

struct ms_psl {
	/* Slices of *out live in `arena`. Letter case and one final dot do not
	 * matter; an address, an empty label, a control octet or more than 253
	 * octets are no name. A-labels and U-labels (UTF-8, lower case) are
	 * both understood and come back as they were. Thread-safe. */
	void (*ask)(struct ms_psl *self, struct ms_slice domain,
	    struct ms_arena *arena, struct ms_psl_answer *out);
	/* Opens the list if nobody has asked yet. Thread-safe. */
	struct ms_psl_about (*about)(struct ms_psl *self);
	void (*close)(struct ms_psl *self);
};

/* The list of the system by libpsl, both opened when first asked. Never NULL;
 * where either is missing it knows nothing. */
struct ms_psl *ms_psl_system(void);

/* A list that knows nothing. */
struct ms_psl *ms_psl_none(void);

/* Around a list, which it closes: a line in the ledger for each name that is
 * asked for. */
struct ms_ledger;
struct ms_psl *ms_psl_record(
    struct ms_psl *inner, struct ms_ledger *ledger, void (*oom)(void));

/* A list that has the answers of such lines, added before anybody asks, and
 * knows nothing else. `about` is copied. MS_FORMAT: the line is none of those.
 */
struct ms_json;
struct ms_psl *ms_psl_replay(
    const struct ms_psl_about *about, void (*oom)(void));
enum ms_status ms_psl_replay_add(
    struct ms_psl *replay, const struct ms_json *line) MS_MUST_CHECK;

/* The name in the form in which lists are asked: lower case, without the final
 * dot, in the arena. p == NULL when it is no name (see above). */
struct ms_slice ms_psl_normalise(
    struct ms_slice domain, struct ms_arena *arena);

/* Organizational domain of RFC 7489 3.2: the registrable domain, or the name
 * itself when it is a suffix. p == NULL when unknown. */
struct ms_slice ms_psl_organization(const struct ms_psl_answer *answer);

#endif
