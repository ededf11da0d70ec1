/* SPDX-License-Identifier: ISC
 * pickup_pop3.c - a marked message looked for and taken away by POP3, RFC 1939
 *
 * A session sees what was there when it began: each look is one of its own.
 * Messages are known again by their unique ids, so that only new ones are
 * looked into. What is deleted goes when the session ends in good order.
 */
#include "roundtrip_priv.h"

#include "mailsonde/buf.h"
#include "mailsonde/date.h"

#define LISTED_MAX 100000
#define LINES_MAX  100000 /* of one message */
#define LOOKED_AT  50     /* messages of one session, the newest */
#define CLEANED_AT 500
#define DAY        86400

struct message {
	unsigned number;
	struct ms_slice id; /* NULL: the server tells none */
};

struct pop3 {
	struct pickup *p;
	struct probe *probe;
	struct message *list;
	size_t n, room;
	bool no_top;
};

/* ---- replies ---- */

/* The first line; `wrong` keeps it where it is a refusal. */
static bool __attribute__((format(printf, 2, 3)))
command(struct pop3 *s, const char *format, ...)
{
	struct ms_slice line;
	const char *text;
	va_list args;

	va_start(args, format);
	text = ms_arena_vprintf(s->probe->arena, format, args);
	va_end(args);
	return probe_send(s->probe, "%s", text) &&
	       probe_line(s->probe, &line) && ms_slice_starts(line, "+OK");
}

/* The next of several lines, without the dot that was put before it; false
 * behind the last. */
static bool
next_line(struct pop3 *s, struct ms_slice *line)
{
	if (!probe_line(s->probe, line) || ms_slice_is(*line, "."))
		return false;
	if (ms_slice_starts(*line, "."))
		*line = ms_slice_part(*line, 1, line->n);
	return true;
}

static struct ms_slice
read_message(struct pop3 *s)
{
	struct ms_slice line;
	struct ms_buf out;

	ms_buf_init(&out, s->probe->arena);
	for (unsigned i = 0; next_line(s, &line); i++) {
		if (i >= LINES_MAX) {
			probe_fail(
			    s->probe, MS_WIRE_LIMIT, "its reply has no end");
			break;
		}
		ms_buf_slice(&out, line);
		ms_buf_text(&out, "\r\n");
	}
	return s->probe->over ? ms_slice_make(NULL, 0) : ms_buf_get(&out);
}

/* ---- what is there ---- */

static void
add(struct pop3 *s, struct ms_slice line, bool ids)
{
	struct ms_scan scan = ms_scan_init(line);
	struct message m = { 0 };

	m.number = (unsigned)ms_scan_number(&scan, 9, 999999999);
	if (ids && ms_scan_try_byte(&scan, ' '))
		m.id = ms_slice_trim(ms_scan_rest(&scan));
	if (scan.bad)
		return;
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 64;

		s->list = ms_arena_grow(s->probe->arena, s->list,
		    s->room * sizeof(m), room * sizeof(m));
		s->room = room;
	}
	s->list[s->n++] = m;
}

static bool
list(struct pop3 *s)
{
	bool ids = command(s, "UIDL");
	struct ms_slice line;

	if (!ids && (s->probe->over || !command(s, "LIST"))) {
		pickup_refused(s->p, "LIST", ms_slice_make(NULL, 0));
		return false;
	}
	while (next_line(s, &line)) {
		if (s->n >= LISTED_MAX) {
			probe_fail(
			    s->probe, MS_WIRE_LIMIT, "its reply has no end");
			return false;
		}
		add(s, line, ids);
	}
	return !s->probe->over;
}

static bool
is_seen(const struct pop3 *s, const struct message *m)
{
	return m->id.p && ms_map_find(&s->p->seen, m->id);
}

static void
see(struct pop3 *s, const struct message *m)
{
	if (m->id.p)
		ms_map_take(&s->p->seen, m->id)->value = s->p;
}

/* Its header, or all of it where the server has no TOP. */
static struct ms_slice
header_of(struct pop3 *s, const struct message *m)
{
	if (!s->no_top && command(s, "TOP %u 0", m->number))
		return read_message(s);
	s->no_top = true;
	if (!s->probe->over && command(s, "RETR %u", m->number))
		return read_message(s);
	return ms_slice_make(NULL, 0);
}

/* ---- taking away ---- */

static void
found(struct pop3 *s, const struct message *m)
{
	struct ms_pickup *out = s->p->out;

	if (out->copies == 0) {
		struct ms_slice whole = ms_slice_make(NULL, 0);

		if (command(s, "RETR %u", m->number))
			whole = read_message(s);
		if (!pickup_is_it(s->p, whole))
			return;
		pickup_found(s->p, s->probe, whole);
	}
	out->copies++;
	if (s->p->request->keep)
		return;
	if (command(s, "DELE %u", m->number))
		out->deleted++;
	else
		out->left = "the server would not delete it";
}

static void
look(struct pop3 *s)
{
	size_t looked = 0;

	for (size_t k = s->n; k > 0 && looked < LOOKED_AT; k--) {
		const struct message *m = &s->list[k - 1];

		/* what is found by its header alone may have copies */
		if (s->probe->over || (s->p->bounce && s->p->done))
			return;
		if (is_seen(s, m))
			continue;
		looked++;
		if (s->p->bounce ||
		    pickup_has_mark(header_of(s, m), s->p->mark))
			found(s, m);
		if (!s->p->done && !s->probe->over)
			see(s, m);
	}
	s->p->out->looks++;
	pickup_tell(s->p, s->probe);
}

/* The date that its author gave: ours, where it has the mark. */
static bool
is_old(struct ms_slice message, int64_t now)
{
	struct ms_slice line;
	struct ms_date date = { 0 };

	while (ms_slice_line(&message, false, &line) && line.n > 0)
		if (ms_slice_starts(line, "Date:"))
			ms_date_parse(ms_slice_part(line, 5, line.n), &date);
	return date.set && date.time < now - DAY;
}

static void
clean(struct pop3 *s)
{
	size_t looked = 0;

	for (size_t k = s->n; k > 0 && looked < CLEANED_AT; k--, looked++) {
		const struct message *m = &s->list[k - 1];
		struct ms_slice header = header_of(s, m);

		if (s->probe->over)
			return;
		if (pickup_has_mark(header, "") && is_old(header, s->p->now) &&
		    command(s, "DELE %u", m->number))
			s->p->out->cleaned++;
	}
}

void
pickup_pop3(struct probe *probe, void *context)
{
	struct pickup *p = context;
	struct pop3 *s = MS_NEW(probe->arena, struct pop3);

	s->p = p;
	s->probe = probe;
	if (!list(s))
		return;
	p->out->ready = true;
	if (p->waiting) {
		look(s);
		return;
	}
	for (size_t k = 0; k < s->n; k++)
		see(s, &s->list[k]);
	if (p->request->clean)
		clean(s);
}
