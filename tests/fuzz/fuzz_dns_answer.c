/* SPDX-License-Identifier: ISC
 * fuzz_dns_answer.c - a message of any bytes as the answer to its own question
 *
 * The first byte chooses the type asked for, how low the limits are, and
 * whether a server by itself was asked.
 */
#include "fuzz_dns.h"

static const uint16_t types[] = { MS_DNS_A, MS_DNS_NS, MS_DNS_CNAME, MS_DNS_SOA,
	MS_DNS_PTR, MS_DNS_MX, MS_DNS_TXT, MS_DNS_AAAA, MS_DNS_SRV, MS_DNS_DS,
	MS_DNS_DNSKEY, MS_DNS_TLSA, MS_DNS_SPF, MS_DNS_CAA, 46, 65280 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ms_limits low = { .dns_records = 3, .dns_aliases = 2 };
	struct ms_arena *arena = ms_arena_new(NULL);
	uint8_t choice = size > 0 ? data[0] : 0;
	struct ms_limits limits = ms_limits_fill(choice & 16 ? &low : NULL);
	struct ms_slice wire =
	    ms_slice_make(data + (size > 0), size - (size > 0));
	struct ms_dns_question question = { .type = types[choice & 15] };
	struct ms_dns_answer answer;
	struct rr_reading reading;

	question.server.set = (choice & 32) != 0;
	if ((choice & 96) == 96)
		question.type = MS_DNS_AXFR;
	if (!ms_dns_name_from_wire(
		ms_slice_part(wire, 12, wire.n), &question.name))
		ms_dns_name_from_text(MS_SLICE("a.example"), &question.name);
	rr_read_answer(wire, &question, &limits, arena, &answer, &reading);
	fuzz_dns_answer(arena, &limits, &question, &answer);
	assert(answer.status != MS_DNS_TIMEOUT);
	assert(!reading.open_end || answer.status == MS_DNS_NODATA);
	fuzz_dns_record(arena, &question, &answer);
	ms_arena_free(arena);
	return 0;
}
