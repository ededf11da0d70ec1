/* SPDX-License-Identifier: ISC
 * record.c - every conversation as a line of a record
 *
 * What was read, written and agreed upon, in its order, each with the time
 * since the opening; a secret by what stands for it. The line is written when
 * the conversation is over.
 */
#include "wire_priv.h"

#include <pthread.h>

#include "mailsonde/buf.h"
#include "mailsonde/ledger.h"
#include "mailsonde/map.h"

struct record {
	struct ms_wire_source source; /* first: what callers hold */
	struct ms_wire_source *inner;
	struct ms_ledger *ledger;
	pthread_mutex_t lock; /* of what stands below */
	struct ms_arena *arena;
	struct ms_map counts; /* conversations of a key so far */
};

struct record_wire {
	struct ms_wire wire; /* first: what callers hold */
	struct ms_wire *inner;
	struct record *record;
	struct ms_arena *arena;
	struct wire_talk talk;
	bool hidden; /* what is read is not taken down */
};

static struct record_wire *
wire_of(struct ms_wire *self)
{
	return (struct record_wire *)(void *)self;
}

/* It is to keep to the time that is set for this one. */
static struct record_wire *
inner_of(struct ms_wire *self)
{
	struct record_wire *w = wire_of(self);

	w->inner->until = self->until;
	return w;
}

static struct wire_event *
note(struct record_wire *w, char who, enum ms_wire_status status)
{
	struct wire_event *event = MS_NEW(w->arena, struct wire_event);

	w->wire.elapsed = w->inner->elapsed;
	w->wire.why = w->inner->why;
	event->who = who;
	event->at = w->wire.elapsed;
	event->status = status;
	event->why = w->wire.why;
	if (w->talk.last)
		w->talk.last->next = event;
	else
		w->talk.first = event;
	w->talk.last = event;
	return event;
}

static enum ms_wire_status
record_read(struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	struct record_wire *w = inner_of(self);
	enum ms_wire_status status = w->inner->read(w->inner, room, size, got);
	struct wire_event *event;

	if (w->hidden && status == MS_WIRE_OK) {
		w->wire.elapsed = w->inner->elapsed;
		return status;
	}
	event = note(w, status == MS_WIRE_OK ? 'S' : '-', status);
	if (*got > 0)
		event->text =
		    ms_arena_copy(w->arena, ms_slice_make(room, *got));
	return status;
}

static enum ms_wire_status
record_write(struct ms_wire *self, struct ms_slice bytes, const char *shown)
{
	struct record_wire *w = inner_of(self);
	enum ms_wire_status status = w->inner->write(w->inner, bytes, shown);
	struct wire_event *event = note(w, 'C', status);

	event->text =
	    ms_arena_copy(w->arena, shown ? ms_slice_from(shown) : bytes);
	return status;
}

static void
record_hide(struct ms_wire *self)
{
	wire_of(self)->hidden = true;
}

static void
record_show(struct ms_wire *self, struct ms_slice bytes)
{
	struct record_wire *w = wire_of(self);

	if (w->hidden)
		note(w, 'S', MS_WIRE_OK)->text = ms_arena_copy(w->arena, bytes);
}

static struct ms_slice
record_recall(struct ms_wire *self, struct ms_slice word)
{
	struct record_wire *w = wire_of(self);

	if (w->inner->recall)
		word = w->inner->recall(w->inner, word);
	note(w, 'W', MS_WIRE_OK)->text = ms_arena_copy(w->arena, word);
	return word;
}

static enum ms_wire_status
record_starttls(struct ms_wire *self, const struct ms_tls_request *request,
    struct ms_tls_facts *out)
{
	struct record_wire *w = inner_of(self);
	enum ms_wire_status status = w->inner->starttls(w->inner, request, out);
	struct wire_event *event = note(w, 'T', status);

	event->tls = MS_NEW(w->arena, struct ms_tls_facts);
	*event->tls = *out;
	return status;
}

static void
write_line(struct record_wire *w)
{
	struct ms_buf line;
	struct ms_slice key;

	ms_buf_init(&line, w->arena);
	wire_talk_put(&line, &w->talk);
	key =
	    wire_talk_key(w->arena, w->talk.purpose, &w->talk.ip, w->talk.port);
	key = ms_slice_from(ms_arena_printf(
	    w->arena, "%.*s %u", (int)key.n, (const char *)key.p, w->talk.nth));
	ms_ledger_add(w->record->ledger, key, ms_buf_get(&line));
}

static void
record_close(struct ms_wire *self)
{
	struct record_wire *w = wire_of(self);

	w->inner->close(w->inner);
	write_line(w);
}

static unsigned
count(struct record *record, struct ms_slice key)
{
	struct ms_map_entry *entry;
	uintptr_t n;

	pthread_mutex_lock(&record->lock);
	entry = ms_map_take(&record->counts, key);
	n = (uintptr_t)entry->value;
	entry->value = (void *)(n + 1);
	pthread_mutex_unlock(&record->lock);
	return (unsigned)n;
}

static enum ms_wire_status
record_open(struct ms_wire_source *self, const struct ms_wire_request *request,
    struct ms_arena *arena, struct ms_wire **out)
{
	struct record *record = (struct record *)(void *)self;
	struct record_wire *w = MS_NEW(arena, struct record_wire);

	w->wire.read = record_read;
	w->wire.write = record_write;
	w->wire.starttls = record_starttls;
	w->wire.close = record_close;
	w->wire.hide = record_hide;
	w->wire.show = record_show;
	w->wire.recall = record_recall;
	w->record = record;
	w->arena = arena;
	w->talk.purpose = request->purpose;
	w->talk.ip = request->ip;
	w->talk.port = request->port;
	w->talk.nth = count(record, wire_talk_key(arena, request->purpose,
					&request->ip, request->port));
	w->talk.status =
	    record->inner->open(record->inner, request, arena, &w->inner);
	w->talk.at = w->wire.elapsed = w->inner->elapsed;
	w->talk.why = w->wire.why = w->inner->why;
	if (w->talk.status != MS_WIRE_OK)
		write_line(w);
	*out = &w->wire;
	return w->talk.status;
}

static void
record_pause(struct ms_wire_source *self, double seconds)
{
	struct record *record = (struct record *)(void *)self;

	if (record->inner->pause)
		record->inner->pause(record->inner, seconds);
}

static void
record_source_close(struct ms_wire_source *self)
{
	struct record *record = (struct record *)(void *)self;

	record->inner->close(record->inner);
	pthread_mutex_destroy(&record->lock);
	ms_arena_free(record->arena);
}

struct ms_wire_source *
ms_wire_record(
    struct ms_wire_source *inner, struct ms_ledger *ledger, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct record *record = MS_NEW(arena, struct record);

	record->source.open = record_open;
	record->source.pause = record_pause;
	record->source.close = record_source_close;
	record->inner = inner;
	record->ledger = ledger;
	record->arena = arena;
	pthread_mutex_init(&record->lock, NULL);
	ms_map_init(&record->counts, arena);
	return &record->source;
}
