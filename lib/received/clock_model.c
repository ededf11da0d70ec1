/* SPDX-License-Identifier: ISC
 * clock_model.c - delays, and how far each host's clock seems to be off
 *
 * Each date is a host's own clock. Time does not run backwards along the way,
 * so a negative delay says that the older clock is ahead or the newer one
 * behind by at least that much. The model looks for the smallest offsets that
 * explain all dates: it goes from the newest hop, whose clock is the common
 * time, to the older ones; where a hop is dated later than the (corrected) hop
 * after it, its host's clock is ahead by the difference. A host that stamped
 * several hops keeps one offset. Where that does not suffice (its own two
 * stamps run backwards, or the offset made for one hop pushes another by more
 * than a day) the hop is `unexplained`.
 *
 * Offsets are lower bounds: a clock that is ahead by less than the true delay
 * cannot be seen.
 */
#include "trace_priv.h"

#include "mailsonde/organisation.h"

#define SLACK 2 /* seconds: dates are whole seconds, rounded either way */
#define HOSTS 64

struct host {
	struct ms_slice name;
	int64_t offset;
};

static struct ms_slice
host_of(const struct ms_hop *hop)
{
	return hop->received.by;
}

/* The host of that name: the one that is known, or a new one. Hosts are few; of
 * those beyond HOSTS each stamp is taken by itself. */
static struct host *
find_host(struct host *hosts, size_t *n, struct ms_slice name)
{
	struct host *host = &hosts[*n];

	for (size_t i = 0; i < *n; i++)
		if (ms_slice_equal_nocase(hosts[i].name, name))
			return &hosts[i];
	host->name = name;
	host->offset = 0;
	if (*n < HOSTS)
		(*n)++;
	return host;
}

static void
estimate(struct ms_trace *trace)
{
	struct host hosts[HOSTS + 1];
	size_t n = 0;
	bool known = false;
	int64_t ceiling = 0; /* corrected time of the hop after */

	for (size_t i = trace->n; i > 0; i--) {
		struct ms_hop *hop = &trace->hops[i - 1];
		struct host *host;
		int64_t time;

		if (!hop->received.date.set || host_of(hop).n == 0)
			continue;
		host = find_host(hosts, &n, host_of(hop));
		time = hop->received.date.time - host->offset;
		if (known && time > ceiling + SLACK) {
			hop->unexplained = host->offset != 0;
			host->offset += time - ceiling;
			time = ceiling;
		}
		hop->clock_offset = host->offset;
		hop->offset_known = known;
		ceiling = !known || time < ceiling ? time : ceiling;
		known = true;
	}
}

/* A host that stamped a newer hop as correct cannot be ahead for an older one
 * only. */
static void
find_contradictions(struct ms_trace *trace)
{
	for (size_t i = 0; i < trace->n; i++) {
		struct ms_hop *older = &trace->hops[i];
		unsigned tried = 0;

		if (!older->received.date.set || host_of(older).n == 0)
			continue;
		for (size_t k = i + 1; k < trace->n && tried < 32;
		     k++, tried++) {
			const struct ms_hop *newer = &trace->hops[k];

			if (newer->received.date.set &&
			    ms_slice_equal_nocase(
				host_of(older), host_of(newer)) &&
			    older->received.date.time >
				newer->received.date.time + SLACK)
				older->unexplained = true;
		}
	}
}

static void
measure(struct ms_trace *trace)
{
	const struct ms_hop *before = NULL, *first = NULL, *last = NULL;

	trace->slowest = -1;
	for (size_t i = 0; i < trace->n; i++) {
		struct ms_hop *hop = &trace->hops[i];

		if (!hop->received.date.set) {
			before = NULL;
			continue;
		}
		if (before) {
			hop->delay_known = true;
			hop->delay = hop->received.date.time -
				     before->received.date.time;
			if (hop->delay > 0 &&
			    (trace->slowest < 0 ||
				hop->delay > trace->hops[trace->slowest].delay))
				trace->slowest = (int)i;
		}
		before = hop;
		if (!first)
			first = hop;
		last = hop;
	}
	trace->total_known = first && first != last;
	if (trace->total_known)
		trace->total =
		    last->received.date.time - first->received.date.time;
}

void
clock_model(struct ms_trace *trace)
{
	measure(trace);
	estimate(trace);
	find_contradictions(trace);
}
