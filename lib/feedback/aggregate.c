/* SPDX-License-Identifier: ISC
 * aggregate.c - aggregate reports of DMARC, RFC 9990, RFC 7489 appendix C
 *
 * Read by the names of the elements, in whatever namespace and order. A record
 * is forgotten when it has become a row, so that a large report does not need
 * a tree of its own.
 */
#include "feedback_priv.h"
#include "mailsonde/clock.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"
#include "mailsonde/xml.h"

#define COUNT_MAX 1000000000000 /* of one row; more is no count */
#define RESULTS   200           /* of one row: RFC 9990 has 100 of DKIM */
#define REASONS   50
#define ERRORS    50

struct reader {
	struct ms_arena *arena;
	const struct ms_limits *limits;
	struct ms_aggregate *out;
	struct feedback_align align;
	bool metadata, policy;
	size_t odd_rows; /* that lack something */
	const char *odd; /* what the first of them lacks */
	bool new_words;  /* elements that only RFC 9990 has */
};

const char *
ms_aggregate_schema_name(enum ms_aggregate_schema schema)
{
	static const char *const names[] = {
		[MS_AGGREGATE_DRAFT] = "draft",
		[MS_AGGREGATE_RFC7489] = "rfc7489",
		[MS_AGGREGATE_RFC9990] = "rfc9990",
	};

	return names[schema];
}

const char *
ms_aggregate_schema_title(enum ms_aggregate_schema schema)
{
	static const char *const titles[] = {
		[MS_AGGREGATE_DRAFT] = "a draft of RFC 7489",
		[MS_AGGREGATE_RFC7489] = "RFC 7489",
		[MS_AGGREGATE_RFC9990] = "RFC 9990",
	};

	return titles[schema];
}

/* ---- values ---- */

/* An element that holds nothing says nothing. */
static struct ms_slice
kept(struct reader *r, struct ms_slice text)
{
	return text.n > 0 ? ms_arena_copy(r->arena, text)
			  : ms_slice_make(NULL, 0);
}

static struct ms_slice
text_of(struct reader *r, const struct ms_xml *node, const char *name)
{
	return kept(r, ms_xml_text(node, name));
}

/* A word of the grammar or a domain: reporters write PASS as well. */
static struct ms_slice
word_of(struct reader *r, const struct ms_xml *node, const char *name)
{
	return ms_arena_lower(r->arena, text_of(r, node, name));
}

/* Seconds since 1970, as the schemas have it; with a fraction, or as a date,
 * as some write. */
static bool
time_of(const struct ms_xml *node, const char *name, int64_t *out)
{
	struct ms_slice text = ms_xml_text(node, name);
	struct ms_scan s = ms_scan_init(text);

	*out = (int64_t)ms_scan_number(&s, 12, 253402300799);
	if (ms_scan_try_byte(&s, '.'))
		(void)ms_scan_while(&s, MS_C_DIGIT, 12);
	if (!s.bad && s.p == s.end)
		return true;
	return ms_time_parse(text, out);
}

static bool
count_of(const struct ms_xml *node, int64_t *out)
{
	struct ms_scan s = ms_scan_init(ms_xml_text(node, "count"));

	*out = (int64_t)ms_scan_number(&s, 13, COUNT_MAX);
	if (!s.bad && s.p == s.end)
		return true;
	*out = 0;
	return false;
}

/* ---- the head ---- */

static void
read_errors(struct reader *r, const struct ms_xml *metadata)
{
	struct ms_aggregate *out = r->out;

	for (const struct ms_xml *e = ms_xml_child(metadata, "error");
	     e && out->errors_n < ERRORS; e = ms_xml_again(e)) {
		if (e->text.n == 0)
			continue;
		out->errors = feedback_room(
		    r->arena, out->errors, out->errors_n, sizeof(*out->errors));
		out->errors[out->errors_n++] = kept(r, e->text);
	}
}

static void
read_metadata(struct reader *r, const struct ms_xml *node)
{
	const struct ms_xml *range = ms_xml_child(node, "date_range");
	struct ms_aggregate *out = r->out;

	r->metadata = true;
	out->org_name = text_of(r, node, "org_name");
	out->email = text_of(r, node, "email");
	out->extra_contact = text_of(r, node, "extra_contact_info");
	out->report_id = text_of(r, node, "report_id");
	out->generator = text_of(r, node, "generator");
	out->begin_set = time_of(range, "begin", &out->begin);
	out->end_set = time_of(range, "end", &out->end);
	r->new_words |= out->generator.p != NULL;
	read_errors(r, node);
}

static void
read_policy(struct reader *r, const struct ms_xml *node)
{
	struct ms_aggregate *out = r->out;

	r->policy = true;
	out->domain = word_of(r, node, "domain");
	out->p = word_of(r, node, "p");
	out->sp = word_of(r, node, "sp");
	out->np = word_of(r, node, "np");
	out->adkim = word_of(r, node, "adkim");
	out->aspf = word_of(r, node, "aspf");
	out->pct = text_of(r, node, "pct");
	out->fo = text_of(r, node, "fo");
	out->testing = word_of(r, node, "testing");
	out->discovery = word_of(r, node, "discovery_method");
	r->new_words |= out->testing.p || out->discovery.p;
}

/* ---- records ---- */

static void
read_reasons(struct reader *r, const struct ms_xml *evaluated,
    struct ms_aggregate_row *row)
{
	for (const struct ms_xml *e = ms_xml_child(evaluated, "reason");
	     e && row->reasons_n < REASONS; e = ms_xml_again(e)) {
		struct ms_aggregate_reason reason;

		reason.type = word_of(r, e, "type");
		reason.comment = text_of(r, e, "comment");
		if (!reason.type.p && !reason.comment.p)
			continue;
		row->reasons = feedback_room(r->arena, row->reasons,
		    row->reasons_n, sizeof(*row->reasons));
		row->reasons[row->reasons_n++] = reason;
	}
}

static void
read_results(
    struct reader *r, const struct ms_xml *node, struct ms_aggregate_row *row)
{
	const struct ms_xml *e = node ? node->first : NULL;

	for (; e && row->auth_n < RESULTS; e = e->next) {
		struct ms_aggregate_auth auth = { 0 };

		auth.dkim = ms_slice_is(e->name, "dkim");
		if (!auth.dkim && !ms_slice_is(e->name, "spf"))
			continue;
		auth.domain = word_of(r, e, "domain");
		auth.selector = text_of(r, e, "selector");
		auth.scope = word_of(r, e, "scope");
		auth.result = word_of(r, e, "result");
		auth.human_result = text_of(r, e, "human_result");
		if (!auth.domain.p && !auth.result.p)
			continue;
		row->auth = feedback_room(
		    r->arena, row->auth, row->auth_n, sizeof(*row->auth));
		row->auth[row->auth_n++] = auth;
	}
}

/* What every schema has in each record. */
static void
note_missing(struct reader *r, const struct ms_aggregate_row *row, bool counted)
{
	const char *odd = !row->source.set      ? "no address in <source_ip>"
			  : !counted            ? "no number in <count>"
			  : !row->header_from.p ? "no <header_from>"
						: NULL;

	if (odd && r->odd_rows++ == 0)
		r->odd = odd;
}

/* Some reporters have one record with several rows. */
static void
read_row(
    struct reader *r, const struct ms_xml *record, const struct ms_xml *node)
{
	const struct ms_xml *evaluated = ms_xml_child(node, "policy_evaluated");
	const struct ms_xml *who = ms_xml_child(record, "identifiers");
	struct ms_aggregate *out = r->out;
	struct ms_aggregate_row row = { 0 };
	bool counted;

	if (!who) /* as drafts and RFC 7489's own text call it */
		who = ms_xml_child(record, "identities");
	row.source_text = text_of(r, node, "source_ip");
	if (row.source_text.p)
		(void)ms_ip_parse_literal(row.source_text, &row.source);
	counted = count_of(node, &row.count);
	row.disposition = word_of(r, evaluated, "disposition");
	row.dkim = word_of(r, evaluated, "dkim");
	row.spf = word_of(r, evaluated, "spf");
	read_reasons(r, evaluated, &row);
	row.header_from = word_of(r, who, "header_from");
	row.envelope_from = word_of(r, who, "envelope_from");
	row.envelope_to = word_of(r, who, "envelope_to");
	read_results(r, ms_xml_child(record, "auth_results"), &row);
	note_missing(r, &row, counted);
	out->rows =
	    feedback_room(r->arena, out->rows, out->rows_n, sizeof(*out->rows));
	out->rows[out->rows_n++] = row;
	out->messages = feedback_sum(out->messages, row.count);
}

/* False: there are more rows than are read. */
static bool
read_record(struct reader *r, const struct ms_xml *record)
{
	const struct ms_xml *row = ms_xml_child(record, "row");

	do {
		if (r->out->rows_n == r->limits->report_rows) {
			r->out->truncated = true;
			return false;
		}
		read_row(r, record, row);
		row = ms_xml_again(row);
	} while (row);
	return true;
}

static bool
take(void *context, const struct ms_xml *child)
{
	struct reader *r = context;

	if (ms_slice_is(child->name, "version"))
		r->out->version = kept(r, child->text);
	else if (ms_slice_is(child->name, "report_metadata"))
		read_metadata(r, child);
	else if (ms_slice_is(child->name, "policy_published"))
		read_policy(r, child);
	else if (ms_slice_is(child->name, "record"))
		return read_record(r, child);
	return true;
}

/* ---- the whole ---- */

/* RFC 9990 says version 1.0 too; its namespace or its own elements tell. */
static enum ms_aggregate_schema
schema_of(const struct reader *r)
{
	const struct ms_aggregate *out = r->out;

	if (ms_slice_is(out->space, "urn:ietf:params:xml:ns:dmarc-2.0") ||
	    ms_slice_starts(out->version, "2") || (r->new_words && !out->pct.p))
		return MS_AGGREGATE_RFC9990;
	return out->version.p && !ms_slice_starts(out->version, "0")
		   ? MS_AGGREGATE_RFC7489
		   : MS_AGGREGATE_DRAFT;
}

static void
odd_if(struct reader *r, bool odd, const char *text)
{
	if (odd)
		feedback_odd(r->arena, &r->out->oddities, "%s", text);
}

/* What RFC 9990 4.1 and RFC 7489 appendix C want to be there. */
static void
look_over(struct reader *r)
{
	struct ms_aggregate *out = r->out;

	odd_if(r, !out->org_name.p, "it does not say who reports (<org_name>)");
	odd_if(r, !out->report_id.p, "it has no <report_id>");
	odd_if(r, !out->begin_set || !out->end_set,
	    "it does not say of which time it is (<date_range>)");
	odd_if(r, out->begin_set && out->end_set && out->end < out->begin,
	    "its time ends before it begins");
	odd_if(r, !out->domain.p, "it does not say of which domain it is");
	odd_if(r, !out->p.p, "it does not say which policy was found (<p>)");
	odd_if(r, out->rows_n == 0, "it has no <record>");
	if (r->odd_rows > 0)
		feedback_odd(r->arena, &out->oddities,
		    "%zu of %zu records are not whole: %s in the first of "
		    "them",
		    r->odd_rows, out->rows_n, r->odd);
}

static void
judge_rows(struct reader *r)
{
	for (size_t i = 0; i < r->out->rows_n; i++) {
		struct ms_aggregate_row *row = &r->out->rows[i];
		bool evaluated = row->dkim.p || row->spf.p;

		feedback_align_row(&r->align, r->out, row);
		row->pass = evaluated ? ms_slice_is(row->dkim, "pass") ||
					    ms_slice_is(row->spf, "pass")
				      : row->dkim_aligned == MS_ALIGNED_YES ||
					    row->spf_aligned == MS_ALIGNED_YES;
	}
}

static const struct ms_xml *
read_document(struct reader *r, struct ms_slice text)
{
	memset(r->out, 0, sizeof(*r->out));
	r->metadata = r->policy = r->new_words = false;
	r->odd_rows = 0;
	return ms_xml_each(r->arena, text, r->limits, take, r, &r->out->fault);
}

static bool
says_utf8(struct ms_slice text)
{
	struct ms_slice head = ms_slice_part(text, 0, 200);

	head.n = ms_slice_find(head, 0, '>');
	return ms_slice_find_text(head, 0, "encoding") == head.n ||
	       ms_slice_find_nocase(head, 0, "utf-8") < head.n;
}

/* Names that were copied from somewhere are a usual place for octets that are
 * no UTF-8: with marks in their place the rest can be read. */
static const struct ms_xml *
read_any(struct reader *r, struct ms_slice text)
{
	const struct ms_xml *root = read_document(r, text);
	struct ms_charsets *charsets;

	if (!r->out->fault || ms_utf8_valid(text) || !says_utf8(text))
		return root;
	charsets = ms_charsets_new(r->arena);
	(void)ms_charset_decode(
	    charsets, r->arena, MS_SLICE("utf-8"), text, &text);
	ms_charsets_close(charsets);
	root = read_document(r, text);
	if (root && !r->out->fault)
		r->out->fault = "octets in it are not of its encoding, UTF-8";
	return root;
}

enum ms_status
ms_aggregate_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, struct ms_psl *psl,
    struct ms_aggregate *out, struct ms_diag *diag)
{
	struct reader r = { .arena = arena, .limits = limits, .out = out };
	const struct ms_xml *root;

	r.align.arena = arena;
	r.align.psl = psl;
	ms_map_init(&r.align.cache, arena);
	root = read_any(&r, text);
	if (!root)
		return ms_diag_set(diag, MS_FORMAT, "%s",
		    out->fault ? out->fault : "it is no XML");
	if (!ms_slice_is(root->name, "feedback"))
		return ms_diag_set(diag, MS_FORMAT,
		    "its XML is <%.*s>, and no DMARC report (<feedback>)",
		    (int)(root->name.n > 60 ? 60 : root->name.n),
		    (const char *)root->name.p);
	if (!r.metadata && !r.policy && out->rows_n == 0)
		return ms_diag_set(diag, MS_FORMAT, "%s",
		    out->fault ? out->fault
			       : "nothing of a DMARC report is in it");
	out->space = root->space.n > 0 ? root->space : ms_slice_make(NULL, 0);
	out->schema = schema_of(&r);
	look_over(&r);
	judge_rows(&r);
	return MS_OK;
}
