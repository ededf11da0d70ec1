/* SPDX-License-Identifier: ISC
 * output.c - where rendered bytes go: the only writer of results
 */
#include "output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "spool.h"

void
put_remark(struct ms_buf *out, struct ms_slice line)
{
	ms_buf_text(out, "mailsonde: ");
	ms_text_safe(out, line);
	ms_buf_byte(out, '\n');
}

void
remark(struct ms_slice line)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf out;

	ms_buf_init(&out, arena);
	put_remark(&out, line);
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

bool
output_progress(const struct options *options)
{
	return !options->quiet && isatty(STDERR_FILENO) &&
	       (options->output || !isatty(STDOUT_FILENO));
}

bool
output_open(
    struct output *out, struct ms_arena *arena, const struct options *options)
{
	memset(out, 0, sizeof(*out));
	out->options = options;
	out->arena = arena;
	out->render.color = output_color(options);
	out->render.verbose = options->verbose;
	out->render.version = MAILSONDE_VERSION;
	out->render.fail_on = options->fail_on;
	out->render.warning = options->warning;
	out->render.critical = options->critical;
	out->exit_code = -1;
	ms_buf_init(&out->pending, arena);
	ms_buf_init(&out->name, arena);
	if (options->format->page) {
		out->lines = spool_new(arena);
		out->parts = spool_new(arena);
	}
	return sink_open(&out->sink, arena, options->output);
}

bool
output_bytes(struct output *out, struct ms_slice bytes)
{
	return sink_write(&out->sink, bytes);
}

static void
output_head(struct output *out)
{
	struct ms_buf head;

	if (!out->options->format->head)
		return;
	ms_buf_init(&head, out->arena);
	out->options->format->head(out->options->command, &head);
	output_bytes(out, ms_buf_get(&head));
}

static bool
output_text(struct output *out, const char *text)
{
	return !text || output_bytes(out, ms_slice_from(text));
}

/* ---- pages ---- */

/* The list of all stands in front: what is behind it has to wait. */
static bool
add_to_page(struct output *out, struct ms_slice notes)
{
	const struct ms_page *page = out->options->format->page;
	struct ms_arena *arena = ms_arena_new(NULL);
	bool good = true;

	while (good && notes.n > 0) {
		struct ms_buf name, line, part;

		ms_buf_init(&name, arena);
		ms_buf_init(&line, arena);
		ms_buf_init(&part, arena);
		page->take(&notes, ++out->written, &name, &line, &part);
		if (out->written == 1)
			ms_buf_slice(&out->name, ms_buf_get(&name));
		good = spool_add(out->lines, ms_buf_get(&line)) &&
		       spool_add(out->parts, ms_buf_get(&part));
		ms_arena_clear(arena);
	}
	ms_arena_free(arena);
	return good;
}

static void
finish_page(struct output *out)
{
	const struct ms_page *page = out->options->format->page;
	struct ms_buf head;

	ms_buf_init(&head, out->arena);
	page->open(out->options->command, out->written, ms_buf_get(&out->name),
	    &out->render, &head);
	output_bytes(out, ms_buf_get(&head));
	if (out->written != 1) {
		spool_write(out->lines, &out->sink);
		output_text(out, page->parts);
	}
	spool_write(out->parts, &out->sink);
	output_text(out, page->close);
}

/* ---- */

bool
output_reports(struct output *out, struct ms_slice bytes, uint64_t n)
{
	const struct ms_format *format = out->options->format;

	if (n == 0)
		return !out->sink.error;
	if (format->page)
		return add_to_page(out, bytes);
	if (out->written == 0)
		output_head(out);
	if (format->finish) {
		ms_buf_slice(&out->pending, bytes);
		out->written += n;
		return true;
	}
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
finish(struct output *out)
{
	const struct ms_format *format = out->options->format;
	struct ms_buf all;

	ms_buf_init(&all, out->arena);
	out->exit_code =
	    format->finish(ms_buf_get(&out->pending), &out->render, &all);
	output_bytes(out, ms_buf_get(&all));
}

int
output_close(struct output *out, bool keep)
{
	const struct ms_format *format = out->options->format;
	bool spooled = true;
	int written;

	if (format->page) {
		spooled = spool_good(out->lines) && spool_good(out->parts);
		if (keep && spooled)
			finish_page(out);
		spool_close(out->lines);
		spool_close(out->parts);
	} else if (format->finish) {
		if (keep)
			finish(out);
	} else if (out->array) {
		output_text(out, format->close);
	} else if (out->pending.n > 0) {
		output_bytes(out, ms_buf_get(&out->pending));
		output_text(out, format->alone);
	}
	written = sink_close(&out->sink, keep && spooled);
	return spooled ? written : EXIT_WRITE;
}

int
output_code(const struct output *out, int code)
{
	return out->exit_code >= 0 ? out->exit_code : code;
}
