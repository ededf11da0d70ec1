/* SPDX-License-Identifier: ISC
 * dmarc_record.c - the DMARC policy record, RFC 9989 4.7, 4.8 and RFC 7489 6.3
 *
 *	dmarc-record = dmarc-version *(dmarc-sep dmarc-tag) [dmarc-sep]
 *	dmarc-version = "v" equals %s"DMARC1"
 *	dmarc-tag = 1*ALPHA equals 1*dmarc-value
 *
 * Names and values compare without regard to case, as ABNF strings do; only
 * the version is exact. What is wrong in the rest is discarded (4.7).
 */
#include "mailsonde/dmarc.h"

#include "mailsonde/scan.h"

#define SECTION_RECORD "RFC 9989 section 4.7"
#define SECTION_7489   "RFC 7489 section 6.3"

static const char *const fault_names[] = {
	[MS_DMARC_SYNTAX] = "syntax",
	[MS_DMARC_VALUE] = "value",
	[MS_DMARC_DUPLICATE] = "duplicate",
	[MS_DMARC_UNKNOWN_TAG] = "unknown-tag",
	[MS_DMARC_REMOVED_TAG] = "removed-tag",
	[MS_DMARC_REMOVED_SIZE] = "removed-size",
	[MS_DMARC_NO_POLICY] = "no-policy",
	[MS_DMARC_ORDER] = "order",
};

const char *
ms_dmarc_fault_name(enum ms_dmarc_fault fault)
{
	return fault_names[fault];
}

static const char *const policies[] = {
	[MS_DMARC_NONE] = "none",
	[MS_DMARC_QUARANTINE] = "quarantine",
	[MS_DMARC_REJECT] = "reject",
};

const char *
ms_dmarc_policy_name(enum ms_dmarc_policy policy)
{
	return policies[policy];
}

/* ---- version ---- */

/* [WSP] "v" [WSP] "=" [WSP], and what stands up to the first ";". White space
 * in front is outside of 4.8, but within the tag lists that 4.7 follows. */
static bool
version(struct ms_slice text, struct ms_slice *value)
{
	struct ms_scan s = ms_scan_init(text);

	(void)ms_scan_while(&s, MS_C_WSP, SIZE_MAX);
	if (!ms_scan_try_text(&s, "v"))
		return false;
	(void)ms_scan_while(&s, MS_C_WSP, SIZE_MAX);
	if (!ms_scan_try_byte(&s, '='))
		return false;
	*value = ms_scan_to(&s, ';');
	while (value->n > 0 && ms_is(value->p[value->n - 1], MS_C_WSP))
		value->n--;
	while (value->n > 0 && ms_is(*value->p, MS_C_WSP))
		*value = ms_slice_part(*value, 1, value->n);
	return true;
}

bool
ms_dmarc_is_record(struct ms_slice text)
{
	struct ms_slice value;

	return version(text, &value) &&
	       ms_slice_equal(value, MS_SLICE("DMARC1"));
}

bool
ms_dmarc_is_near(struct ms_slice text)
{
	struct ms_slice value;

	if (ms_dmarc_is_record(text))
		return false;
	if (version(text, &value))
		return ms_slice_starts(value, "dmarc");
	return ms_slice_find_nocase(text, 0, "dmarc1") < text.n;
}

/* ---- values ---- */

struct reader {
	const struct ms_limits *limits;
	struct ms_arena *arena;
	struct ms_dmarc_record *out;
	size_t room;
	bool bad_sp, bad_np; /* there, and not valid */
};

static void
complain(struct reader *r, enum ms_dmarc_fault fault, struct ms_slice at,
    const char *text, const char *reference)
{
	struct ms_dmarc_record *out = r->out;
	struct ms_dmarc_deviation deviation = { fault, at, text, reference };
	size_t room = r->room ? r->room * 2 : 8;

	if (out->deviations_n >= r->limits->tags)
		return;
	if (out->deviations_n == r->room) {
		out->deviations = ms_arena_grow(r->arena, out->deviations,
		    sizeof(deviation) * r->room, sizeof(deviation) * room);
		r->room = room;
	}
	out->deviations[out->deviations_n++] = deviation;
}

/* A value in a sentence: not more of it than says which. */
#define SHOWN(s) (int)((s).n < 60 ? (s).n : 60), (const char *)(s).p

static void
bad_value(struct reader *r, const struct ms_tag *tag, const char *instead)
{
	complain(r, MS_DMARC_VALUE, tag->value,
	    ms_arena_printf(r->arena, "\"%.*s\" is no value of %.*s=; %s",
		SHOWN(tag->value), SHOWN(tag->name), instead),
	    SECTION_RECORD);
}

/* dmarc-request. */
static enum ms_dmarc_policy
policy(struct ms_slice value)
{
	for (int p = MS_DMARC_NONE; p <= MS_DMARC_REJECT; p++)
		if (ms_slice_is(value, policies[p]))
			return (enum ms_dmarc_policy)p;
	return MS_DMARC_ABSENT;
}

static void
take_p(struct reader *r, const struct ms_tag *tag)
{
	r->out->p = policy(tag->value);
	if (r->out->p == MS_DMARC_ABSENT)
		bad_value(r, tag, "none, quarantine and reject are");
	if (tag != &r->out->tags.tags[1]) {
		complain(r, MS_DMARC_ORDER, tag->name,
		    "p= does not stand right behind v=: receivers that still "
		    "follow RFC 7489 may not take the record",
		    SECTION_7489);
		r->out->rfc7489_valid = false;
	}
}

static void
take_sp(struct reader *r, const struct ms_tag *tag)
{
	r->out->sp = policy(tag->value);
	r->bad_sp = r->out->sp == MS_DMARC_ABSENT;
	if (!r->bad_sp)
		return;
	r->out->rfc7489_valid = false;
	bad_value(r, tag, "none, quarantine and reject are");
}

/* Unknown to RFC 7489, which ignores it whatever it holds. */
static void
take_np(struct reader *r, const struct ms_tag *tag)
{
	r->out->np = policy(tag->value);
	r->bad_np = r->out->np == MS_DMARC_ABSENT;
	if (r->bad_np)
		bad_value(r, tag, "none, quarantine and reject are");
}

static void
take_alignment(struct reader *r, const struct ms_tag *tag)
{
	bool strict = ms_slice_is(tag->value, "s");

	if (!strict && !ms_slice_is(tag->value, "r")) {
		r->out->rfc7489_valid = false;
		bad_value(r, tag, "r (relaxed) stands");
	} else if (ms_slice_is(tag->name, "adkim")) {
		r->out->adkim_strict = strict;
	} else {
		r->out->aspf_strict = strict;
	}
}

static void
take_t(struct reader *r, const struct ms_tag *tag)
{
	r->out->testing = ms_slice_is(tag->value, "y");
	if (!r->out->testing && !ms_slice_is(tag->value, "n"))
		bad_value(r, tag, "n stands");
}

static void
take_psd(struct reader *r, const struct ms_tag *tag)
{
	if (ms_slice_is(tag->value, "y"))
		r->out->psd = 'y';
	else if (ms_slice_is(tag->value, "n"))
		r->out->psd = 'n';
	else if (!ms_slice_is(tag->value, "u"))
		bad_value(r, tag, "u stands");
}

/* 4.7 lets any of the four stand in a list; the ABNF of 4.8 forgot some. */
static void
take_fo(struct reader *r, const struct ms_tag *tag)
{
	struct ms_slice rest = tag->value, item;
	bool good = true;

	while (ms_taglist_item(&rest, ':', &item))
		good = good && item.n == 1 && memchr("01dsDS", *item.p, 6);
	if (good) {
		r->out->fo = tag->value;
		return;
	}
	r->out->rfc7489_valid = false;
	bad_value(r, tag, "0 stands");
}

/* ---- report addresses ---- */

/* The octets of RFC 3986, without "!", which 4.8 wants encoded, and ",", which
 * parts the list. */
static bool
uri_octets(struct ms_slice uri)
{
	for (size_t i = 0; i < uri.n; i++) {
		unsigned char c = uri.p[i];

		if (c == '%') {
			if (uri.n - i < 3 || !ms_is(uri.p[i + 1], MS_C_HEX) ||
			    !ms_is(uri.p[i + 2], MS_C_HEX))
				return false;
		} else if (!ms_is(c, MS_C_ALNUM) &&
			   (c == '\0' || !strchr("-._~:/?#[]@$&'()*+;=", c))) {
			return false;
		}
	}
	return true;
}

bool
ms_report_uri_valid(struct ms_slice uri)
{
	struct ms_scan s = ms_scan_init(uri);
	struct ms_slice scheme = ms_scan_to(&s, ':'), rest;

	if (scheme.n == 0 || !ms_is(*scheme.p, MS_C_ALPHA) ||
	    !ms_scan_try_byte(&s, ':'))
		return false;
	for (size_t i = 0; i < scheme.n; i++)
		if (!ms_is(scheme.p[i], MS_C_ALNUM) &&
		    !memchr("+-.", scheme.p[i], 3))
			return false;
	rest = ms_scan_rest(&s);
	if (ms_slice_is(scheme, "mailto")) {
		size_t at = ms_slice_find(rest, 0, '@');

		if (at == 0 || at + 1 >= rest.n)
			return false;
	}
	return rest.n > 0 && uri_octets(rest);
}

/* RFC 7489 6.4: URI [ "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] ]; reporters of
 * RFC 9989 ignore the size. Its number has to fit 64 bits. */
static bool
take_size(struct reader *r, struct ms_slice *uri)
{
	size_t mark = ms_slice_find(*uri, 0, '!');
	struct ms_scan s = ms_scan_init(ms_slice_part(*uri, mark + 1, uri->n));
	struct ms_slice digits = ms_scan_while(&s, MS_C_DIGIT, SIZE_MAX);
	struct ms_scan number = ms_scan_init(digits);

	if (mark == uri->n)
		return true;
	if (!ms_scan_at_end(&s) && memchr("kmgtKMGT", ms_scan_peek(&s), 8))
		ms_scan_skip(&s, 1);
	if (digits.n == 0 || !ms_scan_at_end(&s))
		return false;
	(void)ms_scan_number(&number, 20, UINT64_MAX);
	if (number.bad || !ms_scan_at_end(&number))
		r->out->rfc7489_valid = false;
	complain(r, MS_DMARC_REMOVED_SIZE, ms_slice_part(*uri, mark, uri->n),
	    "a size limit behind a report address means nothing any more",
	    "RFC 9989 appendix C.4");
	uri->n = mark;
	return true;
}

static void
take_uris(struct reader *r, const struct ms_tag *tag, struct ms_slice **list,
    size_t *n)
{
	struct ms_slice rest = tag->value, item, uri;
	size_t room = 1;

	for (size_t i = 0; i < rest.n; i++)
		room += rest.p[i] == ',';
	*list = MS_NEW_ARRAY(r->arena, struct ms_slice, room);
	while (ms_taglist_item(&rest, ',', &item)) {
		uri = item;
		if (take_size(r, &uri) && ms_report_uri_valid(uri)) {
			(*list)[(*n)++] = uri;
			continue;
		}
		complain(r, MS_DMARC_VALUE, item,
		    ms_arena_printf(r->arena,
			"\"%.*s\" in %.*s= is no address for reports",
			SHOWN(item), SHOWN(tag->name)),
		    SECTION_RECORD);
		r->out->rfc7489_valid = false;
	}
}

static void
take_rua(struct reader *r, const struct ms_tag *tag)
{
	take_uris(r, tag, &r->out->rua, &r->out->rua_n);
}

static void
take_ruf(struct reader *r, const struct ms_tag *tag)
{
	take_uris(r, tag, &r->out->ruf, &r->out->ruf_n);
}

/* ---- what RFC 7489 had ---- */

static void
removed(struct reader *r, const struct ms_tag *tag, bool valid)
{
	if (!valid)
		r->out->rfc7489_valid = false;
	complain(r, MS_DMARC_REMOVED_TAG, tag->name,
	    ms_arena_printf(r->arena,
		"%.*s= was removed from DMARC and does nothing any more%s",
		SHOWN(tag->name), valid ? "" : "; its value was never valid"),
	    ms_slice_is(tag->name, "pct") ? "RFC 9989 appendix A.6"
					  : "RFC 9989 appendix C");
}

/* dmarc-percent: 1*3DIGIT, 0 to 100. */
static void
take_pct(struct reader *r, const struct ms_tag *tag)
{
	struct ms_scan s = ms_scan_init(tag->value);
	uint64_t pct = ms_scan_number(&s, 3, 100);
	bool valid = !s.bad && ms_scan_at_end(&s);

	if (valid)
		r->out->pct = (unsigned)pct;
	removed(r, tag, valid);
}

/* dmarc-ainterval: 1*DIGIT, an unsigned number of 32 bits. */
static void
take_ri(struct reader *r, const struct ms_tag *tag)
{
	struct ms_scan s = ms_scan_init(tag->value);

	(void)ms_scan_number(&s, 10, UINT32_MAX);
	removed(r, tag, !s.bad && ms_scan_at_end(&s));
}

/* dmarc-rfmt: keywords, of which afrf is the one that is defined. */
static void
take_rf(struct reader *r, const struct ms_tag *tag)
{
	struct ms_slice rest = tag->value, item;
	bool words = true, afrf = false;

	while (ms_taglist_item(&rest, ':', &item)) {
		afrf = afrf || ms_slice_is(item, "afrf");
		words = words && item.n > 0;
		for (size_t i = 0; i < item.n; i++)
			words = words && (ms_is(item.p[i], MS_C_ALNUM) ||
					     item.p[i] == '-');
	}
	removed(r, tag, words && afrf);
}

/* ---- the record ---- */

static void
take_v(struct reader *r, const struct ms_tag *tag)
{
	(void)r;
	(void)tag;
}

static const struct {
	const char *name;
	void (*take)(struct reader *r, const struct ms_tag *tag);
} known[] = {
	{ "v", take_v },
	{ "p", take_p },
	{ "sp", take_sp },
	{ "np", take_np },
	{ "adkim", take_alignment },
	{ "aspf", take_alignment },
	{ "t", take_t },
	{ "psd", take_psd },
	{ "fo", take_fo },
	{ "rua", take_rua },
	{ "ruf", take_ruf },
	{ "pct", take_pct },
	{ "rf", take_rf },
	{ "ri", take_ri },
};

static void
take(struct reader *r, const struct ms_tag *tag)
{
	if (tag->duplicate)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!ms_slice_is(tag->name, known[i].name))
			continue;
		known[i].take(r, tag);
		return;
	}
	for (size_t i = 0; i < tag->name.n; i++)
		if (!ms_is(tag->name.p[i], MS_C_ALNUM) && tag->name.p[i] != '_')
			return; /* no name at all: the tag list says so */
	if (tag->name.n == 0)
		return;
	complain(r, MS_DMARC_UNKNOWN_TAG, tag->name,
	    ms_arena_printf(r->arena, "%.*s= is no tag of DMARC; it is ignored",
		SHOWN(tag->name)),
	    SECTION_RECORD);
}

static void
tag_errors(struct reader *r)
{
	const struct ms_taglist *tags = &r->out->tags;

	if (tags->faults)
		r->out->rfc7489_valid = false;
	for (size_t i = 0; i < tags->errors_n; i++) {
		const struct ms_tag_error *e = &tags->errors[i];

		if (e->fault == MS_TAG_DUPLICATE)
			complain(r, MS_DMARC_DUPLICATE, e->at,
			    ms_arena_printf(r->arena,
				"%.*s= stands in the record more than once; "
				"the first counts here, and some receivers "
				"ignore the whole record",
				SHOWN(e->at)),
			    "RFC 6376 section 3.2");
		else
			complain(r, MS_DMARC_SYNTAX, e->at,
			    ms_arena_printf(r->arena, "%s; it is ignored",
				ms_tag_fault_text(e->fault)),
			    "RFC 9989 section 4.8");
	}
}

/* RFC 9989 4.10.1 and, for p= and sp=, RFC 7489 6.6.3: without a valid policy
 * the record asks for nothing, if it asks for reports; else it is none. */
static void
settle_policy(struct reader *r)
{
	struct ms_dmarc_record *out = r->out;
	bool good = out->p != MS_DMARC_ABSENT && !r->bad_sp;

	out->rfc7489_usable = good || out->rua_n > 0;
	out->rfc7489_p = good ? out->p : MS_DMARC_NONE;
	out->rfc7489_sp = good ? out->sp : MS_DMARC_ABSENT;
	if (out->p == MS_DMARC_ABSENT)
		out->rfc7489_valid = false;
	out->usable = out->rfc7489_usable;
	if (good && !r->bad_np)
		return;
	out->usable = out->rescued = out->rua_n > 0;
	out->p = out->usable ? MS_DMARC_NONE : MS_DMARC_ABSENT;
	out->sp = out->np = MS_DMARC_ABSENT;
	complain(r, MS_DMARC_NO_POLICY, ms_slice_make(out->text.p, 0),
	    out->usable ? "without a valid policy the record counts as p=none"
			: "without a valid policy and without rua= the record "
			  "counts for nothing",
	    "RFC 9989 section 4.10.1");
}

void
ms_dmarc_record_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_dmarc_record *out)
{
	struct reader r = { .limits = limits, .arena = arena, .out = out };

	memset(out, 0, sizeof(*out));
	out->text = text;
	out->psd = 'u';
	out->pct = 100;
	out->is_record = ms_dmarc_is_record(text);
	if (!out->is_record)
		return;
	ms_taglist_parse(text, MS_TAGLIST_NOCASE | MS_TAGLIST_WSP, limits,
	    arena, &out->tags);
	out->rfc7489_valid = true;
	tag_errors(&r);
	for (size_t i = 0; i < out->tags.n; i++)
		take(&r, &out->tags.tags[i]);
	settle_policy(&r);
}
