/* SPDX-License-Identifier: ISC
 * rules.c - mailsonde rules: list, explain and test checks and packs of rules
 */
#include <string.h>

#include "commands.h"
#include "env.h"
#include "judge.h"
#include "mailsonde/magic.h"
#include "pool.h"

struct job {
	const struct options *options;
	const char *explain; /* the one rule that is asked for; NULL: all */
	bool test;
	struct words files;
	struct ms_env env;
	size_t found; /* of `explain` */
};

/* ---- what a rule says ---- */

static void
put_rule(struct ms_report *report, struct ms_node *array,
    const struct ms_rule *rule, bool own)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_string(report, node, "id",
	    own ? ms_arena_printf(report->arena, "rule-%s", rule->id)
		: rule->id);
	ms_put_string(
	    report, node, "severity", ms_severity_name(rule->severity));
	ms_put_int(report, node, "weight", rule->weight);
	ms_put_string(report, node, "title", rule->title);
	ms_put_string(report, node, "detail", rule->detail);
	ms_put_string(report, node, "fix", rule->fix);
	ms_put_string(report, node, "reference", rule->reference);
	ms_put_bool(report, node, "built_in", !own);
	if (own)
		ms_put_int(report, node, "examples", (int64_t)rule->examples_n);
}

static void
say_row(struct ms_report *report, struct ms_node *table,
    const struct ms_rule *rule, bool own)
{
	struct ms_node *row = ms_say_row(report, table);

	ms_say_cellf(report, row, MS_STYLE_STRONG, false, "%s%s",
	    own ? "rule-" : "", rule->id);
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
	    ms_severity_name(rule->severity));
	ms_say_cellf(report, row, MS_STYLE_PLAIN, true, "%+d", rule->weight);
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", rule->title);
}

static void
say_rule(struct ms_report *report, const struct ms_rule *rule, bool own)
{
	ms_say(report, 0, MS_STYLE_STRONG, "%s%s: %s", own ? "rule-" : "",
	    rule->id, rule->title);
	ms_say_pairf(report, "Severity", MS_STYLE_PLAIN, "%s%s, %+d %s",
	    own ? "" : "up to ", ms_severity_name(rule->severity), rule->weight,
	    "in the verdict");
	if (rule->detail)
		ms_say_pairf(report, "Why", MS_STYLE_PLAIN, "%s", rule->detail);
	if (rule->fix)
		ms_say_pairf(report, "Fix", MS_STYLE_PLAIN, "%s", rule->fix);
	if (rule->reference)
		ms_say_pairf(
		    report, "Reference", MS_STYLE_PLAIN, "%s", rule->reference);
	if (own)
		ms_say_pairf(report, "Examples", MS_STYLE_PLAIN, "%zu",
		    rule->examples_n);
	else
		ms_say_pairf(
		    report, "More", MS_STYLE_PLAIN, "mailsonde help checks");
}

static bool
wanted(const struct job *job, const struct ms_rule *rule, bool own)
{
	const char *id = job->explain;

	if (!id || strcmp(id, rule->id) == 0)
		return true;
	return own && strncmp(id, "rule-", 5) == 0 &&
	       strcmp(id + 5, rule->id) == 0;
}

static void
describe_rules(struct job *job, const struct ms_rules *rules, bool own,
    struct ms_report *report)
{
	struct ms_node *array = ms_put_array(report, report->data, "rules");
	struct ms_node *table = job->explain ? NULL : ms_say_table(report, 2);

	for (size_t i = 0; i < rules->n; i++) {
		const struct ms_rule *rule = &rules->list[i];

		if (!wanted(job, rule, own))
			continue;
		job->found++;
		put_rule(report, array, rule, own);
		if (table)
			say_row(report, table, rule, own);
		else
			say_rule(report, rule, own);
	}
}

/* ---- examples ---- */

/* The message as `analyze --offline` sees it. */
static enum ms_match
judge_example(const struct job *job, const struct pool_worker *worker,
    const struct ms_rules *rules, const struct ms_rule *rule,
    const struct ms_rule_example *example, const char **why)
{
	struct ms_message message;
	struct ms_trace trace;
	struct ms_parse parse = { .arena = worker->arena,
		.charsets = worker->charsets,
		.limits = &job->env.limits,
		.defects = &message.defects,
		.base = example->message.p };
	struct ms_case subject = { .env = &job->env,
		.parse = &parse,
		.message = &message,
		.trace = &trace };
	struct ms_report report;

	ms_report_init(
	    &report, worker->arena, MS_FOR_DATA, "analyze", job->env.clock.now);
	ms_message_parse(worker->arena, worker->charsets, &job->env.limits,
	    example->message, &analyze_plan.parse, &message);
	ms_trace_build(&job->env, &parse, &message, &trace);
	ms_checks_run(&subject,
	    MS_NEEDS_MESSAGE | MS_NEEDS_TRACE | MS_NEEDS_CONTENT, 0, &report);
	ms_rules_run(rules, &subject, &report);
	return ms_rule_match(rules, rule, &subject, &report, NULL, why);
}

static void
report_failed(struct ms_report *report, const struct ms_rule *rule,
    size_t number, bool match)
{
	struct ms_finding f = {
		.id = "rules-example",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    match ? "rule-%s does not hold of its example %zu"
			  : "rule-%s holds of its example %zu",
		    rule->id, number),
		.detail = match ? "The example says that it is what the rule "
				  "is there to find."
				: "The example says that the rule must leave "
				  "it alone.",
		.fix = "Change the rule, or the example.",
		.evidence = ms_put_object(report, NULL, NULL),
	};

	ms_put_string(report, f.evidence, "rule", rule->id);
	ms_put_int(report, f.evidence, "example", (int64_t)number);
	ms_report_finding(report, &f);
}

static size_t
test_rule(const struct job *job, const struct pool_worker *worker,
    const struct ms_rules *rules, const struct ms_rule *rule,
    struct ms_report *report, struct ms_node *array)
{
	size_t good = 0;

	for (size_t i = 0; i < rule->examples_n; i++) {
		const struct ms_rule_example *example = &rule->examples[i];
		struct ms_node *node = ms_put_object(report, array, NULL);
		const char *why = NULL;
		enum ms_match got =
		    judge_example(job, worker, rules, rule, example, &why);

		ms_put_string(report, node, "rule", rule->id);
		ms_put_int(report, node, "example", (int64_t)i + 1);
		ms_put_bool(report, node, "expected", example->match);
		if (got == MS_MATCH_UNKNOWN) {
			ms_put_null(report, node, "match");
			ms_report_error(report, "rules", true,
			    "rule %s, example %zu: %s", rule->id, i + 1, why);
			continue;
		}
		ms_put_bool(report, node, "match", got == MS_MATCH_YES);
		if ((got == MS_MATCH_YES) == example->match)
			good++;
		else
			report_failed(report, rule, i + 1, example->match);
	}
	return good;
}

static void
test_rules(const struct job *job, const struct pool_worker *worker,
    const struct ms_rules *rules, struct ms_report *report)
{
	struct ms_node *array = ms_put_array(report, report->data, "examples");
	struct ms_node *bare = ms_put_array(report, report->data, "untested");
	size_t good = 0, all = 0, without = 0;

	for (size_t i = 0; i < rules->n; i++) {
		const struct ms_rule *rule = &rules->list[i];

		all += rule->examples_n;
		good += test_rule(job, worker, rules, rule, report, array);
		if (rule->examples_n > 0)
			continue;
		without++;
		ms_put_string(report, bare, NULL, rule->id);
	}
	ms_say_pairf(report, "Rules", MS_STYLE_PLAIN, "%zu%s", rules->n,
	    without > 0 ? ms_arena_printf(report->arena,
			      ", %zu of them without an example", without)
			: "");
	ms_say_pairf(report, "Examples",
	    good == all ? MS_STYLE_GOOD : MS_STYLE_BAD,
	    "%zu of %zu come out as they say", good, all);
}

/* ---- packs ---- */

static void
start(struct ms_report *report, const char *path, const char *name)
{
	ms_put_string(report, report->subject, "kind", "rules");
	if (path)
		ms_put_string(report, report->subject, "path", path);
	if (name)
		ms_put_string(report, report->subject, "name", name);
	if (path)
		ms_say(report, 0, MS_STYLE_STRONG, "%s%s%s", path,
		    name ? ": " : "", name ? name : "");
}

static void
do_pack(struct job *job, struct pool_worker *worker, size_t number)
{
	const char *path = job->files.list[number];
	struct ms_arena *arena = worker->arena;
	struct ms_diag diag = { "" };
	struct ms_report report;
	struct ms_rules rules;
	size_t found = job->found;
	int code;

	pool_report(worker, "rules", job->env.clock.now, &report);
	report.show_findings = true;
	code = pack_read(arena, path, number, job->options, &rules, &diag);
	if (code == 0 || report.audience & MS_FOR_DATA)
		start(&report, path, rules.name);
	if (code) {
		report.exit_code = code;
		pool_complain(worker, "%s: %s", path, diag.text);
		ms_report_error(
		    &report, "rules", false, "%s: %s", path, diag.text);
		pool_note_exit(worker, code);
	} else if (job->test) {
		test_rules(job, worker, &rules, &report);
	} else {
		describe_rules(job, &rules, true, &report);
	}
	if (code == 0 ? !job->explain || job->found > found
		      : (report.audience & MS_FOR_DATA) != 0)
		pool_render(worker, &report);
	ms_rules_close(&rules);
	ms_arena_clear(arena);
}

/* The checks that are built in, as rules. */
static void
do_checks(struct job *job, struct pool_worker *worker)
{
	const struct ms_check *const *checks = ms_checks();
	struct ms_report report;
	struct ms_rules rules = { 0 };

	pool_report(worker, "rules", job->env.clock.now, &report);
	while (checks[rules.n])
		rules.n++;
	rules.list = MS_NEW_ARRAY(worker->arena, struct ms_rule, rules.n);
	for (size_t i = 0; i < rules.n; i++)
		rules.list[i] = (struct ms_rule){ .id = checks[i]->id,
			.severity = checks[i]->severity,
			.weight = checks[i]->weight,
			.title = checks[i]->title,
			.reference = checks[i]->reference };
	start(&report, NULL, "mailsonde");
	describe_rules(job, &rules, false, &report);
	if (!job->explain || job->found > 0)
		pool_render(worker, &report);
	ms_arena_clear(worker->arena);
}

static void
work(struct pool *pool, struct pool_worker *worker)
{
	struct job *job = pool->context;

	pool_take(pool);
	pool_taken(pool, false);
	if (!job->test)
		do_checks(job, worker);
	for (size_t i = 0; i < job->files.n && !pool_stopped(pool); i++)
		do_pack(job, worker, i);
	pool_submit(worker, 0);
}

static int
run_job(struct job *job)
{
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct pool pool = {
		.options = job->options, .work = work, .context = job
	};
	struct options offline = *job->options;
	struct output output;
	int code, written;

	offline.offline = true;
	code = env_open(&job->env, arena, &offline, 0);
	if (code == 0 && !output_open(&output, arena, job->options)) {
		code = EXIT_WRITE;
	} else if (code == 0) {
		pool.output = &output;
		pool_run(&pool, 1);
		code = pool_exit_code(&pool);
		written = output_close(&output, true);
		code = written ? written : output_code(&output, code);
	}
	if (code == 0 && job->explain && job->found == 0) {
		complain("rules: no such rule: %s; see mailsonde rules list",
		    job->explain);
		code = EXIT_USAGE;
	}
	env_close(&job->env);
	ms_arena_free(arena);
	return code;
}

static int
run(const struct options *options)
{
	const struct words *words = &options->files;
	struct job job = { .options = options };
	const char *verb = words->n > 0 ? words->list[0] : "";
	size_t taken = 1;

	job.test = strcmp(verb, "test") == 0;
	if (strcmp(verb, "explain") == 0 && words->n > 1) {
		job.explain = words->list[1];
		taken = 2;
	} else if (strcmp(verb, "list") != 0 && !job.test) {
		complain("rules: list, explain ID or test FILE? see mailsonde "
			 "rules --help");
		return EXIT_USAGE;
	}
	job.files.list = words->list + taken;
	job.files.n = words->n - taken;
	if (job.test && job.files.n == 0) {
		complain("rules test: which file? see mailsonde rules --help");
		return EXIT_USAGE;
	}
	return run_job(&job);
}

extern const struct command command_rules;

const struct command command_rules = {
	.name = "rules",
	.arguments = "list|explain ID|test [FILE…]",
	.summary = "list, explain and test checks and rules of your own",
	.examples = "  mailsonde rules list samples/rules/harbour.json\n"
		    "  mailsonde rules explain sender-reply-to\n"
		    "  mailsonde rules test samples/rules/harbour.json\n"
		    "  mailsonde analyze --rules samples/rules/harbour.json "
		    "message.eml\n",
	.groups = OPT_OUTPUT | OPT_PACKS,
	.run = run,
};
