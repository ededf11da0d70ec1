/* SPDX-License-Identifier: ISC
 * probe.c - mailsonde probe: does this server answer as it should?
 */
#include "mailsonde/probe.h"
#include "commands.h"
#include "env.h"
#include "mailsonde/describe.h"
#include "plans.h"
#include "secret.h"

/* Servers at once: each waits for the network most of its time. */
#define AT_ONCE 256

/* ---- the mail exchangers of a domain, as jobs ---- */

struct expansion {
	const struct ms_env *env;
	struct ms_arena *arena;
	struct words *out;
};

static void
add_line(struct expansion *e, const struct ms_buf *job)
{
	size_t size = sizeof(*e->out->list);

	e->out->list = ms_arena_grow(
	    e->arena, e->out->list, size * e->out->n, size * (e->out->n + 1));
	e->out->list[e->out->n++] = ms_arena_string(e->arena, ms_buf_get(job));
}

/* A job that says what is left out, by the name of the limit. */
static void
add_limit(struct expansion *e, const char *domain, const char *limit,
    const char *what)
{
	struct ms_buf job;

	ms_buf_init(&job, e->arena);
	ms_buf_text(&job, "{\"mx\":");
	ms_json_string(&job, ms_slice_from(domain));
	ms_buf_printf(&job, ",\"limit\":\"%s\",\"left_out\":", limit);
	ms_json_string(&job, ms_slice_from(what));
	ms_buf_byte(&job, '}');
	add_line(e, &job);
}

static void
add_job(struct expansion *e, const char *domain, struct ms_slice host,
    const struct ms_ip *ip)
{
	struct ms_buf job;
	char text[MS_IP_TEXT];

	ms_buf_init(&job, e->arena);
	ms_buf_text(&job, "{\"mx\":");
	ms_json_string(&job, ms_slice_from(domain));
	if (host.p) {
		ms_buf_text(&job, ",\"target\":");
		ms_json_string(
		    &job, ms_slice_from(ms_arena_printf(e->arena, "smtp://%.*s",
			      (int)host.n, (const char *)host.p)));
	}
	if (ip) {
		ms_ip_format(ip, text);
		ms_buf_printf(&job, ",\"address\":\"%s\"", text);
	}
	ms_buf_byte(&job, '}');
	add_line(e, &job);
}

static bool
ask(const struct ms_env *env, struct ms_arena *arena, struct ms_slice name,
    enum ms_dns_type type, struct ms_dns_answer *out)
{
	ms_dns_ask(env->dns, name, type, arena, out);
	return out->status == MS_DNS_FOUND;
}

/* Each address is a job; a host without one as well, which then says so. */
static void
add_host(struct expansion *e, const char *domain, struct ms_slice host)
{
	static const enum ms_dns_type types[] = { MS_DNS_A, MS_DNS_AAAA };
	size_t n = 0, max = e->env->limits.mx_addresses;

	for (size_t k = 0; k < 2; k++) {
		struct ms_dns_answer answer;

		ask(e->env, e->arena, host, types[k], &answer);
		for (size_t i = 0; i < answer.n; i++)
			if (n++ < max)
				add_job(
				    e, domain, host, &answer.records[i].u.ip);
	}
	if (n == 0)
		add_job(e, domain, host, NULL);
	if (n > max)
		add_limit(e, domain, "mx_addresses",
		    ms_arena_printf(e->arena,
			"Of the %zu addresses of %.*s %zu are probed.", n,
			(int)host.n, (const char *)host.p, max));
}

static int
by_preference(const void *a, const void *b)
{
	const struct ms_dns_record *x = a, *y = b;

	return (int)x->u.mx.preference - (int)y->u.mx.preference;
}

/* RFC 5321 5.1: without an MX the domain itself, where it has an address. */
static void
expand(struct expansion *e, const char *domain)
{
	struct ms_slice name = ms_slice_from(domain);
	struct ms_dns_answer mx, address;
	struct ms_dns_record *list;
	size_t n;

	if (!ask(e->env, e->arena, name, MS_DNS_MX, &mx)) {
		bool self =
		    mx.status == MS_DNS_NODATA &&
		    (ask(e->env, e->arena, name, MS_DNS_A, &address) ||
			ask(e->env, e->arena, name, MS_DNS_AAAA, &address));

		if (self)
			add_host(e, domain, name);
		else
			add_job(e, domain, ms_slice_make(NULL, 0), NULL);
		return;
	}
	/* a copy: the answer is everybody's */
	list = MS_NEW_ARRAY(e->arena, struct ms_dns_record, mx.n);
	memcpy(list, mx.records, mx.n * sizeof(*list));
	qsort(list, mx.n, sizeof(*list), by_preference);
	n = mx.n < e->env->limits.domain_mx ? mx.n : e->env->limits.domain_mx;
	for (size_t i = 0; i < n; i++) {
		ms_dns_hint(e->env->dns, list[i].u.mx.exchange, MS_DNS_A);
		ms_dns_hint(e->env->dns, list[i].u.mx.exchange, MS_DNS_AAAA);
	}
	for (size_t i = 0; i < n; i++) {
		struct ms_slice host = list[i].u.mx.exchange;

		if (ms_slice_equal(host, MS_SLICE(".")))
			add_job(e, domain, ms_slice_make(NULL, 0), NULL);
		else
			add_host(e, domain, host);
	}
	if (mx.n > n)
		add_limit(e, domain, "domain_mx",
		    ms_arena_printf(e->arena,
			"Of the %zu exchangers of %s %zu are probed.", mx.n,
			domain, n));
}

/* ---- a job ---- */

struct job {
	struct ms_slice text; /* of the target */
	struct ms_probe_target target;
	struct ms_slice address;
};

/* NULL, or what is wrong. */
static const char *
read_job(const struct ms_job *job, struct ms_arena *arena, struct job *out)
{
	const char *wrong;

	memset(out, 0, sizeof(*out));
	if (job->error)
		return job->error;
	out->text = job->value;
	if (!job->value.p)
		return "has no \"target\"";
	if (!ms_probe_target_read(arena, job->value, &out->target, &wrong))
		return wrong;
	out->target.mx = ms_json_get_text(job->object, "mx");
	out->address = ms_json_get_text(job->object, "address");
	if (out->address.p && !ms_ip_parse(out->address, &out->target.ip))
		return "has an \"address\" that is none";
	return NULL;
}

static void
put_subject(struct ms_report *report, const struct ms_probe_target *target,
    const struct ms_ip *ip, struct ms_slice text)
{
	struct ms_node *subject = report->subject;

	ms_put_string(report, subject, "kind", "server");
	ms_put_string(report, subject, "protocol",
	    target->protocol ? target->protocol->name : NULL);
	ms_put_text(
	    report, subject, "host", target->protocol ? target->host : text);
	if (target->unicode.p)
		ms_put_text(report, subject, "unicode", target->unicode);
	ms_put_ip(report, subject, "address", ip);
	if (target->port)
		ms_put_int(report, subject, "port", target->port);
	if (target->mx.p)
		ms_put_text(report, subject, "mx", target->mx);
}

/* The subject of a domain without anybody to probe. */
static void
put_domain(struct ms_report *report, struct ms_slice domain)
{
	ms_put_string(report, report->subject, "kind", "server");
	ms_put_string(report, report->subject, "protocol", "smtp");
	ms_put_null(report, report->subject, "host");
	ms_put_text(report, report->subject, "mx", domain);
}

/* Not everybody is probed. */
static void
judge_limit(struct ms_report *report, const struct ms_job *job)
{
	struct ms_slice limit = ms_json_get_text(job->object, "limit");
	struct ms_slice what = ms_json_get_text(job->object, "left_out");

	put_domain(report, ms_json_get_text(job->object, "mx"));
	ms_describe_limit(report, ms_arena_string(report->arena, limit),
	    ms_arena_string(report->arena, what));
}

/* A domain without anybody to probe. */
static void
judge_no_exchanger(
    const struct ms_env *env, struct ms_slice domain, struct ms_report *report)
{
	struct ms_finding f = {
		.id = "server-no-exchanger",
		.severity = MS_SEVERITY_HIGH,
		.detail = "No server takes mail for it.",
		.fix = "Publish an MX record; or the null MX, \"0 .\", where "
		       "no mail is wanted.",
		.reference = "RFC 5321 section 5.1; RFC 7505",
		.evidence = ms_put_object(report, NULL, NULL),
	};
	struct ms_dns_answer mx;

	put_domain(report, domain);
	ask(env, report->arena, domain, MS_DNS_MX, &mx);
	if (ms_dns_is_failure(mx.status)) {
		ms_report_error(report, "dns", true,
		    "the MX records of %.*s could not be looked up: %s",
		    (int)domain.n, (const char *)domain.p,
		    mx.why ? mx.why : ms_dns_status_name(mx.status));
		return;
	}
	if (mx.n > 0) {
		ms_say_answer(report, MS_STYLE_GOOD,
		    "%.*s takes no mail, and says so (null MX)", (int)domain.n,
		    (const char *)domain.p);
		return;
	}
	f.title = ms_arena_printf(report->arena, "%.*s %s", (int)domain.n,
	    (const char *)domain.p,
	    mx.status == MS_DNS_NXDOMAIN
		? "does not exist"
		: "has neither an MX record nor an address");
	ms_report_finding(report, &f);
}

static void
judge_bad(struct ms_report *report, const struct ms_job *job,
    const struct job *read, const char *wrong)
{
	static const struct ms_ip none;

	put_subject(report, &read->target, &none, read->text);
	report->exit_code = EXIT_DATA;
	ms_report_error(report, "job", false, "%.*s: %s",
	    (int)(job->line.n > 200 ? 200 : job->line.n),
	    (const char *)job->line.p, wrong);
}

static void
name(const struct ms_job *job, struct ms_report *report)
{
	struct ms_slice mx = ms_json_get_text(job->object, "mx");
	struct job read;

	if (mx.p && !job->value.p) {
		put_domain(report, mx);
		return;
	}
	(void)read_job(job, report->arena, &read);
	put_subject(report, &read.target, &read.target.ip, read.text);
}

static void
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	struct ms_slice mx = ms_json_get_text(job->object, "mx");
	struct ms_probe_result result;
	struct ms_identity identity;
	struct ms_delivery delivery;
	struct job read;
	const char *wrong;

	if (mx.p && ms_json_get_text(job->object, "limit").p) {
		judge_limit(report, job);
		return;
	}
	if (mx.p && !job->value.p) {
		judge_no_exchanger(env, mx, report);
		return;
	}
	wrong = read_job(job, report->arena, &read);
	if (wrong) {
		judge_bad(report, job, &read, wrong);
		return;
	}
	wrong = ms_probe_barred(env, &read.target);
	if (wrong) {
		put_subject(report, &read.target, &read.target.ip, read.text);
		ms_report_error(report, "server", false,
		    "%.*s has a %s address: it is not connected to, unless "
		    "--allow-net says so",
		    (int)read.target.host.n, (const char *)read.target.host.p,
		    wrong);
		return;
	}
	ms_delivery_hint(env, report->arena, &read.target);
	ms_probe_run(env, report->arena, &read.target, with, &result);
	ms_identity_find(env, report->arena, &result, &identity);
	ms_delivery_find(env, report->arena, &result, &identity, &delivery);
	put_subject(report, &read.target, &result.ip, read.text);
	ms_describe_probe(report, &result, &identity, &delivery);
}

const struct lines_plan probe_plan = {
	.command = "probe",
	.member = "target",
	.found = "address",
	.name = name,
	.judge = judge,
	.at_once = AT_ONCE,
};

struct ms_probe_options
probe_options(const struct options *options)
{
	struct ms_probe_options out = { .ehlo = options->ehlo,
		.active = options->active,
		.scan = options->tls_scan,
		.transcript = options->verbose,
		.retries = options->retries };

	return out;
}

/* ---- the command ---- */

static int
run(const struct options *options)
{
	struct ms_probe_options with = probe_options(options);
	struct lines_plan plan = probe_plan;
	struct ms_login login;
	struct secret secret;
	struct options jobs = *options;
	struct expansion e;
	struct ms_env env;
	int code;

	if (options->files.n == 0 && options->mx.n == 0) {
		complain("probe: which server? give a TARGET (smtp://HOST, "
			 "HOST:993), --mx DOMAIN, or \"-\"");
		return EXIT_USAGE;
	}
	code = login_open(options, &login, &secret);
	if (code != 0)
		return code;
	with.login = login.user ? &login : NULL;
	plan.with = &with;
	e.env = &env;
	e.arena = ms_arena_new(out_of_memory);
	e.out = &jobs.files;
	code = env_open(&env, e.arena, options, ENV_DNS | ENV_WIRE | ENV_FETCH);
	if (code == 0) {
		jobs.files.list = ms_arena_alloc(
		    e.arena, sizeof(*jobs.files.list) * (jobs.files.n + 1));
		for (size_t i = 0; i < jobs.files.n; i++)
			jobs.files.list[i] = options->files.list[i];
		for (size_t i = 0; i < options->mx.n; i++)
			expand(&e, options->mx.list[i]);
		code = run_lines(&plan, &jobs, &env, e.arena);
	}
	secret_wipe(&secret);
	env_close(&env);
	ms_arena_free(e.arena);
	return code;
}

extern const struct command command_probe;

const struct command command_probe = {
	.name = "probe",
	.arguments = "TARGET… | -",
	.summary = "does this server answer as it should, and its TLS?",
	.examples = "  mailsonde probe smtp://mx.example.org imaps://"
		    "imap.example.org\n"
		    "  mailsonde probe --mx example.org\n"
		    "  mailsonde probe -f ndjson - <targets\n",
	.groups = OPT_OUTPUT | OPT_JUDGE | OPT_DNS | OPT_JOBS | OPT_CONNECT |
		  OPT_PROBE | OPT_LOGIN,
	.run = run,
};
