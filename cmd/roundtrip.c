/* SPDX-License-Identifier: ISC
 * roundtrip.c - mailsonde roundtrip: does mail from here arrive there, and how?
 */
#include "mailsonde/roundtrip.h"

#include <signal.h>
#include <unistd.h>

#include "commands.h"
#include "env.h"
#include "evidence.h"
#include "judge.h"
#include "lines.h"
#include "mailsonde/describe.h"
#include "mailsonde/magic.h"
#include "secret.h"

#define WAIT 300.0 /* seconds, unless --wait says so */

/* It must fit in what one connection may give, headers added. */
#define TEMPLATE_MAX ((size_t)512 * 1024)

struct trip {
	const struct options *options;
	struct ms_arena *arena;
	struct ms_client_settings from, to; /* the addresses, taken apart */
	struct ms_roundtrip_request request;
	struct ms_mail_account bounces;
	struct ms_login from_login, to_login;
	struct secret from_secret, to_secret;
	struct judge judge;
};

/* ---- being told to stop ---- */

static volatile sig_atomic_t interrupted;
static struct sigaction before_interrupt, before_end;

/* Once; the next signal does what it would have done. */
static void
on_signal(int number)
{
	interrupted = 1;
	sigaction(SIGINT, &before_interrupt, NULL);
	sigaction(SIGTERM, &before_end, NULL);
	(void)number;
}

static void
watch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, &before_interrupt);
	sigaction(SIGTERM, &action, &before_end);
}

static bool
is_stopped(void *context)
{
	(void)context;
	return interrupted != 0;
}

static bool
shows_progress(const struct options *options)
{
	return !options->quiet && isatty(STDERR_FILENO);
}

static void
tell(void *context, const char *what, double seconds)
{
	const struct trip *t = context;

	if (shows_progress(t->options))
		fprintf(stderr, "\r%s: %.0f s%20s", what, seconds, "");
}

/* ---- the servers ---- */

/* The name that the settings say is to be typed in. */
static const struct ms_login *
login_as(
    struct ms_arena *arena, const struct ms_login *login, struct ms_slice user)
{
	struct ms_login *out = MS_NEW(arena, struct ms_login);

	*out = *login;
	out->user = ms_arena_string(arena, user);
	return out;
}

/* `login`: as whom, where that was said. */
static bool
find_server(const struct ms_env *env, struct ms_report *report,
    struct ms_client_settings *settings, bool outgoing, const char *login,
    struct ms_mail_account *out)
{
	const struct ms_client_server *server;

	if (out->target.protocol)
		return true;
	ms_client_find(env, report->arena, true, settings);
	server = outgoing ? settings->outgoing : settings->incoming;
	if (server && server->works) {
		out->target = ms_client_target(server);
		if (!login && out->login && server->user.n > 0)
			out->login =
			    login_as(report->arena, out->login, server->user);
		return true;
	}
	ms_report_error(report, "settings", true,
	    "no server that works is found for %s of %.*s%s%s; --%s TARGET "
	    "names one",
	    outgoing ? "mail" : "the mailbox", (int)settings->address.n,
	    (const char *)settings->address.p,
	    server && server->why ? ": " : "",
	    server && server->why ? server->why : "",
	    outgoing ? "submit" : "pickup");
	return false;
}

/* ---- what arrived ---- */

/* The message is judged as of when it was seen. */
static void
judge_arrived(const struct trip *t, const struct ms_env *env,
    const struct ms_roundtrip *trip, struct ms_report *report)
{
	const struct ms_pickup *p = &trip->pickup;
	struct judge judge = t->judge;
	struct ms_env then = *env;
	struct judge_room room = {
		.arena = report->arena,
		.charsets = ms_charsets_new(report->arena),
		.magic = ms_magic_new(report->arena),
	};
	struct ms_mailbox_item item = {
		.raw = p->message,
		.path = ms_arena_printf(report->arena, "%s://%.*s/%.*s",
		    p->probe.target.protocol->name, (int)p->probe.target.host.n,
		    (const char *)p->probe.target.host.p, (int)p->folder.n,
		    p->folder.p ? (const char *)p->folder.p : ""),
		.format = MS_FORMAT_EML,
		.single = true,
	};

	then.clock.now += (int64_t)trip->seconds;
	judge.env = &then;
	judge_message(&judge, &room, &item, NULL, report);
	ms_charsets_close(room.charsets);
	ms_magic_close(room.magic);
}

static void
describe(const struct ms_env *env, const struct ms_roundtrip *trip,
    struct ms_report *report)
{
	struct ms_defects defects = { 0 };
	struct ms_parse parse = { report->arena, NULL, &env->limits, &defects,
		trip->pickup.message.p, NULL };
	struct ms_header header;

	if (trip->pickup.found)
		ms_header_parse(&parse, trip->pickup.message, 0, &header);
	ms_describe_roundtrip(
	    report, trip, trip->pickup.found ? &header : NULL);
}

/* ---- all of it ---- */

static void
put_subject(const struct trip *t, struct ms_report *report)
{
	ms_put_string(report, report->subject, "kind", "roundtrip");
	ms_put_text(report, report->subject, "from", t->from.address);
	ms_put_text(report, report->subject, "to", t->to.address);
}

static void
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	const struct trip *t = with;
	const struct options *options = t->options;
	struct ms_roundtrip_request request = t->request;
	struct ms_client_settings from = t->from, to = t->to;
	struct ms_roundtrip *trip = MS_NEW(report->arena, struct ms_roundtrip);

	(void)job;
	put_subject(t, report);
	if (!find_server(env, report, &to, false, options->to_side.login,
		&request.pickup) ||
	    !find_server(env, report, &from, true, options->from_side.login,
		&request.submit))
		return;
	request.mark = env->seed;
	watch_signals();
	ms_roundtrip_run(env, report->arena, &request, trip);
	if (trip->stopped)
		evidence_stop(options->evidence, trip->stopped_after);
	if (shows_progress(t->options))
		fprintf(stderr, "\r%50s\r", "");
	describe(env, trip, report);
	if (trip->pickup.found)
		judge_arrived(t, env, trip, report);
}

/* ---- the command line ---- */

static bool
read_address(struct trip *t, const char *text, struct ms_client_settings *out)
{
	const char *wrong = NULL;

	if (ms_client_address(t->arena, ms_slice_from(text), out, &wrong))
		for (size_t i = 0; i < out->local.n; i++)
			if (out->local.p[i] <= ' ' || out->local.p[i] == 0x7f ||
			    out->local.p[i] == '<' || out->local.p[i] == '>')
				wrong = "has a letter that addresses do not "
					"have";
	if (wrong)
		complain("roundtrip: \"%s\" %s", text, wrong);
	return !wrong;
}

static bool
read_target(struct trip *t, const char *option, const char *text, bool sends,
    struct ms_probe_target *out)
{
	const char *wrong = NULL;

	if (!text)
		return true;
	if (ms_probe_target_read(t->arena, ms_slice_from(text), out, &wrong)) {
		enum ms_probe_service service = out->protocol->service;
		bool fits = sends ? service == MS_PROBE_SUBMISSION ||
					service == MS_PROBE_SMTP
				  : service == MS_PROBE_IMAP ||
					service == MS_PROBE_POP3;

		if (!fits)
			wrong = sends ? "is no server that mail is handed in "
					"to (submissions://HOST)"
				      : "is no server of a mailbox "
					"(imaps://HOST, pop3s://HOST)";
	}
	if (wrong)
		complain("roundtrip: --%s: \"%s\" %s", option, text, wrong);
	return !wrong;
}

/* Whose secret it is, and where it comes from. */
struct side {
	const char *login, *password_file, *password_env, *token_file,
	    *token_env;
	const struct ms_client_settings *address;
};

static int
open_login(struct trip *t, const struct side *side, struct ms_login *out,
    struct secret *secret)
{
	bool token = side->token_file || side->token_env;
	int given = (side->password_file != NULL) + (side->token_file != NULL) +
		    (side->password_env != NULL) + (side->token_env != NULL);
	int code;

	if (given > 1) {
		complain("roundtrip: the secret of %.*s comes from one file, "
			 "or from one variable",
		    (int)side->address->address.n,
		    (const char *)side->address->address.p);
		return EXIT_USAGE;
	}
	out->user = side->login
			? side->login
			: ms_arena_string(t->arena, side->address->address);
	out->anyhow = t->options->insecure_login;
	out->token = token;
	if (strcmp(out->user, "-") == 0)
		out->user = NULL;
	if (!out->user || t->options->replay || t->options->offline)
		return 0;
	code = secret_read(out->user,
	    token ? side->token_file : side->password_file,
	    token ? side->token_env : side->password_env, secret);
	out->secret = ms_slice_make(secret->p, secret->n);
	return code;
}

/* Where both sides are one, so is the secret, unless they have their own. */
static int
open_logins(struct trip *t)
{
	const struct options *o = t->options;
	const struct side from = { o->from_side.login,
		o->from_side.password_file, o->from_side.password_env,
		o->from_side.token_file, o->from_side.token_env, &t->from };
	const struct side to = { o->to_side.login, o->to_side.password_file,
		o->to_side.password_env, o->to_side.token_file,
		o->to_side.token_env, &t->to };
	bool own = to.login || to.password_file || to.password_env ||
		   to.token_file || to.token_env;
	int code = open_login(t, &from, &t->from_login, &t->from_secret);

	if (code == 0 && !own && t->from_login.user &&
	    ms_slice_equal_nocase(t->from.address, t->to.address))
		t->to_login = t->from_login;
	else if (code == 0)
		code = open_login(t, &to, &t->to_login, &t->to_secret);
	if (t->from_login.user)
		t->request.submit.login = t->bounces.login = &t->from_login;
	if (t->to_login.user)
		t->request.pickup.login = &t->to_login;
	return code;
}

/* Also into the record, which then needs the file no more. */
static int
read_template(struct trip *t)
{
	struct evidence *evidence = t->options->evidence;
	struct ms_slice rest = evidence_lines(evidence), line, letter, id;
	struct ms_env env = { .limits = ms_limits_fill(NULL) };
	const char *wrong;
	struct ms_buf file;
	uint64_t n = 0;

	if (!t->options->message)
		return 0;
	ms_buf_init(&file, t->arena);
	if (!rest.p) {
		if (!evidence_read_file(
			"message", t->options->message, TEMPLATE_MAX, &file))
			return EXIT_NOFILE;
		rest = ms_buf_get(&file);
	}
	t->request.template = rest;
	while (ms_slice_line(&rest, false, &line))
		evidence_line(evidence, n++, line);
	if (ms_roundtrip_letter(
		&env, t->arena, &t->request, 0, &letter, &id, &wrong))
		return 0;
	complain("--message: %s %s", t->options->message, wrong);
	return EXIT_DATA;
}

static int
read_request(struct trip *t)
{
	static const unsigned char no_mark[MS_MARK_BYTES];
	const struct options *o = t->options;
	struct ms_roundtrip_request *r = &t->request;

	if (o->files.n != 2) {
		complain("roundtrip: from whom to whom? give FROM and TO "
			 "(user@example.org)");
		return EXIT_USAGE;
	}
	if (o->at_given && !o->replay) {
		complain("roundtrip: --at: the message is sent now, and "
			 "judged when it has arrived");
		return EXIT_USAGE;
	}
	if (!read_address(t, o->files.list[0], &t->from) ||
	    !read_address(t, o->files.list[1], &t->to) ||
	    !read_target(t, "submit", o->submit, true, &r->submit.target) ||
	    !read_target(t, "pickup", o->pickup, false, &r->pickup.target) ||
	    !read_target(t, "bounces", o->bounces, false, &t->bounces.target))
		return EXIT_USAGE;
	if (o->bounces)
		r->bounces = &t->bounces;
	r->from = t->from.address;
	r->to = t->to.address;
	r->wait = o->wait > 0 ? o->wait : WAIT;
	r->keep = o->keep;
	r->clean = o->clean;
	r->transcript = o->verbose;
	r->ehlo = o->ehlo;
	r->stopped = is_stopped;
	r->stop_after = evidence_stopped(o->evidence);
	r->progress = tell;
	r->context = t;
	r->mark = no_mark;
	return 0;
}

static int
run_opened(struct trip *t, const struct ms_env *env)
{
	const struct lines_plan plan = { .command = "roundtrip",
		.member = "from",
		.judge = judge,
		.with = t };
	struct options jobs = *t->options;
	const char *one = "roundtrip";

	jobs.files.list = &one;
	jobs.files.n = 1;
	return run_lines(&plan, &jobs, env, t->arena);
}

static int
run(const struct options *options)
{
	struct trip t = { .options = options,
		.arena = ms_arena_new(out_of_memory) };
	struct ms_env env;
	int code = read_request(&t);

	memset(&env, 0, sizeof(env));
	if (code == 0)
		code = open_logins(&t);
	if (code == 0)
		code = env_open(&env, t.arena, options,
		    ENV_DNS | ENV_WIRE | ENV_FETCH | ENV_GEO | ENV_SEED);
	if (code == 0)
		code = read_template(&t);
	t.judge = (struct judge){
		.plan = &analyze_plan, .options = options, .env = &env
	};
	if (code == 0)
		code = judge_open(&t.judge, t.arena);
	if (code == 0)
		code = run_opened(&t, &env);
	secret_wipe(&t.from_secret);
	secret_wipe(&t.to_secret);
	judge_close(&t.judge);
	env_close(&env);
	ms_arena_free(t.arena);
	return code;
}

extern const struct command command_roundtrip;

const struct command command_roundtrip = {
	.name = "roundtrip",
	.arguments = "FROM TO",
	.summary = "does mail from here arrive there, how soon, and how does "
		   "it fare?",
	.examples = "  mailsonde roundtrip me@example.org me@example.net\n"
		    "  mailsonde roundtrip --pickup imaps://mail.example.net "
		    "a@x.example b@y.example\n",
	.groups =
	    OPT_OUTPUT | OPT_JUDGE | OPT_GEO | OPT_DNS | OPT_CONNECT | OPT_TRIP,
	.run = run,
};
