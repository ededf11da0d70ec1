/* SPDX-License-Identifier: ISC
 * settings_served.c - what mail programs are told over HTTPS: autoconfig and
 * Autodiscover, whether it can be read, and whether all say the same
 */
#include "domain_priv.h"

#include "settings_priv.h"

/* RFC 5321 4.5.1: that address exists wherever mail does. */
#define USER "postmaster"

enum kind {
	SRV, /* what the DNS says */
	AUTOCONFIG_HOST,
	AUTOCONFIG_SITE,
	AUTODISCOVER,
	KINDS,
};

static const char *const names[KINDS] = {
	[SRV] = "The SRV records",
	[AUTOCONFIG_HOST] = "Autoconfig",
	[AUTOCONFIG_SITE] = "Autoconfig at the domain itself",
	[AUTODISCOVER] = "Autodiscover",
};

struct document {
	enum kind kind;
	struct settings_document got;
};

static void
ask(struct ms_domain_case *subject, struct document *d)
{
	static const enum settings_kind of[] = {
		[AUTOCONFIG_HOST] = SETTINGS_AUTOCONFIG_HOST,
		[AUTOCONFIG_SITE] = SETTINGS_AUTOCONFIG_SITE,
		[AUTODISCOVER] = SETTINGS_AUTODISCOVER,
	};
	struct ms_slice user = ms_slice_from(ms_arena_printf(
	    subject->arena, USER "@%.*s", DOMAIN_TEXT(subject->name)));

	settings_ask(subject->env, subject->arena, of[d->kind], subject->name,
	    user, &d->got);
}

/* ---- what came ---- */

static void
judge_certificate(struct ms_domain_case *subject, const struct document *d)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "settings-certificate", MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "%s cannot be asked: %s", names[d->kind], d->got.fetch.why);

	o->detail = ms_arena_printf(subject->arena,
	    "%.500s: mail programs warn their users, or find no settings.",
	    d->got.url);
	o->fix = "Serve a certificate of a public authority for this name, or "
		 "take the name out of the DNS.";
}

static void
judge_invalid(struct ms_domain_case *subject, const struct document *d)
{
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "settings-unreadable", MS_DOMAIN_WARN,
		MS_SEVERITY_MEDIUM, "What %s serves cannot be used: %s",
		names[d->kind], d->got.settings.fault);

	o->detail = ms_arena_printf(subject->arena,
	    "%.500s: mail programs that ask there find no settings.",
	    d->got.url);
	o->fix = d->kind == AUTODISCOVER
		     ? "Serve an <Autodiscover> with a <Protocol> for each "
		       "server."
		     : "Serve a <clientConfig version=\"1.1\"> with an "
		       "<emailProvider> and its servers.";
}

static void
judge_document(struct ms_domain_case *subject, struct document *d)
{
	struct ms_domain_outcome *o;

	if (!d->got.settings.valid) {
		judge_invalid(subject, d);
		return;
	}
	o = domain_pass(subject, "%s is served: %zu server%s", names[d->kind],
	    d->got.settings.servers_n,
	    d->got.settings.servers_n == 1 ? "" : "s");
	for (size_t i = 0; i < d->got.settings.servers_n; i++) {
		const struct ms_mail_server *s = &d->got.settings.servers[i];
		const char *security = ms_mail_security_name(s->security);

		domain_record_line(subject, o, "%s: %.*s %.*s:%u %s",
		    names[d->kind], DOMAIN_TEXT(s->type), DOMAIN_TEXT(s->host),
		    s->port, security ? security : "");
	}
}

static void
judge(struct ms_domain_case *subject, struct document *d)
{
	bool own_host = d->kind != AUTOCONFIG_SITE;

	switch (d->got.fetch.status) {
	case MS_FETCH_FOUND:
		if (!d->got.page)
			judge_document(subject, d);
		break;
	case MS_FETCH_HTTP:
		if (d->got.fetch.code == 401 && d->kind == AUTODISCOVER)
			domain_pass(subject,
			    "Autodiscover is served, to users with a password");
		break;
	case MS_FETCH_CERTIFICATE:
	case MS_FETCH_TLS:
		if (own_host)
			judge_certificate(subject, d);
		break;
	case MS_FETCH_NO_ADDRESS:
	case MS_FETCH_REDIRECTED:
	case MS_FETCH_TOO_LARGE:
	case MS_FETCH_BAD_URL:
		break;
	default:
		domain_unfetched(subject, d->got.url, &d->got.fetch);
	}
}

/* ---- agreement ---- */

/* Its host with %EMAILDOMAIN% filled in. */
static struct ms_slice
host_of(struct ms_domain_case *subject, const struct ms_mail_server *s)
{
	size_t at = ms_slice_find_text(s->host, 0, "%EMAILDOMAIN%");
	struct ms_slice rest;

	if (at == s->host.n)
		return s->host;
	rest = ms_slice_part(s->host, at + strlen("%EMAILDOMAIN%"), s->host.n);
	return ms_slice_from(ms_arena_printf(subject->arena, "%.*s%.*s%.*s",
	    DOMAIN_TEXT(ms_slice_part(s->host, 0, at)),
	    DOMAIN_TEXT(subject->name), DOMAIN_TEXT(rest)));
}

static bool
same_host(struct ms_slice a, struct ms_slice b)
{
	if (a.n > 0 && a.p[a.n - 1] == '.')
		a.n--;
	if (b.n > 0 && b.p[b.n - 1] == '.')
		b.n--;
	return ms_slice_equal_nocase(a, b);
}

static bool
same_server(struct ms_domain_case *subject, const struct ms_mail_server *a,
    const struct ms_mail_server *b)
{
	return a->service == b->service && a->port == b->port &&
	       same_host(host_of(subject, a), host_of(subject, b));
}

/* The first of a service; NULL: it has none. */
static const struct ms_mail_server *
first_of(const struct ms_mail_settings *s, enum ms_mail_service service)
{
	for (size_t i = 0; i < s->servers_n; i++)
		if (s->servers[i].service == service)
			return &s->servers[i];
	return NULL;
}

/* Both have servers of the service, and not one of them in common. */
static bool
differ(struct ms_domain_case *subject, const struct ms_mail_settings *a,
    const struct ms_mail_settings *b, enum ms_mail_service service)
{
	for (size_t i = 0; i < a->servers_n; i++)
		for (size_t k = 0; k < b->servers_n; k++)
			if (a->servers[i].service == service &&
			    same_server(
				subject, &a->servers[i], &b->servers[k]))
				return false;
	return first_of(a, service) && first_of(b, service);
}

static void
compare(struct ms_domain_case *subject, const struct document *a,
    const struct document *b, enum ms_mail_service service)
{
	const struct ms_mail_server *x, *y;
	struct ms_domain_outcome *o;

	if (!differ(subject, &a->got.settings, &b->got.settings, service))
		return;
	x = first_of(&a->got.settings, service);
	y = first_of(&b->got.settings, service);
	o = domain_outcome(subject, "settings-differ", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "%s and %s name different servers for %s",
	    names[a->kind], names[b->kind], ms_mail_service_name(service));
	o->detail = "Which of them a user gets depends on the mail program.";
	o->fix = "Let all of them name the same.";
	domain_record_line(subject, o, "%s: %.*s:%u", names[a->kind],
	    DOMAIN_TEXT(x->host), x->port);
	domain_record_line(subject, o, "%s: %.*s:%u", names[b->kind],
	    DOMAIN_TEXT(y->host), y->port);
}

static void
judge_plain(struct ms_domain_case *subject, const struct document *d)
{
	struct ms_domain_outcome *o;

	for (size_t i = 0; i < d->got.settings.servers_n; i++) {
		const struct ms_mail_server *s = &d->got.settings.servers[i];

		if (s->security != MS_MAIL_PLAIN || s->service == MS_MAIL_OTHER)
			continue;
		o = domain_outcome(subject, "settings-plain", MS_DOMAIN_WARN,
		    MS_SEVERITY_MEDIUM,
		    "%s sends mail programs to %.*s:%u without TLS",
		    names[d->kind], DOMAIN_TEXT(s->host), s->port);
		o->detail = "Passwords and mail go over the network in the "
			    "clear.";
		o->fix = "Name the port with TLS from the first octet (993, "
			 "995, 465).";
		o->reference = "RFC 8314 section 3";
	}
}

void
domain_settings_served(
    struct ms_domain_case *subject, const struct ms_mail_settings *srv)
{
	struct document documents[KINDS];

	memset(documents, 0, sizeof(documents));
	documents[SRV].got.settings = *srv;
	for (int i = SRV + 1; i < KINDS; i++) {
		documents[i].kind = (enum kind)i;
		ask(subject, &documents[i]);
		judge(subject, &documents[i]);
	}
	for (int i = 0; i < KINDS; i++) {
		if (!documents[i].got.settings.valid)
			continue;
		if (i != SRV)
			judge_plain(subject, &documents[i]);
		for (int k = i + 1; k < KINDS; k++)
			for (int s = MS_MAIL_SMTP; s < MS_MAIL_OTHER; s++)
				if (documents[k].got.settings.valid)
					compare(subject, &documents[i],
					    &documents[k],
					    (enum ms_mail_service)s);
	}
}
