/* SPDX-License-Identifier: ISC
 * progress.c - how far a run is, on a terminal
 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WIDTH 72

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

uint64_t
progress_input(void)
{
	off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	struct stat st;

	if (at < 0 || fstat(STDIN_FILENO, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size <= at)
		return 0;
	return (uint64_t)(st.st_size - at);
}

void
progress_start(struct progress *progress, bool shown, uint64_t amount)
{
	progress->shown = shown;
	progress->started = now();
	progress->amount = amount;
	progress->second = (long)progress->started;
}

/* "1 h 5 min", "12 min", "40 s". */
static void
format_span(double seconds, char *out, size_t size)
{
	uint64_t s = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 1000000000;

	if (s >= 3600)
		snprintf(out, size, "%" PRIu64 " h %" PRIu64 " min", s / 3600,
		    s / 60 % 60);
	else if (s >= 60)
		snprintf(
		    out, size, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else
		snprintf(out, size, "%" PRIu64 " s", s);
}

static void
show(struct progress *progress, double elapsed)
{
	uint64_t done = atomic_load(&progress->done);
	uint64_t taken = atomic_load(&progress->taken);
	uint64_t worked = taken - atomic_load(&progress->skipped);
	char text[WIDTH + 1], left[48];
	int n = snprintf(text, sizeof(text), "%" PRIu64 " done, %.*f/s", done,
	    (double)done < 10 * elapsed, (double)done / elapsed);

	if (progress->amount > 0 && taken <= progress->amount && worked > 0 &&
	    n > 0 && n < WIDTH) {
		format_span((double)(progress->amount - taken) * elapsed /
				(double)worked,
		    left, sizeof(left));
		snprintf(text + n, sizeof(text) - (size_t)n,
		    ", %" PRIu64 " %%, %s left", taken * 100 / progress->amount,
		    left);
	}
	fprintf(stderr, "\r%-*s", WIDTH, text);
}

void
progress_add(struct progress *progress, uint64_t done, uint64_t amount)
{
	double elapsed;
	long second, at;

	atomic_fetch_add(&progress->done, done);
	atomic_fetch_add(&progress->taken, amount);
	if (done == 0)
		atomic_fetch_add(&progress->skipped, amount);
	if (!progress->shown)
		return;
	elapsed = now() - progress->started;
	second = (long)(progress->started + elapsed);
	at = atomic_load(&progress->second);
	if (second > at && elapsed >= 1 &&
	    atomic_compare_exchange_strong(&progress->second, &at, second))
		show(progress, elapsed);
}

void
progress_end(struct progress *progress)
{
	if (progress->shown)
		fprintf(stderr, "\r%*s\r", WIDTH, "");
}
