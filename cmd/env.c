/* SPDX-License-Identifier: ISC
 * env.c - the outside world, built from the options
 */
#include "env.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "mailsonde/dns_live.h"
#include "mailsonde/dns_wrap.h"
#include "mailsonde/dns_zone.h"
#include "mailsonde/spf.h"
#include "pool.h"

/* Answers that a run holds on to; the live source remembers beyond them, for
 * as long as they hold. */
#define ANSWERS_MAX 65536

/* Octets of documents likewise. */
#define DOCUMENTS_MAX ((size_t)16 * 1024 * 1024)

/* Seconds of one question, unless --dns-timeout says so. */
#define DNS_TIMEOUT 5.0

/* SPF records that a run holds on to. */
#define RECORDS_MAX 16384

const char *
env_beside(struct ms_arena *arena, const char *name)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	return ms_arena_printf(
	    arena, "%.*s%s", (int)(slash - path + 1), path, name);
}

const char *
env_embedded_database(struct ms_arena *arena)
{
	return env_beside(arena, "../share/mailsonde/mailsonde-country.mmdb");
}

static int
open_geo(
    struct ms_env *out, struct ms_arena *arena, const struct options *options)
{
	const char *embedded = env_embedded_database(arena);
	const char *const *paths = options->geoip_db.list;
	size_t n = options->geoip_db.n;
	struct ms_diag diag = { "" };
	enum ms_status status;

	if (n == 0)
		paths = ms_geo_usual(arena, &n);
	if (options->geoip_db.n > 0 ||
	    (embedded && access(embedded, R_OK) != 0))
		embedded = NULL;
	status = ms_geo_open(paths, n, embedded, &out->geo, &diag);
	if (status == MS_OK)
		return 0;
	out->geo = ms_geo_none();
	complain("%s", diag.text);
	if (options->geoip_db.n == 0)
		return 0; /* a broken one of the system's: go on without */
	return status == MS_IO ? EXIT_NOFILE : EXIT_DATA;
}

/* A line of -v about one answer. */
static void
say_answer(void *context, struct ms_slice line)
{
	(void)context;
	remark(line);
}

static int
open_live(struct ms_env *out, const struct options *options)
{
	struct ms_dns_live_options live = { .resolvers =
						options->resolvers.list,
		.n = options->resolvers.n,
		.timeout = options->dns_timeout,
		.limits = &out->limits };
	struct ms_diag diag = { "" };
	enum ms_status status;

	if (options->offline) {
		out->dns = ms_dns_none();
		return 0;
	}
	/* no question has longer than its subject */
	if (live.timeout <= 0)
		live.timeout = DNS_TIMEOUT;
	if (options->timeout > 0 && options->timeout < live.timeout)
		live.timeout = options->timeout;
	status = ms_dns_live_open(&live, &out->dns, &diag);
	if (status == MS_OK && options->dns_keys_n > 0)
		out->dns = ms_dns_keyed(out->dns, options->dns_keys,
		    options->dns_keys_n, out_of_memory);
	if (status == MS_OK)
		return 0;
	complain(
	    "%s%s", options->resolvers.n > 0 ? "--resolver: " : "", diag.text);
	return status == MS_USAGE ? EXIT_USAGE : EXIT_NOFILE;
}

static int
open_wire(struct ms_env *out, const struct options *options, bool lasting)
{
	struct ms_wire_live_options live = { .ca_file = options->ca_file,
		.now = lasting ? 0 : out->clock.now,
		.bytes = out->limits.wire_bytes,
		.oom = out_of_memory };
	struct ms_diag diag = { "" };

	out->wire = ms_wire_none();
	if (options->offline ||
	    ms_wire_live_open(&live, &out->wire, &diag) == MS_OK)
		return 0;
	complain("--ca-file: %s", diag.text);
	return EXIT_NOFILE;
}

/* Lays the zone files over. */
static int
open_zones(struct ms_env *out, const struct options *options)
{
	struct ms_dns_zone_options zone = { .paths = options->zones.list,
		.n = options->zones.n,
		.offline = options->offline,
		.inner = out->dns,
		.time = out->clock.now,
		.limits = &out->limits,
		.oom = out_of_memory };
	struct ms_diag diag = { "" };
	enum ms_status status;

	if (options->zones.n == 0)
		return 0;
	out->dns = NULL; /* it belongs to the zone now, also when that fails */
	status = ms_dns_zone_open(&zone, &out->dns, &diag);
	if (status == MS_OK)
		return 0;
	complain("--zone: %s", diag.text);
	return status == MS_IO ? EXIT_NOFILE : EXIT_DATA;
}

static void
open_fetch(struct ms_env *out, const struct options *options)
{
	struct ms_fetch_live_options live = {
		.ca_file = options->ca_file,
		.at_given = options->at_given,
		.at = options->at,
		.oom = out_of_memory,
	};

	if (!options->offline)
		out->fetch = ms_fetch_live(&live);
}

double
env_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- time that comes out the same in a replay ---- */

/* What the answers that this thread has had took, taken together. */
static _Thread_local double waited;

struct timed {
	struct ms_dns_source source; /* first: what callers hold */
	struct ms_dns_source *inner;
};

static void
timed_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	const struct timed *timed = (const struct timed *)(const void *)self;

	timed->inner->query(timed->inner, question, arena, out);
	waited += out->seconds;
}

static bool
timed_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	const struct timed *timed = (const struct timed *)(const void *)self;

	return timed->inner->prefetch(timed->inner, question);
}

static void
timed_close(struct ms_dns_source *self)
{
	const struct timed *timed = (const struct timed *)(const void *)self;

	timed->inner->close(timed->inner);
}

struct timed_fetch {
	struct ms_fetch_source source; /* first: what callers hold */
	struct ms_fetch_source *inner;
};

static void
timed_fetch(struct ms_fetch_source *self,
    const struct ms_fetch_request *request, struct ms_arena *arena,
    struct ms_fetch *out)
{
	const struct timed_fetch *timed =
	    (const struct timed_fetch *)(const void *)self;

	timed->inner->fetch(timed->inner, request, arena, out);
	waited += out->seconds;
}

static void
timed_fetch_close(struct ms_fetch_source *self)
{
	const struct timed_fetch *timed =
	    (const struct timed_fetch *)(const void *)self;

	timed->inner->close(timed->inner);
}

static double
waited_ticks(void)
{
	return waited;
}

/* Limits of time are held against the recorded times, when recording as well:
 * a replay then hits them where the recording did. */
static void
time_by_answers(struct ms_env *out, struct ms_arena *arena)
{
	struct timed_fetch *fetch = MS_NEW(arena, struct timed_fetch);
	struct timed *timed = MS_NEW(arena, struct timed);

	timed->source.query = timed_query;
	timed->source.prefetch = out->dns->prefetch ? timed_prefetch : NULL;
	timed->source.close = timed_close;
	timed->inner = out->dns;
	out->dns = &timed->source;
	fetch->source.fetch = timed_fetch;
	fetch->source.close = timed_fetch_close;
	fetch->inner = out->fetch;
	out->fetch = &fetch->source;
	out->clock.ticks = waited_ticks;
}

/* ---- all of it ---- */

static int
open_seed(struct ms_env *out)
{
	if (getrandom(out->seed, sizeof(out->seed), 0) ==
	    (ssize_t)sizeof(out->seed))
		return 0;
	complain("no random numbers: %s", strerror(errno));
	return EXIT_FAULT;
}

/* What is not there is said before anybody is asked. */
static int
look_for_anchors(const struct options *options)
{
	if (!options->ca_file || access(options->ca_file, R_OK) == 0)
		return 0;
	complain("--ca-file: %s: %s", options->ca_file, strerror(errno));
	return EXIT_NOFILE;
}

static int
open_sources(struct ms_env *out, struct ms_arena *arena,
    const struct options *options, unsigned wants, bool lasting)
{
	int code = look_for_anchors(options);

	out->dns = ms_dns_none();
	out->fetch = ms_fetch_none();
	out->psl = ms_psl_system();
	out->geo = ms_geo_none();
	if (code == 0 && (wants & ENV_DNS))
		code = open_live(out, options);
	if (code == 0 && (wants & ENV_DNS))
		code = open_zones(out, options);
	if (code == 0 && (wants & ENV_FETCH))
		open_fetch(out, options);
	if (code == 0 && (wants & ENV_WIRE))
		code = open_wire(out, options, lasting);
	if (code == 0 && (wants & ENV_GEO))
		code = open_geo(out, arena, options);
	if (code == 0 && (wants & ENV_SEED))
		code = open_seed(out);
	if (code == 0)
		evidence_record(options->evidence, out);
	return code;
}

/* Around whoever answers, from the inside out. */
static void
look_on(
    struct ms_env *out, struct ms_arena *arena, const struct options *options)
{
	size_t most = options->evidence ? 0 : ANSWERS_MAX;

	if (options->verbose) {
		out->dns =
		    ms_dns_observe(out->dns, say_answer, NULL, out_of_memory);
		out->fetch = ms_fetch_observe(
		    out->fetch, say_answer, NULL, out_of_memory);
	}
	out->dns =
	    ms_dns_once(out->dns, most, !options->careful, out_of_memory);
	out->fetch = ms_fetch_once(
	    out->fetch, options->evidence ? 0 : DOCUMENTS_MAX, out_of_memory);
	if (options->evidence)
		time_by_answers(out, arena);
	else
		out->spf = ms_spf_memory_new(RECORDS_MAX, out_of_memory);
}

static void
set_terms(struct ms_env *out, const struct options *options)
{
	memset(out, 0, sizeof(*out));
	out->limits = ms_limits_fill(NULL);
	out->clock.now = options->at_given ? options->at : (int64_t)time(NULL);
	out->clock.ticks = env_ticks;
	out->at_given = options->at_given;
	out->at_received = options->at_received;
	out->trust = options->trust.list;
	out->trust_n = options->trust.n;
	out->allow = options->allow.list;
	out->allow_n = options->allow.n;
	out->timeout = options->timeout;
	out->careful = options->careful;
	out->redirects = options->redirects.list;
	out->redirects_n = options->redirects.n;
	out->ca_file = options->ca_file;
}

int
env_open_lasting(struct ms_env *out, struct ms_arena *arena,
    const struct options *options, unsigned wants)
{
	set_terms(out, options);
	return open_sources(out, arena, options, wants, true);
}

int
env_open(struct ms_env *out, struct ms_arena *arena,
    const struct options *options, unsigned wants)
{
	int code = 0;

	set_terms(out, options);
	if (!evidence_replay(options->evidence, out))
		code = open_sources(out, arena, options, wants, false);
	if (code == 0 && (wants & ENV_DNS))
		look_on(out, arena, options);
	return code;
}

int
env_open_keys(const struct ms_env *env, const struct options *options,
    struct ms_dns_source **out)
{
	struct ms_dns_zone_options zone = { .inner = ms_dns_none(),
		.paths = options->keys.list,
		.n = options->keys.n,
		.offline = true,
		.time = env->clock.now,
		.limits = &env->limits,
		.oom = out_of_memory };
	struct ms_diag diag = { "" };
	enum ms_status status;

	if (options->keys.n == 0 ||
	    evidence_replay_keys(options->evidence, out))
		return 0;
	status = ms_dns_zone_open(&zone, out, &diag);
	if (status == MS_OK) {
		evidence_record_keys(options->evidence, out);
		return 0;
	}
	complain("--keys: %s", diag.text);
	return status == MS_IO ? EXIT_NOFILE : EXIT_DATA;
}

bool
env_asks_nobody(const struct options *options)
{
	return options->offline && options->zones.n == 0 &&
	       options->keys.n == 0;
}

void
env_close(struct ms_env *env)
{
	if (env->geo)
		env->geo->close(env->geo);
	env->geo = NULL;
	if (env->dns)
		env->dns->close(env->dns);
	env->dns = NULL;
	if (env->fetch)
		env->fetch->close(env->fetch);
	env->fetch = NULL;
	if (env->wire)
		env->wire->close(env->wire);
	env->wire = NULL;
	ms_spf_memory_free(env->spf);
	env->spf = NULL;
	if (env->psl)
		env->psl->close(env->psl);
	env->psl = NULL;
}
