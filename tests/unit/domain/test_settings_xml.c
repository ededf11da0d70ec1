/* SPDX-License-Identifier: ISC
 * test_settings_xml.c - autoconfig and Autodiscover
 */
#include "mailsonde/settings_xml.h"

#include "test.h"

#define CORPUS "tests/fuzz/corpus/settings_xml/"

struct want {
	enum ms_mail_service service;
	const char *host;
	unsigned port;
	enum ms_mail_security security;
};

static void
assert_servers(
    const struct ms_mail_settings *s, const struct want *want, size_t n)
{
	if (!s->valid)
		fail_msg("%s", s->fault);
	assert_int_equal(s->servers_n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(s->servers[i].service, want[i].service);
		assert_slice(s->servers[i].host, want[i].host);
		assert_int_equal(s->servers[i].port, want[i].port);
		assert_int_equal(s->servers[i].security, want[i].security);
	}
}

static void
reads_autoconfig(void **state)
{
	static const struct want want[] = {
		{ MS_MAIL_IMAP, "imap.example.org", 993, MS_MAIL_TLS },
		{ MS_MAIL_POP3, "pop.%EMAILDOMAIN%", 110, MS_MAIL_PLAIN },
		{ MS_MAIL_SMTP, "smtp.example.org", 587, MS_MAIL_STARTTLS },
	};
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_mail_settings out;

	(void)state;
	ms_autoconfig_parse(
	    test_file(arena, CORPUS "autoconfig"), &limits, arena, &out);
	assert_servers(&out, want, 3);
	assert_slice(out.provider, "Example & S\xc3\xb6hne");
	assert_slice(out.servers[0].user, "%EMAILADDRESS%");
	assert_int_equal(out.servers[0].logins_n, 2);
	assert_slice(out.servers[0].logins[1], "password-cleartext");
	assert_false(out.truncated);
	limits.mail_servers = 2;
	ms_autoconfig_parse(
	    test_file(arena, CORPUS "autoconfig"), &limits, arena, &out);
	assert_servers(&out, want, 2);
	assert_true(out.truncated);
	ms_arena_free(arena);
}

static void
reads_autodiscover(void **state)
{
	static const struct want want[] = {
		{ MS_MAIL_IMAP, "imap.example.org", 993, MS_MAIL_TLS },
		{ MS_MAIL_POP3, "pop.example.org", 110, MS_MAIL_PLAIN },
		{ MS_MAIL_SMTP, "smtp.example.org", 587, MS_MAIL_STARTTLS },
		{ MS_MAIL_OTHER, NULL, 0, MS_MAIL_TLS },
	};
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_mail_settings out;

	(void)state;
	ms_autodiscover_parse(
	    test_file(arena, CORPUS "autodiscover"), &limits, arena, &out);
	assert_servers(&out, want, 4);
	assert_slice(out.provider, "Jo");
	ms_autodiscover_parse(
	    test_file(arena, CORPUS "redirect"), &limits, arena, &out);
	assert_servers(&out, want, 0);
	assert_slice(out.redirect_url, "https://x.example/");
	ms_arena_free(arena);
}

#define PROVIDER(text)                                                         \
	"<clientConfig><emailProvider>" text "</emailProvider></clientConfig>"
#define ACCOUNT(text)                                                          \
	"<Autodiscover><Response><Account>" text                               \
	"</Account></Response></Autodiscover>"

static const struct {
	bool autodiscover;
	const char *text, *fault;
} bad[] = {
	{ false, "<html></html>", "it is <html>, not <clientConfig>" },
	{ true, "<clientConfig/>", "it is <clientConfig>, not <Autodiscover>" },
	{ false, "<clientConfig/>", "it has no <emailProvider>" },
	{ false, PROVIDER(""), "it names no servers" },
	{ false,
	    PROVIDER("<incomingServer type='imap'><port>993</port>"
		     "</incomingServer>"),
	    "a server has no host name" },
	{ false,
	    PROVIDER("<incomingServer type='imap'><hostname>a</hostname>"
		     "<port>99999</port></incomingServer>"),
	    "a server has no port" },
	{ false,
	    PROVIDER("<incomingServer type='imap'><hostname>a</hostname>"
		     "<port>1x</port></incomingServer>"),
	    "a server has no port" },
	{ true, "<Autodiscover/>", "it has no <Response>" },
	{ true, "<Autodiscover><Response/></Autodiscover>",
	    "it has no <Account>" },
	{ true, ACCOUNT(""), "it names no servers" },
	{ true, ACCOUNT("<Protocol><Type>IMAP</Type></Protocol>"),
	    "a server has no host name" },
	{ true,
	    "<Autodiscover><Response><Error><ErrorCode>600</ErrorCode>"
	    "<Message>Invalid</Message></Error></Response></Autodiscover>",
	    "it is an error: 600 Invalid" },
};

static void
says_what_is_wrong(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_slice text = ms_slice_from(bad[i].text);
		struct ms_mail_settings out;

		if (bad[i].autodiscover)
			ms_autodiscover_parse(text, &limits, arena, &out);
		else
			ms_autoconfig_parse(text, &limits, arena, &out);
		assert_false(out.valid);
		assert_string_equal(out.fault, bad[i].fault);
		ms_arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_autoconfig),
		cmocka_unit_test(reads_autodiscover),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
