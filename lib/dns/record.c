/* SPDX-License-Identifier: ISC
 * record.c - every answer as a line of a record, its message after RFC 8427
 *
 * The line holds what a judge can see of an answer, so that replay.c makes the
 * same of it. The message as it came over the wire stands beside it where
 * there is one.
 */
#include "mailsonde/clock.h"
#include "mailsonde/dns_wrap.h"
#include "rr_priv.h"

struct record {
	struct ms_dns_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_dns_source *inner;
	struct ms_ledger *ledger;
	unsigned mark;
};

static struct record *
record_of(struct ms_dns_source *self)
{
	return (struct record *)(void *)self;
}

/* RFC 8427 2.6: Base16 of RFC 4648, which is upper case. */
static void
put_hex(struct ms_buf *out, const char *name, struct ms_slice bytes)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char *p;

	ms_buf_printf(out, ",\"%s\":\"", name);
	p = ms_buf_room(out, 2 * bytes.n);
	for (size_t i = 0; i < bytes.n; i++) {
		*p++ = (unsigned char)digits[bytes.p[i] >> 4];
		*p++ = (unsigned char)digits[bytes.p[i] & 15];
	}
	out->n += 2 * bytes.n;
	ms_buf_byte(out, '"');
}

static void
put_rr(struct ms_buf *out, bool first, const struct ms_dns_record *record)
{
	char type[MS_DNS_TYPE_TEXT], member[MS_DNS_TYPE_TEXT + 8];

	ms_dns_type_format(record->type, type);
	ms_buf_text(out, first ? "{\"NAME\":" : ",{\"NAME\":");
	ms_json_string(out, record->name);
	ms_buf_printf(out,
	    ",\"TYPE\":%u,\"TYPEname\":\"%s\",\"CLASS\":1,\"TTL\":%lu,"
	    "\"RDLENGTH\":%zu",
	    (unsigned)record->type, type, (unsigned long)record->ttl,
	    record->rdata.n);
	put_hex(out, "RDATAHEX", record->rdata);
	snprintf(member, sizeof(member), "rdata%s", type);
	ms_ledger_put(out, member, ms_dns_rdata_text(out->arena, record));
	ms_buf_byte(out, '}');
}

/* A step of the chain. Its own TTL is lost by now: that of the answer is not
 * above it. */
static struct ms_dns_record
alias_record(struct ms_arena *arena, const struct ms_dns_answer *answer,
    size_t i, const struct ms_dns_question *question)
{
	struct ms_dns_record record = { .type = MS_DNS_CNAME,
		.ttl = answer->ttl };
	struct ms_dns_name target;

	record.name = i > 0 ? answer->aliases[i - 1]
			    : ms_dns_name_format(arena, &question->name);
	if (ms_dns_name_from_master(answer->aliases[i], &target))
		record.rdata =
		    ms_arena_copy(arena, ms_slice_make(target.wire, target.n));
	return record;
}

static void
put_flags(struct ms_buf *out, const struct ms_dns_answer *answer)
{
	static const struct {
		const char *name;
		unsigned bit;
	} flags[] = {
		{ "AA", 0x0400 },
		{ "TC", 0x0200 },
		{ "RD", 0x0100 },
		{ "RA", 0x0080 },
		{ "AD", 0x0020 },
		{ "CD", 0x0010 },
	};
	const unsigned char *p = answer->wire.p;
	unsigned all = answer->wire.n >= 12 ? p[2] * 256u + p[3] : 0;

	all |= answer->authoritative ? 0x0400 : 0;
	all |= answer->recursion ? 0x0080 : 0;

	if (answer->wire.n >= 12)
		ms_buf_printf(out, "\"ID\":%u,", p[0] * 256u + p[1]);
	ms_buf_text(out, "\"QR\":1,\"Opcode\":0");
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		ms_ledger_put_int(
		    out, flags[i].name, (all & flags[i].bit) != 0);
	if (answer->rcode >= 0)
		ms_ledger_put_int(out, "RCODE", answer->rcode & 15);
}

/* `before`: how many stand there already. */
static void
put_rrs(struct ms_buf *out, size_t before, const struct ms_dns_record *records,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_rr(out, before + i == 0, &records[i]);
}

static void
put_message(struct ms_buf *out, const struct ms_dns_question *question,
    const struct ms_dns_answer *answer)
{
	char type[MS_DNS_TYPE_TEXT];

	ms_dns_type_format(question->type, type);
	ms_buf_text(out, ",\"responseMessage\":{");
	put_flags(out, answer);
	ms_ledger_put(
	    out, "QNAME", ms_dns_name_format(out->arena, &question->name));
	ms_buf_printf(out,
	    ",\"QTYPE\":%u,\"QTYPEname\":\"%s\",\"QCLASS\":1,\"answerRRs\":[",
	    (unsigned)question->type, type);
	for (size_t i = 0; i < answer->aliases_n; i++) {
		struct ms_dns_record record =
		    alias_record(out->arena, answer, i, question);

		put_rr(out, i == 0, &record);
	}
	if (answer->status != MS_DNS_REFERRAL)
		put_rrs(out, answer->aliases_n, answer->records, answer->n);
	ms_buf_byte(out, ']');
	if (answer->status == MS_DNS_REFERRAL) {
		ms_buf_text(out, ",\"authorityRRs\":[");
		put_rrs(out, 0, answer->records, answer->n);
		ms_buf_text(out, "],\"additionalRRs\":[");
		put_rrs(out, 0, answer->glue, answer->glue_n);
		ms_buf_byte(out, ']');
	}
	if (answer->wire.n > 0)
		put_hex(out, "messageOctetsHEX", answer->wire);
	ms_buf_byte(out, '}');
}

/* RFC 8427 2.3: when the message was received. */
static void
put_times(struct ms_buf *out, const struct ms_dns_answer *answer)
{
	char text[MS_TIME_TEXT];

	ms_time_format(answer->time, text);
	ms_ledger_put(out, "dateString", ms_slice_from(text));
	ms_ledger_put_int(out, "dateSeconds", answer->time);
	/* Digits enough for the same double to come back. */
	ms_buf_printf(out, ",\"seconds\":%.17g", answer->seconds);
}

static struct ms_slice
from_string(const char *text)
{
	return text ? ms_slice_from(text) : ms_slice_make(NULL, 0);
}

static void
put_line(struct ms_buf *out, const struct ms_dns_question *question,
    const struct ms_dns_answer *answer)
{
	char type[MS_DNS_TYPE_TEXT], asked[MS_DNS_SERVER_TEXT];

	ms_dns_type_format(question->type, type);
	ms_buf_text(out, "\"type\":\"dns\"");
	ms_ledger_put(
	    out, "name", ms_dns_name_format(out->arena, &question->name));
	ms_ledger_put(out, "rrtype", ms_slice_from(type));
	ms_ledger_put_int(out, "want", question->want);
	if (question->server.set) {
		ms_dns_server_format(question, asked);
		ms_ledger_put(out, "asked", ms_slice_from(asked));
	}
	ms_ledger_put(
	    out, "status", ms_slice_from(ms_dns_status_name(answer->status)));
	ms_ledger_put(out, "why", from_string(answer->why));
	ms_ledger_put(out, "security",
	    ms_slice_from(ms_dns_security_name(answer->security)));
	ms_ledger_put_int(out, "ttl", answer->ttl);
	ms_ledger_put_int(out, "rcode", answer->rcode);
	ms_ledger_put_int(out, "ede", answer->ede);
	ms_ledger_put(out, "ede_text", answer->ede_text);
	ms_ledger_put(out, "server", from_string(answer->server));
	ms_ledger_put_int(out, "truncated", answer->truncated);
	if (answer->has_signature) {
		ms_ledger_put_int(out, "signed_since", answer->signed_since);
		ms_ledger_put_int(out, "signed_until", answer->signed_until);
	}
	put_times(out, answer);
	if (answer->rcode >= 0 || answer->aliases_n > 0)
		put_message(out, question, answer);
}

static void
record_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	const struct record *record = record_of(self);
	struct ms_dns_question marked = *question;
	unsigned char room[RR_KEY_MAX];
	struct ms_arena_mark mark;
	struct ms_buf line;

	record->inner->query(record->inner, question, arena, out);
	marked.want |= record->mark;
	mark = ms_arena_mark(arena);
	ms_buf_init(&line, arena);
	put_line(&line, &marked, out);
	ms_ledger_add(record->ledger, rr_key(&marked, room), ms_buf_get(&line));
	ms_arena_reset(arena, mark);
}

static bool
record_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	const struct record *record = record_of(self);

	return record->inner->prefetch(record->inner, question);
}

static void
record_close(struct ms_dns_source *self)
{
	struct record *record = record_of(self);

	record->inner->close(record->inner);
	ms_arena_free(record->arena);
}

struct ms_dns_source *
ms_dns_record(struct ms_dns_source *inner, struct ms_ledger *ledger,
    unsigned mark, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct record *record = MS_NEW(arena, struct record);

	record->source.query = record_query;
	record->source.prefetch = inner->prefetch ? record_prefetch : NULL;
	record->source.close = record_close;
	record->arena = arena;
	record->inner = inner;
	record->ledger = ledger;
	record->mark = mark;
	return &record->source;
}
