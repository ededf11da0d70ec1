/* SPDX-License-Identifier: ISC
 * fuzz_received.c - Received values alone, and each line as a hop of a way
 */
#include "fuzz.h"
#include "mailsonde/geo.h"
#include "mailsonde/trace.h"

static void
check(struct ms_slice value, const struct ms_received *r)
{
	struct ms_slice inner[] = { r->from, r->helo, r->rdns, r->ident, r->by,
		r->via, r->with, r->id, r->for_, r->envelope_from,
		r->tls_version, r->tls_cipher, r->auth_user };

	for (size_t i = 0; i < sizeof(inner) / sizeof(*inner); i++) {
		fuzz_inside(value, inner[i]);
		assert(r->parsed || !inner[i].p);
	}
	assert(!r->parsed == !r->dialect);
	assert(r->parsed || (!r->ip.set && !r->date.set && !r->relay));
	assert(!r->relay || r->ip.set);
	assert(r->tls || r->tls_version.n == 0);
}

static void
check_id(const struct ms_received *r)
{
	struct ms_id_time time;

	ms_id_time_parse(
	    r->id, r, r->date.set ? r->date.time : 1767225600, &time);
	if (time.set)
		assert(time.kind && time.precision > 0 &&
		       time.time >= 600000000 && time.time < 4200000000);
}

/* A header of Received fields, one a line. */
static void
read_header(struct fuzz *fuzz, struct ms_slice text, struct ms_buf *out)
{
	struct ms_slice line;

	ms_buf_init(out, fuzz->arena);
	while (ms_slice_line(&text, false, &line)) {
		ms_buf_text(out, "Received: ");
		ms_buf_slice(out, line);
		ms_buf_text(out, "\r\n");
	}
	ms_buf_text(out, "X-Originating-IP: [192.0.2.1]\r\n\r\n");
}

static void
check_trace(const struct ms_trace *trace, const struct fuzz *fuzz)
{
	int n = (int)trace->n;
	bool inside = true;

	assert(trace->n <= fuzz->limits.received + 1);
	assert(trace->boundary >= -1 && trace->boundary < n);
	assert(trace->origin_hop >= -1 && trace->origin_hop < n);
	assert(trace->claimed_hop >= -1 && trace->claimed_hop < n);
	assert(trace->slowest >= -1 && trace->slowest < n);
	assert((trace->origin_hop >= 0) == trace->origin.set);
	assert(trace->origin_why);
	/* From the newest: ours, one boundary, and nothing but claims. */
	for (size_t i = trace->n; i > 0; i--) {
		const struct ms_hop *hop = &trace->hops[i - 1];

		if (hop->synthetic) {
			assert(hop->trust == MS_TRUST_CLAIMED);
			continue;
		}
		assert(!inside || hop->trust != MS_TRUST_CLAIMED);
		assert(inside || hop->trust == MS_TRUST_CLAIMED);
		inside = hop->trust == MS_TRUST_OURS && inside;
		assert((hop->trust == MS_TRUST_BOUNDARY) ==
		       (trace->boundary == (int)i - 1));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_message_options options = { .mime = false };
	struct ms_slice value = ms_slice_make(data, size);
	struct ms_message message;
	struct ms_received one;
	struct ms_trace trace;
	struct ms_env env = { 0 };
	struct fuzz fuzz;
	struct ms_buf text;

	fuzz_init(&fuzz, data, size > 0 && (data[0] & 1));
	ms_received_parse(&fuzz.parse, value, &one);
	check(value, &one);
	check_id(&one);
	read_header(&fuzz, value, &text);
	ms_message_parse(fuzz.arena, fuzz.parse.charsets, &fuzz.limits,
	    ms_buf_get(&text), &options, &message);
	env.geo = ms_geo_none();
	env.limits = fuzz.limits;
	ms_trace_build(&env, &fuzz.parse, &message, &trace);
	for (size_t i = 0; i < trace.n; i++)
		if (!trace.hops[i].synthetic)
			check(trace.hops[i].received.value,
			    &trace.hops[i].received);
	check_trace(&trace, &fuzz);
	fuzz_done(&fuzz);
	return 0;
}
