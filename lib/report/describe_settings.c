/* SPDX-License-Identifier: ISC
 * describe_settings.c - what to type into a mail program, as report nodes
 */
#include "describe_priv.h"

#define TEXT(s) (int)(s).n, ((s).p ? (const char *)(s).p : "")

static const char *
security_words(enum ms_mail_security security)
{
	static const char *const words[] = {
		[MS_MAIL_UNSAID] = "not said",
		[MS_MAIL_PLAIN] = "none",
		[MS_MAIL_STARTTLS] = "STARTTLS",
		[MS_MAIL_TLS] = "TLS (SSL/TLS)",
	};

	return words[security];
}

static const char *
sources_of(struct ms_report *report, const struct ms_client_server *server)
{
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	for (unsigned i = 0; i < MS_CLIENT_SOURCES; i++)
		if (server->sources & (1u << i))
			ms_buf_printf(&out, "%s%s", out.n > 0 ? ", " : "",
			    ms_client_source_name((enum ms_client_source)i));
	return ms_arena_string(report->arena, ms_buf_get(&out));
}

/* ---- findings ---- */

static void
find(struct ms_report *report, const struct ms_finding *f,
    const struct ms_client_server *server)
{
	struct ms_finding copy = *f;

	copy.evidence = ms_put_object(report, NULL, NULL);
	if (server) {
		ms_put_string(report, copy.evidence, "service",
		    ms_mail_service_name(server->service));
		ms_put_text(report, copy.evidence, "host", server->host);
		ms_put_int(report, copy.evidence, "port", server->port);
		ms_put_string(report, copy.evidence, "sources",
		    sources_of(report, server));
	}
	ms_report_finding(report, &copy);
}

static void
find_none(struct ms_report *report)
{
	struct ms_finding f = {
		.id = "settings-none",
		.severity = MS_SEVERITY_HIGH,
		.title = "Mail programs find no server for this address",
		.detail = "Neither autoconfig nor Autodiscover nor SRV records "
			  "name one, and the usual names do not exist.",
		.fix = "Publish SRV records: _imaps._tcp and "
		       "_submissions._tcp.",
		.reference = "RFC 6186 section 3; RFC 8314 section 5",
	};

	find(report, &f, NULL);
}

/* The records that name what was guessed, where it works. */
static const char *
srv_fix(struct ms_report *report, const struct ms_client_settings *c)
{
	struct ms_buf out;

	ms_buf_init(&out, report->arena);
	if (c->incoming && c->incoming->works)
		ms_buf_printf(&out, "_%ss._tcp.%.*s. SRV 0 1 %u %.*s.",
		    ms_mail_service_name(c->incoming->service), TEXT(c->domain),
		    c->incoming->port, TEXT(c->incoming->host));
	if (c->outgoing && c->outgoing->works)
		ms_buf_printf(&out, "%s%s._tcp.%.*s. SRV 0 1 %u %.*s.",
		    out.n > 0 ? " and " : "",
		    c->outgoing->security == MS_MAIL_TLS ? "_submissions"
							 : "_submission",
		    TEXT(c->domain), c->outgoing->port,
		    TEXT(c->outgoing->host));
	if (out.n == 0)
		ms_buf_text(&out, "Publish SRV records: _imaps._tcp and "
				  "_submissions._tcp.");
	return ms_arena_string(report->arena, ms_buf_get(&out));
}

static void
find_unpublished(struct ms_report *report, const struct ms_client_settings *c)
{
	struct ms_finding f = {
		.id = "settings-unpublished",
		.severity = MS_SEVERITY_MEDIUM,
		.title = "No settings are published: mail programs must guess",
		.detail = "Some of them guess other names than these, and "
			  "their users type in what they find elsewhere.",
		.fix = srv_fix(report, c),
		.reference = "RFC 6186 section 3; RFC 8314 section 5",
	};

	find(report, &f, NULL);
}

static void
find_broken(struct ms_report *report, const struct ms_client_server *server)
{
	struct ms_finding f = {
		.id = "settings-server-broken",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "%.*s:%u (%s, %s) does not work: %s", TEXT(server->host),
		    server->port, ms_mail_service_name(server->service),
		    security_words(server->security), server->why),
		.detail = "Mail programs that are told of it cannot connect, "
			  "or warn their users.",
		.fix = "Mend the server (mailsonde probe says more), or name "
		       "the one that works.",
		.reference = "RFC 8314 section 3",
	};

	find(report, &f, server);
}

static void
find_plain(struct ms_report *report, const struct ms_client_server *server)
{
	struct ms_finding f = {
		.id = "settings-plain",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "Mail programs are sent to %.*s:%u without TLS",
		    TEXT(server->host), server->port),
		.detail = "Password and mail go over the network in the "
			  "clear.",
		.fix = "Name the port with TLS from the first octet (993, "
		       "995, 465).",
		.reference = "RFC 8314 section 3",
	};

	find(report, &f, server);
}

/* The first server of a service that a source names. */
static const struct ms_client_server *
first_by(const struct ms_client_settings *c, unsigned source,
    enum ms_mail_service service)
{
	for (size_t i = 0; i < c->n; i++)
		if ((c->servers[i].sources & (1u << source)) &&
		    c->servers[i].service == service)
			return &c->servers[i];
	return NULL;
}

static bool
share(const struct ms_client_settings *c, unsigned a, unsigned b,
    enum ms_mail_service service)
{
	unsigned both = (1u << a) | (1u << b);

	for (size_t i = 0; i < c->n; i++)
		if (c->servers[i].service == service &&
		    (c->servers[i].sources & both) == both)
			return true;
	return false;
}

static void
find_difference(struct ms_report *report, const struct ms_client_settings *c,
    unsigned a, unsigned b, enum ms_mail_service service)
{
	const struct ms_client_server *x = first_by(c, a, service);
	const struct ms_client_server *y = first_by(c, b, service);
	struct ms_finding f = {
		.id = "settings-differ",
		.severity = MS_SEVERITY_LOW,
		.detail = "Which of them a user gets depends on the mail "
			  "program.",
		.fix = "Let all of them name the same.",
		.reference = "RFC 6186 section 3",
	};

	if (!x || !y || share(c, a, b, service))
		return;
	f.title = ms_arena_printf(report->arena,
	    "For %s %s says %.*s:%u, %s %.*s:%u", ms_mail_service_name(service),
	    ms_client_source_name((enum ms_client_source)a), TEXT(x->host),
	    x->port, ms_client_source_name((enum ms_client_source)b),
	    TEXT(y->host), y->port);
	find(report, &f, NULL);
}

static void
find_differences(struct ms_report *report, const struct ms_client_settings *c)
{
	for (unsigned a = 0; a < MS_CLIENT_SOURCES; a++)
		for (unsigned b = a + 1; b < MS_CLIENT_SOURCES; b++)
			for (unsigned s = 0; s < MS_MAIL_OTHER; s++)
				find_difference(
				    report, c, a, b, (enum ms_mail_service)s);
}

static void
find_invalid(struct ms_report *report, const struct ms_client_answer *answer,
    enum ms_client_source source)
{
	struct ms_finding f = {
		.id = "settings-unreadable",
		.severity = MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(report->arena,
		    "What %s serves cannot be used: %s",
		    ms_client_source_name(source),
		    answer->why ? answer->why : "?"),
		.detail = answer->at,
		.fix = "Serve a document that can be read, over HTTPS with a "
		       "certificate of its name; or take the name out of the "
		       "DNS.",
		.reference = "draft-ietf-mailmaint-autoconfig; MS-OXDSCLI",
	};

	find(report, &f, NULL);
}

static void
judge_servers(struct ms_report *report, const struct ms_client_settings *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct ms_client_server *server = &c->servers[i];
		bool guessed = server->sources == 1u << MS_CLIENT_GUESS;

		if (server->security == MS_MAIL_PLAIN)
			find_plain(report, server);
		if (guessed)
			continue; /* nobody was told of it */
		if (server->unknown)
			ms_report_error(report, "server", true, "%.*s:%u: %s",
			    TEXT(server->host), server->port, server->why);
		else if (server->why && !server->works)
			find_broken(report, server);
	}
}

static void
judge(struct ms_report *report, const struct ms_client_settings *c)
{
	bool unknown = false, only_guessed = true;

	for (unsigned i = 0; i < MS_CLIENT_SOURCES; i++) {
		const struct ms_client_answer *a = &c->answers[i];

		if (a->status == MS_CLIENT_UNKNOWN) {
			unknown = true;
			ms_report_error(report, "settings", true, "%s: %s",
			    a->at, a->why ? a->why : "no answer");
		}
		if (a->status == MS_CLIENT_INVALID && i != MS_CLIENT_MX)
			find_invalid(report, a, (enum ms_client_source)i);
		if (i != MS_CLIENT_GUESS && (a->status == MS_CLIENT_FOUND ||
						a->status == MS_CLIENT_LOGIN))
			only_guessed = false;
	}
	if (c->n == 0 && !unknown && only_guessed)
		find_none(report);
	else if (only_guessed && !unknown)
		find_unpublished(report, c);
	if (c->truncated)
		ms_describe_limit(report, "mail_servers",
		    "Further servers are neither listed nor looked at.");
	judge_servers(report, c);
	find_differences(report, c);
}

/* ---- data ---- */

static void
put_server(struct ms_report *report, struct ms_node *node,
    const struct ms_client_server *server)
{
	ms_put_string(
	    report, node, "service", ms_mail_service_name(server->service));
	ms_put_text(report, node, "host", server->host);
	ms_put_int(report, node, "port", server->port);
	ms_put_string(
	    report, node, "security", ms_mail_security_name(server->security));
	ms_put_text(report, node, "user", server->user);
}

static void
put_servers(struct ms_report *report, struct ms_node *settings,
    const struct ms_client_settings *c)
{
	struct ms_node *array = ms_put_array(report, settings, "servers");

	for (size_t i = 0; i < c->n; i++) {
		const struct ms_client_server *server = &c->servers[i];
		struct ms_node *node = ms_put_object(report, array, NULL);
		struct ms_node *sources;

		put_server(report, node, server);
		sources = ms_put_array(report, node, "sources");
		for (unsigned k = 0; k < MS_CLIENT_SOURCES; k++)
			if (server->sources & (1u << k))
				ms_put_string(report, sources, NULL,
				    ms_client_source_name(
					(enum ms_client_source)k));
		if (server->unknown || !server->probed)
			ms_put_null(report, node, "works");
		else
			ms_put_bool(report, node, "works", server->works);
		ms_put_string(report, node, "why", server->why);
		ms_put_string(report, node, "tls", server->probe.tls.version);
	}
}

static void
put_settings(struct ms_report *report, const struct ms_client_settings *c)
{
	struct ms_node *settings = ms_put_section(report, "settings");
	struct ms_node *array, *node;

	if (c->incoming)
		put_server(report, ms_put_object(report, settings, "incoming"),
		    c->incoming);
	else
		ms_put_null(report, settings, "incoming");
	if (c->outgoing)
		put_server(report, ms_put_object(report, settings, "outgoing"),
		    c->outgoing);
	else
		ms_put_null(report, settings, "outgoing");
	put_servers(report, settings, c);
	array = ms_put_array(report, settings, "sources");
	for (unsigned i = 0; i < MS_CLIENT_SOURCES; i++) {
		node = ms_put_object(report, array, NULL);
		ms_put_string(report, node, "source",
		    ms_client_source_name((enum ms_client_source)i));
		ms_put_string(report, node, "status",
		    ms_client_status_name(c->answers[i].status));
		ms_put_string(report, node, "at", c->answers[i].at);
		ms_put_string(report, node, "why", c->answers[i].why);
	}
}

/* ---- text ---- */

static void
say_one(struct ms_report *report, struct ms_node *table, const char *what,
    const struct ms_client_server *server)
{
	struct ms_node *row = ms_say_row(report, table);

	ms_say_cellf(report, row, MS_STYLE_STRONG, false, "%s", what);
	ms_say_cell(report, row, MS_STYLE_PLAIN, false, server->host);
	ms_say_cellf(report, row, MS_STYLE_PLAIN, true, "%u", server->port);
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
	    security_words(server->security));
	ms_say_cell(report, row, MS_STYLE_PLAIN, false,
	    server->user.p ? server->user : MS_SLICE("(not said)"));
}

static void
say_table(struct ms_report *report, const struct ms_client_settings *c)
{
	struct ms_node *table;

	if (!c->incoming && !c->outgoing)
		return;
	ms_say_heading(report, "TO TYPE IN");
	table = ms_say_table(report, 2);
	ms_say_heads(report, table, true, "", "server", ">port", "security",
	    "user name", NULL);
	if (c->incoming)
		say_one(report, table,
		    c->incoming->service == MS_MAIL_POP3 ? "incoming (POP3)"
							 : "incoming (IMAP)",
		    c->incoming);
	if (c->outgoing)
		say_one(report, table, "outgoing (SMTP)", c->outgoing);
}

static void
say_servers(struct ms_report *report, const struct ms_client_settings *c)
{
	struct ms_node *table, *row;

	if (c->n == 0)
		return;
	ms_say_heading(report, "SERVERS");
	table = ms_say_table(report, 2);
	ms_say_heads(report, table, false, "service", "server", "security",
	    "result", "named by", NULL);
	for (size_t i = 0; i < c->n; i++) {
		const struct ms_client_server *s = &c->servers[i];
		enum ms_style style = s->works     ? MS_STYLE_GOOD
				      : s->unknown ? MS_STYLE_WARN
						   : MS_STYLE_BAD;

		row = ms_say_row(report, table);
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
		    ms_mail_service_name(s->service));
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%.*s:%u",
		    TEXT(s->host), s->port);
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
		    security_words(s->security));
		ms_say_cellf(report, row, s->probed ? style : MS_STYLE_DIM,
		    false, "%s",
		    s->works     ? "works"
		    : s->why     ? s->why
		    : !s->probed ? "not looked at"
				 : "?");
		ms_say_cellf(report, row, MS_STYLE_DIM, false, "%s",
		    sources_of(report, s));
	}
}

static void
say_sources(struct ms_report *report, const struct ms_client_settings *c)
{
	struct ms_node *table, *row;

	ms_say_heading(report, "WHERE MAIL PROGRAMS LOOK");
	table = ms_say_table(report, 2);
	ms_say_heads(
	    report, table, false, "source", "result", "place or reason", NULL);
	for (unsigned i = 0; i < MS_CLIENT_SOURCES; i++) {
		const struct ms_client_answer *a = &c->answers[i];

		if (a->status == MS_CLIENT_UNASKED)
			continue;
		row = ms_say_row(report, table);
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
		    ms_client_source_name((enum ms_client_source)i));
		ms_say_cellf(report, row,
		    a->status == MS_CLIENT_FOUND ? MS_STYLE_GOOD : MS_STYLE_DIM,
		    false, "%s", ms_client_status_name(a->status));
		ms_say_cellf(report, row, MS_STYLE_DIM, false, "%s",
		    a->why && a->status != MS_CLIENT_FOUND ? a->why : a->at);
	}
}

static void
say_settings(struct ms_report *report, const struct ms_client_settings *c)
{
	struct describe_answer a =
	    describe_answer_of(report, "what is published works");

	ms_say_title(report, ms_arena_string(report->arena, c->address));
	ms_say_answer(report, a.style, "%s: %s", a.word, a.text);
	say_table(report, c);
	say_servers(report, c);
	say_sources(report, c);
}

void
ms_describe_settings(
    struct ms_report *report, const struct ms_client_settings *c)
{
	judge(report, c);
	if (report->audience & MS_FOR_DATA)
		put_settings(report, c);
	if (report->audience & MS_FOR_TEXT)
		say_settings(report, c);
}
