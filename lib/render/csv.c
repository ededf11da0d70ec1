/* SPDX-License-Identifier: ISC
 * csv.c - a row a finding or error, for spreadsheets, RFC 4180
 *
 * A subject without either has a row as well, so that none is lost. A field
 * that a spreadsheet would take for a formula has an apostrophe in front, for
 * it may be a stranger's.
 */
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
csv_render(const struct ms_report *report,
    const struct ms_render_options *options, struct ms_buf *out)
{
	(void)options;
	for (const struct ms_finding *f = report->findings; f; f = f->next)
		put_row(report, ms_severity_name(f->severity), f->id, f,
		    f->title, out);
	for (const struct ms_error *e = report->errors; e; e = e->next)
		put_row(report, e->temporary ? "unknown" : "error", e->what,
		    NULL, e->text, out);
	if (!report->findings && !report->errors)
		put_row(report, "none", NULL, NULL, NULL, out);
}

extern const struct ms_format format_csv;

const struct ms_format format_csv = {
	.name = "csv",
	.description = "a row a finding, for spreadsheets",
	.audience = MS_FOR_DATA,
	.head = "command,subject,severity,id,title,detail,fix,reference" END,
	.commands = "analyze auth spf dmarc domain probe settings",
	.render = csv_render,
};
