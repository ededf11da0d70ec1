/* SPDX-License-Identifier: ISC
 * test_tls_report.c - reports on TLS, with and without what they should have
 */
#include "mailsonde/feedback.h"

#include "test.h"

struct fixture {
	struct ms_arena *arena;
	struct ms_limits limits;
	struct ms_tls_report tls;
	struct ms_diag diag;
};

static enum ms_status
read_text(struct fixture *f, const char *text)
{
	f->arena = ms_arena_new(NULL);
	f->limits = ms_limits_fill(&f->limits);
	return ms_tls_report_read(
	    f->arena, ms_slice_from(text), &f->limits, &f->tls, &f->diag);
}

static void
done(struct fixture *f)
{
	ms_arena_free(f->arena);
	memset(&f->limits, 0, sizeof(f->limits));
}

/* RFC 8460 appendix B, shortened. */
static const char whole[] =
    "{\"organization-name\":\"Company-X\",\"date-range\":{"
    "\"start-datetime\":\"2016-04-01T00:00:00Z\","
    "\"end-datetime\":\"2016-04-01T23:59:59Z\"},"
    "\"contact-info\":\"sts@company-x.example\",\"report-id\":\"5065\","
    "\"policies\":[{\"policy\":{\"policy-type\":\"STS\",\"policy-string\":"
    "[\"version: STSv1\",\"mode: testing\"],\"policy-domain\":"
    "\"Company-Y.example\",\"mx-host\":\"*.mail.company-y.example\"},"
    "\"summary\":{\"total-successful-session-count\":5326,"
    "\"total-failure-session-count\":303},\"failure-details\":["
    "{\"result-type\":\"certificate-expired\",\"sending-mta-ip\":"
    "\"2001:db8:abcd:12::1\",\"receiving-mx-hostname\":\"mx1\","
    "\"failed-session-count\":100},{\"result-type\":"
    "\"starttls-not-supported\",\"failed-session-count\":\"203\"}]}]}";

static void
reads_the_example(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	assert_int_equal(read_text(&f, whole), MS_OK);
	assert_slice(f.tls.org_name, "Company-X");
	assert_int_equal(f.tls.begin, 1459468800);
	assert_int_equal(f.tls.successful, 5326);
	assert_int_equal(f.tls.failed, 303);
	assert_int_equal(f.tls.policies_n, 1);
	assert_slice(f.tls.policies[0].type, "sts");
	assert_slice(f.tls.policies[0].domain, "company-y.example");
	assert_slice(f.tls.policies[0].mode, "testing");
	assert_int_equal(f.tls.policies[0].hosts_n, 1);
	assert_int_equal(f.tls.policies[0].failures_n, 2);
	assert_int_equal(f.tls.policies[0].failures[1].count, 203);
	assert_int_equal(f.tls.oddities.n, 0);
	done(&f);
}

static void
survives_what_is_missing(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	assert_int_equal(
	    read_text(&f,
		"{\"report-id\":\"1\",\"policies\":[null,{\"policy\":7,"
		"\"failure-details\":{\"failed-session-count\":3}},"
		"{\"failure-details\":[{\"failed-session-count\":4},"
		"{\"failed-session-count\":-4},{}]}]}"),
	    MS_OK);
	assert_int_equal(f.tls.policies_n, 3);
	/* Where the sum is missing the failures are it. */
	assert_int_equal(f.tls.policies[2].failed, 4);
	assert_true(f.tls.oddities.n > 0);
	assert_false(f.tls.begin_set);
	done(&f);
	assert_int_equal(
	    read_text(&f, "{\"organization-name\":\"x\",\"policies\":7}"),
	    MS_OK);
	assert_int_equal(f.tls.policies_n, 0);
	done(&f);
}

static void
refuses_what_is_none(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{}", "7",
		"{\"policy\":1}", "{\"report-id\":\"1\"} x" };
	struct fixture f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(read_text(&f, texts[i]), MS_FORMAT);
		done(&f);
	}
	f.limits.report_json = 100;
	assert_int_equal(read_text(&f, whole), MS_FORMAT);
	done(&f);
	f.limits.report_rows = 2;
	assert_int_equal(read_text(&f, whole), MS_OK);
	assert_true(f.tls.truncated);
	assert_int_equal(f.tls.policies[0].failures_n, 1);
	done(&f);
}

static void
adds_sessions(void **state)
{
	struct ms_tls_sessions *list = NULL;
	struct fixture f = { 0 };

	(void)state;
	assert_int_equal(read_text(&f, whole), MS_OK);
	ms_tls_sessions_add(f.arena, &list, &f.tls);
	ms_tls_sessions_add(f.arena, &list, &f.tls);
	assert_null(list->next);
	assert_int_equal(list->reports, 2);
	assert_int_equal(list->failed, 606);
	assert_slice(list->kinds->result_type, "starttls-not-supported");
	assert_int_equal(list->kinds->count, 406);
	assert_int_equal(list->kinds->next->count, 200);
	assert_null(list->kinds->next->next);
	done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_example),
		cmocka_unit_test(survives_what_is_missing),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(adds_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
