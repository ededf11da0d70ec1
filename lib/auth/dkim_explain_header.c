/* SPDX-License-Identifier: ISC
 * dkim_explain_header.c - which of the usual changes to signed fields breaks
 * a signature
 *
 * Each field that was signed has the forms that it may have had. An RSA
 * signature gives away the digest it was made for, so that a form costs one
 * hash; of Ed25519 each costs a verification, and few are tried.
 */
#include "dkim_explain_priv.h"

#include "mailsonde/scan.h"

#define FORMS      16 /* of one field */
#define FIELDS     64 /* that are tried */
#define WORDS      6  /* that may have been put in front of a subject */
#define TOGETHER   5  /* fields that lists change at the same time */
#define FIELD_SIZE (64 * 1024)

/* What a field may have been. */
struct form {
	struct ms_slice bytes; /* canonical; empty: it was not there */
	enum ms_dkim_change change;
	const char *text;
};

struct field {
	size_t covered; /* index */
	enum ms_field_id id;
	struct ms_slice now; /* canonical */
	struct form forms[FORMS];
	size_t n;
};

struct search {
	struct explain *e;
	const struct dkim_public *key;
	bool recovered; /* `digest` is what was signed */
	unsigned char digest[32];
	size_t checks;           /* verifications that are left */
	struct ms_slice *pieces; /* one for each covered name, and its own */
	struct field *fields;
	size_t n;
	const struct field *together[TOGETHER];
	size_t together_n;
};

/* ---- is it that? ---- */

static bool
holds(struct search *s)
{
	struct explain *e = s->e;
	size_t n = e->signature->covered_n + 1, total = 0;
	struct ms_digest state;
	struct ms_digests digests;
	const unsigned char *digest;

	for (size_t i = 0; i < n; i++)
		total += s->pieces[i].n;
	if (!explain_spend(e, total))
		return false;
	ms_digest_init(&state, e->kind);
	for (size_t i = 0; i < n; i++)
		ms_digest_update(&state, s->pieces[i]);
	ms_digest_final(&state, &digests);
	digest = e->kind == MS_DIGEST_SHA1 ? digests.sha1 : digests.sha256;
	if (s->recovered)
		return memcmp(digest, s->digest, dkim_digest_size(e->kind)) ==
		       0;
	if (s->checks == 0) {
		e->out->gave_up = true;
		return false;
	}
	s->checks--;
	return dkim_public_verify(
	    s->key, e->kind, digest, e->signature->signature);
}

/* ---- forms ---- */

static struct ms_slice
canonical(struct search *s, struct ms_slice raw)
{
	struct ms_buf buf;

	ms_buf_init(&buf, s->e->arena);
	ms_dkim_header_canon(
	    s->e->signature->header_canon, s->e->message->bare_cr, raw, &buf);
	return ms_buf_get(&buf);
}

static void
add_form(struct field *field, struct ms_slice bytes, enum ms_dkim_change change,
    const char *text)
{
	struct form form = { bytes, change, text };

	if (field->n < FORMS && !ms_slice_equal(bytes, field->now))
		field->forms[field->n++] = form;
}

/* The name as it stands in `like`, ": " and the value. */
static void
add_value(struct search *s, struct field *field, struct ms_slice name,
    struct ms_slice value, enum ms_dkim_change change, const char *text)
{
	struct ms_buf buf;

	ms_buf_init(&buf, s->e->arena);
	ms_buf_slice(&buf, name);
	ms_buf_byte(&buf, ':');
	ms_buf_slice(&buf, value);
	add_form(field, canonical(s, ms_buf_get(&buf)), change, text);
}

static struct ms_slice
with_blank(struct search *s, struct ms_slice value)
{
	return ms_slice_from(ms_arena_printf(
	    s->e->arena, " %.*s", (int)value.n, (const char *)value.p));
}

static struct ms_slice
next_word(struct ms_slice *rest)
{
	struct ms_scan scan = ms_scan_init(*rest);
	struct ms_slice word;

	ms_scan_space(&scan);
	word = ms_scan_until(&scan, MS_C_SPACE, SIZE_MAX);
	ms_scan_space(&scan);
	*rest = ms_scan_rest(&scan);
	return word;
}

/* Without its first words; those behind a "Re:" that stays. */
static void
subject_forms(struct search *s, struct field *field, const struct ms_field *f)
{
	struct ms_slice rest = f->body, kept = { NULL, 0 }, value;
	struct ms_buf taken;

	ms_buf_init(&taken, s->e->arena);
	for (size_t i = 0; i < WORDS && rest.n > 0; i++) {
		struct ms_slice word = next_word(&rest);
		const char *text;

		if (taken.n > 0)
			ms_buf_byte(&taken, ' ');
		ms_buf_slice(&taken, ms_slice_part(word, 0, 60));
		text = ms_arena_printf(s->e->arena,
		    "\"%.*s\" was put into the subject", (int)taken.n,
		    (const char *)taken.p);
		add_value(s, field, f->name, with_blank(s, rest),
		    MS_DKIM_CHANGE_SUBJECT_TAG, text);
		if (kept.p) {
			value = ms_slice_from(ms_arena_printf(s->e->arena,
			    " %.*s %.*s", (int)kept.n, (const char *)kept.p,
			    (int)rest.n, (const char *)rest.p));
			text = ms_arena_printf(s->e->arena,
			    "\"%.*s\" was put into the subject",
			    (int)(taken.n - kept.n - 1),
			    (const char *)taken.p + kept.n + 1);
			add_value(s, field, f->name, value,
			    MS_DKIM_CHANGE_SUBJECT_TAG, text);
		}
		if (i == 0 && word.n > 0 && word.n < 60 &&
		    word.p[word.n - 1] == ':')
			kept = word;
	}
}

/* Where lists and gateways leave the author that they took out of From. */
static void
from_forms(struct search *s, struct field *field, const struct ms_field *f)
{
	static const char *const names[] = { "Reply-To", "X-Original-From",
		"X-Google-Original-From", "Original-From", "Author",
		"X-MailFrom", "Cc" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct ms_field *other =
		    ms_header_find_name(&s->e->message->header, names[i]);

		if (other)
			add_value(s, field, f->name, other->body,
			    MS_DKIM_CHANGE_FROM,
			    ms_arena_printf(s->e->arena,
				"From was rewritten (%s has what it was)",
				names[i]));
	}
}

static void
encoding_forms(struct search *s, struct field *field, struct ms_slice name)
{
	static const char *const labels[] = { "7bit", "8bit",
		"quoted-printable", "base64", "binary", "7BIT", "8BIT" };

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		add_value(s, field, name,
		    with_blank(s, ms_slice_from(labels[i])),
		    MS_DKIM_CHANGE_FIELD,
		    ms_arena_printf(s->e->arena,
			"Content-Transfer-Encoding was \"%s\"", labels[i]));
}

/* Parameters with quotes or without. */
static struct ms_slice
requoted(struct search *s, struct ms_slice value, bool quote)
{
	struct ms_scan scan = ms_scan_init(value);
	struct ms_buf buf;

	ms_buf_init(&buf, s->e->arena);
	while (!ms_scan_at_end(&scan)) {
		struct ms_slice inner;
		bool closed;

		ms_buf_slice(&buf, ms_scan_to(&scan, '='));
		if (!ms_scan_try_byte(&scan, '='))
			break;
		ms_buf_byte(&buf, '=');
		if (!ms_scan_quoted(&scan, &inner, &closed))
			inner = ms_scan_while(&scan, MS_C_TOKEN, SIZE_MAX);
		if (quote)
			ms_buf_byte(&buf, '"');
		ms_buf_slice(&buf, inner);
		if (quote)
			ms_buf_byte(&buf, '"');
	}
	return ms_buf_get(&buf);
}

static void
type_forms(struct search *s, struct field *field, const struct ms_field *f)
{
	static const char *const text = "Content-Type was rewritten";
	const struct ms_part *part = s->e->root ? s->e->root->child : NULL;

	for (size_t i = 0; part && i < 3; i++, part = part->next) {
		const struct ms_field *own =
		    ms_header_find(part->header, MS_FIELD_CONTENT_TYPE);

		if (own)
			add_value(s, field, f->name, own->body,
			    MS_DKIM_CHANGE_FIELD,
			    "Content-Type is now that of a part");
	}
	add_value(s, field, f->name, requoted(s, f->body, true),
	    MS_DKIM_CHANGE_FIELD, text);
	add_value(s, field, f->name, requoted(s, f->body, false),
	    MS_DKIM_CHANGE_FIELD, text);
}

/* On one line, and with the name as h= has it: for simple. */
static void
folding_forms(struct search *s, struct field *field, const struct ms_field *f)
{
	const char *text = ms_arena_printf(s->e->arena,
	    "the lines of %.*s were broken elsewhere",
	    (int)(f->name.n > 60 ? 60 : f->name.n), (const char *)f->name.p);
	struct ms_slice name = s->e->signature->covered[field->covered].name;

	if (s->e->signature->header_canon == MS_DKIM_RELAXED)
		return;
	add_value(s, field, f->name, with_blank(s, f->value),
	    MS_DKIM_CHANGE_FOLDING, text);
	add_value(s, field, name, f->body, MS_DKIM_CHANGE_FIELD,
	    ms_arena_printf(s->e->arena, "the name %.*s was spelled otherwise",
		(int)(name.n > 60 ? 60 : name.n), (const char *)name.p));
}

/* The one above it in place of this: another was added below. */
static void
absent_forms(struct search *s, struct field *field, const struct ms_field *f)
{
	const struct ms_header *header = &s->e->message->header;
	const char *text = ms_arena_printf(s->e->arena, "%.*s was added",
	    (int)(f->name.n > 60 ? 60 : f->name.n), (const char *)f->name.p);
	size_t i = (size_t)(f - header->fields);

	add_form(
	    field, ms_slice_make(NULL, 0), MS_DKIM_CHANGE_FIELD_ADDED, text);
	while (i-- > 0) {
		if (!ms_slice_equal_nocase(header->fields[i].name, f->name))
			continue;
		add_form(field, canonical(s, header->fields[i].raw),
		    MS_DKIM_CHANGE_FIELD_ADDED, text);
		return;
	}
}

static void
find_forms(struct search *s, struct field *field, const struct ms_field *f)
{
	struct ms_slice name = s->e->signature->covered[field->covered].name;

	if (!f && ms_slice_is(name, "Content-Transfer-Encoding"))
		encoding_forms(s, field, name);
	if (!f || f->raw.n > FIELD_SIZE)
		return;
	field->id = f->id;
	if (f->id == MS_FIELD_SUBJECT)
		subject_forms(s, field, f);
	else if (f->id == MS_FIELD_FROM)
		from_forms(s, field, f);
	else if (f->id == MS_FIELD_CONTENT_TYPE)
		type_forms(s, field, f);
	else if (f->id == MS_FIELD_CONTENT_TRANSFER_ENCODING)
		encoding_forms(s, field, f->name);
	folding_forms(s, field, f);
	absent_forms(s, field, f);
}

/* ---- one, or several at once ---- */

static const char *
sentence(struct search *s, const struct form *const *used, size_t n)
{
	struct ms_buf buf;

	ms_buf_init(&buf, s->e->arena);
	for (size_t i = 0; i < n; i++) {
		ms_buf_text(&buf, i == 0 ? "" : i + 1 < n ? ", " : " and ");
		ms_buf_text(&buf, used[i]->text);
	}
	ms_buf_text(&buf, " in transit: with this undone the signature over "
			  "the header holds");
	ms_buf_byte(&buf, '\0');
	return (const char *)buf.p;
}

static void
found(struct search *s, const struct field *first,
    const struct form *const *used, size_t n)
{
	struct ms_dkim_repair *out = s->e->out;
	const struct ms_field *f =
	    s->e->signature->covered[first->covered].field;

	out->change = used[0]->change;
	if (n > 1)
		out->also = used[1]->change;
	out->text = sentence(s, used, n);
	out->gave_up = false;
	if (n == 1 && f) {
		out->offset = f->offset;
		out->length = f->raw.n;
	}
}

static bool
try_one(struct search *s, const struct field *field)
{
	for (size_t i = 0; i < field->n && !s->e->out->gave_up; i++) {
		const struct form *form = &field->forms[i];

		s->pieces[field->covered] = form->bytes;
		if (holds(s)) {
			found(s, field, &form, 1);
			return true;
		}
	}
	s->pieces[field->covered] = field->now;
	return false;
}

/* Every form of the first field with every one of the others, and without:
 * the depth is TOGETHER at most. */
static bool
try_together(struct search *s, size_t at, const struct form **used, size_t n)
{
	const struct field *field;

	if (s->e->out->gave_up)
		return false;
	if (at == s->together_n) {
		if (n < 2 || !holds(s))
			return false;
		found(s, s->together[0], used, n);
		return true;
	}
	field = s->together[at];
	if (try_together(s, at + 1, used, n))
		return true;
	for (size_t i = 0; i < field->n; i++) {
		s->pieces[field->covered] = field->forms[i].bytes;
		used[n] = &field->forms[i];
		if (try_together(s, at + 1, used, n + 1))
			return true;
	}
	s->pieces[field->covered] = field->now;
	return false;
}

/* All on one line. */
static bool
try_unfolded(struct search *s)
{
	static const struct form form = { { NULL, 0 }, MS_DKIM_CHANGE_FOLDING,
		"the lines of the header were broken elsewhere" };
	const struct form *used = &form;
	bool any = false, good;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->fields[i].n; k++)
			if (s->fields[i].forms[k].change ==
			    MS_DKIM_CHANGE_FOLDING) {
				s->pieces[s->fields[i].covered] =
				    s->fields[i].forms[k].bytes;
				any = true;
				break;
			}
	good = any && holds(s);
	for (size_t i = 0; i < s->n; i++)
		s->pieces[s->fields[i].covered] = s->fields[i].now;
	if (!good)
		return false;
	found(s, &s->fields[0], &used, 1);
	s->e->out->length = 0;
	return true;
}

/* What a list changes at once. */
static bool
by_lists(const struct field *field)
{
	return field->id == MS_FIELD_SUBJECT || field->id == MS_FIELD_FROM ||
	       field->id == MS_FIELD_REPLY_TO ||
	       field->id == MS_FIELD_CONTENT_TYPE ||
	       field->id == MS_FIELD_CONTENT_TRANSFER_ENCODING;
}

static void
prepare(struct search *s)
{
	const struct ms_dkim_signature *signature = s->e->signature;
	struct ms_buf buf;

	s->pieces = MS_NEW_ARRAY(
	    s->e->arena, struct ms_slice, signature->covered_n + 1);
	s->fields = MS_NEW_ARRAY(s->e->arena, struct field, FIELDS);
	for (size_t i = 0; i < signature->covered_n; i++) {
		const struct ms_field *f = signature->covered[i].field;
		struct field *field = &s->fields[s->n];

		if (f)
			s->pieces[i] = canonical(s, f->raw);
		if (s->n == FIELDS)
			continue;
		field->covered = i;
		field->now = s->pieces[i];
		find_forms(s, field, f);
		s->n += field->n > 0;
		if (field->n > 0 && by_lists(field) && s->together_n < TOGETHER)
			s->together[s->together_n++] = field;
	}
	ms_buf_init(&buf, s->e->arena);
	dkim_own_field(
	    signature->header_canon, s->e->message->bare_cr, signature, &buf);
	s->pieces[signature->covered_n] = ms_buf_get(&buf);
}

void
explain_header(struct explain *e, const struct dkim_public *key)
{
	const struct form *used[TOGETHER];
	struct search s = {
		.e = e, .key = key, .checks = e->limits->explain_checks
	};

	e->out->searched = true;
	s.recovered = dkim_public_recover(
	    key, e->kind, e->signature->signature, s.digest);
	prepare(&s);
	for (size_t i = 0; i < s.n; i++)
		if (try_one(&s, &s.fields[i]))
			return;
	if (!try_unfolded(&s))
		try_together(&s, 0, used, 0);
}
