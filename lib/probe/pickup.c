/* SPDX-License-Identifier: ISC
 * pickup.c - waiting for a marked message: what IMAP and POP3 share
 */
#include "roundtrip_priv.h"

#define MICROSECOND 1e-6

#define SLICE 1.0 /* seconds after which it is asked whether to stop */

/* Seconds between looks; the last is that of all further ones. */
static const double intervals[] = { 1, 1, 2, 3, 5, 5, 10 };

double
pickup_interval(unsigned look)
{
	size_t n = sizeof(intervals) / sizeof(*intervals);

	return intervals[look < n ? look : n - 1];
}

double
pickup_spent(const struct probe *probe)
{
	return probe->used + (probe->wire ? probe->wire->elapsed : 0);
}

static bool
is_told_to_stop(const struct ms_roundtrip_request *r)
{
	return r->stopped && r->stopped(r->context);
}

bool
pickup_gives_up(const struct pickup *p, double seconds)
{
	const struct ms_roundtrip_request *r = p->request;

	if (p->trip->stopped)
		return true;
	if (r->stop_after > 0 ? seconds < r->stop_after - MICROSECOND / 2
			      : !is_told_to_stop(r))
		return false;
	p->trip->stopped = true;
	p->trip->stopped_after = seconds;
	return true;
}

bool
pickup_stopped(const struct pickup *p, const struct probe *probe)
{
	return pickup_gives_up(p, p->base + pickup_spent(probe));
}

void
pickup_tell(const struct pickup *p, const struct probe *probe)
{
	if (p->request->progress && p->waiting)
		p->request->progress(p->request->context, "waiting for it",
		    p->began + pickup_spent(probe));
}

void
pickup_pause(const struct pickup *p, struct probe *probe, double seconds)
{
	struct ms_wire_source *wire = probe->env->wire;

	while (wire->pause && seconds > 0 && !is_told_to_stop(p->request)) {
		wire->pause(wire, seconds < SLICE ? seconds : SLICE);
		seconds -= SLICE;
	}
}

void
pickup_refused(struct pickup *p, const char *command, struct ms_slice said)
{
	if (p->out->wrong)
		return;
	p->out->wrong = command;
	p->out->said = said;
}

void
pickup_found(
    struct pickup *p, const struct probe *probe, struct ms_slice message)
{
	p->done = true;
	p->out->found = true;
	p->out->message = message;
	p->out->seconds = p->began + pickup_spent(probe);
}

/* ---- the mark ---- */

static bool
holds(struct ms_slice line, const char *mark)
{
	return ms_slice_find_nocase(line, 0, mark) < line.n;
}

/* The mark's own field, or the message's id, which holds it too: either may
 * have been taken out on the way. */
bool
pickup_has_mark(struct ms_slice message, const char *mark)
{
	static const char *const fields[] = { MS_MARK_FIELD ":",
		"Message-ID:" };
	struct ms_slice line;
	bool ours = false;

	while (ms_slice_line(&message, false, &line) && line.n > 0) {
		if (line.p[0] != ' ' && line.p[0] != '\t')
			ours = ms_slice_starts(line, fields[0]) ||
			       (*mark && ms_slice_starts(line, fields[1]));
		if (ours && holds(line, mark))
			return true;
	}
	return false;
}

/* RFC 3464 2.3.3: also of what is only late. */
static bool
is_report(struct ms_slice message)
{
	struct ms_slice line;

	while (ms_slice_line(&message, false, &line) && line.n > 0)
		if (holds(line, "delivery-status") ||
		    (ms_slice_starts(line, "From:") &&
			holds(line, "mailer-daemon")))
			return true;
	return false;
}

bool
pickup_is_it(const struct pickup *p, struct ms_slice message)
{
	bool own = pickup_has_mark(message, p->mark);

	if (!p->bounce)
		return own;
	return !own && is_report(message) && holds(message, p->mark) &&
	       (holds(message, "\naction: failed") ||
		   !holds(message, "\naction:"));
}
