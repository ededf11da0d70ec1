/* SPDX-License-Identifier: ISC
 * sink.c - a file written whole or not at all
 */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

/* The temporary files, for sudden ends. */
static char *volatile unfinished[SINKS_MAX];

static void
forget(const char *temporary, char *instead)
{
	for (size_t i = 0; i < SINKS_MAX; i++) {
		if (unfinished[i] == temporary) {
			unfinished[i] = instead;
			return;
		}
	}
}

void
sinks_abandon(void)
{
	for (size_t i = 0; i < SINKS_MAX; i++)
		if (unfinished[i])
			unlink(unfinished[i]);
}

static void
on_signal(int number)
{
	static const char text[] = "\nmailsonde: interrupted\n";

	sinks_abandon();
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_FAULT);
	signal(number, SIG_DFL);
	raise(number);
}

/* Interruptions remove what is unfinished; a closed pipe and a full disk are
 * errors of the write. */
static void
watch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* A temporary file beside `path`. Nothing interrupts between its creation and
 * the note of it: it would be left behind. */
static void
open_temporary(struct sink *sink, struct ms_arena *arena, const char *path)
{
	sigset_t signals, before;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sink->temporary = ms_arena_printf(arena, "%s.XXXXXX", path);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	sink->fd = mkostemp(sink->temporary, O_CLOEXEC);
	if (sink->fd >= 0)
		forget(NULL, sink->temporary);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool
sink_open(struct sink *sink, struct ms_arena *arena, const char *path)
{
	struct stat st;
	mode_t mask;

	memset(sink, 0, sizeof(*sink));
	sink->path = path;
	sink->fd = STDOUT_FILENO;
	watch_signals();
	if (!path)
		return true;
	mask = umask(0);
	umask(mask);
	/* A device or pipe is written in place: nothing to rename over. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		sink->fd = open(path, O_WRONLY | O_CLOEXEC);
	else
		open_temporary(sink, arena, path);
	if (sink->fd < 0) {
		complain("%s: cannot write: %s", path, strerror(errno));
		return false;
	}
	if (sink->temporary)
		(void)fchmod(sink->fd, 0666 & ~mask);
	return true;
}

bool
sink_write(struct sink *sink, struct ms_slice bytes)
{
	while (bytes.n > 0 && !sink->error) {
		ssize_t n = write(sink->fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			sink->error = errno;
		else
			bytes = ms_slice_part(bytes, (size_t)n, bytes.n);
	}
	return !sink->error;
}

static void
finish_file(struct sink *sink, bool keep)
{
	bool good = keep && !sink->error;

	if (good && fsync(sink->fd) != 0 && errno != EINVAL && errno != EROFS)
		sink->error = errno;
	if (close(sink->fd) != 0 && !sink->error)
		sink->error = errno;
	good = keep && !sink->error;
	if (!sink->temporary)
		return;
	if (good && rename(sink->temporary, sink->path) != 0)
		sink->error = errno;
	if (!good || sink->error)
		unlink(sink->temporary);
	forget(sink->temporary, NULL);
}

int
sink_close(struct sink *sink, bool keep)
{
	if (sink->path)
		finish_file(sink, keep);
	if (sink->error && sink->error != EPIPE)
		complain("%s: cannot write: %s",
		    sink->path ? sink->path : "standard output",
		    strerror(sink->error));
	return sink->error ? EXIT_WRITE : 0;
}
