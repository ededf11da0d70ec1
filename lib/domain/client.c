/* SPDX-License-Identifier: ISC
 * client.c - which servers a mail program needs for an address
 */
#include "domain_priv.h"

#include "mailsonde/client_settings.h"
#include "mailsonde/organisation.h"
#include "settings_priv.h"

struct search {
	const struct ms_env *env;
	struct ms_arena *arena;
	struct ms_client_settings *out;
};

/* ---- names ---- */

const char *
ms_client_source_name(enum ms_client_source source)
{
	static const char *const names[] = { "autoconfig", "autoconfig-site",
		"autodiscover", "srv", "mx", "guess" };

	return names[source];
}

const char *
ms_client_status_name(enum ms_client_status status)
{
	static const char *const names[] = { "unasked", "found", "absent",
		"login", "invalid", "unknown" };

	return names[status];
}

/* ---- the address ---- */

bool
ms_client_address(struct ms_arena *arena, struct ms_slice text,
    struct ms_client_settings *out, const char **wrong)
{
	struct ms_slice unicode;
	const char *note = NULL;
	size_t at;

	memset(out, 0, sizeof(*out));
	text = ms_slice_trim(text);
	for (at = text.n; at > 0 && text.p[at - 1] != '@';)
		at--;
	*wrong = NULL;
	if (at < 2)
		*wrong = "is no address (user@example.org)";
	else if (text.n > 320)
		*wrong = "is longer than an address can be (RFC 5321 4.5.3.1)";
	else if (!ms_domain_read(arena, ms_slice_part(text, at, text.n),
		     &out->domain, &unicode, &note))
		*wrong = note;
	if (*wrong)
		return false;
	out->local = ms_slice_part(text, 0, at - 1);
	out->address = ms_slice_from(ms_arena_printf(arena, "%.*s@%.*s",
	    DOMAIN_TEXT(out->local), DOMAIN_TEXT(out->domain)));
	return true;
}

/* ---- servers ---- */

/* %EMAILADDRESS%, %EMAILLOCALPART%, %EMAILDOMAIN% filled in. */
static struct ms_slice
fill_in(struct search *s, struct ms_slice text)
{
	const struct {
		const char *word;
		struct ms_slice value;
	} words[] = {
		{ "%EMAILADDRESS%", s->out->address },
		{ "%EMAILLOCALPART%", s->out->local },
		{ "%EMAILDOMAIN%", s->out->domain },
	};
	struct ms_buf out;

	if (!text.p)
		return text;
	ms_buf_init(&out, s->arena);
	while (text.n > 0) {
		struct ms_slice rest = text;

		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (ms_slice_starts(text, words[i].word)) {
				ms_buf_slice(&out, words[i].value);
				rest = ms_slice_part(
				    text, strlen(words[i].word), text.n);
				break;
			}
		if (rest.n == text.n) {
			ms_buf_byte(&out, *text.p);
			rest = ms_slice_part(text, 1, text.n);
		}
		text = rest;
	}
	return ms_buf_get(&out);
}

static enum ms_mail_security
security_of(const struct ms_mail_server *server)
{
	if (server->security != MS_MAIL_UNSAID)
		return server->security;
	return server->port == 993 || server->port == 995 || server->port == 465
		   ? MS_MAIL_TLS
		   : MS_MAIL_STARTTLS;
}

static struct ms_client_server *
find_server(
    struct search *s, const struct ms_mail_server *server, struct ms_slice host)
{
	for (size_t i = 0; i < s->out->n; i++) {
		struct ms_client_server *have = &s->out->servers[i];

		if (have->service == server->service &&
		    have->port == server->port &&
		    have->security == security_of(server) &&
		    ms_slice_equal_nocase(have->host, host))
			return have;
	}
	return NULL;
}

static void
take_server(struct search *s, const struct ms_mail_server *server,
    enum ms_client_source source)
{
	struct ms_slice host = fill_in(s, server->host);
	struct ms_client_server *have;

	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n == 0 || server->port == 0 ||
	    server->service == MS_MAIL_OTHER)
		return;
	have = find_server(s, server, host);
	if (!have && s->out->n == s->env->limits.mail_servers) {
		s->out->truncated = true;
		return;
	}
	if (!have) {
		have = &s->out->servers[s->out->n++];
		have->service = server->service;
		have->host = host;
		have->port = server->port;
		have->security = security_of(server);
	}
	if (!have->user.p)
		have->user = fill_in(s, server->user);
	have->sources |= 1u << source;
}

static void
take_servers(struct search *s, enum ms_client_source source)
{
	const struct ms_mail_settings *settings =
	    &s->out->answers[source].settings;

	for (size_t i = 0; i < settings->servers_n; i++)
		take_server(s, &settings->servers[i], source);
}

/* ---- over HTTPS ---- */

static void
take_document(struct search *s, enum ms_client_source source,
    enum settings_kind kind, struct ms_slice domain)
{
	struct ms_client_answer *answer = &s->out->answers[source];
	struct settings_document d;

	settings_ask(s->env, s->arena, kind, domain, s->out->address, &d);
	answer->at = d.url;
	answer->why = d.fetch.why;
	answer->settings = d.settings;
	answer->status = MS_CLIENT_ABSENT;
	if (d.fetch.status == MS_FETCH_FOUND && !d.page) {
		answer->status =
		    d.settings.valid ? MS_CLIENT_FOUND : MS_CLIENT_INVALID;
		answer->why = d.settings.fault;
	} else if (d.fetch.status == MS_FETCH_HTTP && d.fetch.code == 401) {
		answer->status = MS_CLIENT_LOGIN;
	} else if (d.fetch.status == MS_FETCH_CERTIFICATE ||
		   d.fetch.status == MS_FETCH_TLS) {
		answer->status = MS_CLIENT_INVALID;
	} else if (ms_fetch_is_failure(d.fetch.status)) {
		answer->status = MS_CLIENT_UNKNOWN;
	}
	if (answer->status == MS_CLIENT_FOUND)
		take_servers(s, source);
}

/* ---- SRV ---- */

static const struct {
	const char *prefix;
	enum ms_mail_service service;
	enum ms_mail_security security;
} services[] = {
	{ "_imaps._tcp", MS_MAIL_IMAP, MS_MAIL_TLS },
	{ "_imap._tcp", MS_MAIL_IMAP, MS_MAIL_STARTTLS },
	{ "_pop3s._tcp", MS_MAIL_POP3, MS_MAIL_TLS },
	{ "_pop3._tcp", MS_MAIL_POP3, MS_MAIL_STARTTLS },
	{ "_submissions._tcp", MS_MAIL_SMTP, MS_MAIL_TLS },
	{ "_submission._tcp", MS_MAIL_SMTP, MS_MAIL_STARTTLS },
};

#define SERVICES (sizeof(services) / sizeof(*services))

static struct ms_slice
below(struct search *s, const char *prefix)
{
	return ms_slice_from(ms_arena_printf(
	    s->arena, "%s.%.*s", prefix, DOMAIN_TEXT(s->out->domain)));
}

/* What is sure to be asked, all at once. */
static void
hint_all(struct search *s)
{
	static const char *const hosts[] = { "autoconfig", "autodiscover" };
	struct ms_dns_source *dns = s->env->dns;

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		ms_dns_hint(dns, below(s, hosts[i]), MS_DNS_A);
		ms_dns_hint(dns, below(s, hosts[i]), MS_DNS_AAAA);
	}
	ms_dns_hint(dns, s->out->domain, MS_DNS_A);
	ms_dns_hint(dns, s->out->domain, MS_DNS_AAAA);
	for (size_t i = 0; i < SERVICES; i++)
		ms_dns_hint(dns, below(s, services[i].prefix), MS_DNS_SRV);
}

static void
take_records(size_t service, const struct ms_dns_answer *answer, size_t max,
    struct ms_mail_settings *out)
{
	for (size_t i = 0; i < answer->n; i++) {
		const struct ms_dns_record *r = &answer->records[i];

		if (ms_slice_is(r->u.srv.target, "."))
			continue; /* not offered, RFC 6186 3.4 */
		if (out->servers_n == max) {
			out->truncated = true;
			return;
		}
		out->servers[out->servers_n++] = (struct ms_mail_server){
			.service = services[service].service,
			.host = r->u.srv.target,
			.port = r->u.srv.port,
			.security = services[service].security,
		};
	}
}

static void
ask_srv(struct search *s)
{
	struct ms_client_answer *out = &s->out->answers[MS_CLIENT_SRV];
	struct ms_dns_answer answers[SERVICES];

	out->status = MS_CLIENT_ABSENT;
	out->at = ms_arena_string(s->arena, below(s, "_imaps._tcp"));
	out->settings.servers = MS_NEW_ARRAY(
	    s->arena, struct ms_mail_server, s->env->limits.mail_servers);
	for (size_t i = 0; i < SERVICES; i++) {
		ms_dns_ask(s->env->dns, below(s, services[i].prefix),
		    MS_DNS_SRV, s->arena, &answers[i]);
		take_records(i, &answers[i], s->env->limits.mail_servers,
		    &out->settings);
		if (ms_dns_is_failure(answers[i].status)) {
			out->status = MS_CLIENT_UNKNOWN;
			out->why = answers[i].why;
		}
	}
	if (out->settings.servers_n == 0)
		return;
	out->status = MS_CLIENT_FOUND;
	take_servers(s, MS_CLIENT_SRV);
}

/* ---- where nothing is published ---- */

static struct ms_slice
organisation(struct search *s, struct ms_slice host)
{
	struct ms_psl_answer answer;

	s->env->psl->ask(s->env->psl, host, s->arena, &answer);
	return answer.registrable.p ? answer.registrable
				    : ms_organisation(host);
}

/* The first exchanger's organisation, where that is another. */
static struct ms_slice
provider(struct search *s)
{
	struct ms_dns_answer mx;
	struct ms_slice host, own;

	ms_dns_ask(s->env->dns, s->out->domain, MS_DNS_MX, s->arena, &mx);
	if (mx.n == 0 || ms_slice_is(mx.records[0].u.mx.exchange, "."))
		return ms_slice_make(NULL, 0);
	host = organisation(s, mx.records[0].u.mx.exchange);
	own = organisation(s, s->out->domain);
	return ms_slice_equal_nocase(host, own) ? ms_slice_make(NULL, 0) : host;
}

static void
guess(struct search *s)
{
	static const struct {
		const char *label;
		enum ms_mail_service service;
		uint16_t port;
	} guesses[] = {
		{ "imap", MS_MAIL_IMAP, 993 },
		{ "mail", MS_MAIL_IMAP, 993 },
		{ "smtp", MS_MAIL_SMTP, 465 },
		{ "mail", MS_MAIL_SMTP, 465 },
		{ "smtp", MS_MAIL_SMTP, 587 },
		{ "mail", MS_MAIL_SMTP, 587 },
	};
	struct ms_client_answer *out = &s->out->answers[MS_CLIENT_GUESS];
	struct ms_dns_answer a;

	out->status = MS_CLIENT_ABSENT;
	out->at = ms_arena_string(s->arena, below(s, "imap"));
	out->settings.servers =
	    MS_NEW_ARRAY(s->arena, struct ms_mail_server, 6);
	for (size_t i = 0; i < sizeof(guesses) / sizeof(*guesses); i++)
		ms_dns_hint(s->env->dns, below(s, guesses[i].label), MS_DNS_A);
	for (size_t i = 0; i < sizeof(guesses) / sizeof(*guesses); i++) {
		struct ms_slice host = below(s, guesses[i].label);

		ms_dns_ask(s->env->dns, host, MS_DNS_A, s->arena, &a);
		if (a.status == MS_DNS_FOUND)
			out->settings.servers[out->settings.servers_n++] =
			    (struct ms_mail_server){
				    .service = guesses[i].service,
				    .host = host,
				    .port = guesses[i].port,
			    };
		else if (ms_dns_is_failure(a.status)) {
			out->status = MS_CLIENT_UNKNOWN;
			out->why = a.why;
		}
	}
	if (out->settings.servers_n > 0)
		out->status = MS_CLIENT_FOUND;
	take_servers(s, MS_CLIENT_GUESS);
}

/* ---- do they work? ---- */

static const struct ms_protocol *
protocol_of(const struct ms_client_server *server)
{
	static const char *const names[][2] = {
		[MS_MAIL_SMTP] = { "submission", "submissions" },
		[MS_MAIL_IMAP] = { "imap", "imaps" },
		[MS_MAIL_POP3] = { "pop3", "pop3s" },
	};
	bool tls = server->security == MS_MAIL_TLS;

	return ms_protocol_by_name(ms_slice_from(names[server->service][tls]));
}

static void
judge_server(struct ms_client_server *server)
{
	const struct ms_probe_result *r = &server->probe;

	server->why = r->why;
	if (r->phase != MS_PROBE_DONE && !r->tls.established) {
		server->unknown =
		    !r->wrong_protocol && !r->tls_where_plain &&
		    !r->plain_where_tls && !r->tls_tried &&
		    !(r->asked && !r->unresolved && r->a.n + r->aaaa.n == 0);
		return;
	}
	if (!r->tls.established)
		server->why = "it offers no TLS";
	else if (!server->identity.valid)
		server->why = server->identity.why;
	else
		server->works = true;
	if (server->works)
		server->why = NULL;
}

/* Where it is; a stranger's document must not lead into one's own network. */
static const char *
barred(struct search *s, struct ms_probe_target *target)
{
	struct ms_dns_source *dns = s->env->dns;
	struct ms_dns_answer answer;

	target->mx = s->out->domain;
	if (target->literal)
		return ms_probe_barred(s->env, target);
	ms_dns_ask(dns, target->host, MS_DNS_A, s->arena, &answer);
	if (answer.status != MS_DNS_FOUND)
		ms_dns_ask(dns, target->host, MS_DNS_AAAA, s->arena, &answer);
	if (answer.status == MS_DNS_FOUND)
		target->ip = answer.records[0].u.ip;
	return ms_probe_barred(s->env, target);
}

struct ms_probe_target
ms_client_target(const struct ms_client_server *server)
{
	struct ms_probe_target target = {
		.protocol = protocol_of(server),
		.host = server->host,
		.port = server->port,
	};

	target.literal = ms_ip_parse(server->host, &target.ip);
	return target;
}

static void
look_at(struct search *s, struct ms_client_server *server)
{
	static const struct ms_probe_options options = { 0 };
	struct ms_probe_target target = ms_client_target(server);
	struct ms_dns_name name;
	const char *class;

	server->why = "its name cannot exist";
	if (!target.literal && !ms_dns_name_from_text(server->host, &name))
		return;
	class = barred(s, &target);
	if (class) {
		server->unknown = true;
		server->why = ms_arena_printf(s->arena,
		    "it has a %s address, and is not connected to unless "
		    "--allow-net says so",
		    class);
		return;
	}
	ms_probe_run(s->env, s->arena, &target, &options, &server->probe);
	ms_identity_find(s->env, s->arena, &server->probe, &server->identity);
	server->probed = true;
	judge_server(server);
}

static const struct ms_client_server *
choose(const struct ms_client_settings *c, bool outgoing)
{
	const struct ms_client_server *first = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct ms_client_server *server = &c->servers[i];

		if ((server->service == MS_MAIL_SMTP) != outgoing)
			continue;
		if (server->works)
			return server;
		if (!first)
			first = server;
	}
	return first;
}

void
ms_client_find(const struct ms_env *env, struct ms_arena *arena, bool probe,
    struct ms_client_settings *out)
{
	struct search s = { env, arena, out };
	struct ms_slice other;

	out->servers = MS_NEW_ARRAY(
	    arena, struct ms_client_server, env->limits.mail_servers);
	hint_all(&s);
	take_document(
	    &s, MS_CLIENT_AUTOCONFIG, SETTINGS_AUTOCONFIG_HOST, out->domain);
	take_document(&s, MS_CLIENT_AUTOCONFIG_SITE, SETTINGS_AUTOCONFIG_SITE,
	    out->domain);
	take_document(
	    &s, MS_CLIENT_AUTODISCOVER, SETTINGS_AUTODISCOVER, out->domain);
	ask_srv(&s);
	other = out->n == 0 ? provider(&s) : ms_slice_make(NULL, 0);
	if (other.n > 0)
		take_document(
		    &s, MS_CLIENT_MX, SETTINGS_AUTOCONFIG_HOST, other);
	if (out->n == 0)
		guess(&s);
	for (size_t i = 0; probe && i < out->n; i++)
		look_at(&s, &out->servers[i]);
	out->incoming = choose(out, false);
	out->outgoing = choose(out, true);
}
