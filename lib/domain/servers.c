/* SPDX-License-Identifier: ISC
 * servers.c - the mail exchangers, spoken with: --connect
 *
 * Each address once, one after another, for all checks; all of them within the
 * time of the domain.
 */
#include "domain_servers.h"

#define SECONDS 60 /* for all of them, unless env->timeout says so */

static void
add(struct domain_servers *all, const struct ms_domain_host *host,
    const struct ms_ip *ip)
{
	struct domain_server *server;

	if (all->n == all->room) {
		all->truncated = true;
		return;
	}
	server = &all->list[all->n++];
	server->host = host;
	server->ip = *ip;
}

static void
gather(struct ms_domain_case *subject, struct domain_servers *all)
{
	const struct ms_domain_mx *mx = domain_mx(subject);

	all->room = subject->env->limits.mx_addresses;
	all->list =
	    MS_NEW_ARRAY(subject->arena, struct domain_server, all->room);
	for (size_t i = 0; i < mx->n; i++)
		for (size_t k = 0; k < mx->hosts[i].n; k++)
			add(all, &mx->hosts[i], &mx->hosts[i].addresses[k].ip);
}

static void
speak(struct ms_domain_case *subject, const struct ms_env *env,
    struct domain_server *server)
{
	const struct ms_probe_options options = { .ehlo = NULL };
	struct ms_probe_target target = {
		.protocol = ms_protocol_by_name(MS_SLICE("smtp")),
		.host = server->host->name,
		.port = 25,
		.ip = server->ip,
		.mx = subject->name,
	};

	server->barred = ms_probe_barred(env, &target);
	if (server->barred)
		return;
	ms_probe_run(env, subject->arena, &target, &options, &server->probe);
	ms_identity_find(
	    env, subject->arena, &server->probe, &server->identity);
	ms_delivery_find(env, subject->arena, &server->probe, &server->identity,
	    &server->delivery);
}

/* Twice an equal share of what is left: most need little of theirs. */
static void
speak_all(struct ms_domain_case *subject, struct domain_servers *all)
{
	struct ms_env own = *subject->env;
	double left = own.timeout > 0 ? own.timeout : SECONDS;

	for (size_t i = 0; i < all->n; i++) {
		struct domain_server *server = &all->list[i];
		double share = left * 2 / (double)(all->n - i + 1);

		own.timeout = share > left ? left : share;
		speak(subject, &own, server);
		if (server->probe.timing.total > 0)
			left -= server->probe.timing.total;
		if (left < 1)
			left = 1;
	}
}

const struct domain_servers *
domain_servers(struct ms_domain_case *subject)
{
	struct domain_servers *all = subject->servers;

	if (all)
		return all;
	all = MS_NEW(subject->arena, struct domain_servers);
	subject->servers = all;
	gather(subject, all);
	speak_all(subject, all);
	return all;
}

const char *
domain_server_text(
    struct ms_domain_case *subject, const struct domain_server *server)
{
	char ip[MS_IP_TEXT];

	ms_ip_format(&server->ip, ip);
	return ms_arena_printf(
	    subject->arena, "%.*s (%s)", DOMAIN_TEXT(server->host->name), ip);
}

bool
domain_server_spoke(const struct domain_server *server)
{
	return server->delivery.looked;
}

/* ---- what is said of it once, with the mail exchangers ---- */

static void
judge_silence(
    struct ms_domain_case *subject, const struct domain_server *server)
{
	const char *name = domain_server_text(subject, server);
	struct ms_domain_outcome *o;

	if (server->barred) {
		domain_skip(subject,
		    "%s is not connected to: a %s address (see --allow-net)",
		    name, server->barred);
		return;
	}
	if (server->probe.status == MS_WIRE_OFFLINE) {
		domain_skip(subject, "%s is not spoken with (--offline)", name);
		return;
	}
	o = domain_outcome(subject, subject->running->id, MS_DOMAIN_ERROR,
	    MS_SEVERITY_INFO, "%s could not be spoken with: %s", name,
	    server->probe.deferral != MS_PROBE_NOT_DEFERRED
		? "it puts senders off"
	    : server->probe.why ? server->probe.why
				: "no answer");
	o->fix = "Try again, also from elsewhere: many networks let nobody "
		 "out to port 25.";
}

static void
judge_no_tls(struct ms_domain_case *subject, const struct domain_server *server)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "mx-no-tls",
	    MS_DOMAIN_WARN, MS_SEVERITY_MEDIUM, "%s: %s",
	    domain_server_text(subject, server),
	    server->delivery.senders[MS_SENDER_PKIX].why);

	o->detail = "Mail for it can be read and changed by everybody on the "
		    "way; senders that insist on TLS do not deliver.";
	o->fix = ms_arena_printf(subject->arena,
	    "Give it a certificate and switch STARTTLS on; mailsonde probe "
	    "smtp://%.*s shows more.",
	    DOMAIN_TEXT(server->host->name));
	o->reference = "RFC 3207 section 4";
}

void
domain_servers_judge(struct ms_domain_case *subject)
{
	const struct domain_servers *all = domain_servers(subject);

	for (size_t i = 0; i < all->n; i++) {
		const struct domain_server *server = &all->list[i];

		if (!domain_server_spoke(server))
			judge_silence(subject, server);
		else if (server->probe.tls.established)
			domain_pass(subject, "%s answers, with %s",
			    domain_server_text(subject, server),
			    server->probe.tls.version);
		else
			judge_no_tls(subject, server);
	}
	if (all->truncated)
		domain_skip(subject,
		    "More than %zu addresses: the rest is not spoken with "
		    "(limit mx_addresses)",
		    all->room);
}

/* ---- the certificate against what the domain publishes ---- */

static void
judge_mismatch(
    struct ms_domain_case *subject, const struct domain_server *server)
{
	const struct ms_tlsa *tlsa = &server->delivery.tlsa;
	bool secure = tlsa->status == MS_TLSA_FOUND;
	struct ms_domain_outcome *o = domain_outcome(subject, "dane-mismatch",
	    MS_DOMAIN_FAIL, secure ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM,
	    "No TLSA record matches the certificate of %s",
	    domain_server_text(subject, server));

	o->detail = secure ? "Senders that use DANE do not deliver."
			   : "Senders that use DANE do not deliver, if the "
			     "records are signed.";
	o->fix = ms_arena_printf(subject->arena,
	    "Publish the key that it has beside the others: %s",
	    ms_identity_tlsa(&server->identity, server->delivery.tlsa.owner,
		subject->arena));
	o->reference = "RFC 7671 section 8.1";
	domain_records(subject, o, &tlsa->answer);
}

static void
judge_brittle(
    struct ms_domain_case *subject, const struct domain_server *server)
{
	struct ms_domain_outcome *o = domain_outcome(subject, "dane-brittle",
	    MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "The TLSA records of %.*s hold whole certificates: each renewal "
	    "breaks them",
	    DOMAIN_TEXT(server->delivery.tlsa.base));

	o->detail = "A key outlives its certificate, where renewal keeps it.";
	o->fix = ms_arena_printf(subject->arena,
	    "Renew with the same key, and publish %s",
	    ms_identity_tlsa(&server->identity, server->delivery.tlsa.owner,
		subject->arena));
	o->reference = "RFC 7671 section 5.1";
	domain_records(subject, o, &server->delivery.tlsa.answer);
}

/* There are records, and no certificate to hold against them. */
static void
judge_bare(struct ms_domain_case *subject, const struct domain_server *server)
{
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "dane-no-tls", MS_DOMAIN_FAIL,
		MS_SEVERITY_HIGH, "%s has TLSA records and gives no TLS",
		domain_server_text(subject, server));

	o->detail = "Senders that use DANE do not deliver in the clear.";
	o->fix = "Switch STARTTLS on.";
	o->reference = "RFC 7672 section 2.2";
	domain_records(subject, o, &server->delivery.tlsa.answer);
}

/* `first`: its host was not spoken of before. */
static void
judge_dane(struct ms_domain_case *subject, const struct domain_server *server,
    bool first)
{
	const struct ms_delivery *d = &server->delivery;

	if (d->tlsa.status != MS_TLSA_FOUND &&
	    d->tlsa.status != MS_TLSA_UNCHECKED)
		return;
	if (!server->probe.tls.established) {
		judge_bare(subject, server);
		return;
	}
	if (d->dane.status == MS_DANE_MISMATCH)
		judge_mismatch(subject, server);
	else if (d->dane.brittle && first)
		judge_brittle(subject, server);
	else if (d->dane.status == MS_DANE_MATCH && !d->dane.brittle)
		domain_pass(subject,
		    "A TLSA record matches the certificate of %s%s",
		    domain_server_text(subject, server),
		    d->dane.rolling ? ", another awaits a new key" : "");
}

void
domain_servers_dane(struct ms_domain_case *subject)
{
	const struct domain_servers *all = domain_servers(subject);

	for (size_t i = 0; i < all->n; i++)
		if (domain_server_spoke(&all->list[i]))
			judge_dane(subject, &all->list[i],
			    i == 0 ||
				all->list[i - 1].host != all->list[i].host);
}

void
domain_servers_mta_sts(
    struct ms_domain_case *subject, enum ms_mta_sts_mode mode)
{
	const struct domain_servers *all = domain_servers(subject);
	bool enforce = mode == MS_MTA_STS_ENFORCE;
	size_t good = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct domain_server *server = &all->list[i];
		struct ms_domain_outcome *o;

		if (!domain_server_spoke(server))
			continue;
		if (server->identity.valid) {
			good++;
			continue;
		}
		o = domain_outcome(subject, "mta-sts-mx-certificate",
		    enforce ? MS_DOMAIN_FAIL : MS_DOMAIN_WARN,
		    enforce ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM,
		    "%s is not what the MTA-STS policy promises: %s",
		    domain_server_text(subject, server), server->identity.why);
		o->detail = enforce ? "Senders that obey it do not deliver."
				    : "Once it is enforced, senders that obey "
				      "it do not deliver.";
		o->fix = ms_arena_printf(subject->arena,
		    "Give it a certificate of a public authority for %.*s, "
		    "with all intermediate ones.",
		    DOMAIN_TEXT(server->host->name));
		o->reference = "RFC 8461 section 4.2";
	}
	if (good > 0)
		domain_pass(subject,
		    "%zu address%s of exchangers %s the certificate that the "
		    "policy asks for",
		    good, good == 1 ? "" : "es", good == 1 ? "has" : "have");
}
