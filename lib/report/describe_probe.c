/* SPDX-License-Identifier: ISC
 * describe_probe.c - what was found at a mail server, as report nodes
 */
#include "describe_priv.h"

#define TEXT(s) (int)(s).n, ((s).p ? (const char *)(s).p : "")

/* ---- data ---- */

static void
put_capabilities(struct ms_report *report, struct ms_node *server,
    const char *key, const struct ms_probe_capabilities *list)
{
	struct ms_node *array = ms_put_array(report, server, key);

	for (size_t i = 0; i < list->n; i++) {
		const struct ms_probe_capability *c = &list->list[i];

		ms_put_text(report, array, NULL,
		    c->value.n > 0
			? ms_slice_from(ms_arena_printf(report->arena,
			      "%.*s %.*s", TEXT(c->name), TEXT(c->value)))
			: c->name);
	}
}

static void
put_mechanisms(struct ms_report *report, struct ms_node *server,
    const char *key, const struct ms_probe_capabilities *list)
{
	ms_put_texts(report, server, key, list->mechanisms, list->mechanisms_n);
}

static bool
is_smtp(const struct ms_probe_result *r)
{
	return r->esmtp && ms_probe_last_said(r)->asked;
}

/* Each that a server of SMTP is looked at for, offered or not. */
static void
put_extensions(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_result *r)
{
	const struct ms_smtp_extension *e = ms_smtp_extensions();
	struct ms_node *array, *node;

	if (!is_smtp(r))
		return;
	array = ms_put_array(report, server, "extensions");
	for (; e->name; e++) {
		node = ms_put_object(report, array, NULL);
		ms_put_string(report, node, "name", e->name);
		ms_put_bool(report, node, "offered",
		    ms_probe_offered(ms_probe_last_said(r), e->name) != NULL);
		ms_put_string(report, node, "use", e->use);
		ms_put_string(report, node, "reference", e->reference);
	}
}

void
describe_seconds(struct ms_report *report, struct ms_node *node,
    const char *key, double seconds)
{
	if (seconds >= 0)
		ms_put_double(report, node, key, seconds);
	else
		ms_put_null(report, node, key);
}

static void
put_timing(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_timing *t)
{
	struct ms_node *timing = ms_put_object(report, server, "timing");

	describe_seconds(report, timing, "dns", t->dns);
	describe_seconds(report, timing, "connect", t->connect);
	describe_seconds(report, timing, "banner", t->banner);
	describe_seconds(report, timing, "greeting", t->greeting);
	describe_seconds(report, timing, "tls", t->tls);
	describe_seconds(report, timing, "quit", t->quit);
	describe_seconds(report, timing, "total", t->total);
}

static void
put_reply(struct ms_report *report, struct ms_node *server, const char *key,
    const struct ms_probe_reply *reply)
{
	struct ms_buf text;

	if (reply->n == 0) {
		ms_put_null(report, server, key);
		return;
	}
	ms_buf_init(&text, report->arena);
	for (size_t i = 0; i < reply->n; i++) {
		if (i > 0)
			ms_buf_byte(&text, '\n');
		ms_buf_slice(&text, reply->lines[i]);
	}
	ms_put_evidence(report, server, key, ms_buf_get(&text));
}

static void
put_reverse(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_result *r)
{
	struct ms_node *array;

	if (!r->ptr_asked || ms_dns_is_failure(r->ptr.status)) {
		ms_put_null(report, server, "ptr");
		return;
	}
	array = ms_put_array(report, server, "ptr");
	for (size_t i = 0; i < r->ptr.n; i++)
		ms_put_text(report, array, NULL, r->ptr.records[i].u.target);
}

static void
put_http(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_http *http)
{
	struct ms_node *node;

	if (http->code == 0)
		return;
	node = ms_put_object(report, server, "http");
	ms_put_int(report, node, "status", http->code);
	ms_put_text(report, node, "server", http->server);
	ms_put_text(report, node, "realm", http->realm);
	ms_put_text(report, node, "protocol_versions", http->versions);
	ms_put_text(report, node, "protocol_commands", http->commands);
	ms_put_text(report, node, "location", http->location);
}

static void
put_active(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_active *active)
{
	struct ms_node *node, *array, *relay;

	if (active->injection == MS_PROBE_UNTRIED &&
	    active->bare_lf == MS_PROBE_UNTRIED)
		return;
	node = ms_put_object(report, server, "active");
	ms_put_string(report, node, "command_injection",
	    ms_probe_answer_name(active->injection));
	ms_put_string(
	    report, node, "bare_lf", ms_probe_answer_name(active->bare_lf));
	ms_put_string(report, node, "vrfy", ms_probe_answer_name(active->vrfy));
	ms_put_string(report, node, "expn", ms_probe_answer_name(active->expn));
	array = ms_put_array(report, node, "relay");
	for (size_t i = 0; i < active->relays_n; i++) {
		relay = ms_put_object(report, array, NULL);
		ms_put_string(report, relay, "from",
		    *active->relays[i].from ? active->relays[i].from : "<>");
		ms_put_string(report, relay, "to", active->relays[i].to);
		ms_put_string(report, relay, "taken",
		    ms_probe_answer_name(active->relays[i].taken));
		ms_put_int(report, relay, "code", active->relays[i].code);
	}
}

static void
put_transcript(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_result *r)
{
	struct ms_node *array = ms_put_array(report, server, "transcript");

	for (const struct ms_probe_exchange *e = r->transcript; e;
	     e = e->next) {
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_double(report, node, "at", e->at);
		ms_put_string(report, node, "who",
		    e->who == 'S'   ? "server"
		    : e->who == 'C' ? "client"
				    : "remark");
		ms_put_bool(report, node, "secured", e->secured);
		ms_put_evidence(report, node, "text", e->text);
	}
}

static struct ms_node *
put_server(struct ms_report *report, const struct ms_probe_result *r,
    const struct ms_identity *id, const struct ms_delivery *d)
{
	const struct ms_probe_capabilities *said = ms_probe_last_said(r);
	struct ms_node *server = ms_put_section(report, "server");

	ms_put_string(report, server, "status",
	    r->phase == MS_PROBE_DONE ? "ok"
	    : r->status == MS_WIRE_OK ? "ended"
				      : ms_wire_status_name(r->status));
	ms_put_string(report, server, "phase", ms_probe_phase_name(r->phase));
	ms_put_string(report, server, "why", r->why);
	ms_put_string(
	    report, server, "deferral", ms_probe_deferral_name(r->deferral));
	put_reply(report, server, "refusal", &r->refusal);
	put_reply(report, server, "banner", &r->banner);
	ms_put_text(report, server, "banner_name", r->banner_name);
	ms_put_text(report, server, "ehlo_name", r->ehlo_name);
	put_reverse(report, server, r);
	ms_put_string(
	    report, server, "starttls", ms_probe_starttls_name(r->starttls));
	ms_put_bool(report, server, "starttls_required", r->starttls_required);
	put_capabilities(report, server, "capabilities", said);
	put_mechanisms(report, server, "auth_mechanisms", said);
	put_extensions(report, server, r);
	if (r->secured.asked && r->plain.asked) {
		put_capabilities(
		    report, server, "capabilities_plain", &r->plain);
		put_mechanisms(
		    report, server, "auth_mechanisms_plain", &r->plain);
	}
	describe_put_tls(report, server, r, id, d);
	if (d->judged)
		describe_put_delivery(report, server, d);
	put_http(report, server, &r->http);
	put_active(report, server, &r->active);
	describe_put_login(report, server, r);
	ms_put_int(report, server, "connections", r->connections);
	put_timing(report, server, &r->timing);
	if (r->transcript)
		put_transcript(report, server, r);
	return server;
}

/* ---- text ---- */

static const char *
endpoint(struct ms_report *report, const struct ms_probe_result *r)
{
	char ip[MS_IP_TEXT] = "";
	bool bracket = r->target.literal && !r->target.ip.v4;

	if (r->ip.set)
		ms_ip_format(&r->ip, ip);
	return ms_arena_printf(report->arena, "%s://%s%.*s%s:%u%s%s%s",
	    r->target.protocol->name, bracket ? "[" : "", TEXT(r->target.host),
	    bracket ? "]" : "", r->target.port,
	    r->ip.set && !r->target.literal ? " (" : "",
	    r->ip.set && !r->target.literal ? ip : "",
	    r->ip.set && !r->target.literal ? ")" : "");
}

static void
say_answer(struct ms_report *report, const struct ms_probe_result *r)
{
	const struct ms_finding *worst = report->findings;
	struct describe_answer a =
	    describe_answer_of(report, "it answers as it should");

	ms_say_title(report, endpoint(report, r));
	ms_say_answer(report, a.style, "%s: %s", a.word, a.text);
	if (worst && worst->severity >= MS_SEVERITY_LOW && report->errors)
		ms_say(report, 0, MS_STYLE_WARN, "Could not tell all: %s",
		    report->errors->text);
}

static void
say_words(struct ms_report *report, const char *label,
    const struct ms_probe_capabilities *list, bool mechanisms)
{
	size_t n = mechanisms ? list->mechanisms_n : list->n;
	struct ms_buf text;

	ms_buf_init(&text, report->arena);
	for (size_t i = 0; i < n; i++) {
		struct ms_slice name =
		    mechanisms ? list->mechanisms[i] : list->list[i].name;

		if (i > 0)
			ms_buf_byte(&text, ' ');
		ms_buf_slice(&text, name);
		if (!mechanisms && list->list[i].value.n > 0 &&
		    !ms_slice_equal_nocase(name, MS_SLICE("AUTH")) &&
		    !ms_slice_equal_nocase(name, MS_SLICE("SASL")))
			ms_buf_printf(
			    &text, "=%.*s", TEXT(list->list[i].value));
	}
	if (text.n > 0)
		ms_say_pair(report, label, MS_STYLE_PLAIN, ms_buf_get(&text));
}

static void
say_lacks(struct ms_report *report, const struct ms_probe_result *r)
{
	const struct ms_smtp_extension *e = ms_smtp_extensions();
	struct ms_buf text;

	ms_buf_init(&text, report->arena);
	for (; is_smtp(r) && e->name; e++)
		if (!ms_probe_offered(ms_probe_last_said(r), e->name))
			ms_buf_printf(
			    &text, "%s%s", text.n > 0 ? " " : "", e->name);
	if (text.n > 0)
		ms_say_pair(report, "Lacks", MS_STYLE_DIM, ms_buf_get(&text));
}

static void
say_tls(struct ms_report *report, const struct ms_probe_result *r)
{
	const struct ms_tls_facts *tls = &r->tls;

	if (!r->tls_tried) {
		if (r->phase > MS_PROBE_GREETING)
			ms_say_pairf(report, "TLS", MS_STYLE_WARN, "none (%s)",
			    ms_probe_starttls_name(r->starttls));
		return;
	}
	if (!tls->established) {
		ms_say_pairf(report, "TLS", MS_STYLE_BAD, "failed: %s",
		    tls->error ? tls->error : "");
		return;
	}
	ms_say_pairf(report, "TLS", MS_STYLE_GOOD, "%s, %s%s%s, %s%s",
	    tls->version, tls->cipher ? tls->cipher : "?",
	    tls->group ? ", " : "", tls->group ? tls->group : "",
	    r->starttls == MS_PROBE_TLS_IMPLICIT ? "from the start"
						 : "by STARTTLS",
	    r->starttls_required ? ", required" : "");
}

static void
say_times(struct ms_report *report, const struct ms_probe_result *r)
{
	const struct {
		const char *name;
		double seconds;
	} parts[] = {
		{ "dns", r->timing.dns },
		{ "connect", r->timing.connect },
		{ "banner", r->timing.banner },
		{ "greeting", r->timing.greeting },
		{ "tls", r->timing.tls },
		{ "log-in", r->login.asked ? r->login.seconds : -1 },
		{ "quit", r->timing.quit },
	};
	struct ms_buf text;

	ms_buf_init(&text, report->arena);
	ms_buf_printf(&text, "%.3f s", r->timing.total);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].seconds >= 0)
			ms_buf_printf(&text, "%s %s %.3f",
			    text.n > 12 ? "," : ":", parts[i].name,
			    parts[i].seconds);
	ms_buf_printf(&text, "; %u connection%s", r->connections,
	    r->connections == 1 ? "" : "s");
	ms_say_pair(report, "Time", MS_STYLE_DIM, ms_buf_get(&text));
}

static void
say_http(struct ms_report *report, const struct ms_probe_http *http)
{
	if (http->code == 0)
		return;
	ms_say_pairf(report, "HTTP", MS_STYLE_PLAIN, "status %d%s%.*s",
	    http->code, http->realm.p ? ", realm " : "", TEXT(http->realm));
	if (http->versions.p)
		ms_say_pair(report, "Versions", MS_STYLE_PLAIN, http->versions);
	if (http->commands.p)
		ms_say_pair(report, "Commands", MS_STYLE_PLAIN, http->commands);
}

/* What --active asked and how it was answered, the good answers too. */
static void
say_active(struct ms_report *report, const struct ms_probe_active *active)
{
	const struct {
		const char *what;
		enum ms_probe_answer answer;
	} parts[] = {
		{ "commands before TLS obeyed", active->injection },
		{ "bare LF taken", active->bare_lf },
		{ "VRFY", active->vrfy },
		{ "EXPN", active->expn },
	};
	size_t taken = 0, unknown = 0;
	struct ms_buf text;

	ms_buf_init(&text, report->arena);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].answer != MS_PROBE_UNTRIED)
			ms_buf_printf(&text, "%s%s: %s", text.n > 0 ? ", " : "",
			    parts[i].what,
			    ms_probe_answer_name(parts[i].answer));
	for (size_t i = 0; i < active->relays_n; i++) {
		taken += active->relays[i].taken == MS_PROBE_YES;
		unknown += active->relays[i].taken == MS_PROBE_UNKNOWN;
	}
	if (active->relays_n > 0)
		ms_buf_printf(&text,
		    ", relay: %zu of %zu taken, %zu could not be told", taken,
		    active->relays_n, unknown);
	if (text.n > 0)
		ms_say_pair(report, "Asked", MS_STYLE_PLAIN, ms_buf_get(&text));
}

static void
say_exchanges_wide(struct ms_report *report, const struct ms_probe_exchange *e)
{
	struct ms_node *table = ms_say_table(report, 2), *row;

	ms_say_heads(
	    report, table, true, ">seconds", "who", "within", "said", NULL);
	for (; e; e = e->next) {
		row = ms_say_row(report, table);
		ms_say_cellf(report, row, MS_STYLE_DIM, true, "%.3f", e->at);
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
		    e->who == 'C' ? "client" : "server");
		ms_say_cellf(report, row, MS_STYLE_DIM, false, "%s",
		    e->secured ? "TLS" : "");
		ms_say_cell(report, row,
		    e->who == 'C' ? MS_STYLE_STRONG : MS_STYLE_PLAIN, false,
		    e->text);
	}
}

void
describe_say_transcript(
    struct ms_report *report, const struct ms_probe_result *r)
{
	if (report->audience & MS_FOR_PAGE) {
		say_exchanges_wide(report, r->transcript);
		return;
	}
	for (const struct ms_probe_exchange *e = r->transcript; e; e = e->next)
		ms_say(report, 2,
		    e->who == 'C' ? MS_STYLE_STRONG : MS_STYLE_PLAIN,
		    "%7.3f %c%c %.*s", e->at, e->who, e->secured ? '*' : ' ',
		    TEXT(e->text));
}

static void
say_transcript(struct ms_report *report, const struct ms_probe_result *r)
{
	if (!r->transcript)
		return;
	ms_say_heading(report, "TRANSCRIPT");
	describe_say_transcript(report, r);
}

static void
say_server(struct ms_report *report, const struct ms_probe_result *r,
    const struct ms_identity *id, const struct ms_delivery *d)
{
	const struct ms_probe_capabilities *said = ms_probe_last_said(r);

	say_answer(report, r);
	ms_say_blank(report);
	if (r->banner.n > 0)
		ms_say_pair(report, "Banner", MS_STYLE_PLAIN, *r->banner.lines);
	if (r->ptr_asked && r->ptr.n > 0)
		ms_say_pair(
		    report, "PTR", MS_STYLE_PLAIN, r->ptr.records[0].u.target);
	say_tls(report, r);
	if (r->tls.established)
		describe_say_certificate(report, id);
	say_words(report, "Offers", said, false);
	say_lacks(report, r);
	say_words(report, "Log-in", said, true);
	if (r->secured.asked && r->plain.mechanisms_n > 0)
		say_words(report, "In clear", &r->plain, true);
	describe_say_login(report, r);
	say_http(report, &r->http);
	say_active(report, &r->active);
	say_times(report, r);
	if (d->looked)
		describe_say_delivery(report, d);
	if (r->scan)
		ms_say_tls_scan(report, r->scan);
	say_transcript(report, r);
}

void
ms_describe_probe(struct ms_report *report, const struct ms_probe_result *r,
    const struct ms_identity *identity, const struct ms_delivery *delivery)
{
	ms_probe_findings(report, r);
	describe_login_findings(report, r);
	ms_tls_findings(report, r, identity, delivery);
	if (report->audience & MS_FOR_DATA)
		put_server(report, r, identity, delivery);
	if (report->audience & MS_FOR_TEXT)
		say_server(report, r, identity, delivery);
}
