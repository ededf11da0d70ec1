/* SPDX-License-Identifier: ISC
 * rr_priv.h - records and messages, as the sources of lib/dns share them
 *
 * What libldns knows of them comes through here in our own words: rdata in
 * wire form with its names not compressed.
 */
#ifndef MAILSONDE_DNS_RR_PRIV_H
#define MAILSONDE_DNS_RR_PRIV_H

#include "mailsonde/dns.h"
#include "mailsonde/limits.h"

/* A record as it lies about. */
struct rr {
	struct ms_slice owner; /* wire form */
	uint16_t type;
	uint32_t ttl;
	struct ms_slice rdata; /* wire form, names not compressed */
};

/* Fills a record, the union by its type; text goes to the arena, `rdata` is
 * not copied. False: the rdata is not what its type asks for. */
bool rr_decode(
    struct ms_arena *arena, const struct rr *rr, struct ms_dns_record *out);

/* A copy of which nothing lies elsewhere, but for `wire`, which is left out.
 */
void rr_copy_answer(struct ms_arena *arena, const struct ms_dns_answer *in,
    struct ms_dns_answer *out);

/* What makes two questions the same, as bytes: letter case does not. */
#define RR_KEY_MAX (258 + 18)
struct ms_slice rr_key(
    const struct ms_dns_question *question, unsigned char room[RR_KEY_MAX]);

/* ---- messages ---- */

enum rr_query_flags {
	RR_EDNS = 1 << 0, /* with a UDP size of 1,232 */
	RR_DO = 1 << 1,   /* signatures wanted (RFC 3225); with RR_EDNS */
	RR_AD = 1 << 2,   /* the AD bit is understood (RFC 6840 5.7) */
	RR_CD = 1 << 3,   /* do not validate for us */
};
#define RR_QUERY_MAX 300

/* A question, recursion desired, as octets for the wire; their number. The
 * name's case is kept (0x20). */
size_t rr_query(const struct ms_dns_question *question, uint16_t id,
    unsigned flags, unsigned char out[RR_QUERY_MAX]);

/* What only he who asked can judge. */
struct rr_reading {
	bool truncated, authentic; /* TC AD */
	/* The chain of CNAMEs ends at a name of which the message says
	 * nothing: to be asked for `next`. The answer's status is then
	 * MS_DNS_NODATA, and not to be believed. */
	bool open_end;
	struct ms_dns_name next;
};

/* Reads the answer to a question out of a message whose header and question
 * its reader has checked. `wire` is kept in the answer, not copied. One
 * damaged record spoils the answer only where it would have been part of it.
 * A referral is no answer, MS_DNS_BROKEN, but to a question to a server. */
void rr_read_answer(struct ms_slice wire,
    const struct ms_dns_question *question, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_dns_answer *out,
    struct rr_reading *reading);

/* ---- master files ---- */

struct rr_reader;

/* Reads records out of master-file text (RFC 1035 5.1); `text` must last. To be
 * closed before its arena goes. */
struct rr_reader *rr_reader_open(struct ms_arena *arena, struct ms_slice text);
void rr_reader_close(struct rr_reader *reader);

/* The next record, its bytes in `arena`. MS_END behind the last, MS_FORMAT for
 * what cannot be read; *wrong says why, and reading can go on. */
enum ms_status rr_reader_next(struct rr_reader *reader, struct ms_arena *arena,
    struct rr *out, const char **wrong) MS_MUST_CHECK;

/* The line, counting from 1, where what was read last ends. */
unsigned rr_reader_line(const struct rr_reader *reader);

#endif
