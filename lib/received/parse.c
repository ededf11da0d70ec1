/* SPDX-License-Identifier: ISC
 * parse.c - one Received field, RFC 5321 4.4, by the grammar of its MTA
 *
 * Split once (lex.c), clauses (clauses.c), dialect (dialects.c), the from
 * part by the dialect's reader (peer.c), comments (secure.c), then the date.
 */
#include "received/received_priv.h"

#include "mailsonde/limits.h"

static bool
is_weekday(struct ms_slice word)
{
	static const char days[] = "SunMonTueWedThuFriSat";

	if (word.n != 3)
		return false;
	for (size_t i = 0; i < 7; i++)
		if (ms_slice_equal_nocase(word, ms_slice_make(days + 3 * i, 3)))
			return true;
	return false;
}

static bool
starts_digit(struct ms_slice s)
{
	return s.n > 0 && ms_is(s.p[0], MS_C_DIGIT);
}

static size_t
last_of(struct ms_slice s, unsigned char byte)
{
	const unsigned char *hit = memrchr(s.p, byte, s.n);

	return hit ? (size_t)(hit - s.p) : s.n;
}

/* Some leave the ';' out: "… id X Thu, 20 Feb 2003 …". Where that begins. */
static size_t
bare_date(struct ms_slice value, struct items *items)
{
	for (size_t i = 1; i + 2 < items->n; i++) {
		const struct item *item = &items->at[i];

		if (item->kind == ITEM_WORD && is_weekday(item->text) &&
		    (starts_digit(item[1].text) ||
			starts_digit(item[2].text))) {
			items->at[i].kind = ITEM_END;
			return (size_t)(item->text.p - value.p);
		}
	}
	/* In a comment that was never closed, at the worst. */
	return last_of(value, ';');
}

static void
read_date(struct ms_slice value, size_t at, struct ms_received *out)
{
	struct ms_slice text = ms_slice_part(value, at, value.n);

	if (text.n > 0 && text.p[0] == ';')
		text = ms_slice_part(text, 1, text.n);
	/* The longest date with comments; what is behind is not read. */
	text = ms_slice_trim(ms_slice_part(text, 0, 1024));
	if (text.n > 0)
		ms_date_parse(text, &out->date);
}

static struct ms_slice
cut_value(const struct ms_parse *parse, struct ms_slice value)
{
	if (parse == NULL || parse->limits == NULL ||
	    value.n <= parse->limits->field_size)
		return value;
	return ms_slice_part(value, 0, parse->limits->field_size);
}

static void
say_cut(const struct ms_parse *parse, struct ms_slice value)
{
	size_t offset = 0;

	if (parse == NULL || parse->defects == NULL || parse->arena == NULL)
		return;
	if (parse->base != NULL && value.p >= parse->base)
		offset = (size_t)(value.p - parse->base);
	ms_defect_add(parse->defects, parse->arena, MS_DEFECT_LIMIT, offset,
	    "received_words");
}

void
ms_received_parse(const struct ms_parse *parse, struct ms_slice value,
    struct ms_received *out)
{
	struct ms_slice text = cut_value(parse, value);
	const struct dialect *dialect;
	struct items items;
	size_t date;

	memset(out, 0, sizeof(*out));
	out->value = value;
	if (text.n == 0)
		return;
	received_lex(text, &items);
	if (items.cut || text.n < value.n)
		say_cut(parse, value);
	date = items.end < text.n ? items.end : bare_date(text, &items);
	received_clauses(&items, out);
	dialect = received_dialect(&items, out);
	if (dialect == NULL) {
		memset(out, 0, sizeof(*out));
		out->value = value;
		return;
	}
	out->parsed = true;
	out->dialect = dialect->name;
	dialect->read(&items, dialect->flags, out);
	received_secure(&items, out);
	read_date(text, date, out);
}
