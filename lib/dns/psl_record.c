/* SPDX-License-Identifier: ISC
 * psl_record.c - answers of the public suffix list as lines of a record, and
 * out of them again
 */
#include "mailsonde/ledger.h"
#include "mailsonde/map.h"
#include "mailsonde/psl.h"

struct record {
	struct ms_psl base; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_psl *inner;
	struct ms_ledger *ledger;
};

struct replay {
	struct ms_psl base; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_psl_about about;
	struct ms_map answers; /* name to struct ms_psl_answer */
};

/* ---- recording ---- */

static void
record_ask(struct ms_psl *self, struct ms_slice domain, struct ms_arena *arena,
    struct ms_psl_answer *out)
{
	const struct record *record = (const struct record *)(void *)self;
	struct ms_arena_mark mark;
	struct ms_buf line, key;

	record->inner->ask(record->inner, domain, arena, out);
	if (!out->known)
		return;
	mark = ms_arena_mark(arena);
	ms_buf_init(&key, arena);
	ms_buf_text(&key, "psl ");
	ms_buf_slice(&key, out->name);
	ms_buf_init(&line, arena);
	ms_buf_text(&line, "\"type\":\"psl\"");
	ms_ledger_put(&line, "name", out->name);
	ms_ledger_put(&line, "suffix", out->suffix);
	ms_ledger_put(&line, "registrable", out->registrable);
	ms_ledger_put(&line, "icann_registrable", out->icann_registrable);
	ms_ledger_put_int(&line, "section", out->section);
	ms_ledger_add(record->ledger, ms_buf_get(&key), ms_buf_get(&line));
	ms_arena_reset(arena, mark);
}

static struct ms_psl_about
record_about(struct ms_psl *self)
{
	const struct record *record = (const struct record *)(void *)self;

	return record->inner->about(record->inner);
}

static void
record_close(struct ms_psl *self)
{
	struct record *record = (struct record *)(void *)self;

	record->inner->close(record->inner);
	ms_arena_free(record->arena);
}

struct ms_psl *
ms_psl_record(struct ms_psl *inner, struct ms_ledger *ledger, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct record *record = MS_NEW(arena, struct record);

	record->base =
	    (struct ms_psl){ record_ask, record_about, record_close };
	record->arena = arena;
	record->inner = inner;
	record->ledger = ledger;
	return &record->base;
}

/* ---- replaying ---- */

static void
replay_ask(struct ms_psl *self, struct ms_slice domain, struct ms_arena *arena,
    struct ms_psl_answer *out)
{
	const struct replay *replay = (const struct replay *)(void *)self;
	struct ms_slice name = ms_psl_normalise(domain, arena);
	const struct ms_map_entry *entry =
	    name.p ? ms_map_find(&replay->answers, name) : NULL;

	memset(out, 0, sizeof(*out));
	if (entry)
		*out = *(const struct ms_psl_answer *)entry->value;
	out->name = name;
}

static struct ms_psl_about
replay_about(struct ms_psl *self)
{
	return ((const struct replay *)(void *)self)->about;
}

static void
replay_close(struct ms_psl *self)
{
	ms_arena_free(((struct replay *)(void *)self)->arena);
}

struct ms_psl *
ms_psl_replay(const struct ms_psl_about *about, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct replay *replay = MS_NEW(arena, struct replay);

	replay->base =
	    (struct ms_psl){ replay_ask, replay_about, replay_close };
	replay->arena = arena;
	replay->about = *about;
	if (about->source)
		replay->about.source =
		    ms_arena_string(arena, ms_slice_from(about->source));
	ms_map_init(&replay->answers, arena);
	return &replay->base;
}

enum ms_status
ms_psl_replay_add(struct ms_psl *psl, const struct ms_json *line)
{
	struct replay *replay = (struct replay *)(void *)psl;
	struct ms_arena *arena = replay->arena;
	struct ms_slice name = ms_ledger_get(arena, line, "name");
	int64_t section = ms_json_get_int(line, "section", -1);
	struct ms_psl_answer *answer = MS_NEW(arena, struct ms_psl_answer);
	struct ms_map_entry *entry = ms_map_take(&replay->answers, name);

	answer->known = true;
	answer->suffix = ms_ledger_get(arena, line, "suffix");
	answer->registrable = ms_ledger_get(arena, line, "registrable");
	answer->icann_registrable =
	    ms_ledger_get(arena, line, "icann_registrable");
	if (name.n == 0 || entry->value || !answer->suffix.p || section < 0 ||
	    section > MS_PSL_PRIVATE)
		return MS_FORMAT;
	answer->section = (enum ms_psl_section)section;
	entry->value = answer;
	return MS_OK;
}
