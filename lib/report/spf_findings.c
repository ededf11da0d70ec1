/* SPDX-License-Identifier: ISC
 * spf_findings.c - what an SPF check found wrong, and what to publish instead
 */
#include "mailsonde/describe.h"

#define TEXT(s)                                                                \
	(int)((s).n > 255 ? 255 : (s).n), ((s).p ? (const char *)(s).p : "")

/* Errors of one record that the text tells. */
#define ERRORS_SHOWN 5

static struct ms_node *
evidence(struct ms_report *report, const struct ms_spf_trail *trail)
{
	struct ms_node *node = ms_put_object(report, NULL, NULL);

	if (!trail)
		return node;
	ms_put_text(report, node, "domain", trail->domain);
	if (!trail->texts && trail->record.text.p)
		ms_put_evidence(report, node, "record", trail->record.text);
	return node;
}

static const char *
client(struct ms_report *report, const struct ms_spf_result *r)
{
	char text[MS_IP_TEXT];

	ms_ip_format(&r->ip, text);
	return ms_arena_string(report->arena, ms_slice_from(text));
}

/* ---- what to publish ---- */

/* The record with `new_term` before its "all", or its redirect, or last. */
static const char *
record_with(struct ms_report *report, const struct ms_spf_record *record,
    const char *new_term)
{
	const struct ms_spf_term *before =
	    record->all ? record->all : record->redirect;
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	ms_buf_text(&buf, "v=spf1");
	for (size_t i = 0; i < record->n; i++) {
		if (&record->terms[i] == before)
			ms_buf_printf(&buf, " %s", new_term);
		ms_buf_byte(&buf, ' ');
		ms_buf_slice(&buf, record->terms[i].text);
	}
	if (!before)
		ms_buf_printf(&buf, " %s", new_term);
	return ms_arena_string(report->arena, ms_buf_get(&buf));
}

static const char *
fix_client(struct ms_report *report, const struct ms_spf_result *r)
{
	const char *term = ms_arena_printf(report->arena, "%s:%s",
	    r->ip.v4 ? "ip4" : "ip6", client(report, r));

	if (!r->at || !r->at->record.text.p)
		return NULL;
	if (r->term && r->term->term->kind != MS_SPF_ALL)
		return ms_arena_printf(report->arena,
		    "If this server may send for the domain, take \"%.*s\" "
		    "out of the record at %.*s.",
		    TEXT(r->term->term->text), TEXT(r->at->domain));
	return ms_arena_printf(report->arena,
	    "If this server may send for the domain, publish at %.*s: %s",
	    TEXT(r->at->domain), record_with(report, &r->at->record, term));
}

static bool
seen_before(
    const struct ms_spf_record *records, size_t n, const struct ms_spf_term *t)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < records[i].n; k++)
			if (&records[i].terms[k] == t)
				return false;
			else if (ms_slice_equal_nocase(
				     records[i].terms[k].text, t->text))
				return true;
	return false;
}

/* Several records in one: the terms of all, each once, and the "all" of the
 * first that has one. */
static const char *
merged(struct ms_report *report, const struct ms_spf_trail *trail)
{
	struct ms_spf_record *records =
	    MS_NEW_ARRAY(report->arena, struct ms_spf_record, trail->records);
	const struct ms_spf_term *all = NULL;
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	ms_buf_text(&buf, "v=spf1");
	for (size_t i = 0; i < trail->records; i++) {
		ms_spf_record_parse(
		    report->arena, trail->texts[i], &records[i]);
		all = all ? all : records[i].all;
		for (size_t k = 0; k < records[i].n; k++) {
			const struct ms_spf_term *t = &records[i].terms[k];

			if (t->kind >= MS_SPF_REDIRECT ||
			    t->kind == MS_SPF_ALL ||
			    seen_before(records, i + 1, t))
				continue;
			ms_buf_byte(&buf, ' ');
			ms_buf_slice(&buf, t->text);
		}
	}
	if (all)
		ms_buf_printf(&buf, " %.*s", TEXT(all->text));
	return ms_arena_string(report->arena, ms_buf_get(&buf));
}

/* What people write, and what they mean. The term put right; NULL. */
static const char *
put_right(struct ms_report *report, struct ms_slice term)
{
	static const struct {
		const char *wrong, *right;
	} words[] = {
		{ "ipv4:", "ip4:" },
		{ "ipv4=", "ip4:" },
		{ "ipv6:", "ip6:" },
		{ "ipv6=", "ip6:" },
		{ "ip4=", "ip4:" },
		{ "ip6=", "ip6:" },
		{ "includes:", "include:" },
		{ "include=", "include:" },
		{ "redirect:", "redirect=" },
		{ "exp:", "exp=" },
		{ "host:", "a:" },
	};
	size_t sign = term.n > 0 && memchr("+-~?", term.p[0], 4) != NULL;
	struct ms_slice name = ms_slice_part(term, sign, term.n);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct ms_spf_record record;
		struct ms_slice rest;
		const char *text;

		if (!ms_slice_starts(name, words[i].wrong))
			continue;
		rest = ms_slice_part(name, strlen(words[i].wrong), name.n);
		text = ms_arena_printf(report->arena, "v=spf1 %.*s%s%.*s",
		    (int)sign, (const char *)term.p, words[i].right,
		    TEXT(rest));
		ms_spf_record_parse(
		    report->arena, ms_slice_from(text), &record);
		return record.errors_n == 0 ? text + strlen("v=spf1 ") : NULL;
	}
	return NULL;
}

/* Every wrong term put right, when each can be; else NULL. */
static const char *
record_put_right(struct ms_report *report, const struct ms_spf_record *record)
{
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	ms_buf_text(&buf, "v=spf1");
	for (size_t i = 0; i < record->n; i++) {
		struct ms_slice term = record->terms[i].text;

		for (size_t k = 0; k < record->errors_n; k++) {
			const char *right;

			if (record->errors[k].term.p != term.p)
				continue;
			right = put_right(report, term);
			if (!right)
				return NULL;
			term = ms_slice_from(right);
			break;
		}
		ms_buf_byte(&buf, ' ');
		ms_buf_slice(&buf, term);
	}
	return ms_arena_string(report->arena, ms_buf_get(&buf));
}

/* ---- findings of a verdict ---- */

static void
find_fail(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_finding f = {
		.id = "spf-fail",
		.severity = MS_SEVERITY_HIGH,
		.title =
		    ms_arena_printf(report->arena, "%s may not send for %.*s",
			client(report, r), TEXT(r->domain)),
		.detail = "The domain's SPF record forbids this address; "
			  "receivers may refuse the mail.",
		.evidence = evidence(report, r->at),
		.fix = fix_client(report, r),
		.reference = "RFC 7208 section 8.4",
		.weight = 15,
	};

	ms_report_finding(report, &f);
}

static void
find_softfail(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_finding f = {
		.id = "spf-softfail",
		.severity = MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(report->arena,
		    "%s should not send for %.*s", client(report, r),
		    TEXT(r->domain)),
		.detail = "The domain's SPF record says that this address is "
			  "probably not one of its own; receivers look at the "
			  "mail with suspicion.",
		.evidence = evidence(report, r->at),
		.fix = fix_client(report, r),
		.reference = "RFC 7208 section 8.5",
		.weight = 5,
	};

	ms_report_finding(report, &f);
}

static void
find_neutral(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_finding f = {
		.id = "spf-neutral",
		.severity = MS_SEVERITY_LOW,
		.title = ms_arena_printf(report->arena,
		    "%.*s does not say whether %s may send", TEXT(r->domain),
		    client(report, r)),
		.detail = "To receivers that is the same as no SPF record.",
		.evidence = evidence(report, r->at),
		.fix = fix_client(report, r),
		.reference = "RFC 7208 section 8.2",
	};

	ms_report_finding(report, &f);
}

static void
find_none(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_finding f = {
		.id = "spf-none",
		.severity = MS_SEVERITY_LOW,
		.title = "SPF says nothing of this sender",
		.detail = ms_arena_printf(report->arena, "%s.", r->reason),
		.evidence = evidence(report, r->trail),
		.reference = "RFC 7208 section 8.1",
	};

	if (r->trail && r->trail->status == MS_DNS_NXDOMAIN &&
	    r->scope == MS_SPF_MAIL_FROM && !r->null_sender) {
		f.severity = MS_SEVERITY_MEDIUM;
		f.title = "The sender's domain does not exist";
	}
	if (r->scope == MS_SPF_HELO)
		f.severity = MS_SEVERITY_INFO;
	if (r->trail && (r->trail->status == MS_DNS_NODATA ||
			    r->trail->status == MS_DNS_FOUND))
		f.fix = ms_arena_printf(report->arena,
		    "Publish as TXT at %.*s: v=spf1 %s:%s -all (with every "
		    "server that sends for the domain)",
		    TEXT(r->domain), r->ip.v4 ? "ip4" : "ip6",
		    client(report, r));
	ms_report_finding(report, &f);
}

/* ---- findings of a record that cannot be used ---- */

static void
find_syntax(struct ms_report *report, const struct ms_spf_result *r)
{
	const struct ms_spf_record *record = &r->problem_at->record;
	const char *right = record_put_right(report, record);
	struct ms_finding f = {
		.id = "spf-permerror-syntax",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "The SPF record of %.*s has an error",
		    TEXT(r->problem_at->domain)),
		.evidence = evidence(report, r->problem_at),
		.reference = "RFC 7208 section 4.6",
		.weight = 5,
	};
	struct ms_node *array = ms_put_array(report, f.evidence, "errors");
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	for (size_t i = 0; i < record->errors_n; i++) {
		const struct ms_spf_error *error = &record->errors[i];
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_evidence(report, node, "term", error->term);
		ms_put_int(report, node, "offset", (int64_t)error->offset);
		ms_put_string(report, node, "error", error->text);
		if (i < ERRORS_SHOWN)
			ms_buf_printf(&buf, "\"%.*s\": %s. ", TEXT(error->term),
			    error->text);
	}
	ms_buf_text(&buf, "One error anywhere makes the whole record useless.");
	f.detail = ms_arena_string(report->arena, ms_buf_get(&buf));
	f.fix = right ? ms_arena_printf(report->arena, "Publish at %.*s: %s",
			    TEXT(r->problem_at->domain), right)
		      : "Correct these terms, or take them out.";
	ms_report_finding(report, &f);
}

static void
find_several(struct ms_report *report, const struct ms_spf_result *r)
{
	const struct ms_spf_trail *trail = r->problem_at;
	struct ms_finding f = {
		.id = "spf-multiple-records",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "%.*s publishes %zu SPF records", TEXT(trail->domain),
		    trail->records),
		.detail = "With more than one, receivers use none.",
		.evidence = evidence(report, trail),
		.fix = ms_arena_printf(report->arena,
		    "Publish one record in their place: %s",
		    merged(report, trail)),
		.reference = "RFC 7208 section 4.5",
		.weight = 5,
	};
	struct ms_node *array = ms_put_array(report, f.evidence, "records");

	for (size_t i = 0; i < trail->records; i++)
		ms_put_evidence(report, array, NULL, trail->texts[i]);
	ms_report_finding(report, &f);
}

static const char *
costs(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	for (size_t i = 0; i < r->costs_n; i++)
		ms_buf_printf(&buf, "%s%.*s %u", i > 0 ? ", " : "",
		    TEXT(r->costs[i].term), r->costs[i].lookups);
	return ms_arena_string(report->arena, ms_buf_get(&buf));
}

static void
find_lookups(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_finding f = {
		.id = "spf-too-many-lookups",
		.severity = MS_SEVERITY_HIGH,
		.title = "SPF needs more than 10 DNS lookups; the limit is 10",
		.detail = "Receivers stop there with a permanent error, and "
			  "nothing behind the tenth look-up counts.",
		.evidence = evidence(report, r->trail),
		.fix = "Take out terms that no server of yours needs, or "
		       "write the networks they stand for as ip4: and ip6:.",
		.reference = "RFC 7208 section 4.6.4",
		.weight = 5,
	};
	struct ms_node *array;

	if (r->lookups_needed) {
		f.title = ms_arena_printf(report->arena,
		    "SPF needs %u DNS lookups; the limit is 10",
		    r->lookups_needed);
		f.fix = ms_arena_printf(report->arena, "%s These cost: %s.",
		    f.fix, costs(report, r));
		ms_put_int(
		    report, f.evidence, "lookups_needed", r->lookups_needed);
		array = ms_put_array(report, f.evidence, "costs");
		for (size_t i = 0; i < r->costs_n; i++) {
			struct ms_node *node =
			    ms_put_object(report, array, NULL);

			ms_put_text(report, node, "term", r->costs[i].term);
			ms_put_int(
			    report, node, "lookups", r->costs[i].lookups);
		}
	}
	ms_report_finding(report, &f);
}

/* Terms that looked up nothing, in their order. */
static void
add_void(struct ms_buf *buf, const struct ms_spf_trail *trail)
{
	for (const struct ms_spf_step *s = trail->steps; s; s = s->next) {
		if (s->trail)
			add_void(buf, s->trail);
		else if (s->void_lookups > 0)
			ms_buf_printf(buf, "%s%.*s of %.*s",
			    buf->n > 0 ? ", " : "", TEXT(s->term->text),
			    TEXT(trail->domain));
	}
}

static void
find_void(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_finding f = {
		.id = "spf-void-lookups",
		.severity = MS_SEVERITY_HIGH,
		.title = "More than 2 SPF look-ups find nothing",
		.evidence = evidence(report, r->trail),
		.fix = "Take out the terms whose names have no address of the "
		       "kind asked for.",
		.reference = "RFC 7208 section 4.6.4",
		.weight = 5,
	};
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	add_void(&buf, r->trail);
	f.detail = ms_arena_printf(report->arena,
	    "Receivers stop with a permanent error at the third. Nothing was "
	    "found for %.*s.",
	    (int)buf.n, (const char *)buf.p);
	ms_report_finding(report, &f);
}

static void
find_mx(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_finding f = {
		.id = "spf-too-many-mx",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "\"%.*s\" of %.*s names more than 10 mail servers",
		    TEXT(r->cause->term->text), TEXT(r->cause_at->domain)),
		.detail = "Receivers stop there with a permanent error.",
		.evidence = evidence(report, r->cause_at),
		.fix = "Write the networks of the mail servers as ip4: and "
		       "ip6: in its place.",
		.reference = "RFC 7208 section 4.6.4",
		.weight = 5,
	};

	ms_report_finding(report, &f);
}

static void
find_missing(struct ms_report *report, const struct ms_spf_result *r)
{
	const struct ms_spf_step *step = r->cause;
	bool gone = step->trail->status == MS_DNS_NXDOMAIN;
	struct ms_finding f = {
		.id = "spf-include-missing",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "\"%.*s\" of %.*s leads to no SPF record",
		    TEXT(step->term->text), TEXT(r->cause_at->domain)),
		.detail = "Receivers stop there with a permanent error.",
		.evidence = evidence(report, r->cause_at),
		.fix = ms_arena_printf(report->arena,
		    "Take \"%.*s\" out of the record at %.*s, or have "
		    "the record published at %.*s.",
		    TEXT(step->term->text), TEXT(r->cause_at->domain),
		    TEXT(step->target)),
		.reference = "RFC 7208 sections 5.2 and 6.1",
		.weight = 5,
	};

	if (gone)
		f.detail =
		    "Receivers stop there with a permanent error. The name "
		    "does not exist; if its domain is free, whoever registers "
		    "it decides who may send.";
	ms_report_finding(report, &f);
}

static void
find_loop(struct ms_report *report, const struct ms_spf_result *r)
{
	struct ms_finding f = {
		.id = "spf-loop",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "\"%.*s\" of %.*s comes back to a record that led there",
		    TEXT(r->cause->term->text), TEXT(r->cause_at->domain)),
		.detail = "Receivers go round until the limit of 10 look-ups "
			  "stops them with a permanent error.",
		.evidence = evidence(report, r->cause_at),
		.fix = ms_arena_printf(report->arena,
		    "Take \"%.*s\" out of the record at %.*s.",
		    TEXT(r->cause->term->text), TEXT(r->cause_at->domain)),
		.reference = "RFC 7208 section 4.6.4",
		.weight = 5,
	};

	ms_report_finding(report, &f);
}

static void
find_problem(struct ms_report *report, const struct ms_spf_result *r)
{
	switch (r->problem) {
	case MS_SPF_SYNTAX:
		find_syntax(report, r);
		break;
	case MS_SPF_MULTIPLE_RECORDS:
		find_several(report, r);
		break;
	case MS_SPF_LOOKUP_LIMIT:
		find_lookups(report, r);
		break;
	case MS_SPF_VOID_LIMIT:
		find_void(report, r);
		break;
	case MS_SPF_MX_LIMIT:
		find_mx(report, r);
		break;
	case MS_SPF_INCLUDE_NONE:
	case MS_SPF_REDIRECT_NONE:
		find_missing(report, r);
		break;
	case MS_SPF_LOOP:
		find_loop(report, r);
		break;
	case MS_SPF_OK:
		break;
	}
}

/* ---- findings of a record that can be used, and should not be so ---- */

static void
find_plus_all(struct ms_report *report, const struct ms_spf_trail *trail)
{
	struct ms_finding f = {
		.id = "spf-plus-all",
		.severity = MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(report->arena,
		    "The SPF record of %.*s lets everybody send",
		    TEXT(trail->domain)),
		.detail = ms_arena_printf(report->arena,
		    "\"%.*s\" matches every address there is: a pass says "
		    "nothing.",
		    TEXT(trail->record.all->text)),
		.evidence = evidence(report, trail),
		.fix = ms_arena_printf(report->arena,
		    "Write -all or ~all in place of %.*s.",
		    TEXT(trail->record.all->text)),
		.reference = "RFC 7208 section 5.1",
		.weight = 5,
	};

	ms_report_finding(report, &f);
}

static void
find_ptr(struct ms_report *report, const struct ms_spf_trail *trail,
    const struct ms_spf_term *term)
{
	struct ms_finding f = {
		.id = "spf-ptr",
		.severity = MS_SEVERITY_LOW,
		.title = ms_arena_printf(report->arena,
		    "The SPF record of %.*s uses ptr", TEXT(trail->domain)),
		.detail = "It is slow and fails with somebody else's name "
			  "servers; it should not be published any more, and "
			  "some receivers pass over it.",
		.evidence = evidence(report, trail),
		.fix = ms_arena_printf(report->arena,
		    "Write the networks as ip4: and ip6: in place of %.*s.",
		    TEXT(term->text)),
		.reference = "RFC 7208 section 5.5",
	};

	ms_report_finding(report, &f);
}

static void
find_in_trail(struct ms_report *report, const struct ms_spf_trail *trail)
{
	const struct ms_spf_record *record = &trail->record;

	if (record->errors_n == 0 && trail->records == 1) {
		if (record->all && record->all->qualifier == MS_AUTH_PASS)
			find_plus_all(report, trail);
		for (size_t i = 0; i < record->n; i++) {
			if (record->terms[i].kind != MS_SPF_PTR)
				continue;
			find_ptr(report, trail, &record->terms[i]);
			break;
		}
	}
	for (const struct ms_spf_step *s = trail->steps; s; s = s->next)
		if (s->trail)
			find_in_trail(report, s->trail);
}

void
ms_spf_findings(struct ms_report *report, const struct ms_spf_result *result)
{
	switch (result->result) {
	case MS_AUTH_FAIL:
		find_fail(report, result);
		break;
	case MS_AUTH_SOFTFAIL:
		find_softfail(report, result);
		break;
	case MS_AUTH_NEUTRAL:
		find_neutral(report, result);
		break;
	case MS_AUTH_NONE:
		find_none(report, result);
		break;
	case MS_AUTH_PERMERROR:
		find_problem(report, result);
		break;
	default:
		break;
	}
	if (result->trail)
		find_in_trail(report, result->trail);
}
