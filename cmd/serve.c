/* SPDX-License-Identifier: ISC
 * serve.c - mailsonde serve: the judgements of probe and domain, over HTTP
 *
 * The main thread waits for signals and sees to what has used up its time. A
 * signal lets what runs come to its end; a second one does not.
 */
#include "serve.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "env.h"
#include "output.h"

/* Seconds of a request, unless --timeout says so. */
#define TIMEOUT 30.0

/* Four times a second it is looked whose time is over. */
#define TICK 250000000

#define TICKS_OF_TRIM 20

double
serve_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- until the end ---- */

/* In every thread: those that wait for them take them. */
static void
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Memory that many threads took and gave back lies in pieces between what is
 * still held: the library gives it to the system when it is told to. */
static void
trim(struct serve *serve)
{
	if (++serve->ticks % TICKS_OF_TRIM == 0)
		malloc_trim(0);
}

/* One tick; the signal that came, or 0. */
static int
wait_a_tick(struct serve *serve, const sigset_t *set)
{
	static const struct timespec tick = { 0, TICK };
	int signal_number = sigtimedwait(set, NULL, &tick);

	ms_http_tick(serve->http);
	serve_work_tick(serve->work);
	trim(serve);
	return signal_number > 0 ? signal_number : 0;
}

static size_t
exchanges(struct serve *serve)
{
	size_t connections, n;

	ms_http_count(serve->http, &connections, &n);
	return n;
}

static void
run_until_signal(struct serve *serve, const sigset_t *set)
{
	int signal_number;

	while (!wait_a_tick(serve, set))
		;
	atomic_store(&serve->stopping, true);
	ms_http_quiesce(serve->http);
	if (!serve->options->quiet)
		complain(
		    "serve: stops; requests under way: %zu", exchanges(serve));
	do { /* once more than need be, for a request that has just come */
		signal_number = wait_a_tick(serve, set);
		if (signal_number)
			_exit(128 + signal_number);
	} while (exchanges(serve) > 0);
}

/* ---- opening ---- */

/* As many descriptors as may be needed, for each client may have a server
 * looked at; where there are fewer, fewer clients. */
static size_t
connections(const struct ms_limits *limits)
{
	size_t most = limits->serve_connections;
	rlim_t want = 2 * (rlim_t)most + limits->dns_in_flight + 1024;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return most;
	if (limit.rlim_cur < want) {
		limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur / 2 < most ? (size_t)limit.rlim_cur / 2 : most;
}

static void
say_where(const struct serve *serve, const struct ms_ip *ip)
{
	const struct ms_special *special = ms_ip_special(ip);
	bool loopback = special && strcmp(special->class, "loopback") == 0;
	char text[MS_IP_TEXT];

	ms_ip_format(ip, text);
	complain("serve: listens at http://%s%s%s:%u/", ip->v4 ? "" : "[", text,
	    ip->v4 ? "" : "]", ms_http_port(serve->http));
	if (!loopback)
		complain("serve: there is no log-in: whoever reaches that "
			 "address may ask");
}

static int
open_http(struct serve *serve)
{
	const struct options *options = serve->options;
	const struct ms_limits *limits = &serve->env->limits;
	struct ms_http_options http = { .ip = options->listen,
		.port = options->listen_port,
		.connections = connections(limits),
		.request_size = limits->serve_request,
		.patience = (double)limits->serve_seconds,
		.handle = serve_handle,
		.over = serve_over,
		.context = serve,
		.oom = out_of_memory };
	struct ms_diag diag = { "" };
	enum ms_status status;
	char text[MS_IP_TEXT];

	if (!http.ip.set) {
		(void)ms_ip_parse(MS_SLICE("127.0.0.1"), &http.ip);
		http.port = LISTEN_PORT;
	}
	ms_ip_format(&http.ip, text);
	status = ms_http_open(&http, &serve->http, &diag);
	if (status != MS_OK) {
		complain("serve: %s port %u: %s", text, http.port, diag.text);
		return EXIT_NOFILE;
	}
	if (!options->quiet)
		say_where(serve, &http.ip);
	if (options->targets.n == 0)
		complain("serve: nothing may be asked about: --allow-target "
			 "says what may (mx.example.org, \"*.example.org\", "
			 "192.0.2.0/24)");
	return 0;
}

static int
serve_all(struct serve *serve, struct ms_arena *arena, const sigset_t *signals)
{
	const struct ms_limits *limits = &serve->env->limits;
	size_t most =
	    serve->options->jobs ? serve->options->jobs : limits->serve_jobs;
	int code;

	serve->metrics = serve_metrics_new(arena);
	serve->work = serve_work_new(serve, most, limits->serve_waiting);
	code = open_http(serve);
	if (code == 0) {
		run_until_signal(serve, signals);
		ms_http_close(serve->http);
	}
	serve_work_free(serve->work);
	return code;
}

static int
run(const struct options *options)
{
	struct ms_probe_options probe = probe_options(options);
	struct ms_domain_options domain = domain_options(options);
	struct serve serve = { .options = options,
		.probe = probe_plan,
		.domain = domain_plan,
		.timeout = options->timeout > 0 ? options->timeout : TIMEOUT };
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct ms_env env;
	sigset_t signals;
	int code;

	block_signals(&signals);
	probe.transcript = false; /* -v is the log */
	serve.probe.with = &probe;
	serve.domain.with = &domain;
	serve.env = &env;
	code = env_open_lasting(
	    &env, arena, options, ENV_DNS | ENV_FETCH | ENV_WIRE);
	if (code == 0)
		code = serve_all(&serve, arena, &signals);
	env_close(&env);
	ms_arena_free(arena);
	return code;
}

extern const struct command command_serve;

const struct command command_serve = {
	.name = "serve",
	.arguments = "",
	.summary = "probe and domain over HTTP, for Prometheus and others",
	.examples = "  mailsonde serve --allow-target '*.example.org'\n"
		    "  mailsonde serve --listen [::1]:9925 --allow-target "
		    "192.0.2.0/24\n"
		    "  curl 'http://127.0.0.1:9925/probe?target="
		    "smtp://mx.example.org'\n",
	.groups = OPT_SERVE | OPT_CONNECT,
	.run = run,
};
