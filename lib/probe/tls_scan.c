/* SPDX-License-Identifier: ISC
 * tls_scan.c - versions, suites and groups of a server's TLS, by what it picks
 *
 * A list is offered; what was picked is struck from it, until the server
 * refuses the rest. Versions do not depend on each other and are asked in up
 * to four lanes at once; what rests on several of them is asked at the end.
 */
#include <pthread.h>

#include "tls_scan_priv.h"

#define LANES 4
#define CHUNK 24 /* suites in a short list */

/* What is still to be asked of a version. */
struct asker {
	struct tls_lane *lane;
	struct ms_tls_scan_version *v;
	const char *what; /* "suites", for the purpose */
	unsigned n;
	bool plain;
	/* Closing may mean a refusal, or that the server has enough of us. */
	bool closed_version, closed_suites, closed_groups;
};

struct scanner {
	struct tls_lane lanes[LANES];
	struct asker suites[MS_TLS_VERSIONS], groups[MS_TLS_VERSIONS];
	struct ms_tls_scan *out;
	unsigned at_once;
};

static enum tls_asked
ask(struct asker *a, const uint32_t *suites, size_t suites_n,
    const uint16_t *groups, size_t groups_n, struct tls_answer *answer)
{
	struct tls_lane *lane = a->lane;
	struct ms_arena_mark mark = ms_arena_mark(lane->scratch);
	const struct tls_hello hello = { .version = a->v->code,
		.suites = suites,
		.suites_n = suites_n,
		.groups = groups,
		.groups_n = groups_n,
		.name = lane->request->name,
		.plain = a->plain };
	const char *purpose = ms_arena_printf(
	    lane->scratch, "scan %s %s %u", a->v->name, a->what, ++a->n);
	enum tls_asked asked = tls_ask(lane, &hello, purpose, answer);

	ms_arena_reset(lane->scratch, mark);
	return asked;
}

/* ---- suites ---- */

static bool
strike(uint32_t *codes, size_t *n, uint32_t code)
{
	for (size_t i = 0; i < *n; i++) {
		if (codes[i] != code)
			continue;
		memmove(
		    codes + i, codes + i + 1, (*n - i - 1) * sizeof(*codes));
		(*n)--;
		return true;
	}
	return false;
}

static void
add_suite(struct asker *a, uint32_t code, const struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;
	size_t size = sizeof(*v->suites);
	struct ms_tls_scan_suite *s;

	v->suites = ms_arena_grow(a->lane->keep, v->suites, v->suites_n * size,
	    (v->suites_n + 1) * size);
	s = &v->suites[v->suites_n++];
	memset(s, 0, size);
	ms_tls_suite_by_code(code, &s->suite);
	ms_tls_group_by_code(answer->group, &s->group);
	s->prime_bits = answer->prime_bits;
}

/* Until the list is refused. False: the rest cannot be asked for. `answer` is
 * the one to the whole list. */
static bool
list_suites(struct asker *a, uint32_t *codes, size_t n, const uint16_t *groups,
    size_t groups_n, enum tls_asked asked, struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;

	while (asked == TLS_PICKED) {
		if (answer->version != v->code ||
		    !strike(codes, &n, answer->suite)) {
			v->suites_why = "it picked what was not offered";
			return false;
		}
		add_suite(a, answer->suite, answer);
		if (n == 0)
			return true;
		asked = ask(a, codes, n, groups, groups_n, answer);
	}
	if (asked == TLS_CLOSED)
		a->closed_suites = true;
	if (asked == TLS_LOST || asked == TLS_STOPPED)
		v->suites_why = a->lane->why;
	return !v->suites_why;
}

/* The same in short lists. */
static void
list_in_chunks(struct asker *a, uint32_t *codes, size_t n,
    const uint16_t *groups, size_t groups_n)
{
	bool good = true;

	for (size_t i = 0; i < n && good; i += CHUNK) {
		size_t part = n - i < CHUNK ? n - i : CHUNK;
		struct tls_answer answer;
		enum tls_asked asked =
		    ask(a, codes + i, part, groups, groups_n, &answer);

		good = list_suites(
		    a, codes + i, part, groups, groups_n, asked, &answer);
	}
	a->v->suites_done = good;
}

/* Some servers let a client that has it first use ChaCha20, whatever they
 * prefer otherwise. */
static bool
is_chacha(const struct ms_tls_suite *suite)
{
	return strstr(suite->name, "CHACHA") != NULL;
}

/* Once more, the last pick first: who picks the same as at first decides by
 * itself. */
static void
find_order(struct asker *a, const uint16_t *groups, size_t groups_n)
{
	struct ms_tls_scan_version *v = a->v;
	uint32_t codes[MS_TLS_SUITES];
	struct tls_answer answer;
	size_t n = v->suites_n, first = n;

	if (n < 2 || n > MS_TLS_SUITES)
		return;
	while (--first > 0 && is_chacha(&v->suites[first].suite))
		;
	if (first == 0)
		return;
	codes[0] = v->suites[first].suite.code;
	for (size_t i = 0, at = n; at-- > 0;)
		if (at != first)
			codes[++i] = v->suites[at].suite.code;
	a->what = "order";
	if (ask(a, codes, n, groups, groups_n, &answer) != TLS_PICKED)
		return;
	if (answer.suite == v->suites[0].suite.code)
		v->server_order = MS_TLS_YES;
	else if (answer.suite == codes[0])
		v->server_order = MS_TLS_NO;
}

/* ---- one version ---- */

static enum ms_tls_known
known(bool yes)
{
	return yes ? MS_TLS_YES : MS_TLS_NO;
}

static void
set_facts(struct asker *a, const struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;

	if (v->code == MS_TLS_13 || v->code == MS_SSL_2)
		return;
	v->secure_renegotiation = known(answer->renegotiation);
	if (a->plain)
		return;
	v->compression = known(answer->compression != 0);
	if (v->code == MS_SSL_3)
		return;
	v->tickets = known(answer->tickets);
	v->extended_secret = known(answer->extended_secret);
}

static void
set_version(
    struct asker *a, enum tls_asked asked, const struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;
	const char *name;

	v->why = a->lane->why;
	if (asked == TLS_REFUSED) {
		v->offered = MS_TLS_NO;
	} else if (asked == TLS_PICKED && answer->version != v->code) {
		name = ms_tls_version_name(answer->version);
		v->offered = MS_TLS_NO;
		v->why = ms_arena_printf(a->lane->keep, "it answers with %s",
		    name ? name : "another version");
	} else if (asked == TLS_PICKED) {
		v->offered = MS_TLS_YES;
		v->why = NULL;
		set_facts(a, answer);
	}
}

/* Alerts that speak of what was offered, RFC 8446 6.2. Any other may mean that
 * the hello was too much for the server. */
static bool
is_refusal(const struct tls_answer *answer)
{
	return answer->alert == 40 || answer->alert == 70 ||
	       answer->alert == 71;
}

static void
scan_ssl2(struct asker *a)
{
	uint32_t codes[MS_TLS_SUITES];
	size_t n = tls_offer_suites(MS_SSL_2, codes);
	struct tls_answer answer;
	enum tls_asked asked = ask(a, codes, n, NULL, 0, &answer);

	set_version(a, asked, &answer);
	a->closed_version = asked == TLS_CLOSED;
	if (a->v->offered != MS_TLS_YES)
		return;
	for (size_t i = 0; i < answer.ssl2_suites_n; i++)
		if (strike(codes, &n, answer.ssl2_suites[i]))
			add_suite(a, answer.ssl2_suites[i], &answer);
	a->v->suites_done = true;
	if (a->v->suites_n == 0) {
		a->v->offered = MS_TLS_NO;
		a->v->why = "it answers, and accepts no suite";
	}
}

/* Whether the long list was understood, or the version is done with. */
static bool
scan_short(struct asker *a, enum tls_asked first, const uint16_t *groups,
    size_t groups_n)
{
	uint32_t codes[MS_TLS_SUITES];
	size_t n = tls_offer_common(a->v->code, codes);
	struct tls_answer answer;
	enum tls_asked asked;

	a->plain = true;
	asked = ask(a, codes, n, groups, groups_n, &answer);
	set_version(a, asked, &answer);
	a->closed_version = asked == TLS_CLOSED && first == TLS_CLOSED;
	return a->v->offered == MS_TLS_YES;
}

static void
scan_suites(struct asker *a)
{
	struct ms_tls_scan_version *v = a->v;
	uint32_t codes[MS_TLS_SUITES];
	uint16_t groups[TLS_GROUPS];
	size_t n = tls_offer_suites(v->code, codes);
	size_t groups_n = tls_offer_groups(v->code, groups);
	struct tls_answer answer;
	enum tls_asked asked;

	if (v->code == MS_SSL_2) {
		scan_ssl2(a);
		return;
	}
	asked = ask(a, codes, n, groups, groups_n, &answer);
	if (asked == TLS_PICKED || asked == TLS_STOPPED ||
	    (asked == TLS_REFUSED && is_refusal(&answer))) {
		set_version(a, asked, &answer);
		if (v->offered != MS_TLS_YES)
			return;
		v->suites_done =
		    list_suites(a, codes, n, groups, groups_n, asked, &answer);
		find_order(a, groups, groups_n);
	} else if (scan_short(a, asked, groups, groups_n)) {
		list_in_chunks(a, codes, n, groups, groups_n);
	}
}

/* ---- groups ---- */

static void
add_group(struct asker *a, uint16_t code)
{
	struct ms_tls_scan_version *v = a->v;
	size_t size = sizeof(*v->groups);

	v->groups = ms_arena_grow(a->lane->keep, v->groups, v->groups_n * size,
	    (v->groups_n + 1) * size);
	ms_tls_group_by_code(code, &v->groups[v->groups_n++]);
}

static bool
strike_group(uint16_t *codes, size_t *n, uint16_t code)
{
	for (size_t i = 0; i < *n; i++) {
		if (codes[i] != code)
			continue;
		memmove(
		    codes + i, codes + i + 1, (*n - i - 1) * sizeof(*codes));
		(*n)--;
		return true;
	}
	return false;
}

/* Before TLS 1.3 a certificate with a key on a curve is of use only to those
 * who offer that curve (RFC 8422 5.1.1). When striking one ends it all, the
 * others are offered with that one behind them. */
struct group_list {
	uint16_t codes[TLS_GROUPS + 1];
	size_t n;
	uint16_t kept; /* 0: none */
	bool curve_key;
};

static enum tls_asked
ask_groups(struct asker *a, struct group_list *list, const uint32_t *suites,
    size_t suites_n, struct tls_answer *answer)
{
	if (list->kept)
		list->codes[list->n] = list->kept;
	return ask(a, suites, suites_n, list->codes,
	    list->n + (list->kept ? 1 : 0), answer);
}

/* False: that was the last. */
static bool
next_group(struct asker *a, struct group_list *list, enum tls_asked asked,
    const struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;
	struct ms_tls_suite suite;

	if (asked == TLS_REFUSED && list->curve_key && !list->kept &&
	    list->n > 0) {
		list->kept = v->groups[v->groups_n - 1].code;
		return true;
	}
	if (asked != TLS_PICKED || answer->version != v->code ||
	    (list->kept && answer->group == list->kept))
		return false;
	if (!strike_group(list->codes, &list->n, answer->group)) {
		v->groups_why = "it picked what was not offered";
		return false;
	}
	ms_tls_suite_by_code(answer->suite, &suite);
	list->curve_key = list->curve_key || (suite.flags & MS_TLS_ECDSA);
	add_group(a, answer->group);
	return list->n > 0;
}

/* The suites that bring a group with them. */
static size_t
group_suites(const struct asker *a, uint32_t out[MS_TLS_SUITES])
{
	uint16_t version = a->v->code;
	size_t n = a->plain ? tls_offer_common(version, out)
			    : tls_offer_suites(version, out);

	return version == MS_TLS_13 ? n : tls_only_curves(out, n);
}

static void
scan_groups(struct asker *a)
{
	struct ms_tls_scan_version *v = a->v;
	uint32_t suites[MS_TLS_SUITES];
	size_t suites_n = group_suites(a, suites);
	struct group_list list = { .kept = 0 };
	struct tls_answer answer;
	enum tls_asked asked;

	v->groups_asked = true;
	list.n = tls_offer_groups(v->code, list.codes);
	/* Its suites have been asked for, in this lane: the first is known. */
	if (v->code == MS_TLS_13 && v->suites_n > 0 &&
	    strike_group(list.codes, &list.n, v->suites[0].group.code))
		add_group(a, v->suites[0].group.code);
	asked = ask_groups(a, &list, suites, suites_n, &answer);
	if ((asked == TLS_CLOSED || asked == TLS_LOST) && !a->plain) {
		a->plain = true;
		suites_n = group_suites(a, suites);
		asked = ask_groups(a, &list, suites, suites_n, &answer);
	}
	while (next_group(a, &list, asked, &answer))
		asked = ask_groups(a, &list, suites, suites_n, &answer);
	a->closed_groups = asked == TLS_CLOSED;
	if (asked == TLS_LOST || asked == TLS_STOPPED)
		v->groups_why = a->lane->why;
	v->groups_done = !v->groups_why;
}

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
			scan_suites(&s->suites[at]);
		} else if (s->suites[at].lane != s->groups[at].lane) {
			scan_groups(&s->groups[at]);
		} else if (s->suites[at].v->offered == MS_TLS_YES) {
			s->groups[at].plain = s->suites[at].plain;
			scan_groups(&s->groups[at]);
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
settle(struct asker *a, bool refused)
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
		scan_groups(&s->groups[index_of(v->code)]);
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
		struct asker *a =
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
		    (v->offered == MS_TLS_YES && s->suites[i].plain);
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
	settle_closed(&s);
	settle_groups(&s);
	find_fallback(&s);
	find_grease(&s);
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
