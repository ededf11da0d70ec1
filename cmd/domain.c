/* SPDX-License-Identifier: ISC
 * domain.c - mailsonde domain: is this domain's mail DNS right?
 */
#include "commands.h"
#include "dnsbl_lists.h"
#include "env.h"
#include "evidence.h"
#include "mailsonde/describe.h"
#include "plans.h"
#include "selectors.h"

/* Domains at once: each waits for answers most of its time. */
#define AT_ONCE 128

static void
put_subject(struct ms_report *report, struct ms_slice name,
    struct ms_slice unicode, const char *note)
{
	ms_put_string(report, report->subject, "kind", "domain");
	ms_put_text(report, report->subject, "name", name);
	if (unicode.p)
		ms_put_text(report, report->subject, "unicode", unicode);
	if (note)
		ms_put_string(report, report->subject, "note", note);
}

/* Reads the job and puts the subject. False: *note says what is wrong. */
static bool
read_job(const struct ms_job *job, struct ms_report *report,
    struct ms_domain_case *subject, const char **note)
{
	bool good;

	*note = job->error;
	good = !job->error && job->value.p &&
	       ms_domain_read(report->arena, job->value, &subject->name,
		   &subject->unicode, note);
	put_subject(report, good ? subject->name : job->value, subject->unicode,
	    good ? *note : NULL);
	return good;
}

static void
name(const struct ms_job *job, struct ms_report *report)
{
	struct ms_domain_case subject = { 0 };
	const char *note;

	read_job(job, report, &subject, &note);
}

static void
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	struct ms_domain_case subject = {
		.env = env, .arena = report->arena, .options = with
	};
	const char *note;

	if (!read_job(job, report, &subject, &note)) {
		report->exit_code = EXIT_DATA;
		ms_report_error(report, "job", false, "%.*s: %s",
		    (int)(job->line.n > 200 ? 200 : job->line.n),
		    (const char *)job->line.p, note ? note : "has no \"name\"");
		return;
	}
	if (note)
		ms_say(report, 0, MS_STYLE_DIM, "%.*s is %s",
		    (int)subject.name.n, (const char *)subject.name.p, note);
	ms_domain_run(&subject);
	ms_describe_domain(report, &subject);
}

const struct lines_plan domain_plan = {
	.command = "domain",
	.member = "name",
	.name = name,
	.judge = judge,
	.at_once = AT_ONCE,
};

struct ms_domain_options
domain_options(const struct options *options)
{
	struct ms_domain_options out = {
		.fix = options->fix,
		.only = options->only.list,
		.only_n = options->only.n,
		.selectors = options->selectors.list,
		.selectors_n = options->selectors.n,
		.profile = options->profile,
		.active = options->active,
		.reputation = options->reputation,
		.connect = options->connect,
	};

	return out;
}

/* The text of an option's file, in `arena`; p == NULL: it cannot be read. */
static struct ms_slice
text_of(const char *option, const char *path, struct ms_arena *arena)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_buf text;

	ms_buf_init(&text, arena);
	(void)ms_buf_room(&text, 1);
	if (!evidence_read_file(option, path, limits.record_size, &text))
		return ms_slice_make(NULL, 0);
	return ms_buf_get(&text);
}

/* Reads the files of --expect and --baseline; an exit code. */
static int
read_files(const struct options *options, struct ms_arena *arena,
    struct ms_domain_expect **expect, struct ms_domain_baseline **baseline)
{
	struct ms_diag diag = { "" };
	struct ms_slice text;

	if (options->expect) {
		text = text_of("expect", options->expect, arena);
		if (!text.p)
			return EXIT_NOFILE;
		if (ms_domain_expect_read(arena, text, expect, &diag)) {
			complain("domain: --expect: %s: %s", options->expect,
			    diag.text);
			return EXIT_DATA;
		}
	}
	if (options->baseline) {
		text = text_of("baseline", options->baseline, arena);
		if (!text.p)
			return EXIT_NOFILE;
		if (ms_domain_baseline_read(arena, text, baseline, &diag)) {
			complain("domain: --baseline: %s: %s",
			    options->baseline, diag.text);
			return EXIT_DATA;
		}
	}
	return 0;
}

static int
run_open(const struct options *options, struct ms_arena *arena,
    struct ms_domain_options *domain, const struct dnsbl_lists *lists)
{
	struct lines_plan plan = domain_plan;
	struct options mine = *options;
	struct ms_env env;
	int code;

	plan.with = domain;
	mine.dns_keys = lists->keys;
	mine.dns_keys_n = lists->keys_n;
	code = env_open(&env, arena, &mine,
	    ENV_DNS | ENV_FETCH | (options->connect ? ENV_WIRE : 0));
	if (code == 0)
		dnsbl_lists_record(options, lists);
	if (code == 0)
		code = selectors_read(
		    &options->selectors_from, &env, arena, domain);
	if (code == 0)
		code = run_lines(&plan, options, &env, arena);
	env_close(&env);
	return code;
}

/* NULL, or what the command line lacks. */
static const char *
missing(const struct options *options)
{
	if (options->files.n == 0)
		return "which one? give a NAME, or \"-\" for names on "
		       "standard input";
	if (!options->reputation &&
	    (options->dnsbl.n > 0 || options->dnsbl_files.n > 0))
		return "--list and --lists are for --reputation";
	return NULL;
}

static int
run(const struct options *options)
{
	struct ms_domain_expect *expect = NULL;
	struct ms_domain_baseline *baseline = NULL;
	struct ms_domain_options domain = domain_options(options);
	struct dnsbl_lists lists = { 0 };
	const char *wrong = missing(options);
	struct ms_arena *arena;
	int code;

	if (wrong) {
		complain("domain: %s", wrong);
		return EXIT_USAGE;
	}
	arena = ms_arena_new(out_of_memory);
	code = read_files(options, arena, &expect, &baseline);
	if (code == 0 && options->reputation)
		code = dnsbl_lists_open(options, arena, &lists);
	domain.expect = expect;
	domain.baseline = baseline;
	domain.lists = options->reputation ? &lists.set : NULL;
	if (code == 0)
		code = run_open(options, arena, &domain, &lists);
	dnsbl_lists_close(&lists);
	ms_arena_free(arena);
	return code;
}

extern const struct command command_domain;

const struct command command_domain = {
	.name = "domain",
	.arguments = "NAME… | -",
	.summary = "is this domain's mail DNS right, and what to publish?",
	.examples =
	    "  mailsonde domain example.org\n"
	    "  mailsonde domain --zone planned.zone --offline example.org\n"
	    "  mailsonde domain -f ndjson - <names\n",
	.groups = OPT_OUTPUT | OPT_JUDGE | OPT_DNS | OPT_JOBS | OPT_DOMAIN |
		  OPT_CONNECT,
	.run = run,
};
