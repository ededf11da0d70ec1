/* SPDX-License-Identifier: ISC
 * trace.h - the way a message came: order, trust, delays, clocks, origin
 */
#ifndef MAILSONDE_TRACE_H
#define MAILSONDE_TRACE_H

#include "mailsonde/env.h"
#include "mailsonde/message.h"
#include "mailsonde/received.h"

enum ms_trust {
	MS_TRUST_OURS,     /* written by a host of ours about a host of ours */
	MS_TRUST_BOUNDARY, /* written by ours about a stranger: the address is
			      true, the HELO is not */
	MS_TRUST_CLAIMED,  /* written by strangers */
};
const char *ms_trust_name(enum ms_trust trust);

struct ms_hop {
	struct ms_received received;
	enum ms_trust trust;
	unsigned field_index; /* of its field in the header block, from the
				 top; UINT_MAX for a synthetic one */
	bool synthetic;       /* from X-Originating-IP and kin */
	const char *synthetic_field; /* its name; NULL */
	bool delay_known;
	int64_t delay;        /* seconds since the hop before; may be < 0 */
	bool offset_known;    /* the clock model has an estimate for `by` */
	int64_t clock_offset; /* that clock minus the common time, seconds */
	bool unexplained;     /* no clock offset explains its time */
	const struct ms_special *special; /* of the ip; NULL */
	struct ms_geo_place geo;
	struct ms_id_time id_time;
	const char *notes[8]; /* short sentences, NULL-terminated */
};

struct ms_trace {
	struct ms_hop *hops; /* oldest first */
	size_t n;
	size_t received; /* Received fields in the header */
	size_t unparsed;
	bool truncated;
	bool trust_given;       /* --trust; else inferred */
	int boundary;           /* index of the boundary hop; -1 none */
	struct ms_ip origin;    /* the sending address at the boundary */
	int origin_hop;         /* index; -1 */
	const char *origin_why; /* sentence; also when there is no origin */
	struct ms_ip claimed_client; /* oldest claimed client address */
	int claimed_hop;             /* index; -1 */
	bool total_known;
	int64_t total; /* seconds, first to last dated hop */
	int slowest;   /* index of the hop with the longest delay; -1 */
};

/* Builds the way from the message's fields. Geography by env->geo. */
void ms_trace_build(const struct ms_env *env, const struct ms_parse *parse,
    const struct ms_message *message, struct ms_trace *out);

/* How far the field at that index from the top can be believed: fields above
 * the boundary hop's Received are ours, those below are claimed. */
enum ms_trust ms_trace_field_trust(
    const struct ms_trace *trace, unsigned field_index);

#endif
