/* SPDX-License-Identifier: ISC
 * test_judge.c - rows judged anew with other records
 */
#include "mailsonde/dns_zone.h"
#include "mailsonde/feedback.h"

#include "test.h"

static const char zone[] =
    "_dmarc.example.org. 300 IN TXT \"v=DMARC1; p=quarantine; aspf=s\"\n"
    "example.org. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "sub.example.org. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    ";; timeout late.example\n";

struct fixture {
	struct ms_arena *arena;
	struct ms_env env;
};

static void
begin(struct fixture *f)
{
	struct ms_dns_zone_text text = { "zone", MS_SLICE(zone) };
	struct ms_dns_zone_options options = { .texts = &text,
		.texts_n = 1,
		.offline = true,
		.inner = ms_dns_none() };
	struct ms_diag diag = { "" };

	memset(f, 0, sizeof(*f));
	f->arena = ms_arena_new(NULL);
	f->env.limits = ms_limits_fill(NULL);
	f->env.geo = ms_geo_none();
	f->env.psl = ms_psl_none();
	options.limits = &f->env.limits;
	assert_int_equal(ms_dns_zone_open(&options, &f->env.dns, &diag), MS_OK);
}

static void
done(struct fixture *f)
{
	f->env.dns->close(f->env.dns);
	f->env.psl->close(f->env.psl);
	ms_arena_free(f->arena);
}

static struct ms_aggregate_now
judge(struct fixture *f, struct ms_aggregate_row *row)
{
	struct ms_aggregate report = { .rows = row, .rows_n = 1 };

	if (!row->source.set)
		(void)ms_ip_parse(MS_SLICE("192.0.2.1"), &row->source);
	row->header_from = MS_SLICE("example.org");
	ms_aggregate_judge(&f->env, f->arena, &report);
	assert_true(row->now.judged);
	return row->now;
}

static void
checks_the_envelope(void **state)
{
	struct ms_aggregate_row row = { .envelope_from =
					    MS_SLICE("a@example.org") };
	struct ms_aggregate_now now;
	struct fixture f;

	(void)state;
	begin(&f);
	now = judge(&f, &row);
	assert_int_equal(now.spf, MS_AUTH_PASS);
	assert_int_equal(now.dmarc, MS_AUTH_PASS);
	/* aspf=s: the same domain and no other */
	row.envelope_from = MS_SLICE("sub.example.org");
	now = judge(&f, &row);
	assert_int_equal(now.spf, MS_AUTH_PASS);
	assert_int_equal(now.dmarc, MS_AUTH_FAIL);
	assert_int_equal(now.disposition, MS_DMARC_QUARANTINE);
	(void)ms_ip_parse(MS_SLICE("192.0.2.2"), &row.source);
	row.envelope_from = MS_SLICE("example.org");
	assert_int_equal(judge(&f, &row).spf, MS_AUTH_FAIL);
	done(&f);
}

static void
falls_back_on_the_results(void **state)
{
	struct ms_aggregate_auth auth[2] = {
		{ .dkim = true,
		    .domain = MS_SLICE("sub.example.org"),
		    .result = MS_SLICE("fail") },
		{ .domain = MS_SLICE("example.org"),
		    .result = MS_SLICE("fail") },
	};
	struct ms_aggregate_row row = { .auth = auth, .auth_n = 2 };
	struct ms_aggregate_now now;
	struct fixture f;

	(void)state;
	begin(&f);
	now = judge(&f, &row);
	assert_true(now.has_spf);
	assert_int_equal(now.dmarc, MS_AUTH_PASS);
	row.auth_n = 1; /* nothing to check SPF for */
	now = judge(&f, &row);
	assert_false(now.has_spf);
	assert_int_equal(now.dmarc, MS_AUTH_FAIL);
	auth[0].result = MS_SLICE("pass");
	assert_int_equal(judge(&f, &row).dmarc, MS_AUTH_PASS);
	done(&f);
}

static void
does_not_guess(void **state)
{
	struct ms_aggregate_row row = { .envelope_from =
					    MS_SLICE("late.example") };
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(judge(&f, &row).spf, MS_AUTH_TEMPERROR);
	done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_the_envelope),
		cmocka_unit_test(falls_back_on_the_results),
		cmocka_unit_test(does_not_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
