/* SPDX-License-Identifier: ISC
 * fuzz_dns.h - what holds for every answer, and its way through a record
 */
#ifndef MAILSONDE_FUZZ_DNS_H
#define MAILSONDE_FUZZ_DNS_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "dns/rr_priv.h"
#include "mailsonde/dns_wrap.h"
#include "mailsonde/dns_zone.h"
#include "mailsonde/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
fuzz_name(struct ms_slice text)
{
	struct ms_dns_name name;

	assert(text.n > 0 && ms_utf8_ascii(text));
	assert(ms_dns_name_from_master(text, &name));
	assert(name.n >= 1 && name.wire[name.n - 1] == 0);
}

static inline void
fuzz_dns_answer(struct ms_arena *arena, const struct ms_limits *limits,
    const struct ms_dns_question *question, const struct ms_dns_answer *answer)
{
	bool referral = answer->status == MS_DNS_REFERRAL;
	uint16_t type = referral                        ? MS_DNS_NS
			: question->type == MS_DNS_AXFR ? MS_DNS_SOA
							: question->type;

	assert((answer->status == MS_DNS_FOUND || referral) == (answer->n > 0));
	assert(!referral || question->server.set);
	assert(answer->n <= limits->dns_records);
	assert(answer->glue_n <= limits->dns_records);
	assert(answer->aliases_n <= limits->dns_aliases);
	assert(!ms_dns_is_failure(answer->status) || answer->why);
	assert(answer->ede >= -1 && answer->rcode >= -1);
	assert(ms_utf8_valid(answer->ede_text));
	for (size_t i = 0; i < answer->aliases_n; i++)
		fuzz_name(answer->aliases[i]);
	for (size_t i = 0; i < answer->n; i++) {
		const struct ms_dns_record *r = &answer->records[i];

		assert(r->type == type);
		assert(r->ttl >= answer->ttl);
		fuzz_name(r->name);
		assert(ms_utf8_ascii(ms_dns_rdata_text(arena, r)));
	}
}

/* ---- through a record and back ---- */

struct fuzz_given {
	struct ms_dns_source source;
	const struct ms_dns_answer *answer;
};

static inline void
fuzz_given_query(struct ms_dns_source *self,
    const struct ms_dns_question *question, struct ms_arena *arena,
    struct ms_dns_answer *out)
{
	(void)question;
	(void)arena;
	*out = *((struct fuzz_given *)(void *)self)->answer;
}

static inline void
fuzz_given_close(struct ms_dns_source *self)
{
	(void)self;
}

static inline bool
fuzz_take(void *context, struct ms_slice bytes)
{
	ms_buf_slice(context, bytes);
	return true;
}

static inline void
fuzz_same(const struct ms_dns_answer *a, const struct ms_dns_answer *b)
{
	assert(a->status == b->status && a->ttl == b->ttl);
	assert(a->rcode == b->rcode && a->ede == b->ede);
	assert(ms_slice_equal(a->ede_text, b->ede_text));
	assert(a->n == b->n && a->aliases_n == b->aliases_n);
	assert(a->glue_n == b->glue_n);
	assert(a->authoritative == b->authoritative);
	for (size_t i = 0; i < a->aliases_n; i++)
		assert(ms_slice_equal(a->aliases[i], b->aliases[i]));
	for (size_t i = 0; i < a->n; i++) {
		assert(ms_slice_equal(a->records[i].name, b->records[i].name));
		assert(
		    ms_slice_equal(a->records[i].rdata, b->records[i].rdata));
		assert(a->records[i].ttl == b->records[i].ttl);
	}
}

/* What is recorded comes back. */
static inline void
fuzz_dns_record(struct ms_arena *arena, const struct ms_dns_question *question,
    const struct ms_dns_answer *answer)
{
	struct fuzz_given given = {
		.source = { .query = fuzz_given_query,
		    .close = fuzz_given_close },
		.answer = answer,
	};
	struct ms_dns_source *replay = ms_dns_replay(NULL, 0, NULL);
	/* The record gives its scratch back, and the file must not go with it.
	 */
	struct ms_arena *scratch = ms_arena_new(NULL);
	struct ms_dns_source *record;
	struct ms_ledger *ledger;
	struct ms_ledger_reader reader;
	const struct ms_json *line;
	struct ms_dns_answer back;
	struct ms_buf file;

	ms_buf_init(&file, arena);
	ledger = ms_ledger_new(fuzz_take, &file, NULL);
	record = ms_dns_record(&given.source, ledger, 0, NULL);
	record->query(record, question, scratch, &back);
	record->close(record);
	assert(ms_ledger_close(ledger, true));
	ms_ledger_start(&reader, ms_buf_get(&file));
	assert(ms_ledger_next(&reader, arena, &line, NULL) == MS_OK);
	assert(ms_dns_replay_add(replay, line, NULL) == MS_OK);
	assert(ms_ledger_next(&reader, arena, &line, NULL) == MS_END);
	replay->query(replay, question, arena, &back);
	fuzz_same(answer, &back);
	replay->close(replay);
	ms_arena_free(scratch);
}

#endif
