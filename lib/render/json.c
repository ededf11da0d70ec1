/* SPDX-License-Identifier: ISC
 * json.c - reports as JSON: one pretty document, or one line a subject
 *
 * A direct writer: cJSON passes invalid UTF-8 through, stops at NUL, prints
 * 64-bit integers as doubles, and is twenty times slower. It stays the reader
 * of what comes in (base/json.c).
 */
#include <math.h>
#include <stdio.h>

#include "mailsonde/clock.h"
#include "mailsonde/codec.h"
#include "mailsonde/json.h"
#include "mailsonde/render.h"

struct writer {
	struct ms_buf *out;
	bool pretty;
	unsigned depth;
};

/* ---- values ---- */

static void
new_line(struct writer *w)
{
	if (!w->pretty)
		return;
	ms_buf_byte(w->out, '\n');
	ms_buf_repeat(w->out, ' ', (size_t)w->depth * 2);
}

static void
key(struct writer *w, const char *name, bool first)
{
	size_t n;
	unsigned char *p;

	if (!first)
		ms_buf_byte(w->out, ',');
	new_line(w);
	if (!name)
		return;
	n = strlen(name);
	p = ms_buf_room(w->out, n + 4);
	p[0] = '"';
	memcpy(p + 1, name, n);
	p[n + 1] = '"';
	p[n + 2] = ':';
	p[n + 3] = ' ';
	w->out->n += n + (w->pretty ? 4 : 3);
}

static void
open_value(struct writer *w, char bracket)
{
	ms_buf_byte(w->out, (unsigned char)bracket);
	w->depth++;
}

static void
close_value(struct writer *w, char bracket, bool empty)
{
	w->depth--;
	if (!empty)
		new_line(w);
	ms_buf_byte(w->out, (unsigned char)bracket);
}

static void
time_value(struct ms_buf *out, int64_t time)
{
	char text[MS_TIME_TEXT];

	ms_time_format(time, text);
	ms_buf_printf(out, "\"%s\"", text);
}

/* No NaN or infinity in JSON; -0.0 and friends as %.6g gives them. */
static void
double_value(struct ms_buf *out, double real)
{
	if (isfinite(real))
		ms_buf_printf(out, "%.10g", real);
	else
		ms_buf_text(out, "null");
}

static void
text_value(struct writer *w, const struct ms_node *node)
{
	struct ms_slice text = node->u.text;
	size_t n;

	/* In an array there is no place beside it. */
	if (!ms_json_string(w->out, text) || !node->evidence || !node->key)
		return;
	key(w, "raw_base64", false);
	ms_buf_byte(w->out, '"');
	n = ms_base64_encode(text, ms_buf_room(w->out, 4 * ((text.n + 2) / 3)));
	w->out->n += n;
	ms_buf_byte(w->out, '"');
}

static void
scalar(struct writer *w, const struct ms_node *node)
{
	switch (node->kind) {
	case MS_NODE_BOOL:
		ms_buf_text(w->out, node->u.truth ? "true" : "false");
		break;
	case MS_NODE_INT:
		ms_buf_number(w->out, node->u.number);
		break;
	case MS_NODE_DOUBLE:
		double_value(w->out, node->u.real);
		break;
	case MS_NODE_TIME:
		time_value(w->out, node->u.number);
		break;
	case MS_NODE_TEXT:
		text_value(w, node);
		break;
	default:
		ms_buf_text(w->out, "null");
		break;
	}
}

/* Trees of nodes are as deep as our own code builds them, and as MIME parts
 * nest: limits.mime_depth bounds the recursion. */
static void
members(struct writer *w, const struct ms_node *node, bool first)
{
	for (; node; node = node->next) {
		key(w, node->key, first);
		first = false;
		if (node->kind == MS_NODE_OBJECT ||
		    node->kind == MS_NODE_ARRAY) {
			bool object = node->kind == MS_NODE_OBJECT;

			open_value(w, object ? '{' : '[');
			members(w, node->first, true);
			close_value(w, object ? '}' : ']', !node->first);
		} else {
			scalar(w, node);
		}
	}
}

static void
string_member(struct writer *w, const char *name, const char *text, bool first)
{
	key(w, name, first);
	if (text)
		ms_json_string(w->out, ms_slice_from(text));
	else
		ms_buf_text(w->out, "null");
}

static void
finding_members(struct writer *w, const struct ms_finding *f)
{
	string_member(w, "id", f->id, true);
	string_member(w, "severity", ms_severity_name(f->severity), false);
	string_member(w, "title", f->title, false);
	string_member(w, "detail", f->detail, false);
	key(w, "evidence", false);
	open_value(w, '{');
	members(w, f->evidence ? f->evidence->first : NULL, true);
	close_value(w, '}', !f->evidence || !f->evidence->first);
	string_member(w, "fix", f->fix, false);
	string_member(w, "reference", f->reference, false);
}

static void
findings(struct writer *w, const struct ms_finding *list)
{
	key(w, "findings", false);
	open_value(w, '[');
	for (const struct ms_finding *f = list; f; f = f->next) {
		key(w, NULL, f == list);
		open_value(w, '{');
		finding_members(w, f);
		close_value(w, '}', false);
	}
	close_value(w, ']', !list);
}

static void
errors(struct writer *w, const struct ms_error *list)
{
	key(w, "errors", false);
	open_value(w, '[');
	for (const struct ms_error *e = list; e; e = e->next) {
		key(w, NULL, e == list);
		open_value(w, '{');
		string_member(w, "what", e->what, true);
		string_member(w, "detail", e->text, false);
		key(w, "temporary", false);
		ms_buf_text(w->out, e->temporary ? "true" : "false");
		close_value(w, '}', false);
	}
	close_value(w, ']', !list);
}

static void
document(struct writer *w, const struct ms_report *report, const char *version)
{
	open_value(w, '{');
	string_member(w, "schema", "mailsonde/1", true);
	string_member(w, "command", report->command, false);
	string_member(w, "version", version, false);
	key(w, "time", false);
	time_value(w->out, report->time);
	if (report->subject) {
		key(w, "subject", false);
		open_value(w, '{');
		members(w, report->subject->first, true);
		close_value(w, '}', !report->subject->first);
	}
	members(w, report->data->first, false);
	if (report->subject) {
		findings(w, report->findings);
		errors(w, report->errors);
	}
	close_value(w, '}', false);
}

static void
render_json(const struct ms_report *report,
    const struct ms_render_options *options, struct ms_buf *out)
{
	struct writer w = { out, true, 0 };

	document(&w, report, options->version);
}

static void
render_ndjson(const struct ms_report *report,
    const struct ms_render_options *options, struct ms_buf *out)
{
	struct writer w = { out, false, 0 };

	document(&w, report, options->version);
	ms_buf_byte(out, '\n');
}

extern const struct ms_format format_json, format_ndjson;

const struct ms_format format_json = {
	.name = "json",
	.note = "one document",
	.audience = MS_FOR_DATA,
	.render = render_json,
	.open = "[\n",
	.between = ",\n",
	.close = "\n]\n",
	.alone = "\n",
};

const struct ms_format format_ndjson = {
	.name = "ndjson",
	.note = "one line a subject",
	.audience = MS_FOR_DATA,
	.render = render_ndjson,
};
