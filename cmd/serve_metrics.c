/* SPDX-License-Identifier: ISC
 * serve_metrics.c - the figures of `mailsonde serve` itself
 *
 * Those that every program has bear the names that Prometheus' own libraries
 * give them.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "serve.h"

#define TYPE "# TYPE "

static const int codes[] = { 200, 400, 403, 404, 405, 503 };
#define CODES (sizeof(codes) / sizeof(*codes))

/* Upper bounds in seconds; one more counts all. */
static const double bounds[] = { 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
	60 };
#define BOUNDS (sizeof(bounds) / sizeof(*bounds))

struct path {
	atomic_uint_fast64_t codes[CODES];
	atomic_uint_fast64_t took[BOUNDS + 1]; /* each by itself */
	atomic_uint_fast64_t microseconds;
};

struct serve_metrics {
	double started; /* seconds since 1970 */
	struct path paths[SERVE_PATHS + 1];
};

struct serve_metrics *
serve_metrics_new(struct ms_arena *arena)
{
	struct serve_metrics *metrics = MS_NEW(arena, struct serve_metrics);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	metrics->started = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	return metrics;
}

void
serve_metrics_add(
    struct serve_metrics *metrics, size_t path, int code, double seconds)
{
	struct path *p = &metrics->paths[path];
	size_t i = 0;

	for (size_t k = 0; k < CODES; k++)
		if (codes[k] == code)
			atomic_fetch_add(&p->codes[k], 1);
	while (i < BOUNDS && seconds > bounds[i])
		i++;
	atomic_fetch_add(&p->took[i], 1);
	atomic_fetch_add(&p->microseconds, (uint_fast64_t)(seconds * 1e6));
}

/* ---- what the system knows ---- */

static size_t
open_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t n = 0;

	if (!folder)
		return 0;
	while (readdir(folder))
		n++;
	closedir(folder);
	return n > 3 ? n - 3 : 0; /* ".", ".." and its own */
}

/* The second number there, in pages. */
static double
resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long all = 0, resident = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%lu %lu", &all, &resident) != 2)
		resident = 0;
	fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double
cpu_seconds(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double
max_fds(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur
						     : 0;
}

/* ---- the page ---- */

static void
head(struct ms_buf *out, const char *name, const char *type, const char *help)
{
	ms_buf_printf(
	    out, "# HELP %s %s\n" TYPE "%s %s\n", name, help, name, type);
}

static void
put(struct ms_buf *out, const char *name, const char *type, const char *help,
    double value)
{
	head(out, name, type, help);
	ms_buf_printf(out, "%s %.15g\n", name, value);
}

static const char *
path_name(size_t i)
{
	const char *path = serve_path(i);

	return path ? path : "other";
}

static void
put_requests(const struct serve_metrics *metrics, struct ms_buf *out)
{
	static const char name[] = "mailsonde_http_requests_total";

	head(out, name, "counter", "Requests by path and status.");
	for (size_t i = 0; i <= SERVE_PATHS; i++)
		for (size_t k = 0; k < CODES; k++) {
			uint_fast64_t n =
			    atomic_load(&metrics->paths[i].codes[k]);

			if (n > 0)
				ms_buf_printf(out,
				    "%s{path=\"%s\",code=\"%d\"} %llu\n", name,
				    path_name(i), codes[k],
				    (unsigned long long)n);
		}
}

static void
put_histogram(const struct path *path, const char *label, const char *name,
    struct ms_buf *out)
{
	unsigned long long n = 0;

	for (size_t i = 0; i <= BOUNDS; i++) {
		n += atomic_load(&path->took[i]);
		ms_buf_printf(out, "%s_bucket{path=\"%s\",le=\"", name, label);
		if (i < BOUNDS)
			ms_buf_printf(out, "%g\"} %llu\n", bounds[i], n);
		else
			ms_buf_printf(out, "+Inf\"} %llu\n", n);
	}
	ms_buf_printf(out, "%s_sum{path=\"%s\"} %.15g\n", name, label,
	    (double)atomic_load(&path->microseconds) / 1e6);
	ms_buf_printf(out, "%s_count{path=\"%s\"} %llu\n", name, label, n);
}

static void
put_durations(const struct serve_metrics *metrics, struct ms_buf *out)
{
	static const char name[] = "mailsonde_http_request_duration_seconds";

	head(out, name, "histogram",
	    "From a request's header to the end of its answer.");
	for (size_t i = 0; i <= SERVE_PATHS; i++)
		put_histogram(&metrics->paths[i], path_name(i), name, out);
}

static void
put_process(const struct serve_metrics *metrics, struct ms_buf *out)
{
	put(out, "process_cpu_seconds_total", "counter",
	    "Processor time, user and system.", cpu_seconds());
	put(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
	    resident_bytes());
	put(out, "process_open_fds", "gauge", "Open file descriptors.",
	    (double)open_fds());
	put(out, "process_max_fds", "gauge",
	    "File descriptors that may be open.", max_fds());
	put(out, "process_start_time_seconds", "gauge",
	    "When it was started, since 1970.", metrics->started);
}

void
serve_metrics_render(struct serve *serve, struct ms_buf *out)
{
	size_t running, waiting, connections, exchanges;

	serve_work_count(serve->work, &running, &waiting);
	ms_http_count(serve->http, &connections, &exchanges);
	head(out, "mailsonde_build_info", "gauge", "The version, in a label.");
	ms_buf_printf(
	    out, "mailsonde_build_info{version=\"%s\"} 1\n", MAILSONDE_VERSION);
	put_requests(serve->metrics, out);
	put_durations(serve->metrics, out);
	put(out, "mailsonde_http_connections", "gauge",
	    "Connections that are open.", (double)connections);
	put(out, "mailsonde_http_requests_in_flight", "gauge",
	    "Requests that are not over, this one included.",
	    (double)exchanges);
	put(out, "mailsonde_subjects_running", "gauge",
	    "Servers and domains that are looked at.", (double)running);
	put(out, "mailsonde_subjects_waiting", "gauge",
	    "Servers and domains whose turn has not come.", (double)waiting);
	put(out, "mailsonde_subjects_max", "gauge",
	    "Of them that may be looked at at once.",
	    (double)(serve->options->jobs ? serve->options->jobs
					  : serve->env->limits.serve_jobs));
	put_process(serve->metrics, out);
}
