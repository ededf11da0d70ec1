/* SPDX-License-Identifier: ISC
 * reports.c - mailsonde reports: what do others report about our mail?
 *
 * A file or a mail of a mailbox is read by whatever worker is free; then each
 * waits its turn to be held against the reports before it, so that what counts
 * as sent again, and the totals, do not depend on who was faster.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "env.h"
#include "mailsonde/describe.h"
#include "mailsonde/feedback.h"
#include "mailsonde/mailbox.h"
#include "pool.h"
#include "summary.h"

/* What is known of all reports so far; in the order of the input. */
struct tally {
	pthread_mutex_t lock;
	pthread_cond_t turned;
	uint64_t turn; /* of the input that may be added now */
	struct ms_arena *arena;
	struct ms_map seen;    /* sender and number, to the path */
	struct ms_map domains; /* to struct ms_senders */
	struct ms_feedback_totals totals;
	struct ms_senders **last;
};

struct run {
	const struct options *options;
	const struct ms_env *env;
	struct ms_mailbox *mailbox;
	struct tally tally;
	bool several;      /* more than one file */
	atomic_bool brief; /* one was told in brief: the totals have the rest */
};

/* One document, read. */
struct parsed {
	const struct ms_feedback_item *item;
	enum ms_status status;
	struct ms_diag diag;
	struct ms_aggregate aggregate;
	struct ms_senders senders;
	struct ms_tls_report tls;
	struct ms_tls_sessions *sessions;
	struct ms_failure_report failure;
	const char *repeats; /* path of the same report before; NULL */
	struct parsed *next;
};

/* Only what was asked for with one of these. */
static bool
asks_dns(const struct options *options)
{
	return options->zones.n > 0 || options->resolvers.n > 0;
}

/* ---- reading ---- */

static void
read_item(const struct run *run, struct pool_worker *worker,
    const struct ms_feedback_item *item, struct parsed *out)
{
	struct ms_arena *arena = worker->arena;
	const struct ms_limits *limits = &run->env->limits;

	out->item = item;
	switch (item->kind) {
	case MS_FEEDBACK_NONE:
		out->status = MS_FORMAT;
		out->diag = item->diag;
		break;
	case MS_FEEDBACK_XML:
		out->status = ms_aggregate_read(arena, item->text, limits,
		    run->env->psl, &out->aggregate, &out->diag);
		if (out->status == MS_OK && asks_dns(run->options))
			ms_aggregate_judge(run->env, arena, &out->aggregate);
		ms_senders_init(&out->senders, arena);
		ms_senders_add(&out->senders, &out->aggregate);
		ms_senders_sort(&out->senders);
		break;
	case MS_FEEDBACK_JSON:
		out->status = ms_tls_report_read(
		    arena, item->text, limits, &out->tls, &out->diag);
		ms_tls_sessions_add(arena, &out->sessions, &out->tls);
		break;
	case MS_FEEDBACK_MAIL:
		if (!ms_failure_report_read(arena, worker->charsets, limits,
			item->message, &out->failure))
			out->status = ms_diag_set(&out->diag, MS_FORMAT,
			    "it is a mail that carries no report");
		break;
	}
}

/* Beside reports, files that are none do not matter: a note in an archive, a
 * logo in a mail. */
static struct parsed *
without_others(struct parsed *list)
{
	struct parsed *first = NULL, **end = &first;
	bool any = false;

	for (const struct parsed *p = list; p; p = p->next)
		any |= p->status == MS_OK;
	for (struct parsed *p = list; p; p = p->next) {
		bool other =
		    p->item->other || p->item->kind != MS_FEEDBACK_NONE;

		if (any && other && p->status != MS_OK)
			continue;
		*end = p;
		end = &p->next;
	}
	*end = NULL;
	return first;
}

static struct parsed *
read_all(const struct run *run, struct pool_worker *worker,
    const struct ms_mailbox_item *input)
{
	const struct ms_feedback_item *item = ms_feedback_unpack(worker->arena,
	    worker->charsets, &run->env->limits, ms_mailbox_message(input));
	struct parsed *first = NULL, **end = &first;

	for (; item; item = item->next) {
		*end = MS_NEW(worker->arena, struct parsed);
		read_item(run, worker, item, *end);
		end = &(*end)->next;
	}
	return without_others(first);
}

/* ---- what came before ---- */

/* "reports.mbox, message 3, report.xml.gz" */
static const char *
name_of(struct ms_arena *arena, const struct ms_mailbox_item *input,
    const struct ms_feedback_item *item)
{
	const char *name = input->path;

	if (!input->single)
		name = ms_arena_printf(
		    arena, "%s, message %zu", name, input->index);
	if (item->member.p)
		name = ms_arena_printf(arena, "%s, %.*s", name,
		    (int)item->member.n, (const char *)item->member.p);
	return name;
}

/* What tells a report from all others; NULL: nothing does. */
static const char *
key_of(struct ms_arena *arena, const struct parsed *p)
{
	struct ms_slice id = p->aggregate.report_id;
	struct ms_slice who = p->aggregate.org_name;

	if (p->item->kind == MS_FEEDBACK_JSON) {
		id = p->tls.report_id;
		who = p->tls.org_name;
	} else if (p->item->kind == MS_FEEDBACK_MAIL) {
		id = p->failure.message_id;
		who = p->failure.reporter;
	}
	if (id.n == 0)
		return NULL;
	return ms_arena_printf(arena, "%d %.*s %.*s %.*s", (int)p->item->kind,
	    (int)who.n, who.p ? (const char *)who.p : "", (int)id.n,
	    (const char *)id.p, (int)p->aggregate.domain.n,
	    p->aggregate.domain.p ? (const char *)p->aggregate.domain.p : "");
}

static void
add_senders(struct tally *tally, const struct ms_aggregate *report)
{
	struct ms_slice domain =
	    report->domain.p ? report->domain : MS_SLICE("(no domain)");
	struct ms_map_entry *entry = ms_map_take(&tally->domains, domain);

	if (!entry->value) {
		struct ms_senders *senders =
		    MS_NEW(tally->arena, struct ms_senders);

		ms_senders_init(senders, tally->arena);
		entry->value = senders;
		*tally->last = senders;
		tally->last = &senders->next;
	}
	ms_senders_add(entry->value, report);
}

static void
add(struct tally *tally, struct ms_arena *arena,
    const struct ms_mailbox_item *input, struct parsed *p)
{
	const char *key = key_of(arena, p);
	struct ms_map_entry *entry =
	    key ? ms_map_take(&tally->seen, ms_slice_from(key)) : NULL;

	tally->totals.reports++;
	if (entry && entry->value) {
		p->repeats = entry->value;
		tally->totals.repeated++;
		return;
	}
	if (entry)
		entry->value = ms_arena_string(tally->arena,
		    ms_slice_from(name_of(arena, input, p->item)));
	if (p->item->kind == MS_FEEDBACK_XML)
		add_senders(tally, &p->aggregate);
	else if (p->item->kind == MS_FEEDBACK_JSON)
		ms_tls_sessions_add(
		    tally->arena, &tally->totals.sessions, &p->tls);
	else
		tally->totals.failures++;
}

static void
add_all(struct tally *tally, struct ms_arena *arena, uint64_t sequence,
    const struct ms_mailbox_item *input, struct parsed *list)
{
	pthread_mutex_lock(&tally->lock);
	while (tally->turn != sequence)
		pthread_cond_wait(&tally->turned, &tally->lock);
	for (; list; list = list->next)
		if (list->status == MS_OK)
			add(tally, arena, input, list);
	tally->turn++;
	pthread_cond_broadcast(&tally->turned);
	pthread_mutex_unlock(&tally->lock);
}

static void
tally_open(struct tally *tally)
{
	tally->arena = ms_arena_new(out_of_memory);
	pthread_mutex_init(&tally->lock, NULL);
	pthread_cond_init(&tally->turned, NULL);
	ms_map_init(&tally->seen, tally->arena);
	ms_map_init(&tally->domains, tally->arena);
	tally->last = &tally->totals.senders;
}

static void
tally_close(struct tally *tally)
{
	pthread_cond_destroy(&tally->turned);
	pthread_mutex_destroy(&tally->lock);
	ms_arena_free(tally->arena);
}

/* ---- telling ---- */

static void
put_subject(struct ms_report *report, const struct ms_mailbox_item *input,
    const struct ms_feedback_item *item)
{
	ms_put_string(report, report->subject, "kind", "report");
	ms_put_string(report, report->subject, "path", input->path);
	if (!input->single)
		ms_put_int(
		    report, report->subject, "index", (int64_t)input->index);
	if (item && item->member.p)
		ms_put_text(report, report->subject, "member", item->member);
	if (item && item->format)
		ms_put_string(report, report->subject, "format", item->format);
}

static void
refuse(struct pool_worker *worker, struct ms_report *report,
    const struct ms_mailbox_item *input, const struct ms_feedback_item *item,
    enum ms_status status, const char *why)
{
	report->exit_code = status == MS_IO ? EXIT_NOFILE : EXIT_DATA;
	put_subject(report, input, item);
	pool_complain(worker, "%s: %s",
	    input->single ? input->path
			  : ms_arena_printf(worker->arena, "%s, message %zu",
				input->path, input->index),
	    why);
	if (!(report->audience & (MS_FOR_DATA | MS_FOR_PAGE))) {
		pool_note_exit(worker, report->exit_code);
		return;
	}
	ms_report_error(report, status == MS_IO ? "io" : "format", false,
	    "%s: %s", input->path, why);
	pool_render(worker, report);
}

static void
tell(struct run *run, struct pool_worker *worker,
    const struct ms_mailbox_item *input, const struct parsed *p, bool several)
{
	bool page = run->options->format->audience & MS_FOR_PAGE;
	bool all = page || run->options->verbose;
	struct ms_feedback_context context = { .env = run->env,
		.repeats = p->repeats,
		.all = all,
		.brief = several && !all,
		.file = name_of(worker->arena, input, p->item) };
	struct ms_report report;

	pool_report(worker, "reports", run->env->clock.now, &report);
	if (p->status != MS_OK) {
		refuse(
		    worker, &report, input, p->item, p->status, p->diag.text);
		return;
	}
	if (context.brief)
		atomic_store(&run->brief, true);
	put_subject(&report, input, p->item);
	report.defang = page && p->item->kind == MS_FEEDBACK_MAIL;
	report.show_findings = !context.brief;
	if (p->item->kind == MS_FEEDBACK_XML)
		ms_describe_aggregate(
		    &report, &context, &p->aggregate, &p->senders);
	else if (p->item->kind == MS_FEEDBACK_JSON)
		ms_describe_tls_report(&report, &context, &p->tls, p->sessions);
	else
		ms_describe_failure(&report, &context, &p->failure);
	if (report.audience & MS_FOR_DATA)
		ms_describe_databases(&report, run->env->geo);
	pool_render(worker, &report);
}

/* ---- one after another ---- */

static size_t
readable(const struct parsed *list)
{
	size_t n = 0;

	for (; list; list = list->next)
		n += list->status == MS_OK;
	return n;
}

static void
do_input(struct run *run, struct pool_worker *worker, uint64_t sequence,
    const struct ms_mailbox_item *input)
{
	struct parsed *list = NULL;
	struct ms_report report;
	bool several;

	if (input->status == MS_OK)
		list = read_all(run, worker, input);
	add_all(&run->tally, worker->arena, sequence, input, list);
	if (input->status != MS_OK) {
		pool_report(worker, "reports", run->env->clock.now, &report);
		refuse(worker, &report, input, NULL, input->status,
		    input->diag.text);
	}
	several = run->several || !input->single || readable(list) > 1;
	for (; list; list = list->next)
		tell(run, worker, input, list, several);
	ms_arena_clear(worker->arena);
}

static void
work(struct pool *pool, struct pool_worker *worker)
{
	struct run *run = pool->context;
	struct ms_mailbox_item input;
	uint64_t sequence;

	while (!pool_stopped(pool) &&
	       ms_mailbox_next(run->mailbox, &sequence, &input) == MS_OK) {
		ms_mailbox_unpack(
		    worker->arena, worker->charsets, &run->env->limits, &input);
		do_input(run, worker, sequence, &input);
		ms_mailbox_item_done(run->mailbox, &input);
		pool_submit(worker, sequence);
	}
}

/* ---- the whole ---- */

/* Those with the most failures first. */
static void
sort_domains(struct ms_feedback_totals *totals)
{
	struct ms_senders *rest = totals->senders, *next;

	totals->senders = NULL;
	for (; rest; rest = next) {
		struct ms_senders **at = &totals->senders;
		int64_t failed = rest->messages - rest->passed;

		next = rest->next;
		ms_senders_sort(rest);
		while (*at && (*at)->messages - (*at)->passed >= failed)
			at = &(*at)->next;
		rest->next = *at;
		*at = rest;
	}
}

/* People want it where there is more than one; programs where they ask. */
static void
write_totals(struct run *run, struct pool *pool)
{
	const struct options *options = run->options;
	struct ms_feedback_context context = { .env = run->env,
		.all = options->verbose };
	struct ms_feedback_totals *totals = &run->tally.totals;
	struct ms_report report;
	struct ms_buf out;

	if (!options->summary &&
	    (!(options->format->audience & MS_FOR_TEXT) ||
		(totals->reports < 2 && !atomic_load(&run->brief))))
		return;
	sort_domains(totals);
	ms_buf_init(&out, run->tally.arena);
	ms_report_init(&report, run->tally.arena, options->format->audience,
	    "reports", run->env->clock.now);
	report.subject = NULL;
	ms_describe_feedback_totals(&report, &context, totals);
	if (options->summary)
		summary_report(pool->summary, &report);
	options->format->render(&report, &pool->output->render, &out);
	output_reports(pool->output, ms_buf_get(&out), 1);
}

static bool
is_several(const struct words *files)
{
	struct stat st;

	return files->n > 1 ||
	       (files->n == 1 && stat(files->list[0], &st) == 0 &&
		   S_ISDIR(st.st_mode));
}

static int
run_opened(struct run *run, struct output *output)
{
	static const char *const standard_input[] = { "-" };
	const struct words *files = &run->options->files;
	struct pool pool = { .options = run->options,
		.output = output,
		.work = work,
		.context = run };
	int code, written;

	run->several = is_several(files);
	run->mailbox = ms_mailbox_open(files->n ? files->list : standard_input,
	    files->n ? files->n : 1, &run->env->limits, out_of_memory);
	ms_mailbox_any(run->mailbox);
	tally_open(&run->tally);
	if (run->options->summary)
		pool.summary = summary_new(run->tally.arena);
	pool_run(&pool, run->several ? pool_size(run->options) : 1);
	write_totals(run, &pool);
	tally_close(&run->tally);
	ms_mailbox_close(run->mailbox);
	code = pool_exit_code(&pool);
	written = output_close(output, true);
	return written ? written : output_code(output, code);
}

static bool
is_usable(const struct options *options)
{
	if (options->files.n == 0 && isatty(STDIN_FILENO)) {
		complain("reports: no FILE given and standard input is a "
			 "terminal; see mailsonde reports --help");
		return false;
	}
	if (options->summary && !options->format->between) {
		complain("reports: --summary and --format %s exclude each "
			 "other",
		    options->format->name);
		return false;
	}
	return true;
}

static int
run(const struct options *options)
{
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct ms_env env;
	struct output output;
	struct run run = { .options = options, .env = &env };
	int code;

	if (!is_usable(options)) {
		ms_arena_free(arena);
		return EXIT_USAGE;
	}
	code = env_open(
	    &env, arena, options, ENV_GEO | (asks_dns(options) ? ENV_DNS : 0));
	if (code == 0 && !output_open(&output, arena, options))
		code = EXIT_WRITE;
	else if (code == 0)
		code = run_opened(&run, &output);
	env_close(&env);
	ms_arena_free(arena);
	return code;
}

extern const struct command command_reports;

const struct command command_reports = {
	.name = "reports",
	.arguments = "[FILE…]",
	.summary = "what others report: DMARC, TLS, failures",
	.examples = "  mailsonde reports google.com!example.com!*.zip\n"
		    "  mailsonde reports ~/Maildir/.dmarc\n"
		    "  mailsonde reports -f csv reports/ >rows.csv\n",
	.groups = OPT_OUTPUT | OPT_REPORTS | OPT_GEO,
	.run = run,
};
