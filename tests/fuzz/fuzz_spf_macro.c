/* SPDX-License-Identifier: ISC
 * fuzz_spf_macro.c - macro strings of any bytes, for a sender of any bytes
 *
 * The input is a sender, LF, and the text. Expansions have their length, and
 * what has a fault is never expanded.
 */
#include <assert.h>

#include "mailsonde/spf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expand(const struct ms_spf_request *request, struct ms_slice text,
    enum ms_spf_macro_mode mode)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_env env = { .dns = ms_dns_none(),
		.clock = { .now = 1700000000 },
		.limits = ms_limits_fill(NULL) };
	struct ms_slice out;
	size_t offset = 0;
	bool valid = ms_spf_macro_valid(text, mode, &offset);
	bool done = ms_spf_expand(
	    &env, arena, request, MS_SLICE("record.example"), text, mode, &out);

	assert(offset <= text.n);
	assert(valid || !done);
	if (done && mode == MS_SPF_DOMAIN_SPEC) {
		assert(out.n > 0 && out.n <= 253);
	} else if (done) {
		assert(out.n <= env.limits.spf_explanation);
		for (size_t i = 0; i < out.n; i++)
			assert(out.p[i] >= 0x20 && out.p[i] < 0x7f);
	}
	ms_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_slice text = ms_slice_make(data, size);
	size_t end = ms_slice_find(text, 0, '\n');
	struct ms_spf_request request = {
		.mail_from = ms_slice_part(text, 0, end),
		.helo = ms_slice_part(text, end / 2, end),
	};

	(void)ms_ip_parse(
	    size % 2 ? MS_SLICE("192.0.2.1") : MS_SLICE("2001:db8::1"),
	    &request.ip);
	text = ms_slice_part(text, end + 1, size);
	expand(&request, text, MS_SPF_DOMAIN_SPEC);
	expand(&request, text, MS_SPF_EXPLANATION);
	return 0;
}
