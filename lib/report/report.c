/* SPDX-License-Identifier: ISC
 * report.c - building what is said: nodes, findings, errors
 */
#include "mailsonde/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "describe_priv.h"

static const char *const severities[] = {
	[MS_SEVERITY_INFO] = "info",
	[MS_SEVERITY_LOW] = "low",
	[MS_SEVERITY_MEDIUM] = "medium",
	[MS_SEVERITY_HIGH] = "high",
	[MS_SEVERITY_CRITICAL] = "critical",
	[MS_SEVERITY_NEVER] = "never",
};

const char *
ms_severity_name(enum ms_severity severity)
{
	return severities[severity];
}

bool
ms_severity_parse(struct ms_slice text, enum ms_severity *out)
{
	for (int s = MS_SEVERITY_INFO; s <= MS_SEVERITY_NEVER; s++) {
		if (!ms_slice_equal(text, ms_slice_from(severities[s])))
			continue;
		*out = (enum ms_severity)s;
		return true;
	}
	return false;
}

static struct ms_node *
new_node(struct ms_report *report, enum ms_node_kind kind, const char *key)
{
	struct ms_node *node = MS_NEW(report->arena, struct ms_node);

	node->kind = kind;
	node->key = key;
	return node;
}

/* Appends; where nobody asked for it (parent NULL) the node just floats. */
static struct ms_node *
put(struct ms_report *report, struct ms_node *parent, enum ms_node_kind kind,
    const char *key)
{
	struct ms_node *node = new_node(report, kind, key);

	if (!parent)
		return node;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

void
ms_report_init(struct ms_report *report, struct ms_arena *arena,
    unsigned audience, const char *command, int64_t time)
{
	memset(report, 0, sizeof(*report));
	report->arena = arena;
	report->audience = audience;
	report->command = command;
	report->time = time;
	report->subject = new_node(report, MS_NODE_OBJECT, NULL);
	report->data = new_node(report, MS_NODE_OBJECT, NULL);
	report->text = new_node(report, MS_NODE_OBJECT, NULL);
	report->show_findings = true;
}

/* ---- data ---- */

struct ms_node *
ms_put_object(struct ms_report *report, struct ms_node *parent, const char *key)
{
	return put(report, parent, MS_NODE_OBJECT, key);
}

struct ms_node *
ms_put_section(struct ms_report *report, const char *key)
{
	for (struct ms_node *node = report->data->first; node;
	     node = node->next)
		if (node->kind == MS_NODE_OBJECT && node->key &&
		    strcmp(node->key, key) == 0)
			return node;
	return ms_put_object(report, report->data, key);
}

struct ms_node *
ms_put_array(struct ms_report *report, struct ms_node *parent, const char *key)
{
	return put(report, parent, MS_NODE_ARRAY, key);
}

void
ms_put_null(struct ms_report *report, struct ms_node *parent, const char *key)
{
	put(report, parent, MS_NODE_NULL, key);
}

void
ms_put_bool(struct ms_report *report, struct ms_node *parent, const char *key,
    bool truth)
{
	put(report, parent, MS_NODE_BOOL, key)->u.truth = truth;
}

void
ms_put_int(struct ms_report *report, struct ms_node *parent, const char *key,
    int64_t number)
{
	put(report, parent, MS_NODE_INT, key)->u.number = number;
}

void
ms_put_double(struct ms_report *report, struct ms_node *parent, const char *key,
    double real)
{
	put(report, parent, MS_NODE_DOUBLE, key)->u.real = real;
}

void
ms_put_time(struct ms_report *report, struct ms_node *parent, const char *key,
    int64_t time)
{
	put(report, parent, MS_NODE_TIME, key)->u.number = time;
}

void
ms_put_text(struct ms_report *report, struct ms_node *parent, const char *key,
    struct ms_slice text)
{
	if (!text.p)
		ms_put_null(report, parent, key);
	else
		put(report, parent, MS_NODE_TEXT, key)->u.text = text;
}

void
ms_put_texts(struct ms_report *report, struct ms_node *parent, const char *key,
    const struct ms_slice *list, size_t n)
{
	struct ms_node *array = ms_put_array(report, parent, key);

	for (size_t i = 0; i < n; i++)
		ms_put_text(report, array, NULL, list[i]);
}

void
ms_put_evidence(struct ms_report *report, struct ms_node *parent,
    const char *key, struct ms_slice text)
{
	struct ms_node *node;

	if (!text.p) {
		ms_put_null(report, parent, key);
		return;
	}
	node = put(report, parent, MS_NODE_TEXT, key);
	node->u.text = text;
	node->evidence = true;
}

void
ms_put_string(struct ms_report *report, struct ms_node *parent, const char *key,
    const char *text)
{
	if (!text)
		ms_put_null(report, parent, key);
	else
		put(report, parent, MS_NODE_TEXT, key)->u.text =
		    ms_slice_from(text);
}

void
ms_put_ip(struct ms_report *report, struct ms_node *parent, const char *key,
    const struct ms_ip *ip)
{
	char text[MS_IP_TEXT];

	if (!ip->set) {
		ms_put_null(report, parent, key);
		return;
	}
	ms_ip_format(ip, text);
	ms_put_string(report, parent, key,
	    ms_arena_string(report->arena, ms_slice_from(text)));
}

/* ---- text ---- */

static struct ms_node *
say(struct ms_report *report, struct ms_node *parent, enum ms_node_kind kind,
    struct ms_slice text)
{
	struct ms_node *node = put(report, parent, kind, NULL);

	node->u.text = text;
	return node;
}

static struct ms_slice __attribute__((format(printf, 2, 0)))
format_text(struct ms_report *report, const char *format, va_list args)
{
	char small[512]; /* most are: formatted once, not twice */
	va_list again;
	int n;
	unsigned char *p;

	va_copy(again, args);
	n = vsnprintf(small, sizeof(small), format, again);
	va_end(again);
	if (n < 0)
		n = 0;
	p = ms_arena_bytes(report->arena, (size_t)n + 1);
	if ((size_t)n < sizeof(small))
		memcpy(p, small, (size_t)n + 1);
	else
		vsnprintf((char *)p, (size_t)n + 1, format, args);
	return ms_slice_make(p, (size_t)n);
}

void
ms_say_heading(struct ms_report *report, const char *title)
{
	if (report->audience & MS_FOR_TEXT)
		say(report, report->text, MS_NODE_HEADING,
		    ms_slice_from(title));
}

static void
say_styled(struct ms_report *report, enum ms_node_kind kind,
    enum ms_style style, const char *format, va_list args)
{
	struct ms_node *node;

	if (!(report->audience & MS_FOR_TEXT))
		return;
	node =
	    say(report, report->text, kind, format_text(report, format, args));
	node->style = (unsigned char)style;
}

void
ms_say_title(struct ms_report *report, const char *title)
{
	struct ms_node *node;

	if (!(report->audience & MS_FOR_TEXT))
		return;
	node = say(report, report->text, MS_NODE_TITLE, ms_slice_from(title));
	node->style = MS_STYLE_STRONG;
}

void
ms_say_answer(
    struct ms_report *report, enum ms_style style, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_styled(report, MS_NODE_ANSWER, style, format, args);
	va_end(args);
}

void
ms_say_findings(struct ms_report *report)
{
	if (report->audience & MS_FOR_PAGE)
		put(report, report->text, MS_NODE_FINDINGS, NULL);
}

void
ms_say_blank(struct ms_report *report)
{
	if (report->audience & MS_FOR_TEXT)
		put(report, report->text, MS_NODE_BLANK, NULL);
}

void
ms_say_text(struct ms_report *report, unsigned indent, enum ms_style style,
    struct ms_slice text)
{
	struct ms_node *node;

	if (!(report->audience & MS_FOR_TEXT))
		return;
	node = say(report, report->text, MS_NODE_LINE, text);
	node->indent = (unsigned char)indent;
	node->style = (unsigned char)style;
}

void
ms_say(struct ms_report *report, unsigned indent, enum ms_style style,
    const char *format, ...)
{
	va_list args;

	if (!(report->audience & MS_FOR_TEXT))
		return;
	va_start(args, format);
	ms_say_text(report, indent, style, format_text(report, format, args));
	va_end(args);
}

void
ms_say_verbatim(
    struct ms_report *report, enum ms_style style, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_styled(report, MS_NODE_VERBATIM, style, format, args);
	va_end(args);
}

void
ms_say_pair(struct ms_report *report, const char *label, enum ms_style style,
    struct ms_slice text)
{
	struct ms_node *node;

	if (!(report->audience & MS_FOR_TEXT))
		return;
	node = say(report, report->text, MS_NODE_PAIR, text);
	node->key = label;
	node->style = (unsigned char)style;
}

void
ms_say_pairf(struct ms_report *report, const char *label, enum ms_style style,
    const char *format, ...)
{
	va_list args;

	if (!(report->audience & MS_FOR_TEXT))
		return;
	va_start(args, format);
	ms_say_pair(report, label, style, format_text(report, format, args));
	va_end(args);
}

struct ms_node *
ms_say_table(struct ms_report *report, unsigned indent)
{
	struct ms_node *table =
	    put(report, (report->audience & MS_FOR_TEXT) ? report->text : NULL,
		MS_NODE_TABLE, NULL);

	table->indent = (unsigned char)indent;
	return table;
}

void
ms_say_heads(struct ms_report *report, struct ms_node *table, int shown, ...)
{
	const char *name;
	struct ms_node *row;
	va_list args;

	if (!shown && !(report->audience & MS_FOR_PAGE))
		return;
	row = ms_say_row(report, table);
	row->head = true;
	va_start(args, shown);
	while ((name = va_arg(args, const char *)))
		ms_say_cell(report, row, MS_STYLE_DIM, *name == '>',
		    ms_slice_from(name + (*name == '>')));
	va_end(args);
}

struct ms_node *
ms_say_row(struct ms_report *report, struct ms_node *table)
{
	return put(report, table, MS_NODE_ROW, NULL);
}

void
ms_say_cell(struct ms_report *report, struct ms_node *row, enum ms_style style,
    bool right, struct ms_slice text)
{
	struct ms_node *cell = say(report, row, MS_NODE_CELL, text);

	cell->style = (unsigned char)style;
	cell->right = right;
}

void
ms_say_cellf(struct ms_report *report, struct ms_node *row, enum ms_style style,
    bool right, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ms_say_cell(
	    report, row, style, right, format_text(report, format, args));
	va_end(args);
}

/* ---- findings and errors ---- */

static const char *
defanged(struct ms_report *report, const char *text)
{
	if (!text)
		return NULL;
	return ms_arena_string(
	    report->arena, describe_defang(report, ms_slice_from(text)));
}

/* Evidence is shallow: objects and arrays of the checks' own making. */
static void
defang_nodes(struct ms_report *report, struct ms_node *node)
{
	for (; node; node = node->next) {
		if (node->kind == MS_NODE_TEXT)
			node->u.text = describe_defang(report, node->u.text);
		defang_nodes(report, node->first);
	}
}

void
ms_report_finding(struct ms_report *report, const struct ms_finding *finding)
{
	struct ms_finding *copy = ms_arena_alloc(report->arena, sizeof(*copy));
	struct ms_finding **at = &report->findings;
	unsigned severity = finding->severity;

	*copy = *finding;
	if (report->defang) {
		copy->title = defanged(report, finding->title);
		copy->detail = defanged(report, finding->detail);
		defang_nodes(report, copy->evidence);
	}
	while (severity < MS_SEVERITY_CRITICAL && !report->last_of[severity])
		severity++;
	if (report->last_of[severity])
		at = &report->last_of[severity]->next;
	report->last_of[finding->severity] = copy;
	copy->next = *at;
	*at = copy;
	report->findings_n++;
}

void
ms_report_error(struct ms_report *report, const char *what, bool temporary,
    const char *format, ...)
{
	struct ms_error *error = MS_NEW(report->arena, struct ms_error);
	va_list args;

	va_start(args, format);
	error->text = (const char *)format_text(report, format, args).p;
	va_end(args);
	error->what = what;
	error->temporary = temporary;
	if (report->errors_last)
		report->errors_last->next = error;
	else
		report->errors = error;
	report->errors_last = error;
}

int
ms_report_exit(const struct ms_report *report, enum ms_severity fail_on)
{
	if (report->exit_code)
		return report->exit_code;
	for (const struct ms_finding *f = report->findings; f; f = f->next)
		if (f->severity >= fail_on)
			return 1;
	for (const struct ms_error *e = report->errors; e; e = e->next)
		if (e->temporary)
			return 2;
	return 0;
}
