/* SPDX-License-Identifier: ISC
 * replay.c - the answers of a record, and no others
 */
#include "mailsonde/dns_wrap.h"
#include "mailsonde/map.h"
#include "mailsonde/scan.h"
#include "rr_priv.h"

struct replay {
	struct ms_dns_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_limits limits;
	unsigned mark;
	struct ms_map answers; /* question to struct ms_dns_answer */
};

static struct replay *
replay_of(struct ms_dns_source *self)
{
	return (struct replay *)(void *)self;
}

/* ---- asking ---- */

static void
replay_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	const struct replay *replay = replay_of(self);
	struct ms_dns_question marked = *question;
	unsigned char room[RR_KEY_MAX];
	const struct ms_map_entry *entry;

	(void)arena;
	marked.want |= replay->mark;
	entry = ms_map_find(&replay->answers, rr_key(&marked, room));
	if (entry)
		*out = *(const struct ms_dns_answer *)entry->value;
	else
		ms_dns_fail(out, MS_DNS_NOT_RECORDED,
		    "the record does not hold this question (--replay)");
}

static void
replay_close(struct ms_dns_source *self)
{
	ms_arena_free(replay_of(self)->arena);
}

struct ms_dns_source *
ms_dns_replay(const struct ms_limits *limits, unsigned mark, void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct replay *replay = MS_NEW(arena, struct replay);

	replay->source.query = replay_query;
	replay->source.close = replay_close;
	replay->arena = arena;
	replay->mark = mark;
	replay->limits = ms_limits_fill(limits);
	ms_map_init(&replay->answers, arena);
	return &replay->source;
}

/* ---- reading lines ---- */

static bool
read_hex(struct ms_arena *arena, struct ms_slice text, struct ms_slice *out)
{
	unsigned char *p = ms_arena_bytes(arena, text.n / 2 + 1);

	*out = ms_slice_make(p, text.n / 2);
	for (size_t i = 0; i + 1 < text.n; i += 2) {
		int high = ms_hex_value(text.p[i]),
		    low = ms_hex_value(text.p[i + 1]);

		if (high < 0 || low < 0)
			return false;
		*p++ = (unsigned char)(high << 4 | low);
	}
	return text.p && text.n % 2 == 0;
}

static bool
read_name(
    const struct ms_json *object, const char *member, struct ms_dns_name *out)
{
	struct ms_slice text = ms_json_get_text(object, member);

	return text.n > 0 && ms_dns_name_from_master(text, out);
}

static bool
read_rr(
    struct replay *replay, const struct ms_json *rr, struct ms_dns_record *out)
{
	struct ms_dns_name owner;
	struct rr raw = {
		.type = (uint16_t)ms_json_get_int(rr, "TYPE", 0),
		.ttl = (uint32_t)ms_json_get_int(rr, "TTL", 0),
	};

	if (!read_name(rr, "NAME", &owner) ||
	    !read_hex(
		replay->arena, ms_json_get_text(rr, "RDATAHEX"), &raw.rdata))
		return false;
	raw.owner = ms_slice_make(owner.wire, owner.n);
	return rr_decode(replay->arena, &raw, out);
}

/* The records of one section; false: they cannot be read, or are too many. */
static bool
read_section(struct replay *replay, const struct ms_json *list,
    struct ms_dns_record **out, size_t *n)
{
	size_t most = replay->limits.dns_records + replay->limits.dns_aliases;

	*n = 0;
	if (!list || list->kind != MS_JSON_ARRAY)
		return false;
	for (const struct ms_json *rr = list->first; rr; rr = rr->next)
		++*n;
	if (*n > most)
		return false;
	*out = MS_NEW_ARRAY(replay->arena, struct ms_dns_record, *n);
	*n = 0;
	for (const struct ms_json *rr = list->first; rr; rr = rr->next)
		if (!read_rr(replay, rr, &(*out)[(*n)++]))
			return false;
	return true;
}

static bool
read_message(struct replay *replay, const struct ms_json *message,
    uint16_t asked, struct ms_dns_answer *out)
{
	struct ms_dns_record *all;
	size_t n;

	out->authoritative = ms_json_get_int(message, "AA", 0) != 0;
	out->recursion = ms_json_get_int(message, "RA", 0) != 0;
	if (out->status == MS_DNS_REFERRAL)
		return read_section(replay,
			   ms_json_get(message, "authorityRRs"), &out->records,
			   &out->n) &&
		       read_section(replay,
			   ms_json_get(message, "additionalRRs"), &out->glue,
			   &out->glue_n);
	if (!read_section(replay, ms_json_get(message, "answerRRs"), &all, &n))
		return false;
	out->records = all;
	out->aliases = MS_NEW_ARRAY(replay->arena, struct ms_slice, n);
	for (size_t i = 0; i < n; i++) {
		if (all[i].type == asked)
			out->records[out->n++] = all[i];
		else if (all[i].type == MS_DNS_CNAME)
			out->aliases[out->aliases_n++] = all[i].u.target;
		else
			return false;
	}
	return true;
}

static const char *
read_string(struct replay *replay, const struct ms_json *line, const char *name)
{
	struct ms_slice text = ms_ledger_get(replay->arena, line, name);

	return text.p ? ms_arena_string(replay->arena, text) : NULL;
}

static bool
read_answer(struct replay *replay, const struct ms_json *line, uint16_t asked,
    struct ms_dns_answer *out)
{
	const struct ms_json *message = ms_json_get(line, "responseMessage");
	const struct ms_json *seconds = ms_json_get(line, "seconds");

	memset(out, 0, sizeof(*out));
	if (!ms_dns_status_parse(
		ms_json_get_text(line, "status"), &out->status) ||
	    !ms_dns_security_parse(
		ms_json_get_text(line, "security"), &out->security) ||
	    (message && !read_message(replay, message, asked, out)))
		return false;
	out->has_signature = ms_json_get(line, "signed_until") != NULL;
	out->signed_since = (uint32_t)ms_json_get_int(line, "signed_since", 0);
	out->signed_until = (uint32_t)ms_json_get_int(line, "signed_until", 0);
	out->why = read_string(replay, line, "why");
	out->server = read_string(replay, line, "server");
	out->ede_text = ms_ledger_get(replay->arena, line, "ede_text");
	out->ttl = (uint32_t)ms_json_get_int(line, "ttl", 0);
	out->rcode = (int)ms_json_get_int(line, "rcode", -1);
	out->ede = (int)ms_json_get_int(line, "ede", -1);
	out->time = ms_json_get_int(line, "dateSeconds", 0);
	out->truncated = ms_json_get_int(line, "truncated", 0) != 0;
	if (seconds && seconds->kind == MS_JSON_NUMBER && seconds->number >= 0)
		out->seconds = seconds->number;
	return (out->status == MS_DNS_FOUND ||
		   out->status == MS_DNS_REFERRAL) == (out->n > 0);
}

/* "192.0.2.53@53"; true where nobody in particular was asked, too. */
static bool
read_asked(const struct ms_json *line, struct ms_dns_question *out)
{
	struct ms_slice text = ms_json_get_text(line, "asked");
	struct ms_scan s = ms_scan_init(text);

	if (!text.p)
		return true;
	if (!ms_ip_parse(ms_scan_to(&s, '@'), &out->server) ||
	    !ms_scan_try_byte(&s, '@'))
		return false;
	out->port = (uint16_t)ms_scan_number(&s, 5, UINT16_MAX);
	return !s.bad && ms_scan_at_end(&s);
}

enum ms_status
ms_dns_replay_add(struct ms_dns_source *source, const struct ms_json *line,
    struct ms_diag *diag)
{
	struct replay *replay = replay_of(source);
	struct ms_dns_question question = {
		.type = ms_dns_type_parse(ms_json_get_text(line, "rrtype")),
		.want = (unsigned)ms_json_get_int(line, "want", 0),
	};
	unsigned char room[RR_KEY_MAX];
	struct ms_map_entry *entry;
	struct ms_dns_answer *answer;

	if (question.type == 0 || !read_name(line, "name", &question.name) ||
	    !read_asked(line, &question))
		return ms_diag_set(diag, MS_FORMAT, "there is no DNS question");
	answer = MS_NEW(replay->arena, struct ms_dns_answer);
	if (!read_answer(replay, line,
		question.type == MS_DNS_AXFR ? MS_DNS_SOA : question.type,
		answer))
		return ms_diag_set(
		    diag, MS_FORMAT, "the DNS answer cannot be read");
	entry = ms_map_take(&replay->answers, rr_key(&question, room));
	if (entry->value)
		return ms_diag_set(
		    diag, MS_FORMAT, "the question was there before");
	entry->value = answer;
	return MS_OK;
}
