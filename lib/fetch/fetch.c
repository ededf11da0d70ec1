/* SPDX-License-Identifier: ISC
 * fetch.c - words, keys and copies of requests; and the source of answers that
 * may ask nobody
 */
#include "fetch_priv.h"

#include "mailsonde/buf.h"

static const char *const names[] = {
	[MS_FETCH_FOUND] = "found",
	[MS_FETCH_HTTP] = "http",
	[MS_FETCH_REDIRECTED] = "redirected",
	[MS_FETCH_TOO_LARGE] = "too-large",
	[MS_FETCH_CERTIFICATE] = "certificate",
	[MS_FETCH_TLS] = "tls",
	[MS_FETCH_NO_ADDRESS] = "no-address",
	[MS_FETCH_BAD_URL] = "bad-url",
	[MS_FETCH_NO_ANSWER] = "no-answer",
	[MS_FETCH_TIMEOUT] = "timeout",
	[MS_FETCH_REFUSED] = "refused",
	[MS_FETCH_UNREACHABLE] = "unreachable",
	[MS_FETCH_BROKEN] = "broken",
	[MS_FETCH_DNS] = "dns",
	[MS_FETCH_UNAVAILABLE] = "unavailable",
	[MS_FETCH_OFFLINE] = "offline",
	[MS_FETCH_NOT_RECORDED] = "not-recorded",
};

const char *
ms_fetch_status_name(enum ms_fetch_status status)
{
	return names[status];
}

bool
ms_fetch_status_parse(struct ms_slice text, enum ms_fetch_status *out)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!ms_slice_equal(text, ms_slice_from(names[i])))
			continue;
		*out = (enum ms_fetch_status)i;
		return true;
	}
	return false;
}

void
ms_fetch_fail(
    struct ms_fetch *out, enum ms_fetch_status status, const char *why)
{
	memset(out, 0, sizeof(*out));
	out->status = status;
	out->why = why;
}

char *
fetch_addresses(struct ms_arena *arena, const struct ms_fetch_request *request)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	for (size_t i = 0; i < request->ips_n; i++) {
		char text[MS_IP_TEXT];

		ms_ip_format(&request->ips[i], text);
		ms_buf_printf(&out, "%s%s", i > 0 ? "," : "", text);
	}
	return ms_arena_string(arena, ms_buf_get(&out));
}

struct ms_slice
fetch_key(struct ms_arena *arena, const struct ms_fetch_request *request)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	ms_buf_printf(&out, "fetch\n%s\n%s %u\n%zu %d %d\n%s\n", request->url,
	    fetch_addresses(arena, request), request->port, request->max,
	    request->allow_http, request->barred != NULL,
	    request->post_type ? request->post_type : "");
	ms_buf_slice(&out, request->post);
	return ms_buf_get(&out);
}

static const char *
copy_text(struct ms_arena *arena, const char *text)
{
	return text ? ms_arena_string(arena, ms_slice_from(text)) : NULL;
}

void
fetch_copy(
    struct ms_arena *arena, const struct ms_fetch *in, struct ms_fetch *out)
{
	*out = *in;
	out->why = copy_text(arena, in->why);
	out->type = copy_text(arena, in->type);
	out->location = copy_text(arena, in->location);
	out->certificate = copy_text(arena, in->certificate);
	out->server = copy_text(arena, in->server);
	if (in->body.p)
		out->body = ms_arena_copy(arena, in->body);
}

/* ---- none ---- */

static void
none_fetch(struct ms_fetch_source *self, const struct ms_fetch_request *request,
    struct ms_arena *arena, struct ms_fetch *out)
{
	(void)self;
	(void)request;
	(void)arena;
	ms_fetch_fail(out, MS_FETCH_OFFLINE, "nobody may be asked (--offline)");
}

static void
none_close(struct ms_fetch_source *self)
{
	(void)self;
}

/* One for everybody: it holds nothing, and nobody writes to it. */
static const struct ms_fetch_source none = {
	.fetch = none_fetch,
	.close = none_close,
};

struct ms_fetch_source *
ms_fetch_none(void)
{
	return (struct ms_fetch_source *)(uintptr_t)&none;
}
