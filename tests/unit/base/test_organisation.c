/* SPDX-License-Identifier: ISC
 * test_organisation.c - which names belong together
 */
#include "mailsonde/organisation.h"

#include "test.h"

static const struct {
	const char *host, *organisation;
} hosts[] = {
	{ "mail.example.com", "example.com" },
	{ "a.b.c.example.com.", "example.com" },
	{ "example.com", "example.com" },
	{ "localhost", "localhost" },
	{ "com", "com" },
	{ "mail.example.co.uk", "example.co.uk" },
	{ "example.co.uk", "example.co.uk" },
	{ "co.uk", "co.uk" },
	{ "mail.example.CO.UK", "example.CO.UK" },
	{ "www.example.org.au", "example.org.au" },
	/* Not a label that registries use, or not a country. */
	{ "mail.example.de", "example.de" },
	{ "a.co.example", "co.example" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "[192.0.2.1]", "[192.0.2.1]" },
	{ "2001:db8::1", "2001:db8::1" },
	{ ".example.com", "example.com" },
	{ "..", "" },
	{ "", "" },
};

static void
finds_what_was_registered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		assert_slice(ms_organisation(ms_slice_from(hosts[i].host)),
		    hosts[i].organisation);
}

static void
compares(void **state)
{
	(void)state;
	assert_true(ms_same_organisation(
	    MS_SLICE("a.Example.com"), MS_SLICE("b.c.example.COM.")));
	assert_false(ms_same_organisation(
	    MS_SLICE("a.example.com"), MS_SLICE("a.example.org")));
	assert_false(
	    ms_same_organisation(MS_SLICE("one.co.uk"), MS_SLICE("two.co.uk")));
	assert_false(ms_same_organisation(
	    MS_SLICE("notexample.com"), MS_SLICE("example.com")));
	assert_false(ms_same_organisation(MS_SLICE(""), MS_SLICE("")));
	assert_false(
	    ms_same_organisation(MS_SLICE("192.0.2.1"), MS_SLICE("0.2.1")));
}

static void
knows_free_mail(void **state)
{
	static const char *const yes[] = { "gmail.com", "GMail.Com",
		"yahoo.co.jp", "outlook.de" };
	static const char *const no[] = { "example.com", "notgmail.com",
		"gmail.com.example", "yahoo-inc.example", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(ms_is_free_mail(ms_slice_from(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(ms_is_free_mail(ms_slice_from(no[i])));
}

static void
knows_what_lies_within(void **state)
{
	(void)state;
	assert_true(ms_name_is_within(
	    MS_SLICE("Mail.Example.org"), MS_SLICE("example.ORG")));
	assert_true(ms_name_is_within(
	    MS_SLICE("example.org"), MS_SLICE("example.org")));
	assert_false(ms_name_is_within(
	    MS_SLICE("notexample.org"), MS_SLICE("example.org")));
	assert_false(
	    ms_name_is_within(MS_SLICE("org"), MS_SLICE("example.org")));
	assert_false(ms_name_is_within(
	    MS_SLICE("mail.example.net"), MS_SLICE("example.org")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_registered),
		cmocka_unit_test(compares),
		cmocka_unit_test(knows_free_mail),
		cmocka_unit_test(knows_what_lies_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
