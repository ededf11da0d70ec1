/* SPDX-License-Identifier: ISC
 * lex.c - a Received value as words and comments, RFC 5322 3.2.2, 3.6.7
 *
 * Comments that never close are common where a field was cut: from the first
 * such one on, a comment ends at the next ')', and where there is none the
 * '(' is passed over. So every byte is looked at a fixed number of times.
 */
#include "received/received_priv.h"

enum {
	QUOTED_MAX = 1024 /* bytes looked ahead for a closing mark */
};

struct lexer {
	struct ms_scan scan;
	bool flat;    /* a comment was not closed */
	bool no_more; /* no ')' is left */
};

static bool
take_comment(struct lexer *lexer, struct ms_slice *out)
{
	struct ms_scan ahead = lexer->scan;

	if (!lexer->flat) {
		(void)ms_scan_comment(&ahead, out);
		if (ahead.p > out->p + out->n) {
			lexer->scan = ahead;
			return true;
		}
		lexer->flat = true;
	}
	ms_scan_skip(&lexer->scan, 1);
	if (lexer->no_more)
		return false;
	ahead = lexer->scan;
	*out = ms_scan_to(&ahead, ')');
	if (ms_scan_at_end(&ahead)) {
		lexer->no_more = true;
		return false;
	}
	lexer->scan = ahead;
	ms_scan_skip(&lexer->scan, 1);
	return true;
}

static unsigned char
closing(int first)
{
	return first == '[' ? ']' : first == '<' ? '>' : '"';
}

/* "[…]", "<…>" and "\"…\"" hold white space; what is glued to them belongs
 * to the same word. */
static void
skip_bracketed(struct ms_scan *scan)
{
	int first = ms_scan_peek(scan);
	struct ms_slice ahead =
	    ms_slice_part(ms_scan_rest(scan), 0, QUOTED_MAX);
	size_t end;

	if (first != '[' && first != '<' && first != '"')
		return;
	end = ms_slice_find(ahead, 1, closing(first));
	if (end < ahead.n && ms_slice_find(ahead, 0, ';') > end)
		ms_scan_skip(scan, end + 1);
}

static bool
ends_word(int c)
{
	return c < 0 || c == '(' || c == ')' || c == ';' ||
	       ms_is((unsigned char)c, MS_C_SPACE);
}

static struct ms_slice
take_word(struct ms_scan *scan)
{
	struct ms_slice out = { scan->p, 0 };

	skip_bracketed(scan);
	while (!ends_word(ms_scan_peek(scan)))
		ms_scan_skip(scan, 1);
	out.n = (size_t)(scan->p - out.p);
	while (out.n > 0 && out.p[out.n - 1] == ',')
		out.n--;
	return out;
}

static bool
next_item(struct lexer *lexer, struct item *out)
{
	struct ms_scan *scan = &lexer->scan;

	for (;;) {
		(void)ms_scan_space(scan);
		memset(out, 0, sizeof(*out));
		if (ms_scan_at_end(scan))
			return false;
		if (ms_scan_peek(scan) == '(') {
			out->kind = ITEM_COMMENT;
			if (take_comment(lexer, &out->text))
				return true;
			continue;
		}
		if (ms_scan_try_byte(scan, ';')) {
			out->kind = ITEM_END;
			return true;
		}
		if (ms_scan_try_byte(scan, ')'))
			continue;
		out->text = take_word(scan);
		if (out->text.n > 0)
			return true;
	}
}

static size_t
last_semicolon(struct ms_slice value)
{
	const unsigned char *hit = memrchr(value.p, ';', value.n);

	return hit ? (size_t)(hit - value.p) : value.n;
}

void
received_lex(struct ms_slice value, struct items *out)
{
	struct lexer lexer = { .scan = ms_scan_init(value) };

	out->n = 0;
	out->cut = false;
	out->end = value.n;
	while (next_item(&lexer, &out->at[out->n])) {
		if (out->at[out->n].kind == ITEM_END)
			out->end = ms_scan_offset(&lexer.scan) - 1;
		if (++out->n < ITEMS_MAX)
			continue;
		out->cut = !ms_scan_at_end(&lexer.scan);
		if (out->cut)
			out->end = last_semicolon(value);
		return;
	}
}

bool
received_piece(struct ms_scan *scan, struct ms_slice *out)
{
	struct ms_slice inner;

	while (ms_scan_cfws(scan) || ms_scan_try_byte(scan, ','))
		;
	*out = ms_slice_make(scan->p, 0);
	if (ms_scan_at_end(scan))
		return false;
	if (ms_scan_literal(scan, &inner)) {
		(void)ms_scan_until(scan, MS_C_SPACE, 16);
	} else {
		while (!ms_scan_at_end(scan) && ms_scan_peek(scan) != '[' &&
		       ms_scan_peek(scan) != '(' && ms_scan_peek(scan) != ',' &&
		       !ms_is((unsigned char)ms_scan_peek(scan), MS_C_SPACE))
			ms_scan_skip(scan, 1);
	}
	out->n = (size_t)(scan->p - out->p);
	while (out->n > 0 && out->p[out->n - 1] == ',')
		out->n--;
	return true;
}
