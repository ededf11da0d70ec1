/* SPDX-License-Identifier: ISC
 * settings.c - how mail programs find their servers: SRV records (RFC 6186,
 * 8314, 5804) and the names of autoconfig and Autodiscover
 */
#include "domain_priv.h"

enum service {
	SUBMISSIONS,
	SUBMISSION,
	IMAPS,
	IMAP,
	POP3S,
	POP3,
	SIEVE,
	AUTODISCOVER,
	SERVICES,
};

static const struct {
	const char *prefix;
	unsigned port;
} services[SERVICES] = {
	[SUBMISSIONS] = { "_submissions._tcp", 465 },
	[SUBMISSION] = { "_submission._tcp", 587 },
	[IMAPS] = { "_imaps._tcp", 993 },
	[IMAP] = { "_imap._tcp", 143 },
	[POP3S] = { "_pop3s._tcp", 995 },
	[POP3] = { "_pop3._tcp", 110 },
	[SIEVE] = { "_sieve._tcp", 4190 },
	[AUTODISCOVER] = { "_autodiscover._tcp", 443 },
};

/* Names that mail programs try. */
static const char *const hosts[] = { "autoconfig", "autodiscover" };

#define HOSTS (sizeof(hosts) / sizeof(hosts[0]))

struct settings {
	struct ms_domain_case *subject;
	struct ms_dns_answer srv[SERVICES], host[HOSTS];
};

/* "." : not offered, RFC 6186 3.4. */
static bool
is_refusal(const struct ms_dns_record *r)
{
	return ms_slice_is(r->u.srv.target, ".");
}

static bool
is_offered(const struct settings *s, enum service service)
{
	const struct ms_dns_answer *answer = &s->srv[service];

	for (size_t i = 0; i < answer->n; i++)
		if (!is_refusal(&answer->records[i]))
			return true;
	return false;
}

/* ---- one record ---- */

static void
judge_target(struct ms_domain_case *subject, const struct ms_dns_answer *answer,
    const struct ms_dns_record *r)
{
	struct ms_slice target = r->u.srv.target;
	struct ms_dns_answer a, aaaa;
	struct ms_domain_outcome *o;

	ms_dns_ask(subject->env->dns, target, MS_DNS_A, subject->arena, &a);
	ms_dns_ask(
	    subject->env->dns, target, MS_DNS_AAAA, subject->arena, &aaaa);
	if (a.aliases_n > 0 || aaaa.aliases_n > 0) {
		o = domain_outcome(subject, "settings-target-cname",
		    MS_DOMAIN_WARN, MS_SEVERITY_LOW,
		    "The SRV record names an alias: %.*s", DOMAIN_TEXT(target));
		o->detail = "It must name a host with addresses of its own.";
		o->fix = "Name the host that the alias leads to.";
		o->reference = "RFC 2782";
		domain_records(subject, o, answer);
	}
	if (a.status == MS_DNS_FOUND || aaaa.status == MS_DNS_FOUND)
		return;
	if (ms_dns_is_failure(a.status)) {
		domain_unknown(subject, target, MS_DNS_A, &a);
		return;
	}
	if (ms_dns_is_failure(aaaa.status)) {
		domain_unknown(subject, target, MS_DNS_AAAA, &aaaa);
		return;
	}
	o = domain_outcome(subject, "settings-target-missing", MS_DOMAIN_FAIL,
	    MS_SEVERITY_MEDIUM, "The server %.*s, for mail programs, %s",
	    DOMAIN_TEXT(target),
	    a.status == MS_DNS_NXDOMAIN ? "does not exist" : "has no address");
	o->detail = "Mail programs set up by it cannot connect.";
	o->fix = "Give it an address, or take the SRV record out.";
	o->reference = "RFC 6186 section 3";
	domain_records(subject, o, answer);
}

static void
judge_port(struct ms_domain_case *subject, const struct ms_dns_answer *answer,
    const struct ms_dns_record *r, enum service service)
{
	struct ms_domain_outcome *o;
	char *rdata;

	if (r->u.srv.port == services[service].port)
		return;
	o = domain_outcome(subject, "settings-port", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "%s names port %u; %u is the usual one",
	    services[service].prefix, r->u.srv.port, services[service].port);
	rdata = ms_arena_printf(subject->arena, "%u %u %u %.*s.",
	    r->u.srv.priority, r->u.srv.weight, services[service].port,
	    DOMAIN_TEXT(r->u.srv.target));
	o->detail = "Firewalls let the usual port out, and some mail programs "
		    "try no other.";
	o->fix = ms_arena_printf(subject->arena,
	    "Where the server listens there: %s.%.*s. SRV %s",
	    services[service].prefix, DOMAIN_TEXT(subject->name), rdata);
	o->reference = "RFC 8314 section 7";
	domain_records(subject, o, answer);
}

static void
judge_mixed(struct ms_domain_case *subject, const struct ms_dns_answer *answer,
    enum service service)
{
	struct ms_slice owner = domain_name(subject, services[service].prefix);
	struct ms_domain_outcome *o;

	for (size_t i = 0; answer->n > 1 && i < answer->n; i++) {
		struct ms_slice text;

		if (!is_refusal(&answer->records[i]))
			continue;
		o = domain_outcome(subject, "settings-mixed", MS_DOMAIN_FAIL,
		    MS_SEVERITY_MEDIUM,
		    "%s says both that the service is not offered and where",
		    services[service].prefix);
		o->detail = "Mail programs disagree on which of the two holds.";
		o->fix = "Take the record with the target \".\" out.";
		o->reference = "RFC 6186 section 3.4";
		domain_records(subject, o, answer);
		text = ms_dns_rdata_text(subject->arena, &answer->records[i]);
		if (answer->aliases_n == 0)
			domain_remove(subject, o, owner, "SRV",
			    ms_arena_string(subject->arena, text));
		return;
	}
}

static void
judge_service(const struct settings *s, enum service service)
{
	const struct ms_dns_answer *answer = &s->srv[service];
	struct ms_domain_case *subject = s->subject;

	if (ms_dns_is_failure(answer->status)) {
		domain_unknown(subject,
		    domain_name(subject, services[service].prefix), MS_DNS_SRV,
		    answer);
		return;
	}
	judge_mixed(subject, answer, service);
	for (size_t i = 0; i < answer->n; i++) {
		if (is_refusal(&answer->records[i]))
			continue;
		judge_target(subject, answer, &answer->records[i]);
		judge_port(subject, answer, &answer->records[i], service);
	}
}

/* ---- agreement ---- */

/* RFC 8314 3: TLS from the first octet is the better way. */
static void
judge_plain(const struct settings *s, enum service plain, enum service tls)
{
	struct ms_domain_case *subject = s->subject;
	struct ms_domain_outcome *o;

	if (!is_offered(s, plain) || is_offered(s, tls) ||
	    ms_dns_is_failure(s->srv[tls].status))
		return;
	o = domain_outcome(subject, "settings-no-tls", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "%s is offered without %s", services[plain].prefix,
	    services[tls].prefix);
	o->detail = "TLS from the first octet cannot be talked away; STARTTLS "
		    "can.";
	o->fix = ms_arena_printf(subject->arena,
	    "%s.%.*s. SRV 0 1 %u %.*s., where the server offers it",
	    services[tls].prefix, DOMAIN_TEXT(subject->name),
	    services[tls].port,
	    DOMAIN_TEXT(s->srv[plain].records[0].u.srv.target));
	o->reference = "RFC 8314 section 3";
	domain_records(subject, o, &s->srv[plain]);
}

/* Mail that can be read and not sent, or the other way round. */
static void
judge_halves(const struct settings *s)
{
	bool sends = is_offered(s, SUBMISSION) || is_offered(s, SUBMISSIONS);
	bool reads = is_offered(s, IMAP) || is_offered(s, IMAPS) ||
		     is_offered(s, POP3) || is_offered(s, POP3S);
	struct ms_domain_case *subject = s->subject;
	struct ms_domain_outcome *o;

	for (int i = 0; i < SIEVE; i++)
		if (ms_dns_is_failure(s->srv[i].status))
			return;
	if (sends == reads)
		return;
	o = domain_outcome(subject, "settings-half", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    sends ? "Mail programs find where to send mail, and not where to "
		    "read it"
		  : "Mail programs find where to read mail, and not where to "
		    "send it");
	o->detail = "Their users must look for the other half.";
	o->fix = ms_arena_printf(subject->arena, "%s.%.*s. SRV 0 1 %u …",
	    services[sends ? IMAPS : SUBMISSIONS].prefix,
	    DOMAIN_TEXT(subject->name),
	    services[sends ? IMAPS : SUBMISSIONS].port);
	o->reference = "RFC 6186 section 3";
}

/* ---- all ---- */

/* The targets, all at once. */
static void
hint_targets(const struct settings *s)
{
	for (int i = 0; i < SERVICES; i++)
		for (size_t k = 0; k < s->srv[i].n; k++)
			if (!is_refusal(&s->srv[i].records[k]))
				domain_hint_addresses(s->subject,
				    s->srv[i].records[k].u.srv.target);
}

static void
ask(struct settings *s)
{
	for (int i = 0; i < SERVICES; i++)
		domain_ask(
		    s->subject, services[i].prefix, MS_DNS_SRV, &s->srv[i]);
	for (size_t i = 0; i < HOSTS; i++)
		domain_ask(s->subject, hosts[i], MS_DNS_A, &s->host[i]);
}

/* "_imaps._tcp, autoconfig"; empty: nothing. */
static struct ms_slice
offered(const struct settings *s)
{
	struct ms_buf out;

	ms_buf_init(&out, s->subject->arena);
	for (int i = 0; i < SERVICES; i++)
		if (is_offered(s, (enum service)i))
			ms_buf_printf(&out, "%s%s", out.n ? ", " : "",
			    services[i].prefix);
	for (size_t i = 0; i < HOSTS; i++)
		if (s->host[i].status == MS_DNS_FOUND)
			ms_buf_printf(
			    &out, "%s%s", out.n ? ", " : "", hosts[i]);
	return ms_buf_get(&out);
}

static void
judge_hosts(const struct settings *s)
{
	for (size_t i = 0; i < HOSTS; i++)
		if (ms_dns_is_failure(s->host[i].status))
			domain_unknown(s->subject,
			    domain_name(s->subject, hosts[i]), MS_DNS_A,
			    &s->host[i]);
}

static void
say_offered(const struct settings *s)
{
	struct ms_slice text = offered(s);
	struct ms_domain_outcome *o;

	if (text.n == 0)
		return;
	o = domain_pass(
	    s->subject, "For mail programs: %.*s", DOMAIN_TEXT(text));
	for (int i = 0; i < SERVICES; i++)
		domain_records(s->subject, o, &s->srv[i]);
	for (size_t i = 0; i < HOSTS; i++)
		domain_records(s->subject, o, &s->host[i]);
}

/* The SRV records, as the documents have it. */
static void
fill_settings(const struct settings *s, struct ms_mail_settings *out)
{
	static const enum ms_mail_service of[] = {
		[SUBMISSIONS] = MS_MAIL_SMTP,
		[SUBMISSION] = MS_MAIL_SMTP,
		[IMAPS] = MS_MAIL_IMAP,
		[IMAP] = MS_MAIL_IMAP,
		[POP3S] = MS_MAIL_POP3,
		[POP3] = MS_MAIL_POP3,
	};
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < SIEVE; i++)
		n += s->srv[i].n;
	out->servers =
	    MS_NEW_ARRAY(s->subject->arena, struct ms_mail_server, n);
	for (int i = 0; i < SIEVE; i++)
		for (size_t k = 0; k < s->srv[i].n; k++) {
			const struct ms_dns_record *r = &s->srv[i].records[k];
			struct ms_mail_server *server =
			    &out->servers[out->servers_n];

			if (is_refusal(r))
				continue;
			server->service = of[i];
			server->host = r->u.srv.target;
			server->port = r->u.srv.port;
			out->servers_n++;
		}
	out->valid = out->servers_n > 0;
}

/* Nothing in the DNS announces them for sure, and asking says whose settings
 * are wanted. */
static void
judge_served(const struct settings *s)
{
	struct ms_mail_settings srv;

	if (s->subject->options->connect) {
		fill_settings(s, &srv);
		domain_settings_served(s->subject, &srv);
		return;
	}
	for (size_t i = 0; i < HOSTS; i++)
		if (s->host[i].status == MS_DNS_FOUND)
			domain_skip(s->subject,
			    "What is served at %s is fetched with --connect",
			    hosts[i]);
}

static void
run(struct ms_domain_case *subject)
{
	struct settings s = { .subject = subject };
	size_t before = subject->outcomes_n;

	ask(&s);
	hint_targets(&s);
	for (int i = 0; i < SERVICES; i++)
		judge_service(&s, (enum service)i);
	judge_plain(&s, SUBMISSION, SUBMISSIONS);
	judge_plain(&s, IMAP, IMAPS);
	judge_plain(&s, POP3, POP3S);
	judge_halves(&s);
	judge_hosts(&s);
	if (subject->outcomes_n == before)
		say_offered(&s);
	if (subject->profile != MS_DOMAIN_PARKED)
		judge_served(&s);
	if (subject->outcomes_n == before)
		domain_skip(subject, "Nothing is published for mail programs");
}

static const struct ms_domain_hint hints[] = {
	{ "_submissions._tcp", MS_DNS_SRV },
	{ "_submission._tcp", MS_DNS_SRV },
	{ "_imaps._tcp", MS_DNS_SRV },
	{ "_imap._tcp", MS_DNS_SRV },
	{ "_pop3s._tcp", MS_DNS_SRV },
	{ "_pop3._tcp", MS_DNS_SRV },
	{ "_sieve._tcp", MS_DNS_SRV },
	{ "_autodiscover._tcp", MS_DNS_SRV },
	{ "autoconfig", MS_DNS_A },
	{ "autodiscover", MS_DNS_A },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_settings;

const struct ms_domain_check domain_check_settings = {
	.id = "settings",
	.title = "what mail programs find",
	.reference = "RFC 6186",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
