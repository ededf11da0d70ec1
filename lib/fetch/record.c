/* SPDX-License-Identifier: ISC
 * record.c - every request and what came of it as a line of a record; and the
 * source that replays them
 */
#include "fetch_priv.h"

#include "mailsonde/clock.h"
#include "mailsonde/ledger.h"
#include "mailsonde/map.h"
#include "mailsonde/scan.h"

/* ---- recording ---- */

struct record {
	struct ms_fetch_source source; /* first: what callers hold */
	struct ms_fetch_source *inner;
	struct ms_ledger *ledger;
	struct ms_arena *arena;
};

static void
put_text(struct ms_buf *out, const char *name, const char *text)
{
	if (text)
		ms_ledger_put(out, name, ms_slice_from(text));
}

static void
put_request(struct ms_buf *out, const struct ms_fetch_request *request)
{
	ms_buf_text(out, "\"type\":\"fetch\"");
	put_text(out, "url", request->url);
	put_text(out, "addresses", fetch_addresses(out->arena, request));
	ms_ledger_put_int(out, "port", request->port);
	ms_ledger_put_int(out, "max", (int64_t)request->max);
	ms_ledger_put_int(out, "http", request->allow_http);
	ms_ledger_put_int(out, "barred", request->barred != NULL);
	put_text(out, "post_type", request->post_type);
	if (request->post_type)
		ms_ledger_put(out, "post", request->post);
}

static void
put_answer(struct ms_buf *out, const struct ms_fetch *answer)
{
	char text[MS_TIME_TEXT];

	put_text(out, "status", ms_fetch_status_name(answer->status));
	put_text(out, "why", answer->why);
	ms_ledger_put_int(out, "code", answer->code);
	put_text(out, "content_type", answer->type);
	put_text(out, "location", answer->location);
	ms_ledger_put_int(out, "verify_error", answer->verify_error);
	put_text(out, "certificate", answer->certificate);
	put_text(out, "server", answer->server);
	ms_time_format(answer->time, text);
	put_text(out, "dateString", text);
	ms_ledger_put_int(out, "dateSeconds", answer->time);
	/* Digits enough for the same double to come back. */
	ms_buf_printf(out, ",\"seconds\":%.17g", answer->seconds);
	ms_ledger_put(out, "body", answer->body);
}

static void
record_fetch(struct ms_fetch_source *self,
    const struct ms_fetch_request *request, struct ms_arena *arena,
    struct ms_fetch *out)
{
	const struct record *record = (const struct record *)(void *)self;
	struct ms_arena_mark mark;
	struct ms_buf line;

	record->inner->fetch(record->inner, request, arena, out);
	mark = ms_arena_mark(arena);
	ms_buf_init(&line, arena);
	put_request(&line, request);
	put_answer(&line, out);
	ms_ledger_add(
	    record->ledger, fetch_key(arena, request), ms_buf_get(&line));
	ms_arena_reset(arena, mark);
}

static void
record_close(struct ms_fetch_source *self)
{
	struct record *record = (struct record *)(void *)self;

	record->inner->close(record->inner);
	ms_arena_free(record->arena);
}

struct ms_fetch_source *
ms_fetch_record(
    struct ms_fetch_source *inner, struct ms_ledger *ledger, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct record *record = MS_NEW(arena, struct record);

	record->source.fetch = record_fetch;
	record->source.close = record_close;
	record->inner = inner;
	record->ledger = ledger;
	record->arena = arena;
	return &record->source;
}

/* ---- replaying ---- */

struct replay {
	struct ms_fetch_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_map answers; /* request to struct ms_fetch */
};

static struct replay *
replay_of(struct ms_fetch_source *self)
{
	return (struct replay *)(void *)self;
}

static void
replay_fetch(struct ms_fetch_source *self,
    const struct ms_fetch_request *request, struct ms_arena *arena,
    struct ms_fetch *out)
{
	const struct ms_map_entry *entry =
	    ms_map_find(&replay_of(self)->answers, fetch_key(arena, request));

	if (entry)
		*out = *(const struct ms_fetch *)entry->value;
	else
		ms_fetch_fail(out, MS_FETCH_NOT_RECORDED,
		    "the record does not hold this request (--replay)");
}

static void
replay_close(struct ms_fetch_source *self)
{
	ms_arena_free(replay_of(self)->arena);
}

struct ms_fetch_source *
ms_fetch_replay(void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct replay *replay = MS_NEW(arena, struct replay);

	replay->source.fetch = replay_fetch;
	replay->source.close = replay_close;
	replay->arena = arena;
	ms_map_init(&replay->answers, arena);
	return &replay->source;
}

static const char *
take_text(struct ms_arena *arena, const struct ms_json *line, const char *name)
{
	struct ms_slice text = ms_ledger_get(arena, line, name);

	return text.p ? ms_arena_string(arena, text) : NULL;
}

static bool
take_addresses(struct ms_arena *arena, const struct ms_json *line,
    struct ms_fetch_request *out)
{
	struct ms_slice text = ms_json_get_text(line, "addresses");
	struct ms_scan s = ms_scan_init(text);
	struct ms_ip *ips = MS_NEW_ARRAY(arena, struct ms_ip, text.n / 2 + 1);

	out->ips = ips;
	while (!ms_scan_at_end(&s))
		if (!ms_ip_parse(ms_scan_through(&s, ','), &ips[out->ips_n++]))
			return false;
	return text.p != NULL;
}

static bool
take_request(struct ms_arena *arena, const struct ms_json *line,
    struct ms_fetch_request *out)
{
	int64_t port = ms_json_get_int(line, "port", -1);
	int64_t max = ms_json_get_int(line, "max", -1);

	memset(out, 0, sizeof(*out));
	out->url = take_text(arena, line, "url");
	out->post_type = take_text(arena, line, "post_type");
	if (out->post_type)
		out->post = ms_ledger_get(arena, line, "post");
	out->port = (uint16_t)port;
	out->max = (size_t)max;
	out->allow_http = ms_json_get_int(line, "http", 0) != 0;
	out->barred = ms_json_get_int(line, "barred", 0) ? "" : NULL;
	return out->url && port >= 0 && port <= 65535 && max >= 0 &&
	       take_addresses(arena, line, out);
}

static bool
take_answer(
    struct ms_arena *arena, const struct ms_json *line, struct ms_fetch *out)
{
	const struct ms_json *seconds = ms_json_get(line, "seconds");

	if (!ms_fetch_status_parse(
		ms_json_get_text(line, "status"), &out->status))
		return false;
	out->why = take_text(arena, line, "why");
	out->code = (int)ms_json_get_int(line, "code", 0);
	out->type = take_text(arena, line, "content_type");
	out->location = take_text(arena, line, "location");
	out->body = ms_ledger_get(arena, line, "body");
	out->verify_error = (int)ms_json_get_int(line, "verify_error", 0);
	out->certificate = take_text(arena, line, "certificate");
	out->server = take_text(arena, line, "server");
	out->time = ms_json_get_int(line, "dateSeconds", 0);
	if (seconds && seconds->kind == MS_JSON_NUMBER && seconds->number >= 0)
		out->seconds = seconds->number;
	return out->why || out->status == MS_FETCH_FOUND;
}

enum ms_status
ms_fetch_replay_add(struct ms_fetch_source *source, const struct ms_json *line,
    struct ms_diag *diag)
{
	struct replay *replay = replay_of(source);
	struct ms_fetch *answer = MS_NEW(replay->arena, struct ms_fetch);
	struct ms_fetch_request request;
	struct ms_map_entry *entry;

	if (!take_request(replay->arena, line, &request))
		return ms_diag_set(diag, MS_FORMAT, "there is no request");
	if (!take_answer(replay->arena, line, answer))
		return ms_diag_set(
		    diag, MS_FORMAT, "the answer cannot be read");
	entry =
	    ms_map_take(&replay->answers, fetch_key(replay->arena, &request));
	if (entry->value)
		return ms_diag_set(
		    diag, MS_FORMAT, "the request was there before");
	entry->value = answer;
	return MS_OK;
}
