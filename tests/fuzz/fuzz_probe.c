/* SPDX-License-Identifier: ISC
 * fuzz_probe.c - a server that sends any bytes, to each driver
 *
 * The first byte chooses the protocol and whether somebody logs in, the second
 * how many octets a read gives and whether a handshake succeeds; the rest is
 * what the server sends.
 */
#include "fuzz.h"

#include "mailsonde/describe.h"
#include "mailsonde/probe.h"
#include "mailsonde/render.h"

struct script {
	struct ms_wire wire; /* first */
	struct ms_slice rest;
	size_t step;
	bool shakes;
};

static enum ms_wire_status
script_read(struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	struct script *s = (struct script *)(void *)self;
	size_t n = s->rest.n < size ? s->rest.n : size;

	if (n > s->step)
		n = s->step;
	*got = n;
	self->elapsed += 0.001;
	if (n == 0)
		return MS_WIRE_CLOSED;
	memcpy(room, s->rest.p, n);
	s->rest = ms_slice_part(s->rest, n, s->rest.n);
	return MS_WIRE_OK;
}

static enum ms_wire_status
script_write(struct ms_wire *self, struct ms_slice bytes, const char *shown)
{
	(void)self;
	(void)shown;
	assert(bytes.n > 0 && bytes.n < 4096);
	return MS_WIRE_OK;
}

static enum ms_wire_status
script_starttls(struct ms_wire *self, const struct ms_tls_request *request,
    struct ms_tls_facts *out)
{
	struct script *s = (struct script *)(void *)self;

	(void)request;
	memset(out, 0, sizeof(*out));
	out->alert = -1;
	out->established = s->shakes;
	out->version = s->shakes ? "TLSv1.3" : NULL;
	out->error = s->shakes ? NULL : "no";
	return s->shakes ? MS_WIRE_OK : MS_WIRE_TLS;
}

static void
script_close(struct ms_wire *self)
{
	(void)self;
}

struct source {
	struct ms_wire_source source; /* first */
	struct script script;
};

static enum ms_wire_status
source_open(struct ms_wire_source *self, const struct ms_wire_request *request,
    struct ms_arena *arena, struct ms_wire **out)
{
	struct source *s = (struct source *)(void *)self;

	(void)request;
	(void)arena;
	*out = &s->script.wire;
	return MS_WIRE_OK;
}

static const char secret[] = "kelp-forest";

/* The secret is told to nobody, whatever the server says. */
static void
check_login(const struct ms_probe_result *r)
{
	const struct ms_login_result *login = &r->login;

	assert(ms_login_outcome_name(login->outcome));
	assert(login->tried_n <= MS_LOGIN_TRIES);
	assert(!login->sent || login->tried_n > 0);
	for (const struct ms_probe_exchange *e = r->transcript; e; e = e->next)
		assert(e->who != 'C' ||
		       ms_slice_find_text(e->text, 0, secret) == e->text.n);
}

static void
check(const struct ms_probe_result *r, const struct ms_limits *limits)
{
	const struct ms_probe_reply *replies[] = { &r->banner, &r->refusal };

	assert(ms_probe_phase_name(r->phase));
	assert(r->phase == MS_PROBE_DONE || r->why);
	for (size_t i = 0; i < 2; i++) {
		assert(replies[i]->n <= limits->reply_lines);
		for (size_t k = 0; k < replies[i]->n; k++)
			assert(replies[i]->lines[k].n <= limits->wire_line);
	}
	assert(r->plain.n <= 256 && r->secured.n <= 256);
	assert(r->plain.mechanisms_n <= 64);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ms_limits low = { .wire_line = 64,
		.reply_lines = 4 };
	struct ms_arena *arena = ms_arena_new(NULL);
	const struct ms_protocol *const *protocols = ms_protocols();
	struct source source = { .source = { .open = source_open } };
	struct ms_env env = { .dns = ms_dns_none() };
	const struct ms_login login = { .user = "ann",
		.secret = MS_SLICE(secret),
		.token = size > 0 && (data[0] & 64),
		.anyhow = true };
	struct ms_probe_options options = { .transcript = true };
	struct ms_probe_target target = { .host = MS_SLICE("192.0.2.1"),
		.literal = true };
	struct ms_probe_result result;
	struct ms_identity identity;
	struct ms_delivery delivery;
	struct ms_report report;
	size_t n = 0;

	while (protocols[n])
		n++;
	target.protocol = protocols[size > 0 ? (data[0] & 63) % n : 0];
	options.login = size > 0 && (data[0] & 128) ? &login : NULL;
	target.port = target.protocol->port;
	(void)ms_ip_parse(target.host, &target.ip);
	options.active = size > 1 && (data[1] & 64);
	source.script.wire = (struct ms_wire){ .read = script_read,
		.write = script_write,
		.starttls = script_starttls,
		.close = script_close };
	source.script.step = size > 1 ? 1 + (data[1] & 31) * 16u : 1;
	source.script.shakes = size > 1 && (data[1] & 32);
	source.script.rest = ms_slice_make(
	    data + (size > 1 ? 2 : size), size > 1 ? size - 2 : 0);
	env.limits = ms_limits_fill(size > 1 && data[1] & 128 ? &low : NULL);
	env.limits.scram_rounds = 1000; /* more takes time alone */
	env.wire = &source.source;
	ms_probe_run(&env, arena, &target, &options, &result);
	check(&result, &env.limits);
	check_login(&result);
	ms_report_init(&report, arena, MS_FOR_DATA | MS_FOR_TEXT, "probe", 0);
	ms_identity_find(&env, arena, &result, &identity);
	ms_delivery_find(&env, arena, &result, &identity, &delivery);
	ms_describe_probe(&report, &result, &identity, &delivery);
	ms_arena_free(arena);
	return 0;
}
