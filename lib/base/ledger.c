/* SPDX-License-Identifier: ISC
 * ledger.c - a file of JSON lines, each of which seals those before it
 */
#include "mailsonde/ledger.h"

#include <pthread.h>
#include <stdio.h>

#include "mailsonde/codec.h"
#include "mailsonde/digest.h"
#include "mailsonde/map.h"
#include "mailsonde/utf8.h"

#define HEX   64
#define TAIL  "\"}" /* behind the hash, at the end of a line */
#define BATCH (64 * 1024)

static const char seal_member[] = ",\"hash\":\"";

/* The next hash: `hash` is the one before, and becomes it. */
static void
seal(char hash[HEX + 1], struct ms_slice body)
{
	struct ms_digests digests;
	struct ms_digest digest;

	ms_digest_init(&digest, MS_DIGEST_SHA256);
	ms_digest_update(&digest, ms_slice_from(hash));
	ms_digest_update(&digest, body);
	ms_digest_final(&digest, &digests);
	ms_hex(digests.sha256, 32, hash);
}

/* ---- writing ---- */

struct ms_ledger {
	struct ms_arena *arena;
	bool (*write)(void *context, struct ms_slice bytes);
	void *context;
	pthread_mutex_t lock;
	struct ms_map keys;
	struct ms_buf pending;
	char hash[HEX + 1];
	uint64_t lines;
	bool failed;
};

struct ms_ledger *
ms_ledger_new(bool (*write)(void *context, struct ms_slice bytes),
    void *context, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct ms_ledger *ledger = MS_NEW(arena, struct ms_ledger);

	ledger->arena = arena;
	ledger->write = write;
	ledger->context = context;
	pthread_mutex_init(&ledger->lock, NULL);
	ms_map_init(&ledger->keys, arena);
	ms_buf_init(&ledger->pending, arena);
	ms_buf_room(&ledger->pending, 2 * BATCH);
	return ledger;
}

static void
flush(struct ms_ledger *ledger)
{
	if (!ledger->failed)
		ledger->failed = !ledger->write(
		    ledger->context, ms_buf_get(&ledger->pending));
	ledger->pending.n = 0;
}

static void
add_line(struct ms_ledger *ledger, struct ms_slice members)
{
	struct ms_buf *out = &ledger->pending;
	size_t start = out->n;

	ms_buf_byte(out, '{');
	ms_buf_slice(out, members);
	seal(ledger->hash, ms_slice_make(out->p + start, out->n - start));
	ms_buf_text(out, seal_member);
	ms_buf_add(out, ledger->hash, HEX);
	ms_buf_text(out, TAIL "\n");
	ledger->lines++;
	if (out->n >= BATCH)
		flush(ledger);
}

void
ms_ledger_add(
    struct ms_ledger *ledger, struct ms_slice key, struct ms_slice members)
{
	struct ms_map_entry *entry = NULL;

	pthread_mutex_lock(&ledger->lock);
	if (key.p)
		entry = ms_map_take(&ledger->keys, key);
	if (!entry || !entry->value)
		add_line(ledger, members);
	if (entry)
		entry->value = ledger;
	pthread_mutex_unlock(&ledger->lock);
}

uint64_t
ms_ledger_lines(const struct ms_ledger *ledger)
{
	return ledger->lines;
}

bool
ms_ledger_close(struct ms_ledger *ledger, bool complete)
{
	char text[64];
	bool good;

	if (complete) {
		snprintf(text, sizeof(text), "\"type\":\"end\",\"lines\":%llu",
		    (unsigned long long)ledger->lines);
		add_line(ledger, ms_slice_from(text));
		flush(ledger);
	}
	good = !ledger->failed;
	pthread_mutex_destroy(&ledger->lock);
	ms_arena_free(ledger->arena);
	return good;
}

void
ms_ledger_put(struct ms_buf *out, const char *name, struct ms_slice bytes)
{
	bool text;

	if (!bytes.p)
		return;
	text = ms_utf8_valid(bytes) && ms_slice_find(bytes, 0, 0) == bytes.n;
	ms_buf_printf(out, ",\"%s%s\":", name, text ? "" : "_base64");
	if (text) {
		ms_json_string(out, bytes);
		return;
	}
	ms_buf_byte(out, '"');
	out->n +=
	    ms_base64_encode(bytes, ms_buf_room(out, 4 * ((bytes.n + 2) / 3)));
	ms_buf_byte(out, '"');
}

void
ms_ledger_put_int(struct ms_buf *out, const char *name, int64_t number)
{
	ms_buf_printf(out, ",\"%s\":", name);
	ms_buf_number(out, number);
}

/* ---- reading ---- */

void
ms_ledger_start(struct ms_ledger_reader *reader, struct ms_slice file)
{
	memset(reader, 0, sizeof(*reader));
	reader->rest = file;
}

/* The line without its seal; false when it is not sealed as it should be. */
static bool
open_seal(
    struct ms_ledger_reader *reader, struct ms_slice line, struct ms_slice *out)
{
	size_t tail = strlen(seal_member) + HEX + strlen(TAIL);
	const unsigned char *p;

	if (line.n < tail)
		return false;
	*out = ms_slice_part(line, 0, line.n - tail);
	p = line.p + out->n;
	if (memcmp(p, seal_member, strlen(seal_member)) != 0 ||
	    memcmp(line.p + line.n - strlen(TAIL), TAIL, strlen(TAIL)) != 0)
		return false;
	seal(reader->hash, *out);
	return memcmp(p + strlen(seal_member), reader->hash, HEX) == 0;
}

static enum ms_status
wrong(const struct ms_ledger_reader *reader, struct ms_diag *diag,
    const char *what)
{
	return ms_diag_set(diag, MS_FORMAT, "line %u: %s", reader->line, what);
}

static enum ms_status
at_end(struct ms_ledger_reader *reader, struct ms_diag *diag)
{
	if (reader->ended)
		return MS_END;
	reader->line++;
	return wrong(reader, diag,
	    "the closing line is missing: the file was cut short");
}

enum ms_status
ms_ledger_next(struct ms_ledger_reader *reader, struct ms_arena *arena,
    const struct ms_json **out, struct ms_diag *diag)
{
	size_t n = ms_slice_find(reader->rest, 0, '\n');
	struct ms_slice line = ms_slice_part(reader->rest, 0, n), body;
	bool whole = n < reader->rest.n;

	if (reader->rest.n == 0)
		return at_end(reader, diag);
	reader->line++;
	reader->rest = ms_slice_part(reader->rest, n + 1, reader->rest.n);
	if (reader->ended)
		return wrong(reader, diag, "it stands behind the closing line");
	if (!whole)
		return wrong(
		    reader, diag, "it has no end: the file was cut short");
	if (!open_seal(reader, line, &body))
		return wrong(reader, diag,
		    reader->line == 1 && reader->hash[0] == '\0'
			? "it has no seal: this is no record"
			: "it is not as it was written, or lines before it "
			  "are missing, added or moved");
	*out = ms_json_read(arena, line);
	if (!*out || (*out)->kind != MS_JSON_OBJECT)
		return wrong(reader, diag, "it is no JSON object");
	if (!ms_slice_is(ms_json_get_text(*out, "type"), "end"))
		return MS_OK;
	reader->ended = true;
	if (ms_json_get_int(*out, "lines", -1) != (int64_t)reader->line - 1)
		return wrong(reader, diag, "it counts other lines than these");
	return ms_ledger_next(reader, arena, out, diag);
}

struct ms_slice
ms_ledger_get(
    struct ms_arena *arena, const struct ms_json *line, const char *name)
{
	struct ms_slice text = ms_json_get_text(line, name);
	char other[64];

	if (text.p)
		return ms_arena_copy(arena, text);
	snprintf(other, sizeof(other), "%s_base64", name);
	text = ms_json_get_text(line, other);
	if (!text.p)
		return text;
	return ms_codec_decode(arena, MS_ENCODING_BASE64, text, NULL);
}
