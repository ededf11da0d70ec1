/* SPDX-License-Identifier: ISC
 * nagios.c - one line for monitoring, after the monitoring-plugins convention
 *
 * "MAIL WARNING - subject: what | 'days'=12;14:;7: …"; with several subjects a
 * line that counts them, and one for each behind it. Exit codes 0 OK, 1
 * WARNING, 2 CRITICAL, 3 UNKNOWN. Between render and finish stand notes: a line
 * a subject, its fields parted by 0x1f.
 */
#include "mailsonde/render.h"
#include "path.h"

#include "mailsonde/scan.h"

#define FIELD 0x1f

enum state { OK, WARNING, CRITICAL, UNKNOWN };

static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

/* Which is graver: what is known to be wrong comes before what is not known. */
static const unsigned char rank[] = { 0, 2, 3, 1 };

static enum state
worse(enum state a, enum state b)
{
	return rank[a] >= rank[b] ? a : b;
}

/* ---- a subject ---- */

static enum state
state_of(
    const struct ms_report *report, const struct ms_render_options *options)
{
	const struct ms_finding *worst = report->findings;
	enum ms_severity critical = options->fail_on;
	enum state state = OK;

	if (report->exit_code != 0)
		state = UNKNOWN;
	for (const struct ms_error *e = report->errors; e; e = e->next)
		if (e->temporary)
			state = UNKNOWN;
	if (!worst || critical == MS_SEVERITY_NEVER)
		return state;
	if (worst->severity >= critical)
		return CRITICAL;
	if (critical > MS_SEVERITY_INFO && worst->severity >= critical - 1)
		return worse(state, WARNING);
	return state;
}

#define NONE SIZE_MAX

/* A figure, and what it means for the state. */
struct figure {
	const char *label, *path, *unit;
	size_t threshold; /* offset in struct ms_thresholds; NONE */
	bool least;       /* the threshold is the least that is good */
};

static const struct figure figures[] = {
	{ "days", "server.tls.days_left", "",
	    offsetof(struct ms_thresholds, days), true },
	{ "time", "server.timing.total", "s",
	    offsetof(struct ms_thresholds, seconds), false },
	{ "time", "roundtrip.seconds", "s",
	    offsetof(struct ms_thresholds, seconds), false },
	{ "listed", "reputation.listed", "", NONE, false },
	{ "answered", "reputation.answered", "", NONE, false },
	{ "asked", "reputation.asked", "", NONE, false },
	{ "score", "domain.score", "", offsetof(struct ms_thresholds, score),
	    true },
};

static double
threshold(const struct ms_thresholds *thresholds, const struct figure *f)
{
	double value;

	if (f->threshold == NONE)
		return -1;
	memcpy(&value, (const char *)thresholds + f->threshold, sizeof(value));
	return value;
}

static bool
is_beyond(double value, double limit, bool least)
{
	return limit >= 0 && (least ? value < limit : value > limit);
}

static void
put_range(struct ms_buf *out, double limit, bool least)
{
	ms_buf_byte(out, ';');
	if (limit >= 0)
		ms_buf_printf(out, "%g%s", limit, least ? ":" : "");
}

static enum state
put_figure(struct ms_buf *out, const struct figure *f, double value,
    const struct ms_render_options *options)
{
	double warning = threshold(&options->warning, f);
	double critical = threshold(&options->critical, f);

	ms_buf_printf(out, "%s=%.6g%s", f->label, value, f->unit);
	put_range(out, warning, f->least);
	put_range(out, critical, f->least);
	ms_buf_byte(out, ' ');
	if (is_beyond(value, critical, f->least))
		return CRITICAL;
	return is_beyond(value, warning, f->least) ? WARNING : OK;
}

/* Nothing in it ends the line, begins the figures or parts fields. */
static void
put_plain(struct ms_buf *out, struct ms_slice text)
{
	size_t from = out->n;

	ms_text_safe(out, text);
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] == '|' || out->p[i] == '\n' || out->p[i] == '\t')
			out->p[i] = out->p[i] == '|' ? '/' : ' ';
}

static const char *
headline(const struct ms_report *report)
{
	if (report->findings && report->findings->severity >= MS_SEVERITY_LOW)
		return report->findings->title;
	return report->errors ? report->errors->text : "all is well";
}

static void
nagios_render(const struct ms_report *report,
    const struct ms_render_options *options, struct ms_buf *out)
{
	enum state state = state_of(report, options);
	const char *text = headline(report);
	struct ms_buf perf;
	double value;

	ms_buf_init(&perf, report->arena);
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		enum state its;

		if (!path_number(report->data, figures[i].path, &value))
			continue;
		its = put_figure(&perf, &figures[i], value, options);
		if (its != OK && state == OK)
			text = ms_arena_printf(report->arena, "%s is %.6g%s",
			    figures[i].label, value, figures[i].unit);
		state = worse(state, its);
	}
	ms_buf_printf(&perf, "findings=%zu", report->findings_n);
	ms_buf_printf(out, "%d%c", (int)state, FIELD);
	put_plain(out, path_subject(report));
	ms_buf_byte(out, FIELD);
	put_plain(out, ms_slice_from(text));
	ms_buf_byte(out, FIELD);
	ms_buf_slice(out, ms_buf_get(&perf));
	ms_buf_byte(out, '\n');
}

/* ---- all of them ---- */

struct note {
	enum state state;
	struct ms_slice subject, text, perf;
};

static bool
next_note(struct ms_slice *rest, struct note *out)
{
	struct ms_slice line;
	struct ms_scan scan;

	if (!ms_slice_line(rest, false, &line))
		return false;
	scan = ms_scan_init(line);
	out->state = (enum state)(ms_scan_byte(&scan) - '0');
	ms_scan_skip(&scan, 1);
	out->subject = ms_scan_through(&scan, FIELD);
	out->text = ms_scan_through(&scan, FIELD);
	out->perf = ms_scan_rest(&scan);
	return true;
}

struct sum {
	size_t n, of[4];
	enum state state;
	struct note worst;
};

static struct sum
sum_up(struct ms_slice notes)
{
	struct sum sum = { 0, { 0 }, OK, { 0 } };
	struct note note;

	while (next_note(&notes, &note)) {
		if (sum.n == 0 || rank[note.state] > rank[sum.worst.state])
			sum.worst = note;
		sum.n++;
		sum.of[note.state]++;
		sum.state = worse(sum.state, note.state);
	}
	return sum;
}

/* 'days'=12;14:;7: or, of one among several, 'example.org days'=… */
static void
put_perf(struct ms_buf *out, const struct note *note, bool several)
{
	struct ms_scan scan = ms_scan_init(note->perf);

	while (!ms_scan_at_end(&scan)) {
		struct ms_slice label = ms_scan_through(&scan, '=');
		struct ms_slice value = ms_scan_through(&scan, ' ');

		ms_buf_text(out, " '");
		for (size_t i = 0; several && i < note->subject.n; i++)
			if (note->subject.p[i] != '\'' &&
			    note->subject.p[i] != '=')
				ms_buf_byte(out, note->subject.p[i]);
		if (several)
			ms_buf_byte(out, ' ');
		ms_buf_slice(out, label);
		ms_buf_text(out, "'=");
		ms_buf_slice(out, value);
	}
}

static void
put_worst(struct ms_buf *out, const struct note *note)
{
	ms_buf_slice(out, note->subject);
	ms_buf_text(out, ": ");
	ms_buf_slice(out, note->text);
}

static void
put_lines(struct ms_buf *out, struct ms_slice notes)
{
	struct note note;

	while (next_note(&notes, &note)) {
		ms_buf_printf(out, "%s - ", words[note.state]);
		put_worst(out, &note);
		ms_buf_byte(out, '\n');
	}
}

static int
nagios_finish(struct ms_slice notes, const struct ms_render_options *options,
    struct ms_buf *out)
{
	struct sum sum = sum_up(notes);
	struct ms_slice rest = notes;
	struct note note;

	(void)options;
	if (sum.n == 0)
		sum.state = UNKNOWN;
	ms_buf_printf(out, "MAIL %s - ", words[sum.state]);
	if (sum.n == 0)
		ms_buf_text(out, "nothing was looked at");
	if (sum.n > 1)
		ms_buf_printf(out,
		    "%zu critical, %zu warning, %zu unknown, %zu ok; ",
		    sum.of[CRITICAL], sum.of[WARNING], sum.of[UNKNOWN],
		    sum.of[OK]);
	if (sum.n > 0)
		put_worst(out, &sum.worst);
	if (sum.n > 0)
		ms_buf_text(out, " |");
	while (next_note(&rest, &note))
		put_perf(out, &note, sum.n > 1);
	ms_buf_byte(out, '\n');
	if (sum.n > 1)
		put_lines(out, notes);
	return (int)sum.state;
}

extern const struct ms_format format_nagios;

const struct ms_format format_nagios = {
	.name = "nagios",
	.note = "one line",
	.audience = MS_FOR_DATA,
	.render = nagios_render,
	.finish = nagios_finish,
};
