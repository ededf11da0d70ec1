/* SPDX-License-Identifier: ISC
 * describe_reputation.c - what lists say of a subject, as report nodes
 */
#include "describe_priv.h"

#define REASON_MAX 400 /* octets of a list's own words that are shown */
#define HITS_MAX   16  /* meanings of one answer that are put into words */

/* ---- words ---- */

static struct ms_slice
subject_text(struct ms_report *report, const struct ms_dnsbl_case *c)
{
	char *text;

	if (!c->subject.ip.set)
		return c->subject.name;
	text = (char *)ms_arena_bytes(report->arena, MS_IP_TEXT);
	ms_ip_format(&c->subject.ip, text);
	return ms_slice_from(text);
}

/* "127.0.0.4 hijacked or infected (XBL), 127.0.0.2"; without `codes` the words
 * alone. */
struct ms_slice
describe_meaning(
    struct ms_report *report, const struct ms_dnsbl_answer *a, bool codes)
{
	char code[MS_IP_TEXT];
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	for (size_t i = 0; i < a->hits_n && i < HITS_MAX; i++) {
		const struct ms_dnsbl_hit *hit = &a->hits[i];
		bool said = !codes || (i > 0 && ms_ip_equal(&hit->code,
						    &a->hits[i - 1].code));

		if (said && !hit->text)
			continue;
		ms_ip_format(&hit->code, code);
		ms_buf_printf(&out, "%s%s%s%s", out.n > 0 ? ", " : "",
		    said ? "" : code, !said && hit->text ? " " : "",
		    hit->text ? hit->text : "");
	}
	if (a->hits_n > HITS_MAX)
		ms_buf_printf(&out, " and %zu more", a->hits_n - HITS_MAX);
	return ms_buf_get(&out);
}

/* The list's own words; p == NULL: it has none. */
static struct ms_slice
reason(struct ms_report *report, const struct ms_dnsbl_answer *a)
{
	struct ms_buf out;

	if (a->reason.status != MS_DNS_FOUND || a->reason.n == 0)
		return ms_slice_make(NULL, 0);
	ms_buf_init(&out, report->arena);
	for (size_t i = 0; i < a->reason.n && out.n < REASON_MAX; i++) {
		if (i > 0)
			ms_buf_text(&out, "; ");
		ms_buf_slice(&out, a->reason.records[i].u.text);
	}
	if (out.n == 0)
		return ms_slice_make(NULL, 0);
	return describe_cut(report, ms_buf_get(&out), REASON_MAX);
}

/* ---- findings and errors ---- */

static const char *
consequence(enum ms_severity severity)
{
	if (severity >= MS_SEVERITY_MEDIUM)
		return "Receivers that ask this list refuse or mark the mail.";
	if (severity == MS_SEVERITY_LOW)
		return "Few refuse mail for this alone; filters count it in.";
	return "Hardly anybody refuses mail for this.";
}

static struct ms_node *
put_codes(struct ms_report *report, struct ms_node *parent,
    const struct ms_dnsbl_answer *a)
{
	struct ms_node *array = ms_put_array(report, parent, "codes");

	for (size_t i = 0; i < a->hits_n; i++) {
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_ip(report, node, "code", &a->hits[i].code);
		ms_put_string(report, node, "text", a->hits[i].text);
		ms_put_string(report, node, "severity",
		    ms_severity_name(a->hits[i].severity));
	}
	return array;
}

static void
find(struct ms_report *report, const struct ms_dnsbl_case *c,
    const struct ms_dnsbl_answer *a, const char *why)
{
	struct ms_slice words = reason(report, a);
	struct ms_slice who = subject_text(report, c);
	struct ms_slice what = describe_meaning(report, a, false);
	struct ms_finding f = {
		.id = "dnsbl-listed",
		.severity = a->severity,
		.reference = "RFC 5782 section 2",
		.evidence = ms_put_object(report, NULL, NULL),
	};

	f.title = ms_arena_printf(report->arena, "%.*s is listed by %s%s%.*s",
	    (int)who.n, (const char *)who.p, a->list->zone,
	    what.n > 0 ? ": " : "", (int)what.n, (const char *)what.p);
	f.detail = consequence(a->severity);
	if (words.p)
		f.detail = ms_arena_printf(report->arena,
		    "The list says: \"%.*s\". %s", (int)words.n,
		    (const char *)words.p, f.detail);
	if (why)
		f.detail =
		    ms_arena_printf(report->arena, "%s %s", why, f.detail);
	f.fix = a->list->page ? ms_arena_printf(report->arena,
				    "Find out why and stop it, then ask to be "
				    "taken off at %s",
				    a->list->page)
			      : "Find out why and stop it, then ask the list "
				"to take it off.";
	ms_put_string(report, f.evidence, "zone", a->list->zone);
	ms_put_text(report, f.evidence, "query", a->name);
	put_codes(report, f.evidence, a);
	ms_put_evidence(report, f.evidence, "reason", words);
	ms_report_finding(report, &f);
}

void
describe_listings(
    struct ms_report *report, const struct ms_dnsbl_case *c, const char *why)
{
	for (size_t i = 0; i < c->answers_n; i++)
		if (c->answers[i].status == MS_DNSBL_LISTED &&
		    !c->answers[i].list->allow)
			find(report, c, &c->answers[i], why);
}

static void
say_rewritten(struct ms_report *report, const struct ms_dnsbl_case *c)
{
	char text[MS_IP_TEXT];

	if (!c->rewritten.set)
		return;
	ms_ip_format(&c->rewritten, text);
	ms_report_error(report, "dns", true,
	    "The resolver rewrites answers: it gives %s, which is no code of "
	    "a list; ask another one (--resolver)",
	    text);
}

/* Lists that few ask are no reason to say that the question is open, as long
 * as others answered. */
static void
put_errors(struct ms_report *report, const struct ms_dnsbl_case *c)
{
	if (c->special)
		return;
	say_rewritten(report, c);
	if (!c->any)
		ms_report_error(report, "dnsbl", true,
		    "None of the lists is about %s",
		    c->subject.ip.set
			? c->subject.ip.v4 ? "IPv4 addresses" : "IPv6 addresses"
			: "names");
	else if (c->asked > 0 && c->told == 0)
		ms_report_error(report, "dnsbl", true,
		    "None of the block lists (%zu) could tell", c->asked);
	for (size_t i = 0; i < c->answers_n; i++) {
		const struct ms_dnsbl_answer *a = &c->answers[i];

		if (a->status == MS_DNSBL_UNKNOWN && ms_dnsbl_matters(a->list))
			ms_report_error(report, "dnsbl", true, "%s: %s",
			    a->list->zone, a->why);
	}
}

/* ---- data ---- */

static void
put_list(struct ms_report *report, struct ms_node *array,
    const struct ms_dnsbl_answer *a)
{
	struct ms_node *node = ms_put_object(report, array, NULL);
	bool listed = a->status == MS_DNSBL_LISTED;

	ms_put_string(report, node, "zone", a->list->zone);
	ms_put_string(report, node, "kind", a->list->allow ? "allow" : "block");
	ms_put_string(
	    report, node, "weight", ms_severity_name(a->list->weight));
	ms_put_string(report, node, "status", ms_dnsbl_status_name(a->status));
	if (listed) {
		ms_put_string(
		    report, node, "severity", ms_severity_name(a->severity));
		ms_put_text(
		    report, node, "meaning", describe_meaning(report, a, true));
		put_codes(report, node, a);
	}
	ms_put_string(report, node, "cause", ms_dnsbl_cause_name(a->cause));
	ms_put_string(report, node, "why", a->why);
	ms_put_text(report, node, "query", a->name);
	ms_put_evidence(report, node, "reason", reason(report, a));
	ms_put_string(report, node, "page", a->list->page);
	ms_put_string(report, node, "note", a->list->note);
}

static void
put_special(struct ms_report *report, struct ms_node *parent,
    const struct ms_special *special)
{
	struct ms_node *node = ms_put_object(report, parent, "special");

	ms_put_string(report, node, "class", special->class);
	ms_put_string(report, node, "network", special->network);
	ms_put_string(report, node, "name", special->name);
	ms_put_string(report, node, "reference", special->rfc);
}

static void
put_reputation(struct ms_report *report, const struct ms_dnsbl_case *c,
    const struct ms_reputation_senders *senders)
{
	struct ms_node *node = ms_put_section(report, "reputation");
	struct ms_node *array;

	if (c->special)
		put_special(report, node, c->special);
	ms_put_int(report, node, "asked", (int64_t)c->asked);
	ms_put_int(report, node, "answered", (int64_t)c->told);
	ms_put_int(report, node, "listed", (int64_t)c->listed);
	ms_put_int(report, node, "unknown", (int64_t)c->unknown);
	ms_put_int(report, node, "allowed", (int64_t)c->allowed);
	array = ms_put_array(report, node, "lists");
	for (size_t i = 0; i < c->answers_n; i++)
		put_list(report, array, &c->answers[i]);
	if (senders)
		describe_put_senders(report, node, senders);
}

/* ---- text ---- */

/* "LISTED: 192.0.2.1 is listed by …" */
static void
say_answer(struct ms_report *report, const struct ms_dnsbl_case *c)
{
	struct describe_answer a = describe_answer_of(report,
	    ms_arena_printf(report->arena,
		c->listed > 0
		    ? "on no block list that counts, of %zu that answered"
		    : "on none of %zu block lists that answered",
		c->told));

	if (a.style == MS_STYLE_BAD ||
	    (report->findings && report->findings->severity > MS_SEVERITY_INFO))
		a.word = "LISTED";
	ms_say_answer(report, a.style, "%s: %s", a.word, a.text);
}

static void
say_counts(struct ms_report *report, const struct ms_dnsbl_case *c)
{
	struct ms_slice who = subject_text(report, c);
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	ms_buf_slice(&out, who);
	ms_buf_printf(&out, ": listed by %zu of %zu block list%s that answered",
	    c->listed, c->told, c->told == 1 ? "" : "s");
	if (c->unknown > 0)
		ms_buf_printf(&out, "; %zu could not tell", c->unknown);
	if (c->allowed > 0)
		ms_buf_printf(&out, "; on %zu allow list%s", c->allowed,
		    c->allowed == 1 ? "" : "s");
	ms_say(
	    report, 0, MS_STYLE_DIM, "%.*s", (int)out.n, (const char *)out.p);
}

static enum ms_style
style_of(const struct ms_dnsbl_answer *a)
{
	if (a->status == MS_DNSBL_UNKNOWN)
		return MS_STYLE_WARN;
	if (a->status == MS_DNSBL_LISTED && !a->list->allow)
		return a->severity >= MS_SEVERITY_MEDIUM ? MS_STYLE_BAD
							 : MS_STYLE_WARN;
	if (a->list->allow)
		return a->status == MS_DNSBL_LISTED ? MS_STYLE_GOOD
						    : MS_STYLE_DIM;
	return MS_STYLE_GOOD;
}

static const char *
word_of(const struct ms_dnsbl_answer *a)
{
	switch (a->status) {
	case MS_DNSBL_LISTED:
		return a->list->allow ? "allowed" : "listed";
	case MS_DNSBL_UNKNOWN:
		return "could not tell";
	default:
		return a->list->allow ? "not there" : "not listed";
	}
}

/* A row below that of the list. */
static void
say_more(struct ms_report *report, struct ms_node *table, const char *quote,
    struct ms_slice text)
{
	struct ms_node *row = ms_say_row(report, table);

	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", "");
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", "");
	ms_say_cellf(report, row, MS_STYLE_DIM, false, "%s%.*s%s", quote,
	    (int)text.n, (const char *)text.p, quote);
}

static void
say_list(struct ms_report *report, struct ms_node *table,
    const struct ms_dnsbl_answer *a)
{
	struct ms_node *row = ms_say_row(report, table);
	struct ms_slice text = describe_meaning(report, a, true);
	struct ms_slice words = reason(report, a);

	if (a->status != MS_DNSBL_LISTED)
		text = ms_slice_from(a->why ? a->why : "");
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", a->list->zone);
	ms_say_cellf(report, row, style_of(a), false, "%s", word_of(a));
	ms_say_cell(report, row, MS_STYLE_PLAIN, false, text);
	if (a->status == MS_DNSBL_LISTED && !a->list->allow)
		return; /* the rest stands in the finding */
	if (words.p)
		say_more(report, table, "\"", words);
	if (a->cause == MS_DNSBL_REFUSED && a->list->note)
		say_more(report, table, "", ms_slice_from(a->list->note));
}

/* What is on a list first, then what could not be told. */
static void
say_lists(struct ms_report *report, const struct ms_dnsbl_case *c)
{
	static const enum ms_dnsbl_status order[] = { MS_DNSBL_LISTED,
		MS_DNSBL_UNKNOWN, MS_DNSBL_NOT_LISTED };
	struct ms_node *table;

	if (!c->any)
		return;
	ms_say_heading(report, "LISTS");
	table = ms_say_table(report, 2);
	ms_say_heads(
	    report, table, false, "list", "result", "what it says", NULL);
	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++)
		for (size_t i = 0; i < c->answers_n; i++)
			if (c->answers[i].status == order[k])
				say_list(report, table, &c->answers[i]);
}

static void
say_special(struct ms_report *report, const struct ms_dnsbl_case *c)
{
	struct ms_slice who = subject_text(report, c);

	ms_say_answer(report, MS_STYLE_WARN,
	    "NOT ASKED: %.*s is %s (%s, %s), and no list is about such "
	    "addresses; see --allow-net",
	    (int)who.n, (const char *)who.p, c->special->class,
	    c->special->network, c->special->rfc);
}

void
ms_describe_reputation(struct ms_report *report, const struct ms_dnsbl_case *c,
    const struct ms_reputation_senders *senders)
{
	describe_listings(report, c, NULL);
	put_errors(report, c);
	if (senders)
		describe_senders_findings(report, senders);
	if (report->audience & MS_FOR_DATA)
		put_reputation(report, c, senders);
	if (!(report->audience & MS_FOR_TEXT))
		return;
	if (c->special) {
		say_special(report, c);
		return;
	}
	say_answer(report, c);
	ms_say_blank(report);
	say_counts(report, c);
	say_lists(report, c);
	if (senders)
		describe_say_senders(report, senders);
}
