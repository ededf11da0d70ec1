/* SPDX-License-Identifier: ISC
 * spf.c - mailsonde spf: would this sender pass SPF, and by which term?
 */
#include <string.h>

#include "commands.h"
#include "env.h"
#include "lines.h"
#include "mailsonde/describe.h"
#include "mailsonde/sender.h"

/* One sender as a job: what is not known has p == NULL; the null sender is
 * empty. */
struct sender {
	struct ms_slice ip_text, mail_from, helo;
	struct ms_ip ip;
};

/* Senders at once from standard input: each mostly waits for answers. */
enum { AT_ONCE = 256 };

/* ---- reading ---- */

static struct ms_slice
next_word(struct ms_slice *rest)
{
	struct ms_slice s = ms_slice_trim(*rest);
	size_t n = 0;

	while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t')
		n++;
	*rest = ms_slice_part(s, n, s.n);
	return ms_slice_part(s, 0, n);
}

/* "-" and nothing: not known. */
static struct ms_slice
known(struct ms_slice word)
{
	if (word.n == 0 || ms_slice_equal(word, MS_SLICE("-")))
		return ms_slice_make(NULL, 0);
	return word;
}

/* IP MAIL-FROM HELO; NULL, or what is wrong. */
static const char *
read_plain(struct ms_slice line, struct sender *out)
{
	out->ip_text = next_word(&line);
	out->mail_from = known(next_word(&line));
	out->helo = known(next_word(&line));
	return ms_slice_trim(line).n > 0
		   ? "has more than three words: IP MAIL-FROM HELO"
		   : NULL;
}

static const char *
read_job(const struct ms_job *job, struct sender *out)
{
	const struct ms_json *from = ms_json_get(job->object, "mail_from");
	const struct ms_json *helo = ms_json_get(job->object, "helo");

	out->ip_text = job->value;
	if (from && from->kind != MS_JSON_TEXT && from->kind != MS_JSON_NULL)
		return "has a \"mail_from\" that is no text";
	if (helo && helo->kind != MS_JSON_TEXT && helo->kind != MS_JSON_NULL)
		return "has a \"helo\" that is no text";
	if (from && from->kind == MS_JSON_TEXT)
		out->mail_from = from->text;
	if (helo && helo->kind == MS_JSON_TEXT)
		out->helo = known(helo->text);
	return NULL;
}

static const char *
read_sender(const struct ms_job *job, struct sender *out)
{
	const char *wrong;

	memset(out, 0, sizeof(*out));
	if (job->error)
		return job->error;
	wrong = job->object ? read_job(job, out) : read_plain(job->line, out);
	if (wrong)
		return wrong;
	if (!ms_ip_parse_literal(out->ip_text, &out->ip))
		return "begins with no IP address";
	if (!out->mail_from.p && !out->helo.p)
		return "names neither a sender nor a HELO";
	if (out->mail_from.p)
		out->mail_from = ms_sender_address(out->mail_from);
	if (ms_slice_ends(out->mail_from, "@"))
		return "has a sender without a domain";
	return NULL;
}

/* ---- judging ---- */

static void
put_sender(struct ms_report *report, const struct sender *sender)
{
	ms_put_string(report, report->subject, "kind", "sender");
	if (sender->ip.set)
		ms_put_ip(report, report->subject, "ip", &sender->ip);
	else
		ms_put_text(report, report->subject, "ip",
		    sender->ip_text.n > 0 ? sender->ip_text
					  : ms_slice_make(NULL, 0));
	ms_put_text(report, report->subject, "mail_from",
	    sender->mail_from.p && sender->mail_from.n == 0
		? MS_SLICE("<>")
		: sender->mail_from);
	ms_put_text(report, report->subject, "helo", sender->helo);
}

static void
check(const struct ms_env *env, const struct sender *sender,
    enum ms_spf_scope scope, const char *key, struct ms_report *report)
{
	struct ms_spf_request request = { .scope = scope,
		.ip = sender->ip,
		.mail_from = sender->mail_from,
		.helo = sender->helo };
	struct ms_spf_result result;

	ms_spf_check(env, report->arena, &request, &result);
	ms_describe_spf(report, key, &result, false);
	ms_spf_findings(report, &result);
}

static void
name(const struct ms_job *job, struct ms_report *report)
{
	struct sender sender;

	(void)read_sender(job, &sender);
	put_sender(report, &sender);
}

static void
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	struct sender sender;
	const char *wrong = read_sender(job, &sender);

	(void)with;
	put_sender(report, &sender);
	if (wrong) {
		report->exit_code = EXIT_DATA;
		ms_report_error(report, "job", false, "%.*s: %s",
		    (int)(job->line.n > 200 ? 200 : job->line.n),
		    (const char *)job->line.p, wrong);
		return;
	}
	if (!sender.mail_from.p) {
		check(env, &sender, MS_SPF_HELO, "spf", report);
		return;
	}
	check(env, &sender, MS_SPF_MAIL_FROM, "spf", report);
	if (sender.mail_from.n == 0 || !sender.helo.p)
		return;
	ms_say_blank(report);
	check(env, &sender, MS_SPF_HELO, "spf_helo", report);
}

/* The record of its domain is what every check begins with. */
static void
ahead(const struct ms_env *env, const struct ms_job *job)
{
	struct sender sender;
	struct ms_slice name;
	size_t at;

	if (read_sender(job, &sender))
		return;
	name = sender.mail_from.n > 0 ? sender.mail_from : sender.helo;
	for (at = name.n; at > 0 && name.p[at - 1] != '@';)
		at--;
	ms_dns_hint(env->dns, ms_slice_part(name, at, name.n), MS_DNS_TXT);
}

/* Or NULL: a word that read_plain() takes as it stands. */
static bool
is_word(const char *text)
{
	struct ms_slice s = ms_slice_from(text ? text : "x");

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return s.n > 0 && !ms_slice_is(s, "-");
}

/* The options as a line of their own; as words where it can be, for JSON takes
 * a library to read. */
static const char *
job_of(struct ms_arena *arena, const struct options *options)
{
	char ip[MS_IP_TEXT];
	struct ms_buf buf;

	ms_ip_format(&options->ip, ip);
	if (is_word(options->mail_from) && is_word(options->helo))
		return ms_arena_printf(arena, "%s %s %s", ip,
		    options->mail_from ? options->mail_from : "-",
		    options->helo ? options->helo : "-");
	ms_buf_init(&buf, arena);
	ms_buf_printf(&buf, "{\"ip\":\"%s\"", ip);
	if (options->mail_from) {
		ms_buf_text(&buf, ",\"mail_from\":");
		ms_json_string(&buf, ms_slice_from(options->mail_from));
	}
	if (options->helo) {
		ms_buf_text(&buf, ",\"helo\":");
		ms_json_string(&buf, ms_slice_from(options->helo));
	}
	ms_buf_byte(&buf, '}');
	return ms_arena_string(arena, ms_buf_get(&buf));
}

/* NULL, or what the command line lacks. */
static const char *
missing(const struct options *options)
{
	bool any = options->ip.set || options->mail_from || options->helo;

	if (options->files.n > 0) {
		if (strcmp(options->files.list[0], "-") != 0 ||
		    options->files.n > 1)
			return "takes no words but \"-\"; the sender comes "
			       "with --ip, --mail-from and --helo";
		return any ? "\"-\" and --ip, --mail-from or --helo exclude "
			     "each other"
			   : NULL;
	}
	if (!options->ip.set)
		return "which address sends? give --ip IP";
	if (!options->mail_from && !options->helo)
		return "who sends? give --mail-from ADDR or --helo NAME";
	return NULL;
}

static int
run(const struct options *options)
{
	static const struct lines_plan plan = { .command = "spf",
		.member = "ip",
		.name = name,
		.ahead = ahead,
		.judge = judge,
		.at_once = AT_ONCE };
	const char *wrong = missing(options);

	if (wrong) {
		complain("spf: %s", wrong);
		return EXIT_USAGE;
	}
	return run_jobs(&plan, options, job_of, ENV_DNS);
}

extern const struct command command_spf;

const struct command command_spf = {
	.name = "spf",
	.arguments = "--ip IP [--mail-from ADDR] [--helo NAME] | -",
	.summary = "would this sender pass SPF, and by which term?",
	.examples =
	    "  mailsonde spf --ip 192.0.2.1 --mail-from joe@example.org\n"
	    "  mailsonde spf --zone planned.zone --ip 192.0.2.1 --helo "
	    "mx.example.org\n"
	    "  mailsonde spf -f ndjson - <senders   # IP MAIL-FROM HELO\n",
	.groups = OPT_OUTPUT | OPT_SENDER | OPT_DNS | OPT_JOBS,
	.run = run,
};
