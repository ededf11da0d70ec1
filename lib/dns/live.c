/* SPDX-License-Identifier: ISC
 * live.c - answers from the network, as its callers see them
 *
 * A caller looks its question up among those on their way and those answered,
 * queues it where it is new, sleeps until it is settled, and reads the answer
 * in its own thread. The loop (loop.c) never parses.
 */
#include "live_priv.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT       5.0
#define IN_FLIGHT_MAX 50000
#define CACHE_SIZE    ((size_t)16 * 1024 * 1024)
#define HINTS_MAX     8 /* windows of hints that are kept waiting */
#define FOUND_MAX     (24 * 3600 * LIVE_SECOND)
#define ABSENT_MAX    (3 * 3600 * LIVE_SECOND) /* RFC 2308 5 */
#define FAILURE_TIME  (5 * LIVE_SECOND)        /* RFC 9520 3.2: 1 s to 5 min */
#define HOPS_MAX      12 /* questions for the rest of a chain of aliases */

live_time
live_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (live_time)now.tv_sec * LIVE_SECOND +
	       (live_time)now.tv_nsec / 1000;
}

/* For TTLs; a tick of the kernel behind. */
static live_time
now_roughly(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (live_time)now.tv_sec * LIVE_SECOND +
	       (live_time)now.tv_nsec / 1000;
}

void *
live_grow(void *p, size_t n)
{
	p = realloc(p, n);
	if (!p)
		abort(); /* as an arena does that has no handler */
	return p;
}

void *
live_alloc(size_t n)
{
	return live_grow(NULL, n);
}

/* ---- the queue ---- */

/* The first question starts the thread. */
static bool
start_thread(struct live *live)
{
	sigset_t all, old;

	if (live->started || live->broken)
		return live->started;
	live->broken = !loop_open(&live->loop, live);
	if (live->broken)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	live->started =
	    pthread_create(&live->thread, NULL, loop_main, live) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	live->broken = !live->started;
	if (live->broken)
		loop_close(&live->loop);
	return live->started;
}

static void
wake_loop(struct live *live)
{
	static const uint64_t one = 1;

	if (live->awake)
		return;
	live->awake = true;
	if (write(live->loop.wake.fd, &one, sizeof(one)) < 0)
		live->awake = false;
}

/* The entry of a question, a new one when there is none; NULL: a hint too
 * many, or there is no thread to ask. Under the lock. */
static struct entry *
look_up(struct live *live, const struct ms_dns_question *lower, uint64_t hash,
    bool hint)
{
	struct entry *entry =
	    table_find(&live->table, lower, hash, now_roughly());

	if (entry || !start_thread(live) ||
	    (hint && live->queued_n >= live->in_flight * HINTS_MAX))
		return entry;
	entry = entry_new(lower, hash);
	table_add(&live->table, entry);
	entry_append(hint ? &live->hints : &live->urgent, entry);
	live->queued_n++;
	wake_loop(live);
	return entry;
}

static bool
live_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	struct live *live = (struct live *)self;
	struct ms_dns_question lower;
	uint64_t hash = table_key(&live->table, question, &lower);
	const struct entry *entry;
	bool there;

	pthread_mutex_lock(&live->lock);
	entry = look_up(live, &lower, hash, true);
	there = entry && entry->state == ENTRY_SETTLED;
	pthread_mutex_unlock(&live->lock);
	return there;
}

/* ---- waiting ---- */

/* What a caller's patience has to do with a question. */
struct patience {
	live_time end; /* by the monotonic clock; 0: none */
	bool over;     /* it passed, and there is no answer */
	bool waited;   /* the answer was not there yet */
};

static void
stop_waiting(struct entry *entry, struct waiter *self)
{
	struct waiter **at = &entry->waiters;

	while (*at != self)
		at = &(*at)->next;
	*at = self->next;
	entry->refs--;
}

/* Under the lock. False: the end came before. */
static bool
wait_for(struct live *live, struct entry *entry, live_time end)
{
	struct waiter self = { .next = entry->waiters,
		.settled = PTHREAD_COND_INITIALIZER };
	struct timespec until = { .tv_sec = (time_t)(end / LIVE_SECOND),
		.tv_nsec = (long)(end % LIVE_SECOND) * 1000 };
	bool late = false;

	/* cppcheck-suppress autoVariables # taken out again before it ends */
	entry->waiters = &self;
	while (entry->state != ENTRY_SETTLED && !late) {
		if (end == 0)
			pthread_cond_wait(&self.settled, &live->lock);
		else
			late = pthread_cond_clockwait(&self.settled,
				   &live->lock, CLOCK_MONOTONIC, &until) != 0;
	}
	late = entry->state != ENTRY_SETTLED;
	if (late)
		stop_waiting(entry, &self);
	pthread_cond_destroy(&self.settled);
	return !late;
}

/* An entry that is settled, held for the caller; NULL: there is no thread
 * that could ask, or the caller waits no longer. */
static struct entry *
obtain(struct live *live, const struct ms_dns_question *lower, uint64_t hash,
    struct patience *patience)
{
	struct entry *entry;

	pthread_mutex_lock(&live->lock);
	entry = look_up(live, lower, hash, false);
	if (!entry) {
		pthread_mutex_unlock(&live->lock);
		return NULL;
	}
	entry->refs++;
	patience->waited = entry->state != ENTRY_SETTLED;
	if (entry->state == ENTRY_QUEUED) {
		entry_unlink(entry);
		entry_append(&live->urgent, entry);
	}
	if (patience->waited && !wait_for(live, entry, patience->end)) {
		patience->over = true;
		entry = NULL;
	}
	pthread_mutex_unlock(&live->lock);
	return entry;
}

/* ---- reading ---- */

static live_time
life_of(const struct ms_dns_answer *answer)
{
	live_time life = answer->ttl * LIVE_SECOND;

	if (ms_dns_is_failure(answer->status))
		return FAILURE_TIME;
	if (ms_dns_is_absent(answer->status))
		return life < ABSENT_MAX ? life : ABSENT_MAX;
	return life < FOUND_MAX ? life : FOUND_MAX;
}

static void
read_wire(struct live *live, const struct outcome *outcome,
    const struct ms_dns_question *question, struct ms_arena *arena,
    struct ms_dns_answer *out, struct rr_reading *reading)
{
	struct ms_slice wire =
	    ms_arena_copy(arena, ms_slice_make(outcome->wire, outcome->wire_n));

	rr_read_answer(wire, question, &live->limits, arena, out, reading);
	out->security = outcome->security;
	if (question->want & MS_DNS_VALIDATED && reading->authentic &&
	    out->security == MS_DNS_UNCHECKED && outcome->resolver &&
	    outcome->resolver->trusted && !ms_dns_is_failure(out->status))
		out->security = MS_DNS_SECURE_AD;
	if (outcome->security != MS_DNS_SECURITY_BOGUS)
		return;
	out->status = MS_DNS_BOGUS;
	out->n = out->aliases_n = 0;
	reading->open_end = false;
}

static void
read_outcome(struct live *live, const struct outcome *outcome,
    const struct ms_dns_question *question, struct ms_arena *arena,
    struct ms_dns_answer *out, struct rr_reading *reading)
{
	char server[sizeof(outcome->resolver->text)] = "";

	memset(reading, 0, sizeof(*reading));
	if (outcome->wire)
		read_wire(live, outcome, question, arena, out, reading);
	else
		ms_dns_fail(out, outcome->status, NULL);
	if (outcome->why)
		out->why = ms_arena_string(arena, ms_slice_from(outcome->why));
	if (question->server.set)
		ms_dns_server_format(question, server);
	else if (outcome->resolver)
		memcpy(server, outcome->resolver->text, sizeof(server));
	if (server[0])
		out->server = ms_arena_string(arena, ms_slice_from(server));
	out->time = outcome->time;
	out->seconds = outcome->seconds;
}

/* One question, its chain of aliases as far as one message tells it. */
static void
query_once(struct live *live, const struct ms_dns_question *question,
    struct patience *patience, struct ms_arena *arena,
    struct ms_dns_answer *out, struct rr_reading *reading)
{
	struct ms_dns_question lower;
	uint64_t hash = table_key(&live->table, question, &lower);
	struct entry *entry = obtain(live, &lower, hash, patience);
	live_time life;

	if (!entry) {
		memset(reading, 0, sizeof(*reading));
		if (patience->over)
			ms_dns_fail(out, MS_DNS_TIMEOUT,
			    "no answer before the time for the whole was over");
		else
			ms_dns_fail(out, MS_DNS_UNREACHABLE,
			    "the system has no descriptors or threads left");
		return;
	}
	read_outcome(live, &entry->outcome, &lower, arena, out, reading);
	if (!patience->waited)
		out->seconds = 0;
	life = life_of(out);
	pthread_mutex_lock(&live->lock);
	table_release(&live->table, entry, life ? entry->settled + life : 0);
	pthread_mutex_unlock(&live->lock);
}

/* Puts the aliases known so far before those of the last answer. */
static void
join_aliases(struct ms_arena *arena, const struct ms_dns_answer *before,
    struct ms_dns_answer *out)
{
	size_t n = before->aliases_n + out->aliases_n;
	struct ms_slice *all = MS_NEW_ARRAY(arena, struct ms_slice, n);

	if (before->aliases_n > 0)
		memcpy(all, before->aliases, before->aliases_n * sizeof(*all));
	if (out->aliases_n > 0)
		memcpy(all + before->aliases_n, out->aliases,
		    out->aliases_n * sizeof(*all));
	out->aliases = all;
	out->aliases_n = n;
	out->seconds += before->seconds;
	if (out->status != MS_DNS_BOGUS && before->security != out->security)
		out->security = before->security == MS_DNS_UNCHECKED ||
					out->security == MS_DNS_UNCHECKED
				    ? MS_DNS_UNCHECKED
				    : MS_DNS_INSECURE;
}

static void
live_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct live *live = (struct live *)self;
	struct ms_dns_question next = *question;
	struct patience patience = { 0 };
	struct ms_dns_answer before;
	struct rr_reading reading;

	if (question->seconds > 0)
		patience.end = live_now() + (live_time)(question->seconds *
							(double)LIVE_SECOND);
	query_once(live, &next, &patience, arena, out, &reading);
	if (next.server.set)
		return;
	for (int hops = 0; reading.open_end; hops++) {
		if (hops == HOPS_MAX) {
			out->status = MS_DNS_LOOP;
			out->why = "aliases without an end";
			return;
		}
		before = *out;
		next.name = reading.next;
		query_once(live, &next, &patience, arena, out, &reading);
		join_aliases(arena, &before, out);
	}
}

/* ---- opening and closing ---- */

static void
live_close(struct ms_dns_source *self)
{
	struct live *live = (struct live *)self;

	if (live->started) {
		pthread_mutex_lock(&live->lock);
		live->stop = true;
		live->awake = false;
		wake_loop(live);
		pthread_mutex_unlock(&live->lock);
		pthread_join(live->thread, NULL);
		loop_close(&live->loop);
	}
	table_done(&live->table);
	pthread_mutex_destroy(&live->lock);
	free(live->trust_anchor);
	free(live);
}

static char *
copy_text(const char *text)
{
	char *copy = live_alloc(strlen(text) + 1);

	memcpy(copy, text, strlen(text) + 1);
	return copy;
}

static void
prepare_forms(struct live *live)
{
	struct ms_dns_question root = { .name = { .n = 1 } };

	live->form[0].n = rr_query(&root, 0, RR_EDNS, live->form[0].p);
	live->form[1].n =
	    rr_query(&root, 0, RR_EDNS | RR_DO | RR_AD, live->form[1].p);
}

static void
configure(struct live *live, const struct ms_dns_live_options *options)
{
	double timeout = options->timeout > 0 ? options->timeout : TIMEOUT;

	live->timeout = (live_time)(timeout * (double)LIVE_SECOND);
	live->limits = ms_limits_fill(options->limits);
	if (options->in_flight)
		live->limits.dns_in_flight = options->in_flight;
	if (live->limits.dns_in_flight > IN_FLIGHT_MAX)
		live->limits.dns_in_flight = IN_FLIGHT_MAX;
	live->in_flight = (unsigned)live->limits.dns_in_flight;
	live->no_validator = options->no_validator;
	live->trust_anchor =
	    copy_text(options->trust_anchor ? options->trust_anchor
					    : "/usr/share/dns/root.key");
	table_init(&live->table,
	    options->cache_size ? options->cache_size : CACHE_SIZE);
	prepare_forms(live);
	entry_list_init(&live->urgent);
	entry_list_init(&live->hints);
	pthread_mutex_init(&live->lock, NULL);
	live->source.query = live_query;
	live->source.prefetch = live_prefetch;
	live->source.close = live_close;
}

enum ms_status
ms_dns_live_open(const struct ms_dns_live_options *options,
    struct ms_dns_source **out, struct ms_diag *diag)
{
	struct live *live = live_alloc(sizeof(*live));
	enum ms_status status;

	memset(live, 0, sizeof(*live));
	status =
	    resolver_list(options, live->resolvers, &live->resolvers_n, diag);
	if (status != MS_OK) {
		free(live);
		return status;
	}
	configure(live, options);
	*out = &live->source;
	return MS_OK;
}
