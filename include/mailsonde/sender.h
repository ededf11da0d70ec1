/* SPDX-License-Identifier: ISC
 * sender.h - who handed the message to our side: what SPF is asked about
 */
#ifndef MAILSONDE_SENDER_H
#define MAILSONDE_SENDER_H

#include "mailsonde/authres.h"
#include "mailsonde/trace.h"

/* What the caller knows better than the message: --ip, --mail-from, --helo. */
struct ms_sender_given {
	struct ms_ip ip; /* .set false: not given */
	bool mail_from_given;
	struct ms_slice mail_from; /* empty: the null sender */
	struct ms_slice helo;      /* NULL: not given */
};

struct ms_sender {
	struct ms_ip ip;    /* .set false: nobody knows */
	const char *ip_why; /* a sentence, in any case */
	bool mail_from_known;
	struct ms_slice mail_from; /* local@domain; empty: the null sender */
	const char *mail_from_why;
	struct ms_slice helo; /* NULL: nobody knows */
	const char *helo_why;
};

/* An envelope address as people and fields write it, without white space and
 * angle brackets around it: of the null sender nothing is left. */
struct ms_slice ms_sender_address(struct ms_slice text);

/* Finds them: given; else the hop at the trust boundary (RFC 7208 2.3, 2.4),
 * Return-Path (RFC 5321 4.4), and fields that our own side wrote about that
 * hop. Never from what a stranger could have written, but for Return-Path,
 * which the final delivery replaces. `given` may be NULL. */
void ms_sender_find(const struct ms_parse *parse,
    const struct ms_message *message, const struct ms_trace *trace,
    const struct ms_claims *claims, const struct ms_sender_given *given,
    struct ms_sender *out);

#endif
