/* SPDX-License-Identifier: ISC
 * fuzz_server_hello.c - what comes back to a ClientHello
 *
 * The first octet says how it is read; the rest is the server's.
 */
#include "fuzz.h"

#include "probe/tls_priv.h"

/* What is known does not change when more comes behind it. */
static void
check_prefix(struct ms_arena *arena, struct ms_slice bytes, bool ssl2,
    bool exchange, const struct tls_answer *whole)
{
	struct tls_answer part;
	struct ms_slice head = ms_slice_part(bytes, 0, bytes.n / 2);

	if (!tls_answer_read(arena, head, ssl2, exchange, &part)) {
		assert(part.need > head.n);
		return;
	}
	assert(part.kind == whole->kind);
	assert(part.suite == whole->suite);
	assert(part.alert == whole->alert);
	assert(part.group == whole->group);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct tls_answer out;
	bool ssl2, exchange, done;
	struct ms_slice bytes;

	if (size > 0) {
		ssl2 = *data & 1;
		exchange = *data & 2;
		bytes = ms_slice_make(data + 1, size - 1);
		done = tls_answer_read(arena, bytes, ssl2, exchange, &out);
		assert(done || out.need > bytes.n);
		assert(!done || out.kind != TLS_ANSWER_NONE);
		assert(out.ssl2_suites_n <= TLS_SSL2_SUITES);
		assert(out.kind == TLS_ANSWER_ALERT || out.alert == 0);
		if (done)
			check_prefix(arena, bytes, ssl2, exchange, &out);
	}
	ms_arena_free(arena);
	return 0;
}
