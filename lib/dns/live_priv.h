/* SPDX-License-Identifier: ISC
 * live_priv.h - what the files of the live source share
 *
 * Callers (worker threads) meet the loop thread in one place: the table of
 * entries and the queue, under `live.lock`. Flights, sockets, connections,
 * timers and resolvers' fortunes belong to the loop alone.
 *
 *   live.c   callers: look up, queue, wait, read the answer
 *   table.c  entries: found by question, forgotten by age and size
 *   loop.c   the thread: takes questions, waits, settles
 *   flight.c one question on its way: tries, what a reply means
 *   udp.c    pool of connected sockets     tcp.c  connections
 *   wheel.c  timers                        noise.c  random numbers
 *   resolver.c  whom to ask                unbound.c  validation
 *   server.c    servers asked by themselves
 */
#ifndef MAILSONDE_DNS_LIVE_PRIV_H
#define MAILSONDE_DNS_LIVE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "mailsonde/dns_live.h"
#include "rr_priv.h"

struct live;

/* Microseconds of the monotonic clock, or of a span. */
typedef uint64_t live_time;
#define LIVE_SECOND ((live_time)1000000)
live_time live_now(void);

/* malloc and realloc that do not fail to their caller. */
void *live_alloc(size_t n);
void *live_grow(void *p, size_t n);

/* ---- resolvers (resolver.c) ---- */

#define RESOLVERS_MAX 8

struct resolver {
	struct sockaddr_storage address;
	socklen_t address_n;
	char text[MS_IP_TEXT + 32]; /* "192.0.2.53@53" */
	bool trusted;               /* its AD bit counts */

	/* the loop's: */
	live_time dead_until;   /* others are asked first */
	unsigned silent;        /* tries in a row without an answer */
	live_time rtt, rtt_var; /* RFC 6298; 0: nothing known */
	bool answered;          /* ever */
	unsigned refused;       /* questions for good, before it answered any */
	struct udp *sockets, *current;
	struct tcp *connections;

	/* of a server asked by itself: */
	struct resolver *next; /* in its bucket */
	struct ms_ip ip;
	uint16_t port;
	unsigned flights;      /* that ask it */
	struct entry *waiting; /* that may not ask it yet, by `next` */
	struct entry **waiting_end;
	struct resolver *busy; /* the next that has some */
};

/* Fills `out` after the options; *n of them. */
enum ms_status resolver_list(const struct ms_dns_live_options *options,
    struct resolver out[RESOLVERS_MAX], unsigned *n,
    struct ms_diag *diag) MS_MUST_CHECK;

/* ---- entries (table.c) ---- */

enum entry_state {
	ENTRY_QUEUED,
	ENTRY_FLYING,
	ENTRY_SETTLED,
};

/* What became of a question. With a `wire` the status is what rr_read_answer
 * finds in it; else `status` and `why` are all there is. */
struct outcome {
	enum ms_dns_status status;
	enum ms_dns_security security;
	char *why;           /* owned, or NULL */
	unsigned char *wire; /* owned, or NULL */
	size_t wire_n;
	const struct resolver *resolver; /* NULL: nobody answered, or a server
					    by itself, as the question says */
	int64_t time;
	double seconds;
};

struct entry {
	struct entry *chain;       /* in its bucket */
	struct entry *prev, *next; /* queue, list of the settled, or list of
				      those about to be settled */
	struct waiter *waiters;
	uint64_t hash;
	live_time settled, expires;
	size_t size;   /* charged to the table */
	unsigned refs; /* callers that look at it */
	enum entry_state state;
	bool listed; /* found by its question */
	bool read;   /* somebody has seen the outcome: `expires` is set */
	uint16_t type;
	uint16_t want;
	uint16_t port;
	struct ms_ip server;
	struct outcome outcome;
	struct ms_dns_name name; /* lower case; `wire` is cut to its length */
};

/* Circular, with a head that is no entry. */
struct entry_list {
	struct entry *prev, *next;
};

struct table {
	struct entry **buckets;
	size_t buckets_n; /* a power of two */
	size_t n;
	size_t size, size_max; /* bytes of the settled */
	uint64_t key[2];       /* secret: nobody outside picks the bucket */
	struct entry recent;   /* head of the settled, longest unused first */
};

void table_init(struct table *table, size_t size_max);
void table_done(struct table *table);
/* The question in lower case, its hash. */
uint64_t table_key(const struct table *table,
    const struct ms_dns_question *question, struct ms_dns_question *lower);
/* A question that is on its way or whose answer still holds; NULL. */
struct entry *table_find(struct table *table,
    const struct ms_dns_question *lower, uint64_t hash, live_time now);
struct entry *entry_new(const struct ms_dns_question *lower, uint64_t hash);
void entry_free(struct entry *entry); /* one that is not in the table */
void table_add(struct table *table, struct entry *entry);
/* A flying entry has its outcome: it may be forgotten from now on. */
void table_settle(struct table *table, struct entry *entry, live_time now);
/* The caller is done with it; `expires` counts the first time. */
void table_release(struct table *table, struct entry *entry, live_time expires);

void entry_list_init(struct entry *head);
void entry_append(struct entry *head, struct entry *entry);
void entry_unlink(struct entry *entry);

/* ---- timers (wheel.c) ---- */

#define WHEEL_SLOTS 1024
#define WHEEL_TICK  ((live_time)4096)

struct timer {
	struct timer *prev, *next; /* NULL: not set */
	live_time when;
};

struct wheel {
	struct timer slots[WHEEL_SLOTS], due;
	uint64_t tick;
	size_t n;
};

void wheel_init(struct wheel *wheel, live_time now);
void wheel_set(struct wheel *wheel, struct timer *timer, live_time when);
void wheel_drop(struct wheel *wheel, struct timer *timer);
/* A timer that has run out, no longer set; NULL. */
struct timer *wheel_pop(struct wheel *wheel, live_time now);
/* Milliseconds until there may be one; -1: no timer is set. */
int wheel_wait(const struct wheel *wheel, live_time now);

/* ---- random numbers (noise.c) ---- */

struct noise {
	unsigned char pool[2048];
	size_t left;
};
/* From getrandom(2): unpredictable (RFC 5452 9.2, 4.5). */
void noise_bytes(struct noise *noise, void *out, size_t n);
uint16_t noise_16(struct noise *noise);

/* ---- flights (flight.c) ---- */

#define FLIGHT_TRIES 8

struct
try {
	struct flight *flight;
	struct udp *udp; /* one of the two; both NULL: this try is free */
	struct tcp *tcp;
	live_time sent;
	uint16_t id; /* as it stands on the wire */
	uint8_t resolver;
};

/* A question on its way. */
struct flight {
	struct timer timer; /* first: a timer is its flight */
	struct entry *entry;
	struct flight *next; /* of the spare ones */
	live_time started, deadline;
	size_t packet_n, question_n; /* whole; from octet 12 */
	unsigned tries_n;            /* sent so far */
	unsigned tries_used;         /* of `tries`; the others hold nothing */
	unsigned resolver;           /* asked last */
	struct resolver *resolvers;  /* to be asked */
	unsigned resolvers_n;
	unsigned failed;      /* bit set of resolvers that gave a bad answer */
	unsigned unreachable; /* tries that nobody took */
	bool fresh;           /* asked once, and not for long */
	bool plain;           /* without EDNS */
	bool stream;          /* over TCP */
	unsigned backed_off;  /* asked again after REFUSED */
	int validation;       /* libunbound's number + 1; 0 none */
	struct loop *loop;    /* for libunbound */
	struct outcome bad; /* the bad answer that stands if no better comes */
	struct try tries[FLIGHT_TRIES];
	unsigned char packet[RR_QUERY_MAX];
};

struct loop;

/* Nobody asks it any more: a server by itself, not a resolver. */
static inline bool
is_deserted(const struct resolver *resolver)
{
	return resolver->ip.set && resolver->flights == 0;
}

/* Whom a try asks. */
static inline struct resolver *
flight_resolver(const struct try *try)
{
	return &try->flight->resolvers[try->resolver];
}

/* Takes an entry off; flights that have ended are used again. */
void flight_start(struct loop *loop, struct entry *entry);
void flight_free_all(struct loop *loop);
void flight_timer(struct loop *loop, struct flight *flight);
/* The end of one that was never asked: it is the server that is silent. */
void flight_refuse(
    struct loop *loop, struct entry *entry, const struct resolver *server);
/* A datagram or a message of a stream that bears this try's id. */
void flight_reply(
    struct loop *loop, struct try *try, const unsigned char *p, size_t n);
/* What carried the try is gone: errno's value, or 0 for a stream that had
 * answered before and that the server closed in order. */
void flight_lost(struct loop *loop, struct try *try, int error);
/* The end: the outcome is the entry's from now on, the flight is over. */
void flight_settle(
    struct loop *loop, struct flight *flight, struct outcome outcome);
/* A copy of a reply, the question's letters in lower case again. */
unsigned char *flight_copy(
    const struct flight *flight, const unsigned char *p, size_t n);

/* ---- carriers (udp.c, tcp.c) ---- */

/* What epoll hands back. */
enum carrier_kind {
	CARRIER_WAKE,
	CARRIER_UDP,
	CARRIER_TCP,
	CARRIER_UNBOUND,
};

struct carrier {
	enum carrier_kind kind;
	int fd;
};

/* Tries by id: the low octet of an id is its place, so that an id is random
 * among those whose place is free. */
#define SLOTS 256
struct slots {
	struct try *try[SLOTS];
	unsigned n;
};
void slots_put(struct slots *slots, struct noise *noise, struct try *try);
struct try *slots_find(const struct slots *slots, uint16_t id);
void slots_drop(struct slots *slots, const struct try *try);

/* Queue the try's packet. 0, or errno's value: EMFILE and its like pass. */
int udp_send(struct loop *loop, struct try *try);
void udp_flush(struct loop *loop);
void udp_ready(struct loop *loop, struct udp *udp);
void udp_drop(struct try *try);
/* Closes sockets that are worn out and wait for nothing; all with `all`. */
void udp_tidy(struct loop *loop, struct resolver *resolver, bool all);

int tcp_send(struct loop *loop, struct try *try);
void tcp_flush(struct loop *loop);
void tcp_ready(struct loop *loop, struct tcp *tcp, unsigned events);
void tcp_drop(struct try *try);
void tcp_tidy(struct loop *loop, struct resolver *resolver, bool all);

/* ---- validation (unbound.c) ---- */

struct validator;

/* Starts the validation of a flight. False: there is no libunbound. */
bool validator_start(struct loop *loop, struct flight *flight);
void validator_cancel(struct loop *loop, struct flight *flight);
void validator_ready(struct loop *loop);
void validator_close(struct loop *loop);

/* ---- servers asked by themselves (server.c) ---- */

#define SERVER_BUCKETS 256

struct servers {
	struct resolver *buckets[SERVER_BUCKETS];
	unsigned n;
	struct resolver *busy; /* those that questions wait for */
	unsigned silent; /* questions without an answer, before the first */
	bool heard;      /* one has answered */
};

/* So many in vain, and never an answer: this network lets only resolvers
 * ask, and nobody is to wait for more time-outs. */
#define SERVERS_SILENT 64

/* The server of a question, for one more flight; it stays until that lets go,
 * and a little longer for its sockets. */
struct resolver *server_take(struct loop *loop, const struct entry *entry);
void server_drop(struct resolver *server);
/* As many ask it as may: the entry waits for its turn. */
bool server_defer(struct loop *loop, struct entry *entry);
/* Starts those whose turn it is; before the window is full. */
void server_start_waiting(struct loop *loop);
/* Forgets those that nobody asks; all with `all`. */
void server_tidy(struct loop *loop, bool all);

/* ---- the loop (loop.c) ---- */

struct loop {
	struct live *live;
	int epoll;
	struct carrier wake;
	live_time now, tidied;
	unsigned in_flight, fresh;
	unsigned window; /* in flight at the most, for now */
	live_time narrowed;
	live_time span; /* from question to answer, of late, on average */
	bool again;     /* something could not be sent yet */
	struct wheel wheel;
	struct noise noise;
	struct entry settled; /* head: to be published */
	struct flight *spare;
	struct flight **flights; /* all there are */
	unsigned flights_n;
	struct servers servers;
	struct udp *dirty; /* sockets with packets queued */
	struct receiver *receiver;
	struct tcp *tcp_dirty;
	struct validator *validator;
};

bool loop_open(struct loop *loop, struct live *live);
void loop_close(struct loop *loop);
void *loop_main(void *live);
bool loop_watch(struct loop *loop, struct carrier *carrier, uint32_t events);

/* ---- the whole (live.c) ---- */

/* A caller that sleeps until its entry is settled. */
struct waiter {
	struct waiter *next;
	pthread_cond_t settled;
};

struct live {
	struct ms_dns_source source; /* first */
	struct resolver resolvers[RESOLVERS_MAX];
	unsigned resolvers_n;
	live_time timeout;
	unsigned in_flight;
	struct ms_limits limits;
	char *trust_anchor;
	bool no_validator;
	/* Queries for the root, as libldns writes them: what stands around
	 * the name. With MS_DNS_VALIDATED the second. */
	struct {
		size_t n;
		unsigned char p[RR_QUERY_MAX];
	} form[2];

	pthread_mutex_t lock; /* of all that follows but the loop's own */
	pthread_t thread;
	bool started, broken; /* the thread runs; it could not be started */
	bool awake;           /* the loop will look at the queue by itself */
	bool stop;
	struct table table;
	struct entry urgent, hints; /* heads: somebody waits; nobody does */
	unsigned queued_n;          /* in both */
	struct loop loop;
};

#endif
