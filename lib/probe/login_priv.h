/* SPDX-License-Identifier: ISC
 * login_priv.h - how the protocols carry a log-in
 */
#ifndef MAILSONDE_LOGIN_PRIV_H
#define MAILSONDE_LOGIN_PRIV_H

#include "probe_priv.h"

/* What a server answers to a step. */
enum login_said {
	LOGIN_CHALLENGE,
	LOGIN_ACCEPTED,
	LOGIN_REJECTED,
	LOGIN_GONE,    /* nothing came, and that is noted */
	LOGIN_GARBAGE, /* what came is against the protocol */
};

struct login_answer {
	enum login_said said;
	struct ms_slice challenge; /* decoded; with LOGIN_ACCEPTED what came
				      with it, p == NULL: nothing */
	int code;
	struct ms_slice text;
};

/* How a protocol carries it, RFC 4422 4. Octets go without base64. */
struct login_carrier {
	const char *service; /* RFC 4422 4: its name */
	/* Where the first message may stand: its base64 has at most so many
	 * octets; 0: nowhere. */
	size_t (*first_max)(const struct probe *probe, const char *mechanism);
	/* `first`: NULL: not with it. */
	bool (*begin)(struct probe *probe, const char *mechanism,
	    const struct ms_slice *first);
	bool (*respond)(struct probe *probe, struct ms_slice octets);
	bool (*cancel)(struct probe *probe);
	void (*answer)(struct probe *probe, struct login_answer *out);
	/* The way without SASL; NULL: there is none. */
	const char *plain_name;
	bool (*has_plain)(const struct probe *probe);
	void (*plain)(struct probe *probe, struct login_answer *out);
	/* A line that holds a challenge, as it may be shown; p == NULL: it
	 * holds none. */
	struct ms_slice (*veil)(struct probe *probe, struct ms_slice line);
};

/* NULL: nobody logs in by it. */
const struct login_carrier *login_carrier(const struct probe *probe);

#endif
