/* SPDX-License-Identifier: ISC
 * loop.c - the live source's thread: takes questions, waits, hands back
 *
 * A turn: what has arrived, what has run out, then under the lock what is
 * settled goes to the callers and what is queued is taken, as far as the
 * window reaches; then everything queued to be sent goes out together.
 */
#include "live_priv.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* Answers that are awaited for each millisecond that one takes: what is less
 * than 256,000 questions a second is not held up. */
#define FRESH_EACH 256

#define EVENTS    64
#define TIDY_TIME (LIVE_SECOND / 2)

/* Room for sockets, and a margin for the rest of the program. */
static void
raise_limit(unsigned in_flight)
{
	struct rlimit limit;
	rlim_t want = 1024 + (rlim_t)in_flight;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

bool
loop_watch(struct loop *loop, struct carrier *carrier, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = carrier };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, carrier->fd, &event) == 0;
}

bool
loop_open(struct loop *loop, struct live *live)
{
	memset(loop, 0, sizeof(*loop));
	loop->live = live;
	loop->window = live->in_flight;
	loop->now = live_now();
	wheel_init(&loop->wheel, loop->now);
	entry_list_init(&loop->settled);
	raise_limit(live->in_flight);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake.kind = CARRIER_WAKE;
	loop->wake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	/* Edge-triggered, so that nobody needs to read it. */
	if (loop->epoll >= 0 && loop->wake.fd >= 0 &&
	    loop_watch(loop, &loop->wake, EPOLLIN | EPOLLET))
		return true;
	loop_close(loop);
	return false;
}

static void
tidy(struct loop *loop, bool all)
{
	for (unsigned i = 0; i < loop->live->resolvers_n; i++) {
		udp_tidy(loop, &loop->live->resolvers[i], all);
		tcp_tidy(loop, &loop->live->resolvers[i], all);
	}
	server_tidy(loop, all);
}

void
loop_close(struct loop *loop)
{
	validator_close(loop);
	tidy(loop, true);
	flight_free_all(loop);
	free(loop->receiver);
	loop->receiver = NULL;
	if (loop->wake.fd >= 0)
		close(loop->wake.fd);
	if (loop->epoll >= 0)
		close(loop->epoll);
}

static void
dispatch(struct loop *loop, const struct epoll_event *event)
{
	struct carrier *carrier = event->data.ptr;

	switch (carrier->kind) {
	case CARRIER_WAKE:
		break;
	case CARRIER_UDP:
		udp_ready(loop, (struct udp *)carrier);
		break;
	case CARRIER_TCP:
		tcp_ready(loop, (struct tcp *)carrier, event->events);
		break;
	case CARRIER_UNBOUND:
		validator_ready(loop);
		break;
	}
}

/* How long nothing needs to be done, in milliseconds; -1: until woken. */
static int
idle_time(const struct loop *loop)
{
	int wait = wheel_wait(&loop->wheel, loop->now);

	if (loop->settled.next != &loop->settled)
		return 0;
	if (loop->again)
		return wait == 0 ? 0 : 1;
	if (wait >= 0)
		return wait;
	for (unsigned i = 0; i < loop->live->resolvers_n; i++)
		if (loop->live->resolvers[i].sockets ||
		    loop->live->resolvers[i].connections)
			return (int)(TIDY_TIME / 1000);
	return loop->servers.n > 0 ? (int)(TIDY_TIME / 1000) : -1;
}

static void
publish(struct loop *loop)
{
	struct live *live = loop->live;

	while (loop->settled.next != &loop->settled) {
		struct entry *entry = loop->settled.next;
		struct waiter *waiter = entry->waiters;

		entry_unlink(entry);
		entry->waiters = NULL;
		table_settle(&live->table, entry, loop->now);
		for (; waiter; waiter = waiter->next)
			pthread_cond_signal(&waiter->settled);
	}
}

/* How many more may fly. Less than the window where answers come fast: what
 * keeps the line busy there is a fraction of it, and a thousand packets at
 * once are more than a name server's receive buffer often holds. A question
 * that waits for long does not count: it must not keep the others. */
static unsigned
room(const struct loop *loop)
{
	unsigned all = loop->window;
	live_time fresh = loop->span * FRESH_EACH / 1000;

	if (fresh < FRESH_EACH)
		fresh = FRESH_EACH;
	if (fresh <= loop->fresh || all <= loop->in_flight)
		return 0;
	all -= loop->in_flight;
	return fresh - loop->fresh < all ? (unsigned)(fresh - loop->fresh)
					 : all;
}

/* Moves what the window lets in to `taken`, those somebody waits for first. */
static void
take(struct loop *loop, struct entry *taken)
{
	struct live *live = loop->live;
	unsigned n = room(loop);

	while (n > 0) {
		struct entry *entry = live->urgent.next;

		if (entry == &live->urgent)
			entry = live->hints.next;
		if (entry == &live->hints)
			break;
		live->queued_n--;
		entry_unlink(entry);
		entry->state = ENTRY_FLYING;
		entry_append(taken, entry);
		n--;
	}
	/* With a full window the next answer brings us back here. */
	live->awake = n == 0;
}

/* Under the lock; whether to go on. */
static bool
meet_callers(struct loop *loop, struct entry *taken)
{
	struct live *live = loop->live;
	bool go_on;

	pthread_mutex_lock(&live->lock);
	publish(loop);
	take(loop, taken);
	go_on = !live->stop;
	pthread_mutex_unlock(&live->lock);
	return go_on;
}

static void
start(struct loop *loop, struct entry *taken)
{
	while (taken->next != taken) {
		struct entry *entry = taken->next;

		entry_unlink(entry);
		flight_start(loop, entry);
	}
	server_start_waiting(loop);
}

static void
turn(struct loop *loop)
{
	struct epoll_event events[EVENTS];
	struct timer *timer;
	int n = epoll_wait(loop->epoll, events, EVENTS, idle_time(loop));

	loop->now = live_now();
	loop->again = false;
	for (int i = 0; i < n; i++)
		dispatch(loop, &events[i]);
	while ((timer = wheel_pop(&loop->wheel, loop->now)))
		flight_timer(loop, (struct flight *)timer);
	if (loop->now - loop->tidied >= TIDY_TIME) {
		loop->tidied = loop->now;
		tidy(loop, false);
	}
}

void *
loop_main(void *argument)
{
	struct live *live = argument;
	struct loop *loop = &live->loop;
	struct entry taken;

	entry_list_init(&taken);
	while (meet_callers(loop, &taken)) {
		loop->now = live_now();
		start(loop, &taken);
		udp_flush(loop);
		tcp_flush(loop);
		turn(loop);
	}
	return NULL;
}
