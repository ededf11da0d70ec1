/* SPDX-License-Identifier: ISC
 * scan.c - the scan of an endpoint's TLS: each connection spoken to where TLS
 * begins; and whether it has a certificate of the other kind of key
 */
#include "probe_priv.h"

#include "mailsonde/certificate.h"
#include "mailsonde/tls_scan.h"

/* Of the time for the scan, what one connection may take: a version may be met
 * with silence, four times in its lane. */
#define SHARE 8

/* Not to be spoken over: what it cost, and why. */
static struct ms_wire *
failed(const struct probe *probe, const struct probe *main)
{
	const struct ms_probe_reply *refusal = &probe->result->refusal;
	struct ms_wire *wire = MS_NEW(probe->arena, struct ms_wire);

	wire->elapsed = probe->used - main->used;
	wire->why = probe->result->why;
	if (refusal->n > 0)
		wire->why = ms_arena_printf(probe->arena, "%d %.*s",
		    refusal->code, PROBE_TEXT(*refusal->lines));
	return wire;
}

/* Called by several lanes: nothing of the main conversation is written to. */
static enum ms_wire_status
reach(void *context, const char *purpose, struct ms_arena *arena,
    struct ms_wire **out)
{
	const struct probe *main = context;
	bool implicit = main->result->target.protocol->implicit_tls;
	struct ms_probe_options options = { .ehlo = main->options->ehlo };
	struct ms_probe_result *result = MS_NEW(arena, struct ms_probe_result);
	struct ms_env env = *main->env;
	struct probe probe = { .env = &env,
		.arena = arena,
		.options = &options,
		.result = result,
		.port = main->port,
		.used = main->used,
		.reaching = true };
	enum ms_wire_status status;

	env.timeout = main->used + probe_left(main) / SHARE;
	result->target = main->result->target;
	result->starttls = main->result->starttls;
	status = probe_open(&probe, purpose, &main->result->ip, 0);
	if (status == MS_WIRE_OK) {
		if (implicit)
			probe.reached = true;
		else
			result->target.protocol->talk(&probe);
		*out = probe.wire;
		if (probe.reached)
			return MS_WIRE_OK;
		status = result->status;
		probe_close(&probe);
	}
	*out = failed(&probe, main);
	return status == MS_WIRE_OK ? MS_WIRE_CLOSED : status;
}

/* ---- the other certificate ---- */

static bool
has_rsa(const struct probe *probe)
{
	struct ms_certificate own;

	ms_certificate_read(probe->result->tls.chain[0], &probe->env->limits,
	    probe->arena, &own);
	return own.key_type &&
	       ms_slice_starts(ms_slice_from(own.key_type), "RSA");
}

static void
shake_hands(struct probe *probe, struct ms_wire *wire, bool rsa)
{
	struct ms_probe_result *r = probe->result;
	struct ms_tls_facts *facts = MS_NEW(probe->arena, struct ms_tls_facts);
	const struct ms_tls_request request = {
		.name = r->target.literal
			    ? NULL
			    : ms_arena_string(probe->arena, r->target.host),
		.only_rsa = rsa,
		.only_ecdsa = !rsa,
	};

	if (wire->starttls(wire, &request, facts) == MS_WIRE_OK &&
	    facts->chain_n > 0 &&
	    !ms_slice_equal(facts->chain[0], r->tls.chain[0]))
		r->other = facts;
}

void
probe_other_key(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	struct ms_wire *wire;

	if (!r->tls.established || r->tls.chain_n == 0)
		return;
	r->connections++;
	if (reach(probe, "other key", probe->arena, &wire) == MS_WIRE_OK) {
		shake_hands(probe, wire, !has_rsa(probe));
		probe->used += wire->elapsed;
		wire->close(wire);
	} else {
		probe->used += wire->elapsed;
	}
}

/* ---- the scan ---- */

void
probe_scan(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	struct ms_tls_scan *out;
	const struct ms_tls_scan_request request = {
		.reach = reach,
		.context = probe,
		.name = r->target.literal
			    ? NULL
			    : ms_arena_string(probe->arena, r->target.host),
		.seconds = probe_left(probe),
	};

	/* Only where a handshake was begun there is TLS to scan. */
	if (!r->tls_tried || r->plain_where_tls)
		return;
	out = MS_NEW(probe->arena, struct ms_tls_scan);
	ms_tls_scan(probe->env, probe->arena, &request, out);
	r->scan = out;
	r->connections += out->connections;
	probe->used += out->seconds;
}
