/* SPDX-License-Identifier: ISC
 * fuzz_render.c - the gates: whatever comes, terminals and JSON stay whole
 *
 * The input is cut at NUL bytes into texts that a report is made of.
 */
#include "fuzz.h"
#include "json_valid.h"
#include "mailsonde/json.h"
#include "mailsonde/render.h"

/* Nothing but line ends and what is to be seen; colours only where asked. */
static void
check_safe(struct ms_slice text, bool color)
{
	while (text.n > 0) {
		int32_t rune = ms_utf8_next(&text);

		assert(rune >= 0);
		if (rune == '\n' || (color && rune == 033))
			continue;
		assert(ms_rune_kind((uint32_t)rune) == MS_RUNE_PLAIN);
	}
}

static void
check_width(struct ms_slice text, unsigned width)
{
	unsigned n = 0;

	while (text.n > 0) {
		int32_t rune = ms_utf8_next(&text);

		n += rune == '\n' ? 0 : (unsigned)ms_rune_width((uint32_t)rune);
		if (rune == '\n')
			n = 0;
		assert(n <= width);
	}
}

static void
check_gates(struct ms_arena *arena, struct ms_slice in)
{
	struct ms_buf text, json;
	bool lossy;

	ms_buf_init(&text, arena);
	ms_text_safe(&text, in);
	check_safe(ms_buf_get(&text), false);
	assert(ms_slice_find(ms_buf_get(&text), 0, '\n') == text.n);
	ms_buf_init(&json, arena);
	lossy = ms_json_string(&json, in);
	assert(json_valid(ms_buf_get(&json)));
	assert(lossy == !ms_utf8_valid(in));
	assert(ms_slice_find(ms_buf_get(&json), 0, '\n') == json.n);
}

static void
fill(struct ms_report *report, struct ms_slice in)
{
	struct ms_node *list = ms_put_section(report, "list");
	struct ms_node *table = ms_say_table(report, 2), *row = NULL;
	unsigned n = 0;

	ms_say_heading(report, "TEXTS");
	while (in.n > 0 && n < 64) {
		size_t end = ms_slice_find(in, 0, '\0');
		struct ms_slice piece = ms_slice_part(in, 0, end);

		ms_put_evidence(report, list, "text", piece);
		ms_say_pair(report, "Text", n % 6, piece);
		ms_say(report, n % 9, MS_STYLE_PLAIN, "%.*s", (int)piece.n,
		    piece.p ? (const char *)piece.p : "");
		if (n % 4 == 0)
			row = ms_say_row(report, table);
		ms_say_cell(report, row, n % 6, n % 2, piece);
		in = ms_slice_part(in, end + 1, in.n);
		n++;
	}
}

static void
find(struct ms_report *report, struct ms_slice in)
{
	const char *text = ms_arena_string(report->arena, in);
	struct ms_finding finding = { .id = "fuzz",
		.severity = MS_SEVERITY_LOW,
		.title = text,
		.detail = text,
		.fix = text,
		.reference = "none" };

	finding.evidence = ms_put_object(report, report->subject, "e");
	ms_put_text(report, finding.evidence, "text", in);
	ms_report_finding(report, &finding);
	ms_report_error(report, "fuzz", true, "%s", text);
	report->show_findings = true;
}

/* So many fields a row, in quotes; no octet of the report's ends one. */
static void
check_rows(struct ms_slice text, const char *first, size_t fields)
{
	struct ms_slice line;

	while (ms_slice_line(&text, false, &line)) {
		size_t quotes = 0;

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		check_safe(line, false);
		assert(ms_slice_starts(line, first));
		assert(ms_slice_ends(line, "\""));
		for (size_t i = 0; i < line.n; i++)
			quotes += line.p[i] == '"';
		assert(quotes >= 2 * fields && quotes % 2 == 0);
	}
}

/* Of two subjects: a line for all and one for each, or whole families; no
 * octet of theirs ends a line or a label. */
static void
check_run(const struct ms_format *format, struct ms_slice notes,
    const struct ms_render_options *options, struct ms_arena *arena)
{
	struct ms_buf twice, out;
	struct ms_slice rest, line;
	size_t lines = 0;

	ms_buf_init(&twice, arena);
	ms_buf_init(&out, arena);
	ms_buf_slice(&twice, notes);
	ms_buf_slice(&twice, notes);
	assert(format->finish(ms_buf_get(&twice), options, &out) <= 3);
	check_safe(ms_buf_get(&out), false);
	rest = ms_buf_get(&out);
	while (ms_slice_line(&rest, false, &line)) {
		if (strcmp(format->name, "prometheus") == 0)
			assert(ms_slice_starts(line, "# ") ||
			       ms_slice_starts(line, "mailsonde_"));
		else
			assert(lines > 0 || ms_slice_starts(line, "MAIL "));
		lines++;
	}
	assert(strcmp(format->name, "nagios") != 0 || lines == 3);
}

/* Rows of hops and of addresses. */
static void
check_tables(struct ms_report *report, struct ms_slice in)
{
	const struct ms_format *csv = ms_format_find("csv");
	struct ms_render_options options = { .version = "0" };
	struct ms_node *hops =
	    ms_put_array(report, ms_put_section(report, "trace"), "hops");
	struct ms_node *hop = ms_put_object(report, hops, NULL);
	struct ms_buf out;

	ms_put_text(report, hop, "by", in);
	ms_put_text(report, ms_put_section(report, "geo"), "city", in);
	ms_buf_init(&out, report->arena);
	report->command = "trace";
	csv->render(report, &options, &out);
	check_rows(ms_buf_get(&out), "\"", 17);
	ms_buf_init(&out, report->arena);
	report->command = "geoip";
	csv->render(report, &options, &out);
	check_rows(ms_buf_get(&out), "\"", 9);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_render_options options = { .version = "0", .width = 80 };
	struct ms_slice in = ms_slice_make(data, size);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_report report;
	struct ms_buf out;

	check_gates(arena, in);
	ms_report_init(
	    &report, arena, MS_FOR_DATA | MS_FOR_TEXT, "fuzz", 1767225600);
	ms_put_text(&report, report.subject, "name", in);
	fill(&report, in);
	find(&report, in);
	for (const struct ms_format *const *f = ms_formats(); *f; f++) {
		ms_buf_init(&out, arena);
		options.color = size % 2;
		if ((*f)->page)
			continue; /* see fuzz_page.c */
		(*f)->render(&report, &options, &out);
		if ((*f)->finish) {
			check_run(*f, ms_buf_get(&out), &options, arena);
			continue;
		}
		if (strcmp((*f)->name, "csv") == 0) {
			check_rows(ms_buf_get(&out), "\"fuzz\",", 8);
			continue;
		}
		if ((*f)->audience & MS_FOR_DATA)
			assert(json_valid(ms_buf_get(&out)));
		else
			check_safe(ms_buf_get(&out), options.color);
		if (!options.color && !((*f)->audience & MS_FOR_DATA))
			check_width(ms_buf_get(&out), options.width);
	}
	check_tables(&report, in);
	ms_arena_free(arena);
	return 0;
}
