/* SPDX-License-Identifier: ISC
 * fuzz_dkim.c - signatures and ARC sets in any message, with a key for each
 */
#include <assert.h>

#include "mailsonde/arc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 8463 A.2. */
static const char *const records[] = {
	"v=DKIM1; k=rsa; "
	"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk"
	"08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBs"
	"CR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT"
	"+l/K4w3QIDAQAB",
	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
};

static void
query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	(void)self;
	memset(out, 0, sizeof(*out));
	out->rcode = out->ede = -1;
	/* One that has no key, so that this is seen too. */
	if (question->name.wire[1] == 'x') {
		out->status = MS_DNS_NXDOMAIN;
		return;
	}
	out->n = 2;
	out->records = MS_NEW_ARRAY(arena, struct ms_dns_record, 2);
	for (size_t i = 0; i < 2; i++) {
		out->records[i].type = MS_DNS_TXT;
		out->records[i].u.text = ms_slice_from(records[i]);
	}
}

static void
check(const struct ms_message *message, const struct ms_dkim_signature *s,
    struct ms_arena *arena)
{
	struct ms_slice header, body;

	assert((s->result == MS_AUTH_PASS) == (s->code == MS_DKIM_GOOD));
	assert((s->reason == NULL) == (s->code == MS_DKIM_GOOD));
	if (s->result == MS_AUTH_PASS)
		assert(s->signature_ok && (s->body_hash_ok || !s->body_hashed));
	assert(s->unsigned_offset <= message->raw.n);
	for (size_t i = 0; i < s->covered_n; i++)
		assert(!s->covered[i].field ||
		       ms_slice_equal_nocase(
			   s->covered[i].field->name, s->covered[i].name));
	if (ms_dkim_canonical(message, s, arena, &header, &body) &&
	    s->body_hashed)
		assert(body.n <= s->body_length);
}

static void
check_repair(const struct ms_message *message, const struct ms_dkim_repair *r)
{
	assert((r->text != NULL) == (r->change != MS_DKIM_CHANGE_NONE));
	assert(r->offset <= message->raw.n &&
	       r->length <= message->raw.n - r->offset);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(arena);
	struct ms_dns_source source = { .query = query };
	struct ms_dkim_hashes hashes = { .n = 0 };
	struct ms_dkim_request request = { 1600000000, NULL, NULL, &hashes,
		true };
	struct ms_message_options options = { .mime = true };
	struct ms_env env = { .dns = &source };
	struct ms_dkim_result dkim;
	struct ms_arc_result arc;
	struct ms_message message;

	env.limits = ms_limits_fill(NULL);
	env.limits.explain_bytes = 1 << 20;
	env.limits.explain_checks = 4;
	ms_message_parse(arena, charsets, &env.limits,
	    ms_slice_make(data, size), &options, &message);
	ms_dkim_verify(&env, arena, &message, &request, &dkim);
	for (size_t i = 0; i < dkim.n; i++) {
		check(&message, &dkim.signatures[i], arena);
		check_repair(&message, &dkim.signatures[i].body_repair);
		check_repair(&message, &dkim.signatures[i].header_repair);
	}
	ms_arc_verify(&env, arena, &message, &request, &arc);
	assert((arc.result == MS_AUTH_NONE) == (arc.reason == NULL));
	assert(arc.n <= 50 && arc.oldest_pass <= arc.n);
	for (size_t i = 0; i < arc.n; i++)
		assert(arc.instances[i].instance == i + 1);
	ms_charsets_close(charsets);
	ms_arena_free(arena);
	return 0;
}
