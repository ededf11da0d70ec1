/* SPDX-License-Identifier: ISC
 * reader.c - lines and octets out of a connection
 *
 * A line that is longer than it may be is cut, and the rest of it passed over:
 * what the room cannot hold is never kept.
 */
#include "mailsonde/wire.h"

#include <string.h>

#define ROOM 4096

void
ms_wire_reader_init(struct ms_wire_reader *reader, struct ms_wire *wire,
    struct ms_arena *arena, size_t line_max)
{
	memset(reader, 0, sizeof(*reader));
	reader->wire = wire;
	reader->arena = arena;
	reader->line_max = line_max;
	reader->size = line_max + ROOM;
	reader->room = ms_arena_bytes(arena, reader->size);
}

struct ms_slice
ms_wire_reader_pending(const struct ms_wire_reader *reader)
{
	return ms_slice_make(
	    reader->room + reader->begin, reader->end - reader->begin);
}

void
ms_wire_reader_drop(struct ms_wire_reader *reader)
{
	reader->begin = reader->end = 0;
}

/* More octets behind those that wait. */
static enum ms_wire_status
fill(struct ms_wire_reader *reader)
{
	enum ms_wire_status status;
	size_t got;

	if (reader->begin > 0) {
		memmove(reader->room, reader->room + reader->begin,
		    reader->end - reader->begin);
		reader->end -= reader->begin;
		reader->begin = 0;
	}
	status = reader->wire->read(reader->wire, reader->room + reader->end,
	    reader->size - reader->end, &got);
	reader->end += got;
	return status;
}

static void
take_line(struct ms_wire_reader *reader, size_t n, struct ms_slice *out)
{
	struct ms_slice line =
	    ms_slice_part(ms_wire_reader_pending(reader), 0, n);

	if (n > 0 && line.p[n - 1] == '\r')
		line.n--;
	else
		reader->bare_lf = true;
	if (line.n > reader->line_max) {
		line.n = reader->line_max;
		reader->cut = true;
	}
	*out = ms_arena_copy(reader->arena, line);
	reader->begin += n + 1;
}

static enum ms_wire_status
read_line(struct ms_wire_reader *reader, struct ms_slice *out)
{
	struct ms_slice kept = ms_slice_make(NULL, 0);

	for (;;) {
		struct ms_slice pending = ms_wire_reader_pending(reader);
		size_t n = ms_slice_find(pending, 0, '\n');
		enum ms_wire_status status;

		if (n < pending.n && kept.p) {
			reader->begin += n + 1;
			*out = kept;
			return MS_WIRE_OK;
		}
		if (n < pending.n) {
			take_line(reader, n, out);
			return MS_WIRE_OK;
		}
		if (pending.n > reader->line_max) {
			if (!kept.p)
				kept = ms_arena_copy(
				    reader->arena, ms_slice_part(pending, 0,
						       reader->line_max));
			reader->cut = true;
			ms_wire_reader_drop(reader);
		}
		status = fill(reader);
		if (status != MS_WIRE_OK)
			return status;
	}
}

static enum ms_wire_status
read_octets(struct ms_wire_reader *reader, size_t n, struct ms_slice *out)
{
	unsigned char *p = ms_arena_bytes(reader->arena, n);
	size_t have = 0;

	while (have < n) {
		struct ms_slice pending = ms_wire_reader_pending(reader);
		enum ms_wire_status status;

		if (pending.n > n - have)
			pending.n = n - have;
		if (pending.n > 0)
			memcpy(p + have, pending.p, pending.n);
		have += pending.n;
		reader->begin += pending.n;
		if (have == n)
			break;
		status = fill(reader);
		if (status != MS_WIRE_OK)
			return status;
	}
	*out = ms_slice_make(p, n);
	return MS_WIRE_OK;
}

/* ---- what records may hold of it ---- */

void
ms_wire_reader_hide(struct ms_wire_reader *reader,
    struct ms_slice (*veil)(void *with, struct ms_slice line), void *with)
{
	if (!reader->veil) {
		reader->open = ms_wire_reader_pending(reader).n;
		if (reader->wire->hide)
			reader->wire->hide(reader->wire);
	}
	reader->veil = veil;
	reader->veil_with = with;
}

/* What the record has already is not shown again. */
static void
show(struct ms_wire_reader *reader, struct ms_slice bytes, size_t taken)
{
	bytes = ms_slice_part(bytes, reader->open, bytes.n);
	reader->open -= taken < reader->open ? taken : reader->open;
	if (reader->wire->show && bytes.n > 0)
		reader->wire->show(reader->wire, bytes);
}

/* What is wrong with it goes with it: a replay finds the same, its end and that
 * it is too long. */
static void
show_line(
    struct ms_wire_reader *reader, struct ms_slice line, bool bare, bool cut)
{
	struct ms_slice end = bare ? MS_SLICE("\n") : MS_SLICE("\r\n");
	unsigned char *p;
	size_t n;

	reader->shown = reader->veil(reader->veil_with, line);
	n = reader->shown.n;
	if (cut && n <= reader->line_max)
		n = reader->line_max + 1;
	p = ms_arena_bytes(reader->arena, n + end.n);
	memset(p, 'x', n);
	if (reader->shown.n > 0)
		memcpy(p, reader->shown.p, reader->shown.n);
	memcpy(p + n, end.p, end.n);
	show(reader, ms_slice_make(p, n + end.n), line.n + end.n);
}

enum ms_wire_status
ms_wire_read_line(struct ms_wire_reader *reader, struct ms_slice *out)
{
	bool bare = reader->bare_lf, cut = reader->cut;
	enum ms_wire_status status;

	reader->bare_lf = reader->cut = false;
	status = read_line(reader, out);
	if (status == MS_WIRE_OK && reader->veil)
		show_line(reader, *out, reader->bare_lf, reader->cut);
	else
		reader->shown = *out;
	reader->bare_lf |= bare;
	reader->cut |= cut;
	return status;
}

enum ms_wire_status
ms_wire_read_octets(
    struct ms_wire_reader *reader, size_t n, struct ms_slice *out)
{
	enum ms_wire_status status = read_octets(reader, n, out);

	if (status == MS_WIRE_OK && reader->veil)
		show(reader, *out, out->n);
	return status;
}
