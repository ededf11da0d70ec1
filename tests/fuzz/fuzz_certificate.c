/* SPDX-License-Identifier: ISC
 * fuzz_certificate.c - certificates, chains and staples of any bytes
 *
 * Two octets of length, that many of a first certificate, and the rest: a
 * second, and what is stapled.
 */
#include "fuzz.h"

#include "mailsonde/dane.h"

static void
look_at(const struct ms_certificate *c, const struct ms_limits *limits)
{
	assert(c->names_n + c->ips_n <= limits->certificate_names);
	assert(c->subject.n <= 1024 && c->issuer.n <= 1024);
	fuzz_utf8(c->subject);
	fuzz_utf8(c->issuer);
	fuzz_utf8(c->common_name);
	assert(c->issuer_urls_n <= MS_CERTIFICATE_URLS);
	assert(c->ocsp_urls_n <= MS_CERTIFICATE_URLS);
	assert(c->fault || (c->key_type && c->signature));
	assert(!c->self_signed || c->self_issued);
	assert(!c->weak_hash || c->hash);
	ms_certificate_matches(c, MS_SLICE("mx.example.org"));
	ms_certificate_matches(c, MS_SLICE("192.0.2.1"));
}

/* A TLSA record that holds a certificate whole is one more way in. */
static void
match(
    const struct ms_chain *chain, struct ms_slice data, struct ms_arena *arena)
{
	struct ms_slice name = MS_SLICE("mx.example.org");
	struct ms_dns_record record = { .type = MS_DNS_TLSA };
	struct ms_dane_request request = { .records = &record,
		.records_n = 1,
		.chain = chain,
		.names = &name,
		.names_n = 1 };
	struct ms_dane out;

	record.u.tlsa.usage = 2;
	record.u.tlsa.data = data;
	ms_dane_match(&request, arena, &out);
	assert(out.n == 1 && out.status != MS_DANE_NONE);
	assert((out.status == MS_DANE_MATCH) == out.records[0].good);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	const struct ms_limits low = { .certificate_names = 4 };
	struct ms_limits limits = ms_limits_fill(&low);
	struct ms_slice all = ms_slice_make(data, size), sent[3];
	size_t first = size > 1 ? (size_t)data[0] << 8 | data[1] : 0;
	struct ms_chain chain;
	struct ms_staple staple;

	sent[0] = ms_slice_part(all, 2, 2 + first);
	sent[1] = ms_slice_part(all, 2 + first, size);
	sent[2] = sent[0];
	ms_chain_read(sent, 3, &limits, arena, &chain);
	assert(chain.n == 3 && chain.path_n <= chain.n);
	assert(chain.duplicates + chain.unneeded < chain.n);
	for (size_t i = 0; i < chain.n; i++)
		look_at(&chain.list[i], &limits);
	ms_staple_read(sent[1], &chain, 0, &staple);
	assert(
	    (staple.status == MS_STAPLE_UNREADABLE) == (staple.fault != NULL));
	assert(!staple.authentic || staple.checked);
	match(&chain, sent[1], arena);
	ms_arena_free(arena);
	return 0;
}
