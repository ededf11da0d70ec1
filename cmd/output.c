/* SPDX-License-Identifier: ISC
 * output.c - where rendered bytes go: the only writer of results
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The temporary file of -o, for the signal handler. */
static char *volatile unfinished;

void
remark(struct ms_slice line)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf out;

	ms_buf_init(&out, arena);
	ms_buf_text(&out, "mailsonde: ");
	ms_text_safe(&out, line);
	ms_buf_byte(&out, '\n');
	fwrite(out.p, 1, out.n, stderr);
	ms_arena_free(arena);
}

void
complain(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	remark(ms_slice_from(text));
}

static void
on_signal(int number)
{
	static const char text[] = "\nmailsonde: interrupted\n";

	if (unfinished)
		unlink(unfinished);
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_FAULT);
	signal(number, SIG_DFL);
	raise(number);
}

static void
watch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* A closed pipe is EPIPE from write, and ends quietly; a file that may
	 * not grow is EFBIG. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

bool
output_color(const struct options *options)
{
	const char *no_color = getenv("NO_COLOR");

	if (strcmp(options->color, "always") == 0)
		return true;
	if (strcmp(options->color, "never") == 0 || options->output ||
	    (no_color && *no_color))
		return false;
	return isatty(STDOUT_FILENO) == 1;
}

static bool
open_file(struct output *out, const char *path)
{
	struct stat st;
	mode_t mask = umask(0);

	umask(mask);
	/* A device or pipe is written in place: nothing to rename over. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC);
	} else {
		out->temporary = ms_arena_printf(out->arena, "%s.XXXXXX", path);
		out->fd = mkostemp(out->temporary, O_CLOEXEC);
	}
	if (out->fd < 0) {
		complain("%s: cannot write: %s", path, strerror(errno));
		return false;
	}
	if (out->temporary) {
		unfinished = out->temporary;
		(void)fchmod(out->fd, 0666 & ~mask);
	}
	return true;
}

bool
output_open(
    struct output *out, struct ms_arena *arena, const struct options *options)
{
	memset(out, 0, sizeof(*out));
	out->options = options;
	out->arena = arena;
	out->fd = STDOUT_FILENO;
	out->render.color = output_color(options);
	out->render.verbose = options->verbose;
	out->render.version = MAILSONDE_VERSION;
	ms_buf_init(&out->pending, arena);
	watch_signals();
	return !options->output || open_file(out, options->output);
}

bool
output_bytes(struct output *out, struct ms_slice bytes)
{
	while (bytes.n > 0 && !out->error) {
		ssize_t n = write(out->fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			out->error = errno;
		else
			bytes = ms_slice_part(bytes, (size_t)n, bytes.n);
	}
	return !out->error;
}

static bool
output_text(struct output *out, const char *text)
{
	return !text || output_bytes(out, ms_slice_from(text));
}

bool
output_reports(struct output *out, struct ms_slice bytes, uint64_t n)
{
	const struct ms_format *format = out->options->format;

	if (n == 0)
		return !out->error;
	if (format->open && out->written == 0 && n == 1) {
		ms_buf_slice(&out->pending, bytes);
		out->written = 1;
		return true;
	}
	if (format->open && !out->array) {
		output_text(out, format->open);
		output_bytes(out, ms_buf_get(&out->pending));
		out->array = true;
	}
	if (out->written > 0)
		output_text(out, format->between);
	out->written += n;
	return output_bytes(out, bytes);
}

static void
finish_file(struct output *out, bool keep)
{
	bool good = keep && !out->error;

	if (good && fsync(out->fd) != 0 && errno != EINVAL && errno != EROFS)
		out->error = errno;
	if (close(out->fd) != 0 && !out->error)
		out->error = errno;
	good = keep && !out->error;
	if (!out->temporary)
		return;
	if (good && rename(out->temporary, out->options->output) != 0)
		out->error = errno;
	if (!good || out->error)
		unlink(out->temporary);
	unfinished = NULL;
}

int
output_close(struct output *out, bool keep)
{
	const char *name =
	    out->options->output ? out->options->output : "standard output";

	if (out->array) {
		output_text(out, out->options->format->close);
	} else if (out->pending.n > 0) {
		output_bytes(out, ms_buf_get(&out->pending));
		output_text(out, out->options->format->alone);
	}
	if (out->options->output)
		finish_file(out, keep);
	if (out->error && out->error != EPIPE)
		complain("%s: cannot write: %s", name, strerror(out->error));
	return out->error ? EXIT_WRITE : 0;
}
