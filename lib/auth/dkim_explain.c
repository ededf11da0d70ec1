/* SPDX-License-Identifier: ISC
 * dkim_explain.c - which of the usual changes in transit breaks a signature
 *
 * A body as it may have been before is made, canonicalised and hashed; the
 * one that has the hash that was signed tells what was done. Work is counted
 * in bytes hashed and has a limit. Nothing found says nothing: a change that
 * lost something cannot be undone.
 */
#include "dkim_explain_priv.h"

#include "mailsonde/scan.h"

#define ROOM       4096
#define TAIL_BYTES (64 * 1024) /* of the body's end, looked at by lines */
#define HEAD_LINES 20          /* that may have been put in front */
#define FINAL_COST 128         /* of closing a hash, in bytes */
#define LONG_LINE  900         /* what may have been broken behind it */

static const char *const changes[] = {
	[MS_DKIM_CHANGE_NONE] = "none",
	[MS_DKIM_CHANGE_FOOTER] = "footer",
	[MS_DKIM_CHANGE_BANNER] = "banner",
	[MS_DKIM_CHANGE_PART] = "part",
	[MS_DKIM_CHANGE_LINE_END] = "line-end",
	[MS_DKIM_CHANGE_SPACE] = "space",
	[MS_DKIM_CHANGE_ENCODING] = "encoding",
	[MS_DKIM_CHANGE_FROM_LINE] = "from-line",
	[MS_DKIM_CHANGE_SUBJECT_TAG] = "subject-tag",
	[MS_DKIM_CHANGE_FROM] = "from",
	[MS_DKIM_CHANGE_FIELD_ADDED] = "field-added",
	[MS_DKIM_CHANGE_FIELD] = "field",
	[MS_DKIM_CHANGE_FOLDING] = "folding",
};

const char *
ms_dkim_change_name(enum ms_dkim_change change)
{
	return changes[change];
}

bool
explain_spend(struct explain *e, size_t n)
{
	if (*e->left >= n) {
		*e->left -= n;
		return true;
	}
	e->out->gave_up = true;
	return false;
}

bool
explain_found(struct explain *e, enum ms_dkim_change change, const char *text,
    size_t offset, size_t length)
{
	e->out->change = change;
	e->out->text = text;
	e->out->offset =
	    (size_t)(e->message->body.p - e->message->raw.p) + offset;
	e->out->length = length;
	e->out->gave_up = false;
	return true;
}

static bool
is_signed_hash(const struct explain *e, const struct ms_digest *state)
{
	struct ms_digest copy = *state;
	struct ms_digests digests;

	ms_digest_final(&copy, &digests);
	return memcmp(e->kind == MS_DIGEST_SHA1 ? digests.sha1 : digests.sha256,
		   e->signature->body_hash_stated.p,
		   dkim_digest_size(e->kind)) == 0;
}

bool
explain_try(struct explain *e, struct ms_slice raw)
{
	int64_t length = e->signature->length;
	uint64_t left = length < 0 ? UINT64_MAX : (uint64_t)length;
	unsigned char room[ROOM];
	struct ms_digest state;
	struct ms_dkim_body body;
	struct ms_slice piece;

	if (!explain_spend(e, raw.n + FINAL_COST))
		return false;
	ms_digest_init(&state, e->kind);
	ms_dkim_body_init(
	    &body, e->signature->body_canon, e->message->bare_cr, raw);
	while (
	    left > 0 && ms_dkim_body_next(&body, room, sizeof(room), &piece)) {
		if (piece.n > left)
			piece.n = (size_t)left;
		left -= piece.n;
		ms_digest_update(&state, piece);
	}
	return is_signed_hash(e, &state);
}

/* ---- lines at the end, and in front ---- */

static size_t
count_lines(struct ms_slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n + (s.n > 0 && s.p[s.n - 1] != '\n');
}

static bool
found_lines(struct explain *e, size_t start, size_t end)
{
	struct ms_slice body = e->message->body;
	struct ms_slice cut = ms_slice_part(body, end, body.n);
	size_t lines = count_lines(cut);

	if (start == 0 || cut.n == 0)
		e->out->also = MS_DKIM_CHANGE_NONE;
	else
		e->out->also = MS_DKIM_CHANGE_BANNER;
	if (cut.n > 0)
		return explain_found(e, MS_DKIM_CHANGE_FOOTER,
		    ms_arena_printf(e->arena,
			"the last %zu line%s (%zu octets) of the body %s added "
			"in transit%s: without %s the body hash holds",
			lines, lines == 1 ? "" : "s", cut.n,
			lines == 1 ? "was" : "were",
			start > 0 ? ", and so was something at its start" : "",
			lines == 1 && start == 0 ? "it" : "them"),
		    end, cut.n);
	cut = ms_slice_part(body, 0, start);
	lines = count_lines(cut);
	return explain_found(e, MS_DKIM_CHANGE_BANNER,
	    ms_arena_printf(e->arena,
		"the first %zu line%s (%zu octets) of the body %s added in "
		"transit: without %s the body hash holds",
		lines, lines == 1 ? "" : "s", cut.n,
		lines == 1 ? "was" : "were", lines == 1 ? "it" : "them"),
	    0, start);
}

/* The body from `start` to each end of a line, in one pass: empty lines at an
 * end do not count in either canonical form. */
static bool
try_tails(struct explain *e, size_t start)
{
	struct ms_slice raw =
	    ms_slice_part(e->message->body, start, e->message->body.n);
	unsigned char room[ROOM];
	struct ms_digest state;
	struct ms_dkim_body body;
	struct ms_slice piece;
	size_t line = 0;
	uint64_t total = 0;

	if (!explain_spend(e, raw.n))
		return false;
	ms_digest_init(&state, e->kind);
	ms_dkim_body_init(
	    &body, e->signature->body_canon, e->message->bare_cr, raw);
	while (ms_dkim_body_next(&body, room, sizeof(room), &piece)) {
		while (piece.n > 0) {
			size_t n = ms_slice_find(piece, 0, '\n') + 1;
			bool whole = n <= piece.n;

			n = whole ? n : piece.n;
			ms_digest_update(&state, ms_slice_part(piece, 0, n));
			piece = ms_slice_part(piece, n, piece.n);
			total += n;
			line += n;
			if (!whole)
				break;
			if (line > 2 && body.rest.n < TAIL_BYTES) {
				if (!explain_spend(e, FINAL_COST))
					return false;
				if (is_signed_hash(e, &state))
					return found_lines(e, start,
					    start +
						ms_dkim_body_offset(body.canon,
						    body.bare_cr, raw, total));
			}
			line = 0;
		}
	}
	return false;
}

static bool
try_lines(struct explain *e)
{
	bool single = !e->root || e->root->kind == MS_PART_LEAF;
	struct ms_slice rest = e->message->body, line;

	if (e->signature->length >= 0)
		return false; /* what is behind l= cannot matter */
	if (try_tails(e, 0))
		return true;
	for (int i = 0; single && i < HEAD_LINES; i++) {
		if (!ms_slice_line(&rest, e->message->bare_cr, &line) ||
		    rest.n == 0)
			break;
		if (try_tails(e, e->message->body.n - rest.n))
			return true;
	}
	return false;
}

/* ---- the same change to every line ---- */

/* Writes a line as it may have been; false: it goes on with the next one. */
typedef bool (*line_function)(struct ms_slice line, struct ms_buf *out);

static bool
without_space(struct ms_slice line, struct ms_buf *out)
{
	while (line.n > 0 && ms_is(line.p[line.n - 1], MS_C_WSP))
		line.n--;
	ms_buf_slice(out, line);
	return true;
}

/* The delimiter of a signature lost its blank (RFC 3676 4.3). */
static bool
with_delimiter(struct ms_slice line, struct ms_buf *out)
{
	ms_buf_slice(out, line);
	if (ms_slice_equal(line, MS_SLICE("--")))
		ms_buf_byte(out, ' ');
	return true;
}

static bool
from_line(struct ms_slice line, struct ms_buf *out)
{
	if (line.n > 5 && memcmp(line.p, ">From ", 6) == 0)
		line = ms_slice_part(line, 1, line.n);
	ms_buf_slice(out, line);
	return true;
}

static bool
dots_less(struct ms_slice line, struct ms_buf *out)
{
	if (line.n > 1 && line.p[0] == '.' && line.p[1] == '.')
		line = ms_slice_part(line, 1, line.n);
	ms_buf_slice(out, line);
	return true;
}

static bool
dots_more(struct ms_slice line, struct ms_buf *out)
{
	if (line.n > 0 && line.p[0] == '.')
		ms_buf_byte(out, '.');
	ms_buf_slice(out, line);
	return true;
}

/* CR in place of, or beside, line ends. */
static bool
lone_cr(struct ms_slice line, struct ms_buf *out)
{
	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\r')
			ms_buf_text(out, "\r\n");
		else
			ms_buf_byte(out, line.p[i]);
	}
	return true;
}

/* Broken behind 998 octets or so, and indented; or with "!" (sendmail). */
static bool
long_line(struct ms_slice line, struct ms_buf *out)
{
	size_t before = out->n;
	bool whole = line.n < LONG_LINE;

	if (before > 0 && out->p[before - 1] != '\n' && line.n > 0 &&
	    *line.p == ' ')
		line = ms_slice_part(line, 1, line.n);
	if (!whole && line.p[line.n - 1] == '!')
		line.n--;
	ms_buf_slice(out, line);
	return whole;
}

static const struct {
	enum ms_dkim_change change;
	bool simple_only;
	line_function line;
	const char *text;
} line_changes[] = {
	{ MS_DKIM_CHANGE_SPACE, true, without_space,
	    "white space was added at the ends of lines" },
	{ MS_DKIM_CHANGE_SPACE, true, with_delimiter,
	    "the blank behind \"--\", in front of a signature, was taken "
	    "away" },
	{ MS_DKIM_CHANGE_FROM_LINE, false, from_line,
	    "a \">\" was put in front of \"From \" at the start of lines" },
	{ MS_DKIM_CHANGE_FROM_LINE, false, dots_less,
	    "dots at the start of lines were doubled" },
	{ MS_DKIM_CHANGE_FROM_LINE, false, dots_more,
	    "one of the dots at the start of lines was taken away" },
	{ MS_DKIM_CHANGE_LINE_END, false, lone_cr,
	    "line ends were turned into CR, or got one too many" },
	{ MS_DKIM_CHANGE_LINE_END, false, long_line, "long lines were broken" },
};

static bool
try_line_change(struct explain *e, size_t i)
{
	struct ms_slice rest = e->message->body, line;
	bool changed = false;

	if (e->signature->body_canon == MS_DKIM_RELAXED &&
	    line_changes[i].simple_only)
		return false;
	e->buf.n = 0;
	while (ms_slice_line(&rest, e->message->bare_cr, &line)) {
		size_t start = e->buf.n;
		bool end = line_changes[i].line(line, &e->buf);

		changed = changed || !end || e->buf.n - start != line.n;
		if (end)
			ms_buf_text(&e->buf, "\r\n");
	}
	if (!changed || !explain_try(e, ms_buf_get(&e->buf)))
		return false;
	return explain_found(e, line_changes[i].change,
	    ms_arena_printf(e->arena,
		"%s in transit: with this undone the body hash holds",
		line_changes[i].text),
	    0, 0);
}

static bool
try_line_changes(struct explain *e)
{
	for (size_t i = 0; i < sizeof(line_changes) / sizeof(*line_changes);
	     i++)
		if (try_line_change(e, i))
			return true;
	e->buf.n = 0;
	ms_buf_text(&e->buf, "\r\n");
	ms_buf_slice(&e->buf, e->message->body);
	if (!explain_try(e, ms_buf_get(&e->buf)))
		return false;
	return explain_found(e, MS_DKIM_CHANGE_SPACE,
	    "an empty line at the start of the body was taken away in "
	    "transit: with it the body hash holds",
	    0, 0);
}

/* ---- all of them ---- */

static bool
body_changed(const struct ms_dkim_signature *s)
{
	return s->body_hashed && !s->body_hash_ok &&
	       s->body_hash_stated.n ==
		   dkim_digest_size(dkim_digest_of(s->algorithm));
}

/* An earlier signature over the same body has the same explanation. */
static const struct ms_dkim_signature *
same_as_before(const struct ms_dkim_signature *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (list[k].body_repair.searched && body_changed(&list[i]) &&
		    list[k].body_canon == list[i].body_canon &&
		    list[k].length == list[i].length &&
		    ms_slice_equal(
			list[k].body_hash_stated, list[i].body_hash_stated))
			return &list[k];
	return NULL;
}

static void
explain_body(struct explain *e)
{
	e->out->searched = true;
	if (*e->left < e->message->body.n)
		e->out->gave_up = true;
	else if (!try_lines(e) && !try_line_changes(e))
		explain_parts(e);
}

/* A signature by RSA that this key did not make says nothing of fields. */
static bool
header_changed(const struct ms_dkim_signature *s)
{
	return s->signature_checked && !s->signature_ok &&
	       (s->made_by_key || s->algorithm == MS_DKIM_ED25519_SHA256);
}

static void
explain_both(
    struct dkim_judge *judge, struct explain *e, struct ms_dkim_signature *s)
{
	const struct dkim_entry *entry;

	e->signature = s;
	e->kind = dkim_digest_of(s->algorithm);
	e->out = &s->body_repair;
	if (body_changed(s) && !e->out->searched)
		explain_body(e);
	if (!header_changed(s))
		return;
	e->out = &s->header_repair;
	entry = dkim_keys_get(judge->keys, s->key.text, &judge->env->limits);
	if (entry && entry->public)
		explain_header(e, entry->public);
}

void
dkim_explain(struct dkim_judge *judge, struct ms_dkim_signature *list, size_t n)
{
	size_t left = judge->env->limits.explain_bytes;
	struct explain e = { judge->message, NULL, judge->arena,
		&judge->env->limits, NULL, 0, &left, NULL, { 0 } };
	struct ms_arena *scratch = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct ms_dkim_signature *before;

		if (!body_changed(&list[i]) && !header_changed(&list[i]))
			continue;
		before = same_as_before(list, i);
		if (before)
			list[i].body_repair = before->body_repair;
		if (!scratch) {
			scratch = ms_arena_new(NULL);
			ms_buf_init(&e.buf, scratch);
			e.root = dkim_judge_tree(judge);
		}
		explain_both(judge, &e, &list[i]);
	}
	if (scratch)
		ms_arena_free(scratch);
}
