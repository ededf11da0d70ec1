/* SPDX-License-Identifier: ISC
 * fuzz_feedback.c - reports of others, and what they come in
 */
#include "fuzz.h"

#include "mailsonde/feedback.h"

static void
check_aggregate(const struct ms_aggregate *a, const struct ms_limits *limits,
    struct ms_arena *arena)
{
	struct ms_senders senders;
	int64_t failed = 0;
	size_t n = 0;

	assert(a->rows_n <= limits->report_rows);
	ms_senders_init(&senders, arena);
	ms_senders_add(&senders, a);
	ms_senders_sort(&senders);
	assert(senders.messages == a->messages);
	for (const struct ms_source *s = senders.sources; s; s = s->next) {
		assert(s->passed >= 0 && s->passed <= s->messages);
		assert(!s->next || s->messages - s->passed >=
				       s->next->messages - s->next->passed);
		n++;
	}
	for (unsigned kind = 0; kind < MS_SOURCE_KINDS; kind++) {
		assert(senders.lost[kind] <= senders.failed[kind]);
		failed += senders.failed[kind];
	}
	assert(failed == senders.messages - senders.passed);
	assert(n == senders.sources_n && n <= a->rows_n);
}

static void
check_tls(const struct ms_tls_report *tls, const struct ms_limits *limits,
    struct ms_arena *arena)
{
	struct ms_tls_sessions *sessions = NULL;
	size_t rows = tls->policies_n;

	for (size_t i = 0; i < tls->policies_n; i++) {
		assert(tls->policies[i].failed >= 0);
		assert(tls->policies[i].successful >= 0);
		rows += tls->policies[i].failures_n;
	}
	assert(rows <= limits->report_rows);
	ms_tls_sessions_add(arena, &sessions, tls);
	assert((sessions != NULL) == (tls->policies_n > 0));
}

static void
read_item(struct ms_arena *arena, struct ms_charsets *charsets,
    const struct ms_limits *limits, const struct ms_feedback_item *item)
{
	struct ms_psl *psl = ms_psl_none();
	struct ms_failure_report failure;
	struct ms_aggregate aggregate;
	struct ms_tls_report tls;
	struct ms_diag diag = { "" };

	if (item->kind == MS_FEEDBACK_NONE)
		assert(item->diag.text[0]);
	else if (item->kind == MS_FEEDBACK_XML &&
		 ms_aggregate_read(arena, item->text, limits, psl, &aggregate,
		     &diag) == MS_OK)
		check_aggregate(&aggregate, limits, arena);
	else if (item->kind == MS_FEEDBACK_JSON &&
		 ms_tls_report_read(arena, item->text, limits, &tls, &diag) ==
		     MS_OK)
		check_tls(&tls, limits, arena);
	else if (item->kind == MS_FEEDBACK_MAIL &&
		 ms_failure_report_read(
		     arena, charsets, limits, item->message, &failure))
		assert(failure.incidents > 0);
	psl->close(psl);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(arena);
	struct ms_limits limits = ms_limits_fill(NULL);
	const struct ms_feedback_item *item;
	size_t n = 0;

	limits.report_rows = 8; /* within a fuzzer's reach */
	limits.report_size = 65536;
	limits.report_members = 8;
	limits.xml_depth = 8;
	limits.xml_nodes = 64;
	item = ms_feedback_unpack(
	    arena, charsets, &limits, ms_slice_make(data, size));
	assert(item);
	for (; item; item = item->next, n++) {
		assert(item->text.n <= limits.report_size);
		read_item(arena, charsets, &limits, item);
	}
	assert(n <= 4 * limits.report_members);
	ms_charsets_close(charsets);
	ms_arena_free(arena);
	return 0;
}
