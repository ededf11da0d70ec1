/* SPDX-License-Identifier: ISC
 * fuzz_roundtrip.c - servers that answer anything to a message's round trip
 *
 * The first byte: IMAP or POP3, how many octets a read gives. The rest is what
 * the servers say, one connection after another, with a zero octet between
 * them. What comes first is also read as a response of IMAP by itself.
 */
#include "fuzz.h"

#include "mailsonde/describe.h"
#include "mailsonde/header.h"
#include "probe/roundtrip_priv.h"

struct script {
	struct ms_wire wire; /* first */
	struct ms_slice *rest;
	size_t step;
};

static enum ms_wire_status
script_read(struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	struct script *s = (struct script *)(void *)self;
	size_t n = ms_slice_find(*s->rest, 0, 0);

	if (n > size)
		n = size;
	if (n > s->step)
		n = s->step;
	*got = n;
	self->elapsed += 0.01;
	if (n == 0)
		return MS_WIRE_CLOSED;
	memcpy(room, s->rest->p, n);
	*s->rest = ms_slice_part(*s->rest, n, s->rest->n);
	return MS_WIRE_OK;
}

static enum ms_wire_status
script_write(struct ms_wire *self, struct ms_slice bytes, const char *shown)
{
	(void)self;
	(void)shown;
	assert(bytes.n >= 2 && bytes.p[bytes.n - 1] == '\n');
	return MS_WIRE_OK;
}

static enum ms_wire_status
script_starttls(struct ms_wire *self, const struct ms_tls_request *request,
    struct ms_tls_facts *out)
{
	(void)self;
	(void)request;
	memset(out, 0, sizeof(*out));
	out->alert = -1;
	out->established = true;
	out->version = "TLSv1.3";
	return MS_WIRE_OK;
}

static void
script_close(struct ms_wire *self)
{
	struct script *s = (struct script *)(void *)self;
	size_t n = ms_slice_find(*s->rest, 0, 0);

	*s->rest = ms_slice_part(*s->rest, n + 1, s->rest->n);
}

struct source {
	struct ms_wire_source source; /* first */
	struct ms_slice rest;
	size_t step;
};

static enum ms_wire_status
source_open(struct ms_wire_source *self, const struct ms_wire_request *request,
    struct ms_arena *arena, struct ms_wire **out)
{
	struct source *source = (struct source *)(void *)self;
	struct script *s = MS_NEW(arena, struct script);

	assert(request->seconds > 0);
	s->wire = (struct ms_wire){ .read = script_read,
		.write = script_write,
		.starttls = script_starttls,
		.close = script_close };
	s->rest = &source->rest;
	s->step = source->step;
	*out = &s->wire;
	return MS_WIRE_OK;
}

static void
check_responses(struct ms_arena *arena, struct ms_slice text)
{
	struct imap_folder folder;
	struct imap_fetch fetch;
	uint32_t uids[4];
	uint64_t octets;
	size_t n;
	bool more;

	if (imap_read_search(text, uids, 4, &n, &more))
		assert(n <= 4);
	if (imap_read_fetch(text, &fetch) && fetch.body.p)
		assert(fetch.body.p >= text.p &&
		       fetch.body.p + fetch.body.n <= text.p + text.n);
	if (imap_read_list(arena, text, &folder))
		assert(folder.name.n > 0);
	(void)imap_announces(text, &octets);
	(void)imap_quote(arena, text);
	(void)pickup_has_mark(text, "00");
}

static void
check(const struct ms_roundtrip *trip)
{
	const struct ms_pickup *p = &trip->pickup;

	assert(!trip->submission.accepted || trip->submission.sent);
	assert(!p->found || (trip->submission.sent && p->copies > 0));
	assert(!p->found || pickup_has_mark(p->message, trip->mark));
	assert(p->deleted <= p->copies);
	assert(trip->bounce.pickup.deleted <= trip->bounce.pickup.copies);
	assert(!trip->unready || trip->submission.step == MS_SUBMIT_NONE);
}

static struct ms_probe_target
target(const char *protocol)
{
	struct ms_probe_target out = { .host = MS_SLICE("192.0.2.1"),
		.literal = true,
		.protocol = ms_protocol_by_name(ms_slice_from(protocol)) };

	out.port = out.protocol->port;
	(void)ms_ip_parse(out.host, &out.ip);
	return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char mark[MS_MARK_BYTES];
	unsigned first = size > 0 ? data[0] : 0;
	struct ms_arena *arena = ms_arena_new(NULL);
	struct source source = { .source = { .open = source_open } };
	struct ms_env env = { .dns = ms_dns_none(),
		.limits = ms_limits_fill(NULL),
		.wire = &source.source };
	struct ms_mail_account bounces = { .target = target(
					       first & 1 ? "pop3" : "imap") };
	struct ms_roundtrip_request request = {
		.from = MS_SLICE("a@example.org"),
		.to = MS_SLICE("b@example.net"),
		.submit.target = target("submission"),
		.pickup.target = target(first & 1 ? "pop3" : "imap"),
		.mark = mark,
		.wait = 1,
		.keep = first & 2,
		.clean = first & 4,
		.transcript = first & 8,
		.bounces = (first & 12) == 12 ? &bounces : NULL,
	};
	struct ms_roundtrip trip;
	struct ms_report report;

	source.rest = ms_slice_make(data + (size > 0), size > 0 ? size - 1 : 0);
	source.step = 1 + (first >> 4) * 64u;
	check_responses(arena, source.rest);
	ms_roundtrip_run(&env, arena, &request, &trip);
	check(&trip);
	ms_report_init(
	    &report, arena, MS_FOR_DATA | MS_FOR_TEXT, "roundtrip", 0);
	if (!trip.pickup.found)
		ms_describe_roundtrip(&report, &trip, NULL);
	ms_arena_free(arena);
	return 0;
}
