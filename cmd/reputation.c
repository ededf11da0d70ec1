/* SPDX-License-Identifier: ISC
 * reputation.c - mailsonde reputation: which block lists carry it?
 */
#include "commands.h"
#include "dnsbl_lists.h"
#include "env.h"
#include "evidence.h"
#include "lines.h"
#include "mail_names.h"
#include "mailsonde/describe.h"
#include "mailsonde/dns_wrap.h"

/* Subjects at once: each waits for answers most of its time. */
#define AT_ONCE 128

/* All of what a run needs beside its options. */
struct run {
	struct ms_arena *arena;
	struct dnsbl_lists lists;
	bool senders;               /* --senders: */
	struct ms_dnsbl_set matter; /* the lists that they are looked up in */
	struct words subjects;      /* the arguments, and those of
				       --names-from */
	struct ms_slice names;      /* these, a job a line */
};

struct subject {
	struct ms_ip ip;
	struct ms_slice name, unicode;
	const char *note;
	struct ms_slice given; /* note of the job; NULL */
};

/* {"ip"} or {"name"}; a plain line, and a name, may be either. */
static struct ms_slice
value_of(const struct ms_job *job)
{
	if (job->value.p || !job->object)
		return job->value;
	return ms_json_get_text(job->object, "name");
}

/* NULL, or what is wrong. */
static const char *
read_subject(
    struct ms_arena *arena, const struct ms_job *job, struct subject *out)
{
	struct ms_slice value = value_of(job);
	bool is_name = job->object && !job->value.p;

	memset(out, 0, sizeof(*out));
	if (job->object)
		out->given = ms_json_get_text(job->object, "note");
	if (!value.p)
		return job->object ? "the job has no text member \"ip\" or "
				     "\"name\""
				   : job->error;
	if (ms_ip_parse_literal(value, &out->ip))
		return NULL;
	if (job->object && !is_name)
		return "is no IP address";
	if (ms_domain_read(arena, value, &out->name, &out->unicode, &out->note))
		return NULL;
	out->name = out->unicode = ms_slice_make(NULL, 0);
	return out->note;
}

static void
put_subject(struct ms_report *report, const struct ms_job *job,
    const struct subject *subject)
{
	bool address = subject->ip.set || (job->object && job->value.p != NULL);

	ms_put_string(
	    report, report->subject, "kind", address ? "address" : "domain");
	if (subject->ip.set)
		ms_put_ip(report, report->subject, "ip", &subject->ip);
	else
		ms_put_text(report, report->subject, address ? "ip" : "name",
		    subject->name.p ? subject->name : value_of(job));
	if (subject->unicode.p)
		ms_put_text(
		    report, report->subject, "unicode", subject->unicode);
	if (subject->given.n > 0)
		ms_put_text(report, report->subject, "note", subject->given);
	else if (subject->name.p && subject->note)
		ms_put_string(report, report->subject, "note", subject->note);
}

static void
name(const struct ms_job *job, struct ms_report *report)
{
	struct subject subject;

	(void)read_subject(report->arena, job, &subject);
	put_subject(report, job, &subject);
}

/* ---- who may send ---- */

/* Every address that may send for the domain, on the lists that matter. */
static void
judge_senders(const struct run *run, const struct ms_env *env,
    struct ms_arena *arena, struct ms_slice name,
    struct ms_reputation_senders *out)
{
	struct ms_domain_senders *who = MS_NEW(arena, struct ms_domain_senders);
	struct ms_dnsbl_case *cases;

	ms_domain_senders(env, arena, name, who);
	cases = MS_NEW_ARRAY(arena, struct ms_dnsbl_case, who->n);
	*out = (struct ms_reputation_senders){ .who = who,
		.lists = run->matter.lists,
		.lists_n = run->matter.n,
		.cases = cases };
	for (size_t i = 0; i < who->n; i++) {
		struct ms_dnsbl_case *c = &cases[out->n];

		if (ms_env_special(env, &who->addresses[i]))
			continue; /* no list is about those */
		c->env = env;
		c->arena = arena;
		c->lists = run->matter.lists;
		c->lists_n = run->matter.n;
		c->subject.ip = who->addresses[i];
		out->n++;
		ms_dnsbl_ahead(c);
	}
	for (size_t i = 0; i < out->n; i++)
		ms_dnsbl_run(&cases[i]);
}

/* ---- a subject ---- */

static void
refuse(struct ms_report *report, const struct ms_job *job, const char *wrong)
{
	report->exit_code = EXIT_DATA;
	ms_report_error(report, "job", false, "%.*s: %s",
	    (int)(job->line.n > 200 ? 200 : job->line.n),
	    (const char *)job->line.p, wrong);
}

static void
say_note(struct ms_report *report, const struct ms_job *job,
    const struct subject *subject)
{
	struct ms_slice value = value_of(job);

	if (subject->given.n > 0)
		ms_say(report, 0, MS_STYLE_DIM, "%.*s: %.*s", (int)value.n,
		    (const char *)value.p, (int)subject->given.n,
		    (const char *)subject->given.p);
	else if (subject->note)
		ms_say(report, 0, MS_STYLE_DIM, "%.*s is %s",
		    (int)subject->name.n, (const char *)subject->name.p,
		    subject->note);
}

static void
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	const struct run *run = with;
	struct ms_env limited = *env;
	struct ms_reputation_senders senders;
	struct ms_dnsbl_case c = { .env = &limited,
		.arena = report->arena,
		.lists = run->lists.set.lists,
		.lists_n = run->lists.set.n };
	struct subject subject;
	const char *wrong = read_subject(report->arena, job, &subject);

	put_subject(report, job, &subject);
	if (wrong) {
		refuse(report, job, wrong);
		return;
	}
	say_note(report, job, &subject);
	if (subject.ip.set)
		c.subject.ip = subject.ip;
	else
		ms_dnsbl_subject_name(
		    env, report->arena, subject.name, &c.subject);
	/* one deadline for all of it */
	limited.dns = ms_dns_until(
	    report->arena, env->dns, env->clock.ticks, env->timeout);
	limited.timeout = 0;
	ms_dnsbl_run(&c);
	if (run->senders && !subject.ip.set)
		judge_senders(
		    run, &limited, report->arena, subject.name, &senders);
	ms_describe_reputation(
	    report, &c, run->senders && !subject.ip.set ? &senders : NULL);
}

/* ---- of what ---- */

static void
add_subject(struct run *run, const char *word)
{
	struct words *w = &run->subjects;

	w->list = ms_arena_grow(run->arena, w->list, sizeof(*w->list) * w->n,
	    sizeof(*w->list) * (w->n + 1));
	w->list[w->n++] = word;
}

/* The arguments, then what messages name, or what the record has of it. 0, or
 * an exit code. */
static int
read_subjects(const struct options *options, struct run *run)
{
	struct ms_slice rest, line;
	struct ms_buf names;
	int code = 0;

	ms_buf_init(&names, run->arena);
	if (options->replay)
		ms_buf_slice(&names,
		    evidence_file_of(options->evidence, "names-from", 0));
	else if (options->names_from.n > 0)
		code = mail_names_read(&options->names_from, &names);
	for (size_t i = 0; i < options->files.n; i++)
		add_subject(run, options->files.list[i]);
	rest = run->names = ms_buf_get(&names);
	while (ms_slice_line(&rest, false, &line))
		add_subject(run, ms_arena_string(run->arena, line));
	if (code == 0 && run->subjects.n == 0) {
		complain("reputation: --names-from: there is no name in it");
		code = EXIT_DATA;
	}
	return code;
}

/* Those that matter, for who may send: there may be many of them. */
static void
choose_matter(struct run *run)
{
	run->matter.lists =
	    MS_NEW_ARRAY(run->arena, struct ms_dnsbl, run->lists.set.n);
	for (size_t i = 0; i < run->lists.set.n; i++)
		if (ms_dnsbl_matters(&run->lists.set.lists[i]) &&
		    (run->lists.set.lists[i].kinds &
			~(unsigned)MS_DNSBL_NAMES) != 0)
			run->matter.lists[run->matter.n++] =
			    run->lists.set.lists[i];
}

static int
run_open(const struct options *options, struct run *run)
{
	struct lines_plan plan = { .command = "reputation",
		.member = "ip",
		.name = name,
		.judge = judge,
		.at_once = AT_ONCE,
		.with = run };
	struct options mine = *options;
	struct ms_env env;
	int code;

	mine.files = run->subjects;
	mine.dns_keys = run->lists.keys;
	mine.dns_keys_n = run->lists.keys_n;
	code = env_open(&env, run->arena, &mine, ENV_DNS);
	if (code == 0) {
		dnsbl_lists_record(options, &run->lists);
		if (options->names_from.n > 0)
			evidence_file(
			    options->evidence, "names-from", 0, run->names);
		code = run_lines(&plan, &mine, &env, run->arena);
	}
	env_close(&env);
	return code;
}

static int
run(const struct options *options)
{
	struct run run = { .senders = options->senders };
	int code;

	if (options->files.n == 0 && options->names_from.n == 0) {
		complain("reputation: of what? give an IP or a NAME, or \"-\" "
			 "for those on standard input");
		return EXIT_USAGE;
	}
	run.arena = ms_arena_new(out_of_memory);
	code = read_subjects(options, &run);
	if (code == 0)
		code = dnsbl_lists_open(options, run.arena, &run.lists);
	if (code == 0) {
		choose_matter(&run);
		code = run_open(options, &run);
	}
	dnsbl_lists_close(&run.lists);
	ms_arena_free(run.arena);
	return code;
}

extern const struct command command_reputation;

const struct command command_reputation = {
	.name = "reputation",
	.arguments = "IP|NAME… | -",
	.summary = "which DNS block lists carry it?",
	.examples = "  mailsonde reputation 192.0.2.1 example.org\n"
		    "  mailsonde reputation --senders example.org\n"
		    "  mailsonde reputation --names-from message.eml\n"
		    "  mailsonde reputation --lists my.lists 2001:db8::1\n"
		    "  mailsonde reputation -f ndjson - <addresses\n",
	.groups = OPT_OUTPUT | OPT_JUDGE | OPT_DNS | OPT_JOBS | OPT_REPUTATION,
	.run = run,
};
