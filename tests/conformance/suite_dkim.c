/* SPDX-License-Identifier: ISC
 * suite_dkim.c - signatures, canonical forms, ARC chains
 */
#include "conform.h"

#include "mailsonde/arc.h"

struct ms_message *
message_of(struct conform *c, struct ms_charsets *charsets)
{
	static const struct ms_message_options options = { .mime = true };
	struct ms_message *out = MS_NEW(c->arena, struct ms_message);

	ms_message_parse(c->arena, charsets, &c->env.limits,
	    base64_of(c, c->test, "message_b64"), &options, out);
	return out;
}

/* ---- signatures ---- */

/* A signature may fail for several reasons at once, of which the suite names
 * one in words of its own. Where one result alone is acceptable they leave no
 * choice: the body's hash is wrong, or it is right and the signature is not. */
static void
expect_reason(
    struct conform *c, const cJSON *want, const struct ms_dkim_signature *got)
{
	struct ms_slice why = text_of(want, "why");

	if (cJSON_GetArraySize(member(want, "result")) != 1)
		return;
	if (ms_slice_is(why, "body hash") &&
	    (!got->body_hashed || got->body_hash_ok))
		differ(c, "why: wanted body hash, got %s",
		    ms_dkim_reason_name(got->code));
	if (ms_slice_is(why, "signature") && got->code != MS_DKIM_BAD_SIGNATURE)
		differ(c, "why: wanted signature, got %s",
		    ms_dkim_reason_name(got->code));
}

/* `result` is RFC 6376's; `rfc8301` what is left of it under RFC 8301, the
 * same where it is not given. */
static void
expect_signature(
    struct conform *c, const cJSON *want, const struct ms_dkim_signature *got)
{
	const char *result = ms_auth_result_name(got->result);
	bool refused = got->result == MS_AUTH_PASS && got->policy;
	const char *left = refused ? "policy" : result;

	expect_text(c, want, "d", got->domain);
	expect_text(c, want, "s", got->selector);
	expect_word(c, want, "result", result);
	expect_word(
	    c, want, member(want, "rfc8301") ? "rfc8301" : "result", left);
	expect_number(c, want, "key_bits", got->key_bits);
	expect_reason(c, want, got);
	if (refused && ms_slice_is(ms_slice_from(got->policy), "short-key"))
		expect_word(c, want, "rfc8301_why", "short key");
	else if (member(want, "rfc8301_why"))
		expect_word(c, want, "rfc8301_why", got->policy);
}

void
run_dkim(struct conform *c)
{
	struct ms_charsets *charsets = ms_charsets_new(c->arena);
	struct ms_dkim_request request = { .at = c->env.clock.now };
	const cJSON *item;
	struct ms_dkim_result result;
	size_t at = 0;

	ms_dkim_verify(
	    &c->env, c->arena, message_of(c, charsets), &request, &result);
	cJSON_ArrayForEach(item, member(c->want, "signatures"))
	{
		if (at < result.n)
			expect_signature(c, item, &result.signatures[at]);
		at++;
	}
	if (at != result.n)
		differ(c, "signatures: wanted %zu, got %zu", at, result.n);
	if (result.n == 0)
		expect_word(c, c->want, "overall", "none");
	ms_charsets_close(charsets);
}

/* ---- canonical forms ---- */

static struct ms_slice
canonical_body(
    struct conform *c, enum ms_dkim_canon canon, struct ms_slice input)
{
	unsigned char room[64];
	struct ms_dkim_body body;
	struct ms_slice piece;
	struct ms_buf out;

	ms_buf_init(&out, c->arena);
	ms_dkim_body_init(&body, canon, false, input);
	while (ms_dkim_body_next(&body, room, sizeof(room), &piece))
		ms_buf_slice(&out, piece);
	return ms_buf_get(&out);
}

static struct ms_slice
sha256_base64(struct conform *c, struct ms_slice text)
{
	struct ms_digests digests;
	unsigned char *p = ms_arena_bytes(c->arena, 64);

	ms_digest_bytes(MS_DIGEST_SHA256, text, &digests);
	return ms_slice_make(
	    p, ms_base64_encode(ms_slice_make(digests.sha256, 32), p));
}

void
run_dkim_canon(struct conform *c)
{
	struct ms_slice input = base64_of(c, c->test, "input_b64"), got;
	enum ms_dkim_canon canon =
	    ms_slice_is(text_of(c->test, "algorithm"), "relaxed")
		? MS_DKIM_RELAXED
		: MS_DKIM_SIMPLE;
	struct ms_buf out;

	ms_buf_init(&out, c->arena);
	if (ms_slice_is(text_of(c->test, "part"), "body")) {
		got = canonical_body(c, canon, input);
	} else {
		ms_dkim_header_canon(canon, false, input, &out);
		got = ms_buf_get(&out);
	}
	if (member(c->want, "output_b64") &&
	    !ms_slice_equal(got, base64_of(c, c->want, "output_b64")))
		differ(
		    c, "output: got \"%.*s\"", (int)got.n, (const char *)got.p);
	if (member(c->want, "sha256_b64") &&
	    !ms_slice_equal(
		sha256_base64(c, got), text_of(c->want, "sha256_b64")))
		differ(c, "another hash");
}

/* ---- ARC ---- */

void
run_arc(struct conform *c)
{
	struct ms_charsets *charsets = ms_charsets_new(c->arena);
	struct ms_dkim_request request = { .at = 0 }; /* no expiry */
	struct ms_arc_result result;

	ms_arc_verify(
	    &c->env, c->arena, message_of(c, charsets), &request, &result);
	expect_word(c, c->want, "cv", ms_auth_result_name(result.result));
	ms_charsets_close(charsets);
}
