/* SPDX-License-Identifier: ISC
 * flight.c - one question on its way: tries, and what a reply means
 *
 * A question is tried over UDP, soon again when nothing comes, each try with
 * an id of its own; what answers first counts, and earlier tries stay open
 * until then. Several resolvers are asked in turn. A reply is looked at no
 * further than is needed to know whether it is the answer; reading it is its
 * caller's work.
 */
#include "live_priv.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#define MS ((live_time)1000)

#define FIRST_WAIT    (400 * MS) /* while nothing is known of a resolver */
#define WAIT_MIN      (150 * MS)
#define WAIT_MAX      (1000 * MS)
#define STREAM_WAIT   (1500 * MS)
#define DEAD_TIME     (10 * LIVE_SECOND)
#define DEAD_SILENT   5 /* tries without an answer in between */
#define REFUSED_TIMES 2
#define NARROW_WAIT   (100 * MS)
#define NARROWEST     16
#define REFUSED_MANY  4          /* for good: it is no limit of its rate */
#define REFUSED_WAIT  (200 * MS) /* a rate limit may have passed by then */
#define LOST_WAIT     (50 * MS)
#define LOST_MAX      3 /* tries a resolver that nobody took */

enum rcode {
	RCODE_NOERROR = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	RCODE_BADVERS = 16,
};

/* ---- the beginning ---- */

/* One that has ended, or a new one; never more than may fly at once. */
static struct flight *
spare_flight(struct loop *loop)
{
	struct flight *flight = loop->spare;

	if (flight) {
		loop->spare = flight->next;
		return flight;
	}
	if (!loop->flights)
		loop->flights =
		    live_alloc(loop->live->in_flight * sizeof(struct flight *));
	flight = live_alloc(sizeof(*flight));
	memset(&flight->bad, 0, sizeof(flight->bad));
	loop->flights[loop->flights_n++] = flight;
	return flight;
}

void
flight_free_all(struct loop *loop)
{
	for (unsigned i = 0; i < loop->flights_n; i++) {
		free(loop->flights[i]->bad.wire);
		free(loop->flights[i]);
	}
	free(loop->flights);
}

/* Letters in random case: one more bit a letter for a forger to guess
 * (draft-vixie-dnsext-dns0x20). Length octets lie below the letters. */
static void
write_name(
    struct loop *loop, const struct ms_dns_name *name, unsigned char *out)
{
	unsigned char bits[32];

	noise_bytes(&loop->noise, bits, (name->n + 7u) / 8);
	for (size_t i = 0; i < name->n; i++) {
		unsigned char c = name->wire[i];
		unsigned letter = c >= 'a' && c <= 'z';
		unsigned upper = letter & (unsigned)bits[i / 8] >> i % 8;

		out[i] = (unsigned char)(c - (upper << 5));
	}
}

/* Ours are the name and the type; what is around them is libldns'. */
static void
write_packet(struct loop *loop, struct flight *flight)
{
	const struct entry *entry = flight->entry;
	size_t form = entry->want & MS_DNS_VALIDATED ? 1 : 0;
	const unsigned char *around = loop->live->form[form].p;
	size_t tail = loop->live->form[form].n - 17;
	unsigned char *p = flight->packet;

	memcpy(p, around, 12);
	write_name(loop, &entry->name, p + 12);
	p += 12 + entry->name.n;
	p[0] = (unsigned char)(entry->type >> 8);
	p[1] = (unsigned char)entry->type;
	memcpy(p + 2, around + 15, 2 + tail);
	flight->question_n = (size_t)entry->name.n + 4;
	flight->packet_n = 12 + flight->question_n + tail;
	if (entry->server.set)
		flight->packet[2] &= 0xfe; /* RD */
}

/* ---- the end ---- */

static void
try_drop(struct try *try)
{
	if (try->udp)
		udp_drop(try);
	if (try->tcp)
		tcp_drop(try);
}

static void
drop_tries(struct flight *flight)
{
	for (size_t i = 0; i < flight->tries_used; i++)
		try_drop(&flight->tries[i]);
}

static bool
is_waiting(const struct flight *flight)
{
	for (size_t i = 0; i < flight->tries_used; i++)
		if (flight->tries[i].udp || flight->tries[i].tcp)
			return true;
	return false;
}

/* It has had its time, and is to keep nobody else waiting. */
static void
grow_old(struct loop *loop, struct flight *flight)
{
	loop->fresh -= flight->fresh;
	flight->fresh = false;
}

void
flight_settle(struct loop *loop, struct flight *flight, struct outcome outcome)
{
	struct entry *entry = flight->entry;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	outcome.time = now.tv_sec;
	if (entry->server.set)
		outcome.resolver = NULL; /* it is not kept for so long */
	outcome.seconds =
	    (double)(loop->now - flight->started) / (double)LIVE_SECOND;
	entry->outcome = outcome;
	drop_tries(flight);
	wheel_drop(&loop->wheel, &flight->timer);
	if (flight->validation)
		validator_cancel(loop, flight);
	free(flight->bad.wire);
	flight->bad.wire = NULL;
	if (entry->server.set)
		server_drop(flight->resolvers);
	flight->next = loop->spare;
	loop->spare = flight;
	entry_append(&loop->settled, entry);
	grow_old(loop, flight);
	loop->in_flight--;
}

unsigned char *
flight_copy(const struct flight *flight, const unsigned char *p, size_t n)
{
	const struct ms_dns_name *name = &flight->entry->name;
	unsigned char *copy = live_alloc(n);

	memcpy(copy, p, n);
	if (n >= 12 + (size_t)name->n)
		memcpy(copy + 12, name->wire, name->n);
	return copy;
}

static void
settle_failed(struct loop *loop, struct flight *flight,
    enum ms_dns_status status, const char *text)
{
	const struct resolver *resolver = &flight->resolvers[flight->resolver];
	struct outcome outcome = flight->bad;
	char why[256];

	flight->bad.wire = NULL;
	if (!outcome.resolver) {
		outcome.resolver = resolver;
		outcome.status = status;
	} else {
		text = "an error without its question from";
		resolver = outcome.resolver;
	}
	if (!outcome.wire) {
		snprintf(why, sizeof(why), "%s %s", text, resolver->text);
		outcome.why = live_alloc(strlen(why) + 1);
		memcpy(outcome.why, why, strlen(why) + 1);
	}
	flight_settle(loop, flight, outcome);
}

void
flight_refuse(
    struct loop *loop, struct entry *entry, const struct resolver *server)
{
	struct outcome outcome = { .status = MS_DNS_TIMEOUT };
	struct timespec now;
	char why[256];

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	outcome.time = now.tv_sec;
	snprintf(why, sizeof(why),
	    "not asked, for others had no answer in time from %s",
	    server->text);
	outcome.why = live_alloc(strlen(why) + 1);
	memcpy(outcome.why, why, strlen(why) + 1);
	entry->outcome = outcome;
	entry_append(&loop->settled, entry);
}

/* ---- asking ---- */

/* The resolvers in turn, the living first; not those that have already given
 * a bad answer. */
static unsigned
pick(const struct loop *loop, const struct flight *flight)
{
	unsigned n = flight->resolvers_n;
	unsigned start = flight->tries_n ? flight->resolver + 1 : 0;

	for (unsigned i = 0; i < 2 * n; i++) {
		unsigned at = (start + i) % n;
		live_time dead = flight->resolvers[at].dead_until;

		if (!(flight->failed >> at & 1) &&
		    (i >= n || dead <= loop->now))
			return at;
	}
	return start % n;
}

/* How long to wait for an answer: RFC 6298 2, doubled each time round. */
static live_time
patience(const struct flight *flight)
{
	const struct resolver *resolver = &flight->resolvers[flight->resolver];
	unsigned rounds = (flight->tries_n - 1) / flight->resolvers_n;
	live_time wait =
	    resolver->rtt ? resolver->rtt + 4 * resolver->rtt_var : FIRST_WAIT;

	if (wait < WAIT_MIN)
		wait = WAIT_MIN;
	if (wait > WAIT_MAX)
		wait = WAIT_MAX;
	if (flight->stream && wait < STREAM_WAIT)
		wait = STREAM_WAIT;
	return wait << rounds;
}

static void
set_timer(struct loop *loop, struct flight *flight, live_time wait)
{
	live_time when = loop->now + wait;

	wheel_set(&loop->wheel, &flight->timer,
	    when < flight->deadline ? when : flight->deadline);
}

static struct try *
free_try(struct flight *flight)
{
	if (flight->tries_n >= FLIGHT_TRIES)
		return NULL;
	for (size_t i = 0; i < flight->tries_used; i++)
		if (!flight->tries[i].udp && !flight->tries[i].tcp)
			return &flight->tries[i];
	memset(&flight->tries[flight->tries_used], 0, sizeof(struct try));
	return &flight->tries[flight->tries_used++];
}

/* The system has no descriptor or no memory to spare: later it may have. */
static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM || error == EAGAIN;
}

/* The system has no way to such an address: IPv6 missing, for one. What comes
 * from the network itself arrives later, at the socket. */
static bool
is_no_route(int error)
{
	return error == ENETUNREACH || error == EHOSTUNREACH ||
	       error == EAFNOSUPPORT || error == EADDRNOTAVAIL ||
	       error == EINVAL; /* a link-local one, without its link */
}

static void
leave_edns(struct flight *flight)
{
	flight->plain = true;
	flight->packet_n = 12 + flight->question_n;
	flight->packet[11] = 0; /* ARCOUNT */
}

static void
ask_at(struct loop *loop, struct flight *flight, unsigned resolver)
{
	struct try *try = free_try(flight);
	int error;

	if (!try) {
		set_timer(loop, flight, flight->deadline - loop->now);
		return;
	}
	/* Silence may be what a server has for EDNS (RFC 6891 6.2.2). */
	if (flight->tries_n >= 2 * flight->resolvers_n)
		leave_edns(flight);
	flight->resolver = resolver;
	try->flight = flight;
	try->resolver = (uint8_t)resolver;
	try->sent = loop->now;
	error = flight->stream ? tcp_send(loop, try) : udp_send(loop, try);
	if (is_shortage(error)) {
		set_timer(loop, flight, LOST_WAIT);
		return;
	}
	flight->tries_n++;
	set_timer(loop, flight, patience(flight));
	if (error && flight->entry->server.set && is_no_route(error))
		settle_failed(loop, flight, MS_DNS_NO_ROUTE,
		    "this machine has no way to");
	else if (error)
		flight_lost(loop, try, error);
}

static void
ask(struct loop *loop, struct flight *flight)
{
	ask_at(loop, flight, pick(loop, flight));
}

void
flight_start(struct loop *loop, struct entry *entry)
{
	struct flight *flight;

	if (entry->server.set && server_defer(loop, entry))
		return;
	flight = spare_flight(loop);
	memset(flight, 0, offsetof(struct flight, tries));
	flight->entry = entry;
	flight->started = loop->now;
	flight->deadline = loop->now + loop->live->timeout;
	flight->fresh = true;
	loop->fresh++;
	loop->in_flight++;
	write_packet(loop, flight);
	if (entry->server.set) {
		flight->resolvers = server_take(loop, entry);
		flight->resolvers_n = 1;
		if (!loop->servers.heard &&
		    loop->servers.silent >= SERVERS_SILENT) {
			settle_failed(loop, flight, MS_DNS_NO_ROUTE,
			    "only resolvers seem to be let through: not asked "
			    "was");
			return;
		}
	} else {
		flight->resolvers = loop->live->resolvers;
		flight->resolvers_n = loop->live->resolvers_n;
	}
	if (entry->type == MS_DNS_AXFR) {
		leave_edns(flight);
		flight->stream = true;
	}
	if (entry->want & MS_DNS_VALIDATED) {
		grow_old(loop, flight);
		set_timer(loop, flight, loop->live->timeout);
		if (validator_start(loop, flight))
			return; /* and may be over already */
	}
	ask(loop, flight);
}

void
flight_timer(struct loop *loop, struct flight *flight)
{
	struct resolver *resolver = &flight->resolvers[flight->resolver];

	if (loop->now >= flight->deadline) {
		loop->servers.silent += flight->entry->server.set;
		if (flight->unreachable && !is_waiting(flight))
			settle_failed(
			    loop, flight, MS_DNS_UNREACHABLE, "cannot reach");
		else
			settle_failed(loop, flight, MS_DNS_TIMEOUT,
			    "no answer in time from");
		return;
	}
	grow_old(loop, flight);
	if (is_waiting(flight) && ++resolver->silent >= DEAD_SILENT)
		resolver->dead_until = loop->now + DEAD_TIME;
	ask(loop, flight);
}

void
flight_lost(struct loop *loop, struct try *try, int error)
{
	struct flight *flight = try->flight;
	struct resolver *resolver = flight_resolver(try);

	try_drop(try);
	if (error) {
		resolver->dead_until = loop->now + DEAD_TIME;
		flight->unreachable++;
	}
	if (is_waiting(flight))
		return;
	if (flight->unreachable >= LOST_MAX * flight->resolvers_n ||
	    flight->tries_n >= FLIGHT_TRIES) {
		settle_failed(loop, flight, MS_DNS_UNREACHABLE,
		    flight->stream ? "the answer is too long for UDP, and "
				     "there is no TCP at"
				   : "nobody listens at");
		return;
	}
	set_timer(loop, flight,
	    flight->unreachable < flight->resolvers_n
		? 0
		: LOST_WAIT << flight->unreachable);
}

/* ---- replies ---- */

static unsigned
get_16(const unsigned char *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

/* RFC 6298 2; only where it is clear which try was answered (Karn). */
static void
note_answer(
    struct loop *loop, const struct flight *flight, const struct try *try)
{
	struct resolver *resolver = flight_resolver(try);
	live_time rtt = loop->now - try->sent + 1, off;

	resolver->silent = 0;
	resolver->dead_until = 0;
	if (flight->tries_n > 1 || flight->stream)
		return;
	if (!resolver->rtt) {
		resolver->rtt = rtt;
		resolver->rtt_var = rtt / 2;
		return;
	}
	off = rtt > resolver->rtt ? rtt - resolver->rtt : resolver->rtt - rtt;
	resolver->rtt_var = (3 * resolver->rtt_var + off) / 4;
	resolver->rtt = (7 * resolver->rtt + rtt) / 8;
}

/* RCODE, with its upper bits where nothing but an OPT record follows the
 * question: that is how BADVERS comes (RFC 6891 6.1.3, 9). */
static unsigned
rcode_of(const struct flight *flight, const unsigned char *p, size_t n)
{
	size_t opt = 12 + flight->question_n;
	unsigned rcode = p[3] & 15u;

	if (get_16(p + 4) == 1 && get_16(p + 6) == 0 && get_16(p + 8) == 0 &&
	    get_16(p + 10) == 1 && n >= opt + 11 && p[opt] == 0 &&
	    get_16(p + opt + 1) == 41)
		rcode |= (unsigned)p[opt + 5] << 4;
	return rcode;
}

/* A referral from a server that does not recurse: no answer, and the next
 * resolver may do better. */
static bool
is_lame(const unsigned char *p)
{
	bool authoritative = p[2] & 4, recursion = p[3] & 0x80;

	return get_16(p + 6) == 0 && get_16(p + 8) > 0 && !authoritative &&
	       !recursion;
}

static void
settle_answered(struct loop *loop, struct flight *flight, unsigned resolver,
    const unsigned char *p, size_t n)
{
	struct outcome outcome = { .wire_n = n };
	live_time span = loop->now - flight->started;

	loop->span = (63 * loop->span + span) / 64;
	if (loop->window < loop->live->in_flight)
		loop->window++;
	outcome.wire = flight_copy(flight, p, n);
	outcome.resolver = &flight->resolvers[resolver];
	flight->resolvers[resolver].answered = true;
	flight_settle(loop, flight, outcome);
}

/* Keeps a bad answer for the case that there will be no better one. Without
 * its question it is a word, and no more. */
static void
keep_bad(struct flight *flight, const struct try *try, const unsigned char *p,
    size_t n)
{
	struct outcome *bad = &flight->bad;

	free(bad->wire);
	memset(bad, 0, sizeof(*bad));
	bad->resolver = flight_resolver(try);
	if (get_16(p + 4) == 1) {
		bad->wire = flight_copy(flight, p, n);
		bad->wire_n = n;
		return;
	}
	bad->status = (p[3] & 15) == RCODE_SERVFAIL  ? MS_DNS_SERVFAIL
		      : (p[3] & 15) == RCODE_REFUSED ? MS_DNS_REFUSED
						     : MS_DNS_BROKEN;
}

static bool
is_untried(const struct flight *flight)
{
	return flight->failed != (1u << flight->resolvers_n) - 1;
}

/* REFUSED may be the word of a rate limit: fewer at once, for a while. */
static void
narrow(struct loop *loop)
{
	if (loop->now - loop->narrowed < NARROW_WAIT)
		return;
	loop->narrowed = loop->now;
	loop->window /= 2;
	if (loop->window < NARROWEST)
		loop->window = NARROWEST;
}

/* Not all together again, or they meet the same limit. */
static live_time
refused_wait(struct loop *loop, struct flight *flight)
{
	live_time wait = REFUSED_WAIT << flight->backed_off++;

	return wait + wait * noise_16(&loop->noise) / 32768;
}

/* Refused again and again, and never answered: it will not have us. */
static bool
is_closed(const struct resolver *resolver)
{
	return !resolver->answered && resolver->refused >= REFUSED_MANY;
}

/* SERVFAIL, REFUSED and their like: another resolver may know better. */
static void
bad_answer(struct loop *loop, struct flight *flight, struct try *try,
    const unsigned char *p, size_t n)
{
	struct resolver *resolver = flight_resolver(try);
	bool refused = (p[3] & 15) == RCODE_REFUSED;

	keep_bad(flight, try, p, n);
	flight->failed |= 1u << try->resolver;
	try_drop(try);
	if (is_untried(flight)) {
		if (!is_waiting(flight))
			ask(loop, flight);
	} else if (refused && !flight->entry->server.set &&
		   flight->backed_off < REFUSED_TIMES && !is_closed(resolver)) {
		narrow(loop);
		flight->failed = 0;
		set_timer(loop, flight, refused_wait(loop, flight));
	} else {
		resolver->refused += refused;
		settle_failed(loop, flight, MS_DNS_BROKEN, "");
	}
}

static void
ask_over_tcp(struct loop *loop, struct flight *flight, unsigned resolver)
{
	grow_old(loop, flight);
	drop_tries(flight);
	flight->stream = true;
	ask_at(loop, flight, resolver);
}

static void
ask_without_edns(struct loop *loop, struct flight *flight, unsigned resolver)
{
	drop_tries(flight);
	leave_edns(flight);
	ask_at(loop, flight, resolver);
}

enum match {
	MATCH_NOT,  /* no reply to this question: to be ignored */
	MATCH_CASE, /* but for the case of letters */
	MATCH_BARE, /* an error without its question */
	MATCH_FULL,
};

/* QR set, a plain query's answer, one question, ours octet for octet. */
static enum match
match(const struct flight *flight, const unsigned char *p, size_t n)
{
	struct ms_slice ours, theirs;

	if (!(p[2] & 0x80) || (p[2] >> 3 & 15) != 0)
		return MATCH_NOT;
	if (get_16(p + 4) == 0 && (p[3] & 15) != 0)
		return MATCH_BARE;
	if (get_16(p + 4) != 1 || n < 12 + flight->question_n)
		return MATCH_NOT;
	ours = ms_slice_make(flight->packet + 12, flight->question_n);
	theirs = ms_slice_make(p + 12, flight->question_n);
	if (ms_slice_equal(ours, theirs))
		return MATCH_FULL;
	/* Type and class are compared as they stand. */
	if (memcmp(ours.p + ours.n - 4, theirs.p + ours.n - 4, 4) == 0 &&
	    ms_slice_equal_nocase(ours, theirs))
		return MATCH_CASE;
	return MATCH_NOT;
}

static void
judge(struct loop *loop, struct flight *flight, struct try *try, bool bare,
    const unsigned char *p, size_t n)
{
	unsigned rcode = rcode_of(flight, p, n);
	bool old = rcode == RCODE_FORMERR || rcode == RCODE_NOTIMP ||
		   rcode == RCODE_BADVERS;

	if (old && !flight->plain)
		ask_without_edns(loop, flight, try->resolver);
	else if (!bare && flight->entry->server.set)
		settle_answered(loop, flight, try->resolver, p, n);
	else if (bare || is_lame(p) ||
		 (rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN))
		bad_answer(loop, flight, try, p, n);
	else
		settle_answered(loop, flight, try->resolver, p, n);
}

void
flight_reply(
    struct loop *loop, struct try *try, const unsigned char *p, size_t n)
{
	struct flight *flight = try->flight;
	enum match how = match(flight, p, n);

	if (how == MATCH_NOT)
		return;
	note_answer(loop, flight, try);
	loop->servers.heard |= flight->entry->server.set;
	/* A server that does not keep the case: what protects then is TCP,
	 * where a forger would have to guess more. */
	if (!flight->stream && (how == MATCH_CASE || p[2] & 2))
		ask_over_tcp(loop, flight, try->resolver);
	else
		judge(loop, flight, try, how == MATCH_BARE, p, n);
}
