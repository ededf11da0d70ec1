/* SPDX-License-Identifier: ISC
 * dns_wrap.h - sources around a source: remembering, observing, recording;
 * and the one that replays a record
 *
 * Each closes the one inside it. None of them is to be closed while somebody
 * is asking.
 */
#ifndef MAILSONDE_DNS_WRAP_H
#define MAILSONDE_DNS_WRAP_H

#include "mailsonde/dns.h"
#include "mailsonde/ledger.h"
#include "mailsonde/limits.h"

/* One answer a question in one run: whoever asks again, or while the answer is
 * on its way, gets the same one, `seconds` and all, but without `wire`. So all
 * subjects rest on the same answers, and a record needs one line a question.
 * Answers live as long as the source. Beyond `limit` answers (0: none) further
 * questions are passed on. `prefetch` false drops hints. */
struct ms_dns_source *ms_dns_once(struct ms_dns_source *inner, size_t limit,
    bool prefetch, void (*oom)(void));

/* A source for one subject, in its arena, that does not wait: what has not been
 * answered yet is started, and is MS_DNS_PUT_OFF for now. So a judge that is
 * run again after each ms_dns_gather_wait asks at once all that it can ask by
 * then. Answers stay the same throughout; nothing in the arena may be given
 * back before it all is. `inner` must have `prefetch`; it is not closed. Not
 * thread-safe. */
struct ms_dns_gather;
struct ms_dns_gather *ms_dns_gather_new(
    struct ms_arena *arena, struct ms_dns_source *inner);
struct ms_dns_source *ms_dns_gather_source(struct ms_dns_gather *gather);

/* How often a question has been put off so far. */
size_t ms_dns_gather_put_off(const struct ms_dns_gather *gather);

/* Waits for what was put off: first for all that need not be validated. */
void ms_dns_gather_wait(struct ms_dns_gather *gather);

/* From now on it waits, as others do. */
void ms_dns_gather_end(struct ms_dns_gather *gather);

/* A customer's key for zones that are paid for. */
struct ms_dns_key {
	const char *zone; /* "zen.dq.spamhaus.net" */
	struct ms_slice
	    key; /* labels that stand between it and what is asked */
};

/* Puts the key into every name below such a zone. Above it names are without:
 * answers have the name that was asked for, "KEY" where the key stands in a
 * text, and no `wire`; of them only addresses and texts are passed on. `keys`
 * must outlive it. */
struct ms_dns_source *ms_dns_keyed(struct ms_dns_source *inner,
    const struct ms_dns_key *keys, size_t n, void (*oom)(void));

/* For one subject, in its arena: after `seconds` of the clock (NULL: it stands
 * still; 0: no end) what is asked times out unasked. A question that is under
 * way then is waited for. Does not close the one inside it; without an end it
 * is that one. */
struct ms_dns_source *ms_dns_until(struct ms_arena *arena,
    struct ms_dns_source *inner, double (*ticks)(void), double seconds);

/* Tells of every answer in one line for people, which may hold any octets.
 * `say` is called from several threads. */
struct ms_dns_source *ms_dns_observe(struct ms_dns_source *inner,
    void (*say)(void *context, struct ms_slice line), void *context,
    void (*oom)(void));

/* Writes a line a question into a ledger, which is not closed: answers of
 * every status, with their message after RFC 8427. `mark` (0, or
 * MS_DNS_ARCHIVED) keeps the questions of two sources apart in one ledger. */
struct ms_dns_source *ms_dns_record(struct ms_dns_source *inner,
    struct ms_ledger *ledger, unsigned mark, void (*oom)(void));

/* A source that has the answers of a record and no others: MS_DNS_NOT_RECORDED.
 * It is filled line by line, before anybody asks, and answers questions by the
 * lines that bear its mark. */
struct ms_dns_source *ms_dns_replay(
    const struct ms_limits *limits, unsigned mark, void (*oom)(void));

/* MS_FORMAT: the line is none that ms_dns_record writes; the diag says why. */
enum ms_status ms_dns_replay_add(struct ms_dns_source *replay,
    const struct ms_json *line, struct ms_diag *diag) MS_MUST_CHECK;

#endif
