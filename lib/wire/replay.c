/* SPDX-License-Identifier: ISC
 * replay.c - the conversations of a record, and no others
 */
#include "wire_priv.h"

#include <pthread.h>
#include <string.h>

#include "mailsonde/ledger.h"
#include "mailsonde/map.h"

struct replay {
	struct ms_wire_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_map talks; /* key and number to struct wire_talk */
	pthread_mutex_t lock;
	struct ms_map counts; /* conversations of a key so far */
};

struct replay_wire {
	struct ms_wire wire; /* first: what callers hold */
	const struct wire_event *next;
	size_t taken; /* of its text */
};

static const char missing[] =
    "the record does not hold this conversation (--replay)";

static struct replay_wire *
wire_of(struct ms_wire *self)
{
	return (struct replay_wire *)(void *)self;
}

static enum ms_wire_status
ends(struct replay_wire *w, const struct wire_event *event)
{
	w->wire.elapsed = event->at;
	w->wire.why = event->why;
	return event->status;
}

static enum ms_wire_status
differs(struct replay_wire *w)
{
	w->wire.why = missing;
	w->next = NULL;
	return MS_WIRE_NOT_RECORDED;
}

static enum ms_wire_status
replay_read(struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	struct replay_wire *w = wire_of(self);
	const struct wire_event *event = w->next;
	struct ms_slice rest;

	*got = 0;
	if (!event || (event->who != 'S' && event->who != '-'))
		return differs(w);
	rest = ms_slice_part(event->text, w->taken, event->text.n);
	*got = rest.n < size ? rest.n : size;
	if (*got > 0)
		memcpy(room, rest.p, *got);
	w->taken += *got;
	if (w->taken >= event->text.n) {
		w->next = event->next;
		w->taken = 0;
	}
	return ends(w, event);
}

static enum ms_wire_status
replay_write(struct ms_wire *self, struct ms_slice bytes, const char *shown)
{
	struct replay_wire *w = wire_of(self);
	const struct wire_event *event = w->next;

	if (shown)
		bytes = ms_slice_from(shown);
	if (!event || event->who != 'C' || !ms_slice_equal(event->text, bytes))
		return differs(w);
	w->next = event->next;
	return ends(w, event);
}

static enum ms_wire_status
replay_starttls(struct ms_wire *self, const struct ms_tls_request *request,
    struct ms_tls_facts *out)
{
	struct replay_wire *w = wire_of(self);
	const struct wire_event *event = w->next;

	(void)request;
	memset(out, 0, sizeof(*out));
	out->alert = -1;
	out->error = missing;
	if (!event || event->who != 'T')
		return differs(w);
	*out = *event->tls;
	w->next = event->next;
	return ends(w, event);
}

static struct ms_slice
replay_recall(struct ms_wire *self, struct ms_slice word)
{
	struct replay_wire *w = wire_of(self);
	const struct wire_event *event = w->next;

	(void)word;
	if (!event || event->who != 'W') {
		(void)differs(w);
		return ms_slice_make(NULL, 0);
	}
	w->next = event->next;
	(void)ends(w, event);
	return event->text;
}

static void
replay_close(struct ms_wire *self)
{
	(void)self;
}

/* The key of the next of its kind. */
static struct ms_slice
numbered(struct ms_arena *arena, struct ms_slice key, unsigned n)
{
	return ms_slice_from(ms_arena_printf(
	    arena, "%.*s %u", (int)key.n, (const char *)key.p, n));
}

static const struct wire_talk *
take(struct replay *replay, struct ms_arena *arena, struct ms_slice key)
{
	const struct ms_map_entry *found;
	struct ms_map_entry *count;
	uintptr_t n;

	pthread_mutex_lock(&replay->lock);
	count = ms_map_take(&replay->counts, key);
	n = (uintptr_t)count->value;
	count->value = (void *)(n + 1);
	pthread_mutex_unlock(&replay->lock);
	found = ms_map_find(&replay->talks, numbered(arena, key, (unsigned)n));
	return found ? found->value : NULL;
}

static enum ms_wire_status
replay_open(struct ms_wire_source *self, const struct ms_wire_request *request,
    struct ms_arena *arena, struct ms_wire **out)
{
	struct replay *replay = (struct replay *)(void *)self;
	struct replay_wire *w = MS_NEW(arena, struct replay_wire);
	const struct wire_talk *talk = take(replay, arena,
	    wire_talk_key(
		arena, request->purpose, &request->ip, request->port));

	w->wire.read = replay_read;
	w->wire.write = replay_write;
	w->wire.starttls = replay_starttls;
	w->wire.close = replay_close;
	w->wire.recall = replay_recall;
	*out = &w->wire;
	if (!talk)
		return differs(w);
	w->next = talk->first;
	w->wire.elapsed = talk->at;
	w->wire.why = talk->why;
	return talk->status;
}

static void
replay_source_close(struct ms_wire_source *self)
{
	struct replay *replay = (struct replay *)(void *)self;

	pthread_mutex_destroy(&replay->lock);
	ms_arena_free(replay->arena);
}

struct ms_wire_source *
ms_wire_replay(void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct replay *replay = MS_NEW(arena, struct replay);

	replay->source.open = replay_open;
	replay->source.close = replay_source_close;
	replay->arena = arena;
	ms_map_init(&replay->talks, arena);
	ms_map_init(&replay->counts, arena);
	pthread_mutex_init(&replay->lock, NULL);
	return &replay->source;
}

enum ms_status
ms_wire_replay_add(struct ms_wire_source *source, const struct ms_json *line,
    struct ms_diag *diag)
{
	struct replay *replay = (struct replay *)(void *)source;
	struct wire_talk *talk = MS_NEW(replay->arena, struct wire_talk);
	struct ms_slice key;

	if (!wire_talk_get(replay->arena, line, talk))
		return ms_diag_set(
		    diag, MS_FORMAT, "the conversation cannot be read");
	key =
	    wire_talk_key(replay->arena, talk->purpose, &talk->ip, talk->port);
	ms_map_take(&replay->talks, numbered(replay->arena, key, talk->nth))
	    ->value = talk;
	return MS_OK;
}
