/* SPDX-License-Identifier: ISC
 * test_id_time.c - times that identifiers carry
 */
#include "mailsonde/received.h"

#include "mailsonde/clock.h"
#include "test.h"

/* All near 2026-01-05T10:00:00Z. */
#define NEAR 1767607200

static const struct {
	const char *id, *dialect;
	int64_t near;
	const char *time, *kind; /* NULL: none */
} rows[] = {
	/* Postfix 2.9, enable_long_queue_ids: base 52 */
	{ "4dl8t80sf8zJqz", "postfix", NEAR, "2026-01-05T10:00:00Z",
	    "Postfix long queue id" },
	{ "4dl8t80sf8zJqz", NULL, NEAR, "2026-01-05T10:00:00Z",
	    "Postfix long queue id" },
	/* by chance, far from the hop's date */
	{ "4dl8t80sf8zJqz", NULL, NEAR + 10 * 86400, NULL, NULL },
	{ "4dl8t80sf8zJqz", NULL, 0, NULL, NULL },
	{ "9F8E7D6C5B", "postfix", NEAR, NULL, NULL },
	{ "4dl8t8aaaaaJqz", "postfix", NEAR, NULL, NULL },
	{ "4dl8t80sf8zJq-", "postfix", NEAR, NULL, NULL },
	/* Exim: base 62; both lengths */
	{ "1vchNY-0003Nk-0v", "exim", NEAR, "2026-01-05T10:00:00Z",
	    "Exim message id" },
	{ "1vchNY-00000000xyz-0AbC", "exim", NEAR, "2026-01-05T10:00:00Z",
	    "Exim message id" },
	{ "1vchNY-0003Nk-0v", "general", NEAR + 40 * 86400, NULL, NULL },
	{ "1vchNY-0003Nk0-v", "exim", NEAR, NULL, NULL },
	{ "------------------", "exim", NEAR, NULL, NULL },
	/* Gmail, three ways */
	{ "b2sor1234567wrb.1.2026.01.05.02.00.00", "gmail", NEAR,
	    "2026-01-05T09:30:00Z", "Gmail id (Pacific time)" },
	{ "b2sor1234567wrb.1.2026.13.05.02.00.00", "gmail", NEAR, NULL, NULL },
	{ "b2sor1234567wrb.1.2026.01.05.02.00.0x", "gmail", NEAR, NULL, NULL },
	{ "abc.179.1767607200123", "gmail", NEAR, "2026-01-05T10:00:00Z",
	    "Gmail id (milliseconds)" },
	{ "abc.179.9999999999999", "gmail", NEAR, NULL, NULL },
	/* Sendmail: local time, of an unknown zone */
	{ "605A00OC012345", "sendmail", NEAR, "2026-01-05T10:00:00Z",
	    "Sendmail queue id (local time)" },
	{ "605A00OC012345", "sendmail", NEAR + 5 * 86400, NULL, NULL },
	{ "605A00OC01234x", "sendmail", NEAR, NULL, NULL },
	/* RFC 9562: version 1 carries a time, version 4 none */
	{ "4c16d000-ea1d-11f0-8000-000000000001", NULL, NEAR,
	    "2026-01-05T10:00:00Z", "UUID version 1" },
	{ "4C16D000-EA1D-11F0-8000-000000000001", NULL, 0,
	    "2026-01-05T10:00:00Z", "UUID version 1" },
	{ "4c16d000-ea1d-41f0-8000-000000000001", NULL, NEAR, NULL, NULL },
	{ "4c16d000-ea1d-11f0-8000-00000000000", NULL, NEAR, NULL, NULL },
	/* digits */
	{ "20260105100000.AB12C", NULL, NEAR, "2026-01-05T10:00:00Z",
	    "date written in the id" },
	{ "x20260105100000", NULL, NEAR, "2026-01-05T10:00:00Z",
	    "date written in the id" },
	{ "202601051000001", NULL, NEAR, NULL, NULL },
	{ "20261305100000", NULL, NEAR, NULL, NULL },
	{ "20260105100000", NULL, 0, NULL, NULL },
	{ "", NULL, NEAR, NULL, NULL },
};

static void
reads_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_received received = { .dialect = rows[i].dialect };
		char text[MS_TIME_TEXT] = "";
		struct ms_id_time out;

		ms_id_time_parse(
		    ms_slice_from(rows[i].id), &received, rows[i].near, &out);
		if (out.set != (rows[i].time != NULL))
			print_error("%s\n", rows[i].id);
		assert_int_equal(out.set, rows[i].time != NULL);
		if (!out.set)
			continue;
		ms_time_format(out.time, text);
		assert_string_equal(text, rows[i].time);
		assert_string_equal(out.kind, rows[i].kind);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
