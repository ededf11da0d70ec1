/* SPDX-License-Identifier: ISC
 * fuzz_record.c - records of any lines, sealed as they should be; and any
 * bytes in place of a record
 */
#include "fuzz_dns.h"
#include "mailsonde/fetch.h"
#include "mailsonde/geo.h"
#include "mailsonde/psl.h"

struct sources {
	struct ms_dns_source *dns;
	struct ms_fetch_source *fetch;
	struct ms_geo_source *geo;
	struct ms_psl *psl;
};

static void
ask_back(struct ms_dns_source *dns, const struct ms_json *line)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_dns_question question = {
		.type = ms_dns_type_parse(ms_json_get_text(line, "rrtype")),
		.want = (unsigned)ms_json_get_int(line, "want", 0),
	};
	struct ms_dns_answer answer;

	assert(ms_dns_name_from_master(
	    ms_json_get_text(line, "name"), &question.name));
	dns->query(dns, &question, arena, &answer);
	assert(answer.status != MS_DNS_NOT_RECORDED ||
	       ms_slice_is(ms_json_get_text(line, "status"), "not-recorded"));
	assert((answer.status == MS_DNS_FOUND) == (answer.n > 0));
	assert(answer.n + answer.aliases_n <=
	       limits.dns_records + limits.dns_aliases);
	for (size_t i = 0; i < answer.n; i++)
		fuzz_name(answer.records[i].name);
	ms_arena_free(arena);
}

static void
take(const struct sources *s, const struct ms_json *line)
{
	struct ms_geo_place place;
	struct ms_ip ip;

	if (ms_dns_replay_add(s->dns, line, NULL) == MS_OK)
		ask_back(s->dns, line);
	if (ms_fetch_replay_add(s->fetch, line, NULL) == MS_OK)
		assert(ms_json_get(line, "status"));
	if (ms_geo_replay_add(s->geo, line) == MS_OK) {
		assert(ms_ip_parse(ms_json_get_text(line, "ip"), &ip));
		(void)s->geo->lookup(s->geo, &ip, &place);
	}
	if (ms_psl_replay_add(s->psl, line) == MS_OK)
		assert(ms_json_get(line, "section"));
}

static size_t
read_all(const struct sources *s, struct ms_slice file)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_ledger_reader reader;
	const struct ms_json *line;
	struct ms_diag diag = { "" };
	enum ms_status status;
	size_t n = 0;

	ms_ledger_start(&reader, file);
	while (
	    (status = ms_ledger_next(&reader, arena, &line, &diag)) == MS_OK) {
		take(s, line);
		n++;
	}
	assert(status == MS_END || strncmp(diag.text, "line ", 5) == 0);
	ms_arena_free(arena);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice rest = ms_slice_make(data, size), line;
	const struct ms_psl_about about = { NULL, 0 };
	const struct sources s = { ms_dns_replay(NULL, 0, NULL),
		ms_fetch_replay(NULL),
		ms_geo_replay(ms_json_read(arena, rest), NULL),
		ms_psl_replay(&about, NULL) };
	struct ms_ledger *ledger;
	struct ms_buf file;
	size_t lines = 0;

	ms_buf_init(&file, arena);
	ledger = ms_ledger_new(fuzz_take, &file, NULL);
	while (ms_slice_line(&rest, false, &line) && lines++ < 64)
		ms_ledger_add(ledger, ms_slice_make(NULL, 0), line);
	assert(ms_ledger_close(ledger, true));
	assert(read_all(&s, ms_buf_get(&file)) <= lines);
	(void)read_all(&s, ms_slice_make(data, size));
	s.dns->close(s.dns);
	s.fetch->close(s.fetch);
	s.geo->close(s.geo);
	s.psl->close(s.psl);
	ms_arena_free(arena);
	return 0;
}
