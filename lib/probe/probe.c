/* SPDX-License-Identifier: ISC
 * probe.c - one endpoint: its addresses, its conversation, what went wrong
 *
 * Time is counted by what the answers and connections took, so that a replay
 * comes to the same.
 */
#include "probe_priv.h"

#define SECONDS      20 /* for the whole endpoint, unless env->timeout says so */
#define SCAN_SECONDS 120 /* with the scan of its TLS */

/* What may be spent on a banner that does not come, of the whole: the rest is
 * for a look at whether it speaks TLS there. */
#define BANNER_SHARE 0.8

static const struct ms_probe_timing no_timing = { -1, -1, -1, -1, -1, -1, -1 };

/* ---- addresses ---- */

static void
ask_addresses(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	struct ms_dns_source *dns = probe->env->dns;
	struct ms_slice host = r->target.host;

	ms_dns_hint(dns, host, MS_DNS_AAAA);
	ms_dns_ask(dns, host, MS_DNS_A, probe->arena, &r->a);
	ms_dns_ask(dns, host, MS_DNS_AAAA, probe->arena, &r->aaaa);
	r->asked = true;
	r->timing.dns =
	    r->a.seconds > r->aaaa.seconds ? r->a.seconds : r->aaaa.seconds;
	probe->used += r->timing.dns;
}

static void
hint_reverse(struct probe *probe)
{
	struct ms_dns_source *dns = probe->env->dns;
	struct ms_dns_question q = { .type = MS_DNS_PTR };

	ms_dns_name_reverse(&probe->result->ip, &q.name);
	if (dns->prefetch)
		dns->prefetch(dns, &q);
}

/* Not of loopback: that name says nothing. */
static bool
has_reverse(const struct ms_ip *ip)
{
	const struct ms_special *special = ms_ip_special(ip);

	return !special || !ms_slice_equal(ms_slice_from(special->class),
			       MS_SLICE("loopback"));
}

static void
ask_reverse(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;

	if (!r->ip.set || !has_reverse(&r->ip))
		return;
	ms_dns_ask_reverse(probe->env->dns, &r->ip, probe->arena, &r->ptr);
	r->ptr_asked = true;
}

/* ---- connecting ---- */

static enum ms_wire_status
connect_one(struct probe *probe, const struct ms_ip *ip, size_t others)
{
	double share = probe_left(probe) / (double)(others + 1);
	enum ms_wire_status status;
	struct ms_ip to = *ip;

	probe->result->ip = *ip;
	status = probe_open(probe, "main", &to, share);
	if (status == MS_WIRE_OK)
		probe->result->timing.connect = probe->wire->elapsed;
	return status;
}

static enum ms_wire_status
connect_any(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	const struct ms_dns_answer *answers[] = { &r->a, &r->aaaa };
	enum ms_wire_status status = MS_WIRE_UNREACHABLE;
	size_t left = r->a.n + r->aaaa.n;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < answers[k]->n; i++) {
			status = connect_one(
			    probe, &answers[k]->records[i].u.ip, --left);
			if (status == MS_WIRE_OK)
				return status;
		}
	return status;
}

/* What stands in the way where the host has no address. */
static bool
has_address(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	const struct ms_dns_answer *failed =
	    ms_dns_is_failure(r->a.status) ? &r->a : &r->aaaa;

	if (r->a.n + r->aaaa.n > 0)
		return true;
	r->unresolved = ms_dns_is_failure(failed->status);
	r->why = r->unresolved
		     ? ms_arena_printf(probe->arena,
			   "its addresses could not be looked up: %s",
			   failed->why ? failed->why
				       : ms_dns_status_name(failed->status))
		 : r->a.status == MS_DNS_NXDOMAIN ? "there is no such name"
						  : "the name has no address";
	return false;
}

/* --connect-to. */
static bool
is_led_elsewhere(struct probe *probe)
{
	struct ms_probe_target *target = &probe->result->target;

	return ms_env_redirect(
	    probe->env, target->host, target->port, &target->ip, &probe->port);
}

static bool
reach(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;

	probe->port = r->target.port;
	if (!is_led_elsewhere(probe) && !r->target.ip.set) {
		if (!r->asked)
			ask_addresses(probe);
		if (!has_address(probe)) {
			r->status = MS_WIRE_UNREACHABLE;
			return false;
		}
	}
	r->phase = MS_PROBE_CONNECT;
	r->status = r->target.ip.set ? connect_one(probe, &r->target.ip, 0)
				     : connect_any(probe);
	if (r->status == MS_WIRE_OK)
		r->why = NULL;
	else if (!r->why)
		r->why = ms_wire_status_name(r->status);
	return r->status == MS_WIRE_OK;
}

/* ---- talking ---- */

static void
talk(struct probe *probe)
{
	const struct ms_protocol *protocol = probe->result->target.protocol;

	if (!protocol->implicit_tls) {
		probe->wire->until =
		    probe->wire->elapsed + BANNER_SHARE * probe_left(probe);
		protocol->talk(probe);
		return;
	}
	probe->result->starttls = MS_PROBE_TLS_IMPLICIT;
	if (probe_handshake(probe))
		protocol->talk(probe);
}

/* A server that stays silent may wait for TLS. */
static void
try_tls(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	struct ms_tls_request request = { .name = NULL };
	struct ms_tls_facts facts;

	if (probe_open(probe, "tls", &r->ip, 0) != MS_WIRE_OK)
		return;
	probe_remark(probe, "it is silent: does it wait for TLS?");
	if (probe->wire->starttls(probe->wire, &request, &facts) ==
	    MS_WIRE_OK) {
		r->tls_where_plain = true;
		r->why = "it speaks TLS from the first octet there";
	}
	probe_close(probe);
}

/* What came instead of an answer was no record of TLS at all. */
static bool
was_no_tls(const struct ms_tls_facts *tls)
{
	return tls->alert < 0 && tls->error &&
	       (strcmp(tls->error, "wrong version number") == 0 ||
		   strcmp(tls->error, "packet length too long") == 0);
}

/* And one that answers TLS with something else may greet in the clear. */
static void
try_plain(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	enum ms_wire_status status = r->status;
	const char *why = r->why;
	struct ms_slice line;

	if (probe_open(probe, "plain", &r->ip, 0) != MS_WIRE_OK)
		return;
	probe_remark(probe, "it speaks no TLS: does it greet in the clear?");
	if (probe_line(probe, &line) && line.n > 0) {
		r->plain_where_tls = true;
		why = "it speaks in the clear where TLS belongs";
	}
	probe_close(probe);
	r->status = status;
	r->why = why;
}

/* Courier announces USER to all, and takes it within TLS alone. */
static void
try_clear(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	enum ms_wire_status status = r->status;
	const char *why = r->why;

	if (probe_open(probe, "clear", &r->ip, 0) == MS_WIRE_OK) {
		probe_remark(probe, "does it take USER before TLS?");
		probe_pop3_clear(probe);
		probe_close(probe);
	}
	r->status = status;
	r->why = why;
}

static bool
names_user(const struct ms_probe_result *r)
{
	return r->phase == MS_PROBE_DONE && r->tls.established &&
	       r->target.protocol->service == MS_PROBE_POP3 &&
	       ms_probe_offered(&r->plain, "USER");
}

static void
look_closer(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;

	if (r->phase == MS_PROBE_BANNER && r->status == MS_WIRE_TIMEOUT &&
	    !r->tls_tried)
		try_tls(probe);
	else if (r->phase == MS_PROBE_HANDSHAKE && r->status == MS_WIRE_TLS &&
		 r->starttls == MS_PROBE_TLS_IMPLICIT && was_no_tls(&r->tls) &&
		 r->target.protocol->service != MS_PROBE_HTTPS)
		try_plain(probe);
	else if (names_user(r))
		try_clear(probe);
}

/* Whether another try may do better. */
static bool
is_busy(const struct ms_probe_result *r)
{
	return r->deferral == MS_PROBE_UNAVAILABLE ||
	       r->deferral == MS_PROBE_RATE_LIMITED ||
	       r->deferral == MS_PROBE_GREYLISTED;
}

/* Forgets a try, but for the name's addresses and what it cost. */
static void
start_anew(struct probe *probe, double pause)
{
	struct ms_probe_result old = *probe->result, *r = probe->result;
	struct ms_wire_source *wire = probe->env->wire;

	if (wire->pause)
		wire->pause(wire, pause);
	probe->used += pause;
	memset(r, 0, sizeof(*r));
	r->target = old.target;
	r->a = old.a;
	r->aaaa = old.aaaa;
	r->asked = old.asked;
	r->connections = old.connections;
	r->timing = no_timing;
	r->login.asked = old.login.asked;
	r->login.seconds = -1;
	r->timing.dns = old.timing.dns;
	r->transcript = old.transcript;
	r->transcript_last = old.transcript_last;
	r->transcript_n = old.transcript_n;
	probe->phase_began = 0;
}

static bool
try_once(struct probe *probe)
{
	if (!reach(probe))
		return false;
	if (has_reverse(&probe->result->ip))
		hint_reverse(probe);
	talk(probe);
	probe_close(probe);
	return true;
}

static void
run(struct probe *probe)
{
	double pause = 1;

	if (!try_once(probe))
		return;
	for (unsigned i = 0;
	     i < probe->options->retries && is_busy(probe->result) &&
	     pause < probe_left(probe) / 2;
	     i++, pause *= 2) {
		start_anew(probe, pause);
		if (!try_once(probe))
			return;
	}
	if (probe->options->then)
		return;
	look_closer(probe);
	if (probe->options->active && probe->result->phase == MS_PROBE_DONE)
		probe_active(probe);
	ask_reverse(probe);
}

void
ms_probe_run(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_target *target,
    const struct ms_probe_options *options, struct ms_probe_result *out)
{
	struct ms_env own = *env;
	struct probe probe = {
		.env = &own, .arena = arena, .options = options, .result = out
	};
	double whole;

	if (own.timeout <= 0)
		own.timeout = options->scan ? SCAN_SECONDS : SECONDS;
	memset(out, 0, sizeof(*out));
	out->target = *target;
	out->timing = no_timing;
	out->login.asked = options->login != NULL;
	out->login.seconds = -1;
	whole = own.timeout;
	/* The scan may learn what the conversation cannot. */
	if (options->scan)
		own.timeout = whole > 2 * SECONDS ? SECONDS : whole / 2;
	run(&probe);
	own.timeout = whole;
	if (options->scan) {
		probe_other_key(&probe);
		probe_scan(&probe);
	}
	out->timing.total = probe.used;
}
