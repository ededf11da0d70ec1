/* SPDX-License-Identifier: ISC
 * fuzz_page.c - a page is read back as the elements that were written
 *
 * The input is cut at NUL bytes into texts that a report is made of; the first
 * byte says how they are said.
 */
#include "fuzz.h"
#include "mailsonde/render.h"
#include "page_valid.h"

static void
say(struct ms_report *report, unsigned how, struct ms_slice text,
    struct ms_node **table)
{
	const char *string = ms_arena_string(report->arena, text);
	struct ms_node *row;

	switch (how % 8) {
	case 0:
		ms_say_answer(report, how % 6, "%s", string);
		break;
	case 1:
		ms_say_heading(report, string);
		break;
	case 2:
		ms_say_pair(report, string, how % 6, text);
		break;
	case 3:
		ms_say(report, how % 16, how % 6, "%s", string);
		break;
	case 4:
		ms_say_verbatim(report, how % 6, "%s", string);
		break;
	case 5:
		*table = ms_say_table(report, 2);
		ms_say_heads(report, *table, true, string, "b", NULL);
		break;
	case 6:
		ms_say_title(report, string);
		break;
	default:
		ms_say_findings(report);
		break;
	}
	if (*table) {
		row = ms_say_row(report, *table);
		ms_say_cell(report, row, how % 6, how % 2, text);
		ms_say_cell(report, row, how % 6, false, text);
	}
}

static void
find(struct ms_report *report, struct ms_slice text)
{
	const char *string = ms_arena_string(report->arena, text);
	struct ms_finding finding = { .id = "fuzz",
		.severity = (enum ms_severity)(text.n % MS_SEVERITY_NEVER),
		.title = string,
		.detail = string,
		.fix = string,
		.reference = "none" };

	finding.evidence = ms_put_object(report, report->subject, "e");
	ms_put_text(report, finding.evidence, "text", text);
	ms_report_finding(report, &finding);
	ms_report_error(report, "fuzz", true, "%s", string);
}

static void
fill(struct ms_report *report, struct ms_slice in)
{
	unsigned how = in.n > 0 ? *in.p : 0, n = 0;
	struct ms_node *table = NULL;

	report->defang = how & 1;
	while (in.n > 0 && n < 64) {
		size_t end = ms_slice_find(in, 0, '\0');
		struct ms_slice piece = ms_slice_part(in, 0, end);

		say(report, how + n, piece, &table);
		if (n % 4 == 0)
			find(report, piece);
		in = ms_slice_part(in, end + 1, in.n);
		n++;
	}
}

static void
put_together(const struct ms_format *format, struct ms_slice notes, uint64_t n,
    const struct ms_render_options *options, struct ms_buf *out)
{
	struct ms_buf name, lines, parts;

	ms_buf_init(&name, out->arena);
	ms_buf_init(&lines, out->arena);
	ms_buf_init(&parts, out->arena);
	for (uint64_t i = 1; i <= n; i++) {
		struct ms_slice rest = notes;

		name.n = 0;
		format->page->take(&rest, i, &name, &lines, &parts);
		assert(rest.n == 0);
	}
	format->page->open("fuzz", n, ms_buf_get(&name), options, out);
	if (n != 1) {
		ms_buf_slice(out, ms_buf_get(&lines));
		ms_buf_text(out, format->page->parts);
	}
	ms_buf_slice(out, ms_buf_get(&parts));
	ms_buf_text(out, format->page->close);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ms_format *format = ms_format_find("html");
	struct ms_render_options options = { .version = "0" };
	struct ms_slice in = ms_slice_make(data, size);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_report report;
	struct ms_buf notes, out;
	size_t articles = 0;

	ms_report_init(&report, arena, format->audience, "fuzz", 1767225600);
	ms_put_text(&report, report.subject, "name", in);
	fill(&report, in);
	ms_buf_init(&notes, arena);
	ms_buf_init(&out, arena);
	format->render(&report, &options, &notes);
	put_together(format, ms_buf_get(&notes), 1 + size % 2, &options, &out);
	assert(page_valid(ms_buf_get(&out), "article", &articles));
	assert(articles == 1 + size % 2);
	ms_arena_free(arena);
	return 0;
}
