/* SPDX-License-Identifier: ISC
 * options.c - the command line as a table of rows
 */
#include "options.h"

#include <stddef.h>
#include <stdlib.h>

#include "mailsonde/auth.h"
#include "mailsonde/clock.h"
#include "mailsonde/digest.h"
#include "mailsonde/sasl.h"
#include "mailsonde/scan.h"

static void
add_word(struct ms_arena *arena, struct words *words, const char *word)
{
	words->list =
	    ms_arena_grow(arena, words->list, sizeof(*words->list) * words->n,
		sizeof(*words->list) * (words->n + 1));
	words->list[words->n++] = word;
}

/* Those of a command (NULL: all), and what they give. */
static const char *
format_names(struct ms_arena *arena, const char *command)
{
	struct ms_buf names;

	ms_buf_init(&names, arena);
	for (const struct ms_format *const *f = ms_formats(); *f; f++) {
		if (command && !ms_format_fits(*f, command))
			continue;
		ms_buf_text(&names, names.n > 0 ? ", " : "");
		ms_buf_text(&names, (*f)->name);
		if (command)
			ms_buf_printf(&names, " (%s)", (*f)->note);
	}
	ms_buf_byte(&names, '\0');
	return (const char *)names.p;
}

static const char *
set_format(struct options *options, const char *value)
{
	options->format = ms_format_find(value);
	if (options->format)
		return NULL;
	return ms_arena_printf(options->arena, "is no format (%s)",
	    format_names(options->arena, NULL));
}

static const char *
set_json(struct options *options, const char *value)
{
	(void)value;
	return set_format(options, "json");
}

static const char *
set_fail_on(struct options *options, const char *value)
{
	return ms_severity_parse(ms_slice_from(value), &options->fail_on)
		   ? NULL
		   : "is no level (info, low, medium, high, critical, never)";
}

static const char *
set_quiet(struct options *options, const char *value)
{
	(void)value;
	options->quiet = true;
	return NULL;
}

static const char *
set_verbose(struct options *options, const char *value)
{
	(void)value;
	options->verbose = true;
	return NULL;
}

static const char *
set_color(struct options *options, const char *value)
{
	options->color = value;
	if (strcmp(value, "auto") == 0 || strcmp(value, "always") == 0 ||
	    strcmp(value, "never") == 0)
		return NULL;
	return "is none of auto, always, never";
}

static bool
number(const char *value, uint64_t max, uint64_t *out)
{
	struct ms_scan s = ms_scan_init(ms_slice_from(value));

	*out = ms_scan_number(&s, 12, max);
	return !s.bad && s.p == s.end;
}

static const char *
set_jobs(struct options *options, const char *value)
{
	uint64_t n;

	if (!number(value, 1024, &n) || n == 0)
		return "is no number from 1 to 1024";
	options->jobs = (unsigned)n;
	return NULL;
}

static const char *
set_unordered(struct options *options, const char *value)
{
	(void)value;
	options->unordered = true;
	return NULL;
}

static const char *
set_summary(struct options *options, const char *value)
{
	(void)value;
	options->summary = true;
	return NULL;
}

static const char *
set_offline(struct options *options, const char *value)
{
	(void)value;
	options->offline = true;
	return NULL;
}

static const char *
set_help(struct options *options, const char *value)
{
	(void)value;
	options->help = true;
	return NULL;
}

static const char *
set_geoip_db(struct options *options, const char *value)
{
	add_word(options->arena, &options->geoip_db, value);
	return *value ? NULL : "is empty";
}

static const char *
add_net(struct options *options, struct nets *nets, const char *value)
{
	struct ms_net net;

	if (!ms_net_parse(ms_slice_from(value), &net))
		return "is no address or network (192.0.2.0/24, 2001:db8::/32)";
	nets->list = ms_arena_grow(options->arena, nets->list,
	    sizeof(net) * nets->n, sizeof(net) * (nets->n + 1));
	nets->list[nets->n++] = net;
	return NULL;
}

static const char *
set_trust(struct options *options, const char *value)
{
	return add_net(options, &options->trust, value);
}

static const char *
set_allow(struct options *options, const char *value)
{
	return add_net(options, &options->allow, value);
}

static const char *
set_zone(struct options *options, const char *value)
{
	add_word(options->arena, &options->zones, value);
	return *value ? NULL : "is empty";
}

static const char *
set_resolver(struct options *options, const char *value)
{
	add_word(options->arena, &options->resolvers, value);
	return *value ? NULL : "is empty";
}

/* Seconds, down to the millisecond; 0 would ask for nothing at all. */
bool
options_seconds(const char *value, double *out)
{
	struct ms_scan s = ms_scan_init(ms_slice_from(value));
	double scale = 1;

	*out = (double)ms_scan_number(&s, 5, 86400);
	if (ms_scan_try_byte(&s, '.')) {
		struct ms_slice digits = ms_scan_while(&s, MS_C_DIGIT, 3);

		for (size_t i = 0; i < digits.n; i++)
			*out += (digits.p[i] - '0') * (scale /= 10);
	}
	return !s.bad && s.p == s.end && *out > 0;
}

static const char *
set_dns_timeout(struct options *options, const char *value)
{
	return options_seconds(value, &options->dns_timeout)
		   ? NULL
		   : "is no number of seconds (5, 0.5)";
}

static const char *
set_timeout(struct options *options, const char *value)
{
	return options_seconds(value, &options->timeout)
		   ? NULL
		   : "is no number of seconds (30, 2.5)";
}

static const char *
set_careful(struct options *options, const char *value)
{
	(void)value;
	options->careful = true;
	return NULL;
}

/* "days=14", "seconds=2.5", "score=80". */
static const char *
set_threshold(struct ms_thresholds *out, const char *value)
{
	static const char *const names[] = { "days", "seconds", "score" };
	double *const places[] = { &out->days, &out->seconds, &out->score };
	size_t n = strcspn(value, "=");

	for (size_t i = 0; i < 3; i++)
		if (n == strlen(names[i]) && memcmp(value, names[i], n) == 0 &&
		    value[n] && options_seconds(value + n + 1, places[i]))
			return NULL;
	return "is no threshold (days=14, seconds=2.5, score=80)";
}

static const char *
set_warning(struct options *options, const char *value)
{
	return set_threshold(&options->warning, value);
}

static const char *
set_critical(struct options *options, const char *value)
{
	return set_threshold(&options->critical, value);
}

static const char *
set_mx(struct options *options, const char *value)
{
	struct ms_slice name, unicode;
	const char *note;

	if (!ms_domain_read(
		options->arena, ms_slice_from(value), &name, &unicode, &note))
		return note;
	add_word(options->arena, &options->mx,
	    ms_arena_string(options->arena, name));
	return NULL;
}

static const char *
set_ehlo(struct options *options, const char *value)
{
	struct ms_slice text = ms_slice_from(value);

	options->ehlo = value;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] >= 0x7f)
			return "is no name of a host (mail.example.org, "
			       "[192.0.2.1])";
	return text.n > 0 && text.n <= 255 ? NULL
					   : "is empty, or over 255 octets";
}

static const char *
set_wait(struct options *options, const char *value)
{
	return options_seconds(value, &options->wait)
		   ? NULL
		   : "is no number of seconds (300, 0.5)";
}

static const char *
set_keep(struct options *options, const char *value)
{
	(void)value;
	options->keep = true;
	return NULL;
}

static const char *
set_clean(struct options *options, const char *value)
{
	(void)value;
	options->clean = true;
	return NULL;
}

static const char *
set_tls_scan(struct options *options, const char *value)
{
	(void)value;
	options->tls_scan = true;
	return NULL;
}

/* ---- logging in ---- */

static const char *
user_is_wrong(const char *value)
{
	size_t n = strlen(value);

	for (size_t i = 0; i < n; i++)
		if (ms_is((unsigned char)value[i], MS_C_CTL))
			return "has a control character in it";
	return n > 0 && n <= 512 ? NULL : "is empty, or over 512 octets";
}

static const char *
set_login(struct options *options, const char *value)
{
	options->login = value;
	return user_is_wrong(value);
}

static const char *
set_from_login(struct options *options, const char *value)
{
	options->from_side.login = value;
	return user_is_wrong(value);
}

static const char *
set_to_login(struct options *options, const char *value)
{
	options->to_side.login = value;
	return user_is_wrong(value);
}

static const char *
set_mechanism(struct options *options, const char *value)
{
	const struct ms_sasl_mechanism *m =
	    ms_sasl_mechanism(ms_slice_from(value));

	options->mechanism = m ? m->name : "USER";
	return m || ms_slice_is(ms_slice_from(value), "USER")
		   ? NULL
		   : "is no mechanism (SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, "
		     "SCRAM-SHA-256, SCRAM-SHA-1, OAUTHBEARER, XOAUTH2, "
		     "PLAIN, LOGIN, CRAM-MD5; USER in POP3)";
}

static const char *
set_insecure_login(struct options *options, const char *value)
{
	(void)value;
	options->insecure_login = true;
	return NULL;
}

static const char *
set_retry(struct options *options, const char *value)
{
	struct ms_scan scan = ms_scan_init(ms_slice_from(value));

	options->retries = (unsigned)ms_scan_number(&scan, 2, 10);
	return !scan.bad && ms_scan_at_end(&scan) ? NULL
						  : "is no number from 0 to 10";
}

static const char *
set_ip(struct options *options, const char *value)
{
	return ms_ip_parse(ms_slice_from(value), &options->ip)
		   ? NULL
		   : "is no IP address (192.0.2.1, 2001:db8::1)";
}

static const char *
set_mail_from(struct options *options, const char *value)
{
	size_t n = strlen(value);

	options->mail_from = value;
	return n > 0 && value[n - 1] == '@' ? "has no domain" : NULL;
}

static const char *
set_keys(struct options *options, const char *value)
{
	add_word(options->arena, &options->keys, value);
	return *value ? NULL : "is empty";
}

static const char *
set_from(struct options *options, const char *value)
{
	add_word(options->arena, &options->from, value);
	return *value ? NULL : "is empty";
}

/* RESULT:DOMAIN; NULL, or what is wrong. */
static const char *
identifier(const char *value)
{
	struct ms_slice s = ms_slice_from(value);
	size_t colon = ms_slice_find(s, 0, ':');
	enum ms_auth_result result;

	if (colon + 1 < s.n &&
	    ms_auth_result_parse(ms_slice_part(s, 0, colon), &result))
		return NULL;
	return "is no RESULT:DOMAIN (pass:example.org)";
}

static const char *
set_spf(struct options *options, const char *value)
{
	if (options->spf)
		return "is the second: there is one SPF result";
	options->spf = value;
	return identifier(value);
}

static const char *
set_dkim(struct options *options, const char *value)
{
	add_word(options->arena, &options->dkim, value);
	return identifier(value);
}

static const char *
set_at(struct options *options, const char *value)
{
	options->at_received = strcmp(value, "received") == 0;
	options->at_given = !options->at_received;
	if (options->at_received ||
	    ms_time_parse(ms_slice_from(value), &options->at))
		return NULL;
	return "is neither an RFC 3339 time (2026-01-02T03:04:05Z) nor "
	       "\"received\"";
}

static const char *
set_index(struct options *options, const char *value)
{
	uint64_t n;

	if (!number(value, 99999999999, &n))
		return "is no number (messages count from 0)";
	options->index = (long long)n;
	return NULL;
}

/* "127.0.0.1", "127.0.0.1:9925", "[::1]:9925". */
static const char *
set_listen(struct options *options, const char *value)
{
	struct ms_slice text = ms_slice_from(value);
	struct ms_slice port = { NULL, 0 };
	size_t end = ms_slice_find(text, 0, ']');
	uint64_t n = LISTEN_PORT;
	bool good;

	if (ms_slice_starts(text, "[")) {
		port = ms_slice_part(text, end + 1, text.n);
		text = ms_slice_part(text, 1, end);
		if (end == strlen(value) || (port.n > 0 && *port.p != ':'))
			text.n = 0;
	} else if (!ms_ip_parse(text, &options->listen)) {
		end = ms_slice_find(text, 0, ':');
		port = ms_slice_part(text, end, text.n);
		text = ms_slice_part(text, 0, end);
	}
	good = ms_ip_parse(text, &options->listen);
	if (good && port.n > 0)
		good = number((const char *)port.p + 1, 65535, &n);
	options->listen_port = (uint16_t)n;
	return good ? NULL
		    : "is no address to listen at (127.0.0.1, "
		      "127.0.0.1:9925, [::1]:9925; port 0: any)";
}

static const char *
set_allow_target(struct options *options, const char *value)
{
	struct allowed *targets = &options->targets;
	size_t size = sizeof(*targets->list);
	struct ms_allow allow;
	const char *wrong;

	if (!ms_allow_read(
		options->arena, ms_slice_from(value), &allow, &wrong))
		return wrong;
	targets->list = ms_arena_grow(options->arena, targets->list,
	    size * targets->n, size * (targets->n + 1));
	targets->list[targets->n++] = allow;
	return NULL;
}

static const char *
set_attached(struct options *options, const char *value)
{
	(void)value;
	options->attached = true;
	return NULL;
}

static const char *
set_defang(struct options *options, const char *value)
{
	(void)value;
	options->defang = true;
	return NULL;
}

static const char *
set_rules(struct options *options, const char *value)
{
	add_word(options->arena, &options->rules, value);
	return *value ? NULL : "is empty";
}

static const char *
set_no_links(struct options *options, const char *value)
{
	(void)value;
	options->no_links = true;
	return NULL;
}

static const char *
set_hashes(struct options *options, const char *value)
{
	options->digests = MS_DIGEST_SHA256;
	if (strcmp(value, "all") == 0)
		options->digests = MS_DIGEST_ALL;
	else if (strcmp(value, "sha256") != 0)
		return "is neither sha256 nor all";
	return NULL;
}

static const char *
set_only(struct options *options, const char *value)
{
	const struct ms_domain_check *const *checks = ms_domain_checks();

	add_word(options->arena, &options->only, value);
	for (size_t i = 0; checks[i]; i++)
		if (strcmp(value, checks[i]->id) == 0)
			return NULL;
	return "is no check (mx, spf, dmarc, mta-sts, dane …)";
}

/* The name of a list's zone. */
static const char *
add_zone_name(struct options *options, struct words *words, const char *value)
{
	struct ms_slice name, unicode;
	const char *note;

	if (!ms_domain_read(
		options->arena, ms_slice_from(value), &name, &unicode, &note))
		return note;
	add_word(options->arena, words, ms_arena_string(options->arena, name));
	return NULL;
}

static const char *
set_list(struct options *options, const char *value)
{
	return add_zone_name(options, &options->dnsbl, value);
}

static const char *
set_lists(struct options *options, const char *value)
{
	add_word(options->arena, &options->dnsbl_files, value);
	return *value ? NULL : "is empty";
}

static const char *
set_senders(struct options *options, const char *value)
{
	(void)value;
	options->senders = true;
	return NULL;
}

static const char *
set_names_from(struct options *options, const char *value)
{
	add_word(options->arena, &options->names_from, value);
	return *value ? NULL : "is empty";
}

static const char *
set_only_list(struct options *options, const char *value)
{
	return add_zone_name(options, &options->dnsbl_only, value);
}

static const char *
set_selector(struct options *options, const char *value)
{
	struct ms_scan s = ms_scan_init(ms_slice_from(value));

	add_word(options->arena, &options->selectors, value);
	(void)ms_scan_while(&s, MS_C_ALNUM, 63);
	while (ms_scan_try_byte(&s, '-') || ms_scan_try_byte(&s, '_') ||
	       ms_scan_try_byte(&s, '.'))
		(void)ms_scan_while(&s, MS_C_ALNUM, 63);
	return *value && ms_scan_at_end(&s)
		   ? NULL
		   : "is no selector (letters, digits, \"-\", \"_\", \".\")";
}

static const char *
set_selectors_from(struct options *options, const char *value)
{
	add_word(options->arena, &options->selectors_from, value);
	return *value ? NULL : "is empty";
}

static const char *
set_profile(struct options *options, const char *value)
{
	for (int p = MS_DOMAIN_MAIL; p <= MS_DOMAIN_PARKED; p++) {
		options->profile = (enum ms_domain_profile)p;
		if (strcmp(value, ms_domain_profile_name(options->profile)) ==
		    0)
			return NULL;
	}
	return "is none of mail, sender, parked";
}

static const char *
set_fix(struct options *options, const char *value)
{
	(void)value;
	options->fix = true;
	return NULL;
}

static const char *
set_active(struct options *options, const char *value)
{
	(void)value;
	options->active = true;
	return NULL;
}

static const char *
set_reputation(struct options *options, const char *value)
{
	(void)value;
	options->reputation = true;
	return NULL;
}

static const char *
set_connect(struct options *options, const char *value)
{
	(void)value;
	options->connect = true;
	return NULL;
}

static const char *
set_connect_to(struct options *options, const char *value)
{
	struct redirects *all = &options->redirects;
	struct ms_redirect one;

	if (!ms_redirect_parse(ms_slice_from(value), &one))
		return "is no HOST:PORT:ADDR:PORT (mx.example.org:25:192.0.2.1:"
		       "2525; each may be empty, IPv6 in brackets)";
	all->list = ms_arena_grow(options->arena, all->list,
	    sizeof(one) * all->n, sizeof(one) * (all->n + 1));
	all->list[all->n++] = one;
	return NULL;
}

static const char *
set_geoip(struct options *options, const char *value)
{
	options->geoip = value;
	return NULL;
}

static const char *
set_geoip6(struct options *options, const char *value)
{
	options->geoip6 = value;
	return NULL;
}

/* How a value is taken: by a function, or as it is. */
#define SET(function) function, 0
#define AT(member)    NULL, offsetof(struct options, member)

static const struct option rows[] = {
	{ "format", 'f', "FMT", OPT_OUTPUT,
	    NULL, /* those that fit the command */
	    SET(set_format), OPTION_SHOWS },
	{ "json", 'j', NULL, OPT_OUTPUT, "the same as --format json",
	    SET(set_json), OPTION_SHOWS },
	{ "warning", 0, "LIMIT", OPT_DOMAIN | OPT_PROBE | OPT_TRIP,
	    "nagios: a warning below days=N, score=N, above seconds=N",
	    SET(set_warning), OPTION_SHOWS },
	{ "critical", 0, "LIMIT", OPT_DOMAIN | OPT_PROBE | OPT_TRIP,
	    "nagios: the same, critical", SET(set_critical), OPTION_SHOWS },
	{ "output", 'o', "FILE", OPT_OUTPUT | OPT_PLAIN,
	    "write to FILE, whole or not at all", AT(output), OPTION_SHOWS },
	{ "ip", 0, "IP", OPT_SENDER, "the address that sends", SET(set_ip),
	    OPTION_JUDGES },
	{ "mail-from", 0, "ADDR", OPT_SENDER,
	    "the sender of the envelope; <> is the null sender",
	    SET(set_mail_from), OPTION_JUDGES },
	{ "helo", 0, "NAME", OPT_SENDER, "the name given with HELO or EHLO",
	    AT(helo), OPTION_JUDGES },
	{ "from", 0, "DOMAIN", OPT_IDENTIFIERS,
	    "the author's domain; again for each further author", SET(set_from),
	    OPTION_JUDGES },
	{ "spf", 0, "RESULT:DOMAIN", OPT_IDENTIFIERS,
	    "what SPF gave, and for which domain", SET(set_spf),
	    OPTION_JUDGES },
	{ "dkim", 0, "RESULT:DOMAIN", OPT_IDENTIFIERS,
	    "what a signature gave, and its d=; repeatable", SET(set_dkim),
	    OPTION_JUDGES },
	{ "listen", 0, "ADDR:PORT", OPT_SERVE,
	    "where to listen (default 127.0.0.1:9925; port 0: any)",
	    SET(set_listen), OPTION_SHOWS },
	{ "allow-target", 0, "PATTERN", OPT_SERVE,
	    "what may be asked about: a host or domain, *.example.org, a "
	    "network, *; with SCHEME:// and :PORT; repeatable",
	    SET(set_allow_target), OPTION_SHOWS },
	{ "fail-on", 0, "LEVEL",
	    OPT_JUDGE | OPT_SENDER | OPT_IDENTIFIERS | OPT_SERVE | OPT_REPORTS |
		OPT_PACKS,
	    "exit 1 from this severity on: info, low, medium, high (default), "
	    "critical; never",
	    SET(set_fail_on), OPTION_OFFERS },
	{ "at", 0, "TIME",
	    OPT_JUDGE | OPT_SENDER | OPT_IDENTIFIERS | OPT_REPORTS | OPT_PACKS,
	    "judge as of TIME (RFC 3339, or \"received\"); default now",
	    SET(set_at), OPTION_JUDGES },
	{ "trust", 0, "NET", OPT_JUDGE,
	    "addresses of your own relays: the trust boundary; repeatable",
	    SET(set_trust), OPTION_JUDGES },
	{ "allow-net", 0, "NET", OPT_JUDGE | OPT_SERVE,
	    "judge this special-purpose range as public; repeatable",
	    SET(set_allow), OPTION_JUDGES },
	{ "index", 0, "N", OPT_MESSAGE,
	    "only message N of a mailbox, counting from 0", SET(set_index),
	    OPTION_JUDGES },
	{ "attached", 0, NULL, OPT_MESSAGE,
	    "the attached original, not the message that carries it",
	    SET(set_attached), OPTION_JUDGES },
	{ "jobs", 0, "N", OPT_MESSAGE | OPT_JOBS | OPT_SERVE | OPT_REPORTS,
	    "subjects worked on at once (default: what the work needs)",
	    SET(set_jobs), OPTION_SHOWS },
	{ "unordered", 0, NULL, OPT_JOBS,
	    "give each result when it is done, not in the order of the input",
	    SET(set_unordered), OPTION_SHOWS },
	{ "resume", 0, "FILE", OPT_JOBS,
	    "leave out what has a result in FILE: NDJSON of a run that was "
	    "interrupted",
	    AT(resume), OPTION_SHOWS },
	{ "summary", 0, NULL, OPT_JOBS | OPT_REPORTS,
	    "at the end count subjects by finding, severity and exit code",
	    SET(set_summary), OPTION_SHOWS },
	{ "extract", 0, "DIR", OPT_CONTENT,
	    "save every part under a safe name in DIR, with a manifest",
	    AT(extract), OPTION_SHOWS },
	{ "hashes", 0, "KINDS", OPT_CONTENT,
	    "of each part: sha256, or all (MD5 and SHA-1 as well)",
	    SET(set_hashes), OPTION_JUDGES },
	{ "defang", 0, NULL, OPT_CONTENT,
	    "write links and addresses so that nothing makes them live",
	    SET(set_defang), OPTION_JUDGES },
	{ "rules", 0, "FILE", OPT_RULES,
	    "a pack of rules of your own, repeatable; see mailsonde help rules",
	    SET(set_rules), OPTION_JUDGES },
	{ "no-links", 0, NULL, OPT_PARSE,
	    "do not read texts for links: faster on large mailboxes",
	    SET(set_no_links), OPTION_JUDGES },
	{ "only", 0, "CHECK", OPT_DOMAIN,
	    "this check alone (mx, spf, mta-sts …); repeatable", SET(set_only),
	    OPTION_JUDGES },
	{ "list", 0, "ZONE", OPT_REPUTATION | OPT_DOMAIN,
	    "ask this list too; repeatable", SET(set_list), OPTION_JUDGES },
	{ "lists", 0, "FILE", OPT_REPUTATION | OPT_DOMAIN,
	    "ask the lists of FILE too, with their codes, keys and servers; "
	    "repeatable",
	    SET(set_lists), OPTION_JUDGES },
	{ "names-from", 0, "FILE", OPT_REPUTATION,
	    "look up the domains of authors, signatures and links in a "
	    "message, mailbox or folder; repeatable",
	    SET(set_names_from), OPTION_JUDGES },
	{ "senders", 0, NULL, OPT_REPUTATION,
	    "of a name also every address that its SPF record lets send, up "
	    "to 256",
	    SET(set_senders), OPTION_JUDGES },
	{ "only", 0, "ZONE", OPT_REPUTATION, "ask this list alone; repeatable",
	    SET(set_only_list), OPTION_JUDGES },
	{ "selector", 0, "NAME", OPT_DOMAIN | OPT_SERVE,
	    "a DKIM selector of the domain; repeatable (default: a guess)",
	    SET(set_selector), OPTION_JUDGES },
	{ "selectors-from", 0, "FILE", OPT_DOMAIN,
	    "look at the selectors that mail was signed with: a message, "
	    "mailbox, folder or DMARC report, repeatable",
	    SET(set_selectors_from), OPTION_JUDGES },
	{ "profile", 0, "KIND", OPT_DOMAIN,
	    "what the domain is for: mail, sender (only sends), parked; "
	    "default: a guess",
	    SET(set_profile), OPTION_JUDGES },
	{ "fix", 0, NULL, OPT_DOMAIN,
	    "print the records to publish, as a zone for --zone", SET(set_fix),
	    OPTION_SHOWS },
	{ "expect", 0, "FILE", OPT_DOMAIN,
	    "report where the domain deviates from FILE (mx, ns, spf, dmarc, "
	    "selector)",
	    AT(expect), OPTION_SHOWS },
	{ "baseline", 0, "FILE", OPT_DOMAIN,
	    "only what changed since FILE, results in NDJSON", AT(baseline),
	    OPTION_SHOWS },
	{ "mx", 0, "DOMAIN", OPT_PROBE,
	    "every mail exchanger of DOMAIN, each address; repeatable",
	    SET(set_mx), OPTION_JUDGES },
	{ "submit", 0, "TARGET", OPT_TRIP,
	    "the server that sends (submissions://HOST); default: that of "
	    "FROM's settings",
	    AT(submit), OPTION_JUDGES },
	{ "pickup", 0, "TARGET", OPT_TRIP,
	    "the server of the mailbox (imaps://HOST, pop3s://HOST); default: "
	    "that of TO's settings",
	    AT(pickup), OPTION_JUDGES },
	{ "bounces", 0, "TARGET", OPT_TRIP,
	    "also look for a bounce in FROM's mailbox, at this server",
	    AT(bounces), OPTION_JUDGES },
	{ "from-login", 0, "USER", OPT_TRIP,
	    "log in as USER at the server of FROM (default: the address; -: "
	    "nobody); the secret is asked for, or comes from:",
	    SET(set_from_login), OPTION_JUDGES },
	{ "from-password-file", 0, "FILE", OPT_TRIP,
	    "its first line is the password", AT(from_side.password_file),
	    OPTION_SHOWS },
	{ "from-password-env", 0, "NAME", OPT_TRIP,
	    "the environment variable that has the password",
	    AT(from_side.password_env), OPTION_SHOWS },
	{ "from-token-file", 0, "FILE", OPT_TRIP,
	    "its first line is a token of OAuth 2.0", AT(from_side.token_file),
	    OPTION_SHOWS },
	{ "from-token-env", 0, "NAME", OPT_TRIP,
	    "the environment variable that has the token",
	    AT(from_side.token_env), OPTION_SHOWS },
	{ "to-login", 0, "USER", OPT_TRIP,
	    "log in as USER at the server of TO (default: the address; -: "
	    "nobody); the secret is asked for, or comes from:",
	    SET(set_to_login), OPTION_JUDGES },
	{ "to-password-file", 0, "FILE", OPT_TRIP,
	    "its first line is the password", AT(to_side.password_file),
	    OPTION_SHOWS },
	{ "to-password-env", 0, "NAME", OPT_TRIP,
	    "the environment variable that has the password",
	    AT(to_side.password_env), OPTION_SHOWS },
	{ "to-token-file", 0, "FILE", OPT_TRIP,
	    "its first line is a token of OAuth 2.0", AT(to_side.token_file),
	    OPTION_SHOWS },
	{ "to-token-env", 0, "NAME", OPT_TRIP,
	    "the environment variable that has the token",
	    AT(to_side.token_env), OPTION_SHOWS },
	{ "wait", 0, "SECONDS", OPT_TRIP,
	    "how long to wait for it, once it was accepted (default 300)",
	    SET(set_wait), OPTION_JUDGES },
	{ "message", 0, "FILE", OPT_TRIP,
	    "send this one; fields that it lacks, and the mark, are added",
	    AT(message), OPTION_JUDGES },
	{ "keep", 0, NULL, OPT_TRIP, "leave the message in the mailbox",
	    SET(set_keep), OPTION_JUDGES },
	{ "clean", 0, NULL, OPT_TRIP,
	    "first remove messages of earlier runs older than a day",
	    SET(set_clean), OPTION_JUDGES },
	{ "ehlo", 0, "NAME", OPT_PROBE | OPT_TRIP | OPT_SERVE,
	    "the name to greet with (default: mailsonde.invalid)",
	    SET(set_ehlo), OPTION_JUDGES },
	{ "tls-scan", 0, NULL, OPT_PROBE,
	    "all that its TLS accepts, in some 50 connections",
	    SET(set_tls_scan), OPTION_JUDGES },
	{ "login", 0, "USER", OPT_LOGIN,
	    "log in as USER; the secret is asked for, or comes from:",
	    SET(set_login), OPTION_JUDGES },
	{ "password-file", 0, "FILE", OPT_LOGIN,
	    "its first line is the password", AT(password_file), OPTION_SHOWS },
	{ "password-env", 0, "NAME", OPT_LOGIN,
	    "the environment variable that has the password", AT(password_env),
	    OPTION_SHOWS },
	{ "token-file", 0, "FILE", OPT_LOGIN,
	    "its first line is a token of OAuth 2.0", AT(token_file),
	    OPTION_SHOWS },
	{ "token-env", 0, "NAME", OPT_LOGIN,
	    "the environment variable that has the token", AT(token_env),
	    OPTION_SHOWS },
	{ "mechanism", 0, "NAME", OPT_LOGIN,
	    "log in by this one (default: the strongest offered)",
	    SET(set_mechanism), OPTION_JUDGES },
	{ "insecure-login", 0, NULL, OPT_LOGIN | OPT_TRIP,
	    "send the secret also where TLS is lacking or not verified",
	    SET(set_insecure_login), OPTION_JUDGES },
	{ "retry", 0, "N", OPT_PROBE | OPT_SERVE,
	    "try N times more where the server is busy (default 0)",
	    SET(set_retry), OPTION_JUDGES },
	{ "active", 0, NULL, OPT_DOMAIN | OPT_PROBE,
	    "also what the owner of a server may dislike (zone transfer, "
	    "MAIL without TLS)",
	    SET(set_active), OPTION_JUDGES },
	{ "reputation", 0, NULL, OPT_DOMAIN | OPT_SERVE,
	    "ask block lists: they learn what is looked at",
	    SET(set_reputation), OPTION_JUDGES },
	{ "connect", 0, NULL, OPT_DOMAIN | OPT_SERVE,
	    "speak with its mail exchangers, up to the certificate, and ask "
	    "for autoconfig and Autodiscover",
	    SET(set_connect), OPTION_JUDGES },
	{ "connect-to", 0, "HOST:PORT:ADDR:PORT", OPT_CONNECT,
	    "connect to ADDR:PORT instead of HOST:PORT; repeatable",
	    SET(set_connect_to), OPTION_JUDGES },
	{ "ca-file", 0, "FILE", OPT_CONNECT,
	    "certificates (PEM) to trust instead of the system's", AT(ca_file),
	    OPTION_JUDGES },
	{ "geoip-db", 0, "FILE", OPT_GEO,
	    "a MaxMind-format database; repeatable (default: the system's, "
	    "then the embedded one)",
	    SET(set_geoip_db), OPTION_JUDGES },
	{ "geoip", 0, "FILE", OPT_GEO_BUILD,
	    "build: the IPv4 ranges of tor-geoipdb", SET(set_geoip),
	    OPTION_SHOWS },
	{ "geoip6", 0, "FILE", OPT_GEO_BUILD,
	    "build: the IPv6 ranges of tor-geoipdb", SET(set_geoip6),
	    OPTION_SHOWS },
	{ "keys", 0, "FILE", OPT_KEYS,
	    "archived DKIM keys as a zone file, where the DNS has none (any "
	    "more); repeatable",
	    SET(set_keys), OPTION_JUDGES },
	{ "canonical", 0, "DIR", OPT_KEYS,
	    "write the canonical bytes of each signature into DIR",
	    AT(canonical), OPTION_SHOWS },
	{ "zone", 0, "FILE", OPT_DNS | OPT_SERVE | OPT_REPORTS,
	    "lay these master-file records over the DNS; repeatable",
	    SET(set_zone), OPTION_JUDGES },
	{ "record", 0, "FILE", OPT_DNS,
	    "write the evidence to FILE: what was judged, and every answer",
	    AT(record), OPTION_SHOWS },
	{ "replay", 0, "FILE", OPT_DNS,
	    "judge from such a file alone, with no packet sent", AT(replay),
	    OPTION_SHOWS },
	{ "resolver", 0, "ADDR", OPT_DNS | OPT_SERVE | OPT_REPORTS,
	    "ask this resolver (ADDR or ADDR@PORT); repeatable (default: the "
	    "system's)",
	    SET(set_resolver), OPTION_JUDGES },
	{ "dns-timeout", 0, "SECONDS", OPT_DNS | OPT_SERVE | OPT_REPORTS,
	    "of one question, retries included (default 5)",
	    SET(set_dns_timeout), OPTION_JUDGES },
	{ "timeout", 0, "SECONDS", OPT_DNS | OPT_SERVE,
	    "of one subject as a whole; what is known by then is reported",
	    SET(set_timeout), OPTION_JUDGES },
	{ "careful", 0, NULL, OPT_DNS,
	    "ask nothing before it is needed, even if that takes longer",
	    SET(set_careful), OPTION_OFFERS },
	{ "offline", 0, NULL, OPT_OUTPUT | OPT_SERVE,
	    "no packet leaves this machine", SET(set_offline), OPTION_OFFERS },
	{ "color", 0, "WHEN", OPT_OUTPUT,
	    "auto (default), always, never; NO_COLOR is honoured",
	    SET(set_color), OPTION_SHOWS },
	{ "quiet", 'q', NULL, OPT_OUTPUT | OPT_SERVE,
	    "no progress and no remarks", SET(set_quiet), OPTION_SHOWS },
	{ "verbose", 'v', NULL, OPT_OUTPUT | OPT_SERVE, "say more",
	    SET(set_verbose), OPTION_SHOWS },
	{ "help", 'h', NULL, OPT_OUTPUT | OPT_PLAIN | OPT_SERVE, "this text",
	    SET(set_help), OPTION_SHOWS },
	{ 0 },
};

const struct option *
options_rows(void)
{
	return rows;
}

/* ---- nearest word: Damerau's distance, short words only ---- */

#define WORD_MAX 24

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static unsigned
distance(const char *a, const char *b)
{
	size_t an = strlen(a), bn = strlen(b);
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	if (an > WORD_MAX || bn > WORD_MAX)
		return WORD_MAX;
	for (unsigned i = 0; i <= an; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= bn; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= an; i++) {
		for (size_t j = 1; j <= bn; j++) {
			unsigned cost = a[i - 1] != b[j - 1];

			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
			    d[i - 1][j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[an][bn];
}

const char *
nearest_word(const char *word, const char *const *list, size_t n)
{
	const char *best = NULL;
	unsigned best_distance = (unsigned)strlen(word) / 3 + 2;

	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(word, list[i]);

		if (d < best_distance) {
			best = list[i];
			best_distance = d;
		}
	}
	return best;
}

/* ---- parsing ---- */

struct reader {
	struct options *options;
	unsigned groups;
	int argc, at;
	char **argv;
	char *error;
	size_t error_size;
};

static const struct option *
find_name(const struct reader *r, const char *name, size_t n)
{
	for (const struct option *o = rows; o->name; o++)
		if ((o->group & r->groups) && strlen(o->name) == n &&
		    memcmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

static const struct option *
find_letter(const struct reader *r, char letter)
{
	for (const struct option *o = rows; o->name; o++)
		if ((o->group & r->groups) && o->letter == letter)
			return o;
	return NULL;
}

static bool
unknown_name(struct reader *r, const char *name, size_t n)
{
	const char *names[64];
	size_t count = 0;
	char *word = ms_arena_string(r->options->arena, ms_slice_make(name, n));
	const char *near;

	for (const struct option *o = rows; o->name && count < 64; o++)
		if (o->group & r->groups)
			names[count++] = o->name;
	near = nearest_word(word, names, count);
	snprintf(r->error, r->error_size, "unknown option --%.*s%s%s%s", (int)n,
	    name, near ? "; did you mean --" : "", near ? near : "",
	    near ? "?" : "; see --help");
	return false;
}

static void
add_given(struct options *options, const struct option *o, const char *value)
{
	struct given_list *given = &options->given;
	size_t size = sizeof(*given->list);

	given->list = ms_arena_grow(options->arena, given->list,
	    size * given->n, size * (given->n + 1));
	given->list[given->n++] = (struct given){ o, value };
}

/* NULL, or what is wrong with the value. */
static const char *
store(struct options *options, const struct option *o, const char *value)
{
	if (o->set)
		return o->set(options, value);
	memcpy((char *)options + o->at, &value, sizeof(value));
	return value && *value ? NULL : "is empty";
}

static bool
apply(struct reader *r, const struct option *o, const char *value)
{
	const char *wrong = store(r->options, o, value);

	add_given(r->options, o, value);
	if (!wrong)
		return true;
	snprintf(r->error, r->error_size, "--%s: \"%s\" %s", o->name,
	    value ? value : "", wrong);
	return false;
}

static bool
apply_next(struct reader *r, const struct option *o)
{
	if (r->at >= r->argc) {
		snprintf(r->error, r->error_size, "--%s needs a value: %s",
		    o->name, o->value);
		return false;
	}
	return apply(r, o, r->argv[r->at++]);
}

static bool
read_long(struct reader *r, const char *word)
{
	size_t n = strcspn(word, "=");
	const struct option *o = find_name(r, word, n);

	if (!o)
		return unknown_name(r, word, n);
	if (!o->value && word[n] == '=') {
		snprintf(
		    r->error, r->error_size, "--%s takes no value", o->name);
		return false;
	}
	if (word[n] == '=')
		return apply(r, o, word + n + 1);
	return o->value ? apply_next(r, o) : apply(r, o, NULL);
}

static bool
read_letters(struct reader *r, const char *word)
{
	for (; *word; word++) {
		const struct option *o = find_letter(r, *word);

		if (!o) {
			snprintf(r->error, r->error_size,
			    "unknown option -%c; see --help", *word);
			return false;
		}
		if (o->value)
			return word[1] ? apply(r, o, word + 1)
				       : apply_next(r, o);
		if (!apply(r, o, NULL))
			return false;
	}
	return true;
}

static bool
read_words(struct reader *r)
{
	struct options *options = r->options;
	bool only_files = false;

	while (r->at < r->argc) {
		const char *word = r->argv[r->at++];
		bool ok = true;

		if (only_files || word[0] != '-' || !word[1])
			add_word(r->options->arena, &options->files, word);
		else if (strcmp(word, "--") == 0)
			only_files = true;
		else if (word[1] == '-')
			ok = read_long(r, word + 2);
		else
			ok = read_letters(r, word + 1);
		if (!ok)
			return false;
	}
	return true;
}

bool
options_parse(struct ms_arena *arena, unsigned groups, int argc, char **argv,
    struct options *out, char *error, size_t error_size)
{
	struct reader r = { out, groups, argc, 0, argv, error, error_size };

	memset(out, 0, sizeof(*out));
	out->arena = arena;
	out->format = ms_format_find("text");
	out->warning = out->critical = (struct ms_thresholds){ -1, -1, -1 };
	out->fail_on = MS_SEVERITY_HIGH;
	out->color = "auto";
	out->index = -1;
	return read_words(&r);
}

/* ---- the options of a record ---- */

/* The next of a list that belongs to the row, from *at on; NULL behind the
 * last. */
static const struct given *
next_of(const struct option *o, const struct given_list *list, size_t *at)
{
	while (*at < list->n) {
		const struct given *given = &list->list[(*at)++];

		if (given->row == o)
			return given;
	}
	return NULL;
}

static bool
same_values(const struct option *o, const struct given_list *a,
    const struct given_list *b)
{
	size_t i = 0, j = 0;

	for (;;) {
		const struct given *x = next_of(o, a, &i);
		const struct given *y = next_of(o, b, &j);

		if (!x || !y)
			return x == y;
		if (x->value && y->value && strcmp(x->value, y->value) != 0)
			return false;
	}
}

static const char *
adopt_row(struct options *options, const struct option *o,
    const struct given_list *recorded)
{
	const struct given *given;
	size_t at = 0;

	if (next_of(o, &options->given, &at)) {
		if (o->weight == OPTION_OFFERS ||
		    same_values(o, &options->given, recorded))
			return NULL;
		at = 0;
		given = next_of(o, recorded, &at);
		if (!given)
			return "the record was made without it";
		return ms_arena_printf(options->arena,
		    "the record was made with %s",
		    given->value ? given->value : "it");
	}
	at = 0;
	while ((given = next_of(o, recorded, &at))) {
		const char *wrong = store(options, o, given->value);

		if (wrong)
			return wrong;
	}
	return NULL;
}

static bool
same_words(const struct words *a, const struct words *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	return true;
}

const struct option *
options_find(unsigned groups, const char *name)
{
	struct reader r = { .groups = groups };

	return find_name(&r, name, strlen(name));
}

const char *
options_adopt(struct options *options, const struct given_list *recorded,
    const struct words *arguments)
{
	for (const struct option *o = rows; o->name; o++) {
		const char *wrong = o->weight == OPTION_SHOWS
					? NULL
					: adopt_row(options, o, recorded);

		if (wrong)
			return ms_arena_printf(
			    options->arena, "--%s: %s", o->name, wrong);
	}
	if (!arguments)
		return NULL;
	if (options->files.n > 0 && !same_words(&options->files, arguments))
		return "the record was made with other arguments";
	options->files = *arguments;
	return NULL;
}

/* ---- help ---- */

static void
help_row(FILE *out, const struct option *o, const char *text)
{
	char left[40];
	size_t width = 48;

	snprintf(left, sizeof(left), "  %c%c%c --%s%s%s", o->letter ? '-' : ' ',
	    o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
	    o->value ? " " : "", o->value ? o->value : "");
	if (strlen(left) > 27)
		fprintf(out, "%s\n%28s", left, "");
	else
		fprintf(out, "%-28s", left);
	while (strlen(text) > width) {
		size_t n = width;

		while (n > 0 && text[n] != ' ')
			n--;
		fprintf(out, "%.*s\n%28s", (int)n, text, "");
		text += n + 1;
	}
	fprintf(out, "%s\n", text);
}

const char *
options_text(
    struct ms_arena *arena, const struct option *o, const char *command)
{
	return o->help ? o->help : format_names(arena, command);
}

void
options_help(FILE *out, unsigned groups, const char *command)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	for (const struct option *o = rows; o->name; o++)
		if (o->group & groups)
			help_row(out, o, options_text(arena, o, command));
	ms_arena_free(arena);
}
