/* SPDX-License-Identifier: ISC
 * test_record.c - records of MTA-STS, TLS reporting and BIMI, and policies
 */
#include "test.h"

#include "mailsonde/domain_record.h"

static struct ms_arena *arena;
static struct ms_limits limits;

/* `fault` begins as wanted; NULL: none is wanted. */
static void
check_fault(const char *text, const char *fault, const char *wanted)
{
	if (!wanted && fault)
		fail_msg("%s: %s", text, fault);
	if (wanted && (!fault || !strstr(fault, wanted)))
		fail_msg("%s: wanted %s, got %s", text, wanted,
		    fault ? fault : "nothing");
}

static void
test_mta_sts_record(void **state)
{
	static const struct {
		const char *text, *id, *fault;
	} rows[] = {
		{ "v=STSv1; id=1;", "1", NULL },
		{ "v=STSv1;id=1", "1", NULL },
		{ "v=STSv1 \t; id=20260101; x.y-z=a,b", "20260101", NULL },
		{ "v=STSv1; id=1; id=?", "1", NULL },
		{ "v=STSv1; id=12345678901234567890123456789012",
		    "12345678901234567890123456789012", NULL },
		{ "v=STSv1; id=123456789012345678901234567890123",
		    "123456789012345678901234567890123", "more than 32" },
		{ "v=STSv1; id=a-b", "a-b", "other than letters" },
		{ "v=STSv1; id =1", NULL, "beside" },
		{ "v=STSv1; id= 1", NULL, "beside" },
		{ "v=STSv1; id=", NULL, "no value" },
		{ "v=STSv1; =1", NULL, "no name" },
		{ "v=STSv1; id", NULL, "no \"=\"" },
		{ "v=STSv1; x=1", NULL, "no id" },
		{ "v=STSv1; ID=1", NULL, "no id" },
		{ "v=STSv1; id=1;;", "1", "side by side" },
		{ "v=STSv1; id=1; x=a=b", "1", "value holds" },
		{ "v=STSv1; id=1; -x=a", "1", "name holds" },
		{ "v=STSv1; id=1; x=\x80", "1", "value holds" },
		{ "v=stsv1; id=1", NULL, "does not begin" },
		{ " v=STSv1; id=1", NULL, "does not begin" },
		{ "v=STSv1", NULL, "does not begin" },
		{ "", NULL, "does not begin" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_mta_sts_record out;

		ms_mta_sts_record_parse(ms_slice_from(rows[i].text), &out);
		check_fault(rows[i].text, out.fault, rows[i].fault);
		assert_int_equal(out.valid, rows[i].fault == NULL);
		assert_int_equal(out.id.p != NULL, rows[i].id != NULL);
		if (rows[i].id)
			assert_true(
			    ms_slice_equal(out.id, ms_slice_from(rows[i].id)));
	}
}

static void
test_mta_sts_policy(void **state)
{
	static const struct {
		const char *text, *fault;
		size_t mx;
	} rows[] = {
		{ "version: STSv1\r\nmode: enforce\r\nmx: a.example\r\n"
		  "mx: *.b.example\r\nmax_age: 604800\r\n",
		    NULL, 2 },
		{ "mode: testing\nversion: STSv1\nmax_age: 0\nmx: a", NULL, 1 },
		{ "version:STSv1\nmode:none\nmax_age:9999999999", NULL, 0 },
		{ "version: STSv1 \t\nmode: none\nmax_age: 1\nx: caf\303\251 x",
		    NULL, 0 },
		{ "version: STSv1\nmode: none\nmode: enforce\nmax_age: 1", NULL,
		    0 },
		{ "version: STSv1\nmode: enforce\nmax_age: 1", "no mx", 0 },
		{ "version: STSv1\nmode: none", "no max_age", 0 },
		{ "version: STSv1\nmax_age: 1", "no mode", 0 },
		{ "mode: none\nmax_age: 1", "no version", 0 },
		{ "version: stsv1\nmode: none\nmax_age: 1", "not STSv1", 0 },
		{ "version: STSv1\nmode: None\nmax_age: 1", "mode is", 0 },
		{ "version: STSv1\nmode: none\nmax_age: 1 0", "max_age is", 0 },
		{ "version: STSv1\nmode: none\nmax_age: -1", "max_age is", 0 },
		{ "version: STSv1\nmode: none\nmax_age: 12345678901",
		    "max_age is", 0 },
		{ "version: STSv1\n\nmode: none\nmax_age: 1", "a line is", 0 },
		{ "version : STSv1\nmode: none\nmax_age: 1", "name holds", 0 },
		{ "version: STSv1\nmode: none\nmax_age: 1\nx:", "value is", 0 },
		{ "version: STSv1\nmode: none\nmax_age: 1\nx: \xff", "value is",
		    0 },
		{ "version: STSv1\nmode: none\nmax_age: 1\nmx: *", "an mx is",
		    1 },
		{ "version: STSv1\nmode: none\nmax_age: 1\nmx: a.*.b",
		    "an mx is", 1 },
		{ "version: STSv1\nmode: none\nmax_age: 1\nmx: a..b",
		    "an mx is", 1 },
		{ "version: STSv1\nmode: none\nmax_age: 1\nmx: a.b.",
		    "an mx is", 1 },
		{ "version: STSv1\nmode: none\nmax_age: 1\nmx: -a.b",
		    "an mx is", 1 },
		{ "", "no version", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_mta_sts_policy out;

		ms_mta_sts_policy_parse(
		    ms_slice_from(rows[i].text), &limits, arena, &out);
		check_fault(rows[i].text, out.fault, rows[i].fault);
		assert_int_equal(out.valid, rows[i].fault == NULL);
		assert_int_equal(out.mx_n, rows[i].mx);
	}
}

static void
test_mta_sts_matches(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool match;
	} rows[] = {
		{ "mail.example", "mail.example", true },
		{ "mail.example", "MAIL.example.", true },
		{ "mail.example", "a.mail.example", false },
		{ "*.example", "mail.example", true },
		{ "*.Example", "mail.eXample", true },
		{ "*.example", "example", false },
		{ "*.example", "a.mail.example", false },
		{ "*.example", ".example", false },
		{ "*.", "mail.example", false },
		{ "*", "mail", false },
		{ "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (ms_mta_sts_matches(ms_slice_from(rows[i].pattern),
			ms_slice_from(rows[i].host)) != rows[i].match)
			fail_msg("%s and %s", rows[i].pattern, rows[i].host);
}

static void
test_tls_rpt(void **state)
{
	static const struct {
		const char *text, *fault;
		size_t rua;
	} rows[] = {
		{ "v=TLSRPTv1; rua=mailto:a@b.example", NULL, 1 },
		{ "v=TLSRPTv1;rua=mailto:a@b.example , https://c.example/d;",
		    NULL, 2 },
		{ "v=TLSRPTv1; rua=mailto:a@b.example; x=y", NULL, 1 },
		{ "v=TLSRPTv1; rua=a@b.example", "is no URI", 0 },
		{ "v=TLSRPTv1; rua=mailto:a@b.example,", "is no URI", 1 },
		{ "v=TLSRPTv1; rua=mailto:a@b.example!1m", "is no URI", 0 },
		{ "v=TLSRPTv1; rua=https://a.example/%zz", "is no URI", 0 },
		{ "v=TLSRPTv1; x=y", "no address", 0 },
		{ "v=TLSRPTv1;", "no address", 0 },
		{ "v=TLSRPTv1", "does not begin", 0 },
		{ "v=tlsrptv1; rua=mailto:a@b.example", "does not begin", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_tls_rpt_record out;

		ms_tls_rpt_record_parse(
		    ms_slice_from(rows[i].text), &limits, arena, &out);
		check_fault(rows[i].text, out.fault, rows[i].fault);
		assert_int_equal(out.rua_n, rows[i].rua);
	}
}

static void
test_bimi(void **state)
{
	static const struct {
		const char *text, *fault;
		bool declined;
	} rows[] = {
		{ "v=BIMI1; l=https://a.example/b.svg", NULL, false },
		{ " v = BIMI1 ;\tl=https://a.example/b.svg; a=", NULL, false },
		{ "v=BIMI1; l=; a=;", NULL, true },
		{ "v=BIMI1; l=; a=https://a.example/b.pem", NULL, false },
		{ "v=BIMI1", "no l=", false },
		{ "v=BIMI1; l=http://a.example/b.svg", "l= is", false },
		{ "v=BIMI1; l=https:///b.svg", "l= is", false },
		{ "v=BIMI1; l=; a=ftp://a.example/b", "a= is", false },
		{ "v=BIMI1; l=; avp=cat", "avp= is", false },
		{ "v=BIMI1; l=; lps=a b", "lps= holds", false },
		{ "v=BIMI1; l=; l=", "second time", false },
		{ "v=BIMI1; l=; x", "without \"=\"", false },
		{ "v=bimi1; l=", "does not begin", false },
		{ "V=BIMI1; l=", "does not begin", false },
		{ "l=; v=BIMI1", "does not begin", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_bimi_record out;

		ms_bimi_record_parse(
		    ms_slice_from(rows[i].text), &limits, arena, &out);
		check_fault(rows[i].text, out.fault, rows[i].fault);
		assert_int_equal(out.declined, rows[i].declined);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mta_sts_record),
		cmocka_unit_test(test_mta_sts_policy),
		cmocka_unit_test(test_mta_sts_matches),
		cmocka_unit_test(test_tls_rpt),
		cmocka_unit_test(test_bimi),
	};
	int failed;

	arena = ms_arena_new(NULL);
	limits = ms_limits_fill(NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	ms_arena_free(arena);
	return failed;
}
