/* SPDX-License-Identifier: ISC
 * csv.c - rows for spreadsheets, RFC 4180: findings, or what a command is about
 *
 * A subject of which there is nothing to say has a row as well, so that none
 * is lost. A field that a spreadsheet would take for a formula has an
 * apostrophe in front, for it may be a stranger's.
 */
#include "mailsonde/clock.h"
#include "mailsonde/render.h"
#include "mailsonde/scan.h"
#include "path.h"

#define END "\r\n"

static bool
is_formula(struct ms_slice text)
{
	return text.n > 0 && strchr("=+-@\t", *text.p) != NULL;
}

static void
put(struct ms_buf *out, struct ms_slice text, bool last)
{
	struct ms_buf safe;
	struct ms_slice s;

	ms_buf_init(&safe, out->arena);
	if (is_formula(text))
		ms_buf_byte(&safe, '\'');
	ms_text_safe(&safe, text);
	s = ms_buf_get(&safe);
	ms_buf_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			ms_buf_byte(out, '"');
		ms_buf_byte(out, s.p[i] == '\n' ? ' ' : s.p[i]);
	}
	ms_buf_text(out, last ? "\"" END : "\",");
}

static void
put_string(struct ms_buf *out, const char *text, bool last)
{
	put(out, ms_slice_from(text ? text : ""), last);
}

/* ---- a row a finding or error ---- */

static void
put_row(const struct ms_report *report, const char *severity, const char *id,
    const struct ms_finding *f, const char *title, struct ms_buf *out)
{
	put_string(out, report->command, false);
	put(out, path_subject(report), false);
	put_string(out, severity, false);
	put_string(out, id, false);
	put_string(out, title, false);
	put_string(out, f ? f->detail : NULL, false);
	put_string(out, f ? f->fix : NULL, false);
	put_string(out, f ? f->reference : NULL, true);
}

static void
put_findings(const struct ms_report *report, struct ms_buf *out)
{
	for (const struct ms_finding *f = report->findings; f; f = f->next)
		put_row(report, ms_severity_name(f->severity), f->id, f,
		    f->title, out);
	for (const struct ms_error *e = report->errors; e; e = e->next)
		put_row(report, e->temporary ? "unknown" : "error", e->what,
		    NULL, e->text, out);
	if (!report->findings && !report->errors)
		put_row(report, "none", NULL, NULL, NULL, out);
}

/* ---- a row for what a command is about ---- */

#define COLUMNS 32

static const struct table {
	const char *command;
	const char *rows;  /* the array of them; NULL: there is one */
	const char *inner; /* of a row: rows of their own behind it; NULL */
	bool told;         /* each row says itself what is wrong with it */
	/* Between subject and error. A path begins at the row, with "^" at the
	 * row around an inner one, with "/" at the top; behind "|" stands where
	 * else it may be. */
	struct {
		const char *name, *path;
	} columns[COLUMNS];
} tables[] = {
	{ "trace", "trace.hops", NULL, false,
	    { { "helo", "from.helo" }, { "rdns", "from.rdns" },
		{ "ip", "from.ip" }, { "by", "by" }, { "with", "with" },
		{ "tls", "tls.version" }, { "id", "id" }, { "for", "for" },
		{ "time", "time" }, { "delay_seconds", "delay_seconds" },
		{ "trust", "trust" }, { "country", "geo.country" },
		{ "city", "geo.city" }, { "asn", "geo.asn" },
		{ "organization", "geo.organization" } } },
	{ "reputation", "reputation.lists", NULL, true,
	    { { "zone", "zone" }, { "kind", "kind" }, { "weight", "weight" },
		{ "status", "status" }, { "severity", "severity" },
		{ "meaning", "meaning" }, { "reason", "reason" },
		{ "why", "why" }, { "page", "page" } } },
	{ "geoip", NULL, NULL, false,
	    { { "country", "geo.country" },
		{ "country_name", "geo.country_name" },
		{ "region", "geo.region" }, { "city", "geo.city" },
		{ "asn", "geo.asn" }, { "organization", "geo.organization" },
		{ "special", "special.name" } } },
	{ "reports", "report.records|report.policies|report", "failures", false,
	    { { "type", "/report.type" }, { "org_name", "/report.org_name" },
		{ "report_id", "/report.report_id" },
		{ "begin", "/report.begin" }, { "end", "/report.end" },
		{ "domain", "/report.policy_published.domain|policy_domain|"
			    "^policy_domain" },
		{ "policy",
		    "/report.policy_published.p|policy_type|^policy_type" },
		{ "source_ip", "source_ip|sending_mta_ip" },
		{ "country", "geo.country" }, { "asn", "geo.asn" },
		{ "organization", "geo.organization" },
		{ "count", "count|failed_session_count|incidents" },
		{ "successful", "successful" },
		{ "result", "dmarc|result_type|auth_failure" },
		{ "disposition", "disposition|delivery_result" },
		{ "dkim", "dkim" }, { "spf", "spf" },
		{ "dkim_aligned", "dkim_aligned" },
		{ "spf_aligned", "spf_aligned" }, { "reasons", "reason_types" },
		{ "header_from", "header_from|original.from" },
		{ "envelope_from", "envelope_from|mail_from" },
		{ "dkim_domain", "dkim_domain" },
		{ "dkim_result", "dkim_result" },
		{ "spf_domain", "spf_domain" }, { "spf_result", "spf_result" },
		{ "receiving_mx_hostname", "receiving_mx_hostname" },
		{ "failure_reason_code", "failure_reason_code" } } },
};

/* NULL: it is about findings. */
static const struct table *
table_of(const char *command)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (strcmp(tables[i].command, command) == 0)
			return &tables[i];
	return NULL;
}

static void
put_value(struct ms_buf *out, const struct ms_node *node)
{
	char time[MS_TIME_TEXT];
	const char *text = NULL;

	if (node && node->kind == MS_NODE_TEXT) {
		put(out, node->u.text, false);
		return;
	}
	if (node && node->kind == MS_NODE_TIME) {
		ms_time_format(node->u.number, time);
		text = time;
	} else if (node && node->kind == MS_NODE_INT) {
		text = ms_arena_printf(
		    out->arena, "%lld", (long long)node->u.number);
	} else if (node && node->kind == MS_NODE_BOOL) {
		text = node->u.truth ? "true" : "false";
	}
	put_string(out, text, false);
}

/* The first of several places where there is something. */
static const struct ms_node *
find(const struct ms_report *report, const struct ms_node *outer,
    const struct ms_node *row, const char *paths)
{
	struct ms_slice rest = ms_slice_from(paths);
	const struct ms_node *found = NULL;

	while (rest.n > 0 && (!found || found->kind == MS_NODE_NULL)) {
		size_t n = ms_slice_find(rest, 0, '|');
		const char *path =
		    ms_arena_string(report->arena, ms_slice_part(rest, 0, n));

		rest = ms_slice_part(rest, n + 1, rest.n);
		if (*path == '/')
			found = path_find(report->data, path + 1);
		else if (*path == '^')
			found = path_find(outer, path + 1);
		else
			found = path_find(row, path);
	}
	return found;
}

/* Of `row` NULL there is nothing but the subject. */
static void
put_columns(const struct ms_report *report, const struct table *table,
    const struct ms_node *outer, const struct ms_node *row, struct ms_buf *out)
{
	put(out, path_subject(report), false);
	for (size_t i = 0; i < COLUMNS && table->columns[i].name; i++)
		put_value(
		    out, row ? find(report, outer, row, table->columns[i].path)
			     : NULL);
	put_string(out,
	    report->errors && !(row && table->told) ? report->errors->text
						    : NULL,
	    true);
}

static void
put_rows(const struct ms_report *report, const struct table *table,
    const struct ms_node *row, struct ms_buf *out)
{
	for (; row; row = row->next) {
		const struct ms_node *inner =
		    table->inner ? path_find(row, table->inner) : NULL;

		put_columns(report, table, NULL, row, out);
		for (inner = inner ? inner->first : NULL; inner;
		     inner = inner->next)
			put_columns(report, table, row, inner, out);
	}
}

static void
put_table(const struct ms_report *report, const struct table *table,
    struct ms_buf *out)
{
	const struct ms_node *rows =
	    table->rows ? find(report, NULL, report->data, table->rows)
			: report->data;

	if (rows && rows->kind == MS_NODE_ARRAY && rows->first)
		put_rows(report, table, rows->first, out);
	else if (rows && rows->kind == MS_NODE_OBJECT)
		put_columns(report, table, NULL, rows, out);
	else
		put_columns(report, table, NULL, NULL, out);
}

/* ---- */

static void
csv_head(const char *command, struct ms_buf *out)
{
	const struct table *table = table_of(command);

	if (!table) {
		ms_buf_text(out, "command,subject,severity,id,title,detail,fix,"
				 "reference" END);
		return;
	}
	ms_buf_text(out, "subject");
	for (size_t i = 0; i < COLUMNS && table->columns[i].name; i++)
		ms_buf_printf(out, ",%s", table->columns[i].name);
	ms_buf_text(out, ",error" END);
}

static void
csv_render(const struct ms_report *report,
    const struct ms_render_options *options, struct ms_buf *out)
{
	const struct table *table = table_of(report->command);

	(void)options;
	if (table)
		put_table(report, table, out);
	else
		put_findings(report, out);
}

extern const struct ms_format format_csv;

const struct ms_format format_csv = {
	.name = "csv",
	.note = "a table",
	.audience = MS_FOR_DATA,
	.head = csv_head,
	.commands =
	    "analyze trace auth spf dmarc domain probe reputation settings "
	    "geoip reports",
	.render = csv_render,
};
