/* SPDX-License-Identifier: ISC
 * prometheus.c - figures in Prometheus' text exposition format, 0.0.4
 *
 * A family at a time, each with HELP and TYPE, so all subjects are gathered
 * first: between render and finish stand notes, a line a sample, with the
 * family's number in front. Names of metrics are base units with the prefix
 * mailsonde_; what comes from messages is never a label.
 */
#include "mailsonde/render.h"
#include "path.h"

#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define LABEL_MAX 255

/* A number of the report as a sample. */
struct row {
	const char *name, *help;
	const char *path;  /* of the value; NULL: by its function below */
	const char *label; /* "phase=\"dns\""; NULL */
};

enum { UP, FINDINGS, TLS_INFO, CHECKS, LISTS, RUN };

static const struct row rows[] = {
	[UP] = { "mailsonde_up", "Whether all could be told.", NULL, NULL },
	[FINDINGS] = { "mailsonde_findings", "Findings by severity.", NULL,
	    NULL },
	[TLS_INFO] = { "mailsonde_tls_info", "What TLS was agreed upon.", NULL,
	    NULL },
	[CHECKS] = { "mailsonde_domain_checks", "Outcomes of checks by status.",
	    NULL, NULL },
	[LISTS] = { "mailsonde_reputation_lists",
	    "What lists say, by their kind and status.", NULL, NULL },
	[RUN] = { "mailsonde_run_timestamp_seconds", "When this was looked at.",
	    NULL, NULL },
	{ "mailsonde_probe_duration_seconds", "How long a phase took.",
	    "server.timing.dns", "phase=\"dns\"" },
	{ "mailsonde_probe_duration_seconds", NULL, "server.timing.connect",
	    "phase=\"connect\"" },
	{ "mailsonde_probe_duration_seconds", NULL, "server.timing.banner",
	    "phase=\"banner\"" },
	{ "mailsonde_probe_duration_seconds", NULL, "server.timing.greeting",
	    "phase=\"greeting\"" },
	{ "mailsonde_probe_duration_seconds", NULL, "server.timing.tls",
	    "phase=\"tls\"" },
	{ "mailsonde_probe_duration_seconds", NULL, "server.login.seconds",
	    "phase=\"login\"" },
	{ "mailsonde_probe_duration_seconds", NULL, "server.timing.quit",
	    "phase=\"quit\"" },
	{ "mailsonde_probe_duration_seconds", NULL, "server.timing.total",
	    "phase=\"total\"" },
	{ "mailsonde_probe_connections", "Connections that were opened.",
	    "server.connections", NULL },
	{ "mailsonde_login_ok",
	    "Whether the log-in was taken; absent: it could not be told.",
	    "server.login.ok", NULL },
	{ "mailsonde_tls_verified",
	    "Whether the certificate is trusted and has the name.",
	    "server.tls.verified", NULL },
	{ "mailsonde_tls_not_before_timestamp_seconds",
	    "From when the certificate is valid.", "server.tls.not_before",
	    NULL },
	{ "mailsonde_tls_not_after_timestamp_seconds",
	    "Until when the certificate is valid.", "server.tls.not_after",
	    NULL },
	{ "mailsonde_roundtrip_arrived", "Whether the message arrived.",
	    "roundtrip.arrived", NULL },
	{ "mailsonde_roundtrip_junk", "Whether it was taken for spam.",
	    "roundtrip.pickup.junk", NULL },
	{ "mailsonde_roundtrip_duration_seconds", "How long it was under way.",
	    "roundtrip.submission.seconds", "phase=\"submission\"" },
	{ "mailsonde_roundtrip_duration_seconds", NULL,
	    "roundtrip.pickup.seconds", "phase=\"arrival\"" },
	{ "mailsonde_roundtrip_duration_seconds", NULL, "roundtrip.seconds",
	    "phase=\"total\"" },
	{ "mailsonde_domain_score", "Points of 100.", "domain.score", NULL },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

/* ---- labels ---- */

static void
put_label(struct ms_buf *out, const char *name, struct ms_slice value)
{
	struct ms_buf text;
	struct ms_slice clean;

	if (!value.p)
		return;
	ms_buf_init(&text, out->arena);
	ms_text_safe(&text, ms_slice_part(value, 0, LABEL_MAX));
	clean = ms_buf_get(&text);
	ms_buf_printf(out, "%s%s=\"", out->n > 0 ? "," : "", name);
	for (size_t i = 0; i < clean.n; i++) {
		if (clean.p[i] == '\\' || clean.p[i] == '"')
			ms_buf_byte(out, '\\');
		ms_buf_byte(out, clean.p[i] == '\n' ? ' ' : clean.p[i]);
	}
	ms_buf_byte(out, '"');
}

/* The domain of a mailbox: who it is of is nobody's business who reads
 * figures. */
static struct ms_slice
domain_of(struct ms_slice address)
{
	size_t at = address.n;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	return at > 0 ? ms_slice_part(address, at, address.n)
		      : ms_slice_make(NULL, 0);
}

/* What tells the subject from others. */
static struct ms_slice
labels_of(const struct ms_report *report)
{
	static const struct {
		const char *label, *path;
	} names[] = {
		{ "domain", "name" },
		{ "ip", "ip" },
		{ "protocol", "protocol" },
		{ "host", "host" },
		{ "address", "address" },
		{ "mx", "mx" },
	};
	struct ms_buf out;
	double port;

	ms_buf_init(&out, report->arena);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		put_label(&out, names[i].label,
		    path_text(report->subject, names[i].path));
	put_label(
	    &out, "from_domain", domain_of(path_text(report->subject, "from")));
	put_label(
	    &out, "to_domain", domain_of(path_text(report->subject, "to")));
	if (path_number(report->subject, "port", &port))
		ms_buf_printf(&out, ",port=\"%.0f\"", port);
	return ms_buf_get(&out);
}

/* ---- samples ---- */

struct samples {
	struct ms_buf *out;
	struct ms_slice labels;
};

static void
put(const struct samples *s, size_t row, const char *more, double value)
{
	ms_buf_printf(s->out, "%02zu %s{%.*s%s%s} %.12g\n", row, rows[row].name,
	    (int)s->labels.n, (const char *)s->labels.p, more ? "," : "",
	    more ? more : "", value);
}

static void
put_findings(const struct samples *s, const struct ms_report *report)
{
	size_t counts[MS_SEVERITY_NEVER] = { 0 };

	for (const struct ms_finding *f = report->findings; f; f = f->next)
		counts[f->severity]++;
	for (unsigned i = 0; i < MS_SEVERITY_NEVER; i++)
		put(s, FINDINGS,
		    ms_arena_printf(report->arena, "severity=\"%s\"",
			ms_severity_name((enum ms_severity)i)),
		    (double)counts[i]);
}

static void
put_up(const struct samples *s, const struct ms_report *report)
{
	bool up = report->exit_code == 0;

	for (const struct ms_error *e = report->errors; e; e = e->next)
		up &= !e->temporary;
	put(s, UP, NULL, up);
}

static void
put_tls(const struct samples *s, const struct ms_report *report)
{
	struct ms_slice version = path_text(report->data, "server.tls.version");
	struct ms_buf more;

	if (!version.p)
		return;
	ms_buf_init(&more, report->arena);
	put_label(&more, "version", version);
	put_label(
	    &more, "cipher", path_text(report->data, "server.tls.cipher"));
	put_label(&more, "group", path_text(report->data, "server.tls.group"));
	put(s, TLS_INFO, ms_arena_string(report->arena, ms_buf_get(&more)), 1);
}

static void
put_checks(const struct samples *s, const struct ms_report *report)
{
	static const char *const words[] = { "pass", "warn", "fail", "skip",
		"error" };
	const struct ms_node *checks = path_find(report->data, "domain.checks");

	for (size_t i = 0; checks && i < sizeof(words) / sizeof(*words); i++) {
		size_t n = 0;

		for (const struct ms_node *c = checks->first; c; c = c->next)
			n += ms_slice_equal(
			    path_text(c, "status"), ms_slice_from(words[i]));
		put(s, CHECKS,
		    ms_arena_printf(report->arena, "status=\"%s\"", words[i]),
		    (double)n);
	}
}

static size_t
count_lists(const struct ms_node *lists, const char *kind, const char *status)
{
	size_t n = 0;

	for (const struct ms_node *l = lists->first; l; l = l->next)
		n +=
		    ms_slice_equal(path_text(l, "kind"), ms_slice_from(kind)) &&
		    ms_slice_equal(
			path_text(l, "status"), ms_slice_from(status));
	return n;
}

static void
put_lists(const struct samples *s, const struct ms_report *report)
{
	static const char *const kinds[] = { "block", "allow" };
	static const char *const words[] = { "listed", "not-listed", "unknown",
		"skip" };
	const struct ms_node *lists =
	    path_find(report->data, "reputation.lists");

	for (size_t k = 0; lists && k < 2; k++)
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			put(s, LISTS,
			    ms_arena_printf(report->arena,
				"kind=\"%s\",status=\"%s\"", kinds[k],
				words[i]),
			    (double)count_lists(lists, kinds[k], words[i]));
}

static void
prometheus_render(const struct ms_report *report,
    const struct ms_render_options *options, struct ms_buf *out)
{
	struct samples s = { out, labels_of(report) };
	double value;

	(void)options;
	put_up(&s, report);
	put_findings(&s, report);
	put_tls(&s, report);
	put_checks(&s, report);
	put_lists(&s, report);
	put(&s, RUN, NULL, (double)report->time);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].path &&
		    path_number(report->data, rows[i].path, &value))
			put(&s, i, rows[i].label, value);
}

/* ---- families ---- */

static bool
is_of_family(struct ms_slice line, size_t row)
{
	struct ms_scan scan = ms_scan_init(line);
	size_t its = (size_t)ms_scan_number(&scan, 2, 99);

	return !scan.bad && its < ROWS &&
	       strcmp(rows[its].name, rows[row].name) == 0;
}

static void
put_family(struct ms_buf *out, struct ms_slice notes, size_t row)
{
	struct ms_slice line;
	bool any = false;

	while (ms_slice_line(&notes, false, &line)) {
		if (!is_of_family(line, row))
			continue;
		if (!any)
			ms_buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n",
			    rows[row].name, rows[row].help, rows[row].name);
		any = true;
		ms_buf_slice(out, ms_slice_part(line, 3, line.n));
		ms_buf_byte(out, '\n');
	}
}

static int
prometheus_finish(struct ms_slice notes,
    const struct ms_render_options *options, struct ms_buf *out)
{
	(void)options;
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].help)
			put_family(out, notes, i);
	return -1;
}

extern const struct ms_format format_prometheus;

const struct ms_format format_prometheus = {
	.name = "prometheus",
	.note = "figures",
	.audience = MS_FOR_DATA,
	.commands = "domain probe reputation roundtrip",
	.render = prometheus_render,
	.finish = prometheus_finish,
};
