/* SPDX-License-Identifier: ISC
 * clauses.c - from, by, via, with, id and for, in any order: RFC 5321 4.4
 *
 * A keyword takes the next word, whatever it is; the first of each counts.
 */
#include "received/received_priv.h"

static unsigned
keyword_of(struct ms_slice word)
{
	static const struct {
		const char *text;
		unsigned section;
	} keywords[] = {
		{ "from", IN_FROM },
		{ "by", IN_BY },
		{ "via", IN_VIA },
		{ "with", IN_WITH },
		{ "id", IN_ID },
		{ "for", IN_FOR },
	};

	if (word.n < 2 || word.n > 4)
		return 0;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (ms_slice_is(word, keywords[i].text))
			return keywords[i].section;
	return 0;
}

static struct ms_slice
without_angles(struct ms_slice s)
{
	if (s.n > 0 && s.p[0] == '<')
		s = ms_slice_part(s, 1, s.n);
	if (s.n > 0 && s.p[s.n - 1] == '>')
		s.n--;
	return s;
}

static struct ms_slice *
place(unsigned section, struct ms_received *out)
{
	switch (section) {
	case IN_FROM:
		return &out->from;
	case IN_BY:
		return &out->by;
	case IN_VIA:
		return &out->via;
	case IN_WITH:
		return &out->with;
	case IN_ID:
		return &out->id;
	default:
		return &out->for_;
	}
}

static void
keep(unsigned section, struct ms_slice word, struct ms_received *out)
{
	struct ms_slice *to = place(section, out);

	if (section == IN_FOR)
		word = without_angles(word);
	/* XMail and others: … for <a> from <b>; the sender. */
	if (section == IN_FROM && to->p != NULL && word.p[0] == '<' &&
	    out->by.p != NULL && out->envelope_from.p == NULL)
		out->envelope_from = without_angles(word);
	if (to->p == NULL && word.n > 0)
		*to = word;
}

/* Index of the word that the keyword at `i` takes. A comment in between
 * means that there is none, but for qmail's "with (… encrypted) SMTP". */
static size_t
value_of(const struct items *items, size_t i, unsigned section, size_t stop)
{
	size_t at = i + 1;

	if (section == IN_WITH)
		while (at < stop && items->at[at].kind == ITEM_COMMENT)
			at++;
	if (at >= stop || items->at[at].kind != ITEM_WORD)
		return i;
	if (at != i + 1 && keyword_of(items->at[at].text) != 0)
		return i;
	return at;
}

/* Where the date begins: behind the last ';'. */
static size_t
date_item(const struct items *items)
{
	size_t out = items->n;

	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].kind == ITEM_END)
			out = i;
	return out;
}

/* The end of a path is no value: "for; Mon, …" and "by with SMTP". */
static bool
doubtful(const struct items *items, size_t at, unsigned section, size_t stop)
{
	unsigned next = keyword_of(items->at[at].text);

	return next != 0 && next != section && at + 1 < stop &&
	       items->at[at + 1].kind == ITEM_WORD &&
	       keyword_of(items->at[at + 1].text) == 0 &&
	       (at + 2 >= stop || items->at[at + 2].kind != ITEM_WORD ||
		   keyword_of(items->at[at + 2].text) != 0);
}

void
received_clauses(struct items *items, struct ms_received *out)
{
	unsigned section = IN_HEAD;
	size_t stop = date_item(items);

	for (size_t i = 0; i < items->n; i++) {
		struct item *item = &items->at[i];
		unsigned next;
		size_t value;

		item->section = i >= stop ? IN_DATE : section;
		if (i >= stop || item->kind != ITEM_WORD)
			continue;
		next = keyword_of(item->text);
		if (next == 0)
			continue;
		section = item->section = next;
		item->keyword = true;
		value = value_of(items, i, section, stop);
		if (value == i || doubtful(items, value, section, stop))
			continue;
		while (i < value)
			items->at[++i].section = section;
		items->at[value].keyword = true;
		keep(section, items->at[value].text, out);
	}
	items->comments = 0;
	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].kind == ITEM_COMMENT)
			items->comments |= items->at[i].section;
}
