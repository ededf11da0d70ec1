/* SPDX-License-Identifier: ISC
 * reputation.c - mailsonde reputation: which block lists carry it?
 */
#include "commands.h"
#include "env.h"
#include "evidence.h"
#include "lines.h"
#include "mail_names.h"
#include "mailsonde/describe.h"
#include "mailsonde/dns_wrap.h"
#include "secret.h"

/* Subjects at once: each waits for answers most of its time. */
#define AT_ONCE 128

/* All of what a run needs beside its options. */
struct run {
	struct ms_arena *arena;
	struct ms_dnsbl_set set;
	bool senders;               /* --senders: */
	struct ms_dnsbl_set matter; /* the lists that they are looked up in */
	struct words subjects;  /* the arguments, and those of --names-from */
	struct ms_slice names;  /* these, a job a line */
	struct ms_slice *files; /* those of --lists, without their keys */
	struct secret *secrets; /* of the environment, one a list */
	struct ms_dns_key *keys;
	size_t keys_n;
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
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	const struct run *run = with;
	struct ms_env limited = *env;
	struct ms_reputation_senders senders;
	struct ms_dnsbl_case c = { .env = &limited,
		.arena = report->arena,
		.lists = run->set.lists,
		.lists_n = run->set.n };
	struct subject subject;
	const char *wrong = read_subject(report->arena, job, &subject);

	put_subject(report, job, &subject);
	if (wrong) {
		report->exit_code = EXIT_DATA;
		ms_report_error(report, "job", false, "%.*s: %s",
		    (int)(job->line.n > 200 ? 200 : job->line.n),
		    (const char *)job->line.p, wrong);
		return;
	}
	if (subject.given.n > 0)
		ms_say(report, 0, MS_STYLE_DIM, "%.*s: %.*s",
		    (int)value_of(job).n, (const char *)value_of(job).p,
		    (int)subject.given.n, (const char *)subject.given.p);
	else if (subject.note)
		ms_say(report, 0, MS_STYLE_DIM, "%.*s is %s",
		    (int)subject.name.n, (const char *)subject.name.p,
		    subject.note);
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

/* ---- which lists ---- */

static bool
has_word(const struct words *words, const char *word)
{
	for (size_t i = 0; i < words->n; i++)
		if (strcmp(words->list[i], word) == 0)
			return true;
	return false;
}

/* The lists of --list behind those that are known; of them those of --only.
 * False: --only names one that is not there. */
static bool
choose_lists(const struct options *options, struct ms_arena *arena,
    struct ms_dnsbl_set *set)
{
	const struct words *only = &options->dnsbl_only;
	size_t kept = 0;

	for (size_t i = 0; i < options->dnsbl.n; i++)
		ms_dnsbl_add_zone(arena, options->dnsbl.list[i], set);
	for (size_t i = 0; i < only->n; i++) {
		if (ms_dnsbl_find(set, only->list[i]))
			continue;
		complain("reputation: --only: there is no list %s; --list %s "
			 "asks it all the same",
		    only->list[i], only->list[i]);
		return false;
	}
	for (size_t i = 0; only->n > 0 && i < set->n; i++)
		if (has_word(only, set->lists[i].zone))
			set->lists[kept++] = set->lists[i];
	if (only->n > 0)
		set->n = kept;
	return true;
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
choose_matter(const struct options *options, struct run *run)
{
	run->senders = options->senders;
	run->matter.lists =
	    MS_NEW_ARRAY(run->arena, struct ms_dnsbl, run->set.n);
	for (size_t i = 0; i < run->set.n; i++)
		if (ms_dnsbl_matters(&run->set.lists[i]) &&
		    (run->set.lists[i].kinds & ~(unsigned)MS_DNSBL_NAMES) != 0)
			run->matter.lists[run->matter.n++] = run->set.lists[i];
}

/* The text of one file of --lists, or what the record has of it. */
static bool
read_text(const struct options *options, size_t i, struct ms_buf *out)
{
	struct ms_limits limits = ms_limits_fill(NULL);

	if (!options->replay)
		return evidence_read_file("lists", options->dnsbl_files.list[i],
		    limits.zone_size, out);
	ms_buf_slice(out, evidence_file_of(options->evidence, "lists", i));
	return true;
}

/* The lists of --lists. 0, or an exit code. */
static int
read_lists(const struct options *options, struct run *run)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	size_t n = options->dnsbl_files.n;
	struct ms_diag diag = { "" };

	run->files = MS_NEW_ARRAY(run->arena, struct ms_slice, n);
	for (size_t i = 0; i < n; i++) {
		struct ms_buf text;

		ms_buf_init(&text, run->arena);
		if (!read_text(options, i, &text))
			return EXIT_NOFILE;
		if (ms_dnsbl_read(run->arena, ms_buf_get(&text), &limits,
			&run->set, &diag) != MS_OK) {
			complain("reputation: --lists: %s: %s",
			    options->dnsbl_files.list[i], diag.text);
			return EXIT_DATA;
		}
		run->files[i] =
		    ms_dnsbl_without_keys(run->arena, ms_buf_get(&text));
	}
	return 0;
}

/* The keys of lists that are paid for; only who asks needs them. 0, or an exit
 * code. */
static int
read_keys(const struct options *options, struct run *run)
{
	size_t n = run->set.n;

	run->secrets = MS_NEW_ARRAY(run->arena, struct secret, n);
	run->keys = MS_NEW_ARRAY(run->arena, struct ms_dns_key, n);
	for (size_t i = 0; i < n && !options->offline && !options->replay;
	     i++) {
		const struct ms_dnsbl *list = &run->set.lists[i];
		struct ms_dns_key key = { list->zone, list->key };
		int code = 0;

		if (list->key_env)
			code = secret_read(
			    list->zone, NULL, list->key_env, &run->secrets[i]);
		if (code)
			return code;
		if (list->key_env)
			key.key =
			    ms_slice_make(run->secrets[i].p, run->secrets[i].n);
		if (!key.key.p)
			continue;
		if (!ms_dnsbl_is_key(key.key)) {
			complain("reputation: the key for %s is none that "
				 "could stand in a name",
			    list->zone);
			return EXIT_USAGE;
		}
		run->keys[run->keys_n++] = key;
	}
	return 0;
}

static void
wipe_keys(const struct run *run)
{
	for (size_t i = 0; run->secrets && i < run->set.n; i++)
		secret_wipe(&run->secrets[i]);
}

/* Where nobody is asked, zone files answer for servers too. */
static void
drop_servers(struct ms_dnsbl_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		set->lists[i].server.set = false;
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
	struct options with_keys = *options;
	struct ms_env env;
	int code;

	with_keys.files = run->subjects;
	with_keys.dns_keys = run->keys;
	with_keys.dns_keys_n = run->keys_n;
	code = env_open(&env, run->arena, &with_keys, ENV_DNS);
	for (size_t i = 0; code == 0 && i < options->dnsbl_files.n; i++)
		evidence_file(options->evidence, "lists", i, run->files[i]);
	if (code == 0 && options->names_from.n > 0)
		evidence_file(options->evidence, "names-from", 0, run->names);
	if (code == 0)
		code = run_lines(&plan, &with_keys, &env, run->arena);
	env_close(&env);
	return code;
}

static int
run(const struct options *options)
{
	struct run run = { 0 };
	int code;

	if (options->files.n == 0 && options->names_from.n == 0) {
		complain("reputation: of what? give an IP or a NAME, or \"-\" "
			 "for those on standard input");
		return EXIT_USAGE;
	}
	run.arena = ms_arena_new(out_of_memory);
	ms_dnsbl_add_table(run.arena, &run.set);
	code = read_subjects(options, &run);
	if (code == 0)
		code = read_lists(options, &run);
	if (code == 0 && !choose_lists(options, run.arena, &run.set))
		code = EXIT_USAGE;
	if (options->offline)
		drop_servers(&run.set);
	choose_matter(options, &run);
	if (code == 0)
		code = read_keys(options, &run);
	if (code == 0)
		code = run_open(options, &run);
	wipe_keys(&run);
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
