/* SPDX-License-Identifier: ISC
 * dmarc.c - mailsonde dmarc: would this combination pass, and what would its
 * policy ask for?
 */
#include <string.h>

#include "commands.h"
#include "env.h"
#include "lines.h"
#include "mailsonde/describe.h"

/* What a line asks. */
struct question {
	struct ms_slice *from;
	size_t from_n;
	struct ms_dmarc_identifier spf, *dkim;
	size_t dkim_n;
};

/* Questions at once from standard input: each mostly waits for answers. */
enum { AT_ONCE = 256 };

/* ---- reading ---- */

static bool
set_identifier(struct ms_slice result, struct ms_slice domain,
    struct ms_dmarc_identifier *out)
{
	bool good = domain.n > 0 && ms_auth_result_parse(result, &out->result);

	out->domain = good ? domain : ms_slice_make(NULL, 0);
	return good;
}

static bool
read_identifier(struct ms_slice text, struct ms_dmarc_identifier *out)
{
	size_t colon = ms_slice_find(text, 0, ':');

	return set_identifier(ms_slice_part(text, 0, colon),
	    ms_slice_part(text, colon + 1, text.n), out);
}

static void
add_from(struct ms_arena *arena, struct question *q, struct ms_slice domain)
{
	q->from = ms_arena_grow(arena, q->from, sizeof(domain) * q->from_n,
	    sizeof(domain) * (q->from_n + 1));
	q->from[q->from_n++] = domain;
}

static void
add_dkim(struct ms_arena *arena, struct question *q,
    struct ms_dmarc_identifier identifier)
{
	q->dkim = ms_arena_grow(arena, q->dkim, sizeof(identifier) * q->dkim_n,
	    sizeof(identifier) * (q->dkim_n + 1));
	q->dkim[q->dkim_n++] = identifier;
}

/* DOMAIN [spf=RESULT:DOMAIN] [dkim=RESULT:DOMAIN] ...; NULL, or what is
 * wrong. */
static const char *
read_plain(struct ms_arena *arena, struct ms_slice line, struct question *q)
{
	struct ms_dmarc_identifier identifier;
	struct ms_slice rest = line, word;
	bool first = true;

	while (ms_taglist_item(&rest, ' ', &word)) {
		if (word.n == 0)
			continue;
		if (first)
			add_from(arena, q, word);
		else if (ms_slice_starts(word, "spf=") && !q->spf.domain.p &&
			 read_identifier(
			     ms_slice_part(word, 4, word.n), &q->spf))
			;
		else if (ms_slice_starts(word, "dkim=") &&
			 read_identifier(
			     ms_slice_part(word, 5, word.n), &identifier))
			add_dkim(arena, q, identifier);
		else
			return "is no line of DOMAIN [spf=RESULT:DOMAIN] "
			       "[dkim=RESULT:DOMAIN] ...";
		first = false;
	}
	return NULL;
}

/* {"result": ..., "domain": ...}. */
static bool
read_object(const struct ms_json *object, struct ms_dmarc_identifier *out)
{
	return set_identifier(ms_json_get_text(object, "result"),
	    ms_json_get_text(object, "domain"), out);
}

static const char *
read_job(struct ms_arena *arena, const struct ms_json *job, struct question *q)
{
	static const char wrong[] = "has an identifier that is no "
				    "{\"result\": ..., \"domain\": ...}";
	const struct ms_json *from = ms_json_get(job, "from");
	const struct ms_json *spf = ms_json_get(job, "spf");
	const struct ms_json *dkim = ms_json_get(job, "dkim");
	struct ms_dmarc_identifier identifier;

	if (from && from->kind == MS_JSON_ARRAY)
		for (from = from->first; from; from = from->next)
			add_from(arena, q, from->text);
	else if (from && from->kind == MS_JSON_TEXT)
		add_from(arena, q, from->text);
	else
		return "has no member \"from\" with a domain";
	if (spf && spf->kind != MS_JSON_NULL && !read_object(spf, &q->spf))
		return wrong;
	if (dkim && dkim->kind != MS_JSON_ARRAY && dkim->kind != MS_JSON_NULL)
		return "has a member \"dkim\" that is no array";
	for (dkim = dkim ? dkim->first : NULL; dkim; dkim = dkim->next) {
		if (!read_object(dkim, &identifier))
			return wrong;
		add_dkim(arena, q, identifier);
	}
	return NULL;
}

static const char *
read_question(
    struct ms_arena *arena, const struct ms_job *job, struct question *q)
{
	memset(q, 0, sizeof(*q));
	if (job->object)
		return read_job(arena, job->object, q);
	return job->error ? job->error : read_plain(arena, job->line, q);
}

/* ---- judging ---- */

static void
put_identifier(struct ms_report *report, struct ms_node *node,
    const struct ms_dmarc_identifier *identifier)
{
	ms_put_string(
	    report, node, "result", ms_auth_result_name(identifier->result));
	ms_put_text(report, node, "domain", identifier->domain);
}

static void
put_subject(struct ms_report *report, const struct question *q)
{
	struct ms_node *array;

	ms_put_string(report, report->subject, "kind", "domain");
	ms_put_text(report, report->subject, "name",
	    q->from_n == 1 ? q->from[0] : ms_slice_make(NULL, 0));
	if (q->from_n > 1) {
		ms_put_texts(
		    report, report->subject, "names", q->from, q->from_n);
	}
	if (q->spf.domain.p)
		put_identifier(report,
		    ms_put_object(report, report->subject, "spf"), &q->spf);
	array = ms_put_array(report, report->subject, "dkim");
	for (size_t i = 0; i < q->dkim_n; i++)
		put_identifier(
		    report, ms_put_object(report, array, NULL), &q->dkim[i]);
}

static void
name(const struct ms_job *job, struct ms_report *report)
{
	struct question q;

	(void)read_question(report->arena, job, &q);
	put_subject(report, &q);
}

static bool
asked_nobody(const struct ms_dmarc_result *result)
{
	for (const struct ms_dmarc_question *q = result->questions; q;
	     q = q->next)
		if (q->status == MS_DNS_OFFLINE)
			return true;
	return false;
}

static void
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	struct question q;
	const char *wrong = read_question(report->arena, job, &q);
	struct ms_dmarc_request request = { .from = q.from,
		.from_n = q.from_n,
		.spf = q.spf,
		.dkim = q.dkim,
		.dkim_n = q.dkim_n };
	struct ms_dmarc_result result;

	(void)with;
	put_subject(report, &q);
	if (wrong) {
		report->exit_code = EXIT_DATA;
		ms_report_error(report, "job", false, "%.*s: %s",
		    (int)(job->line.n > 200 ? 200 : job->line.n),
		    (const char *)job->line.p, wrong);
		return;
	}
	ms_dmarc_evaluate(env, report->arena, &request, &result);
	ms_describe_dmarc(report, &result, false);
	ms_dmarc_findings(report, &result, NULL);
	if (asked_nobody(&result))
		ms_report_error(report, "dns", true, "DMARC of %.*s: %s",
		    (int)result.domain.n, (const char *)result.domain.p,
		    result.rfc9989.reason);
}

/* ---- the command line as a job ---- */

static void
add_identifier(struct ms_buf *buf, const char *text)
{
	struct ms_dmarc_identifier identifier = { MS_AUTH_NONE, { NULL, 0 } };

	(void)read_identifier(ms_slice_from(text), &identifier);
	ms_buf_printf(buf, "{\"result\":\"%s\",\"domain\":",
	    ms_auth_result_name(identifier.result));
	ms_json_string(buf, identifier.domain);
	ms_buf_byte(buf, '}');
}

static const char *
job_of(struct ms_arena *arena, const struct options *options)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_buf_text(&buf, "{\"from\":[");
	for (size_t i = 0; i < options->from.n; i++) {
		if (i > 0)
			ms_buf_byte(&buf, ',');
		ms_json_string(&buf, ms_slice_from(options->from.list[i]));
	}
	ms_buf_text(&buf, "]");
	if (options->spf) {
		ms_buf_text(&buf, ",\"spf\":");
		add_identifier(&buf, options->spf);
	}
	ms_buf_text(&buf, ",\"dkim\":[");
	for (size_t i = 0; i < options->dkim.n; i++) {
		if (i > 0)
			ms_buf_byte(&buf, ',');
		add_identifier(&buf, options->dkim.list[i]);
	}
	ms_buf_text(&buf, "]}");
	return ms_arena_string(arena, ms_buf_get(&buf));
}

/* NULL, or what is wrong with the command line. */
static const char *
missing(const struct options *options)
{
	bool given = options->from.n > 0 || options->spf || options->dkim.n > 0;

	if (options->files.n > 0 &&
	    (options->files.n > 1 || strcmp(options->files.list[0], "-") != 0))
		return "takes no words but \"-\"; the domain comes with --from";
	if (options->files.n > 0)
		return given ? "\"-\" and --from, --spf or --dkim exclude "
			       "each other"
			     : NULL;
	return options->from.n > 0 ? NULL : "whose mail? give --from DOMAIN";
}

static int
run(const struct options *options)
{
	static const struct lines_plan plan = { .command = "dmarc",
		.member = "from",
		.name = name,
		.judge = judge };
	const char *wrong = missing(options);

	if (wrong) {
		complain("dmarc: %s", wrong);
		return EXIT_USAGE;
	}
	return run_jobs(&plan, options, job_of, ENV_DNS);
}

extern const struct command command_dmarc;

const struct command command_dmarc = {
	.name = "dmarc",
	.arguments = "--from DOMAIN [--spf …] [--dkim …]…|-",
	.summary = "would this combination pass DMARC, and what is asked for?",
	.examples = "  mailsonde dmarc --from example.org --spf "
		    "pass:bounce.example.org\n"
		    "  mailsonde dmarc --from example.org --dkim "
		    "pass:list.example\n"
		    "  mailsonde dmarc --offline --zone new.zone --from "
		    "example.org\n"
		    "  mailsonde dmarc -f ndjson - < jobs\n",
	.groups = OPT_OUTPUT | OPT_DNS | OPT_IDENTIFIERS | OPT_JOBS,
	.run = run,
};
