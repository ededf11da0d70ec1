/* SPDX-License-Identifier: ISC
 * trace_priv.h - the pieces that trace.c puts together
 */
#ifndef MAILSONDE_RECEIVED_TRACE_PRIV_H
#define MAILSONDE_RECEIVED_TRACE_PRIV_H

#include "mailsonde/trace.h"

/* client_ip.c: the address that X-Originating-IP and kin claim, as a hop; false
 * when the header has none. */
bool client_ip_find(const struct ms_header *header, struct ms_hop *out);

/* trust.c: marks every hop, and names the boundary and the origin. */
void trust_mark(const struct ms_env *env, struct ms_trace *trace);

/* clock_model.c: delays, offsets, the total, the slowest hop. */
void clock_model(struct ms_trace *trace);

#endif
