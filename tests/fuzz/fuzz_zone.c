/* SPDX-License-Identifier: ISC
 * fuzz_zone.c - zone files of any bytes, and the questions they suggest
 *
 * What can be read answers like any source; what cannot is refused with the
 * number of a line.
 */
#include "fuzz_dns.h"
#include "mailsonde/scan.h"

static const enum ms_dns_type types[] = { MS_DNS_A, MS_DNS_TXT, MS_DNS_MX,
	MS_DNS_CNAME };

static void
ask_all(struct ms_dns_source *zone, struct ms_slice name)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_dns_question question = { 0 };
	struct ms_dns_answer answer;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		question.type = (uint16_t)types[i];
		if (!ms_dns_name_from_master(name, &question.name))
			break;
		zone->query(zone, &question, arena, &answer);
		fuzz_dns_answer(arena, &limits, &question, &answer);
		fuzz_dns_record(arena, &question, &answer);
	}
	ms_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_slice text = ms_slice_make(data, size), rest = text, line;
	struct ms_dns_zone_text texts[] = { { "z", text } };
	struct ms_dns_zone_options options = {
		.texts = texts, .texts_n = 1, .offline = true
	};
	struct ms_dns_source *zone;
	struct ms_diag diag = { "" };

	if (ms_dns_zone_open(&options, &zone, &diag) != MS_OK) {
		assert(strncmp(diag.text, "z:", 2) == 0);
		assert(diag.text[2] >= '1' && diag.text[2] <= '9');
		return 0;
	}
	for (size_t n = 0; n < 8 && ms_slice_line(&rest, false, &line); n++) {
		struct ms_scan s = ms_scan_init(line);

		ask_all(zone, ms_scan_until(&s, MS_C_SPACE, SIZE_MAX));
	}
	zone->close(zone);
	return 0;
}
