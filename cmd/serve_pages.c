/* SPDX-License-Identifier: ISC
 * serve_pages.c - what `mailsonde serve` is asked: paths, parameters, who may
 *
 * All of it on the server's thread: a page answers at once, or hands a subject
 * over. What comes from a client and goes back to it passes the gate for
 * terminals.
 */
#include <stdarg.h>
#include <stdio.h>

#include "commands.h"
#include "mailsonde/domain.h"
#include "mailsonde/render.h"
#include "output.h"
#include "serve.h"

#define PLAIN   "text/plain; charset=utf-8"
#define FIGURES "text/plain; version=0.0.4; charset=utf-8"

/* How much earlier than Prometheus gives up the answer is made. */
#define HEAD_START 0.5

/* Seconds after which a client may come again where there is no room. */
#define RETRY 1

/* What is wrong with a request; code 0: nothing. */
struct fault {
	int code;
	unsigned retry_after;
	char text[512];
};

struct page {
	const char *path;
	const char *help; /* for the list of them */
	void (*serve)(struct serve *serve, struct ms_http_exchange *exchange,
	    const struct page *page);
	/* of a page that asks about a subject: */
	const char *parameter; /* which it is */
	const char *question;  /* what is said where it lacks */
	void (*read)(struct serve *serve, struct ms_http_exchange *exchange,
	    struct serve_job *job, struct fault *fault);
};

/* What an exchange is about, for the log and the figures. */
struct about {
	size_t page;
	struct ms_slice subject;
};

void
serve_say(struct ms_http_exchange *exchange, int code, unsigned retry_after,
    const char *format, ...)
{
	char text[1024];
	struct ms_http_answer answer = {
		.code = code, .type = PLAIN, .retry_after = retry_after
	};
	struct ms_buf out;
	va_list args;
	size_t n;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	n = strlen(text);
	ms_buf_init(&out, exchange->arena);
	ms_text_safe(&out, ms_slice_make(text, n > 0 ? n - 1 : 0));
	ms_buf_byte(&out, '\n');
	answer.body = ms_buf_get(&out);
	ms_http_answer(exchange, &answer);
}

static void __attribute__((format(printf, 3, 4)))
find_fault(struct fault *fault, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	fault->code = code;
}

/* ---- parameters ---- */

/* As much of it as a line of text bears. */
static int
shown(struct ms_slice text)
{
	return text.n > 200 ? 200 : (int)text.n;
}

/* False: it is not there, or *fault says what is wrong. The octets are copied:
 * the library's own go with its buffer. */
static bool
parameter(const struct ms_http_exchange *exchange, const char *name,
    struct ms_slice *out, struct fault *fault)
{
	size_t n = ms_http_parameter(exchange, name, out);

	if (n > 1)
		find_fault(fault, 400, "\"%s\" is there %zu times", name, n);
	else if (n == 1 && memchr(out->p, '\0', out->n))
		find_fault(fault, 400, "\"%s\" holds an octet 0", name);
	*out = ms_arena_copy(exchange->arena, *out);
	return n == 1 && fault->code == 0;
}

static const struct serve_format formats[] = {
	{ "prometheus", FIGURES },
	{ "json", "application/json" },
	{ "text", PLAIN },
};

/* By "format=", or what the client would have; the figures where it would have
 * neither: whoever asks for OpenMetrics takes them. */
static const struct serve_format *
read_format(const struct ms_http_exchange *exchange, struct fault *fault)
{
	static const char *const types[] = { "text/plain", "application/json" };
	struct ms_slice name;
	size_t i;

	if (parameter(exchange, "format", &name, fault)) {
		for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
			if (ms_slice_equal(
				name, ms_slice_from(formats[i].name)))
				return &formats[i];
		find_fault(fault, 400,
		    "format=%.*s: there are prometheus, json and text",
		    shown(name), (const char *)name.p);
	}
	i = ms_http_accept(ms_http_field(exchange, "Accept"), types, 2);
	return &formats[i < 2 ? i : 0];
}

/* Prometheus says when it gives up. */
static double
read_timeout(const struct serve *serve, const struct ms_http_exchange *exchange,
    struct fault *fault)
{
	static const char name[] = "X-Prometheus-Scrape-Timeout-Seconds";
	const char *value = ms_http_field(exchange, name);
	double seconds;

	if (!value)
		return serve->timeout;
	if (!options_seconds(value, &seconds)) {
		find_fault(fault, 400, "%s: %.40s: is no number of seconds",
		    name, value);
		return serve->timeout;
	}
	seconds = seconds > 2 * HEAD_START ? seconds - HEAD_START : seconds / 2;
	return seconds < serve->timeout ? seconds : serve->timeout;
}

/* ---- subjects ---- */

/* "module", which every exporter of this kind takes, is the protocol of a
 * target without one. */
static void
add_module(const struct ms_http_exchange *exchange, struct serve_job *job,
    struct fault *fault)
{
	struct ms_slice module;

	if (!parameter(exchange, "module", &module, fault))
		return;
	if (!ms_protocol_by_name(module))
		find_fault(fault, 400, "module=%.*s: is no protocol of mail",
		    shown(module), (const char *)module.p);
	else if (ms_slice_find_text(job->subject, 0, "://") == job->subject.n)
		job->subject = ms_slice_from(ms_arena_printf(exchange->arena,
		    "%.*s://%.*s", (int)module.n, (const char *)module.p,
		    (int)job->subject.n, (const char *)job->subject.p));
	else if (!ms_slice_starts(
		     job->subject, ms_arena_printf(exchange->arena, "%.*s://",
				       (int)module.n, (const char *)module.p)))
		find_fault(fault, 400, "module=%.*s: target names another",
		    shown(module), (const char *)module.p);
}

/* What leads into one's own network; NULL. Where a name leads there, that is
 * found when it is looked up: see env_lend. */
static const char *
special(const struct serve *serve, const struct ms_probe_target *target)
{
	const struct ms_special *special =
	    target->literal ? ms_env_special(serve->env, &target->ip) : NULL;
	struct ms_ip ip;
	uint16_t port;

	if (!special ||
	    ms_env_redirect(serve->env, target->host, target->port, &ip, &port))
		return NULL;
	return special->class;
}

static void
read_target(struct serve *serve, struct ms_http_exchange *exchange,
    struct serve_job *job, struct fault *fault)
{
	const struct allowed *allowed = &serve->options->targets;
	struct ms_probe_target target;
	const char *wrong;

	job->plan = &serve->probe;
	add_module(exchange, job, fault);
	if (fault->code)
		return;
	if (!ms_probe_target_read(
		exchange->arena, job->subject, &target, &wrong))
		find_fault(fault, 400, "target=%.*s: %s", shown(job->subject),
		    (const char *)job->subject.p, wrong);
	else if (!ms_allow_target(allowed->list, allowed->n, &target))
		find_fault(fault, 403,
		    "target=%.*s: may not be asked about; --allow-target says "
		    "what may",
		    shown(job->subject), (const char *)job->subject.p);
	else if (special(serve, &target))
		find_fault(fault, 403,
		    "target=%.*s: is a %s address, and --allow-net does not "
		    "say that it may be connected to",
		    shown(job->subject), (const char *)job->subject.p,
		    special(serve, &target));
}

static void
read_domain(struct serve *serve, struct ms_http_exchange *exchange,
    struct serve_job *job, struct fault *fault)
{
	const struct allowed *allowed = &serve->options->targets;
	struct ms_slice name, unicode;
	const char *note;

	job->plan = &serve->domain;
	if (!ms_domain_read(
		exchange->arena, job->subject, &name, &unicode, &note))
		find_fault(fault, 400, "name=%.*s: %s", shown(job->subject),
		    (const char *)job->subject.p, note);
	else if (!ms_allow_domain(allowed->list, allowed->n, name))
		find_fault(fault, 403,
		    "name=%.*s: may not be asked about; --allow-target says "
		    "what may",
		    shown(job->subject), (const char *)job->subject.p);
}

static void
hand_over(struct serve *serve, struct serve_job *job, struct fault *fault)
{
	fault->retry_after = RETRY;
	if (atomic_load(&serve->stopping))
		find_fault(fault, 503, "it is being stopped");
	else if (!serve_work_put(serve->work, job))
		find_fault(
		    fault, 503, "it has as much to do as it may have at once");
}

/* /probe, /domain */
static void
serve_subject(struct serve *serve, struct ms_http_exchange *exchange,
    const struct page *page)
{
	struct serve_job *job = MS_NEW(exchange->arena, struct serve_job);
	struct about *about = exchange->context;
	struct fault fault = { 0 };

	job->exchange = exchange;
	if (!parameter(exchange, page->parameter, &job->subject, &fault) &&
	    fault.code == 0)
		find_fault(&fault, 400, "%s", page->question);
	if (fault.code == 0)
		page->read(serve, exchange, job, &fault);
	about->subject = job->subject;
	if (fault.code == 0)
		job->format = read_format(exchange, &fault);
	if (fault.code == 0)
		job->end =
		    serve_ticks() + read_timeout(serve, exchange, &fault);
	if (fault.code == 0)
		hand_over(serve, job, &fault);
	if (fault.code)
		serve_say(exchange, fault.code, fault.retry_after, "%s\n",
		    fault.text);
}

/* ---- the other pages ---- */

static void
serve_health(struct serve *serve, struct ms_http_exchange *exchange,
    const struct page *page)
{
	(void)page;
	if (atomic_load(&serve->stopping))
		serve_say(exchange, 503, RETRY, "stopping\n");
	else
		serve_say(exchange, 200, 0, "ok\n");
}

static void
serve_figures(struct serve *serve, struct ms_http_exchange *exchange,
    const struct page *page)
{
	struct ms_http_answer answer = { .code = 200, .type = FIGURES };
	struct ms_buf out;

	(void)page;
	ms_buf_init(&out, exchange->arena);
	serve_metrics_render(serve, &out);
	answer.body = ms_buf_get(&out);
	ms_http_answer(exchange, &answer);
}

static void serve_list(struct serve *serve, struct ms_http_exchange *exchange,
    const struct page *page);

static const struct page pages[SERVE_PATHS] = {
	{ .path = "/", .help = "this list", .serve = serve_list },
	{ .path = "/healthz",
	    .help = "whether it is alive",
	    .serve = serve_health },
	{ .path = "/metrics",
	    .help = "its own figures",
	    .serve = serve_figures },
	{ .path = "/probe",
	    .help = "?target=smtp://HOST[&format=json]: mailsonde probe",
	    .serve = serve_subject,
	    .parameter = "target",
	    .question = "which server? /probe?target=smtp://mx.example.org",
	    .read = read_target },
	{ .path = "/domain",
	    .help = "?name=DOMAIN[&format=json]: mailsonde domain",
	    .serve = serve_subject,
	    .parameter = "name",
	    .question = "which domain? /domain?name=example.org",
	    .read = read_domain },
};

static void
serve_list(struct serve *serve, struct ms_http_exchange *exchange,
    const struct page *page)
{
	struct ms_http_answer answer = { .code = 200, .type = PLAIN };
	struct ms_buf out;

	(void)serve;
	(void)page;
	ms_buf_init(&out, exchange->arena);
	ms_buf_text(&out, "mailsonde " MAILSONDE_VERSION "\n\n");
	for (size_t i = 0; i < SERVE_PATHS; i++)
		ms_buf_printf(&out, "%-9s %s\n", pages[i].path, pages[i].help);
	ms_buf_text(&out, "\nformat=prometheus (the default), json, text\n");
	answer.body = ms_buf_get(&out);
	ms_http_answer(exchange, &answer);
}

const char *
serve_path(size_t i)
{
	return i < SERVE_PATHS ? pages[i].path : NULL;
}

void
serve_handle(void *context, struct ms_http_exchange *exchange)
{
	struct serve *serve = context;
	struct about *about = MS_NEW(exchange->arena, struct about);

	exchange->context = about;
	while (about->page < SERVE_PATHS &&
	       !ms_slice_equal(
		   exchange->path, ms_slice_from(pages[about->page].path)))
		about->page++;
	if (about->page < SERVE_PATHS)
		pages[about->page].serve(serve, exchange, &pages[about->page]);
	else
		serve_say(exchange, 404, 0,
		    "there is no such page; / lists those there are\n");
}

void
serve_over(void *context, const struct ms_http_exchange *exchange)
{
	const struct serve *serve = context;
	const struct about *about = exchange->context;
	double seconds = serve_ticks() - exchange->began;

	serve_metrics_add(serve->metrics, about ? about->page : SERVE_PATHS,
	    exchange->code, seconds);
	if (serve->options->verbose)
		complain("serve: %s %.*s%s%.*s %d, %zu octets, %.3f s",
		    exchange->peer, shown(exchange->path),
		    (const char *)exchange->path.p,
		    about && about->subject.n > 0 ? " " : "",
		    about ? shown(about->subject) : 0,
		    about && about->subject.p ? (const char *)about->subject.p
					      : "",
		    exchange->code, exchange->size, seconds);
}
