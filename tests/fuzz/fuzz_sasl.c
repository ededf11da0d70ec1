/* SPDX-License-Identifier: ISC
 * fuzz_sasl.c - a server that says anything in a log-in
 *
 * The first byte chooses the mechanism; each line is what the server says at
 * one step. "$" in it stands for the nonce that the client came with.
 */
#include "fuzz.h"

#include "mailsonde/login.h"

static const char secret[] = "kelp-forest";

/* What stands behind the last "r=" of what the client said. */
static struct ms_slice
nonce_of(struct ms_arena *arena, struct ms_slice said)
{
	size_t at = ms_slice_find_text(said, 0, "r=");

	return ms_arena_copy(arena, ms_slice_part(said, at + 2, said.n));
}

static struct ms_slice
with_nonce(struct ms_arena *arena, struct ms_slice line, struct ms_slice nonce)
{
	size_t at = ms_slice_find(line, 0, '$');
	struct ms_buf out;

	if (at == line.n)
		return line;
	ms_buf_init(&out, arena);
	ms_buf_slice(&out, ms_slice_part(line, 0, at));
	ms_buf_slice(&out, nonce);
	ms_buf_slice(&out, ms_slice_part(line, at + 1, line.n));
	return ms_buf_get(&out);
}

static void
check(const struct ms_sasl *sasl, enum ms_sasl_status status,
    struct ms_slice said, struct ms_slice out)
{
	assert(ms_sasl_status_name(status));
	assert(out.n < 1024 + said.n);
	if (status > MS_SASL_DONE)
		assert(out.n == 0);
	if (ms_sasl_why(sasl))
		assert(strlen(ms_sasl_why(sasl)) < 512);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena;
	struct ms_sasl_request request = { .user = "ann",
		.secret = MS_SLICE(secret),
		.service = "imap",
		.host = "mx.example",
		.port = 993,
		.exporter = MS_SLICE("0123456789abcdef"),
		.rounds = 1000 };
	struct ms_slice rest, line, out, nonce = { NULL, 0 };
	enum ms_sasl_status status = MS_SASL_MORE;
	struct ms_sasl *sasl;

	if (size == 0)
		return 0;
	arena = ms_arena_new(NULL);
	request.mechanism = &ms_sasl_mechanisms()[data[0] % 9];
	rest = ms_slice_make(data + 1, size - 1);
	sasl = ms_sasl_new(arena, &request);
	if (request.mechanism->first) {
		line = ms_slice_make(NULL, 0);
		status = ms_sasl_step(sasl, line, &out);
		check(sasl, status, line, out);
		nonce = nonce_of(arena, out);
	}
	for (int i = 0; i < 8 && ms_slice_line(&rest, false, &line); i++) {
		line = with_nonce(arena, line, nonce);
		status = ms_sasl_step(sasl, line, &out);
		check(sasl, status, line, out);
		(void)ms_login_judge(0, ms_login_status(line), line);
	}
	ms_sasl_free(sasl);
	ms_arena_free(arena);
	return 0;
}
