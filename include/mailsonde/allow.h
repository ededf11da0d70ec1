/* SPDX-License-Identifier: ISC
 * allow.h - which servers and domains may be asked about
 */
#ifndef MAILSONDE_ALLOW_H
#define MAILSONDE_ALLOW_H

#include "mailsonde/probe.h"

/* [SCHEME://]HOST[:PORT] */
struct ms_allow {
	const struct ms_protocol *protocol; /* NULL: any */
	bool any;                           /* "*" */
	bool below;           /* "*.example.org": those below the name */
	struct ms_slice name; /* A-labels, lower case; n == 0: `any` or `net` */
	struct ms_net net;    /* an address or a network; set: net.ip.set */
	uint16_t port;        /* 0: those that are a protocol's own */
};

/* "mx.example.org", "*.example.org", "192.0.2.0/24", "2001:db8::/32", "*"; with
 * a protocol before it and a port behind it: "smtp://mx.example.org:2525",
 * "[2001:db8::/32]:25". False: *wrong says what it lacks. */
bool ms_allow_read(struct ms_arena *arena, struct ms_slice text,
    struct ms_allow *out, const char **wrong);

/* Whether one of them is of the target: of its host as it was given, a name or
 * an address, and not of what the name leads to. A port that is no mail
 * protocol's own must be named. */
bool ms_allow_target(const struct ms_allow *list, size_t n,
    const struct ms_probe_target *target);

/* Whether one without protocol and port is of the name (A-labels, lower
 * case). */
bool ms_allow_domain(
    const struct ms_allow *list, size_t n, struct ms_slice name);

#endif
