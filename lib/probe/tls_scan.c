/* SPDX-License-Identifier: ISC
 * tls_scan.c - all that a server's TLS agrees to, by what it picks
 *
 * Versions do not depend on each other and are asked in up to four lanes at
 * once; what rests on several of them is asked at the end.
 */
#include <pthread.h>

#include "tls_scan_priv.h"

#define LANES 4

struct scanner {
	struct tls_lane lanes[LANES];
	struct tls_asker suites[MS_TLS_VERSIONS], groups[MS_TLS_VERSIONS];
	struct ms_tls_scan *out;
	unsigned at_once;
};

/* ---- the lanes ---- */

struct task {
	uint16_t version;
	bool groups;
	unsigned lane; /* of four */
};

/* Two tasks on one version write to different members of it. */
static const struct task tasks[] = {
	{ MS_TLS_13, false, 1 },
	{ MS_TLS_13, true, 1 },
	{ MS_TLS_12, false, 0 },
	{ MS_TLS_12, true, 2 },
	{ MS_TLS_11, false, 3 },
	{ MS_TLS_10, false, 2 },
	{ MS_SSL_3, false, 1 },
	{ MS_SSL_2, false, 3 },
};

static size_t
index_of(uint16_t version)
{
	return version == MS_SSL_2 ? 5 : (size_t)(MS_TLS_13 - version);
}

static void
run_lane(struct scanner *s, unsigned lane)
{
	for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
		const struct task *t = &tasks[i];
		size_t at = index_of(t->version);

		if (t->lane % s->at_once != lane)
			continue;
		if (!t->groups) {
			tls_scan_suites(&s->suites[at]);
		} else if (s->suites[at].lane != s->groups[at].lane) {
			tls_scan_groups(&s->groups[at]);
		} else if (s->suites[at].v->offered == MS_TLS_YES) {
			s->groups[at].plain = s->suites[at].plain;
			tls_scan_groups(&s->groups[at]);
		}
	}
}

struct thread {
	struct scanner *scanner;
	unsigned lane;
	pthread_t thread;
	bool started;
};

static void *
thread_main(void *argument)
{
	struct thread *t = argument;

	run_lane(t->scanner, t->lane);
	return NULL;
}

static void
run_lanes(struct scanner *s)
{
	struct thread threads[LANES];

	for (unsigned i = 1; i < s->at_once; i++) {
		threads[i].scanner = s;
		threads[i].lane = i;
		threads[i].started = pthread_create(&threads[i].thread, NULL,
					 thread_main, &threads[i]) == 0;
	}
	run_lane(s, 0);
	for (unsigned i = 1; i < s->at_once; i++) {
		if (threads[i].started)
			pthread_join(threads[i].thread, NULL);
		else
			run_lane(s, i);
	}
}

/* ---- at the end, what rests on several versions ---- */

/* The newest version that is offered, but for `skip` of them; NULL. */
static struct ms_tls_scan_version *
newest(struct ms_tls_scan *scan, size_t skip)
{
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		struct ms_tls_scan_version *v = &scan->versions[i];

		if (v->offered != MS_TLS_YES || v->code == MS_SSL_2)
			continue;
		if (skip-- == 0)
			return v;
	}
	return NULL;
}

/* What was accepted is offered again, with a difference. */
static enum tls_asked
ask_again(struct scanner *s, const struct ms_tls_scan_version *v,
    const char *purpose, bool grease, bool fallback, struct tls_answer *answer)
{
	uint32_t suites[MS_TLS_SUITES];
	uint16_t groups[TLS_GROUPS];
	struct tls_lane *lane = &s->lanes[0];
	struct tls_hello hello = { .version = v->code,
		.suites = suites,
		.groups = groups,
		.groups_n = tls_offer_groups(v->code, groups),
		.name = lane->request->name,
		.plain = s->suites[index_of(v->code)].plain,
		.grease = grease,
		.fallback = fallback };

	for (size_t i = 0; i < v->suites_n && i < MS_TLS_SUITES; i++)
		suites[hello.suites_n++] = v->suites[i].suite.code;
	return tls_ask(lane, &hello, purpose, answer);
}

static bool
still_answers(
    struct scanner *s, const struct ms_tls_scan_version *v, const char *purpose)
{
	struct tls_answer answer;

	return ask_again(s, v, purpose, false, false, &answer) == TLS_PICKED;
}

static void
find_fallback(struct scanner *s)
{
	const struct ms_tls_scan_version *v = newest(s->out, 1);
	struct tls_answer answer;
	enum tls_asked asked;

	if (!v)
		return;
	asked = ask_again(s, v, "scan fallback", false, true, &answer);
	if (asked == TLS_PICKED)
		s->out->fallback = MS_TLS_NO;
	else if (asked == TLS_REFUSED && answer.alert == 86)
		s->out->fallback = MS_TLS_YES;
}

static void
find_grease(struct scanner *s)
{
	const struct ms_tls_scan_version *v = newest(s->out, 0);
	struct tls_answer answer;
	enum tls_asked asked;

	if (!v)
		return;
	asked = ask_again(s, v, "scan grease", true, false, &answer);
	if (asked == TLS_PICKED)
		s->out->grease = MS_TLS_YES;
	else if (asked == TLS_REFUSED ||
		 (asked == TLS_CLOSED && still_answers(s, v, "scan last")))
		s->out->grease = MS_TLS_NO;
}

/* Whoever closes and then still answers what he answered before has refused;
 * who does not, had enough. */
static void
settle(struct tls_asker *a, bool refused)
{
	struct ms_tls_scan_version *v = a->v;

	if (a->closed_version && refused) {
		v->offered = MS_TLS_NO;
		v->why = "it closes the connection";
	}
	if (a->closed_suites && !refused) {
		v->suites_done = false;
		v->suites_why = "the connection was closed";
	}
	if (a->closed_groups && !refused) {
		v->groups_done = false;
		v->groups_why = "the connection was closed";
	}
}

static void
settle_closed(struct scanner *s)
{
	const struct ms_tls_scan_version *v = newest(s->out, 0);
	bool any = false, refused;

	for (size_t i = 0; i < MS_TLS_VERSIONS; i++)
		any = any || s->suites[i].closed_version ||
		      s->suites[i].closed_suites || s->groups[i].closed_groups;
	if (!any)
		return;
	refused = v && still_answers(s, v, "scan control");
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		settle(&s->suites[i], refused);
		settle(&s->groups[i], refused);
	}
}

/* TLS 1.2 is asked for its groups whether it is there or not; the older ones
 * only where nothing newer is. */
static void
settle_groups(struct scanner *s)
{
	struct ms_tls_scan_version *v = newest(s->out, 0);
	bool curve = false;

	for (size_t i = 0; i < MS_TLS_VERSIONS; i++)
		if (s->out->versions[i].offered != MS_TLS_YES)
			s->out->versions[i].groups_asked = false;
	if (!v || v->code >= MS_TLS_12)
		return;
	for (size_t i = 0; i < v->suites_n; i++)
		curve |= (v->suites[i].suite.flags & MS_TLS_CURVE) != 0;
	if (curve)
		tls_scan_groups(&s->groups[index_of(v->code)]);
}

/* ---- the whole ---- */

static void
scanner_init(struct scanner *s, const struct ms_env *env,
    struct ms_arena *arena, const struct ms_tls_scan_request *request)
{
	static const uint16_t versions[MS_TLS_VERSIONS] = { MS_TLS_13,
		MS_TLS_12, MS_TLS_11, MS_TLS_10, MS_SSL_3, MS_SSL_2 };
	size_t most = env->limits.tls_connections;

	s->at_once = request->at_once > 0 && request->at_once < LANES
			 ? request->at_once
			 : LANES;
	for (unsigned i = 0; i < s->at_once; i++) {
		struct tls_lane *lane = &s->lanes[i];

		lane->env = env;
		lane->request = request;
		lane->keep = ms_arena_like(arena);
		lane->scratch = ms_arena_like(arena);
		lane->most = (unsigned)(most / s->at_once);
	}
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		struct ms_tls_scan_version *v = &s->out->versions[i];

		v->code = versions[i];
		v->name = ms_tls_version_name(v->code);
		s->suites[i].v = s->groups[i].v = v;
		s->suites[i].what = "suites";
		s->groups[i].what = "groups";
		s->suites[i].lane = s->groups[i].lane = &s->lanes[0];
	}
	for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
		size_t at = index_of(tasks[i].version);
		struct tls_asker *a =
		    tasks[i].groups ? &s->groups[at] : &s->suites[at];

		a->lane = &s->lanes[tasks[i].lane % s->at_once];
	}
}

static const char *
keep_text(struct ms_arena *arena, const char *text)
{
	return text ? ms_arena_string(arena, ms_slice_from(text)) : NULL;
}

static void *
keep_list(struct ms_arena *arena, const void *list, size_t n)
{
	return n > 0 ? memcpy(ms_arena_alloc(arena, n), list, n) : NULL;
}

/* What was found moves from the lanes to the caller. */
static void
hand_over(struct scanner *s, struct ms_arena *arena)
{
	struct ms_tls_scan *out = s->out;

	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		struct ms_tls_scan_version *v = &out->versions[i];

		v->why = keep_text(arena, v->why);
		v->suites_why = keep_text(arena, v->suites_why);
		v->groups_why = keep_text(arena, v->groups_why);
		v->suites = keep_list(
		    arena, v->suites, v->suites_n * sizeof(*v->suites));
		v->groups = keep_list(
		    arena, v->groups, v->groups_n * sizeof(*v->groups));
		out->short_hello =
		    out->short_hello ||
		    (v->offered == MS_TLS_YES && v->code != MS_TLS_13 &&
			s->suites[i].plain);
	}
	for (unsigned i = 0; i < s->at_once; i++) {
		struct tls_lane *lane = &s->lanes[i];

		out->connections += lane->connections;
		out->limit = out->limit || lane->limit;
		if (!out->stopped)
			out->stopped = keep_text(arena, lane->stopped);
		ms_arena_free(lane->keep);
		ms_arena_free(lane->scratch);
	}
}

/* What follows begins when the last lane has ended. */
static double
longest(const struct scanner *s)
{
	double seconds = 0;

	for (unsigned i = 0; i < s->at_once; i++)
		if (s->lanes[i].spent > seconds)
			seconds = s->lanes[i].spent;
	return seconds;
}

void
ms_tls_scan(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_tls_scan_request *request, struct ms_tls_scan *out)
{
	struct scanner s;

	memset(out, 0, sizeof(*out));
	memset(&s, 0, sizeof(s));
	s.out = out;
	scanner_init(&s, env, arena, request);
	run_lanes(&s);
	s.lanes[0].spent = longest(&s);
	settle_closed(&s);
	settle_groups(&s);
	find_fallback(&s);
	find_grease(&s);
	out->seconds = s.lanes[0].spent;
	hand_over(&s, arena);
}

bool
ms_tls_scan_complete(const struct ms_tls_scan *scan)
{
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		const struct ms_tls_scan_version *v = &scan->versions[i];

		if (v->offered == MS_TLS_UNKNOWN ||
		    (v->offered == MS_TLS_YES &&
			(!v->suites_done ||
			    (v->groups_asked && !v->groups_done))))
			return false;
	}
	return true;
}

enum ms_tls_known
ms_tls_scan_quantum(const struct ms_tls_scan *scan)
{
	const struct ms_tls_scan_version *v = &scan->versions[0];

	if (v->offered != MS_TLS_YES)
		return v->offered;
	for (size_t i = 0; v->groups_asked && i < v->groups_n; i++)
		if (v->groups[i].flags & MS_TLS_GROUP_QUANTUM)
			return MS_TLS_YES;
	return v->groups_asked && v->groups_done ? MS_TLS_NO : MS_TLS_UNKNOWN;
}
