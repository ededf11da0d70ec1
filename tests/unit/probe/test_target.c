/* SPDX-License-Identifier: ISC
 * test_target.c - servers as people name them
 */
#include "mailsonde/probe.h"

#include "test.h"

static const struct {
	const char *text;
	const char *protocol; /* NULL: it is refused */
	const char *host;
	unsigned port;
	bool literal;
	const char *wrong; /* words of the refusal */
} rows[] = {
	{ "smtp://mx.example.org", "smtp", "mx.example.org", 25, false, NULL },
	{ "SMTP://MX.Example.ORG.", "smtp", "mx.example.org", 25, false, NULL },
	{ "imaps://imap.example.org:1993", "imaps", "imap.example.org", 1993,
	    false, NULL },
	{ "smtps://mx.example.org", "submissions", "mx.example.org", 465, false,
	    NULL },
	{ "mx.example.org:25", "smtp", "mx.example.org", 25, false, NULL },
	{ "mx.example.org:993", "imaps", "mx.example.org", 993, false, NULL },
	{ "192.0.2.1:587", "submission", "192.0.2.1", 587, true, NULL },
	{ "[2001:db8::1]:25", "smtp", "2001:db8::1", 25, true, NULL },
	{ "smtp://[2001:db8::1]", "smtp", "2001:db8::1", 25, true, NULL },
	{ "smtp://2001:db8::1", "smtp", "2001:db8::1", 25, true, NULL },
	{ "sieve://[::1]:2000", "sieve", "::1", 2000, true, NULL },
	{ "activesync://mail.example.org/Microsoft-Server-ActiveSync",
	    "activesync", "mail.example.org", 443, false, NULL },
	{ " pop3s://mail.example.org \t", "pop3s", "mail.example.org", 995,
	    false, NULL },
	{ "smtp://b\xc3\xbc"
	  "cher.example",
	    "smtp", "xn--bcher-kva.example", 25, false, NULL },
	{ "", NULL, NULL, 0, false, "is empty" },
	{ "mx.example.org", NULL, NULL, 0, false, "neither a protocol" },
	{ "gopher://x", NULL, NULL, 0, false, "unknown scheme" },
	{ "mx.example.org:2525", NULL, NULL, 0, false, "no protocol's own" },
	{ "smtp://", NULL, NULL, 0, false, "names no host" },
	{ "smtp://host:", NULL, NULL, 0, false, "no port" },
	{ "smtp://host:0", NULL, NULL, 0, false, "no port" },
	{ "smtp://host:65536", NULL, NULL, 0, false, "no port" },
	{ "smtp://host:25x", NULL, NULL, 0, false, "no port" },
	{ "smtp://[2001:db8::1", NULL, NULL, 0, false, "between its brackets" },
	{ "smtp://[2001:db8::1]25", NULL, NULL, 0, false, "no port" },
	{ "smtp://joe@example.org", NULL, NULL, 0, false, "address of mail" },
	{ "smtp://a..b", NULL, NULL, 0, false, "a label is empty" },
	{ "smtp://a b", NULL, NULL, 0, false, "holds a character" },
};

static void
reads_targets(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_probe_target t;
		const char *wrong;
		bool good = ms_probe_target_read(
		    arena, ms_slice_from(rows[i].text), &t, &wrong);

		if (good != (rows[i].protocol != NULL))
			fail_msg("%s: %s", rows[i].text, wrong ? wrong : "");
		if (!good) {
			if (!strstr(wrong, rows[i].wrong))
				fail_msg("%s: %s", rows[i].text, wrong);
			continue;
		}
		assert_string_equal(t.protocol->name, rows[i].protocol);
		assert_slice(t.host, rows[i].host);
		assert_int_equal(t.port, rows[i].port);
		assert_int_equal(t.literal, rows[i].literal);
		assert_int_equal(t.ip.set, rows[i].literal);
	}
	ms_arena_free(arena);
}

static void
knows_every_protocol_by_name_and_port(void **state)
{
	const struct ms_protocol *const *p = ms_protocols();

	(void)state;
	for (size_t i = 0; p[i]; i++) {
		assert_ptr_equal(
		    ms_protocol_by_name(ms_slice_from(p[i]->name)), p[i]);
		assert_non_null(ms_protocol_by_port(p[i]->port));
		assert_non_null(p[i]->talk);
		assert_non_null(p[i]->reference);
	}
	assert_null(ms_protocol_by_port(80));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_targets),
		cmocka_unit_test(knows_every_protocol_by_name_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
