/* SPDX-License-Identifier: ISC
 * test_report.c - findings in their order, exit codes, the verdict's sum
 */
#include "mailsonde/describe.h"

#include "test.h"

static void
start(struct ms_report *report, unsigned audience)
{
	ms_report_init(
	    report, ms_arena_new(NULL), audience, "test", 1767607200);
}

static void
add(struct ms_report *report, const char *id, enum ms_severity severity,
    int weight)
{
	struct ms_finding f = {
		.id = id, .severity = severity, .title = id, .weight = weight
	};

	ms_report_finding(report, &f);
}

/* Letters are severities: i, l, m, h, c; digits tell which came first. */
static const struct {
	const char *added, *listed;
} orders[] = {
	{ "i1 l2 m3 h4 c5", "c5 h4 m3 l2 i1 " },
	{ "c1 h2 m3 l4 i5", "c1 h2 m3 l4 i5 " },
	{ "l1 l2 l3", "l1 l2 l3 " },
	{ "h1 l2 h3 l4 m5 h6 i7 m8", "h1 h3 h6 m5 m8 l2 l4 i7 " },
	{ "i1 c2 i3 c4", "c2 c4 i1 i3 " },
};

static void
keeps_the_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		const char *added = orders[i].added;
		struct ms_report report;
		struct ms_buf got;
		char *id;

		start(&report, MS_FOR_DATA);
		for (; *added; added += added[2] ? 3 : 2) {
			id = ms_arena_string(
			    report.arena, ms_slice_make(added, 2));
			add(&report, id,
			    (unsigned)(strchr("ilmhc", *added) - "ilmhc"), 1);
		}
		ms_buf_init(&got, report.arena);
		for (struct ms_finding *f = report.findings; f; f = f->next)
			ms_buf_printf(&got, "%s ", f->id);
		assert_slice(ms_buf_get(&got), orders[i].listed);
		ms_arena_free(report.arena);
	}
}

static void
answers_with_a_code(void **state)
{
	struct ms_report report;

	(void)state;
	start(&report, MS_FOR_DATA);
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_INFO), 0);
	add(&report, "a", MS_SEVERITY_MEDIUM, 1);
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_HIGH), 0);
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_MEDIUM), 1);
	ms_report_error(&report, "dns", false, "%s", "no");
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_HIGH), 0);
	ms_report_error(&report, "dns", true, "%s", "later");
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_HIGH), 2);
	/* What was found goes before what could not be told. */
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_LOW), 1);
	add(&report, "b", MS_SEVERITY_CRITICAL, 1);
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_HIGH), 1);
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_NEVER), 2);
	report.exit_code = 65;
	assert_int_equal(ms_report_exit(&report, MS_SEVERITY_LOW), 65);
	ms_arena_free(report.arena);
}

/* Weights, the word, the score, and what the first line names. */
static const struct {
	int weights[4];
	const char *result;
	int score;
	const char *reason;
} verdicts[] = {
	{ { 0 }, "unremarkable", 0, "none of the checks objects" },
	{ { 14 }, "unremarkable", 14, "a" },
	{ { 15 }, "doubtful", 15, "a" },
	{ { 20, 19 }, "doubtful", 39, "a" },
	{ { 20, 20 }, "suspicious", 40, "a" },
	{ { 5, 50 }, "suspicious", 55, "b" },
	{ { 40, 39 }, "suspicious", 79, "a" },
	{ { 40, 40 }, "dangerous", 80, "a" },
	{ { 90, 90, 90, 90 }, "dangerous", 100, "a" },
};

static const struct ms_node *
member(const struct ms_node *object, const char *key)
{
	const struct ms_node *node = object->first;

	while (node && strcmp(node->key, key) != 0)
		node = node->next;
	assert_non_null(node);
	return node;
}

static void
sums_the_verdict_up(void **state)
{
	static const char *const ids[] = { "a", "b", "c", "d" };

	(void)state;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
		const struct ms_node *verdict, *part;
		struct ms_report report;
		int64_t sum = 0;

		start(&report, MS_FOR_DATA | MS_FOR_TEXT);
		for (size_t k = 0; k < 4 && verdicts[i].weights[k]; k++)
			add(&report, ids[k], MS_SEVERITY_LOW,
			    verdicts[i].weights[k]);
		ms_describe_verdict(&report);
		verdict = member(report.data, "verdict");
		assert_slice(
		    member(verdict, "result")->u.text, verdicts[i].result);
		assert_int_equal(
		    member(verdict, "score")->u.number, verdicts[i].score);
		assert_slice(
		    member(verdict, "reason")->u.text, verdicts[i].reason);
		/* The parts are shown, and are what it is made of. */
		for (part = member(verdict, "parts")->first; part;
		     part = part->next)
			sum += member(part, "weight")->u.number;
		assert_true(sum == verdicts[i].score ||
			    (sum > 100 && verdicts[i].score == 100));
		ms_arena_free(report.arena);
	}
}

/* Nobody asked: nothing is made. */
static void
writes_for_its_audience(void **state)
{
	struct ms_report report;
	struct ms_node *row;

	(void)state;
	start(&report, MS_FOR_DATA);
	ms_say_heading(&report, "TITLE");
	ms_say(&report, 0, MS_STYLE_PLAIN, "line");
	ms_say_pair(&report, "Label", MS_STYLE_PLAIN, MS_SLICE("text"));
	row = ms_say_row(&report, ms_say_table(&report, 2));
	ms_say_cell(&report, row, MS_STYLE_PLAIN, false, MS_SLICE("cell"));
	assert_null(report.text->first);
	ms_arena_free(report.arena);
}

static void
finds_its_sections_again(void **state)
{
	struct ms_report report;
	struct ms_node *auth;

	(void)state;
	start(&report, MS_FOR_DATA);
	auth = ms_put_section(&report, "auth");
	ms_put_int(&report, report.data, "other", 1);
	assert_ptr_equal(ms_put_section(&report, "auth"), auth);
	assert_ptr_not_equal(ms_put_section(&report, "trace"), auth);
	ms_arena_free(report.arena);
}

static void
makes_links_harmless(void **state)
{
	struct ms_finding f = { .id = "a",
		.title = "see http://a.example/ now",
		.detail = "www.b.example",
		.severity = MS_SEVERITY_LOW };
	struct ms_report report;

	(void)state;
	start(&report, MS_FOR_DATA);
	report.defang = true;
	f.evidence = ms_put_object(&report, NULL, NULL);
	ms_put_text(&report, ms_put_array(&report, f.evidence, "urls"), NULL,
	    MS_SLICE("https://c.example/"));
	ms_report_finding(&report, &f);
	assert_string_equal(
	    report.findings->title, "see hxxp://a[.]example/ now");
	assert_string_equal(report.findings->detail, "www[.]b[.]example");
	assert_slice(report.findings->evidence->first->first->u.text,
	    "hxxps://c[.]example/");
	ms_arena_free(report.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_order),
		cmocka_unit_test(answers_with_a_code),
		cmocka_unit_test(sums_the_verdict_up),
		cmocka_unit_test(writes_for_its_audience),
		cmocka_unit_test(finds_its_sections_again),
		cmocka_unit_test(makes_links_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
