/* SPDX-License-Identifier: ISC
 * pickup_imap.c - a marked message waited for and taken away by IMAP, RFC 9051,
 * with IDLE (2177), UIDPLUS (4315) and SPECIAL-USE (6154) where they are
 *
 * INBOX, and where spam goes. What is fetched is looked at before it counts:
 * a search may find more than was asked for.
 */
#include "roundtrip_priv.h"

#include "mailsonde/buf.h"
#include "mailsonde/clock.h"

#define RESPONSES_MAX 10000 /* to one command */
#define FOLDERS_MOST  4     /* of spam */
#define IDLE_SLICE    2.0 /* seconds after which it is asked whether to stop */
#define DAY           86400

struct imap {
	struct pickup *p;
	struct probe *probe;
	unsigned tag;
	struct ms_slice selected; /* the name of a mailbox; NULL */
	unsigned exists;          /* "* 5 EXISTS" was said so often */
	bool idle, uidplus, special;
	uint32_t uids[PICKUP_MOST];
	size_t uids_n;
	bool more; /* uids than there is room for */
	struct imap_fetch fetch;
};

enum answer { ANSWER_OK, ANSWER_NO, ANSWER_NONE };

/* ---- responses ---- */

/* A line and, where it ends in a literal, all that follows it. */
static bool
response(struct imap *i, struct ms_slice *out)
{
	size_t most = i->probe->env->limits.wire_bytes;
	struct ms_slice line, literal;
	struct ms_buf all;
	uint64_t n;

	if (!probe_line(i->probe, &line))
		return false;
	*out = line;
	if (!imap_announces(line, &n))
		return true;
	ms_buf_init(&all, i->probe->arena);
	do {
		ms_buf_slice(&all, line);
		ms_buf_text(&all, "\r\n");
		if (n > most || all.n > most) {
			probe_fail(i->probe, MS_WIRE_LIMIT,
			    "it announces more octets than are read");
			return false;
		}
		if (!probe_octets(i->probe, (size_t)n, &literal) ||
		    !probe_line(i->probe, &line))
			return false;
		ms_buf_slice(&all, literal);
	} while (imap_announces(line, &n));
	ms_buf_slice(&all, line);
	*out = ms_buf_get(&all);
	return true;
}

static void
take_folder(struct imap *i, struct ms_slice line)
{
	struct pickup *p = i->p;
	struct imap_folder folder;

	if (!imap_read_list(i->probe->arena, line, &folder) || !folder.junk ||
	    folder.unselectable || p->folders_n == FOLDERS_MOST ||
	    !imap_quote(i->probe->arena, folder.name))
		return;
	if (!p->folders)
		p->folders = MS_NEW_ARRAY(
		    i->probe->arena, struct imap_folder, FOLDERS_MOST);
	folder.name = ms_arena_copy(i->probe->arena, folder.name);
	p->folders[p->folders_n++] = folder;
}

static bool
offers(const struct imap *i, const char *name)
{
	const struct ms_probe_result *r = i->probe->result;

	return ms_probe_offered(
		   r->within.asked ? &r->within : ms_probe_last_said(r),
		   name) != NULL;
}

static void
look_at_capabilities(struct imap *i)
{
	bool new = offers(i, "IMAP4rev2");

	i->idle = new || offers(i, "IDLE");
	i->uidplus = new || offers(i, "UIDPLUS");
	i->special = new || offers(i, "SPECIAL-USE");
}

static void
take_untagged(struct imap *i, struct ms_slice line)
{
	struct imap_fetch fetch;

	i->exists += ms_slice_ends(line, " EXISTS");
	if (ms_slice_starts(line, "* LIST "))
		take_folder(i, line);
	else if (ms_slice_starts(line, "* SEARCH"))
		(void)imap_read_search(
		    line, i->uids, PICKUP_MOST, &i->uids_n, &i->more);
	else if (imap_read_fetch(line, &fetch) && fetch.body.p)
		i->fetch = fetch;
}

/* Reads to the tagged line. */
static enum answer
answer_to(struct imap *i, const char *tag, const char *what)
{
	for (unsigned n = 0; n < RESPONSES_MAX; n++) {
		struct ms_slice line, rest, word;

		if (!response(i, &line))
			return ANSWER_NONE;
		if (ms_slice_starts(line, "*")) {
			take_untagged(i, line);
			continue;
		}
		rest = line;
		if (!ms_slice_equal(probe_word(&rest), ms_slice_from(tag)))
			continue;
		word = probe_word(&rest);
		if (ms_slice_is(word, "OK"))
			return ANSWER_OK;
		pickup_refused(
		    i->p, what, ms_slice_part(line, strlen(tag) + 1, line.n));
		return ANSWER_NO;
	}
	probe_fail(i->probe, MS_WIRE_LIMIT, "its reply has no end");
	return ANSWER_NONE;
}

/* `what`: the command in a word, for people. */
static enum answer __attribute__((format(printf, 3, 4)))
command(struct imap *i, const char *what, const char *format, ...)
{
	const char *tag =
	    ms_arena_printf(i->probe->arena, "r%u", i->tag++ % 100000);
	const char *text;
	va_list args;

	va_start(args, format);
	text = ms_arena_vprintf(i->probe->arena, format, args);
	va_end(args);
	if (!probe_send(i->probe, "%s %s", tag, text))
		return ANSWER_NONE;
	return answer_to(i, tag, what);
}

/* ---- mailboxes ---- */

static bool
open_folder(struct imap *i, struct ms_slice name)
{
	if (i->selected.p && ms_slice_equal(i->selected, name))
		return command(i, "NOOP", "NOOP") == ANSWER_OK;
	i->selected = ms_slice_make(NULL, 0);
	if (command(i, "SELECT", "SELECT %s",
		imap_quote(i->probe->arena, name)) != ANSWER_OK)
		return false;
	i->selected = name;
	return true;
}

static bool __attribute__((format(printf, 2, 3)))
search(struct imap *i, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = ms_arena_vprintf(i->probe->arena, format, args);
	va_end(args);
	i->uids_n = 0;
	i->more = false;
	return command(i, "UID SEARCH", "UID SEARCH %s", text) == ANSWER_OK;
}

/* Where spam goes, RFC 6154; where no mailbox says so, by name. */
static void
list_folders(struct imap *i)
{
	struct pickup *p = i->p;
	const char *wrong = p->out->wrong;

	if (p->listed)
		return;
	p->listed = true;
	if (i->special)
		(void)command(
		    i, "LIST", "LIST \"\" \"*\" RETURN (SPECIAL-USE)");
	if (!i->special || p->out->wrong != wrong) {
		p->out->wrong = wrong; /* servers that return them unasked */
		(void)command(i, "LIST", "LIST \"\" \"*\"");
	}
}

/* ---- taking away ---- */

/* Takes what is marked as deleted out of the mailbox: ours alone. Without
 * UIDPLUS, EXPUNGE takes all that is so marked. */
static const char *
expunge(struct imap *i, const char *set, const uint32_t *uids, size_t n)
{
	if (i->uidplus)
		return command(i, "UID EXPUNGE", "UID EXPUNGE %s", set) ==
			       ANSWER_OK
			   ? NULL
			   : "the server would not expunge it";
	if (!search(i, "DELETED"))
		return "what else is marked as deleted could not be told";
	for (size_t k = 0; k < i->uids_n; k++) {
		bool ours = false;

		for (size_t m = 0; m < n; m++)
			ours |= uids[m] == i->uids[k];
		if (!ours || i->more)
			return "it is marked as deleted, as are others: to "
			       "expunge it would take them away too (no "
			       "UIDPLUS)";
	}
	return command(i, "EXPUNGE", "EXPUNGE") == ANSWER_OK
		   ? NULL
		   : "the server would not expunge it";
}

static const char *
take_away(struct imap *i, const uint32_t *uids, size_t n)
{
	struct ms_buf set;
	const char *text;

	ms_buf_init(&set, i->probe->arena);
	for (size_t k = 0; k < n; k++)
		ms_buf_printf(&set, "%s%u", k > 0 ? "," : "", uids[k]);
	text = ms_arena_string(i->probe->arena, ms_buf_get(&set));
	if (command(i, "UID STORE", "UID STORE %s +FLAGS.SILENT (\\Deleted)",
		text) != ANSWER_OK)
		return "the server would not mark it as deleted";
	return expunge(i, text, uids, n);
}

/* Those of the search that are what is looked for, at the front of `out`, and
 * the first of them; without `whole`, those that have any mark. */
static size_t
sift(struct imap *i, uint32_t out[PICKUP_MOST], struct ms_slice *whole)
{
	uint32_t uids[PICKUP_MOST];
	size_t found = i->uids_n, n = 0;

	memcpy(uids, i->uids, sizeof(uids));
	for (size_t k = 0; k < found; k++) {
		bool all = whole && (n == 0 || i->p->bounce);

		memset(&i->fetch, 0, sizeof(i->fetch));
		if (command(i, "UID FETCH", "UID FETCH %u (UID BODY.PEEK[%s])",
			uids[k], all ? "" : "HEADER") != ANSWER_OK)
			continue;
		if (i->fetch.uid != uids[k] ||
		    (whole ? !pickup_is_it(i->p, i->fetch.body)
			   : !pickup_has_mark(i->fetch.body, "")))
			continue;
		if (all && n == 0)
			*whole = ms_arena_copy(i->probe->arena, i->fetch.body);
		out[n++] = uids[k];
	}
	return n;
}

/* ---- left behind by earlier ones ---- */

static const char *
day_of(struct ms_arena *arena, int64_t time)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct ms_civil c = ms_time_to_civil(time);

	return ms_arena_printf(
	    arena, "%d-%s-%04d", c.day, months[c.month - 1], c.year);
}

static void
clean_folder(struct imap *i, struct ms_slice name)
{
	uint32_t uids[PICKUP_MOST];
	size_t n;

	if (!open_folder(i, name) ||
	    !search(i, "HEADER " MS_MARK_FIELD " \"\" BEFORE %s",
		day_of(i->probe->arena, i->p->now - DAY)))
		return;
	n = sift(i, uids, NULL);
	if (n > 0 && !take_away(i, uids, n))
		i->p->out->cleaned += (unsigned)n;
}

/* ---- looking ---- */

static void
found_in(struct imap *i, struct ms_slice folder, bool junk,
    struct ms_slice message, const uint32_t *uids, size_t n)
{
	struct ms_pickup *out = i->p->out;

	pickup_found(i->p, i->probe, message);
	out->folder = folder;
	out->junk = junk;
	out->uid = uids[0];
	out->copies = (unsigned)n;
	if (i->p->request->keep)
		return;
	out->left = take_away(i, uids, n);
	if (!out->left)
		out->deleted = (unsigned)n;
}

/* Servers know messages by their ids better than by fields of ours. */
static bool
search_it(struct imap *i)
{
	const struct pickup *p = i->p;
	const char *id = imap_quote(i->probe->arena, p->id);

	if (p->bounce)
		return search(i, "TEXT %s", p->mark);
	return search(i, "OR HEADER " MS_MARK_FIELD " %s HEADER Message-ID %s",
	    p->mark, id ? id : p->mark);
}

static void
look_in(struct imap *i, struct ms_slice folder, bool junk)
{
	struct ms_slice message = ms_slice_make(NULL, 0);
	uint32_t uids[PICKUP_MOST];
	size_t n;

	if (i->p->done || !open_folder(i, folder) || !search_it(i))
		return;
	n = sift(i, uids, &message);
	if (n > 0)
		found_in(i, folder, junk, message, uids, n);
}

/* INBOX is the last: what comes from then on is told while it is idle. */
static void
look(struct imap *i)
{
	const struct pickup *p = i->p;

	for (size_t k = 0; k < p->folders_n; k++)
		look_in(i, p->folders[k].name, true);
	look_in(i, MS_SLICE("INBOX"), false);
	p->out->looks++;
}

/* ---- waiting ---- */

/* Until a message comes, or the time is over. */
static void
idle(struct imap *i, double seconds)
{
	double until = pickup_spent(i->probe) + seconds;
	unsigned before = i->exists;
	const char *tag =
	    ms_arena_printf(i->probe->arena, "r%u", i->tag++ % 100000);
	struct ms_slice line;

	if (!probe_send(i->probe, "%s IDLE", tag))
		return;
	do {
		if (!response(i, &line))
			return;
		if (ms_slice_starts(line, tag)) { /* it would not */
			i->idle = false;
			return;
		}
		if (ms_slice_starts(line, "*"))
			take_untagged(i, line);
	} while (!ms_slice_starts(line, "+"));
	while (i->exists == before && !pickup_stopped(i->p, i->probe) &&
	       pickup_spent(i->probe) < until) {
		double left = until - pickup_spent(i->probe);

		if (!probe_line_within(
			i->probe, left < IDLE_SLICE ? left : IDLE_SLICE, &line))
			return;
		if (line.p)
			take_untagged(i, line);
		pickup_tell(i->p, i->probe);
	}
	i->p->out->pushed = i->exists != before;
	if (probe_send(i->probe, "DONE"))
		(void)answer_to(i, tag, "IDLE");
}

static void
wait_for_it(struct imap *i)
{
	struct pickup *p = i->p;

	for (unsigned n = 0;; n++) {
		double pause = pickup_interval(n), left;

		look(i);
		pickup_tell(p, i->probe);
		if (p->done || i->probe->over)
			return;
		left = p->budget - pickup_spent(i->probe);
		if (left <= 0 || pickup_stopped(p, i->probe))
			return;
		if (pause > left)
			pause = left;
		if (i->idle)
			idle(i, pause);
		else
			pickup_pause(p, i->probe, pause);
	}
}

void
pickup_imap(struct probe *probe, void *context)
{
	struct pickup *p = context;
	struct imap *i = MS_NEW(probe->arena, struct imap);

	i->p = p;
	i->probe = probe;
	look_at_capabilities(i);
	list_folders(i);
	if (!open_folder(i, MS_SLICE("INBOX")))
		return;
	p->out->ready = true;
	if (p->waiting) {
		wait_for_it(i);
		return;
	}
	if (p->request->clean) {
		clean_folder(i, MS_SLICE("INBOX"));
		for (size_t k = 0; k < p->folders_n; k++)
			clean_folder(i, p->folders[k].name);
	}
}
