/* SPDX-License-Identifier: ISC
 * observe.c - a line for people about every document
 */
#include "fetch_priv.h"
#include "mailsonde/buf.h"

struct observe {
	struct ms_fetch_source source; /* first: what callers hold */
	struct ms_fetch_source *inner;
	struct ms_arena *arena;
	void (*say)(void *context, struct ms_slice line);
	void *context;
};

static void
observe_fetch(struct ms_fetch_source *self,
    const struct ms_fetch_request *request, struct ms_arena *arena,
    struct ms_fetch *out)
{
	const struct observe *observe = (const struct observe *)(void *)self;
	struct ms_arena_mark mark;
	struct ms_buf line;

	observe->inner->fetch(observe->inner, request, arena, out);
	mark = ms_arena_mark(arena);
	ms_buf_init(&line, arena);
	ms_buf_printf(&line, "%s %s: %s", request->post_type ? "POST" : "GET",
	    request->url, ms_fetch_status_name(out->status));
	if (out->code > 0)
		ms_buf_printf(
		    &line, ", %d, %zu octets", out->code, out->body.n);
	if (out->server)
		ms_buf_printf(&line, ", %s", out->server);
	if (out->seconds > 0)
		ms_buf_printf(&line, ", %.0f ms", out->seconds * 1000);
	if (out->why)
		ms_buf_printf(&line, ": %s", out->why);
	observe->say(observe->context, ms_buf_get(&line));
	ms_arena_reset(arena, mark);
}

static void
observe_close(struct ms_fetch_source *self)
{
	struct observe *observe = (struct observe *)(void *)self;

	observe->inner->close(observe->inner);
	ms_arena_free(observe->arena);
}

struct ms_fetch_source *
ms_fetch_observe(struct ms_fetch_source *inner,
    void (*say)(void *context, struct ms_slice line), void *context,
    void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct observe *observe = MS_NEW(arena, struct observe);

	observe->source.fetch = observe_fetch;
	observe->source.close = observe_close;
	observe->inner = inner;
	observe->arena = arena;
	observe->say = say;
	observe->context = context;
	return &observe->source;
}
