/* SPDX-License-Identifier: ISC
 * domain.h - a domain's mail DNS, checked and mended
 *
 * Each check looks at one subject (MX, SPF, DANE …) and leaves outcomes: what
 * it found, the records that it rests on, and what exactly to publish. What
 * could not be told is an outcome of its own, never a pass or a fail.
 */
#ifndef MAILSONDE_DOMAIN_H
#define MAILSONDE_DOMAIN_H

#include "mailsonde/env.h"
#include "mailsonde/severity.h"

enum ms_domain_status {
	MS_DOMAIN_PASS,
	MS_DOMAIN_WARN,
	MS_DOMAIN_FAIL,
	MS_DOMAIN_SKIP,  /* not looked at, and why */
	MS_DOMAIN_ERROR, /* could not tell */
};
/* "pass", "warn", "fail", "skip", "error". */
const char *ms_domain_status_name(enum ms_domain_status status);

/* What the domain is for, RFC 7505 and 7208 10.1.2. */
enum ms_domain_profile {
	MS_DOMAIN_UNKNOWN, /* to be guessed from its records */
	MS_DOMAIN_MAIL,    /* sends and receives */
	MS_DOMAIN_SENDER,  /* only sends */
	MS_DOMAIN_PARKED,  /* neither */
};
/* "mail", "sender", "parked"; NULL for unknown. */
const char *ms_domain_profile_name(enum ms_domain_profile profile);

/* A change to the zone that mends it. */
struct ms_domain_change {
	bool remove;       /* else add */
	const char *owner; /* absolute, with its final dot */
	const char *type;  /* "TXT" */
	const char *rdata; /* presentation form; of a removal NULL: all of the
			      type */
	struct ms_domain_change *next;
};

struct ms_domain_outcome {
	/* The finding's id, begins with the check's subject:
	 * "mx-target-cname"; of a pass the check's own id. */
	const char *id;
	enum ms_domain_status status;
	enum ms_severity severity; /* of WARN and FAIL */
	const char *title;         /* what, a clause without a full stop */
	const char *detail;        /* why it matters, with the particulars;
				      NULL */
	const char **records;      /* presentation lines that it rests on */
	size_t records_n;
	const char *fix; /* the step in words, or the exact record; NULL */
	const char *reference;
	struct ms_domain_change *changes; /* the fix as records; NULL */
	unsigned cost;                    /* points off 100 */
	bool unchanged;                   /* since the baseline */
	const struct ms_domain_check *check;
	struct ms_domain_outcome *next;
};

/* A line of the zone that mends it all. */
enum ms_domain_line_kind {
	MS_DOMAIN_LINE_KEEP,
	MS_DOMAIN_LINE_ADD,
	MS_DOMAIN_LINE_REMOVE,
	MS_DOMAIN_LINE_UNKNOWN, /* whether it has such a record: could not
				   tell */
};

struct ms_domain_line {
	enum ms_domain_line_kind kind;
	const char *owner; /* absolute, with its final dot */
	const char *type;
	const char *rdata; /* NULL: all of the type; of UNKNOWN */
	uint32_t ttl;
	struct ms_domain_line *next;
};

/* An outcome of the baseline that is no more. */
struct ms_domain_gone {
	struct ms_slice id, status, title;
	struct ms_slice *records;
	size_t n;
	struct ms_domain_gone *next;
};

/* One address of a host, with what its network says of it. */
struct ms_domain_address {
	struct ms_ip ip;
	struct ms_dns_answer ptr; /* filled by ms_domain_ptr */
	bool ptr_asked;
};

struct ms_domain_host {
	struct ms_slice name; /* as in the MX record; "." for null MX */
	unsigned preference;
	struct ms_dns_answer a, aaaa;
	struct ms_domain_address *addresses; /* IPv4 first */
	size_t n;
};

struct ms_domain_mx {
	struct ms_dns_answer answer;
	bool null_mx;                 /* RFC 7505: the one record is "0 ." */
	bool implicit;                /* no MX, but an address: RFC 5321 5.1 */
	struct ms_domain_host *hosts; /* by preference, then as answered */
	size_t n;
	bool truncated; /* more than limits->domain_mx */
};

/* A selector of DKIM that a message has. */
struct ms_domain_seen {
	struct ms_slice domain, selector;
};

/* Opaque: what is expected, and an earlier result. */
struct ms_domain_expect;
struct ms_domain_baseline;

struct ms_dnsbl_set;

struct ms_domain_options {
	const struct ms_domain_expect *expect;     /* NULL */
	const struct ms_domain_baseline *baseline; /* NULL */
	bool fix;                     /* the zone that mends it is wanted */
	const char *const *selectors; /* of DKIM, given */
	size_t selectors_n;
	const struct ms_domain_seen *seen; /* and of messages */
	size_t seen_n;
	const char *const *only; /* ids of checks; none: all of them */
	size_t only_n;
	enum ms_domain_profile profile;   /* unknown: guess */
	const struct ms_dnsbl_set *lists; /* to ask; NULL: the table */
	bool active;     /* ask what others may dislike (zone transfer) */
	bool reputation; /* ask block lists */
	bool connect;    /* fetch policies, talk to servers */
};

/* One domain under examination; all in `arena`. */
struct ms_domain_case {
	const struct ms_env *env;
	struct ms_arena *arena;
	const struct ms_domain_options *options;
	struct ms_slice name;    /* A-labels, lower case, no final dot */
	struct ms_slice unicode; /* as given, where it had U-labels; NULL */
	enum ms_domain_profile profile;
	bool profile_guessed;
	const char *profile_why;
	struct ms_domain_mx *mx;        /* filled by ms_domain_mx */
	struct domain_servers *servers; /* spoken with: of lib/domain */
	const struct ms_domain_check *running;
	struct ms_domain_outcome *outcomes, *outcomes_last;
	size_t outcomes_n;
	bool compared; /* the baseline has this domain */
	struct ms_domain_gone *gone;
	const struct ms_domain_line *fix; /* where options->fix */
	bool told;      /* not all failed: only then there is a score */
	unsigned score; /* of 100 */
};

enum ms_domain_needs {
	MS_DOMAIN_NEEDS_DNS = 1 << 0,
	MS_DOMAIN_NEEDS_CONNECT = 1 << 1,    /* --connect */
	MS_DOMAIN_NEEDS_ACTIVE = 1 << 2,     /* --active */
	MS_DOMAIN_NEEDS_REPUTATION = 1 << 3, /* --reputation */
};

/* A question that a check is sure to ask, to be asked early. */
struct ms_domain_hint {
	const char *prefix; /* "_dmarc"; "" : the domain itself */
	enum ms_dns_type type;
};

struct ms_domain_check {
	const char *id;    /* "mx", "dmarc": its subject, and the id of its
			      pass */
	const char *title; /* what it looks at */
	const char *reference;
	unsigned needs;                     /* enum ms_domain_needs */
	const struct ms_domain_hint *hints; /* ended by prefix NULL; NULL */
	/* May be run several times, for as long as answers are put off; what it
	 * left behind then is thrown away. Its first questions should not wait
	 * for one another. With --connect and --active it is run once, and
	 * what is fetched is remembered. */
	void (*run)(struct ms_domain_case *subject);
};

/* Every check in its order, NULL-terminated. */
const struct ms_domain_check *const *ms_domain_checks(void);

/* Reads a subject as people give it: a name, with a final dot, in capitals,
 * with U-labels, the domain of an address or of a URL (`note` says what was
 * taken). False: *note says what is wrong, and what to use. */
bool ms_domain_read(struct ms_arena *arena, struct ms_slice text,
    struct ms_slice *name, struct ms_slice *unicode, const char **note);

/* Runs every check over out->name; the caller has filled env, arena, options
 * and name. */
void ms_domain_run(struct ms_domain_case *out);

/* The changes of all outcomes as lines of a zone, name by name: what goes, what
 * comes, and what stays at the same name, which is asked for. In the subject's
 * arena; NULL when nothing is to be published. */
const struct ms_domain_line *ms_domain_fix(struct ms_domain_case *subject);

/* Reads a file of "key value" lines (see mailsonde-domain(1)). `text` must
 * outlive it. MS_FORMAT: a line is none; diag says which. */
enum ms_status ms_domain_expect_read(struct ms_arena *arena,
    struct ms_slice text, struct ms_domain_expect **out,
    struct ms_diag *diag) MS_MUST_CHECK;

/* Reads results of an earlier run, an NDJSON line each; of a domain that
 * occurs again the last counts. `text` must outlive it. MS_FORMAT: a line is
 * no result. */
enum ms_status ms_domain_baseline_read(struct ms_arena *arena,
    struct ms_slice text, struct ms_domain_baseline **out,
    struct ms_diag *diag) MS_MUST_CHECK;

#endif
